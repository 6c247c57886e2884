// Package mrzreader drives readers of the machine readable zone of documents,
// swipe readers and imagers alike, on any [device.Serial]; and its [Framer]
// makes readings of what a reader types that plays a keyboard. What one model
// does differently from another is a [Profile].
//
// It checks the shape of the lines only. Whether their check digits agree, and
// what they say, is for package capture/mrz.
package mrzreader

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"optag/device"
)

const driverVersion = "1"

const (
	// answer is how long a reader may take to begin its answer.
	answer = time.Second

	// patience is how often it is asked before it counts as silent.
	patience = 2

	// writing bounds one command: at 1200 baud 30 characters take 0.3 s.
	writing = time.Second

	// babble is how long a reader may send without a pause. A TD1 sent thrice
	// at 1200 baud takes 2.4 s.
	babble = 5 * time.Second

	// noises is how many readings in a row may be mostly noise.
	noises = 3
)

// Options say how a reader is to be run.
type Options struct {
	Profile Profile
	Serial  string // serial number for Info, e.g. of the USB adapter; "" if unknown
}

// A Reader is an open reader. It is a [device.LineReader].
type Reader struct {
	line device.Serial
	o    Options
	info device.Info

	use device.Exclusive
}

var _ device.LineReader = (*Reader)(nil)

// Open makes a reader of the device at the end of line, which then belongs to
// it. Where the profile has a version command, a reader that leaves it
// unanswered is an error that wraps [device.ErrSilent]. The line is closed
// whenever Open fails.
func Open(ctx context.Context, line device.Serial, o Options) (*Reader, error) {
	r := &Reader{line: line, o: o}
	r.info = Describe(o)
	if len(o.Profile.Version) == 0 {
		return r, nil
	}
	var err error
	if r.info.Firmware, err = r.version(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening document reader: %w", err), line.Close())
	}
	return r, nil
}

// Describe is the Info of a reader that need not be opened for it: all but the
// firmware.
func Describe(o Options) device.Info {
	return device.Info{
		Maker: o.Profile.Maker, Model: o.Profile.Model, Serial: o.Serial,
		Driver: "mrzreader", Version: driverVersion + " " + o.Profile.Name,
	}
}

// version asks the reader for its version.
func (r *Reader) version(ctx context.Context) (string, error) {
	if err := r.drop(ctx); err != nil {
		return "", err
	}
	for asked := 1; ; asked++ {
		if err := r.send(ctx, r.o.Profile.Version); err != nil {
			return "", fmt.Errorf("asking for the version: %w", err)
		}
		text, err := r.hear(ctx)
		switch {
		case err == nil:
			return printable(text), nil
		case ctx.Err() != nil || !errors.Is(err, device.ErrSilent) || asked == patience:
			return "", fmt.Errorf("asking for the version: %w", err)
		}
	}
}

// hear collects an answer until the line is quiet.
func (r *Reader) hear(ctx context.Context) (text []byte, err error) {
	quiet := r.o.Profile.Quiet
	if quiet <= 0 {
		quiet = quietUsually
	}
	buf := make([]byte, 256)
	for wait := answer; len(text) < longest; wait = quiet {
		n, err := r.readFor(ctx, wait, buf)
		switch {
		case err == nil:
			text = append(text, buf[:n]...)
		case len(text) > 0 && errors.Is(err, device.ErrSilent) && ctx.Err() == nil:
			return text, nil
		default:
			return nil, err
		}
	}
	return nil, fmt.Errorf("the answer does not end: %w", device.ErrGarbled)
}

// printable is an answer as Info shows it. What is too long for a version may be
// a document that was drawn through just then, and is not shown.
func printable(text []byte) string {
	s := strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return ' '
		}
		return c
	}, string(text)))
	if len(s) > 60 || strings.Contains(s, "<") {
		return ""
	}
	return s
}

// readFor reads for at most d.
func (r *Reader) readFor(ctx context.Context, d time.Duration, buf []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return r.line.Read(ctx, buf)
}

func (r *Reader) send(ctx context.Context, command string) error {
	if len(command) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, writing)
	defer cancel()
	_, err := r.line.Write(ctx, []byte(command))
	return err
}

// drop forgets what came before: a document of somebody else, perhaps.
func (r *Reader) drop(ctx context.Context) error {
	buf := make([]byte, 4096)
	defer clear(buf)
	for range 64 {
		switch _, err := r.readFor(ctx, time.Millisecond, buf); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, device.ErrSilent):
			return nil
		case err != nil:
			return err
		}
	}
	return fmt.Errorf("the reader does not pause: %w", device.ErrGarbled)
}

// Info implements [device.Source]. A reader takes no biometrics, and is never
// certified for it.
func (r *Reader) Info() device.Info { return r.info }

// Frames implements [device.Source], as [device.Frames] says: one element for each
// document drawn through. What was drawn through before the sequence began is
// forgotten.
func (r *Reader) Frames(ctx context.Context) iter.Seq2[device.Swipe, error] {
	return device.Frames(ctx, &r.use, "reading documents", r.sequence)
}

// sequence runs one sequence, and releases the reader.
func (r *Reader) sequence(ctx context.Context, yield yieldFunc) (err error) {
	defer func() {
		if !errors.Is(err, device.ErrUnplugged) {
			_ = r.send(context.WithoutCancel(ctx), r.o.Profile.Release)
		}
	}()
	return r.run(ctx, yield)
}

// Close implements [device.Source], as [device.Exclusive.Close] says.
func (r *Reader) Close() error { return r.use.Close("document reader", r.line.Close) }
