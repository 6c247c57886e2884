package osia

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/rule"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew; commit it only when understood")

// TestRoundTrip: what is handed over is what is taken over, as far as it may
// travel.
func TestRoundTrip(t *testing.T) {
	for _, h := range hands() {
		t.Run(h.name, func(t *testing.T) {
			f := h.write(t)
			got, err := Read(f.JSON, h.receiver(f))
			if err != nil {
				t.Fatal(err)
			}
			want := h.way.trim(h.made.Case)
			if !reflect.DeepEqual(got.Case, want) {
				t.Errorf("taken over: %+v\nhanded over: %+v", got.Case, want)
			}
			if !slices.Equal(got.Marks, h.made.Marks) || got.Station != "SIM-01" || !got.Finished.Equal(noon) || got.ID != h.options().ID {
				t.Errorf("what goes with it was changed: %+v", got)
			}
			if (got.Refusal != nil) != h.way.has(rule.CargoRefusal) && h.made.Refusal != nil {
				t.Errorf("refusal: %v", got.Refusal)
			}
			samePictures(t, h, got)
			for _, never := range []string{"4711", "accident"} { // officers and notes stay in the package
				if bytes.Contains(f.JSON, []byte(never)) {
					t.Errorf("the file holds %q", never)
				}
			}
			got.Wipe()
			f.Wipe()
		})
	}
}

// samePictures compares the pictures with the parts.
func samePictures(t *testing.T, h hand, got Taken) {
	t.Helper()
	if photo := h.way.has(rule.CargoPhoto) && h.made.Portrait != nil; (got.Portrait != nil) != photo || photo && !bytes.Equal(got.Portrait.Data, drawn()) {
		t.Errorf("another portrait")
	}
	var prints, missing []finger.Position
	if h.way.has(rule.CargoPrints) {
		for _, p := range h.made.Prints {
			prints = append(prints, p.Position)
		}
		for _, e := range h.made.Exceptions {
			missing = append(missing, e.Position)
		}
		if h.made.Inability != nil {
			missing = finger.All()
		}
	}
	var gotPrints, gotMissing []finger.Position
	for _, p := range got.Prints {
		gotPrints = append(gotPrints, p.Finger)
		if p.Score != 60+int(p.Finger) || p.PPI != 500 || p.Device != "Nobody N-10 00042" || !h.opts.WSQ && !bytes.Equal(p.Data, ridges()[p.Finger]) {
			t.Errorf("another print of %v", p.Finger)
		}
	}
	for _, m := range got.Missing {
		gotMissing = append(gotMissing, m.Finger)
		for _, e := range h.made.Exceptions {
			if e.Position == m.Finger && e.Reason != m.Reason {
				t.Errorf("%v is missing as %q, want %q", m.Finger, m.Reason, e.Reason)
			}
		}
	}
	if !slices.Equal(gotPrints, prints) || !slices.Equal(gotMissing, missing) {
		t.Errorf("prints %v without %v, want %v without %v", gotPrints, gotMissing, prints, missing)
	}
}

