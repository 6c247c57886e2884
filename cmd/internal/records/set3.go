package records

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"

	"optag/capture/finger/wsq"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/record/nist"
)

// time3 is a moment of the third generation.
func time3(d *iso39794.DateTimeBlock) iso19794.DateTime {
	if d == nil {
		return iso19794.DateTime{}
	}
	t := unknownTime()
	t.Year = uint16(d.Year)
	for _, part := range []struct {
		from *int
		to   *uint8
	}{{d.Month, &t.Month}, {d.Day, &t.Day}, {d.Hour, &t.Hour}, {d.Minute, &t.Minute}, {d.Second, &t.Second}} {
		if part.from != nil {
			*part.to = uint8(*part.from)
		}
	}
	if d.Msec != nil {
		t.Millisecond = uint16(*d.Msec)
	}
	return t
}

// qualities3 are qualities of the third generation.
func qualities3(blocks []iso39794.QualityBlock) (all []iso19794.Quality) {
	for _, q := range blocks {
		score := uint8(iso19794.Failed)
		if q.Score.Error == nil {
			score = uint8(q.Score.Score)
		}
		all = append(all, iso19794.Quality{Score: score, Vendor: uint16(q.AlgorithmID.Organization), Algorithm: uint16(q.AlgorithmID.ID)})
	}
	return all
}

func (s *set) finger3(file []byte) error {
	r, err := iso39794.ReadFinger(file)
	if err != nil {
		return err
	}
	for i := range r.Representations {
		if err := s.representation(&r.Representations[i]); err != nil {
			return fmt.Errorf("representation %d: %w", i+1, err)
		}
	}
	return nil
}

// representation takes an image of fingers of the third generation.
func (s *set) representation(r *iso39794.FingerRepresentation) error {
	f := iso19794.FingerImage{Impression: iso19794.Impression(r.Impression.Value), Qualities: qualities3(r.Quality)}
	f.Time = time3(r.CaptureDateTime)
	position, ok := r.Position.Value.To19794()
	if !ok {
		return fmt.Errorf("its position, %v, has no place in other formats", r.Position)
	}
	f.Position = iso19794.Position(position)
	if d := r.CaptureDevice; d != nil {
		f.Vendor, f.Device = uint16(d.ModelID.Organization), uint16(d.ModelID.ID)
		if d.Technology != nil && d.Technology.Value == iso39794.ScannedInkOnPaper && f.Impression <= iso19794.LiveRolled {
			f.Impression += iso19794.NonlivePlain
		} else {
			s.loses(d.Technology != nil, "technology of the capture device")
		}
		for _, c := range d.Certifications {
			f.Certificates = append(f.Certificates, iso19794.Certificate{Authority: uint16(c.Organization), Scheme: uint8(c.ID)})
		}
	}
	s.loses(len(r.Segmentation) > 0, "segmentation blocks")
	s.loses(len(r.Annotations) > 0, "annotation blocks")
	s.loses(len(r.Comments) > 0, "comments")
	s.loses(r.PAD != nil, "presentation attack detection")
	s.loses(len(r.VendorSpecificData) > 0 || len(r.Extensions) > 0, "vendor's data and extensions")
	s.loses(r.OriginalRotation != nil || r.ImageRotatedToVertical != iso39794.Unstated || r.PositionComputedByCaptureSystem != iso39794.Unstated, "rotation and origin of the position")
	rate := r.SamplingRate
	if rate == nil {
		return errors.New("it says no resolution, and other formats demand one")
	}
	var err error
	if f.Image, f.Depth, err = plainImage(r.ImageDataFormat.Value, r.ImageData); err != nil {
		return err
	}
	if f.Coding == iso19794.Raw {
		s.says("the head of a PGM was taken off; the pixels are the same")
	}
	unit := map[iso39794.Unit]int{iso39794.Inch: nist.PerInch, iso39794.Centimetre: nist.PerCm}[rate.Unit]
	return s.resolved(f, unit, [2]int{rate.SamplesPerUnit, rate.SamplesPerUnit}, [2]int{})
}

