package fm220

import (
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/fm220/fm220test"
)

func options() Options {
	return Options{USB: device.USBInfo{USBID: device.USBID{Vendor: 0x0bca, Product: 0x8225}, Serial: "0123"}}
}

// open opens a scanner on sim.
func open(t *testing.T, sim *fm220test.Sim) *Scanner {
	t.Helper()
	s, err := Open(t.Context(), sim, options())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

// finger is what touches the glass in every script. It is only read.
var finger = sync.OnceValue(func() *image.Gray { return fm220test.Ridges(11) })

func touch(sim *fm220test.Sim) { sim.Touch(finger()) }
func lift(sim *fm220test.Sim)  { sim.Lift() }

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		sim    fm220test.Config
		want   error
		text   string // of the error
		resets int
		took   time.Duration // virtual, at most
	}{
		{name: "a monochrome sensor", took: 900 * time.Millisecond},
		{name: "a Micron sensor", sim: fm220test.Config{Type: 3}, took: 900 * time.Millisecond},
		{name: "a sensor of type 1", sim: fm220test.Config{Type: 1}, text: "type 1, for which no way to a picture", took: 900 * time.Millisecond},
		{name: "a sensor nobody knows", sim: fm220test.Config{Type: 7}, want: device.ErrGarbled, text: "type 7", took: 900 * time.Millisecond},
		{name: "a device of another name", sim: fm220test.Config{ROM: map[int]byte{2: 'X'}}, want: device.ErrGarbled, text: "does not begin with FM220", took: 300 * time.Millisecond},
		{name: "an empty EEPROM", sim: fm220test.Config{ROM: map[int]byte{0: 0xff, 1: 0xff}}, want: device.ErrGarbled, text: "does not begin", took: 300 * time.Millisecond},
		{name: "a platen larger than the sensor", sim: fm220test.Config{Clip: fm220test.Clip{Width: 700, Height: 290}}, want: device.ErrGarbled, text: "700x290", took: 900 * time.Millisecond},
		{name: "a platen of nothing", sim: fm220test.Config{Clip: fm220test.Clip{Width: 300, Height: 0, Top: 1}}, want: device.ErrGarbled, text: "300x0", took: 900 * time.Millisecond},
		{name: "a platen beside the sensor", sim: fm220test.Config{Clip: fm220test.Clip{Width: 300, Height: 290, Left: 640}}, want: device.ErrGarbled, text: "at 640,0", took: 900 * time.Millisecond},
		{name: "silent until it is reset", sim: fm220test.Config{NeedsReset: true}, resets: 1, took: 1400 * time.Millisecond},
		{name: "the first byte does not come", sim: fm220test.Config{ROMSilent: 1}, resets: 1, took: 1400 * time.Millisecond},
		{name: "the EEPROM never answers", sim: fm220test.Config{ROMSilent: 99}, want: device.ErrSilent, resets: 1, took: 2200 * time.Millisecond},
		{name: "silent for ever", sim: fm220test.Config{SilentAt: 1}, want: device.ErrSilent, resets: 1, took: 1200 * time.Millisecond},
		{name: "leaves the bus at the reset", sim: fm220test.Config{NeedsReset: true, Unresettable: true}, want: device.ErrUnplugged, resets: 1, took: 900 * time.Millisecond},
		{name: "answers to a program before", sim: fm220test.Config{StaleAnswers: 3}, took: 900 * time.Millisecond},
		{name: "half of a command is taken", sim: fm220test.Config{ShortAt: 5}, want: device.ErrGarbled, took: 900 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := fm220test.New(c.sim)
				begin := time.Now()
				s, err := Open(t.Context(), sim, options())
				if took := time.Since(begin); took > c.took {
					t.Errorf("Open took %v, want at most %v", took, c.took)
				}
				good := c.want == nil && c.text == ""
				if (err == nil) != good || c.want != nil && !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.text) {
					t.Fatalf("Open: %v, want %v %q", err, c.want, c.text)
				}
				if err == nil {
					if err := s.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				}
				if !sim.Gone() {
					t.Error("the device is still open")
				}
				if sim.Resets() != c.resets {
					t.Errorf("%d resets, want %d", sim.Resets(), c.resets)
				}
				if wrong := sim.Wrong(); len(wrong) > 0 {
					t.Errorf("commands that are none: %q", wrong)
				}
			})
		})
	}
}

