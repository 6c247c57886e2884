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
	if m, ok := img.(*image.RGBA); ok { // as image/color does it
		return func(x, y int) float64 {
			p := m.Pix[m.PixOffset(x, y):]
			return float64((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		}
	}
	return func(x, y int) float64 { return float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y) }
}

type measures struct {
	subject, centre, headWidth float64
	brightness, contrast       float64
	background                 float64
}

// measure takes what the two upper corners mostly show for the ground, what
// differs from it for the subject, and the upper part of the subject for the head.
func measure(s small) measures {
	g := corners(s)
	subject := func(x, y int) bool { return math.Abs(s.at(x, y)-g.level) > g.differs }
	m := measures{background: g.deviation}
	m.subject = middleShare(s, subject)
	m.centre, m.headWidth = head(s, subject)
	m.brightness, m.contrast = light(s)
	return m
}

// A ground is what lies behind the person.
type ground struct {
	level     float64 // its most frequent luminance
	differs   float64 // from which difference a point is no longer ground
	deviation float64 // of the corners from the level
}

func corners(s small) ground {
	var histogram [256]int
	points := make([]float64, 0, s.h/4*(s.w/6)*2)
	for y := range s.h / 4 {
		for x := range s.w / 6 {
			for _, v := range [2]float64{s.at(x, y), s.at(s.w-1-x, y)} {
				points = append(points, v)
				histogram[int(v)&255]++
			}
		}
	}
	g := ground{level: float64(peak(histogram)), differs: 12}
	var all, near, n float64
	for _, v := range points {
		d := v - g.level
		all += d * d
		if math.Abs(d) < 20 {
			near, n = near+d*d, n+1
		}
	}
	if n > 0 {
		g.differs = math.Max(12, 3*math.Sqrt(near/n))
		g.deviation = math.Sqrt(all / float64(len(points)))
	}
	return g
}

// peak is the middle of the nine levels that hold the most points.
func peak(histogram [256]int) int {
	best, at, sum := -1, 0, 0
	for i := range 256 + 4 {
		if i < 256 {
			sum += histogram[i]
		}
		if i >= 9 {
			sum -= histogram[i-9]
		}
		if sum > best {
			best, at = sum, i-4
		}
	}
	return min(max(at, 0), 255)
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

// head finds the top of the subject and measures the quarter of the picture
// below it, where the head lies and the shoulders do not. Without a subject its
// width is 0.
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
	if n < float64(s.h)/16 {
		return 0.5, 0
	}
	return sum / n, widest
}

// extent is the first and the last of the subject in a row, -1 where there is
// none. Three points in a row belong to it, so that a speck does not.
func extent(s small, subject func(x, y int) bool, y int) (left, right int) {
	left, right = -1, -1
	run := 0
	for x := range s.w {
		if !subject(x, y) {
			run = 0
			continue
		}
		if run++; run >= 3 {
			if left < 0 {
				left = x - 2
			}
			right = x
		}
	}
	return left, right
}

// light measures the middle of the picture, where the face is.
func light(s small) (brightness, bits float64) {
	var histogram [64]float64
	var sum, n float64
	for y := s.h / 4; y < s.h*2/3; y++ {
		for x := s.w * 35 / 100; x < s.w*65/100; x++ {
			v := s.at(x, y)
			sum, n = sum+v, n+1
			histogram[min(int(v)/4, 63)]++
		}
	}
	if n == 0 {
		return 0, 0
	}
	for _, c := range histogram {
		if c > 0 {
			bits -= c / n * math.Log2(c/n)
		}
	}
	return sum / n / 255, bits
}

// sharpness is the step between points a 311th of the width apart that only one
// pair in a hundred exceeds, in the middle of the picture: the edges of eyes and
// brows, where there are some.
func sharpness(img image.Image) float64 {
	b, luma := img.Bounds(), sampler(img)
	far := max(1, b.Dx()/311)
	var histogram [256]int
	n := 0
	for y := b.Min.Y + b.Dy()/4; y < b.Min.Y+b.Dy()*2/3-far; y += far {
		for x := b.Min.X + b.Dx()*3/10; x < b.Min.X+b.Dx()*7/10-far; x += far {
			v := luma(x, y)
			step := math.Max(math.Abs(v-luma(x+far, y)), math.Abs(v-luma(x, y+far)))
			histogram[int(step)&255]++
			n++
		}
	}
	for step, above := 255, 0; step > 0; step-- {
		if above += histogram[step]; above > n/100 {
			return float64(step)
		}
	}
	return 0
}
