package sim

import (
	"context"
	"image"
	"math"
	"math/rand/v2"

	"optag/device"
	"optag/testdata/gen"
)

// Flaws are what is wrong with a glass and its sensor, as a technician finds it:
// unlike a [Fault], they are in every image. The zero value is without flaw.
type Flaws struct {
	DeadRows    []int   // rows of the image that are black
	DeadColumns []int   // columns that are black
	DeadPixels  int     // pixels that are black, each by itself
	Dirt        float64 // share of the glass that is covered, 0 to 1
	Noise       float64 // 0 to 1, as of gen.DrawBlank
	Shade       float64 // 0 to 1: how much darker the glass is at one side
	Gap         int     // each n-th grey value is left out; 0 is none
}

// A Target is a ruled target: dark lines on white at right angles.
type Target struct {
	Pitch float64    // of the lines, in millimetres
	Tilt  float64    // in degrees against the clock
	PPI   [2]float64 // of the glass in truth; zero is what its frames claim
}

// SetFlaws gives the scanner the flaws it has from now on.
func (s *Scanner) SetFlaws(f Flaws) {
	s.glass.Lock()
	defer s.glass.Unlock()
	s.flaws, s.marks = f, nil
}

// Lay lays a ruled target on the glass, in place of any finger, until Lift.
func (s *Scanner) Lay(t Target) {
	if t.PPI == ([2]float64{}) {
		t.PPI = [2]float64{float64(s.opt.PPI[0]), float64(s.opt.PPI[1])}
	}
	drawn := t.draw(s.opt.Size)
	s.glass.Lock()
	defer s.glass.Unlock()
	s.finger, s.slap, s.target = nil, nil, drawn
}

// draw draws the target over an image of that size.
func (t Target) draw(size image.Point) *image.Gray {
	const line = 0.12 // of the pitch
	img := image.NewGray(image.Rectangle{Max: size})
	gen.DrawBlank(img, 0, 1)
	sin, cos := math.Sincos(t.Tilt * math.Pi / 180)
	for y := range size.Y {
		for x := range size.X {
			// Millimetres from the middle, y upwards, turned with the target.
			u := (float64(x) - float64(size.X)/2) * 25.4 / t.PPI[0]
			v := (float64(size.Y)/2 - float64(y)) * 25.4 / t.PPI[1]
			u, v = u*cos+v*sin, v*cos-u*sin
			off := min(math.Abs(u-t.Pitch*math.Round(u/t.Pitch)), math.Abs(v-t.Pitch*math.Round(v/t.Pitch)))
			ink := min(max((line*t.Pitch-off)*t.PPI[0]/25.4+0.5, 0), 1)
			p := &img.Pix[y*img.Stride+x]
			*p = uint8(float64(*p)*(1-ink) + 25*ink)
		}
	}
	return img
}

// marks says which pixels are covered or dead, and how bright they look.
type marks struct {
	at    []int
	level []uint8
}

// mar shows the flaws in a frame.
func (f Flaws) mar(img *image.Gray, m *marks) {
	if f.Shade > 0 {
		w := img.Rect.Dx()
		for y := range img.Rect.Dy() {
			row := img.Pix[y*img.Stride:][:w]
			for x, v := range row {
				row[x] = uint8(float64(v) * (1 - 0.5*f.Shade*float64(x)/float64(w)))
			}
		}
	}
	if m != nil && len(img.Pix) >= img.Rect.Dx()*img.Rect.Dy() {
		for i, k := range m.at {
			if k < len(img.Pix) {
				img.Pix[k] = min(img.Pix[k], m.level[i])
			}
		}
	}
	if f.Gap > 1 {
		for i, v := range img.Pix {
			if int(v)%f.Gap == 0 && v > 0 {
				img.Pix[i] = v - 1
			}
		}
	}
}

