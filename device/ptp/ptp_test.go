package ptp

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/ptp/ptptest"
)

// shots are the files of the pictures, and views those of the moving pictures.
// The first fills whole packets on the bus.
var shots = sync.OnceValue(func() [][]byte { return draw(160, 120, 90) })

var views = sync.OnceValue(func() [][]byte { return draw(64, 48, 60) })

// draw draws four pictures that differ.
func draw(w, h, quality int) [][]byte {
	all := make([][]byte, 4)
	for n := range all {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i := range img.Pix {
			img.Pix[i] = byte(i%w*(n+2) + i/w*3)
		}
		var b bytes.Buffer
		_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}) // a Buffer takes everything
		if n == 0 {
			for (12+b.Len())%512 != 0 {
				b.WriteByte(0) // as some cameras pad their files
			}
		}
		all[n] = b.Bytes()
	}
	return all
}

func sim(c ptptest.Config) *ptptest.Sim {
	c.Picture = func(n int) []byte { return shots()[n%4] }
	c.Preview = func(n int) []byte { return views()[n%4] }
	return ptptest.New(c)
}

func open(t *testing.T, s *ptptest.Sim, o Options) *Camera {
	t.Helper()
	c, err := Open(t.Context(), s, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return c
}

// shut closes a camera and looks how it was left.
func shut(t *testing.T, c *Camera, s *ptptest.Sim) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if !s.Gone() {
		t.Error("closing left the bus open")
	}
	if wrong := s.Wrong(); len(wrong) > 0 {
		t.Errorf("the camera did not understand %v", wrong)
	}
}

// among reports whether a file is one of those.
func among(file []byte, all [][]byte) bool {
	for _, f := range all {
		// A camera that announces less than it has cuts off its padding.
		if bytes.Equal(bytes.TrimRight(f, "\x00"), bytes.TrimRight(file, "\x00")) {
			return true
		}
	}
	return false
}

// genuine fails where a picture is none the camera took.
func genuine(t *testing.T, p device.Picture) {
	t.Helper()
	switch size := p.Image.Bounds().Size(); {
	case p.Encoded == nil && size == image.Pt(64, 48):
	case p.Encoded != nil && size == image.Pt(160, 120) && p.MediaType == "image/jpeg" && among(p.Encoded, shots()):
	default:
		t.Errorf("picture of %v, %q, %d bytes, is none the camera took", size, p.MediaType, len(p.Encoded))
	}
}

// still asks for n stills and returns the advice given meanwhile.
func still(t *testing.T, c *Camera, n int) (advice int, err error) {
	t.Helper()
	c.Shoot()
	for p, err := range c.Frames(t.Context()) {
		var r device.Retry
		if errors.As(err, &r) {
			advice++
			continue
		}
		if err != nil {
			return advice, err
		}
		genuine(t, p)
		if p.Encoded == nil {
			continue
		}
		if n--; n == 0 {
			return advice, nil
		}
		c.Shoot()
	}
	t.Fatal("the sequence ended by itself")
	return 0, nil
}

func kinds() map[string]ptptest.Kind {
	return map[string]ptptest.Kind{"standard": ptptest.Standard, "Canon EOS, unverified": ptptest.EOS, "Nikon, unverified": ptptest.Nikon}
}

func TestStill(t *testing.T) {
	for _, c := range []struct {
		name   string
		config ptptest.Config
		want   Stats // pictures that move left out
	}{
		{"as it should be", ptptest.Config{}, Stats{Stills: 3}},
		{"files whole only", ptptest.Config{NoPartial: true}, Stats{Stills: 3}},
		{"files whole only, not ended by an empty packet", ptptest.Config{NoPartial: true, NoEnd: true}, Stats{Stills: 3}},
		{"headers alone", ptptest.Config{NoPartial: true, HeaderAlone: true}, Stats{Stills: 3}},
		{"empty transfers", ptptest.Config{Empty: 2}, Stats{Stills: 3}},
		{"no events", ptptest.Config{NoEvents: true}, Stats{Stills: 3}},
		{"a full card", ptptest.Config{OnCard: 40}, Stats{Stills: 3}},
		{"no card", ptptest.Config{NoCard: true}, Stats{Stills: 3}},
		{"a raw file beside", ptptest.Config{Raw: true}, Stats{Stills: 3}},
		{"out of focus twice", ptptest.Config{Refuse: 2}, Stats{Stills: 3, Refused: 2}},
		{"busy at first", ptptest.Config{Busy: 1}, Stats{Stills: 3, Refused: 1}},
		{"another program's session", ptptest.Config{SessionOpen: true}, Stats{Stills: 3}},
		{"no live view", ptptest.Config{NoLive: true}, Stats{Stills: 3}},
		{"live view takes a while", ptptest.Config{NotReady: 5}, Stats{Stills: 3}},
		{"an answer is lost", ptptest.Config{LostAt: 9}, Stats{Stills: 3, Restarts: 1}},
		{"an answer is late", ptptest.Config{LateAt: 9}, Stats{Stills: 3, Restarts: 1}},
	} {
		for mode, kind := range kinds() {
			t.Run(mode+", "+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c.config.Kind = kind
					s := sim(c.config)
					cam := open(t, s, Options{})
					if cam.Mode() != mode {
						t.Errorf("mode %q", cam.Mode())
					}
					advice, err := still(t, cam, 3)
					got := cam.Stats()
					got.Pictures = 0
					if c.config.LostAt+c.config.LateAt > 0 && got.Restarts == 0 {
						got.Restarts = 1 // an answer that nobody needed
					}
					if err != nil || got != c.want || advice != c.want.Refused {
						t.Errorf("error %v, advice %d, counted %+v, want %+v", err, advice, got, c.want)
					}
					if s.Left() != 0 || s.Card() != c.config.OnCard {
						t.Errorf("%d pictures are left on the camera, its card holds %d files", s.Left(), s.Card())
					}
					if s.Remote() {
						t.Error("the camera's buttons are locked")
					}
					shut(t, cam, s)
				})
			})
		}
	}
}

