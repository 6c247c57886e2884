package slap

import (
	"image"
	"math"

	"optag/capture/finger/internal/portable"
)

// A Box is a rectangle around a fingertip, turned as the finger is.
type Box struct {
	X, Y          float64 // its middle, in pixels from the upper left corner of the image
	Width, Height float64 // pixels, across and along the finger
	Angle         float64 // degrees clockwise from upright
}

// axes returns the directions across the box to the right and down along it.
func (b Box) axes() (across, along [2]float64) {
	turn := float64(b.Angle * (math.Pi / 180))
	sin, cos := portable.Sin(turn), portable.Cos(turn)
	return [2]float64{cos, sin}, [2]float64{-sin, cos}
}

// Corners returns the corners clockwise from the upper left one of the upright
// finger. They may lie outside the image.
func (b Box) Corners() [4][2]float64 {
	u, v := b.axes()
	corner := func(x, y float64) [2]float64 {
		return [2]float64{
			b.X + float64(float64(x*b.Width)*u[0]) + float64(float64(y*b.Height)*v[0]),
			b.Y + float64(float64(x*b.Width)*u[1]) + float64(float64(y*b.Height)*v[1]),
		}
	}
	return [4][2]float64{corner(-0.5, -0.5), corner(0.5, -0.5), corner(0.5, 0.5), corner(-0.5, 0.5)}
}

// Polygon returns the corners as field ASEG (14.025) of ANSI/NIST-ITL 1 holds
// them: whole pixels of an image of the given size, clockwise.
func (b Box) Polygon(size image.Point) [4]image.Point {
	var out [4]image.Point
	for i, c := range b.Corners() {
		out[i] = image.Pt(within(c[0], size.X), within(c[1], size.Y))
	}
	return out
}

// Bounds returns the smallest upright rectangle around the box, within an image
// of the given size: left, right, top and bottom of field SEG (14.021).
func (b Box) Bounds(size image.Point) image.Rectangle {
	p := b.Polygon(size)
	r := image.Rectangle{Min: p[0], Max: p[0]}
	for _, c := range p[1:] {
		r.Min.X, r.Min.Y = min(r.Min.X, c.X), min(r.Min.Y, c.Y)
		r.Max.X, r.Max.Y = max(r.Max.X, c.X), max(r.Max.Y, c.Y)
	}
	return r
}

// within rounds v into the range from 0 to high.
func within(v float64, high int) int { return int(max(0, min(float64(high), math.Round(v)))) }
