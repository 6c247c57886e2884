//go:build cgo

package ptp

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"optag/device"
	"optag/device/usb"
)

// machine opens the camera of the virtual machine in which the tests run: QEMU's
// usb-mtp, which speaks PTP and cannot take pictures.
func machine(t *testing.T) *Camera {
	t.Helper()
	if os.Getenv("OPTAG_VM") == "" {
		t.Skip("needs a machine with QEMU's usb-mtp: OPTAG_VM=1")
	}
	all, err := usb.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range all {
		if info.USBID != (device.USBID{Vendor: 0x46f4, Product: 0x0004}) {
			continue
		}
		bus, err := usb.Open(t.Context(), info, Class())
		if err != nil {
			t.Fatal(err)
		}
		c, err := Open(t.Context(), bus, Options{USB: bus.Info(), Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Fatal("no usb-mtp on this machine's bus")
	return nil
}

func TestVMCard(t *testing.T) {
	c := machine(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	begun := time.Now()
	handles, err := c.handles(ctx)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, h := range handles {
		info, err := c.describe(ctx, h)
		if err != nil {
			t.Fatal(err)
		}
		if !info.isJPEG() {
			continue
		}
		file, err := c.fetch(ctx, h, info.size)
		if err != nil {
			t.Errorf("object %d: %v", h, err)
		}
		if !bytes.HasPrefix(file, []byte{0xff, 0xd8}) {
			t.Errorf("object %d is no JPEG file", h)
		}
		t.Logf("object %d: %d bytes", h, len(file))
		files++
	}
	if files == 0 {
		t.Errorf("no JPEG file among %d objects", len(handles))
	}
	t.Logf("%+v, %s, %d files in %v", c.Info(), c.Mode(), files, time.Since(begun))
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
