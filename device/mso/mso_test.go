package mso

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/mso/msotest"
	"optag/device/serialport"
	"optag/device/serialport/serialporttest"
	"optag/device/tape"
)

// A bench is a device on a line in memory.
type bench struct {
	sim  *msotest.Sim
	line *serialporttest.Line
}

func attach(c msotest.Config, f serialporttest.Faults) bench {
	line, far := serialporttest.New(f)
	return bench{msotest.Attach(far, c), line}
}

func framing(rs232 bool) Options {
	if rs232 {
		return Options{Framing: RS232}
	}
	return Options{Framing: USB}
}

// bothFramings runs a test in either framing.
func bothFramings(t *testing.T, test func(t *testing.T, rs232 bool)) {
	t.Run("USB", func(t *testing.T) { test(t, false) })
	t.Run("RS-232", func(t *testing.T) { test(t, true) })
}

func open(t *testing.T, line device.Serial, o Options) *Scanner {
	t.Helper()
	s, err := Open(t.Context(), line, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

// scan takes n elements, or as many as come in a while: c is a clear glass, F a
// finger whose picture is whole, X a wrong picture, and advice is its own name.
func scan(t *testing.T, s *Scanner, n int, while time.Duration, each func(n int)) (got []string, last error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), while)
	defer cancel()
	for f, err := range s.Frames(ctx) {
		var advice device.Retry
		switch {
		case errors.As(err, &advice):
			got = append(got, string(advice))
		case err != nil:
			last = err
			continue
		case !f.Contact && bytes.Count(f.Image.Pix, []byte{255}) == len(f.Image.Pix):
			got = append(got, "c")
		case f.Contact && bytes.Equal(f.Image.Pix, msotest.Pattern(f.Image.Rect.Dx(), f.Image.Rect.Dy()).Pix):
			got = append(got, "F")
		default:
			got = append(got, "X")
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

func pattern() *image.Gray { return msotest.Pattern(416, 416) }

func TestInfo(t *testing.T) {
	bothFramings(t, func(t *testing.T, rs232 bool) {
		synctest.Test(t, func(t *testing.T) {
			b := attach(msotest.Config{RS232: rs232, Product: "CBM"}, serialporttest.Faults{})
			s := open(t, b.line, framing(rs232))
			want := device.Info{Maker: "Idemia", Model: "CBM", Serial: "1009C7", Firmware: "09.00.c-C", Driver: "mso", Version: "1 not verified on hardware"}
			if got := s.Info(); got != want {
				t.Errorf("Info() = %+v, want %+v", got, want)
			}
			s.Close()
			b.sim.Wait()
		})
	})
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		sim    msotest.Config
		faults serialporttest.Faults
		o      Options
		want   error
	}{
		{name: "as it should be"},
		{name: "on RS-232", sim: msotest.Config{RS232: true, Baud: 9600}, o: Options{Framing: RS232}},
		{name: "the wrong framing", sim: msotest.Config{RS232: true}, want: device.ErrSilent},
		{name: "the wrong framing, the other way", o: Options{Framing: RS232}, want: device.ErrSilent},
		{name: "silent", faults: serialporttest.Faults{MuteAt: 9}, want: device.ErrSilent},
		{name: "unplugged", faults: serialporttest.Faults{UnplugAt: 20}, want: device.ErrUnplugged},
		{name: "an empty answer", sim: msotest.Config{Answer: answer(0x05, "\x05\x00\x00")}, want: device.ErrGarbled},
		{name: "refuses", sim: msotest.Config{Answer: answer(0x05, "\x05\x01\x00\xf9")}, want: device.ErrGarbled},
		{name: "does not know the command", sim: msotest.Config{Answer: answer(0x05, "\x50\x01\x00\x05")}, want: device.ErrGarbled},
		{name: "lies about a length", sim: msotest.Config{Answer: answer(0x05, "\x05\x05\x00\x00\x29\xff\x00a")}, want: device.ErrGarbled},
		{name: "tells nothing", sim: msotest.Config{Answer: answer(0x05, "\x05\x01\x00\x00")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := attach(c.sim, c.faults)
				s, err := Open(t.Context(), b.line, c.o)
				if !errors.Is(err, c.want) {
					t.Errorf("Open: %v, want %v", err, c.want)
				}
				if err == nil {
					if i := s.Info(); i.Model == "" || i.Certified {
						t.Errorf("Info() = %+v", i)
					}
					s.Close()
				}
				if b.sim.Wait(); !b.line.Closed() {
					t.Error("the line is still open")
				}
			})
		})
	}
	line, _ := serialporttest.New(serialporttest.Faults{})
	if _, err := Open(t.Context(), line, Options{Framing: "morse"}); err == nil || !line.Closed() {
		t.Errorf("Open with an unknown framing: %v", err)
	}
}

