package slap

import (
	"image"
	"math"
)

// Lengths are counted in three units: pixels, blocks of 4 × 4 pixels, and cells
// of 8 × 8 pixels.
const (
	block = 4
	cell  = 8
)

// A relief is what an image says about ridges, coarser than the image: where
// light and dark change within less than two ridges, and how dark it is.
type relief struct {
	w, h int // cells; blocks are twice as many

	low, high []uint8  // of the blocks: their lightest and darkest quarter, as darkness
	ink       []uint8  // of the blocks: mean darkness, less that of the ground
	rough     []uint32 // of the cells: variance within the cell, (grey/4)²
	noise     []uint8  // of the cells: change from pixel to pixel that no ridge makes
	strength  []uint8  // of the cells: ridges, 128 where they are just strong enough

	level int   // change between light and dark, in grey levels, that makes a ridge
	black uint8 // ink of wet skin, whose ridges run together
	found bool
}

// measure fills the relief from an image.
func (f *relief) measure(img *image.Gray) {
	f.w, f.h = img.Rect.Dx()/cell, img.Rect.Dy()/cell
	n := f.w * f.h
	f.low, f.high, f.ink = resize(f.low, 4*n), resize(f.high, 4*n), resize(f.ink, 4*n)
	f.rough, f.noise, f.strength = resize(f.rough, n), resize(f.noise, n), resize(f.strength, n)
	for y := range f.h {
		for x := range f.w {
			i := y*f.w + x
			f.rough[i], f.noise[i] = f.cell(img, x, y)
		}
	}
	f.ground()
	f.weigh()
}

