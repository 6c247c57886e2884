//go:build cgo && linux

package usb_test

import (
	"bytes"
	"image"
	"testing"
	"time"

	"optag/device"
	"optag/device/fm220"
	"optag/device/fm220/fm220test"
	"optag/device/usb"
)

// framesFM220 opens a scanner and takes n frames.
func framesFM220(t *testing.T, dev device.USB, info device.USBInfo, n int, seen func(device.Frame)) {
	t.Helper()
	s, err := fm220.Open(t.Context(), dev, fm220.Options{USB: info})
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}()
	for f, err := range s.Frames(t.Context()) {
		if err != nil {
			t.Fatalf("%d frames before the last: %v", n, err)
		}
		if !f.Contact {
			t.Errorf("without contact, %d frames before the last", n)
		}
		seen(f)
		if n--; n == 0 {
			return
		}
	}
}

// scanFM220 takes three frames and returns the first.
func scanFM220(t *testing.T, dev device.USB, info device.USBInfo) *image.Gray {
	t.Helper()
	var kept *image.Gray
	framesFM220(t, dev, info, 3, func(f device.Frame) {
		if kept == nil {
			kept = image.NewGray(f.Image.Rect)
			copy(kept.Pix, f.Image.Pix)
		}
	})
	return kept
}

func newFM220() *fm220test.Sim {
	sim := fm220test.New(fm220test.Config{Type: 3, ImageTime: time.Millisecond})
	sim.Touch(fm220test.Ridges(220))
	return sim
}

// TestReplayFM220: an FM220 through gousb and libusb, found by the number of its
// interface, gives the pixels it gives in process.
func TestReplayFM220(t *testing.T) {
	id := device.USBInfo{USBID: device.USBID{Vendor: 0x0bca, Product: 0x8225}}
	if !underUmockdev(t, func() string {
		m := newMonitor(newFM220(), descriptorsFM220)
		m.strings()
		scanFM220(t, m, id)
		return write(t, m)
	}) {
		return
	}
	want := scanFM220(t, newFM220(), id)
	list, err := usb.List()
	if err != nil || len(list) != 1 || list[0].USBID != id.USBID {
		t.Fatalf("List() = %+v, %v", list, err)
	}
	dev, err := usb.OpenInterface(t.Context(), list[0], fm220.Interface)
	if err != nil {
		t.Fatal(err)
	}
	if err := dev.Reset(t.Context()); err != nil {
		t.Errorf("resetting: %v", err)
	}
	begin := time.Now()
	if got := scanFM220(t, dev, dev.Info()); !bytes.Equal(got.Pix, want.Pix) {
		t.Error("the picture is another one")
	}
	t.Logf("opening and three frames took %v", time.Since(begin).Round(time.Millisecond))
}
