package sim_test

import (
	"context"
	"errors"
	"image"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/sim"
	"optag/testdata/gen"
)

// A reader pulls frames one by one.
type reader[T device.Frame | device.Picture] struct {
	t    *testing.T
	next func() (T, error, bool)
}

// read starts a sequence; it ends with the test's bubble.
func read[T device.Frame | device.Picture](t *testing.T, s device.Source[T]) *reader[T] {
	next, stop := iter.Pull2(s.Frames(t.Context()))
	t.Cleanup(stop)
	return &reader[T]{t, next}
}

// frame returns the next frame, which must be one.
func (r *reader[T]) frame() T {
	r.t.Helper()
	f, err, ok := r.next()
	if err != nil || !ok {
		r.t.Fatalf("next frame: %v, %v", err, ok)
	}
	return f
}

// failure returns the next error, which must be the last.
func (r *reader[T]) failure() error {
	r.t.Helper()
	_, err, ok := r.next()
	if err == nil || !ok {
		r.t.Fatalf("next: %v, %v, want an error", err, ok)
	}
	if _, err, ok := r.next(); ok {
		r.t.Fatalf("after %v came %v", err, ok)
	}
	return err
}

func ink(img *image.Gray) float64 {
	var n float64
	for y := range img.Rect.Dy() {
		for _, v := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			if v < 144 {
				n++
			}
		}
	}
	return n / float64(img.Rect.Dx()*img.Rect.Dy())
}

// inBubble runs a test on a scanner of ten frames a second, in invented time.
func inBubble(t *testing.T, name string, f func(t *testing.T, s *sim.Scanner)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f(t, sim.NewScanner(sim.Options{FPS: 10, Person: 7, Grow: grown}))
		})
	})
}

func TestGlass(t *testing.T) {
	inBubble(t, "a finger comes, settles and goes", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		if f := r.frame(); f.Contact || ink(f.Image) > 0 {
			t.Errorf("clear glass: contact %v, ink %.2f", f.Contact, ink(f.Image))
		}
		s.Place(gen.RightIndex, gen.Conditions{})
		first := r.frame()
		landing := ink(first.Image)
		time.Sleep(time.Second)
		f := r.frame()
		if lying := ink(f.Image); !first.Contact || !f.Contact || landing >= lying/2 || lying < 0.15 {
			t.Errorf("a finger: contact %v, ink %.2f, then %v, %.2f; want less at first", first.Contact, landing, f.Contact, lying)
		}
		if pos, ok := s.Lying(); !ok || pos != gen.RightIndex {
			t.Errorf("Lying() = %v, %v", pos, ok)
		}
		s.Lift()
		if f := r.frame(); f.Contact || ink(f.Image) > 0 {
			t.Errorf("lifted: contact %v, ink %.2f", f.Contact, ink(f.Image))
		}
	})
	inBubble(t, "a finger is pressed harder without being lifted", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		s.Place(gen.RightIndex, gen.Conditions{Pressure: -1, Coverage: 0.4})
		time.Sleep(time.Second)
		light := ink(r.frame().Image)
		s.Adjust(gen.Conditions{})
		if now := ink(r.frame().Image); now < 1.5*light {
			t.Errorf("ink %.2f after %.2f", now, light)
		}
	})
	inBubble(t, "a stuck finger is not lifted", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		s.Place(gen.RightIndex, gen.Conditions{})
		s.Fail(sim.Stuck)
		s.Lift()
		if !r.frame().Contact {
			t.Error("the finger was lifted")
		}
		s.Recover()
		s.Lift()
		if r.frame().Contact {
			t.Error("the finger stays on after Recover")
		}
	})
	inBubble(t, "the next person has other fingers", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		pixels := func(p gen.Person) []uint8 {
			s.SetPerson(p)
			s.Place(gen.RightIndex, gen.Conditions{})
			time.Sleep(time.Second)
			r.frame() // was due before the finger had settled
			return append([]uint8(nil), r.frame().Image.Pix...)
		}
		a, b, again := pixels(1), pixels(2), pixels(1)
		if far, near := difference(a, b), difference(a, again); far < 40 || near > 5 {
			t.Errorf("two people differ by %.1f grey levels, one from himself by %.1f; want at least 40 and at most 5", far, near)
		}
	})
}

func difference(a, b []uint8) float64 {
	var sum float64
	for i := range a {
		sum += max(float64(a[i])-float64(b[i]), float64(b[i])-float64(a[i]))
	}
	return sum / float64(len(a))
}

