package records

import (
	"errors"
	"fmt"
	"math"

	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
)

// finger3 and face3 write records of ISO/IEC 39794.
func (c *conversion) finger3() error {
	err := c.onlyFingers()
	if err == nil {
		c.Data, err = c.finger39794(c.fingers)
	}
	return err
}

func (c *conversion) face3() error {
	err := c.onlyFaces()
	if err == nil {
		c.Data, err = c.face39794(c.faces)
	}
	return err
}

func (c *conversion) finger39794(images []iso19794.FingerImage) ([]byte, error) {
	b := &iso39794.FingerImageDataBlock{Version: iso39794.CurrentVersion()}
	for i := range images {
		r, err := c.representation39794(&images[i])
		if err != nil {
			return nil, fmt.Errorf("image %d: %w", i+1, err)
		}
		b.Representations = append(b.Representations, r)
	}
	return b.Encode()
}

// representation39794 is an image of fingers in the third generation.
func (c *conversion) representation39794(f *iso19794.FingerImage) (r iso39794.FingerRepresentation, err error) {
	position, ok := iso39794.PositionOf19794(int(f.Position))
	if !ok {
		return r, errors.New("its position has no place there")
	}
	r.Position = iso39794.Of(position)
	if err := c.format3(&r, &f.Image, f.Depth); err != nil {
		return r, err
	}
	if f.Sampling[0] != f.Sampling[1] {
		return r, errors.New("the resolution differs across and down, and there is one place for it")
	}
	r.SamplingRate = &iso39794.SpatialSamplingRateBlock{SamplesPerUnit: int(f.Sampling[0])}
	if f.Units == iso19794.PerCentimetre {
		r.SamplingRate.Unit = iso39794.Centimetre
	}
	c.loses(f.Scanned != f.Sampling, "scan resolution")
	r.CaptureDateTime = date39794(f.Time)
	if f.Vendor != 0 && f.Device != 0 {
		r.CaptureDevice = &iso39794.FingerCaptureDevice{ModelID: iso39794.RegistryIDBlock{Organization: int(f.Vendor), ID: int(f.Device)}}
		for _, x := range f.Certificates {
			r.CaptureDevice.Certifications = append(r.CaptureDevice.Certifications, iso39794.RegistryIDBlock{Organization: int(x.Authority), ID: int(x.Scheme)})
		}
	} else {
		c.loses(f.Vendor != 0 || f.Device != 0, "capture device, of which vendor and type must be known")
		c.loses(len(f.Certificates) > 0, "certificates of the capture device")
	}
	c.loses(f.Technology != 0, "technology of the capture device")
	c.loses(len(f.Blocks) > 0, "extended data blocks")
	c.loses(c.level != 0, "image acquisition level")
	r.Quality = c.scores39794(f.Qualities)
	return r, c.impression39794(&r, f.Impression)
}

// impression39794 is the impression. One that was not taken live is a plain or a
// rolled one by a device that scans ink on paper, whose model must be told.
func (c *conversion) impression39794(r *iso39794.FingerRepresentation, i iso19794.Impression) error {
	switch i {
	case iso19794.NonlivePlain, iso19794.NonliveRolled:
		if r.CaptureDevice == nil {
			return errors.New("a print from paper has a place there only with vendor and type of the scanner, which the file does not say")
		}
		r.CaptureDevice.Technology = new(iso39794.Of(iso39794.ScannedInkOnPaper))
		i -= iso19794.NonlivePlain
	case 4, 5, 6, iso19794.Latent:
		c.loses(i != 4, "how a latent print was lifted")
		i = 4
	case 9, 10, 11, 12, 13, 14, 15:
		return fmt.Errorf("the impression %s has no place there", coded(int(i), impressionName(int(i))))
	}
	r.Impression = iso39794.Of(iso39794.Impression(i))
	return nil
}

// format3 is the image. Raw pixels get the head of a PGM.
func (c *conversion) format3(r *iso39794.FingerRepresentation, i *iso19794.Image, depth uint8) error {
	r.ImageData = i.Data
	switch i.Coding {
	case iso19794.WSQ:
		r.ImageDataFormat, r.ImageHasBeenLossilyCompressed = iso39794.Of(iso39794.FingerWSQ), iso39794.Yes
	case iso19794.PNG:
		r.ImageDataFormat = iso39794.Of(iso39794.FingerPNG)
	case iso19794.JP2:
		r.ImageDataFormat = iso39794.Of(iso39794.FingerJPEG2000Lossy)
		c.says("JPEG 2000 is stated as one with loss, unless the record says it has none")
	case iso19794.JP2Lossless:
		r.ImageDataFormat = iso39794.Of(iso39794.FingerJPEG2000Lossless)
	case iso19794.Raw, iso19794.Packed:
		if depth != 8 {
			return errors.New("pixels of another depth than 8 bits have no place there")
		}
		r.ImageDataFormat = iso39794.Of(iso39794.FingerPGM)
		r.ImageData = append(fmt.Appendf(nil, "P5\n%d %d\n255\n", i.Width, i.Height), i.Data...)
		c.says("raw pixels got the head of a PGM; they are the same")
	default:
		return fmt.Errorf("%v has no place there, and is not packed a second time", i.Coding)
	}
	return nil
}

// scores39794 are the qualities of which it is known whose measure they are.
func (c *conversion) scores39794(from []iso19794.Quality) (all []iso39794.QualityBlock) {
	for _, q := range c.measured(from) {
		b := iso39794.QualityBlock{AlgorithmID: iso39794.RegistryIDBlock{Organization: int(q.Vendor), ID: int(q.Algorithm)}}
		if b.Score.Score = int(q.Score); q.Score == iso19794.Failed {
			b.Score = iso39794.ScoreOrError{Error: new(iso39794.Of(iso39794.FailureToAssess))}
		}
		all = append(all, b)
	}
	return all
}

