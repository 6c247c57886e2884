package slap

import (
	"math"

	"optag/capture/finger/internal/portable"
)

// A finger is a patch of the image turned so that one finger stands upright in
// it, in blocks. The box of its tip is measured there.
type finger struct {
	part  int
	angle float64 // radians clockwise
	width float64 // blocks, as the view saw it, or what is usual where the rim cuts
	w, h  int
	mid   int // column of the middle line
	tip   int // row of the tip, as the view saw it

	rimmed bool // cut by the rim of the image along much of its length

	originX, originY float64 // block of the image at the patch's first block
	sin, cos         float64

	on  []uint8 // ridges of this finger, or the rim of the image
	ink []uint8

	sums []inkSum // of a profile of the ink along the finger
}

// An inkSum is the ink of some blocks.
type inkSum struct{ ink, n int }

// slack is by how many blocks a finger may reach beyond what the view saw of it.
const slack = 4

// What a block of a patch is.
const (
	ridge  = 1 << iota // of this finger
	rim                // at the rim of the image
	lower              // of a lower phalanx
	beyond             // outside the image
)

// cutOut fills the patch of a finger.
func (f *finger) cutOut(r *relief, v *view, i int, usual float64) {
	p := &v.parts[i]
	f.part, f.angle, f.width = i, v.turn-portable.Atan2(p.lean, 1), 2*p.width
	if f.rimmed = v.atRim(p); f.rimmed {
		f.width = max(f.width, 1.9*usual)
	}
	f.sin, f.cos = portable.Sin(f.angle), portable.Cos(f.angle)
	f.mid, f.tip = int(0.8*f.width), int(0.25*f.width)
	f.w, f.h = 2*f.mid+1, int(3.4*f.width)
	f.on, f.ink = resize(f.on, f.w*f.h), resize(f.ink, f.w*f.h)
	tipY := float64(p.y0)
	x, y := v.source(p.at(tipY), tipY)
	f.originX = 2*x - float64(f.cos*float64(f.mid)) + float64(f.sin*float64(f.tip))
	f.originY = 2*y - float64(f.sin*float64(f.mid)) - float64(f.cos*float64(f.tip))
	for y := range f.h {
		f.row(r, v, p, y)
	}
}

// row fills a row of the patch.
func (f *finger) row(r *relief, v *view, p *part, y int) {
	w, h := 2*r.w, 2*r.h
	on, ink := f.on[y*f.w:][:f.w], f.ink[y*f.w:][:f.w]
	for x := range on {
		bx, by := f.place(float64(x), float64(y))
		i, j := int(math.Floor(bx)), int(math.Floor(by))
		on[x], ink[x] = 0, 0
		if i < 1 || j < 1 || i >= w-1 || j >= h-1 {
			on[x] = beyond
			continue
		}
		at := j*w + i
		ink[x] = r.ink[at]
		q := v.partAt(float64(bx/2), float64(by/2))
		if q != nil && q.finger != p.finger && (q.finger >= 0 || q.tip) {
			continue
		}
		if i < 2 || j < 2 || i >= w-2 || j >= h-2 {
			on[x] |= rim
		}
		if r.ridge(at, w) {
			on[x] |= ridge
		}
	}
}

// place is where in the image a place of the patch lies, in blocks.
func (f *finger) place(x, y float64) (bx, by float64) {
	return f.originX + float64(f.cos*x) - float64(f.sin*y), f.originY + float64(f.sin*x) + float64(f.cos*y)
}

// ridge reports whether a block shows ridges, or is black with them.
func (r *relief) ridge(at, w int) bool { return r.ink[at] >= r.black || r.change(at, w) > r.level }

// change is the largest difference between light and dark around a block.
func (r *relief) change(at, w int) int {
	low, high := uint8(255), uint8(0)
	for _, i := range [3]int{at - w, at, at + w} {
		low = min(low, r.low[i-1], r.low[i], r.low[i+1])
		high = max(high, r.high[i-1], r.high[i], r.high[i+1])
	}
	return int(high) - int(low)
}

// partAt is the part at a place of the mask, nil for none.
func (v *view) partAt(sx, sy float64) *part {
	x, y := v.target(sx, sy)
	i, j := int(x), int(y)
	if uint(i) >= uint(v.w) || uint(j) >= uint(v.h) {
		return nil
	}
	l := v.label[j*v.w+i]
	if l == 0 || int(l) > len(v.byLabel) {
		return nil
	}
	return &v.parts[v.byLabel[l-1]]
}

// covered counts the ridges in a row between two columns.
func (f *finger) covered(y, x0, x1 int) int {
	n := 0
	for _, v := range f.on[y*f.w+x0 : y*f.w+x1+1] {
		n += int(v & ridge)
	}
	return n
}

