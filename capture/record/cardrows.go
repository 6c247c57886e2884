package record

import (
	"slices"

	"optag/capture/finger"
	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/rule"
)

// Sources of a card's fields.
const (
	fir = "ISO/IEC 19794-4:2005"
	fac = "ISO/IEC 19794-5:2005"
	fi3 = "ISO/IEC 39794-4"
	fa3 = "ISO/IEC 39794-5, ICAO's profile"
)

func cardField[T any](block, at, from, source string, set func(x *cardScope, to T)) cardRow[T] {
	return cardRow[T]{Field{Block: block, At: at, From: from, Need: Always, Source: source}, set}
}

// measured reports whether the print's score is one of NFIQ 2.
func (x *cardScope) measured() bool { return x.print.Algorithm == finger.NFIQ2 }

// sticker reports whether the face is for the sticker of a long-stay visa.
func (t *taken) sticker() bool { return t.record.Case.Facts.Purpose == rule.LongStayVisa }

// fingerRows2005 are the finger image record of one print.
func fingerRows2005() []cardRow[*iso19794.FingerRecord] {
	type to = *iso19794.FingerRecord
	row := func(at, from, source string, set func(x *cardScope, to to)) cardRow[to] {
		return cardField("FIR", at, from, source, set)
	}
	image := func(set func(x *cardScope, i *iso19794.FingerImage)) func(x *cardScope, to to) {
		return func(x *cardScope, to to) { set(x, &to.Images[0]) }
	}
	return []cardRow[to]{
		row("image acquisition level", "fixed", bsi+": 31 at 500 ppi", func(_ *cardScope, to to) { to.Level = 31 }),
		row("scale units", "fixed", fir, image(func(_ *cardScope, i *iso19794.FingerImage) { i.Units = iso19794.PerInch })),
		row("scan resolution", "fixed", bsi+": 500 ppi", image(func(_ *cardScope, i *iso19794.FingerImage) { i.Scanned = [2]uint16{500, 500} })),
		row("image resolution", "fixed", bsi+": 500 ppi", image(func(_ *cardScope, i *iso19794.FingerImage) { i.Sampling = [2]uint16{500, 500} })),
		row("pixel depth", "fixed", fir, image(func(_ *cardScope, i *iso19794.FingerImage) { i.Depth = 8 })),
		row("image compression algorithm", "fixed", bsi+": WSQ", image(func(_ *cardScope, i *iso19794.FingerImage) { i.Coding = iso19794.WSQ })),
		row("view number", "fixed", fir, image(func(_ *cardScope, i *iso19794.FingerImage) { i.View = 1 })),
		row("finger position", "prints[].position", "R380 art. 4b", image(func(x *cardScope, i *iso19794.FingerImage) {
			i.Position = iso19794.Position(x.print.Position)
		})),
		row("impression type", "prints[].plain", "R380 art. 4b", image(func(x *cardScope, i *iso19794.FingerImage) {
			i.Impression = map[bool]iso19794.Impression{true: iso19794.LivePlain, false: iso19794.LiveRolled}[x.print.Plain]
		})),
		row("finger image quality", "prints[].score prints[].algorithm", bsi+": NFIQ 2", image(func(x *cardScope, i *iso19794.FingerImage) {
			if x.measured() {
				i.Qualities = []iso19794.Quality{{Score: uint8(x.print.Score)}}
			}
		})),
		row("width", "prints[].width", fir, image(func(x *cardScope, i *iso19794.FingerImage) { i.Width = x.print.Width })),
		row("height", "prints[].height", fir, image(func(x *cardScope, i *iso19794.FingerImage) { i.Height = x.print.Height })),
		row("finger image data", "part:print", bsi, image(func(x *cardScope, i *iso19794.FingerImage) { i.Data = x.packed })),
	}
}

