package osia

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/record/jcs"
	"optag/capture/rule"
)

// TestTampering: no byte of a file can be changed, nor one of a picture beside it.
func TestTampering(t *testing.T) {
	for i, step := range map[int]int{1: 3, 3: 1} {
		h := hands()[i]
		f := h.write(t)
		to := h.receiver(f)
		for at := 0; at < len(f.JSON); at += step {
			file := bytes.Clone(f.JSON)
			file[at] ^= []byte{0x20, 1 << (at / 2 % 8)}[at%2] // the first is that of capitals
			if _, err := Read(file, to); err == nil {
				t.Fatalf("%s: byte %d, %q becomes %q unnoticed", h.name, at, f.JSON[at], file[at])
			}
		}
		for at := 0; at < len(f.JSON); at += 101 {
			if _, err := Read(f.JSON[:at], to); !errors.Is(err, ErrForm) {
				t.Fatalf("%s: cut short at %d: %v", h.name, at, err)
			}
		}
	}
	h := hands()[1]
	f := h.write(t)
	for i, b := range f.Buffers {
		for at := 0; at < len(b.Data); at += len(b.Data)/7 + 1 {
			b.Data[at] ^= 4
			if _, err := Read(f.JSON, h.receiver(f)); !errors.Is(err, ErrSignature) {
				t.Errorf("picture %d, byte %d: %v", i, at, err)
			}
			b.Data[at] ^= 4
		}
	}
	f.Buffers = f.Buffers[1:]
	if _, err := Read(f.JSON, h.receiver(f)); err == nil {
		t.Error("read without its portrait")
	}
}

// TestReceiver: a file is for one receiver, one aim, and by one who may.
func TestReceiver(t *testing.T) {
	h := hands()[0]
	f := h.write(t)
	for _, c := range []struct {
		name  string
		spoil func(*Receiver)
		want  error
	}{
		{"another authority", func(r *Receiver) { r.Party = police }, ErrNotForUs},
		{"another aim", func(r *Receiver) { r.Aim = rule.AimReturn }, ErrNotForUs},
		{"no key is trusted", func(r *Receiver) { r.Trusted = nil }, ErrUntrusted},
		{"the key is another authority's", func(r *Receiver) {
			for i := range r.Trusted {
				r.Trusted[i].Party = police
			}
		}, ErrUntrusted},
		{"the key is none", func(r *Receiver) { r.Trusted = []Key{{nil, foreign}, {[]byte("short"), foreign}} }, ErrUntrusted},
	} {
		to := h.receiver(f)
		c.spoil(&to)
		if got, err := Read(f.JSON, to); !errors.Is(err, c.want) || got.ID != "" {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Read(make([]byte, MaxFile+1), h.receiver(f)); !errors.Is(err, ErrForm) {
		t.Errorf("a file that is too large: %v", err)
	}
	h = hands()[1]
	f = h.write(t)
	to := h.receiver(f)
	if to.Fetch = nil; func() bool { _, err := Read(f.JSON, to); return !errors.Is(err, ErrForm) }() {
		t.Error("pictures beside the file, and nobody fetches them")
	}
}

// A tree is a file that can be changed anywhere.
type tree = map[string]any

// forged changes a file as its signer could, and signs it again.
func forged(t testing.TB, h hand, file []byte, change func(tree)) []byte {
	t.Helper()
	var all tree
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	change(all)
	return signAgain(t, h, all)
}

func signAgain(t testing.TB, h hand, all tree) []byte {
	t.Helper()
	delete(all, block)
	text, err := jcs.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	s, err := split(text)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := sign(key(h.way.From), s.body)
	if err != nil {
		t.Fatal(err)
	}
	all[block] = []any{tree{"type": "JWS", "scope": s.scope, "alg": "SHA256", "hash": hash(s.body), "signature": signature}}
	if text, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	return text
}

// at walks into a tree by names and numbers.
func (h hand) at(all any, path ...any) tree {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			all = all.(tree)[p]
		case int:
			all = all.([]any)[p]
		}
	}
	return all.(tree)
}