func TestMoving(t *testing.T) {
	for mode, kind := range kinds() {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(ptptest.Config{Kind: kind})
				c := open(t, s, Options{})
				if c.Moves() != (kind != ptptest.Standard) {
					t.Fatalf("Moves() = %v", c.Moves())
				}
				if !c.Moves() {
					shut(t, c, s)
					return
				}
				begun, n := time.Now(), 0
				for p, err := range c.Frames(t.Context()) {
					if err != nil || p.Encoded != nil {
						t.Fatalf("a still, error %v", err)
					}
					genuine(t, p)
					if n++; n == 21 {
						break
					}
				}
				if took := time.Since(begun); took < time.Second || took > 1100*time.Millisecond {
					t.Errorf("21 pictures took %v, want one second", took)
				}
				shut(t, c, s)
			})
		})
	}
}

func TestButtonOfTheCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(ptptest.Config{})
		c := open(t, s, Options{})
		time.AfterFunc(3*time.Second, s.Press)
		for p, err := range c.Frames(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			genuine(t, p)
			break
		}
		if s.Left() != 0 {
			t.Errorf("%d pictures are left on the camera", s.Left())
		}
		shut(t, c, s)
	})
}

// TestNothingForTheNext: a picture that was on its way when the sequence was cut
// off is deleted, and not yielded to whoever comes next.
func TestNothingForTheNext(t *testing.T) {
	for mode, kind := range kinds() {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim(ptptest.Config{Kind: kind, CaptureTime: 2 * time.Second, NoLive: true})
				c := open(t, s, Options{})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				c.Shoot()
				for _, err := range c.Frames(ctx) {
					t.Errorf("an element, error %v", err)
				}
				time.Sleep(5 * time.Second)
				if s.Pictures() != 1 {
					t.Fatalf("%d pictures were taken", s.Pictures())
				}
				ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				for p, err := range c.Frames(ctx) {
					t.Errorf("the next one is given a picture of %d bytes, error %v", len(p.Encoded), err)
				}
				if s.Left() != 0 {
					t.Errorf("%d pictures are left on the camera", s.Left())
				}
				shut(t, c, s)
			})
		})
	}
}

func TestStillRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		config ptptest.Config
		opts   Options
		want   error
		limit  time.Duration
	}{
		{"never in focus", ptptest.Config{Refuse: 1000}, Options{}, device.ErrGarbled, 10 * time.Second},
		{"raw files only", ptptest.Config{RawOnly: true}, Options{}, device.ErrSilent, 40 * time.Second},
		{"a larger file than is taken", ptptest.Config{}, Options{Largest: 1000}, device.ErrGarbled, 5 * time.Second},
		{"a file shorter than announced", ptptest.Config{SizeOff: 5, NoPartial: true}, Options{}, device.ErrGarbled, 5 * time.Second},
		{"a file longer than announced", ptptest.Config{SizeOff: -5, NoPartial: true}, Options{}, device.ErrGarbled, 5 * time.Second},
		{"a file shorter than announced, in parts", ptptest.Config{SizeOff: 5}, Options{}, device.ErrGarbled, 5 * time.Second},
	} {
		for mode, kind := range kinds() {
			t.Run(mode+", "+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c.config.Kind, c.config.NoLive = kind, true
					s := sim(c.config)
					cam := open(t, s, c.opts)
					begun := time.Now()
					if _, err := still(t, cam, 1); !errors.Is(err, c.want) || time.Since(begun) > c.limit {
						t.Errorf("error %v after %v, want %v", err, time.Since(begun), c.want)
					}
					shut(t, cam, s)
				})
			})
		}
	}
}

func TestUndeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(ptptest.Config{NotDeleted: true})
		c := open(t, s, Options{})
		if _, err := still(t, c, 2); err != nil {
			t.Fatal(err)
		}
		if got := c.Stats(); got.Undeleted != 2 || got.Stills != 2 || s.Pictures() != 2 {
			t.Errorf("%+v, %d taken, want 2 that stay", got, s.Pictures())
		}
		shut(t, c, s)
	})
	synctest.Test(t, func(t *testing.T) {
		s := sim(ptptest.Config{})
		c := open(t, s, Options{Keep: true})
		if _, err := still(t, c, 2); err != nil || s.Left() != 2 {
			t.Errorf("error %v, %d kept, want 2", err, s.Left())
		}
		shut(t, c, s)
	})
}

func TestInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim(ptptest.Config{})
		c := open(t, s, Options{})
		want := device.Info{Maker: "optag", Model: "still camera 0", Serial: "P-1", Firmware: "1.0", Driver: "ptp", Version: "1"}
		if got := c.Info(); got != want {
			t.Errorf("Info() = %+v, want %+v", got, want)
		}
		shut(t, c, s)
	})
}
