package i18n_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/ui/flow"
	"optag/ui/i18n"
	"optag/ui/present"
)

// found are the first groups of a pattern in the Go files of a directory, tests
// left out.
func found(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var all []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(src), -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// words are the particulars that a notice can carry in Word.
func words(t *testing.T, code string) []string {
	switch {
	case code == "all_unable":
		return []string{string(rule.UnablePermanently), string(rule.UnableTemporarily)}
	case code == "seal_failed":
		return []string{"full", "keys", "faults", "failed"}
	case code == "slap_unusable":
		return found(t, "../../capture/finger", `SlapFault = "([a-z_]+)"`)
	case code == "device_lost":
		return []string{"scanner", "camera"}
	case code == "not_sent":
		return append(found(t, "../../queue/upload", `Code = "([a-z_]+)"`), "")
	case strings.HasPrefix(code, "portrait_"):
		var names []string
		for _, n := range []face.Name{face.Size, face.Subject, face.Centred, face.Distance, face.Brightness, face.Contrast, face.Sharpness, face.Background} {
			names = append(names, string(n))
		}
		return names
	}
	return []string{""}
}

// notices are all that the counter can say, with the numbers that change the words.
func notices(t *testing.T) []flow.Notice {
	t.Helper()
	codes := found(t, "../flow", `Notice\{Code: "([a-z_]+[a-z])"`)
	for _, advice := range found(t, "../../device", `Retry = "([a-z_]+)"`) {
		codes = append(codes, "advice_"+advice)
	}
	if len(codes) < 25 {
		t.Fatalf("only %d codes of notices found", len(codes))
	}
	var all []flow.Notice
	for _, code := range codes {
		for _, word := range words(t, code) {
			for _, n := range []int{0, 1, 2} {
				all = append(all, flow.Notice{Code: code, Word: word, Number: n, Finger: finger.RightIndex, Other: finger.LeftIndex})
				if code == "below_threshold" { // no other finger is left
					all = append(all, flow.Notice{Code: code, Word: word, Number: n, Finger: finger.RightIndex})
				}
			}
		}
	}
	return all
}

// bare is what a screen shows where a text or one of its arguments is missing:
// a key, braces, a code of a program.
var bare = regexp.MustCompile(`\b[a-z]+\.[a-z][a-z_.]*\b|[{}]|[a-z]_[a-z]`)

// Whatever the counter says, the clerk reads two sentences in their language.
func TestEveryNoticeHasWords(t *testing.T) {
	for _, lang := range i18n.Languages() {
		for _, n := range notices(t) {
			s := flow.State{
				Page: flow.Home, Officer: &flow.Officer{ID: "4718", Name: "K. Lund", Role: "clerk"}, Notice: n,
				Look: flow.Look{Language: lang, Person: "da", TextSize: 100},
				Form: flow.Form{Wrong: map[string]string{flow.Birth: "date", flow.CaseNumber: "needed"}},
			}
			got := present.OperatorScreen(&s, false).Advice
			if got.Bold == "" || got.Text == "" {
				t.Errorf("%s %+v: %q %q, want two sentences", lang, n, got.Bold, got.Text)
			}
			for _, text := range []string{got.Bold, got.Text} {
				if what := bare.FindString(text); what != "" {
					t.Errorf("%s %+v shows %q in %q", lang, n, what, text)
				}
				if text != "" && !strings.HasSuffix(text, ".") {
					t.Errorf("%s %+v: %q is no sentence", lang, n, text)
				}
			}
		}
	}
}
