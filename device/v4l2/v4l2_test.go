package v4l2

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

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

func TestCounting(t *testing.T) {
	for _, c := range []struct {
		name string
		sim  v4l2test.Config
		want Stats
	}{
		{"all is well", v4l2test.Config{}, Stats{Pictures: 9, Interval: 33 * time.Millisecond}},
		{"two in a row are lost", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) { f.Lost = n == 3 || n == 4 }},
			Stats{Pictures: 9, Dropped: 2, Interval: 33 * time.Millisecond}},
		{"one is marked faulty", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) { f.Error = n == 3 }},
			Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"one is too short", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) {
			if n == 3 {
				f.Data = f.Data[:len(f.Data)-1]
			}
		}}, Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"one is empty", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) {
			if n == 3 {
				f.Data = nil
			}
		}}, Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"one claims more than a buffer holds", v4l2test.Config{Frame: func(n int, f *v4l2test.Frame) {
			if n == 3 {
				f.Used = 1 << 30
			}
		}}, Stats{Pictures: 9, Torn: 1, Interval: 33 * time.Millisecond}},
		{"the driver does not count", v4l2test.Config{Uncounted: true}, Stats{Pictures: 9, Interval: 33 * time.Millisecond}},
		{"stamps of another clock", v4l2test.Config{OtherClock: true}, Stats{Pictures: 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(c.sim)
				cam := open(t, s, small())
				if err := take(t, cam, 9, nil); err != nil {
					t.Fatal(err)
				}
				got := cam.Stats()
				got.Interval = got.Interval.Truncate(time.Millisecond)
				if got.Behind > time.Millisecond {
					t.Errorf("behind by %v", got.Behind)
				}
				got.Behind = 0
				if got != c.want {
					t.Errorf("counted %+v, want %+v", got, c.want)
				}
				shut(t, cam, s)
			})
		})
	}
}

// TestNewest: who looks away for a second is shown what is there now.
func TestNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{})
		c := open(t, s, small())
		err := take(t, c, 4, func(i int, p device.Picture) {
			if i == 1 {
				time.Sleep(100 * time.Millisecond) // three more come meanwhile
			}
		})
		if stats := c.Stats(); err != nil || stats.Passed != 2 || stats.Behind > 40*time.Millisecond {
			t.Errorf("error %v, %+v, want 2 passed over", err, stats)
		}
		shut(t, c, s)
	})
}

// TestHeals: what a camera gets over, and what is counted.
func TestHeals(t *testing.T) {
	for _, c := range []struct {
		name string
		call string // whose fourth call fails
		with syscall.Errno
	}{
		{"an error of the bus while a buffer is taken", "DQBUF", syscall.EIO},
		{"the stream was stopped", "DQBUF", syscall.EINVAL},
		{"the camera does not start at once", "STREAMON", syscall.EIO},
		{"polling fails", "poll", syscall.EINVAL},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at := callNumber(t, c.call)
				s := sim(v4l2test.Config{FailAt: at, FailWith: c.with})
				cam := open(t, s, small())
				if err := take(t, cam, 12, nil); err != nil || cam.Stats().Restarts != 1 {
					t.Errorf("error %v, %+v, want a restart", err, cam.Stats())
				}
				shut(t, cam, s)
			})
		})
	}
}

// callNumber returns the number of the last call of a name in a session that
// takes three pictures.
func callNumber(t *testing.T, name string) int {
	s := sim(v4l2test.Config{})
	c := open(t, s, small())
	if err := take(t, c, 3, nil); err != nil {
		t.Fatal(err)
	}
	at := 0
	for i, n := range s.Calls() {
		if n == name {
			at = i + 1
		}
	}
	shut(t, c, s)
	if at == 0 {
		t.Fatalf("no call of %s", name)
	}
	return at
}

func TestFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*v4l2test.Sim)
		want  error
		limit time.Duration // from the fault to the error
	}{
		{"unplugged", (*v4l2test.Sim).Unplug, device.ErrUnplugged, 100 * time.Millisecond},
		{"hangs", (*v4l2test.Sim).Silence, device.ErrSilent, 4100 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(v4l2test.Config{})
				cam := open(t, s, small())
				var since time.Time
				err := take(t, cam, 100, func(i int, _ device.Picture) {
					if i == 3 {
						since = time.Now()
						c.fault(s)
					}
				})
				if took := time.Since(since); !errors.Is(err, c.want) || took > c.limit {
					t.Errorf("error %v after %v, want %v within %v", err, took, c.want, c.limit)
				}
				if again := take(t, cam, 1, nil); again != err {
					t.Errorf("a second sequence gives %v, want %v as before", again, err)
				}
				shut(t, cam, s)
			})
		})
	}
}

// TestAnotherProgram: the camera is held, and works as soon as it is let go.
func TestAnotherProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(v4l2test.Config{})
		s.Busy(true)
		_, err := Open(t.Context(), opener(s), found(), small())
		if !errors.Is(err, ErrBusy) || !errors.Is(err, device.ErrSilent) {
			t.Errorf("Open: %v, want ErrBusy and ErrSilent", err)
		}
		s.Busy(false)
		c := open(t, s, small())
		s.Busy(true)
		if err := take(t, c, 1, nil); !errors.Is(err, ErrBusy) {
			t.Errorf("Frames: %v, want ErrBusy", err)
		}
		shut(t, c, s)
		s.Busy(false)
		c = open(t, s, small())
		if err := take(t, c, 3, nil); err != nil {
			t.Errorf("after the other let go: %v", err)
		}
		shut(t, c, s)
	})
}

// TestStuckInTheKernel: a call that does not return leaves the camera silent,
// and all is given back when it does.
func TestStuckInTheKernel(t *testing.T) {
	for _, call := range []string{"open", "QUERYCAP", "S_FMT", "S_CTRL", "REQBUFS", "mmap", "STREAMON", "STREAMOFF", "close"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(v4l2test.Config{HangAt: callNumber2(t, call)})
				begun := time.Now()
				c, err := Open(t.Context(), opener(s), found(), small())
				if err == nil {
					err = take(t, c, 2, nil)
					err = errors.Join(err, c.Close())
				}
				if took := time.Since(begun); took > 9*time.Second {
					t.Errorf("gave up after %v", took)
				}
				if call != "STREAMOFF" && !errors.Is(err, device.ErrSilent) {
					t.Errorf("error %v, want %v", err, device.ErrSilent)
				}
				s.Release()
				synctest.Wait()
				if left := s.Left(); left != "" {
					t.Errorf("after the call returned: %s", left)
				}
			})
		})
	}
}

