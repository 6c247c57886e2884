package nfiq2

import "bytes"

// parts are the connected pieces of one colour in a picture of two, where each
// pixel has four neighbours. Buffers are kept between pictures.
type parts struct {
	spans []span // in reading order
	list  []part
}

// A span is a stretch of one colour in a row, from x0 to before x1.
type span struct {
	x0, x1, y int
	part      int // index in parts.list, of some piece that belongs to the same
}

// A part is a piece, or one that was found to belong to an earlier one.
type part struct {
	parent         int // itself for a piece
	x0, y0, x1, y1 int // rectangle about it, x1 and y1 outside
}

func (p *part) area() int { return (p.x1 - p.x0) * (p.y1 - p.y0) }

// find collects the pieces of a colour, 0 or 255, in a picture that has no
// others. Each piece stands at the index of its first span.
func (p *parts) find(pix []uint8, w, h int, colour uint8) {
	p.spans, p.list = p.spans[:0], p.list[:0]
	above := 0 // the first span of the row above that may touch the next span
	for y := range h {
		start := len(p.spans)
		row := pix[y*w:][:w]
		for x := 0; x < w; {
			skip := bytes.IndexByte(row[x:], colour)
			if skip < 0 {
				break
			}
			s := span{x0: x + skip, x1: w, y: y}
			if n := bytes.IndexByte(row[s.x0:], ^colour); n >= 0 {
				s.x1 = s.x0 + n
			}
			x = s.x1
			above = p.join(&s, above, start)
			p.spans = append(p.spans, s)
		}
		above = start
	}
}

// join gives a span to the piece of those that touch it in the row above, which
// are among spans[from:to], and makes one piece of them. It returns where the next
// span of the row may look from.
func (p *parts) join(s *span, from, to int) int {
	s.part = -1
	for ; from < to && p.spans[from].x0 < s.x1; from++ {
		up := &p.spans[from]
		if up.x1 <= s.x0 {
			continue
		}
		if s.part < 0 {
			s.part = p.root(up.part)
			p.grow(s.part, s.x0, s.y, s.x1, s.y+1)
		} else {
			s.part = p.unite(s.part, p.root(up.part))
		}
		if up.x1 > s.x1 { // it may touch the next one too
			return from
		}
	}
	if s.part < 0 {
		s.part = len(p.list)
		p.list = append(p.list, part{parent: s.part, x0: s.x0, y0: s.y, x1: s.x1, y1: s.y + 1})
	}
	return from
}

// root is the piece that a part belongs to.
func (p *parts) root(i int) int {
	for p.list[i].parent != i {
		p.list[i].parent = p.list[p.list[i].parent].parent
		i = p.list[i].parent
	}
	return i
}

// unite makes one piece of two, at the place of the earlier one.
func (p *parts) unite(i, j int) int {
	if i == j {
		return i
	}
	i, j = min(i, j), max(i, j)
	q := p.list[j]
	p.list[j].parent = i
	p.grow(i, q.x0, q.y0, q.x1, q.y1)
	return i
}

func (p *parts) grow(i, x0, y0, x1, y1 int) {
	q := &p.list[i]
	q.x0, q.y0 = min(q.x0, x0), min(q.y0, y0)
	q.x1, q.y1 = max(q.x1, x1), max(q.y1, y1)
}

func (p *parts) wipe() {
	clear(p.spans[:cap(p.spans)])
	clear(p.list[:cap(p.list)])
	p.spans, p.list = p.spans[:0], p.list[:0]
}