// measured are the qualities with their measure: their own, or the one that the
// caller names. Others are left behind.
func (c *conversion) measured(from []iso19794.Quality) (all []iso19794.Quality) {
	for _, q := range from {
		if q.Vendor == 0 || q.Algorithm == 0 {
			q.Vendor, q.Algorithm = uint16(c.Measure[0]), uint16(c.Measure[1])
			if q.Vendor != 0 && q.Algorithm != 0 {
				c.says("qualities are those of algorithm %d of vendor %04X, as was given", q.Algorithm, q.Vendor)
			}
		}
		if q.Vendor == 0 || q.Algorithm == 0 {
			c.loses(true, "quality, of which it is not said whose measure it is (--measure says it)")
			continue
		}
		all = append(all, q)
	}
	return all
}

// date39794 is a moment as far as it is known.
func date39794(t iso19794.DateTime) *iso39794.DateTimeBlock {
	if t.Year == 0 || t.Year > 9999 {
		return nil
	}
	part := func(v, least, most int) *int {
		if v < least || v > most {
			return nil
		}
		return &v
	}
	d := &iso39794.DateTimeBlock{Year: int(t.Year), Month: part(int(t.Month), 1, 12), Day: part(int(t.Day), 1, 31),
		Hour: part(int(t.Hour), 0, 23), Minute: part(int(t.Minute), 0, 59), Second: part(int(t.Second), 0, 59)}
	if t.Millisecond != math.MaxUint16 {
		d.Msec = part(int(t.Millisecond), 0, 999)
	}
	return d
}

// face39794 is a record of one face, in ICAO's profile.
func (c *conversion) face39794(images []iso19794.FaceImage) ([]byte, error) {
	if len(images) != 1 {
		return nil, fmt.Errorf("there is a place for one face, and there are %d", len(images))
	}
	f := images[0]
	if err := c.jpeg(&f.Image); err != nil {
		return nil, err
	}
	formats := map[iso19794.Coding]iso39794.FaceImageDataFormat{iso19794.JPEG: iso39794.FaceJPEG,
		iso19794.JP2: iso39794.FaceJPEG2000Lossy, iso19794.JP2Lossless: iso39794.FaceJPEG2000Lossless}
	if f.Coding == iso19794.JP2 {
		c.says("JPEG 2000 is stated as one with loss, unless the record says it has none")
	}
	r := iso39794.FaceRepresentation{CaptureDateTime: date39794(f.Time), Quality: c.scores39794(f.Qualities)}
	r.Image.Data = f.Data
	r.Image.Information.ImageDataFormat = iso39794.Of(formats[f.Coding])
	r.Image.Information.ImageSize = &iso39794.ImageSizeBlock{Width: f.Width, Height: f.Height}
	if f.Kind == iso19794.FullFrontal || f.Kind == iso19794.TokenFrontal {
		r.Image.Information.FaceImageKind = new(iso39794.Of(iso39794.MRTD))
	} else {
		c.loses(f.Kind != iso19794.Basic, "face image type")
	}
	if space, ok := map[uint8]iso39794.ColourSpace{1: iso39794.RGB24, 3: iso39794.Greyscale8}[f.ColourSpace]; ok {
		r.Image.Information.ColourSpace = new(iso39794.Of(space))
	} else {
		c.loses(f.ColourSpace != 0, "colour space")
	}
	if f.Technology >= 1 && f.Technology <= 3 {
		r.Image.CaptureDevice = &iso39794.FaceCaptureDevice2D{Technology: new(iso39794.Of(iso39794.FaceTechnology(f.Technology)))}
	} else {
		c.loses(f.Technology != 0, "technology of the capture device")
	}
	if f.Vendor != 0 && f.Device != 0 {
		r.CaptureDevice = &iso39794.FaceCaptureDevice{ModelID: &iso39794.RegistryIDBlock{Organization: int(f.Vendor), ID: int(f.Device)}}
	} else {
		c.loses(f.Vendor != 0 || f.Device != 0, "capture device, of which vendor and type must be known")
	}
	c.person39794(&r, &f)
	b := &iso39794.FaceImageDataBlock{Version: iso39794.CurrentVersion(), Representations: []iso39794.FaceRepresentation{r}}
	return b.Encode(iso39794.ICAO)
}

// person39794 is what is said of the person: the sex goes along, the rest has other
// numbers there.
func (c *conversion) person39794(r *iso39794.FaceRepresentation, f *iso19794.FaceImage) {
	if sex, ok := map[uint8]iso39794.Gender{1: iso39794.Male, 2: iso39794.Female}[f.Sex]; ok {
		r.Identity = &iso39794.IdentityMetadataBlock{Gender: new(iso39794.Of(sex))}
	} else {
		c.loses(f.Sex != 0, "that the sex is not known")
	}
	c.described(f)
}

// described notes what is said of the face and goes along only between the
// editions of ISO/IEC 19794-5.
func (c *conversion) described(f *iso19794.FaceImage) {
	c.loses(f.Eyes != 0 || f.Hair != 0, "colours of eyes and hair")
	c.loses(f.Stature != 0, "height of the person")
	c.loses(f.Properties != 0 || f.Expression != 0, "properties and expression")
	c.loses(f.Pose != [3]uint8{} || f.Within != [3]uint8{}, "pose")
	c.loses(len(f.Points) > 0, "feature points")
	c.loses(f.SamplingLevel != 0 || f.PostProcessing != 0 || f.CrossReference != 0 || len(f.Shape) > 0, "sampling level, post-processing, cross-reference, shape")
}
