package gen_test

import (
	"fmt"
	"hash/fnv"
	"image"
	"math"
	"runtime"
	"sync"
	"testing"

	"optag/testdata/gen"
)

var (
	fap30 = image.Pt(400, 500)
	at500 = [2]int{500, 500}
)

// someFingers are grown once for all tests.
var someFingers = sync.OnceValue(func() []*gen.Finger {
	var out []*gen.Finger
	for class := gen.Arch; class <= gen.DoubleLoop; class++ {
		out = append(out, gen.MasterOf(7, gen.RightIndex, class), gen.MasterOf(8, gen.LeftMiddle, class))
	}
	return out
})

func hash(pix []uint8) string {
	h := fnv.New64a()
	h.Write(pix)
	return fmt.Sprintf("%016x", h.Sum64())
}

// The images are fixed, so that a result that was measured on them can be
// measured again. Whoever changes them on purpose changes the numbers here.
func TestSeedsGiveTheSamePixels(t *testing.T) {
	c := gen.Conditions{Rotation: 3, ShiftX: 0.5, Moisture: 0.1}
	finger := sync.OnceValue(func() *gen.Finger { return gen.Person(7).Finger(gen.RightIndex) })
	print := func() string { return hash(finger().Impression(fap30, at500, c, 9).Pix) }
	severe := gen.AsTheyCome(8)
	severe.Motion, severe.Dirt, severe.Shade = 0.4, 1, 0.5
	anyhow := func() string { return hash(finger().Aged(75).Impression(fap30, at500, severe, 9).Pix) }
	again := func() string {
		return hash(gen.Person(7).Finger(gen.RightIndex).Impression(fap30, at500, c, 9).Pix)
	}
	face := func() string {
		return hash(gen.Person(7).Portrait().Portrait(image.Pt(480, 640), gen.Pose{Roll: 3}, 9).Pix)
	}
	for _, x := range []struct {
		name string
		draw func() string
		want string
		only string // on this architecture
	}{
		{"finger", print, "4fef351fd5e17f87", ""},
		{"finger grown again", again, "4fef351fd5e17f87", ""},
		{"worn finger, moved on a dirty glass", anyhow, "d1e6ab11880863ae", ""},
		{"face", face, "4cdcab3c49f88d25", "amd64"},
	} {
		t.Run(x.name, func(t *testing.T) {
			first, second := x.draw(), x.draw()
			if first != second {
				t.Errorf("drawn twice, the pixels differ: %s and %s", first, second)
			}
			if (x.only == "" || x.only == runtime.GOARCH) && first != x.want {
				t.Errorf("pixels %s, want %s", first, x.want)
			}
		})
	}
}

func TestNoiseDiffersFromFrameToFrame(t *testing.T) {
	f := someFingers()[0]
	a, b := f.Impression(fap30, at500, gen.Conditions{}, 1), f.Impression(fap30, at500, gen.Conditions{}, 2)
	if hash(a.Pix) == hash(b.Pix) {
		t.Error("two frames with different noise are equal")
	}
	for i := range a.Pix {
		if d := int(a.Pix[i]) - int(b.Pix[i]); d > 30 || d < -30 {
			t.Fatalf("pixel %d differs by %d between two frames of one presentation", i, d)
		}
	}
}

// Every point of the finger comes back through a placement.
func TestPlacementIsExact(t *testing.T) {
	c := gen.Conditions{Rotation: 21, ShiftX: 3, ShiftY: -2, BendX: 0.3, BendY: -0.2, Pressure: 0.4, Stretch: 0.3, Touch: 5}
	for _, ppi := range [][2]int{{500, 500}, {1000, 1000}, {540, 370}} {
		p := gen.Place(fap30, ppi, c)
		for y := 0.0; y <= gen.Height; y += 70 {
			for x := 0.0; x <= gen.Width; x += 52 {
				at := p.Image(gen.Point{X: x, Y: y})
				back := p.Skin(at)
				if d := math.Hypot(back.X-x, back.Y-y); d > 0.01 {
					t.Fatalf("at %v ppi (%v, %v) comes back %v away", ppi, x, y, d)
				}
			}
		}
	}
}

// A shift of one millimetre moves the print one millimetre to the right, and a
// turn is clockwise.
func TestPlacementFollowsConditions(t *testing.T) {
	tip := gen.Point{X: gen.Width / 2, Y: gen.Height/2 - 100}
	upright := gen.Place(fap30, at500, gen.Conditions{})
	shifted := gen.Place(fap30, at500, gen.Conditions{ShiftX: 1, ShiftY: 2})
	turned := gen.Place(fap30, at500, gen.Conditions{Rotation: 30})
	a, b, c := upright.Image(tip), shifted.Image(tip), turned.Image(tip)
	if math.Abs(b.X-a.X-500/25.4) > 0.02 || math.Abs(b.Y-a.Y-1000/25.4) > 0.02 {
		t.Errorf("shifted by (1, 2) mm the tip moves from %v to %v", a, b)
	}
	if want := a.X + 50; math.Abs(c.X-want) > 0.02 {
		t.Errorf("turned by 30° the tip lies at %v, want x %v", c, want)
	}
}

func TestFingersRepeatAndDiffer(t *testing.T) {
	var prints [][2][]float64
	for i, f := range someFingers() {
		var p [2][]float64
		for k := range p {
			c := gen.Conditions{}.Vary(uint64(10*i + k))
			p[k] = flatten(f.Impression(image.Pt(500, 600), at500, c, uint64(k)), c)
		}
		prints = append(prints, p)
	}
	for i, p := range prints {
		if c := correlation(p[0], p[1]); c < 0.7 {
			t.Errorf("finger %d: two impressions correlate by %.2f, want at least 0.7", i, c)
		}
		for j := range i {
			if c := correlation(p[0], prints[j][0]); c > 0.3 {
				t.Errorf("fingers %d and %d correlate by %.2f, want at most 0.3", i, j, c)
			}
		}
	}
}