// resize returns a slice of n elements, the old one where it is large enough.
func resize[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// cell measures the four blocks of a cell, and the variance in it after each
// square of 2 × 2 pixels has been averaged, which takes the noise of a sensor
// but leaves ridges; and that noise, as the mean difference between the two
// diagonals of a square.
func (f *relief) cell(img *image.Gray, cx, cy int) (rough uint32, noise uint8) {
	var sum, squares, cross uint32
	for k := range 4 {
		bx, by := 2*cx+k&1, 2*cy+k>>1
		at := by*block*img.Stride + bx*block
		low, high, total := uint32(1020), uint32(0), uint32(0)
		for range 2 {
			a, b := img.Pix[at:at+4:at+4], img.Pix[at+img.Stride:at+img.Stride+4:at+img.Stride+4]
			p := uint32(a[0]) + uint32(a[1]) + uint32(b[0]) + uint32(b[1])
			q := uint32(a[2]) + uint32(a[3]) + uint32(b[2]) + uint32(b[3])
			cross += uint32(abs(int(a[0]) + int(b[1]) - int(a[1]) - int(b[0])))
			cross += uint32(abs(int(a[2]) + int(b[3]) - int(a[3]) - int(b[2])))
			low, high = min(low, p, q), max(high, p, q)
			total += p + q
			squares += p*p + q*q
			at += 2 * img.Stride
		}
		sum += total
		i := by*2*f.w + bx
		f.low[i], f.high[i] = uint8(255-high>>2), uint8(255-low>>2)
		f.ink[i] = uint8(255 - total>>4)
	}
	return (16*squares - sum*sum) >> 8, uint8(min(255, cross>>4))
}

// weigh turns roughness into strength: less that of the empty glass, relative to
// the strongest ridges in the image.
func (f *relief) weigh() {
	var counts, noise [256]int
	clear(f.strength)
	for _, v := range f.noise {
		noise[v]++
	}
	for y := 1; y < f.h-1; y++ {
		for x := 1; x < f.w-1; x++ {
			e := root(f.around(x, y))
			f.strength[y*f.w+x] = uint8(min(255, e>>1))
			counts[min(255, e>>1)]++
		}
	}
	// Where the glass is covered all over, even the quietest places are ridges;
	// but these change less from pixel to pixel than noise.
	quiet, loud := min(share(&counts, 0.15), 4+2*share(&noise, 0.15)), share(&counts, 0.96)
	ridges := root(uint32(max(0, loud*loud-quiet*quiet)))
	// Half grey levels: ridges of less than ten, or that the noise drowns, are none.
	f.found = ridges >= 12 && 2*loud > 3*quiet
	f.level = (22*quiet + 5*int(ridges)) / 10 // noise alone spans some four standard deviations
	limit := max(6, int(0.28*float64(ridges)))
	for y := range f.h {
		for x := range f.w {
			i := y*f.w + x
			v := int(f.strength[i])
			e := int(root(uint32(max(0, v*v-quiet*quiet))))
			f.strength[i] = uint8(min(255, max(128*e/limit, 128*f.darkness(x, y)/int(f.black))))
		}
	}
	f.rims()
}

// darkness is the mean ink of a cell.
func (f *relief) darkness(x, y int) int {
	a := f.ink[4*y*f.w+2*x:]
	b := a[2*f.w:]
	return (int(a[0]) + int(a[1]) + int(b[0]) + int(b[1])) / 4
}

// around is the roughness of a cell and those around it, nearer ones weighing
// more.
func (f *relief) around(x, y int) uint32 {
	var sum uint32
	for j := -1; j <= 1; j++ {
		r := f.rough[(y+j)*f.w+x-1 : (y+j)*f.w+x+2]
		line := r[0] + 2*r[1] + r[2]
		if j == 0 {
			line *= 2
		}
		sum += line
	}
	return sum >> 4
}

// rims copies the outermost but one rows and columns outwards.
func (f *relief) rims() {
	s, w, h := f.strength, f.w, f.h
	copy(s[:w], s[w:2*w])
	copy(s[(h-1)*w:], s[(h-2)*w:(h-1)*w])
	for y := range h {
		s[y*w], s[y*w+w-1] = s[y*w+1], s[y*w+w-2]
	}
}

// ground takes the darkness of the empty glass from the ink, and finds what is
// black: darker than ridges and valleys are together.
func (f *relief) ground() {
	var counts [256]int
	for _, v := range f.ink {
		counts[v]++
	}
	glass := uint8(share(&counts, 0.25))
	f.black = uint8(max(100, 65*(share(&counts, 0.97)-int(glass))/100))
	for i, v := range f.ink {
		f.ink[i] = max(v, glass) - glass
	}
}

// share is the value that the given share of what was counted does not exceed.
func share(counts *[256]int, part float64) int {
	total := 0
	for _, c := range counts {
		total += c
	}
	left := int(float64(total) * part)
	for v, c := range counts {
		if left -= c; left < 0 {
			return v
		}
	}
	return 255
}

// root is the whole part of a square root.
func root(v uint32) uint32 { return uint32(math.Sqrt(float64(v))) }

// A mask says of every cell whether it belongs to a finger.
type mask struct {
	w, h int
	in   []uint8 // 1 inside
	tmp  []uint8
}

// draw takes the cells where ridges are strong enough, closes small gaps in
// them, and takes away what is thinner than a finger.
func (m *mask) draw(f *relief) {
	m.w, m.h = f.w, f.h
	m.in, m.tmp = resize(m.in, m.w*m.h), resize(m.tmp, m.w*m.h)
	for i, v := range f.strength {
		m.in[i] = v >> 7
	}
	m.spread(1, 1)
	m.spread(1, 0)
	m.spread(3, 0)
	m.spread(3, 1)
}

// share is the part of the image that belongs to fingers.
func (m *mask) share() float64 {
	n := 0
	for _, v := range m.in {
		n += int(v)
	}
	return float64(n) / float64(len(m.in))
}

// spread gives every cell the value v that has a cell of it within r cells
// across and down. Outside the image nothing spreads.
func (m *mask) spread(r int, v uint8) {
	for y := range m.h {
		row, out := m.in[y*m.w:][:m.w], m.tmp[y*m.w:][:m.w]
		reach := -1 // up to where the last one spreads
		for x := range min(r, m.w) {
			if row[x] == v {
				reach = x + r
			}
		}
		for x := range row {
			if x+r < m.w && row[x+r] == v {
				reach = x + 2*r
			}
			out[x] = 1 - v
			if x <= reach {
				out[x] = v
			}
		}
	}
	for y := range m.h {
		out := m.in[y*m.w:][:m.w]
		copy(out, m.tmp[y*m.w:])
		for k := max(0, y-r); k <= min(m.h-1, y+r); k++ {
			for x, t := range m.tmp[k*m.w:][:m.w] {
				if t == v {
					out[x] = v
				}
			}
		}
	}
}