func TestOpenRefusesAnother(t *testing.T) {
	sim := fm220test.New(fm220test.Config{})
	o := options()
	o.USB.USBID = device.USBID{Vendor: 0x0bca, Product: 0x8160}
	if _, err := Open(t.Context(), sim, o); err == nil || !strings.Contains(err.Error(), "0bca:8160 is none of") {
		t.Errorf("Open of an FP160: %v", err)
	}
	if !sim.Gone() || sim.Transfers() > 0 {
		t.Errorf("the device is open: %t, after %d transfers", !sim.Gone(), sim.Transfers())
	}
}

// TestSetUp: the sensor gets what stands in the EEPROM.
func TestSetUp(t *testing.T) {
	for _, c := range []struct {
		name string
		kind byte
		want map[byte]int
	}{
		{"type 0", 0, map[byte]int{0x00: 10, 0x01: 20, 0x02: 30, 0x05: 72, 0x06: 128, 0x10: 200, 0x17: 28, 0x18: 188}},
		{"type 3", 3, map[byte]int{0x35: 10, 0x09: 400}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := fm220test.New(fm220test.Config{Type: c.kind})
				s := open(t, sim)
				defer s.Close()
				if got := sim.Registers(); !maps.Equal(got, c.want) {
					t.Errorf("registers %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, fm220test.New(fm220test.Config{}))
		defer s.Close()
		want := device.Info{
			Maker: "Startek", Model: "FM220U", Serial: "0123", Firmware: "1.5/14100309",
			Driver: "fm220", Version: "1 500x500 ppi, as calibrated by the maker",
		}
		if got := s.Info(); got != want {
			t.Errorf("Info() = %+v, want %+v", got, want)
		}
		want.Firmware = ""
		if got, ok := Describe(options()); got != want || !ok {
			t.Errorf("Describe() = %+v, %t, want %+v", got, ok, want)
		}
	})
}

// A step of a script is done when so many frames were seen.
type script map[int]func(*fm220test.Sim)

// play opens sim and scans until limit frames were yielded or the sequence ends.
// It returns a letter for each: c clear, F finger, and the error.
func play(t *testing.T, sim *fm220test.Sim, steps script, limit int) (string, error) {
	t.Helper()
	return playOn(t, sim, sim, steps, limit)
}

// playOn is play of a device behind a bus.
func playOn(t *testing.T, bus device.USB, sim *fm220test.Sim, steps script, limit int) (string, error) {
	t.Helper()
	s, err := Open(t.Context(), bus, options())
	if err != nil {
		return "", err
	}
	defer s.Close()
	return scan(t.Context(), s, sim, steps, limit)
}

func scan(ctx context.Context, s *Scanner, sim *fm220test.Sim, steps script, limit int) (string, error) {
	return devicetest.Letters(s.Frames(ctx), limit, func(seen int) {
		if step := steps[seen]; step != nil {
			step(sim)
		}
	})
}

func TestPresentations(t *testing.T) {
	for _, c := range []struct {
		name  string
		sim   fm220test.Config
		steps script
		want  string
	}{
		{name: "nobody comes", want: "cccc"},
		{name: "a finger comes and goes", steps: script{1: touch, 3: lift}, want: "cFFcc"},
		{name: "before a Micron sensor", sim: fm220test.Config{Type: 3}, steps: script{1: touch, 3: lift}, want: "cFFcc"},
		{name: "pictures come late", sim: fm220test.Config{ImageTime: 1400 * time.Millisecond}, steps: script{1: touch, 3: lift}, want: "cFFcc"},
		{name: "what was left from before is thrown away", sim: fm220test.Config{Babble: 400_000}, steps: script{1: touch}, want: "cF"},
		{name: "empty packets while it is drained", sim: fm220test.Config{EmptyPackets: true}, steps: script{1: touch}, want: "cF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := fm220test.New(c.sim)
				got, err := play(t, sim, c.steps, len(c.want))
				if got != c.want || err != nil {
					t.Errorf("frames %q, error %v, want %q and none", got, err, c.want)
				}
				if sim.Lit() || len(sim.Wrong()) > 0 {
					t.Errorf("in the end the light is on: %t; commands that are none: %q", sim.Lit(), sim.Wrong())
				}
			})
		})
	}
}

