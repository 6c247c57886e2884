package zfm20

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/serialport"
	"optag/device/serialport/serialporttest"
	"optag/device/zfm20/zfm20test"
)

// A bench is a module on a line in memory.
type bench struct {
	sim  *zfm20test.Sim
	line *serialporttest.Line
}

func attach(c zfm20test.Config, f serialporttest.Faults) bench {
	line, far := serialporttest.New(f)
	return bench{zfm20test.Attach(far, c), line}
}

func finger() *zfm20test.Finger { return &zfm20test.Finger{Name: 1, Image: zfm20test.Pattern()} }

func open(t *testing.T, line device.Serial, o Options) *Scanner {
	t.Helper()
	s, err := Open(t.Context(), line, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

// scan takes n elements, or as many as come in a while: c is a clear glass, F a
// finger whose picture is whole, a advice, X a wrong picture.
func scan(t *testing.T, s *Scanner, n int, while time.Duration, each func(n int)) (got string, last error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), while)
	defer cancel()
	want := zfm20test.Delivered(zfm20test.Pattern()).Pix
	for f, err := range s.Frames(ctx) {
		var advice device.Retry
		switch {
		case errors.As(err, &advice):
			got += "a"
		case err != nil:
			last = err
			continue
		case !f.Contact && bytes.Count(f.Image.Pix, []byte{255}) == len(f.Image.Pix):
			got += "c"
		case f.Contact && bytes.Equal(f.Image.Pix, want):
			got += "F"
		default:
			got += "X"
		}
		if len(got) == n {
			break
		}
		if each != nil {
			each(len(got))
		}
	}
	return got, last
}

func TestInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(zfm20test.Config{Greeting: "\x55", Capacity: 162}, serialporttest.Faults{})
		s := open(t, b.line, Options{Serial: "0123"})
		got := s.Info()
		if got.Certified || got.Driver != "zfm20" || got.Serial != "0123" || got.Firmware != "system 0009" || !strings.Contains(got.Version, "presence only") {
			t.Errorf("Info() = %+v", got)
		}
		if n := s.Capacity(); n != 162 {
			t.Errorf("Capacity() = %d, want 162", n)
		}
		s.Close()
		b.sim.Wait()
	})
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		sim    zfm20test.Config
		faults serialporttest.Faults
		o      Options
		want   error
	}{
		{name: "from the factory"},
		{name: "with a password", sim: zfm20test.Config{Password: 4711}, o: Options{Password: 4711}},
		{name: "another password", sim: zfm20test.Config{Password: 4711}, want: ErrPassword},
		{name: "an address", sim: zfm20test.Config{Address: 7}, o: Options{Address: 7}},
		{name: "another address", sim: zfm20test.Config{Address: 7}, want: device.ErrSilent},
		{name: "slow", sim: zfm20test.Config{Baud: 9600, Think: time.Second}},
		{name: "one answer comes late", faults: serialporttest.Faults{LateAt: 3, Late: 3 * time.Second}},
		{name: "a bit is wrong", faults: serialporttest.Faults{FlipAt: 9}},
		{name: "silent", faults: serialporttest.Faults{MuteAt: 5}, want: device.ErrSilent},
		{name: "unplugged", faults: serialporttest.Faults{UnplugAt: 20}, want: device.ErrUnplugged},
		{name: "refuses its parameters", sim: zfm20test.Config{Answer: func(_ int, command, code byte) byte {
			if command == cmdParameters {
				return 0x18
			}
			return code
		}}, want: device.ErrGarbled},
		{name: "garbles every packet", sim: zfm20test.Config{Packet: func(_ int, p []byte) []byte { p[8]++; return p }}, want: device.ErrSilent},
		{name: "wrong sums", sim: zfm20test.Config{Packet: func(_ int, p []byte) []byte { p[len(p)-1]++; return p }}, want: device.ErrGarbled},
		{name: "lies about the length", sim: zfm20test.Config{Packet: func(_ int, p []byte) []byte { p[7] = 0xff; return p }}, want: device.ErrGarbled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := attach(c.sim, c.faults)
				begun := time.Now()
				s, err := Open(t.Context(), b.line, c.o)
				if !errors.Is(err, c.want) {
					t.Errorf("Open: %v, want %v", err, c.want)
				}
				if took := time.Since(begun); took > 8*time.Second {
					t.Errorf("Open took %v", took)
				}
				if err == nil {
					s.Close()
				}
				if b.sim.Wait(); !b.line.Closed() {
					t.Error("the line is still open")
				}
			})
		})
	}
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name   string
		sim    zfm20test.Config
		o      Options
		faults serialporttest.Faults
		steps  map[int]func(*zfm20test.Sim)
		n      int
		want   string
	}{
		{name: "the glass is clear", n: 3, want: "ccc"},
		{
			name: "a touch", o: Options{Images: 1}, n: 5, want: "ccFcc",
			steps: map[int]func(*zfm20test.Sim){2: lay, 3: lift},
		},
		{
			name: "a finger lies for longer", o: Options{Images: 2}, n: 4, want: "cFF",
			steps: map[int]func(*zfm20test.Sim){1: lay},
		},
		{
			name: "for as long as it lies", n: 5, want: "cFFFF",
			steps: map[int]func(*zfm20test.Sim){1: lay},
		},
		{
			name: "at the speed of a real line", sim: zfm20test.Config{Baud: 57600}, n: 3, want: "cFF",
			steps: map[int]func(*zfm20test.Sim){1: lay},
		},
		{
			name: "the largest packets", sim: zfm20test.Config{PacketSize: 256}, n: 2, want: "cF",
			steps: map[int]func(*zfm20test.Sim){1: lay},
		},
		{
			name: "no picture could be taken, once", n: 4, want: "cacc",
			sim: zfm20test.Config{Answer: func(n int, command, code byte) byte {
				if n == 4 {
					return 0x03
				}
				return code
			}},
		},
		{
			name: "a packet of the picture is lost, and it is read again", n: 2, want: "cF",
			faults: serialporttest.Faults{DropAt: 10000, Drop: 139},
			steps:  map[int]func(*zfm20test.Sim){1: lay},
		},
		{
			name: "a bit of the picture is wrong, and it is read again", n: 2, want: "cF",
			faults: serialporttest.Faults{FlipAt: 10000},
			steps:  map[int]func(*zfm20test.Sim){1: lay},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := attach(c.sim, c.faults)
				s := open(t, b.line, c.o)
				got, err := scan(t, s, c.n, 30*time.Second, func(n int) {
					if step := c.steps[n]; step != nil {
						step(b.sim)
					}
				})
				if got != c.want || err != nil {
					t.Errorf("frames %q, error %v, want %q", got, err, c.want)
				}
				for _, v := range s.pix.Pix {
					if v != 0 {
						t.Fatal("a picture is left behind")
					}
				}
				s.Close()
				b.sim.Wait()
			})
		})
	}
}

func lay(s *zfm20test.Sim)  { s.Touch(finger()) }
func lift(s *zfm20test.Sim) { s.Touch(nil) }

// TestStoppedInAPicture: after a sequence that ended in the middle of a picture
// the next one waits for the line and goes on.
func TestStoppedInAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(zfm20test.Config{Baud: 57600}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		lay(b.sim)
		begun := time.Now()
		if got, err := scan(t, s, 1, 3*time.Second, nil); got != "" || err != nil {
			t.Fatalf("frames %q, error %v", got, err)
		}
		if took := time.Since(begun); took > 3100*time.Millisecond {
			t.Errorf("the sequence ended after %v", took)
		}
		if got, err := scan(t, s, 1, 20*time.Second, nil); got != "F" || err != nil {
			t.Errorf("frames %q, error %v, want F", got, err)
		}
		s.Close()
		b.sim.Wait()
	})
}

func TestOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(zfm20test.Config{Capacity: 10}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		ctx := t.Context()
		must := func(what string, err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		there, err := s.Present(ctx)
		if must("Present", err, nil); there {
			t.Error("a finger is present on a clear glass")
		}
		_, _, err = s.Identify(ctx)
		must("Identify on a clear glass", err, noFinger)
		b.sim.Touch(finger())
		if there, err = s.Present(ctx); err != nil || !there {
			t.Errorf("Present: %t, %v, want a finger", there, err)
		}
		_, _, err = s.Identify(ctx)
		must("Identify a stranger", err, notFound)
		must("Look", s.Look(ctx, 1), nil)
		b.sim.Touch(&zfm20test.Finger{Name: 2, Image: zfm20test.Pattern()})
		must("Look at another", s.Look(ctx, 2), nil)
		must("Learn two fingers as one", s.Learn(ctx, 3), notCombined)
		b.sim.Touch(finger())
		must("Look again", s.Look(ctx, 2), nil)
		must("Learn", s.Learn(ctx, 3), nil)
		if place, score, err := s.Identify(ctx); place != 3 || score == 0 || err != nil {
			t.Errorf("Identify: place %d, score %d, %v, want place 3", place, score, err)
		}
		b.sim.Touch(&zfm20test.Finger{Name: 1, Image: zfm20test.Pattern(), Messy: true})
		must("Look at a messy finger", s.Look(ctx, 1), tooMessy)
		must("Forget", s.Forget(ctx, 3), nil)
		if _, known := b.sim.Known(3); known {
			t.Error("the finger is still known")
		}
		for _, err := range []error{s.Learn(ctx, 10), s.Forget(ctx, -1), s.Look(ctx, 3)} {
			if err == nil {
				t.Error("a place or picture that is not there was used")
			}
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		_, err = s.Present(ended)
		must("Present when ended", err, context.Canceled)
		s.Close()
		_, err = s.Present(ctx)
		must("Present after Close", err, device.ErrUnplugged)
		b.sim.Wait()
	})
}

// TestInUse: while frames are taken the module answers nobody else.
func TestInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(zfm20test.Config{}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		got, err := scan(t, s, 2, time.Minute, func(int) {
			if _, err := s.Present(t.Context()); !errors.Is(err, device.ErrInUse) {
				t.Errorf("Present meanwhile: %v, want %v", err, device.ErrInUse)
			}
		})
		if got != "cc" || err != nil {
			t.Errorf("frames %q, error %v", got, err)
		}
		s.Close()
		b.sim.Wait()
	})
}

// TestCodes: each reason the module may give reads as one.
func TestCodes(t *testing.T) {
	for code := range 256 {
		text := Code(code).Error()
		if text == "" || strings.Contains(text, "%!") {
			t.Errorf("code %02x reads %q", code, text)
		}
	}
}

// TestManual: the packet of the manual's example.
func TestManual(t *testing.T) {
	want := []byte{0xef, 1, 0xff, 0xff, 0xff, 0xff, 1, 0, 7, 0x13, 0, 0, 0, 0, 0, 0x1b}
	if got := appendPacket(nil, AnyModule, idCommand, []byte{cmdPassword, 0, 0, 0, 0}); !bytes.Equal(got, want) {
		t.Errorf("packet % x, want % x", got, want)
	}
}

// TestTranscript: the driver says what stands in testdata, byte for byte.
func TestTranscript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, far := serialporttest.New(serialporttest.Faults{})
		done := devicetest.Play(t, "testdata/operator.transcript", far)
		s := open(t, line, Options{})
		if there, err := s.Present(t.Context()); there || err != nil {
			t.Errorf("Present: %t, %v, want none", there, err)
		}
		if place, score, err := s.Identify(t.Context()); place != 3 || score != 100 || err != nil {
			t.Errorf("Identify: place %d, score %d, %v, want 3 and 100", place, score, err)
		}
		s.Close()
		done()
	})
}

func TestContract(t *testing.T) {
	hurry := func(t *testing.T) (*Scanner, bench) {
		b := attach(zfm20test.Config{}, serialporttest.Faults{})
		lay(b.sim)
		return open(t, b.line, Options{}), b
	}
	t.Run("in memory", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			s, _ := hurry(t)
			return s
		})
	})
	t.Run("on a pseudo-terminal", func(t *testing.T) {
		devicetest.TestSource(t, onTerminal)
	})
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Scanner, func()) {
			s, b := hurry(t)
			return s, b.line.Unplug
		})
	})
	t.Run("silence", func(t *testing.T) {
		if os.Getenv("OPTAG_SOAK") == "" {
			t.Skip("ten seconds of waiting, done with OPTAG_SOAK=1; TestRandomFaults does it without")
		}
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Scanner, func()) {
			s, b := hurry(t)
			return s, b.line.Mute
		})
	})
}

