package v4l2

import (
	"bytes"
	"image"
	"image/jpeg"
	"sync"
	"testing"

	"optag/device"
	"optag/device/v4l2/v4l2test"
)

// scenes are the pictures of all simulated cameras of these tests, drawn once.
var scenes = sync.OnceValue(v4l2test.Cached)

// files are the JPEG files of the scene, and what is on them.
var files = sync.OnceValue(func() *album { return &album{pages: map[image.Point][8]page{}} })

type album struct {
	mu    sync.Mutex
	pages map[image.Point][8]page
}

type page struct {
	file []byte
	img  *image.YCbCr
}

func (a *album) of(t *testing.T, size image.Point) [8]page {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if p, ok := a.pages[size]; ok {
		return p
	}
	var all [8]page
	for n := range all {
		file := v4l2test.File(size.X, size.Y, n)
		img, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		all[n] = page{file, img.(*image.YCbCr)}
	}
	a.pages[size] = all
	return all
}

// sim is a camera that shows the scene in no time.
func sim(c v4l2test.Config) *v4l2test.Sim {
	if c.Picture == nil {
		c.Picture = scenes()
	}
	return v4l2test.New(c)
}

func opener(s *v4l2test.Sim) Opener {
	return func(path string) (Node, error) {
		n, err := s.Open(path)
		if err != nil {
			return nil, err
		}
		return n, nil
	}
}

// small asks for the smallest mode of the simulated webcam, in one format for
// moving pictures and in another for stills.
func small() Options {
	return Options{Preview: image.Pt(160, 120), Still: image.Pt(320, 240), Settle: 2}
}

func found() Found {
	return Found{Path: "/dev/video0", Name: "Simulated Camera", USB: device.USBInfo{Maker: "optag", Serial: "S1", Release: "1.03"}}
}

func open(t *testing.T, s *v4l2test.Sim, o Options) *Camera {
	t.Helper()
	c, err := Open(t.Context(), opener(s), found(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return c
}

// shut closes a camera and looks for what it left behind.
func shut(t *testing.T, c *Camera, s *v4l2test.Sim) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if left := s.Left(); left != "" {
		t.Errorf("after closing: %s", left)
	}
}

// shows returns which picture of the scene this is, -1 for none of them.
func shows(t *testing.T, p device.Picture) int {
	t.Helper()
	size := p.Image.Bounds().Size()
	for n, page := range files().of(t, size) {
		if samePicture(p, page, n) {
			return n
		}
	}
	return -1
}

func samePicture(p device.Picture, page page, n int) bool {
	if p.MediaType == "image/jpeg" && !bytes.Equal(p.Encoded, page.file) {
		return false
	}
	if img, ok := p.Image.(*image.YCbCr); ok {
		return bytes.Equal(img.Y, page.img.Y) && bytes.Equal(img.Cb, page.img.Cb) && bytes.Equal(img.Cr, page.img.Cr)
	}
	img := p.Image.(*image.RGBA)
	for y := range img.Rect.Dy() {
		for x := y % 7; x < img.Rect.Dx(); x += 7 {
			l, cb, cr := v4l2test.Colours(n, x, y)
			if x%2 == 1 { // two pixels share the first one's colour
				_, cb, cr = v4l2test.Colours(n, x-1, y)
			}
			want, got := v4l2test.RGB(l, cb, cr), img.RGBAAt(x, y)
			if abs(int(want.R)-int(got.R)) > 1 || abs(int(want.G)-int(got.G)) > 1 || abs(int(want.B)-int(got.B)) > 1 || got.A != 255 {
				return false
			}
		}
	}
	return true
}

// take reads pictures until it has n, each of which must be of the scene.
func take(t *testing.T, c *Camera, n int, each func(i int, p device.Picture)) error {
	t.Helper()
	i := 0
	for p, err := range c.Frames(t.Context()) {
		if err != nil {
			return err
		}
		if shows(t, p) < 0 {
			t.Fatalf("picture %d, %v, is none the camera took", i, p.Image.Bounds())
		}
		if each != nil {
			each(i, p)
		}
		if i++; i == n {
			return nil
		}
	}
	t.Fatalf("the sequence ended after %d pictures, want %d", i, n)
	return nil
}
