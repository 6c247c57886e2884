package selftest

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
)

// A Stack adds up images of a glass on which nothing moves. The zero Stack is
// empty.
type Stack struct {
	Images int
	size   image.Point
	sum    []uint32
	square []uint32
	grey   [256]uint64 // histogram of all images
}

// Add adds an image; all are of one size. The image is not kept.
func (s *Stack) Add(img *image.Gray) error {
	size := img.Rect.Size()
	if size.X < 64 || size.Y < 64 {
		return fmt.Errorf("adding an image: %d by %d pixels are too few", size.X, size.Y)
	}
	if s.sum == nil {
		s.size, s.sum, s.square = size, make([]uint32, size.X*size.Y), make([]uint32, size.X*size.Y)
	}
	if size != s.size {
		return fmt.Errorf("adding an image: %v pixels after %v", size, s.size)
	}
	if s.Images == 1<<16 {
		return errors.New("adding an image: too many")
	}
	for y := range size.Y {
		sum, square := s.sum[y*size.X:][:size.X], s.square[y*size.X:][:size.X]
		for x, v := range img.Pix[y*img.Stride:][:size.X] {
			sum[x] += uint32(v)
			square[x] += uint32(v) * uint32(v)
			s.grey[v]++
		}
	}
	s.Images++
	return nil
}

// A Glass is what was measured on a clear glass.
type Glass struct {
	Level     float64 // mean grey level
	Noise     float64 // of a pixel from image to image, root mean square in grey levels
	Still     float64 // share of pixels that never changed
	Uneven    float64 // largest difference between areas of a quarter inch, in grey levels; see Measure
	DeadRows  []int   //
	DeadCols  []int   //
	DeadPixel int     // outside of those
	Dirt      float64 // share of the glass that is covered
	Gaps      int     // grey values that never occur between values that do

	Map *image.Paletted // dirt and dead pixels in colour on white
}

// What counts as what. Ours: the norms of certification (FBI EBTS Appendix F)
// measure with targets and do not know dirt.
const (
	deadLevel = 25.0 // grey levels off the neighbourhood, or six times the noise: dead
	dirtLevel = 8.0  // grey levels off, averaged over 3 by 3 pixels, or four times the noise left: dirt
	deadSize  = 3    // pixels that hang together; more are dirt
	dirtSize  = 12   // pixels that hang together; fewer are nothing
	tile      = 64   // pixels, edge of an area of the background
)

// Measure measures the clear glass. ppi is the resolution of the images.
func (s *Stack) Measure(ppi [2]int) (Glass, error) {
	if s.Images < 2 {
		return Glass{}, errors.New("measuring the glass: two images at least are needed")
	}
	var g Glass
	mean := s.temporal(&g)
	g.Gaps = Gaps(s.grey)
	g.Uneven = uneven(mean, s.size, ppi)
	off := deviation(mean, s.size)

	level := max(deadLevel, 6*g.Noise)
	g.DeadRows = s.lines(off, g.Still, level, false)
	g.DeadCols = s.lines(off, g.Still, level, true)
	g.Map = image.NewPaletted(image.Rectangle{Max: s.size}, color.Palette{
		color.White, color.RGBA{0xb0, 0x45, 0, 0xff}, color.RGBA{0xc0, 0, 0x20, 0xff}})
	for _, y := range g.DeadRows {
		for x := range s.size.X {
			off[y*s.size.X+x], g.Map.Pix[y*s.size.X+x] = 0, 2
		}
	}
	for _, x := range g.DeadCols {
		for y := range s.size.Y {
			off[y*s.size.X+x], g.Map.Pix[y*s.size.X+x] = 0, 2
		}
	}
	g.spots(off, s.size, level, max(dirtLevel, 4*g.Noise/math.Sqrt(float64(s.Images))))
	return g, nil
}

// temporal measures what changes from image to image, and returns the mean.
func (s *Stack) temporal(g *Glass) []float32 {
	n := float64(s.Images)
	mean := make([]float32, len(s.sum))
	var total, variance float64
	still := 0
	for i, sum := range s.sum {
		m := float64(sum) / n
		v := (float64(s.square[i]) - n*m*m) / (n - 1)
		if v < 1e-6 {
			still++
		}
		mean[i] = float32(m)
		total += m
		variance += v
	}
	all := float64(len(s.sum))
	g.Level, g.Noise, g.Still = total/all, math.Sqrt(max(0, variance/all)), float64(still)/all
	return mean
}

