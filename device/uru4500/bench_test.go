package uru4500

import (
	"context"
	"image"
	"math/rand/v2"
	"sync"
	"testing"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/uru4500/uru4500test"
)

// seeds gives the scrambler's seeds of a test.
func seeds() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{45, 0}) }

func options() Options {
	return Options{
		USB:    device.USBInfo{USBID: turned, Serial: "0123"},
		Random: seeds(),
	}
}

// open opens a scanner on sim, in the bubble of a test.
func open(t *testing.T, sim *uru4500test.Sim, o Options) *Scanner {
	t.Helper()
	s, err := Open(t.Context(), sim, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

// firstPrint opens sim, lays img on its glass and returns a copy of the first
// frame with contact.
func firstPrint(t *testing.T, sim *uru4500test.Sim, o Options, img *image.Gray) (*image.Gray, [2]int) {
	t.Helper()
	s := open(t, sim, o)
	defer s.Close()
	sim.Touch(img)
	for f, err := range s.Frames(t.Context()) {
		if err != nil {
			t.Fatalf("Frames: %v", err)
		}
		if f.Contact {
			got := image.NewGray(f.Image.Rect)
			copy(got.Pix, f.Image.Pix)
			return got, f.PPI
		}
	}
	t.Fatal("no frame with contact")
	return nil, [2]int{}
}

// A step of a script is done when so many frames were seen.
type script map[int]func(*uru4500test.Sim)

// play opens sim and scans until limit frames were yielded or the sequence
// ends. It returns a letter for each: c clear, F finger, and the error.
func play(t *testing.T, sim *uru4500test.Sim, o Options, steps script, limit int) (string, error) {
	t.Helper()
	return playOn(t, sim, sim, o, steps, limit)
}

// playOn is play of a device behind a bus.
func playOn(t *testing.T, bus device.USB, sim *uru4500test.Sim, o Options, steps script, limit int) (string, error) {
	t.Helper()
	s, err := Open(t.Context(), bus, o)
	if err != nil {
		return "", err
	}
	defer s.Close()
	return scan(t.Context(), s, sim, steps, limit)
}

func scan(ctx context.Context, s *Scanner, sim *uru4500test.Sim, steps script, limit int) (string, error) {
	return devicetest.Letters(s.Frames(ctx), limit, func(seen int) {
		if step := steps[seen]; step != nil {
			step(sim)
		}
	})
}

// finger is what touches the glass in every script. It is only read.
var finger = sync.OnceValue(func() *image.Gray { return uru4500test.Ridges(11) })

func touch(sim *uru4500test.Sim) { sim.Touch(finger()) }

func lift(sim *uru4500test.Sim) { sim.Lift() }

// faulty alters the images from first to last.
func faulty(first, last int, alter func([]byte) []byte) func(int, []byte) []byte {
	return func(n int, data []byte) []byte {
		if n >= first && n <= last {
			return alter(data)
		}
		return data
	}
}

func cut(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:min(n, len(b))] } }

func poke(at int, v ...byte) func([]byte) []byte {
	return func(b []byte) []byte { copy(b[at:], v); return b }
}

// small is a device that sends little pictures, for tests that take thousands.
func small(c uru4500test.Config) *uru4500test.Sim {
	c.Blocks = few()
	return uru4500test.New(c)
}

// few is a layout of fifty lines, most of them shown again.
func few() []uru4500test.Block {
	again := uru4500test.Block{Flags: uru4500test.Repeated | uru4500test.KeepKey, Lines: 40}
	return []uru4500test.Block{again, again, again, again, again, again, {Flags: uru4500test.Scrambled, Lines: 50}}
}

// session is a whole one: power-up, clear glass, a finger for seventeen images,
// so that the device is asked about it, and a clear glass again.
func session(t *testing.T, sim *uru4500test.Sim) (string, error) {
	return play(t, sim, options(), script{1: touch, 18: lift}, 20)
}

const sessionFrames = "cFFFFFFFFFFFFFFFFFcc"
