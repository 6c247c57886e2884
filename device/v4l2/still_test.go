package v4l2

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"testing"
	"testing/synctest"

	"optag/device"
	"optag/device/v4l2/v4l2test"
)

func TestStill(t *testing.T) {
	yuyv := []v4l2test.Format{{Letters: "YUYV", Sizes: []v4l2test.Size{{Width: 160, Height: 120}, {Width: 320, Height: 240}}}}
	for _, c := range []struct {
		name      string
		config    v4l2test.Config
		opts      Options
		size      image.Point
		mediaType string
	}{
		{"in a larger mode", v4l2test.Config{}, small(), image.Pt(320, 240), "image/jpeg"},
		{"in the same mode", v4l2test.Config{}, Options{Still: image.Pt(640, 480)}, image.Pt(640, 480), "image/jpeg"},
		{"of a camera without JPEG", v4l2test.Config{Formats: yuyv}, small(), image.Pt(320, 240), "image/png"},
		{"of lines with padding", v4l2test.Config{Formats: yuyv, Padding: 32}, small(), image.Pt(320, 240), "image/png"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(c.config)
				cam := open(t, s, c.opts)
				stills := 0
				err := take(t, cam, 12, func(i int, p device.Picture) {
					if i == 3 {
						cam.Shoot()
						cam.Shoot()
					}
					if p.Encoded == nil {
						return
					}
					if stills++; i != 4 || p.MediaType != c.mediaType || p.Image.Bounds().Size() != c.size {
						t.Errorf("picture %d is a still, %s of %v; want picture 4, %s of %v", i, p.MediaType, p.Image.Bounds().Size(), c.mediaType, c.size)
					}
				})
				if err != nil || stills != 1 || cam.Stats().Stills != 1 {
					t.Errorf("%d stills, %d counted, error %v, want one", stills, cam.Stats().Stills, err)
				}
				shut(t, cam, s)
			})
		})
	}
}

// TestStillIsForgotten: a still asked for and not fetched is not given to the
// next person.
func TestStillIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{})
		c := open(t, s, small())
		for p, err := range c.Frames(t.Context()) {
			if err != nil || p.Encoded != nil {
				t.Fatalf("a still, error %v", err)
			}
			c.Shoot()
			break
		}
		err := take(t, c, 5, func(i int, p device.Picture) {
			if p.Encoded != nil {
				t.Errorf("picture %d of the next sequence is a still", i)
			}
		})
		if err != nil {
			t.Error(err)
		}
		shut(t, c, s)
	})
}

// TestPNG: the file of a still is its image.
func TestPNG(t *testing.T) {
	f := &film{}
	m := Mode{Format: YUYV, Size: image.Pt(160, 120), stride: 320, colour: colourOf(0, 0, 0)}
	p, err := f.develop(m, v4l2test.Scene("YUYV", 160, 120, 3), true, nil)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(p.Encoded))
	if err != nil {
		t.Fatal(err)
	}
	for y := range 120 {
		for x := range 160 {
			if got, want := img.At(x, y), p.Image.At(x, y); got != want {
				t.Fatalf("pixel %d,%d is %v in the file, %v in the image", x, y, got, want)
			}
		}
	}
}

func TestStillsThatFail(t *testing.T) {
	tear := func(width int) func(n int, f *v4l2test.Frame) {
		return func(n int, f *v4l2test.Frame) {
			if len(f.Data) > 2 && f.Data[0] == 0xff && bytes.Contains(f.Data[:400], []byte{8, 0, 240, byte(width >> 8), byte(width)}) {
				f.Data = f.Data[:len(f.Data)/2]
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{Frame: tear(320)})
		c := open(t, s, small())
		var still device.Picture
		err := take(t, c, 20, func(i int, p device.Picture) {
			if i == 2 {
				c.Shoot()
			}
			if p.Encoded != nil {
				still = device.Picture{Encoded: slices.Clone(p.Encoded), MediaType: p.MediaType}
			}
		})
		if stats := c.Stats(); err != nil || still.MediaType != "image/png" || !stats.StillsFailed || stats.Torn == 0 {
			t.Errorf("error %v, still %q, %+v; want a still in the mode of the preview", err, still.MediaType, stats)
		}
		shut(t, c, s)
	})
}
