package gen

import (
	"image"
	"math"
)

// A Placement is the truth about an impression: which place of the finger lies
// under which pixel.
type Placement struct {
	size           image.Point
	ax, ay, bx, by float64 // canvas pixels per image pixel: (x, y) = (ax·i + ay·j, bx·i + by·j)
	cx, cy         float64 // canvas place under the middle of the image
	bendX, bendY   float64 // canvas pixels at the rim
	sx, sy         float64 // half the image in canvas pixels per axis, for the bend
}

// Place works out where a finger lies under the given conditions.
func Place(size image.Point, ppi [2]int, c Conditions) Placement {
	kx, ky := PPI/float64(ppi[0]), PPI/float64(ppi[1])
	sin, cos := math.Sincos(c.Rotation * math.Pi / 180)
	p := Placement{
		size: size,
		ax:   cos * kx, ay: sin * ky,
		bx: -sin * kx, by: cos * ky,
		bendX: c.BendX * PPI / 25.4, bendY: c.BendY * PPI / 25.4,
		sx: kx / (Width / 2), sy: ky / (Height / 2),
	}
	dx, dy := c.ShiftX*PPI/25.4, c.ShiftY*PPI/25.4
	p.cx = Width/2 - (cos*dx + sin*dy)
	p.cy = Height/2 - (-sin*dx + cos*dy)
	return p
}

// Skin returns the place on the finger's canvas under a pixel of the image.
func (p *Placement) Skin(at Point) Point {
	i, j := at.X-float64(p.size.X)/2, at.Y-float64(p.size.Y)/2
	u, v := i*p.sx, j*p.sy
	return Point{
		p.cx + p.ax*i + p.ay*j + p.bendX*v*v,
		p.cy + p.bx*i + p.by*j + p.bendY*u*u,
	}
}

// Image returns the pixel over a place of the finger's canvas: the inverse of
// [Placement.Skin], to a hundredth of a pixel.
func (p *Placement) Image(skin Point) Point {
	det := p.ax*p.by - p.ay*p.bx
	at := Point{float64(p.size.X) / 2, float64(p.size.Y) / 2}
	for range 12 {
		s := p.Skin(at)
		dx, dy := skin.X-s.X, skin.Y-s.Y
		at.X += (p.by*dx - p.ay*dy) / det
		at.Y += (p.ax*dy - p.bx*dx) / det
	}
	return at
}

// skin is Skin of the middle of a pixel, in 1/256 of a canvas pixel.
func (p *Placement) skin(x, y int) (int, int) {
	s := p.Skin(Point{float64(x) + 0.5, float64(y) + 0.5})
	return int(256 * (s.X - 0.5)), int(256 * (s.Y - 0.5))
}
