package record

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"strconv"
	"strings"
	"unicode/utf8"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

// nistVendor is NIST in the registry of CBEFF: whose measure NFIQ 2 is.
const nistVendor = "000F"

const bsi = "BSI TR-03121-3"

// printRows are the Type-14 record of one finger, with its print or without.
// IDC equals the finger, as in EES.
func printRows() []func(int) row {
	position := func(x *scope) [][]string { return one(strconv.Itoa(int(x.finger()))) }
	number := func(n func(p *printed) int) func(x *scope) [][]string {
		return func(x *scope) [][]string { return one(strconv.Itoa(n(x.print))) }
	}
	ppi := number(func(p *printed) int { return nominal(p.Print) })
	const which = "prints[].position exceptions[].position"
	return []func(int) row{
		field(2, "IDC", which, Always, itl, position),
		field(3, "IMP", "prints[].plain", WithImage, itl, number(func(p *printed) int { return map[bool]int{true: 0, false: 1}[p.Plain] })),
		field(4, "SRC", "profile.agency", Always, itl, func(x *scope) [][]string { return one(x.record.Profile.Agency) }),
		field(5, "FCD", "prints[].at exceptions[].at inability.at", Always, itl, func(x *scope) [][]string { return one(x.day()) }),
		field(6, "HLL", "prints[].width", WithImage, itl, number(func(p *printed) int { return p.Width })),
		field(7, "VLL", "prints[].height", WithImage, itl, number(func(p *printed) int { return p.Height })),
		field(8, "SLC", "fixed", WithImage, itl, fixed("1")),
		field(9, "THPS", "prints[].ppi", WithImage, itl, ppi),
		field(10, "TVPS", "prints[].ppi", WithImage, itl, ppi),
		field(11, "CGA", "prints[].ppi", WithImage, bsi, func(x *scope) [][]string { return one(x.coding) }),
		field(12, "BPX", "fixed", WithImage, itl, fixed("8")),
		field(13, "FGP", which, Always, itl, position),
		field(18, "AMP", "exceptions[].position", WithoutImage, itl+": UP, there is no image", func(x *scope) [][]string {
			return [][]string{{strconv.Itoa(int(x.gone.finger)), "UP"}}
		}),
		field(20, "COM", "exceptions[].reason inability.kind", WithoutImage, "law digest § 4", func(x *scope) [][]string { return one(x.gone.reason) }),
		field(24, "FQM", "prints[].position prints[].score prints[].algorithm agreement.algorithm", IfKnown, "Impl. Decision (EU) 2019/329: NFIQ 2", scored),
		hashOf("part:print prints[].ppi", func(x *scope) []byte { return x.packed }),
		imageOf("part:print prints[].ppi", bsi, func(x *scope) []byte { return x.packed }),
	}
}

// hashOf is field 996, by which a receiver knows that an image is whole.
func hashOf(from string, data func(x *scope) []byte) func(int) row {
	return field(996, "HAS", from, WithImage, itl, func(x *scope) [][]string { return one(nist.Hash(data(x))) })
}

// imageOf is field 999.
func imageOf(from, source string, data func(x *scope) []byte) func(int) row {
	return func(typ int) row {
		r := field(999, "DATA", from, WithImage, source, nil)(typ)
		r.data = data
		return r
	}
}

func (x *scope) finger() finger.Position {
	if x.gone != nil {
		return x.gone.finger
	}
	return x.print.Position
}

// day is the local day on which the print was taken, or its absence seen.
func (x *scope) day() string {
	at := x.record.Finished
	switch {
	case x.print != nil:
		at = x.print.At
	case x.gone != nil:
		at = x.gone.at
	}
	return at.Format(nist.DateLayout)
}

// scored is the quality of a print. A score of the estimate is no NFIQ 2 and is
// told to nobody.
func scored(x *scope) [][]string {
	if x.print == nil || x.print.Algorithm != finger.NFIQ2 {
		return nil
	}
	return [][]string{{strconv.Itoa(int(x.print.Position)), strconv.Itoa(x.print.Score), nistVendor, strconv.Itoa(x.Algorithm)}}
}

