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

// A placed finger lies somewhere; all in mm until it is centred on the glass,
// then in pixels.
type placed struct {
	pos        Position
	tip        Point
	angle      float64 // degrees clockwise
	bend       float64 // degrees by which the lower phalanges turn from it
	width, len float64 // of the print down to the crease
	lower      float64 // length of the next phalanx
	root       float64 // from the tip to the root of the finger
	gap        float64 // of the crease
	edge       []Point // of the print of the tip, once it is pressed
}

// touch reports whether the prints of two fingertips have no gap between them
// that is as wide as a ridge.
func touch(a, b *placed) bool {
	for _, p := range a.edge {
		for _, q := range b.edge {
			if math.Hypot(p.X-q.X, p.Y-q.Y) < 9 {
				return true
			}
		}
	}
	return false
}

// axis returns the place at a distance below the tip on the finger's middle.
func (p *placed) axis(below float64) Point {
	sin, cos := sincos(p.angle)
	return Point{p.tip.X - float64(sin*below), p.tip.Y + float64(cos*below)}
}

// sincos is of an angle in degrees, rounded so that every processor agrees.
func sincos(degrees float64) (sin, cos float64) {
	sin, cos = math.Sincos(degrees * math.Pi / 180)
	return math.Round(sin*65536) / 65536, math.Round(cos*65536) / 65536
}

// The proportions of an adult hand in mm, thumb to little finger, right hand,
// fingers upwards: rounded means, from which every hand differs.
var (
	rootX    = [5]float64{-42, -17, 0, 16, 32}
	rootY    = [5]float64{22, 4, 0, 3, 11}
	reachLen = [5]float64{58, 73, 80, 75, 60}
	tipWidth = [5]float64{17.2, 14.2, 14.4, 13.7, 11.9}
	tipLen   = [5]float64{25, 21.5, 22.5, 22, 18.5}
	nextLen  = [5]float64{26, 20, 24, 22, 16}

	padWidth = [2]float64{18.6, 13.8} // the most that is printed of a thumb, of another finger
)

// build makes a finger in its own proportions, not yet laid anywhere.
func build(pos Position, l *Laid) placed {
	size := l.Size
	if size == 0 {
		size = clamp(1+0.055*stream(l.Build, 12).NormFloat64(), 0.84, 1.14)
	}
	r := stream(l.Build, 13, uint64(pos.digit())) // both hands of a person are alike
	vary := func(v, share float64) float64 {
		return v * size * (1 + share*clamp(r.NormFloat64(), -2.3, 2.3))
	}
	d := pos.digit()
	return placed{
		pos: pos, root: vary(reachLen[d], 0.03), width: min(vary(tipWidth[d], 0.05), padWidth[min(d, 1)]),
		len: vary(tipLen[d], 0.05), lower: vary(nextLen[d], 0.08),
		gap: 0.4 + 1.2*r.Float64(),
		tip: Point{rootX[d] * size, rootY[d] * size}, // its root, until it is laid
	}
}

// arrange lays fingers side by side, in mm, upright, tips upwards.
func arrange(fingers []Position, l *Laid, r *rand.Rand) []placed {
	var out []placed
	for _, pos := range fingers {
		p := build(pos, l)
		p.width *= 1 + 0.05*l.Pressure + 0.03*r.NormFloat64()*0.5
		p.bend = 2 * clamp(r.NormFloat64(), -2, 2)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b placed) int { return order(a.pos) - order(b.pos) })
	if len(out) == 2 && out[0].pos.Right() != out[1].pos.Right() {
		pair(out, l, r)
	} else {
		fan(out, l, r)
	}
	return out
}

// order counts fingers from left to right as both hands lie side by side.
func order(p Position) int {
	if p.Right() {
		return 5 + p.digit()
	}
	return 4 - p.digit()
}

// fan lays the fingers of a hand.
func fan(out []placed, l *Laid, r *rand.Rand) {
	for i := range out {
		p, d := &out[i], out[i].pos.digit()
		side := 1.0
		if !p.pos.Right() {
			side = -1
		}
		turn := (l.Spread + 1) * (float64(d) - 2.2)
		if d == 4 {
			turn += 3 // little fingers stand off
		}
		if d == 0 {
			turn = -25 - 15*r.Float64()
		}
		p.angle = side*turn + 1.5*clamp(r.NormFloat64(), -2, 2)
		reach := p.root - 1.5*math.Abs(r.NormFloat64()) // a bent finger reaches less far
		sin, cos := sincos(p.angle)
		p.tip = Point{side*p.tip.X + float64(sin*reach), p.tip.Y - float64(cos*reach)}
	}
	part(out, l, r)
}

