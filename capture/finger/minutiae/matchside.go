package minutiae

import (
	"cmp"
	"math/bits"
	"slices"
)

// A side is a print made ready for comparison: its best minutiae, the area they
// cover, and what lies around each of them.
type side struct {
	points    []Minutia
	around    []cylinder
	width     int
	height    int
	extent    extent
	scratch   []Minutia
	neighbour []int32
}

func (s *side) prepare(t *Template) {
	s.width, s.height = t.Width, t.Height
	s.choose(t.Minutiae)
	s.extent.cover(s.points)
	s.around = slices.Grow(s.around[:0], most)[:len(s.points)]
	for i := range s.points {
		s.around[i].fill(s, i)
	}
}

// choose keeps the minutiae of the highest quality, each place once.
func (s *side) choose(all []Minutia) {
	s.scratch = append(s.scratch[:0], all...)
	slices.SortFunc(s.scratch, func(p, q Minutia) int {
		return cmp.Or(cmp.Compare(q.Quality, p.Quality), cmp.Compare(p.rank(), q.rank()))
	})
	s.points = slices.Grow(s.points[:0], most)
	for _, p := range s.scratch {
		if len(s.points) == most {
			break
		}
		if !s.holds(p) {
			s.points = append(s.points, p)
		}
	}
	slices.SortFunc(s.points, func(p, q Minutia) int { return cmp.Compare(p.rank(), q.rank()) })
}

// holds reports whether the side has a minutia at the same place already.
func (s *side) holds(p Minutia) bool {
	for _, q := range s.points {
		if p.X == q.X && p.Y == q.Y && turned(p.Angle, q.Angle) < 16 {
			return true
		}
	}
	return false
}

// turned is the angle between two directions, 0 to 128.
func turned(a, b uint8) int {
	d := int(int8(a - b))
	return max(d, -d)
}

// A cylinder tells which places and directions around a minutia, as seen from
// it, have another one near (Cappelli, Ferrara, Maltoni: Minutia Cylinder-Code,
// 2010, in its form of bits). Two such are compared by counting bits.
type cylinder struct {
	bits  [layers * rowsWords]uint64
	known [rowsWords]uint64 // cells that lie on the print
	cells int               // known ones
}

const (
	cells     = 16                 // across and down
	layers    = 5                  // of direction
	rowsWords = cells * cells / 64 // words of one layer
	radius    = 72                 // pixels from the minutia to the rim of its cylinder
	cellSize  = 2 * radius / cells
	layerSize = 256 / layers // 256ths of a turn

	reach      = 14 // pixels about a neighbour that count as its place
	reachAngle = 40 // and 256ths of a turn as its direction
)

// fill describes the surroundings of a minutia.
func (c *cylinder) fill(s *side, i int) {
	*c = cylinder{}
	p := s.points[i]
	sin, cos := sine(p.Angle), cosine(p.Angle)
	c.know(s, p, sin, cos)
	for j, q := range s.points {
		dx, dy := int(q.X)-int(p.X), int(q.Y)-int(p.Y)
		if i == j || max(dx, -dx) > radius+reach || max(dy, -dy) > radius+reach || dx*dx+dy*dy > (radius+reach)*(radius+reach) {
			continue
		}
		c.mark((dx*cos-dy*sin)>>unitBits, (dx*sin+dy*cos)>>unitBits, q.Angle-p.Angle)
	}
	for l := range layers {
		for w := range rowsWords {
			c.bits[l*rowsWords+w] &= c.known[w]
		}
	}
}

// know marks the cells that lie within the circle and on the print.
func (c *cylinder) know(s *side, p Minutia, sin, cos int) {
	for v := range cells {
		y := v*cellSize + cellSize/2 - radius
		for u := range cells {
			x := u*cellSize + cellSize/2 - radius
			if x*x+y*y > radius*radius {
				continue
			}
			if s.extent.near(int(p.X)+(x*cos+y*sin)>>unitBits, int(p.Y)+(y*cos-x*sin)>>unitBits) {
				at := v*cells + u
				c.known[at>>6] |= 1 << (at & 63)
			}
		}
	}
	for _, w := range c.known {
		c.cells += bits.OnesCount64(w)
	}
}

// mark sets the bits about one neighbour at x, y with the given direction.
func (c *cylinder) mark(x, y int, angle uint8) {
	for v := max(0, (y+radius-reach)/cellSize); v < min(cells, (y+radius+reach)/cellSize+1); v++ {
		dy := v*cellSize + cellSize/2 - radius - y
		for u := max(0, (x+radius-reach)/cellSize); u < min(cells, (x+radius+reach)/cellSize+1); u++ {
			dx := u*cellSize + cellSize/2 - radius - x
			if dx*dx+dy*dy > reach*reach {
				continue
			}
			at := v*cells + u
			for l := range layers {
				if turned(angle, uint8(l*256/layers+layerSize/2)) < reachAngle {
					c.bits[l*rowsWords+at>>6] |= 1 << (at & 63)
				}
			}
		}
	}
}

// likeness holds how alike the surroundings of each minutia of one print are to
// those of each of the other.
type likeness struct {
	values []uint8 // by minutia of the first, then of the second; 0 to 255
	width  int
}

func (l *likeness) compare(a, b *side) {
	l.width = len(b.points)
	l.values = slices.Grow(l.values[:0], most*most)[:len(a.points)*len(b.points)]
	for i := range a.around {
		row := l.values[i*l.width:][:l.width]
		for j := range b.around {
			row[j] = a.around[i].like(&b.around[j])
		}
	}
}

func (l *likeness) of(i, j int) int { return int(l.values[i*l.width+j]) }

// like is twice the share of bits that two surroundings have in common, where
// both are known; 0 where too little is.
func (c *cylinder) like(d *cylinder) uint8 {
	var known [rowsWords]uint64
	n := 0
	for w := range known {
		known[w] = c.known[w] & d.known[w]
		n += bits.OnesCount64(known[w])
	}
	if 5*n < 3*max(c.cells, d.cells) {
		return 0
	}
	var one, two, both int
	for i := range c.bits {
		k := known[i%rowsWords]
		p, q := c.bits[i]&k, d.bits[i]&k
		one += bits.OnesCount64(p)
		two += bits.OnesCount64(q)
		both += bits.OnesCount64(p & q)
	}
	if one < fewBits || two < fewBits {
		return 0
	}
	return uint8(510 * both / (one + two))
}

// fewBits are set by fewer than two neighbours.
const fewBits = 12