// deviceRows tell how a print came to be, to a receiver who keeps it.
func deviceRows() []func(int) row {
	return []func(int) row{
		field(26, "SCF", "prints[].slap", IfKnown, itl+": the prints of one slap", func(x *scope) [][]string {
			if x.print == nil || x.print.Slap == 0 {
				return nil
			}
			return one(strconv.Itoa(int(x.print.Slap)))
		}),
		field(30, "DMM", "force", Always, itl+": an officer stands by, or the police secured the capture", func(x *scope) [][]string {
			if x.record.Force != nil {
				return one("CONTROLLED")
			}
			return one("ASSISTED")
		}),
		field(31, "FAP", "prints[].device.fap", IfKnown, itl+": as the site says from the scanner's certificate", func(x *scope) [][]string {
			if x.print == nil || x.print.Device.FAP == 0 {
				return nil
			}
			return one(strconv.Itoa(x.print.Device.FAP))
		}),
		field(904, "MMS", "prints[].device.maker prints[].device.model prints[].device.serial", WithImage, "law digest § 8", func(x *scope) [][]string {
			d := x.print.Device
			return [][]string{{line(d.Maker, 50), line(d.Model, 50), line(d.Serial, 50)}}
		}),
	}
}

// faceIDC is that of the face, behind those of the fingers.
const faceIDC = "11"

// faceRows are the Type-10 record.
func faceRows() []row {
	portrait := func(n func(p *capture.Portrait) string) func(x *scope) [][]string {
		return func(x *scope) [][]string { return one(n(x.record.Portrait)) }
	}
	rows := []func(int) row{
		field(2, "IDC", "fixed", Always, itl, fixed(faceIDC)),
		field(3, "IMT", "fixed", Always, itl, fixed("FACE")),
		field(4, "SRC", "profile.agency", Always, itl, func(x *scope) [][]string { return one(x.record.Profile.Agency) }),
		field(5, "PHD", "portrait.at", Always, itl, portrait(func(p *capture.Portrait) string { return p.At.Format(nist.DateLayout) })),
		field(6, "HLL", "portrait.width", Always, itl, portrait(func(p *capture.Portrait) string { return strconv.Itoa(p.Width) })),
		field(7, "VLL", "portrait.height", Always, itl, portrait(func(p *capture.Portrait) string { return strconv.Itoa(p.Height) })),
		field(8, "SLC", "fixed", Always, itl, fixed("0")),
		field(9, "THPS", "fixed", Always, itl, fixed("1")),
		field(10, "TVPS", "fixed", Always, itl, fixed("1")),
		field(11, "CGA", "portrait.media_type", Always, itl, portrait(func(p *capture.Portrait) string {
			return map[string]string{"image/jpeg": "JPEGB", "image/png": "PNG"}[p.MediaType]
		})),
		field(12, "CSP", "part:portrait", Always, itl, func(x *scope) [][]string { return one(x.colours()) }),
		field(13, "SAP", "portrait.checks", Always, itl+": 13 is full frontal by ISO/IEC 19794-5, 0 unknown", portrait(func(p *capture.Portrait) string {
			if len(face.Failed(p.Checks)) > 0 {
				return "0"
			}
			return "13"
		})),
		field(20, "POS", "fixed", Always, itl, fixed("F")),
		field(23, "PAS", "portrait.source", Always, itl, portrait(func(p *capture.Portrait) string {
			return cmp.Or(map[string]string{"live": "DIGITAL CAMERA", "paper": "SCANNER"}[p.Source], "UNKNOWN PHOTO")
		})),
		hashOf("part:portrait", func(x *scope) []byte { return x.portrait }),
		imageOf("part:portrait", bsi+": never compressed twice", func(x *scope) []byte { return x.portrait }),
	}
	return of(10, rows...)
}

// colours is the colour space of the portrait.
func (t *taken) colours() string {
	c, _, err := image.DecodeConfig(bytes.NewReader(t.portrait))
	switch {
	case err != nil:
		return ""
	case c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model:
		return "GRAY"
	}
	return "SRGB"
}

// textRows are a Type-2 record. Its IDC is 0, as in EES.
func textRows(rows ...func(int) row) []row {
	return of(2, append([]func(int) row{field(2, "IDC", "fixed", Always, itl, fixed("0"))}, rows...)...)
}

// version and sent are what Type-2 records of EES begin with.
func version() func(int) row {
	return field(3, "SYS", "agreement.version", Always, "EES", func(x *scope) [][]string { return one(x.Version) })
}

func sent(source string) func(int) row {
	return field(4, "DAR", "transmission.sent", Always, source, func(x *scope) [][]string { return one(x.Sent.Format(nist.DateLayout)) })
}

// datum is a Type-2 field that says one piece of the case's data.
func datum(number int, name, from, source string, say func(d capture.Data, f rule.Facts) string) func(int) row {
	return field(number, name, from, Always, source, func(x *scope) [][]string {
		var d capture.Data
		if x.record.Case.Data != nil {
			d = *x.record.Case.Data
		}
		return one(say(d, x.record.Case.Facts))
	})
}

// line is a text of a device or of an authority as a field can hold it: without
// separators, and no longer than so many characters.
func line(s string, most int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s))
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}
