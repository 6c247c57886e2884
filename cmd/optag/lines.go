package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/mso"
	"optag/device/serialport"
	"optag/device/zfm20"
)

// onLines lists the reader and the scanner that the settings name on a line, the
// scanners that show themselves as a modem, and the serial lines on which another
// device may hang. What does cannot be known before it speaks.
func onLines(set station.Settings) []attachment {
	var list []attachment
	if set.Reader != nil {
		list = append(list, readerAt(set.Reader))
	}
	if set.ScannerLine != "" {
		list = append(list, lineScanner(set))
	}
	taken := func(path string) bool {
		return slices.ContainsFunc(list, func(d attachment) bool { return strings.HasSuffix(d.At, path) })
	}
	found, _ := serialport.List("/") // without it a scanner is a line like others
	for _, f := range found {
		if d, ours := scannerOn(f, set); ours && !taken(f.Path) {
			list = append(list, d)
		}
	}
	for _, pattern := range []string{"/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*"} {
		paths, _ := filepath.Glob(pattern)
		for _, p := range paths {
			real, err := filepath.EvalSymlinks(p)
			if err != nil || taken(real) {
				continue
			}
			list = append(list, attachment{Kind: "line", At: real, Health: "attached", Info: device.Info{Model: filepath.Base(p), Driver: "serialport", Version: "1"}})
		}
	}
	return list
}

// scannerOn is the driver of a scanner on a serial line of the USB; false where
// none is known for it.
func scannerOn(f serialport.Found, set station.Settings) (attachment, bool) {
	o := mso.Options{Devices: set.MSO.Listed()}
	info, ours := mso.Describe(f.USBInfo, o)
	return attachment{Kind: "scanner", At: f.Path, Health: "attached", Info: info, drawn: true,
		scanner: func(ctx context.Context, _ wrapUSB) (device.Scanner, error) { return openMSO(ctx, f.Path, o) }}, ours
}

// lineScanner is the scanner on the line that the settings name. Nothing is
// opened, as that moves the wires of a device.
func lineScanner(set station.Settings) attachment {
	d := attachment{Kind: "scanner", At: set.ScannerLine, Health: "attached", drawn: true,
		scanner: func(ctx context.Context, _ wrapUSB) (device.Scanner, error) { return openLineScanner(ctx, set) }}
	d.Info, d.calibrated = zfm20.Describe(zfm20.Options{}), set.Calibration
	if set.Scanner == "mso" {
		d.Info, _ = mso.Describe(device.USBInfo{}, mso.Options{})
		d.Model = "MorphoSmart"
	}
	real, err := filepath.EvalSymlinks(set.ScannerLine)
	if err != nil {
		d.suffers(fmt.Errorf("looking for %s: %w", set.ScannerLine, device.ErrUnplugged))
		return d
	}
	d.At = real
	return d
}

// openLineScanner opens the scanner on the line that the settings name.
func openLineScanner(ctx context.Context, set station.Settings) (device.Scanner, error) {
	if set.Scanner == "mso" {
		return openMSO(ctx, set.ScannerLine, mso.Options{Framing: mso.RS232, Devices: set.MSO.Listed()})
	}
	line, err := serialport.Open(set.ScannerLine, zfm20.Mode())
	if err != nil {
		return nil, err
	}
	return openZFM20(ctx, line, set.Calibration)
}

// openZFM20 opens a module, whose frames are raw where nobody has measured it.
func openZFM20(ctx context.Context, line device.Serial, calibration [2]float64) (device.Scanner, error) {
	s, err := zfm20.Open(ctx, line, zfm20.Options{})
	switch {
	case err != nil:
		return nil, err
	case calibration == [2]float64{}:
		return s, nil
	}
	return &resampled{Scanner: s, from: calibration}, nil
}

// firstMSO opens the MorphoSmart on the line of the settings, or the first on the
// USB.
func firstMSO(ctx context.Context, set station.Settings) (device.Scanner, error) {
	if set.ScannerLine != "" {
		return openLineScanner(ctx, set)
	}
	found, err := serialport.List("/")
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if d, ours := scannerOn(f, set); ours {
			return d.scanner(ctx, nil)
		}
	}
	return nil, fmt.Errorf("looking for a MorphoSmart: %w", device.ErrUnplugged)
}

func openMSO(ctx context.Context, path string, o mso.Options) (device.Scanner, error) {
	line, err := serialport.Open(path, mso.Mode(o.Framing))
	if err != nil {
		return nil, err
	}
	return mso.Open(ctx, line, o)
}
