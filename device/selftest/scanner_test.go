package selftest_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/selftest"
	"optag/device/sim"
	"optag/testdata/gen"
)

// checked runs the checks of a scanner in a bubble, where waiting costs no time.
func checked(t *testing.T, s *sim.Scanner, o selftest.ScannerOptions) (got map[string]selftest.Check, err error) {
	t.Helper()
	d, openErr := s.Open()
	if openErr != nil {
		t.Fatal(openErr)
	}
	defer d.Close()
	list, err := selftest.Scanner(t.Context(), d, o)
	got = map[string]selftest.Check{}
	for _, c := range list {
		if _, twice := got[c.ID]; twice {
			t.Errorf("%s is there twice", c.ID)
		}
		if c.Outcome != selftest.Pass && c.Do == "" {
			t.Errorf("%s is %s and says nothing to do", c.ID, c.Outcome)
		}
		got[c.ID] = c
	}
	return got, err
}

var smallGlass = image.Pt(256, 320)

func TestFlawsOfAScanner(t *testing.T) {
	for _, c := range []struct {
		name  string
		flaws sim.Flaws
		want  map[string]selftest.Outcome // of the checks that do not pass
	}{
		{"none", sim.Flaws{}, nil},
		{"a dead row", sim.Flaws{DeadRows: []int{77}}, map[string]selftest.Outcome{"dead_rows": selftest.Warn}},
		{"three dead rows side by side", sim.Flaws{DeadRows: []int{5, 6, 7}}, map[string]selftest.Outcome{"dead_rows": selftest.Fail}},
		{"a dead column at the edge", sim.Flaws{DeadColumns: []int{0}}, map[string]selftest.Outcome{"dead_columns": selftest.Warn}},
		{"thirty dead pixels", sim.Flaws{DeadPixels: 30}, map[string]selftest.Outcome{"dead_pixels": selftest.Warn}},
		{"a little dirt", sim.Flaws{Dirt: 0.008}, nil},
		{"a dirty glass", sim.Flaws{Dirt: 0.05}, map[string]selftest.Outcome{"dirt": selftest.Warn}},
		{"a glass full of dirt", sim.Flaws{Dirt: 0.25}, map[string]selftest.Outcome{"dirt": selftest.Fail}},
		{"a noisy sensor", sim.Flaws{Noise: 0.15}, map[string]selftest.Outcome{"noise": selftest.Warn}},
		{"a failing light", sim.Flaws{Shade: 0.7}, map[string]selftest.Outcome{"uniformity": selftest.Warn}},
		{"a stretched contrast", sim.Flaws{Gap: 3, Noise: 0.02}, map[string]selftest.Outcome{"gaps": selftest.Warn}},
		{"dirt over dead pixels and a row", sim.Flaws{Dirt: 0.04, DeadPixels: 40, DeadRows: []int{200}},
			map[string]selftest.Outcome{"dirt": selftest.Warn, "dead_pixels": selftest.Warn, "dead_rows": selftest.Warn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := checked(t, sim.NewScanner(sim.Options{Size: smallGlass, Flaws: c.flaws, Seed: 5}), selftest.ScannerOptions{Images: 6})
				if err != nil {
					t.Fatal(err)
				}
				for id, check := range got {
					want := c.want[id]
					if want == "" {
						want = selftest.Pass
					}
					if check.Outcome != want && check.Outcome != selftest.Skipped {
						t.Errorf("%s is %s at %s, want %s", id, check.Outcome, check.Measured(), want)
					}
				}
				if got["dirt"].Picture == nil && (c.flaws.Dirt > 0 || c.flaws.DeadPixels > 0) {
					t.Error("no map of the dirt")
				}
			})
		})
	}
}

