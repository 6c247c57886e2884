package nfiq2

import "image"

// A roi is the region of interest of a print: where the finger lies. Buffers
// are kept between images; the zero value is ready.
type roi struct {
	pixels int     // of the region
	mean   float64 // grey level within it, 255 for no region
	spans  []span  // of the region, in reading order
	blocks []bool  // by block of 32 × 32, row by row: it holds some of the region
	taken  int     // blocks that are true

	lanes lanes
	blur  blur
	pix   []uint8 // the image in two colours: 0 for the region
	parts parts
	found Region
}

// measure finds the region in an image that begins at (0, 0): what is dark on
// the average over some millimetres, without holes, in one piece.
func (r *roi) measure(img *image.Gray) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	r.pix = sized(r.pix, w*h)
	r.lanes.load(img)
	r.lanes.erode()
	r.blur.apply(r.pix, &r.lanes, &narrow)
	binarise(r.pix)
	r.lanes.load(&image.Gray{Pix: r.pix, Stride: w, Rect: img.Rect})
	r.blur.apply(r.pix, &r.lanes, &broad)
	binarise(r.pix)
	r.fillHoles(w, h)
	r.takeLargest(w, h)
	r.count(img)
	r.choose(w, h)
	r.look(img)
}

// wipe overwrites everything that follows from the last image.
func (r *roi) wipe() {
	clear(r.pix[:cap(r.pix)])
	clear(r.spans[:cap(r.spans)])
	clear(r.blocks[:cap(r.blocks)])
	r.lanes.wipe()
	r.blur.wipe()
	r.parts.wipe()
	r.pixels, r.mean, r.taken, r.found = 0, 0, 0, Region{}
	r.spans, r.blocks = r.spans[:0], r.blocks[:0]
}

// fillHoles makes black what the region encloses.
func (r *roi) fillHoles(w, h int) {
	r.parts.find(r.pix, w, h, 255)
	for _, s := range r.parts.spans {
		p := &r.parts.list[r.parts.root(s.part)]
		if p.x0 > 0 && p.y0 > 0 && p.x1 < w && p.y1 < h {
			clear(r.pix[s.y*w+s.x0 : s.y*w+s.x1])
		}
	}
}

// takeLargest keeps the piece with the largest rectangle about it, the uppermost
// of several.
func (r *roi) takeLargest(w, h int) {
	r.parts.find(r.pix, w, h, 0)
	best, size := -1, 0
	for i := range r.parts.list {
		p := &r.parts.list[i]
		if p.parent == i && p.area() > size {
			best, size = i, p.area()
		}
	}
	r.spans = r.spans[:0]
	for _, s := range r.parts.spans {
		if r.parts.root(s.part) == best {
			r.spans = append(r.spans, s)
		}
	}
}

// count takes the number of the region's pixels and their mean.
func (r *roi) count(img *image.Gray) {
	sum := 0
	r.pixels, r.mean = 0, 255
	for _, s := range r.spans {
		for _, v := range img.Pix[s.y*img.Stride+s.x0 : s.y*img.Stride+s.x1] {
			sum += int(v)
		}
		r.pixels += s.x1 - s.x0
	}
	if r.pixels > 0 {
		r.mean = float64(sum) / float64(r.pixels)
	}
}

// choose marks the blocks that hold some of the region. The reference asks for a
// mean below 255 in a picture where all else is white; so it also takes blocks
// at the border with so many pixels n that 255 n times the reciprocal of n comes
// out below 255.
func (r *roi) choose(w, h int) {
	r.blocks, r.taken = r.blocks[:0], 0
	for y := 0; y < h; y += side {
		for x := 0; x < w; x += side {
			n := min(side, w-x) * min(side, h-y)
			r.blocks = append(r.blocks, mean(255*n, n) < 255)
		}
	}
	across := (w + side - 1) / side
	for _, s := range r.spans {
		for x := s.x0 / side; x <= (s.x1-1)/side; x++ {
			r.blocks[s.y/side*across+x] = true
		}
	}
	for _, in := range r.blocks {
		if in {
			r.taken++
		}
	}
}

// binarise makes pixels white that are lighter than Otsu's threshold, and the
// others black.
func binarise(pix []uint8) {
	// Neighbours are mostly equal: four tables spare waiting for the last count.
	var counts [4][256]int
	for i := 0; i+4 <= len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		counts[0][p[0]]++
		counts[1][p[1]]++
		counts[2][p[2]]++
		counts[3][p[3]]++
	}
	for _, v := range pix[len(pix)&^3:] {
		counts[0][v]++
	}
	count := &counts[0]
	for v := range count {
		count[v] += counts[1][v] + counts[2][v] + counts[3][v]
	}
	var to [256]uint8
	for v := otsu(count, len(pix)) + 1; v < 256; v++ {
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
	all = float64(all * scale)
	const least = 0x1p-23 // share of the pixels that a class must exceed
	best, at := 0.0, 0
	var below, share float64 // mean and share of the lower class
	for v, c := range count {
		p := float64(float64(c) * scale)
		below = float64(below * share)
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
