package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runDecide runs the command line args with stdin, and returns the exit status
// and what was written.
func runDecide(t *testing.T, stdin string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), &env{in: strings.NewReader(stdin), out: &o, err: &e, home: t.TempDir()}, args)
	return status, o.String(), e.String()
}

const adultFacts = `{"purpose":"residence_card","basis":"9","applied_on":"2026-11-20","capture_on":"2026-11-22","birth_date":"1990-05-01"}`

func TestDecideExitStatus(t *testing.T) {
	file := filepath.Join(t.TempDir(), "facts.json")
	if err := os.WriteFile(file, []byte(adultFacts), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		stdin  string
		args   []string
		status int
		says   string // in the answer, or in the error
	}{
		{"facts on standard input", adultFacts, nil, 0, `"prints": {`},
		{"a dash is standard input", adultFacts, []string{"-"}, 0, `"two_flat"`},
		{"facts in a file", "", []string{file}, 0, `"two_flat"`},
		{"law of another day", adultFacts, []string{"--law-date", "2011-08-01"}, 0, `"law_date": "2011-08-01"`},
		{"flag after the file", "", []string{file, "--law-date", "2011-08-01"}, 0, `"law_date": "2011-08-01"`},
		{"day of capture by default", adultFacts, nil, 0, `"law_date": "2026-11-22"`},
		{"a fact is missing: an answer, not a failure", `{}`, nil, 0, `"birth_date_missing"`},
		{"unknown field", `{"colour":"blue"}`, nil, 1, `"colour"`},
		{"unknown value", `{"purpose":"passport"}`, nil, 1, "purpose"},
		{"no JSON", "residence card", nil, 1, "no JSON"},
		{"nothing", "", nil, 1, "empty"},
		{"too much", strings.Repeat(" ", maxFacts+1), nil, 1, "more than"},
		{"no such file", "", []string{file + ".gone"}, 1, "facts.json.gone"},
		{"law date that is none", adultFacts, []string{"--law-date", "2011-02-30"}, 2, "--law-date"},
		{"unknown flag", adultFacts, []string{"--law"}, 2, "law"},
		{"two files", "", []string{file, file}, 2, "at most one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errs := runDecide(t, tt.stdin, append([]string{"decide"}, tt.args...)...)
			if status != tt.status {
				t.Fatalf("exit status %d, want %d; %s", status, tt.status, errs)
			}
			if !strings.Contains(out+errs, tt.says) {
				t.Errorf("wrote %q and %q, want %q in it", out, errs, tt.says)
			}
			if status == 0 && errs != "" || status != 0 && (out != "" || strings.Count(errs, "\n") != 1) {
				t.Errorf("wrote %q and the error %q, want one of the two, an error on one line", out, errs)
			}
		})
	}
}

// The document has the contract's fields, all of them and no others, and no
// list is null.
func TestDecideDocument(t *testing.T) {
	for name, facts := range map[string]string{
		"capture":   adultFacts,
		"elsewhere": `{"basis":"47(1)","capture_on":"2026-11-22","birth_date":"1990"}`,
		"blocked":   `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			status, out, errs := runDecide(t, facts, "decide")
			if status != 0 {
				t.Fatal(errs)
			}
			var doc map[string]json.RawMessage
			if err := json.Unmarshal([]byte(out), &doc); err != nil {
				t.Fatal(err)
			}
			var fields []string
			for field := range doc {
				fields = append(fields, field)
			}
			slices.Sort(fields)
			want := []string{"controller", "decision", "law_date", "marks", "photo", "prints", "refusal", "where"}
			if !slices.Equal(fields, want) {
				t.Errorf("fields %v, want %v", fields, want)
			}
			if strings.Contains(out, "null") {
				t.Errorf("a null in %s", out)
			}
			if got := string(doc["decision"]); got != `"`+name+`"` {
				t.Errorf("decision %s, want %q", got, name)
			}
		})
	}
}
