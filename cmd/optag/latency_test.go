package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"iter"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/testdata/gen"
	"optag/ui/flow"
)

// A flashing scanner's frames are darker and darker, and then bright again: a
// frame is told from the nine before it.
const shades = 10

func shade(n int) float64 { return 1 - 0.08*float64(n%shades) }

// A flasher is a scanner whose frames differ in brightness, and which says when
// each was complete. A poor print lies on its glass, so that every frame is
// judged, and none is taken.
type flasher struct {
	out    io.Writer
	frames [shades]*image.Gray
}

func newFlasher(out io.Writer) *flasher {
	f := &flasher{out: out}
	size := image.Pt(356, 392) // of a U.are.U 4500
	print := gen.Person(5).Finger(gen.RightIndex).Impression(size, [2]int{500, 500}, gen.Conditions{}, 1)
	for i := range f.frames {
		f.frames[i] = image.NewGray(print.Rect)
		for at, v := range print.Pix {
			f.frames[i].Pix[at] = uint8(shade(i) * (160 + float64(v)/6)) // faint ridges
		}
	}
	return f
}

func (f *flasher) Info() device.Info {
	return device.Info{Maker: "optag", Model: "flashing scanner", Driver: "test", Version: "1"}
}
func (f *flasher) Close() error { return nil }

func (f *flasher) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return func(yield func(device.Frame, error) bool) {
		for n := 0; ctx.Err() == nil; n++ {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Duration(130+17*(n%5)) * time.Millisecond): // as a U.are.U, and out of step with the screen
			}
			fmt.Fprintln(f.out, n%shades, time.Now().UnixNano())
			if !yield(device.Frame{Image: f.frames[n%shades], PPI: [2]int{500, 500}, Contact: n > 10}, nil) {
				return
			}
		}
	}
}

// flashingKiosk is the kiosk in a process of its own, with a scripted clerk who
// goes as far as the prints, and a flashing scanner.
func flashingKiosk(home string) error {
	size, _ := parseSize("1280x800")
	k := newKiosk(kioskOptions{size: size, scale: 1, quit: true})
	script, err := simulate.ParseScript(strings.NewReader("case number=1 birth_date=1991-05-14\nperson 5"))
	if err != nil {
		return err
	}
	ctx, over := context.WithCancel(context.Background())
	defer over()
	r := &robot{clerk: &simulate.Clerk{Staff: simulatedStaff, PIN: simulatedPIN, Script: script}, over: over}
	e := &env{home: home, out: io.Discard, err: os.Stderr}
	m, err := newSimulation(e, script, slog.New(slog.DiscardHandler), func(s *flow.State) {
		k.see(s)
		if s.Page != flow.Prints {
			r.see(s)
		}
	}, func(o *station.Options) {
		o.Settings.Profile.Patience = time.Hour
		o.OpenScanner = func() (device.Scanner, error) { return newFlasher(os.Stdout), nil }
	})
	if err != nil {
		return err
	}
	r.send = m.SendThen
	return k.run(ctx, m.Station)
}

// TestPreviewLatency measures from the moment at which a frame of a scanner is
// complete to its pixels on the screen: through the station, the ring, the page
// and the graphics of a virtual display, while every frame is judged as well. The
// limit holds where nothing else runs; the test leaves room for a busy machine.
// With OPTAG_SOAK=1 it measures for half a minute.
func TestPreviewLatency(t *testing.T) {
	const goal, limit = 100 * time.Millisecond, 500 * time.Millisecond
	if _, err := exec.LookPath("Xvfb"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Xvfb is not installed")
		}
		t.Skip("Xvfb is not installed")
	}
	if testing.Short() {
		t.Skip("it measures in real time")
	}
	k := openDisplay(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "OPTAG_TEST_IS_PROGRAM=flashing", "OPTAG_TEST_HOME="+filepath.Join(t.TempDir(), "home"), "DISPLAY="+k.display)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	flashes := make(chan flash, 1000)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			var f flash
			var at int64
			if n, _ := fmt.Sscan(in.Text(), &f.shade, &at); n == 2 {
				f.at = time.Unix(0, at)
				flashes <- f
			}
		}
		close(flashes)
	}()
	x := dialX(t, k.display)
	patch, white := x.findFlash(t)
	last := 3 * time.Second
	if os.Getenv("OPTAG_SOAK") != "" {
		last = 30 * time.Second
	}
	samples := x.watch(t, patch, white, last)
	cmd.Process.Kill()
	var late []time.Duration
	for f := range flashes {
		if d, ok := shown(f, samples); ok {
			late = append(late, d)
		}
	}
	if len(late) < 10 {
		t.Fatalf("%d frames were seen, the program said: %s", len(late), said.String())
	}
	slices.Sort(late)
	p50, p95 := late[len(late)/2], late[len(late)*95/100]
	t.Logf("%d frames, seen after %v in the middle, %v for 95 of 100, %v at most; sampled every %v",
		len(late), p50.Round(time.Millisecond), p95.Round(time.Millisecond), late[len(late)-1].Round(time.Millisecond), (last / time.Duration(len(samples))).Round(100*time.Microsecond))
	if p50 > limit {
		t.Errorf("half of the frames came later than %v; %v is the goal", limit, goal)
	}
}