// faulty alters the pictures from first to last.
func faulty(first, last int, alter func([]byte) []byte) func(int, []byte) []byte {
	return func(n int, data []byte) []byte {
		if n >= first && n <= last {
			return alter(data)
		}
		return data
	}
}

func cut(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
func longer(b []byte) []byte        { return append(b, b[:1000]...) }

func TestBadPictures(t *testing.T) {
	for _, c := range []struct {
		name string
		sim  fm220test.Config
		want string
		err  error
	}{
		{name: "a short picture", sim: fm220test.Config{Image: faulty(2, 2, cut(1000))}, want: "cFFF"},
		{name: "a picture that lacks a byte", sim: fm220test.Config{Image: faulty(2, 3, cut(imageSize-1))}, want: "cFFF"},
		{name: "a picture that never comes", sim: fm220test.Config{Image: faulty(2, 2, cut(0))}, want: "cFFF"},
		{name: "pictures with more bytes than they have", sim: fm220test.Config{Image: faulty(1, 99, longer)}, want: "cFFF"},
		{name: "short pictures for ever", sim: fm220test.Config{Image: faulty(2, 99, cut(1000))}, want: "c", err: device.ErrGarbled},
		{name: "no picture for ever", sim: fm220test.Config{Image: faulty(2, 99, cut(0))}, want: "c", err: device.ErrSilent},
		{name: "pictures that take ten seconds", sim: fm220test.Config{ImageTime: 10 * time.Second}, err: device.ErrSilent},
		{name: "it never stops sending", sim: fm220test.Config{Chatter: true}, err: device.ErrGarbled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := play(t, fm220test.New(c.sim), script{1: touch}, 4)
				if got != c.want || !errors.Is(err, c.err) {
					t.Errorf("frames %q, error %v, want %q and %v", got, err, c.want, c.err)
				}
			})
		})
	}
}

// session is a whole one: opening, a clear glass, a finger, a clear glass again.
func session(t *testing.T, sim *fm220test.Sim) (string, error) {
	return play(t, sim, script{1: touch, 3: lift}, 4)
}

const sessionFrames = "cFFc"

// transfers is how many transfers an undisturbed session has.
func transfers(t *testing.T) int {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		sim := fm220test.New(fm220test.Config{})
		if got, err := session(t, sim); got != sessionFrames || err != nil {
			t.Fatalf("session: frames %q, error %v", got, err)
		}
		n = sim.Transfers()
	})
	if n < 80 {
		t.Fatalf("a session has %d transfers; it should have some 90", n)
	}
	return n
}

// stride is how many transfers, or times, an exhaustive test goes on at a time:
// with -short, as under the race detector, it is not exhaustive.
func stride() int {
	if testing.Short() {
		return 9
	}
	return 1
}

// TestFailsAnywhere has the device leave the bus, and fall silent, in every
// single transfer of a session.
func TestFailsAnywhere(t *testing.T) {
	n := transfers(t)
	for at := 1; at < n; at += stride() { // the last one turns off the light
		for want, c := range map[error]fm220test.Config{
			device.ErrUnplugged: {UnplugAt: at},
			device.ErrSilent:    {SilentAt: at},
		} {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				got, err := session(t, fm220test.New(c))
				if !errors.Is(err, want) || !strings.HasPrefix(sessionFrames, got) {
					t.Errorf("%v in transfer %d: frames %q, error %v", want, at, got, err)
				}
				if took := time.Since(begin); took > 8*time.Second {
					t.Errorf("%v in transfer %d: noticed after %v", want, at, took)
				}
			})
		}
	}
}

// TestCutAnywhere has the device leave the bus in the midst of each, too.
func TestCutAnywhere(t *testing.T) {
	devicetest.TestCut(t, func() (device.USB, func(*testing.T, device.USB) error) {
		sim := fm220test.New(fm220test.Config{})
		return sim, func(t *testing.T, bus device.USB) error {
			frames := "cFFc"
			got, err := playOn(t, bus, sim, script{1: touch, 3: lift}, len(frames))
			if !strings.HasPrefix(frames, got) || err == nil && got != frames {
				t.Errorf("frames %q, want %q", got, frames)
			}
			return err
		}
	})
}