// pair lays one finger of either hand side by side.
func pair(out []placed, l *Laid, r *rand.Rand) {
	between := (out[0].width+out[1].width)/2 + 4 + 22*r.Float64()
	for i := range out {
		side := float64(2*i - 1)
		out[i].angle = side*l.Spread + 5*clamp(r.NormFloat64(), -2, 2)
		out[i].tip = Point{side * between / 2, 3.5 * r.NormFloat64()}
	}
	part(out, l, r)
}

// part moves neighbours aside until they lie apart, or touch where they should.
func part(out []placed, l *Laid, r *rand.Rand) {
	for i := 1; i < len(out); i++ {
		a, b := &out[i-1], &out[i]
		want := 0.9 + 1.6*r.Float64()
		joined := l.Joined && (len(out) == 2 || a.pos.digit()+b.pos.digit() == 5) // middle and ring
		if joined {
			want = -1.2
		}
		for range 12 {
			apart := distance(a, b, l.Lower)
			if apart >= want && !joined || math.Abs(apart-want) < 0.05 {
				break
			}
			for k := i; k < len(out); k++ {
				out[k].tip.X += want - apart
			}
		}
	}
}

// distance is how far apart the printed outlines of two neighbours lie where
// they are nearest, the one on the left first; negative where they overlap.
func distance(a, b *placed, lower float64) float64 {
	best := math.Inf(1)
	end := 1 + 1.2*min(lower, 1.4)
	for s := 0.05; s < end; s += 0.025 {
		p := a.axis(s * a.len)
		sin, cos := sincos(a.angle)
		h := half(a, s)
		p.X, p.Y = p.X+float64(cos*h), p.Y+float64(sin*h)
		// The same place as b sees it.
		sin, cos = sincos(b.angle)
		dx, dy := p.X-b.tip.X, p.Y-b.tip.Y
		u, v := float64(cos*dx)+float64(sin*dy), float64(cos*dy)-float64(sin*dx)
		if t := v / b.len; t > 0.02 && t < end {
			best = min(best, -half(b, t)-u)
		}
	}
	return best
}

// half is half the width of a finger's outline, s lengths of the tip below it.
func half(p *placed, s float64) float64 {
	if s > 1 {
		return 0.42 * p.width
	}
	return fingertip(s) * p.width
}

