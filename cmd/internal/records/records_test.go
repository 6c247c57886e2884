package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/record"
	"optag/capture/rule"
	"optag/device"
	"optag/testdata/gen"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// The person of these tests does not exist. The two index fingers are grown once,
// and stand for every other finger too: who they are of nobody compares here but
// the session, which is not used for more than two.
var (
	prints = map[finger.Position]func() *image.Gray{
		finger.RightIndex: grown(finger.RightIndex), finger.LeftIndex: grown(finger.LeftIndex),
	}
	portrait = sync.OnceValue(func() []byte {
		data, err := gen.JPEG(gen.Person(7).Portrait().Portrait(image.Pt(622, 800), gen.Pose{}, 1))
		if err != nil {
			panic(err)
		}
		return data
	})
)

func grown(p finger.Position) func() *image.Gray {
	return sync.OnceValue(func() *image.Gray {
		return gen.Person(3).Finger(gen.Position(p)).Impression(image.Pt(356, 420), [2]int{500, 500}, gen.Conditions{}, 1)
	})
}

// A situation is a case as a counter would have it.
type situation struct {
	purpose rule.Purpose
	basis   rule.Basis
	facts   func(f *rule.Facts)
	data    *capture.Data
	only    []finger.Position // that there are; nil: the index fingers
	refuses []rule.Item
}

