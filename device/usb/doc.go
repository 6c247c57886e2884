// Package usb finds and opens USB devices through libusb and hands them to
// drivers as a [device.USB]. It is the only package that imports gousb, and with
// it cgo; built without cgo it finds nothing and says why. What is said over the
// wire is the drivers' business, and so is which device is theirs.
//
// There is no notice of a plug: libusb, where no udev daemon runs, never sees a
// device that came after it was started. Whoever waits for a device calls [List]
// every second or two; each call starts libusb afresh.
package usb

import "errors"

// ErrBusy: another program, or a driver of the kernel, holds the device. Wrapped
// by the errors of [Open], [OpenInterface] and [Device.Reset].
var ErrBusy = errors.New("device is held by another program")
