package finger

import (
	"image"
	"math"
)

// A Pattern is what is kept of a print to recognise the same finger again: the
// phase of its spectrum in the band in which ridges lie, as it lay and turned
// either way. It tells whether two live images show one finger; it is no
// template that a search could use. The zero Pattern is that of an empty glass.
type Pattern struct {
	turns [turns][]complex64 // by coefficient of band; nil where there is nothing
}

const (
	side     = 128            // pixels of the reduced image, across and down
	pitch    = 3 * 25.4 / 500 // millimetres of a reduced pixel
	turns    = 17
	turnStep = 2.5 * math.Pi / 180

	// Ridges lie 0.35 to 0.7 mm apart, which makes 28 to 56 of them across
	// the 19.5 mm of the reduced image.
	lowest, highest = 22, 60
)

// SameFinger is the similarity from which two prints are taken to show the
// same finger. It was set on generated fingers; docs/fingers.md has the figures.
const SameFinger = 0.25

// band lists the coefficients in the band of the ridges, each with the one of
// the opposite frequency, which for a real image is its conjugate.
var band = newBand()

func newBand() (pairs [][2]int) {
	for fy := range side / 2 {
		for fx := -side/2 + 1; fx < side/2; fx++ {
			r := fx*fx + fy*fy
			if r < lowest*lowest || r > highest*highest || fy == 0 && fx < 0 {
				continue
			}
			pairs = append(pairs, [2]int{fy*side + fx&(side-1), -fy&(side-1)*side + -fx&(side-1)})
		}
	}
	return pairs
}

// NewPattern prepares a print for comparison. The resolution is in pixels per
// inch, across and down.
func NewPattern(img *image.Gray, ppi [2]int) *Pattern {
	whole := img
	if img, ppi = at500(img, ppi); img != whole {
		defer clear(img.Pix)
	}
	p := new(Pattern)
	in := newInk(img, ppi)
	grid := make([]complex64, side*side)
	for i := 0; i < turns; i += 2 { // two real images to a transform
		in.reduce(grid, i, i+1)
		transform(grid, false)
		p.turns[i] = phases(grid, 1)
		if i+1 < turns {
			p.turns[i+1] = phases(grid, -1)
		}
	}
	clear(grid)
	clear(in.sums)
	return p
}

// Wipe overwrites what is kept of the print. A nil pattern holds nothing.
func (p *Pattern) Wipe() {
	if p == nil {
		return
	}
	for _, turn := range p.turns {
		clear(turn)
	}
}

// Similarity compares two prints: near 0 for different fingers, the higher the
// more of the ridges fall on each other after the best turn and shift, and 1
// for the same image.
func Similarity(a, b *Pattern) float64 {
	if a == b {
		return 1
	}
	if a.turns[turns/2] == nil || b.turns[turns/2] == nil {
		return 0 // nothing lies there
	}
	grid := make([]complex64, side*side)
	defer clear(grid)
	best := float32(0)
	for i := 0; i < turns; i += 2 {
		clear(grid)
		multiply(grid, a.turns[turns/2], b.turns[i], 1)
		if i+1 < turns {
			multiply(grid, a.turns[turns/2], b.turns[i+1], 1i)
		}
		transform(grid, true)
		for _, v := range grid {
			best = max(best, real(v), imag(v))
		}
	}
	return float64(best) / float64(2*len(band))
}

// multiply adds the cross-spectrum of two prints, times unit, to the grid. Its
// inverse is the band-limited phase-only correlation over every shift (Ito et
// al., 2004), real for the unit 1 and imaginary for i.
func multiply(grid, a, b []complex64, unit complex64) {
	if len(a) < len(band) || len(b) < len(band) {
		return
	}
	for i, at := range band {
		u, v := a[i], b[i]
		re, im := real(u)*real(v)+imag(u)*imag(v), imag(u)*real(v)-real(u)*imag(v)
		grid[at[0]] += unit * complex(re, im)
		grid[at[1]] += unit * complex(re, -im)
	}
}

// phases keeps the direction of each coefficient in the band and forgets its
// length. The grid is the spectrum of a real image (sign 1) plus i times
// another (sign -1, up to a factor). An image without ridges has none: nil.
func phases(grid []complex64, sign float32) []complex64 {
	out := make([]complex64, len(band))
	any := false
	for i, at := range band {
		u, v := grid[at[0]], grid[at[1]]
		re, im := real(u)+sign*real(v), imag(u)-sign*imag(v)
		if sign < 0 {
			re, im = im, -re
		}
		if n := re*re + im*im; n > faint {
			n = 1 / float32(math.Sqrt(float64(n)))
			out[i], any = complex(re*n, im*n), true
		}
	}
	if !any {
		return nil
	}
	return out
}