// mark chooses where the flaws are; they stay there.
func (f Flaws) mark(size image.Point, seed uint64) *marks {
	if f.Dirt <= 0 && f.DeadPixels <= 0 && len(f.DeadRows)+len(f.DeadColumns) == 0 {
		return nil
	}
	m := &marks{}
	add := func(x, y int, level uint8) {
		if image.Pt(x, y).In(image.Rectangle{Max: size}) {
			m.at, m.level = append(m.at, y*size.X+x), append(m.level, level)
		}
	}
	r := rand.New(rand.NewPCG(seed, 41))
	const radius = 6
	for covered := 0.0; covered < f.Dirt*float64(size.X*size.Y); covered += math.Pi * radius * radius {
		cx, cy := r.IntN(size.X), r.IntN(size.Y)
		for y := -radius; y <= radius; y++ {
			for x := -radius; x <= radius; x++ {
				if x*x+y*y <= radius*radius {
					add(cx+x, cy+y, 190)
				}
			}
		}
	}
	for range f.DeadPixels {
		add(2+r.IntN(size.X-4), 2+r.IntN(size.Y-4), 0)
	}
	for _, y := range f.DeadRows {
		for x := range size.X {
			add(x, y, 0)
		}
	}
	for _, x := range f.DeadColumns {
		for y := range size.Y {
			add(x, y, 0)
		}
	}
	return m
}

// handleOfScanner is an opened scanner, whose light can be switched off.
type handleOfScanner struct {
	*handle[device.Frame]
	scanner *Scanner
}

// Dark takes an image without light.
func (h *handleOfScanner) Dark(ctx context.Context) (f device.Frame, err error) {
	err = h.use.Do(ctx, "taking a dark image", func(ctx context.Context) error {
		if h.lost() {
			return device.ErrUnplugged
		}
		f = h.scanner.dark()
		return ctx.Err()
	})
	return f, err
}

// Lay lays a ruled target on the glass; see [Scanner.Lay].
func (h *handleOfScanner) Lay(t Target) { h.scanner.Lay(t) }

// dark draws what the sensor sees without light: its noise, and what is dead.
func (s *Scanner) dark() device.Frame {
	s.glass.Lock()
	defer s.glass.Unlock()
	s.exposed++
	img := image.NewGray(image.Rectangle{Max: s.opt.Size})
	gen.DrawBlank(img, s.flaws.Noise, s.opt.Seed<<20+s.exposed)
	for i, v := range img.Pix {
		img.Pix[i] = 255 - max(v, 200)
	}
	return device.Frame{Image: img, PPI: s.opt.PPI}
}

// A Chart is a test chart before a camera: dark slanted bars and steps of grey
// on white.
type Chart struct {
	Blur float64    // width of the edges in pixels; 0 is as sharp as pixels allow
	Tint [3]float64 // of red, green and blue; zero is neutral
	Dim  float64    // 0 to 1: how much darker than it should be
}

// draw draws the chart, which fills the picture.
func (c Chart) draw(img *image.RGBA) {
	tint := c.Tint
	if tint == ([3]float64{}) {
		tint = [3]float64{1, 1, 1}
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	soft := max(c.Blur, 0.5)
	for y := range h {
		for x := range w {
			grey := 225.0
			if y < h/5 {
				step, past := math.Modf(8 * float64(x) / float64(w))
				grey = 40 + 190*(step+max(0, 1-(1-past)*float64(w)/8/soft))/7
			} else {
				along := float64(x) + 0.09*float64(y) // five degrees: the edge falls on every part of a pixel
				period := float64(w) / 6
				d := math.Abs(math.Mod(along, period)-period/2) - period/4
				ink := min(max(0.5-d/soft, 0), 1)
				grey = grey*(1-ink) + 30*ink
			}
			grey *= 1 - c.Dim
			p := img.Pix[y*img.Stride+4*x:]
			for k := range 3 {
				p[k] = uint8(min(255, grey*tint[k]))
			}
			p[3] = 255
		}
	}
}

// Lay puts a test chart before the camera, in place of any person, until the
// person is placed there again.
func (c *Camera) Lay(chart Chart) {
	c.room.Lock()
	defer c.room.Unlock()
	c.chart, c.charts = &chart, map[image.Point]*image.RGBA{}
	c.moved()
}

// drawChart draws the chart, anew for each size of picture only. Called with room
// locked.
func (c *Camera) drawChart(img *image.RGBA) {
	size := img.Rect.Size()
	if c.charts[size] == nil {
		c.charts[size] = image.NewRGBA(img.Rect)
		c.chart.draw(c.charts[size])
	}
	copy(img.Pix, c.charts[size].Pix)
}
