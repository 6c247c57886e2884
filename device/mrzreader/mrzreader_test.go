package mrzreader

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/mrzreader/mrzreadertest"
	"optag/device/serialport"
	"optag/device/serialport/serialporttest"
)

func profile(t *testing.T, name string) Profile {
	t.Helper()
	p, ok := Find(name)
	if !ok {
		t.Fatalf("no profile %q", name)
	}
	return p
}

// asking is a reader that can be asked whether it is there.
func asking(t *testing.T) Profile {
	p := profile(t, "access-is")
	p.Version, p.KeepAlive = "V\r", 10*time.Second
	return p
}

func open(t *testing.T, line device.Serial, p Profile) *Reader {
	t.Helper()
	r, err := Open(t.Context(), line, Options{Profile: p, Serial: "0123"})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return r
}

// collect reads until the sequence ends, or for as long as is allowed.
func collect(t *testing.T, r *Reader, d time.Duration) (got []string, last error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	for s, err := range r.Frames(ctx) {
		switch {
		case errors.Is(err, device.SwipeAgain):
			got = append(got, "again")
		case err != nil:
			last = err
		default:
			got = append(got, strings.Join(s.Lines, "/"))
		}
	}
	return got, last
}

func TestReader(t *testing.T) {
	one, three := strings.Join(td1(), "/"), strings.Join(td3(), "/")
	cr := mrzreadertest.Ends{Break: "\r", End: "\r"}
	for _, c := range []struct {
		name    string
		profile Profile
		sim     mrzreadertest.Config
		faults  serialporttest.Faults
		play    func(s *mrzreadertest.Sim)
		want    []string
		err     error
		told    string // what the reader was sent
	}{
		{
			name: "two documents", profile: profile(t, "generic"), sim: mrzreadertest.Config{Ends: cr, Baud: 9600},
			play: func(s *mrzreadertest.Sim) { s.Swipe(td3()); time.Sleep(time.Second); s.Swipe(td1()) },
			want: []string{three, one},
		},
		{
			name: "byte by byte", profile: profile(t, "generic"), sim: mrzreadertest.Config{Ends: cr, Baud: 1200},
			faults: serialporttest.Faults{Piece: 1},
			play:   func(s *mrzreadertest.Sim) { s.Swipe(td3()) },
			want:   []string{three},
		},
		{
			name: "an imager that looks only when triggered", profile: profile(t, "honeywell"),
			sim: mrzreadertest.Config{Ends: mrzreadertest.Ends{Break: "\r"}, Trigger: "\x16T\r", Baud: 115200},
			play: func(s *mrzreadertest.Sim) {
				s.Swipe(td3())
				time.Sleep(time.Second)
				s.Swipe(td1())
			},
			want: []string{three, one},
			// triggered at first, after each document, and every five seconds
			told: "\x16M\rocrena1!\x16M\rocrats2!\x16T\r\x16T\r\x16T\r\x16T\r\x16T\r\x16T\r\x16T\r\x16T\r\x16U\r",
		},
		{
			name: "a reader that is asked whether it is there", profile: asking(t),
			sim:  mrzreadertest.Config{Ends: cr, Ask: "V\r", Version: "ACCESS-IS OCR315e V1.23 of the second of May\r"},
			play: func(s *mrzreadertest.Sim) { time.Sleep(21 * time.Second); s.Swipe(td3()) },
			want: []string{three}, told: "V\rV\rV\r",
		},
		{
			name: "a reader that is no longer there", profile: asking(t),
			sim:  mrzreadertest.Config{Ends: cr, Ask: "V\r", Version: "1.23\r", Mute: 3},
			play: func(s *mrzreadertest.Sim) { s.Swipe(td3()) },
			want: []string{three}, err: device.ErrSilent, told: "V\rV\rV\rV\r",
		},
		{
			name: "unplugged in the middle of a line", profile: profile(t, "generic"), sim: mrzreadertest.Config{Ends: cr, Baud: 9600},
			faults: serialporttest.Faults{UnplugAt: 50},
			play:   func(s *mrzreadertest.Sim) { s.Swipe(td3()) },
			err:    device.ErrUnplugged,
		},
		{
			name: "the wrong speed, once and again", profile: profile(t, "generic"), sim: mrzreadertest.Config{Baud: 9600},
			play: func(s *mrzreadertest.Sim) {
				for range 4 {
					s.Say(strings.Repeat("\xf8\x80\x00", 40))
					time.Sleep(time.Second)
				}
			},
			want: []string{"again", "again"}, err: device.ErrGarbled,
		},
		{
			name: "a reader that never pauses", profile: profile(t, "generic"), sim: mrzreadertest.Config{Baud: 9600},
			play: func(s *mrzreadertest.Sim) { s.Say(strings.Repeat("A", 9600)) },
			err:  device.ErrGarbled,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				line, far := serialporttest.New(c.faults)
				sim := mrzreadertest.Attach(far, c.sim)
				r := open(t, line, c.profile)
				var played sync.WaitGroup
				played.Go(func() { time.Sleep(100 * time.Millisecond); c.play(sim) })
				defer played.Wait()
				got, err := collect(t, r, 28*time.Second)
				if !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
					t.Errorf("read %q, error %v, want %q and %v", got, err, c.want, c.err)
				}
				if err := r.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				sim.Wait()
				if told := sim.Heard(); told != c.told {
					t.Errorf("the reader was told %q, want %q", told, c.told)
				}
			})
		})
	}
}

