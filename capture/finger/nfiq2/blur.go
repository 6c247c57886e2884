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
	// Stepping on by one pixel adds the pixels at the places more, counted from
	// the old place, and takes those at the places less away. Both have the
	// same number of places, a multiple of four.
	more, less []int
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
		for ; weight > next; weight-- {
			s.more, s.less = append(s.more, i+1), append(s.less, -i)
		}
		for ; weight < next; weight++ {
			s.more, s.less = append(s.more, -i), append(s.less, i+1)
		}
	}
	for len(s.more)%4 != 0 {
		s.more, s.less = append(s.more, 0), append(s.less, 0)
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
	b.line, b.sums = sized(b.line, img.w+2*s.reach+3), sized(b.sums, img.w)
	for y := range img.h {
		b.unpack(s.reach, y&1)
		if y&1 == 1 || y == img.h-1 {
			b.across(s, img.w)
			b.round(dst, img.w, y)
		}
		if y == img.h-1 {
			break
		}
		for i := 0; i < len(s.more); i += 4 {
			p, q := s.more[i:][:4], s.less[i:][:4]
			advance(b.down, row(y+p[0]), row(y+q[0]), row(y+p[1]), row(y+q[1]),
				row(y+p[2]), row(y+q[2]), row(y+p[3]), row(y+q[3]))
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
// the line. Up to three behind the row are written, too.
func (b *blur) unpack(reach, half int) {
	line := b.line[reach:]
	for i, v := range b.down {
		p := line[4*i : 4*i+4 : 4*i+4]
		if half == 0 {
			p[0], p[1], p[2], p[3] = v&0xffff, v>>16&0xffff, v>>32&0xffff, v>>48
			continue
		}
		p[0] |= v & 0xffff << 32
		p[1] |= v >> 16 & 0xffff << 32
		p[2] |= v >> 32 & 0xffff << 32
		p[3] |= v >> 48 << 32
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
	for i := 0; i < len(s.more); i += 4 {
		p, q := s.more[i:][:4], s.less[i:][:4]
		advance(steps, line[r+p[0]:], line[r+q[0]:], line[r+p[1]:], line[r+q[1]:],
			line[r+p[2]:], line[r+q[2]:], line[r+p[3]:], line[r+q[3]:])
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

// advance adds the rows p to the sums and takes the rows q away, modulo 2^64.
func advance(sums, p0, q0, p1, q1, p2, q2, p3, q3 []uint64) {
	n := len(sums)
	p0, q0, p1, q1 = p0[:n], q0[:n], p1[:n], q1[:n]
	p2, q2, p3, q3 = p2[:n], q2[:n], p3[:n], q3[:n]
	for i := range sums {
		sums[i] += p0[i] - q0[i] + p1[i] - q1[i] + p2[i] - q2[i] + p3[i] - q3[i]
	}
}

func (b *blur) wipe() {
	for _, s := range [][]uint64{b.down, b.line, b.sums} {
		clear(s[:cap(s)])
	}
}
