package minutiae

import (
	"fmt"
	"hash/fnv"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"optag/capture/finger/internal/portable"
	"optag/testdata/gen"
)

// glass is the size of a usual single-finger sensor at 500 ppi.
var (
	glass = image.Pt(416, 560)
	ppi   = [2]int{500, 500}
)

// fingers grows the fingers that the tests of this file share.
var fingers = sync.OnceValue(func() []*gen.Finger {
	return []*gen.Finger{
		gen.MasterOf(31, gen.RightIndex, gen.Whorl),
		gen.MasterOf(32, gen.LeftThumb, gen.RightLoop),
		gen.MasterOf(33, gen.RightMiddle, gen.Arch),
	}
})

func extract(img *image.Gray) Template {
	var e Extractor
	var t Template
	e.Extract(&t, img)
	return t
}

// spirals draws ridges of a period of 9 pixels, level at angle 0, with a minutia
// at each of the given places: the phase turns once around it (Larkin &
// Fletcher 2007). Every pixel is the same on every processor.
func spirals(size image.Point, turn float64, places []Minutia) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	nx, ny := portable.Sin(turn), portable.Cos(turn)
	for y := range size.Y {
		for x := range size.X {
			phase := float64(2 * math.Pi / 9 * (float64(float64(x)*nx) + float64(float64(y)*ny)))
			for _, p := range places {
				a := portable.Atan2(float64(y-int(p.Y)), float64(x-int(p.X)))
				if p.Kind == Ending {
					a = -a
				}
				phase += a
			}
			img.Pix[y*img.Stride+x] = uint8(128.5 + float64(90*portable.Cos(phase)))
		}
	}
	return img
}

// The places and directions of minutiae are known where the ridges are drawn by
// a formula.
func TestExtractDrawn(t *testing.T) {
	for turn := range 6 {
		t.Run(fmt.Sprintf("ridges turned by %d degrees", 30*turn), func(t *testing.T) {
			rad := float64(turn) * math.Pi / 6
			places := []Minutia{{X: 80, Y: 90, Kind: Ending}, {X: 170, Y: 100, Kind: Bifurcation}, {X: 110, Y: 180, Kind: Bifurcation}, {X: 200, Y: 190, Kind: Ending}}
			got := extract(spirals(image.Pt(280, 280), rad, places))
			if len(got.Minutiae) != len(places) {
				t.Errorf("%d minutiae, want %d: %v", len(got.Minutiae), len(places), got.Minutiae)
			}
			for _, p := range places {
				i := slices.IndexFunc(got.Minutiae, func(m Minutia) bool {
					return math.Hypot(float64(m.X-p.X), float64(m.Y-p.Y)) <= 5
				})
				if i < 0 {
					t.Errorf("no minutia within 5 pixels of %d, %d: %v", p.X, p.Y, got.Minutiae)
					continue
				}
				axis := int(math.Round(128 * rad / math.Pi))
				if off := int(int8(2 * (int(got.Minutiae[i].Angle) - axis))); off < -16 || off > 16 {
					t.Errorf("minutia at %d, %d points to %d of 256, ridges run at %d", p.X, p.Y, got.Minutiae[i].Angle, axis)
				}
				if q := got.Minutiae[i].Quality; q < 50 {
					t.Errorf("minutia at %d, %d has quality %d", p.X, p.Y, q)
				}
			}
		})
	}
}

// The same template on every processor: the value is that of linux/amd64.
func TestExtractPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var places []Minutia
	for y := 30; y < 210; y += 60 {
		for x := 30; x < 210; x += 60 {
			places = append(places, Minutia{X: int16(x + r.IntN(30)), Y: int16(y + r.IntN(30)), Kind: Ending + Kind(r.IntN(2))})
		}
	}
	img := spirals(image.Pt(250, 250), 0.4, places)
	for i := range img.Pix {
		img.Pix[i] = uint8(max(0, min(255, int(img.Pix[i])+r.IntN(81)-40)))
	}
	h := fnv.New64a()
	got := extract(img)
	fmt.Fprint(h, got)
	if want := uint64(0xe764d1cbd99a7fd1); h.Sum64() != want {
		t.Errorf("%d minutiae with the hash %#x, want %#x", len(got.Minutiae), h.Sum64(), want)
	}
}

