package main

import (
	"context"
	"errors"
	"fmt"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/fm220"
	"optag/device/ptp"
	"optag/device/uru4500"
	"optag/device/usb"
	"optag/device/v4l2"
)

// attach puts the drivers that the settings name into the options of a station;
// "none" is a device that this counter does not have. One that is not plugged
// in is no error; the station waits for it.
func (e *env) attach(ctx context.Context, set station.Settings, o *station.Options) error {
	o.OpenScanner, o.OpenCamera = absent[device.Frame], absent[device.Picture]
	if set.Reader != nil {
		o.OpenReader = func() (device.LineReader, error) { return openReader(ctx, set.Reader) }
	}
	var err error
	if o.Chips, err = e.chips(set, o.Identity, o.Service); err != nil {
		return err
	}
	switch set.Scanner {
	case "none":
	case "simulated":
		return errSimulated
	case "uru4500":
		o.OpenScanner = func() (device.Scanner, error) { return firstURU4500(ctx, set) }
	case "fm220":
		o.OpenScanner = func() (device.Scanner, error) { return firstFM220(ctx) }
	case "mso":
		o.OpenScanner = func() (device.Scanner, error) { return firstMSO(ctx, set) }
	case "zfm20":
		o.OpenScanner = func() (device.Scanner, error) { return openLineScanner(ctx, set) }
	case "sbi":
		host, err := e.sbiHost(set)
		if err != nil {
			return err
		}
		o.OpenCapturer = func() (station.Capturer, error) { return openSBI(ctx, host) }
	default:
		return fmt.Errorf("the settings name a scanner that has no driver, %q", set.Scanner)
	}
	switch set.Camera {
	case "none":
	case "simulated":
		return errSimulated
	case "v4l2":
		o.OpenCamera = func() (device.Camera, error) { return firstV4L2(ctx, set) }
	case "ptp":
		o.OpenCamera = func() (device.Camera, error) { return firstPTP(ctx) }
	case "sbi":
		host, err := e.sbiHost(set)
		if err != nil {
			return err
		}
		o.OpenCamera, o.AskCamera = func() (device.Camera, error) { return openSBICamera(ctx, host) }, true
	default:
		return fmt.Errorf("the settings name a camera that has no driver, %q", set.Camera)
	}
	return nil
}

// absent opens a device that this counter does not have.
func absent[T device.Frame | device.Picture]() (device.Source[T], error) {
	return nil, device.ErrUnplugged
}

// errSimulated: what a simulator shows must never reach a real service.
var errSimulated = errors.New("the settings name simulated devices, which may not serve a real case; optag run --simulate is for them")

// firstURU4500 opens the first scanner of the family on the bus.
func firstURU4500(ctx context.Context, set station.Settings) (device.Scanner, error) {
	all, err := usb.List()
	if err != nil {
		return nil, err
	}
	for _, info := range all {
		if _, ours := uru4500.Model(info.USBID); ours {
			return openURU4500(ctx, info, set)
		}
	}
	return nil, device.ErrUnplugged
}

// firstFM220 opens the first scanner of the family on the bus.
func firstFM220(ctx context.Context) (device.Scanner, error) {
	all, err := usb.List()
	if err != nil {
		return nil, err
	}
	for _, info := range all {
		if _, ours := fm220.Model(info.USBID); ours {
			return openFM220(ctx, info)
		}
	}
	return nil, device.ErrUnplugged
}

// openFM220 opens an FM220 of the bus. Its interface is known by its number.
func openFM220(ctx context.Context, info device.USBInfo) (device.Scanner, error) {
	dev, err := usb.OpenInterface(ctx, info, fm220.Interface)
	if err != nil {
		return nil, err
	}
	return fm220.Open(ctx, dev, fm220.Options{USB: dev.Info()})
}

// firstV4L2 opens the first camera the kernel knows.
func firstV4L2(ctx context.Context, set station.Settings) (device.Camera, error) {
	all, err := v4l2.List("")
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, device.ErrUnplugged
	}
	return v4l2.Open(ctx, v4l2.System, all[0], v4l2.Options{Hold: set.CameraLock.Hold()})
}

// firstPTP opens the first still camera on the bus: the first device with an
// interface of that class.
func firstPTP(ctx context.Context) (device.Camera, error) {
	all, err := usb.ListClass(ptp.Class())
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, device.ErrUnplugged
	}
	return openPTP(ctx, all[0])
}

func openPTP(ctx context.Context, info device.USBInfo) (device.Camera, error) {
	dev, err := usb.Open(ctx, info, ptp.Class())
	if err != nil {
		return nil, err
	}
	return ptp.Open(ctx, dev, ptp.Options{USB: dev.Info()})
}