// answer replaces the messages of one identifier.
func answer(id byte, by string) func(byte, []byte) []byte {
	return func(of byte, message []byte) []byte {
		if of == id {
			return []byte(by)
		}
		return message
	}
}

// first lets only the first so many answers be refused.
func first(n int, status, outcome byte) func(int) (byte, byte) {
	return func(nth int) (byte, byte) {
		if nth <= n {
			return status, outcome
		}
		return 0, 0
	}
}

func TestFrames(t *testing.T) {
	touch := func(s *msotest.Sim) { s.Touch(pattern()) }
	for _, c := range []struct {
		name   string
		sim    msotest.Config
		faults serialporttest.Faults
		steps  map[int]func(*msotest.Sim) // after so many elements
		n      int
		while  time.Duration
		want   string
		err    error
	}{
		{name: "the glass is clear", n: 3, want: "c c c"},
		{name: "clear for longer than the device waits", n: 30, want: strings.TrimSpace(strings.Repeat("c ", 30))},
		{
			name: "two fingers", n: 6, want: "c F lift c F lift",
			steps: map[int]func(*msotest.Sim){1: touch, 3: func(s *msotest.Sim) { s.Touch(nil) }, 4: touch},
		},
		{
			name: "a finger lies from the beginning and is left lying", n: 9, while: 20 * time.Second, want: "F lift",
			steps: map[int]func(*msotest.Sim){0: touch},
		},
		{
			name: "advice", n: 6, want: "c centre press_harder wipe_glass lift F",
			steps: map[int]func(*msotest.Sim){
				1: func(s *msotest.Sim) {
					go func() {
						for _, say := range []byte{msotest.Up, msotest.Up, msotest.Harder, msotest.Latent, msotest.Remove, 200} {
							s.Say(say)
						}
					}()
				},
				5: touch,
			},
		},
		{name: "too moist", sim: msotest.Config{Tireless: true, Outcome: first(1, 0xda, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "wipe_finger F"},
		{name: "not real, perhaps", sim: msotest.Config{Tireless: true, Outcome: first(1, 0xdb, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "wipe_finger F"},
		{name: "moved", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 0x24)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "hold_still F"},
		{name: "too dark", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 0x25)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "press_less F"},
		{name: "bad quality", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 6)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "press_harder F"},
		{name: "an old print", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 3)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "wipe_glass F"},
		{name: "unusable", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 0x26)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "centre F"},
		{name: "busy at first", sim: msotest.Config{Tireless: true, Outcome: first(2, 0xf5, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, want: "F"},
		{name: "fails once", sim: msotest.Config{Tireless: true, Outcome: first(1, 0xff, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, want: "F"},
		{name: "fails for good", sim: msotest.Config{Tireless: true, Outcome: first(99, 0xff, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "the database is full, it says", sim: msotest.Config{Tireless: true, Outcome: first(99, 0, 4)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "aborts without being asked to", sim: msotest.Config{Tireless: true, Outcome: first(99, 0xe5, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "no picture in the answer", sim: msotest.Config{Tireless: true, Answer: answer(0x21, "\x21\x06\x00\x00\x00\x00\x00\x00\x00")}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "empty answers", sim: msotest.Config{Tireless: true, Answer: answer(0x21, "\x21\x00\x00")}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "silent in the middle of a picture", faults: serialporttest.Faults{MuteAt: 50000}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrSilent},
		{name: "a picture cut short, then a whole one", faults: serialporttest.Faults{DropAt: 50000, Drop: 10}, sim: msotest.Config{Tireless: true}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, want: "F"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothFramings(t, func(t *testing.T, rs232 bool) {
				synctest.Test(t, func(t *testing.T) {
					c.sim.RS232 = rs232
					b := attach(c.sim, c.faults)
					s := open(t, b.line, framing(rs232))
					step := func(n int) {
						if f := c.steps[n]; f != nil {
							f(b.sim)
						}
					}
					step(0)
					got, err := scan(t, s, c.n, max(c.while, 10*time.Second), step)
					if strings.Join(got, " ") != c.want || !errors.Is(err, c.err) {
						t.Errorf("%q, error %v, want %q and %v", strings.Join(got, " "), err, c.want, c.err)
					}
					if bytes.Trim(s.pix.Pix, "\x00") != nil || bytes.Trim(s.w.buf[:cap(s.w.buf)], "\x00") != nil {
						t.Error("a picture is left behind")
					}
					s.Close()
					b.sim.Wait()
				})
			})
		})
	}
}

// TestSizes: the pictures of each model.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		product       string
		columns, rows int
	}{{"MSO 300", 416, 416}, {"CBM", 256, 400}, {"MSO FVP", 400, 400}} {
		synctest.Test(t, func(t *testing.T) {
			b := attach(msotest.Config{Product: c.product, Columns: c.columns, Rows: c.rows}, serialporttest.Faults{})
			s := open(t, b.line, Options{})
			sizes := map[image.Point]bool{}
			for f, err := range s.Frames(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				sizes[f.Image.Rect.Size()] = true
				if f.PPI != [2]int{500, 500} {
					t.Errorf("%s: a frame at %v ppi", c.product, f.PPI)
				}
				if f.Contact {
					break
				}
				b.sim.Touch(msotest.Pattern(c.columns, c.rows))
			}
			if len(sizes) != 1 || !sizes[image.Pt(c.columns, c.rows)] {
				t.Errorf("%s: frames of %v, want %dx%d", c.product, sizes, c.columns, c.rows)
			}
			s.Close()
			b.sim.Wait()
		})
	}
}

func TestModel(t *testing.T) {
	for id, want := range map[device.USBID]string{
		{Vendor: 0x079b, Product: 0x0024}: "MSO 300",
		{Vendor: 0x225d, Product: 0x000a}: "MSO 300",
		{Vendor: 0x079b, Product: 0x0047}: "CBM",
		{Vendor: 0x05ba, Product: 0x000a}: "",
	} {
		if got, ok := Model(id); got != want || ok != (want != "") {
			t.Errorf("Model(%v) = %q, %t, want %q", id, got, ok, want)
		}
	}
}

// TestReason: behind the advice stands why.
func TestReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(msotest.Config{Outcome: first(1, 0xdb, 0)}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		b.sim.Touch(pattern())
		for _, err := range s.Frames(t.Context()) {
			var status Status
			if !errors.Is(err, device.WipeFinger) || !errors.As(err, &status) || status != statusFake {
				t.Errorf("yielded %v, want advice for %v", err, statusFake)
			}
			break
		}
		s.Close()
		b.sim.Wait()
	})
}

// TestWhatIsSaid: the device is told to take a finger as its published samples
// tell it, to end that, and nothing about its memory of fingers.
func TestWhatIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(msotest.Config{}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		scan(t, s, 2, 10*time.Second, nil)
		s.Close()
		b.sim.Wait()
		if got, want := b.sim.Commands(), []byte{0x70, 0x05, 0x21, 0x70}; !bytes.Equal(got, want) {
			t.Errorf("commands % x, want % x", got, want)
		}
	})
	want := []byte{0x21, 0x1c, 0, 0, 3, 0, 0, 1, 1, 0, 0,
		0x34, 4, 0, 1, 0, 0, 0, 0x3d, 6, 0, 0, 0x3e, 2, 0, 0x2c, 0, 0x39, 1, 0, 1}
	if got := enrolCommand(); !bytes.Equal(got, want) {
		t.Errorf("the command is % x, want % x", got, want)
	}
}

func TestWords(t *testing.T) {
	for v := range 256 {
		for _, text := range []string{Status(v).Error(), Outcome(v).Error()} {
			if !strings.HasPrefix(text, "the device says: ") || strings.Contains(text, "%!") {
				t.Errorf("%02x reads %q", v, text)
			}
		}
	}
}

func TestStuffing(t *testing.T) {
	data := []byte{0x05, 0x01, 0x00, 0x2f, 0x1b, 0x11, 0x13, 0x02, 0x03}
	packet := appendPacket(nil, fromDevice|kindData|isFirst|isLast, 0x11, data)
	if want := []byte{2, 0xe1, 0x1b, 0x12, 5, 1, 0, 0x2f, 0x1b, 0x1b, 0x1b, 0x12, 0x1b, 0x14, 2, 3}; !bytes.HasPrefix(packet, want) {
		t.Errorf("packet % x, want it to begin % x", packet, want)
	}
	for n := range packet {
		if _, _, _, err := parseSerial(packet[:n]); !errors.Is(err, errShort) {
			t.Errorf("%d bytes of a packet: %v", n, err)
		}
	}
	p, skipped, used, err := parseSerial(append([]byte("\x02\x61\x00junk"), packet...))
	if err != nil || skipped != 7 || used != 7+len(packet) || p.counter != 0x11 || !bytes.Equal(p.data, data) {
		t.Errorf("parsed %+v, skipped %d, used %d, %v", p, skipped, used, err)
	}
	// CRC-16/XMODEM, whose check value is published.
	if got := crc16([]byte("123456789")); got != 0x31c3 {
		t.Errorf("checksum %04x, want 31c3", got)
	}
}

// play puts a conversation that stands in testdata at the far end of a line; done
// says whether all of it was said.
func play(t *testing.T, file string) (line *serialporttest.Line, done func()) {
	t.Helper()
	text, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	transcript, err := tape.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	playback := tape.PlayStream(transcript)
	line, far := serialporttest.New(serialporttest.Faults{})
	var ends sync.WaitGroup
	ends.Go(func() { io.Copy(far, playback) })
	ends.Go(func() { io.Copy(playback, far) })
	return line, func() {
		t.Helper()
		if err := playback.Close(); err != nil {
			t.Error(err)
		}
		ends.Wait()
	}
}

// TestTranscript: the driver says what stands in testdata, byte for byte.
func TestTranscript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, done := play(t, "moist.transcript")
		s := open(t, line, Options{})
		if i := s.Info(); i.Serial != "1009C7" || i.Firmware != "09.00.c-C" {
			t.Errorf("Info() = %+v", i)
		}
		got, err := scan(t, s, 3, 10*time.Second, nil)
		if strings.Join(got, " ") != "c press_harder wipe_finger" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.Close()
		done()
	})
}

