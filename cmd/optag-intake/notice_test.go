package main

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/notice"
	"optag/capture/rule"
	"optag/cmd/internal/trust"
	"optag/queue/seal"
)

// aNotice is a follow-up notice that a station may make today.
func aNotice(t *testing.T) notice.Notice {
	t.Helper()
	today := rule.DateOf(time.Now())
	n, err := notice.Settings{Categories: capture.EU().Eurodac}.Make(notice.Request{
		Kind:     notice.FollowUps,
		Capture:  notice.Capture{Number: "1234567", Reference: "DK218402", Purpose: rule.Eurodac, Basis: rule.Art8, On: today},
		FollowUp: &notice.FollowUp{Event: notice.LeftTerritory, On: today},
	}, notice.Maker{Station: "cph-01", Kind: rule.StationPolice, Officer: "officer-4"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// manifestOf makes the manifest of a notice, as a station does.
func manifestOf(t *testing.T, n notice.Notice, seq uint64, key []byte) seal.Manifest {
	t.Helper()
	id, err := seal.NewPackageID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := seal.Manifest{
		Kind: seal.KindNotice, PackageID: id, Case: seal.CaseHash(key, n.Capture.Number), Station: n.Station, Sequence: seq,
		Previous: strings.Repeat("0", 64), Created: n.MadeAt, Officer: n.Officer, Software: "optag test",
		Purpose: string(n.Capture.Purpose), Controller: string(n.Controller),
		Decision: seal.Decision{LawDate: n.Day.String(), Prints: "none"},
	}
	for _, g := range n.Grounds {
		m.Decision.Grounds = append(m.Decision.Grounds, seal.Ground{Code: g.Code, Source: g.Source})
	}
	return m
}

func sealNotice(t *testing.T, st *trust.Station, sv *trust.Service, m seal.Manifest, parts ...seal.Part) []byte {
	t.Helper()
	raw, err := seal.Seal(rand.Reader, m, parts, sv.Recipients, st.Signer(sv))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The key of the case's hash, and the parts of a notice.
var caseKey = seal.Part{Name: "case.key", MediaType: "application/octet-stream", Data: make([]byte, 32)}

func textOf(t *testing.T, n notice.Notice) seal.Part {
	t.Helper()
	text, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return seal.Part{Name: notice.PartName, MediaType: notice.MediaType, Data: text}
}

// openIn opens a package with the key of a store.
func openIn(t *testing.T, store string, raw []byte, args ...string) (r result, out string) {
	t.Helper()
	out = filepath.Join(t.TempDir(), "out")
	return do(append([]string{"open", "--key", trust.OpeningKeyPath(store), "--package", write(t, "p.optag", raw), "--out", out}, args...)...), out
}

// A notice is received, counted and opened like a capture.
func TestNoticeIsReceivedAndOpened(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	s := startServing(t, store)
	st, sv := enrolled(t, store)
	n := aNotice(t)
	m := manifestOf(t, n, 1, caseKey.Data)
	raw := sealNotice(t, st, sv, m, textOf(t, n), caseKey)
	sendPackage(t, st, sv, s.url, m, raw)
	do("stats", "--store", store).want(t, 0, "1 packages", "1 of them notices")
	s.stop()

	r, out := openIn(t, store, raw)
	r.want(t, 0, "its receipt is good", "notice: follow_up, left_territory", "eurodac under art8, for national_police")
	if strings.Contains(r.out, "1234567") || strings.Contains(r.out, "DK218402") {
		t.Errorf("what is said tells of whom: %s", r.out)
	}
	got, err := os.ReadFile(filepath.Join(out, notice.PartName))
	if again, readErr := notice.Read(got); err != nil || readErr != nil || again.Capture != n.Capture {
		t.Errorf("%s is not what was sent: %v, %v", notice.PartName, err, readErr)
	}
	var said map[string]any
	r, _ = openIn(t, store, raw, "--json")
	if err := json.Unmarshal([]byte(r.out), &said); err != nil || said["notice"] != "follow_up" {
		t.Errorf("open --json = %s, %v", r.out, err)
	}
}

// What calls itself a notice and is none is not written out.
func TestNoNoticeIsNotOpened(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	do("init", "--store", store, "--url", "https://intake.example").want(t, 0)
	st, sv := enrolled(t, store)
	for name, change := range map[string]func(*notice.Notice, *seal.Manifest, *[]seal.Part){
		"over the limit": func(n *notice.Notice, _ *seal.Manifest, _ *[]seal.Part) { n.Capture.On = n.Capture.On.AddYears(-3) },
		"for another controller than its manifest": func(_ *notice.Notice, m *seal.Manifest, _ *[]seal.Part) { m.Controller = "foreign_ministry" },
		"by another officer":                       func(_ *notice.Notice, m *seal.Manifest, _ *[]seal.Part) { m.Officer = "officer-5" },
		"of another case":                          func(_ *notice.Notice, m *seal.Manifest, _ *[]seal.Part) { m.Case = strings.Repeat("0", 64) },
		"on another ground":                        func(_ *notice.Notice, m *seal.Manifest, _ *[]seal.Part) { m.Decision.Grounds[0].Code = "other" },
		"a picture beside it": func(_ *notice.Notice, _ *seal.Manifest, beside *[]seal.Part) {
			*beside = append(*beside, seal.Part{Name: "right_index.png", MediaType: "image/png"})
		},
	} {
		n := aNotice(t)
		m, parts := manifestOf(t, n, 2, caseKey.Data), []seal.Part{caseKey}
		change(&n, &m, &parts)
		r, out := openIn(t, store, sealNotice(t, st, sv, m, append(parts, textOf(t, n))...))
		if r.code != 1 || !strings.Contains(r.err, "opening the notice") {
			t.Errorf("%s: %d, %s", name, r.code, r.err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: was written out", name)
		}
	}
	m := manifestOf(t, aNotice(t), 3, caseKey.Data)
	r, _ := openIn(t, store, sealNotice(t, st, sv, m, caseKey))
	r.want(t, 1, "there is none in the package")
	r, _ = openIn(t, store, sealNotice(t, st, sv, m, caseKey, seal.Part{Name: notice.PartName, MediaType: notice.MediaType, Data: []byte("{}")}))
	r.want(t, 1, "it is no notice.json")
}