// TestDrawnBefore: a document drawn through before anybody asked for one is not
// taken for the next person's.
func TestDrawnBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, far := serialporttest.New(serialporttest.Faults{})
		sim := mrzreadertest.Attach(far, mrzreadertest.Config{Ends: mrzreadertest.Ends{Break: "\r"}})
		r := open(t, line, profile(t, "generic"))
		sim.Swipe(td1())
		time.AfterFunc(time.Second, func() { sim.Swipe(td3()) })
		got, err := collect(t, r, 3*time.Second)
		if want := []string{strings.Join(td3(), "/")}; !slices.Equal(got, want) || err != nil {
			t.Errorf("read %q, error %v, want %q", got, err, want)
		}
		r.Close()
		sim.Wait()
	})
}

func TestVersion(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer string
		mute   int
		want   string
		err    error
	}{
		{name: "tells its version", answer: "CR100 V1.23\r\n", want: "CR100 V1.23"},
		{name: "tells it with control characters", answer: "\x02V\x1b[2J1\x03", want: "V [2J1"},
		{name: "answers with a document just drawn through", answer: strings.Join(td3(), "\r")},
		{name: "says nothing", mute: 1, err: device.ErrSilent},
		{name: "does not end", answer: strings.Repeat("V1.23\r", 100), err: device.ErrGarbled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				line, far := serialporttest.New(serialporttest.Faults{})
				sim := mrzreadertest.Attach(far, mrzreadertest.Config{Ask: "V\r", Version: c.answer, Mute: c.mute})
				r, err := Open(t.Context(), line, Options{Profile: asking(t), Serial: "0123"})
				if !errors.Is(err, c.err) {
					t.Fatalf("Open: %v, want %v", err, c.err)
				}
				if err == nil {
					want := device.Info{Maker: "Access-IS", Model: "OCR3xx", Serial: "0123", Firmware: c.want, Driver: "mrzreader", Version: "1 access-is"}
					if got := r.Info(); got != want {
						t.Errorf("Info() = %+v, want %+v", got, want)
					}
					r.Close()
				}
				if sim.Wait(); !line.Closed() {
					t.Error("the line is still open")
				}
			})
		})
	}
}

// swiping draws documents through until the line ends.
func swiping(sim *mrzreadertest.Sim, stop <-chan struct{}) {
	for i := 0; ; i++ {
		sim.Swipe(mrzreadertest.Documents()[i%3])
		select {
		case <-stop:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// busy opens a reader through which documents are drawn without a pause.
func busy(t *testing.T) (*Reader, *serialporttest.Line) {
	line, far := serialporttest.New(serialporttest.Faults{})
	p := asking(t)
	p.KeepAlive = 20 * time.Millisecond
	sim := mrzreadertest.Attach(far, mrzreadertest.Config{
		Ends: mrzreadertest.Ends{Begin: "\x02", Break: "\r", End: "\x03", LRC: true}, Ask: "V\r", Version: "\x021.0\x03"})
	r := open(t, line, p)
	stop := make(chan struct{})
	go func() { sim.Wait(); close(stop) }()
	go swiping(sim, stop)
	return r, line
}

func TestContract(t *testing.T) {
	t.Run("in memory", func(t *testing.T) {
		devicetest.TestSource(t, func(t *testing.T) device.LineReader {
			r, _ := busy(t)
			return r
		})
	})
	t.Run("on a pseudo-terminal", func(t *testing.T) {
		devicetest.TestSource(t, onTerminal)
	})
	t.Run("unplugged", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrUnplugged, func(t *testing.T) (device.LineReader, func()) {
			r, line := busy(t)
			return r, line.Unplug
		})
	})
	t.Run("silence", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrSilent, func(t *testing.T) (device.LineReader, func()) {
			r, line := busy(t)
			return r, line.Mute
		})
	})
}

