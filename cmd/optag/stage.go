package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
)

// A stage shows a demonstration on the screen, where there is one, and leaves
// pictures of it.
type stage struct {
	dir     string
	kiosk   *kiosk
	server  *exec.Cmd // the virtual display, where this stage brought one
	why     string    // why there is no display
	shots   chan string
	pending atomic.Int32 // pictures asked for and not taken
	taken   int
	failed  error
	working sync.WaitGroup
	last    string // what the last picture is of
}

// newStage opens the kiosk on the display, or on a virtual one, or not at all.
func newStage(out string) (*stage, error) {
	s := &stage{dir: filepath.Join(out, "screens"), shots: make(chan string, 64)}
	if os.Getenv("DISPLAY") == "" {
		if err := s.virtual(); err != nil {
			s.why = err.Error()
			return s, nil
		}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	size, _ := parseSize("1280x800")
	s.kiosk = newKiosk(kioskOptions{size: size, scale: 1, quit: true})
	return s, nil
}

// virtual starts a virtual display and waits until it says its number.
func (s *stage) virtual() error {
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		return errors.New("there is no display and Xvfb is not installed")
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	s.server = exec.Command(path, "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
	s.server.ExtraFiles = []*os.File{w}
	err = s.server.Start()
	w.Close()
	if err != nil {
		return err
	}
	r.SetReadDeadline(time.Now().Add(20 * time.Second))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the virtual display did not start: %w", err)
	}
	return os.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

func (s *stage) shown() bool { return s.kiosk != nil }

// see draws a state and has a picture taken when the page or what is said on it
// changes. It is called on the station's goroutine.
func (s *stage) see(st *flow.State) {
	if s.kiosk == nil {
		return
	}
	s.kiosk.see(st)
	of := string(st.Page)
	if code := st.Notice.Code; code != "" {
		of += "-" + strings.ReplaceAll(code, "_", "-")
	}
	switch {
	case st.Page == flow.Card && st.Card.Seen != nil, st.Page == flow.CaseForm && st.Form.Read != nil:
		of += "-read"
	case st.Page == flow.Portrait && st.Face.Large:
		of += "-compared"
	}
	if st.Page == flow.Rights {
		of += fmt.Sprintf("-%d", st.RightsPage+1)
	}
	if of != s.last {
		s.last = of
		s.pending.Add(1)
		select {
		case s.shots <- of:
		default: // the station does not wait for pictures
			s.pending.Add(-1)
		}
	}
}

// play runs the station, on the screen where there is one.
func (s *stage) play(ctx context.Context, st *station.Station) error {
	if s.kiosk == nil {
		return st.Run(ctx)
	}
	s.working.Add(1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go s.photograph(ctx)
	err := s.kiosk.run(ctx, st)
	stop()
	close(s.shots)
	s.working.Wait()
	return err
}

// photograph saves a picture of the screen for each name it is sent, once each,
// while the screens are open.
func (s *stage) photograph(ctx context.Context) {
	defer s.working.Done()
	seen := map[string]bool{}
	time.Sleep(700 * time.Millisecond) // until the window is open
	for of := range s.shots {
		if !seen[of] && ctx.Err() == nil {
			seen[of] = true
			time.Sleep(300 * time.Millisecond) // until it is drawn
			s.taken++
			name := fmt.Sprintf("%02d-%s.png", s.taken, of)
			page, _, _ := strings.Cut(of, "-")
			if err := s.picture(ctx, page, filepath.Join(s.dir, name)); err != nil {
				s.failed, s.taken = err, s.taken-1
			}
		}
		s.pending.Add(-1)
	}
}

// settle waits until what is shown has been pictured, or for some seconds.
func (s *stage) settle() {
	for range 100 {
		if s.kiosk == nil || s.pending.Load() == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// picture saves what is on the screen of a page: of the whole screen where it is
// ours alone, of the window else, and where nothing can read either, what the
// graphics card gives back of it.
func (s *stage) picture(ctx context.Context, page, name string) error {
	window := "optag " + page // its title
	if s.server != nil {
		window = "root"
	}
	if exec.CommandContext(ctx, "import", "-window", window, name).Run() == nil {
		return nil
	}
	return savePNG(name, s.kiosk.capture(ctx))
}

// blank reports whether a picture has but one colour, as it does from a graphics
// card that gives nothing back.
func blank(img image.Image) bool {
	b := img.Bounds()
	first := color.RGBAModel.Convert(img.At(b.Min.X, b.Min.Y))
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) != first {
				return false
			}
		}
	}
	return true
}

func savePNG(name string, img image.Image) error {
	if img == nil || blank(img) {
		return errors.New("the screen could not be pictured; ImageMagick's import can, if it is installed")
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(f, img), f.Close())
}

// report says what pictures there are.
func (s *stage) report(say func(what, format string, args ...any)) {
	switch {
	case s.kiosk == nil:
		say("skipped", "pictures of the screens: %s", s.why)
	case s.failed != nil:
		say("skipped", "some pictures of the screens: %v", s.failed)
	default:
		say("wrote", "%d pictures in %s", s.taken, s.dir)
	}
}

// Close ends the virtual display.
func (s *stage) Close() error {
	if s.server == nil || s.server.Process == nil {
		return nil
	}
	s.server.Process.Signal(os.Interrupt)
	return s.server.Wait()
}
