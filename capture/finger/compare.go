package finger

import (
	"image"
	"math"
	"math/cmplx"
)

// A Pattern is what is kept of a print to recognise the same finger again: the
// phase of its spectrum in the band in which ridges lie, as it lay and turned
// either way. It tells whether two live images show one finger; it is no
// template that a search could use.
type Pattern struct {
	turns [turns][]complex64
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

// NewPattern prepares a print for comparison. The resolution is in pixels per
// inch, across and down.
func NewPattern(img *image.Gray, ppi [2]int) *Pattern {
	p := new(Pattern)
	for i := range p.turns {
		f := reduce(img, ppi, float64(i-turns/2)*turnStep)
		transform(f, false)
		p.turns[i] = phases(f)
	}
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
	var grid [side * side]complex128
	best := 0.0
	for _, turned := range b.turns {
		best = max(best, peak(a.turns[turns/2], turned, grid[:]))
	}
	return best
}

// peak is the height of the band-limited phase-only correlation of two prints
// over every shift (Ito et al., 2004).
func peak(a, b []complex64, grid []complex128) float64 {
	n := 0.0
	for i := range grid {
		grid[i] = complex128(a[i]) * cmplx.Conj(complex128(b[i]))
		if a[i] != 0 {
			n++
		}
	}
	transform(grid, true)
	top := 0.0
	for _, v := range grid {
		top = max(top, real(v))
	}
	return top / n
}

// phases keeps the direction of each coefficient in the band of the ridges and
// forgets its length.
func phases(f []complex128) []complex64 {
	out := make([]complex64, len(f))
	for y := range side {
		for x := range side {
			fx, fy := signed(x), signed(y)
			if r := math.Hypot(fx, fy); r < lowest || r > highest {
				continue
			}
			if v := f[y*side+x]; v != 0 {
				out[y*side+x] = complex64(v / complex(cmplx.Abs(v), 0))
			}
		}
	}
	return out
}

// signed is the frequency of a coefficient's index.
func signed(i int) float64 {
	if i >= side/2 {
		return float64(i - side)
	}
	return float64(i)
}

// reduce turns the print about its middle and reduces it to side × side
// pixels of one pitch, fading to nothing at the border.
func reduce(img *image.Gray, ppi [2]int, angle float64) []complex128 {
	out := make([]complex128, side*side)
	stepX, stepY := pitch/25.4*float64(ppi[0]), pitch/25.4*float64(ppi[1])
	sin, cos := math.Sincos(angle)
	cx, cy := middle(img)
	for y := range side {
		for x := range side {
			dx, dy := float64(x)-side/2+0.5, float64(y)-side/2+0.5
			fade := math.Cos(math.Pi*dx/side) * math.Cos(math.Pi*dy/side)
			v := ink(img, cx+(dx*cos-dy*sin)*stepX, cy+(dx*sin+dy*cos)*stepY)
			out[y*side+x] = complex(v*fade, 0)
		}
	}
	return out
}

// ink is the mean darkness of the nine pixels about a point, 0 outside.
func ink(img *image.Gray, x, y float64) float64 {
	px, py := int(math.Floor(x)), int(math.Floor(y))
	if px < 1 || py < 1 || px >= img.Rect.Dx()-1 || py >= img.Rect.Dy()-1 {
		return 0
	}
	sum := 0
	for j := -1; j <= 1; j++ {
		at := (py+j)*img.Stride + px
		sum += 765 - int(img.Pix[at-1]) - int(img.Pix[at]) - int(img.Pix[at+1])
	}
	return float64(sum) / (9 * 255)
}

// middle is the centre of gravity of the dark in an image, in pixels.
func middle(img *image.Gray) (x, y float64) {
	var sum, sx, sy float64
	for j := 0; j < img.Rect.Dy(); j += 4 {
		for i := 0; i < img.Rect.Dx(); i += 4 {
			if d := 200 - float64(img.Pix[j*img.Stride+i]); d > 0 {
				sum, sx, sy = sum+d, sx+d*float64(i), sy+d*float64(j)
			}
		}
	}
	if sum == 0 {
		return float64(img.Rect.Dx()) / 2, float64(img.Rect.Dy()) / 2
	}
	return sx / sum, sy / sum
}

// transform is the two-dimensional Fourier transform of side × side values in
// place; back is the inverse without its factor.
func transform(f []complex128, back bool) {
	sign := -1.0
	if back {
		sign = 1
	}
	var roots [side / 2]complex128
	for i := range roots {
		roots[i] = cmplx.Rect(1, sign*2*math.Pi*float64(i)/side)
	}
	for y := range side {
		fourier(f[y*side:(y+1)*side], &roots)
	}
	var column [side]complex128
	for x := range side {
		for y := range side {
			column[y] = f[y*side+x]
		}
		fourier(column[:], &roots)
		for y := range side {
			f[y*side+x] = column[y]
		}
	}
}

// fourier is the radix-2 transform of Cooley and Tukey, in place.
func fourier(f []complex128, roots *[side / 2]complex128) {
	for i, j := 1, 0; i < side; i++ {
		bit := side >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			f[i], f[j] = f[j], f[i]
		}
	}
	for size := 2; size <= side; size <<= 1 {
		step := side / size
		for start := 0; start < side; start += size {
			for k := range size / 2 {
				u, v := f[start+k], f[start+k+size/2]*roots[k*step]
				f[start+k], f[start+k+size/2] = u+v, u-v
			}
		}
	}
}
