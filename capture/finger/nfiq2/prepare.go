package nfiq2

import "image"

// A Refusal is the error for an image that cannot be measured, and the reason to
// tell people.
type Refusal struct {
	Reason Reason
	what   string
}

func (r *Refusal) Error() string { return "preparing a print: " + r.what }

// What [Preparer.Prepare] refuses.
var (
	ErrDepth      = &Refusal{WrongDepth, "it is not 8-bit grey"}
	ErrResolution = &Refusal{WrongPPI, "its resolution is neither 500 nor 1000 ppi within one in a hundred"}
	ErrEmpty      = &Refusal{NoFinger, "it has no pixels, or all of one grey level"}
	ErrInverted   = &Refusal{Inverted, "its ridges are light and its ground is dark"}
)

// A Preparer turns what a scanner or a file delivers into what a [Meter] takes.
// It keeps a buffer between images; the zero Preparer is ready.
type Preparer struct {
	small image.Gray
	lines []int32 // every other column, filtered across, for all rows
	tiles []tile
}

// Prepare returns the print at 500 ppi, 8-bit grey: the image itself, or, for
// one of 1000 ppi, a copy of half its size that lasts until the next call. The
// copy is for measuring only; what is sent is always the capture. Resolutions
// are in pixels per inch, across and down, and may be off by one in a hundred
// (BSI TR-03121-3). The error is a [Refusal].
func (p *Preparer) Prepare(img image.Image, ppiX, ppiY float64) (*image.Gray, error) {
	grey, ok := img.(*image.Gray)
	if !ok || grey == nil {
		return nil, ErrDepth
	}
	switch {
	case grey.Rect.Empty() || uniform(grey):
		return nil, ErrEmpty
	case about(ppiX, 1000) && about(ppiY, 1000):
		p.halve(grey)
		grey = &p.small
		if grey.Rect.Empty() || uniform(grey) {
			return nil, ErrEmpty
		}
	case !about(ppiX, 500) || !about(ppiY, 500):
		return nil, ErrResolution
	}
	if p.inverted(grey) {
		return nil, ErrInverted
	}
	return grey, nil
}

// Wipe overwrites what is left of the last image.
func (p *Preparer) Wipe() {
	clear(p.small.Pix[:cap(p.small.Pix)])
	clear(p.lines[:cap(p.lines)])
	clear(p.tiles[:cap(p.tiles)])
}

func about(ppi, nominal float64) bool {
	return ppi >= 0.99*nominal && ppi <= 1.01*nominal
}

func uniform(img *image.Gray) bool {
	first := img.Pix[0]
	for y := range img.Rect.Dy() {
		for _, v := range img.Pix[y*img.Stride:][:img.Rect.Dx()] {
			if v != first {
				return false
			}
		}
	}
	return true
}

// half are the weights, in 1024ths and outwards from the middle between two
// pixels, of the filter that halves an image: it passes what is coarser than the
// two pixels of the smaller image as a mean of two does, and nothing finer. It is a sinc
// times the Hamming window over 16 taps. NIST's resampler NFIR, which NFIQ 2's
// own program calls, does the same without a window, on the spectrum.
var half = [8]int32{421, 152, -44, -35, 15, 9, -4, -2}

// halve fills p.small with an image of half the size, an odd last row or column
// left out. Beyond its border the image is mirrored about the last pixel.
func (p *Preparer) halve(img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	p.small.Rect = image.Rect(0, 0, w/2, h/2)
	p.small.Stride = w / 2
	p.small.Pix = sized(p.small.Pix, (w/2)*(h/2))
	p.lines = sized(p.lines, h*(w/2))
	const reach = len(half)
	for y := range h {
		row, out := img.Pix[y*img.Stride:][:w], p.lines[y*(w/2):][:w/2]
		for x := range out {
			sum, left := int32(0), 2*x
			if left-reach+1 >= 0 && left+reach < w {
				near := row[left-reach+1:][:2*reach]
				for i, weight := range half {
					sum += weight * (int32(near[reach-1-i]) + int32(near[reach+i]))
				}
			} else {
				for i, weight := range half {
					sum += weight * (int32(row[bounce(left-i, w)]) + int32(row[bounce(left+1+i, w)]))
				}
			}
			out[x] = sum
		}
	}
	for y := range h / 2 {
		p.column(p.small.Pix[y*(w/2):][:w/2], 2*y, h)
	}
}

// column filters the lines about the one between top and top+1, of h, down.
func (p *Preparer) column(out []uint8, top, h int) {
	w := len(out)
	var above, below [len(half)][]int32
	for i := range half {
		above[i], below[i] = p.lines[bounce(top-i, h)*w:][:w], p.lines[bounce(top+1+i, h)*w:][:w]
	}
	for x := range out {
		sum := int32(1 << 19)
		for i, weight := range half {
			sum += weight * (above[i][x] + below[i][x])
		}
		out[x] = uint8(min(max(sum>>20, 0), 255))
	}
}

// A tile is a whole block of an image.
type tile struct {
	mean, deviation float64
	border          bool // it is one of the outermost
}

// inverted tells whether the even tiles at the border, where the glass shows, are
// darker than those with ridges. An image that shows no glass is taken as it is.
func (p *Preparer) inverted(img *image.Gray) bool {
	const (
		even   = 0.3 // of the largest deviation: less is glass
		ridges = 0.5 // of the largest deviation: more is ridges
		enough = 0.1 // of the tiles at the border are even where glass shows
		darker = 30  // grey levels
	)
	p.tile(img)
	most := 0.0
	for _, t := range p.tiles {
		most = max(most, t.deviation)
	}
	var border, glass, print int
	var glassSum, printSum float64
	for _, t := range p.tiles {
		if t.border {
			border++
		}
		switch {
		case t.border && t.deviation < even*most:
			glass, glassSum = glass+1, glassSum+t.mean
		case t.deviation > ridges*most:
			print, printSum = print+1, printSum+t.mean
		}
	}
	return print > 0 && float64(glass) > enough*float64(border) && glassSum/float64(glass)+darker < printSum/float64(print)
}

// tile lists the tiles of an image.
func (p *Preparer) tile(img *image.Gray) {
	p.tiles = p.tiles[:0]
	w, h := img.Rect.Dx()/side*side, img.Rect.Dy()/side*side
	for y := 0; y < h; y += side {
		for x := 0; x < w; x += side {
			var m moments
			m.add(img, x, y, x+side, y+side)
			edge := x == 0 || y == 0 || x+side == w || y+side == h
			p.tiles = append(p.tiles, tile{m.mean(), m.deviation(), edge})
		}
	}
}
