package gen

import (
	"image"
	"math"
)

// Conditions say how a finger meets the glass. The zero value is a good
// impression: upright, in the middle, of the whole pad.
type Conditions struct {
	Rotation       float64 // degrees, clockwise as seen
	ShiftX, ShiftY float64 // mm from the middle of the glass, to the right and downwards
	Pressure       float64 // -1 hardly touching, 0 as it should be, 1 squashed
	Moisture       float64 // -1 dry, 0 as it should be, 1 wet
	Noise          float64 // of the sensor, 0 to 1
	Coverage       float64 // share of the pad that touches, 0 to 1; 0 stands for 1
	BendX, BendY   float64 // elastic distortion at the rim of the pad, mm
	Motion         float64 // mm the finger slides to the right while the image is taken
}

// Vary returns the conditions of another presentation of the same finger: the
// small shifts, turns and differences of pressure that nobody can avoid.
func (c Conditions) Vary(seed uint64) Conditions {
	r := stream(seed, 3)
	normal := func(sigma float64) float64 { return sigma * clamp(r.NormFloat64(), -2.2, 2.2) }
	c.Rotation += normal(5)
	c.ShiftX += normal(0.6)
	c.ShiftY += normal(0.7)
	c.Pressure = clamp(c.Pressure+normal(0.12), -1, 1)
	c.Moisture = clamp(c.Moisture+normal(0.10), -1, 1)
	c.BendX += normal(0.12)
	c.BendY += normal(0.12)
	return c
}

// Glass grey levels: the ground of an empty platen, and a ridge on it.
const (
	ground = 236
	dark   = 52
)

// Impression draws the finger on a glass of the given size in pixels and
// resolution in pixels per inch, across and down. The seed is that of the
// sensor's noise.
func (f *Finger) Impression(size image.Point, ppi [2]int, c Conditions, seed uint64) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	f.Draw(img, ppi, c, seed)
	return img
}

// Draw is [Finger.Impression] into an image the caller has. It allocates little.
func (f *Finger) Draw(dst *image.Gray, ppi [2]int, c Conditions, seed uint64) {
	p := Place(dst.Rect.Size(), ppi, c)
	in := newInking(c)
	noise := newSpeckle(c.Noise, seed)
	b := dst.Rect
	for y := range b.Dy() {
		row := dst.Pix[y*dst.Stride:][:b.Dx()]
		f.drawRow(row, y, &p, &in)
		noise.add(row)
	}
}

// drawRow draws one row without noise. Places are counted in 1/256 of a pixel
// of the canvas.
func (f *Finger) drawRow(row []uint8, y int, p *Placement, in *inking) {
	slide := int(256 * in.slide)
	for x := range row {
		fx, fy := p.skin(x, y)
		ix, iy := fx>>8, fy>>8
		if uint(ix) >= Width-1 || uint(iy) >= Height-1 {
			row[x] = ground
			continue
		}
		i := iy*Width + ix
		lift := int(in.lift[f.reach[i]])
		if lift <= offGlass {
			row[x] = ground
			continue
		}
		v := f.height(i, fx&255, fy&255)
		if slide != 0 {
			v = f.smear(v, fx, fy, slide)
		}
		g := int(f.grain[(iy&(grainSize-1))*grainSize+ix&(grainSize-1)])
		v += lift + (in.fine*g+in.coarse*int(f.blotch[i]))>>8
		ink := int(in.tone[max(-256, min(255, v))+256])
		row[x] = uint8(ground - (ground-dark)*ink>>8)
	}
}

// height interpolates the ridges between four pixels of the canvas.
func (f *Finger) height(i, tx, ty int) int {
	r := f.ridge[i : i+Width+2]
	top := int(r[0])*(256-tx) + int(r[1])*tx
	bottom := int(r[Width])*(256-tx) + int(r[Width+1])*tx
	return (top*(256-ty) + bottom*ty) >> 16
}

// smear averages the ridges over the way the finger slid.
func (f *Finger) smear(v, fx, fy, slide int) int {
	const steps = 4
	for k := 1; k < steps; k++ {
		x := max(0, min((Width-2)<<8, fx-slide*k/(steps-1)))
		v += f.height((fy>>8)*Width+x>>8, x&255, fy&255)
	}
	return v / steps
}

// offGlass is so far above the glass that not even the crest of a ridge touches.
const offGlass = -280

// An inking turns heights into ink.
type inking struct {
	tone         [512]uint8 // ink of a height from -256 to 255
	lift         [256]int16 // change of height by reach: 0 on the glass, falling towards the rim
	fine, coarse int        // share of the skin's grain, of 256
	slide        float64    // pixels of the canvas
}

func newInking(c Conditions) inking {
	wet, dry := max(0, c.Moisture), max(0, -c.Moisture)
	in := inking{
		fine:   int(256 * (0.12 + 0.9*dry + 0.25*max(0, -c.Pressure))),
		coarse: int(256 * (0.10 + 0.5*wet + 0.35*dry)),
		slide:  c.Motion * PPI / 25.4,
	}
	bias := 8 + 60*c.Pressure + 75*wet - 70*dry
	steep := 26 + 20*wet
	for i := range in.tone {
		in.tone[i] = uint8(math.Round(255 / (1 + math.Exp(-(float64(i-256)+bias)/steep))))
	}
	cover := c.Coverage
	if cover == 0 {
		cover = 1
	}
	rim := 128 * math.Sqrt(clamp(cover, 0, 1)) * (1 + 0.10*c.Pressure - 0.12*max(0, -c.Pressure))
	for i := range in.lift {
		// The outermost ridges thin out and break up before they end.
		in.lift[i] = int16(clamp(14*(rim+2-float64(i)), offGlass, 0))
	}
	return in
}

// Blank draws the empty glass, as [Finger.Impression] does.
func Blank(size image.Point, noise float64, seed uint64) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	DrawBlank(img, noise, seed)
	return img
}

// DrawBlank is [Blank] into an image the caller has.
func DrawBlank(dst *image.Gray, noise float64, seed uint64) {
	s := newSpeckle(noise, seed)
	for y := range dst.Rect.Dy() {
		row := dst.Pix[y*dst.Stride:][:dst.Rect.Dx()]
		for x := range row {
			row[x] = ground
		}
		s.add(row)
	}
}

// A speckle is the noise of a sensor: xorshift64, two bytes to a pixel.
type speckle struct {
	state uint64
	level int // of 256
}

func newSpeckle(noise float64, seed uint64) speckle {
	return speckle{state: mix(seed) | 1, level: int(256 * (0.02 + 0.4*clamp(noise, 0, 1)))}
}

func (s *speckle) add(row []uint8) {
	x := s.state
	for i := 0; i < len(row); i += 4 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		for k, bits := i, x; k < min(i+4, len(row)); k, bits = k+1, bits>>16 {
			n := int(bits&255) + int(bits>>8&255) - 255
			row[k] = uint8(max(0, min(255, int(row[k])+n*s.level>>8)))
		}
	}
	s.state = x
}

// DrawStatic fills an image with noise and nothing else, as a broken sensor
// does.
func DrawStatic(dst *image.Gray, seed uint64) {
	r := stream(seed, 7)
	for y := range dst.Rect.Dy() {
		row := dst.Pix[y*dst.Stride:][:dst.Rect.Dx()]
		for x := range row {
			row[x] = uint8(r.Uint32())
		}
	}
}
