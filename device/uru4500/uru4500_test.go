package uru4500

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/uru4500/uru4500test"
)

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