// TestGolden: one file, byte for byte.
func TestGolden(t *testing.T) {
	h := hands()[1]
	f := h.write(t)
	var shown bytes.Buffer
	if err := json.Indent(&shown, f.JSON, "", "  "); err != nil {
		t.Fatal(err)
	}
	shown.WriteByte('\n')
	const name = "testdata/card.json"
	if *rewrite {
		if err := os.WriteFile(name, shown.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(shown.Bytes(), want) {
		t.Errorf("the file is other than %s:\n%s", name, shown.Bytes())
	}
	if _, err := Read(want, h.receiver(f)); err != nil { // however it is set
		t.Errorf("reading %s: %v", name, err)
	}
}

// TestLaw: for every purpose and basis, every way and every cargo, a file is
// written and read exactly where the law has a passage for all of it.
func TestLaw(t *testing.T) {
	parties := append(slices.Clone(authorities), rule.PartyCardProducer, rule.PartyEurodac)
	asked, went := 0, 0
	for _, purpose := range rule.Purposes() {
		for _, basis := range rule.Bases(purpose) {
			m := begin(purpose, basis)
			c := m.Case
			for _, from := range parties {
				for _, to := range parties {
					for _, aim := range rule.Aims() {
						for _, cargo := range append(rule.Cargoes(), "") {
							w := Way{From: from, To: to, Aim: aim}
							_, want := rule.Settings{}.MayTravel(c.Facts, c.LawDate, rule.CargoCase, from, to, aim)
							want = want && slices.Contains(authorities, from) && slices.Contains(authorities, to)
							if cargo != "" {
								w.With = []rule.Cargo{cargo}
								_, may := rule.Settings{}.MayTravel(c.Facts, c.LawDate, cargo, from, to, aim)
								want = want && may && cargo != rule.CargoCase
							}
							_, err := w.allowed(c, rule.Settings{})
							if (err == nil) != want || err != nil && !errors.Is(err, ErrPassage) && !errors.Is(err, ErrSurplus) {
								t.Errorf("%s %s %+v: %v, want %v", purpose, basis, w, err, want)
							}
							asked++
							if want {
								went++
							}
						}
					}
				}
			}
		}
	}
	if went == 0 || went == asked {
		t.Errorf("%d of %d may go", went, asked)
	}
}

// TestWriteRefuses: what the writer will not sign.
func TestWriteRefuses(t *testing.T) {
	way := func(w Way) func(*hand) { return func(h *hand) { h.way = w } }
	for _, c := range []struct {
		name  string
		spoil func(*hand)
		want  error
	}{
		{"prints for a return", way(Way{service, returns, rule.AimReturn, []rule.Cargo{rule.CargoPrints}}), ErrSurplus},
		{"prints for a sticker", way(Way{service, foreign, rule.AimVisa, []rule.Cargo{rule.CargoPhoto, rule.CargoPrints}}), ErrSurplus},
		{"a cargo twice", way(Way{foreign, service, rule.AimEnrolment, []rule.Cargo{rule.CargoPhoto, rule.CargoPhoto}}), ErrSurplus},
		{"Eurodac's data of a card", way(Way{foreign, service, rule.AimEnrolment, []rule.Cargo{rule.CargoData}}), ErrSurplus},
		{"a card to the police", way(Way{service, police, rule.AimEnrolment, nil}), ErrPassage},
		{"to the card producer, who has a profile", way(Way{service, rule.PartyCardProducer, rule.AimProduction, everything}), ErrPassage},
		{"an aim that is none", way(Way{foreign, service, "curiosity", nil}), ErrPassage},
		{"securing what nobody refused", func(h *hand) {
			h.made = begin(rule.ResidenceCard, rule.AA7).sits().takes(finger.RightIndex, finger.LeftIndex)
			h.way = Way{service, police, rule.AimSecure, []rule.Cargo{rule.CargoRefusal}}
		}, ErrNothing},
		{"a record that the law's check does not pass", func(h *hand) { h.made.Rights = nil }, capture.Faults{}},
		{"a print that is surplus", func(h *hand) { h.made.takes(finger.RightMiddle) }, capture.Faults{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hand{made: card(), way: Way{foreign, service, rule.AimEnrolment, everything}}
			c.spoil(&h)
			r, parts := h.made.close()
			f, err := Write(r, parts, h.way, h.options())
			_, faults := capture.AsFaults(err)
			if _, want := c.want.(capture.Faults); err == nil || f.JSON != nil || faults != want || !want && !errors.Is(err, c.want) {
				t.Errorf("Write = %d bytes, %v; want %v", len(f.JSON), err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "NEMO") {
				t.Errorf("the error names the person: %v", err)
			}
		})
	}
	h := hands()[0]
	r, parts := h.made.close()
	for name, spoil := range map[string]func(*Options){
		"no id":                         func(o *Options) { o.ID = "1" },
		"stated before it was finished": func(o *Options) { o.At = noon.Add(-1) },
		"no key":                        func(o *Options) { o.By = nil },
		"a key of another kind":         func(o *Options) { o.By = otherKey{} },
	} {
		o := h.options()
		if spoil(&o); o.By == (otherKey{}) != func() bool { _, err := Write(r, parts, h.way, o); return errors.Is(err, ErrSigner) }() {
			t.Errorf("%s: another error", name)
		}
		if _, err := Write(r, parts, h.way, o); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	if _, err := Write(r, parts[1:], h.way, h.options()); err == nil {
		t.Error("written without session.json")
	}
}

// TestBegin: the receiver opens a capture of its own without typing the case
// again, and only where the aim is a capture.
func TestBegin(t *testing.T) {
	h := hands()[5] // refused prints, to be secured
	f := h.write(t)
	got, err := Read(f.JSON, h.receiver(f))
	if err != nil {
		t.Fatal(err)
	}
	day := rule.DateOf(noon).AddDays(1)
	c, err := got.Begin(rule.StationPolice, day)
	if err != nil || c.Number != "26-118402" || c.Holder.Family != "NEMO Ø" || c.Facts.BirthDate != h.made.Case.Facts.BirthDate ||
		c.Facts.Station != rule.StationPolice || c.Facts.CaptureOn != day || c.Facts.Refuses != nil || c.Facts.Purpose != rule.ResidenceCard {
		t.Errorf("Begin = %+v, %v", c, err)
	}
	if s, err := capture.Open(c, capture.EU()); err != nil {
		t.Errorf("the case opens no capture: %v", err)
	} else {
		s.Wipe()
	}
	if _, err := got.Begin(rule.StationImmigrationService, day); !errors.Is(err, ErrNotForUs) {
		t.Errorf("begun on another's counter: %v", err)
	}
	h = hands()[3]
	f = h.write(t)
	if got, err = Read(f.JSON, h.receiver(f)); err != nil {
		t.Fatal(err)
	}
	if _, err := got.Begin(rule.StationReturnAgency, day); !errors.Is(err, ErrNotForUs) {
		t.Errorf("a return began a capture: %v", err)
	}
}
