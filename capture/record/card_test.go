package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"reflect"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/record/tlv"
	"optag/capture/rule"
)

// family is a person reunited with family, whose index fingers were taken.
func family(t testing.TB, fingers ...finger.Position) *made {
	return begin(t, rule.ResidenceCard, rule.AA9).sits("image/jpeg").takes(fingers...)
}

// names lists the files of a card.
func nameList(parts []capture.Part) string {
	var list []string
	for _, p := range parts {
		list = append(list, p.Name)
	}
	return strings.Join(list, " ")
}

func part(t *testing.T, parts []capture.Part, name string) []byte {
	t.Helper()
	for _, p := range parts {
		if p.Name == name {
			return p.Data
		}
	}
	t.Fatalf("no %s among %s", name, nameList(parts))
	return nil
}

// TestCardFiles: what was captured has its files, and nothing else has.
func TestCardFiles(t *testing.T) {
	child := aged(begin(t, rule.ResidenceCard, rule.AA9), 2022).sits("image/jpeg")
	for _, c := range []struct {
		name  string
		m     *made
		third bool
		want  string
		err   error
	}{
		{"both index fingers", family(t, 2, 7), false, "face.fac right_index.fir left_index.fir dg2.bin dg3.bin", nil},
		{"both index fingers, third generation", family(t, 2, 7), true, "face.39794-5 right_index.39794-4 left_index.39794-4 dg2.bin dg3.bin", nil},
		{"the left middle finger in place of the index", family(t, 2, 8).lacks(capture.Temporary, 7), false,
			"face.fac right_index.fir left_middle.fir dg2.bin dg3.bin", nil},
		{"one finger in all", family(t, 2).lacks(capture.Missing, 1, 3, 4, 6, 7, 8, 9), false, "face.fac right_index.fir dg2.bin dg3.bin", nil},
		{"a child of four", child, false, "face.fac dg2.bin", nil},
		{"no hands", unable(family(t), rule.UnablePermanently), false, "face.fac dg2.bin", nil},
		{"prints refused", refuses(family(t), rule.ItemPrints), false, "", ErrRefused},
		{"everything refused", refuses(begin(t, rule.ResidenceCard, rule.AA9), rule.ItemPrints, rule.ItemPhoto), false, "", ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := CardDefaults()
			settings.Third = c.third
			parts, err := WriteCard(set[Card](c.m), settings)
			if !errors.Is(err, c.err) || nameList(parts) != c.want {
				t.Errorf("WriteCard = %s, %v; want %s, %v", nameList(parts), err, c.want, c.err)
			}
		})
	}
}

// TestCardRecordsOf2005 reads what was written, and compares the headers with
// those of the standard byte for byte.
func TestCardRecordsOf2005(t *testing.T) {
	m := family(t, 2, 7)
	parts, err := WriteCard(set[Card](m), CardDefaults())
	if err != nil {
		t.Fatal(err)
	}
	face, right := part(t, parts, "face.fac"), part(t, parts, "right_index.fir")
	r, err := iso19794.ReadFinger(right)
	if err != nil {
		t.Fatal(err)
	}
	i := r.Images[0]
	if i.Position != 2 || i.Qualities[0].Score != 62 || i.Coding != iso19794.WSQ || i.Impression != iso19794.LivePlain {
		t.Errorf("the record is of finger %d, quality %v, %v", i.Position, i.Qualities, i.Coding)
	}
	n := len(right)
	head := []byte{'F', 'I', 'R', 0, '0', '1', '0', 0, 0, 0, 0, byte(n >> 16), byte(n >> 8), byte(n), 0, 0, 0, 31, 1, 1,
		1, 0xf4, 1, 0xf4, 1, 0xf4, 1, 0xf4, 8, 2, 0, 0, // 500 ppi four times, 8 bits, WSQ
		0, 0, byte((n - 32) >> 8), byte(n - 32), 2, 1, 1, 62, 0, 272 >> 8, 272 & 255, 1, 44, 0} // view: finger 2 of 1, 272 × 300
	if !bytes.HasPrefix(right, head) {
		t.Errorf("the record begins %x\nwant             %x", right[:len(head)], head)
	}
	f, err := iso19794.ReadFace(face)
	if err != nil {
		t.Fatal(err)
	}
	own := m.parts[0].Data
	if p := f.Images[0]; p.Kind != iso19794.FullFrontal || p.Technology != 2 || !bytes.Equal(p.Data, own) || p.Width != 622 || p.Sex != 0 {
		t.Errorf("the face is %+v", p.Capture)
	}
	n = len(face)
	head = []byte{'F', 'A', 'C', 0, '0', '1', '0', 0, 0, 0, byte(n >> 8), byte(n), 0, 1}
	if !bytes.HasPrefix(face, head) || binary.BigEndian.Uint32(face[14:]) != uint32(n-14) {
		t.Errorf("the face begins %x, want %x", face[:18], head)
	}
}