func TestContract(t *testing.T) {
	busy := func(t *testing.T, rs232 bool) (*Scanner, bench) {
		b := attach(msotest.Config{RS232: rs232, Tireless: true}, serialporttest.Faults{})
		b.sim.Touch(pattern())
		return open(t, b.line, framing(rs232)), b
	}
	bothFramings(t, func(t *testing.T, rs232 bool) {
		devicetest.TestSource(t, func(t *testing.T) device.Scanner {
			s, _ := busy(t, rs232)
			return s
		})
	})
	t.Run("on a pseudo-terminal", func(t *testing.T) {
		devicetest.TestSource(t, onTerminal)
	})
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.Scanner, func()) {
			s, b := busy(t, false)
			return s, b.line.Unplug
		})
	})
	t.Run("silence", func(t *testing.T) {
		if os.Getenv("OPTAG_SOAK") == "" {
			t.Skip("ten seconds of waiting, done with OPTAG_SOAK=1; TestRandomFaults does it without")
		}
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.Scanner, func()) {
			s, b := busy(t, false)
			return s, b.line.Mute
		})
	})
}

func onTerminal(t *testing.T) device.Scanner {
	far, path := newTerminal(t)
	port, err := serialport.Open(path, Mode(USB))
	if err != nil {
		t.Fatalf("opening the line: %v", err)
	}
	sim := msotest.Attach(far, msotest.Config{Tireless: true})
	sim.Touch(pattern())
	return open(t, terminal{port, far}, Options{})
}

