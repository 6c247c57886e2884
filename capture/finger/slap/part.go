package slap

// A part is a piece of the mask between two notches.
type part struct {
	label          uint8
	x0, x1, y0, y1 int // first and last column and row
	tipX           int // column of its highest place
	width          float64
	mid, lean      float64 // its middle line: x = mid + lean·y
	rows           int     // rows that the middle line rests on
	joined         bool    // it touches a neighbour
	finger         int     // index of the finger to which it belongs, -1 for none
	tip            bool    // it is the top of that finger
}

// at is the middle of the part in row y.
func (p *part) at(y float64) float64 { return p.mid + float64(p.lean*y) }

// components finds what hangs together, and cuts each at its notches.
func (v *view) components() {
	for i := range v.label {
		if v.label[i] != unmarked {
			continue
		}
		if len(v.parts) >= maxParts {
			v.label[i] = 0
			continue
		}
		p, area := v.flood(i, uint8(len(v.parts)+1))
		v.parts = append(v.parts, p)
		if area < thinnest*thinnest/2 {
			v.parts = v.parts[:len(v.parts)-1]
			v.erase(&p)
			continue
		}
		v.split(p)
	}
}

// flood labels what hangs together with a cell.
func (v *view) flood(start int, label uint8) (p part, area int) {
	p = part{label: label, x0: v.w, y0: v.h, finger: -1}
	v.queue = append(v.queue[:0], int32(start))
	v.label[start] = label
	for len(v.queue) > 0 {
		i := int(v.queue[len(v.queue)-1])
		v.queue = v.queue[:len(v.queue)-1]
		area++
		x, y := i%v.w, i/v.w
		p.x0, p.x1, p.y0, p.y1 = min(p.x0, x), max(p.x1, x), min(p.y0, y), max(p.y1, y)
		for _, j := range [4]int{i - 1, i + 1, i - v.w, i + v.w} {
			if uint(j) < uint(len(v.label)) && v.label[j] == unmarked && (j/v.w == y || j%v.w == x) {
				v.label[j] = label
				v.queue = append(v.queue, int32(j))
			}
		}
	}
	return p, area
}

// erase takes a part out of the view.
func (v *view) erase(p *part) {
	for y := p.y0; y <= p.y1; y++ {
		row := v.label[y*v.w+p.x0 : y*v.w+p.x1+1]
		for x, l := range row {
			if l == p.label {
				row[x] = 0
			}
		}
	}
}

// rippled reports whether a part shows ridges, which change within a cell and
// hardly from cell to cell, and not the edges and shades of something else. The
// two variances are in a ratio of 5 in the middle of prints, of 1.2 in the
// wettest, and of 0.3 to 0.6 in a portrait.
func (v *view) rippled(p *part) bool {
	const edge = 127 * 127 // no print changes so much from cell to cell: its rim
	var within, between int
	for y := p.y0; y <= p.y1; y++ {
		for x := p.x0; x <= p.x1; x++ {
			sx, sy := v.source(float64(x)+0.5, float64(y)+0.5)
			i, j := int(sx), int(sy)
			if v.label[y*v.w+x] != p.label || i < 0 || j < 0 || i >= v.srcW-1 || j >= v.srcH-1 {
				continue
			}
			here := v.relief.darkness(i, j)
			across, down := v.relief.darkness(i+1, j)-here, v.relief.darkness(i, j+1)-here
			if step := across*across + down*down; step < edge {
				within += int(v.relief.rough[j*v.srcW+i] / 16)
				between += step / 2
			}
		}
	}
	return 4*within >= 3*between
}

// measure finds the rows and the middle line of every part.
func (v *view) measure() {
	v.row = resize(v.row, len(v.parts)*v.h)
	for i := range v.row {
		v.row[i] = [2]int16{-1, -1}
	}
	for y := range v.h {
		for x, l := range v.label[y*v.w:][:v.w] {
			if l == 0 {
				continue
			}
			r := &v.row[(int(l)-1)*v.h+y]
			if r[0] < 0 {
				r[0] = int16(x)
			}
			r[1] = int16(x)
		}
	}
	for i := range v.parts {
		v.midline(&v.parts[i])
	}
}

// rows are those of a part.
func (v *view) rows(p *part) [][2]int16 { return v.row[(int(p.label)-1)*v.h:][:v.h] }

// midline fits the middle line of a part, and measures its width: that below
// which three quarters of its rows stay.
func (v *view) midline(p *part) {
	rows := v.rows(p)
	var counts [256]int
	for y := p.y0; y <= p.y1; y++ {
		if r := rows[y]; r[0] >= 0 {
			counts[min(255, int(r[1]-r[0])+1)]++
		}
	}
	p.width = float64(share(&counts, 0.75))
	var line fit
	v.gather(p, &line)
	p.mid, p.lean = line.solve()
	p.rows = int(line.n)
	r := rows[p.y0]
	p.tipX = int(r[0]+r[1]) / 2
}

// gather adds the middles of a part's rows to a fit, leaving out the round of
// the tip and rows that the rim of the image cuts.
func (v *view) gather(p *part, line *fit) {
	rows := v.rows(p)
	for y := p.y0; y <= p.y1; y++ {
		r := rows[y]
		if r[0] < 0 || float64(r[1]-r[0]+1) < 0.6*p.width || v.edge(int(r[0]), y) || v.edge(int(r[1]), y) {
			continue
		}
		line.add(float64(y)+0.5, half(int(r[0]+r[1])+1))
	}
}

// edge reports whether a cell lies at the rim of the image.
func (v *view) edge(x, y int) bool {
	sx, sy := v.source(float64(x)+0.5, float64(y)+0.5)
	return sx < 1.5 || sy < 1.5 || sx > float64(v.srcW)-1.5 || sy > float64(v.srcH)-1.5
}

// A fit is a line x = mid + lean·y through points, by least squares.
type fit struct{ n, y, x, yy, yx float64 }

func (f *fit) add(y, x float64) {
	f.n++
	f.y += y
	f.x += x
	f.yy += float64(y * y)
	f.yx += float64(y * x)
}

func (f *fit) solve() (mid, lean float64) {
	if f.n == 0 {
		return 0, 0
	}
	d := float64(f.n*f.yy) - float64(f.y*f.y)
	if f.n < 4 || d <= 0 {
		return f.x / f.n, 0
	}
	lean = (float64(f.n*f.yx) - float64(f.y*f.x)) / d
	return (f.x - float64(lean*f.y)) / f.n, lean
}

// middle is the mean column of a part.
func (v *view) middle(p *part) float64 {
	var sum, n float64
	for _, r := range v.rows(p)[p.y0 : p.y1+1] {
		if r[0] >= 0 {
			sum, n = sum+half(int(r[0]+r[1])+1), n+1
		}
	}
	return sum / max(1, n)
}

// atRim reports whether a part goes on beyond the rim of the image along much of
// its length.
func (v *view) atRim(p *part) bool {
	rows, n := v.rows(p), 0
	for y := p.y0; y <= p.y1; y++ {
		if r := rows[y]; r[0] >= 0 && (v.edge(int(r[0]), y) || v.edge(int(r[1]), y)) {
			n++
		}
	}
	return 2*n > p.y1-p.y0
}
