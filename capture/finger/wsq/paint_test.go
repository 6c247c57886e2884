package wsq

import (
	"image"
)

// A brush paints test images in integers alone, so that they are the same on
// every processor. They show nobody's finger: ridges are rings and bands whose
// course and strength wander, with what sensors do to them.
type brush uint64

// next is the next number of xorshift64*, below n.
func (b *brush) next(n int) int {
	x := uint64(*b)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*b = brush(x)
	return int((x * 0x2545f4914f6cdd1d) >> 33 % uint64(n))
}

func (b *brush) between(low, high int) int { return low + b.next(high-low+1) }

// wave is a rounded wave of period 1024 from -256 to 256.
func wave(phase int) int {
	p := phase & 1023
	v := p & 511
	v = v * (512 - v) / 256
	if p > 511 {
		return -v
	}
	return v
}

func wholeRoot(n int) int {
	r := 0
	for bit := 1 << 15; bit > 0; bit >>= 1 {
		if t := r + bit; t*t <= n {
			r = t
		}
	}
	return r
}

// A skin is how ridges run and how they come out.
type skin struct {
	cx, cy         int // core
	squeeze        int // of the rings, in 1/256 of their height
	pitch          int // phase for a pixel; 1024 is a ridge and a valley
	bend, bendOver int // how far the course wanders, and over how many pixels
	ink, paper     int // grey of a ridge's middle and of the glass
	gain           int // contrast in 1/256
	noise          int // greatest deviation of a pixel
	pores          int // one pixel in so many is a fleck; 0 is none
	rx, ry         int // half axes of the finger on the glass
}

// skin draws a finger for an image of w × h pixels: ordinary, dry, wet, faint or
// small.
func (b *brush) skin(w, h int) skin {
	s := skin{
		cx: w/2 + b.between(-w/8, w/8), cy: h/2 + b.between(-h/8, h/8),
		squeeze: b.between(140, 256), pitch: b.between(90, 140),
		bend: b.between(0, 900), bendOver: b.between(40, 300),
		ink: b.between(20, 70), paper: b.between(225, 255), gain: b.between(220, 320),
		noise: b.between(0, 24),
		rx:    w * b.between(35, 60) / 100, ry: h * b.between(35, 60) / 100,
	}
	switch b.next(6) {
	case 0: // dry: broken ridges
		s.pores, s.gain, s.noise = b.between(3, 9), 420, b.between(20, 60)
	case 1: // wet: valleys filled
		s.ink, s.gain, s.paper = b.between(0, 20), 600, b.between(140, 200)
	case 2: // faint
		s.ink, s.noise = b.between(170, 215), b.between(0, 6)
	case 3: // only the tip
		s.rx, s.ry = w*b.between(8, 25)/100, h*b.between(8, 25)/100
	}
	return s
}

// finger paints a skin.
func (b *brush) finger(pix []byte, w, h int) {
	s := b.skin(w, h)
	turn := b.next(1024)
	for y := range h {
		for x := range w {
			dx, dy := x-s.cx, y-s.cy
			ring := wholeRoot((dx*dx*256 + dy*dy*s.squeeze) * 4)
			phase := ring*s.pitch/32 + wave(1024*x/s.bendOver+turn)*s.bend/256 + wave(1024*y/s.bendOver)*s.bend/256
			depth := min(max(128+wave(phase)*s.gain/512, 0), 256)
			if s.pores > 0 && b.next(s.pores) == 0 {
				depth = 256
			}
			grey := s.ink + (s.paper-s.ink)*depth/256
			ex, ey := 256*dx/max(s.rx, 1), 256*dy/max(s.ry, 1)
			if out := ex*ex + ey*ey - 1<<16; out > 0 { // fades to the glass
				grey = s.paper - (s.paper-grey)*max(1<<14-out, 0)/(1<<14)
			}
			if s.noise > 0 {
				grey += b.between(-s.noise, s.noise)
			}
			pix[y*w+x] = byte(min(max(grey, 0), 255))
		}
	}
}

// odd paints what is no print: noise, gradients, steps, a dot, one grey.
func (b *brush) odd(pix []byte, w, h int) {
	kind, grey, step := b.next(10), b.next(256), b.between(1, 60)
	for i := range pix {
		x, y := i%w, i/w
		v := 0
		switch kind {
		case 0:
			v = b.next(256)
		case 1:
			v = 255 * x / w
		case 2:
			v = 255 * (x + y) / (w + h)
		case 3:
			v = 255 * ((x/step + y/step) & 1)
		case 4:
			v = grey
		case 5:
			v = 255
		case 6:
			v = 0
		case 7:
			v = grey
			if x == w/2 && y == h/2 {
				v = 255 - grey
			}
		case 8:
			v = grey/2 + b.between(0, step)
		case 9:
			v = 128 + wave(1024*x*y/(step*997))/3
		}
		pix[i] = byte(v)
	}
}

// A sheet is a test image and how it is packed.
type sheet struct {
	img  *image.Gray
	rate float64
	ppi  int
}

// painted is test image number n: from 81 × 81 pixels to a four-finger slap, seven
// in eight of them fingers.
func painted(n int) sheet {
	b := brush(uint64(n)*0x9e3779b97f4a7c15 + 0x1234567)
	b.next(2)
	w, h := b.between(256, 560), b.between(256, 640)
	switch {
	case n%100 == 99:
		w, h = 1608, 1000
	case n%50 == 24:
		w, h = b.between(700, 1000), b.between(500, 1100)
	case n%10 == 3:
		w, h = b.between(minNative, MinSide-1), b.between(minNative, MinSide-1)
	case n%10 == 5:
		w, h = []int{256, 257, 272, 287, 288, 300, 320, 400, 416, 500}[b.next(10)], []int{256, 257, 271, 288, 289, 400, 500, 560}[b.next(8)]
	}
	s := sheet{img: image.NewGray(image.Rect(0, 0, w, h)), rate: DefaultRate, ppi: 500}
	if n%8 == 7 {
		b.odd(s.img.Pix, w, h)
	} else {
		b.finger(s.img.Pix, w, h)
	}
	switch n % 9 {
	case 2:
		s.rate = 2.25
	case 4:
		s.rate = float64(b.between(5, 400)) / 100
	case 6:
		s.ppi = []int{0, 197, 508, 1000}[b.next(4)]
	}
	return s
}
