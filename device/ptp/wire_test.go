package ptp

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"optag/device"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDatasets reads datasets written by hand after ISO 15740.
func TestDatasets(t *testing.T) {
	info := unhex(t, "6400"+"06000000"+"6400"+"02"+"4100"+"0000"+"0000"+
		"02000000"+"0110"+"0e10"+"00000000"+"00000000"+"00000000"+"00000000"+
		"03"+"4100"+"4200"+"0000"+"02"+"4300"+"0000")
	d, err := parseDeviceInfo(info)
	if err != nil || d.maker != "AB" || d.model != "C" || !d.supports(opInitiateCapture) || d.supports(opGetObject) {
		t.Errorf("device info %+v, error %v", d, err)
	}
	object := append(unhex(t, "01000100"+"0138"+"0000"+"40e20100"), make([]byte, 40)...)
	object = append(object, unhex(t, "03"+"4100"+"2e00"+"0000")...)
	o, err := parseObjectInfo(object)
	if want := (objectInfo{formatJPEG, 123456, "A."}); err != nil || o != want {
		t.Errorf("object info %+v, error %v, want %+v", o, err, want)
	}
	for n := range object {
		if _, err := parseObjectInfo(object[:n]); !errors.Is(err, device.ErrGarbled) {
			t.Errorf("%d bytes of object info: %v", n, err)
		}
	}
	if e, ok := parseEvent(unhex(t, "10000000"+"0400"+"0240"+"07000000"+"2a000000")); !ok || e != (event{eventObjectAdded, 42}) {
		t.Errorf("event %+v, %v", e, ok)
	}
}

// FuzzDatasets: whatever a camera says, reading it ends, and takes no more
// memory than was sent.
func FuzzDatasets(f *testing.F) {
	f.Add(unhex(f, "6400060000006400000000020000000110"))
	f.Add(unhex(f, "02000000010000000200000003"))
	f.Add(unhex(f, "2400000086c10000050000000138000000000000102700000000000041000000000000000800000000000000"))
	f.Add(unhex(f, "0200"+"01c1"+"0100ffff"+"0240"+"2a000000"))
	f.Add(unhex(f, "0c00000001000000ffd8ffe0"))
	f.Add(unhex(f, "100000000400024007000000"))
	f.Add(unhex(f, "09022700010100803209040000030601010007058102000200070502020002000705830340000a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := parseDeviceInfo(data); err == nil && len(d.operations)*2 > len(data) {
			t.Errorf("%d operations in %d bytes", len(d.operations), len(data))
		}
		if h, err := parseHandles(data); err == nil && len(h)*4 > len(data) {
			t.Errorf("%d objects in %d bytes", len(h), len(data))
		}
		if e, err := parseEOSEvents(data); err == nil && len(e)*28 > len(data) {
			t.Errorf("%d pictures in %d bytes", len(e), len(data))
		}
		if e, err := parseNikonEvents(data); err == nil && len(e)*6 > len(data) {
			t.Errorf("%d events in %d bytes", len(e), len(data))
		}
		_, _ = parseObjectInfo(data)
		_, _ = parseEvent(data)
		for _, file := range [][]byte{viewFinder(data), livePicture(data)} {
			if len(file) > len(data) || len(file) == 1 {
				t.Errorf("a file of %d bytes in %d", len(file), len(data))
			}
		}
		if number, out, in, _, ok := endpointsOf(data); ok && (out&0x80 != 0 || in&0x80 == 0) {
			t.Errorf("interface %d has endpoints %02x and %02x", number, out, in)
		}
	})
}

// A tape is a bus that answers every read with the next bytes of a tape, in
// transfers whose lengths are on the tape too.
type tape struct{ b []byte }

func (p *tape) Control(context.Context, uint8, uint8, uint16, uint16, []byte) (int, error) {
	return 0, device.ErrGarbled
}

func (p *tape) Interrupt(context.Context, uint8, []byte) (int, error) {
	return 0, device.ErrUnplugged
}

func (p *tape) Bulk(_ context.Context, endpoint uint8, buf []byte) (int, error) {
	if endpoint&0x80 == 0 {
		return len(buf), nil
	}
	if len(p.b) == 0 {
		return 0, device.ErrUnplugged
	}
	n := min(int(p.b[0]), len(p.b)-1)
	copy(buf, p.b[1:1+n])
	p.b = p.b[1+n:]
	return n, nil
}

func (p *tape) Close() error { return nil }

// FuzzLine: whatever comes over the bus, in whatever pieces, opening a camera
// ends, and with one of the errors that are promised.
func FuzzLine(f *testing.F) {
	ok := "0c0c000000030001200000000" + "0"
	f.Add(unhex(f, ok+ok))
	f.Add(unhex(f, "1010000000020001100000000000000000"+ok))
	f.Add(unhex(f, "0c10000000020001100000000004000000"+"00"+ok))
	f.Add(unhex(f, "0cffffffff020001100000000004000000"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Open(t.Context(), &tape{data}, Options{Silence: time.Second})
		switch {
		case err == nil:
			_ = c.Close()
		case !errors.Is(err, device.ErrUnplugged) && !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrGarbled):
			t.Errorf("Open: %v", err)
		}
	})
}
