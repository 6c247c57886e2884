package gen

import (
	"math"
	"math/rand/v2"
	"slices"
)

// A skin is the surface of a fingertip. All planes are of Width × Height but
// the tiles, which repeat without a seam.
type skin struct {
	seed  uint64  // of what comes with age
	ridge []int8  // 127 the crest of a ridge, -127 the floor of a valley
	reach []uint8 // distance from the middle of the pad, 128 at the rim of a normal contact
	grain []int8  // tile × tile; unevenness over about three pixels
	knots []int8  // tile × tile; over about a ridge
	cloud []int8  // cloudSize × cloudSize; over millimetres
}

const (
	tile      = 256
	cloudSize = 512
)

func newSkin(r *rand.Rand, f *flow, pos Position, b stature) *skin {
	s := &skin{seed: r.Uint64()}
	s.ridge = growRidges(r, f)
	s.pores(r)
	for range r.IntN(4) {
		s.crease(r, 1.2, between(r, 30, 120))
	}
	if r.IntN(8) == 0 {
		s.crease(r, 2.6, between(r, 60, 180)) // a scar
	}
	s.reach = drawReach(r, pos, b)
	s.grain = drawGrain(r)
	s.knots = drawCloud(r, tile, 4, 1)
	s.cloud = drawCloud(r, cloudSize, 16, 3)
	return s
}

// creased returns the skin with more lines across it; the first n are the same
// for every number.
func (s *skin) creased(n int) *skin {
	if n == 0 {
		return s
	}
	old := *s
	old.ridge = slices.Clone(s.ridge)
	r := stream(s.seed, 5)
	for range n {
		old.crease(r, 1.3, between(r, 40, 180))
	}
	return &old
}

// pores opens sweat pores on the crests, about one in a square of ten pixels.
func (s *skin) pores(r *rand.Rand) {
	const cell = 10
	for y := cell; y < Height-2*cell; y += cell {
		for x := cell; x < Width-2*cell; x += cell {
			px, py, deep := x+r.IntN(cell), y+r.IntN(cell), between(r, 60, 150)
			if s.ridge[py*Width+px] > 60 {
				s.carve(float64(px), float64(py), 1.1, deep)
			}
		}
	}
}

// crease draws a white line across the ridges.
func (s *skin) crease(r *rand.Rand, radius, length float64) {
	x, y := Width*between(r, 0.2, 0.8), Height*between(r, 0.2, 0.8)
	turn, bow := about(r, 0, 0.5), about(r, 0, 0.004)
	for d := 0.0; d < length; d++ {
		sin, cos := sinCos(turn)
		x, y, turn = x+cos, y+sin, turn+bow
		fade, _ := sinCos(math.Pi * d / length)
		s.carve(x, y, radius, 150*fade)
	}
}

// carve lowers the skin around a place of the canvas.
func (s *skin) carve(x, y, radius, deep float64) {
	n := int(2.5*radius) + 1
	for j := int(y) - n; j <= int(y)+n; j++ {
		for i := int(x) - n; i <= int(x)+n; i++ {
			if uint(i) >= Width || uint(j) >= Height {
				continue
			}
			dx, dy := float64(i)-x, float64(j)-y
			h := &s.ridge[j*Width+i]
			cut := deep * exp(-(float64(dx*dx)+float64(dy*dy))/(radius*radius))
			*h = int8(max(-127, float64(*h)-float64(cut)))
		}
	}
}

// drawReach draws the shape of the pad: round at the tip, squarer towards the
// joint, with a rim that is not quite even; smaller for the smaller fingers.
func drawReach(r *rand.Rand, pos Position, b stature) []uint8 {
	size := [5]float64{1.12, 1.0, 1.0, 0.97, 0.86}[pos.digit()] * b.size
	halfW := min(142*size*about(r, 1, 0.03), 0.47*Width)
	halfH := min(196*size*about(r, 1, 0.04), 0.46*Height)
	rim := newSmooth(r, 0.04, 5)
	reach := make([]uint8, Width*Height)
	for y := 0; y < Height; y += 2 { // fine enough for a shape without detail
		v := (float64(y) - Height/2) / halfH
		square := clamp(0.55+float64(0.35*v), 0.2, 0.9)
		for x := 0; x < Width; x += 2 {
			d := squircle((float64(x)-Width/2)/halfW, v, square) + rim.at(float64(x), float64(y))
			r, i := uint8(clamp(128*d, 0, 255)), y*Width+x
			reach[i], reach[i+1], reach[i+Width], reach[i+Width+1] = r, r, r, r
		}
	}
	return reach
}

// squircle is the distance of (u, v) from the middle, by a shape between a
// circle, 0, and a square, 1 (Fernández-Guasti).
func squircle(u, v, square float64) float64 {
	uu, vv := u*u, v*v
	sum := float64(uu) + float64(vv)
	root := float64(sum*sum) - float64(4*square*square*uu*vv)
	return math.Sqrt((sum + math.Sqrt(max(0, root))) / 2)
}

// drawGrain draws noise that is smooth over about three pixels; its deviation
// is 45.
func drawGrain(r *rand.Rand) []int8 {
	raw := make([]int, tile*tile)
	for i := range raw {
		u := r.Uint32()
		raw[i] = int(u&255) + int(u>>8&255) + int(u>>16&255) + int(u>>24) - 510
	}
	grain := make([]int8, tile*tile)
	for y := range tile {
		for x := range tile {
			var s int
			for dy := range 3 {
				row := (y + dy) % tile * tile
				s += raw[row+x] + raw[row+(x+1)%tile] + raw[row+(x+2)%tile]
			}
			grain[y*tile+x] = int8(max(-127, min(127, s/10)))
		}
	}
	return grain
}

// drawCloud draws noise over about step pixels, plus the given number of
// octaves below that of half the size each; its deviation is about 45.
func drawCloud(r *rand.Rand, size, step, octaves int) []int8 {
	sum := make([]int, size*size)
	for share := 4; octaves > 0; octaves, step, share = octaves-1, step*2, share*2 {
		n := size / step
		raw := make([]int, n*n)
		for i := range raw {
			u := r.Uint32()
			raw[i] = int(u&255) + int(u>>8&255) + int(u>>16&255) + int(u>>24) - 510
		}
		ease := easing(step)
		for y := range size {
			y0, ty := y/step*n, ease[y%step]
			y1 := (y/step + 1) % n * n
			for x := range size {
				x0, tx := x/step, ease[x%step]
				x1 := (x0 + 1) % n
				top := raw[y0+x0]<<8 + (raw[y0+x1]-raw[y0+x0])*tx
				bottom := raw[y1+x0]<<8 + (raw[y1+x1]-raw[y1+x0])*tx
				sum[y*size+x] += share * ((top<<8 + (bottom-top)*ty) >> 16)
			}
		}
	}
	return level(sum)
}

// easing is the way from 0 to 256 in n steps, slow at both ends.
func easing(n int) []int {
	ease := make([]int, n)
	for i := range ease {
		ease[i] = 256 * i * i * (3*n - 2*i) / (n * n * n)
	}
	return ease
}

// level brings numbers to a deviation of 45.
func level(v []int) []int8 {
	var squares int
	for _, x := range v {
		squares += x * x
	}
	deviation := max(1, int(math.Sqrt(float64(squares/len(v)))))
	out := make([]int8, len(v))
	for i, x := range v {
		out[i] = int8(max(-127, min(127, 45*x/deviation)))
	}
	return out
}
