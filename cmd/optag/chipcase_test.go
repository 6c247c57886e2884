package main

import (
	"image"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/rule"
	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
)

// TestTheChipFillsTheCase: a scripted clerk has the case filled from the card in
// the reader and compares its face with the portrait. What the case asks for
// reaches the service; the face reaches nobody, and is overwritten at the seal.
func TestTheChipFillsTheCase(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join("internal", "simulate", "testdata", "chip_case.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var beside image.Image
	sources, wiped := map[string]bool{}, false
	m, parts := playParts(t, string(script), func(o *station.Options) {
		see := o.Screens
		o.Screens = func(s *flow.State) {
			sources[s.Form.Source] = true
			switch {
			case s.Page == flow.Portrait:
				beside = s.Face.Image
			case s.Delivery.Package != "" && beside != nil:
				_, _, _, alpha := beside.At(150, 200).RGBA()
				wiped = alpha == 0 && s.Face.Image == nil
			}
			see(s)
		}
	})
	r := recordIn(t, parts)
	if want := (capture.Holder{Family: "ERIKSSON", Given: "ANNA MARIA"}); r.Case.Holder != want {
		t.Error("the name is not that in the chip")
	}
	if born := (rule.BirthDate{Year: 1990, Month: 8, Day: 12}); r.Case.Facts.BirthDate != born || r.Case.Data != nil {
		t.Errorf("born %v, with data %v", r.Case.Facts.BirthDate, r.Case.Data)
	}
	if want := map[string]bool{"": true, flow.FromUnproven: true}; !reflect.DeepEqual(sources, want) {
		t.Errorf("the form was filled from %v, want %v: with the number alone it is not proven that the chip is this card's", sources, want)
	}
	if beside == nil || beside.Bounds().Size() != image.Pt(300, 400) {
		t.Fatal("the face of the chip did not stand beside the portrait")
	}
	if !wiped {
		t.Error("the face is not overwritten when the case is sealed")
	}
	if got := contents(m); got != "portrait right_index left_index" {
		t.Errorf("the package holds %q", got)
	}
	for _, p := range parts {
		for _, word := range []string{"same_person", "D23145890", "chip"} {
			if strings.Contains(string(p.Data), word) {
				t.Errorf("%s holds %q", p.Name, word)
			}
		}
	}
}

// TestTheZoneOpensTheChip: after a card was drawn through the reader its chip is
// read by itself for the case, all four things are proven, and of a case that is
// given up nothing is left.
func TestTheZoneOpensTheChip(t *testing.T) {
	d := openCounter(t)
	d.lies()
	card, err := d.Cards.specimen()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := card.document.Lines()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []flow.Event{flow.Back{}, flow.NewCase{}, flow.DocumentRead{Lines: zone}} {
		d.Send(e)
	}
	begun := time.Now()
	d.Send(flow.ReadChip{})
	v := d.until("what the chip holds", func(v glance) bool { return v.card.For == flow.CaseForm && v.card.Seen != nil })
	t.Logf("%.0f ms from the key to the page", time.Since(begun).Seconds()*1000)
	if !v.card.Seen.Proven() {
		t.Errorf("not all is proven: %v", v.card.Seen.Lamps)
	}
	d.Send(flow.Next{})
	d.until("the form", func(v glance) bool { return v.page == flow.CaseForm })
	held := make(chan image.Image, 1)
	d.Act(func(s *flow.State) flow.Event {
		if s.Form.Source != flow.FromChip || len(s.Differing()) > 0 {
			t.Errorf("the form is read from %q, differing in %v", s.Form.Source, s.Differing())
		}
		held <- s.Face.Image
		return flow.Back{}
	})
	d.until("no case", func(v glance) bool { return v.page == flow.Home })
	if _, _, _, alpha := (<-held).At(150, 200).RGBA(); alpha != 0 {
		t.Error("the face is not overwritten when the case is given up")
	}
	d.nothingOf("ERIKSSON", "D23145890")
}
