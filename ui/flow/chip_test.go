package flow_test

import (
	"image"
	"image/color"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/mrz"
	"optag/capture/rule"
	"optag/ui/flow"
)

// seen is what a card of nobody holds, of which all is proven but that the chip
// belongs to the card. With "proven" that is, too; a lamp that is named has
// failed. "eriksson" is the passport whose zone the transcripts have, with DG11;
// "faceless" and "illegible" lack the face and the zone.
func seen(how ...string) *flow.Seen {
	s := &flow.Seen{Birth: "1990-05-01", Expiry: "2031-05-01", Prints: "closed", Signer: "Utopia", Face: drawnFace()}
	s.Zone.Primary, s.Zone.Number = "NEMO", "118402"
	if slices.Contains(how, "eriksson") {
		eriksson(s)
	}
	for _, id := range []string{"signature", "content", "genuine", "belongs"} {
		l := flow.Lamp{ID: id, Verdict: "ok"}
		switch {
		case slices.Contains(how, id):
			l.Verdict, l.Why = "failed", "unknown"
		case id == "belongs" && !slices.Contains(how, "proven"):
			l.Verdict, l.Why = "not_checked", "no_mrz"
		}
		s.Lamps = append(s.Lamps, l)
	}
	if slices.Contains(how, "faceless") {
		s.Face = nil
	}
	if slices.Contains(how, "illegible") {
		s.Zone = mrz.Document{}
	}
	return s
}

func eriksson(s *flow.Seen) {
	s.Birth, s.Expiry, s.Holder = "1974-08-12", "2012-04-15", capture.Holder{Family: "ERIKSSÓN", Given: "ANNA MARÍA"}
	s.Zone = mrz.Document{Code: "P", Issuer: "UTO", Number: "L898902C3", Nationality: "XXA", Sex: mrz.Female,
		Names: mrz.Names{Primary: "ERIKSSON", Secondary: "ANNA MARIA"}}
}

func drawnFace() *flow.Face {
	img := image.NewGray(image.Rect(0, 0, 2, 2))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	return flow.NewFace(img)
}

// checkFace holds of the face of the document after every event: it is held for
// a case alone, and every other that ever came is overwritten.
func (d *desk) checkFace(e flow.Event, bad func(string, ...any)) {
	d.t.Helper()
	c := d.c
	if e, ok := e.(flow.CardSeen); ok && e.Seen != nil && e.Seen.Face != nil {
		d.faces = append(d.faces, e.Seen.Face)
	}
	switch held := c.Face; {
	case held.Image == nil && (held.Large || held.Same):
		bad("something is said of a face that is not there")
	case held.Image != nil && c.Session == nil && c.Form.Values == nil:
		bad("a face is held without a case")
	case held.Image != nil && c.Delivery.Package != "":
		bad("a face is held of a case that is sealed")
	}
	for _, f := range d.faces {
		if f == c.Face.Image || c.Card.Seen != nil && f == c.Card.Seen.Face {
			continue
		}
		if _, _, _, a := f.At(0, 0).RGBA(); a != 0 {
			bad("a face that is not held is not overwritten")
		}
	}
}

// face is what the state has of the face of the document.
func (d *desk) face() string {
	f := d.c.Face
	if f.Image == nil {
		return "no face"
	}
	says := "a face"
	if f.Large {
		says += ", large"
	}
	if f.Same {
		says += ", the same person"
	}
	return says
}