// finish takes a case through a session, and gives the parts of its package.
func (c situation) finish(t testing.TB) []capture.Part {
	t.Helper()
	f := rule.Defaults()
	f.Purpose, f.Basis = c.purpose, c.basis
	f.Station = f.Competent()[0]
	f.BirthDate, f.CaptureOn, f.AppliedOn = rule.BirthDate{Year: 1990, Month: 5, Day: 1}, rule.DateOf(noon), rule.DateOf(noon).AddDays(-3)
	if c.facts != nil {
		c.facts(&f)
	}
	profile := capture.EU()
	profile.Agency, profile.Attempts = "DNKpol01", 1
	s, err := capture.Open(capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO", Given: "NULLA"}, Facts: f, Data: c.data}, profile)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Wipe()
	s.Inform(capture.Rights{Text: "t", Version: "1", Language: "da", How: "shown", At: noon})
	if f.Unable.Prints != rule.Able {
		s.Unable(capture.Inability{Kind: f.Unable.Prints, Note: "seen", SeenBy: "4711", At: noon})
	}
	if len(c.refuses) > 0 {
		s.Refuse(capture.Refusal{Items: c.refuses, Explained: true, By: "4711", At: noon})
	}
	c.sit(t, s)
	c.lay(t, s)
	r, parts, err := s.Finish("SIM-01", "4711", noon)
	if err != nil {
		t.Fatalf("%s %s: %v", c.purpose, c.basis, err)
	}
	if len(r.Prints) == 0 && c.only != nil {
		t.Fatal("nothing was taken")
	}
	return append(parts, capture.Part{Name: "case.key", MediaType: "application/octet-stream", Data: make([]byte, 32)})
}

// sit takes the portrait, where the law wants one.
func (c situation) sit(t testing.TB, s *capture.Session) {
	t.Helper()
	if !s.WantsPortrait() {
		return
	}
	img, kind, err := face.Read(portrait())
	if err == nil {
		size := img.Bounds().Size()
		err = s.Photograph(capture.Portrait{Encoded: bytes.Clone(portrait()), MediaType: kind, Width: size.X, Height: size.Y, Source: "live",
			Checks: face.Assess(img), Accepted: "drawn", At: noon})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// lay lays down the fingers that there are, and passes over the others.
func (c situation) lay(t testing.TB, s *capture.Session) {
	t.Helper()
	scanner := device.Info{Maker: "Nobody", Model: "N-10", Serial: "00042", Certified: true}
	for range 20 {
		p, more := s.NextPrint()
		if !more {
			return
		}
		print := prints[p]
		if print == nil || c.only != nil && !slices.Contains(c.only, p) {
			s.Except(capture.Exception{Position: p, Reason: capture.Missing, SeenBy: "4711", At: noon})
			continue
		}
		img := *print() // whoever presents it gives it away, to be wiped
		img.Pix = bytes.Clone(img.Pix)
		if _, err := s.Present(p, capture.Sample{Image: &img, PPI: [2]int{500, 500}, Device: scanner, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the session asks and asks")
}

// situations are one of each kind, and the files that each makes.
func situations() map[string]struct {
	situation
	files string
} {
	art4 := &capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm"}
	return map[string]struct {
		situation
		files string
	}{
		"a residence card":                     {situation{purpose: rule.ResidenceCard, basis: rule.AA9}, "face.fac right_index.fir left_index.fir dg2.bin dg3.bin"},
		"a card of who has one finger":         {situation{purpose: rule.ResidenceCard, basis: rule.AA9, only: []finger.Position{finger.RightIndex}}, "face.fac right_index.fir dg2.bin dg3.bin"},
		"a card of a child of four":            {situation{purpose: rule.ResidenceCard, basis: rule.AA9, facts: born(2022)}, "face.fac dg2.bin"},
		"the sticker of a long-stay visa":      {situation{purpose: rule.LongStayVisa, basis: rule.AA9, facts: childAtHome}, "face.fac"},
		"a visa applicant":                     {situation{purpose: rule.VIS, basis: rule.Visa}, "vis.an2"},
		"a visa applicant of seven":            {situation{purpose: rule.VIS, basis: rule.Visa, facts: born(2019)}, "vis.an2"},
		"an asylum seeker":                     {situation{purpose: rule.Eurodac, basis: rule.Art4, data: art4}, "eurodac.an2"},
		"an illegal stay":                      {situation{purpose: rule.Eurodac, basis: rule.Art11, data: &capture.Data{Reference: "DK3118402"}}, "eurodac.an2"},
		"an irregular crossing":                {situation{purpose: rule.Eurodac, basis: rule.Art8, data: &capture.Data{Reference: "DK2118402", Sex: capture.Male, Place: "Kastrup", Apprehended: rule.DateOf(noon)}}, "eurodac.an2"},
		"identification by the police":         {situation{purpose: rule.PoliceRegister, basis: rule.Register3}, "register.an2"},
		"an alien known to the police already": {situation{purpose: rule.PoliceRegister, basis: rule.Register1}, "register.an2"},
	}
}

func born(year int) func(f *rule.Facts) {
	return func(f *rule.Facts) { f.BirthDate = rule.BirthDate{Year: year, Month: 5, Day: 1} }
}

// childAtHome gets no card, and so a sticker with a photo of its own.
func childAtHome(f *rule.Facts) {
	f.BirthDate, f.WithCustodian = rule.BirthDate{Year: 2015, Month: 5, Day: 1}, true
}

// packages are those of situations, finished once.
var packages sync.Map

// written are the records of a situation by its name.
func written(t testing.TB, name string, to Receivers) []capture.Part {
	t.Helper()
	c := situations()[name]
	parts, made := packages.Load(name)
	if !made {
		parts = c.finish(t)
		packages.Store(name, parts)
	}
	files, err := Write(parts.([]capture.Part), string(c.purpose), to, "0192-test", noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSearchAbroad: prints taken for identification alone may be searched for in
// another country, and nothing else may, whatever the service asks for.
func TestSearchAbroad(t *testing.T) {
	for name, c := range situations() {
		written(t, name, Defaults())
		parts, _ := packages.Load(name)
		files, err := WriteSearch(parts.([]capture.Part), string(c.purpose), Defaults(), "0192-test", noon.Add(time.Hour))
		if name != "identification by the police" {
			if !errors.Is(err, record.ErrPurpose) || len(files) > 0 {
				t.Errorf("%s: %d files, %v", name, len(files), err)
			}
			continue
		}
		if err != nil || nameList(files) != "ident.an2" {
			t.Fatalf("%s: %s, %v", name, nameList(files), err)
		}
		if r := Inspect(files[0].Data, Options{Receivers: Defaults(), Profile: "ident"}); !r.OK {
			t.Errorf("%s: %v", name, r.Faults)
		}
	}
}

func nameList(parts []capture.Part) string {
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

// TestWhatIsWrittenIsRight: of every purpose, the receiver's files are written, and
// nothing is wrong with any of them.
func TestWhatIsWrittenIsRight(t *testing.T) {
	third := Defaults()
	third.Card.Third, third.Card.Chip = true, true
	for name, c := range situations() {
		for _, to := range []Receivers{Defaults(), third} {
			if to.Card.Third && name != "a residence card" {
				continue
			}
			files := written(t, name, to)
			want := c.files
			if to.Card.Third {
				want = strings.NewReplacer(".fac", ".39794-5", ".fir", ".39794-4").Replace(want)
			}
			if got := nameList(files); got != want {
				t.Errorf("%s: the files are %s, want %s", name, got, want)
			}
			for _, f := range files {
				r := Inspect(f.Data, Options{Receivers: to})
				if !r.OK || len(r.Sections) == 0 {
					t.Errorf("%s: %s: %v", name, f.Name, r.Faults)
				}
				tellsNobody(t, name+", "+f.Name, r)
			}
		}
	}
}

// tellsNobody: a report holds nothing of the person.
func tellsNobody(t *testing.T, name string, r Report) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"NEMO", "118402", "1990", "Sandholm", "0192-test"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s: the report tells %s", name, secret)
		}
	}
}

// TestWhoGetsNothing: there are no records, and the error says why.
func TestWhoGetsNothing(t *testing.T) {
	card := situation{purpose: rule.ResidenceCard, basis: rule.AA9}
	parts := card.finish(t)
	without := slices.DeleteFunc(slices.Clone(parts), func(p capture.Part) bool { return p.Name == "session.json" })
	short := slices.DeleteFunc(slices.Clone(parts), func(p capture.Part) bool { return p.Name == "right_index.png" })
	refuser := situation{purpose: rule.ResidenceCard, basis: rule.AA9, refuses: []rule.Item{rule.ItemPrints},
		facts: func(f *rule.Facts) { f.Refuses = []rule.Item{rule.ItemPrints} }}
	for _, c := range []struct {
		name    string
		parts   []capture.Part
		purpose string
		want    error
		says    string
	}{
		{"a package without a session", without, "residence_card", ErrNoRecord, ""},
		{"a manifest of another purpose", parts, "eurodac", record.ErrPurpose, ""},
		{"a print is gone", short, "residence_card", nil, "right_index.png is missing"},
		{"prints refused", refuser.finish(t), "residence_card", record.ErrRefused, ""},
	} {
		files, err := Write(c.parts, c.purpose, Defaults(), "1", noon.Add(time.Hour))
		if err == nil || files != nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %d files, %v; want %v %s", c.name, len(files), err, c.want, c.says)
		}
	}
}

// TestReceivers: what a receiver has set is used, and what there is not is named.
func TestReceivers(t *testing.T) {
	to, err := ReadReceivers([]byte(`{"vis": {"destination": "sBMS-2"}, "card": {"chip": true}}`))
	if err != nil || to.VIS.Destination != "sBMS-2" || to.VIS.Transaction != "VIS" || !to.Card.Chip || to.Card.Measure[1] != 65535 {
		t.Errorf("%+v, %v", to, err)
	}
	for _, text := range []string{`{"viss": {}}`, `{"vis": {"destnation": "x"}}`, `{} {}`, ``} {
		if _, err := ReadReceivers([]byte(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

// pngOf is a print without loss.
func pngOf(t testing.TB, p finger.Position) []byte {
	t.Helper()
	data, err := finger.WriteImage(prints[p](), [2]int{500, 500})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pngFace is a face without loss.
func pngFace(t testing.TB) []byte {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(portrait()))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