// newTerminal returns the far end of a pseudo-terminal, which can be closed while
// it is written to, and the path of the near one.
func newTerminal(t *testing.T) (far *os.File, path string) {
	t.Helper()
	master, near, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer master.Close()
	defer near.Close()
	fd, err := syscall.Dup(int(master.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "far end"), near.Name()
}

// A terminal is a line whose far end goes away with it: a device that is in the
// middle of a picture would wait for somebody to read it.
type terminal struct {
	*serialport.Port
	far *os.File
}

func (l terminal) Close() error { return errors.Join(l.Port.Close(), l.far.Close()) }

// TestUnpluggedAtEveryByte: wherever the line is lost, up to the header of a
// picture and in some places of it, the scanner says so.
func TestUnpluggedAtEveryByte(t *testing.T) {
	bothFramings(t, func(t *testing.T, rs232 bool) {
		for at := 1; at < 105000; {
			synctest.Test(t, func(t *testing.T) { faulty(t, rs232, serialporttest.Faults{UnplugAt: at}) })
			if at++; at > 240 && at < 102000 {
				at += 3989
			} else if at > 102000 {
				at += 97
			}
		}
	})
}

// TestRandomFaults: whatever goes wrong on the line, the scanner ends as it
// should, and yields no picture that is not whole, nor one with a wrong bit
// where the framing has a checksum.
func TestRandomFaults(t *testing.T) {
	runs := 80
	if os.Getenv("OPTAG_SOAK") != "" {
		runs = 5000
	}
	bothFramings(t, func(t *testing.T, rs232 bool) {
		for seed := range runs {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(seed), 4))
				among := []int{250, 250, 103000}[rng.IntN(3)]
				synctest.Test(t, func(t *testing.T) { faulty(t, rs232, serialporttest.Random(rng, among)) })
			})
		}
	})
}