// TestCardRecordsOfTheThirdGeneration reads what was written.
func TestCardRecordsOfTheThirdGeneration(t *testing.T) {
	m := family(t, 2, 7)
	settings := CardDefaults()
	settings.Third = true
	parts, err := WriteCard(set[Card](m), settings)
	if err != nil {
		t.Fatal(err)
	}
	f, err := iso39794.ReadFinger(part(t, parts, "left_index.39794-4"))
	if err != nil {
		t.Fatal(err)
	}
	if r := f.Representations[0]; r.Position.Value != 7 || r.Quality[0].Score.Score != 67 || r.SamplingRate.SamplesPerUnit != 500 {
		t.Errorf("the record is of finger %v, %+v", r.Position, r.Quality)
	}
	if img, _, err := wsq.Decode(f.Representations[0].ImageData, 0); err != nil || img.Rect.Dx() != 256+8*7 {
		t.Errorf("the print: %v", err)
	}
	face, err := iso39794.ReadFace(part(t, parts, "face.39794-5"))
	if err != nil {
		t.Fatal(err)
	}
	if r := face.Representations[0]; !bytes.Equal(r.Image.Data, m.parts[0].Data) || r.Image.Information.ImageSize.Width != 622 {
		t.Error("the portrait is not the camera's")
	}
}

// TestTemplatesForTheChip: both prints lie in data group 3, each under its own
// finger, in either generation.
func TestTemplatesForTheChip(t *testing.T) {
	s := set[Card](family(t, 2, 8).lacks(capture.Missing, 7))
	for _, third := range []bool{false, true} {
		settings := CardDefaults()
		settings.Third = third
		parts, err := WriteCard(s, settings)
		if err != nil {
			t.Fatal(err)
		}
		prints, err := cbeff.Read(part(t, parts, "dg3.bin"), tlv.DER)
		if err != nil || len(prints.Templates) != 2 {
			t.Fatalf("data group 3: %+v, %v", prints, err)
		}
		for i, p := range []int{2, 8} {
			got, _ := prints.Templates[i].Header.Subtype.Position()
			if file := parts[1+i]; got != p || !bytes.Equal(prints.Templates[i].Record, file.Data) {
				t.Errorf("template %d is of finger %d and not %s", i, got, file.Name)
			}
		}
		if face, err := cbeff.Read(part(t, parts, "dg2.bin"), tlv.DER); err != nil || !bytes.Equal(face.Templates[0].Record, parts[0].Data) {
			t.Errorf("data group 2: %v", err)
		}
		if begin := []byte{0x63, 0x82}; !third && !bytes.HasPrefix(part(t, parts, "dg3.bin"), begin) {
			t.Error("data group 3 begins otherwise")
		}
	}
}

// TestPrintsForTheChip: a large print comes out between 17 and 18 kB.
func TestPrintsForTheChip(t *testing.T) {
	m := family(t, 2)
	m.print(7, ridges(800, 900, 7), 500)
	s := set[Card](m)
	for _, chip := range []bool{false, true} {
		settings := CardDefaults()
		settings.Chip = chip
		parts, err := WriteCard(s, settings)
		if err != nil {
			t.Fatal(err)
		}
		r, err := iso19794.ReadFinger(part(t, parts, "left_index.fir"))
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := wsq.Decode(r.Images[0].Data, 0)
		if err != nil || img.Rect.Dx() != 800 {
			t.Fatalf("the print: %v", err)
		}
		n := len(r.Images[0].Data)
		if on := n >= 17000 && n <= 18*1024; on != chip {
			t.Errorf("for the chip %v: %d bytes", chip, n)
		}
	}
}

