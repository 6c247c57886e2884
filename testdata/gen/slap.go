package gen

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
)

// mm is the number of pixels in a millimetre at 500 ppi.
const mm = PPI / 25.4

// Laid says how fingers are laid on the glass together. The zero value is a
// good slap: upright, fingers a little apart, whole, on clean glass.
type Laid struct {
	Rotation       float64 // degrees, clockwise as seen
	ShiftX, ShiftY float64 // mm by which the fingertips lie off the middle of the glass
	Spread         float64 // degrees by which neighbours point apart; negative together
	Joined         bool    // the middle and ring fingers touch, or the two fingers of a pair
	Pressure       float64 // as in [Conditions], evenly varied between the fingers
	Moisture       float64 // as in [Conditions]
	Lower          float64 // share of the lower phalanges that prints, 0 to 1
	Noise          float64 // of the sensor, 0 to 1
	Dirt           float64 // specks, hairs and scratches on the glass, 0 to 1
	Latent         float64 // what earlier fingers have left: halos, smears, faint prints, 0 to 1
	Size           float64 // of the hand, 0 for an ordinary one; 0.65 is a child of six

	// Build is the seed of the hand's proportions, so that one person's skin
	// serves for many hands.
	Build uint64
}

// A Fingertip is the truth about one finger of a slap. Its box is that of the
// print from the tip to the first crease, as far as it lies on the glass.
type Fingertip struct {
	Position      Position
	Centre        Point   // of the box
	Width, Height float64 // of the box, pixels across and along the finger
	Angle         float64 // degrees clockwise from upright
	Visible       float64 // share of the print that lies on the glass
	Touching      bool    // the finger touches a neighbour
}

// Hands are the fingers of a person, ready to be laid on a glass. They keep
// what was drawn before, and may be used by one goroutine at a time.
type Hands struct {
	fingers map[Position]*Finger
	prints  map[printKey]*print
	clean   uint8 // grey of the empty glass
}

// Hands grows fingers of the person; all ten where none is named.
func (p Person) Hands(fingers ...Position) *Hands {
	if len(fingers) == 0 {
		for pos := RightThumb; pos <= LeftLittle; pos++ {
			fingers = append(fingers, pos)
		}
	}
	grown := make([]*Finger, len(fingers))
	for i, pos := range fingers {
		grown[i] = p.Finger(pos)
	}
	return HandsOf(grown)
}

// HandsOf are fingers that were grown before.
func HandsOf(fingers []*Finger) *Hands {
	h := &Hands{fingers: map[Position]*Finger{}, prints: map[printKey]*print{}}
	for _, f := range fingers {
		h.fingers[f.Position] = f
	}
	h.clean = slices.Max(Blank(image.Pt(8, 8), 0, 1).Pix)
	return h
}

// Slap draws fingers on a glass of the given size at 500 ppi. Fingers of one
// hand lie as hands are built; an index finger or thumb of either hand lie side
// by side, the left one on the left. A thumb beside fingers of its own hand is
// laid down by mistake. All of them must have been grown.
func (h *Hands) Slap(size image.Point, fingers []Position, l Laid, seed uint64) (*image.Gray, []Fingertip) {
	dst := image.NewGray(image.Rectangle{Max: size})
	return dst, h.Lay(dst, fingers, l, seed)
}

// Lay is [Hands.Slap] into an image the caller has.
func (h *Hands) Lay(dst *image.Gray, fingers []Position, l Laid, seed uint64) []Fingertip {
	r := stream(seed, 11)
	placed := arrange(fingers, &l, r)
	centre(placed, dst.Rect.Size(), &l)
	g := glass{img: dst, clean: h.clean}
	g.fill()
	if l.Latent > 0 {
		g.halos(placed, l.Latent, r)
		h.latents(&g, l.Latent, r)
	}
	truth := make([]Fingertip, len(placed))
	for i := range placed {
		truth[i] = h.press(&g, &placed[i], &l, r)
		if i > 0 && touch(&placed[i-1], &placed[i]) {
			truth[i-1].Touching, truth[i].Touching = true, true
		}
	}
	if l.Dirt > 0 {
		g.dirt(l.Dirt, r)
	}
	g.noise(l.Noise, seed)
	return truth
}

// sincos is of an angle in degrees, rounded so that every processor agrees.
func sincos(degrees float64) (sin, cos float64) {
	sin, cos = math.Sincos(degrees * math.Pi / 180)
	return math.Round(sin*65536) / 65536, math.Round(cos*65536) / 65536
}

// printKey names a print that was drawn before.
type printKey struct {
	pos                Position
	pressure, moisture int8 // tenths
}

// A print is the ink of a finger's whole pad, upright: 0 none, 255 full.
type print struct{ ink []uint8 }

// print returns the ink of a finger, at conditions rounded to fifths.
func (h *Hands) print(pos Position, pressure, moisture float64) *print {
	fifth := func(v float64) int8 { return int8(2 * math.Round(5*clamp(v, -1, 1))) }
	key := printKey{pos, fifth(pressure), fifth(moisture)}
	if p := h.prints[key]; p != nil {
		return p
	}
	c := Conditions{Pressure: float64(key.pressure) / 10, Moisture: float64(key.moisture) / 10}
	img := h.fingers[pos].Impression(image.Pt(Width, Height), [2]int{PPI, PPI}, c, uint64(pos))
	p := &print{ink: img.Pix}
	for i, v := range p.ink {
		p.ink[i] = uint8(max(0, (int(h.clean)-8-int(v))*255/int(h.clean)))
	}
	h.prints[key] = p
	return p
}