// faceRows2005 are the face image record of the portrait.
func faceRows2005() []cardRow[*iso19794.FaceRecord] {
	type to = *iso19794.FaceRecord
	row := func(at, from, source string, set func(x *cardScope, i *iso19794.FaceImage)) cardRow[to] {
		return cardField("FAC", at, from, source, func(x *cardScope, to to) { set(x, &to.Images[0]) })
	}
	return []cardRow[to]{
		row("face image type", "fixed", "ICAO 9303: full frontal", func(_ *cardScope, i *iso19794.FaceImage) { i.Kind = iso19794.FullFrontal }),
		row("image data type", "fixed", fac, func(_ *cardScope, i *iso19794.FaceImage) { i.Coding = iso19794.JPEG }),
		row("width", "portrait.width", fac, func(x *cardScope, i *iso19794.FaceImage) { i.Width = x.record.Portrait.Width }),
		row("height", "portrait.height", fac, func(x *cardScope, i *iso19794.FaceImage) { i.Height = x.record.Portrait.Height }),
		row("image colour space", "part:portrait", fac, func(x *cardScope, i *iso19794.FaceImage) {
			i.ColourSpace = map[string]uint8{"SRGB": 1, "GRAY": 3}[x.colours()]
		}),
		row("source type", "portrait.source", bsi, func(x *cardScope, i *iso19794.FaceImage) { i.Technology = x.source() }),
		row("image data", "part:portrait", "R380 art. 4b; "+bsi+": never compressed twice", func(x *cardScope, i *iso19794.FaceImage) { i.Data = x.packed }),
	}
}

// source is where a portrait comes from: 1 unknown, 2 a camera, 3 a scanner.
func (t *taken) source() uint8 {
	switch t.record.Portrait.Source {
	case "live":
		return 2
	case "paper":
		return 3
	}
	return 1
}

// finger39794Rows are the record of one print in the third generation.
func finger39794Rows() []cardRow[*iso39794.FingerImageDataBlock] {
	type to = *iso39794.FingerImageDataBlock
	row := func(at, from, source string, set func(x *cardScope, r *iso39794.FingerRepresentation)) cardRow[to] {
		return cardField("39794-4", at, from, source, func(x *cardScope, to to) { set(x, &to.Representations[0]) })
	}
	return []cardRow[to]{
		row("position", "prints[].position", "R380 art. 4b", func(x *cardScope, r *iso39794.FingerRepresentation) {
			r.Position = iso39794.Of(iso39794.Position(x.print.Position))
		}),
		row("impression", "prints[].plain", "R380 art. 4b", func(x *cardScope, r *iso39794.FingerRepresentation) {
			r.Impression = iso39794.Of(map[bool]iso39794.Impression{true: iso39794.PlainContact, false: iso39794.RolledContact}[x.print.Plain])
		}),
		row("imageDataFormat", "fixed", bsi+": WSQ", func(_ *cardScope, r *iso39794.FingerRepresentation) {
			r.ImageDataFormat = iso39794.Of(iso39794.FingerWSQ)
		}),
		row("imageData", "part:print", bsi, func(x *cardScope, r *iso39794.FingerRepresentation) { r.ImageData = x.packed }),
		row("qualityBlocks", "prints[].score prints[].algorithm card.measure", bsi+": NFIQ 2", func(x *cardScope, r *iso39794.FingerRepresentation) {
			if x.measured() {
				r.Quality = []iso39794.QualityBlock{{AlgorithmID: iso39794.RegistryIDBlock{Organization: x.Measure[0], ID: x.Measure[1]},
					Score: iso39794.ScoreOrError{Score: x.print.Score}}}
			}
		}),
		row("spatialSamplingRateBlock", "fixed", bsi+": 500 ppi", func(_ *cardScope, r *iso39794.FingerRepresentation) {
			r.SamplingRate = &iso39794.SpatialSamplingRateBlock{SamplesPerUnit: 500}
		}),
		row("imageHasBeenLossilyCompressed", "fixed", fi3, func(_ *cardScope, r *iso39794.FingerRepresentation) {
			r.ImageHasBeenLossilyCompressed = iso39794.Yes
		}),
	}
}

