package gen_test

import (
	"image"
	"math"
	"testing"

	"optag/testdata/gen"
)

// The truth about orientation and period is what is measured in the image.
func TestRidgesFollowTheTruth(t *testing.T) {
	c := gen.Conditions{Rotation: 8, ShiftX: 0.8}
	for _, f := range someFingers() {
		t.Run(f.Class.String(), func(t *testing.T) {
			img := f.Impression(fap30, at500, c, 3)
			p := gen.Place(fap30, at500, c)
			var off, n float64
			var periods []float64
			for y := 100; y < 400; y += 20 {
				for x := 90; x < 310; x += 20 {
					skin := p.Skin(gen.Point{X: float64(x), Y: float64(y)})
					if nearSingular(f, skin, 45) {
						continue
					}
					angle, strength := orientationAt(img, x, y, 12)
					if strength < 0.5 {
						continue
					}
					want := f.Orientation(skin) - 8*math.Pi/180
					off, n = off+turnBetween(angle, want), n+1
					if got := periodAt(img, x, y, want); got > 0 {
						periods = append(periods, got/f.Period(skin))
					}
				}
			}
			if n < 60 {
				t.Fatalf("only %v places with clear ridges", n)
			}
			if mean := off / n * 180 / math.Pi; mean > 5 {
				t.Errorf("ridges are off the true direction by %.1f° on average, want at most 5°", mean)
			}
			var sum float64
			for _, r := range periods {
				sum += r
			}
			if mean := sum / float64(len(periods)); mean < 0.9 || mean > 1.1 {
				t.Errorf("ridges are %.2f times as far apart as they should be, over %d places", mean, len(periods))
			}
		})
	}
}

func nearSingular(f *gen.Finger, p gen.Point, reach float64) bool {
	for _, points := range [][]gen.Point{f.Cores, f.Deltas} {
		for _, s := range points {
			if math.Hypot(p.X-s.X, p.Y-s.Y) < reach {
				return true
			}
		}
	}
	return false
}

// turnBetween is the angle between two directions without arrows.
func turnBetween(a, b float64) float64 {
	d := math.Mod(math.Abs(a-b), math.Pi)
	return min(d, math.Pi-d)
}

// orientationAt measures the direction of the ridges by the structure tensor,
// and how clear it is, 0 to 1.
func orientationAt(img *image.Gray, x, y, r int) (angle, strength float64) {
	var xx, yy, xy float64
	for j := y - r; j <= y+r; j++ {
		for i := x - r; i <= x+r; i++ {
			k := img.PixOffset(i, j)
			dx := float64(img.Pix[k+1]) - float64(img.Pix[k-1])
			dy := float64(img.Pix[k-img.Stride]) - float64(img.Pix[k+img.Stride])
			xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
		}
	}
	if xx+yy == 0 {
		return 0, 0
	}
	return math.Atan2(2*xy, xx-yy)/2 + math.Pi/2, math.Hypot(xx-yy, 2*xy) / (xx + yy)
}

// periodAt measures the distance between ridges along a line across them, from
// the rising edges on it; 0 where there are fewer than four.
func periodAt(img *image.Gray, x, y int, angle float64) float64 {
	ux, uy := math.Sin(angle), math.Cos(angle)
	var first, last, edges, before float64
	for d := -30.0; d <= 30; d += 0.25 {
		v := 144 - sample(img, float64(x)+ux*d, float64(y)+uy*d)
		if before < 0 && v >= 0 {
			if edges == 0 {
				first = d
			}
			last = d
			edges++
		}
		before = v
	}
	if edges < 4 {
		return 0
	}
	return (last - first) / (edges - 1)
}

func sample(img *image.Gray, x, y float64) float64 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	tx, ty := x-float64(x0), y-float64(y0)
	at := func(i, j int) float64 { return float64(img.GrayAt(i, j).Y) }
	return (at(x0, y0)*(1-tx)+at(x0+1, y0)*tx)*(1-ty) + (at(x0, y0+1)*(1-tx)+at(x0+1, y0+1)*tx)*ty
}

// flatten brings an impression back to the canvas, by the truth about how it
// lay, four pixels to one; what did not touch is NaN.
func flatten(img *image.Gray, c gen.Conditions) []float64 {
	p := gen.Place(img.Rect.Size(), at500, c)
	var out []float64
	for y := 100.0; y < gen.Height-100; y += 2 {
		for x := 90.0; x < gen.Width-90; x += 2 {
			at := p.Image(gen.Point{X: x, Y: y})
			if at.X < 2 || at.Y < 2 || at.X > float64(img.Rect.Dx()-3) || at.Y > float64(img.Rect.Dy()-3) {
				out = append(out, math.NaN())
				continue
			}
			out = append(out, sample(img, at.X-0.5, at.Y-0.5))
		}
	}
	return out
}

