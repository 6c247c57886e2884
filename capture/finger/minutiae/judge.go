package minutiae

import "image"

// A demand is what ridges must be to be read: the share of the contrast, of 256,
// that follows the angle and the period of its surroundings. Ridges are sure
// from the one, and reach from there as far as the other.
type demand struct{ sure, weak uint8 }

// demands are made one after the other until enough minutiae are found: of
// every print, of one so dry or wet that its ridges are in shreds, and of one in
// which the eye hardly finds any.
func demands() [3]demand { return [...]demand{{40, 20}, {28, 16}, {22, 12}} }

const (
	enough = 10 // minutiae; a sound print has 25 and more

	// So well must the angles agree where ridges are sure, of 255, whatever else
	// is demanded, and in so many blocks of a print; those of noise do not.
	sureCoherence = 64
	leastSure     = 12
)

// judge measures block by block how clearly ridges can be read.
func (e *Extractor) judge() {
	f := &e.field
	e.perBlock(func(i, at int) {
		var before, after int32
		for range block {
			for k, v := range e.even[at : at+block] {
				a, b := int32(v)-128, int32(e.ridge[at+k])-128
				before += a * a
				after += b * b
			}
			at += e.stride
		}
		f.cos[i], f.sin[i] = before, after
	})
	f.blur(f.cos)
	f.blur(f.sin)
	for i := range f.print {
		f.strength[i] = uint8(min(255, int64(f.sin[i])*256/max(1, int64(f.cos[i]))))
	}
}

// read writes the minutiae of ridges that are as clear as is demanded.
func (e *Extractor) read(dst *Template, d demand) {
	dst.Minutiae = dst.Minutiae[:0]
	if e.field.mark(d) {
		e.field.sound()
		e.binarise()
		e.bits.thin()
		e.find(dst)
	}
}

// mark decides where the print is, and reports whether there is any.
func (f *field) mark(d demand) (any bool) {
	clear(f.print)
	for i := range f.print {
		if !f.print[i] && f.sure(i, d) && f.spread(i, d) {
			any = true
		}
	}
	return any
}

// sound measures how deep in the print each block lies.
func (f *field) sound() {
	w, n := f.size.X, len(f.depth)
	for i := range f.depth {
		f.depth[i] = f.below(i, [4]int{-w - 1, -w, -w + 1, -1})
	}
	for i := n - 1; i >= 0; i-- {
		f.depth[i] = min(f.depth[i], f.below(i, [4]int{w + 1, w, w - 1, 1}))
	}
}

// below is one more than the least depth of four neighbours of a block.
func (f *field) below(i int, neighbours [4]int) uint8 {
	w := f.size.X
	if !f.print[i] {
		return 0
	}
	if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == f.size.Y-1 {
		return 1
	}
	least := uint8(mostDepth - 1)
	for _, d := range neighbours {
		least = min(least, f.depth[i+d])
	}
	return least + 1
}

// sure reports whether ridges are certain in a block.
func (f *field) sure(i int, d demand) bool {
	return f.strength[i] >= d.sure && f.coherence[i] >= sureCoherence && f.contrast[i] >= 2*leastContrast
}

// spread marks as print what is connected to block i, if enough of it is sure,
// and reports whether it is.
func (f *field) spread(i int, d demand) bool {
	w, h := f.size.X, f.size.Y
	found := append(f.scratch[:0], int32(i))
	f.print[i] = true
	sure := 0
	for k := 0; k < len(found); k++ {
		i := int(found[k])
		if f.sure(i, d) {
			sure++
		}
		x, y := i%w, i/w
		for _, step := range [...]image.Point{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			px, py := x+step.X, y+step.Y
			if px < 0 || py < 0 || px >= w || py >= h {
				continue
			}
			if j := py*w + px; !f.print[j] && f.strength[j] >= d.weak && f.contrast[j] >= 2*leastContrast {
				f.print[j] = true
				found = append(found, int32(j))
			}
		}
	}
	if sure >= leastSure {
		return true
	}
	for _, i := range found {
		f.print[i] = false
	}
	return false
}

// binarise sets the bits of the print that lie on a ridge.
func (e *Extractor) binarise() {
	b := &e.bits
	clear(b.words)
	e.perBlock(func(i, at int) {
		if !e.field.print[i] {
			return
		}
		x, y := i%e.blocks.X*block, i/e.blocks.X*block
		word := (y+1)*b.row + 1 + x/64
		for range min(block, e.size.Y-y) {
			var bits uint64
			for k, v := range e.ridge[at : at+min(block, e.size.X-x)] {
				bits |= uint64(v>>7) << k
			}
			b.words[word] |= bits << (x % 64)
			word, at = word+b.row, at+e.stride
		}
	})
}
