package nfiq2

import "image"

// A roi is the region of interest of a print: where the finger lies. Buffers
// are kept between images; the zero value is ready.
type roi struct {
	pixels int     // of the region
	mean   float64 // grey level within it, 255 for no region
	blocks []bool  // by region of 32 × 32, row by row: it holds some of the print
	taken  int     // blocks that are true
	mask   []uint8 // by pixel: 0 within the region, 255 outside

	work  []uint8
	blur  blur
	parts parts
}

// measure finds the region in an image that begins at (0, 0): dark on the
// average over some millimetres, without holes, in one piece.
func (r *roi) measure(img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	r.work, r.mask = sized(r.work, w*h), sized(r.mask, w*h)
	erode(r.work, r.mask, img)
	r.blur.apply(r.work, r.work, w, h, &narrow)
	binarise(r.work)
	r.blur.apply(r.mask, r.work, w, h, &broad)
	binarise(r.mask)
	r.fillHoles(w, h)
	r.keepLargest(w, h)
	r.count(img)
	r.choose(w, h)
}

// wipe overwrites everything that follows from the last image.
func (r *roi) wipe() {
	clear(r.work[:cap(r.work)])
	clear(r.mask[:cap(r.mask)])
	clear(r.blocks[:cap(r.blocks)])
	r.blur.wipe()
	r.parts.wipe()
	*r = roi{blocks: r.blocks[:0], mask: r.mask[:0], work: r.work[:0], blur: r.blur, parts: r.parts}
}

// fillHoles makes white what the region encloses.
func (r *roi) fillHoles(w, h int) {
	r.parts.find(r.mask, w, h, 255)
	for _, s := range r.parts.spans {
		p := &r.parts.list[r.parts.root(s.part)]
		if p.x0 > 0 && p.y0 > 0 && p.x1 < w && p.y1 < h {
			clear(r.mask[s.y*w+s.x0 : s.y*w+s.x1])
		}
	}
}

// keepLargest takes all pieces of the region away but the one with the largest
// rectangle about it, the uppermost of several.
func (r *roi) keepLargest(w, h int) {
	r.parts.find(r.mask, w, h, 0)
	best, size := -1, 0
	for i := range r.parts.list {
		p := &r.parts.list[i]
		if p.parent == i && p.area() > size {
			best, size = i, p.area()
		}
	}
	for _, s := range r.parts.spans {
		if r.parts.root(s.part) != best {
			row := r.mask[s.y*w+s.x0 : s.y*w+s.x1]
			for x := range row {
				row[x] = 255
			}
		}
	}
}

// count takes the number of the region's pixels and their mean.
func (r *roi) count(img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	r.pixels, r.mean = 0, 255
	sum := 0
	for y := range h {
		row := img.Pix[y*img.Stride:][:w]
		mask := r.mask[y*w:][:w]
		for x, v := range row {
			in := int(^mask[x] & 1)
			r.pixels += in
			sum += int(v) & -in
		}
	}
	if r.pixels > 0 {
		r.mean = float64(sum) / float64(r.pixels)
	}
}

// choose marks the regions of 32 × 32 that hold some of the print: those with a
// mean of the mask below 255. At the border that takes in some without a pixel
// of it, where 255 n times the reciprocal of n comes out below 255.
func (r *roi) choose(w, h int) {
	r.blocks, r.taken = r.blocks[:0], 0
	for y := 0; y < h; y += side {
		for x := 0; x < w; x += side {
			x1, y1 := min(x+side, w), min(y+side, h)
			sum := 0
			for row := y; row < y1; row++ {
				for _, v := range r.mask[row*w+x : row*w+x1] {
					sum += int(v)
				}
			}
			in := mean(sum, (x1-x)*(y1-y)) < 255
			r.blocks = append(r.blocks, in)
			if in {
				r.taken++
			}
		}
	}
}

// erode gives each pixel the darkest grey level within 5 × 5 about it, as far
// as they lie in the image. between holds as many pixels as dst.
func erode(dst, between []uint8, img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	row := func(y int) []uint8 { return img.Pix[min(max(y, 0), h-1)*img.Stride:][:w] }
	for y := range h {
		a, b, c, d, e := row(y-2), row(y-1), row(y), row(y+1), row(y+2)
		out := between[y*w:][:w]
		for x := range out {
			out[x] = min(a[x], b[x], c[x], d[x], e[x])
		}
	}
	for y := range h {
		in, out := between[y*w:][:w], dst[y*w:][:w]
		for x := range out {
			out[x] = min(in[max(x-2, 0)], in[max(x-1, 0)], in[x], in[min(x+1, w-1)], in[min(x+2, w-1)])
		}
	}
}

// binarise makes pixels white that are lighter than Otsu's threshold, and the
// others black.
func binarise(pix []uint8) {
	var count [256]int
	for _, v := range pix {
		count[v]++
	}
	var to [256]uint8
	for v := otsu(&count, len(pix)) + 1; v < 256; v++ {
		to[v] = 255
	}
	for i, v := range pix {
		pix[i] = to[v]
	}
}

// otsu is the grey level that best parts n grey levels in two classes: the one
// with the largest variance between them, the lowest of several (Otsu, 1979).
// The order of its operations decides between thresholds that are equally good.
func otsu(count *[256]int, n int) int {
	scale := 1 / float64(n)
	all := 0.0
	for v, c := range count {
		all += float64(float64(v) * float64(c))
	}
	all *= scale
	const least = 0x1p-23 // share of the pixels that a class must exceed
	best, at := 0.0, 0
	var below, share float64 // mean and share of the lower class
	for v, c := range count {
		p := float64(float64(c) * scale)
		below *= share
		share += p
		rest := 1 - share
		if min(share, rest) < least || max(share, rest) > 1-least {
			continue
		}
		below = (below + float64(float64(v)*p)) / share
		above := (all - float64(share*below)) / rest
		d := below - above
		if s := float64(float64(float64(share*rest)*d) * d); s > best {
			best, at = s, v
		}
	}
	return at
}

// sized returns a slice of n elements, in the given one's memory if it holds so
// many. What they hold is not defined.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