// faulty has a finger scanned over a line with faults.
func faulty(t *testing.T, rs232 bool, faults serialporttest.Faults) {
	t.Helper()
	b := attach(msotest.Config{RS232: rs232, Product: "CBM", Columns: 256, Rows: 400, Tireless: true}, faults)
	s, err := Open(t.Context(), b.line, framing(rs232))
	begun, got := time.Now(), []string(nil)
	if err == nil {
		b.sim.Touch(msotest.Pattern(256, 400))
		got, err = scan(t, s, 1, 40*time.Second, nil)
		s.Close()
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("with %+v it took %v", faults, took)
	}
	known := errors.Is(err, device.ErrUnplugged) || errors.Is(err, device.ErrSilent) || errors.Is(err, device.ErrGarbled)
	harmless := faults == serialporttest.Faults{Piece: faults.Piece}
	unseen := !rs232 && faults.FlipAt > 0 // behind USB no checksum tells
	switch {
	case slices.Contains(got, "X") && !unseen:
		t.Errorf("with %+v: %q", faults, got)
	case err != nil && !known, err == nil && len(got) != 1:
		t.Errorf("with %+v: %q, %v", faults, got, err)
	case err != nil && harmless:
		t.Errorf("with %+v: %v", faults, err)
	}
	if b.sim.Wait(); !b.line.Closed() {
		t.Errorf("with %+v the line was left open", faults)
	}
}

