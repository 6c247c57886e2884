package minutiae

import (
	"image"
	"math"

	"optag/capture/finger/internal/portable"
)

// A field is what is known per block of 8 × 8 pixels, row by row.
type field struct {
	size image.Point

	sum, square, count []int32 // of grey levels, then mean and gain
	cos, sin, energy   []int32 // of twice the gradient's angle
	scratch            []int32

	contrast  []uint8 // deviation of grey levels, in halves
	angle     []uint8 // of the ridges: 256ths of half a turn, clockwise from the right
	coherence []uint8 // of the ridges' angles, 255 if all agree
	period    []uint8 // of the ridges, in 16ths of a pixel, at most 255
	strength  []uint8 // 0 to 255: share of the print's contrast that is ridges of this angle and period
	print     []bool  // ridges can be read here
	depth     []uint8 // blocks to where they cannot, 0 there, at most mostDepth
}

func (f *field) resize(size image.Point) {
	f.size = size
	n := size.X * size.Y
	for _, s := range []*[]int32{&f.sum, &f.square, &f.count, &f.cos, &f.sin, &f.energy, &f.scratch} {
		*s = fit(*s, n)
	}
	for _, s := range []*[]uint8{&f.contrast, &f.angle, &f.coherence, &f.period, &f.strength, &f.depth} {
		*s = fit(*s, n)
	}
	f.print = fit(f.print, n)
}

func (f *field) wipe() {
	for _, s := range [][]int32{f.sum, f.square, f.count, f.cos, f.sin, f.energy, f.scratch} {
		clear(s[:cap(s)])
	}
	for _, s := range [][]uint8{f.contrast, f.angle, f.coherence, f.period, f.strength, f.depth} {
		clear(s[:cap(s)])
	}
	clear(f.print[:cap(f.print)])
}

// blur convolves values with the binomial 1 4 6 4 1 both ways, not divided by
// its sum of 256. Beyond the print lie zeros.
func (f *field) blur(v []int32) {
	w := f.size.X
	for y := range f.size.Y {
		blurLine(f.scratch[y*w:][:w], v[y*w:][:w])
	}
	for y := range f.size.Y {
		row := v[y*w:][:w]
		for x := range row {
			row[x] = 6 * f.scratch[y*w+x]
		}
		for k, weight := range [...]int32{1, 4, 0, 4, 1} {
			other := y + k - 2
			if weight == 0 || other < 0 || other >= f.size.Y {
				continue
			}
			for x, s := range f.scratch[other*w:][:w] {
				row[x] += weight * s
			}
		}
	}
}

func blurLine(dst, src []int32) {
	n := len(src)
	for x, v := range src {
		sum := 6 * v
		if x >= 1 {
			sum += 4 * src[x-1]
		}
		if x >= 2 {
			sum += src[x-2]
		}
		if x+1 < n {
			sum += 4 * src[x+1]
		}
		if x+2 < n {
			sum += src[x+2]
		}
		dst[x] = sum
	}
}

// orient reads the angle of the ridges from the gradients of a plane, averaged
// as vectors of twice their angle (Kass & Witkin 1987).
func (e *Extractor) orient(plane []uint8) {
	f := &e.field
	clear(f.cos)
	clear(f.sin)
	clear(f.energy)
	for y := 1; y < e.blocks.Y*block; y += 2 {
		e.gradients(plane, y)
	}
	for _, v := range [][]int32{f.cos, f.sin, f.energy} {
		f.blur(v)
	}
	f.unite()
}

// unit is the length of the vector of a block whose gradients all agree.
const unit = 1 << 12

// unite turns sums of gradients into angles. Where the gradients of a block
// disagree, those of its surroundings decide.
func (f *field) unite() {
	wideCos, wideSin := f.sum, f.square
	for i, energy := range f.energy {
		e := max(1, int64(energy))
		f.cos[i], f.sin[i] = int32(unit*int64(f.cos[i])/e), int32(unit*int64(f.sin[i])/e)
		wideCos[i], wideSin[i] = f.cos[i], f.sin[i]
	}
	for range 2 {
		for _, v := range [][]int32{wideCos, wideSin} {
			f.blur(v)
			for i := range v {
				v[i] /= 256
			}
		}
	}
	for i := range f.angle {
		own := norm(f.cos[i], f.sin[i])
		f.coherence[i] = uint8(min(255, norm(wideCos[i], wideSin[i])/(unit/256)))
		c := int(f.cos[i])*own + int(wideCos[i])*(unit-own)
		s := int(f.sin[i])*own + int(wideSin[i])*(unit-own)
		// The ridges run across the gradient: half a turn at twice the angle.
		f.angle[i] = uint8(int(math.Floor(float64(portable.Atan2(float64(-s), float64(-c))*(128/math.Pi))+0.5)) & 255)
	}
}

// norm is that of a vector, rounded down.
func norm(x, y int32) int {
	return int(math.Sqrt(float64(int(x)*int(x) + int(y)*int(y))))
}

// gradients adds the gradients of every second pixel of row y to its blocks,
// by 5 × 5 binomial derivatives.
func (e *Extractor) gradients(plane []uint8, y int) {
	f := &e.field
	i := e.at(0, y) - 2
	n := e.blocks.X*block + 4
	r0, r1, r2, r3, r4 := plane[i-2*e.stride:][:n], plane[i-e.stride:][:n], plane[i:][:n], plane[i+e.stride:][:n], plane[i+2*e.stride:][:n]
	sum, diff := e.line[:n], e.line[e.stride:][:n]
	for x := range sum {
		a, b, c, d, g := int16(r0[x]), int16(r1[x]), int16(r2[x]), int16(r3[x]), int16(r4[x])
		sum[x] = a + g + 4*(b+d) + 6*c
		diff[x] = g - a + 2*(d-b)
	}
	at := y / block * e.blocks.X
	for bx := range e.blocks.X {
		var cos, sin, energy int32
		s, d := sum[bx*block:][:block+4], diff[bx*block:][:block+4]
		for k := 3; k < block+2; k += 2 {
			gx := (int32(s[k+2]) - int32(s[k-2]) + 2*(int32(s[k+1])-int32(s[k-1]))) >> 6
			gy := (int32(d[k-2]) + int32(d[k+2]) + 4*(int32(d[k-1])+int32(d[k+1])) + 6*int32(d[k])) >> 6
			cos += gx*gx - gy*gy
			sin += 2 * gx * gy
			energy += gx*gx + gy*gy
		}
		f.cos[at+bx] += cos
		f.sin[at+bx] += sin
		f.energy[at+bx] += energy
	}
}
