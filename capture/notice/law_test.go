package notice_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/notice"
	"optag/capture/rule"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/law.txt and the page's copy anew; commit them only when understood")

var (
	captured = rule.Date{Year: 2024, Month: 3, Day: 1}
	today    = rule.Date{Year: 2026, Month: 2, Day: 10}
	law      = notice.Settings{Categories: capture.EU().Eurodac}
	recast   = notice.Settings{Categories: capture.EU().Eurodac, Law: rule.Settings{EurodacRecastFrom: rule.Date{Year: 2024, Month: 1, Day: 1}}}
)

// of is a notice of a kind and event that has everything it could need.
func of(kind notice.Kind, event notice.Event, purpose rule.Purpose, basis rule.Basis) notice.Request {
	r := notice.Request{Kind: kind, Capture: notice.Capture{
		Package: strings.Repeat("0a", 16), Purpose: purpose, Basis: basis, On: captured,
		Reference: map[rule.Basis]string{rule.Art4: "DK118402", rule.Art8: "DK218402", rule.Art11: "DK318402"}[basis],
	}}
	switch kind {
	case notice.FollowUps:
		r.FollowUp = &notice.FollowUp{Event: event, On: today}
		if event != notice.LeftTerritory {
			r.FollowUp.State = "DNK"
		}
	case notice.Deletions:
		r.Capture.JudgedAdult = true
		r.Deletion = &notice.Deletion{Birth: rule.BirthDate{Year: 2019}, FoundOn: today, FoundBy: "Immigration Service"}
	case notice.Corrections:
		r.Correction = &notice.Correction{By: notice.ThePerson, Asks: []notice.Ask{{Item: notice.Everything, Action: notice.Erase}}}
	}
	return r
}

// events are those of a kind: for what is no follow-up, the one that is none.
func events(k notice.Kind) []notice.Event {
	if k == notice.FollowUps {
		return notice.Events()
	}
	return []notice.Event{""}
}

// everyNotice asks for every notice of every capture at every kind of station
// and tells which may be made.
func everyNotice() (text string, asked int) {
	var b strings.Builder
	b.WriteString("# Which notice may be made of which capture, and where. Whatever is not here may not.\n")
	for _, kind := range notice.Kinds() {
		for _, purpose := range rule.Purposes() {
			said := map[string][]string{} // the same is told once, for all bases that have it
			var order []string
			for _, basis := range rule.Bases(purpose) {
				lines, n := noticesOf(kind, purpose, basis)
				asked += n
				if said[lines] == nil {
					order = append(order, lines)
				}
				said[lines] = append(said[lines], string(basis))
			}
			for _, lines := range order {
				if lines != "" {
					fmt.Fprintf(&b, "\n%s of %s %s\n%s", kind, purpose, strings.Join(said[lines], ", "), lines)
				}
			}
		}
	}
	return b.String(), asked
}

func noticesOf(kind notice.Kind, purpose rule.Purpose, basis rule.Basis) (lines string, asked int) {
	for _, event := range events(kind) {
		var at []string
		var a notice.Answer
		for _, station := range rule.Stations() {
			asked++
			if got, err := law.For(of(kind, event, purpose, basis), station, today); err == nil {
				a, at = got, append(at, string(station))
			}
		}
		if len(at) == 0 {
			continue
		}
		until := "no last day"
		if !a.Until.IsZero() {
			until = fmt.Sprintf("until %d years from the capture", a.Until.Year-captured.Year)
		}
		what := string(event)
		if what != "" {
			what += ": "
		}
		lines += fmt.Sprintf("    %sto %s, %s (%s), at %s\n", what, a.Controller, until, a.Grounds[0].Source, strings.Join(at, ", "))
	}
	return lines, asked
}

// TestLaw: every notice that may be made is in testdata/law.txt, and on the
// page, and no other.
func TestLaw(t *testing.T) {
	const file, page = "testdata/law.txt", "../../docs/records/notices.md"
	text, asked := everyNotice()
	if *rewrite {
		write(t, file, text)
	}
	if read(t, file) != text {
		t.Errorf("the law is another than %s says:\n%s", file, text)
	}
	const begin, end = "<!-- notices -->\n```text\n", "```\n<!-- /notices -->\n"
	before, rest, found := strings.Cut(read(t, page), begin)
	shown, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the law", page)
	}
	if *rewrite {
		write(t, page, before+begin+text+end+after)
	} else if shown != text {
		t.Errorf("%s shows another law than the program has", page)
	}
	t.Logf("%d questions", asked)
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLawPromises: what no answer may ever say.
func TestLawPromises(t *testing.T) {
	for _, kind := range notice.Kinds() {
		for _, purpose := range rule.Purposes() {
			for _, basis := range rule.Bases(purpose) {
				for _, event := range events(kind) {
					for _, at := range rule.Stations() {
						promise(t, of(kind, event, purpose, basis), at)
					}
				}
			}
		}
	}
}

func promise(t *testing.T, r notice.Request, at rule.Station) {
	t.Helper()
	a, err := law.For(r, at, today)
	if err != nil {
		faults, ok := notice.AsFaults(err)
		if !ok || len(faults) == 0 {
			t.Errorf("%+v at %s: refused without a fault: %v", r.Capture, at, err)
		}
		return
	}
	f := rule.Defaults()
	f.Purpose, f.Basis, f.CaptureOn = r.Capture.Purpose, r.Capture.Basis, r.Capture.On
	for _, broken := range []struct {
		yes bool
		why string
	}{
		{a.Controller != rule.For(f, rule.Date{}).Controller, "it goes to another than the controller of the capture"},
		{len(a.Grounds) == 0 || slices.ContainsFunc(a.Grounds, func(g rule.Ground) bool { return g.Code == "" || g.Text == "" || g.Source == "" }), "a ground is not told"},
		{(r.Kind == notice.FollowUps) == a.Until.IsZero(), "follow-up notices have a last day and others none"},
		{r.Kind == notice.FollowUps && (r.Capture.Purpose != rule.Eurodac || r.Capture.Basis == rule.Art11), "a follow-up notice of what has none"},
		{r.Capture.Purpose == rule.Eurodac && at.Authority() != rule.PartyNationalPolice && at.Authority() != rule.PartyImmigrationService, "Eurodac is told by others than the two authorities"},
		{r.Kind == notice.Corrections && r.Capture.Purpose == rule.Eurodac && at.Authority() != rule.PartyNationalPolice, "a person's request goes another way than the capture"},
	} {
		if broken.yes {
			t.Errorf("%s of %s %s at %s: %s", r.Kind, r.Capture.Purpose, r.Capture.Basis, at, broken.why)
		}
	}
}
