package iso19794

// Sizes in bytes of what stands before the pixels.
const (
	finger2005Header = 32
	finger2005View   = 14
	finger2011Header = 16
	finger2011Image  = 41 // without blocks of quality and certification
	blockHead        = 4
)

// fingerRecord is a whole record.
func (c *codec) fingerRecord(r *FingerRecord) {
	c.edition("FIR\x00", &r.Edition, "010\x00", "020\x00")
	if r.Edition == Edition2005 {
		c.finger2005(r)
	} else {
		c.finger2011(r)
	}
	c.nothingLeft()
}

// finger2005 is clauses 7.1 and 7.2 of ISO/IEC 19794-4:2005, behind the version.
func (c *codec) finger2005(r *FingerRecord) {
	c.length("record length", 6, r.Len(), 8)
	views := r.views()
	if !c.writing {
		views = views2005(c.b[:c.end])
		r.Images = make([]FingerImage, views.images)
	}
	first := &FingerImage{}
	if len(r.Images) > 0 {
		first = &r.Images[0]
	}
	num(c, "capture device", 2, &first.Device)
	num(c, "acquisition level", 2, &r.Level)
	c.must(in(r.Level, 10, 20, 30, 31, 35, 40, 41), "no level of the standard")
	count := views.images
	if r.CountsFingers {
		count = views.positions
	}
	num(c, "number of fingers", 1, &count)
	c.must(count > 0 && in(count, views.images, views.positions), "neither the number of fingers nor of images")
	if !c.writing {
		r.CountsFingers = count != views.images
	}
	c.sampling(first)
	c.coding(&first.Coding, Raw, Packed, WSQ, JPEG, JP2, PNG)
	c.zero("reserved", 2)
	shared := FingerImage{Image: Image{Coding: first.Coding}, Capture: first.Capture, Units: first.Units, Scanned: first.Scanned, Sampling: first.Sampling, Depth: first.Depth}
	for i := range r.Images {
		c.image = i + 1
		c.view2005(&r.Images[i], shared, &views)
	}
	c.image = 0
}

// view2005 is one image, what it shares with the others, and how many views there
// are.
func (c *codec) view2005(f *FingerImage, shared FingerImage, views *views) {
	size := finger2005View + len(f.Data)
	outer := c.length("length of the view", 4, size, 0)
	num(c, "position", 1, &f.Position)
	c.must(f.Position <= 10 || f.Position >= 13 && f.Position <= 15 || f.Position >= 20 && f.Position <= 36, "no position of the standard")
	count := views.of[f.Position]
	num(c, "count of views", 1, &count)
	c.must(count == views.of[f.Position], "there is another number of images of this position")
	c.view("view number", f, views)
	c.must(f.View >= 1 && int(f.View) <= count, "outside 1 to the count of views")
	score := byte(unscored)
	if len(f.Qualities) > 0 {
		score = f.Qualities[0].Score
	}
	num(c, "quality", 1, &score)
	c.must(score <= 100 || score >= unscored, "neither 0 to 100, nor 254 undefined, nor 255 failed")
	impression := impression2005(f.Impression)
	num(c, "impression", 1, &impression)
	c.must(in(impression, 0, 1, 2, 3, 7, 8, 9), "no impression of the edition")
	c.size(&f.Image)
	c.zero("reserved", 1)
	if c.writing {
		c.must(f.shares(&shared), "not all images of the record share device, sampling, depth and coding")
	} else {
		f.Coding, f.Device, f.Units, f.Scanned, f.Sampling, f.Depth = shared.Coding, shared.Device, shared.Units, shared.Scanned, shared.Sampling, shared.Depth
		f.Impression = impression2005(impression)
		if score != unscored {
			f.Qualities = []Quality{{Score: score}}
		}
	}
	c.fingerPixels(f, c.left())
	c.end = outer
}

// unscored is the quality of an image in the edition of 2005 that has none.
const unscored = 254

// shares reports whether two images can stand in one record of the edition of 2005.
func (f *FingerImage) shares(with *FingerImage) bool {
	return f.Device == with.Device && f.Units == with.Units && f.Scanned == with.Scanned && f.Sampling == with.Sampling && f.Depth == with.Depth &&
		(f.Coding == with.Coding || f.Coding.jp2() && with.Coding.jp2())
}

// impression2005 is an impression by the numbers of the edition of 2005, or such a
// number as an impression: what 2011 calls 24 is 9 there.
func impression2005(i Impression) Impression {
	switch i {
	case Contactless:
		return 9
	case 9:
		return Contactless
	}
	return i
}

// finger2011 is clause 8.2 of ISO/IEC 19794-4:2011, behind the version.
func (c *codec) finger2011(r *FingerRecord) {
	c.length("record length", 4, r.Len(), 8)
	count, positions, certified := len(r.Images), r.views().positions, byte(0)
	if r.Certified {
		certified = 1
	}
	num(c, "number of representations", 2, &count)
	c.must(count > 0, "there is no image")
	if !c.writing {
		if count > c.left()/finger2011Image {
			c.fail("more than the record has room for")
			return
		}
		r.Images = make([]FingerImage, count)
	}
	num(c, "certification flag", 1, &certified)
	if certified > 1 {
		c.fail("neither 0 nor 1")
	}
	if !c.writing {
		r.Certified = certified == 1
	}
	num(c, "number of positions", 1, &positions)
	told := c.last
	var seen views
	for i := range r.Images {
		c.image = i + 1
		c.finger2011Image(r, &r.Images[i], &seen)
	}
	c.image = 0
	c.mustAt(told, positions == r.views().positions, "the images have another number of positions")
}

