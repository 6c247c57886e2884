package v4l2test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"sync"
)

// Colours returns what the scene shows at a place of the n-th picture: slopes
// that differ from picture to picture, in YCbCr of the narrow range.
func Colours(n, x, y int) (luma, cb, cr byte) {
	n %= scenes
	return byte(40 + (x+y+8*n)%160), byte(96 + (x/8+4*n)%64), byte(96 + (y/8+7*n)%64)
}

// scenes is how many pictures differ.
const scenes = 8

// Scene draws the n-th picture as a camera sends it in a format: YUYV, or a JPEG
// file without Huffman tables, with padding behind it.
func Scene(letters string, width, height, n int) []byte {
	if letters == "YUYV" {
		return yuyv(width, height, n)
	}
	file := File(width, height, n)
	return append(Bare(file), make([]byte, 64)...)
}

func yuyv(width, height, n int) []byte {
	out := make([]byte, 0, 2*width*height)
	for y := range height {
		for x := 0; x < width; x += 2 {
			l0, cb, cr := Colours(n, x, y)
			l1, _, _ := Colours(n, x+1, y)
			out = append(out, l0, cb, l1, cr)
		}
	}
	return out
}

// File is the n-th picture as a whole JPEG file with the tables of Annex K,
// which is what image/jpeg writes. A camera's file differs by their place: they
// stand right before the scan in both.
func File(width, height, n int) []byte {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			l, cb, cr := Colours(n, x, y)
			img.Y[img.YOffset(x, y)] = l
			img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = cb, cr
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, &jpeg.Options{Quality: 80}) // a Buffer takes everything
	return b.Bytes()
}

// Bare takes the Huffman tables out of a JPEG file.
func Bare(file []byte) []byte {
	out := append([]byte(nil), file[:2]...)
	for at := 2; at+4 <= len(file); {
		n := 2 + int(file[at+2])<<8 + int(file[at+3])
		if file[at+1] == 0xda {
			return append(out, file[at:]...)
		}
		if file[at+1] != 0xc4 {
			out = append(out, file[at:at+n]...)
		}
		at += n
	}
	return out
}

// RGB is the colour of the narrow-range BT.601 samples, in floating point.
func RGB(luma, cb, cr byte) color.RGBA {
	y := (float64(luma) - 16) * 255 / 219
	b, r := (float64(cb)-128)*255/224, (float64(cr)-128)*255/224
	part := func(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
	return color.RGBA{part(y + 1.402*r), part(y - 0.344136*b - 0.714136*r), part(y + 1.772*b), 255}
}

// Cached returns a [Scene] that draws each picture once. It may be shared by
// several cameras.
func Cached() func(letters string, width, height, n int) []byte {
	type key struct {
		letters          string
		width, height, n int
	}
	var mu sync.Mutex
	drawn := map[key][]byte{}
	return func(letters string, width, height, n int) []byte {
		mu.Lock()
		defer mu.Unlock()
		k := key{letters, width, height, n % scenes}
		if drawn[k] == nil {
			drawn[k] = Scene(letters, width, height, k.n)
		}
		return drawn[k]
	}
}
