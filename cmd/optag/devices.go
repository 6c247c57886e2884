package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"text/tabwriter"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/sim"
	"optag/device/uru4500"
	"optag/device/usb"
)

// attachment is one device as the technician sees it.
type attachment struct {
	Kind string `json:"kind"`         // "scanner" or "camera"
	At   string `json:"at,omitempty"` // where it is plugged in
	device.Info
}

// devices lists what is attached and has a driver. Nothing is switched on but
// with --probe, which reads what only a device under power tells: its firmware.
func devices(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag devices")
	simulate := f.Bool("simulate", false, "list the simulated devices")
	probe := f.Bool("probe", false, "switch each device on and read its firmware")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag devices takes no file")
	}
	if *simulate {
		return e.sayDevices(simulated(), 0)
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	list, seen, err := attached(ctx, set, *probe)
	if err != nil && len(list) == 0 {
		return err
	}
	return errors.Join(e.sayDevices(list, seen), err)
}

// sayDevices prints the list; seen is how many devices there are on the bus in all.
func (e *env) sayDevices(list []attachment, seen int) error {
	if e.json {
		if list == nil {
			list = []attachment{}
		}
		return e.print(map[string]any{"devices": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(e.out, "no device that this program drives is attached (%d on the USB)\n", seen)
		return err
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tDEVICE\tSERIAL\tFIRMWARE\tDRIVER\tFOR ENROLMENT\tAT")
	for _, d := range list {
		fit := "not certified"
		if d.Certified {
			fit = "certified"
		}
		fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\t%s %s\t%s\t%s\n", d.Kind, d.Maker, d.Model, or(d.Serial, "none"), or(d.Firmware, "-"), d.Driver, d.Version, fit, or(d.At, "-"))
	}
	return w.Flush()
}

func or(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

// simulated are the devices of a simulated station.
func simulated() []attachment {
	return []attachment{
		{Kind: "scanner", Info: sim.NewScanner(sim.Options{}).Info()},
		{Kind: "camera", Info: sim.NewCamera(sim.CameraOptions{}).Info()},
	}
}

// attached are the devices on the USB that have a driver, and how many there
// are in all. A device that cannot be opened is listed with what the bus tells,
// and is in the error.
func attached(ctx context.Context, set station.Settings, probe bool) (list []attachment, seen int, err error) {
	bus, err := usb.List()
	if err != nil {
		return nil, 0, err
	}
	for _, info := range bus {
		if _, ok := uru4500.Model(info.USBID); !ok {
			continue
		}
		what, describeErr := describeURU4500(ctx, info, set, probe)
		err = errors.Join(err, describeErr)
		list = append(list, attachment{Kind: "scanner", At: fmt.Sprintf("usb %d.%d %v", info.Bus, info.Address, info.USBID), Info: what})
	}
	return list, len(bus), err
}

// describeURU4500 describes a U.are.U as far as that is possible.
func describeURU4500(ctx context.Context, info device.USBInfo, set station.Settings, probe bool) (device.Info, error) {
	if probe {
		s, err := openURU4500(ctx, info, set)
		if err == nil {
			return s.Info(), s.Close()
		}
		what, _ := uru4500.Describe(uru4500.Options{USB: info, PPI: set.Calibration})
		return what, err
	}
	described, err := usb.Describe(ctx, info)
	if err != nil {
		described = info
	}
	what, _ := uru4500.Describe(uru4500.Options{USB: described, PPI: set.Calibration})
	return what, err
}

// openURU4500 opens a U.are.U of the bus, calibrated as the settings say.
func openURU4500(ctx context.Context, info device.USBInfo, set station.Settings) (device.Scanner, error) {
	dev, err := usb.Open(ctx, info, uru4500.Class())
	if err != nil {
		return nil, err
	}
	return uru4500.Open(ctx, dev, uru4500.Options{USB: dev.Info(), Random: rand.Reader, PPI: set.Calibration})
}
