package record

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

var all = finger.All()

// all makes a set of the purpose that the case has, and writes its transaction.
func transaction(m *made) ([]byte, error) {
	m.t.Helper()
	switch m.r.Case.Facts.Purpose {
	case rule.Eurodac:
		return WriteEurodac(set[Eurodac](m), EurodacAgreement(), sending())
	case rule.PoliceRegister:
		return WriteRegister(set[Register](m), RegisterAgreement(), sending())
	case rule.VIS:
		return WriteVIS(set[Visa](m), VISAgreement(), sending())
	}
	m.t.Fatalf("no transaction of %s", m.r.Case.Facts.Purpose)
	return nil, nil
}

// fingers tells the Type-14 records of a file: "2:WSQ20", "9:UP missing".
func fingers(t *testing.T, file []byte) string {
	t.Helper()
	tr, err := nist.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, r := range tr.OfType(14) {
		p, err := r.Print()
		if err != nil {
			t.Fatal(err)
		}
		word := r.Text(13) + ":" + p.Compression
		for _, a := range p.Amputations {
			word += a.Code + " " + p.Comment
		}
		words = append(words, word)
	}
	if len(tr.OfType(10)) > 0 {
		words = append(words, "face")
	}
	return strings.Join(words, ", ")
}

// TestWhoIsSentHow tells, of each kind of case, which records its file has.
func TestWhoIsSentHow(t *testing.T) {
	art4 := capture.Data{Reference: "DK1A118402", Sex: capture.Unspecified, Place: "Sandholm"}
	stay := capture.Data{Reference: "DK3118402"}
	for _, c := range []struct {
		name string
		m    *made
		want string
	}{
		{"an asylum seeker with ten fingers", begin(t, rule.Eurodac, rule.Art4).takes(all...).with(art4),
			"1:WSQ20, 2:WSQ20, 3:WSQ20, 4:WSQ20, 5:WSQ20, 6:WSQ20, 7:WSQ20, 8:WSQ20, 9:WSQ20, 10:WSQ20"},
		{"an asylum seeker with one finger", begin(t, rule.Eurodac, rule.Art4).takes(2).lacks(capture.Missing, 1, 3).lacks(capture.Temporary, 4, 5, 6).
			lacks(capture.Permanent, 7, 8, 9, 10).with(art4),
			"1:UP missing, 2:WSQ20, 3:UP missing, 4:UP temporary, 5:UP temporary, 6:UP temporary, 7:UP permanent, 8:UP permanent, 9:UP permanent, 10:UP permanent"},
		{"an illegal stay of whom the index fingers are taken", indexOnly(begin(t, rule.Eurodac, rule.Art11)).takes(2, 7).with(stay), "2:WSQ20, 7:WSQ20"},
		{"an irregular crossing", begin(t, rule.Eurodac, rule.Art8).takes(nine...).lacks(capture.Temporary, 9).
			with(capture.Data{Reference: "DK2118402", Sex: capture.Male, Place: "Kastrup", Apprehended: rule.DateOf(noon)}),
			"1:WSQ20, 2:WSQ20, 3:WSQ20, 4:WSQ20, 5:WSQ20, 6:WSQ20, 7:WSQ20, 8:WSQ20, 9:UP temporary, 10:WSQ20"},
		{"a visa applicant", begin(t, rule.VIS, rule.Visa).takes(nine...).lacks(capture.Missing, 9).sits("image/jpeg"),
			"1:WSQ20, 2:WSQ20, 3:WSQ20, 4:WSQ20, 5:WSQ20, 6:WSQ20, 7:WSQ20, 8:WSQ20, 9:UP missing, 10:WSQ20, face"},
		{"a visa applicant of eleven", aged(begin(t, rule.VIS, rule.Visa), 2015).sits("image/png"), "face"},
		{"a visa applicant who can never give prints", unable(begin(t, rule.VIS, rule.Visa), rule.UnablePermanently).sits("image/jpeg"),
			"1:UP permanent, 2:UP permanent, 3:UP permanent, 4:UP permanent, 5:UP permanent, 6:UP permanent, 7:UP permanent, 8:UP permanent, 9:UP permanent, 10:UP permanent, face"},
		{"identification for the register", begin(t, rule.PoliceRegister, rule.Register3).takes(1, 2, 3, 4, 5).lacks(capture.Missing, 6, 7, 8, 9, 10),
			"1:WSQ20, 2:WSQ20, 3:WSQ20, 4:WSQ20, 5:WSQ20, 6:UP missing, 7:UP missing, 8:UP missing, 9:UP missing, 10:UP missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := transaction(c.m)
			if err != nil {
				t.Fatal(err)
			}
			if got := fingers(t, file); got != c.want {
				t.Errorf("the file holds %s\nwant %s", got, c.want)
			}
			if tr, _ := nist.Parse(file); !slices.Equal(tr.Bytes(), file) {
				t.Error("read and written again it is another file")
			}
		})
	}
}

