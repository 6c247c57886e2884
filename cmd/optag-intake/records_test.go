package main

import (
	"crypto/rand"
	"encoding/json"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/rule"
	"optag/cmd/internal/records"
	"optag/cmd/internal/trust"
	"optag/queue/seal"
	"optag/testdata/gen"
)

// photographed is what a package holds of a child of four, of whom a card's photo
// is taken and nothing else.
func photographed(t *testing.T) []seal.Part {
	t.Helper()
	now := time.Now().Add(-time.Minute)
	facts := rule.Defaults()
	facts.CaptureOn, facts.AppliedOn = rule.DateOf(now), rule.DateOf(now)
	facts.BirthDate = rule.BirthDate{Year: now.Year() - 4, Month: 1, Day: 1}
	s, err := capture.Open(capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO"}, Facts: facts}, capture.EU())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Wipe()
	s.Inform(capture.Rights{Text: "t", Language: "da", How: "shown", At: now})
	img := gen.Person(7).Portrait().Portrait(image.Pt(622, 800), gen.Pose{}, 1)
	data, err := gen.JPEG(img)
	if err == nil {
		err = s.Photograph(capture.Portrait{Encoded: data, MediaType: "image/jpeg", Width: 622, Height: 800, Source: "live", Checks: face.Assess(img), Accepted: "drawn", At: now})
	}
	if err != nil {
		t.Fatal(err)
	}
	_, parts, err := s.Finish("cph-01", "4711", now)
	if err != nil {
		t.Fatal(err)
	}
	all := []seal.Part{{Name: "case.key", MediaType: "application/octet-stream", Data: make([]byte, 32)}}
	for _, p := range parts {
		all = append(all, seal.Part(p))
	}
	return all
}

// TestOpenWritesRecords: beside the parts lie the records of the card, and nothing
// is wrong with them. A package of which none can be made is opened all the same.
func TestOpenWritesRecords(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0)
	st, sv := enrolled(t, store)
	parts := photographed(t)
	open := func(purpose seal.Manifest, more ...string) (string, result) {
		raw, err := seal.Seal(rand.Reader, purpose, parts, sv.Recipients, st.Signer(sv))
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		return out, do(append([]string{"open", "--key", trust.OpeningKeyPath(store), "--package", write(t, "p.optag", raw), "--out", out}, more...)...)
	}
	m, _ := packed(t, st, sv, 1, nil)
	out, r := open(m)
	r.want(t, 0, "3 parts", "records: face.fac dg2.bin")
	for _, name := range []string{"face.fac", "dg2.bin"} {
		if r := records.Inspect(mustRead(t, filepath.Join(out, name)), records.Options{}); !r.OK {
			t.Errorf("%s: %v", name, r.Faults)
		}
	}

	_, r = open(m, "--json", "--receivers", write(t, "r.json", []byte(`{"card": {"iso_39794": true}}`)))
	var said struct{ Records, Parts []string }
	if err := json.Unmarshal([]byte(r.out), &said); err != nil || strings.Join(said.Records, " ") != "face.39794-5 dg2.bin" || len(said.Parts) != 3 {
		t.Errorf("--json says %s, %v", r.out, err)
	}

	other := m
	other.Purpose = "eurodac"
	out, r = open(other)
	r.want(t, 0, "no records", "for another purpose")
	if got, err := os.ReadDir(out); err != nil || len(got) != len(parts)+1 {
		t.Errorf("%d files are written, %v", len(got), err)
	}

	out, r = open(m, "--receivers", write(t, "r.json", []byte(`{"cart": {}}`)))
	r.want(t, 1, "reading the receivers", "cart")
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
}
