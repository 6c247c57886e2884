package iso19794

import "slices"

// What records of fingers and of faces have in common.

// edition is the format identifier and the version.
func (c *codec) edition(format string, e *Edition, v2005, v2011 string) {
	id, version := []byte(format), []byte(v2005)
	if *e == Edition2011 {
		version = []byte(v2011)
	}
	c.mustAt(Fault{Where: "edition", Value: uint64(*e)}, !c.writing || in(*e, Edition2005, Edition2011), "neither 2005 nor 2011")
	c.bytes("format identifier", 4, &id)
	if !c.broken && string(id) != format {
		c.fail("another record's")
	}
	c.bytes("version", 4, &version)
	switch {
	case c.broken || c.writing:
	case string(version) == v2005:
		*e = Edition2005
	case string(version) == v2011:
		*e = Edition2011
	default:
		c.fail("neither the edition of 2005 nor that of 2011")
	}
}

// nothingLeft: the images fill the record, and nothing follows it.
func (c *codec) nothingLeft() {
	if c.end = len(c.b); !c.writing && !c.broken && c.left() > 0 {
		c.take("rest", c.left())
		c.fail("the record should have ended")
	}
}

// coding is a number by the list of an edition.
func (c *codec) coding(v *Coding, list ...Coding) {
	i := slices.Index(list, *v)
	if i < 0 && *v == JP2Lossless {
		i = slices.Index(list, JP2)
	}
	known := !c.writing || i >= 0
	i = max(i, 0)
	num(c, "coding", 1, &i)
	if known = known && i < len(list); known && !c.writing {
		*v = list[i]
	}
	c.must(known, "no coding of the edition")
}

// size is the width and height of an image.
func (c *codec) size(i *Image) {
	num(c, "width", 2, &i.Width)
	c.must(i.Width > 0, "the image has no pixels")
	num(c, "height", 2, &i.Height)
	c.must(i.Height > 0, "the image has no pixels")
}

// pixels are n bytes of an image. What it says of its own size must be the same.
func (c *codec) pixels(i *Image, n int) {
	c.bytes("image", n, &i.Data)
	c.must(len(i.Data) > 0, "there is no image")
	if w, h, ok := i.size(); ok {
		c.must(w == i.Width && h == i.Height, "its own header has another width or height")
		c.must(i.ends(), "it does not end as its coding does")
	} else {
		c.must(len(i.Data) == 0, "it does not begin as its coding does")
	}
}

// capture is when and with what an image was taken, in the edition of 2011.
func (c *codec) capture(p *Capture) {
	d := &p.Time
	num(c, "year", 2, &d.Year)
	num(c, "month", 1, &d.Month)
	c.must(d.Month <= 12 || d.Month == 0xFF, "no month")
	num(c, "day", 1, &d.Day)
	c.must(d.Day <= 31 || d.Day == 0xFF, "no day")
	num(c, "hour", 1, &d.Hour)
	c.must(d.Hour <= 23 || d.Hour == 0xFF, "no hour")
	num(c, "minute", 1, &d.Minute)
	c.must(d.Minute <= 59 || d.Minute == 0xFF, "no minute")
	num(c, "second", 1, &d.Second)
	c.must(d.Second <= 59 || d.Second == 0xFF, "no second")
	num(c, "millisecond", 2, &d.Millisecond)
	c.must(d.Millisecond <= 999 || d.Millisecond == 0xFFFF, "no millisecond")
	num(c, "technology", 1, &p.Technology)
	technology := c.last
	num(c, "device vendor", 2, &p.Vendor)
	num(c, "device type", 2, &p.Device)
	c.last = technology
}

// qualities are the quality blocks of an image.
func (c *codec) qualities(all *[]Quality) {
	list(c, "number of quality blocks", 1, 5, all, func(q *Quality) {
		num(c, "quality score", 1, &q.Score)
		c.must(q.Score <= 100 || q.Score == Failed, "neither 0 to 100 nor 255")
		num(c, "quality vendor", 2, &q.Vendor)
		num(c, "quality algorithm", 2, &q.Algorithm)
	})
}

// list is a number of blocks, written in n bytes, and the blocks of size bytes each.
func list[T any](c *codec, where string, n, size int, all *[]T, block func(*T)) {
	count := len(*all)
	num(c, where, n, &count)
	if !c.writing {
		if count > c.left()/size {
			c.fail("more than there is room for")
			return
		}
		if count > 0 {
			*all = make([]T, count)
		}
	}
	for i := range *all {
		block(&(*all)[i])
	}
}

// zero are n reserved bytes.
func (c *codec) zero(where string, n int) {
	var none int
	num(c, where, n, &none)
	c.must(none == 0, "reserved and not 0")
}