// plainImage finds out what ISO/IEC 39794-4 does not say of an image: width, height
// and depth.
func plainImage(format iso39794.FingerImageDataFormat, data []byte) (i iso19794.Image, depth uint8, err error) {
	switch i.Data, depth = data, 8; format {
	case iso39794.FingerWSQ:
		var info wsq.Info
		info, err = wsq.DecodeConfig(data)
		i.Coding, i.Width, i.Height = iso19794.WSQ, info.Width, info.Height
	case iso39794.FingerPNG:
		var c image.Config
		c, _, err = image.DecodeConfig(bytes.NewReader(data))
		if i.Coding, i.Width, i.Height = iso19794.PNG, c.Width, c.Height; c.ColorModel == color.Gray16Model {
			depth = 16
		}
	case iso39794.FingerPGM:
		var head string
		var most int
		if _, err = fmt.Sscan(string(data[:min(len(data), 64)]), &head, &i.Width, &i.Height, &most); err != nil || most != 255 {
			return i, depth, errors.New("a PGM with comments, or of another depth than 8 bits, is not taken apart here")
		}
		i.Coding, i.Data = iso19794.Raw, data[len(data)-i.Width*i.Height:]
	default:
		err = errors.New("the size of a JPEG 2000 image is not said, and it is not unpacked here")
	}
	return i, depth, err
}

func (s *set) face3(file []byte) error {
	r, err := iso39794.ReadFace(file)
	if err != nil {
		return err
	}
	for i := range r.Representations {
		if err := s.faceRepresentation(&r.Representations[i]); err != nil {
			return fmt.Errorf("representation %d: %w", i+1, err)
		}
	}
	return nil
}

// faceRepresentation takes an image of a face of the third generation.
func (s *set) faceRepresentation(r *iso39794.FaceRepresentation) error {
	info := &r.Image.Information
	f := iso19794.FaceImage{Qualities: qualities3(r.Quality)}
	f.Time, f.Data = time3(r.CaptureDateTime), r.Image.Data
	f.Coding = map[iso39794.FaceImageDataFormat]iso19794.Coding{iso39794.FaceJPEG: iso19794.JPEG,
		iso39794.FaceJPEG2000Lossy: iso19794.JP2, iso39794.FaceJPEG2000Lossless: iso19794.JP2Lossless}[info.ImageDataFormat.Value]
	if f.Coding == 0 {
		return fmt.Errorf("images of the format %v are not carried over", info.ImageDataFormat)
	}
	switch c, _, err := image.DecodeConfig(bytes.NewReader(f.Data)); {
	case info.ImageSize != nil:
		f.Width, f.Height = info.ImageSize.Width, info.ImageSize.Height
	case err == nil:
		f.Width, f.Height = c.Width, c.Height
	default:
		return errors.New("the size of the image is not said, and it is not unpacked here")
	}
	if k := info.FaceImageKind; k != nil && k.Value == iso39794.MRTD {
		f.Kind = iso19794.FullFrontal
	}
	if c := info.ColourSpace; c != nil {
		f.ColourSpace = map[iso39794.ColourSpace]uint8{iso39794.RGB24: 1, iso39794.Greyscale8: 3}[c.Value]
		s.loses(f.ColourSpace == 0, "colour space")
	}
	if d := r.Image.CaptureDevice; d != nil && d.Technology != nil && d.Technology.Value <= 6 {
		f.Technology = uint8(d.Technology.Value)
	}
	if d := r.CaptureDevice; d != nil && d.ModelID != nil {
		f.Vendor, f.Device = uint16(d.ModelID.Organization), uint16(d.ModelID.ID)
	}
	if m := r.Identity; m != nil {
		if m.Gender != nil {
			f.Sex = map[iso39794.Gender]uint8{iso39794.Male: 1, iso39794.Female: 2}[m.Gender.Value]
		}
		s.loses(m.EyeColour != nil || m.HairColour != nil || m.SubjectHeight != nil || m.Properties != nil || m.Expression != nil || m.PoseAngle != nil,
			"what the identity metadata tell but the sex")
	}
	s.loses(len(r.Landmarks) > 0, "landmarks")
	s.loses(r.PAD != nil, "presentation attack detection")
	s.loses(info.PostAcquisitionProcessing != nil || info.LossyTransformationAttempts != nil || info.FaceMeasurements != nil, "what is said of the processing and measures of the image")
	s.loses(r.ID != nil && r.ID.Sign() != 0 || r.SessionID != nil || r.DerivedFrom != nil || len(r.Extensions) > 0, "numbers of representations, and extensions")
	s.faces = append(s.faces, f)
	return nil
}
