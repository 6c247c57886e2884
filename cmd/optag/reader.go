package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/keyboard"
	"optag/device/mrzreader"
	"optag/device/mso"
	"optag/device/serialport"
)

// openReader opens the reader of travel documents that the settings name.
func openReader(ctx context.Context, r *station.Reader) (device.LineReader, error) {
	p, err := r.Model()
	if err != nil {
		return nil, err
	}
	path, serial, err := lineOf(r)
	if err != nil {
		return nil, err
	}
	line, err := openLine(path, p)
	if err != nil {
		return nil, err
	}
	return mrzreader.Open(ctx, line, mrzreader.Options{Profile: p, Serial: serial})
}

// openLine opens what the reader hangs on.
func openLine(path string, p mrzreader.Profile) (device.Serial, error) {
	if p.Name == station.PlaysKeyboard {
		return keyboard.Open(path)
	}
	return serialport.Open(path, p.Mode)
}

// lineOf is where the reader is, and the serial number of the USB device there,
// "" where it has none.
func lineOf(r *station.Reader) (path, serial string, err error) {
	if r.Profile == station.PlaysKeyboard {
		return r.Line, "", nil
	}
	found, err := serialport.List("/")
	if err != nil {
		return "", "", err
	}
	real, _ := filepath.EvalSymlinks(r.Line) // "" where there is none; it is missed when it is opened
	for _, f := range found {
		_, scanner := mso.Model(f.USBID)
		if r.Line == "" && !scanner || f.Path == real {
			return f.Path, f.Serial, nil
		}
	}
	if r.Line == "" {
		return "", "", fmt.Errorf("looking for the reader of documents: no USB device but a scanner has a serial line: %w", device.ErrUnplugged)
	}
	return r.Line, "", nil
}

// readerAt lists the reader of the settings; nothing is opened, as that moves the
// wires of a device.
func readerAt(r *station.Reader) attachment {
	d := attachment{Kind: "mrz", At: r.Line, Health: "attached", reader: func(ctx context.Context) (device.LineReader, error) { return openReader(ctx, r) }}
	p, err := r.Model()
	if err == nil {
		d.At, d.Serial, err = lineOf(r)
		d.Info = mrzreader.Describe(mrzreader.Options{Profile: p, Serial: d.Serial})
	}
	if err == nil {
		_, err = os.Stat(d.At)
	}
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("looking for %s: %w", d.At, device.ErrUnplugged)
	}
	d.suffers(err)
	return d
}
