package slap_test

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"time"

	"optag/capture/finger/slap"
	"optag/testdata/gen"
)

// A trial is a slap with what was expected of it and the truth about it.
type trial struct {
	name     string
	fingers  []gen.Position
	expected slap.Set
	laid     gen.Laid
	size     image.Point
}

var (
	tall = image.Pt(1600, 1500) // FAP 60
	wide = image.Pt(1608, 1000) // as slaps on ten-print cards are scanned
)

// draw makes the n-th trial of the evaluation: mostly good slaps at any angle
// up to 45°, and every kind of mishap.
func draw(n int) trial {
	r := rand.New(rand.NewPCG(uint64(n), 77))
	normal := func(sigma float64) float64 { return sigma * max(-2.3, min(2.3, r.NormFloat64())) }
	t := trial{name: "four", size: tall, laid: gen.Laid{
		Rotation: 90*r.Float64() - 45, ShiftX: normal(1.5), ShiftY: normal(1.5),
		Spread: normal(1.2), Pressure: normal(0.2), Moisture: normal(0.3),
		Lower: 2 * r.Float64(), Noise: 0.3 * r.Float64() * r.Float64(),
		Dirt: max(0, 2*r.Float64()-1), Latent: max(0, 2*r.Float64()-1), Build: uint64(n),
	}}
	if r.IntN(10) == 0 {
		t.laid.Size = 0.62 + 0.2*r.Float64()
	}
	if r.IntN(3) == 0 {
		t.size, t.laid.Rotation = wide, t.laid.Rotation/3
	}
	hand, set := four(gen.RightThumb), slap.RightFour
	if r.IntN(2) == 0 {
		hand, set = four(gen.LeftThumb), slap.LeftFour
	}
	t.fingers, t.expected = hand, set
	t.mishap(r)
	return t
}

func four(thumb gen.Position) []gen.Position {
	return []gen.Position{thumb + 1, thumb + 2, thumb + 3, thumb + 4}
}

func without(all []gen.Position, i int) []gen.Position {
	return append(append([]gen.Position{}, all[:i]...), all[i+1:]...)
}

// mishap makes something special of one trial in two.
func (t *trial) mishap(r *rand.Rand) {
	switch k := r.IntN(100); {
	case k < 8:
		t.name, t.fingers, t.expected = "thumbs", []gen.Position{gen.LeftThumb, gen.RightThumb}, slap.Thumbs
		t.laid.Spread *= 2
	case k < 12:
		t.name, t.fingers, t.expected = "indexes", []gen.Position{gen.LeftIndex, gen.RightIndex}, slap.Indexes
		t.laid.Spread *= 2
	case k < 20:
		i := r.IntN(4)
		t.name = "one marked missing"
		t.expected = t.expected.Without(slap.Position(t.fingers[i]))
		t.fingers = without(t.fingers, i)
	case k < 25:
		t.name = "one missing"
		t.fingers = without(t.fingers, r.IntN(4))
	case k < 31:
		t.name, t.expected = "wrong hand", t.expected.Mirrored()
	case k < 34:
		t.name, t.size = "thumb laid down as well", tall
		t.laid.Rotation /= 3
		t.laid.Size = 0.75
		t.fingers = append([]gen.Position{t.fingers[0] - 1}, t.fingers...)
	case k < 42:
		t.name = "joined"
		t.laid.Joined, t.laid.Spread = true, -math.Abs(t.laid.Spread)
	case k < 46:
		t.name = "over the rim"
		t.laid.ShiftX += 18 - 36*float64(r.IntN(2))
	}
}

// A tally is what came of many trials.
type tally struct {
	trials, fingers, good, named, handWrong, handOpen int
	whole, wholeGood                                  int // of fingers that lie on the glass entirely
	ious                                              []float64
	faults                                            map[string]*[4]int // true, missed, false, rightly none
	spent                                             time.Duration
	bad                                               []string
}

// corners of a true box.
func corners(f *gen.Fingertip) [][2]float64 {
	b := slap.Box{X: f.Centre.X, Y: f.Centre.Y, Width: f.Width, Height: f.Height, Angle: f.Angle}
	c := b.Corners()
	return c[:]
}

// overlap is the intersection over the union of two boxes as they are turned.
func overlap(b slap.Box, f *gen.Fingertip) float64 {
	c := b.Corners()
	clip, poly := corners(f), c[:]
	for i := range clip {
		poly = cutPolygon(poly, clip[i], clip[(i+1)%4])
	}
	both := area(poly)
	return both / (area(c[:]) + area(clip) - both)
}

func area(p [][2]float64) float64 {
	var sum float64
	for i := range p {
		q := p[(i+1)%len(p)]
		sum += p[i][0]*q[1] - q[0]*p[i][1]
	}
	return sum / 2
}

// cutPolygon keeps what lies to the right of the line from a to b, as seen.
func cutPolygon(p [][2]float64, a, b [2]float64) (out [][2]float64) {
	side := func(q [2]float64) float64 { return (b[0]-a[0])*(q[1]-a[1]) - (b[1]-a[1])*(q[0]-a[0]) }
	for i := range p {
		q := p[(i+1)%len(p)]
		s, t := side(p[i]), side(q)
		if s >= 0 {
			out = append(out, p[i])
		}
		if s*t < 0 {
			k := s / (s - t)
			out = append(out, [2]float64{p[i][0] + k*(q[0]-p[i][0]), p[i][1] + k*(q[1]-p[i][1])})
		}
	}
	return out
}

