package gen

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// A Pose says how a person stands before the camera, and in what light. The
// zero value is a good portrait: upright, looking at the camera, evenly lit,
// before a plain light ground.
type Pose struct {
	Distance         float64 // from the camera, as a multiple of the right one; 0 stands for 1
	Roll             float64 // degrees the head is tilted, clockwise as seen
	Yaw              float64 // degrees the head is turned, towards the image's right
	OffsetX, OffsetY float64 // from the middle, as shares of the image's width and height
	Exposure         float64 // stops, 0 as it should be
	Shadow           float64 // on one half of the face, 0 to 1
	Blur             float64 // radius, as a share of the distance between the eyes
	Background       Background
	EyesClosed       bool
	Absent           bool // nobody is there
	Others           int  // further people in the image, at most 2
}

// A Background is what is behind a person.
type Background uint8

// The backgrounds.
const (
	Plain     Background = iota // even and light
	Dark                        // even and dark
	Cluttered                   // a room
)

// Eyes are the middles of a person's pupils. The right eye is the person's own
// right, on the left of the image.
type Eyes struct{ Right, Left Point }

// Distance is the distance between the pupils, in pixels.
func (e Eyes) Distance() float64 { return math.Hypot(e.Left.X-e.Right.X, e.Left.Y-e.Right.Y) }

// A Face is the face of one person. It does not change, and may be used by
// several goroutines.
type Face struct {
	seed   uint64
	skin   colour
	shapes []shape
	second []shape // whoever else may come into the image
}

// NewFace prepares a face.
func NewFace(seed uint64) *Face {
	f := &Face{seed: seed}
	f.skin, f.shapes = drawPerson(stream(seed, 4))
	_, f.second = drawPerson(stream(seed, 5))
	return f
}

// eyeShare is the distance between the pupils as a share of the image's width
// at the right distance: the eyes of a portrait of 1244 pixels are 336 apart
// (at least 300 are asked for by BSI TR-03121-3).
const eyeShare = 0.27

// Eyes returns the truth about an image of the given size: the eyes of the
// person first, then those of the others.
func (f *Face) Eyes(size image.Point, p Pose) []Eyes {
	var out []Eyes
	for i := range f.count(p) {
		v := newView(size, p, i)
		out = append(out, Eyes{Right: v.place(-0.5, 0, eyeDepth), Left: v.place(0.5, 0, eyeDepth)})
	}
	return out
}

func (f *Face) count(p Pose) int {
	if p.Absent {
		return 0
	}
	return 1 + max(0, min(2, p.Others))
}

// Portrait draws an image of the given size in pixels. The seed is that of the
// camera's noise.
func (f *Face) Portrait(size image.Point, p Pose, seed uint64) *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: size})
	f.Draw(img, p, seed)
	return img
}

// Draw is [Face.Portrait] into an image the caller has.
func (f *Face) Draw(dst *image.RGBA, p Pose, seed uint64) {
	size := dst.Rect.Size()
	c := canvas{dst}
	c.background(p.Background, stream(f.seed, 6))
	for i := f.count(p) - 1; i >= 0; i-- {
		shapes := f.shapes
		if i > 0 {
			shapes = f.second
		}
		v := newView(size, p, i)
		for _, s := range shapes {
			if s.open == p.EyesClosed && s.lid {
				continue
			}
			c.paint(&s, &v)
		}
		if p.Shadow > 0 {
			s := shape{x: 1.0, y: 0.3, rx: 1.1, ry: 2.2, soft: gauss, tone: colour{20, 16, 14}, alpha: 0.9 * p.Shadow}
			c.paint(&s, &v)
		}
	}
	if r := int(math.Round(p.Blur * eyeShare * float64(size.X))); r > 0 {
		c.blur(r)
		c.blur(r)
	}
	c.expose(p.Exposure, seed)
}

// JPEG encodes a portrait as a camera would at its best setting.
func JPEG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		return nil, fmt.Errorf("encoding a portrait: %w", err)
	}
	return b.Bytes(), nil
}