// faint is a squared length below which a coefficient is rounding error.
const faint = 1e-6

// An ink is an image as mean darkness, ready to be turned and reduced.
type ink struct {
	w, h   int
	sums   []uint16 // of the nine pixels about each, 255 is black
	stepX  float32  // pixels of the image to one reduced pixel
	stepY  float32
	cx, cy float32 // the print's middle
	fade   [side]float32
}

func newInk(img *image.Gray, ppi [2]int) *ink {
	in := &ink{w: img.Rect.Dx(), h: img.Rect.Dy()}
	in.stepX, in.stepY = float32(pitch/25.4*float64(ppi[0])), float32(pitch/25.4*float64(ppi[1]))
	in.cx, in.cy = middle(img)
	for i := range in.fade {
		in.fade[i] = float32(math.Cos(math.Pi * (float64(i) - side/2 + 0.5) / side))
	}
	in.sums = make([]uint16, in.w*in.h)
	for y := 1; y < in.h-1; y++ {
		up, row, down := img.Pix[(y-1)*img.Stride:][:in.w], img.Pix[y*img.Stride:][:in.w], img.Pix[(y+1)*img.Stride:][:in.w]
		out := in.sums[y*in.w:][:in.w]
		before, here := 765, 765
		for x := range row {
			next := 765 - int(up[x]) - int(row[x]) - int(down[x])
			if x >= 2 {
				out[x-1] = uint16(before + here + next)
			}
			before, here = here, next
		}
	}
	return in
}

// reduce fills the grid with two turns of the print, one real and one
// imaginary, each reduced to side × side pixels of one pitch and fading to
// nothing at the border.
func (in *ink) reduce(grid []complex64, first, second int) {
	a, b := in.turned(first), in.turned(second)
	for y := range side {
		for x := range side {
			fade := in.fade[x] * in.fade[y] / (9 * 255)
			grid[y*side+x] = complex(fade*a.at(x, y), fade*b.at(x, y))
		}
	}
}

// A turn walks over an image turned about its middle.
type turn struct {
	in                     *ink
	x0, y0, xx, xy, yx, yy float32
}

func (in *ink) turned(i int) turn {
	s, c := math.Sincos(float64(i-turns/2) * turnStep)
	sin, cos := float32(s), float32(c)
	const mid = side/2 - 0.5
	return turn{in: in,
		xx: cos * in.stepX, xy: -sin * in.stepX, yx: sin * in.stepY, yy: cos * in.stepY,
		x0: in.cx - mid*(cos-sin)*in.stepX, y0: in.cy - mid*(cos+sin)*in.stepY,
	}
}

func (t *turn) at(x, y int) float32 {
	fx := t.x0 + float32(x)*t.xx + float32(y)*t.xy
	fy := t.y0 + float32(x)*t.yx + float32(y)*t.yy
	if fx < 0 || fy < 0 || int(fx) >= t.in.w || int(fy) >= t.in.h {
		return 0
	}
	return float32(t.in.sums[int(fy)*t.in.w+int(fx)])
}

// middle is the centre of gravity of the dark in an image, in pixels.
func middle(img *image.Gray) (x, y float32) {
	var sum, sx, sy int
	for j := 0; j < img.Rect.Dy(); j += 4 {
		for i := 0; i < img.Rect.Dx(); i += 4 {
			if d := 200 - int(img.Pix[j*img.Stride+i]); d > 0 {
				sum, sx, sy = sum+d, sx+d*i, sy+d*j
			}
		}
	}
	if sum == 0 {
		return float32(img.Rect.Dx()) / 2, float32(img.Rect.Dy()) / 2
	}
	return float32(sx) / float32(sum), float32(sy) / float32(sum)
}

// at500 halves an image of 1000 ppi, so that every measure meets ridges of one
// size.
func at500(img *image.Gray, ppi [2]int) (*image.Gray, [2]int) {
	if ppi[0] < 750 || ppi[1] < 750 {
		return img, ppi
	}
	small := image.NewGray(image.Rect(0, 0, img.Rect.Dx()/2, img.Rect.Dy()/2))
	for y := range small.Rect.Dy() {
		a, b := img.Pix[2*y*img.Stride:], img.Pix[(2*y+1)*img.Stride:]
		row := small.Pix[y*small.Stride:][:small.Rect.Dx()]
		for x := range row {
			row[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
		}
	}
	return small, [2]int{ppi[0] / 2, ppi[1] / 2}
}
