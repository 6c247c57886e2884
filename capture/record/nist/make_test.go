package nist_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"testing"

	"optag/capture/finger/wsq"
	"optag/capture/record/nist"
)

// wsqHead is the shortest stream that says it is a WSQ image of that size: the
// frame header, then the four separators as the image's data.
func wsqHead(width, height int) []byte {
	b := []byte{0xff, 0xa0, 0xff, 0xa2, 0, 17, 0, 255}
	b = binary.BigEndian.AppendUint16(b, uint16(height))
	b = binary.BigEndian.AppendUint16(b, uint16(width))
	b = append(b, make([]byte, 9)...)
	return append(b, 0x1c, 0x1d, 0x1e, 0x1f, 0xff, 0xa1)
}

// picture paints a picture of waves.
func picture(width, height int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, width, height))
	for i := range g.Pix {
		x, y := i%width, i/width
		g.Pix[i] = byte(128 + (x*x+3*y)%97 - (y*7+x)%31)
	}
	return g
}

func pngOf(t testing.TB, width, height int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture(width, height)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, width, height int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(width, height), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wsqOf(t testing.TB, width, height int, rate float64) []byte {
	b, err := wsq.Encode(picture(width, height), wsq.Options{Rate: rate, PPI: 500})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// jp2Head is the beginning of a JP2 file; with bare of a codestream.
func jp2Head(width, height uint32, bare bool) []byte {
	if bare {
		b := []byte{0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0}
		for _, n := range []uint32{width, height, 0, 0} {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	b := []byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 \x00\x00\x00\x00jp2 \x00\x00\x00\x2djp2h\x00\x00\x00\x16ihdr")
	b = binary.BigEndian.AppendUint32(b, height)
	return append(binary.BigEndian.AppendUint32(b, width), 0, 3, 7, 7, 0, 0)
}

func header() nist.Header {
	return nist.Header{
		Transaction: "EES", Date: "20230425", Priority: 9, Destination: "sBMS", Origin: "DNKpol00", Control: "0",
		Domain: nist.Domain{Name: "EES", Version: "1.00"}, GMT: "20230425162700Z",
	}
}

// onePrint is a plain print of one finger, IDC and FGP alike.
func onePrint(finger int, data []byte, width, height int) nist.Print {
	return nist.Print{
		Sample: nist.Sample{IDC: finger, Source: "DNKpol00", Date: "20230425"},
		Image:  nist.Image{Width: width, Height: height, Unit: nist.PerInch, Across: 500, Down: 500, Compression: "WSQ20", Data: data},
		Depth:  8, Finger: finger,
		Scores: []nist.Quality{{Position: finger, Score: 47 + finger, Vendor: 0x000f, Algorithm: 65535}},
	}
}

// slapPrint is a plain right slap with everything that may be said of one.
func slapPrint(data []byte, width, height int) nist.Print {
	p := onePrint(13, data, width, height)
	p.Sample = nist.Sample{
		IDC: 1, Source: "DNKpol00", Date: "20230425", ScanAcross: 500, ScanDown: 500, Comment: "blåskrift", Monitoring: "ASSISTED",
		Condition: []string{"A"}, Organiser: "Udlændingestyrelsen", Steps: []nist.Step{{"20230425162700Z", "cut", "DNK", "one finger each"}},
		Device: "M0123456789AB", Maker: [3]string{"Make", "Model", "Serial"}, Agency: "Politiet", Hash: nist.Hash(data),
	}
	q := nist.Quality{Position: 2, Score: 60, Vendor: 0x000f, Algorithm: 65535}
	p.Amputations = []nist.Amputation{{5, "XX"}}
	p.Segments = []nist.Segment{{2, 0, width / 2, 0, height}, {3, width / 2, width, 0, height / 2}}
	p.NISTScores = []nist.NISTScore{{2, 1}, {3, 254}}
	p.Outlines = []nist.Outline{{4, [][2]int{{0, 0}, {width, 0}, {0, height}}}}
	p.SegmentScores, p.Scores = []nist.Quality{q}, []nist.Quality{q}
	p.Simultaneous, p.Stitched, p.Profile, p.Technology = 1, true, 60, 3
	p.OtherFields = []nist.Field{nist.NewField(200, []string{"own", "field"}, []string{"twice"})}
	return p
}

func onePalm(data []byte, width, height int) nist.Palm {
	p := onePrint(0, data, width, height)
	return nist.Palm{
		Sample: p.Sample, Image: p.Image, Depth: 8, Position: 21, Technology: 3, Amputations: []nist.Amputation{{21, "XX"}},
		Scores: []nist.Quality{{21, 80, 0x000f, 1}},
	}
}

func oneFace(data []byte, width, height int) nist.Face {
	return nist.Face{
		Sample: nist.Sample{Source: "DNKpol00", Date: "20230425", Comment: "indoors", Monitoring: "ASSISTED"},
		Image:  nist.Image{Width: width, Height: height, Unit: nist.PerInch, Across: 300, Down: 300, Compression: "JPEGB", Data: data},
		Kind:   "FACE", Colours: "GRAY", Profile: 40, Pose: "D", Angle: -3, Angles: []int{-3, 2, 0, 1, 1, 1},
		Acquisition: nist.Acquisition{Code: "DIGITAL CAMERA"}, Scores: []nist.Quality{{0, 71, 0x000f, 2}},
		Attributes: []string{"GLASSES", "BEARD"}, Eyes: "BLU", Hair: []string{"BRO"},
		Points: []nist.FeaturePoint{{1, "12.1", 40, 30}}, Transforms: []string{"CROPPED"},
	}
}

// fullFile holds a record of each kind that can be written.
func fullFile(t testing.TB) *nist.Transaction {
	h := header()
	h.Charset = 3
	file := nist.New(h)
	file.AddText(nist.NewField(3, []string{"0100"}), nist.NewField(18, []string{"Sørensen", "Åse"}, []string{"Soerensen", ""}))
	file.AddPrint(slapPrint(wsqHead(1600, 1000), 1600, 1000))
	file.AddPrint(onePrint(7, wsqHead(400, 582), 400, 582))
	file.AddPrint(nist.Print{
		Sample: nist.Sample{IDC: 8, Source: "DNKpol00", Date: "20230425"}, Finger: 8, Amputations: []nist.Amputation{{8, "UP"}},
	})
	file.AddPalm(onePalm(wsqHead(1200, 2500), 1200, 2500))
	file.AddFace(oneFace(jpegOf(t, 62, 80), 62, 80))
	return file
}

// encode turns a file as it is printed into its bytes: a line for a field, # for
// the end of a record, ^ between sub-fields and | between items; «…» are bytes in
// hexadecimal.
func encode(printed string) []byte {
	text := strings.NewReplacer("#\n", "\x1c", "\n", "\x1d", "^", "\x1e", "|", "\x1f").Replace(printed)
	var out []byte
	for {
		before, rest, found := strings.Cut(text, "«")
		out = append(out, before...)
		if !found {
			return out
		}
		digits, rest, _ := strings.Cut(rest, "»")
		for i := 0; i < len(digits); i += 2 {
			b, _ := strconv.ParseUint(digits[i:i+2], 16, 8)
			out = append(out, byte(b))
		}
		text = rest
	}
}

// roundTrip parses a file, which must be written as it was read.
func roundTrip(t *testing.T, data []byte) *nist.Transaction {
	t.Helper()
	file, err := nist.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := file.Bytes(); !bytes.Equal(got, data) {
		t.Fatalf("read and written again:\n%.300q, want\n%.300q", got, data)
	}
	return file
}

// noFault checks a file that is as it should be.
func noFault(t *testing.T, file *nist.Transaction) {
	t.Helper()
	for _, f := range nist.Check(file) {
		t.Error(f)
	}
}
