package iso39794

import (
	"errors"
	"strings"
	"testing"
)

func TestProfileRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*FaceImageDataBlock)
		where   string
		mention string
	}{
		{"two portraits", func(b *FaceImageDataBlock) { b.Representations = append(b.Representations, b.Representations[0]) },
			"representationBlocks", "one in the ICAO profile (2)"},
		{"PNG", func(b *FaceImageDataBlock) {
			b.Representations[0].Image.Information.ImageDataFormat.Value = 5
			b.Representations[0].Image.Data = []byte(png)
		}, "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock.imageInformation2DBlock.imageDataFormat", "(png)"},
		{"a format of a later edition", func(b *FaceImageDataBlock) {
			b.Representations[0].Image.Information.ImageDataFormat.Extended = true
		}, "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock.imageInformation2DBlock.imageDataFormat", "(jpeg)"},
		{"a picture for general purposes", func(b *FaceImageDataBlock) {
			b.Representations[0].Image.Information.FaceImageKind.Value = GeneralPurpose
		}, "representationBlocks[0].imageRepresentation.base.imageRepresentation2DBlock.imageInformation2DBlock.faceImageKind2D", "(generalPurpose)"},
		{"a gender that is not known", func(b *FaceImageDataBlock) { b.Representations[0].Identity.Gender.Value = UnknownGender },
			"representationBlocks[0].identityMetadataBlock.gender", "(unknown)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newSmallFace()
			c.change(b)
			_, err := b.Encode(ICAO)
			var f *Fault
			if !errors.As(err, &f) || f.Where != c.where || !strings.Contains(err.Error(), c.mention) {
				t.Fatalf("error %v, want it at %s with %q", err, c.where, c.mention)
			}
			out, err := b.Encode(Base)
			if err == nil {
				_, err = ReadFace(out)
			}
			if err != nil {
				t.Errorf("by the base standard: %v", err)
			}
		})
	}
}

// TestProfileAccepts every format of a travel document.
func TestProfileAccepts(t *testing.T) {
	for format, image := range map[FaceImageDataFormat]string{FaceJPEG: jpeg, FaceJPEG2000Lossy: jp2, FaceJPEG2000Lossless: j2k} {
		b := newSmallFace()
		b.Representations[0].Image.Data = []byte(image)
		b.Representations[0].Image.Information.ImageDataFormat = Of(format)
		if _, err := b.Encode(ICAO); err != nil {
			t.Errorf("%s: %v", spell(format), err)
		}
	}
}