// TestForbidden: the reader asks the law itself. A signer whom it trusts cannot
// hand over more than the stated aim allows, nor what contradicts itself.
func TestForbidden(t *testing.T) {
	whole, alone, secure, unable, data, sticker := hands()[1], hands()[3], hands()[5], hands()[7], hands()[10], hands()[4]
	files := map[string]File{}
	for _, c := range []struct {
		name string
		hand
		change func(tree)
		want   error
	}{
		{"prints for a return", alone, func(f tree) {
			f["biometricData"] = []any{finger1()}
			alone.at(f, "contextualData")["carries"] = []any{"prints", "case"}
		}, ErrSurplus},
		{"prints that are not among the cargo", alone, func(f tree) { f["biometricData"] = []any{finger1()} }, ErrSurplus},
		{"prints for a sticker, unnamed", sticker, func(f tree) { f["biometricData"] = append(f["biometricData"].([]any), finger1()) }, ErrSurplus},
		{"a third print for a card", whole, func(f tree) { f["biometricData"] = append(f["biometricData"].([]any), finger1()) }, ErrSurplus},
		{"two faces", whole, func(f tree) { l := f["biometricData"].([]any); f["biometricData"] = slices.Insert(l, 0, l[0]) }, ErrSurplus},
		{"a person's sex, without Eurodac", whole, func(f tree) { whole.at(f, "biographicData")["gender"] = "F" }, ErrSurplus},
		{"a travel document before the recast", data, func(f tree) { f["documentData"] = []any{passport()} }, ErrSurplus},
		{"a travel document of a card", whole, func(f tree) { f["documentData"] = []any{passport()} }, ErrSurplus},
		{"a refusal for a return", alone, func(f tree) { alone.at(f, "requestData", "facts")["refuses"] = []any{"photo"} }, ErrSurplus},
		{"an inability for a return", alone, func(f tree) { alone.at(f, "requestData", "facts", "unable")["prints"] = "permanent" }, ErrSurplus},
		{"a print of who can give none", unable, func(f tree) { f["biometricData"].([]any)[1] = finger1() }, ErrSurplus},
		{"a case from which nothing is captured", whole, func(f tree) { whole.at(f, "requestData", "facts")["biometrics_on_pending_case"] = true }, ErrSurplus},
		{"a card that becomes a register", whole, func(f tree) {
			f["enrollmentType"] = "police_register"
			whole.at(f, "requestData", "facts")["purpose"] = "police_register"
		}, ErrPassage},
		{"an aim of one's own", whole, func(f tree) { whole.at(f, "contextualData")["statedPurpose"] = "search" }, ErrNotForUs},
		{"another ground", whole, func(f tree) { whole.at(f, "contextualData")["legalGround"] = "curiosity" }, ErrForm},
		{"a condition that is none of the law's", whole, func(f tree) { whole.at(f, "contextualData")["condition"] = "ask first" }, ErrForm},
		{"a cargo that the law does not know", whole, func(f tree) { whole.at(f, "contextualData")["carries"] = []any{"case", "gossip"} }, ErrSurplus},
		{"cargo in another order", whole, func(f tree) { whole.at(f, "contextualData")["carries"] = []any{"case", "prints", "photo", "refusal"} }, ErrForm},
		{"no case among the cargo", whole, func(f tree) { whole.at(f, "contextualData")["carries"] = []any{"prints", "photo", "refusal"} }, ErrForm},
		{"another consequence of a refusal", secure, func(f tree) { secure.at(f, "requestData", "refusal")["consequence"] = "application_rejected" }, ErrForm},
		{"a refusal without what was refused", secure, func(f tree) { delete(secure.at(f, "requestData", "facts"), "refuses") }, ErrForm},
		{"nothing that was refused, to be secured", secure, func(f tree) {
			delete(secure.at(f, "requestData", "facts"), "refuses")
			delete(secure.at(f, "requestData"), "refusal")
		}, ErrNothing},
		{"two birth dates", whole, func(f tree) { whole.at(f, "biographicData")["dateOfBirth"] = "1990-05-02" }, ErrForm},
		{"two days of capture", whole, func(f tree) { whole.at(f, "contextualData")["enrollmentDate"] = "2026-11-22" }, ErrForm},
		{"two purposes", whole, func(f tree) { f["enrollmentType"] = "vis" }, ErrForm},
		{"a fact that is none of the law's", whole, func(f tree) { whole.at(f, "requestData", "facts")["station"] = "post_office" }, ErrForm},
		{"in progress", whole, func(f tree) { f["status"] = "IN_PROGRESS" }, ErrForm},
		{"another member", whole, func(f tree) { f["comment"] = "" }, ErrForm},
		{"another member, far inside", whole, func(f tree) { whole.at(f, "biometricData", 1)["template"] = "AA==" }, ErrForm},
		{"a member in capitals", whole, func(f tree) { f["Status"] = f["status"]; delete(f, "status") }, ErrForm},
		{"a member that says nothing", whole, func(f tree) { whole.at(f, "requestData")["data"] = nil }, ErrForm},
		{"a number for a text", whole, func(f tree) { f["enrollmentId"] = 7 }, ErrForm},
		{"another picture than is said, by its size", whole, func(f tree) { whole.at(f, "biometricData", 1)["width"] = 256 }, ErrForm},
		{"by its resolution", whole, func(f tree) { whole.at(f, "biometricData", 1)["resolution"] = 1000 }, ErrForm},
		{"by its kind", whole, func(f tree) {
			whole.at(f, "biometricData", 1)["mimeType"], whole.at(f, "biometricData", 1)["compression"] = "image/x-wsq", "WSQ"
		}, ErrForm},
		{"by its depth", whole, func(f tree) { whole.at(f, "biometricData", 0)["bitdepth"] = 8 }, ErrForm},
		{"a print called a face", whole, func(f tree) { whole.at(f, "biometricData", 1)["biometricType"] = "FACE" }, ErrSurplus},
		{"a face called a print", whole, func(f tree) { whole.at(f, "biometricData", 0)["biometricType"] = "FINGER" }, ErrSurplus},
		{"an iris", whole, func(f tree) {
			whole.at(f, "biometricData", 1)["biometricType"], whole.at(f, "biometricData", 1)["biometricSubType"] = "IRIS", "EYE_LEFT"
		}, ErrForm},
		{"a rolled print", whole, func(f tree) { whole.at(f, "biometricData", 1)["impressionType"] = "LIVE_SCAN_ROLLED" }, ErrForm},
		{"a quality beyond its scale", whole, func(f tree) { whole.at(f, "biometricData", 1)["quality"] = 101 }, ErrForm},
		{"a quality of another kind", whole, func(f tree) { whole.at(f, "biometricData", 1)["qualityFormat"] = "NFIQ" }, ErrForm},
		{"a finger twice", whole, func(f tree) { l := f["biometricData"].([]any); l[3] = l[1] }, ErrForm},
		{"fingers in another order", whole, func(f tree) { l := f["biometricData"].([]any); l[1], l[3] = l[3], l[1] }, ErrForm},
		{"missing for no known reason", whole, func(f tree) { whole.at(f, "biometricData", 2, "missing", 0)["presence"] = "LOST" }, ErrForm},
		{"missing as another finger", whole, func(f tree) { whole.at(f, "biometricData", 2, "missing", 0)["biometricSubType"] = "LEFT_RING" }, ErrForm},
		{"missing, and taken", whole, func(f tree) { whole.at(f, "biometricData", 2)["image"] = "AA==" }, ErrForm},
		{"unable for good, and bandaged", unable, func(f tree) { unable.at(f, "biometricData", 1, "missing", 0)["presence"] = "BANDAGED" }, ErrForm},
		{"neither picture nor reference", whole, func(f tree) { delete(whole.at(f, "biometricData", 1), "imageRef") }, ErrForm},
		{"both", whole, func(f tree) { whole.at(f, "biometricData", 1)["image"] = "AA==" }, ErrForm},
		{"a picture in the file with a hash of its own", whole, func(f tree) {
			whole.at(f, "biometricData", 1)["image"] = "AA=="
			delete(whole.at(f, "biometricData", 1), "imageRef")
		}, ErrForm},
		{"a reference without a hash", whole, func(f tree) { delete(whole.at(f, "biometricData", 1), "integrity") }, ErrSignature},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, made := files[c.hand.name]
			if !made {
				f = c.write(t)
				files[c.hand.name] = f
			}
			got, err := Read(forged(t, c.hand, f.JSON, c.change), c.receiver(f))
			if !errors.Is(err, c.want) || got.ID != "" || got.Prints != nil {
				t.Errorf("Read = %v, want %v", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "NEMO") || strings.Contains(err.Error(), "118402") || strings.Contains(err.Error(), "1990")) {
				t.Errorf("the error tells of the case: %v", err)
			}
		})
	}
	f := files[whole.name]
	if _, err := Read(forged(t, whole, f.JSON, func(tree) {}), whole.receiver(f)); err != nil {
		t.Errorf("a file that was only signed again: %v", err)
	}
}

