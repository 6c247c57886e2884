package minutiae

import "image"

// A bitmap has one bit per pixel, 64 to a word, the leftmost pixel the lowest
// bit, within a frame of zero words.
type bitmap struct {
	size  image.Point
	row   int // words in a row, with one of the frame on each side
	words []uint64
	old   [2][]uint64 // rows as they were before the current pass
}

func (b *bitmap) resize(size image.Point) {
	b.size = size
	b.row = (size.X+63)/64 + 2
	b.words = fit(b.words, b.row*(size.Y+2))
	for i := range b.old {
		b.old[i] = fit(b.old[i], b.row)
	}
}

func (b *bitmap) wipe() {
	clear(b.words[:cap(b.words)])
	for _, row := range b.old {
		clear(row[:cap(row)])
	}
}

// thin wears ridges down to lines one pixel wide that keep their ends and their
// connections (Guo & Hall 1989, algorithm A1), 64 pixels at a time.
func (b *bitmap) thin() {
	for quiet, odd := 0, false; quiet < 2; odd = !odd {
		quiet++
		if b.wear(odd) {
			quiet = 0
		}
	}
}

// wear takes one layer off the ridges on two of their sides. It reports whether
// anything was taken.
func (b *bitmap) wear(odd bool) bool {
	above, here := b.old[0], b.old[1]
	clear(above)
	worn := false
	for y := 1; y <= b.size.Y; y++ {
		row := b.words[y*b.row:][:b.row]
		below := b.words[(y+1)*b.row:][:b.row]
		copy(here, row)
		for x := 1; x < b.row-1; x++ {
			if here[x] == 0 {
				continue
			}
			n, nw, ne := neighbours(above, x)
			p, w, e := neighbours(here, x)
			s, sw, se := neighbours(below, x)
			if take := p & spare(n, ne, e, se, s, sw, w, nw, odd); take != 0 {
				row[x] &^= take
				worn = true
			}
		}
		above, here = here, above
	}
	return worn
}

// neighbours returns 64 pixels of a row, and those to their left and right.
func neighbours(row []uint64, x int) (here, left, right uint64) {
	return row[x], row[x]<<1 | row[x-1]>>63, row[x]>>1 | row[x+1]<<63
}

// spare tells which pixels can go, given their neighbours clockwise from above.
func spare(n, ne, e, se, s, sw, w, nw uint64, odd bool) uint64 {
	// Exactly one run of ridge around the pixel.
	a, b, c, d := ^n&(ne|e), ^e&(se|s), ^s&(sw|w), ^w&(nw|n)
	one := (a ^ b ^ c ^ d) &^ (a&b | c&d)
	// Two or three neighbours, counted in pairs: neither an end nor the inside.
	p, q, r, t := nw|n, ne|e, se|s, sw|w
	u, v, y, z := n|ne, e|se, s|sw, w|nw
	pairs := two(p, q, r, t) & two(u, v, y, z) &^ (p & q & r & t & u & v & y & z)
	side := (n | ne | ^se) & e
	if odd {
		side = (s | sw | ^nw) & w
	}
	return one & pairs &^ side
}

// two tells where at least two of four bits are set.
func two(a, b, c, d uint64) uint64 { return a&b | c&d | (a|b)&(c|d) }
