package view

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"golang.org/x/image/vector"
)

// A shape is drawn into pixels by ourselves: what Fyne has no object for.
type shape struct {
	*canvas.Raster
	spec shapeSpec
}

func newShape() *shape {
	s := &shape{Raster: &canvas.Raster{}}
	s.Generator = func(w, h int) image.Image { return s.spec.draw(w, h) }
	return s
}

// A shapeSpec says what a shape looks like; two equal ones look the same.
// Lengths are logical pixels.
type shapeSpec struct {
	kind      string // "frame", "oval", "shade", "line", "trend"
	radius    float32
	width     float32 // of the stroke, which lies inside the bounds
	dash, gap float32 // 0: not dashed
	c, back   color.NRGBA
	size      fyne.Size
	trend     [16]float32 // of a trend, 0 to 1; of a shade the hole: x, y, width, height as shares
	points    int
}

// shape draws a shape in its bounds.
func (b *board) shape(x, y, w, h float32, s shapeSpec) {
	o := b.rasters.take(newShape)
	s.size = fyne.NewSize(w, h)
	changed := o.spec != s
	o.spec = s
	place(o, x, y, w, h)
	if changed {
		o.Refresh()
	}
	b.add(o.Raster)
}

// dashed draws a rounded rectangle with a dashed border.
func (b *board) dashed(x, y, w, h, radius, width float32, c color.NRGBA) {
	b.shape(x, y, w, h, shapeSpec{kind: "frame", radius: radius, width: width, dash: 3 * width, gap: 2 * width, c: c})
}

type point struct{ x, y float64 }

func (s shapeSpec) draw(w, h int) image.Image {
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	if w <= 0 || h <= 0 || s.size.Width <= 0 {
		return dst
	}
	k := float64(w) / float64(s.size.Width)
	half := float64(s.width) * k / 2
	fw, fh := float64(w), float64(h)
	switch s.kind {
	case "frame":
		s.outline(dst, roundRect(half, half, fw-half, fh-half, float64(s.radius)*k-half), k)
	case "oval":
		s.outline(dst, ellipse(fw/2, fh/2, fw/2-half, fh/2-half), k)
	case "shade":
		hole := [4]float64{fw * float64(s.trend[0]), fh * float64(s.trend[1]), fw * float64(s.trend[2]), fh * float64(s.trend[3])}
		z := vector.NewRasterizer(w, h)
		polygon(z, roundRect(0, 0, fw, fh, float64(s.radius)*k)...)
		polygon(z, reversed(ellipse(hole[0]+hole[2]/2, hole[1]+hole[3]/2, hole[2]/2, hole[3]/2))...)
		z.Draw(dst, dst.Rect, image.NewUniform(s.back), image.Point{})
	case "line":
		s.outline(dst, []point{{half, fh / 2}, {fw - half, fh / 2}}, k)
	case "trend":
		s.outline(dst, s.trendLine(fw, fh, half), k)
	}
	return dst
}

func (s shapeSpec) trendLine(w, h, half float64) []point {
	var p []point
	for i := range s.points {
		x := half + (w-2*half)*float64(i)/math.Max(1, float64(s.points-1))
		p = append(p, point{x, half + (h-2*half)*(1-float64(s.trend[i]))})
	}
	return p
}

// outline strokes a path, dashed where the spec says so.
func (s shapeSpec) outline(dst *image.NRGBA, path []point, k float64) {
	z := vector.NewRasterizer(dst.Rect.Dx(), dst.Rect.Dy())
	r := float64(s.width) * k / 2
	switch {
	case s.dash > 0:
		for _, d := range dashes(path, float64(s.dash)*k, float64(s.gap)*k) {
			polygon(z, append(offset(d, r), reversed(offset(d, -r))...)...)
		}
	case path[0] == path[len(path)-1]:
		polygon(z, offset(path, r)...)
		polygon(z, reversed(offset(path, -r))...)
	default:
		polygon(z, append(offset(path, r), reversed(offset(path, -r))...)...)
	}
	z.Draw(dst, dst.Rect, image.NewUniform(s.c), image.Point{})
}

// offset moves a path sideways by r. A closed path stays closed.
func offset(path []point, r float64) []point {
	n := len(path)
	closed := n > 2 && path[0] == path[n-1]
	out := make([]point, n)
	for i, p := range path {
		before, after := max(i-1, 0), min(i+1, n-1)
		if closed && i == 0 {
			before = n - 2
		}
		if closed && i == n-1 {
			after = 1
		}
		a, b := path[before], path[after]
		if l := math.Hypot(b.x-a.x, b.y-a.y); l > 0 {
			out[i] = point{p.x - (b.y-a.y)/l*r, p.y + (b.x-a.x)/l*r}
		} else {
			out[i] = p
		}
	}
	return out
}

func reversed(p []point) []point {
	out := make([]point, len(p))
	for i, q := range p {
		out[len(p)-1-i] = q
	}
	return out
}

func polygon(z *vector.Rasterizer, p ...point) {
	z.MoveTo(float32(p[0].x), float32(p[0].y))
	for _, q := range p[1:] {
		z.LineTo(float32(q.x), float32(q.y))
	}
	z.ClosePath()
}

// dashes cuts a path into dashes.
func dashes(path []point, dash, gap float64) [][]point {
	var out [][]point
	cur := []point{path[0]}
	on, left := true, dash
	for i := 1; i < len(path); i++ {
		a, b := path[i-1], path[i]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		done := 0.0
		for length-done > left {
			done += left
			p := point{a.x + (b.x-a.x)*done/length, a.y + (b.y-a.y)*done/length}
			if on {
				out = append(out, append(cur, p))
			}
			cur, on = []point{p}, !on
			left = gap
			if on {
				left = dash
			}
		}
		left -= length - done
		if on {
			cur = append(cur, b)
		}
	}
	if on && len(cur) > 1 {
		out = append(out, cur)
	}
	return out
}

// roundRect is the closed outline of a rectangle with round corners.
func roundRect(x1, y1, x2, y2, r float64) []point {
	r = math.Max(0, math.Min(r, math.Min(x2-x1, y2-y1)/2))
	var p []point
	corner := func(cx, cy, from float64) {
		for i := range 9 {
			a := from + math.Pi/2*float64(i)/8
			p = append(p, point{cx + r*math.Cos(a), cy + r*math.Sin(a)})
		}
	}
	corner(x2-r, y1+r, -math.Pi/2)
	corner(x2-r, y2-r, 0)
	corner(x1+r, y2-r, math.Pi/2)
	corner(x1+r, y1+r, math.Pi)
	return append(p, p[0])
}

// ellipse is a closed outline.
func ellipse(cx, cy, rx, ry float64) []point {
	n := 12 + int(math.Max(rx, ry))/2
	p := make([]point, 0, n+1)
	for i := range n + 1 {
		a := 2 * math.Pi * float64(i) / float64(n)
		p = append(p, point{cx + rx*math.Cos(a), cy + ry*math.Sin(a)})
	}
	return p
}
