package uru4500

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/uru4500/uru4500test"
)

// seeds gives the scrambler's seeds of a test.
func seeds() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{45, 0}) }

func options() Options {
	return Options{
		USB:    device.USBInfo{USBID: turned, Serial: "0123"},
		Random: seeds(),
	}
}

// open opens a scanner on sim, in the bubble of a test.
func open(t *testing.T, sim *uru4500test.Sim, o Options) *Scanner {
	t.Helper()
	s, err := Open(t.Context(), sim, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func TestPowerUp(t *testing.T) {
	for _, c := range []struct {
		name string
		sim  uru4500test.Config
		want error
		took time.Duration // virtual, at most
	}{
		{name: "awake", took: 20 * time.Millisecond},
		{name: "in low power", sim: uru4500test.Config{Status: 0x81}, took: 20 * time.Millisecond},
		{name: "in low power, wakes at the fifth try", sim: uru4500test.Config{AsleepReads: 4}, took: 60 * time.Millisecond},
		{name: "in trouble, reboots", sim: uru4500test.Config{Status: 0x85, RebootReads: 7}, took: 100 * time.Millisecond},
		{name: "says thrice that it has power", sim: uru4500test.Config{PoweredTimes: 3}, took: 20 * time.Millisecond},
		{name: "says it late", sim: uru4500test.Config{PoweredDelay: 250 * time.Millisecond}, took: 300 * time.Millisecond},
		{name: "says it after the first wait", sim: uru4500test.Config{PoweredDelay: 400 * time.Millisecond}, took: 450 * time.Millisecond},
		{name: "says it at the second power-up", sim: uru4500test.Config{PoweredLost: 1}, took: 350 * time.Millisecond},
		{name: "says it at the third power-up", sim: uru4500test.Config{PoweredLost: 2}, took: 650 * time.Millisecond},
		{name: "empty packets before it", sim: uru4500test.Config{EmptyPackets: 5}, took: 50 * time.Millisecond},
		{name: "two broken packets before it", sim: uru4500test.Config{BrokenEvents: 2}, took: 20 * time.Millisecond},
		{name: "never says it", sim: uru4500test.Config{PoweredLost: 99}, want: device.ErrSilent, took: time.Second},
		{name: "never says anything", sim: uru4500test.Config{StallEvents: true}, want: device.ErrSilent, took: time.Second},
		{name: "never wakes", sim: uru4500test.Config{AsleepReads: 1000}, want: device.ErrSilent, took: 1100 * time.Millisecond},
		{name: "never ends rebooting", sim: uru4500test.Config{Status: 0x85, RebootReads: 1000}, want: device.ErrSilent, took: 1100 * time.Millisecond},
		{name: "broken packets only", sim: uru4500test.Config{BrokenEvents: 1000}, want: device.ErrGarbled, took: 20 * time.Millisecond},
		{name: "answers no register", sim: uru4500test.Config{SilentAt: 2}, want: device.ErrSilent, took: 1100 * time.Millisecond},
		{name: "answers half a register", sim: uru4500test.Config{ShortTransfer: 1}, want: device.ErrGarbled, took: 20 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := uru4500test.New(c.sim)
				begin := time.Now()
				s, err := Open(t.Context(), sim, options())
				if took := time.Since(begin); took > c.took {
					t.Errorf("Open took %v, want at most %v", took, c.took)
				}
				if !errors.Is(err, c.want) {
					t.Fatalf("Open: %v, want %v", err, c.want)
				}
				if err == nil {
					if err := s.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				}
				if !sim.Gone() {
					t.Error("the device is still open")
				}
			})
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Options)
		want string
	}{
		{"a device of another maker", func(o *Options) { o.USB.USBID = device.USBID{Vendor: 0x045e, Product: 0x00bb} }, "045e:00bb is none of"},
		{"no randomness", func(o *Options) { o.Random = nil }, "randomness"},
		{"half a calibration", func(o *Options) { o.PPI = [2]float64{540, 0} }, "540x0 ppi"},
		{"a calibration that is no number", func(o *Options) { o.PPI = [2]float64{math.NaN(), 370} }, "NaNx370 ppi"},
		{"a calibration that cannot be", func(o *Options) { o.PPI = [2]float64{540, 5000} }, "540x5000 ppi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim := uru4500test.New(uru4500test.Config{})
			o := options()
			c.set(&o)
			_, err := Open(t.Context(), sim, o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open: %v, want %q", err, c.want)
			}
			if !sim.Gone() {
				t.Error("the device is still open")
			}
		})
	}
}

func TestInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, uru4500test.New(uru4500test.Config{}), options())
		defer s.Close()
		want := device.Info{
			Maker: "DigitalPersona", Model: "U.are.U 4000B/4500", Serial: "0123", Firmware: "0010/0115",
			Driver: "uru4500", Version: "1 raw 540x370 ppi, estimated",
		}
		if got := s.Info(); got != want {
			t.Errorf("Info() = %+v, want %+v", got, want)
		}
		o := options()
		o.PPI = [2]float64{541.3, 369.2}
		want.Firmware, want.Version = "", "1 raw 541.3x369.2 ppi, measured"
		if got, ok := Describe(o); got != want || !ok {
			t.Errorf("Describe() = %+v, %t, want %+v", got, ok, want)
		}
	})
}

// firstPrint opens sim, lays img on its glass and returns a copy of the first
// frame with contact.
func firstPrint(t *testing.T, sim *uru4500test.Sim, o Options, img *image.Gray) (*image.Gray, [2]int) {
	t.Helper()
	s := open(t, sim, o)
	defer s.Close()
	sim.Touch(img)
	for f, err := range s.Frames(t.Context()) {
		if err != nil {
			t.Fatalf("Frames: %v", err)
		}
		if f.Contact {
			got := image.NewGray(f.Image.Rect)
			copy(got.Pix, f.Image.Pix)
			return got, f.PPI
		}
	}
	t.Fatal("no frame with contact")
	return nil, [2]int{}
}

func TestPixels(t *testing.T) {
	const s, r, k, n = uru4500test.Scrambled, uru4500test.Repeated, uru4500test.KeepKey, uru4500test.NewKey
	for _, c := range []struct {
		name   string
		blocks []uru4500test.Block
	}{
		{"as a real device sends", uru4500test.RealBlocks()},
		{"nothing scrambled", []uru4500test.Block{{Flags: 0, Lines: 145}, {Flags: r, Lines: 1}, {Flags: 0, Lines: 144}}},
		{"the key moves on over plain lines", []uru4500test.Block{{Flags: 0, Lines: 200}, {Flags: r, Lines: 3}, {Flags: s, Lines: 87}}},
		{"the key rests over plain lines", []uru4500test.Block{{Flags: k, Lines: 200}, {Flags: r | k, Lines: 3}, {Flags: s, Lines: 87}}},
		{"marked scrambled with a resting key, and plain", []uru4500test.Block{{Flags: s | k, Lines: 34}, {Flags: r, Lines: 1}, {Flags: s, Lines: 255}}},
		{"the key changes", []uru4500test.Block{{Flags: s, Lines: 100}, {Flags: n | s, Lines: 100}, {Flags: r, Lines: 1}, {Flags: s, Lines: 89}}},
		{"the key changes at every block", []uru4500test.Block{{Flags: n | s, Lines: 9}, {Flags: n, Lines: 9}, {Flags: n | s, Lines: 71}, {Flags: r, Lines: 1}, {Flags: n | s, Lines: 200}}},
		{"fifteen blocks", []uru4500test.Block{
			{Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20},
			{Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20},
			{Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: s, Lines: 20}, {Flags: r, Lines: 10}, {Flags: s, Lines: 20}}},
		{"lines shown again and again", few()},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				img := uru4500test.Ridges(7)
				sim := uru4500test.New(uru4500test.Config{Blocks: c.blocks, Secret: 0xfeed})
				got, ppi := firstPrint(t, sim, options(), img)
				if want := uru4500test.Delivered(img, c.blocks); !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("%d of %d pixels differ", differing(got.Pix, want.Pix), len(want.Pix))
				}
				if ppi != EstimatedPPI() {
					t.Errorf("frame at %v ppi, want the estimate %v", ppi, EstimatedPPI())
				}
			})
		})
	}
}