// No print is without minutiae, whatever happened on the glass.
func TestExtractNeverEmpty(t *testing.T) {
	cases := []struct {
		name  string
		size  image.Point
		c     gen.Conditions
		least int
	}{
		{"good impression", glass, gen.Conditions{}, 25},
		{"dry", glass, gen.Conditions{Moisture: -0.9, Noise: 0.2}, 10},
		{"wet", glass, gen.Conditions{Moisture: 0.9, Pressure: 0.5, Noise: 0.2}, 10},
		{"hardly touching", glass, gen.Conditions{Pressure: -0.9}, 8},
		{"squashed", glass, gen.Conditions{Pressure: 0.9}, 10},
		{"noisy sensor", glass, gen.Conditions{Noise: 1}, 10},
		{"a quarter of the pad", glass, gen.Conditions{Coverage: 0.25}, 5},
		{"half beside the glass", glass, gen.Conditions{ShiftX: 9}, 5},
		{"turned by 45 degrees", glass, gen.Conditions{Rotation: 45}, 25},
		{"slid", glass, gen.Conditions{Motion: 0.3}, 8},
		{"smallest profile of sensors", image.Pt(250, 325), gen.Conditions{}, 10},
		{"sensor of a telephone", image.Pt(128, 128), gen.Conditions{}, 1},
		{"odd number of pixels", image.Pt(333, 451), gen.Conditions{}, 15},
		{"so dry that ridges are in shreds", glass, gen.Conditions{Moisture: -1, Pressure: -1}, 3},
		{"a shred of dry skin", glass, gen.Conditions{Moisture: -1, Pressure: -0.5, Coverage: 0.3}, 1},
		{"soaked, hardly touching", glass, gen.Conditions{Moisture: 1, Pressure: -1, Coverage: 0.3}, 3},
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := fingers()[i%len(fingers())]
			got := extract(f.Impression(c.size, ppi, c.c, uint64(i)))
			if len(got.Minutiae) < c.least {
				t.Errorf("%d minutiae, want at least %d", len(got.Minutiae), c.least)
			}
			checkTemplate(t, got, c.size)
		})
	}
}

// checkTemplate checks what every template promises.
func checkTemplate(t *testing.T, got Template, size image.Point) {
	t.Helper()
	if got.Width != size.X || got.Height != size.Y {
		t.Errorf("template of %d × %d pixels, want %v", got.Width, got.Height, size)
	}
	if !slices.IsSortedFunc(got.Minutiae, inOrder) {
		t.Error("minutiae are not in order")
	}
	for _, m := range got.Minutiae {
		if m.X < 0 || m.Y < 0 || int(m.X) >= size.X || int(m.Y) >= size.Y || m.Kind < Ending || m.Kind > Bifurcation || m.Quality < 1 || m.Quality > 100 {
			t.Errorf("minutia %+v in a print of %v", m, size)
		}
	}
}

// As hands come, some are so dry or so wet that only the second look finds ridges.
func TestExtractHopeless(t *testing.T) {
	for _, c := range []struct {
		name   string
		finger uint64
		touch  uint64
		least  int
	}{
		{"dry and worn", 176, 0, 8},
		{"sweating and worn", 135, 3, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			seed := c.finger*16 + c.touch
			f := gen.Master(9000+c.finger, gen.Position(1+c.finger%10))
			got := extract(f.Impression(image.Pt(400, 500), ppi, gen.AsTheyCome(seed), seed))
			if len(got.Minutiae) < c.least {
				t.Errorf("%d minutiae, want at least %d", len(got.Minutiae), c.least)
			}
		})
	}
}

// specks draws round grains of dust, as dark as they come, on an empty glass.
func specks(number int) *image.Gray {
	img := gen.Blank(glass, 0.2, 3)
	r := rand.New(rand.NewPCG(5, 6))
	for range number {
		x, y, radius, dark := r.IntN(glass.X), r.IntN(glass.Y), 1+r.IntN(8), r.IntN(150)
		for k := range 4 * radius * radius {
			dx, dy := k%(2*radius)-radius, k/(2*radius)-radius
			if at := image.Pt(x+dx, y+dy); dx*dx+dy*dy < radius*radius && at.In(img.Rect) {
				i := img.PixOffset(at.X, at.Y)
				img.Pix[i] = uint8(max(0, int(img.Pix[i])-dark))
			}
		}
	}
	return img
}

