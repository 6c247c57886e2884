// Package devicetest holds the tests that every driver passes, the simulator
// like the hardware, and what disturbs a device while they run. It is for tests
// alone; recordings of conversations are in package tape.
//
// It knows no device. A driver's own tests stay with the driver.
package devicetest

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // stills are decoded
	_ "image/png"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/device"
)

// Limits on real time. They are wide, because test machines are busy; a test
// that passes does not wait for them.
const (
	firstFrame = 15 * time.Second // from asking to the first frame, or to a failure
	prompt     = 3 * time.Second  // from the end of ctx, or from Close, to the end of the sequence
)

// frames is how many a test reads where it reads several.
const frames = 4

// TestSource checks that a device keeps the promises of [device.Source]. The
// function opens a device that works and delivers frames without anything
// further being done; it is called once for every subtest, after the device
// before has been closed. The tests count goroutines, and do not run in
// parallel with others.
func TestSource[T device.Reading](t *testing.T, open func(t *testing.T) device.Source[T]) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, device.Source[T])
	}{
		{"information is known from the moment of opening", infoAtOnce[T]},
		{"frames arrive and are alike", framesArrive[T]},
		{"a context that has ended yields nothing", endedBefore[T]},
		{"ends promptly when cancelled while waiting", cancelledWaiting[T]},
		{"ends promptly at a deadline", endsAtDeadline[T]},
		{"cancelled inside the loop, no frame follows", cancelledInside[T]},
		{"starts again after being cancelled", startsAgain[T]},
		{"starts again after the loop was left", startsAfterBreak[T]},
		{"closing twice is allowed", closesTwice[T]},
		{"closing without having read is allowed", func(t *testing.T, s device.Source[T]) {}},
		{"frames after closing are an error and no hang", framesAfterClose[T]},
		{"closing ends a waiting sequence", closedWaiting[T]},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaks := countGoroutines()
			s := open(t)
			c.run(t, s)
			closeSource(t, s)
			leaks.check(t)
		})
	}
}

// TestFailure checks how a device fails: after a frame, and before any. The
// function opens a working device and returns what makes it fail; want is
// [device.ErrUnplugged], [device.ErrSilent] or [device.ErrGarbled].
func TestFailure[T device.Reading](t *testing.T, want error, open func(t *testing.T) (s device.Source[T], fail func())) {
	for _, c := range []struct {
		name   string
		before int // frames before the failure
	}{
		{"fails before the first frame", 0},
		{"fails while frames arrive", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			leaks := countGoroutines()
			s, fail := open(t)
			got, last := failAfter(t, s, firstFrame, c.before, fail)
			if got < c.before {
				t.Errorf("%d frames before the failure, want at least %d", got, c.before)
			}
			if !errors.Is(last, want) {
				t.Errorf("last error %v, want one that is %v", last, want)
			}
			closeSource(t, s)
			leaks.check(t)
		})
	}
}

// failAfter reads until the sequence ends, calling fail after so many frames,
// within the
// limit, and returns the number of frames and the one error that came last.
func failAfter[T device.Reading](t *testing.T, s device.Source[T], limit time.Duration, before int, fail func()) (got int, last error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if before == 0 {
		fail()
	}
	for _, err := range s.Frames(ctx) {
		var advice device.Retry
		switch {
		case last != nil:
			t.Errorf("after the failure came another element, error %v", err)
		case err == nil:
			if got++; got == before {
				fail()
			}
		case !errors.As(err, &advice):
			last = err
		}
	}
	if last == nil {
		t.Errorf("the sequence ended without an error after %d frames", got)
	}
	return got, last
}

// TestAdvice checks that advice comes without a frame and ends nothing. The
// function opens a working device and returns what makes it give the advice.
func TestAdvice[T device.Reading](t *testing.T, want device.Retry, open func(t *testing.T) (s device.Source[T], advise func())) {
	leaks := countGoroutines()
	s, advise := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	var before, advised, after int
	for f, err := range s.Frames(ctx) {
		var advice device.Retry
		switch {
		case errors.As(err, &advice):
			if advice != want {
				t.Errorf("advice %q, want %q", advice, want)
			}
			if !isEmpty(f) {
				t.Error("an advice came with a frame")
			}
			advised++
		case err != nil:
			t.Fatalf("a device that advises failed: %v", err)
		case advised > 0:
			after++
		default:
			if before++; before == 2 {
				advise()
			}
		}
		if after == 2 {
			break
		}
	}
	if advised == 0 || after < 2 {
		t.Errorf("advice given %d times and %d frames after it, want at least 1 and 2", advised, after)
	}
	closeSource(t, s)
	leaks.check(t)
}

