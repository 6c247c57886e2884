package nfiq2

import "image"

// lanes are an image with four pixels of 16 bits in each word, the first in the
// lowest bits. What fits a pixel's 16 bits can be added, taken away and multiplied
// for four pixels at once. Buffers are kept between images.
type lanes struct {
	w, h  int
	words int      // of a row; lanes beyond w hold white
	rows  []uint64 // words × h
	spare []uint64
}

// white is four white pixels, and one of 1s in each pixel.
const (
	white = 0x00ff00ff00ff00ff
	ones  = 0x0001000100010001
)

// load takes an image that begins at (0, 0).
func (l *lanes) load(img *image.Gray) {
	l.w, l.h = img.Rect.Dx(), img.Rect.Dy()
	l.words = (l.w + 3) / 4
	l.rows = sized(l.rows, l.words*l.h)
	for y := range l.h {
		in, out := img.Pix[y*img.Stride:][:l.w], l.row(y)
		for i := range l.w / 4 {
			p := in[4*i : 4*i+4 : 4*i+4]
			out[i] = uint64(p[0]) | uint64(p[1])<<16 | uint64(p[2])<<32 | uint64(p[3])<<48
		}
		if l.w%4 != 0 {
			last := uint64(white) << (16 * (l.w % 4))
			for i, v := range in[l.w/4*4:] {
				last |= uint64(v) << (16 * i)
			}
			out[l.words-1] = last
		}
	}
}

func (l *lanes) row(y int) []uint64 { return l.rows[y*l.words:][:l.words] }

// erode gives each pixel the darkest grey level within 5 × 5 about it, as far
// as they lie in the image.
func (l *lanes) erode() {
	l.spare = sized(l.spare, len(l.rows))
	inside := func(y int) []uint64 { return l.row(min(max(y, 0), l.h-1)) }
	for y := 0; y < l.h; y += 2 { // two rows share four of their five
		first := l.spare[y*l.words:][:l.words]
		second := first
		if y+1 < l.h {
			second = l.spare[(y+1)*l.words:][:l.words]
		}
		darkest(first, second, inside(y-2), inside(y-1), inside(y), inside(y+1), inside(y+2), inside(y+3))
		darkestAcross(first)
		if y+1 < l.h {
			darkestAcross(second)
		}
	}
	l.rows, l.spare = l.spare, l.rows
}

// darkest gives the first row the least of a to e and the second that of b to f;
// if they are one row, it is the first.
func darkest(first, second, a, b, c, d, e, f []uint64) {
	n := len(first)
	second, a, b, c, d, e, f = second[:n], a[:n], b[:n], c[:n], d[:n], e[:n], f[:n]
	for i := range first {
		both := darker(darker(b[i], c[i]), darker(d[i], e[i]))
		second[i] = darker(both, f[i])
		first[i] = darker(both, a[i])
	}
}

// darkestAcross gives each pixel of a row the least of the five about it.
func darkestAcross(row []uint64) {
	before, here := uint64(white), row[0]
	for i := range row {
		next := uint64(white)
		if i+1 < len(row) {
			next = row[i+1]
		}
		left := darker(here<<16|before>>48, here<<32|before>>32)
		right := darker(here>>16|next<<48, here>>32|next<<32)
		row[i] = darker(here, darker(left, right))
		before, here = here, next
	}
}

// darker is the lesser of each two pixels.
func darker(a, b uint64) uint64 {
	d := (a | ones<<8) - b // bit 8 stays where a is not below b, and a - b below it
	keep := d & (ones << 8)
	return a - d&(keep-keep>>8)
}

func (l *lanes) wipe() {
	clear(l.rows[:cap(l.rows)])
	clear(l.spare[:cap(l.spare)])
}