// face39794Rows are the record of the portrait in the third generation.
func face39794Rows() []cardRow[*iso39794.FaceImageDataBlock] {
	type to = *iso39794.FaceImageDataBlock
	row := func(at, from, source string, set func(x *cardScope, i *iso39794.FaceImage2D)) cardRow[to] {
		return cardField("39794-5", at, from, source, func(x *cardScope, to to) { set(x, &to.Representations[0].Image) })
	}
	return []cardRow[to]{
		row("imageDataFormat", "fixed", fa3, func(_ *cardScope, i *iso39794.FaceImage2D) {
			i.Information.ImageDataFormat = iso39794.Of(iso39794.FaceJPEG)
		}),
		row("faceImageKind2D", "fixed", fa3, func(_ *cardScope, i *iso39794.FaceImage2D) {
			i.Information.FaceImageKind = new(iso39794.Of(iso39794.MRTD))
		}),
		row("imageSizeBlock", "portrait.width portrait.height", fa3, func(x *cardScope, i *iso39794.FaceImage2D) {
			i.Information.ImageSize = &iso39794.ImageSizeBlock{Width: x.record.Portrait.Width, Height: x.record.Portrait.Height}
		}),
		row("imageColourSpace", "part:portrait", fa3, func(x *cardScope, i *iso39794.FaceImage2D) {
			i.Information.ColourSpace = new(iso39794.Of(map[string]iso39794.ColourSpace{"SRGB": iso39794.RGB24, "GRAY": iso39794.Greyscale8}[x.colours()]))
		}),
		row("captureDeviceTechnologyId2D", "portrait.source", fa3, func(x *cardScope, i *iso39794.FaceImage2D) {
			i.CaptureDevice = &iso39794.FaceCaptureDevice2D{Technology: new(iso39794.Of(iso39794.FaceTechnology(x.source())))}
		}),
		row("representationData2D", "part:portrait", "R380 art. 4b; "+bsi+": never compressed twice", func(x *cardScope, i *iso39794.FaceImage2D) { i.Data = x.packed }),
	}
}

// Sources of a template's fields.
const (
	lds    = "ICAO 9303-10"
	format = "card.iso_39794"
)

// templateRow is a field of a template.
func templateRow(block, at, from string, set func(x *cardScope, to *cbeff.Template)) cardRow[*cbeff.Template] {
	return cardField(block, at, from, lds, set)
}

// faceTemplateRows wrap the face, fingerTemplateRows one print, for the chip.
func faceTemplateRows() []cardRow[*cbeff.Template] {
	return []cardRow[*cbeff.Template]{
		templateRow("DG2", "81 biometric type", "fixed", func(_ *cardScope, to *cbeff.Template) { to.Header.Modality = cbeff.Face }),
		templateRow("DG2", "82 biometric subtype", "fixed", func(_ *cardScope, to *cbeff.Template) { to.Header.Subtype = new(cbeff.Subtype(0)) }),
		templateRow("DG2", "87 format owner", "fixed", func(_ *cardScope, to *cbeff.Template) { to.Header.Owner = cbeff.SC37 }),
		templateRow("DG2", "88 format type", format, func(x *cardScope, to *cbeff.Template) {
			to.Header.Format = map[bool]cbeff.Format{false: cbeff.Face19794, true: cbeff.Face39794}[x.Third]
		}),
		templateRow("DG2", "5F2E or 7F2E, the record", "part:portrait", func(x *cardScope, to *cbeff.Template) { to.Record = x.packed }),
	}
}

func fingerTemplateRows() []cardRow[*cbeff.Template] {
	return []cardRow[*cbeff.Template]{
		templateRow("DG3", "81 biometric type", "fixed", func(_ *cardScope, to *cbeff.Template) { to.Header.Modality = cbeff.Finger }),
		templateRow("DG3", "82 biometric subtype", "prints[].position", func(x *cardScope, to *cbeff.Template) {
			to.Header.Subtype = new(cbeff.SubtypeOf(int(x.print.Position)))
		}),
		templateRow("DG3", "87 format owner", "fixed", func(_ *cardScope, to *cbeff.Template) { to.Header.Owner = cbeff.SC37 }),
		templateRow("DG3", "88 format type", format, func(x *cardScope, to *cbeff.Template) {
			to.Header.Format = map[bool]cbeff.Format{false: cbeff.Finger19794, true: cbeff.Finger39794}[x.Third]
		}),
		templateRow("DG3", "5F2E or 7F2E, the record", "part:print", func(x *cardScope, to *cbeff.Template) { to.Record = x.packed }),
	}
}

// fieldsOf are the fields of some rows.
func fieldsOf[T any](rows []cardRow[T]) (all []Field) {
	for _, r := range rows {
		all = append(all, r.Field)
	}
	return all
}

// cardFields are the fields of everything that a card producer may get.
func cardFields() []Field {
	return slices.Concat(fieldsOf(faceRows2005()), fieldsOf(fingerRows2005()), fieldsOf(face39794Rows()), fieldsOf(finger39794Rows()),
		fieldsOf(faceTemplateRows()), fieldsOf(fingerTemplateRows()))
}
