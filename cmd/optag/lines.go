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
)

// onLines lists the reader of the settings, nil where there is none, the scanners
// that show themselves as a modem, and the serial lines on which another device
// may hang. What does cannot be known before it speaks.
func onLines(r *station.Reader) []attachment {
	var list []attachment
	if r != nil {
		list = append(list, readerAt(r))
	}
	taken := func(path string) bool {
		return slices.ContainsFunc(list, func(d attachment) bool { return strings.HasSuffix(d.At, path) })
	}
	found, _ := serialport.List("/") // without it a scanner is a line like others
	for _, f := range found {
		if d, ours := scannerOn(f); ours && !taken(f.Path) {
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
func scannerOn(f serialport.Found) (attachment, bool) {
	info, ours := mso.Describe(f.USBInfo)
	return attachment{Kind: "scanner", At: f.Path, Health: "attached", Info: info, drawn: true,
		scanner: func(ctx context.Context, _ wrapUSB) (device.Scanner, error) { return openMSO(ctx, f.Path) }}, ours
}

// firstMSO opens the first MorphoSmart on the USB.
func firstMSO(ctx context.Context) (device.Scanner, error) {
	found, err := serialport.List("/")
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if _, ours := mso.Model(f.USBID); ours {
			return openMSO(ctx, f.Path)
		}
	}
	return nil, fmt.Errorf("looking for a MorphoSmart: %w", device.ErrUnplugged)
}

func openMSO(ctx context.Context, path string) (device.Scanner, error) {
	line, err := serialport.Open(path, mso.Mode(mso.USB))
	if err != nil {
		return nil, err
	}
	return mso.Open(ctx, line, mso.Options{})
}
