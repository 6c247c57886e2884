package minutiae

import (
	"image"
	"math"
)

// Evened prints have this standard deviation, in grey levels; less contrast
// than leastContrast is not raised further.
const (
	evenDeviation = 40
	leastContrast = 3
)

// A column is what flatten interpolates for one pixel row: mean grey level and
// gain at the middle of a block.
type column struct{ mean, gain int32 }

// flatten evens out brightness and contrast of the print: each pixel less the
// local mean, divided by the local deviation (Hong, Wan & Jain 1998, made
// local). Ridges, which are dark, come out above 128.
func (e *Extractor) flatten(img *image.Gray) {
	e.measure(img)
	f := &e.field
	b := e.blocks
	for i := range f.sum {
		n := int64(f.count[i])
		mean := int64(f.sum[i]) * 256 / n
		variance := float64(int64(f.square[i])*256/n - mean*mean/256)
		deviation := int(16 * math.Sqrt(max(0, variance)/256))
		f.contrast[i] = uint8(min(255, deviation/8))
		f.sum[i], f.square[i] = int32(mean), int32(evenDeviation*16*1024/max(16*leastContrast, deviation))
	}
	for y := range e.size.Y {
		top, t := (y-block/2)>>3, int32((y-block/2)&7)
		upper, lower := max(0, top)*b.X, min(b.Y-1, top+1)*b.X
		for x := range b.X {
			m0, m1, g0, g1 := f.sum[upper+x], f.sum[lower+x], f.square[upper+x], f.square[lower+x]
			e.columns[x+1] = column{m0 + (m1-m0)*t/block, g0 + (g1-g0)*t/block}
		}
		e.columns[0], e.columns[b.X+1] = e.columns[1], e.columns[b.X]
		e.flattenRow(img.Pix[y*img.Stride:][:e.size.X], e.even[e.at(0, y):][:e.size.X])
	}
	e.prolong()
}

// prolong repeats the outermost pixels of the evened print twice, so that its
// edge is no ridge.
func (e *Extractor) prolong() {
	for y := range e.size.Y {
		row := e.even[e.at(-2, y):][:e.size.X+4]
		row[0], row[1] = row[2], row[2]
		row[e.size.X+2], row[e.size.X+3] = row[e.size.X+1], row[e.size.X+1]
	}
	line := func(y int) []uint8 { return e.even[e.at(-2, y):][:e.size.X+4] }
	for k := 1; k <= 2; k++ {
		copy(line(-k), line(0))
		copy(line(e.size.Y-1+k), line(e.size.Y-1))
	}
}

// flattenRow evens out one row by the means and gains of e.columns.
func (e *Extractor) flattenRow(src, dst []uint8) {
	for x := 0; x < len(src); {
		left := (x + block/2) >> 3
		a, b := e.columns[left], e.columns[left+1]
		t := int32((x + block/2) & 7)
		dm, dg := (b.mean-a.mean)/block, (b.gain-a.gain)/block
		mean, gain := a.mean+dm*t, a.gain+dg*t
		for end := min(len(src), x+int(block-t)); x < end; x++ {
			v := 128 + int(mean-int32(src[x])<<8)*int(gain)>>18
			dst[x] = uint8(max(1, min(255, v)))
			mean, gain = mean+dm, gain+dg
		}
	}
}

// measure sums pixels and their squares over blocks, and blurs the sums.
func (e *Extractor) measure(img *image.Gray) {
	f := &e.field
	clear(f.sum)
	clear(f.square)
	clear(f.count)
	for y := range e.size.Y {
		row := img.Pix[y*img.Stride:][:e.size.X]
		i := y / block * e.blocks.X
		for x := 0; x < len(row); x += block {
			part := row[x:min(x+block, len(row))]
			var sum, square int32
			for _, v := range part {
				sum += int32(v)
				square += int32(v) * int32(v)
			}
			f.sum[i] += sum
			f.square[i] += square
			f.count[i] += int32(len(part))
			i++
		}
	}
	for _, s := range [][]int32{f.sum, f.square, f.count} {
		f.blur(s)
	}
}
