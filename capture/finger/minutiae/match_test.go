package minutiae

import (
	"cmp"
	"image"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"optag/testdata/gen"
)

// cast are the fingers of the tests, grown once.
var cast = sync.OnceValue(func() []*gen.Finger {
	return []*gen.Finger{
		gen.Person(21).Finger(gen.RightIndex), gen.Person(21).Finger(gen.LeftIndex),
		gen.Person(21).Finger(gen.RightMiddle), gen.Person(22).Finger(gen.RightIndex),
	}
})

const rightIndex, leftIndex, rightMiddle, stranger = 0, 1, 2, 3

// taken is a print of one of the cast, taken under the given conditions.
func taken(who int, c gen.Conditions, seed uint64) *Template {
	var e Extractor
	t := new(Template)
	e.Extract(t, cast()[who].Impression(image.Pt(400, 500), [2]int{500, 500}, c, seed))
	return t
}

// random is a template of n minutiae that no finger has.
func random(n int, seed uint64) *Template {
	r := rand.New(rand.NewPCG(seed, 1))
	t := &Template{Width: 400, Height: 500}
	for range n {
		t.Minutiae = append(t.Minutiae, Minutia{
			X: int16(40 + r.IntN(320)), Y: int16(40 + r.IntN(420)), Angle: uint8(r.IntN(256)),
			Kind: Ending, Quality: uint8(40 + r.IntN(50)),
		})
	}
	slices.SortFunc(t.Minutiae, func(p, q Minutia) int { return cmp.Or(cmp.Compare(p.Y, q.Y), cmp.Compare(p.X, q.X)) })
	return t
}

// moved is a template turned about its middle and then shifted.
func moved(t *Template, turn uint8, dx, dy int) *Template {
	out := &Template{Width: t.Width, Height: t.Height}
	cx, cy := t.Width/2, t.Height/2
	for _, p := range t.Minutiae {
		x, y := int(p.X)-cx, int(p.Y)-cy
		p.X = int16(cx + dx + (x*cosine(turn)+y*sine(turn))>>unitBits)
		p.Y = int16(cy + dy + (y*cosine(turn)-x*sine(turn))>>unitBits)
		p.Angle += turn
		out.Minutiae = append(out.Minutiae, p)
	}
	return out
}

func TestOneFingerOrTwo(t *testing.T) {
	good := taken(rightIndex, gen.Conditions{}, 1)
	for _, c := range []struct {
		name  string
		print *Template
		same  bool
	}{
		{"the same image", good, true},
		{"the finger again", taken(rightIndex, gen.Conditions{}.Vary(1), 2), true},
		{"lying askew by 60 degrees", taken(rightIndex, gen.Conditions{Rotation: 60}, 3), true},
		{"lying askew the other way", taken(rightIndex, gen.Conditions{Rotation: -60}, 3), true},
		{"upside down", taken(rightIndex, gen.Conditions{Rotation: 180}, 4), true},
		{"far to the side", taken(rightIndex, gen.Conditions{ShiftX: 6}, 5), true},
		{"only the tip", taken(rightIndex, gen.Conditions{ShiftY: 10}, 5), true},
		{"barely touching", taken(rightIndex, gen.Conditions{Coverage: 0.35, Pressure: -0.3}, 6), true},
		{"dry", taken(rightIndex, gen.Conditions{Moisture: -0.7}, 7), true},
		{"wet", taken(rightIndex, gen.Conditions{Moisture: 0.7}, 8), true},
		{"pressed and twisted", taken(rightIndex, gen.Conditions{Pressure: 0.6, BendX: 1.2, BendY: -1.2, Rotation: 15}, 9), true},
		{"on a noisy sensor", taken(rightIndex, gen.Conditions{Noise: 0.6}, 10), true},
		{"the other index finger", taken(leftIndex, gen.Conditions{}, 11), false},
		{"the middle finger", taken(rightMiddle, gen.Conditions{}, 12), false},
		{"another person", taken(stranger, gen.Conditions{}, 13), false},
		{"another person, upside down", taken(stranger, gen.Conditions{Rotation: 180}, 14), false},
		{"an empty glass", new(Template), false},
		{"made up minutiae", random(60, 15), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Matcher
			r := m.Match(good, c.print)
			if c.same && r.Score < Verified {
				t.Errorf("Match = %+v (%d and %d minutiae), want a score of at least %d", r, len(good.Minutiae), len(c.print.Minutiae), Verified)
			}
			if !c.same && r.Score >= SameFinger {
				t.Errorf("Match = %+v, want a score below %d", r, SameFinger)
			}
		})
	}
}