// uneven returns the largest difference between the mean grey levels of areas
// of about a quarter of an inch, the area of EBTS Appendix F; a small glass has
// four of them all the same.
func uneven(mean []float32, size image.Point, ppi [2]int) float64 {
	cols, rows := max(2, size.X*4/max(1, ppi[0])), max(2, size.Y*4/max(1, ppi[1]))
	low, high := math.Inf(1), math.Inf(-1)
	for r := range rows {
		for c := range cols {
			var sum float64
			n := 0
			for y := r * size.Y / rows; y < (r+1)*size.Y/rows; y++ {
				for _, v := range mean[y*size.X:][c*size.X/cols : (c+1)*size.X/cols] {
					sum += float64(v)
					n++
				}
			}
			sum /= float64(max(1, n))
			low, high = min(low, sum), max(high, sum)
		}
	}
	return high - low
}

// deviation subtracts from an image its background: how the light falls off as
// a [slope], and what is left of it in the medians of tiles, with straight lines
// between them.
func deviation(mean []float32, size image.Point) []float32 {
	cols, rows := tiles(size)
	light, rest := background(mean, size)
	off := make([]float32, len(mean))
	at := func(v, n, length int) (int, int, float32) {
		f := min(max((float32(v)+0.5)*float32(n)/float32(length)-0.5, 0), float32(n-1))
		i := min(int(f), n-1)
		return i, min(i+1, n-1), f - float32(i)
	}
	for y := range size.Y {
		j, k, t := at(y, rows, size.Y)
		for x := range size.X {
			i, l, u := at(x, cols, size.X)
			top := rest[j*cols+i]*(1-u) + rest[j*cols+l]*u
			bottom := rest[k*cols+i]*(1-u) + rest[k*cols+l]*u
			falls := light.at((float64(x)+0.5)/float64(size.X), (float64(y)+0.5)/float64(size.Y))
			off[y*size.X+x] = mean[y*size.X+x] - float32(falls) - (top*(1-t) + bottom*t)
		}
	}
	return off
}

func tiles(size image.Point) (cols, rows int) {
	return max(1, size.X/tile), max(1, size.Y/tile)
}

// background returns the medians of the tiles as a slope, and what is left of
// each, as the median of its neighbours, so that dirt on one tile stays dirt.
func background(mean []float32, size image.Point) (slope, []float32) {
	cols, rows := tiles(size)
	medians := make([]float32, cols*rows)
	var values []float32
	for r := range rows {
		for c := range cols {
			values = values[:0]
			for y := r * size.Y / rows; y < (r+1)*size.Y/rows; y++ {
				values = append(values, mean[y*size.X+c*size.X/cols:y*size.X+(c+1)*size.X/cols]...)
			}
			medians[r*cols+c] = median(values)
		}
	}
	light := fit(medians, cols)
	for i := range medians {
		medians[i] -= float32(light.at((float64(i%cols)+0.5)/float64(cols), (float64(i/cols)+0.5)/float64(rows)))
	}
	rest := make([]float32, len(medians))
	for r := range rows {
		for c := range cols {
			values = values[:0]
			for j := max(0, r-1); j <= min(rows-1, r+1); j++ {
				values = append(values, medians[j*cols+max(0, c-1):j*cols+min(cols, c+2)]...)
			}
			rest[r*cols+c] = median(values)
		}
	}
	return light, rest
}

// A slope is a surface of the second degree over a unit square.
type slope [6]float64

func terms(x, y float64) [6]float64 { return [6]float64{1, x, y, x * x, x * y, y * y} }

func (s slope) at(x, y float64) float64 {
	v := 0.0
	for i, t := range terms(x, y) {
		v += s[i] * t
	}
	return v
}

// fit fits a slope to values in rows of cols; those far off count little.
func fit(values []float32, cols int) slope {
	rows := len(values) / cols
	var s slope
	weights := make([]float64, len(values))
	for i := range weights {
		weights[i] = 1
	}
	for range 6 {
		var m [6][7]float64
		for i, v := range values {
			t := terms((float64(i%cols)+0.5)/float64(cols), (float64(i/cols)+0.5)/float64(rows))
			for a := range 6 {
				for b := range 6 {
					m[a][b] += weights[i] * t[a] * t[b]
				}
				m[a][6] += weights[i] * t[a] * float64(v)
			}
		}
		for a := range 6 {
			m[a][a] += 1e-4 // few tiles leave a curve open
		}
		s = solve(m)
		for i, v := range values {
			r := (float64(v) - s.at((float64(i%cols)+0.5)/float64(cols), (float64(i/cols)+0.5)/float64(rows))) / 2
			weights[i] = 1 / (1 + r*r)
		}
	}
	return s
}

// solve solves six equations, positive definite.
func solve(m [6][7]float64) (s slope) {
	for a := range 6 {
		for b := a + 1; b < 6; b++ {
			f := m[b][a] / m[a][a]
			for k := a; k < 7; k++ {
				m[b][k] -= f * m[a][k]
			}
		}
	}
	for a := 5; a >= 0; a-- {
		v := m[a][6]
		for b := a + 1; b < 6; b++ {
			v -= m[a][b] * s[b]
		}
		s[a] = v / m[a][a]
	}
	return s
}

