package v4l2test

// A Coding says how a JPEG file is laid out.
type Coding struct {
	Planes       int  // 1 is grey; 0 is 3
	Across, Down int  // blocks of luma to one of chroma; 0 is 1
	Restart      int  // units between restart markers; 0 is none
	Fill         bool // a fill byte stands before markers
}

// Flat writes a JPEG file without Huffman tables in which each block has one
// grey, in any layout a camera may use: what image/jpeg cannot write.
func Flat(width, height int, c Coding) []byte {
	if c.Planes == 0 {
		c.Planes = 3
	}
	c.Across, c.Down = max(1, c.Across), max(1, c.Down)
	out := []byte{0xff, 0xd8, 0xff, 0xe0, 0, 6, 'A', 'V', 'I', '1', 0xff, 0xdb, 0, 67, 0}
	for range 64 {
		out = append(out, 16)
	}
	if c.Restart > 0 {
		out = append(out, 0xff, 0xdd, 0, 4, byte(c.Restart>>8), byte(c.Restart))
	}
	out = append(out, 0xff, 0xc0, 0, byte(8+3*c.Planes), 8, byte(height>>8), byte(height), byte(width>>8), byte(width), byte(c.Planes))
	scan := []byte{byte(c.Planes)}
	for p := range c.Planes {
		sampling, tables := byte(0x11), byte(0x11)
		if p == 0 {
			sampling, tables = byte(c.Across<<4|c.Down), 0
		}
		out = append(out, byte(p+1), sampling, 0)
		scan = append(scan, byte(p+1), tables)
	}
	out = append(out, 0xff, 0xda, 0, byte(len(scan)+5))
	out = append(append(out, scan...), 0, 63, 0)
	return append(out, flatScan(width, height, c)...)
}

// flatScan codes the blocks and the end of the file.
func flatScan(width, height int, c Coding) []byte {
	up := func(n, by int) int { return (n + by - 1) / by }
	across, down := c.Across, c.Down
	if c.Planes == 1 {
		across, down = 1, 1
	}
	units := up(width, 8*across) * up(height, 8*down)
	w := &bits{}
	for u := range units {
		if c.Restart > 0 && u > 0 && u%c.Restart == 0 {
			w.mark(byte(0xd0+(u/c.Restart-1)%8), c.Fill)
		}
		for p := range c.Planes {
			blocks := across * down
			if p > 0 {
				blocks = 1
			}
			for b := range blocks {
				w.block(p, (u+b)%3)
			}
		}
	}
	w.mark(0xd9, c.Fill)
	return w.out
}

// bits writes codes, with a zero behind each 0xff.
type bits struct {
	out []byte
	acc uint32
	n   int
}

func (w *bits) put(v uint32, n int) {
	w.acc = w.acc<<n | v
	for w.n += n; w.n >= 8; w.n -= 8 {
		b := byte(w.acc >> (w.n - 8))
		w.out = append(w.out, b)
		if b == 0xff {
			w.out = append(w.out, 0)
		}
	}
}

// mark fills the byte with ones and writes a marker.
func (w *bits) mark(m byte, fill bool) {
	if w.n > 0 {
		w.put(1<<(8-w.n)-1, 8-w.n)
	}
	if fill {
		w.out = append(w.out, 0xff)
	}
	w.out = append(w.out, 0xff, m)
}

// block codes a difference of 0, 1 or -1 by the tables of Annex K, and the end.
func (w *bits) block(plane, difference int) {
	zero, one, end := [2]uint32{0, 2}, [2]uint32{2, 3}, [2]uint32{10, 4} // luma
	if plane > 0 {
		zero, one, end = [2]uint32{0, 2}, [2]uint32{1, 2}, [2]uint32{0, 2}
	}
	switch difference {
	case 0:
		w.put(zero[0], int(zero[1]))
	case 1:
		w.put(one[0]<<1|1, int(one[1])+1)
	case 2:
		w.put(one[0]<<1, int(one[1])+1)
	}
	w.put(end[0], int(end[1]))
}
