package gen_test

import (
	"image"
	"math"
	"slices"
	"sync"
	"testing"

	"optag/testdata/gen"
)

var (
	fap60 = image.Pt(1600, 1500)
	right = []gen.Position{gen.RightIndex, gen.RightMiddle, gen.RightRing, gen.RightLittle}

	someHands = sync.OnceValue(func() *gen.Hands { return gen.Person(7).Hands(right...) })
)

// inkIn is the share of dark pixels in part of a box, from u0 to u1 of its
// width and v0 to v1 of its height.
func inkIn(img *image.Gray, f *gen.Fingertip, u0, v0, u1, v1 float64) float64 {
	sin, cos := math.Sincos(f.Angle * math.Pi / 180)
	dark, n := 0, 0
	for v := v0; v < v1; v += 0.01 {
		for u := u0; u < u1; u += 0.01 {
			x, y := (u-0.5)*f.Width, (v-0.5)*f.Height
			p := image.Pt(int(f.Centre.X+cos*x-sin*y), int(f.Centre.Y+sin*x+cos*y))
			if !p.In(img.Rect) {
				continue
			}
			if n++; img.GrayAt(p.X, p.Y).Y < 160 {
				dark++
			}
		}
	}
	return float64(dark) / float64(max(1, n))
}

// A box holds the print of the tip, reaches its rim on every side, and ends at
// the crease.
func TestBoxesOfSlapsAreTrue(t *testing.T) {
	for _, l := range []gen.Laid{{}, {Rotation: 40, Lower: 1, Build: 1}, {Rotation: -45, Lower: 2, Spread: 2, Size: 0.7, Build: 2}} {
		img, truth := someHands().Slap(fap60, right, l, 3)
		for i := range truth {
			f := &truth[i]
			if f.Position != right[i] {
				t.Errorf("finger %d is %v, want %v", i, f.Position, right[i])
			}
			if f.Visible < 1 {
				continue
			}
			if ink := inkIn(img, f, 0.25, 0.2, 0.75, 0.9); ink < 0.3 {
				t.Errorf("%v turned %v°: only %.2f of the inside is dark", f.Position, l.Rotation, ink)
			}
			for _, side := range [][4]float64{{0.3, 0, 0.7, 0.05}, {0.2, 0.95, 0.8, 1}, {0, 0.3, 0.06, 0.7}, {0.94, 0.3, 1, 0.7}} {
				if ink := inkIn(img, f, side[0], side[1], side[2], side[3]); ink < 0.04 {
					t.Errorf("%v turned %v°: no ink along the side %v of the box", f.Position, l.Rotation, side)
				}
			}
			if ink := inkIn(img, f, 0.2, -0.06, 0.8, -0.02); ink > 0.02 {
				t.Errorf("%v turned %v°: %.2f dark above the box", f.Position, l.Rotation, ink)
			}
			if ink := inkIn(img, f, 0.3, 1.005, 0.7, 1.02); ink > 0.25 {
				t.Errorf("%v turned %v°: %.2f dark in the crease", f.Position, l.Rotation, ink)
			}
		}
	}
}

// Hands are built as hands are: the middle finger reaches highest, the little
// finger lowest and is thinnest; the left hand mirrors the right.
func TestHandsAreBuiltAsHands(t *testing.T) {
	left := []gen.Position{gen.LeftIndex, gen.LeftMiddle, gen.LeftRing, gen.LeftLittle}
	all := gen.Person(7).Hands(append(slices.Clone(left), right...)...)
	_, r := all.Slap(fap60, right, gen.Laid{}, 1)
	_, l := all.Slap(fap60, left, gen.Laid{}, 1)
	top := func(f gen.Fingertip) float64 { return f.Centre.Y - f.Height/2 }
	if !(top(r[1]) < top(r[0]) && top(r[1]) < top(r[2]) && top(r[3]) > top(r[0]) && r[3].Width < r[1].Width) {
		t.Errorf("right hand %+v", r)
	}
	if l[0].Position != gen.LeftLittle || l[3].Position != gen.LeftIndex || top(l[0]) < top(l[3]) {
		t.Errorf("left hand %+v", l)
	}
}

func TestFingersTouchWhereTheyShould(t *testing.T) {
	touching := 0
	for build := range uint64(8) {
		_, apart := someHands().Slap(fap60, right, gen.Laid{Build: build}, 5)
		_, joined := someHands().Slap(fap60, right, gen.Laid{Joined: true, Spread: -1.5, Build: build}, 5)
		for i := range right {
			if apart[i].Touching || joined[i].Touching && i%3 == 0 {
				t.Errorf("hand %d: %v touches", build, right[i])
			}
		}
		if joined[1].Touching && joined[2].Touching {
			touching++
		}
	}
	if touching < 6 {
		t.Errorf("middle and ring finger touch in %d of 8 hands, want most", touching)
	}
}

func TestAFingerOverTheRimIsVisibleInPart(t *testing.T) {
	_, truth := someHands().Slap(fap60, right, gen.Laid{ShiftX: -17}, 1)
	if f := truth[0]; f.Visible < 0.05 || f.Visible > 0.95 || f.Centre.X-f.Width/2 < -30 {
		t.Errorf("index finger %+v, want it cut by the left rim", f)
	}
}

func TestSlapsRepeat(t *testing.T) {
	l := gen.Laid{Rotation: 12, Lower: 1, Dirt: 1, Latent: 1, Noise: 0.2, Build: 4}
	a, ta := someHands().Slap(fap60, right, l, 1)
	b, tb := someHands().Slap(fap60, right, l, 1)
	c, _ := someHands().Slap(fap60, right, l, 2)
	if hash(a.Pix) != hash(b.Pix) || !slices.Equal(ta, tb) {
		t.Error("the same seed gives two slaps")
	}
	if hash(a.Pix) == hash(c.Pix) {
		t.Error("two seeds give the same slap")
	}
}
