package main

import (
	"bytes"
	"image"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/mrz"
	"optag/cmd/internal/records"
	"optag/cmd/internal/trust"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
	"optag/queue/intake"
	"optag/queue/seal"
)

const madsen = `{"case_number":"26-118402","holder":{"family":"Ørsted-Madsen","given":"Åse Maria"},"facts":` + adult + `}`

// TestFromTheFingerToTheHolder: what the station takes of a person comes out of
// the card that the service has made of it: face and prints as they were, and
// the prints for those alone who may read them.
func TestFromTheFingerToTheHolder(t *testing.T) {
	d := newDesk(t)
	portrait := portraitJPEG(t)
	prints := map[finger.Position]*image.Gray{}
	args := []string{"enrol", "--case", d.file("case.json", []byte(madsen)), "--face", d.file("face.jpg", portrait)}
	for _, p := range []finger.Position{finger.RightIndex, finger.LeftIndex} {
		prints[p] = printOf(t, 5, p)
		args = append(args, "--print", p.String()+"="+d.file(p.String()+".png", printPNG(t, prints[p], 500)))
	}
	if code := d.run(args...); code != 0 {
		t.Fatalf("enrol = %d: %s", code, d.errout.String())
	}
	service, err := trust.StartPrivate(d.home, d.home+"-service", "SIM-01", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	if code := d.run("queue", "send"); code != 0 {
		t.Fatalf("queue send = %d: %s", code, d.errout.String())
	}
	card := producedFrom(t, produced(t, service))

	chip := card.read(t, nil)
	if chip.Zone.Primary != "OERSTED MADSEN" || chip.Zone.Secondary != "AASE MARIA" || len(chip.Faces) != 1 || !bytes.Equal(chip.Faces[0].Data, portrait) {
		t.Errorf("name or face are not those that were taken: %d faces, %+v", len(chip.Faces), chip.Groups)
	}
	if g, ok := chip.Group(lds.DG3); !ok || !g.Signed || len(chip.Fingers) != 0 {
		t.Errorf("prints without a terminal: %+v", g)
	}
	told := reportChip(chip, time.Now()).text()
	for _, want := range []string{"OERSTED MADSEN", "AASE MARIA", "this station cannot"} {
		if !strings.Contains(told, want) {
			t.Errorf("the holder is told\n%s, want %q in it", told, want)
		}
	}
	compareFingers(t, card.read(t, card.issuer.Office).Fingers, prints)
}

// A producedCard is a card and the key that is printed on it.
type producedCard struct {
	*emrtdtest.Card
	issuer *emrtdtest.Issuer
	key    string
}

// read reads the card, of which everything has to be proven.
func (c producedCard) read(t *testing.T, office emrtd.TerminalAuthenticator) *emrtd.Chip {
	t.Helper()
	installed := new(pa.Trust)
	installed.Add("csca.cer", c.issuer.Authority.Certificate)
	o := emrtd.Options{Random: rand.NewChaCha8([32]byte{3}), Today: time.Now(), Trust: installed, Terminal: office}
	chip, err := emrtd.Read(t.Context(), c.Insert(), emrtd.Access{MRZ: c.key}, o)
	if err != nil {
		t.Fatal(err)
	}
	for what, r := range map[string]emrtd.Result{"signature": chip.Signature, "content": chip.Content, "genuine": chip.Genuine, "belongs": chip.Belongs} {
		if r.Verdict != emrtd.OK {
			t.Errorf("%s: %+v", what, r)
		}
	}
	return chip
}

// produced are the files for the card producer, from the one package of the
// service.
func produced(t *testing.T, service *trust.Private) (files []capture.Part) {
	t.Helper()
	unsealed(t, service, func(_ intake.Entry, m seal.Manifest, parts []seal.Part) {
		var err error
		var taken []capture.Part
		for _, p := range parts {
			taken = append(taken, capture.Part{Name: p.Name, MediaType: p.MediaType, Data: p.Data})
		}
		to := records.Defaults()
		to.Card.Chip = true
		if files, err = records.Write(taken, m.Purpose, to, m.PackageID, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	return files
}

// producedFrom makes the card of the case.
func producedFrom(t *testing.T, files []capture.Part) producedCard {
	t.Helper()
	random, today := rand.NewChaCha8([32]byte{1}), time.Now()
	issuer, err := emrtdtest.NewIssuer(random, patest.Kind{Curve: "brainpoolP256r1"}, today)
	if err != nil {
		t.Fatal(err)
	}
	s := emrtdtest.Specimen(issuer, today)
	if s.Document.Names, err = mrz.MakeNames("Ørsted-Madsen", "Åse Maria"); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch f.Name {
		case "dg2.bin":
			s.Face = f.Data
		case "dg3.bin":
			s.Fingers = f.Data
		}
	}
	card, err := emrtdtest.Personalise(random, s)
	if err != nil {
		t.Fatal(err)
	}
	return producedCard{card, issuer, s.Document.Key()}
}

// compareFingers compares the prints of a card with those on the glass: ridge for
// ridge, as far as the rate of a card lets them through.
func compareFingers(t *testing.T, got []lds.Finger, want map[finger.Position]*image.Gray) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d prints on the card, want %d", len(got), len(want))
	}
	for _, f := range got {
		img, _, err := wsq.Decode(f.Data, 0)
		if err != nil {
			t.Fatal(err)
		}
		for p, other := range want {
			differ := difference(img, other)
			if same := int(p) == f.Position; same && differ > 10 || !same && differ < 40 {
				t.Errorf("finger %d of the card differs from %v by %.1f grey levels a pixel", f.Position, p, differ)
			}
		}
	}
}

// difference is the mean difference of two images' pixels; they have the same
// middle.
func difference(a, b *image.Gray) float64 {
	shift := image.Pt((b.Rect.Dx()-a.Rect.Dx())/2, (b.Rect.Dy()-a.Rect.Dy())/2)
	sum, n := 0, 0
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		for x := a.Rect.Min.X; x < a.Rect.Max.X; x++ {
			if at := image.Pt(x, y).Add(shift); at.In(b.Rect) {
				d := int(a.GrayAt(x, y).Y) - int(b.GrayAt(at.X, at.Y).Y)
				sum, n = sum+max(d, -d), n+1
			}
		}
	}
	return float64(sum) / float64(max(1, n))
}