// closeSource closes a device within the time allowed.
func closeSource[T device.Reading](t *testing.T, s device.Source[T]) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Close: %v", err)
		}
	case <-time.After(prompt):
		t.Errorf("Close still runs after %v", prompt)
	}
}

func infoAtOnce[T device.Reading](t *testing.T, s device.Source[T]) {
	first := s.Info()
	if first.Driver == "" || first.Version == "" {
		t.Errorf("Info() = %+v, want a driver and its version", first)
	}
	if first.Maker == "" && first.Model == "" {
		t.Errorf("Info() = %+v, want a maker or a model", first)
	}
	read(t, s, 1)
	if got := s.Info(); got != first {
		t.Errorf("Info() after a frame = %+v, want %+v as before", got, first)
	}
	closeSource(t, s)
	if got := s.Info(); got != first {
		t.Errorf("Info() after closing = %+v, want %+v as before", got, first)
	}
}

func framesArrive[T device.Reading](t *testing.T, s device.Source[T]) {
	read(t, s, frames)
}

// read reads n frames, checks each, and leaves the loop. Advice is passed over.
func read[T device.Reading](t *testing.T, s device.Source[T], n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	var seen likeness
	got := 0
	for f, err := range s.Frames(ctx) {
		var advice device.Retry
		if errors.As(err, &advice) {
			continue
		}
		if err != nil {
			t.Fatalf("after %d frames: %v", got, err)
		}
		seen.check(t, f)
		if got++; got == n {
			return
		}
	}
	t.Fatalf("%d frames in %v, want %d", got, firstFrame, n)
}

func endedBefore[T device.Reading](t *testing.T, s device.Source[T]) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	within(t, prompt, "a sequence whose context had ended", func() {
		for _, err := range s.Frames(ctx) {
			t.Errorf("yielded an element, error %v, want none", err)
		}
	})
}

func cancelledWaiting[T device.Reading](t *testing.T, s device.Source[T]) {
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	var cancelled time.Time
	got := 0
	for _, err := range s.Frames(ctx) {
		mustFrame(t, err)
		if got++; got == 1 {
			time.AfterFunc(5*time.Millisecond, func() { cancelled = time.Now(); cancel() })
		}
	}
	if ctx.Err() == nil || got == 0 {
		t.Fatalf("the sequence ended by itself after %d elements", got)
	}
	if late := time.Since(cancelled); late > prompt {
		t.Errorf("ended %v after being cancelled, want within %v", late, prompt)
	}
}

func endsAtDeadline[T device.Reading](t *testing.T, s device.Source[T]) {
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	within(t, 150*time.Millisecond+prompt, "a sequence with a deadline", func() {
		for _, err := range s.Frames(ctx) {
			mustFrame(t, err)
		}
	})
	if ctx.Err() == nil {
		t.Error("the sequence ended before its deadline")
	}
}

func cancelledInside[T device.Reading](t *testing.T, s device.Source[T]) {
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	got := 0
	for _, err := range s.Frames(ctx) {
		mustFrame(t, err)
		if got++; got == 1 {
			cancel()
		}
	}
	if got != 1 {
		t.Errorf("%d elements, want only the one in which the context was cancelled", got)
	}
}

func startsAgain[T device.Reading](t *testing.T, s device.Source[T]) {
	for range 3 {
		cancelledInside(t, s)
	}
	read(t, s, frames)
}

func startsAfterBreak[T device.Reading](t *testing.T, s device.Source[T]) {
	for range 3 {
		read(t, s, 1)
	}
}

func closesTwice[T device.Reading](t *testing.T, s device.Source[T]) {
	read(t, s, 1)
	closeSource(t, s)
	closeSource(t, s)
}

func framesAfterClose[T device.Reading](t *testing.T, s device.Source[T]) {
	closeSource(t, s)
	got, err := failAfter(t, s, prompt, 1, func() {})
	if got != 0 {
		t.Errorf("%d frames after closing, want none", got)
	}
	if !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("frames after closing end with %v, want one that is %v", err, device.ErrUnplugged)
	}
}

func closedWaiting[T device.Reading](t *testing.T, s device.Source[T]) {
	ctx, cancel := context.WithTimeout(t.Context(), firstFrame)
	defer cancel()
	var begun sync.Once
	var closing sync.WaitGroup
	var last error
	for _, err := range s.Frames(ctx) {
		if last = err; errors.As(err, new(device.Retry)) {
			last = nil
		}
		begun.Do(func() {
			closing.Go(func() {
				time.Sleep(5 * time.Millisecond)
				closeSource(t, s)
				time.AfterFunc(prompt, cancel)
			})
		})
	}
	if ctx.Err() != nil {
		t.Errorf("the sequence ran on for %v after Close", prompt)
	} else if !errors.Is(last, device.ErrUnplugged) {
		t.Errorf("the sequence that was closed elsewhere ended with %v, want one that is %v", last, device.ErrUnplugged)
	}
	closing.Wait()
}