func indexOnly(m *made) *made { m.r.Profile.IndexOnly = true; return m }

func aged(m *made, year int) *made {
	m.r.Case.Facts.BirthDate = rule.BirthDate{Year: year}
	return m
}

func unable(m *made, kind rule.Inability) *made {
	m.r.Case.Facts.Unable.Prints = kind
	m.r.Inability = &capture.Inability{Kind: kind, Note: "seen", SeenBy: "4711", At: noon}
	return m
}

func refuses(m *made, items ...rule.Item) *made {
	m.r.Case.Facts.Refuses = items
	m.r.Refusal = &capture.Refusal{Items: items, Explained: true, By: "4711", At: noon}
	return m
}

// TestWhoIsNotSent: what the receiver cannot or may not have is not written.
func TestWhoIsNotSent(t *testing.T) {
	art4 := capture.Data{Reference: "DK1A118402", Sex: capture.Male, Place: "Sandholm"}
	for _, c := range []struct {
		name string
		m    *made
		want error
		says string
	}{
		{"prints refused", refuses(begin(t, rule.Eurodac, rule.Art4).with(art4), rule.ItemPrints), ErrRefused, ""},
		{"a visa applicant who refuses the photo", refuses(begin(t, rule.VIS, rule.Visa).takes(all...), rule.ItemPhoto), ErrRefused, ""},
		{"an asylum seeker with both arms in plaster", unable(begin(t, rule.Eurodac, rule.Art4).with(art4), rule.UnableTemporarily), ErrNothing, ""},
		{"a register without prints", unable(begin(t, rule.PoliceRegister, rule.Register1), rule.UnableTemporarily), ErrNothing, ""},
		{"a station of no agency", func() *made {
			m := begin(t, rule.Eurodac, rule.Art4).takes(all...).with(art4)
			m.r.Profile.Agency = ""
			return m
		}(), nil, "profile.agency is missing"},
		{"the face that the recast wants", func() *made {
			m := begin(t, rule.Eurodac, rule.Art4).sits("image/jpeg").takes(all...).with(art4)
			m.r.Profile.Law.EurodacRecastFrom = rule.Date{Year: 2026, Month: 6, Day: 12}
			return m
		}(), ErrRecast, ""},
		{"a print at 1000 ppi for Eurodac", func() *made {
			m := begin(t, rule.Eurodac, rule.Art11).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10).with(capture.Data{Reference: "DK31"})
			m.print(2, ridges(512, 640, 2), 1000)
			return m
		}(), ErrDensity, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, err := transaction(c.m)
			if err == nil || file != nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%d bytes, %v; want %v %s", len(file), err, c.want, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "118402") {
				t.Errorf("the error tells a number: %v", err)
			}
		})
	}
}

// TestFinePrints: the register takes 1000 ppi, as they are.
func TestFinePrints(t *testing.T) {
	m := begin(t, rule.PoliceRegister, rule.Register1).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10)
	img := ridges(512, 640, 2)
	m.print(2, img, 1000)
	file, err := transaction(m)
	if err != nil {
		t.Fatal(err)
	}
	tr, _ := nist.Parse(file)
	r := tr.OfType(14)[1]
	got, ppi, _, err := finger.ReadImage(r.Data())
	if err != nil || ppi != 1000 || !slices.Equal(got.Pix, img.Pix) || r.Text(11) != "PNG" || r.Text(9) != "1000" {
		t.Errorf("the print is %s of %s ppi: %v", r.Text(11), r.Text(9), err)
	}
}

