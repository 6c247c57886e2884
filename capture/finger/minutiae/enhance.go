package minutiae

import (
	"encoding/binary"
	"math"

	"optag/capture/finger/internal/portable"
)

// Kernels are made for so many angles of half a turn, and for so many periods
// of the ridges: from shortest by steps of periodStep, in 16ths of a pixel.
const (
	angles     = 32
	periods    = 20
	shortest   = 4 * 16
	periodStep = 11
)

// A tap is one pixel under a kernel: its distance in a plane from the pixel to
// be made, and its weight.
type tap struct {
	offset int32
	weight int32
}

// kernels hold the filters, made once for a stride.
type kernels struct {
	stride int
	along  [angles][]tap          // a Gaussian along the ridges; the weights add up to 256
	across [angles][periods][]tap // a Gabor wave across the ridges; the weights add up to 0
	normal [angles][2*halfProfile + 1]int32
	store  []tap
}

// halfProfile is how far to each side of a block's middle its period is looked for.
const halfProfile = 24

func (k *kernels) build(stride int) {
	if k.stride == stride {
		return
	}
	k.stride = stride
	k.store = k.store[:0]
	if cap(k.store) == 0 {
		k.store = make([]tap, 0, angles*(periods+1)*72)
	}
	for a := range angles {
		angle := float64(math.Pi / angles * float64(a))
		k.along[a] = k.line(angle, 10, 256, func(d float64) float64 {
			return portable.Exp(-float64(d*d) / (2 * 4.5 * 4.5))
		})
		for p := range periods {
			k.across[a][p] = k.wave(angle+math.Pi/2, float64(shortest+p*periodStep)/16)
		}
		cos, sin := portable.Cos(angle+math.Pi/2), portable.Sin(angle+math.Pi/2)
		for i := range k.normal[a] {
			d := float64(i - halfProfile)
			k.normal[a][i] = int32(math.Round(float64(d*sin)))*int32(stride) + int32(math.Round(float64(d*cos)))
		}
	}
}

// wave is a Gabor kernel of a period in pixels.
func (k *kernels) wave(angle, period float64) []tap {
	sigma := 0.46 * period
	gauss := func(d float64) float64 { return portable.Exp(-float64(d*d) / float64(2*float64(sigma*sigma))) }
	cosine := func(d float64) float64 { return portable.Cos(2 * math.Pi * d / period) }
	// The share of the Gaussian that brings the sum of the kernel to zero.
	edge, step := float64(3*sigma), float64(sigma/16)
	var sum, level float64
	for d := -edge; d <= edge; d += step {
		level += float64(gauss(d) * cosine(d))
		sum += gauss(d)
	}
	level /= sum
	return k.line(angle, min(24, 2.6*sigma), 0, func(d float64) float64 {
		return float64(gauss(d) * (cosine(d) - level))
	})
}

// line lays a function of the distance along a line through the origin, up to
// a radius in pixels. Places between two pixels are shared by both. The weights
// add up to total, or, if that is 0, those above zero to about 120.
func (k *kernels) line(angle, radius float64, total int32, f func(float64) float64) []tap {
	cos, sin := portable.Cos(angle), portable.Sin(angle)
	major, minor := int32(1), int32(k.stride)
	if math.Abs(sin) > math.Abs(cos) {
		cos, sin = sin, cos
		major, minor = minor, major
	}
	n := int(radius * math.Abs(cos))
	var positive float64
	for i := -n; i <= n; i++ {
		positive += max(0, f(float64(i)/cos))
	}
	scale := float64(total) / positive
	if total == 0 {
		scale = 120 / positive
	}
	first := len(k.store)
	var rest int32
	for i := -n; i <= n; i++ {
		cross := float64(i) * sin / cos
		low := math.Floor(cross)
		share := cross - low
		weight := float64(f(float64(i)/cos) * scale)
		rest += k.add(int32(i)*major+int32(low)*minor, weight*(1-share))
		rest += k.add(int32(i)*major+int32(low+1)*minor, weight*share)
	}
	k.add(0, float64(total-rest))
	return k.store[first:len(k.store):len(k.store)]
}

// add appends a tap with its weight rounded, which it returns.
func (k *kernels) add(offset int32, weight float64) int32 {
	w := int32(math.Round(weight))
	if w != 0 {
		k.store = append(k.store, tap{offset, w})
	}
	return w
}

// Eight pixels are filtered at once, in four 16-bit lanes each of two words.
const (
	lanes  = 0x00ff00ff00ff00ff
	middle = 0x8000800080008000
)

// filter adds up the pixels of src under the taps around each pixel of a
// block, beginning with start in each lane, and writes the upper byte of each
// sum to dst. The sums must end within 16 bits; on the way to there they may
// borrow from one another.
func filter(dst, src []uint8, at, stride int, taps []tap, start uint64) {
	for range block {
		even, odd := start, start
		for _, t := range taps {
			v := binary.LittleEndian.Uint64(src[at+int(t.offset):])
			w := uint64(int64(t.weight))
			even += v & lanes * w
			odd += v >> 8 & lanes * w
		}
		binary.LittleEndian.PutUint64(dst[at:], even>>8&lanes|odd&^lanes)
		at += stride
	}
}

// followRidges smooths the evened print along the ridges.
func (e *Extractor) followRidges() {
	copy(e.smooth, e.even) // for the margin
	e.perBlock(func(i, at int) {
		taps := e.kernels.along[(int(e.field.angle[i])+4)>>3&(angles-1)]
		filter(e.smooth, e.even, at, e.stride, taps, 0x0080008000800080)
	})
}

// strengthen keeps of the smoothed print what has the period of the ridges.
func (e *Extractor) strengthen() {
	e.perBlock(func(i, at int) {
		p := (int(e.field.period[i]) - shortest + periodStep/2) / periodStep
		taps := e.kernels.across[(int(e.field.angle[i])+4)>>3&(angles-1)][max(0, min(periods-1, p))]
		filter(e.ridge, e.smooth, at, e.stride, taps, middle)
	})
}

// perBlock calls f with the number of each block and the index of its upper
// left pixel in a plane.
func (e *Extractor) perBlock(f func(i, at int)) {
	i := 0
	for y := range e.blocks.Y {
		for x := range e.blocks.X {
			f(i, e.at(x*block, y*block))
			i++
		}
	}
}
