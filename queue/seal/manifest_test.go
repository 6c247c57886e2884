package seal

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"optag/capture/record/jcs"
)

// Each field out of its range is refused, by the name of the field and without
// repeating what stood in it.
func TestManifestFields(t *testing.T) {
	const secret = "Ærø\x01 Hansen 010190-1234"
	for field, spoil := range map[string]func(*Manifest){
		"package":                 func(m *Manifest) { m.PackageID = secret },
		"kind":                    func(m *Manifest) { m.Kind = secret },
		"case":                    func(m *Manifest) { m.Case = secret },
		"station":                 func(m *Manifest) { m.Station = "" },
		"sequence":                func(m *Manifest) { m.Sequence = 0 },
		"previous":                func(m *Manifest) { m.Previous = secret },
		"created":                 func(m *Manifest) { m.Created = time.Time{} },
		"officer":                 func(m *Manifest) { m.Officer = secret },
		"force":                   func(m *Manifest) { m.Force = secret },
		"software":                func(m *Manifest) { m.Software = "" },
		"purpose":                 func(m *Manifest) { m.Purpose = secret },
		"controller":              func(m *Manifest) { m.Controller = "" },
		"decision.law_date":       func(m *Manifest) { m.Decision.LawDate = "22-11-2026" },
		"decision.prints":         func(m *Manifest) { m.Decision.Prints = "" },
		"decision.grounds":        func(m *Manifest) { m.Decision.Grounds = nil },
		"decision.grounds.code":   func(m *Manifest) { m.Decision.Grounds[0].Code = secret },
		"decision.grounds.source": func(m *Manifest) { m.Decision.Grounds[0].Source = secret },
		"decision.marks":          func(m *Manifest) { m.Decision.Marks = []string{"recall", "recall"} },
		"items.kind":              func(m *Manifest) { m.Items[0].Kind = "iris" },
		"items.position":          func(m *Manifest) { m.Items[1].Position = "" },
		"items.attempts":          func(m *Manifest) { m.Items[0].Attempts = make([]Attempt, maxList+1) },
		"items.attempts.score":    func(m *Manifest) { m.Items[0].Attempts[0].Score = 101 },
		"items.attempts.at":       func(m *Manifest) { m.Items[0].Attempts[0].At = time.Time{} },
		"items.attempts.veto":     func(m *Manifest) { m.Items[0].Attempts[0].Veto = secret },
		"items.threshold":         func(m *Manifest) { m.Items[0].Threshold = -1 },
		"items.chosen":            func(m *Manifest) { m.Items[0].Chosen = 2 },
		"items.device":            func(m *Manifest) { m.Items[0].Device.Serial = secret },
		"items.device.driver":     func(m *Manifest) { m.Items[0].Device.Driver = "" },
		"items.parts":             func(m *Manifest) { m.Items[0].Parts = []string{"nothing.png"} },
		"exceptions.reason":       func(m *Manifest) { m.Exceptions[0].Reason = secret },
		"exceptions.position":     func(m *Manifest) { m.Exceptions[0].Position = "" },
		"exceptions.officer":      func(m *Manifest) { m.Exceptions[0].Officer = "" },
		"rights.language":         func(m *Manifest) { m.Rights[0].Language = "" },
		"rights.sha256":           func(m *Manifest) { m.Rights[0].SHA256 = "abc" },
		"rights":                  func(m *Manifest) { m.Rights = make([]Rights, maxList+1) },
	} {
		t.Run(field, func(t *testing.T) {
			m := manifest()
			spoil(&m)
			_, err := Seal(seeded(3), m, parts(), keys().to, keys().station)
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), field+" is missing") {
				t.Fatalf("Seal: %v, want %v naming %s", err, ErrInvalid, field)
			}
			for _, word := range strings.Fields(secret) {
				if strings.Contains(err.Error(), word) {
					t.Errorf("the error repeats the field's value: %v", err)
				}
			}
		})
	}
}

// A notice is about a capture and holds none.
func TestNoticeHoldsNoCapture(t *testing.T) {
	plain := func() Manifest {
		m := manifest()
		m.Kind, m.Force, m.Items, m.Exceptions = KindNotice, "", nil, nil
		m.Decision.Photo, m.Decision.Prints = false, "none"
		return m
	}
	for name, spoil := range map[string]func(*Manifest){
		"nothing captured":  func(*Manifest) {},
		"a print":           func(m *Manifest) { m.Items = manifest().Items },
		"an exception":      func(m *Manifest) { m.Exceptions = manifest().Exceptions },
		"force":             func(m *Manifest) { m.Force = "officer-4" },
		"a photo asked for": func(m *Manifest) { m.Decision.Photo = true },
		"prints asked for":  func(m *Manifest) { m.Decision.Prints = "two_flat" },
	} {
		m := plain()
		spoil(&m)
		raw, err := Seal(seeded(3), m, parts(), keys().to, keys().station)
		if name != "nothing captured" {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: Seal: %v, want %v", name, err, ErrInvalid)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := mustRead(t, raw).Manifest.Kind; got != KindNotice {
			t.Errorf("read as a package of kind %q", got)
		}
	}
}