// weave draws threads that cross every given number of pixels.
func weave(period int) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: glass})
	r := rand.New(rand.NewPCG(7, 8))
	for i := range img.Pix {
		over := (i%glass.X/period+i/glass.X/period)%2 == 0
		img.Pix[i] = uint8(90 + r.IntN(40))
		if over {
			img.Pix[i] += 50
		}
	}
	return img
}

func TestExtractNothingThere(t *testing.T) {
	static := image.NewGray(image.Rectangle{Max: glass})
	gen.DrawStatic(static, 1)
	even := func(size image.Point, v uint8) *image.Gray {
		img := image.NewGray(image.Rectangle{Max: size})
		for i := range img.Pix {
			img.Pix[i] = v
		}
		return img
	}
	for name, img := range map[string]*image.Gray{
		"empty glass":            gen.Blank(glass, 0, 1),
		"empty glass, noisy":     gen.Blank(glass, 1, 2),
		"white":                  even(glass, 255),
		"black":                  even(glass, 0),
		"one grey":               even(glass, 128),
		"noise of a broken chip": static,
		"a few specks":           specks(20),
		"dust all over":          specks(200),
		"a fine cloth":           weave(4),
		"a coarse cloth":         weave(9),
		"no pixels":              even(image.Pt(0, 0), 0),
		"one pixel":              even(image.Pt(1, 1), 0),
		"one row":                even(image.Pt(500, 1), 9),
		"seven pixels":           even(image.Pt(7, 7), 0),
		"eight pixels":           even(image.Pt(8, 8), 0),
		"too long a side":        even(image.Pt(16384, 8), 0),
	} {
		t.Run(name, func(t *testing.T) {
			got := extract(img)
			if len(got.Minutiae) != 0 {
				t.Errorf("%d minutiae, want none", len(got.Minutiae))
			}
			checkTemplate(t, got, img.Rect.Size())
		})
	}
}

// What is seen in one impression is seen in the next: the truth about where the
// finger lay tells which minutia is which.
func TestExtractRepeats(t *testing.T) {
	c0 := gen.Conditions{}
	cases := []struct {
		name  string
		c     gen.Conditions
		least float64
	}{
		{"taken again", c0.Vary(1), 0.85},
		{"dry and noisy", gen.Conditions{Moisture: -0.5, Noise: 0.3}.Vary(2), 0.75},
		{"wet", gen.Conditions{Moisture: 0.5, Pressure: 0.3}.Vary(3), 0.75},
		{"turned, half the pad", gen.Conditions{Rotation: 20, ShiftX: 2, Coverage: 0.5}.Vary(4), 0.8},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found, all := 0, 0
			for i, f := range fingers() {
				first := extract(f.Impression(glass, ppi, c0, 1))
				again := extract(f.Impression(glass, ppi, c.c, uint64(i)))
				p, q := gen.Place(glass, ppi, c0), gen.Place(glass, ppi, c.c)
				for _, m := range again.Minutiae {
					if m.Quality >= 50 {
						all++
						if seen(m, q, first, p, c.c.Rotation) {
							found++
						}
					}
				}
			}
			if share := float64(found) / float64(all); all < 60 || share < c.least {
				t.Errorf("%.3f of %d minutiae are in the first impression, want %.2f", share, all, c.least)
			}
		})
	}
}

// seen reports whether a minutia of an impression lies in the template of
// another, within 10 pixels and 20 degrees.
func seen(m Minutia, at gen.Placement, in Template, there gen.Placement, turn float64) bool {
	p := there.Image(at.Skin(gen.Point{X: float64(m.X), Y: float64(m.Y)}))
	return slices.ContainsFunc(in.Minutiae, func(o Minutia) bool {
		d := math.Hypot(float64(o.X)-p.X, float64(o.Y)-p.Y)
		off := int(int8(o.Angle - m.Angle - uint8(int(math.Round(turn*256/360)))))
		return d <= 10 && max(off, -off) <= 14
	})
}

// An inverted print shows the same, with endings for forks.
func TestExtractInverted(t *testing.T) {
	img := fingers()[0].Impression(glass, ppi, gen.Conditions{}, 1)
	straight := extract(img)
	for i, v := range img.Pix {
		img.Pix[i] = 255 - v
	}
	inverted := extract(img)
	same := 0
	for _, m := range straight.Minutiae {
		if slices.ContainsFunc(inverted.Minutiae, func(o Minutia) bool {
			off := int(int8(o.Angle - m.Angle))
			return o.Kind != m.Kind && math.Hypot(float64(o.X-m.X), float64(o.Y-m.Y)) < 8 && max(off, -off) < 14
		}) {
			same++
		}
	}
	if n := len(straight.Minutiae); same < n*8/10 {
		t.Errorf("%d of %d minutiae are there in the inverted print", same, n)
	}
}

