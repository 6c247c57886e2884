package gen

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
)

// A view is how shapes of one person lie in the image.
type view struct {
	unit             float64 // pixels between the eyes
	x, y             float64 // pixel between the eyes
	sin, cos         float64 // roll
	turnSin, turnCos float64 // yaw
}

// newView places person i: 0 in the middle, the others behind on either side.
func newView(size image.Point, p Pose, i int) view {
	distance := p.Distance
	if distance <= 0 {
		distance = 1
	}
	w, h := float64(size.X), float64(size.Y)
	v := view{unit: eyeShare * w / distance, x: w * (0.5 + p.OffsetX), y: h * (0.45 + p.OffsetY)}
	roll, yaw := p.Roll*math.Pi/180, p.Yaw*math.Pi/180
	if i > 0 {
		side := float64(2*(i&1) - 1)
		v = view{unit: 0.55 * eyeShare * w, x: w * (0.5 + 0.33*side), y: 0.36 * h}
		roll, yaw = -0.05*side, 0
	}
	v.sin, v.cos = math.Sincos(roll)
	v.turnSin, v.turnCos = math.Sincos(yaw)
	return v
}

// place returns the pixel of a point of the head.
func (v *view) place(x, y, depth float64) Point {
	x = x*v.turnCos + depth*v.turnSin
	return Point{v.x + v.unit*(x*v.cos-y*v.sin), v.y + v.unit*(x*v.sin+y*v.cos)}
}

type canvas struct{ *image.RGBA }

// paint lays a shape over the image. Along a row the ellipse's equation is a
// parabola, and is followed by differences.
func (c canvas) paint(s *shape, v *view) {
	at, turn, rx := Point{v.x + v.unit*s.x, v.y + v.unit*s.y}, s.turn*math.Pi/180, s.rx
	if !s.fixed {
		at = v.place(s.x, s.y, s.depth)
		turn += math.Atan2(v.sin, v.cos)
		rx *= v.turnCos
	}
	rx, ry := rx*v.unit, s.ry*v.unit
	falloff, reach := newFalloff(s, min(rx, ry))
	// d² = A·x² + B·x·y + C·y² with the middle as the origin
	sin, cos := math.Sincos(turn)
	ex, ey := 1/(rx*rx), 1/(ry*ry)
	qa, qb, qc := cos*cos*ex+sin*sin*ey, 2*sin*cos*(ex-ey), sin*sin*ex+cos*cos*ey
	tone := [3]int{int(s.tone[0]), int(s.tone[1]), int(s.tone[2])}
	tall := reach / math.Sqrt(qc-qb*qb/(4*qa))
	b := c.Rect
	for y := max(0, int(at.Y-tall)); y <= min(b.Dy()-1, int(at.Y+tall)+1); y++ {
		dy := float64(y) + 0.5 - at.Y
		root := qb*qb*dy*dy - 4*qa*(qc*dy*dy-reach*reach)
		if root <= 0 {
			continue
		}
		half, mid := math.Sqrt(root)/(2*qa), at.X-qb*dy/(2*qa)
		x0, x1 := max(0, int(math.Ceil(mid-half-0.5))), min(b.Dx()-1, int(math.Floor(mid+half-0.5)))
		if x1 < x0 {
			continue
		}
		dx := float64(x0) + 0.5 - at.X
		d2, step := qa*dx*dx+qb*dx*dy+qc*dy*dy, qa*(2*dx+1)+qb*dy
		blend(c.Pix[y*c.Stride+4*x0:y*c.Stride+4*x1+4], &falloff, d2, step, 2*qa, tone)
	}
}

// A falloff is the share of a shape's tone, of 256, by the squared distance
// from its middle; the last entry lies at the reach.
type falloff struct {
	share [257]int32
	scale float64
}

// newFalloff returns the falloff, and how far from the middle, in radii, a
// shape is seen at all. Hard edges fade over one and a half pixels.
func newFalloff(s *shape, radius float64) (falloff, float64) {
	fade := 0.75 / max(radius, 1)
	reach := 1 + fade
	if s.soft == gauss {
		reach = 2.4
	}
	f := falloff{scale: 256 / (reach * reach)}
	for i := range f.share {
		d := math.Sqrt(float64(i) / f.scale)
		share := clamp((1+fade-d)/(2*fade), 0, 1)
		if s.soft == gauss {
			share = math.Exp(-d * d)
		}
		f.share[i] = int32(math.Round(256 * s.alpha * share))
	}
	return f, reach
}