func onTerminal(t *testing.T) device.Scanner {
	far, path := devicetest.Terminal(t)
	port, err := serialport.Open(path, Mode())
	if err != nil {
		t.Fatalf("opening the line: %v", err)
	}
	sim := zfm20test.Attach(far, zfm20test.Config{})
	lay(sim)
	return open(t, devicetest.Hung{Serial: port, Far: far}, Options{})
}

// TestUnpluggedAtEveryByte: wherever the line is lost, from the first byte of the
// first answer to the last of a picture, the scanner says so, and yields no part
// of a picture.
func TestUnpluggedAtEveryByte(t *testing.T) {
	for at := 1; at < 60000; at = next(at) {
		synctest.Test(t, func(t *testing.T) { faulty(t, serialporttest.Faults{UnplugAt: at}) })
	}
}

// next goes through all bytes but those in the middle of the picture, of which
// it takes a few.
func next(at int) int {
	if at > 120 && at < 40050 && os.Getenv("OPTAG_SOAK") == "" {
		return at + 397
	}
	if at > 40100 {
		return 60000
	}
	return at + 1
}

// TestRandomFaults: whatever goes wrong on the line, the scanner ends as it
// should, and yields no wrong picture.
func TestRandomFaults(t *testing.T) {
	runs := 200
	if os.Getenv("OPTAG_SOAK") != "" {
		runs = 10000
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 4))
			among := []int{60, 41000}[rng.IntN(2)]
			synctest.Test(t, func(t *testing.T) { faulty(t, serialporttest.Random(rng, among)) })
		})
	}
}

// faulty has a finger scanned over a line with faults.
func faulty(t *testing.T, faults serialporttest.Faults) {
	t.Helper()
	b := attach(zfm20test.Config{Baud: 115200, PacketSize: 256}, faults)
	s, err := Open(t.Context(), b.line, Options{Images: 1})
	begun, got := time.Now(), ""
	if err == nil {
		lay(b.sim)
		got, err = scan(t, s, 2, 40*time.Second, func(int) { lift(b.sim) })
		s.Close()
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("with %+v it took %v", faults, took)
	}
	// Silence is what it is, and so is the loss of three answers in a row.
	lost := faults.UnplugAt > 0 || faults.MuteAt > 0 || faults.Late > 2*time.Second || faults.Drop > 12
	switch {
	case strings.Contains(got, "X"):
		t.Errorf("with %+v: frames %q", faults, got)
	case err == nil && got != "Fc":
		t.Errorf("with %+v: frames %q, want Fc", faults, got)
	case err != nil && !device.Failed(err):
		t.Errorf("with %+v: %v", faults, err)
	case err != nil && !lost:
		t.Errorf("with %+v: %v, want it to recover", faults, err)
	}
	if b.sim.Wait(); !b.line.Closed() {
		t.Errorf("with %+v the line was left open", faults)
	}
}

// FuzzParse: whatever comes, parsing ends, moves on, and yields no packet that
// was not on the line.
func FuzzParse(f *testing.F) {
	good := appendPacket(nil, AnyModule, idAnswer, []byte{0, 1, 2})
	f.Add(good)
	f.Add(good[:7])
	f.Add(append([]byte("\x55\xef\xef"), good...))
	f.Add([]byte{0xef, 1, 0xff, 0xff, 0xff, 0xff, 7, 0xff, 0xff, 0})
	f.Add([]byte{0xef, 1, 0xff, 0xff, 0xff, 0xff, 7, 0, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		for rest := b; ; {
			p, used, err := parse(rest, AnyModule)
			if used < 0 || used > len(rest) {
				t.Fatalf("used %d of %d bytes", used, len(rest))
			}
			switch {
			case err == nil:
				whole := appendPacket(nil, AnyModule, p.id, p.data)
				if !bytes.HasSuffix(rest[:used], whole) {
					t.Fatalf("packet % x of % x", whole, rest[:used])
				}
			case errors.Is(err, errShort):
				if len(rest)-used > headerSize+maxPayload+sumSize {
					t.Fatalf("%d bytes are too few", len(rest)-used)
				}
				return
			case !errors.Is(err, device.ErrGarbled) || used == 0:
				t.Fatalf("used %d, %v", used, err)
			}
			rest = rest[used:]
		}
	})
}
