package devicetest_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
)

// A scanner is one that exists nowhere and breaks one promise.
type scanner struct {
	breaks string

	mu     sync.Mutex // protects the fields below
	closed chan struct{}
	over   bool
	failed chan error
	frames int
}

func newScanner(breaks string) *scanner {
	return &scanner{breaks: breaks, closed: make(chan struct{}), failed: make(chan error, 1)}
}

func (s *scanner) Info() device.Info {
	i := device.Info{Maker: "optag", Model: "broken scanner", Driver: "devicetest", Version: "1"}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.breaks == "info comes late" && s.frames > 0:
		i.Serial = "late"
	case s.breaks == "info names no driver":
		i.Driver = ""
	}
	return i
}

func (s *scanner) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		if s.breaks == "closing twice fails" {
			return errors.New("closed already")
		}
		return nil
	}
	s.over = true
	if s.breaks == "goroutine left" {
		go func() { time.Sleep(20 * time.Second) }()
	}
	if s.breaks != "frames after closing" {
		close(s.closed)
	}
	return nil
}

func (s *scanner) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return func(yield func(device.Frame, error) bool) {
		if s.breaks == "yields once more after the end" && ctx.Err() != nil {
			yield(s.frame(), nil)
		}
		begun := s.count()
		for ctx.Err() == nil {
			if s.breaks == "cannot start again" && begun > 0 {
				yield(device.Frame{}, device.ErrGarbled)
				return
			}
			frame, err := s.wait(ctx)
			if s.breaks == "closed silently" && errors.Is(err, device.ErrUnplugged) {
				return
			}
			if ctx.Err() != nil && s.breaks != "tells the end of the context" {
				return
			}
			if !yield(frame, err) {
				return
			}
			if r := device.Retry(""); err != nil && (s.breaks == "advice ends all" || !errors.As(err, &r)) {
				s.again(yield, err)
				return
			}
		}
	}
}

// again breaks the promise that a failure comes once.
func (s *scanner) again(yield func(device.Frame, error) bool, err error) {
	if s.breaks == "fails twice" {
		yield(device.Frame{}, err)
	}
}

// wait waits for the next frame, or a failure.
func (s *scanner) wait(ctx context.Context) (device.Frame, error) {
	done := ctx.Done()
	if s.breaks == "deaf while waiting" {
		done = nil
	}
	pause := 2 * time.Millisecond
	if s.breaks == "deaf while waiting" && s.count() == 1 {
		pause = 5 * time.Second
	}
	select {
	case <-done:
		return device.Frame{}, ctx.Err()
	case <-s.closed:
		return device.Frame{}, fmt.Errorf("reading: %w", device.ErrUnplugged)
	case err := <-s.failed:
		if s.breaks == "fails without a reason" {
			err = errors.New("something is wrong")
		}
		f := device.Frame{}
		if s.breaks == "advice with a frame" {
			f = s.frame()
		}
		return f, err
	case <-time.After(pause):
		return s.frame(), nil
	}
}

func (s *scanner) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frames
}

func (s *scanner) frame() device.Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames++
	f := device.Frame{Image: image.NewGray(image.Rect(0, 0, 40, 50)), PPI: [2]int{500, 500}}
	switch {
	case s.breaks == "size changes" && s.frames == 3:
		f.Image = image.NewGray(image.Rect(0, 0, 41, 50))
	case s.breaks == "resolution unknown":
		f.PPI[1] = 0
	case s.breaks == "no image" && s.frames == 2:
		f.Image = nil
	}
	return f
}

// brokenBy names the variable that makes TestBroken run.
const brokenBy = "DEVICETEST_BROKEN_BY"

// TestBroken is run by TestSuiteFindsWhatIsBroken in a process of its own, and
// does nothing otherwise.
func TestBroken(t *testing.T) {
	breaks, set := os.LookupEnv(brokenBy)
	if !set {
		return
	}
	devicetest.TestSource(t, func(*testing.T) device.Scanner { return newScanner(breaks) })
	t.Run("failure", func(t *testing.T) {
		devicetest.TestFailure(t, device.ErrSilent, func(*testing.T) (device.Scanner, func()) {
			s := newScanner(breaks)
			return s, func() { s.failed <- fmt.Errorf("waiting: %w", device.ErrSilent) }
		})
	})
	t.Run("advice", func(t *testing.T) {
		devicetest.TestAdvice(t, device.PressHarder, func(*testing.T) (device.Scanner, func()) {
			s := newScanner(breaks)
			return s, func() { s.failed <- device.PressHarder }
		})
	})
}

// runBroken runs part of the suite on a scanner that breaks a promise.
func runBroken(t *testing.T, breaks, test string) (out string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBroken$/"+test, "-test.timeout=60s")
	cmd.Env = append(os.Environ(), brokenBy+"="+breaks)
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// The suite passes a scanner that keeps its promises, and none that breaks one.
func TestSuiteFindsWhatIsBroken(t *testing.T) {
	for _, c := range []struct{ breaks, test, want string }{
		{"nothing", "", ""},
		{"info comes late", "information", "as before"},
		{"info names no driver", "information", "want a driver"},
		{"closing twice fails", "closing_twice", "closed already"},
		{"goroutine left", "closing_without", "goroutines after closing"},
		{"frames after closing", "frames_after_closing", "want none"},
		{"frames after closing", "closing_ends", "ran on for"},
		{"closed silently", "closing_ends", "closed elsewhere ended with"},
		{"closed silently", "frames_after_closing", "without an error"},
		{"yields once more after the end", "a_context", "want none"},
		{"tells the end of the context", "ends_promptly_when_cancelled", "want frames"},
		{"tells the end of the context", "ends_promptly_at", "want frames"},
		{"cannot start again", "starts_again_after_being", "want frames"},
		{"cannot start again", "starts_again_after_the", "after 0 frames"},
		{"deaf while waiting", "ends_promptly_when_cancelled", "after being cancelled"},
		{"size changes", "frames_arrive", "size of the image"},
		{"resolution unknown", "frames_arrive", "resolution"},
		{"no image", "frames_arrive", "a frame without an image"},
		{"fails twice", "failure", "after the failure came another"},
		{"fails without a reason", "failure", "want one that is"},
		{"advice with a frame", "advice", "advice came with a frame"},
		{"advice ends all", "advice", "frames after it"},
	} {
		t.Run(c.breaks+", "+c.test, func(t *testing.T) {
			t.Parallel()
			out, err := runBroken(t, c.breaks, c.test)
			if c.want == "" {
				if err != nil {
					t.Errorf("%v:\n%s", err, out)
				}
				return
			}
			// A promise about the end of a context is broken only when the
			// scanner happens to be waiting: luck may hide that once.
			for range 4 {
				if err != nil {
					break
				}
				out, err = runBroken(t, c.breaks, c.test)
			}
			if err == nil || !strings.Contains(out, c.want) {
				t.Errorf("the suite ended with %v, want a failure with %q in it:\n%s", err, c.want, out)
			}
		})
	}
}
