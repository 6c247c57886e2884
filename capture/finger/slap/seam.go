package slap

// sew finds where to cut downwards from the notch in column x: along the way on
// which ridges are weakest, within reach of the column. It returns what that costs.
func (v *view) sew(p *part, x, reach int) int32 {
	wide := 2*reach + 1
	from := int(v.top[x])
	v.seam = resize(v.seam, v.h)
	for y := range from + 1 {
		v.seam[y] = int16(x)
	}
	n := p.y1 - from + 1
	v.cost = resize(v.cost, n*wide)
	for k := range n {
		for i := range wide {
			c := int32(abs(i - reach))
			if k > 0 {
				c = v.cheapest(k-1, i, wide) + v.strength(x+i-reach, from+k)
			} else if i != reach {
				c = 1 << 20
			}
			v.cost[k*wide+i] = c
		}
	}
	at := reach
	for i := range wide {
		if v.cost[(n-1)*wide+i] < v.cost[(n-1)*wide+at] {
			at = i
		}
	}
	least := v.cost[(n-1)*wide+at]
	for k := n - 1; k > 0; k-- {
		v.seam[from+k] = int16(x + at - reach)
		at = v.before(k-1, at, wide)
	}
	return least
}

const sideways = 24 // what a step aside costs, in units of ridge strength

// before is the place in row k from which place i of the next row is reached
// best.
func (v *view) before(k, i, wide int) int {
	row, best := v.cost[k*wide:][:wide], i
	for _, j := range [2]int{i - 1, i + 1} {
		if uint(j) < uint(wide) && row[j]+sideways < row[best]+sideways*int32(min(1, abs(best-i))) {
			best = j
		}
	}
	return best
}

// cheapest is what it costs to come from row k to place i of the next row.
func (v *view) cheapest(k, i, wide int) int32 {
	j := v.before(k, i, wide)
	return v.cost[k*wide+j] + sideways*int32(abs(j-i))
}

// strength is that of the ridges at a cell of the view.
func (v *view) strength(x, y int) int32 {
	sx, sy := v.source(float64(x)+0.5, float64(y)+0.5)
	i, j := int(sx), int(sy)
	if sx < 0 || sy < 0 || i >= v.srcW || j >= v.srcH {
		return 0
	}
	return int32(v.relief.strength[j*v.srcW+i])
}

func abs(v int) int { return max(v, -v) }