// median sorts its values.
func median(values []float32) float32 {
	slices.Sort(values)
	return values[len(values)/2]
}

// lines returns the rows, or columns, that are off as a whole, or that never
// change where others do.
func (s *Stack) lines(off []float32, still, level float64, columns bool) []int {
	count, length, step, along := s.size.Y, s.size.X, s.size.X, 1
	if columns {
		count, length, step, along = s.size.X, s.size.Y, 1, s.size.X
	}
	n := uint32(s.Images)
	var dead []int
	values := make([]float32, length)
	for i := range count {
		unchanged := 0
		for j := range length {
			k := i*step + j*along
			values[j] = off[k]
			if s.square[k]*n == s.sum[k]*s.sum[k] {
				unchanged++
			}
		}
		stuck := still < 0.1 && unchanged*20 >= length*19
		if stuck || math.Abs(float64(median(values))) > level {
			dead = append(dead, i)
		}
	}
	return dead
}

// spots finds dead pixels, and the dirt that is left when those are taken out.
func (g *Glass) spots(off []float32, size image.Point, dead, dirt float64) {
	mask := make([]bool, len(off))
	for i, v := range off {
		mask[i] = math.Abs(float64(v)) > dead
	}
	components(mask, size, func(spot []int) {
		if len(spot) > deadSize {
			return
		}
		for _, i := range spot {
			off[i], g.Map.Pix[i] = 0, 2
			g.DeadPixel++
		}
	})
	smooth := box(off, size)
	for i, v := range smooth {
		mask[i] = math.Abs(float64(v)) > dirt
	}
	covered := 0
	components(mask, size, func(spot []int) {
		if len(spot) < dirtSize {
			return
		}
		for _, i := range spot {
			g.Map.Pix[i] = 1
		}
		covered += len(spot)
	})
	g.Dirt = float64(covered) / float64(len(off))
}

// components calls spot with the pixels of each patch of the mask, which hang
// together by edge or corner, and clears the mask.
func components(mask []bool, size image.Point, spot func([]int)) {
	var stack []int
	for start := range mask {
		if !mask[start] {
			continue
		}
		mask[start] = false
		stack = append(stack[:0], start)
		for next := 0; next < len(stack); next++ {
			x, y := stack[next]%size.X, stack[next]/size.X
			for j := max(0, y-1); j <= min(size.Y-1, y+1); j++ {
				for i := max(0, x-1); i <= min(size.X-1, x+1); i++ {
					if k := j*size.X + i; mask[k] {
						mask[k] = false
						stack = append(stack, k)
					}
				}
			}
		}
		spot(stack)
	}
}

// box averages over 3 by 3 pixels.
func box(in []float32, size image.Point) []float32 {
	rows := make([]float32, len(in))
	for y := range size.Y {
		row := in[y*size.X:][:size.X]
		for x := range row {
			rows[y*size.X+x] = (row[max(0, x-1)] + row[x] + row[min(size.X-1, x+1)]) / 3
		}
	}
	out := make([]float32, len(in))
	for y := range size.Y {
		up, down := max(0, y-1)*size.X, min(size.Y-1, y+1)*size.X
		for x := range size.X {
			out[y*size.X+x] = (rows[up+x] + rows[y*size.X+x] + rows[down+x]) / 3
		}
	}
	return out
}

// Histogram counts the grey values of an image.
func Histogram(img *image.Gray) (h [256]uint64) {
	for y := range img.Rect.Dy() {
		for _, v := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			h[v]++
		}
	}
	return h
}

// Range is the number of grey values that at least five pixels have (BSI
// TR-03121-3.2, 5.1.5, after EBTS Appendix F: at least 200 in 80 % of prints,
// 128 in 99 %).
func Range(h [256]uint64) int {
	n := 0
	for _, v := range h {
		if v >= 5 {
			n++
		}
	}
	return n
}

// Gaps counts grey values that do not occur although values close by on both
// sides do often: the mark of a contrast that was stretched (BSI TR-03121-3.2,
// 5.1.5: none).
func Gaps(h [256]uint64) int {
	const wide = 4 // a stretch by five leaves four values empty
	var all uint64
	for _, v := range h {
		all += v
	}
	often := max(50, all/20_000)
	gaps, last := 0, -1
	for v, n := range h {
		if n == 0 {
			continue
		}
		if empty := v - last - 1; last >= 0 && empty > 0 && empty <= wide && n >= often && h[last] >= often {
			gaps += empty
		}
		last = v
	}
	return gaps
}
