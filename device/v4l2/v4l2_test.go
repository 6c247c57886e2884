package v4l2

import (
	"errors"
	"image"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"optag/device"
	"optag/device/v4l2/v4l2test"
)

func TestModes(t *testing.T) {
	one := func(w, h int, rates ...int) v4l2test.Size { return v4l2test.Size{Width: w, Height: h, Rates: rates} }
	type sizes = []v4l2test.Size
	for _, c := range []struct {
		name           string
		formats        []v4l2test.Format
		opts           Options
		preview, still string
	}{
		{"a webcam, with its defaults", nil, Options{}, "MJPG 640x480 30/s", "MJPG 640x480 30/s"},
		{"YUYV is rather shown where it is fast enough", nil, Options{Preview: image.Pt(320, 240)}, "YUYV 320x240 30/s", "MJPG 640x480 30/s"},
		{"stills are bounded", nil, small(), "YUYV 160x120 30/s", "MJPG 320x240 30/s"},
		{"nothing is small enough: the smallest", nil, Options{Still: image.Pt(100, 100)}, "MJPG 640x480 30/s", "MJPG 160x120 30/s"},
		{"YUYV only", []v4l2test.Format{{Letters: "YUYV", Sizes: sizes{one(640, 480, 30), one(1600, 1200, 5)}}}, Options{}, "YUYV 640x480 30/s", "YUYV 1600x1200 5/s"},
		{"any size in steps", []v4l2test.Format{{Letters: "MJPG", Steps: true, Sizes: sizes{one(160, 120), one(1936, 1096)}}}, Options{}, "MJPG 1280x720 60/s", "MJPG 1936x1096 60/s"},
		{"rates are not told", []v4l2test.Format{{Letters: "MJPG", Sizes: sizes{one(640, 480)}}}, Options{}, "MJPG 640x480 0/s", "MJPG 640x480 0/s"},
		{"JPEG by another name", []v4l2test.Format{{Letters: "JPEG", Sizes: sizes{one(640, 480, 30)}}}, Options{}, "JPEG 640x480 30/s", "JPEG 640x480 30/s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sim(v4l2test.Config{Formats: c.formats})
			cam := open(t, s, c.opts)
			preview, still := cam.Chosen()
			if preview.String() != c.preview || still.String() != c.still {
				t.Errorf("chosen %v and %v, want %s and %s", preview, still, c.preview, c.still)
			}
			shut(t, cam, s)
		})
	}
}

func TestNotForUs(t *testing.T) {
	for _, c := range []struct {
		name   string
		config v4l2test.Config
		want   error
		words  string
	}{
		{"a node for metadata", v4l2test.Config{Capabilities: 0x04a00000}, device.ErrGarbled, "not a camera"},
		{"a camera without streaming", v4l2test.Config{Capabilities: 0x01200001}, device.ErrGarbled, "not a camera"},
		{"formats nobody here reads", v4l2test.Config{Formats: []v4l2test.Format{{Letters: "H264"}}}, device.ErrGarbled, "neither YUYV"},
		{"sets another format than asked", v4l2test.Config{Swap: "NV12"}, device.ErrGarbled, "NV12"},
		{"no node", v4l2test.Config{FailAt: 1, FailWith: syscall.ENOENT}, device.ErrUnplugged, ""},
		{"no right to it", v4l2test.Config{FailAt: 1, FailWith: syscall.EACCES}, device.ErrSilent, "permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sim(c.config)
			_, err := Open(t.Context(), opener(s), found(), Options{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
				t.Errorf("Open: %v, want %v and %q", err, c.want, c.words)
			}
			if left := s.Left(); left != "" {
				t.Errorf("after a refusal: %s", left)
			}
		})
	}
}

func TestInfo(t *testing.T) {
	s := sim(v4l2test.Config{Card: "Good\x1b[31m Camera"})
	c := open(t, s, small())
	want := device.Info{Maker: "optag", Model: "Good[31m Camera", Serial: "S1", Firmware: "1.03", Driver: "v4l2", Version: "1"}
	if got := c.Info(); got != want {
		t.Errorf("Info() = %+v, want %+v", got, want)
	}
	shut(t, c, s)
}

