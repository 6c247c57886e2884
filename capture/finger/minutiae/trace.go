package minutiae

import (
	"math"
	"math/bits"
	"slices"

	"optag/capture/finger/internal/portable"
)

// A node is a pixel of the skeleton where a line ends or forks.
type node struct {
	at   int // index in the plane
	arms int // 1 where a line ends, 3 or more where it forks
}

// Lengths along the skeleton, in pixels at 500 ppi. A usual ridge period is 9.
const (
	spur   = 9  // a branch up to this length is a fault of the thinning
	island = 12 // a line up to this length is dirt
	pass   = 12 // how far the direction of a line is followed
)

// find reads the minutiae from the thinned ridges.
func (e *Extractor) find(dst *Template) {
	e.unpack()
	for range 2 {
		e.list()
		e.prune()
	}
	e.list()
	for i := range e.nodes {
		e.minutia(dst, &e.nodes[i])
	}
	slices.SortFunc(dst.Minutiae, inOrder)
	e.grade(dst)
}

// unpack spreads the skeleton over the plane e.smooth, one byte per pixel.
func (e *Extractor) unpack() {
	clear(e.smooth)
	for y := range e.size.Y {
		row := e.bits.words[(y+1)*e.bits.row+1:][:e.bits.row-2]
		for w, word := range row {
			for ; word != 0; word &= word - 1 {
				e.smooth[e.at(64*w+bits.TrailingZeros64(word), y)] = 1
			}
		}
	}
}

// around returns the distances to the eight neighbours, clockwise from above.
func (e *Extractor) around() [8]int {
	s := e.stride
	return [8]int{-s, 1 - s, 1, 1 + s, s, s - 1, -1, -1 - s}
}

// arms counts the lines that leave a pixel: changes from ground to ridge around
// it (the crossing number of Rutovitz 1966).
func (e *Extractor) arms(at int) int {
	n := 0
	last := e.smooth[at-e.stride-1]
	for _, d := range e.around() {
		v := e.smooth[at+d]
		if v != 0 && last == 0 {
			n++
		}
		last = v
	}
	return n
}

// list collects the ends and forks of the skeleton, in the order of the rows.
func (e *Extractor) list() {
	e.nodes = e.nodes[:0]
	for y := range e.size.Y {
		at := e.at(0, y)
		for x, v := range e.smooth[at : at+e.size.X] {
			if v == 0 {
				continue
			}
			if arms := e.arms(at + x); arms == 1 || arms >= 3 {
				e.nodes = append(e.nodes, node{at: at + x, arms: arms})
			}
		}
	}
}

// prune erases spurs and islands.
func (e *Extractor) prune() {
	for i := range e.nodes {
		n := &e.nodes[i]
		if n.arms != 1 || e.smooth[n.at] == 0 {
			continue
		}
		var way [island + 1]int
		length, arms := e.follow(n.at, n.at, way[:])
		if arms == 1 && length < island || arms >= 3 && length < spur {
			for _, at := range way[:length] {
				e.smooth[at] = 0
			}
		}
	}
}

// follow goes along a line from a pixel away from another (or from nowhere, if
// they are the same) until it ends, forks or fills way. It returns the number
// of pixels passed, without that of the fork, and the arms of the last.
func (e *Extractor) follow(at, from int, way []int) (length, arms int) {
	around := e.around()
	for length < len(way) {
		way[length] = at
		length++
		next := 0
		for i := range around {
			// Straight neighbours first, then the diagonal ones.
			d := around[(2*i+i/4)&7]
			to := at + d
			if e.smooth[to] == 0 || to == from || at != from && e.touches(to, from) {
				continue
			}
			next = to
			break
		}
		if next == 0 {
			return length, 1
		}
		from, at = at, next
		if a := e.arms(at); a != 2 {
			if a == 1 {
				if length < len(way) {
					way[length] = at
					length++
				}
				return length, 1
			}
			return length, a
		}
	}
	return length, 2
}

// touches reports whether two pixels are neighbours.
func (e *Extractor) touches(a, b int) bool {
	d := a - b
	for _, n := range e.around() {
		if d == n {
			return true
		}
	}
	return false
}

// minutia adds the minutia at a node, unless it lies at the rim of the print.
func (e *Extractor) minutia(dst *Template, n *node) {
	x, y := n.at%e.stride-margin, n.at/e.stride-margin
	if n.arms > 3 || e.depth(x, y) <= leastDepth {
		return
	}
	var way [pass]int
	m := Minutia{X: int16(x), Y: int16(y), Kind: Bifurcation}
	if n.arms == 1 {
		m.Kind = Ending
		length, _ := e.follow(n.at, n.at, way[:])
		m.Angle = e.bearing(n.at, way[length-1])
	} else {
		var bearing [3]uint8
		k := 0
		last := e.smooth[n.at-e.stride-1]
		for _, d := range e.around() {
			v := e.smooth[n.at+d]
			if v != 0 && last == 0 && k < 3 {
				length, _ := e.follow(n.at+d, n.at, way[:])
				bearing[k] = e.bearing(n.at, way[length-1])
				k++
			}
			last = v
		}
		m.Angle = valley(bearing)
	}
	e.place(&m)
	dst.Minutiae = append(dst.Minutiae, m)
}

// place moves a minutia from the skeleton to where ISO/IEC 19794-2:2005 § 6.4
// wants it: where the skeleton of the valleys forks in front of an ending, and
// that of the ridges at a fork. Either lies a quarter of a period from the tip
// of the ridge or valley, which, unlike the end of a skeleton, is well defined.
func (e *Extractor) place(m *Minutia) {
	angle := float64(m.Angle) * (math.Pi / 128)
	dx, dy := portable.Cos(angle), -portable.Sin(angle)
	outward := 1.0
	if m.Kind == Ending {
		outward = -1
	}
	x, y := float64(m.X), float64(m.Y)
	period := float64(e.field.period[int(m.Y)/block*e.blocks.X+int(m.X)/block]) / 16
	tip := 0.0
	for tip < period && e.inked(x+float64(dx*outward*tip), y+float64(dy*outward*tip)) {
		tip += 0.5
	}
	d := float64(outward*tip) - float64(period/4)
	m.X = int16(max(0, min(e.size.X-1, int(math.Round(x+float64(dx*d))))))
	m.Y = int16(max(0, min(e.size.Y-1, int(math.Round(y+float64(dy*d))))))
}

// inked reports whether a place between pixels lies on a ridge.
func (e *Extractor) inked(x, y float64) bool {
	fx, fy := int(math.Floor(x*16)), int(math.Floor(y*16))
	r := e.ridge[e.at(fx>>4, fy>>4):]
	tx, ty := fx&15, fy&15
	top := int(r[0])*(16-tx) + int(r[1])*tx
	bottom := int(r[e.stride])*(16-tx) + int(r[e.stride+1])*tx
	return top*(16-ty)+bottom*ty >= 128*256
}

// valley is the middle of the narrowest of three angles.
func valley(b [3]uint8) uint8 {
	best, width := uint8(0), 256
	for i := range b {
		d := int(int8(b[(i+1)%3] - b[i]))
		if w := max(d, -d); w < width {
			best, width = b[i]+uint8(d/2), w
		}
	}
	return best
}

// bearing is the direction from one pixel to another, in 256ths of a turn
// anticlockwise from the right.
func (e *Extractor) bearing(from, to int) uint8 {
	dx := to%e.stride - from%e.stride
	dy := to/e.stride - from/e.stride
	return uint8(int(math.Floor(float64(portable.Atan2(float64(-dy), float64(dx))*(128/math.Pi)) + 0.5)))
}