// TestImagesOfAFile: the print is packed once, from 10:1 to 20:1, and the
// portrait is the camera's own bytes.
func TestImagesOfAFile(t *testing.T) {
	m := begin(t, rule.VIS, rule.Visa).takes(1, 2).lacks(capture.Missing, 3, 4, 5, 6, 7, 8, 9, 10).sits("image/jpeg")
	file, err := transaction(m)
	if err != nil {
		t.Fatal(err)
	}
	tr, _ := nist.Parse(file)
	own := m.parts[slices.IndexFunc(m.parts, func(p capture.Part) bool { return p.Name == "portrait.jpg" })].Data
	if !slices.Equal(tr.OfType(10)[0].Data(), own) {
		t.Error("the portrait was packed again")
	}
	data := tr.OfType(14)[0].Data()
	img, info, err := wsq.Decode(data, 0)
	if err != nil || info.PPI != 500 {
		t.Fatalf("the print: %+v, %v", info, err)
	}
	if ratio := float64(len(img.Pix)) / float64(len(data)); ratio < 10 || ratio > 20 {
		t.Errorf("the print is packed %.1f : 1", ratio)
	}
}

// TestTextBeyondASCII: a place with Danish letters declares its character set.
func TestTextBeyondASCII(t *testing.T) {
	m := asylum(t)
	m.r.Case.Data.Place = "Københavns Lufthavn"
	file, err := transaction(m)
	if err != nil {
		t.Fatal(err)
	}
	tr, _ := nist.Parse(file)
	if got := tr.Records[0].Text(15); got != "3\x1fUTF-8" {
		t.Errorf("1.015 = %q", got)
	}
}

// TestQualityOfTheEstimate: only a score of NFIQ 2 is told as one.
func TestQualityOfTheEstimate(t *testing.T) {
	m := asylum(t)
	for _, algorithm := range []string{finger.NFIQ2, finger.Estimate} {
		m.r.Profile.Algorithm = algorithm
		for i := range m.r.Prints {
			p := &m.r.Prints[i]
			p.Algorithm, p.Threshold = algorithm, m.r.Profile.ThresholdOf(p.Position)
		}
		file, err := transaction(m)
		if err != nil {
			t.Fatal(err)
		}
		tr, _ := nist.Parse(file)
		want := map[string]string{finger.NFIQ2: "1\x1f61\x1f000F\x1f65535"}[algorithm]
		if got := tr.OfType(14)[0].Text(24); got != want {
			t.Errorf("%s: 14.024 = %q, want %q", algorithm, got, want)
		}
	}
}

// TestOddScanner: what a scanner says of itself breaks no file.
func TestOddScanner(t *testing.T) {
	m := begin(t, rule.PoliceRegister, rule.Register1).takes(2).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10)
	m.r.Prints[0].Device.Maker, m.r.Prints[0].Device.Model = "A\x1dB\x1fC\n", strings.Repeat("Å", 60)
	m.r.Case.Number = "26\x1c118402"
	file, err := transaction(m)
	if err != nil {
		t.Fatal(err)
	}
	tr, _ := nist.Parse(file)
	p, err := tr.OfType(14)[1].Print()
	if want := [3]string{"A B C", strings.Repeat("Å", 50), "00042"}; err != nil || p.Maker != want {
		t.Errorf("14.904 = %q, %v", p.Maker, err)
	}
}

// TestAcquisitionProfile: the register is told the scanner's profile where the site
// has told it.
func TestAcquisitionProfile(t *testing.T) {
	for _, fap := range []int{0, 20, 60} {
		m := begin(t, rule.PoliceRegister, rule.Register1).takes(2).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10)
		m.r.Prints[0].Device.FAP = fap
		file, err := transaction(m)
		if err != nil {
			t.Fatal(err)
		}
		tr, _ := nist.Parse(file)
		said := 0
		for _, r := range tr.OfType(14) {
			if p, err := r.Print(); err == nil && p.Profile != 0 {
				said = p.Profile
			}
		}
		if said != fap {
			t.Errorf("14.031 = %d, want %d", said, fap)
		}
	}
}