// TestWhatIsCounted: as many dead rows, columns and pixels as there are, and as
// much dirt.
func TestWhatIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sim.Flaws{DeadRows: []int{3, 100}, DeadColumns: []int{60}, DeadPixels: 25, Dirt: 0.02}
		got, err := checked(t, sim.NewScanner(sim.Options{Size: smallGlass, Flaws: f, Seed: 1}), selftest.ScannerOptions{Images: 6})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string][2]float64{"dead_rows": {2, 2}, "dead_columns": {1, 1}, "dead_pixels": {22, 25}, "dirt": {1.6, 2.6}} {
			if v := *got[id].Value; v < want[0] || v > want[1] {
				t.Errorf("%s: %v, want %v to %v", id, v, want[0], want[1])
			}
		}
	})
}

func TestTargetOnTheGlass(t *testing.T) {
	for _, c := range []struct {
		name      string
		claims    [2]int
		truth     [2]float64
		tilt      float64
		pitch     float64
		across    selftest.Outcome
		down      selftest.Outcome
		precision float64 // per cent
	}{
		{"straight", [2]int{500, 500}, [2]float64{500, 500}, 0, 1, selftest.Pass, selftest.Pass, 0.1},
		{"tilted by five degrees", [2]int{500, 500}, [2]float64{500, 500}, 5, 1, selftest.Pass, selftest.Pass, 0.1},
		{"tilted the other way, wider lines", [2]int{500, 500}, [2]float64{502, 498}, -8, 2, selftest.Pass, selftest.Pass, 0.2},
		{"two per cent off across", [2]int{500, 500}, [2]float64{510, 500}, 1, 1, selftest.Warn, selftest.Pass, 0.1},
		{"pixels that are not square", [2]int{540, 370}, [2]float64{543, 369}, -3, 1, selftest.Pass, selftest.Pass, 0.1},
		{"an estimate that is far off", [2]int{540, 370}, [2]float64{512, 402}, 2, 1, selftest.Fail, selftest.Fail, 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim.NewScanner(sim.Options{Size: smallGlass, PPI: c.claims})
				o := selftest.ScannerOptions{Images: 2, Pitch: c.pitch}
				o.Lay = func() { s.Lay(sim.Target{Pitch: c.pitch, Tilt: c.tilt, PPI: c.truth}) }
				var found selftest.Resolution
				o.Found = func(r selftest.Resolution) { found = r }
				got, err := checked(t, s, o)
				if err != nil {
					t.Fatal(err)
				}
				for k, id := range []string{"ppi_across", "ppi_down"} {
					check := got[id]
					if check.Value == nil {
						t.Fatalf("%s: %s", id, check.Do)
					}
					if off := 100 * math.Abs(*check.Value/c.truth[k]-1); off > c.precision {
						t.Errorf("%s: %.2f, want %.2f (%.3f %% off)", id, *check.Value, c.truth[k], off)
					}
					if want := []selftest.Outcome{c.across, c.down}[k]; check.Outcome != want {
						t.Errorf("%s is %s, want %s", id, check.Outcome, want)
					}
				}
				if got["ppi_spread"].Outcome != selftest.Pass || !found.Steady() || found.PPI[0] != *got["ppi_across"].Value || found.Raw != found.PPI {
					t.Errorf("found %+v", found)
				}
				if r := got["range"]; r.Value == nil {
					t.Errorf("no grey values of the target: %s", r.Do)
				}
			})
		})
	}
}

// TestTargetThatMoves: what is measured while somebody touches the target calibrates
// nothing.
func TestTargetThatMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewScanner(sim.Options{Size: smallGlass})
		over := make(chan struct{})
		var found selftest.Resolution
		o := selftest.ScannerOptions{Images: 2, Pitch: 1, Found: func(r selftest.Resolution) { found = r }, Calibrated: [2]float64{540, 370}}
		o.Lay = func() {
			go func() {
				for i := 0; ; i++ {
					ppi := 500 + float64(i%2)*4
					s.Lay(sim.Target{Pitch: 1, PPI: [2]float64{500, ppi}})
					select {
					case <-over:
						return
					case <-time.After(60 * time.Millisecond):
					}
				}
			}()
		}
		got, err := checked(t, s, o)
		close(over)
		if err != nil || found.Steady() || got["ppi_spread"].Outcome != selftest.Warn {
			t.Errorf("%+v, %s, %v", found, got["ppi_spread"].Outcome, err)
		}
		if off := math.Abs(found.Raw[0]/540 - 1); off > 0.002 {
			t.Errorf("a driver that resampled from 540 ppi to 500 is told %.2f", found.Raw[0])
		}
	})
}

