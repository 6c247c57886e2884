package minutiae

// leastStrength is the share of a print's contrast that must follow the angle
// and the period of its ridges: noise stays below, the faintest legible print
// above.
const leastStrength = 40

// judge decides block by block where ridges can be read.
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
		f.strength[i] = uint8(min(255, int(f.sin[i])*256/max(1, int(f.cos[i]))))
		f.print[i] = f.strength[i] >= leastStrength && f.contrast[i] >= 2*leastContrast
	}
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
