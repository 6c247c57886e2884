package osia

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/capture"
	faces "optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
)

// The cases of these tests are written by hand, as a package would hold them;
// their prints are painted ridges, and nobody's.

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3600))

// key is a party's key of these tests.
func key(p rule.Party) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, p)
	return ed25519.NewKeyFromSeed(seed)
}

// trusted are the keys of all authorities.
func trusted() (all []Key) {
	for _, p := range authorities {
		all = append(all, Key{key(p).Public().(ed25519.PublicKey), p})
	}
	return all
}

// ridges is a print, painted once for each finger.
var ridges = sync.OnceValue(func() (all [11][]byte) {
	for _, p := range finger.All() {
		img := image.NewGray(image.Rect(0, 0, 256+8*int(p), 300))
		for i := range img.Pix { // in whole numbers, the same on every processor
			x, y := i%img.Stride-100, i/img.Stride-340-40*int(p)
			bend := int(16*math.Sqrt(float64(x*x+y*y))) % 144
			img.Pix[i] = uint8(32 + 2*min(bend, 144-bend) + i*i*2654435761>>7%32)
		}
		data, err := finger.WriteImage(img, [2]int{500, 500})
		if err != nil {
			panic(err)
		}
		all[p] = data
	}
	return all
})

// drawn is a portrait of nobody.
var drawn = sync.OnceValue(func() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 311, 400))
	for i := range img.Pix {
		img.Pix[i] = uint8(i / 4096)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// A made case is a record and its parts.
type made struct {
	capture.Record
	parts []capture.Part
}

// begin opens a case of an adult at the station that is competent for it.
func begin(purpose rule.Purpose, basis rule.Basis) *made {
	f := rule.Defaults()
	f.Purpose, f.Basis = purpose, basis
	f.Station = f.Competent()[0]
	f.BirthDate, f.CaptureOn, f.AppliedOn = rule.BirthDate{Year: 1990, Month: 5, Day: 1}, rule.DateOf(noon), rule.DateOf(noon).AddDays(-3)
	p := capture.EU()
	p.Algorithm, p.Agency = finger.NFIQ2, "DNKpol01"
	return &made{Record: capture.Record{
		Version: capture.RecordVersion, Station: "SIM-01", Officer: "4711", Profile: p, Finished: noon,
		Case:   capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO Ø", Given: "NULLA"}, Facts: f},
		Rights: &capture.Rights{Text: "t", Version: "1", Language: "da", How: "shown", At: noon},
		Prints: []capture.Print{}, Exceptions: []capture.Exception{}, Tried: []capture.Tried{},
	}}
}

// takes adds prints.
func (m *made) takes(fingers ...finger.Position) *made {
	for _, p := range fingers {
		at := noon.Add(-time.Hour + time.Duration(p)*time.Minute)
		m.Prints = append(m.Prints, capture.Print{
			Position: p, Plain: true, Width: 256 + 8*int(p), Height: 300, PPI: [2]int{500, 500},
			Score: 60 + int(p), Threshold: m.Profile.ThresholdOf(p), Algorithm: m.Profile.Algorithm, At: at,
			Attempts: []capture.Attempt{{At: at, Score: 60 + int(p), Outcome: capture.Sufficient}},
			Device:   device.Info{Maker: "Nobody", Model: "N-10", Serial: "00042", Driver: "none", Certified: true},
		})
		m.parts = append(m.parts, capture.Part{Name: capture.PrintName(p), MediaType: "image/png", Data: ridges()[p]})
	}
	return m
}

// lacks adds exceptions.
func (m *made) lacks(reason capture.Reason, fingers ...finger.Position) *made {
	for _, p := range fingers {
		m.Exceptions = append(m.Exceptions, capture.Exception{Position: p, Reason: reason, Note: "an accident at sea", SeenBy: "4711", At: noon})
	}
	return m
}

// sits adds a portrait.
func (m *made) sits() *made {
	var checks []faces.Check
	for _, n := range faces.Names() {
		checks = append(checks, faces.Check{Name: n, Value: 1, Min: 0, Max: 2})
	}
	m.Portrait = &capture.Portrait{MediaType: "image/jpeg", Width: 311, Height: 400, Source: "live", Checks: checks, At: noon,
		Device: device.Info{Model: "Camera"}}
	m.parts = append(m.parts, capture.Part{Name: "portrait.jpg", MediaType: "image/jpeg", Data: drawn()})
	return m
}

// refuses records a refusal.
func (m *made) refuses(items ...rule.Item) *made {
	m.Case.Facts.Refuses = items
	m.Refusal = &capture.Refusal{Items: items, Explained: true, By: "4711", At: noon}
	return m
}

// unable records that the person can give no prints.
func (m *made) unable(kind rule.Inability) *made {
	m.Case.Facts.Unable.Prints = kind
	m.Inability = &capture.Inability{Kind: kind, Note: "an accident at sea", SeenBy: "4711", At: noon}
	return m
}

// close asks the law about the case as it stands, and packs session.json.
func (m *made) close() (capture.Record, []capture.Part) {
	m.Requirement = m.Profile.Law.For(m.Case.Facts, m.Case.LawDate)
	m.Marks = slices.Clone(m.Requirement.Marks)
	heals := slices.ContainsFunc(m.Exceptions, func(e capture.Exception) bool { return e.Reason == capture.Temporary })
	if enough := m.Requirement.Prints.Required == rule.TwoFlat && len(m.Prints) == 2; heals && !enough {
		m.Marks = append(m.Marks, rule.Recall)
	}
	if m.Refusal != nil {
		m.Refusal.Consequence = m.Requirement.Refusal
	}
	head, err := json.Marshal(m.Record)
	if err != nil {
		panic(err)
	}
	return m.Record, append([]capture.Part{{Name: "session.json", MediaType: "application/json", Data: head}}, m.parts...)
}

// A hand is one hand-over of these tests.
type hand struct {
	name string
	made *made
	way  Way
	opts Options
	law  rule.Settings
}

func (h hand) options() Options {
	o := h.opts
	o.ID, o.At, o.By = strings.Repeat("0a", 16), noon.Add(time.Hour), key(h.way.From)
	return o
}

func (h hand) write(t testing.TB) File {
	t.Helper()
	r, parts := h.made.close()
	f, err := Write(r, parts, h.way, h.options())
	if err != nil {
		t.Fatalf("%s: %v", h.name, err)
	}
	return f
}

// receiver is who the file is for.
func (h hand) receiver(f File) Receiver {
	return Receiver{Party: h.way.To, Aim: h.way.Aim, Law: h.law, Trusted: trusted(), Fetch: f.fetch}
}

// fetch finds a picture beside a file.
func (f File) fetch(reference string) ([]byte, error) {
	for _, b := range f.Buffers {
		if strings.HasSuffix(reference, b.ID) {
			return slices.Clone(b.Data), nil
		}
	}
	return nil, errors.New("not there")
}

var (
	service = rule.PartyImmigrationService
	police  = rule.PartyNationalPolice
	foreign = rule.PartyForeignMinistry
	returns = rule.PartyReturnAgency

	everything = []rule.Cargo{rule.CargoPrints, rule.CargoPhoto, rule.CargoRefusal}
)

func card() *made {
	return begin(rule.ResidenceCard, rule.AA9).takes(finger.RightIndex, finger.LeftMiddle).lacks(capture.Missing, finger.LeftIndex).sits()
}

// asylum is an asylum seeker with nine fingers, and all data of the recast.
func asylum() *made {
	m := begin(rule.Eurodac, rule.Art4).takes(1, 2, 3, 4, 5, 6, 7, 8, 10).lacks(capture.Missing, finger.LeftRing)
	m.Case.Data = &capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm"}
	return m
}

// recast is the same under the law that takes a face and a travel document.
func recast() *made {
	m := asylum().sits()
	m.Profile.Law.EurodacRecastFrom = rule.Date{Year: 2026, Month: 6, Day: 12}
	m.Case.Data.Document = capture.TravelDocument{Type: "P", Number: "X123456", Issuer: "UTO", Expiry: rule.Date{Year: 2030, Month: 1, Day: 2}}
	return m
}

// hands are hand-overs of every kind.
func hands() []hand {
	return []hand{
		{name: "a mission sends all to the service", made: card(), way: Way{foreign, service, rule.AimEnrolment, everything}},
		{name: "the same, its pictures beside the file", made: card(), way: Way{foreign, service, rule.AimEnrolment, everything}, opts: Options{Refs: ByDigest}},
		{name: "the same, its prints as WSQ in the buffers of a server", made: card(), way: Way{foreign, service, rule.AimEnrolment, everything},
			opts: Options{WSQ: true, Refs: "https://intake.example/v1/enrollments/1/buffer/"}},
		{name: "the case alone", made: card(), way: Way{service, returns, rule.AimReturn, nil}},
		{name: "the photo for a sticker", made: card(), way: Way{service, foreign, rule.AimVisa, []rule.Cargo{rule.CargoPhoto}}},
		{name: "an asylum seeker refused prints, and the police secure them", made: begin(rule.ResidenceCard, rule.AA7).sits().refuses(rule.ItemPrints),
			way: Way{service, police, rule.AimSecure, []rule.Cargo{rule.CargoRefusal}}},
		{name: "the refusal stays where only a return is asked for", made: begin(rule.ResidenceCard, rule.AA7).sits().refuses(rule.ItemPrints), way: Way{service, police, rule.AimReturn, nil}},
		{name: "no print, for good", made: begin(rule.ResidenceCard, rule.AA9).sits().unable(rule.UnablePermanently), way: Way{police, service, rule.AimEnrolment, everything}},
		{name: "no print for now", made: begin(rule.ResidenceCard, rule.AA9).sits().unable(rule.UnableTemporarily), way: Way{police, service, rule.AimEnrolment, everything}},
		{name: "one finger bandaged, one burnt", made: begin(rule.PoliceRegister, rule.Register8).takes(1, 2, 3, 4, 5, 6, 7, 8).lacks(capture.Temporary, 9).lacks(capture.Permanent, 10),
			way: Way{returns, police, rule.AimEnrolment, []rule.Cargo{rule.CargoPrints}}, opts: Options{Refs: ByDigest}},
		{name: "an asylum seeker, with the data of article 5", made: asylum(), way: Way{police, police, rule.AimEnrolment, []rule.Cargo{rule.CargoPrints, rule.CargoData}}},
		{name: "the same without data", made: asylum(), way: Way{police, police, rule.AimEnrolment, []rule.Cargo{rule.CargoPrints}}, opts: Options{Refs: ByDigest}},
		{name: "the same under the recast", made: recast(), law: recast().Profile.Law, way: Way{police, police, rule.AimEnrolment, []rule.Cargo{rule.CargoPrints, rule.CargoPhoto, rule.CargoData}}, opts: Options{Refs: ByDigest}},
	}
}

// An otherKey is none of Ed25519.
type otherKey struct{}

func (otherKey) Public() crypto.PublicKey { return nil }
func (otherKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("not asked for")
}
