package wsq

// bandCount is the number of subbands that are coded. Four more, the highest
// frequencies both across and down, are always left out.
const bandCount = 60

// The blocks of a stream hold the subbands up to these, exclusive.
const (
	firstBlock  = 19
	secondBlock = 52
)

// A box is a part of the frame.
type box struct{ x, y, w, h int }

// A node is a part of the frame that the transform splits in four. Right and
// lower parts hold high frequencies, whose order is inverted: there the high
// half comes first.
type node struct {
	box
	invX, invY bool
}

// Quarters of a node; bit 0 is right, bit 1 is below.
const (
	topLeft = iota
	topRight
	bottomLeft
	bottomRight
)

// A tree is the specification's decomposition of a frame.
type tree struct {
	nodes [20]node // a parent before its children
	bands [bandCount]box
}

// build lays the tree out for a frame of w × h pixels.
func (t *tree) build(w, h int) {
	type origin struct{ parent, quarter int }
	from := [20]origin{
		1: {0, topLeft}, 2: {0, topRight}, 3: {0, bottomLeft},
		4: {1, topRight}, 5: {1, bottomLeft}, 14: {1, topLeft},
		6: {4, 0}, 7: {4, 1}, 8: {4, 2}, 9: {4, 3},
		10: {5, 0}, 11: {5, 1}, 12: {5, 2}, 13: {5, 3},
		15: {14, 0}, 16: {14, 1}, 17: {14, 2}, 18: {14, 3},
		19: {15, topLeft},
	}
	t.nodes[0] = node{box: box{0, 0, w, h}}
	for i := 1; i < len(from); i++ {
		t.nodes[i] = t.nodes[from[i].parent].quarter(from[i].quarter)
	}
	b := t.bands[:0]
	leaves := func(n, from int) {
		for q := from; q < 4; q++ {
			b = append(b, t.nodes[n].quarter(q).box)
		}
	}
	leaves(19, topLeft)
	leaves(15, topRight)
	for _, n := range [11]int{16, 17, 18, 6, 7, 8, 9, 10, 11, 12, 13} {
		leaves(n, topLeft)
	}
	leaves(1, bottomRight)
	leaves(2, topLeft)
	leaves(3, topLeft)
}

// quarter is one of the four parts of a node.
func (n node) quarter(q int) node {
	left, right := halves(n.w, n.invX)
	top, bottom := halves(n.h, n.invY)
	c := node{box: box{n.x, n.y, left, top}}
	if q&1 != 0 {
		c.x, c.w, c.invX = n.x+left, right, true
	}
	if q&2 != 0 {
		c.y, c.h, c.invY = n.y+top, bottom, true
	}
	return c
}

// halves are the lengths of the two parts in their order: the low one is the
// longer and comes first unless inverted.
func halves(n int, inverted bool) (first, second int) {
	if inverted {
		return n / 2, n - n/2
	}
	return n - n/2, n / 2
}
