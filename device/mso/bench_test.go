package mso

import (
	"bytes"
	"context"
	"errors"
	"image"
	"testing"
	"time"

	"optag/device"
	"optag/device/mso/msotest"
	"optag/device/serialport/serialporttest"
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
