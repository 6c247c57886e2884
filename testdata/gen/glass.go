package gen

import (
	"image"
)

// Glass grey levels: the ground of an empty platen, and a ridge on it.
const (
	ground = 240
	dark   = 28
)

// A platen is the glass and its light.
type platen struct {
	size  image.Point
	shade int // grey levels that are missing in a corner
}

func newPlaten(size image.Point, shade float64) platen {
	return platen{size, int(50 * clamp(shade, 0, 1))}
}

// row fills a row with the grey of the empty platen.
func (g *platen) row(row []uint8, y int) {
	if g.shade == 0 {
		for x := range row {
			row[x] = ground
		}
		return
	}
	h, w := g.size.Y, g.size.X
	down := (2*y - h) * (2*y - h) * 256 / (h * h)
	for x := range row {
		across := (2*x - w) * (2*x - w) * 256 / (w * w)
		row[x] = uint8(ground - g.shade*(down+across)>>9)
	}
}

// soil draws what lies on the glass: grains of dust, and for much dirt a hair.
func soil(dst *image.Gray, ppi [2]int, c Conditions) {
	r := stream(c.Touch, 13)
	size, k := dst.Rect.Size(), float64(ppi[0])/PPI
	area := float64(size.X*size.Y) / (k * k) / 200000 // of a FAP 30 glass
	for range int(60 * c.Dirt * area) {
		radius := k * (0.5 + float64(2*float64(r.Float64()*r.Float64())))
		spot(dst, r.IntN(size.X), r.IntN(size.Y), radius, 40+r.IntN(120))
	}
	for range int(3 * c.Dirt * area) {
		x, y, turn, bow := float64(r.IntN(size.X)), float64(r.IntN(size.Y)), between(r, 0, 6.28), about(r, 0, 0.02)
		for range 40 + r.IntN(120) {
			sin, cos := sinCos(turn)
			x, y, turn = x+cos, y+sin, turn+bow
			spot(dst, int(x), int(y), 0.8*k, 50)
		}
	}
}

// spot darkens a spot by some grey levels.
func spot(dst *image.Gray, x, y int, radius float64, by int) {
	n, edge := int(radius)+1, int(256*radius*radius)
	for j := max(0, y-n); j <= min(dst.Rect.Dy()-1, y+n); j++ {
		for i := max(0, x-n); i <= min(dst.Rect.Dx()-1, x+n); i++ {
			if d := 256 * ((i-x)*(i-x) + (j-y)*(j-y)); d <= edge {
				p := &dst.Pix[j*dst.Stride+i]
				*p = uint8(max(dark/2, int(*p)-by*(256+edge-d)/(256+edge)))
			}
		}
	}
}

// Blank draws the empty glass, as [Finger.Impression] does.
func Blank(size image.Point, noise float64, seed uint64) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	DrawBlank(img, noise, seed)
	return img
}

// DrawBlank is [Blank] into an image the caller has.
func DrawBlank(dst *image.Gray, noise float64, seed uint64) {
	s := newSpeckle(noise, seed)
	g := newPlaten(dst.Rect.Size(), 0)
	for y := range dst.Rect.Dy() {
		row := dst.Pix[y*dst.Stride:][:dst.Rect.Dx()]
		g.row(row, y)
		s.add(row)
	}
}

// A speckle is the noise of a sensor: xorshift64, two bytes to a pixel.
type speckle struct {
	state uint64
	level int // of 256
}

func newSpeckle(noise float64, seed uint64) speckle {
	return speckle{state: mix(seed) | 1, level: int(256 * (0.02 + float64(0.4*clamp(noise, 0, 1))))}
}

func (s *speckle) add(row []uint8) {
	x := s.state
	for i := 0; i < len(row); i += 4 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		for k, bits := i, x; k < min(i+4, len(row)); k, bits = k+1, bits>>16 {
			n := int(bits&255) + int(bits>>8&255) - 255
			row[k] = uint8(max(0, min(255, int(row[k])+n*s.level>>8)))
		}
	}
	s.state = x
}

// DrawStatic fills an image with noise and nothing else, as a broken sensor
// does.
func DrawStatic(dst *image.Gray, seed uint64) {
	r := stream(seed, 7)
	for y := range dst.Rect.Dy() {
		row := dst.Pix[y*dst.Stride:][:dst.Rect.Dx()]
		for x := range row {
			row[x] = uint8(r.Uint32())
		}
	}
}
