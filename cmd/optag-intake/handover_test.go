package main

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/rule"
	"optag/cmd/internal/trust"
	"optag/queue/seal"
)

// refuser is an asylum seeker who gave a photo, a picture of nobody, and no
// prints, as the station packs it.
func refuser(t *testing.T) []seal.Part {
	t.Helper()
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 311, 400)), nil); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f := rule.Defaults()
	f.Basis, f.Station, f.Refuses = rule.AA7, rule.StationPolice, []rule.Item{rule.ItemPrints}
	f.BirthDate, f.CaptureOn, f.AppliedOn = rule.BirthDate{Year: 1990, Month: 5, Day: 1}, rule.DateOf(at), rule.DateOf(at)
	var checks []face.Check
	for _, n := range face.Names() {
		checks = append(checks, face.Check{Name: n, Value: 1, Min: 0, Max: 2})
	}
	r := capture.Record{
		Version: capture.RecordVersion, Station: "cph-01", Officer: "officer-4", Profile: capture.EU(), Finished: at,
		Case:        capture.Case{Number: "26118402", Holder: capture.Holder{Family: "NEMO"}, Facts: f},
		Requirement: rule.For(f, rule.Date{}), Rights: &capture.Rights{Text: "t", Language: "da", How: "shown", At: at},
		Portrait: &capture.Portrait{MediaType: "image/jpeg", Width: 311, Height: 400, Source: "live", Checks: checks, At: at},
		Prints:   []capture.Print{}, Exceptions: []capture.Exception{}, Tried: []capture.Tried{},
	}
	r.Refusal = &capture.Refusal{Items: f.Refuses, Consequence: r.Requirement.Refusal, Explained: true, By: "officer-4", At: at}
	head, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return []seal.Part{{Name: "session.json", MediaType: "application/json", Data: head}, {Name: "portrait.jpg", MediaType: "image/jpeg", Data: picture.Bytes()}, caseKey}
}

// A case goes from the service to the police, who capture what was refused
// without typing anything again.
func TestHandover(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0)
	st, sv := enrolled(t, store)
	m, _ := packed(t, st, sv, 1, []byte("portrait"))
	raw, err := seal.Seal(rand.Reader, m, refuser(t), sv.Recipients, st.Signer(sv))
	if err != nil {
		t.Fatal(err)
	}
	key := write(t, "service.pem", []byte(do("handover", "key", "--store", store).want(t, 0, "BEGIN PUBLIC KEY").out))
	pack, dir := write(t, "p.optag", raw), t.TempDir()
	hand := func(args ...string) result {
		return do(append([]string{"handover", "write", "--key", trust.OpeningKeyPath(store), "--package", pack, "--out", dir}, args...)...)
	}
	take := func(args ...string) result {
		return do(append([]string{"handover", "read", "--file", filepath.Join(dir, handoverName), "--out", filepath.Join(dir, "taken")}, args...)...)
	}
	police := []string{"--as", "national_police", "--purpose", "secure_capture", "--trust", "immigration_service=" + key}

	hand("--to", "national_police", "--purpose", "secure_capture", "--with", "refusal,photo").want(t, 1, `"photo"`, "may not travel")
	hand("--to", "national_police", "--purpose", "curiosity").want(t, 1, "names no such way")
	hand("--to", "national_police").want(t, 2, "--purpose is missing")
	hand("--to", "national_police", "--purpose", "secure_capture", "--with", "refusal").want(t, 0, "from immigration_service to national_police")
	take(append(police, "--station", "police")...).want(t, 0, "the signature and all pictures are good", "0 prints")

	var begun capture.Case
	text, err := os.ReadFile(filepath.Join(dir, "taken", "case.json"))
	if err == nil {
		err = json.Unmarshal(text, &begun)
	}
	if err != nil || begun.Number != "26118402" || begun.Holder.Family != "NEMO" || begun.Facts.Refuses != nil || begun.Facts.Station != rule.StationPolice {
		t.Errorf("case.json = %+v, %v", begun, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "taken", "portrait.jpg")); err == nil {
		t.Error("the portrait went with it")
	}

	take("--as", "return_agency", "--purpose", "return", "--trust", "immigration_service="+key).want(t, 1, "another receiver")
	take(police[:4]...).want(t, 1, "not signed by a key")
	take(append(police, "--station", "immigration_service")...).want(t, 1, "beginning a capture")
	take(append(police[:4:4], "--trust", "national_police="+key)...).want(t, 1, "the key is national_police's")
	take(append(police[:4:4], "--trust", "immigration_service="+pack)...).want(t, 2, "no public key")
	take(append(police[:4:4], "--trust", "immigration_service="+strangeKey(t))...).want(t, 2, "no public key of Ed25519")
	take(append(slices.Clone(police), "--recast-from", "soon")...).want(t, 2, "no date")
}

// strangeKey is a public key of another kind.
func strangeKey(t *testing.T) string {
	t.Helper()
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "other.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// Pictures beside the file are found there, and only there.
func TestHandoverPictures(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0)
	st, sv := enrolled(t, store)
	m, _ := packed(t, st, sv, 1, []byte("portrait"))
	parts := refuser(t)
	picture := bytes.Clone(parts[1].Data)
	raw, err := seal.Seal(rand.Reader, m, parts, sv.Recipients, st.Signer(sv))
	if err != nil {
		t.Fatal(err)
	}
	key := write(t, "service.pem", []byte(do("handover", "key", "--store", store).want(t, 0).out))
	dir := t.TempDir()
	do("handover", "write", "--key", trust.OpeningKeyPath(store), "--package", write(t, "p.optag", raw), "--out", dir, "--beside",
		"--to", "immigration_service", "--purpose", "enrolment", "--with", "photo,prints,refusal").want(t, 0, "1 pictures beside it")
	read := []string{"handover", "read", "--json", "--file", filepath.Join(dir, handoverName), "--out", filepath.Join(dir, "taken"),
		"--as", "immigration_service", "--purpose", "enrolment", "--trust", "immigration_service=" + key}
	do(read...).want(t, 0, `"portrait": true`, `"ground": "L167 6.1"`)
	if got, err := os.ReadFile(filepath.Join(dir, "taken", "portrait.jpg")); err != nil || !bytes.Equal(got, picture) {
		t.Errorf("another portrait: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range entries {
		if len(one.Name()) == 43 { // a digest
			if err := os.Remove(filepath.Join(dir, one.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(read...).want(t, 1, "no such file")
	reference := &taking{file: filepath.Join(dir, handoverName)}
	for _, bad := range []string{"", "ni:///sha-256;..", "file:///etc/passwd", "ni:///sha-256;" + string(bytes.Repeat([]byte("."), 43))} {
		if _, err := reference.beside(bad); err == nil {
			t.Errorf("%q was followed", bad)
		}
	}
}

// The key that is shown is the one that signs.
func TestHandoverKey(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("handover", "key", "--store", store).want(t, 1, "no keys yet")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0)
	key, err := handoverSigner(store)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(do("handover", "key", "--store", store).want(t, 0).out))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil || !key.Public().(ed25519.PublicKey).Equal(public) {
		t.Errorf("another key: %v", err)
	}
	do("handover", "key", "--json", "--store", store).want(t, 0, `"kid"`)
}