// TestShortAnywhere cuts every single transfer to a half of it: what can be taken
// anew is, the rest is an error.
func TestShortAnywhere(t *testing.T) {
	n := transfers(t)
	for at := 1; at < n; at += stride() {
		synctest.Test(t, func(t *testing.T) {
			got, err := session(t, fm220test.New(fm220test.Config{ShortAt: at}))
			if err == nil && got != sessionFrames || err != nil && !errors.Is(err, device.ErrGarbled) {
				t.Errorf("transfer %d cut short: frames %q, error %v", at, got, err)
			}
		})
	}
}

// TestCancelAnywhen ends the context at every seventh millisecond of a session:
// nothing is yielded any more, the light is off, and a sequence begun thereafter
// works.
func TestCancelAnywhen(t *testing.T) {
	for ms := 0; ms < 350; ms += 7 * stride() {
		synctest.Test(t, func(t *testing.T) {
			sim := fm220test.New(fm220test.Config{})
			s := open(t, sim)
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
			if _, err := scan(ctx, s, sim, script{1: touch}, 100); err != nil || sim.Lit() {
				t.Errorf("cancelled after %d ms: error %v, light on %t; want none and off", ms, err, sim.Lit())
			}
			lift(sim)
			if got, err := scan(t.Context(), s, sim, script{1: touch, 2: lift}, 3); got != "cFc" || err != nil {
				t.Errorf("cancelled after %d ms, then a new sequence: frames %q, error %v", ms, got, err)
			}
		})
	}
}

// TestUse: what the caller does wrong, or at an unexpected time.
func TestUse(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*testing.T, *Scanner, *fm220test.Sim)
	}{
		{"closing from elsewhere ends a sequence", func(t *testing.T, s *Scanner, sim *fm220test.Sim) {
			ended := make(chan string)
			go func() {
				seen, err := scan(t.Context(), s, sim, nil, 1000)
				ended <- fmt.Sprint(len(seen), " ", err)
			}()
			time.Sleep(200 * time.Millisecond)
			for range 2 {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			}
			if got := <-ended; got != "1 scanning: the device was closed: device unplugged" {
				t.Errorf("frames and error %q, want a frame and that it was closed", got)
			}
			if _, err := scan(t.Context(), s, sim, nil, 1); !errors.Is(err, device.ErrUnplugged) {
				t.Errorf("Frames after Close: %v, want %v", err, device.ErrUnplugged)
			}
		}},
		{"a loop that panics leaves the light off and the scanner usable", func(t *testing.T, s *Scanner, sim *fm220test.Sim) {
			func() {
				defer func() { recover() }()
				for range s.Frames(t.Context()) {
					panic("the caller's fault")
				}
			}()
			if got, err := scan(t.Context(), s, sim, nil, 1); got != "c" || err != nil || sim.Lit() {
				t.Errorf("thereafter frames %q, error %v, light %t", got, err, sim.Lit())
			}
		}},
		{"two sequences at once are a mistake of the program", func(t *testing.T, s *Scanner, _ *fm220test.Sim) {
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
		}},
		{"after a failure a new sequence only repeats it", func(t *testing.T, s *Scanner, sim *fm220test.Sim) {
			_, first := scan(t.Context(), s, sim, script{1: (*fm220test.Sim).Unplug}, 9)
			_, second := scan(t.Context(), s, sim, nil, 9)
			if !errors.Is(first, device.ErrUnplugged) || first != second {
				t.Errorf("first %v, then %v", first, second)
			}
		}},
		{"no pixel of a print is left in the driver's buffers", func(t *testing.T, s *Scanner, sim *fm220test.Sim) {
			if got, err := scan(t.Context(), s, sim, script{1: touch}, 3); got != "cFF" || err != nil {
				t.Fatalf("frames %q, error %v", got, err)
			}
			left := slices.Concat(s.raw, s.pic.line, s.pic.out.Pix)
			for _, v := range s.pic.wide {
				left = append(left, byte(v), byte(v>>8))
			}
			for _, v := range s.pic.sums {
				left = append(left, byte(v), byte(v>>8))
			}
			if slices.ContainsFunc(left, func(v byte) bool { return v != 0 }) {
				t.Error("there are")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := fm220test.New(fm220test.Config{})
				s := open(t, sim)
				defer s.Close()
				c.do(t, s, sim)
			})
		})
	}
}
