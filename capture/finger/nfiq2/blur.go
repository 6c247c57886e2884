package nfiq2

// A blur filters 8-bit grey with weights in 256ths, across and down, and rounds
// once at the end. All sums are whole numbers, so it does not matter in which
// order they are made: instead of weighing each pixel's surroundings anew, it
// goes from one pixel to the next and adds what the weights change by. Several
// pixels lie side by side in a word, where no sum can reach the neighbour's bits.
// Beyond the border the image is mirrored about its last pixel.
type blur struct {
	rows []uint64 // the image, four pixels of 16 bits in a word, row by row
	from []int    // by row and by column of the mirrored image: the image's own
	down []uint64 // one row's sums over the rows about it, four in a word
	line []uint64 // two rows' sums side by side, 32 bits each, mirrored at both ends
	step []uint64 // what the sums across change by from each pixel to the next
}

// A slope is a symmetric filter as what its weights change by.
type slope struct {
	reach int     // taps to either side of the middle
	taps  []uint8 // weights from the middle outwards
	// Stepping on by one pixel adds change[i] times the difference of the
	// pixels at distance[i] before the old place and 1 - distance[i] behind it.
	// The number of both is even; the last one may change nothing.
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
	if len(s.distance)%2 != 0 {
		s.distance, s.change = append(s.distance, 1), append(s.change, 0)
	}
	return s
}

// apply filters an image of w × h pixels; dst may be src.
func (b *blur) apply(dst, src []uint8, w, h int, s *slope) {
	words := (w + 3) / 4
	b.spread(src, w, h)
	b.from = mirror(b.from, h, s.reach)
	row := func(y int) []uint64 { return b.rows[b.from[y+s.reach]*words:][:words] }
	b.down = sized(b.down, words)
	clear(b.down)
	for k := -s.reach; k <= s.reach; k++ {
		weight := uint64(s.taps[max(k, -k)])
		for i, v := range row(k) {
			b.down[i] += weight * v
		}
	}
	b.line, b.step = sized(b.line, w+2*s.reach), sized(b.step, w)
	for y := range h {
		b.unpack(s.reach, w, y&1)
		if y&1 == 1 || y == h-1 {
			b.across(s, w)
			b.round(dst, w, y)
		}
		if y == h-1 {
			break
		}
		for i := 0; i < len(s.distance); i += 2 {
			m, n := s.distance[i], s.distance[i+1]
			slide(b.down, row(y+m), row(y+1-m), s.change[i], row(y+n), row(y+1-n), s.change[i+1])
		}
	}
}

// spread lays the image's pixels out in words.
func (b *blur) spread(src []uint8, w, h int) {
	words := (w + 3) / 4
	b.rows = sized(b.rows, words*h)
	for y := range h {
		in, out := src[y*w:][:w], b.rows[y*words:][:words]
		for i := range out[:w/4] {
			p := in[4*i:][:4]
			out[i] = uint64(p[0]) | uint64(p[1])<<16 | uint64(p[2])<<32 | uint64(p[3])<<48
		}
		if w%4 != 0 {
			last := uint64(0)
			for i, v := range in[w/4*4:] {
				last |= uint64(v) << (16 * i)
			}
			out[words-1] = last
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

// across replaces the steps by the sums across of the two rows in the line.
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
	b.step[0] = sum
	next := b.step[1:]
	clear(next)
	for i := 0; i < len(s.distance); i += 2 {
		m, n := s.distance[i], s.distance[i+1]
		slide(next, line[r+m:], line[r+1-m:], s.change[i], line[r+n:], line[r+1-n:], s.change[i+1])
	}
	for x := range next {
		sum += next[x]
		next[x] = sum
	}
}

// round writes the row y and, if y is odd, the one before.
func (b *blur) round(dst []uint8, w, y int) {
	const half = 1 << 15
	first := dst[(y&^1)*w:][:w]
	if y&1 == 0 {
		for x, v := range b.step[:w] {
			first[x] = uint8((v&0xffffffff + half) >> 16)
		}
		return
	}
	second := dst[y*w:][:w]
	for x, v := range b.step[:w] {
		first[x] = uint8((v&0xffffffff + half) >> 16)
		second[x] = uint8((v>>32 + half) >> 16)
	}
}

// slide adds c · (p − q) + d · (r − s), modulo 2^64, to the sums.
func slide(sums, p, q []uint64, c uint64, r, s []uint64, d uint64) {
	n := len(sums)
	p, q, r, s = p[:n], q[:n], r[:n], s[:n]
	for i := range sums {
		sums[i] += c*(p[i]-q[i]) + d*(r[i]-s[i])
	}
}

func (b *blur) wipe() {
	for _, s := range [][]uint64{b.rows, b.down, b.line, b.step} {
		clear(s[:cap(s)])
	}
}