func differing(a, b []byte) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestUpright: only the one model is turned.
func TestUpright(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.USB.USBID = device.USBID{Vendor: 0x05ba, Product: 0x0007}
		img := uru4500test.Ridges(3)
		got, _ := firstPrint(t, uru4500test.New(uru4500test.Config{}), o, img)
		want := uru4500test.Delivered(img, uru4500test.RealBlocks()).Pix
		for i, v := range got.Pix {
			if v != want[len(want)-1-i] {
				t.Fatalf("pixel %d of the 4000's picture is %d, want %d", i, v, want[len(want)-1-i])
			}
		}
	})
}

// TestSeeds: the seeds on the wire are those that were given, one for each key.
func TestSeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := uru4500test.New(uru4500test.Config{Blocks: []uru4500test.Block{{Flags: 2, Lines: 100}, {Flags: 1, Lines: 90}, {Flags: 0x82, Lines: 100}}})
		var sent []byte
		o := options()
		o.Random = bytes.NewReader([]byte{0x24, 0x21, 0xea, 0x51, 1, 2, 3, 4})
		firstPrint(t, sim, o, uru4500test.Ridges(1))
		for _, w := range sim.Seeds() {
			sent = append(sent, w[:]...)
		}
		if want := []byte{1, 0x24, 0x21, 0xea, 0x51, 2, 1, 2, 3, 4}; !bytes.Equal(sent, want) {
			t.Errorf("key numbers and seeds written: % x, want % x", sent, want)
		}
	})
}

// A step of a script is done when so many frames were seen.
type script map[int]func(*uru4500test.Sim)

// play opens sim and scans until limit frames were yielded or the sequence
// ends. It returns a letter for each: c clear, F finger, and the error.
func play(t *testing.T, sim *uru4500test.Sim, o Options, steps script, limit int) (string, error) {
	t.Helper()
	return playOn(t, sim, sim, o, steps, limit)
}

// playOn is play of a device behind a bus.
func playOn(t *testing.T, bus device.USB, sim *uru4500test.Sim, o Options, steps script, limit int) (string, error) {
	t.Helper()
	s, err := Open(t.Context(), bus, o)
	if err != nil {
		return "", err
	}
	defer s.Close()
	return scan(t.Context(), s, sim, steps, limit)
}

func scan(ctx context.Context, s *Scanner, sim *uru4500test.Sim, steps script, limit int) (string, error) {
	var seen strings.Builder
	for f, err := range s.Frames(ctx) {
		switch {
		case err != nil:
			return seen.String(), err
		case f.Contact:
			seen.WriteByte('F')
		default:
			seen.WriteByte('c')
		}
		if step := steps[seen.Len()]; step != nil {
			step(sim)
		}
		if seen.Len() == limit {
			break
		}
	}
	return seen.String(), nil
}

// finger is what touches the glass in every script. It is only read.
var finger = sync.OnceValue(func() *image.Gray { return uru4500test.Ridges(11) })

func touch(sim *uru4500test.Sim) { sim.Touch(finger()) }
func lift(sim *uru4500test.Sim)  { sim.Lift() }