// Whatever a chip holds, a case takes over what its purpose asks for and nothing
// else; the nationality goes into none.
func TestOnlyWhatThePurposeAsksFor(t *testing.T) {
	by := map[rule.Datum][]string{rule.Sex: {flow.Sex},
		rule.TravelDocument: {flow.DocumentType, flow.DocumentNumber, flow.DocumentIssuer, flow.DocumentExpiry}}
	says := map[string]string{flow.Family: "ERIKSSÓN", flow.Given: "ANNA MARÍA", flow.Birth: "1974-08-12", flow.Sex: "F",
		flow.DocumentType: "P", flow.DocumentNumber: "L898902C3", flow.DocumentIssuer: "UTO", flow.DocumentExpiry: "2012-04-15"}
	for _, recast := range []bool{false, true} {
		for _, purpose := range rule.Purposes() {
			for _, basis := range rule.Bases(purpose) {
				d := newDesk(t)
				if recast {
					commands["recast"](d, nil)
				}
				for _, e := range []flow.Event{flow.LoggedIn{Officer: flow.Officer{ID: "4711"}}, flow.NewCase{},
					flow.Edit{Field: flow.Purpose, Value: string(purpose)}, flow.Edit{Field: flow.Basis, Value: string(basis)}} {
					d.on(e)
				}
				before := d.c.Form.Values
				d.chip("eriksson")
				want := maps.Clone(before)
				ids := []string{flow.Family, flow.Given, flow.Birth}
				for _, demand := range d.c.Settings.Profile.Law.Data(rule.Facts{Purpose: purpose, Basis: basis, CaptureOn: rule.DateOf(d.now)}, rule.Date{}) {
					ids = append(ids, by[demand.Datum]...)
				}
				for _, id := range ids {
					if slices.Contains(d.c.Asks(), id) {
						want[id] = says[id]
					}
				}
				if got := d.c.Form.Values; !reflect.DeepEqual(got, want) {
					t.Errorf("%s %s, recast %v: the form holds %q, want %q", purpose, basis, recast, got, want)
				}
			}
		}
	}
}

// chip has a chip read by its CAN and used for the form that is open.
func (d *desk) chip(how ...string) {
	d.on(flow.ReadChip{})
	d.on(flow.CardIs{Lies: true})
	d.on(flow.Edit{Field: flow.CAN, Value: "240917"})
	d.on(flow.Next{})
	d.on(flow.CardSeen{Ask: d.c.Card.Ask, Seen: seen(how...)})
	d.on(flow.Next{})
}

// A name is taken with its letters only where they are those of the zone.
func TestNamesWithTheirLetters(t *testing.T) {
	for _, c := range []struct {
		what                string
		family, given       string // of DG11
		wantFamily, wantAll string
	}{
		{"none in DG11", "", "", "OERSTED MADSEN", "AASE"},
		{"with its letters", "ØRSTED-MADSEN", "ÅSE", "ØRSTED-MADSEN", "ÅSE"},
		{"in small letters", "Ørsted-Madsen", "Åse", "Ørsted-Madsen", "Åse"},
		{"another family name", "JENSEN", "ÅSE", "OERSTED MADSEN", "ÅSE"},
		{"in another script", "ЭРИКССОН", "АННА", "OERSTED MADSEN", "AASE"},
		{"a given name more", "ØRSTED-MADSEN", "ÅSE MARIE", "ØRSTED-MADSEN", "AASE"},
		{"with marks behind the letters", "ØRSTED-MADSEN", "A\u030aSE", "ØRSTED-MADSEN", "A\u030aSE"},
		{"marks that nobody sees", "ØRSTED-MADSEN", "ÅSE" + strings.Repeat("\U000e0141", 2000), "ØRSTED-MADSEN", "AASE"},
		{"more marks than a letter has", "ØRSTED-MADSEN", "ÅSE" + strings.Repeat("\u0301", 4), "ØRSTED-MADSEN", "AASE"},
		{"apostrophes without end", "ØRSTED-MADSEN" + strings.Repeat("'", 500), "ÅSE", "OERSTED MADSEN", "ÅSE"},
		{"apostrophes that are letters", "ØRSTED-MADSEN" + strings.Repeat("ʼ", 500), "ÅSE", "OERSTED MADSEN", "ÅSE"},
		{"a new line", "ØRSTED\nMADSEN", "ÅSE", "OERSTED MADSEN", "ÅSE"},
		{"markup", "ØRSTED-MADSEN", "\"ÅSE\"", "ØRSTED-MADSEN", "AASE"},
	} {
		d := newDesk(t)
		d.on(flow.LoggedIn{Officer: flow.Officer{ID: "4711"}})
		d.on(flow.NewCase{})
		d.on(flow.ReadChip{})
		d.on(flow.CardIs{Lies: true})
		d.on(flow.Edit{Field: flow.CAN, Value: "240917"})
		d.on(flow.Next{})
		s := seen("proven")
		s.Zone.Primary, s.Zone.Secondary, s.Holder = "OERSTED MADSEN", "AASE", capture.Holder{Family: c.family, Given: c.given}
		d.on(flow.CardSeen{Ask: d.c.Card.Ask, Seen: s})
		d.on(flow.Next{})
		v := d.c.Form.Values
		if v[flow.Family] != c.wantFamily || v[flow.Given] != c.wantAll {
			t.Errorf("%s: %q, %q, want %q, %q", c.what, v[flow.Family], v[flow.Given], c.wantFamily, c.wantAll)
		}
		if differ := d.c.Differing(); len(differ) > 0 {
			t.Errorf("%s: %v are said to differ", c.what, differ)
		}
	}
}