// FuzzMessages: whatever comes, in either framing, parsing ends, moves on, and
// takes no message for one that was not framed.
func FuzzMessages(f *testing.F) {
	f.Add([]byte("SYNC\x03\x00\x00\x00\xfc\xff\xff\xff\x70\x00\x00EN"))
	f.Add([]byte("xSYSYNC\xff\xff\xff\xff\x00\x00\x00\x00"))
	f.Add(appendPacket(nil, fromDevice|kindData|isFirst|isLast, 0x1b, []byte{0x71, 1, 0, 0x1b}))
	f.Add([]byte("\x02\xe2\x00\x02\xe4\x1b\x12\x02\xc1\x00\x1b\x7f\x1b\x03"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for rest := b; ; {
			m, skipped, used, err := parseUSB(rest)
			if used < 0 || used > len(rest) || skipped > used {
				t.Fatalf("used %d, skipped %d of %d bytes", used, skipped, len(rest))
			}
			if errors.Is(err, errShort) {
				break
			}
			if err == nil && used != skipped+frameHead+len(m)+frameTail {
				t.Fatalf("a message of %d bytes in %d", len(m), used-skipped)
			}
			if err != nil && !errors.Is(err, device.ErrGarbled) || used == 0 {
				t.Fatalf("used %d, %v", used, err)
			}
			rest = rest[used:]
		}
		for rest := b; ; {
			p, skipped, used, err := parseSerial(rest)
			if used < 0 || used > len(rest) || skipped > used {
				t.Fatalf("used %d, skipped %d of %d bytes", used, skipped, len(rest))
			}
			if errors.Is(err, errShort) {
				break
			}
			if err != nil && !errors.Is(err, device.ErrGarbled) || used == 0 {
				t.Fatalf("used %d, %v", used, err)
			}
			if again, _, _, err2 := parseSerial(appendPacket(nil, p.kind, p.counter, p.data)); err == nil && p.kind&kindMask == kindData &&
				(err2 != nil || !bytes.Equal(again.data, p.data) || again.counter != p.counter) {
				t.Fatalf("a packet of %d bytes does not read as it was written: %v", len(p.data), err2)
			}
			rest = rest[used:]
		}
	})
}

// FuzzAnswers: whatever a device answers, it is a frame, advice or a failure.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0x3d, 0x0c, 0, 0, 0x0a, 0xa0, 1, 0xa0, 1, 0xf4, 1, 0xf4, 1, 0, 8})
	f.Add([]byte{0xdb})
	f.Add([]byte{0, 0x24})
	f.Add([]byte{0, 1, 4, 0, 5, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0xff, 0x3d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	small := append([]byte{0, 0, 0, 0, 0, 0, 0x3d, 0x1c, 0x27, 0, 0x0a, 100, 0, 100, 0, 0xf4, 1, 0xf4, 1, 0, 8}, make([]byte, 10000)...)
	f.Add(small)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &Scanner{}
		s.size(100, 100)
		p := &presence{s: s, yield: func(f device.Frame, err error) bool {
			var advice device.Retry
			if err != nil && (!errors.As(err, &advice) || f.Image != nil) {
				t.Errorf("yielded %v", err)
			}
			if err == nil && len(f.Image.Pix) != f.Image.Rect.Dx()*f.Image.Rect.Dy() {
				t.Errorf("yielded %d pixels for %v", len(f.Image.Pix), f.Image.Rect)
			}
			return true
		}}
		for _, err := range []error{p.finished(b), p.heed(b)} {
			if err != nil && !errors.Is(err, device.ErrGarbled) {
				t.Errorf("failed with %v", err)
			}
		}
		said(b, "Version")
	})
}
