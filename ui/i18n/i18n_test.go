package i18n

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/image/font/sfnt"
)

func localizer(t testing.TB, lang string) Localizer {
	t.Helper()
	l, err := For(lang)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEveryKeyInEveryLanguage(t *testing.T) {
	want := localizer(t, Languages()[0]).Keys()
	for _, lang := range Languages()[1:] {
		got := localizer(t, lang).Keys()
		for _, k := range want {
			if !slices.Contains(got, k) {
				t.Errorf("%s lacks %q", lang, k)
			}
		}
		for _, k := range got {
			if !slices.Contains(want, k) {
				t.Errorf("%s alone has %q", lang, k)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageUsesTheSameArguments(t *testing.T) {
	first := localizer(t, Languages()[0])
	for _, lang := range Languages()[1:] {
		l := localizer(t, lang)
		for _, k := range first.Keys() {
			want, got := placeholder.FindAllString(first.Text(k), -1), placeholder.FindAllString(l.Text(k), -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s %q has arguments %v, %s has %v", lang, k, got, first.Lang(), want)
			}
		}
	}
}

func TestAPluralHasBothForms(t *testing.T) {
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, k := range l.Keys() {
			for form, other := range map[string]string{".one": ".other", ".other": ".one"} {
				if base, ok := strings.CutSuffix(k, form); ok && !l.Has(base+other) {
					t.Errorf("%s %q lacks %q", lang, base, other)
				}
			}
		}
	}
}

// Words that are not used: to anybody, and to an applicant.
var (
	banned = map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\b(error|failed|failure|invalid|illegal|must)\b|!`),
		"da": regexp.MustCompile(`(?i)\b(fejl|mislykke(de)?s?|ugyldige?t?|ulovlige?t?)\b|!`),
	}
	bannedToApplicants = map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\b(police|quality|score|threshold|attempts?|wrong finger|force|refus\w*)\b|[()"“”«»\[\]]`),
		"da": regexp.MustCompile(`(?i)\b(politi\w*|kvalitet|tærskel\w*|forsøg|magt|nægte\w*|skal)\b|[()"“”«»\[\]]`),
	}
)

func TestNoBannedWords(t *testing.T) {
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, k := range l.Keys() {
			if found := banned[lang].FindString(l.Text(k)); found != "" {
				t.Errorf("%s %q says %q", lang, k, found)
			}
			if strings.HasPrefix(k, "say.") {
				if found := bannedToApplicants[lang].FindString(l.Text(k)); found != "" {
					t.Errorf("%s %q says %q to an applicant", lang, k, found)
				}
			}
		}
	}
	for _, r := range rightsTexts() {
		text := r.Plain()
		if r.ID == "police_register" { // whose register it is must be said; on a card's page it frightens
			text = strings.NewReplacer("police", "", "politiets", "").Replace(text)
		}
		for _, re := range []*regexp.Regexp{banned[r.Lang], bannedToApplicants[r.Lang]} {
			if found := re.FindString(text); found != "" {
				t.Errorf("%s %s says %q to an applicant", r.ID, r.Lang, found)
			}
		}
	}
}

func TestApplicantsReadAtMostNineWords(t *testing.T) {
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, k := range l.Keys() {
			if strings.HasPrefix(k, "say.") {
				if n := len(strings.Fields(l.Text(k))); n > 9 {
					t.Errorf("%s %q has %d words, want at most 9", lang, k, n)
				}
			}
		}
	}
}

// Advice to the person has a sentence for the applicant and two for the clerk.
func TestAdviceIsSaidToBoth(t *testing.T) {
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, code := range []string{"centre", "press_harder", "press_less", "lift", "wipe_finger", "wipe_glass", "hold_still", "other_finger", "look_here", "closer", "back"} {
			for _, k := range []string{"say." + code, "advice." + code, "advice." + code + "_text"} {
				if !l.Has(k) {
					t.Errorf("%s lacks %q", lang, k)
				}
			}
		}
	}
}

func TestEveryRuneIsInTheFonts(t *testing.T) {
	for name, file := range map[string][]byte{"Regular": Regular(), "Bold": Bold()} {
		font, err := sfnt.Parse(file)
		if err != nil {
			t.Fatalf("parsing %s: %v", name, err)
		}
		missing := map[rune]string{}
		var buf sfnt.Buffer
		look := func(where, text string) {
			for _, r := range text {
				if i, err := font.GlyphIndex(&buf, r); r != '\n' && (err != nil || i == 0) {
					missing[r] = where
				}
			}
		}
		for _, lang := range Languages() {
			l := localizer(t, lang)
			look(lang, l.Name())
			for _, k := range l.Keys() {
				look(lang+" "+k, l.Text(k))
			}
		}
		for _, r := range rightsTexts() {
			look(r.ID, r.Plain())
		}
		for r, where := range missing {
			t.Errorf("%s has no %q (%U), which %s needs", name, r, r, where)
		}
	}
}

