package main

import (
	"image"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

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