func TestPresentations(t *testing.T) {
	for _, c := range []struct {
		name   string
		sim    uru4500test.Config
		images int
		steps  script
		limit  int
		want   string
	}{
		{name: "nobody comes", limit: 30, want: strings.Repeat("c", 30)},
		{name: "a finger comes and goes", steps: script{2: touch, 5: lift}, limit: 8, want: "ccFFFccc"},
		{name: "two fingers one after the other", steps: script{1: touch, 2: lift, 4: touch, 5: lift}, limit: 7, want: "cFccFcc"},
		{name: "a finger rests", steps: script{1: touch}, limit: 41, want: "c" + strings.Repeat("F", 40)},
		{name: "a finger rests and leaves in the midst of images", steps: script{1: touch, 30: lift}, limit: 33, want: "c" + strings.Repeat("F", 29) + "ccc"},
		{name: "one image for each touch", images: 1, steps: script{1: touch, 2: lift, 4: touch, 5: lift}, limit: 6, want: "cFccFc"},
		{name: "the finger is reported late", sim: uru4500test.Config{FingerDelay: 400 * time.Millisecond},
			steps: script{1: touch, 4: lift}, limit: 6, want: "ccFFcc"},
		{name: "a blank first image, the finger still there", sim: uru4500test.Config{Image: blankFirst}, steps: script{1: touch}, limit: 3, want: "cFF"},
		{name: "the sensor falls asleep", steps: script{1: func(s *uru4500test.Sim) { s.Sleep() }, 6: touch}, limit: 7, want: "ccccccF"},
		{name: "the sensor falls asleep under a finger that was taken", images: 1, steps: script{1: touch, 2: func(s *uru4500test.Sim) {
			time.AfterFunc(100*time.Millisecond, s.Sleep)
			time.AfterFunc(2*time.Second, s.Lift)
		}}, limit: 4, want: "cFcc"},
		{name: "power is announced again and again", steps: script{1: func(s *uru4500test.Sim) { s.Say(uru4500test.Powered); s.Say(0x7777) }, 2: touch}, limit: 3, want: "ccF"},
		{name: "images come late", sim: uru4500test.Config{ImageDelay: time.Second}, steps: script{1: touch, 3: lift}, limit: 4, want: "cFFc"},
		{name: "empty interrupts all the time", sim: uru4500test.Config{EmptyPackets: 20}, steps: script{1: touch, 3: lift}, limit: 4, want: "cFFc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := options()
				o.Images = c.images
				sim := uru4500test.New(c.sim)
				got, err := play(t, sim, o, c.steps, c.limit)
				if got != c.want || err != nil {
					t.Errorf("frames %q, error %v, want %q and none", got, err, c.want)
				}
				if sim.Mode() != modeOff {
					t.Errorf("mode %#02x in the end, want off", sim.Mode())
				}
			})
		})
	}
}

// blankFirst makes the first image white.
func blankFirst(n int, data []byte) []byte {
	if n == 1 {
		for i := 0; i < 2*maxBlocks; i += 2 {
			data[atBlocks+i] |= blockKeepKey
		}
		clear(data[headerSize:])
	}
	return data
}

// TestLyingFinger: a finger that lies there from the start is seen before any
// clear glass is reported, and in a second sequence too.
func TestLyingFinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := uru4500test.New(uru4500test.Config{})
		touch(sim)
		s := open(t, sim, options())
		defer s.Close()
		for range 3 {
			if got, err := scan(t.Context(), s, sim, nil, 2); got != "FF" || err != nil {
				t.Errorf("frames %q, error %v, want two with a finger", got, err)
			}
		}
	})
}

// faulty alters the images from first to last.
func faulty(first, last int, alter func([]byte) []byte) func(int, []byte) []byte {
	return func(n int, data []byte) []byte {
		if n >= first && n <= last {
			return alter(data)
		}
		return data
	}
}

func cut(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:min(n, len(b))] } }

func poke(at int, v ...byte) func([]byte) []byte {
	return func(b []byte) []byte { copy(b[at:], v); return b }
}

