package ptp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
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

// TestFails: how soon a camera that is gone, or hangs, is noticed while it does
// nothing.
func TestFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*ptptest.Sim)
		want  error
		limit time.Duration
	}{
		{"unplugged", (*ptptest.Sim).Unplug, device.ErrUnplugged, 1100 * time.Millisecond},
		{"hangs", (*ptptest.Sim).Fail, device.ErrSilent, 10 * time.Second},
	} {
		for mode, kind := range kinds() {
			t.Run(mode+", "+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := sim(ptptest.Config{Kind: kind, NoLive: true})
					cam := open(t, s, Options{})
					var since time.Time
					time.AfterFunc(500*time.Millisecond, func() { since = time.Now(); c.fault(s) })
					var last error
					for _, err := range cam.Frames(t.Context()) {
						last = err
					}
					if took := time.Since(since); !errors.Is(last, c.want) || took > c.limit {
						t.Errorf("error %v after %v, want %v within %v", last, took, c.want, c.limit)
					}
					for _, err := range cam.Frames(t.Context()) {
						if err != last {
							t.Errorf("a second sequence gives %v, want %v as before", err, last)
						}
					}
					shut(t, cam, s)
				})
			})
		}
	}
}

// TestFaultsEverywhere: at each transfer of a session the camera leaves, falls
// silent, is refused by the bus, or the transfer is cut short.
func TestFaultsEverywhere(t *testing.T) {
	for _, kind := range kinds() {
		transfers, _ := session(t, ptptest.Config{Kind: kind})
		if transfers < 40 {
			t.Fatalf("a session has %d transfers only", transfers)
		}
		for at := 1; at <= transfers; at++ {
			session(t, ptptest.Config{Kind: kind, UnplugAt: at})
			session(t, ptptest.Config{Kind: kind, SilentAt: at})
			session(t, ptptest.Config{Kind: kind, StallAt: at})
			session(t, ptptest.Config{Kind: kind, ShortAt: at, NoPartial: at%2 == 0})
			session(t, ptptest.Config{Kind: kind, LostAt: at})
			session(t, ptptest.Config{Kind: kind, LateAt: at})
		}
	}
}

// TestRandomFaults plays sessions in which several things go wrong, drawn from a
// number that a failure names.
func TestRandomFaults(t *testing.T) {
	n := uint64(300)
	if os.Getenv("OPTAG_SOAK") != "" {
		n = 10000
	}
	taken := 0
	for seed := range n {
		if _, got := session(t, randomFaults(seed)); got > 0 {
			taken++
		}
	}
	t.Logf("%d of %d sessions took pictures", taken, n)
	if taken < int(n)/2 || taken == int(n) {
		t.Errorf("%d of %d sessions took pictures: the faults are too many or too few", taken, n)
	}
}

// randomFaults draws what goes wrong.
func randomFaults(seed uint64) ptptest.Config {
	r := rand.New(rand.NewPCG(seed, 5))
	half := func() bool { return r.IntN(2) == 0 }
	rarely := func(most int) int {
		if r.IntN(7) > 0 {
			return 0
		}
		return 1 + r.IntN(most)
	}
	return ptptest.Config{
		Seed: seed, Kind: ptptest.Kind(r.IntN(3)), OnCard: r.IntN(5),
		CaptureTime: time.Duration(1+r.IntN(2000)) * time.Millisecond,
		NoPartial:   half(), NoEvents: rarely(2) == 1, NoLive: half(), NoCard: rarely(2) == 1, NoEnd: half(), HeaderAlone: half(),
		Raw: half(), Refuse: rarely(3), Busy: rarely(3), NotReady: rarely(9), NotDeleted: rarely(2) == 1, SessionOpen: half(),
		Empty: rarely(3), SizeOff: rarely(16)%9 - rarely(4), NoConfig: rarely(4) == 1,
		UnplugAt: rarely(150), SilentAt: rarely(150), StallAt: rarely(150), ShortAt: rarely(80), LostAt: rarely(60), LateAt: rarely(60),
		GarbleAt: rarely(120), Garble: func(b []byte) []byte {
			at := min(len(b), 40)
			if len(b) > 400 { // the bus has sums against changes in the midst of a file
				at = 12
			}
			b[r.IntN(at)] ^= 1 << r.IntN(8)
			return b
		},
	}
}

// session opens a camera, looks through it, takes two stills and closes it.
func session(t *testing.T, c ptptest.Config) (transfers, stills int) {
	t.Helper()
	what := fmt.Sprintf("seed %d, kind %d, unplugged %d, silent %d, stalled %d, short %d, lost %d, late %d, garbled %d",
		c.Seed, c.Kind, c.UnplugAt, c.SilentAt, c.StallAt, c.ShortAt, c.LostAt, c.LateAt, c.GarbleAt)
	synctest.Test(t, func(t *testing.T) {
		s := sim(c)
		begun := time.Now()
		cam, err := Open(t.Context(), s, Options{})
		if err == nil {
			err = play(t, what, cam)
			stills = cam.Stats().Stills
			if err := cam.Close(); err != nil {
				t.Errorf("%s: closing: %v", what, err)
			}
		}
		if err != nil && !errors.Is(err, device.ErrUnplugged) && !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrGarbled) {
			t.Errorf("%s: %v, which is none of the errors promised", what, err)
		}
		if took := time.Since(begun); took > 90*time.Second {
			t.Errorf("%s: took %v", what, took)
		}
		if !s.Gone() {
			t.Errorf("%s: the bus is open", what)
		}
		transfers = s.Transfers()
	})
	return transfers, stills
}

// play takes a few pictures in two sequences.
func play(t *testing.T, what string, cam *Camera) error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 {
		i := 0
		cam.Shoot()
		for p, err := range cam.Frames(ctx) {
			if errors.As(err, new(device.Retry)) {
				continue
			}
			if err != nil {
				return err
			}
			if p.Encoded != nil && !among(p.Encoded, shots()) {
				t.Errorf("%s: picture %d is none the camera took", what, i)
			}
			if i++; i == 4 || !cam.Moves() {
				break
			}
		}
	}
	return nil
}
