package emrtdtest

import (
	"fmt"

	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
)

// Face writes EF.DG2 with a portrait, by ISO/IEC 19794-5:2005.
func Face(portrait iso19794.Image) ([]byte, error) {
	r := iso19794.FaceRecord{Edition: iso19794.Edition2005, Images: []iso19794.FaceImage{{
		Image: portrait, Kind: iso19794.FullFrontal, ColourSpace: 1, Capture: iso19794.Capture{Technology: 2},
	}}}
	b, err := r.Bytes()
	if err != nil {
		return nil, fmt.Errorf("writing a face: %w", err)
	}
	g := cbeff.Group{File: cbeff.DG2, Templates: []cbeff.Template{cbeff.FaceTemplate(cbeff.Face19794, b)}}
	return g.Bytes()
}

// A Print is a flat print of 500 pixels per inch.
type Print struct {
	iso19794.Image
	Position int // 1 to 10, as field FGP of ANSI/NIST-ITL 1
}

// Fingers writes EF.DG3 with prints, by ISO/IEC 19794-4:2005, each in a template
// of its own.
func Fingers(prints ...Print) ([]byte, error) {
	g := cbeff.Group{File: cbeff.DG3}
	for _, p := range prints {
		inch := [2]uint16{500, 500}
		r := iso19794.FingerRecord{Edition: iso19794.Edition2005, Level: 31, Images: []iso19794.FingerImage{{
			Image: p.Image, Position: iso19794.Position(p.Position), View: 1,
			Units: iso19794.PerInch, Scanned: inch, Sampling: inch, Depth: 8,
		}}}
		b, err := r.Bytes()
		if err != nil {
			return nil, fmt.Errorf("writing a print: %w", err)
		}
		g.Templates = append(g.Templates, cbeff.FingerTemplate(cbeff.Finger19794, p.Position, b))
	}
	return g.Bytes()
}

// none is EF.DG3 of a card for which no print could be taken.
func none(random []byte) ([]byte, error) {
	g := cbeff.Empty(random)
	return g.Bytes()
}