// callNumber2 is callNumber for a whole session, closing included.
func callNumber2(t *testing.T, name string) int {
	s := sim(v4l2test.Config{})
	c := open(t, s, small())
	if err := take(t, c, 2, nil); err != nil {
		t.Fatal(err)
	}
	shut(t, c, s)
	return slices.Index(s.Calls(), name) + 1
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

// ways are the errors of the kernel that calls fail with.
func ways() []syscall.Errno {
	return []syscall.Errno{syscall.EIO, syscall.ENODEV, syscall.EBUSY, syscall.EINVAL, syscall.EAGAIN, syscall.ENOMEM, syscall.EPIPE, syscall.ENOSPC, syscall.EPROTO, syscall.ETIMEDOUT}
}

// TestFaultsEverywhere: each call of a session fails in some way, once and for
// good, or is the one in which the camera leaves. What comes out is a picture
// the camera took, or one of the errors that are promised.
func TestFaultsEverywhere(t *testing.T) {
	calls := session(t, v4l2test.Config{})
	if calls < 60 {
		t.Fatalf("a session has %d calls only", calls)
	}
	for at := 1; at <= calls; at++ {
		session(t, v4l2test.Config{FailAt: at, FailWith: ways()[at%len(ways())]})
		session(t, v4l2test.Config{FailAt: at, FailWith: ways()[at/2%len(ways())], FailFor: 1000})
		session(t, v4l2test.Config{UnplugAt: at})
	}
}

// TestRandomFaults plays sessions in which several things go wrong, drawn from a
// number that a failure names.
func TestRandomFaults(t *testing.T) {
	n := uint64(200)
	if os.Getenv("OPTAG_SOAK") != "" {
		n = 10000
	}
	for seed := range n {
		session(t, randomFaults(seed))
	}
}

// randomFaults draws what goes wrong.
func randomFaults(seed uint64) v4l2test.Config {
	r := rand.New(rand.NewPCG(seed, 4))
	c := v4l2test.Config{Seed: seed, Uncounted: r.IntN(8) == 0, OtherClock: r.IntN(8) == 0}
	if r.IntN(2) == 0 {
		c.FailAt, c.FailFor, c.FailWith = 1+r.IntN(160), 1+r.IntN(8), ways()[r.IntN(len(ways()))]
	}
	switch r.IntN(6) {
	case 0:
		c.UnplugAt = 1 + r.IntN(160)
	case 1:
		c.HangAt = 1 + r.IntN(160)
	}
	if r.IntN(2) == 0 {
		c.Formats = []v4l2test.Format{{Letters: "MJPG", Sizes: []v4l2test.Size{{Width: 160, Height: 120}, {Width: 320, Height: 240}}}}
	}
	rate := r.IntN(3)
	c.Frame = func(n int, f *v4l2test.Frame) {
		switch r.IntN(40) * (3 - rate) {
		case 0:
			f.Lost = true
		case 1, 2:
			f.Error = true
			f.Data = f.Data[:r.IntN(len(f.Data))]
		case 3, 6:
			f.Data = f.Data[:r.IntN(len(f.Data)-100)]
		case 4:
			f.Used = 1 + r.IntN(1<<31)
		case 5:
			f.Index = 1 + r.IntN(40)
		case 8, 9: // a piece is lost on the bus
			lost := 188 + r.IntN(1000) // a packet of the smallest size in use, and more
			at := r.IntN(max(1, len(f.Data)-lost-100))
			f.Data = slices.Delete(slices.Clone(f.Data), at, min(len(f.Data), at+lost))
		}
	}
	return c
}

// session opens a camera, takes a few pictures and a still, and closes it.
func session(t *testing.T, c v4l2test.Config) (calls int) {
	t.Helper()
	what := fmt.Sprintf("seed %d, call %d for %d times %v, hung %d, unplugged %d", c.Seed, c.FailAt, c.FailFor, c.FailWith, c.HangAt, c.UnplugAt)
	synctest.Test(t, func(t *testing.T) {
		s := sim(c)
		begun := time.Now()
		cam, err := Open(t.Context(), opener(s), found(), small())
		if err == nil {
			err = play(t, cam)
			if err := cam.Close(); err != nil && c.HangAt == 0 {
				t.Errorf("%s: closing: %v", what, err)
			}
		}
		if err != nil && !isDevice(err) {
			t.Errorf("%s: %v, which is none of the errors promised", what, err)
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("%s: took %v", what, took)
		}
		s.Release()
		synctest.Wait()
		if left := s.Left(); left != "" {
			t.Errorf("%s: %s", what, left)
		}
		calls = len(s.Calls())
	})
	return calls
}

// play takes pictures in two sequences, a still in the first.
func play(t *testing.T, cam *Camera) error {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 2 {
		i := 0
		for p, err := range cam.Frames(ctx) {
			if err != nil {
				return err
			}
			if shows(t, p) < 0 {
				t.Errorf("picture %d is none the camera took", i)
			}
			if i == 1 {
				cam.Shoot()
			}
			if i++; i == 4 {
				break
			}
		}
	}
	return nil
}