// correlation is that of two flattened impressions where both touch.
func correlation(a, b []float64) float64 {
	var n, sa, sb, saa, sbb, sab float64
	for i := range a {
		if math.IsNaN(a[i]) || math.IsNaN(b[i]) {
			continue
		}
		n, sa, sb = n+1, sa+a[i], sb+b[i]
		saa, sbb, sab = saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (sab - sa*sb/n) / math.Sqrt((saa-sa*sa/n)*(sbb-sb*sb/n))
}

func TestSingularPointsFitTheClass(t *testing.T) {
	counts := map[gen.Class][2]int{
		gen.Arch: {0, 0}, gen.TentedArch: {1, 1}, gen.LeftLoop: {1, 1}, gen.RightLoop: {1, 1},
		gen.Whorl: {2, 2}, gen.DoubleLoop: {2, 2},
	}
	for _, f := range someFingers() {
		if got := [2]int{len(f.Cores), len(f.Deltas)}; got != counts[f.Class] {
			t.Errorf("%v has %v cores and deltas, want %v", f.Class, got, counts[f.Class])
			continue
		}
		if f.Class == gen.LeftLoop && f.Deltas[0].X < f.Cores[0].X {
			t.Errorf("the delta of a left loop lies on its left")
		}
		if f.Class == gen.RightLoop && f.Deltas[0].X > f.Cores[0].X {
			t.Errorf("the delta of a right loop lies on its right")
		}
		for _, c := range f.Cores {
			if turns := turnsAround(f, c); math.Abs(turns-0.5) > 0.01 && f.Class != gen.Whorl {
				t.Errorf("around a core of a %v the ridges make %.2f turns, want half a turn", f.Class, turns)
			}
		}
		for _, d := range f.Deltas {
			if turns := turnsAround(f, d); math.Abs(turns+0.5) > 0.01 {
				t.Errorf("around a delta of a %v the ridges make %.2f turns, want half a turn back", f.Class, turns)
			}
		}
	}
}

// Of a hundred fingers some 65 are loops, 30 whorls and 5 arches; hardly a
// loop opens towards the thumb but on the index finger; thumbs and ring fingers
// have the most whorls, and the right hand more than the left.
func TestClassesAreAsFrequentAsInLife(t *testing.T) {
	const people = 4000
	var all [gen.DoubleLoop + 1]float64
	var whorls, radials [gen.LeftLittle + 1]float64
	for pos := gen.RightThumb; pos <= gen.LeftLittle; pos++ {
		for seed := range uint64(people) {
			c := gen.ClassOf(seed, pos)
			all[c] += 0.1 / people
			if c == gen.Whorl || c == gen.DoubleLoop {
				whorls[pos] += 1.0 / people
			}
			if c == gen.LeftLoop && pos.Right() || c == gen.RightLoop && !pos.Right() {
				radials[pos] += 1.0 / people
			}
		}
	}
	between := func(name string, got, low, high float64) {
		if got < low || got > high {
			t.Errorf("%s: %.3f of the fingers, want %.2f to %.2f", name, got, low, high)
		}
	}
	between("loops", all[gen.LeftLoop]+all[gen.RightLoop], 0.60, 0.70)
	between("whorls", all[gen.Whorl]+all[gen.DoubleLoop], 0.25, 0.33)
	between("double loops", all[gen.DoubleLoop], 0.03, 0.07)
	between("arches", all[gen.Arch]+all[gen.TentedArch], 0.04, 0.08)
	between("index fingers' loops towards the thumb", (radials[gen.RightIndex]+radials[gen.LeftIndex])/2, 0.12, 0.24)
	between("little fingers' loops towards the thumb", (radials[gen.RightLittle]+radials[gen.LeftLittle])/2, 0, 0.03)
	between("whorls of ring over those of little fingers", whorls[gen.RightRing]-whorls[gen.RightLittle], 0.2, 0.4)
	for pos := gen.RightThumb; pos <= gen.RightLittle; pos++ {
		if whorls[pos] <= whorls[pos+5] {
			t.Errorf("%v has no more whorls than %v", pos, pos+5)
		}
	}
}

// turnsAround is the index of Poincaré.
func turnsAround(f *gen.Finger, p gen.Point) float64 {
	const steps = 90
	var sum float64
	at := func(i int) float64 {
		a := 2 * math.Pi * float64(i) / steps
		return f.Orientation(gen.Point{X: p.X + 8*math.Cos(a), Y: p.Y - 8*math.Sin(a)})
	}
	for i := range steps {
		d := math.Mod(at(i+1)-at(i)+1.5*math.Pi, math.Pi) - math.Pi/2
		sum += d
	}
	return sum / (2 * math.Pi)
}