// mustFrame fails on everything but a frame or an advice.
func mustFrame(t *testing.T, err error) {
	t.Helper()
	var advice device.Retry
	if err != nil && !errors.As(err, &advice) {
		t.Fatalf("yielded %v, want frames", err)
	}
}

// within fails when f takes longer than d.
func within(t *testing.T, d time.Duration, what string, f func()) {
	t.Helper()
	begun := time.Now()
	f()
	if took := time.Since(begun); took > d {
		t.Errorf("%s took %v, want at most %v", what, took, d)
	}
}

// isEmpty reports whether nothing came with an error.
func isEmpty(f any) bool {
	switch f := f.(type) {
	case device.Frame:
		return f.Image == nil
	case device.Picture:
		return f.Image == nil && f.Encoded == nil
	case device.Swipe:
		return f.Lines == nil
	}
	return false
}

// A likeness compares the frames of one sequence with its first.
type likeness struct {
	frame, preview, still image.Point
	ppi                   [2]int
}

func (l *likeness) check(t *testing.T, f any) {
	t.Helper()
	switch f := f.(type) {
	case device.Frame:
		l.checkFrame(t, f)
	case device.Picture:
		l.checkPicture(t, f)
	case device.Swipe:
		checkSwipe(t, f)
	}
}

// checkSwipe checks the shape of the lines. Documents differ, and so may the
// swipes of one sequence.
func checkSwipe(t *testing.T, s device.Swipe) {
	t.Helper()
	n, length := len(s.Lines), 0
	for i, line := range s.Lines {
		if i == 0 {
			length = len(line)
		}
		if len(line) != length || strings.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<") != "" {
			t.Errorf("line %d of a swipe is %q", i+1, line)
		}
	}
	if !(n == 3 && length == 30 || n == 2 && (length == 36 || length == 44)) {
		t.Errorf("a swipe of %d lines of %d characters, want 3 of 30 or 2 of 36 or 44", n, length)
	}
}

func (l *likeness) checkFrame(t *testing.T, f device.Frame) {
	t.Helper()
	if f.Image == nil || f.Image.Rect.Empty() {
		t.Fatal("a frame without an image")
	}
	b := f.Image.Rect
	if b.Min != (image.Point{}) {
		t.Errorf("image begins at %v, want the origin", b.Min)
	}
	if f.Image.Stride < b.Dx() || len(f.Image.Pix) < (b.Dy()-1)*f.Image.Stride+b.Dx() {
		t.Fatalf("image %v has stride %d and %d pixels", b, f.Image.Stride, len(f.Image.Pix))
	}
	for _, p := range f.PPI {
		if p < 100 || p > 2000 {
			t.Errorf("resolution %v ppi, want 100 to 2000", f.PPI)
		}
	}
	same(t, "size of the image", &l.frame, b.Size())
	if l.ppi == ([2]int{}) {
		l.ppi = f.PPI
	}
	if f.PPI != l.ppi {
		t.Errorf("resolution %v ppi, want %v as before", f.PPI, l.ppi)
	}
}

func (l *likeness) checkPicture(t *testing.T, p device.Picture) {
	t.Helper()
	if p.Image == nil || p.Image.Bounds().Empty() {
		t.Fatal("a picture without an image")
	}
	size := p.Image.Bounds().Size()
	if p.Encoded == nil {
		same(t, "size of the preview", &l.preview, size)
		return
	}
	same(t, "size of the still", &l.still, size)
	img, kind, err := image.Decode(bytes.NewReader(p.Encoded))
	if err != nil {
		t.Fatalf("decoding a still: %v", err)
	}
	if "image/"+kind != p.MediaType {
		t.Errorf("media type %q, want image/%s", p.MediaType, kind)
	}
	if img.Bounds().Size() != size {
		t.Errorf("the still's file is %v, its image %v", img.Bounds().Size(), size)
	}
}

func same(t *testing.T, what string, first *image.Point, got image.Point) {
	t.Helper()
	if *first == (image.Point{}) {
		*first = got
	}
	if got != *first {
		t.Errorf("%s %v, want %v as before", what, got, *first)
	}
}

// A leakCheck remembers how many goroutines there were.
type leakCheck int

func countGoroutines() leakCheck { return leakCheck(runtime.NumGoroutine()) }

// check waits a little for goroutines that are on their way out.
func (before leakCheck) check(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(prompt)
	for runtime.NumGoroutine() > int(before) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			stacks = stacks[:runtime.Stack(stacks, true)]
			t.Errorf("%d goroutines after closing, %d before opening:\n%s", runtime.NumGoroutine(), before, stacks)
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}