func TestText(t *testing.T) {
	en := localizer(t, "en")
	cases := []struct{ name, got, want string }{
		{"an argument", en.Text("prints.needs", "n", 45), "needs 45"},
		{"two arguments", en.Text("fact.finger", "n", 1, "all", 2), "Finger 1 of 2"},
		{"one package", en.Count("queue.title", 1), "Queue: 1 sealed package waiting"},
		{"twelve packages", en.Count("queue.title", 12), "Queue: 12 sealed packages waiting"},
		{"a missing key is shown", en.Text("no.such.key"), "no.such.key"},
		{"a missing argument stays visible", en.Text("prints.needs"), "needs {n}"},
		{"an argument is not read again", en.Text("head.case", "number", "{number}"), "Case {number}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
	if l, err := For("xx"); err == nil || l.Text("lock") != "lock" {
		t.Errorf("For(xx) = %q, %v, want a localizer that shows keys and an error", l.Text("lock"), err)
	}
}

func TestDates(t *testing.T) {
	day := time.Date(2026, 11, 23, 10, 41, 52, 0, time.UTC)
	may := time.Date(1991, 5, 14, 0, 0, 0, 0, time.UTC)
	en, da := localizer(t, "en"), localizer(t, "da")
	cases := []struct{ got, want string }{
		{en.Date(day), "23 Nov 2026"}, {da.Date(day), "23. nov. 2026"},
		{en.Date(may), "14 May 1991"}, {da.Date(may), "14. maj 1991"},
		{en.ShortDate(day), "23 Nov 2026"}, {da.ShortDate(day), "23.11.2026"},
		{en.PartialDate("1991"), "1991"}, {da.PartialDate("1991-05"), "maj 1991"},
		{en.PartialDate("1991-05-14"), "14 May 1991"}, {en.PartialDate("unknown"), "unknown"},
		{da.Clock(day), "10:41"}, {da.Seconds(day), "10:41:52"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestRightsSayWhatTheLawAsks(t *testing.T) {
	// One word for each thing that Regulation 2725/2000 art. 18 names.
	duties := map[string][]string{
		"en": {"responsible", "why", "sent", "asks you to give", "kept", "see what is stored", "corrected", "Datatilsynet"},
		"da": {"ansvaret", "derfor", "sendes", "beder dig om at afgive", "gemmes", "se, hvad der er gemt", "rettet", "Datatilsynet"},
	}
	for _, id := range RightsIDs() {
		for _, lang := range Languages() {
			r, err := RightsFor(id, lang, "Udlændingestyrelsen")
			if err != nil {
				t.Fatal(err)
			}
			text := r.Plain()
			lower := strings.ToLower(text)
			for _, word := range duties[lang] {
				if id == "eurodac" && (word == "sent" || word == "sendes") {
					continue // the receiver is named: Eurodac
				}
				if !strings.Contains(lower, strings.ToLower(word)) {
					t.Errorf("%s %s does not say %q", id, lang, word)
				}
			}
			if strings.Contains(text, "{") || !strings.Contains(text, "Udlændingestyrelsen") {
				t.Errorf("%s %s: the controller is not named", id, lang)
			}
			if r.Status != Draft {
				t.Errorf("%s %s is %q; nobody has approved it yet", id, lang, r.Status)
			}
			for _, p := range r.Pages {
				if len(p.Rows) > 4 {
					t.Errorf("%s %s %q has %d rows, want at most 4", id, lang, p.Heading, len(p.Rows))
				}
			}
		}
	}
	if _, err := RightsFor("vis", "en", ""); err == nil {
		t.Error("RightsFor of a text that does not exist gives no error")
	}
}

func TestTheHashTellsWhatWasGiven(t *testing.T) {
	a, _ := RightsFor("residence_card", "en", "Danish Immigration Service")
	b, _ := RightsFor("residence_card", "en", "Ministry of Foreign Affairs")
	if a.Hash() == b.Hash() {
		t.Error("two controllers, one hash")
	}
	c := a
	c.Status = Approved
	if c.Hash() == a.Hash() {
		t.Error("draft and approved text have one hash")
	}
	if again := a.Hash(); len(a.Hash()) != 64 || a.Hash() != again {
		t.Errorf("Hash = %q, want 64 digits, always the same", a.Hash())
	}
}

func TestVisual(t *testing.T) {
	cases := []struct {
		name string
		line string
		rtl  bool
		want string // pieces joined by |
	}{
		{"Danish", "Læg højre pegefinger på glasset", false, "Læg højre pegefinger på glasset"},
		{"nothing", "", true, ""},
		{"Arabic alone", "اضغط أكثر قليلاً", true, "اضغط أكثر قليلاً"},
		{"Arabic with a number", "لمدة 10 سنوات", true, " سنوات|10|لمدة "},
		{"Arabic with a name", "من Datatilsynet الآن", true, " الآن|Datatilsynet|من "},
		{"a Danish line with an Arabic word", "sprog: العربية", false, "sprog: |العربية"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pieces := Visual(c.line, c.rtl)
			got := strings.ReplaceAll(strings.Join(pieces, "|"), mark, "")
			if got != c.want {
				t.Errorf("Visual(%q, %v) = %q, want %q", c.line, c.rtl, got, c.want)
			}
			for _, p := range pieces {
				if isRTL(p) != (strings.HasPrefix(p, mark) && strings.HasSuffix(p, mark)) {
					t.Errorf("piece %q: right to left %v, marked otherwise", p, isRTL(p))
				}
			}
		})
	}
}

func isRTL(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) })
}

// No letter is lost, doubled or moved into another piece's order.
func FuzzVisual(f *testing.F) {
	for _, s := range []string{"abc", "لمدة 10 سنوات", "a ب c 1 2 د", "العربية (x) ע", "\u2067x\u2069", "1\n2"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, rtl bool) {
		if strings.ContainsAny(s, mark) || strings.ToValidUTF8(s, "") != s {
			t.Skip("not UTF-8, or with marks of our own: no catalogue is so")
		}
		got := []rune(strings.ReplaceAll(strings.Join(Visual(s, rtl), ""), mark, ""))
		want := []rune(strings.Map(spaceForBreak, s))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("Visual(%q, %v) has other letters: %q", s, rtl, string(got))
		}
	})
}
