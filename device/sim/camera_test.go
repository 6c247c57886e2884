package sim_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/sim"
	"optag/testdata/gen"
)

// beforeCamera runs a test on a small camera of ten pictures a second, in
// invented time.
func beforeCamera(t *testing.T, name string, f func(t *testing.T, c *sim.Camera, r *reader[device.Picture])) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := sim.NewCamera(sim.CameraOptions{FPS: 10, Person: 7,
				Preview: image.Pt(120, 160), Still: image.Pt(311, 400)})
			f(t, c, read(t, openCamera(t, c)))
		})
	})
}

// until reads pictures up to the next still, and says how long that took.
func until(r *reader[device.Picture]) (still device.Picture, took time.Duration) {
	begun := time.Now()
	for {
		if p := r.frame(); p.Encoded != nil {
			p.Encoded = bytes.Clone(p.Encoded) // the camera's own are overwritten
			return p, time.Since(begun)
		}
	}
}

func TestStills(t *testing.T) {
	beforeCamera(t, "come when somebody holds still, then every second", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		c.Place(gen.Pose{})
		if p := r.frame(); p.Encoded != nil || p.Image.Bounds().Size() != image.Pt(120, 160) {
			t.Errorf("first picture: %d bytes, %v; want a preview", len(p.Encoded), p.Image.Bounds())
		}
		first, took := until(r)
		if took != 400*time.Millisecond || first.MediaType != "image/jpeg" || first.Image.Bounds().Size() != image.Pt(311, 400) {
			t.Errorf("first still after %v, %s, %v", took, first.MediaType, first.Image.Bounds())
		}
		second, took := until(r)
		if took != time.Second || !bytes.Equal(first.Encoded, second.Encoded) {
			t.Errorf("second still after %v, the same %v; want the same after 1s", took, bytes.Equal(first.Encoded, second.Encoded))
		}
		clear(second.Image.(*image.RGBA).Pix) // whoever wipes a picture wipes only his own
		if p, _ := until(r); p.Image.(*image.RGBA).Pix[0] == 0 {
			t.Error("a still that was wiped comes again")
		}
		c.Closer()
		third, took := until(r)
		if took > 500*time.Millisecond || bytes.Equal(first.Encoded, third.Encoded) {
			t.Errorf("after a step, a still after %v, the same %v; want another within 500ms", took, bytes.Equal(first.Encoded, third.Encoded))
		}
	})
	beforeCamera(t, "come at once when asked for", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		c.Place(gen.Pose{})
		r.frame()
		c.Shoot()
		if p := r.frame(); p.Encoded == nil {
			t.Error("the next picture is a preview")
		}
	})
	beforeCamera(t, "show what the preview shows", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		c.Place(gen.Pose{Exposure: -3})
		still, _ := until(r)
		img, err := jpeg.Decode(bytes.NewReader(still.Encoded))
		if err != nil {
			t.Fatal(err)
		}
		if y, _, _, _ := img.At(5, 5).RGBA(); y>>8 > 110 {
			t.Errorf("the ground of a dark still has red %d", y>>8)
		}
	})
}

func TestCameraFaults(t *testing.T) {
	beforeCamera(t, "torn", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		c.Fail(sim.Torn)
		still, _ := until(r)
		if _, err := jpeg.Decode(bytes.NewReader(still.Encoded)); err == nil {
			t.Error("a torn still is decoded")
		}
		c.Recover()
		still, _ = until(r)
		if _, err := jpeg.Decode(bytes.NewReader(still.Encoded)); err != nil {
			t.Errorf("after Recover: %v", err)
		}
	})
	beforeCamera(t, "wrong_size", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		good := r.frame().Image.Bounds()
		c.Fail(sim.WrongSize)
		if got := r.frame().Image.Bounds(); got == good {
			t.Errorf("a preview is %v as before", got)
		}
		if still, _ := until(r); still.Image.Bounds().Dx() >= 311 {
			t.Errorf("a still is %v", still.Image.Bounds())
		}
	})
	beforeCamera(t, "noise", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		c.Place(gen.Pose{})
		good := len(stillOf(r))
		c.Fail(sim.Noise)
		if got := len(stillOf(r)); got < 2*good {
			t.Errorf("a still of noise has %d bytes, a good one %d; want many more", got, good)
		}
	})
	beforeCamera(t, "unplug", func(t *testing.T, c *sim.Camera, r *reader[device.Picture]) {
		r.frame()
		c.Unplug()
		if err := r.failure(); !errors.Is(err, device.ErrUnplugged) {
			t.Error(err)
		}
		c.Replug()
		read(t, openCamera(t, c)).frame()
	})
}

func stillOf(r *reader[device.Picture]) []byte {
	p, _ := until(r)
	return p.Encoded
}

func TestStanding(t *testing.T) {
	c := sim.NewCamera(sim.CameraOptions{})
	if !c.Pose().Absent {
		t.Error("somebody is there from the beginning")
	}
	c.Place(gen.Pose{Yaw: 30, Roll: 5, EyesClosed: true})
	c.Look()
	if p := c.Pose(); p != (gen.Pose{}) {
		t.Errorf("after Look: %+v", p)
	}
	c.Closer()
	if p := c.Pose(); p.Distance != 0.75 {
		t.Errorf("after Closer: %+v", p)
	}
	c.Back()
	if p := c.Pose(); p.Distance != 1 {
		t.Errorf("after Back: %+v", p)
	}
	c.Leave()
	if !c.Pose().Absent {
		t.Error("after Leave somebody is there")
	}
}

func BenchmarkPreview(b *testing.B) {
	c := sim.NewCamera(sim.CameraOptions{FPS: 1e6, Person: 7, StillEvery: time.Hour})
	c.Place(gen.Pose{})
	d, err := c.Open()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for range d.Frames(b.Context()) {
		if n++; n >= b.N {
			break
		}
	}
}