// TestNoTarget: neither a clear glass nor a finger nor noise is taken for a
// ruled target.
func TestNoTarget(t *testing.T) {
	finger := gen.Person(3).Finger(gen.RightIndex)
	for name, draw := range map[string]func(*image.Gray){
		"a clear glass":     func(img *image.Gray) { gen.DrawBlank(img, 0, 1) },
		"a dirty one":       func(img *image.Gray) { gen.DrawBlank(img, 0.3, 1) },
		"noise":             func(img *image.Gray) { gen.DrawStatic(img, 4) },
		"a finger":          func(img *image.Gray) { finger.Draw(img, [2]int{500, 500}, gen.Conditions{}, 1) },
		"a finger, turned":  func(img *image.Gray) { finger.Draw(img, [2]int{500, 500}, gen.Conditions{Rotation: 30}, 2) },
		"nothing but black": func(*image.Gray) {},
	} {
		t.Run(name, func(t *testing.T) {
			img := image.NewGray(image.Rect(0, 0, 300, 400))
			draw(img)
			for _, pitch := range []float64{0.4, 0.5, 1, 2} {
				expect := 500 * pitch / 25.4
				if g, err := selftest.FindGrid(img, [2]float64{expect, expect}); !errors.Is(err, selftest.ErrNoTarget) {
					t.Errorf("lines %v mm apart: %+v, %v", pitch, g, err)
				}
			}
		})
	}
}

func TestWhatIsSkipped(t *testing.T) {
	all := func(t *testing.T, got map[string]selftest.Check, want selftest.Outcome, ids ...string) {
		for _, id := range ids {
			if got[id].Outcome != want {
				t.Errorf("%s is %q, want %q", id, got[id].Outcome, want)
			}
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(*sim.Scanner)
		options selftest.ScannerOptions
		skipped []string
	}{
		{"the glass, while a finger lies on it", func(s *sim.Scanner) { s.Place(gen.RightIndex, gen.Conditions{}) }, selftest.ScannerOptions{Images: 2}, []string{"dirt", "noise", "dead_rows"}},
		{"the glass, where the driver draws it", nil, selftest.ScannerOptions{Images: 2, Drawn: true}, []string{"dirt", "noise", "dead_rows"}},
		{"the resolution, without a target", nil, selftest.ScannerOptions{Images: 2}, []string{"ppi_across", "ppi_down", "range"}},
		{"the resolution, where none is laid on", nil, selftest.ScannerOptions{Images: 2, Pitch: 1}, []string{"ppi_across", "ppi_down"}},
		{"the print, where no finger is laid on", nil, selftest.ScannerOptions{Images: 2, Finger: true, Patient: time.Second}, []string{"range"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim.NewScanner(sim.Options{Size: smallGlass, FPS: 2})
				if c.prepare != nil {
					c.prepare(s)
				}
				if c.options.Patient == 0 {
					c.options.Patient = 2 * time.Second
				}
				got, err := checked(t, s, c.options)
				if err != nil {
					t.Fatal(err)
				}
				all(t, got, selftest.Skipped, c.skipped...)
				all(t, got, selftest.Pass, "answers")
			})
		})
	}
}

func TestFingerThatWasAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sim.NewScanner(sim.Options{Person: 2})
		got, err := checked(t, s, selftest.ScannerOptions{Images: 2, Finger: true, Lay: func() { s.Place(gen.RightThumb, gen.Conditions{}) }})
		if err != nil {
			t.Fatal(err)
		}
		if r := got["range"]; r.Value == nil || *r.Value < 128 || r.Picture == nil {
			t.Errorf("grey values of a good print: %s, %s", r.Measured(), r.Outcome)
		}
	})
}

