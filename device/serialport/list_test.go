package serialport_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"optag/device"
	"optag/device/serialport"
)

// plant makes a file, or a link where the content begins with "->".
func plant(t *testing.T, root, path, content string) {
	t.Helper()
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	err := error(nil)
	if to, link := content, len(content) > 2 && content[:2] == "->"; link {
		err = os.Symlink(filepath.Join(root, to[2:]), path)
	} else {
		err = os.WriteFile(path, []byte(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	if got, err := serialport.List(root); len(got) > 0 || err != nil {
		t.Errorf("a system without lines: %v, %v", got, err)
	}
	for path, content := range map[string]string{
		"sys/devices/usb1/1-1/idVendor":      "079b\n",
		"sys/devices/usb1/1-1/idProduct":     "0024\n",
		"sys/devices/usb1/1-1/bcdDevice":     "0103\n",
		"sys/devices/usb1/1-1/busnum":        "1\n",
		"sys/devices/usb1/1-1/devnum":        "7\n",
		"sys/devices/usb1/1-1/manufacturer":  "Sagem\x1b[2J\n",
		"sys/devices/usb1/1-1/product":       "MSO 300\n",
		"sys/devices/usb1/1-1/serial":        "0123\n",
		"sys/devices/usb1/1-1/1-1:1.0/x":     "",
		"sys/devices/usb1/1-2/idVendor":      "0403\n",
		"sys/devices/usb1/1-2/idProduct":     "6001\n",
		"sys/devices/usb1/1-2/a/ttyUSB0/x":   "",
		"sys/devices/platform/serial8250/x":  "",
		"sys/class/tty/ttyACM0/device":       "->sys/devices/usb1/1-1/1-1:1.0",
		"sys/class/tty/ttyUSB0/device":       "->sys/devices/usb1/1-2/a/ttyUSB0",
		"sys/class/tty/ttyUSB1/device":       "->sys/devices/usb1/gone",
		"sys/class/tty/ttyS0/device":         "->sys/devices/platform/serial8250",
		"sys/class/tty/ttyACM9/no-device-at": "",
	} {
		plant(t, root, path, content)
	}
	got, err := serialport.List(root)
	want := []serialport.Found{
		{Path: filepath.Join(root, "dev/ttyACM0"), USBInfo: device.USBInfo{
			USBID: device.USBID{Vendor: 0x079b, Product: 0x0024}, Bus: 1, Address: 7, Release: "1.03",
			Maker: "Sagem[2J", Product: "MSO 300", Serial: "0123"}},
		{Path: filepath.Join(root, "dev/ttyUSB0"), USBInfo: device.USBInfo{USBID: device.USBID{Vendor: 0x0403, Product: 0x6001}}},
	}
	if !slices.Equal(got, want) || err != nil {
		t.Errorf("List = %+v, %v, want %+v", got, err, want)
	}
}
