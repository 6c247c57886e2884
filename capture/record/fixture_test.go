package record

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
)

// The cases of these tests are written by hand, as a session would leave them;
// their prints are painted ridges, and nobody's.

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3600))

// sending is one transmission, on the day after.
func sending() Transmission {
	return Transmission{Control: "DK-26-000117", Sent: noon.Add(13 * time.Hour)}
}

// ridges paints a print of a size, another for each seed.
func ridges(w, h, seed int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	noise := uint32(seed)*2654435761 + 1
	for y := range h {
		for x := range w {
			noise = noise*1664525 + 1013904223
			bend := math.Hypot(float64(x-w/2)*1.3, float64(y-h-40*seed%97))
			v := 128 + 90*math.Sin(2*math.Pi*bend/9) + float64(noise>>24)/8 - 16
			img.Pix[y*img.Stride+x] = uint8(min(255, max(0, v)))
		}
	}
	return img
}

// drawn is a picture of nobody.
var drawn = sync.OnceValue(func() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 622, 800))
	for i := range img.Pix {
		img.Pix[i] = uint8(i / 4096)
	}
	return img
})

// portraits are its files, packed once.
var portraits = map[string]func() []byte{
	"image/jpeg": sync.OnceValue(func() []byte { return packed(func(b *bytes.Buffer) error { return jpeg.Encode(b, drawn(), nil) }) }),
	"image/png":  sync.OnceValue(func() []byte { return packed(func(b *bytes.Buffer) error { return png.Encode(b, drawn()) }) }),
}

func packed(pack func(*bytes.Buffer) error) []byte {
	var b bytes.Buffer
	if err := pack(&b); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func portrait(mediaType string) []byte { return bytes.Clone(portraits[mediaType]()) }

// A made case is a record and its parts.
type made struct {
	t     testing.TB
	r     capture.Record
	parts []capture.Part // without session.json
}

// begin opens a case of an adult at the station that is competent for it.
func begin(t testing.TB, purpose rule.Purpose, basis rule.Basis) *made {
	t.Helper()
	f := rule.Defaults()
	f.Purpose, f.Basis = purpose, basis
	f.Station = f.Competent()[0]
	f.BirthDate, f.CaptureOn, f.AppliedOn = rule.BirthDate{Year: 1990, Month: 5, Day: 1}, rule.DateOf(noon), rule.DateOf(noon).AddDays(-3)
	p := capture.EU()
	p.Algorithm, p.Agency = finger.NFIQ2, "DNKpol01"
	return &made{t: t, r: capture.Record{
		Version: capture.RecordVersion, Station: "SIM-01", Officer: "4711", Profile: p, Finished: noon,
		Case:   capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO", Given: "NULLA"}, Facts: f},
		Rights: &capture.Rights{Text: "t", Version: "1", Language: "da", How: "shown", At: noon},
		Prints: []capture.Print{}, Exceptions: []capture.Exception{}, Tried: []capture.Tried{},
	}}
}

// takes adds prints, each at its own moment.
func (m *made) takes(fingers ...finger.Position) *made {
	for _, p := range fingers {
		img := ridges(256+8*int(p), 300, int(p))
		m.print(p, img, 500)
	}
	return m
}

func (m *made) print(p finger.Position, img *image.Gray, ppi int) {
	at := noon.Add(-time.Hour + time.Duration(p)*time.Minute)
	m.r.Prints = append(m.r.Prints, capture.Print{
		Position: p, Plain: true, Width: img.Rect.Dx(), Height: img.Rect.Dy(), PPI: [2]int{ppi, ppi},
		Score: 60 + int(p), Threshold: m.r.Profile.ThresholdOf(p), Algorithm: m.r.Profile.Algorithm,
		Attempts: []capture.Attempt{{At: at, Score: 60 + int(p), Outcome: capture.Sufficient}}, At: at,
		Device: device.Info{Maker: "Nobody", Model: "N-10", Serial: "00042", Driver: "none", Certified: true},
	})
	data, err := finger.WriteImage(img, [2]int{ppi, ppi})
	if err != nil {
		m.t.Fatal(err)
	}
	m.parts = append(m.parts, capture.Part{Name: capture.PrintName(p), MediaType: "image/png", Data: data})
}

// lacks adds exceptions.
func (m *made) lacks(reason capture.Reason, fingers ...finger.Position) *made {
	for _, p := range fingers {
		m.r.Exceptions = append(m.r.Exceptions, capture.Exception{Position: p, Reason: reason, Note: "an accident at sea", SeenBy: "4711", At: noon})
	}
	return m
}

// sits adds a portrait.
func (m *made) sits(mediaType string) *made {
	data := portrait(mediaType)
	var checks []face.Check
	for _, n := range face.Names() {
		checks = append(checks, face.Check{Name: n, Value: 1, Min: 0, Max: 2})
	}
	m.r.Portrait = &capture.Portrait{MediaType: mediaType, Width: 622, Height: 800, Source: "live", Checks: checks, At: noon}
	m.parts = append(m.parts, capture.Part{Name: capture.PortraitName(mediaType), MediaType: mediaType, Data: data})
	return m
}

// with adds the data that go with the prints.
func (m *made) with(d capture.Data) *made { m.r.Case.Data = &d; return m }

// set asks the law and takes the case over.
func set[P Purpose](m *made) Set[P] {
	m.t.Helper()
	s, err := try[P](m)
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

func try[P Purpose](m *made) (Set[P], error) {
	m.close()
	return Of[P](m.r, m.all())
}

// close asks the law about the case as it stands.
func (m *made) close() {
	m.r.Requirement = m.r.Profile.Law.For(m.r.Case.Facts, m.r.Case.LawDate)
	m.r.Marks = slices.Clone(m.r.Requirement.Marks)
	heals := slices.ContainsFunc(m.r.Exceptions, func(e capture.Exception) bool { return e.Reason == capture.Temporary })
	enough := m.r.Requirement.Prints.Required == rule.TwoFlat && len(m.r.Prints) == 2
	if heals && !enough && !slices.Contains(m.r.Marks, rule.Recall) {
		m.r.Marks = append(m.r.Marks, rule.Recall)
	}
	if m.r.Refusal != nil {
		m.r.Case.Facts.Refuses = m.r.Refusal.Items
		m.r.Requirement = m.r.Profile.Law.For(m.r.Case.Facts, m.r.Case.LawDate)
		m.r.Refusal.Consequence = m.r.Requirement.Refusal
	}
}

// all are the parts with session.json.
func (m *made) all() []capture.Part {
	head, err := json.MarshalIndent(m.r, "", "  ")
	if err != nil {
		m.t.Fatal(err)
	}
	return append([]capture.Part{{Name: "session.json", MediaType: "application/json", Data: head}}, m.parts...)
}

var nine = []finger.Position{1, 2, 3, 4, 5, 6, 7, 8, 10}

// asylum is an asylum seeker with nine fingers.
func asylum(t testing.TB) *made {
	return begin(t, rule.Eurodac, rule.Art4).takes(nine...).lacks(capture.Missing, finger.LeftRing).
		with(capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm"})
}

// grey is a portrait of the same size in grey.
func grey(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 622, 800)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
