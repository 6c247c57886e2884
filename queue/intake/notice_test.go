package intake_test

import (
	"testing"

	"optag/queue/intake"
	"optag/queue/seal"
)

// A package that calls itself a notice holds a text and a key: nobody sends a
// picture past the rules by that name.
func TestNoticeHoldsATextAlone(t *testing.T) {
	text := seal.PartInfo{Name: "notice.json", MediaType: "application/json", Length: 1500}
	key := seal.PartInfo{Name: "case.key", MediaType: "application/octet-stream", Length: 32}
	for _, c := range []struct {
		name  string
		parts []seal.PartInfo
		good  bool
	}{
		{"the text and the key of the case", []seal.PartInfo{text, key}, true},
		{"the text of a capture without a case", []seal.PartInfo{text}, true},
		{"nothing", nil, false},
		{"a key alone", []seal.PartInfo{key}, false},
		{"two texts", []seal.PartInfo{text, text}, false},
		{"a picture", []seal.PartInfo{text, {Name: "right_index.png", MediaType: "image/png", Length: 32}}, false},
		{"a picture that calls itself a key", []seal.PartInfo{text, {Name: "case.key", MediaType: "application/octet-stream", Length: 90_000}}, false},
		{"a picture that calls itself a text", []seal.PartInfo{{Name: "notice.json", MediaType: "application/json", Length: 900_000}}, false},
	} {
		m := seal.Manifest{Kind: seal.KindNotice, Decision: seal.Decision{Prints: "none"}, Parts: c.parts}
		if err := intake.CheckManifest(m); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestNoticesAreCounted(t *testing.T) {
	entries := func(yield func(intake.Entry, error) bool) {
		_ = yield(intake.Entry{Station: "cph-01", Sequence: 1}, nil) &&
			yield(intake.Entry{Station: "cph-01", Sequence: 2, Kind: seal.KindNotice}, nil)
	}
	counts, err := intake.Counts(entries)
	if err != nil || len(counts) != 1 || counts[0].Packages != 2 || counts[0].Notices != 1 {
		t.Errorf("Counts = %+v, %v", counts, err)
	}
}