// box measures the tip: down to the crease, and as wide as it is there.
// It is not ok where there are too few ridges for a finger.
func (f *finger) box() (b Box, cutOff, ok bool) {
	top, bottom := f.tip+int(0.2*f.width), min(f.h-1, f.tip+int(0.8*f.width))
	left, right := f.sides(top, bottom)
	if right-left < thinnest {
		return Box{}, false, false
	}
	top = f.upTo(left, right)
	bottom = f.crease(top, left, right)
	left, right = f.sides(top+(bottom-top)/8, bottom)
	if right-left < thinnest || bottom-top < thinnest {
		return Box{}, false, false
	}
	cutOff = f.atRim(left, right, top, bottom)

	const inset = 1 // ridges are seen one block beyond their end
	x0, x1, y0, y1 := float64(left)+inset, float64(right+1)-inset, float64(top)+inset, float64(bottom+1)-inset
	cx, cy := f.place((x0+x1)/2, (y0+y1)/2)
	return Box{X: block * cx, Y: block * cy, Width: block * (x1 - x0), Height: block * (y1 - y0), Angle: degrees(f.angle)}, cutOff, true
}

// sides walks from the middle outwards while a tenth of the rows has ridges.
func (f *finger) sides(top, bottom int) (left, right int) {
	few := max(2, (bottom-top)/10)
	left, right = f.mid, f.mid
	reach := int(f.width/2) + 2*slack
	for left > max(0, f.mid-reach) && f.column(left-1, top, bottom) >= few {
		left--
	}
	for right < min(f.w-1, f.mid+reach) && f.column(right+1, top, bottom) >= few {
		right++
	}
	return left, right
}

// column counts the ridges in a column between two rows.
func (f *finger) column(x, top, bottom int) int {
	n := 0
	for y := top; y <= bottom; y++ {
		n += int(f.on[y*f.w+x] & ridge)
	}
	return n
}

// upTo walks up while there are ridges over a sixth of the width.
func (f *finger) upTo(left, right int) int {
	few := max(2, (right-left)/6)
	y := min(f.h-2, f.tip+int(0.3*f.width))
	for y > f.tip-slack && f.covered(y-1, left, right) >= few {
		y--
	}
	return y
}

// atRim reports whether the box reaches the rim of the image over a fifth of its
// width.
func (f *finger) atRim(left, right, top, bottom int) bool {
	n := 0
	for y := top; y <= bottom; y++ {
		for _, v := range f.on[y*f.w+left : y*f.w+right+1] {
			if v&(rim|ridge) == rim|ridge {
				n++
			}
		}
	}
	return n > (right-left)/5
}

// crease finds the last row of the tip: where the print ends, or a light band
// crosses it, or, where neither is seen, a row at the usual distance.
func (f *finger) crease(top, left, right int) int {
	width := right - left + 1
	if f.rimmed {
		width = int(f.width)
	}
	end := min(f.h-1, top+width/2)
	few := max(2, width/7)
	gap := 0
	for y := end; y < f.h && gap < 2; y++ {
		if f.covered(y, left, right) >= few {
			end, gap = y, 0
		} else {
			gap++
		}
	}
	if y, ok := f.band(top, min(end, top+int(2.2*float64(width))), left, right); ok {
		return y
	}
	return min(end, top+int(1.75*float64(width)))
}

// band finds the upper rim of the lightest band across the finger, straight or
// a little tilted, where a crease may be.
func (f *finger) band(top, end, left, right int) (int, bool) {
	width := right - left + 1
	if f.rimmed {
		width = int(f.width)
	}
	around := max(3, width/4)
	first, last := top+int(0.8*float64(width)), end-3
	const tilts = 4
	best, at := 0.55, 0
	for tilt := -tilts; tilt <= tilts; tilt++ {
		f.profile(top, min(f.h-1, last+around+2), width/3, tilt)
		for y := first; y <= last; y++ {
			ink := f.mean(y, y+1)
			near, ok := f.known(y-around, y-2)
			if _, seen := f.known(y, y+1); !ok || !seen {
				continue // too much of it lies beyond the rim
			}
			if below, ok := f.known(y+3, y+around); ok {
				near = min(near, 1.6*below)
			}
			dip := ink / max(near, 1)
			far := math.Abs(float64(y-top)/float64(width) - 1.5)
			if dip += float64(0.5 * max(0, far-0.25)); dip < best {
				best, at = dip, y
			}
		}
	}
	return at - 1, at > 0
}

// profile adds up the ink of the inner finger row by row, in lines tilted by so
// many twentieths.
func (f *finger) profile(from, to, inner, tilt int) {
	f.sums = resize(f.sums, f.h+1)
	clear(f.sums)
	for y := from; y < f.h; y++ {
		sum := f.sums[y]
		for i := max(0, f.mid-inner); i <= min(f.w-1, f.mid+inner) && y <= to; i++ {
			if j := y + (i-f.mid)*tilt/20; uint(j) < uint(f.h) && f.on[j*f.w+i]&beyond == 0 {
				sum.ink += int(f.ink[j*f.w+i])
				sum.n++
			}
		}
		f.sums[y+1] = sum
	}
}

// mean is the mean of the profile over some rows.
func (f *finger) mean(y0, y1 int) float64 {
	a, b := f.sums[max(0, y0)], f.sums[min(f.h, y1+1)]
	return float64(b.ink-a.ink) / float64(max(1, b.n-a.n))
}

// known is mean, where enough of the rows lies inside the image.
func (f *finger) known(y0, y1 int) (float64, bool) {
	a, b := f.sums[max(0, y0)], f.sums[min(f.h, y1+1)]
	return f.mean(y0, y1), b.n-a.n > (y1-y0+1)*int(f.width)*2/5
}