func TestHowThePrintLies(t *testing.T) {
	var m Matcher
	print := random(50, 1)
	for _, c := range []struct {
		turn   uint8
		dx, dy int
	}{{0, 0, 0}, {10, 0, 0}, {0, 25, -40}, {32, -12, 7}, {224, 60, 60}, {64, 0, 30}, {128, -5, 5}, {250, 90, -90}} {
		r := m.Match(print, moved(print, c.turn, c.dx, c.dy))
		near := func(a, b int) bool { return max(a-b, b-a) <= 2 }
		if turned(r.Turn, c.turn) > 1 || !near(r.ShiftX, c.dx) || !near(r.ShiftY, c.dy) || r.Score < Verified || r.Pairs < 45 {
			t.Errorf("turned by %d and shifted by %d, %d: Match = %+v", c.turn, c.dx, c.dy, r)
		}
	}
}

func TestEitherWayRound(t *testing.T) {
	var m Matcher
	a := taken(rightIndex, gen.Conditions{}, 1)
	for name, b := range map[string]*Template{
		"one finger":  taken(rightIndex, gen.Conditions{Rotation: 20, ShiftX: 2}, 2),
		"two fingers": taken(stranger, gen.Conditions{}, 3),
	} {
		there, back := m.Match(a, b), m.Match(b, a)
		if there.Score != back.Score || there.Pairs != back.Pairs || turned(there.Turn, -back.Turn) > 1 {
			t.Errorf("%s: %+v one way and %+v the other", name, there, back)
		}
	}
}

// A comparison does not depend on those before it.
func TestMatcherForgets(t *testing.T) {
	a, b := taken(rightIndex, gen.Conditions{}, 1), taken(rightIndex, gen.Conditions{Rotation: 9}, 2)
	want := new(Matcher).Match(a, b)
	var m Matcher
	m.Match(random(200, 3), random(150, 4))
	m.Match(a, a)
	m.Match(new(Template), b)
	if got := m.Match(a, b); got != want {
		t.Errorf("Match = %+v after others, %+v alone", got, want)
	}
}

// A print is always like itself, however few or many minutiae it has.
func TestNoPrintIsUnlikeItself(t *testing.T) {
	var m Matcher
	for n := fewestPairs; n < 400; n += 1 + n/8 {
		if r := m.Match(random(n, uint64(n)), random(n, uint64(n))); r.Score == 0 || n >= 10 && r.Score < Verified {
			t.Errorf("%d minutiae: Match = %+v", n, r)
		}
	}
}

