package gen

import "image"

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

	RollX, RollY float64 // mm of skin from the middle of the pad to the middle of what touches: rolled to the right, and down to the joint
	Stretch      float64 // elastic distortion in waves, mm each way; some tenths are usual
	Smudge       float64 // sweat between the ridges in places, 0 to 1
	Wear         float64 // ridges worn down by work, 0 to 1
	Rough        float64 // unevenness of the skin and of the contact, 0 to 1; a third is usual
	Dirt         float64 // on the glass, 0 to 1
	Shade        float64 // light that falls off towards the corners, 0 to 1
	Touch        uint64  // which touch it is: the waves, the uneven contact and the dirt differ from one to the next
}

// Vary returns the conditions of another presentation of the same finger: the
// small shifts, turns and differences of pressure that nobody can avoid.
func (c Conditions) Vary(seed uint64) Conditions {
	r := stream(seed, 3)
	some := func(sigma float64) float64 { return float64(sigma * clamp(normal(r), -2.2, 2.2)) }
	c.Rotation += some(5)
	c.ShiftX += some(0.6)
	c.ShiftY += some(0.7)
	c.Pressure = clamp(c.Pressure+some(0.15), -1, 1)
	c.Moisture = clamp(c.Moisture+some(0.12), -1, 1)
	c.BendX += some(0.12)
	c.BendY += some(0.12)
	c.RollX += some(0.7)
	c.RollY += some(0.7 * 1.3)
	c.Stretch += 0.12
	c.Touch = mix(seed) | 1
	return c
}

// AsTheyCome draws a presentation from those of a day at a counter where nobody
// is told to press harder or to dry the hands: from perfect to hopeless.
func AsTheyCome(seed uint64) Conditions {
	r := stream(seed, 4)
	c := Conditions{
		Rotation: about(r, 0, 8),
		ShiftX:   about(r, 0, 1.0),
		ShiftY:   about(r, 0, 1.6),
		Pressure: clamp(about(r, -0.05, 0.4), -1, 1),
		Moisture: clamp(about(r, -0.12, 0.49), -1, 1),
		Noise:    float64(0.25 * r.Float64() * r.Float64()),
		BendX:    about(r, 0, 0.2),
		BendY:    about(r, 0, 0.2),
		RollX:    about(r, 0, 1.1),
		RollY:    about(r, 0, 1.4),
		Stretch:  between(r, 0.05, 0.3),
		Smudge:   clamp(about(r, 0, 0.4), 0, 1),
		Rough:    clamp(about(r, 0.6, 0.25), 0, 1),
		Wear:     clamp(about(r, 0.12, 0.28), 0, 1),
		Dirt:     clamp(about(r, 0, 0.3), 0, 1),
		Shade:    clamp(about(r, 0.1, 0.2), 0, 1),
		Touch:    mix(seed) | 1,
	}
	if r.IntN(6) == 0 {
		c.Coverage = between(r, 0.4, 1)
	}
	if r.IntN(10) == 0 {
		c.Motion = between(r, 0, 0.5)
	}
	return c
}

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
	size := dst.Rect.Size()
	p := f.Place(size, ppi, c)
	in := f.newInking(c)
	g := newPlaten(size, c.Shade)
	nodes := make([][2]int, 2*(size.X/mesh+2))
	top, bottom := nodes[:len(nodes)/2], nodes[len(nodes)/2:]
	p.meshRow(bottom, 0)
	for y := range size.Y {
		if y%mesh == 0 {
			top, bottom = bottom, top
			p.meshRow(bottom, y+mesh)
		}
		row := dst.Pix[y*dst.Stride:][:size.X]
		g.row(row, y)
		in.row(row, top, bottom, y%mesh)
	}
	if c.Dirt > 0 {
		soil(dst, ppi, c)
	}
	noise := newSpeckle(c.Noise, seed)
	for y := range size.Y {
		noise.add(dst.Pix[y*dst.Stride:][:size.X])
	}
}

// Contact tells where the finger touches the glass: 255 where it does, 0 where
// it does not, down to the crests that touch no more.
func (f *Finger) Contact(size image.Point, ppi [2]int, c Conditions) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	p, in := f.Place(size, ppi, c), f.newInking(c)
	for y := range size.Y {
		for x := range size.X {
			s := p.Skin(Point{float64(x) + 0.5, float64(y) + 0.5})
			if _, ok := in.at(int(s.X), int(s.Y)); ok {
				img.Pix[y*img.Stride+x] = 255
			}
		}
	}
	return img
}