// finger1 is an entry that says nothing but that a thumb was taken.
func finger1() tree {
	return tree{"biometricType": "FINGER", "biometricSubType": "RIGHT_THUMB", "image": "AA=="}
}

// passport is an entry of a travel document.
func passport() tree {
	text, err := jcs.Marshal(capture.TravelDocument{Type: "P", Number: "X1", Issuer: "UTO"})
	if err != nil {
		panic(err)
	}
	return tree{"documentType": "PASSPORT", "parts": []any{tree{"pages": []int{1}, "mimeType": "application/json", "data": text}}}
}

// TestLawOfTheReceiver: where the receiver knows no recast, a face does not go
// to Eurodac, whatever the writer's law was.
func TestLawOfTheReceiver(t *testing.T) {
	h := hands()[12]
	f := h.write(t)
	to := h.receiver(f)
	to.Law = rule.Settings{}
	if _, err := Read(f.JSON, to); !errors.Is(err, ErrSurplus) {
		t.Errorf("Read = %v", err)
	}
}

// TestIntegrityForms: one signature over everything, and no other.
func TestIntegrityForms(t *testing.T) {
	h := hands()[3]
	file := h.write(t).JSON
	for name, change := range map[string]func(all []any, one tree) []any{
		"none":                 func([]any, tree) []any { return nil },
		"an empty list":        func([]any, tree) []any { return []any{} },
		"two":                  func(all []any, one tree) []any { return append(all, one) },
		"a hash alone":         func(all []any, one tree) []any { one["type"] = "NONE"; return all },
		"another algorithm":    func(all []any, one tree) []any { one["alg"] = "SHA512"; return all },
		"a part of the case":   func(all []any, one tree) []any { one["scope"] = "$.status"; return all },
		"following references": func(all []any, one tree) []any { one["followRef"] = true; return all },
		"no signature":         func(all []any, one tree) []any { delete(one, "signature"); return all },
		"a payload within": func(all []any, one tree) []any {
			one["signature"] = strings.Replace(one["signature"].(string), "..", ".AA.", 1)
			return all
		},
		"no algorithm": func(all []any, one tree) []any {
			one["signature"] = b64.EncodeToString([]byte(`{"alg":"none","kid":""}`)) + ".."
			return all
		},
		"a header with more in it": func(all []any, one tree) []any {
			one["signature"] = b64.EncodeToString([]byte(`{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":""}`)) + ".."
			return all
		},
		"an id that OSIA allows": func(all []any, one tree) []any { one["id"] = "1"; return all },
	} {
		var all tree
		if err := json.Unmarshal(file, &all); err != nil {
			t.Fatal(err)
		}
		list := all[block].([]any)
		all[block] = change(list, list[0].(tree))
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(text, h.receiver(File{})); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzRead: whatever a stranger sends, and whatever a signer signs, is refused
// or is a case that the law lets travel.
func FuzzRead(f *testing.F) {
	for _, h := range hands()[1:] {
		h.opts.Refs, h.opts.WSQ = ByDigest, false
		f.Add(h.write(f).JSON)
	}
	h := hands()[1]
	pictures := h.write(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = Read(file, h.receiver(pictures))
		var all tree
		if json.Unmarshal(file, &all) != nil || all == nil {
			return
		}
		if _, err := jcs.Canonical(file); err != nil {
			return
		}
		c, _ := all["contextualData"].(tree)
		to, from := h.receiver(pictures), h
		for _, p := range authorities {
			if c["to"] == string(p) {
				to.Party = p
			}
			if c["from"] == string(p) {
				from.way.From = p
			}
		}
		aim, _ := c["statedPurpose"].(string)
		to.Aim = rule.Aim(aim)
		got, err := Read(signAgain(t, from, all), to)
		if err != nil {
			return
		}
		if _, err := got.Way.allowed(got.Case, to.Law); err != nil {
			t.Errorf("taken over against the law: %v", err)
		}
		got.Wipe()
	})
}