// A part of a larger image is a print like any other, and what lies around it
// does not matter.
func TestExtractPartOfImage(t *testing.T) {
	img := fingers()[1].Impression(glass, ppi, gen.Conditions{}, 1)
	part := img.SubImage(image.Rect(50, 60, 350, 470)).(*image.Gray)
	alone := image.NewGray(image.Rect(0, 0, 300, 410))
	for y := range 410 {
		copy(alone.Pix[y*alone.Stride:][:300], img.Pix[(y+60)*img.Stride+50:])
	}
	if got, want := extract(part), extract(alone); !slices.Equal(got.Minutiae, want.Minutiae) {
		t.Errorf("%d minutiae, want the %d of a copy", len(got.Minutiae), len(want.Minutiae))
	}
}

// A wide print with several hundred minutiae loses none of them.
func TestExtractManyMinutiae(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 3*glass.X, glass.Y))
	sum := 0
	for i, f := range fingers() {
		img := f.Impression(glass, ppi, gen.Conditions{}, 1)
		sum += len(extract(img).Minutiae)
		for y := range glass.Y {
			copy(wide.Pix[y*wide.Stride+i*glass.X:], img.Pix[y*img.Stride:][:glass.X])
		}
	}
	got := extract(wide)
	if n := len(got.Minutiae); n < sum*9/10 || sum < 120 {
		t.Errorf("%d minutiae side by side, %d one by one", n, sum)
	}
	checkTemplate(t, got, wide.Rect.Size())
}

// The extractor is used for print after print of all sizes: each comes out as
// from a new one, without allocating, and nothing stays when it is wiped.
func TestExtractorReused(t *testing.T) {
	big := fingers()[0].Impression(glass, ppi, gen.Conditions{}, 1)
	small := fingers()[1].Impression(image.Pt(250, 325), ppi, gen.Conditions{}, 1)
	var e Extractor
	var got Template
	for _, img := range []*image.Gray{big, small, big, gen.Blank(glass, 0, 1), small, big} {
		e.Extract(&got, img)
		if want := extract(img); !slices.Equal(got.Minutiae, want.Minutiae) {
			t.Fatalf("%d minutiae in %v, want the %d of a new extractor", len(got.Minutiae), img.Rect, len(want.Minutiae))
		}
	}
	if n := testing.AllocsPerRun(5, func() { e.Extract(&got, big) }); n != 0 {
		t.Errorf("%v allocations for a print", n)
	}
	e.Wipe()
	for _, plane := range [][]uint8{e.even[:cap(e.even)], e.smooth[:cap(e.smooth)], e.ridge[:cap(e.ridge)], e.field.angle} {
		if slices.ContainsFunc(plane, func(v uint8) bool { return v != 0 }) {
			t.Error("something of the print is left")
		}
	}
	e.Extract(&got, big)
	if want := extract(big); !slices.Equal(got.Minutiae, want.Minutiae) {
		t.Errorf("%d minutiae after wiping, want %d", len(got.Minutiae), len(want.Minutiae))
	}
}

// Any image has a template, and time and memory stay in proportion to it.
func FuzzExtract(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 64, 900, 10000} {
		pix := make([]byte, n)
		for i := range pix {
			pix[i] = uint8(r.Uint32())
		}
		f.Add(pix, uint16(max(1, n/32)))
	}
	f.Add(spirals(image.Pt(120, 120), 1, []Minutia{{X: 60, Y: 60, Kind: Ending}}).Pix, uint16(120))
	var e Extractor
	var got Template
	f.Fuzz(func(t *testing.T, pix []byte, width uint16) {
		if width == 0 {
			return
		}
		size := image.Pt(int(width), len(pix)/int(width))
		e.Extract(&got, &image.Gray{Pix: pix, Stride: size.X, Rect: image.Rectangle{Max: size}})
		checkTemplate(t, got, size)
	})
}

func BenchmarkExtract(b *testing.B) {
	img := fingers()[0].Impression(glass, ppi, gen.Conditions{}, 1)
	var e Extractor
	var t Template
	e.Extract(&t, img)
	b.ReportAllocs()
	for b.Loop() {
		e.Extract(&t, img)
	}
}