// The fingers of a person, and the same finger of two people, are not one.
func TestPeopleHaveFingersOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for p, fingers := range map[gen.Person][]gen.Position{1: {gen.RightIndex, gen.LeftIndex, gen.RightMiddle}, 2: {gen.RightIndex}} {
		for _, pos := range fingers {
			h := hash(p.Finger(pos).Impression(fap30, at500, gen.Conditions{}, 1).Pix)
			name := fmt.Sprintf("%v of person %d", pos, p)
			if other, twice := seen[h]; twice {
				t.Errorf("%s is %s", name, other)
			}
			seen[h] = name
		}
	}
}

// measures of an impression: share of the glass darker than half, and mean grey
// of what touches.
func inkOf(img *image.Gray) (share float64) {
	for _, v := range img.Pix {
		if v < 144 {
			share++
		}
	}
	return share / float64(len(img.Pix))
}

func TestConditionsShowInTheImage(t *testing.T) {
	f := someFingers()[4]
	ink := func(c gen.Conditions) float64 { return inkOf(f.Impression(fap30, at500, c, 1)) }
	normal := ink(gen.Conditions{})
	if normal < 0.2 || normal > 0.45 {
		t.Errorf("a good impression inks %.2f of the glass, want 0.2 to 0.45", normal)
	}
	for _, c := range []struct {
		name     string
		how      gen.Conditions
		low, top float64 // times the ink of a good impression
	}{
		{"pressed hard", gen.Conditions{Pressure: 1}, 1.2, 2.5},
		{"hardly touching", gen.Conditions{Pressure: -1}, 0.2, 0.85},
		{"wet", gen.Conditions{Moisture: 1}, 1.15, 2.5},
		{"dry", gen.Conditions{Moisture: -1}, 0.2, 0.85},
		{"a quarter of the pad", gen.Conditions{Coverage: 0.25}, 0.2, 0.33},
		{"beside the glass", gen.Conditions{ShiftX: 11}, 0.3, 0.7},
		{"far beside the glass", gen.Conditions{ShiftX: 30}, 0, 0},
		{"turned", gen.Conditions{Rotation: 30}, 0.9, 1.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ink(c.how) / normal; got < c.low || got > c.top {
				t.Errorf("inks %.2f times as much as a good impression, want %.2f to %.2f", got, c.low, c.top)
			}
		})
	}
}

func TestMotionBlurs(t *testing.T) {
	f := someFingers()[0]
	slope := func(c gen.Conditions) (sum float64) {
		img := f.Impression(fap30, at500, c, 1)
		for i := 1; i < len(img.Pix); i++ {
			sum += math.Abs(float64(img.Pix[i]) - float64(img.Pix[i-1]))
		}
		return sum
	}
	if still, moved := slope(gen.Conditions{}), slope(gen.Conditions{Motion: 0.8}); moved > 0.85*still {
		t.Errorf("slopes of a moving finger are %.2f times those of a still one, want at most 0.85", moved/still)
	}
}

func TestGlassIsLight(t *testing.T) {
	img := gen.Blank(fap30, 0, 5)
	for i, v := range img.Pix {
		if v < 220 || v > 250 {
			t.Fatalf("pixel %d of a clear glass is %d, want 220 to 250", i, v)
		}
	}
}

// At twice the resolution the ridges are twice as many pixels apart.
func TestResolution(t *testing.T) {
	f := someFingers()[0]
	img := f.Impression(image.Pt(800, 1000), [2]int{1000, 1000}, gen.Conditions{}, 1)
	small := f.Impression(fap30, at500, gen.Conditions{}, 1)
	var off float64
	for y := 50; y < 450; y++ {
		for x := 50; x < 350; x++ {
			off += math.Abs(float64(small.Pix[y*small.Stride+x]) - sample(img, 2*float64(x)+0.5, 2*float64(y)+0.5))
		}
	}
	if off /= 400 * 300; off > 12 {
		t.Errorf("at 1000 ppi the image differs from that at 500 by %.1f grey levels, want at most 12", off)
	}
}

func TestPositionNames(t *testing.T) {
	for p := gen.RightThumb; p <= gen.LeftLittle; p++ {
		if got, err := gen.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("ParsePosition(%q) = %v, %v", p, got, err)
		}
	}
	for _, name := range []string{"", "right", "RIGHT_INDEX", "right_toe", "position 11"} {
		if p, err := gen.ParsePosition(name); err == nil {
			t.Errorf("ParsePosition(%q) = %v, want an error", name, p)
		}
	}
}

func BenchmarkMaster(b *testing.B) {
	for i := range b.N {
		gen.Master(uint64(i), gen.RightIndex)
	}
}

func BenchmarkImpression(b *testing.B) {
	f := someFingers()[4]
	for _, c := range []struct {
		name string
		size image.Point
		how  gen.Conditions
	}{
		{"FAP 30", fap30, gen.Conditions{Rotation: 5}},
		{"FAP 30 moving", fap30, gen.Conditions{Rotation: 5, Motion: 0.5}},
		{"FAP 45", image.Pt(800, 750), gen.Conditions{Rotation: 5}},
	} {
		b.Run(c.name, func(b *testing.B) {
			img := image.NewGray(image.Rectangle{Max: c.size})
			b.ReportAllocs()
			for i := range b.N {
				f.Draw(img, at500, c.how, uint64(i))
			}
		})
	}
}
