package selftest

import (
	"errors"
	"image"
	"math"
)

// A Grid is a ruled target as a scanner sees it: two sets of parallel lines at
// right angles to each other, of the same pitch.
type Grid struct {
	Pitch    [2]float64 // of the lines in pixels, across and down the image
	Tilt     float64    // of the target, in degrees against the clock
	Contrast float64    // of the lines' fundamental wave, in grey levels; the weaker set's
	Skew     float64    // how far the lines are from a right angle, in degrees
}

// PPI is the resolution, across and down, when the lines are that far apart.
func (g Grid) PPI(millimetres float64) [2]float64 {
	return [2]float64{g.Pitch[0] * 25.4 / millimetres, g.Pitch[1] * 25.4 / millimetres}
}

// ErrNoTarget is returned by [FindGrid] for an image without a ruled target.
var ErrNoTarget = errors.New("no ruled target on the glass")

// What a target must show to be taken for one.
const (
	maxTilt     = 12.0 // degrees
	maxSkew     = 3.0  // degrees; a finger's ridges stand at no right angles
	minContrast = 8.0  // grey levels
	minPeak     = 4.0  // times the mean of the waves looked at
	searchWidth = 0.25 // the pitch may be that much off what is expected
)

// FindGrid finds a ruled target, whose pitch is expected to be some pixels
// across and down. The pitch found is good to about a thousandth, when a dozen
// lines are seen. It fails with [ErrNoTarget].
//
// A wave over the image has its frequency where the lines' spectrum peaks:
// (cos t/a, sin t/b) and (-sin t/a, cos t/b) for a target tilted by t, with
// pitches a and b. The sums of squares give both pitches, whatever the tilt.
func FindGrid(img *image.Gray, expect [2]float64) (Grid, error) {
	if expect[0] < 4 || expect[1] < 4 || img.Rect.Dx() < 64 || img.Rect.Dy() < 64 {
		return Grid{}, ErrNoTarget
	}
	w := newWaves(middle(img, 640))
	tilt := math.Sin(maxTilt * math.Pi / 180)
	up, okUp := w.peak(wave{1 / expect[0], 0}, wave{searchWidth / expect[0], tilt / expect[1]})
	across, okAcross := w.peak(wave{0, 1 / expect[1]}, wave{tilt / expect[0], searchWidth / expect[1]})
	if !okUp || !okAcross {
		return Grid{}, ErrNoTarget
	}
	g := Grid{Pitch: [2]float64{1 / math.Hypot(up.x, across.x), 1 / math.Hypot(up.y, across.y)},
		Contrast: min(w.contrast(up), w.contrast(across))}
	// In the target's own measure, both waves have length 1.
	a := math.Atan2(up.y*g.Pitch[1], up.x*g.Pitch[0]) * 180 / math.Pi
	b := math.Atan2(across.y*g.Pitch[1], across.x*g.Pitch[0])*180/math.Pi - 90
	g.Tilt, g.Skew = -(a+b)/2, math.Abs(a-b)
	if g.Contrast < minContrast || g.Skew > maxSkew {
		return Grid{}, ErrNoTarget
	}
	return g, nil
}

// middle is the middle of an image, at most that many pixels across and down: a
// large glass takes long to look at and tells no more.
func middle(img *image.Gray, most int) *image.Gray {
	size := img.Rect.Size()
	by := image.Pt(max(0, size.X-most)/2, max(0, size.Y-most)/2)
	return img.SubImage(image.Rectangle{Min: img.Rect.Min.Add(by), Max: img.Rect.Max.Sub(by)}).(*image.Gray)
}

// A wave is a spatial frequency, in cycles per pixel across and down.
type wave struct{ x, y float64 }

// waves looks at an image under a window, its mean taken out.
type waves struct {
	size   image.Point
	pix    []float32
	weight float64 // sum of the window

	columnsAt float64 // frequency across for which columns holds
	columns   []complex128
	known     bool
}

func newWaves(img *image.Gray) *waves {
	size := img.Rect.Size()
	w := &waves{size: size, pix: make([]float32, size.X*size.Y), columns: make([]complex128, size.Y)}
	wx, wy := hann(size.X), hann(size.Y)
	var sum float64
	for y := range size.Y {
		for x, v := range img.Pix[y*img.Stride:][:size.X] {
			k := wx[x] * wy[y]
			sum += k * float64(v)
			w.weight += k
		}
	}
	mean := sum / w.weight
	for y := range size.Y {
		for x, v := range img.Pix[y*img.Stride:][:size.X] {
			w.pix[y*size.X+x] = float32(wx[x] * wy[y] * (float64(v) - mean))
		}
	}
	return w
}

func hann(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n))
	}
	return w
}

// size of the wave f in the image.
func (w *waves) at(f wave) float64 {
	if !w.known || w.columnsAt != f.x {
		w.transformRows(f.x)
	}
	var re, im float64
	for y, v := range w.columns {
		s, c := math.Sincos(-2 * math.Pi * f.y * float64(y))
		re += real(v)*c - imag(v)*s
		im += real(v)*s + imag(v)*c
	}
	return math.Hypot(re, im)
}

func (w *waves) transformRows(fx float64) {
	cos, sin := make([]float32, w.size.X), make([]float32, w.size.X)
	for x := range w.size.X {
		s, c := math.Sincos(-2 * math.Pi * fx * float64(x))
		cos[x], sin[x] = float32(c), float32(s)
	}
	for y := range w.size.Y {
		var re, im float32
		for x, v := range w.pix[y*w.size.X:][:w.size.X] {
			re += v * cos[x]
			im += v * sin[x]
		}
		w.columns[y] = complex(float64(re), float64(im))
	}
	w.columnsAt, w.known = fx, true
}

// contrast is the size of a wave in grey levels, from mean to crest.
func (w *waves) contrast(f wave) float64 { return 2 * w.at(f) / w.weight }

// peak returns the strongest wave within reach of centre, false where none
// stands out, or it lies at the edge of what was looked at.
func (w *waves) peak(centre, reach wave) (wave, bool) {
	step := wave{0.5 / float64(w.size.X), 0.5 / float64(w.size.Y)}
	nx, ny := int(reach.x/step.x)+1, int(reach.y/step.y)+1
	var best wave
	var top, sum float64
	atEdge := true
	for i := -nx; i <= nx; i++ {
		for j := -ny; j <= ny; j++ {
			f := wave{centre.x + float64(i)*step.x, centre.y + float64(j)*step.y}
			v := w.at(f)
			sum += v
			if v > top {
				best, top = f, v
				atEdge = i == -nx || i == nx || j == -ny || j == ny
			}
		}
	}
	if atEdge || top*float64((2*nx+1)*(2*ny+1)) < minPeak*sum {
		return wave{}, false
	}
	for range 9 { // to a five hundredth of a step
		step.x, step.y = step.x/2, step.y/2
		for moved := true; moved; {
			moved = false
			for _, f := range []wave{{best.x - step.x, best.y}, {best.x + step.x, best.y}, {best.x, best.y - step.y}, {best.x, best.y + step.y}} {
				if v := w.at(f); v > top {
					best, top, moved = f, v, true
				}
			}
		}
	}
	return best, true
}