func TestBadImages(t *testing.T) {
	const ever = math.MaxInt
	for _, c := range []struct {
		name string
		sim  uru4500test.Config
		want string
		err  error
	}{
		{name: "a short image", sim: uru4500test.Config{Image: faulty(1, 1, cut(50_000))}, want: "cFFF"},
		{name: "an image cut in its header", sim: uru4500test.Config{Image: faulty(2, 3, cut(63))}, want: "cFFF"},
		{name: "four images without a byte", sim: uru4500test.Config{Image: faulty(1, 4, cut(0))}, want: "cFFF"},
		{name: "seven images without a byte", sim: uru4500test.Config{Image: faulty(1, 7, cut(0))}, want: "cFFF"},
		{name: "290 lines", sim: uru4500test.Config{Image: faulty(1, 1, poke(atLines, 34, 1))}, want: "cFFF"},
		{name: "65 535 lines", sim: uru4500test.Config{Image: faulty(1, 1, poke(atLines, 255, 255))}, want: "cFFF"},
		{name: "a picture of forty lines", sim: uru4500test.Config{Image: faulty(1, 1, func(b []byte) []byte {
			return poke(atBlocks, 2, 40, 0, 0)(poke(atLines, 40, 0)(b))
		})}, want: "cFFF"},
		{name: "the number of another key", sim: uru4500test.Config{Image: faulty(1, 2, poke(atKey, 200))}, want: "cFFF"},
		{name: "a scrambled line that is said to be plain", sim: uru4500test.Config{Image: faulty(1, 1, poke(atBlocks, 0))}, want: "cFFF"},
		{name: "a plain line that is said to be scrambled", sim: uru4500test.Config{Image: faulty(1, 1, poke(atBlocks+2, 2))}, want: "cFFF"},
		{name: "no line", sim: uru4500test.Config{Image: faulty(1, 1, poke(atLines, 0, 0))}, want: "cFFF"},
		{name: "no block", sim: uru4500test.Config{Image: faulty(1, 1, poke(atBlocks, 0, 0))}, want: "cFFF"},
		{name: "a block beyond the lines", sim: uru4500test.Config{Image: faulty(1, 1, poke(atBlocks+15, 255))}, want: "cFFF"},
		{name: "an announced death at the first image", sim: uru4500test.Config{DeathAt: 1}, want: "cFFF"},
		{name: "an announced death at the third image", sim: uru4500test.Config{DeathAt: 3}, want: "cFFF"},
		{name: "short images for ever", sim: uru4500test.Config{Image: faulty(2, ever, cut(10_000))}, want: "cF", err: device.ErrGarbled},
		{name: "empty images for ever", sim: uru4500test.Config{Image: faulty(2, ever, cut(0))}, want: "cF", err: device.ErrGarbled},
		{name: "images that take ten seconds", sim: uru4500test.Config{ImageDelay: 10 * time.Second}, want: "c", err: device.ErrSilent},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := play(t, uru4500test.New(c.sim), options(), script{1: touch}, 4)
				if got != c.want || !errors.Is(err, c.err) {
					t.Errorf("frames %q, error %v, want %q and %v", got, err, c.want, c.err)
				}
			})
		})
	}
}

// small is a device that sends little pictures, for tests that take thousands.
func small(c uru4500test.Config) *uru4500test.Sim {
	c.Blocks = few()
	return uru4500test.New(c)
}

// few is a layout of fifty lines, most of them shown again.
func few() []uru4500test.Block {
	again := uru4500test.Block{Flags: uru4500test.Repeated | uru4500test.KeepKey, Lines: 40}
	return []uru4500test.Block{again, again, again, again, again, again, {Flags: uru4500test.Scrambled, Lines: 50}}
}

// session is a whole one: power-up, clear glass, a finger for seventeen images,
// so that the device is asked about it, and a clear glass again.
func session(t *testing.T, sim *uru4500test.Sim) (string, error) {
	return play(t, sim, options(), script{1: touch, 18: lift}, 20)
}

