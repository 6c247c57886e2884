package records

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"optag/capture/record/iso19794"
	"optag/capture/record/nist"
)

// transaction writes a transaction of ANSI/NIST-ITL.
func (c *conversion) transaction() error {
	for _, need := range []struct{ value, what string }{
		{c.Transaction, "type of transaction, with --tot"}, {c.Destination, "destination agency, with --dai"},
		{c.Origin, "originating agency, with --ori"}, {c.Control, "control number, with --tcn"},
	} {
		if need.value == "" {
			return fmt.Errorf("it must be given what a record does not say: the %s", need.what)
		}
	}
	t := nist.New(nist.Header{Transaction: c.Transaction, Destination: c.Destination, Origin: c.Origin, Control: c.Control,
		Date: c.Now.Format(nist.DateLayout), GMT: c.Now.UTC().Format(nist.GMTLayout)})
	c.images = len(c.fingers) + len(c.faces)
	for i := range c.fingers {
		p, err := c.printOf(&c.fingers[i])
		if err != nil {
			return fmt.Errorf("image %d: %w", i+1, err)
		}
		p.IDC = i + 1
		t.AddPrint(p)
	}
	for i := range c.faces {
		f, err := c.faceOf(&c.faces[i])
		if err != nil {
			return fmt.Errorf("image %d: %w", i+1, err)
		}
		f.IDC = len(c.fingers) + i + 1
		t.AddFace(f)
	}
	c.loses(c.level != 0, "image acquisition level")
	c.Data = t.Bytes()
	return nil
}

// sample is what every record says of its origin.
func (c *conversion) sample(f iso19794.Capture) (nist.Sample, error) {
	day := c.Taken
	if t := f.Time; t.Year > 0 && t.Year < math.MaxUint16 && t.Month >= 1 && t.Month <= 12 && t.Day >= 1 && t.Day <= 31 {
		day = fmt.Sprintf("%04d%02d%02d", t.Year, t.Month, t.Day)
		c.loses(t.Hour <= 23, "time of day of the capture")
	}
	if day == "" {
		return nist.Sample{}, errors.New("the file does not say when it was taken: --taken YYYY-MM-DD says it")
	}
	c.loses(f.Vendor != 0 || f.Device != 0, "vendor and type of the capture device")
	return nist.Sample{Source: c.Origin, Date: day}, nil
}

// cga is the compression's name.
func cga(i iso19794.Image, depth uint8) (string, error) {
	if i.Coding == iso19794.Packed && depth == 8 {
		return "NONE", nil
	}
	name := map[iso19794.Coding]string{iso19794.Raw: "NONE", iso19794.WSQ: "WSQ20", iso19794.JPEG: "JPEGB",
		iso19794.JP2: "JP2", iso19794.JP2Lossless: "JP2L", iso19794.PNG: "PNG"}[i.Coding]
	if name == "" {
		return "", fmt.Errorf("%v has no place there", i.Coding)
	}
	return name, nil
}

// printOf is a Type-14 record of an image of fingers.
func (c *conversion) printOf(f *iso19794.FingerImage) (p nist.Print, err error) {
	if f.Position > 15 && f.Position < 40 {
		return p, errors.New("palms are not carried over")
	}
	if p.Sample, err = c.sample(f.Capture); err != nil {
		return p, err
	}
	p.Image = nist.Image{Width: f.Width, Height: f.Height, Unit: nist.PerInch, Across: int(f.Sampling[0]), Down: int(f.Sampling[1]), Data: f.Data}
	p.Hash = nist.Hash(f.Data)
	if p.Compression, err = cga(f.Image, f.Depth); err != nil {
		return p, err
	}
	if f.Units == iso19794.PerCentimetre {
		p.Unit = nist.PerCm
	}
	if f.Scanned != f.Sampling {
		p.ScanAcross, p.ScanDown = int(f.Scanned[0]), int(f.Scanned[1])
	}
	p.Depth, p.Finger, p.Impression = int(f.Depth), int(f.Position), int(f.Impression)
	switch f.Impression {
	case iso19794.NonlivePlain, iso19794.NonliveRolled:
		p.Impression, p.Technology = p.Impression-int(iso19794.NonlivePlain), inkOnPaper
	case 5, 6, iso19794.Latent:
		p.Impression = 4
		c.loses(true, "how a latent print was lifted")
	}
	for _, q := range c.measured(f.Qualities) {
		p.Scores = append(p.Scores, nist.Quality{Position: p.Finger, Score: int(q.Score), Vendor: q.Vendor, Algorithm: int(q.Algorithm)})
	}
	c.loses(f.Technology != 0, "technology of the capture device")
	c.loses(len(f.Certificates) > 0, "certificates of the capture device")
	c.loses(len(f.Blocks) > 0, "extended data blocks")
	return p, nil
}

// faceOf is a Type-10 record of an image of a face.
func (c *conversion) faceOf(f *iso19794.FaceImage) (p nist.Face, err error) {
	if p.Sample, err = c.sample(f.Capture); err != nil {
		return p, err
	}
	p.Image = nist.Image{Width: f.Width, Height: f.Height, Unit: nist.AspectOnly, Across: 1, Down: 1, Data: f.Data}
	p.Hash = nist.Hash(f.Data)
	if p.Compression, err = cga(f.Image, 8); err != nil {
		return p, err
	}
	if p.Colours = map[uint8]string{1: "SRGB", 3: "GRAY"}[f.ColourSpace]; p.Colours == "" {
		p.Colours = "UNK"
		c.loses(f.ColourSpace != 0, "colour space "+strconv.Itoa(int(f.ColourSpace)))
	}
	p.Profile = map[iso19794.ImageKind]int{iso19794.FullFrontal: 13, iso19794.TokenFrontal: 14}[f.Kind]
	if p.Profile > 0 {
		p.Pose = "F"
	} else {
		c.loses(f.Kind != iso19794.Basic, "face image type")
	}
	p.Acquisition.Code = map[uint8]string{1: "UNKNOWN PHOTO", 2: "DIGITAL CAMERA", 3: "SCANNER"}[f.Technology]
	c.loses(p.Acquisition.Code == "" && f.Technology != 0, "technology of the capture device")
	for _, q := range c.measured(f.Qualities) {
		p.Scores = append(p.Scores, nist.Quality{Score: int(q.Score), Vendor: q.Vendor, Algorithm: int(q.Algorithm)})
	}
	c.loses(f.Sex != 0, "sex")
	c.described(f)
	return p, nil
}
