package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/optag/internal/draft"
)

// shell supervises a shell that runs a script in a directory of its own.
func shell(t *testing.T, script string) (s *supervisor, starts func() int) {
	t.Helper()
	keeper, err := draft.NewKeeper(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keeper.Close)
	dir := t.TempDir()
	s = &supervisor{keeper: keeper, log: slog.New(slog.DiscardHandler), settled: time.Hour, pause: time.Millisecond, most: 5}
	s.child = func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "sh", "-c", "echo x >>starts; n=$(wc -l <starts); "+script)
		cmd.Dir = dir
		return cmd
	}
	return s, func() int {
		lines, err := os.ReadFile(filepath.Join(dir, "starts"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(lines), "x")
	}
}

func TestSupervisor(t *testing.T) {
	for _, c := range []struct {
		name, script string
		settled      time.Duration
		want         string // of the error; "" for none
		starts       int
	}{
		{"it ends in order", "exit 0", time.Hour, "", 1},
		{"it refuses in words at the first start", "exit 1", time.Hour, "ended with status 1", 1},
		{"it panics once", "[ $n -gt 1 ] || exit 2", time.Hour, "", 2},
		{"it is killed three times", "[ $n -gt 3 ] || kill -9 $$", time.Hour, "", 4},
		{"it panics each time", "exit 2", time.Hour, "5 times in a row", 5},
		{"it is killed each time", "kill -9 $$", time.Hour, "5 times in a row", 5},
		{"it fails late and refuses once because the display is not back yet",
			"case $n in 1) sleep 0.15; exit 1;; 2) exit 1;; esac", 100 * time.Millisecond, "", 3},
		{"crashes that lie far apart are not counted together",
			"[ $n -gt 7 ] || { sleep 0.03; kill -9 $$; }", 20 * time.Millisecond, "", 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, starts := shell(t, c.script)
			s.settled = c.settled
			err := s.run(t.Context())
			if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) && c.want != "" {
				t.Errorf("run = %v, want %q", err, c.want)
			}
			if n := starts(); n != c.starts {
				t.Errorf("started %d times, want %d", n, c.starts)
			}
			var told toldError
			if errors.As(err, &told) != (c.want == "ended with status 1") {
				t.Errorf("run = %#v", err)
			}
		})
	}
}

// TestSupervisorPassesTheEndOn: the end of the parent is a SIGTERM to the
// child, which may end in order; it is not started again.
func TestSupervisorPassesTheEndOn(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		ok     bool
	}{
		"the child ends in order": {`trap 'exit 0' TERM; echo up >up; while :; do sleep 0.02; done`, true},
		"the child just dies":     {`echo up >up; while :; do sleep 0.02; done`, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, starts := shell(t, c.script)
			ctx, stop := context.WithCancel(t.Context())
			child := s.child
			s.child = func(ctx context.Context) *exec.Cmd {
				cmd := child(ctx)
				go func() {
					for range 500 {
						if _, err := os.Stat(filepath.Join(cmd.Dir, "up")); err == nil {
							break
						}
						time.Sleep(5 * time.Millisecond)
					}
					stop()
				}()
				return cmd
			}
			if err := s.run(ctx); (err == nil) != c.ok {
				t.Errorf("run = %v", err)
			}
			if n := starts(); n != 1 {
				t.Errorf("started %d times", n)
			}
		})
	}
}

// TestChildThatCannotStart: the reason comes at once.
func TestChildThatCannotStart(t *testing.T) {
	s, _ := shell(t, "")
	s.child = func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, "/nonexistent/optag") }
	if err := s.run(t.Context()); err == nil || !strings.Contains(err.Error(), "starting the child") {
		t.Errorf("run = %v", err)
	}
}

// TestNoSupervisorInsideAnother: a child that got no key does not start children
// of its own.
func TestNoSupervisorInsideAnother(t *testing.T) {
	t.Setenv("OPTAG_SUPERVISED", "1")
	if err := supervise(t.Context(), &env{err: os.Stderr, out: os.Stdout}, nil); err == nil {
		t.Error("a supervised process supervises another")
	}
}