// centre turns all fingers together, and lays the middle of their tips on the
// middle of the glass, in pixels.
func centre(all []placed, size image.Point, l *Laid) {
	sin, cos := sincos(l.Rotation)
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for i := range all {
		p := &all[i]
		p.tip = Point{float64(cos*p.tip.X) - float64(sin*p.tip.Y), float64(sin*p.tip.X) + float64(cos*p.tip.Y)}
		p.angle += l.Rotation
		m, reach := p.axis(p.len/2), 0.5*p.len
		low = Point{min(low.X, m.X-reach), min(low.Y, m.Y-reach)}
		high = Point{max(high.X, m.X+reach), max(high.Y, m.Y+reach)}
	}
	for i := range all {
		p := &all[i]
		p.tip.X = float64(size.X)/2 + mm*(p.tip.X-(low.X+high.X)/2+l.ShiftX)
		p.tip.Y = float64(size.Y)/2 + mm*(p.tip.Y-(low.Y+high.Y)/2+l.ShiftY)
		for _, v := range []*float64{&p.width, &p.len, &p.lower, &p.gap} {
			*v *= mm
		}
	}
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

// A glass is a platen with what lies on it.
type glass struct {
	img   *image.Gray
	clean uint8
}

func (g *glass) fill() {
	size := g.img.Rect.Size()
	for y := range size.Y {
		row := g.img.Pix[y*g.img.Stride:][:size.X]
		for x := range row {
			row[x] = g.clean
		}
	}
}

// stamp darkens the glass under a stamp. Places on the print are in 1/256 of a
// pixel.
func (g *glass) stamp(s *stamp) {
	size := g.img.Rect.Size()
	n := float64(len(s.left))
	w := s.width/2*1.2 + 2
	low, high := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, c := range [4]Point{{-w, 0}, {w, 0}, {-w, n}, {w, n}} {
		p := s.place(c.X, c.Y)
		low, high = Point{min(low.X, p.X), min(low.Y, p.Y)}, Point{max(high.X, p.X), max(high.Y, p.Y)}
	}
	x0, x1 := max(0, int(low.X)), min(size.X, int(high.X)+2)
	for y := max(0, int(low.Y)); y < min(size.Y, int(high.Y)+2); y++ {
		if x1 > x0 {
			g.stampRow(s, g.img.Pix[y*g.img.Stride:][x0:x1], x0, y)
		}
	}
}

func (g *glass) stampRow(s *stamp, row []uint8, x0, y int) {
	dx, dy := float64(x0)+0.5-s.tip.X, float64(y)+0.5-s.tip.Y
	u := int(256 * (float64(s.cos*dx) + float64(s.sin*dy)))
	v := int(256 * (float64(s.cos*dy) - float64(s.sin*dx)))
	du, dv := int(math.Round(256*s.cos)), int(math.Round(-256*s.sin))
	ox, oy := s.origin()
	for i := range row {
		j := v >> 8
		if uint(j) < uint(len(s.left)) && u>>8 >= int(s.left[j]) && u>>8 < int(s.right[j]) {
			a, b := u+ox<<8, v+oy<<8
			if s.turned {
				a, b = (Width-2)<<8-a, (Height-2)<<8-b
			}
			ink := s.print.at(a, b) * s.strength >> 8
			row[i] = min(row[i], uint8(int(g.clean)*(256-ink)>>8))
		}
		u, v = u+du, v+dv
	}
}

// at interpolates the ink at a place in 1/256 of a pixel.
func (p *print) at(x, y int) int {
	i := y>>8*Width + x>>8
	if i < 0 || i+Width+1 >= len(p.ink) {
		return 0
	}
	tx, ty := x&255, y&255
	q := p.ink[i : i+Width+2]
	top := int(q[0])*(256-tx) + int(q[1])*tx
	bottom := int(q[Width])*(256-tx) + int(q[Width+1])*tx
	return (top*(256-ty) + bottom*ty) >> 16
}

// halos darkens the glass softly around the fingers, where moisture condenses,
// and smears a band of it.
func (g *glass) halos(all []placed, strength float64, r *rand.Rand) {
	for i := range all {
		p := &all[i]
		g.shade(p.axis(p.len/2), p.width*(0.8+0.3*r.Float64()), int(40*strength*r.Float64()))
	}
	size := g.img.Rect.Size()
	for range 2 {
		at := Point{float64(size.X) * r.Float64(), float64(size.Y) * r.Float64()}
		step, depth := 30*r.NormFloat64(), int(14*strength*r.Float64())
		for k := range 8 {
			g.shade(Point{at.X + step*float64(k), at.Y + 20*float64(k)}, 60, depth)
		}
	}
}

// shade darkens a disc that fades towards its rim.
func (g *glass) shade(at Point, radius float64, depth int) {
	x, y, n := int(at.X), int(at.Y), int(radius)
	for j := max(0, y-n); j < min(g.img.Rect.Dy(), y+n); j++ {
		for i := max(0, x-n); i < min(g.img.Rect.Dx(), x+n); i++ {
			d := (i-x)*(i-x) + (j-y)*(j-y)
			if d < n*n {
				v := &g.img.Pix[j*g.img.Stride+i]
				*v = uint8(max(0, int(*v)-depth*(n*n-d)/(n*n)))
			}
		}
	}
}

// latents prints faint remains of fingers that lay here before.
func (h *Hands) latents(g *glass, strength float64, r *rand.Rand) {
	size := g.img.Rect.Size()
	for range 1 + r.IntN(3) {
		var pos Position
		for pos == 0 || h.fingers[pos] == nil {
			pos = Position(1 + r.IntN(10))
		}
		d := pos.digit()
		s := stamp{print: h.print(pos, 0, -0.2), angle: 50 * (2*r.Float64() - 1),
			tip:   Point{float64(size.X) * r.Float64(), float64(size.Y) * (r.Float64() - 0.1)},
			width: tipWidth[d] * mm, len: tipLen[d] * mm, rim: newSmooth(r, 0.05, 3), shape: fingertip,
			strength: int(256 * 0.14 * strength * r.Float64())}
		s.seat()
		g.stamp(&s)
	}
}

// dirt lays specks, hairs and scratches on the glass.
func (g *glass) dirt(strength float64, r *rand.Rand) {
	size := g.img.Rect.Size()
	for range int(60 * strength) {
		at := Point{float64(size.X) * r.Float64(), float64(size.Y) * r.Float64()}
		g.shade(at, 1.5+5*r.Float64()*r.Float64(), 60+r.IntN(150))
	}
	for range int(5 * strength) {
		x, y := float64(size.X)*r.Float64(), float64(size.Y)*r.Float64()
		turn, bow := 2*math.Pi*r.Float64(), 0.004*r.NormFloat64()
		for range 60 + r.IntN(250) {
			x, y, turn = x+math.Cos(turn), y+math.Sin(turn), turn+bow
			g.shade(Point{x, y}, 2, 50)
		}
	}
}

// noise is that of the sensor: xorshift64, two bytes to a pixel.
func (g *glass) noise(strength float64, seed uint64) {
	size, x := g.img.Rect.Size(), mix(seed^0x51ab)|1
	level := int(256 * (0.02 + 0.4*clamp(strength, 0, 1)))
	for y := range size.Y {
		row := g.img.Pix[y*g.img.Stride:][:size.X]
		for i := 0; i < len(row); i += 4 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			for k, bits := i, x; k < min(i+4, len(row)); k, bits = k+1, bits>>16 {
				n := int(bits&255) + int(bits>>8&255) - 255
				row[k] = uint8(max(0, min(255, int(row[k])+n*level>>8)))
			}
		}
	}
}