func TestHostileTemplates(t *testing.T) {
	lattice := new(Template)
	for i := range 400 {
		lattice.Minutiae = append(lattice.Minutiae, Minutia{X: int16(i % 20 * 20), Y: int16(i / 20 * 20), Angle: 64})
	}
	heap, corners := new(Template), new(Template)
	for i := range 5000 {
		heap.Minutiae = append(heap.Minutiae, Minutia{X: 100, Y: int16(100 + i%3), Angle: uint8(i)})
		corners.Minutiae = append(corners.Minutiae, Minutia{X: int16(i%2*65535 - 32768), Y: int16(i/2%2*65535 - 32768), Angle: uint8(i)})
	}
	line := new(Template)
	for i := range 200 {
		line.Minutiae = append(line.Minutiae, Minutia{X: int16(i), Y: 5})
	}
	all := []*Template{
		{}, {Minutiae: make([]Minutia, 1)}, {Minutiae: make([]Minutia, 2)}, {Minutiae: make([]Minutia, 300)},
		{Minutiae: []Minutia{{X: 1, Y: 1}, {X: 300, Y: 300, Angle: 7}}}, lattice, heap, corners, line, random(255, 1), random(1000, 2),
		{Width: -5, Height: 1 << 40, Minutiae: random(30, 3).Minutiae},
	}
	var m Matcher
	for i, a := range all {
		for j, b := range all {
			if r := m.Match(a, b); r.Score < 0 || r.Score > 1000 || r.Pairs < 0 || r.Pairs > min(len(a.Minutiae), len(b.Minutiae)) {
				t.Errorf("templates %d and %d: Match = %+v", i, j, r)
			}
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	a, b := random(80, 1), random(90, 2)
	var m Matcher
	m.Match(random(300, 3), random(300, 4))
	if n := testing.AllocsPerRun(20, func() { m.Match(a, b); m.Match(b, b) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestWipedMatcherHoldsNothing(t *testing.T) {
	var m Matcher
	a := taken(rightIndex, gen.Conditions{}, 1)
	m.Match(a, a)
	m.Wipe()
	if at := left(reflect.ValueOf(m)); at != "" {
		t.Errorf("something is left in %s", at)
	}
	if r := m.Match(a, a); r.Score < Verified {
		t.Errorf("Match = %+v after wiping, want %d", r, Verified)
	}
}

// left names a field in which something is left, to the end of its buffer.
func left(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if at := left(v.Field(i)); at != "" {
				return v.Type().Field(i).Name + " " + at
			}
		}
		return ""
	case reflect.Slice:
		v = v.Slice(0, v.Cap())
		for i := range v.Len() {
			if !v.Index(i).IsZero() {
				return v.Type().String()
			}
		}
		return ""
	}
	if v.IsZero() {
		return ""
	}
	return v.Type().String()
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte{}, []byte{1})
	f.Add(wire(random(30, 1)), wire(random(40, 2)))
	f.Add(wire(random(5, 1)), wire(random(5, 1)))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		a, b := unwire(x), unwire(y)
		var m Matcher
		there, back := m.Match(a, b), m.Match(b, a)
		if there.Score != back.Score || there.Pairs != back.Pairs {
			t.Errorf("%+v one way, %+v the other", there, back)
		}
		if there.Score < 0 || there.Score > 1000 || there.Pairs > min(len(a.Minutiae), len(b.Minutiae)) {
			t.Errorf("Match = %+v", there)
		}
	})
}

// wire writes minutiae as six bytes each, for the fuzzer.
func wire(t *Template) (out []byte) {
	for _, p := range t.Minutiae {
		out = append(out, byte(p.X>>8), byte(p.X), byte(p.Y>>8), byte(p.Y), p.Angle, p.Quality)
	}
	return out
}

func unwire(b []byte) *Template {
	t := &Template{Width: 400, Height: 500}
	for ; len(b) >= 6; b = b[6:] {
		t.Minutiae = append(t.Minutiae, Minutia{X: int16(b[0])<<8 | int16(b[1]), Y: int16(b[2])<<8 | int16(b[3]), Angle: b[4], Quality: b[5]})
	}
	return t
}

func BenchmarkMatch(b *testing.B) {
	one, again, other := taken(rightIndex, gen.Conditions{}, 1), taken(rightIndex, gen.Conditions{Rotation: 9}, 2), taken(stranger, gen.Conditions{}, 3)
	var m Matcher
	b.Run("one finger", func(b *testing.B) {
		for b.Loop() {
			m.Match(one, again)
		}
	})
	b.Run("two fingers", func(b *testing.B) {
		for b.Loop() {
			m.Match(one, other)
		}
	})
	b.Run("most minutiae", func(b *testing.B) {
		x, y := random(most, 1), random(most, 2)
		for b.Loop() {
			m.Match(x, y)
		}
	})
}
