package main

import (
	"encoding/json"
	"image"
	"strings"
	"testing"

	"optag/capture/finger"
	"optag/testdata/gen"
)

// TestQuality: a good print scores, a blank glass does not, and neither is
// called NFIQ 2.
func TestQuality(t *testing.T) {
	d := newDesk(t)
	good := d.file("good.png", printPNG(t, printOf(t, 1, finger.RightIndex), 500))
	blank := d.file("blank.png", printPNG(t, gen.Blank(sensor, 0.2, 1), 500))
	if code := d.run("quality", "--json", good, blank); code != 0 {
		t.Fatalf("quality = %d: %s", code, d.errout.String())
	}
	var got []printReport
	if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Estimate < 60 || got[1].Estimate != 0 || got[0].PPI != 500 {
		t.Errorf("quality = %+v", got)
	}
	for _, r := range got {
		if r.NFIQ2 != nil || r.NoNFIQ2 == "" {
			t.Errorf("%s: nfiq2 %v, reason %q", r.File, r.NFIQ2, r.NoNFIQ2)
		}
	}
	if code := d.run("quality", d.file("text.png", []byte("hello"))); code != 1 {
		t.Errorf("quality of no image = %d", code)
	}
	if code := d.run("quality"); code != 2 {
		t.Errorf("quality of nothing = %d", code)
	}
}

// TestQualityOfPortrait: a portrait is measured by each check's own name.
func TestQualityOfPortrait(t *testing.T) {
	d := newDesk(t)
	if code := d.run("quality", "--face", "--json", d.file("face.jpg", portraitJPEG(t))); code != 0 {
		t.Fatalf("quality --face = %d: %s", code, d.errout.String())
	}
	var got []faceReport
	if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || len(got[0].Checks) == 0 || len(got[0].Failed) != 0 {
		t.Errorf("quality --face = %+v", got)
	}
}

// TestMatch: two impressions of a finger are told from two fingers.
func TestMatch(t *testing.T) {
	d := newDesk(t)
	impression := func(name string, f *gen.Finger, seed uint64) string {
		img := f.Impression(sensor, [2]int{500, 500}, gen.Conditions{}.Vary(seed), seed)
		return d.file(name, printPNG(t, img, 500))
	}
	one, other := gen.Person(1).Finger(gen.Position(finger.RightIndex)), gen.Person(1).Finger(gen.Position(finger.LeftIndex))
	a, b, c := impression("a.png", one, 1), impression("b.png", one, 2), impression("c.png", other, 3)
	for _, pair := range []struct{ with, says string }{{b, "the same finger"}, {c, "different fingers"}} {
		if code := d.run("match", a, pair.with); code != 0 || !strings.Contains(d.out.String(), pair.says) {
			t.Errorf("match = %d, %q; want %q", code, d.out.String(), pair.says)
		}
	}
	if code := d.run("match", a, d.file("small.png", asPNG(t, image.NewGray(image.Rect(0, 0, 100, 100))))); code != 1 {
		t.Errorf("match with a small image = %d", code)
	}
}