// add judges a result.
func (y *tally) add(n int, t *trial, truth []gen.Fingertip, r *slap.Result) {
	y.trials++
	var why []string
	shown := 0
	for i := range truth {
		if truth[i].Visible >= 0.5 {
			shown++
			y.judgeFinger(&truth[i], t.name == "thumb laid down as well" && i == truthIndexOfThumb(truth), r, &why)
		}
	}
	hand := slap.Position(t.fingers[len(t.fingers)-1]).Hand()
	if len(t.fingers) >= 3 && shown >= 3 {
		switch {
		case r.Hand == slap.Unknown || r.Confidence < 0.5:
			y.handOpen++
		case r.Hand != hand:
			y.handWrong++
			why = append(why, fmt.Sprintf("hand %v %.2f", r.Hand, r.Confidence))
		}
	}
	y.judgeFaults(t, truth, r, &why)
	if why != nil {
		y.bad = append(y.bad, fmt.Sprintf("%d %s, turned %.0f° (found %.0f°): %s", n, t.name, t.laid.Rotation, r.Angle, strings.Join(why, "; ")))
	}
}

// judgeFinger compares a finger with the segment that overlaps it most. An
// intruder is to be found, but has no name.
func (y *tally) judgeFinger(f *gen.Fingertip, intruder bool, r *slap.Result, why *[]string) {
	y.fingers++
	best, at := 0.0, -1
	for k, s := range r.Segments {
		if v := overlap(s.Box, f); v > best {
			best, at = v, k
		}
	}
	if !intruder {
		y.ious = append(y.ious, best)
	}
	if f.Visible > 0.97 && !intruder {
		if y.whole++; best > 0.8 {
			y.wholeGood++
		}
	}
	if intruder && best > 0 || best > 0.8 {
		y.good++
	} else {
		*why = append(*why, fmt.Sprintf("%v IoU %.2f", f.Position, best))
	}
	if at < 0 {
		return
	}
	want := slap.Position(f.Position)
	if intruder {
		want = 0
	}
	if got := r.Segments[at].Position; got == want {
		y.named++
	} else {
		*why = append(*why, fmt.Sprintf("%v named %d", f.Position, got))
	}
}

func truthIndexOfThumb(truth []gen.Fingertip) int {
	for i := range truth {
		if truth[i].Position == gen.RightThumb || truth[i].Position == gen.LeftThumb {
			return i
		}
	}
	return -1
}

func (y *tally) judgeFaults(t *trial, truth []gen.Fingertip, r *slap.Result, why *[]string) {
	if y.faults == nil {
		y.faults = map[string]*[4]int{}
	}
	var cutOff, touching, unsure, partly bool
	seen := 0
	for _, f := range truth {
		cutOff = cutOff || f.Visible < 0.9 && f.Visible > 0.4
		unsure = unsure || f.Visible < 0.999 && f.Visible > 0 || nearRim(&f, t.size)
		touching = touching || f.Touching
		partly = partly || f.Visible < 0.5 && f.Visible > 0.05
		if f.Visible > 0.5 {
			seen++
		}
	}
	want := map[slap.Cause]bool{
		slap.WrongHand:     t.name == "wrong hand",
		slap.ExtraFinger:   t.name == "thumb laid down as well" && seen > 4,
		slap.MissingFinger: t.name == "one missing" || seen < t.expected.Len(),
		slap.CutOff:        cutOff,
		slap.JoinedFingers: touching,
	}
	for c, w := range want {
		if c == slap.CutOff && !w && unsure || (c == slap.MissingFinger || c == slap.ExtraFinger) && partly {
			continue
		}
		if c == slap.JoinedFingers && !w && t.laid.Joined {
			continue // so near that it is a matter of taste
		}
		k := y.faults[c.String()]
		if k == nil {
			k = new([4]int)
			y.faults[c.String()] = k
		}
		switch got := r.Has(c); {
		case got && w:
			k[0]++
		case w:
			k[1]++
			*why = append(*why, "no "+c.String())
		case got:
			k[2]++
			*why = append(*why, "false "+c.String())
		default:
			k[3]++
		}
	}
}

// String is the table.
func (y *tally) String() string {
	var b strings.Builder
	percent := func(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
	fmt.Fprintf(&b, "%d slaps, %d fingers: IoU > 0.8 %.2f %%, named rightly %.2f %%, wrong hand %.2f %%, open %.2f %%, %.1f ms each\n",
		y.trials, y.fingers, percent(y.good, y.fingers), percent(y.named, y.fingers),
		percent(y.handWrong, y.trials), percent(y.handOpen, y.trials), y.spent.Seconds()*1e3/float64(max(1, y.trials)))
	fmt.Fprintf(&b, "  of %d fingers wholly on the glass IoU > 0.8 %.2f %%\n", y.whole, percent(y.wholeGood, y.whole))
	sort.Float64s(y.ious)
	for _, q := range []float64{0.001, 0.005, 0.01, 0.05, 0.5} {
		fmt.Fprintf(&b, "  IoU exceeded by all but %.1f %%: %.3f\n", 100*q, y.ious[int(q*float64(len(y.ious)))])
	}
	for c, k := range y.faults {
		fmt.Fprintf(&b, "  %-15s found %d, missed %d, false %d, rightly none %d\n", c, k[0], k[1], k[2], k[3])
	}
	return b.String()
}

// nearRim reports whether a box reaches within half a millimetre of the rim.
func nearRim(f *gen.Fingertip, size image.Point) bool {
	inner := image.Rectangle{Max: size}.Inset(10)
	for _, c := range corners(f) {
		if !image.Pt(int(c[0]), int(c[1])).In(inner) {
			return true
		}
	}
	return false
}
