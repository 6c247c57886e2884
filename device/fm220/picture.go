package fm220

import (
	"image"

	"optag/device/resample"
)

// A picture of the camera comes in one bulk transfer, 8 bits a pixel, without a
// header.
const (
	sensorWidth  = 640
	sensorHeight = 480
	imageSize    = sensorWidth * sensorHeight
)

// A picture makes frames of what the camera sends. The buffers are its own, so
// that a frame costs no allocation.
type picture struct {
	bayer  bool
	across *resample.Axis
	down   *resample.Axis

	line []byte  // one line of the camera in grey
	wide []int16 // the lines of the camera across the frame, in parts of intermediate
	sums []int32 // one line of the frame
	out  *image.Gray
}

func newPicture(w window, bayer bool) *picture {
	return &picture{
		bayer:  bayer,
		across: resample.New(sensorWidth, w.left, w.across, Width),
		down:   resample.New(sensorHeight, w.top, w.down, Height),
		line:   make([]byte, sensorWidth),
		wide:   make([]int16, sensorHeight*Width),
		sums:   make([]int32, Width),
		out:    image.NewGray(image.Rect(0, 0, Width, Height)),
	}
}

// wipe clears what of a print is left.
func (p *picture) wipe() {
	if p == nil {
		return
	}
	clear(p.line)
	clear(p.wide)
	clear(p.sums)
	clear(p.out.Pix)
}

// make makes the frame: grey, clipped, at 500 ppi, and upright: the camera stands
// on its head. Ridges are dark already (assumed: the maker's code does not turn
// them).
func (p *picture) make(raw []byte) {
	first, last := p.down.Reach()
	for y := first; y < last; y++ {
		line := raw[y*sensorWidth:][:sensorWidth]
		if p.bayer {
			grey(p.line, raw, y)
			line = p.line
		}
		p.across.Line(p.wide[y*Width:][:Width], line)
	}
	for y := range Height {
		p.down.Column(p.out.Pix[(Height-1-y)*p.out.Stride:][:Width], p.sums, p.wide, y)
	}
}

// grey fills one line with the luminance of ITU-R BT.601 of a picture whose
// pixels lie under colour filters: G R G R in even lines, B G B G in odd ones.
// Where a colour is missing, its neighbours' mean stands; at the rim the picture
// is mirrored, which keeps the colours where they are.
func grey(line, raw []byte, y int) {
	row := func(y int) []byte { return raw[y*sensorWidth:][:sensorWidth] }
	here, above, below := row(y), row(mirrored(y-1, sensorHeight)), row(mirrored(y+1, sensorHeight))
	for x := range line {
		l, r := mirrored(x-1, sensorWidth), mirrored(x+1, sensorWidth)
		beside := int(here[l]) + int(here[r])
		upright := int(above[x]) + int(below[x])
		if (x+y)%2 == 0 { // green, with red beside it in even lines and blue in odd ones
			red, blue := beside, upright
			if y%2 == 1 {
				red, blue = blue, red
			}
			line[x] = luminance(2*red, 4*int(here[x]), 2*blue)
			continue
		}
		corners := int(above[l]) + int(above[r]) + int(below[l]) + int(below[r])
		red, blue := 4*int(here[x]), corners
		if y%2 == 1 {
			red, blue = blue, red
		}
		line[x] = luminance(red, beside+upright, blue)
	}
}

// mirrored is i, or its mirror image where it lies just outside of n.
func mirrored(i, n int) int {
	switch i {
	case -1:
		return 1
	case n:
		return n - 2
	}
	return i
}

// luminance weighs colours, each given four times.
func luminance(red, green, blue int) byte {
	return byte((299*red + 587*green + 114*blue + 2000) / 4000)
}

// minTiles of a frame, of 320, show ridges where there is a finger.
const minTiles = 16
