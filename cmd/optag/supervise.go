package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"optag/cmd/optag/internal/draft"
	"optag/cmd/optag/internal/harden"
	"optag/cmd/optag/internal/station"
)

// A supervisor runs the kiosk as a child process, starts it again when it
// crashes, and meanwhile keeps the key of the draft. It holds nothing else.
type supervisor struct {
	child  func(ctx context.Context) *exec.Cmd // makes a child that is still to be started
	keeper *draft.Keeper
	log    *slog.Logger

	settled time.Duration // a child that lives this long has started well
	pause   time.Duration // before the second start; doubled each time
	most    int           // crashes in a row, none settled, after which it gives up
}

// A toldError is a failure that another process has put into words already.
type toldError int

// Error returns the exit status with which the other process said why.
func (t toldError) Error() string { return fmt.Sprintf("ended with status %d", int(t)) }

// supervise runs the kiosk with these arguments under supervision, until it
// ends in order or ctx ends.
func supervise(ctx context.Context, e *env, args []string) error {
	if draft.IsChild() {
		return errors.New("the process that supervises this one has sent no key")
	}
	log := technicianLog(e)
	harden.Start(log)
	keeper, err := draft.NewKeeper(rand.Reader)
	if err != nil {
		return err
	}
	defer keeper.Close()
	if !keeper.Locked() {
		log.Warn("the key of drafts may be swapped out: locking memory was denied")
	}
	words := []string{"--home", e.home}
	if e.config != "" {
		words = append(words, "--config", e.config)
	}
	words = append(append(words, "run"), args...)
	s := &supervisor{keeper: keeper, log: log, settled: 10 * time.Second, pause: 250 * time.Millisecond, most: 8}
	s.child = func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, ourselves(), words...)
		cmd.Stdout, cmd.Stderr = e.out, e.err
		return cmd
	}
	return s.run(ctx)
}

// ourselves is this program, also when the file has been replaced by a newer
// version meanwhile: a draft is read by the program that wrote it.
func ourselves() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// run starts one child after another.
func (s *supervisor) run(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // the others are main's
	defer stop()
	crashes, works := 0, false // crashes in a row; whether any child has settled
	for {
		began := time.Now()
		err := s.once(ctx)
		lived := time.Since(began)
		var ended *exec.ExitError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &ended):
			return fmt.Errorf("running the kiosk: %w", err)
		case ctx.Err() != nil:
			return fmt.Errorf("ending the kiosk: %w", err)
		}
		if lived >= s.settled {
			crashes, works = 0, true
		}
		if ended.ExitCode() == 1 && !works {
			return toldError(1) // refused in words, as with a queue that is in use
		}
		if crashes++; crashes >= s.most {
			return fmt.Errorf("the kiosk has crashed %d times in a row: %w", crashes, err)
		}
		s.log.Error("the kiosk has crashed and is started again", "after", lived.Round(time.Millisecond), "how", err)
		if !sleep(ctx, s.pause<<(crashes-1)) {
			return nil
		}
	}
}

// sleep waits; false when ctx ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// once runs one child to its end. The error is an [exec.ExitError] when it ran
// and did not end in order. The end of ctx is passed on as SIGTERM; a child
// that does not end then is killed.
func (s *supervisor) once(ctx context.Context) error {
	cmd := s.child(ctx)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	end, err := s.keeper.Start(cmd)
	if err != nil {
		return err
	}
	defer end()
	err = cmd.Wait()
	if cmd.ProcessState != nil && cmd.ProcessState.Success() {
		return nil
	}
	return err
}

// drafts is where the case in progress of the station with this id is kept; nil
// where no process supervises this one.
func (e *env) drafts(id string) station.Drafts {
	if e.key == nil {
		return nil
	}
	return draft.NewStore(filepath.Join(e.home, "draft"), id, e.key)
}
