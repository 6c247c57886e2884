package v4l2

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"optag/device"
)

// A Found is a video node as sysfs describes it, before it is opened.
type Found struct {
	Path string // of the node, e.g. "/dev/video0"
	Name string // of the camera
	USB  device.USBInfo
}

// info is the Info of a camera.
func (f Found) info(card string) device.Info {
	return device.Info{
		Maker: f.USB.Maker, Model: cmp.Or(card, f.Name, f.Path), Serial: f.USB.Serial, Firmware: f.USB.Release,
		Driver: "v4l2", Version: driverVersion,
	}
}

// Describe is the Info of a camera that need not be opened for it.
func (f Found) Describe() device.Info { return f.info(f.Name) }

// List returns the video nodes under a root, "" for the machine's own: those
// that are the first of their device, for the others carry a camera's metadata.
// It opens none, so that one that is no camera may be among them, which Open
// refuses. The order is that of their numbers.
func List(root string) ([]Found, error) {
	if root == "" {
		root = "/"
	}
	class := filepath.Join(root, "sys/class/video4linux")
	entries, err := os.ReadDir(class)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the kernel has no video at all
	}
	if err != nil {
		return nil, fmt.Errorf("listing cameras: %w", err)
	}
	var found []Found
	for _, e := range entries {
		dir := filepath.Join(class, e.Name())
		if number(e.Name()) < 0 || !slices.Contains([]string{"", "0"}, attribute(dir, "index")) {
			continue
		}
		found = append(found, Found{
			Path: filepath.Join(root, "dev", e.Name()),
			Name: attribute(dir, "name"),
			USB:  usbOf(dir),
		})
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Compare(number(filepath.Base(a.Path)), number(filepath.Base(b.Path)))
	})
	return found, nil
}

// number returns the number in a node's name, -1 for another kind of node.
func number(name string) int {
	digits, ok := strings.CutPrefix(name, "video")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil {
		return -1
	}
	return int(n)
}

// attribute reads a file of sysfs; "" where there is none.
func attribute(dir, name string) string {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil || len(data) > 4096 {
		return ""
	}
	return printable(data)
}

// usbOf describes the USB device whose interface a node belongs to; the zero
// USBInfo where it is on another bus.
func usbOf(dir string) device.USBInfo {
	itf, err := filepath.EvalSymlinks(filepath.Join(dir, "device"))
	if err != nil {
		return device.USBInfo{}
	}
	dev := filepath.Dir(itf)
	vendor, err1 := strconv.ParseUint(attribute(dev, "idVendor"), 16, 16)
	product, err2 := strconv.ParseUint(attribute(dev, "idProduct"), 16, 16)
	if err1 != nil || err2 != nil {
		return device.USBInfo{}
	}
	bus, _ := strconv.Atoi(attribute(dev, "busnum"))
	address, _ := strconv.Atoi(attribute(dev, "devnum"))
	return device.USBInfo{
		USBID: device.USBID{Vendor: uint16(vendor), Product: uint16(product)},
		Bus:   bus, Address: address,
		Release: release(attribute(dev, "bcdDevice")),
		Maker:   attribute(dev, "manufacturer"), Product: attribute(dev, "product"), Serial: attribute(dev, "serial"),
	}
}

// release writes bcdDevice, "0103", as a technician reads it, "1.03".
func release(bcd string) string {
	if len(bcd) != 4 {
		return bcd
	}
	return cmp.Or(strings.TrimLeft(bcd[:2], "0"), "0") + "." + bcd[2:]
}