// press prints a finger and returns the truth about it.
func (h *Hands) press(g *glass, p *placed, l *Laid, r *rand.Rand) Fingertip {
	firm := 0.12 * clamp(r.NormFloat64(), -2, 2)
	pr := h.print(p.pos, l.Pressure+firm, l.Moisture+0.1*r.NormFloat64())
	s := stamp{print: pr, tip: p.tip, angle: p.angle, strength: 256,
		width: p.width, len: p.len, rim: newSmooth(r, 0.03, 3), shape: fingertip}
	s.seat()
	g.stamp(&s)
	if l.Lower > 0 {
		h.pressLower(g, p, l, r)
	}
	return g.truth(&s, p)
}

// pressLower prints what shows of the finger below its first crease, with the
// skin of another part of the hand, drier and fainter.
func (h *Hands) pressLower(g *glass, p *placed, l *Laid, r *rand.Rand) {
	skin := h.print(p.pos, l.Pressure-0.2, min(l.Moisture, 0)-0.4)
	at := *p
	at.tip = p.axis(p.len + p.gap)
	length, share := p.lower, l.Lower*(0.7+0.5*r.Float64())
	for range 2 {
		at.angle += p.bend
		s := stamp{print: skin, tip: at.tip, angle: at.angle, turned: true,
			strength: int(256 * clamp(0.75+0.12*r.NormFloat64(), 0.45, 1)),
			width:    0.84 * p.width, len: length * clamp(share, 0, 1),
			rim: newSmooth(r, 0.05, 3), shape: phalanx}
		if s.len > 12 {
			s.seat()
			g.stamp(&s)
		}
		if share < 1 {
			return
		}
		share--
		at.tip = at.axis(length + 2*p.gap)
	}
}

// A stamp lays part of a print on the glass: the part inside an outline.
type stamp struct {
	print      *print
	tip        Point // middle of the outline's upper end, pixels of the glass
	angle      float64
	width, len float64 // pixels
	strength   int     // of 256
	turned     bool    // the skin is turned by half
	rim        smooth
	shape      func(v float64) float64

	sin, cos float64
	left     []int16 // outline per row, in pixels from the axis
	right    []int16
}

// fingertip is the half width of a fingertip's outline, of the whole, at v from
// 0 at the tip to 1 at the crease.
func fingertip(v float64) float64 {
	const widest = 0.5
	if v < widest {
		u := (widest - v) / widest
		return 0.5 * math.Sqrt(max(0, 1-math.Pow(u, 2.2)))
	}
	u := (v - widest) / (1 - widest)
	return 0.5 * (1 - 0.2*u*u) * math.Sqrt(max(0, 1-math.Pow(u, 14)))
}

// phalanx is that of a lower phalanx.
func phalanx(v float64) float64 {
	u := 2*v - 1
	return 0.5 * (0.93 + 0.07*u*u) * math.Sqrt(max(0, 1-math.Pow(u, 12)))
}

// seat works out the outline.
func (s *stamp) seat() {
	s.sin, s.cos = sincos(s.angle)
	s.tip = Point{math.Round(s.tip.X*16) / 16, math.Round(s.tip.Y*16) / 16}
	n := min(int(s.len), Height-4)
	s.left, s.right = make([]int16, n), make([]int16, n)
	for v := range n {
		w := s.shape((float64(v)+0.5)/float64(n)) * s.width
		s.left[v] = int16(-min(w*(1+s.rim.at(0, 1.5*float64(v))), Width/2-3))
		s.right[v] = int16(min(w*(1+s.rim.at(200, 1.5*float64(v))), Width/2-3))
	}
}

// skin returns where on the print the place u right of the axis and v below the
// tip lies: middle on middle.
func (s *stamp) origin() (x, y int) {
	return Width / 2, Height/2 - len(s.left)/2
}

// truth is the box of the covered part of a fingertip.
func (g *glass) truth(s *stamp, p *placed) Fingertip {
	ox, oy := s.origin()
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	inside := func(p Point) bool {
		return p.X >= 0 && p.Y >= 0 && p.X < float64(g.img.Rect.Dx()) && p.Y < float64(g.img.Rect.Dy())
	}
	all, seen := 0, 0
	for v := 2; v < len(s.left)-2; v += 4 {
		var first, last Point
		n := 0
		for u := int(s.left[v]) + 2; u <= int(s.right[v])-2; u += 4 {
			if !s.print.covered(ox+u, oy+v) {
				continue
			}
			all++
			at := s.place(float64(u), float64(v))
			if !inside(at) {
				continue
			}
			if last = at; n == 0 {
				first = at
			}
			n++
			low = Point{min(low.X, float64(u)-2), min(low.Y, float64(v)-2)}
			high = Point{max(high.X, float64(u)+2), max(high.Y, float64(v)+2)}
		}
		if seen += n; n > 0 {
			p.edge = append(p.edge, first, last)
		}
	}
	t := Fingertip{Position: p.pos, Angle: p.angle}
	if seen == 0 {
		return t
	}
	t.Visible = float64(seen) / float64(all)
	t.Width, t.Height = high.X-low.X, high.Y-low.Y
	t.Centre = s.place((low.X+high.X)/2, (low.Y+high.Y)/2)
	return t
}

// place is where on the glass a place of the outline lies.
func (s *stamp) place(u, v float64) Point {
	return Point{s.tip.X + float64(s.cos*u) - float64(s.sin*v), s.tip.Y + float64(s.sin*u) + float64(s.cos*v)}
}

// covered reports whether the skin around a place touches the glass.
func (p *print) covered(x, y int) bool {
	const r = 6
	sum, n := 0, 0
	for j := max(0, y-r); j <= min(Height-1, y+r); j += 2 {
		for i := max(0, x-r); i <= min(Width-1, x+r); i += 2 {
			sum, n = sum+int(p.ink[j*Width+i]), n+1
		}
	}
	return n > 0 && sum > 36*n
}