// TestSentTooEarly: a file carries the day on which it is sent, which somebody
// has to say.
func TestSentTooEarly(t *testing.T) {
	s := set[Eurodac](asylum(t))
	for name, m := range map[string]Transmission{"before it was taken": {Control: "1", Sent: noon.Add(-time.Second)}, "never": {Control: "1"}} {
		if _, err := WriteEurodac(s, EurodacAgreement(), m); err == nil {
			t.Errorf("it is written as sent %s", name)
		}
	}
}

// TestLikeEES builds the text records of the public example of EES, of which
// only the images are not ours to have (test data of EES ICD 7.01: four fingers
// of the right hand).
func TestLikeEES(t *testing.T) {
	m := begin(t, rule.VIS, rule.Visa).takes(2, 3, 4, 5)
	m.r.Profile.Agency = "FRAlia00"
	a := Agreement{Transaction: "EES", Priority: 9, Destination: "sBMS", Domain: nist.Domain{Name: "EES", Version: "1.00"}, Version: "0100", Algorithm: 65535}
	x := scope{taken: &taken{record: m.r}, Agreement: a, pack: new(encoder).pack,
		Transmission: Transmission{Control: "0", Sent: time.Date(2023, 4, 25, 18, 27, 0, 0, time.FixedZone("", 7200))}}
	for i, p := range []int{2, 3, 4, 5} {
		x.prints = append(x.prints, printed{m.r.Prints[i], ridges(256+8*p, 300, p)})
	}
	tr, err := visLayout().build(x)
	if err != nil {
		t.Fatal(err)
	}
	const want = "1.001:183|1.002:0502|1.003:1,5;2,0;14,2;14,3;14,4;14,5|1.004:EES|1.005:20230425|1.006:9|1.007:sBMS|" +
		"1.008:FRAlia00|1.009:0|1.011:00.00|1.012:00.00|1.013:EES,1.00|1.014:20230425162700Z/2.001:43|2.002:0|2.003:0100|2.004:20230425/"
	got := strings.NewReplacer("\x1c", "/", "\x1d", "|", "\x1e", ";", "\x1f", ",").Replace(string(tr.Bytes()[:183+43]))
	if got != want {
		t.Errorf("the text records are\n%s\nwant\n%s", got, want)
	}
}

// TestForceIsTold: the register learns that the police secured the capture.
func TestForceIsTold(t *testing.T) {
	m := begin(t, rule.PoliceRegister, rule.Register1).takes(1, 2).lacks(capture.Missing, 3, 4, 5, 6, 7, 8, 9, 10)
	for _, want := range []string{"ASSISTED", "CONTROLLED"} {
		file, err := transaction(m)
		if err != nil {
			t.Fatal(err)
		}
		tr, _ := nist.Parse(file)
		if got := tr.OfType(14)[0].Text(30); got != want {
			t.Errorf("14.030 = %q, want %q", got, want)
		}
		m.r.Force = &capture.Force{Authority: "police", By: "4711", At: noon}
	}
}

// TestIDENT: prints for identification are searched for abroad, without a word
// on whose they are; no others are.
func TestIDENT(t *testing.T) {
	for _, basis := range rule.Bases(rule.PoliceRegister) {
		m := begin(t, rule.PoliceRegister, basis).takes(2).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10)
		file, err := WriteIDENT(set[Register](m), IDENTAgreement(), sending())
		if (err == nil) != (basis == rule.Register3) || err != nil && !errors.Is(err, ErrPurpose) {
			t.Errorf("%s: %v", basis, err)
		}
		for _, secret := range []string{"118402", "NEMO", "accident", "4711", "1990"} {
			if strings.Contains(string(file), secret) {
				t.Errorf("%s: the file tells %s", basis, secret)
			}
		}
	}
}