func TestScannerThatFails(t *testing.T) {
	for _, c := range []struct {
		fault sim.Fault
		want  error
	}{{sim.Unplugged, device.ErrUnplugged}, {sim.Silent, device.ErrSilent}, {sim.Garbled, device.ErrGarbled}} {
		t.Run(string(c.fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sim.NewScanner(sim.Options{Size: smallGlass})
				time.AfterFunc(200*time.Millisecond, func() { s.Fail(c.fault) })
				got, err := checked(t, s, selftest.ScannerOptions{})
				if !errors.Is(err, c.want) || got["answers"].Outcome != selftest.Fail {
					t.Errorf("%v, answers %q", err, got["answers"].Outcome)
				}
			})
		})
	}
	t.Run("an image that never changes", func(t *testing.T) {
		got := map[string]selftest.Check{}
		list, err := selftest.Scanner(t.Context(), still{}, selftest.ScannerOptions{Images: 3})
		for _, c := range list {
			got[c.ID] = c
		}
		if err != nil || got["noise"].Outcome != selftest.Fail {
			t.Errorf("%v, noise %q", err, got["noise"].Outcome)
		}
	})
	t.Run("stopped by the technician", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			d, err := sim.NewScanner(sim.Options{Size: smallGlass}).Open()
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer stop()
			if _, err := selftest.Scanner(ctx, d, selftest.ScannerOptions{Images: 100}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
		})
	})
}

// still is a scanner whose driver hands out the same image for ever.
type still struct{ device.Scanner }

func (still) Info() device.Info { return device.Info{Model: "still"} }

func (still) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return func(yield func(device.Frame, error) bool) {
		img := image.NewGray(image.Rect(0, 0, 128, 128))
		gen.DrawBlank(img, 0, 1)
		for ctx.Err() == nil && yield(device.Frame{Image: img, PPI: [2]int{500, 500}}, nil) {
		}
	}
}

func TestGapsAndRange(t *testing.T) {
	full := func(step int) (h [256]uint64) {
		for v := 0; v < 256; v += step {
			h[v] = 1000
		}
		return h
	}
	for _, c := range []struct {
		name        string
		histogram   [256]uint64
		gaps, width int
	}{
		{"nothing", [256]uint64{}, 0, 0},
		{"every value", full(1), 0, 256},
		{"every second value", full(2), 127, 128},
		{"every third value", full(3), 170, 86},
		{"black and white", [256]uint64{0: 5000, 255: 5000}, 0, 2},
		{"a few odd pixels", [256]uint64{10: 3, 12: 3, 200: 90000, 201: 90000}, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if g, r := selftest.Gaps(c.histogram), selftest.Range(c.histogram); g != c.gaps || r != c.width {
				t.Errorf("%d gaps and %d values, want %d and %d", g, r, c.gaps, c.width)
			}
		})
	}
}

func TestStackRefuses(t *testing.T) {
	var s selftest.Stack
	if _, err := s.Measure([2]int{500, 500}); err == nil {
		t.Error("no image was measured")
	}
	if err := s.Add(image.NewGray(image.Rect(0, 0, 10, 10))); err == nil {
		t.Error("an image of ten pixels was taken")
	}
	if err := s.Add(image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
		t.Error(err)
	}
	if err := s.Add(image.NewGray(image.Rect(0, 0, 100, 101))); err == nil {
		t.Error("an image of another size was taken")
	}
}

func ExampleGrid_PPI() {
	g := selftest.Grid{Pitch: [2]float64{20, 20}}
	fmt.Printf("%.0f\n", g.PPI(1)[0])
	// Output: 508
}

func BenchmarkFindGrid(b *testing.B) {
	s := sim.NewScanner(sim.Options{FPS: 1e6})
	s.Lay(sim.Target{Pitch: 1, Tilt: 2})
	d, err := s.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	var img *image.Gray
	for f := range d.Frames(b.Context()) {
		img = f.Image
		break
	}
	for b.Loop() {
		if _, err := selftest.FindGrid(img, [2]float64{19.7, 19.7}); err != nil {
			b.Fatal(err)
		}
	}
}