// A flash is a frame: which shade, and when it was complete; or what the screen
// showed at that time.
type flash struct {
	shade int
	at    time.Time
}

// shown is how long after a frame was complete the screen shows it, or a newer
// one where it was left out; false where that was not sampled.
func shown(f flash, samples []flash) (time.Duration, bool) {
	if f.at.Before(samples[0].at) {
		return 0, false
	}
	for _, s := range samples {
		if s.at.After(f.at) && (s.shade-f.shade+shades)%shades < shades/2 {
			return s.at.Sub(f.at), true
		}
	}
	return 0, false
}

// An xClient reads pixels of an X display: just enough of the X11 protocol.
type xClient struct {
	conn net.Conn
	root uint32
}

// dialX connects to a display of this machine, ":7", that asks for no cookie.
func dialX(t *testing.T, display string) *xClient {
	t.Helper()
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(display, ":"))
	if err != nil {
		t.Skipf("the display has no socket: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	x := &xClient{conn: conn}
	x.write(t, []byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}) // little-endian, version 11.0, no cookie
	head := x.read(t, 8)
	body := x.read(t, 4*int(binary.LittleEndian.Uint16(head[6:])))
	if head[0] != 1 {
		t.Skipf("the display refuses: %.60q", body)
	}
	vendor := int(binary.LittleEndian.Uint16(body[16:]))
	x.root = binary.LittleEndian.Uint32(body[32+(vendor+3)/4*4+8*int(body[21]):])
	return x
}

func (x *xClient) write(t *testing.T, b []byte) {
	t.Helper()
	if _, err := x.conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

func (x *xClient) read(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(x.conn, b); err != nil {
		t.Fatal(err)
	}
	return b
}

// grey reads a part of the screen, as the green of each pixel (GetImage).
func (x *xClient) grey(t *testing.T, r image.Rectangle) []uint8 {
	t.Helper()
	q := []byte{73, 2, 5, 0}
	q = binary.LittleEndian.AppendUint32(q, x.root)
	for _, v := range []int{r.Min.X, r.Min.Y, r.Dx(), r.Dy()} {
		q = binary.LittleEndian.AppendUint16(q, uint16(v))
	}
	x.write(t, binary.LittleEndian.AppendUint32(q, 0xffffffff))
	head := x.read(t, 32)
	if head[0] != 1 {
		t.Fatalf("the display does not give its pixels: %v", head)
	}
	data := x.read(t, 4*int(binary.LittleEndian.Uint32(head[4:])))
	grey := make([]uint8, r.Dx()*r.Dy())
	for i := range grey {
		grey[i] = data[4*i+1]
	}
	return grey
}

// mean is the brightness of a part of the screen.
func (x *xClient) mean(t *testing.T, r image.Rectangle) float64 {
	t.Helper()
	sum, pix := 0.0, x.grey(t, r)
	for _, v := range pix {
		sum += float64(v)
	}
	return sum / float64(len(pix))
}

// findFlash finds a small part of the screen that flashes, and its brightness
// when it is brightest.
func (x *xClient) findFlash(t *testing.T) (image.Rectangle, float64) {
	t.Helper()
	const side = 16
	for range 60 {
		var low, high [50][80]float64 // of blocks
		for n := range 30 {
			all := x.grey(t, image.Rect(0, 0, 1280, 800))
			for by := range low {
				for bx := range low[by] {
					v := 0.0
					for i := range side * side {
						v += float64(all[(by*side+i/side)*1280+bx*side+i%side]) / (side * side)
					}
					if n == 0 {
						low[by][bx], high[by][bx] = v, v
					}
					low[by][bx], high[by][bx] = min(low[by][bx], v), max(high[by][bx], v)
				}
			}
			time.Sleep(90 * time.Millisecond)
		}
		var best []image.Point
		for by := range low {
			for bx := range low[by] {
				if high[by][bx] > 120 && low[by][bx] < 0.31*high[by][bx] && low[by][bx] > 0.24*high[by][bx] {
					best = append(best, image.Pt(bx, by))
				}
			}
		}
		if len(best) > 20 {
			slices.SortFunc(best, func(a, b image.Point) int { return cmp.Compare(a.Y*80+a.X, b.Y*80+b.X) })
			at := best[len(best)/2]
			return image.Rect(at.X*side, at.Y*side, (at.X+1)*side, (at.Y+1)*side), high[at.Y][at.X]
		}
	}
	t.Fatal("nothing flashes on the screen")
	panic("unreachable")
}

// watch samples a part of the screen, as fast as it can.
func (x *xClient) watch(t *testing.T, patch image.Rectangle, white float64, last time.Duration) (samples []flash) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < last; time.Sleep(2 * time.Millisecond) {
		share := x.mean(t, patch) / white
		at := time.Now()
		for n := range shades {
			if share > shade(n)-0.03 && share < shade(n)+0.03 {
				samples = append(samples, flash{n, at})
			}
		}
	}
	return samples
}
