package serialport

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"optag/device"
)

// A Found is a serial line that belongs to a USB device: an adapter, or a device
// that shows itself as a modem.
type Found struct {
	Path string // to open it by, e.g. /dev/ttyACM0
	device.USBInfo
}

// List returns the lines of USB devices, in the order of their names. root is
// "/", or the root of a tree that stands for the system's. It opens no line:
// opening one, as the library's own list does, would set the speed of a line in
// use. Lines that are soldered in are not among them: there is no telling what
// stands at their ends.
func List(root string) ([]Found, error) {
	class := filepath.Join(root, "sys/class/tty")
	entries, err := os.ReadDir(class)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing serial lines: %w", err)
	}
	var found []Found
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "ttyUSB") && !strings.HasPrefix(e.Name(), "ttyACM") {
			continue
		}
		place, err := filepath.EvalSymlinks(filepath.Join(class, e.Name(), "device"))
		if err != nil {
			continue // unplugged meanwhile
		}
		if info, ok := describe(place); ok {
			found = append(found, Found{Path: filepath.Join(root, "dev", e.Name()), USBInfo: info})
		}
	}
	return found, nil
}

// describe reads what the system knows of the USB device that a line belongs to:
// it stands at most three folders above the line.
func describe(place string) (info device.USBInfo, ok bool) {
	for range 4 {
		if vendor, err := hex(place, "idVendor"); err == nil {
			product, _ := hex(place, "idProduct")
			info.USBID = device.USBID{Vendor: vendor, Product: product}
			info.Bus, _ = strconv.Atoi(read(place, "busnum"))
			info.Address, _ = strconv.Atoi(read(place, "devnum"))
			if r := read(place, "bcdDevice"); len(r) == 4 {
				info.Release = strings.TrimPrefix(r[:2], "0") + "." + r[2:]
			}
			info.Maker, info.Product, info.Serial = read(place, "manufacturer"), read(place, "product"), read(place, "serial")
			return info, true
		}
		place = filepath.Dir(place)
	}
	return device.USBInfo{}, false
}

func hex(place, name string) (uint16, error) {
	n, err := strconv.ParseUint(read(place, name), 16, 16)
	return uint16(n), err
}

// read returns an attribute, without what a device may send to confuse a
// terminal or a report; "" when there is none.
func read(place, name string) string {
	text, err := os.ReadFile(filepath.Join(place, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(text)))
}