const sessionFrames = "cFFFFFFFFFFFFFFFFFcc"

// stride is how many transfers an exhaustive test goes on at a time: with -short,
// as under the race detector, it is not exhaustive.
func stride() int {
	if testing.Short() {
		return 6
	}
	return 1
}

// transfers is how many transfers an undisturbed session has.
func transfers(t *testing.T) int {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		if got, err := session(t, sim); got != sessionFrames || err != nil {
			t.Fatalf("session: frames %q, error %v", got, err)
		}
		n = sim.Transfers()
	})
	return n
}

// TestUnplugAnywhere takes the device away in every single transfer of a session.
func TestUnplugAnywhere(t *testing.T) {
	n := transfers(t)
	if n < 60 {
		t.Fatalf("a session has %d transfers; it should have some 70", n)
	}
	for at := 1; at < n; at += stride() { // the last one switches off
		synctest.Test(t, func(t *testing.T) {
			sim := small(uru4500test.Config{UnplugAt: at})
			begin := time.Now()
			got, err := session(t, sim)
			if !errors.Is(err, device.ErrUnplugged) || !strings.HasPrefix(sessionFrames, got) {
				t.Errorf("unplugged in transfer %d: frames %q, error %v, want %v", at, got, err, device.ErrUnplugged)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("unplugged in transfer %d: noticed after %v", at, took)
			}
		})
	}
}

// TestCutAnywhere takes it away in the midst of each, too.
func TestCutAnywhere(t *testing.T) {
	devicetest.TestCut(t, func() (device.USB, func(*testing.T, device.USB) error) {
		sim := small(uru4500test.Config{})
		return sim, func(t *testing.T, bus device.USB) error {
			frames := "cFFcc"
			got, err := playOn(t, bus, sim, options(), script{1: touch, 3: lift}, len(frames))
			if !strings.HasPrefix(frames, got) || err == nil && got != frames {
				t.Errorf("frames %q, want %q", got, frames)
			}
			return err
		}
	})
}

// TestSilentAnywhere has the device fall silent in every single transfer: it is
// noticed, within what the driver gives a device that may still come round.
func TestSilentAnywhere(t *testing.T) {
	n := transfers(t)
	for at := 1; at < n; at += stride() {
		synctest.Test(t, func(t *testing.T) {
			sim := small(uru4500test.Config{SilentAt: at})
			begin := time.Now()
			got, err := session(t, sim)
			if !errors.Is(err, device.ErrSilent) {
				t.Errorf("silent from transfer %d: frames %q, error %v, want %v", at, got, err, device.ErrSilent)
			}
			if took := time.Since(begin); took > 8*time.Second {
				t.Errorf("silent from transfer %d: noticed after %v", at, took)
			}
		})
	}
}

// TestShortAnywhere cuts every single register transfer short by a byte.
func TestShortAnywhere(t *testing.T) {
	for at := 1; ; at += stride() {
		done := false
		synctest.Test(t, func(t *testing.T) {
			_, err := session(t, small(uru4500test.Config{ShortTransfer: at}))
			if done = err == nil; !done && !errors.Is(err, device.ErrGarbled) {
				t.Errorf("register transfer %d short: %v, want %v", at, err, device.ErrGarbled)
			}
		})
		if done {
			if at < 40 {
				t.Errorf("only %d register transfers", at)
			}
			return
		}
	}
}

