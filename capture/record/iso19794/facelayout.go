package iso19794

// Sizes in bytes.
const (
	face2005Header = 14
	face2005Image  = 20 + 12 // facial and image information
	face2011Header = 17
	face2011Image  = 4 + 14 + 1 + 17 + 11 + 4 // without blocks of quality
	pointSize      = 8
)

// faceRecord is a whole record.
func (c *codec) faceRecord(r *FaceRecord) {
	c.edition("FAC\x00", &r.Edition, "010\x00", "030\x00")
	c.length("record length", 4, r.Len(), 8)
	least, certified := face2005Image, byte(0)
	if r.Edition != Edition2005 {
		least = face2011Image
	}
	count := len(r.Images)
	num(c, "number of faces", 2, &count)
	c.must(count > 0, "there is no image")
	if !c.writing {
		if count > c.left()/least {
			c.fail("more than the record has room for")
			return
		}
		r.Images = make([]FaceImage, count)
	}
	if r.Edition != Edition2005 {
		num(c, "certification flag", 1, &certified)
		if certified != 0 {
			c.fail("no scheme certifies faces")
		}
		num(c, "temporal semantics", 2, &r.Temporal)
		c.must((r.Temporal == 0) == (count == 1), "0 belongs to a single image, and only to that")
	}
	for i := range r.Images {
		c.image = i + 1
		if r.Edition == Edition2005 {
			c.face2005(r, &r.Images[i])
		} else {
			c.face2011(r, &r.Images[i])
		}
	}
	c.image = 0
	c.nothingLeft()
}

// face2005 is clauses 5.5 to 5.8 of ISO/IEC 19794-5:2005.
func (c *codec) face2005(r *FaceRecord, f *FaceImage) {
	outer := c.length("block length", 4, r.imageLen(f), 0)
	points := c.pointCount(f)
	c.person(r.Edition, f)
	num(c, "expression", 2, &f.Expression)
	c.must(f.Expression < 0x0100 || f.Expression >= 0x8000, "reserved")
	c.pose(f)
	c.points(f, points)
	num(c, "face image type", 1, &f.Kind)
	c.must(f.Kind <= PostProcessed, "no type of the edition")
	c.coding(&f.Coding, JPEG, JP2)
	c.size(&f.Image)
	num(c, "colour space", 1, &f.ColourSpace)
	c.must(f.ColourSpace <= 4 || f.ColourSpace >= 128, "reserved")
	num(c, "source type", 1, &f.Technology)
	c.must(f.Technology <= 7 || f.Technology >= 128, "reserved")
	num(c, "device type", 2, &f.Device)
	num(c, "quality", 2, &f.Quality)
	c.pixels(&f.Image, c.left())
	c.end = outer
}

// face2011 is clauses 5.4 to 5.8 of ISO/IEC 19794-5:2011.
func (c *codec) face2011(r *FaceRecord, f *FaceImage) {
	outer := c.length("representation length", 4, r.imageLen(f), 0)
	c.capture(&f.Capture)
	c.must(f.Technology <= 6 || f.Technology >= 128, "reserved")
	c.qualities(&f.Qualities)
	points := c.pointCount(f)
	c.person(r.Edition, f)
	num(c, "expression", 2, &f.Expression)
	c.pose(f)
	c.points(f, points)
	num(c, "face image type", 1, &f.Kind)
	c.must(f.Kind <= PostProcessed || f.Kind >= 128 && f.Kind <= 128+TokenFrontal, "reserved")
	kind := c.last
	c.coding(&f.Coding, JPEG, JP2, JP2Lossless, PNG)
	c.size(&f.Image)
	num(c, "sampling rate level", 1, &f.SamplingLevel)
	c.must(f.SamplingLevel <= 7, "reserved")
	num(c, "post-processing", 2, &f.PostProcessing)
	num(c, "cross-reference", 1, &f.CrossReference)
	c.must(f.CrossReference == 0 || int(f.CrossReference) <= len(r.Images) && int(f.CrossReference) != c.image, "no other image of the record")
	num(c, "colour space", 1, &f.ColourSpace)
	c.must(f.ColourSpace <= 6 || f.ColourSpace >= 128, "reserved")
	size := len(f.Data)
	num(c, "image length", 4, &size)
	c.pixels(&f.Image, size)
	if c.writing || c.left() > 0 {
		c.bytes("shape", c.left(), &f.Shape)
	}
	c.mustAt(kind, (len(f.Shape) > 0) == (f.Kind >= 128), "a shape belongs to a type of three dimensions, and only to that")
	c.end = outer
}

// pointCount is the number of points, which stands away from them.
func (c *codec) pointCount(f *FaceImage) int {
	n := len(f.Points)
	num(c, "number of points", 2, &n)
	return n
}

// person is what is told of the person.
func (c *codec) person(e Edition, f *FaceImage) {
	num(c, "sex", 1, &f.Sex)
	c.must(f.Sex <= 3 || f.Sex == 0xFF, "neither 0 to 3 nor 255")
	num(c, "colour of the eyes", 1, &f.Eyes)
	num(c, "colour of the hair", 1, &f.Hair)
	if e != Edition2005 {
		num(c, "height of the person", 1, &f.Stature)
	}
	num(c, "properties", 3, &f.Properties)
}

// points are n feature points or landmarks.
func (c *codec) points(f *FaceImage, n int) {
	if n > c.left()/pointSize && !c.writing {
		c.take("points", n*pointSize)
		return
	}
	if n > 0 && !c.writing {
		f.Points = make([]Point, n)
	}
	for i := range f.Points {
		p := &f.Points[i]
		num(c, "type of a point", 1, &p.Type)
		num(c, "code of a point", 1, &p.Code)
		num(c, "x of a point", 2, &p.X)
		num(c, "y of a point", 2, &p.Y)
		num(c, "z of a point", 2, &p.Z)
	}
}

// pose is which way the face looks, and how sure that is.
func (c *codec) pose(f *FaceImage) {
	for i, where := range [3]string{"yaw", "pitch", "roll"} {
		num(c, where, 1, &f.Pose[i])
		c.must(f.Pose[i] <= 181, "outside 0 to 181")
	}
	for i, where := range [3]string{"uncertainty of yaw", "uncertainty of pitch", "uncertainty of roll"} {
		num(c, where, 1, &f.Within[i])
		c.must(f.Within[i] <= 181, "outside 0 to 181")
	}
}
