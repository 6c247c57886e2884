//go:build cgo

package usb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/gousb"

	"optag/device"
)

// List returns the devices on the bus, hubs included, in the order of bus and
// address, without opening any: their strings are empty. It takes about a tenth
// of a second.
func List() ([]device.USBInfo, error) {
	return list(func(*gousb.DeviceDesc) bool { return true })
}

// ListClass is List for the devices that have an interface of a class.
func ListClass(c device.USBClass) ([]device.USBInfo, error) {
	return list(func(d *gousb.DeviceDesc) bool { return offers(d, c) })
}

func list(wanted func(*gousb.DeviceDesc) bool) ([]device.USBInfo, error) {
	var found []device.USBInfo
	err := scan(func(ctx *gousb.Context) error {
		opened, err := ctx.OpenDevices(func(d *gousb.DeviceDesc) bool {
			if wanted(d) {
				found = append(found, infoOf(d))
			}
			return false
		})
		closeAll(opened)
		return err
	})
	if err != nil && len(found) == 0 {
		return nil, fmt.Errorf("listing USB devices: %w", err)
	}
	slices.SortFunc(found, func(a, b device.USBInfo) int {
		return cmp.Or(cmp.Compare(a.Bus, b.Bus), cmp.Compare(a.Address, b.Address))
	})
	return found, nil
}

// offers reports whether a device says that it has an interface of a class.
func offers(d *gousb.DeviceDesc, c device.USBClass) bool {
	for _, cfg := range d.Configs {
		for _, i := range cfg.Interfaces {
			for _, a := range i.AltSettings {
				if (device.USBClass{Class: uint8(a.Class), SubClass: uint8(a.SubClass), Protocol: uint8(a.Protocol)}) == c {
					return true
				}
			}
		}
	}
	return false
}

// Describe opens the device that List described, reads its strings and closes
// it again. It claims nothing, so that a device in use can be described too. A
// string that cannot be read stays empty.
func Describe(ctx context.Context, info device.USBInfo) (device.USBInfo, error) {
	err := scan(func(lib *gousb.Context) error {
		dev, err := find(lib, info)
		if err != nil {
			return err
		}
		defer dev.Close()
		info = describe(ctx, dev)
		return nil
	})
	if err != nil {
		return device.USBInfo{}, fmt.Errorf("describing USB device %v: %w", info.USBID, err)
	}
	return info, nil
}

// scan runs f with a libusb started for it alone.
func scan(f func(*gousb.Context) error) error {
	lib, err := start()
	if err != nil {
		return err
	}
	return errors.Join(f(lib), lib.Close())
}

// start starts libusb. gousb panics where that fails, and a station without USB
// is still a station.
func start() (lib *gousb.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			lib, err = nil, fmt.Errorf("starting libusb: %v", r)
		}
	}()
	return gousb.NewContext(), nil
}

// find opens the device at the bus and address of info. The error wraps
// [device.ErrUnplugged] where it is no longer there.
func find(lib *gousb.Context, info device.USBInfo) (*gousb.Device, error) {
	opened, err := lib.OpenDevices(func(d *gousb.DeviceDesc) bool {
		is := infoOf(d)
		return is.USBID == info.USBID && is.Bus == info.Bus && is.Address == info.Address
	})
	if len(opened) > 0 {
		closeAll(opened[1:])
		return opened[0], nil
	}
	switch {
	case errors.Is(err, gousb.ErrorAccess):
		return nil, fmt.Errorf("opening: this user has no right to the device: %w", err)
	case err == nil, errors.Is(err, gousb.ErrorNoDevice):
		return nil, fmt.Errorf("opening bus %d address %d: %w", info.Bus, info.Address, device.ErrUnplugged)
	}
	return nil, fmt.Errorf("opening: %w", err)
}

func closeAll(devs []*gousb.Device) {
	for _, d := range devs {
		d.Close()
	}
}

func infoOf(d *gousb.DeviceDesc) device.USBInfo {
	return device.USBInfo{
		USBID:   device.USBID{Vendor: uint16(d.Vendor), Product: uint16(d.Product)},
		Bus:     d.Bus,
		Address: d.Address,
		Release: d.Device.String(),
	}
}

// describe reads the strings of a device. A device that leaves one unanswered
// is asked for no more of them: each costs a second.
func describe(ctx context.Context, d *gousb.Device) device.USBInfo {
	info := infoOf(d.Desc)
	for _, s := range []struct {
		read func() (string, error)
		to   *string
	}{
		{d.Manufacturer, &info.Maker},
		{d.Product, &info.Product},
		{d.SerialNumber, &info.Serial},
	} {
		if ctx.Err() != nil {
			break
		}
		text, err := s.read()
		// gousb keeps only the words of the error.
		if err != nil && strings.Contains(err.Error(), "timeout") {
			break
		}
		*s.to = printable(text)
	}
	return info
}

// printable drops what a device may send to confuse a terminal or a report.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s))
}
