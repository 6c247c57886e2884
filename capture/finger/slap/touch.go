package slap

// touch marks fingertips that touch a neighbour: over a millimetre or more no
// light gap is seen between them.
func (v *view) touch() {
	for i := range v.parts {
		for k := range v.parts {
			a, b := &v.parts[i], &v.parts[k]
			if a.tip && b.tip && a.tipX < b.tipX && v.touching(a, b) {
				a.joined, b.joined = true, true
			}
		}
	}
}

// touching reports whether a part touches another on its right.
func (v *view) touching(a, b *part) bool {
	left, right, closed := v.rows(a), v.rows(b), 0
	for y := max(a.y0, b.y0); y <= min(a.y1, b.y1); y++ {
		from, to := left[y][1], right[y][0]
		if from >= 0 && to > from && to-from < 6 && !v.gap(float64(from), float64(to+1), float64(y)+0.5) {
			closed++
		}
	}
	return closed >= 3
}

// gap reports whether a place between two columns of the view shows no ridges.
func (v *view) gap(from, to, y float64) bool {
	w := 2 * v.relief.w
	for x := from - 1; x <= to+1; x += 0.5 {
		sx, sy := v.source(x, y)
		i, j := int(2*sx), int(2*sy)
		if i < 1 || j < 1 || i >= w-1 || j >= 2*v.relief.h-1 || !v.relief.ridge(j*w+i, w) {
			return true
		}
	}
	return false
}