func TestPace(t *testing.T) {
	inBubble(t, "ten frames take nine tenths of a second", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		begun := time.Now()
		for range 10 {
			r.frame()
		}
		if took := time.Since(begun); took != 900*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
	inBubble(t, "a reader that is late gets no backlog", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		r.frame()
		time.Sleep(10 * time.Second)
		begun := time.Now()
		for range 3 {
			r.frame()
		}
		if took := time.Since(begun); took != 200*time.Millisecond {
			t.Errorf("three frames took %v, want 200ms", took)
		}
	})
	inBubble(t, "a slow scanner takes a second longer", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		r.frame()
		s.Fail(sim.Slow)
		begun := time.Now()
		r.frame()
		if took := time.Since(begun); took != 1100*time.Millisecond {
			t.Errorf("a frame took %v, want 1.1s", took)
		}
	})
}

func TestWrongImages(t *testing.T) {
	for _, c := range []struct {
		fault sim.Fault
		wrong func(good, got device.Frame) bool
	}{
		{sim.WrongSize, func(good, got device.Frame) bool { return got.Image.Rect != good.Image.Rect }},
		{sim.WrongPPI, func(good, got device.Frame) bool { return got.PPI != good.PPI }},
		{sim.Noise, func(good, got device.Frame) bool { return ink(got.Image) > 0.5 }},
	} {
		inBubble(t, string(c.fault), func(t *testing.T, s *sim.Scanner) {
			r := read(t, openScanner(t, s))
			good := r.frame()
			s.Fail(c.fault)
			if s.Fault() != c.fault {
				t.Errorf("Fault() = %q", s.Fault())
			}
			if got := r.frame(); !c.wrong(good, got) {
				t.Errorf("%v at %v ppi is as it should be", got.Image.Rect, got.PPI)
			}
			s.Recover()
			if got := r.frame(); c.wrong(good, got) {
				t.Errorf("%v at %v ppi is wrong after Recover", got.Image.Rect, got.PPI)
			}
		})
	}
}

func TestUnpluggingAndPlugging(t *testing.T) {
	inBubble(t, "what was opened is dead, what is opened anew works", func(t *testing.T, s *sim.Scanner) {
		d := openScanner(t, s)
		r := read(t, d)
		r.frame()
		s.Unplug()
		if err := r.failure(); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("unplugged: %v", err)
		}
		if _, err := s.Open(); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("Open while unplugged: %v", err)
		}
		if s.Plugged() || s.Fault() != sim.Unplugged {
			t.Errorf("Plugged() = %v, Fault() = %q", s.Plugged(), s.Fault())
		}
		s.Replug()
		if err := read(t, d).failure(); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("the old one after plugging in: %v", err)
		}
		read(t, openScanner(t, s)).frame()
	})
	inBubble(t, "unplugging is noticed at once", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		r.frame()
		begun := time.Now()
		time.AfterFunc(3*time.Millisecond, s.Unplug)
		if err := r.failure(); time.Since(begun) != 3*time.Millisecond {
			t.Errorf("%v after %v, want 3ms", err, time.Since(begun))
		}
	})
}

func TestSilence(t *testing.T) {
	inBubble(t, "is reported after two seconds", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		r.frame()
		s.Fail(sim.Silent)
		begun := time.Now()
		if err := r.failure(); !errors.Is(err, device.ErrSilent) || time.Since(begun) != 2*time.Second {
			t.Errorf("%v after %v, want silent after 2s", err, time.Since(begun))
		}
		s.Recover()
		read(t, openScanner(t, s)).frame()
	})
	inBubble(t, "that ends in time is only a pause", func(t *testing.T, s *sim.Scanner) {
		r := read(t, openScanner(t, s))
		r.frame()
		s.Fail(sim.Silent)
		time.AfterFunc(time.Second, s.Recover)
		begun := time.Now()
		r.frame()
		if took := time.Since(begun); took != time.Second {
			t.Errorf("a frame after %v, want 1s", took)
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	for _, c := range []struct {
		name  string
		place func(*sim.Scanner)
	}{
		{"clear glass", func(*sim.Scanner) {}},
		{"finger", func(s *sim.Scanner) { s.Place(gen.RightIndex, gen.Conditions{Rotation: 5}) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := sim.NewScanner(sim.Options{FPS: 1e6, Person: 7, Grow: grown})
			c.place(s)
			d, err := s.Open()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			n := 0
			for range d.Frames(context.Background()) {
				if n++; n >= b.N {
					break
				}
			}
		})
	}
}
