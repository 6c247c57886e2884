package notice_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"optag/capture/notice"
	"optag/capture/rule"
)

// written are requests as officers write them.
var written = map[string]string{
	"a citizen": `{"kind": "follow_up",
		"capture": {"reference_number": "DK118402", "purpose": "eurodac", "basis": "art4", "captured_on": "2024-03-01"},
		"follow_up": {"event": "citizenship", "on": "2026-02-01", "state": "DNK"}}`,
	"a child": `{"kind": "deletion",
		"capture": {"package": "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "purpose": "residence_card", "basis": "7", "captured_on": "2024-03-01", "judged_adult": true},
		"deletion": {"birth_date": "2007-05", "found_on": "2026-02-01", "found_by": "Immigration Service"}}`,
	"a lawyer": `{"kind": "correction",
		"capture": {"case_number": "1234567", "purpose": "police_register", "basis": "40a(2)3", "captured_on": "2024-03-01"},
		"correction": {"by": "representative", "representative": "A. Test", "statement": "Not me.\nNever was.",
			"asks": [{"item": "prints", "action": "erase"}, {"item": "name", "action": "correct", "right": "Tset"}]}}`,
}

// TestParse: what an officer writes is read, and every field comes to its place.
func TestParse(t *testing.T) {
	for name, text := range written {
		r, err := notice.Parse([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := law.For(r, rule.StationPolice, today); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		if json.Unmarshal([]byte(text), &want) != nil || json.Unmarshal(again, &got) != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read as %s", name, again)
		}
	}
}

// TestParseRefuses: what is written wrong is told by its field.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, from, to, says string }{
		{"a field that there is not", "a citizen", `"on"`, `"when"`, "follow_up.when: there is no such field"},
		{"a field twice", "a citizen", `"basis": "art4"`, `"basis": "art4", "basis": "art8"`, "capture.basis: it is there twice"},
		{"a section twice", "a citizen", `"kind"`, `"capture": {}, "kind"`, "capture: it is there twice"},
		{"a day that there is not", "a citizen", `2024-03-01`, `2024-02-30`, "capture.captured_on: want YYYY-MM-DD"},
		{"an incomplete day", "a citizen", `2026-02-01`, `2026-02`, "follow_up.on: want YYYY-MM-DD"},
		{"a number", "a lawyer", `"1234567"`, `1234567`, "capture.case_number: want a text"},
		{"nothing", "a lawyer", `"1234567"`, `null`, "capture.case_number: want a text"},
		{"yes in words", "a child", `true`, `"true"`, "capture.judged_adult: want true or false"},
		{"a truth that is a text", "a child", `"7"`, `true`, "capture.basis: want a text"},
		{"an object for a text", "a lawyer", `"1234567"`, `{"a": [1, {}]}`, "capture.case_number: want a text"},
		{"a list for a section", "a citizen", `{"event": "citizenship", "on": "2026-02-01", "state": "DNK"}`, `[]`, "follow_up: want an object or a text"},
		{"an object for the list", "a lawyer", `[{"item": "prints", "action": "erase"}, {"item": "name", "action": "correct", "right": "Tset"}]`, `{}`, "correction.asks: want a list"},
		{"a text in the list", "a lawyer", `{"item": "prints", "action": "erase"}`, `"prints"`, "correction.asks[0]: there is no such field"},
		{"a field of the second that there is not", "a lawyer", `"right"`, `"left"`, "correction.asks[1].left: there is no such field"},
		{"a name as a field", "a citizen", `"kind"`, `"Ærø Test": "", "kind"`, "a field has a name that there is not"},
		{"two objects", "a citizen", `"state": "DNK"}}`, `"state": "DNK"}} {}`, "something follows it"},
		{"cut short", "a citizen", `"state": "DNK"}}`, `"state": "DNK"`, "cannot be read"},
		{"no object", "a citizen", written["a citizen"], `"citizen"`, "there is no such field"},
		{"too much", "a citizen", `"kind"`, strings.Repeat(" ", notice.MaxRequest) + `"kind"`, "at most 65536 bytes"},
	} {
		text := strings.Replace(written[c.in], c.from, c.to, 1)
		if text == written[c.in] {
			t.Fatalf("%s: nothing was changed", c.name)
		}
		_, err := notice.Parse([]byte(text))
		if _, ok := notice.AsFaults(err); !ok || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
		if err != nil && (strings.Contains(err.Error(), "1234567") || strings.Contains(err.Error(), "Ærø")) {
			t.Errorf("%s: the error repeats what was written: %v", c.name, err)
		}
	}
}

// FuzzParse: whatever is written, it is read or refused by its fields, and what is
// read and may be made comes through the journey as it is.
func FuzzParse(f *testing.F) {
	for _, text := range written {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := notice.Parse(text)
		if err != nil {
			if faults, ok := notice.AsFaults(err); !ok || len(faults) == 0 {
				t.Fatalf("refused without a fault: %v", err)
			}
			return
		}
		if _, err := law.For(r, rule.StationPolice, today); err == nil {
			travels(t, law, r)
		}
	})
}

// travels makes a notice, writes it, reads it and has the law asked again.
func travels(t *testing.T, s notice.Settings, r notice.Request) {
	t.Helper()
	n, err := s.Make(r, notice.Maker{Station: "SIM-01", Kind: rule.StationPolice, Officer: "4711"}, atNoon)
	if err != nil {
		t.Fatalf("%+v may be made and is not: %v", r, err)
	}
	text, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := notice.Read(text)
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if err := notice.Check(again); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if !reflect.DeepEqual(again.Request, n.Request) {
		t.Fatalf("%+v arrived as %+v", n.Request, again.Request)
	}
}

// FuzzRead: whatever calls itself a notice.json has one spelling or is refused.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"a citizen", "a child", "a lawyer"} {
		r, err := notice.Parse([]byte(written[name]))
		if err != nil {
			f.Fatal(err)
		}
		n, err := law.Make(r, notice.Maker{Station: "SIM-01", Kind: rule.StationPolice, Officer: "4711"}, atNoon)
		if err != nil {
			f.Fatal(err)
		}
		text, err := n.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := notice.Read(text)
		if err != nil {
			return
		}
		if again, err := n.Encode(); err != nil || string(again) != string(text) {
			t.Fatalf("another spelling was read: %v", err)
		}
		_ = notice.Check(n) // never a failure of the program
	})
}