// finger2011Image is clause 8.3: the header of one image, and the image.
func (c *codec) finger2011Image(r *FingerRecord, f *FingerImage, seen *views) {
	outer := c.length("representation length", 4, r.imageLen(f), 0)
	c.capture(&f.Capture)
	c.must(f.Technology <= 0x14, "no technology of the standard")
	c.qualities(&f.Qualities)
	c.certificates(r.Certified, &f.Certificates)
	num(c, "position", 1, &f.Position)
	c.must(f.Position <= 10 || f.Position >= 13 && f.Position <= 15 || f.Position >= 20 && f.Position <= 36 || f.Position >= 40 && f.Position <= 50, "no position of the standard")
	c.view("representation number", f, seen)
	c.sampling(f)
	c.coding(&f.Coding, Raw, Packed, WSQ, JPEG, JP2, JP2Lossless, PNG)
	num(c, "impression", 1, &f.Impression)
	c.must(f.Impression <= 15 || in(f.Impression, Contactless, 28, 29), "no impression of the standard")
	c.size(&f.Image)
	size := len(f.Data)
	num(c, "image length", 4, &size)
	c.fingerPixels(f, size)
	c.blocks(&f.Blocks)
	c.end = outer
}

// certificates are the certification blocks, there only if the header says so.
func (c *codec) certificates(flag bool, all *[]Certificate) {
	if !flag {
		c.must(len(*all) == 0, "the record is not marked as certified")
		return
	}
	list(c, "number of certification blocks", 1, 3, all, func(b *Certificate) {
		num(c, "certification authority", 2, &b.Authority)
		num(c, "certification scheme", 1, &b.Scheme)
	})
}

// sampling is what the samples are counted in, how many there are, and their depth.
func (c *codec) sampling(f *FingerImage) {
	num(c, "scale units", 1, &f.Units)
	c.must(f.Units == PerInch || f.Units == PerCentimetre, "neither 1, inch, nor 2, centimetre")
	num(c, "scan resolution across", 2, &f.Scanned[0])
	num(c, "scan resolution down", 2, &f.Scanned[1])
	num(c, "image resolution across", 2, &f.Sampling[0])
	c.must(f.Sampling[0] > 0 && f.Sampling[0] <= f.Scanned[0], "none, or finer than it was scanned")
	num(c, "image resolution down", 2, &f.Sampling[1])
	c.must(f.Sampling[1] > 0 && f.Sampling[1] <= f.Scanned[1], "none, or finer than it was scanned")
	num(c, "depth", 1, &f.Depth)
	c.must(f.Depth >= 1 && f.Depth <= 16, "outside 1 to 16")
}

// fingerPixels are n bytes of an image.
func (c *codec) fingerPixels(f *FingerImage, n int) {
	c.pixels(&f.Image, n)
	count := f.Width * f.Height
	switch f.Coding {
	case Raw:
		c.must(len(f.Data) == count*((int(f.Depth)+7)/8), "width, height and depth make another number of bytes")
	case Packed:
		byRow := f.Height * ((f.Width*int(f.Depth) + 7) / 8)
		c.must(in(len(f.Data), (count*int(f.Depth)+7)/8, byRow), "width, height and depth make another number of bytes")
	}
}

// blocks are extended data blocks, up to the end of the representation.
func (c *codec) blocks(all *[]Block) {
	for i := 0; c.writing && i < len(*all) || !c.writing && !c.broken && c.left() > 0; i++ {
		if !c.writing {
			*all = append(*all, Block{})
		}
		b := &(*all)[i]
		num(c, "code of an extended block", 2, &b.Code)
		c.must(b.Code > 0, "reserved")
		outer := c.length("length of an extended block", 2, blockHead+len(b.Data), 2)
		c.bytes("extended block", c.left(), &b.Data)
		c.end = outer
	}
}

// views count the images of each position.
type views struct {
	of                [256]int
	last              [256]int // 1 more than the number of the last image that was passed
	images, positions int
}

func (v *views) add(p Position) {
	v.images++
	if v.of[p]++; v.of[p] == 1 {
		v.positions++
	}
}

// views are those of the record.
func (r *FingerRecord) views() (v views) {
	for i := range r.Images {
		v.add(r.Images[i].Position)
	}
	return v
}

// views2005 counts the images that a record of the edition of 2005 seems to have:
// one more than it really has where the lengths do not lead to its end.
func views2005(record []byte) (v views) {
	for at := finger2005Header; at < len(record); {
		length := uint64(0)
		if rest := record[at:]; len(rest) < 5 {
			v.images++
		} else {
			v.add(Position(rest[4]))
			length = uint64(rest[0])<<24 | uint64(rest[1])<<16 | uint64(rest[2])<<8 | uint64(rest[3])
		}
		if length < finger2005View || length > uint64(len(record)-at) {
			return v
		}
		at += int(length)
	}
	return v
}

// view is the number of an image among those of its position.
func (c *codec) view(where string, f *FingerImage, seen *views) {
	num(c, where, 1, &f.View)
	c.must(int(f.View) >= seen.last[f.Position], "not behind that of the image before of this position")
	seen.last[f.Position] = int(f.View) + 1
}