// What a zone cannot say is no difference.
func TestNoDifference(t *testing.T) {
	for _, c := range []struct {
		what, field, read, written string
		shortened, differs         bool
	}{
		{"the name as the zone writes it", flow.Family, "OERSTED", "OERSTED", false, false},
		{"the name with its letters", flow.Family, "OERSTED", "Ørsted", false, false},
		{"another name", flow.Family, "OERSTED", "Madsen", false, true},
		{"a name that the zone has cut", flow.Given, "ANNA MARIA L", "Anna Maria Louise", true, false},
		{"the rest of a birth date", flow.Birth, "1990-05", "1990-05-17", false, false},
		{"the year for the day", flow.Birth, "1990-05-17", "1990", false, true},
		{"another year", flow.Birth, "1990", "1991-05-17", false, true},
		{"nothing is written", flow.Birth, "1990", "", false, false},
		{"nothing was read", flow.Birth, "", "1990", false, false},
	} {
		s := flow.State{Form: flow.Form{Values: map[string]string{c.field: c.written},
			Reading: flow.Reading{Read: map[string]string{c.field: c.read}, Shortened: c.shortened}}}
		if _, differs := s.FromDocument(c.field); differs != c.differs {
			t.Errorf("%s: differs is %v, want %v", c.what, differs, c.differs)
		}
	}
}

// A face is overwritten where a decoder has put it, and then where it was kept.
func TestFaceIsWiped(t *testing.T) {
	r := image.Rect(3, 2, 11, 10)
	for _, img := range []interface {
		image.Image
		Set(x, y int, c color.Color)
	}{image.NewGray(r), image.NewGray16(r), image.NewRGBA(r), image.NewRGBA64(r), image.NewNRGBA(r), image.NewNRGBA64(r),
		image.NewPaletted(r, color.Palette{color.Black, color.White})} {
		img.Set(4, 3, color.White)
		f := flow.NewFace(img)
		if got := color.GrayModel.Convert(f.At(1, 1)).(color.Gray); got.Y != 255 || f.Bounds() != image.Rect(0, 0, 8, 8) {
			t.Errorf("%T: the face has %v, bounds %v", img, got, f.Bounds())
		}
		if got := color.GrayModel.Convert(img.At(4, 3)).(color.Gray); got.Y != 0 {
			t.Errorf("%T keeps the pixel %v", img, got)
		}
		f.Wipe()
		if _, _, _, a := f.At(1, 1).RGBA(); a != 0 {
			t.Errorf("%T: a pixel is left of a face that is wiped", img)
		}
	}
	y := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	for _, plane := range [][]byte{y.Y, y.Cb, y.Cr} {
		plane[0] = 99
	}
	if flow.NewFace(y); y.Y[0]+y.Cb[0]+y.Cr[0] != 0 {
		t.Error("the planes of a JPEG are kept")
	}
	inks := image.NewCMYK(r)
	inks.Pix[0] = 99
	if flow.NewFace(inks); inks.Pix[0] != 0 {
		t.Error("the inks of a JPEG are kept")
	}
	if says := seen().String() + seen().GoString(); strings.Contains(says, "NEMO") {
		t.Errorf("what was seen says %q", says)
	}
}

// What the clerk showed the person of one chip does not show the next.
func TestTheNextChipIsNotShown(t *testing.T) {
	d := newDesk(t)
	d.on(flow.LoggedIn{Officer: flow.Officer{ID: "4711"}})
	d.on(flow.NewCase{})
	d.on(flow.ReadChip{})
	read := func() {
		d.on(flow.CardIs{Lies: true})
		d.on(flow.Edit{Field: flow.CAN, Value: "240917"})
		d.on(flow.Next{})
		d.on(flow.CardSeen{Ask: d.c.Card.Ask, Seen: seen()})
	}
	for range 2 {
		if read(); d.c.Look.HandedOver || d.c.Card.Seen == nil {
			t.Fatalf("read, and shown to the person: %v", d.c.Look.HandedOver)
		}
		d.on(flow.HandOver{})
		d.on(flow.CardIs{})
	}
	if d.on(flow.Back{}); d.c.Look.HandedOver {
		t.Error("the person's screen covers the form")
	}
}
