package gen_test

import (
	"image"
	"math"
	"testing"

	"optag/testdata/gen"
)

// A child's finger is the adult's, smaller: the same skin lies under a pixel
// that is as much nearer to the middle, and the ridges are as much closer.
func TestFingersGrowUp(t *testing.T) {
	f := someFingers()[5]
	child, adult := f.Aged(6), f.Aged(30)
	if child.Size() < 0.65 || child.Size() > 0.75 {
		t.Errorf("at six a finger has %.2f of its size, want 0.65 to 0.75", child.Size())
	}
	if adult.Size() != 1 {
		t.Errorf("at thirty a finger has %.2f of its size, want all", adult.Size())
	}
	last := 0.0
	for years := range 19 {
		if s := f.Aged(float64(years)).Size(); s <= last {
			t.Errorf("at %d a finger has %.3f of its size, and had %.3f the year before", years, s, last)
		} else {
			last = s
		}
	}
	c := gen.Conditions{}
	p, whole := child.Place(fap30, at500, c), adult.Place(fap30, at500, c)
	tip := gen.Point{X: gen.Width/2 + 40, Y: gen.Height/2 - 100}
	a, b := p.Image(tip), whole.Image(tip)
	if want := 200 + (b.X-200)*child.Size(); math.Abs(a.X-want) > 0.01 {
		t.Errorf("a place lies at column %.2f of a child's print, want %.2f", a.X, want)
	}
	if area := inkOf(child.Impression(fap30, at500, c, 1)) / inkOf(adult.Impression(fap30, at500, c, 1)); area < 0.4 || area > 0.6 {
		t.Errorf("a child's print inks %.2f of an adult's, want about half", area)
	}
	if got := childPeriod(child, &p); got < 0.9 || got > 1.1 {
		t.Errorf("a child's ridges are %.2f times as far apart as they should be", got)
	}
}

// childPeriod is the measured distance of the ridges over the true one.
func childPeriod(f *gen.Finger, p *gen.Placement) float64 {
	img := f.Impression(fap30, at500, gen.Conditions{}, 1)
	var sum, n float64
	for y := 180; y < 320; y += 20 {
		for x := 140; x < 260; x += 20 {
			skin := p.Skin(gen.Point{X: float64(x), Y: float64(y)})
			if nearSingular(f, skin, 45) {
				continue
			}
			if got := periodAt(img, x, y, f.Orientation(skin)); got > 0 {
				sum, n = sum+got/(f.Period(skin)*f.Size()), n+1
			}
		}
	}
	return sum / n
}

// The elderly have fainter ridges and more creases, the same ones every time.
func TestFingersAge(t *testing.T) {
	f := someFingers()[5]
	old := f.Aged(85)
	if old.Size() != 1 {
		t.Errorf("at 85 a finger has %.2f of its size", old.Size())
	}
	c := gen.Conditions{Touch: 3}
	young, worn := f.Impression(fap30, at500, c, 1), old.Impression(fap30, at500, c, 1)
	if a, b := inkOf(worn), inkOf(young); a > 0.9*b {
		t.Errorf("at 85 a print inks %.2f of the glass, and %.2f before", a, b)
	}
	if hash(worn.Pix) != hash(f.Aged(85).Impression(fap30, at500, c, 1).Pix) {
		t.Error("a finger ages otherwise the second time")
	}
	if hash(f.Aged(30).Impression(fap30, at500, c, 1).Pix) != hash(young.Pix) {
		t.Error("a finger of thirty is not what was grown")
	}
}

// What the contact says is where the ink is.
func TestContactIsWhereTheInkIs(t *testing.T) {
	f := someFingers()[4]
	for name, c := range map[string]gen.Conditions{
		"as it should be":   {},
		"rolled to the tip": {RollY: -2, RollX: 1},
		"half the pad":      {Coverage: 0.5, Rotation: 20},
		"beside the glass":  {ShiftX: 8},
	} {
		t.Run(name, func(t *testing.T) {
			img, contact := f.Impression(fap30, at500, c, 1), f.Contact(fap30, at500, c)
			var touching, inked, stray float64
			for i, v := range contact.Pix {
				switch {
				case v != 0:
					touching++
					if img.Pix[i] < 144 {
						inked++
					}
				case img.Pix[i] < 200:
					stray++
				}
			}
			if touching == 0 || inked/touching < 0.25 || inked/touching > 0.6 {
				t.Errorf("%.2f of the contact is inked, want 0.25 to 0.6", inked/touching)
			}
			if stray > 0.002*touching {
				t.Errorf("%.0f pixels are inked beside the contact", stray)
			}
		})
	}
}

// Frames of one touch are alike but for the sensor's noise; another touch of
// the same finger under the same conditions is not.
func TestTouchesDiffer(t *testing.T) {
	f := someFingers()[4]
	c := gen.Conditions{Stretch: 0.2, Rough: 0.4, Touch: 1}
	flat := func(c gen.Conditions, frame uint64) []float64 {
		return flatten(f.Impression(image.Pt(500, 600), at500, c, frame), c)
	}
	first := flat(c, 1)
	if r := correlation(first, flat(c, 2)); r < 0.99 {
		t.Errorf("two frames of one touch correlate by %.3f, want at least 0.99", r)
	}
	c.Touch = 2
	if r := correlation(first, flat(c, 1)); r < 0.5 || r > 0.95 {
		t.Errorf("two touches correlate by %.3f, want 0.5 to 0.95", r)
	}
}

// Every glass that a driver knows shows a print.
func TestEverySensor(t *testing.T) {
	f := someFingers()[5]
	for _, s := range []struct {
		name string
		size image.Point
		ppi  [2]int
		ink  float64 // mm² at least
	}{
		{"FAP 10", image.Pt(250, 325), at500, 50},
		{"FAP 20", image.Pt(300, 400), at500, 60},
		{"FAP 30", image.Pt(400, 500), at500, 60},
		{"FAP 45", image.Pt(800, 750), at500, 60},
		{"FAP 50 at 1000 ppi", image.Pt(3200, 2000), [2]int{1000, 1000}, 60},
		{"oblong pixels", image.Pt(384, 290), [2]int{512, 370}, 60},
		{"a strip", image.Pt(144, 20), at500, 1},
		{"one pixel", image.Pt(1, 1), at500, 0},
	} {
		t.Run(s.name, func(t *testing.T) {
			img := f.Impression(s.size, s.ppi, gen.Conditions{Stretch: 0.1, Shade: 0.5, Dirt: 0.3, Touch: 2}, 1)
			mm2 := inkOf(img) * float64(s.size.X*s.size.Y) * 25.4 * 25.4 / float64(s.ppi[0]*s.ppi[1])
			if mm2 < s.ink || mm2 > 180 {
				t.Errorf("%.0f mm² are inked, want %.0f to 180", mm2, s.ink)
			}
		})
	}
}

// Drawing into an image that is there needs only the row of places.
func TestDrawingAllocatesLittle(t *testing.T) {
	f, c := someFingers()[0], gen.Conditions{}
	img := image.NewGray(image.Rectangle{Max: fap30})
	if n := testing.AllocsPerRun(3, func() { f.Draw(img, at500, c, 1) }); n > 2 {
		t.Errorf("a frame allocates %v times, want at most 2", n)
	}
}
