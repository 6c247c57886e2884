package face

import (
	"image"
	"image/color"
	"math"
)

// wide is the width in pixels at which a portrait is measured.
const wide = 160

// A small is a portrait reduced to luminance, 0 to 255.
type small struct {
	w, h int
	y    []float64
}

func (s small) at(x, y int) float64 { return s.y[y*s.w+x] }

// shrink samples the portrait; a pixel is the mean of four points in its cell.
func shrink(img image.Image) small {
	b := img.Bounds()
	w := min(wide, max(b.Dx(), 1))
	s := small{w: w, h: max(1, b.Dy()*w/max(b.Dx(), 1))}
	s.y = make([]float64, s.w*s.h)
	luma := sampler(img)
	for y := range s.h {
		for x := range s.w {
			sum := 0.0
			for k := range 4 {
				px := b.Min.X + (4*x+1+2*(k%2))*b.Dx()/(4*s.w)
				py := b.Min.Y + (4*y+1+2*(k/2))*b.Dy()/(4*s.h)
				sum += luma(min(px, b.Max.X-1), min(py, b.Max.Y-1))
			}
			s.y[y*s.w+x] = sum / 4
		}
	}
	return s
}

// sampler reads luminance without converting what a JPEG already stores as
// luminance.
func sampler(img image.Image) func(x, y int) float64 {
	switch m := img.(type) {
	case *image.YCbCr:
		return func(x, y int) float64 { return float64(m.Y[m.YOffset(x, y)]) }
	case *image.Gray:
		return func(x, y int) float64 { return float64(m.GrayAt(x, y).Y) }
	}
	return func(x, y int) float64 { return float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y) }
}

type measures struct {
	subject, centre, headWidth      float64
	brightness, contrast, sharpness float64
	background                      float64
}

// measure takes the two upper corners for the ground, what differs from it for
// the subject, and the upper part of the subject for the head.
func measure(s small) measures {
	ground, deviation := corners(s)
	differs := math.Max(12, 3*deviation)
	subject := func(x, y int) bool { return math.Abs(s.at(x, y)-ground) > differs }
	m := measures{background: deviation, centre: 0.5}
	m.subject = middleShare(s, subject)
	m.centre, m.headWidth = head(s, subject)
	m.brightness, m.contrast, m.sharpness = light(s, subject)
	return m
}

func corners(s small) (mean, deviation float64) {
	var sum, sum2, n float64
	for y := range s.h / 4 {
		for x := range s.w / 6 {
			for _, v := range []float64{s.at(x, y), s.at(s.w-1-x, y)} {
				sum, sum2, n = sum+v, sum2+v*v, n+1
			}
		}
	}
	if n == 0 {
		return 255, 0
	}
	mean = sum / n
	return mean, math.Sqrt(math.Max(0, sum2/n-mean*mean))
}

// middleShare is how much of the middle of the picture is subject.
func middleShare(s small, subject func(x, y int) bool) float64 {
	hit, n := 0, 0
	for y := s.h * 3 / 10; y < s.h*7/10; y++ {
		for x := s.w * 35 / 100; x < s.w*65/100; x++ {
			n++
			if subject(x, y) {
				hit++
			}
		}
	}
	return float64(hit) / float64(max(n, 1))
}

// head finds the top of the subject and measures the fifth of the picture
// below it, where the head lies and the shoulders do not.
func head(s small, subject func(x, y int) bool) (centre, width float64) {
	top := -1
	var sum, n, widest float64
	for y := range s.h {
		left, right := extent(s, subject, y)
		w := float64(right-left+1) / float64(s.w)
		if top < 0 && left >= 0 && w > 0.08 {
			top = y
		}
		if top < 0 || left < 0 {
			continue
		}
		if y > top+s.h/4 {
			break
		}
		widest = math.Max(widest, w)
		sum, n = sum+(float64(left+right)/2+0.5)/float64(s.w), n+1
	}
	if n == 0 {
		return 0.5, 0
	}
	return sum / n, widest
}

func extent(s small, subject func(x, y int) bool, y int) (left, right int) {
	left, right = -1, -1
	for x := range s.w {
		if subject(x, y) {
			if left < 0 {
				left = x
			}
			right = x
		}
	}
	return left, right
}

// light measures the middle column of the picture, where the face is.
func light(s small, subject func(x, y int) bool) (brightness, bits, sharpness float64) {
	var histogram [64]float64
	var sum, step, n float64
	for y := s.h / 8; y < s.h*3/4; y++ {
		for x := s.w / 4; x < s.w*3/4; x++ {
			if !subject(x, y) {
				continue
			}
			v := s.at(x, y)
			sum, n = sum+v, n+1
			step += math.Abs(v-s.at(x+1, y)) + math.Abs(v-s.at(x, min(y+1, s.h-1)))
			histogram[min(int(v)/4, 63)]++
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	for _, c := range histogram {
		if c > 0 {
			bits -= c / n * math.Log2(c/n)
		}
	}
	return sum / n / 255, bits, step / (2 * n)
}