// TestCancelAnywhen ends the context at every seventeenth millisecond of a session:
// nothing is yielded any more, the sensor is switched off, and a sequence begun
// thereafter works.
func TestCancelAnywhen(t *testing.T) {
	for ms := 0; ms < 1500; ms += 17 * stride() {
		synctest.Test(t, func(t *testing.T) {
			sim := small(uru4500test.Config{})
			s := open(t, sim, options())
			defer s.Close()
			kind := context.WithCancel
			if ms%2 == 0 {
				kind = func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeout(ctx, time.Duration(ms)*time.Millisecond)
				}
			}
			ctx, cancel := kind(t.Context())
			defer cancel()
			time.AfterFunc(time.Duration(ms)*time.Millisecond, cancel)
			steps := script{1: touch, 6: lift}
			_, err := scan(ctx, s, sim, steps, 100)
			if err != nil || sim.Mode() != modeOff {
				t.Errorf("cancelled after %d ms: error %v, mode %#02x; want none and off", ms, err, sim.Mode())
			}
			sim.Lift()
			if got, err := scan(t.Context(), s, sim, script{1: touch, 2: lift}, 3); got != "cFc" || err != nil {
				t.Errorf("cancelled after %d ms, then a new sequence: frames %q, error %v", ms, got, err)
			}
		})
	}
}

// TestEndedBefore: a context that has ended already yields nothing.
func TestEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, small(uru4500test.Config{}), options())
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for f, err := range s.Frames(ctx) {
			t.Fatalf("yielded %+v, %v", f, err)
		}
	})
}

// TestCloseDuringFrames: closing from elsewhere ends a sequence.
func TestCloseDuringFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		s := open(t, sim, options())
		ended := make(chan string)
		go func() {
			seen, err := scan(t.Context(), s, sim, nil, 1000)
			ended <- fmt.Sprint(len(seen), " ", err)
		}()
		time.Sleep(600 * time.Millisecond)
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		if got := <-ended; got != "2 <nil>" {
			t.Errorf("frames and error %q, want two frames and none", got)
		}
		if _, err := scan(t.Context(), s, sim, nil, 1); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("Frames after Close: %v, want %v", err, device.ErrUnplugged)
		}
	})
}

// TestLoopPanics: a loop that panics leaves the sensor off and the scanner usable.
func TestLoopPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := uru4500test.New(uru4500test.Config{})
		s := open(t, sim, options())
		defer s.Close()
		func() {
			defer func() { recover() }()
			for range s.Frames(t.Context()) {
				panic("the caller's fault")
			}
		}()
		if sim.Mode() != modeOff {
			t.Errorf("mode %#02x, want off", sim.Mode())
		}
		if got, err := scan(t.Context(), s, sim, nil, 1); got != "c" || err != nil {
			t.Errorf("thereafter frames %q, error %v", got, err)
		}
	})
}

// TestTwoSequences: two at once are a mistake of the program.
func TestTwoSequences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, uru4500test.New(uru4500test.Config{}), options())
		defer s.Close()
		for range s.Frames(t.Context()) {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("a second sequence ran")
					}
				}()
				for range s.Frames(t.Context()) {
					break
				}
			}()
			break
		}
	})
}

// TestFailureLasts: after a failure a new sequence only repeats it.
func TestFailureLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		s := open(t, sim, options())
		defer s.Close()
		_, first := scan(t.Context(), s, sim, script{1: (*uru4500test.Sim).Unplug}, 9)
		_, second := scan(t.Context(), s, sim, nil, 9)
		if !errors.Is(first, device.ErrUnplugged) || first != second {
			t.Errorf("first %v, then %v", first, second)
		}
	})
}

// TestNothingStays: no pixel of a print is left in the driver's buffers.
func TestNothingStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := small(uru4500test.Config{})
		o := options()
		o.PPI = [2]float64{540, 370}
		s := open(t, sim, o)
		defer s.Close()
		if got, err := scan(t.Context(), s, sim, script{1: touch}, 4); got != "cFFF" || err != nil {
			t.Fatalf("frames %q, error %v", got, err)
		}
		for name, b := range map[string][]byte{"raw": s.raw, "picture": s.pix.Pix, "resampled": s.out.Pix} {
			if n := len(bytes.Trim(b, "\x00")); n > 0 {
				t.Errorf("%s: %d bytes left", name, n)
			}
		}
	})
}