// TestPortraitWithoutLoss: a PNG is packed as JPEG, for the first time and as
// well as can be.
func TestPortraitWithoutLoss(t *testing.T) {
	m := begin(t, rule.ResidenceCard, rule.AA9).sits("image/png").takes(2, 7)
	parts, err := WriteCard(set[Card](m), CardDefaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := iso19794.ReadFace(part(t, parts, "face.fac"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(f.Images[0].Data))
	if err != nil || c.Width != 622 || c.Height != 800 {
		t.Errorf("the portrait: %+v, %v", c, err)
	}
}

// TestSticker: the face of a long-stay visa, and of no other.
func TestSticker(t *testing.T) {
	long := begin(t, rule.LongStayVisa, rule.AA9).sits("image/jpeg")
	long.r.Case.Facts.WithCustodian = true
	aged(long, 2015)
	p, err := WriteSticker(set[Visa](long))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := iso19794.ReadFace(p.Data); err != nil || !bytes.Equal(f.Images[0].Data, long.parts[0].Data) {
		t.Errorf("the sticker's face: %v", err)
	}
	if _, err := WriteVIS(set[Visa](long), VISAgreement(), sending()); !errors.Is(err, ErrPurpose) {
		t.Errorf("a sticker's face goes to VIS: %v", err)
	}
	vis := begin(t, rule.VIS, rule.Visa).sits("image/jpeg").takes(all...)
	if _, err := WriteSticker(set[Visa](vis)); !errors.Is(err, ErrPurpose) {
		t.Errorf("the face of VIS becomes a sticker: %v", err)
	}
}

// TestEveryFieldOfACardIsTraced: each field changes with what it comes from,
// and with nothing else in the session.
func TestEveryFieldOfACardIsTraced(t *testing.T) {
	traced(t, faceRows2005(), func() *iso19794.FaceRecord { return &iso19794.FaceRecord{Images: make([]iso19794.FaceImage, 1)} })
	traced(t, fingerRows2005(), func() *iso19794.FingerRecord { return &iso19794.FingerRecord{Images: make([]iso19794.FingerImage, 1)} })
	traced(t, faceTemplateRows(), func() *cbeff.Template { return new(cbeff.Template) })
	traced(t, fingerTemplateRows(), func() *cbeff.Template { return new(cbeff.Template) })
	traced(t, face39794Rows(), func() *iso39794.FaceImageDataBlock {
		return &iso39794.FaceImageDataBlock{Representations: make([]iso39794.FaceRepresentation, 1)}
	})
	traced(t, finger39794Rows(), func() *iso39794.FingerImageDataBlock {
		return &iso39794.FingerImageDataBlock{Representations: make([]iso39794.FingerRepresentation, 1)}
	})
}

func traced[T any](t *testing.T, rows []cardRow[T], fresh func() T) {
	t.Helper()
	m := family(t, 2)
	m.close()
	w := world{Session: m.r, Card: CardDefaults(), portrait: portrait("image/jpeg")}
	made := func(w world, r cardRow[T]) T {
		set := &taken{record: w.Session, portrait: w.portrait}
		x := &cardScope{taken: set, CardSettings: w.Card, print: &printed{Print: w.Session.Prints[0]}, packed: []byte{w.shade}}
		if slices.Contains([]string{"FAC", "39794-5", "DG2"}, rows[0].Block) {
			x.packed = w.portrait
		}
		return filled(x, []cardRow[T]{r}, fresh())
	}
	paths := append(leaves(reflect.ValueOf(m.r), ""), "part:print", "part:portrait", "card.measure", "card.iso_39794")
	paths = slices.DeleteFunc(paths, func(p string) bool {
		return strings.Contains(p, "birth_date") || strings.HasSuffix(p, "[]") || strings.HasPrefix(p, "portrait.checks")
	})
	for _, path := range paths {
		other := w.copy(t)
		other.changeAt(t, path)
		for _, r := range rows {
			if r.Source == "" || r.From == "" {
				t.Errorf("the line of %s is not whole", r.At)
			}
			changed := !reflect.DeepEqual(made(w, r), made(other, r))
			if changed != names(r.Field, path) {
				t.Errorf("%s, %s: changed with %s: %v", r.Block, r.At, path, changed)
			}
		}
	}
}
