package gen

import (
	"image"
	"math"
)

// A Placement is the truth about an impression: which place of the finger lies
// under which pixel.
type Placement struct {
	size           image.Point
	ax, ay, bx, by float64   // canvas pixels per image pixel: (x, y) = (ax·i + ay·j, bx·i + by·j)
	cx, cy         float64   // canvas place under the middle of the image
	bendX, bendY   float64   // canvas pixels at the rim
	sx, sy         float64   // half the image in canvas pixels per axis, for the bend
	pull           [6]ripple // elastic distortion, three ripples across and three down
	elastic        bool
}

// A ripple is one wave of elastic distortion.
type ripple struct{ kx, ky, phase, size float64 }

// Place works out where the finger of an adult lies under the given conditions.
// A finger of another age has its own [Finger.Place].
func Place(size image.Point, ppi [2]int, c Conditions) Placement { return place(size, ppi, c, 1) }

// Place works out where the finger lies under the given conditions.
func (f *Finger) Place(size image.Point, ppi [2]int, c Conditions) Placement {
	return place(size, ppi, c, f.size)
}

// place is [Place] of a finger that many times as large as an adult's.
func place(size image.Point, ppi [2]int, c Conditions, scale float64) Placement {
	sin, cos := sinCos(c.Rotation * math.Pi / 180)
	scale *= 1 + float64(0.02*c.Pressure) // pressed skin gives way to the sides
	kx, ky := PPI/float64(ppi[0])/scale, PPI/float64(ppi[1])/scale
	p := Placement{
		size: size,
		ax:   cos * kx, ay: sin * ky,
		bx: -sin * kx, by: cos * ky,
		bendX: c.BendX * PPI / 25.4, bendY: c.BendY * PPI / 25.4,
		sx: kx / (Width / 2), sy: ky / (Height / 2),
	}
	dx, dy := c.ShiftX*PPI/25.4/scale, c.ShiftY*PPI/25.4/scale
	p.cx = Width/2 - (float64(cos*dx) + float64(sin*dy))
	p.cy = Height/2 - (float64(cos*dy) - float64(sin*dx))
	p.ripple(c, kx, ky)
	return p
}

// ripple draws the distortion of one touch: waves of 13 to 30 mm, too long to
// be seen and long enough to lead a comparison astray.
func (p *Placement) ripple(c Conditions, kx, ky float64) {
	if c.Stretch == 0 {
		return
	}
	p.elastic = true
	r := stream(c.Touch, 11)
	for i := range p.pull {
		sin, cos := sinCos(2 * math.Pi * r.Float64())
		k := 2 * math.Pi / between(r, 13*PPI/25.4, 30*PPI/25.4)
		p.pull[i] = ripple{k * cos * kx, k * sin * ky, 2 * math.Pi * r.Float64(),
			c.Stretch * (PPI / 25.4) * 0.816}
	}
}

// Skin returns the place on the finger's canvas under a pixel of the image.
func (p *Placement) Skin(at Point) Point {
	i, j := at.X-float64(float64(p.size.X)/2), at.Y-float64(float64(p.size.Y)/2)
	u, v := i*p.sx, j*p.sy
	s := Point{
		p.cx + float64(p.ax*i) + float64(p.ay*j) + float64(p.bendX*v*v),
		p.cy + float64(p.bx*i) + float64(p.by*j) + float64(p.bendY*u*u),
	}
	if !p.elastic {
		return s
	}
	for n := range p.pull {
		w := &p.pull[n]
		sin, _ := sinCos(float64(w.kx*i) + float64(w.ky*j) + w.phase)
		if n < 3 {
			s.X += float64(w.size * sin)
		} else {
			s.Y += float64(w.size * sin)
		}
	}
	return s
}

// Image returns the pixel over a place of the finger's canvas: the inverse of
// [Placement.Skin], to a hundredth of a pixel.
func (p *Placement) Image(skin Point) Point {
	det := float64(p.ax*p.by) - float64(p.ay*p.bx)
	at := Point{float64(p.size.X) / 2, float64(p.size.Y) / 2}
	for range 24 {
		s := p.Skin(at)
		dx, dy := skin.X-s.X, skin.Y-s.Y
		at.X += (float64(p.by*dx) - float64(p.ay*dy)) / det
		at.Y += (float64(p.ax*dy) - float64(p.bx*dx)) / det
	}
	return at
}

// mesh is the spacing of the places that are worked out exactly; between them a
// row is followed by equal steps.
const mesh = 8

// meshRow fills places with where the middles of the pixels 0, mesh, 2·mesh …
// of row y lie on the canvas, in 1/65536 of a pixel.
func (p *Placement) meshRow(places [][2]int, y int) {
	for n := range places {
		s := p.Skin(Point{float64(n*mesh) + 0.5, float64(y) + 0.5})
		places[n] = [2]int{int(65536 * clamp(s.X-0.5, -1e4, 1e4)), int(65536 * clamp(s.Y-0.5, -1e4, 1e4))}
	}
}