// The JSON of docs/package-format.md is narrower than RFC 8785: no fraction, and
// no null.
func TestNarrowJSON(t *testing.T) {
	var narrow func(of reflect.Type, path string)
	narrow = func(of reflect.Type, path string) {
		switch of.Kind() {
		case reflect.Struct:
			for f := range of.Fields() {
				if of != reflect.TypeFor[time.Time]() {
					narrow(f.Type, path+"."+f.Name)
				}
			}
		case reflect.Slice:
			narrow(of.Elem(), path)
		case reflect.Bool, reflect.String, reflect.Int, reflect.Int64, reflect.Uint64:
		default:
			t.Errorf("%s is a %v", path, of)
		}
	}
	narrow(reflect.TypeFor[Manifest](), "manifest")
	narrow(reflect.TypeFor[signedReceipt](), "receipt")

	k := keys()
	good := mustRead(t, seal(t, manifest(), parts()))
	for name, empty := range map[string]func(*Manifest){
		"decision.grounds": func(m *Manifest) { m.Decision.Grounds = nil },
		"items.attempts":   func(m *Manifest) { m.Items[0].Attempts = nil },
		"recipients":       func(m *Manifest) { m.Recipients = nil },
	} {
		m := mustRead(t, seal(t, manifest(), parts())).Manifest
		empty(&m)
		core, err := jcs.Marshal(m)
		if err != nil || !bytes.Contains(core, []byte(":null")) {
			t.Fatalf("%s empty: %s, %v", name, core, err)
		}
		if _, err := Read(forge(t, core, good.body, k.station)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s null: Read: %v, want %v", name, err, ErrDamaged)
		}
	}
}

// Text is kept to the letter, also where somebody before us lost one.
func TestTextIsKept(t *testing.T) {
	const text = "<Føtex> & \"Søn\" \\ \uFFFD"
	m := manifest()
	m.Items[0].Device.Serial = text
	if got := mustRead(t, seal(t, m, parts())).Manifest.Items[0].Device.Serial; got != text {
		t.Errorf("%q is sealed as %q", text, got)
	}
}

// Every other spelling of the same manifest is refused: what is signed and what
// is read must be the same bytes.
func TestOneSpelling(t *testing.T) {
	k := keys()
	good := mustRead(t, seal(t, manifest(), parts()))
	for _, c := range []struct{ name, from, to string }{
		{"a space", `"version":1`, `"version": 1`},
		{"a number with a fraction", `"version":1`, `"version":1.0`},
		{"another case of a member's name", `"officer":"officer-4","package"`, `"Officer":"officer-4","package"`},
		{"a member twice", `"version":1`, `"version":1,"version":1`},
		{"an unknown member", `"version":1`, `"version":1,"zebra":1`},
		{"an empty list", `"version":1`, `"version":1,"zz":[]`},
		{"an escape that is not needed", `"station-17"`, `"stati\u006fn-17"`},
		{"an offset instead of Z", `"created":"2026-11-22T09:35:00Z"`, `"created":"2026-11-22T10:35:00+01:00"`},
		{"null", `"purpose":"residence_card"`, `"purpose":null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			core := bytes.Replace(good.core, []byte(c.from), []byte(c.to), 1)
			if bytes.Equal(core, good.core) {
				t.Fatalf("%s does not stand in the manifest", c.from)
			}
			if _, err := Read(forge(t, core, good.body, k.station)); !errors.Is(err, ErrDamaged) {
				t.Errorf("Read: %v, want %v", err, ErrDamaged)
			}
		})
	}
}

// The manifest of the same capture is the same to the byte, so long as nothing
// random enters it but what the caller passes in.
func TestManifestIsDeterministic(t *testing.T) {
	a, b := mustRead(t, seal(t, manifest(), parts())), mustRead(t, seal(t, manifest(), parts()))
	if !bytes.Equal(a.core, b.core) {
		t.Error("two sealings of the same capture have different manifests")
	}
	if bytes.Equal(a.body, b.body) {
		t.Error("two sealings of the same capture have the same ciphertext")
	}
}

// A case hash says nothing without its key.
func TestCaseHash(t *testing.T) {
	a := CaseHash([]byte("0123456789abcdef"), "reference")
	if a == CaseHash([]byte("0123456789abcdeg"), "reference") || a == CaseHash([]byte("0123456789abcdef"), "Reference") {
		t.Error("case hashes repeat")
	}
	if !hash.MatchString(a) {
		t.Errorf("CaseHash = %q", a)
	}
}

func TestNewPackageID(t *testing.T) {
	id, err := NewPackageID(bytes.NewReader(bytes.Repeat([]byte{0xab}, 16)))
	if want := strings.Repeat("ab", 16); id != want || err != nil {
		t.Errorf("NewPackageID = %q, %v; want %q", id, err, want)
	}
	if _, err := NewPackageID(strings.NewReader("short")); err == nil {
		t.Error("a package id without randomness")
	}
}
