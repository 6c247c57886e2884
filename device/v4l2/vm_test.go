package v4l2

import (
	"bytes"
	"context"
	"image"
	"os"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
)

// machine returns the camera of the virtual machine in which the tests run.
func machine(t *testing.T) Found {
	t.Helper()
	if os.Getenv("OPTAG_VM") == "" {
		t.Skip("needs a machine with the kernel's vivid camera: OPTAG_VM=1")
	}
	all, err := List("")
	if err != nil || len(all) == 0 {
		t.Fatalf("no camera in this machine: %v", err)
	}
	return all[0]
}

func openReal(t *testing.T) *Camera {
	t.Helper()
	c, err := Open(t.Context(), System, machine(t), Options{Preview: image.Pt(320, 180), Still: image.Pt(640, 480), Silence: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVMContract(t *testing.T) {
	machine(t)
	devicetest.TestSource(t, func(t *testing.T) device.Camera { return openReal(t) })
}

func TestVMStill(t *testing.T) {
	c := openReal(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n := 0
	var still []byte
	for p, err := range c.Frames(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			c.Shoot()
		}
		if p.Encoded != nil {
			still = bytes.Clone(p.Encoded)
			break
		}
	}
	preview, larger := c.Chosen()
	img, kind, err := image.Decode(bytes.NewReader(still))
	if err != nil || img.Bounds().Size() != larger.Size {
		t.Errorf("a still of %s: %v", kind, err)
	}
	t.Logf("%s: %v, %v, %s of %d bytes, %+v", c.Info().Model, preview, larger, kind, len(still), c.Stats())
	for _, a := range []Adjustment{Exposure, WhiteBalance, Focus} {
		state, err := c.Control(a)
		if err != nil {
			t.Errorf("%v: %v", a, err)
		}
		t.Logf("%v: %+v", a, state)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestVMAnotherProgram: the kernel says that somebody else streams.
func TestVMAnotherProgram(t *testing.T) {
	first := openReal(t)
	defer first.Close()
	for _, err := range first.Frames(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		second, err := Open(t.Context(), System, machine(t), Options{})
		if err == nil {
			for _, err = range second.Frames(t.Context()) {
				break
			}
			second.Close()
		}
		if !is(err, 16) { // EBUSY
			t.Errorf("a second program: %v, want that the camera is held", err)
		}
		break
	}
}