func blend(row []uint8, f *falloff, d2, step, second float64, tone [3]int) {
	for i := 0; i+3 < len(row); i += 4 {
		a := int(f.share[max(0, min(256, int(d2*f.scale)))])
		p := row[i : i+3 : i+3]
		p[0] = uint8(int(p[0]) + (tone[0]-int(p[0]))*a>>8)
		p[1] = uint8(int(p[1]) + (tone[1]-int(p[1]))*a>>8)
		p[2] = uint8(int(p[2]) + (tone[2]-int(p[2]))*a>>8)
		d2 += step
		step += second
	}
}

// background fills the image.
func (c canvas) background(b Background, r *rand.Rand) {
	tone := colour{214, 217, 220}
	if b == Dark {
		tone = colour{38, 40, 44}
	}
	size := c.Rect.Size()
	for y := range size.Y {
		k := 1.02 - 0.06*float64(y)/float64(size.Y)
		row := c.Pix[y*c.Stride : y*c.Stride+4*size.X]
		p := [4]uint8{uint8(min(255, tone[0]*k)), uint8(min(255, tone[1]*k)), uint8(min(255, tone[2]*k)), 255}
		for x := 0; x < len(row); x += 4 {
			copy(row[x:x+4], p[:])
		}
	}
	if b != Cluttered {
		return
	}
	v := view{unit: float64(size.X), cos: 1, turnCos: 1}
	for range 40 {
		c.paint(&shape{
			x: r.Float64(), y: r.Float64() * float64(size.Y) / float64(size.X),
			rx: 0.02 + 0.15*r.Float64(), ry: 0.02 + 0.15*r.Float64(), turn: 180 * r.Float64(),
			tone: colour{255 * r.Float64(), 255 * r.Float64(), 255 * r.Float64()}, alpha: 0.8,
		}, &v)
	}
}

// expose applies stops of exposure to linear light, and the camera's noise.
func (c canvas) expose(stops float64, seed uint64) {
	var tone [256]uint8
	k := math.Pow(2, stops)
	for i := range tone {
		tone[i] = uint8(math.Round(255 * math.Pow(min(1, k*math.Pow(float64(i)/255, 2.2)), 1/2.2)))
	}
	x := mix(seed) | 1
	for y := range c.Rect.Dy() {
		row := c.Pix[y*c.Stride : y*c.Stride+4*c.Rect.Dx()]
		for i := 0; i+3 < len(row); i += 4 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			n := int(x&3) + int(x>>2&3) - 3
			p := row[i : i+3 : i+3]
			p[0] = uint8(max(0, min(255, int(tone[p[0]])+n)))
			p[1] = uint8(max(0, min(255, int(tone[p[1]])+n)))
			p[2] = uint8(max(0, min(255, int(tone[p[2]])+n)))
		}
	}
}

// blur averages over a square of 2r+1 pixels, first along rows, then along
// columns. The image's rim repeats outwards.
func (c canvas) blur(r int) {
	size := c.Rect.Size()
	share := 1<<16/(2*r+1) + 1 // of a sum, in 1/65536
	line := make([]uint8, 4*(size.X+2*r+1))
	for y := range size.Y {
		row := c.Pix[y*c.Stride : y*c.Stride+4*size.X]
		blurRow(row, line, r, share)
	}
	before := slices.Clone(c.Pix)
	rowOf := func(y int) []uint8 { return before[max(0, min(size.Y-1, y))*c.Stride:][:4*size.X] }
	sums := make([]int32, 4*size.X)
	for y := -r; y <= r; y++ {
		for i, v := range rowOf(y) {
			sums[i] += int32(v)
		}
	}
	for y := range size.Y {
		next, last := rowOf(y+r+1), rowOf(y-r)
		for i, sum := range sums {
			c.Pix[y*c.Stride+i] = uint8(int(sum) * share >> 16)
			sums[i] = sum + int32(next[i]) - int32(last[i])
		}
	}
}

// blurRow averages along a row of pixels of four bytes; line has room for it
// with r pixels before and r+1 after it.
func blurRow(row, line []uint8, r, share int) {
	for i := range r {
		copy(line[4*i:], row[:4])
	}
	copy(line[4*r:], row)
	for i := len(row) + 4*r; i < len(line); i += 4 {
		copy(line[i:], row[len(row)-4:])
	}
	for k := range 4 {
		sum := 0
		for i := k; i < 4*(2*r+1); i += 4 {
			sum += int(line[i])
		}
		for i := k; i < len(row); i += 4 {
			row[i] = uint8(sum * share >> 16)
			sum += int(line[i+4*(2*r+1)]) - int(line[i])
		}
	}
}
