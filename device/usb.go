package device

import (
	"context"
	"fmt"
)

// USB is one claimed interface of one USB device, as a driver sees it. Package
// device/usb implements it on real hardware, package device/devicetest on a
// recording, and a simulator on nothing at all; a driver cannot tell them apart.
//
// The methods may be called from several goroutines at once, and a driver does
// so: it keeps an interrupt read outstanding while it writes registers.
//
// A transfer fails with an error that is or wraps
//   - [ErrUnplugged] when the device has left the bus, or Close was called,
//   - [context.Canceled] when ctx was cancelled,
//   - [ErrSilent] when ctx reached its deadline, or the transport's own
//     deadline for control transfers passed, with no answer from the device,
//   - [ErrGarbled] when the device refused the transfer (a stall) or broke the
//     rules of the bus.
//
// The count is right in every case: what arrived before the failure is in the
// buffer. An IN transfer may end early, even with no byte at all, and no error:
// the length is to be looked at before the data.
type USB interface {
	// Control performs a transfer on endpoint 0 and returns the number of
	// data bytes moved. requestType is bmRequestType: with bit 7 set data is
	// filled by the device, else data is sent; at most 65 535 bytes. ctx is
	// looked at before the transfer and gives its deadline; a transfer under
	// way is not cut short by cancelling, and takes at most 5 s.
	Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error)

	// Interrupt performs a transfer on an interrupt endpoint, given by its
	// address: bit 7 set for IN, which fills buf. It returns the number of
	// bytes moved, and waits as long as ctx allows.
	Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error)

	// Bulk performs a transfer on a bulk endpoint, as Interrupt does. An IN
	// transfer ends when buf is full or the device ends it with a short
	// packet.
	Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error)

	// Close cancels what is outstanding, waits for it and releases the
	// device. Closing twice is allowed.
	Close() error
}

// A USBID names a kind of device by its vendor and product number.
type USBID struct {
	Vendor, Product uint16
}

// String returns the two numbers as lsusb prints them, e.g. "05ba:000a".
func (id USBID) String() string { return fmt.Sprintf("%04x:%04x", id.Vendor, id.Product) }

// USBInfo describes a device on the bus before it is opened, and, in the
// strings, what only an opened device tells.
type USBInfo struct {
	USBID
	Bus, Address int    // where it is plugged in; the address changes with every plug
	Release      string // of the device, bcdDevice, e.g. "1.03"

	Maker, Product, Serial string // string descriptors; "" where there is none or it could not be read
}

// A USBClass says what an interface of a device is for: the class, subclass and
// protocol of its descriptor. A driver finds its interface by it.
type USBClass struct {
	Class, SubClass, Protocol uint8
}
