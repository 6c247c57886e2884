package v4l2

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"optag/device"
)

// tree makes files of sysfs under a root, and links where the text begins with
// "->".
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil && len(text) > 2 && text[:2] == "->" {
			err = os.Symlink(text[2:], path)
		} else if err == nil {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestList(t *testing.T) {
	const usb = "sys/devices/pci0000:00/usb1/1-2"
	const class = "sys/class/video4linux/"
	webcam := usb + "/1-2:1.0/video4linux/"
	root := tree(t, map[string]string{
		usb + "/idVendor": "046d\n", usb + "/idProduct": "0843\n", usb + "/busnum": "1\n", usb + "/devnum": "7\n",
		usb + "/bcdDevice": "0012\n", usb + "/manufacturer": "Maker\n", usb + "/product": "Webcam\n", usb + "/serial": "A\x1b1\n",
		webcam + "video10/name": "Webcam: Webcam\n", webcam + "video10/index": "0\n", webcam + "video10/device": "->../../../1-2:1.0",
		webcam + "video11/name": "Webcam: Webcam\n", webcam + "video11/index": "1\n", webcam + "video11/device": "->../../../1-2:1.0",
		"sys/devices/platform/vivid.0/video4linux/video2/name": "vivid-000-vid-cap\n",
		class + "video10":     "->../../devices/pci0000:00/usb1/1-2/1-2:1.0/video4linux/video10",
		class + "video11":     "->../../devices/pci0000:00/usb1/1-2/1-2:1.0/video4linux/video11",
		class + "video2":      "->../../devices/platform/vivid.0/video4linux/video2",
		class + "radio0/name": "a radio\n",
		class + "videoX/name": "no number\n",
	})
	got, err := List(root)
	want := []Found{
		{Path: filepath.Join(root, "dev/video2"), Name: "vivid-000-vid-cap"},
		{Path: filepath.Join(root, "dev/video10"), Name: "Webcam: Webcam", USB: device.USBInfo{
			USBID: device.USBID{Vendor: 0x046d, Product: 0x0843}, Bus: 1, Address: 7, Release: "0.12",
			Maker: "Maker", Product: "Webcam", Serial: "A1",
		}},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("List = %+v, error %v, want %+v", got, err, want)
	}
	info := device.Info{Maker: "Maker", Model: "Webcam: Webcam", Serial: "A1", Firmware: "0.12", Driver: "v4l2", Version: driverVersion}
	if len(got) == 2 && got[1].Describe() != info {
		t.Errorf("described as %+v, want %+v", got[1].Describe(), info)
	}
}

func TestListWithoutVideo(t *testing.T) {
	if got, err := List(t.TempDir()); len(got) != 0 || err != nil {
		t.Errorf("List = %v, %v, want nothing and no error", got, err)
	}
}
