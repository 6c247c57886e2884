//go:build !cgo

package usb

import (
	"context"
	"errors"

	"optag/device"
)

var errNoCgo = errors.New("looking at the USB: this program was built without cgo")

// A Device is an open device. There is none without cgo.
type Device struct{ device.USB }

// Info describes nothing.
func (*Device) Info() device.USBInfo { return device.USBInfo{} }

// List always fails.
func List() ([]device.USBInfo, error) { return nil, errNoCgo }

// ListClass always fails.
func ListClass(device.USBClass) ([]device.USBInfo, error) { return nil, errNoCgo }

// Describe always fails.
func Describe(context.Context, device.USBInfo) (device.USBInfo, error) {
	return device.USBInfo{}, errNoCgo
}

// Open always fails.
func Open(context.Context, device.USBInfo, device.USBClass) (*Device, error) {
	return nil, errNoCgo
}

// OpenInterface always fails.
func OpenInterface(context.Context, device.USBInfo, int) (*Device, error) {
	return nil, errNoCgo
}
