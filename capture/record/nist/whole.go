package nist

import "fmt"

// whole checks a record that is kept whole.
func (c *checker) whole() {
	switch typ := c.rec.Type; {
	case !isBinary(typ):
		c.fault(0, "fields cannot be told apart", "")
	case (typ == 3 || typ == 5 || typ == 6) && c.version >= v2011:
		c.fault(0, fmt.Sprintf("Type-%d is not used from version %04d on", typ, v2011), "")
	case typ == 4:
		c.legacy()
	case typ == 3 || typ == 5 || typ == 6:
		if _, err := c.rec.Legacy(); err != nil {
			c.fault(1, fmt.Sprintf("a record has %d bytes before its image", legacyHead), fmt.Sprint(len(c.rec.Whole)))
		}
	}
}

// legacy checks a Type-4 record.
func (c *checker) legacy() {
	p, err := c.rec.Legacy()
	if err != nil {
		c.fault(1, fmt.Sprintf("a record has %d bytes before its image", legacyHead), fmt.Sprint(len(c.rec.Whole)))
		return
	}
	sure := codes("0-15")
	switch {
	case !impressions(c.version).has(p.Impression):
		c.fault(3, "IMP is one of "+string(impressions(c.version)), fmt.Sprint(p.Impression))
	case len(p.Fingers) == 0:
		c.fault(4, "FGP is missing", "")
	case c.rec.Whole[12] > 1:
		c.fault(5, "ISR is 0 or 1", fmt.Sprint(c.rec.Whole[12]))
	case p.Width < 10 || p.Height < 10:
		c.fault(6, "HLL and VLL are 10 or more", fmt.Sprintf("%d and %d", p.Width, p.Height))
	case p.Algorithm >= len(compressions):
		c.fault(8, "GCA is one of 0-6", fmt.Sprint(p.Algorithm))
	case len(p.Data) == 0:
		c.fault(9, "DATA is missing", "")
	}
	if width, height, ok := pictureSize(p.Compression(), p.Data); p.Algorithm > 0 && p.Compression() != "" && len(p.Data) > 0 {
		switch {
		case !ok:
			c.fault(9, "the image is no "+p.Compression()+", as GCA says", "")
		case width != p.Width || height != p.Height:
			c.fault(6, fmt.Sprintf("the image is %d × %d pixels", width, height), fmt.Sprintf("%d × %d", p.Width, p.Height))
		}
	}
	for _, f := range p.Fingers {
		if !sure.has(f) {
			c.fault(4, "FGP is one of "+string(sure)+", or 255 where there is none", fmt.Sprint(f))
		}
	}
}