type colour [3]float64

func (c colour) times(k float64) colour { return colour{c[0] * k, c[1] * k, c[2] * k} }

func (c colour) mix(d colour, share float64) colour {
	for i := range c {
		c[i] += (d[i] - c[i]) * share
	}
	return c
}

// A shape is an ellipse, hard or fading like a bell, in units of the distance
// between the eyes from the point between them, y downwards.
type shape struct {
	x, y, rx, ry float64
	turn         float64 // degrees, clockwise
	depth        float64 // in front of the axis about which the head turns
	fixed        bool    // part of the body: does not turn with the head
	soft         edge
	tone         colour
	alpha        float64
	lid, open    bool // of the eye; drawn only when it is shut, or with open, only when it is open
}

type edge uint8

const (
	hard edge = iota
	gauss
)

const eyeDepth = 0.25

// drawPerson draws what somebody looks like, back to front.
func drawPerson(r *rand.Rand) (skin colour, shapes []shape) {
	tones := []colour{{236, 200, 178}, {222, 180, 150}, {198, 150, 118}, {164, 116, 86}, {120, 82, 60}, {92, 62, 48}}
	i := r.IntN(len(tones) - 1)
	skin = tones[i].mix(tones[i+1], r.Float64())
	hairs := []colour{{34, 26, 24}, {62, 42, 30}, {96, 66, 42}, {150, 112, 66}, {120, 116, 112}}
	hair := hairs[r.IntN(len(hairs))]
	cloth := colour{40 + 120*r.Float64(), 40 + 120*r.Float64(), 50 + 120*r.Float64()}
	wide := clamp(1+0.05*r.NormFloat64(), 0.92, 1.07)
	long := r.Float64() < 0.5

	add := func(s shape) { shapes = append(shapes, s) }
	add(shape{y: 4.6, rx: 2.9, ry: 2.3, fixed: true, tone: cloth, alpha: 1})
	if long {
		add(shape{y: 0.35, rx: 1.36 * wide, ry: 1.95, tone: hair.times(0.9), alpha: 1, depth: -0.2})
	}
	add(shape{y: 1.75, rx: 0.62, ry: 0.95, fixed: true, tone: skin.times(0.82), alpha: 1})
	add(shape{y: -0.28, rx: 1.25 * wide, ry: 1.42, tone: hair, alpha: 1, depth: -0.1})
	for _, side := range []float64{-1, 1} {
		add(shape{x: side * 1.12 * wide, y: 0.22, rx: 0.14, ry: 0.3, tone: skin.times(0.86), alpha: 1, depth: -0.1})
	}
	add(shape{y: 0.18, rx: 1.1 * wide, ry: 1.42, tone: skin, alpha: 1, depth: 0.05})
	add(shape{y: -0.95, rx: 0.92 * wide, ry: 0.42, tone: hair, alpha: 0.95, depth: 0.1})
	add(shape{y: -0.52, rx: 0.8, ry: 0.32, tone: skin, alpha: 0.9, soft: gauss, depth: 0.15})
	features(r, skin, hair, wide, add)
	return skin, shapes
}

