package gen

import (
	"image"
	"math"
	"math/rand/v2"
)

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
