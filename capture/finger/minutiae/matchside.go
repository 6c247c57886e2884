package minutiae

import (
	"cmp"
	"math/bits"
	"slices"
)

// A side is a print made ready for comparison: its best minutiae from the upper
// row down, the extent they cover, and what lies around each of them.
type side struct {
	points  []Minutia
	around  []cylinder
	extent  extent
	ranking []Minutia
}

// most is how many minutiae of a print are compared, those of the highest
// quality. A rolled print has about a hundred.
const most = 160

func (s *side) prepare(t *Template) {
	s.choose(t.Minutiae)
	s.extent.cover(s.points)
	s.around = slices.Grow(s.around[:0], most)[:len(s.points)]
	for i := range s.points {
		s.around[i].fill(s, i)
	}
}

// choose keeps the minutiae of the highest quality, each place once.
func (s *side) choose(all []Minutia) {
	s.ranking = append(s.ranking[:0], all...)
	slices.SortFunc(s.ranking, func(p, q Minutia) int {
		return cmp.Or(cmp.Compare(q.Quality, p.Quality), cmp.Compare(p.number(), q.number()))
	})
	s.points = slices.Grow(s.points[:0], most)
	for _, p := range s.ranking {
		if len(s.points) == most {
			break
		}
		if !s.holds(p) {
			s.points = append(s.points, p)
		}
	}
	slices.SortFunc(s.points, func(p, q Minutia) int {
		return cmp.Or(cmp.Compare(p.Y, q.Y), cmp.Compare(p.number(), q.number()))
	})
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

// below returns the first minutia at or below a row.
func (s *side) below(y float64) int {
	low, high := 0, len(s.points)
	for low < high {
		if mid := (low + high) / 2; float64(s.points[mid].Y) < y {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func (s *side) wipe() {
	clear(s.points[:cap(s.points)])
	clear(s.around[:cap(s.around)])
	clear(s.ranking[:cap(s.ranking)])
	s.extent = extent{}
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
	bits  [cylinderLayers][layerWords]uint64
	known [layerWords]uint64 // cells that lie on the print
	cells int                // known ones
}

const (
	cylinderCells  = 12 // across and down
	cylinderLayers = 5  // of direction
	cylinderRadius = cylinderCells * cellSize / 2
	cellSize       = 12 // pixels
	layerWords     = 2

	nearby      = 12 // pixels about a neighbour that count as its place
	nearbyAngle = 36 // and 256ths of a turn as its direction
	fewBits     = 10 // are set by fewer than two neighbours
)

// A cylinderCell is a square of a cylinder's ground.
type cylinderCell struct {
	x, y int8  // of its middle, in pixels from the minutia
	bit  uint8 // its number, outOfCircle if its middle lies there
}

const outOfCircle = 255

var cylinderGround = func() (t [cylinderCells][cylinderCells]cylinderCell) {
	n := uint8(0)
	for v := range t {
		for u := range t[v] {
			x, y := u*cellSize+cellSize/2-cylinderRadius, v*cellSize+cellSize/2-cylinderRadius
			t[v][u] = cylinderCell{int8(x), int8(y), outOfCircle}
			if x*x+y*y <= cylinderRadius*cylinderRadius {
				t[v][u].bit = n
				n++
			}
		}
	}
	return t
}()

// fill describes the surroundings of minutia i.
func (c *cylinder) fill(s *side, i int) {
	*c = cylinder{}
	p := s.points[i]
	sin, cos := sine(p.Angle), cosine(p.Angle)
	c.know(s, p, sin, cos)
	for j, q := range s.points {
		dx, dy := int(q.X)-int(p.X), int(q.Y)-int(p.Y)
		if i == j || max(dx, -dx, dy, -dy) > cylinderRadius+nearby {
			continue
		}
		c.mark((dx*cos-dy*sin)>>unitBits, (dx*sin+dy*cos)>>unitBits, q.Angle-p.Angle)
	}
}

// know marks the cells that lie on the print.
func (c *cylinder) know(s *side, p Minutia, sin, cos int) {
	for v := range cylinderGround {
		for _, g := range cylinderGround[v] {
			x, y := int(g.x), int(g.y)
			if g.bit != outOfCircle && s.extent.near(int(p.X)+(x*cos+y*sin)>>unitBits, int(p.Y)+(y*cos-x*sin)>>unitBits) {
				c.known[g.bit>>6] |= 1 << (g.bit & 63)
				c.cells++
			}
		}
	}
}

// mark sets the bits about a neighbour at x, y that points in a direction, as
// seen from the minutia.
func (c *cylinder) mark(x, y int, angle uint8) {
	var disc [layerWords]uint64
	left, right := cellOf(x-nearby), cellOf(x+nearby)
	for v := cellOf(y - nearby); v <= cellOf(y+nearby); v++ {
		for u := left; u <= right; u++ {
			g := &cylinderGround[v][u]
			dx, dy := int(g.x)-x, int(g.y)-y
			if g.bit != outOfCircle && dx*dx+dy*dy <= nearby*nearby {
				disc[g.bit>>6] |= 1 << (g.bit & 63)
			}
		}
	}
	for l := range c.bits {
		if turned(angle, uint8((2*l+1)*256/(2*cylinderLayers))) < nearbyAngle {
			for w := range disc {
				c.bits[l][w] |= disc[w] & c.known[w]
			}
		}
	}
}

// cellOf is the row or column of cells in which a place lies, or the nearest.
func cellOf(x int) int {
	return max(0, min(cylinderCells-1, (x+cylinderRadius)/cellSize))
}

// like is twice the share of bits that two surroundings have in common, of 255,
// where both are known; 0 where too little is.
func (c *cylinder) like(d *cylinder) uint8 {
	k0, k1 := c.known[0]&d.known[0], c.known[1]&d.known[1]
	if 5*(bits.OnesCount64(k0)+bits.OnesCount64(k1)) < 3*max(c.cells, d.cells) {
		return 0
	}
	var one, two, both int
	for l := range c.bits {
		p0, q0, p1, q1 := c.bits[l][0]&k0, d.bits[l][0]&k0, c.bits[l][1]&k1, d.bits[l][1]&k1
		one += bits.OnesCount64(p0) + bits.OnesCount64(p1)
		two += bits.OnesCount64(q0) + bits.OnesCount64(q1)
		both += bits.OnesCount64(p0&q0) + bits.OnesCount64(p1&q1)
	}
	if min(one, two) < fewBits {
		return 0
	}
	return uint8(510 * both / (one + two))
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

func (l *likeness) wipe() {
	clear(l.values[:cap(l.values)])
	l.width = 0
}
