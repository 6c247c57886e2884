package nfiq2

// A blur filters 8-bit grey with weights in 256ths, across and down, and rounds
// once at the end. All sums are whole numbers, so it does not matter in which
// order they are made: instead of weighing each pixel's surroundings anew, it
// goes from one pixel to the next and adds what the weights change by. No sum of
// one pixel reaches the bits of the next one in a word. Beyond the border the
// image is mirrored about its last pixel. Buffers are kept between images.
type blur struct {
	from []int    // by place from reach rows above to reach rows below: the image's row
	down []uint64 // one row's sums over the rows about it, four in a word
	line []uint64 // two rows' sums side by side, 32 bits each, mirrored at both ends
	sums []uint64 // two rows' sums over the pixels about each in the line
}

// A slope is a symmetric filter as what its weights change by.
type slope struct {
	reach int     // taps to either side of the middle
	taps  []uint8 // weights from the middle outwards
	// Stepping on by one pixel adds change[i] times the difference of the
	// pixels at distance[i] before the old place and 1 - distance[i] behind it.
	// The number of both is a multiple of four; the last ones may change nothing.
	distance []int
	change   []uint64 // modulo 2^64
}

// The two filters of the region of interest: Gaussians of 41 and 91 taps with
// standard deviations of 6.5 and 14 pixels, 0.3 · (taps/2 − 1.5) + 0.8. Rounding
// errors were carried to the next tap, from the outside to the middle.
var (
	narrow = newSlope(16, 15, 15, 15, 13, 11, 11, 8, 8, 6, 5, 3, 3, 2, 2, 1, 1, 0, 1, 0, 0)
	broad  = newSlope(8, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 5, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2,
		1, 2, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
)

func newSlope(taps ...uint8) slope {
	s := slope{reach: len(taps) - 1, taps: taps}
	for i, weight := range taps {
		next := uint8(0)
		if i+1 < len(taps) {
			next = taps[i+1]
		}
		if weight != next {
			s.distance = append(s.distance, i+1)
			s.change = append(s.change, uint64(weight)-uint64(next))
		}
	}
	for len(s.distance)%4 != 0 {
		s.distance, s.change = append(s.distance, 1), append(s.change, 0)
	}
	return s
}

// apply filters an image into dst, w × h pixels.
func (b *blur) apply(dst []uint8, img *lanes, s *slope) {
	b.from = mirror(b.from, img.h, s.reach)
	row := func(y int) []uint64 { return img.row(b.from[y+s.reach]) }
	b.down = sized(b.down, img.words)
	clear(b.down)
	for k := -s.reach; k <= s.reach; k++ {
		weight := uint64(s.taps[max(k, -k)])
		for i, v := range row(k) {
			b.down[i] += weight * v
		}
	}
	b.line, b.sums = sized(b.line, img.w+2*s.reach), sized(b.sums, img.w)
	for y := range img.h {
		b.unpack(s.reach, img.w, y&1)
		if y&1 == 1 || y == img.h-1 {
			b.across(s, img.w)
			b.round(dst, img.w, y)
		}
		if y == img.h-1 {
			break
		}
		for i := 0; i < len(s.distance); i += 4 {
			m, d := s.distance[i:][:4], s.change[i:][:4]
			slide(b.down, row(y+m[0]), row(y+1-m[0]), d[0], row(y+m[1]), row(y+1-m[1]), d[1],
				row(y+m[2]), row(y+1-m[2]), d[2], row(y+m[3]), row(y+1-m[3]), d[3])
		}
	}
}

// mirror lists which of n lines stands at each place from -reach to n+reach.
func mirror(from []int, n, reach int) []int {
	from = sized(from, n+2*reach)
	for i := range from {
		from[i] = bounce(i-reach, n)
	}
	return from
}

// bounce is the line that stands at a place beyond n lines: they are mirrored
// about the first and the last, as often as it takes.
func bounce(at, n int) int {
	if n == 1 {
		return 0
	}
	for at < 0 || at >= n {
		if at = max(at, -at); at >= n {
			at = 2*n - 2 - at
		}
	}
	return at
}

// unpack writes one row's sums into the lower (half 0) or the upper bits of
// the line.
func (b *blur) unpack(reach, w, half int) {
	line := b.line[reach:][:w]
	if half == 0 {
		for x := range line {
			line[x] = b.down[x>>2] >> (16 * (x & 3)) & 0xffff
		}
		return
	}
	for x := range line {
		line[x] |= b.down[x>>2] >> (16 * (x & 3)) & 0xffff << 32
	}
}

// across sums the two rows in the line, from the left to the right.
func (b *blur) across(s *slope, w int) {
	line, r := b.line, s.reach
	for i := range r {
		line[r-1-i] = line[r+bounce(-1-i, w)]
		line[r+w+i] = line[r+bounce(w+i, w)]
	}
	sum := uint64(0)
	for k := -r; k <= r; k++ {
		sum += uint64(s.taps[max(k, -k)]) * line[r+k]
	}
	b.sums[0] = sum
	steps := b.sums[1:w]
	clear(steps)
	for i := 0; i < len(s.distance); i += 4 {
		m, d := s.distance[i:][:4], s.change[i:][:4]
		slide(steps, line[r+m[0]:], line[r+1-m[0]:], d[0], line[r+m[1]:], line[r+1-m[1]:], d[1],
			line[r+m[2]:], line[r+1-m[2]:], d[2], line[r+m[3]:], line[r+1-m[3]:], d[3])
	}
	for x := range steps {
		sum += steps[x]
		steps[x] = sum
	}
}

// round writes the row y and, if y is odd, the one before.
func (b *blur) round(dst []uint8, w, y int) {
	const half = 1 << 15
	first := dst[(y&^1)*w:][:w]
	if y&1 == 0 {
		for x, v := range b.sums[:w] {
			first[x] = uint8((v&0xffffffff + half) >> 16)
		}
		return
	}
	second := dst[y*w:][:w]
	for x, v := range b.sums[:w] {
		first[x] = uint8((v&0xffffffff + half) >> 16)
		second[x] = uint8((v>>32 + half) >> 16)
	}
}

// slide adds c times the difference of two rows, and so for four pairs, modulo
// 2^64.
func slide(sums, p0, q0 []uint64, c0 uint64, p1, q1 []uint64, c1 uint64, p2, q2 []uint64, c2 uint64, p3, q3 []uint64, c3 uint64) {
	n := len(sums)
	p0, q0, p1, q1 = p0[:n], q0[:n], p1[:n], q1[:n]
	p2, q2, p3, q3 = p2[:n], q2[:n], p3[:n], q3[:n]
	for i := range sums {
		sums[i] += c0*(p0[i]-q0[i]) + c1*(p1[i]-q1[i]) + c2*(p2[i]-q2[i]) + c3*(p3[i]-q3[i])
	}
}

func (b *blur) wipe() {
	for _, s := range [][]uint64{b.down, b.line, b.sums} {
		clear(s[:cap(s)])
	}
}