// onTerminal is a busy reader behind a real line of the system.
func onTerminal(t *testing.T) device.LineReader {
	far, path := devicetest.Terminal(t)
	p := profile(t, "generic")
	port, err := serialport.Open(path, p.Mode)
	if err != nil {
		t.Fatalf("opening the line: %v", err)
	}
	sim := mrzreadertest.Attach(far, mrzreadertest.Config{Ends: mrzreadertest.Ends{Break: "\r", End: "\r\x03"}})
	stop := make(chan struct{})
	go func() { sim.Wait(); close(stop); far.Close() }()
	go swiping(sim, stop)
	return open(t, port, p)
}

// TestUnpluggedAtEveryByte: wherever the line is lost, the reader says so, and
// delivers no part of a document.
func TestUnpluggedAtEveryByte(t *testing.T) {
	way := mrzreadertest.Ends{Begin: "\x02", Break: "\r\n", End: "\r\n\x03", LRC: true}
	for at := 1; at <= len(way.Text(td1())); at++ {
		synctest.Test(t, func(t *testing.T) {
			line, far := serialporttest.New(serialporttest.Faults{UnplugAt: at, Piece: at % 5})
			sim := mrzreadertest.Attach(far, mrzreadertest.Config{Ends: way, Baud: 9600})
			r := open(t, line, profile(t, "generic"))
			go func() { time.Sleep(time.Second); sim.Swipe(td1()) }()
			got, err := collect(t, r, 10*time.Second)
			whole := at == len(way.Text(td1())) // the checksum
			if !errors.Is(err, device.ErrUnplugged) || len(got) > 0 && !whole {
				t.Errorf("unplugged at byte %d: read %q, error %v", at, got, err)
			}
			r.Close()
			sim.Wait()
		})
	}
}

// TestRandomFaults: whatever goes wrong on the line, the reader ends as it
// should, and delivers nothing that was not sent, but for a bit that turned one
// letter into another: that is for the check digits.
func TestRandomFaults(t *testing.T) {
	runs := 300
	if os.Getenv("OPTAG_SOAK") != "" {
		runs = 10000
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { randomFault(t, uint64(seed)) })
		})
	}
}

func randomFault(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 4))
	faults := serialporttest.Random(rng, 400)
	ways := mrzreadertest.Ways()
	names := []string{"lines ended by CR", "lines parted by CR", "STX, ETX and LRC", "sent twice"}
	line, far := serialporttest.New(faults)
	sim := mrzreadertest.Attach(far, mrzreadertest.Config{Ends: ways[names[rng.IntN(len(names))]], Baud: 9600, Ask: "V\r", Version: "1.2\r"})
	r, err := Open(t.Context(), line, Options{Profile: asking(t)})
	if err == nil {
		var played sync.WaitGroup
		played.Go(func() {
			for i := range 5 {
				time.Sleep(2 * time.Second)
				sim.Swipe(mrzreadertest.Documents()[i%3])
			}
		})
		defer played.Wait()
		var got []string
		got, err = collect(t, r, 60*time.Second)
		checkRead(t, faults, got)
		r.Close()
	}
	if err != nil && !errors.Is(err, device.ErrUnplugged) && !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrGarbled) {
		t.Errorf("with %+v: %v", faults, err)
	}
	sim.Wait()
	if !line.Closed() {
		t.Errorf("with %+v the line was left open", faults)
	}
	time.Sleep(2 * time.Second) // a late byte is still under way
}

func checkRead(t *testing.T, faults serialporttest.Faults, got []string) {
	t.Helper()
	for _, lines := range got {
		wrong := 1000
		for _, d := range mrzreadertest.Documents() {
			wrong = min(wrong, differing(strings.Join(d, "/"), lines))
		}
		if lines != "again" && (wrong > 1 || wrong == 1 && faults.FlipAt == 0) {
			t.Errorf("with %+v read %q, which was not sent", faults, lines)
		}
	}
	if benign := faults.Piece > 0 || faults.LateAt > 0; benign && len(got) < 5 {
		t.Errorf("with %+v read %d times, want 5", faults, len(got))
	}
}

func differing(a, b string) int {
	if len(a) != len(b) {
		return max(len(a), len(b))
	}
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func TestProfiles(t *testing.T) {
	for _, name := range []string{"generic", "access-is", "3m", "elyctis", "honeywell", "ide237"} {
		if p := profile(t, name); p.Mode.Baud == 0 || p.Maker == "" || p.Model == "" {
			t.Errorf("profile %q is %+v", name, p)
		}
	}
	if _, ok := Find("none"); ok {
		t.Error("a profile of no name was found")
	}
}