// features draws what lies in the face.
func features(r *rand.Rand, skin, hair colour, wide float64, add func(shape)) {
	shade, light := skin.times(0.62), skin.mix(colour{255, 245, 235}, 0.35)
	iris := []colour{{70, 46, 30}, {88, 68, 40}, {70, 100, 130}, {84, 110, 84}}[r.IntN(4)]
	brow := 0.30 + 0.03*r.NormFloat64()
	add(shape{x: -0.1, y: 0.1, rx: 0.5, ry: 0.75, tone: light, alpha: 0.4, soft: gauss, depth: 0.2})
	add(shape{y: 1.42, rx: 0.45, ry: 0.14, tone: shade, alpha: 0.55, soft: gauss, depth: 0.1})
	for _, side := range []float64{-1, 1} {
		x := 0.5 * side
		add(shape{x: side * 0.98 * wide, y: 0.45, rx: 0.12, ry: 0.5, turn: 12 * side, tone: shade, alpha: 0.6, soft: gauss, depth: 0.05})
		add(shape{x: side * 0.6 * wide, y: 0.5, rx: 0.2, ry: 0.22, tone: light, alpha: 0.5, soft: gauss, depth: 0.2})
		add(shape{x: x, y: -0.03, rx: 0.27, ry: 0.19, tone: shade, alpha: 0.75, soft: gauss, depth: 0.22})
		add(shape{x: x, y: -brow, rx: 0.2, ry: 0.042, turn: 2 * side, tone: hair.times(0.8), alpha: 0.9, soft: gauss, depth: eyeDepth})
		add(shape{x: x, rx: 0.185, ry: 0.085, tone: colour{232, 228, 222}, alpha: 1, depth: eyeDepth, lid: true, open: true})
		add(shape{x: x, rx: 0.084, ry: 0.084, tone: iris, alpha: 1, depth: eyeDepth, lid: true, open: true})
		add(shape{x: x, rx: 0.04, ry: 0.04, tone: colour{12, 10, 10}, alpha: 1, depth: eyeDepth, lid: true, open: true})
		add(shape{x: x + 0.025, y: -0.025, rx: 0.014, ry: 0.014, tone: colour{250, 250, 250}, alpha: 0.9, depth: eyeDepth, lid: true, open: true})
		add(shape{x: x, y: -0.095, rx: 0.2, ry: 0.028, tone: shade.times(0.6), alpha: 0.85, soft: gauss, depth: eyeDepth, lid: true, open: true})
		add(shape{x: x, y: 0.03, rx: 0.17, ry: 0.022, tone: shade.times(0.5), alpha: 0.9, soft: gauss, depth: eyeDepth, lid: true})
		add(shape{x: side * 0.1, y: 0.66, rx: 0.05, ry: 0.035, tone: shade.times(0.6), alpha: 0.8, soft: gauss, depth: 0.42})
	}
	add(shape{x: 0.07, y: 0.36, rx: 0.07, ry: 0.3, tone: shade, alpha: 0.35, soft: gauss, depth: 0.4})
	add(shape{y: 0.52, rx: 0.1, ry: 0.12, tone: light, alpha: 0.55, soft: gauss, depth: 0.5})
	add(shape{y: 0.73, rx: 0.17, ry: 0.04, tone: shade, alpha: 0.55, soft: gauss, depth: 0.4})
	lip := skin.mix(colour{160, 60, 60}, 0.45)
	mouth := 0.34 + 0.03*r.NormFloat64()
	add(shape{y: 1.02, rx: mouth, ry: 0.07, tone: lip, alpha: 0.95, depth: 0.35})
	add(shape{y: 1.0, rx: mouth * 0.95, ry: 0.018, tone: shade.times(0.45), alpha: 0.9, soft: gauss, depth: 0.35})
	add(shape{y: 1.2, rx: 0.24, ry: 0.05, tone: shade, alpha: 0.4, soft: gauss, depth: 0.35})
	if r.Float64() < 0.25 {
		add(shape{y: 1.22, rx: 0.62, ry: 0.28, tone: hair, alpha: 0.55, soft: gauss, depth: 0.3})
	}
}

// DrawSnow fills an image with noise and nothing else, as a broken camera does.
func DrawSnow(dst *image.RGBA, seed uint64) {
	r := stream(seed, 8)
	for y := range dst.Rect.Dy() {
		row := dst.Pix[y*dst.Stride:][:4*dst.Rect.Dx()]
		for i := 0; i+3 < len(row); i += 4 {
			v := r.Uint32()
			row[i], row[i+1], row[i+2], row[i+3] = uint8(v), uint8(v>>8), uint8(v>>16), 255
		}
	}
}