func TestControls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{})
		s.Move(v4l2test.AutoFocus, 0) // as another program left it
		s.Move(v4l2test.AutoExposure, 1)
		c := open(t, s, small())
		for id, want := range map[uint32]int{v4l2test.AutoFocus: 1, v4l2test.AutoExposure: 3, v4l2test.AutoWhite: 1, v4l2test.Mains: 1} {
			if got := s.Value(id); got != want {
				t.Errorf("control %08x is %d after opening, want %d", id, got, want)
			}
		}
		s.Move(v4l2test.Exposure, 77)
		for _, step := range []struct {
			name string
			do   func() error
			of   Adjustment
			want Control
		}{
			{"as it is", func() error { return nil }, Exposure, Control{true, true, true, 3, 2047, 1, 250, 77}},
			{"locked", func() error { return c.Lock(Exposure) }, Exposure, Control{false, true, true, 3, 2047, 1, 250, 77}},
			{"locked again", func() error { return c.Lock(Exposure) }, Exposure, Control{false, true, true, 3, 2047, 1, 250, 77}},
			{"freed", func() error { return c.Auto(Exposure) }, Exposure, Control{true, true, true, 3, 2047, 1, 250, 77}},
			{"set", func() error { return c.Set(Focus, 101) }, Focus, Control{false, true, true, 0, 250, 5, 0, 100}},
			{"set beyond", func() error { return c.Set(Focus, 999) }, Focus, Control{false, true, true, 0, 250, 5, 0, 250}},
			{"set below", func() error { return c.Set(WhiteBalance, -5) }, WhiteBalance, Control{false, true, true, 2800, 6500, 10, 4600, 2800}},
		} {
			if err := step.do(); err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
			if got, err := c.Control(step.of); got != step.want || err != nil {
				t.Errorf("%s: %+v, error %v, want %+v", step.name, got, err, step.want)
			}
		}
		shut(t, c, s)
		if err := c.Set(Focus, 1); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("setting a closed camera: %v", err)
		}
	})
}

func TestCameraWithoutControls(t *testing.T) {
	s := sim(v4l2test.Config{Controls: []v4l2test.Control{{ID: v4l2test.Focus, Max: 10, Flags: 4}}})
	c := open(t, s, small())
	for _, a := range []Adjustment{Exposure, WhiteBalance, Focus} {
		if got, err := c.Control(a); got != (Control{}) || err != nil {
			t.Errorf("%v: %+v, error %v, want nothing", a, got, err)
		}
		if err := errors.Join(c.Lock(a), c.Auto(a)); err != nil {
			t.Errorf("%v: %v", a, err)
		}
		if err := c.Set(a, 1); err == nil {
			t.Errorf("%v could be set", a)
		}
	}
	shut(t, c, s)
}

func TestColours(t *testing.T) {
	for _, c := range []struct {
		name     string
		space    [3]uint32
		y, u, v  byte
		r, g, b  int
		distance int
	}{
		{"narrow white", [3]uint32{8, 0, 0}, 235, 128, 128, 255, 255, 255, 0},
		{"narrow black", [3]uint32{8, 0, 0}, 16, 128, 128, 0, 0, 0, 0},
		{"below black", [3]uint32{8, 0, 0}, 0, 128, 128, 0, 0, 0, 0},
		{"above white", [3]uint32{8, 0, 0}, 255, 128, 128, 255, 255, 255, 0},
		{"full white", [3]uint32{7, 0, 0}, 255, 128, 128, 255, 255, 255, 0},
		{"full grey", [3]uint32{8, 0, 1}, 100, 128, 128, 100, 100, 100, 0},
		{"red of BT.601", [3]uint32{8, 1, 2}, 81, 90, 240, 255, 0, 0, 2},
		{"red of BT.709", [3]uint32{3, 0, 0}, 63, 102, 240, 255, 0, 0, 2},
		{"blue of BT.601", [3]uint32{1, 0, 0}, 41, 240, 110, 0, 0, 255, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := image.NewRGBA(image.Rect(0, 0, 2, 1))
			colourOf(c.space[0], c.space[1], c.space[2]).table().convert(img, []byte{c.y, c.u, c.y, c.v}, 4)
			for x := range 2 {
				p := img.RGBAAt(x, 0)
				if abs(int(p.R)-c.r) > c.distance || abs(int(p.G)-c.g) > c.distance || abs(int(p.B)-c.b) > c.distance {
					t.Errorf("pixel %d is %v, want %d, %d, %d", x, p, c.r, c.g, c.b)
				}
			}
		})
	}
}
