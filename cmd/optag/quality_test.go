package main

import (
	"bytes"
	"encoding/json"
	"image"
	"os"
	"strings"
	"testing"

	"optag/capture/finger"
	"optag/capture/finger/nfiq2"
	"optag/testdata/gen"
)

// reports runs optag quality on prints, with a model of that MD5.
func (d *desk) reports(md5 string, files ...string) []printReport {
	d.t.Helper()
	var out bytes.Buffer
	e := &env{out: &out, home: d.home, json: true}
	if err := e.quality(files, md5); err != nil {
		d.t.Fatal(err)
	}
	var got []printReport
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != len(files) {
		d.t.Fatalf("%d reports for %d files, %v", len(got), len(files), err)
	}
	return got
}

// TestQuality: a good print has an estimate, a blank glass has none, and neither
// is called NFIQ 2.
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
	if len(got) != 2 || got[0].Estimate == nil || *got[0].Estimate < 30 || got[0].EstimateError == 0 || got[0].PPI != 500 {
		t.Fatalf("quality = %+v", got)
	}
	if got[1].Estimate != nil || got[1].NoEstimate == "" || len(got[1].Reasons) == 0 {
		t.Errorf("quality of a blank glass = %v, %q, reasons %v", got[1].Estimate, got[1].NoEstimate, got[1].Reasons)
	}
	for _, r := range got {
		if r.NFIQ2 != nil || r.NoNFIQ2 == "" || r.Model.State != "missing" || r.EstimateBy != "optag-estimate-2" {
			t.Errorf("%s: nfiq2 %v, reason %q, model %v", r.File, r.NFIQ2, r.NoNFIQ2, r.Model)
		}
		if len(r.Measures) != nfiq2.Count || len(r.Feedback) != 4 {
			t.Errorf("%s: %d measures, %d values of feedback", r.File, len(r.Measures), len(r.Feedback))
		}
	}
	if v := got[0].Measures["Mu"]; v == nil || *v < 1 || *v > 254 {
		t.Errorf("Mu = %v", v)
	}
	if code := d.run("quality", good); code != 0 || !strings.Contains(d.out.String(), "optag-estimate-2") || !strings.Contains(d.out.String(), "RVUP_Bin10_StdDev") {
		t.Errorf("quality in words = %d: %s", code, d.out.String())
	}
	if code := d.run("quality", d.file("text.png", []byte("hello"))); code != 1 {
		t.Errorf("quality of no image = %d", code)
	}
	if code := d.run("quality"); code != 2 {
		t.Errorf("quality of nothing = %d", code)
	}
}

// forest is a model of our own, in the form of the published one, and its MD5.
const (
	forest    = "../../capture/finger/nfiq2/testdata/forest.yaml"
	forestMD5 = "ef10d44d043cdf9baed29ebdfeec9c41"
)

// TestInstallModel: what is not NIST's model is refused with the reason, and what
// was installed stays.
func TestInstallModel(t *testing.T) {
	d := newDesk(t)
	model, err := os.ReadFile(forest)
	if err != nil {
		t.Fatal(err)
	}
	e := &env{out: &d.out, home: d.home}
	if err := e.installModel(forest, forestMD5); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(modelFile(d.home))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, says string
		args       []string
		code       int
	}{
		{"another model", "not the published model: its MD5 is " + forestMD5, []string{forest}, 1},
		{"half a model", "before the model does", []string{d.file("half.yaml", model[:len(model)/2])}, 1},
		{"a picture", "no NFIQ 2 model: line 1", []string{d.file("a.png", asPNG(t, image.NewGray(image.Rect(0, 0, 9, 9))))}, 1},
		{"no file", "no such file", []string{d.dir + "/none"}, 1},
		{"no name", "the model's file", nil, 2},
	} {
		code := d.run(append([]string{"quality", "install-model"}, c.args...)...)
		if said := d.errout.String(); code != c.code || !strings.Contains(said, c.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: %d, %q; want %q", c.name, code, said, c.says)
		}
	}
	if after, err := os.ReadFile(modelFile(d.home)); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the installed model changed: %v", err)
	}
}

// TestQualityWithModel: an installed model scores; a damaged one or another is
// refused, and said to be.
func TestQualityWithModel(t *testing.T) {
	d := newDesk(t)
	good := d.file("good.png", printPNG(t, printOf(t, 1, finger.RightIndex), 500))
	e := &env{out: &d.out, home: d.home, json: true}
	if err := e.installModel(forest, forestMD5); err != nil {
		t.Fatal(err)
	}
	var installed struct {
		State, MD5, Algorithm string
		Trees                 int
	}
	if err := json.Unmarshal(d.out.Bytes(), &installed); err != nil || installed.State != "installed" || installed.MD5 != forestMD5 || installed.Trees != 15 {
		t.Errorf("install-model says %s, %v", d.out.String(), err)
	}
	r := d.reports(forestMD5, good)[0]
	if r.NFIQ2 == nil || *r.NFIQ2 > 100 || r.NFIQ2By != "NFIQ 2.3" || r.NoNFIQ2 != "" || r.Model.State != "installed" || r.Estimate == nil {
		t.Errorf("with a model: %+v", r)
	}
	if r := d.reports(nfiq2.ModelMD5, good)[0]; r.NFIQ2 != nil || r.Model.State != "refused" || !strings.Contains(r.NoNFIQ2, "model refused: ") {
		t.Errorf("with another model: %v, %q", r.NFIQ2, r.NoNFIQ2)
	}
	raw, err := os.ReadFile(modelFile(d.home))
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(modelFile(d.home), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := d.reports(forestMD5, good)[0]; r.NFIQ2 != nil || r.Model.State != "refused" || !strings.Contains(r.NoNFIQ2, "damaged model cache") || r.Estimate == nil {
		t.Errorf("with a damaged model: %v, %q", r.NFIQ2, r.NoNFIQ2)
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