// TestSurplusIsAnError: a file that holds more than its profile, or less, is
// refused, whoever wrote it.
func TestSurplusIsAnError(t *testing.T) {
	file, err := transaction(begin(t, rule.Eurodac, rule.Art11).takes(2).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10).with(capture.Data{Reference: "DK31"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(tr *nist.Transaction)
		says  string
	}{
		{"as it was written", func(*nist.Transaction) {}, ""},
		{"with the sex", func(tr *nist.Transaction) { tr.Records[1].Set(nist.NewField(24, []string{"F"})) }, "2.024 is surplus"},
		{"with the scanner", func(tr *nist.Transaction) { tr.OfType(14)[1].Set(nist.NewField(904, []string{"A", "B", "C"})) }, "14.904 is surplus"},
		{"with a reason beside a print", func(tr *nist.Transaction) { tr.OfType(14)[1].Set(nist.NewField(20, []string{"missing"})) }, "14.020 is surplus"},
		{"with a face", func(tr *nist.Transaction) {
			tr.AddFace(nist.Face{Sample: nist.Sample{Source: "DNKpol01", Date: "20261123", IDC: 11}, Colours: "GRAY",
				Image: nist.Image{Width: 622, Height: 800, Across: 1, Down: 1, Compression: "JPEGB", Data: grey(t)}})
		}, "Type-10 is surplus"},
		{"without the reference number", func(tr *nist.Transaction) { tr.Records[1].Fields = tr.Records[1].Fields[:3] }, "2.010 REF has no value"},
		{"with the hash of another print", func(tr *nist.Transaction) {
			tr.OfType(14)[1].Set(nist.NewField(996, []string{nist.Hash([]byte("another"))}))
		}, "14.996 has another hash"},
		{"with the thumb called an index", func(tr *nist.Transaction) { tr.OfType(14)[0].Set(nist.NewField(13, []string{"2"})) }, "14.002 IDC is another finger"},
		{"without a hash", func(tr *nist.Transaction) {
			r := tr.OfType(14)[1]
			r.Fields = slices.DeleteFunc(r.Fields, func(f nist.Field) bool { return f.Number == 996 })
		}, "14.996 HAS has no value"},
		{"without a reason", func(tr *nist.Transaction) {
			r := tr.OfType(14)[0]
			r.Fields = slices.DeleteFunc(r.Fields, func(f nist.Field) bool { return f.Number == 20 })
		}, "14.020 COM has no value"},
	} {
		tr, err := nist.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		c.spoil(tr)
		err = Inspect("eurodac-3", tr.Bytes(), EurodacAgreement())
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
		var surplus Surplus
		if got := errors.As(err, &surplus); got != strings.Contains(c.says, "surplus") {
			t.Errorf("%s: a surplus: %v", c.name, got)
		}
	}
	if err := Inspect("eurodac-1", file, EurodacAgreement()); err == nil {
		t.Error("a file of category 3 passes as one of category 1")
	}
	if err := Inspect("eurodac-9", file, EurodacAgreement()); err == nil {
		t.Error("there is a profile eurodac-9")
	}
}

// TestSlapsAreTold: the register learns which prints were taken at once, and
// Eurodac does not.
func TestSlapsAreTold(t *testing.T) {
	for _, c := range []struct {
		name string
		l    layout
		want string
	}{{"register", registerLayout(), "13 13 "}, {"ident", identLayout(), "13 13 "}, {"eurodac", eurodacLayout(rule.Art11), ""}} {
		m := begin(t, rule.PoliceRegister, rule.Register3).takes(1, 2, 3)
		m.r.Prints[1].Slap, m.r.Prints[2].Slap = finger.RightFour, finger.RightFour
		m.close()
		w := world{Session: m.r, Agreement: RegisterAgreement(), Transmission: sending()}
		w.Session.Case.Data = &capture.Data{Reference: "DK31"}
		got := strings.ReplaceAll(w.written(t, c.l)["14.026"], "\n", " ")
		if got != c.want {
			t.Errorf("%s is told of the slaps %q, want %q", c.name, got, c.want)
		}
	}
}

// TestNumbersOfTheReceiver: its document may number Type-2 fields otherwise.
func TestNumbersOfTheReceiver(t *testing.T) {
	a := EurodacAgreement()
	a.Numbers = map[string]int{"REF": 61}
	file, err := WriteEurodac(set[Eurodac](asylum(t)), a, sending())
	if err != nil {
		t.Fatal(err)
	}
	tr, _ := nist.Parse(file)
	if tr.Records[1].Text(61) != "DK1A118402" || tr.Records[1].Text(10) != "" {
		t.Error("the reference is not where the receiver wants it")
	}
	if Inspect("eurodac-1", file, a) != nil || Inspect("eurodac-1", file, EurodacAgreement()) == nil {
		t.Error("the check does not look where the receiver wants it")
	}
}
