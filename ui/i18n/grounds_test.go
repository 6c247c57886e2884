package i18n

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"optag/capture/rule"
)

// Every ground that an answer can carry has words, and no other.
func TestEveryGroundInEveryLanguage(t *testing.T) {
	known := map[string]bool{}
	for _, g := range rule.Catalogue() {
		known["ground."+g.Code] = true
	}
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for key := range known {
			if text := l.Text(key); text == key || text == "" {
				t.Errorf("%s has no text for %q", lang, key)
			}
		}
		for _, key := range l.Keys() {
			if strings.HasPrefix(key, "ground.") && !known[key] {
				t.Errorf("%s has a text for %q, and the law has no such ground", lang, key)
			}
		}
	}
}

// number words of each language; "one" is left out, being an article in Danish.
var numberWords = map[string]map[string]string{
	"en": {"two": "2", "six": "6", "ten": "10", "twelve": "12", "fourteen": "14", "eighteen": "18"},
	"da": {"to": "2", "seks": "6", "ti": "10", "tolv": "12", "fjorten": "14", "atten": "18"},
}

var word = regexp.MustCompile(`[\p{L}\d]+`)

// numbers are the numbers in a text, as digits, each once, sorted.
func numbers(lang, text string) []string {
	var all []string
	for _, w := range word.FindAllString(strings.ToLower(text), -1) {
		if digits, ok := numberWords[lang][w]; ok {
			w = digits
		}
		if w[0] >= '0' && w[0] <= '9' {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A wrong age or date in a text would be a wrong law on the screen.
func TestAGroundNamesTheNumbersOfTheLaw(t *testing.T) {
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, g := range rule.Catalogue() {
			text, _ := l.Ground(g.Code, g.Text, g.Source)
			if got, want := numbers(lang, text), numbers("en", g.Text); !slices.Equal(got, want) {
				t.Errorf("%s %s names %v, the law %v: %q", lang, g.Code, got, want, text)
			}
		}
	}
}

// The law's own names for facts are for programs.
func TestAGroundNamesNoField(t *testing.T) {
	field := regexp.MustCompile(`[a-z]_[a-z]|\(|\)`)
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, g := range rule.Catalogue() {
			if found := field.FindString(l.Text("ground." + g.Code)); found != "" {
				t.Errorf("%s %s says %q", lang, g.Code, found)
			}
		}
	}
}

// Two grounds and their provisions stand below what is to be taken.
func TestAGroundIsShort(t *testing.T) {
	const most = 120 // letters: two lines of the page on the law
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, g := range rule.Catalogue() {
			if n := utf8.RuneCountInString(l.Text("ground." + g.Code)); n > most {
				t.Errorf("%s %s has %d letters, want at most %d", lang, g.Code, n, most)
			}
		}
	}
}

// provisions are the citations of all grounds and of all periods of keeping.
func provisions() []string {
	var all []string
	for _, g := range rule.Catalogue() {
		all = append(all, strings.Split(g.Source, "; ")...)
	}
	for _, p := range rule.Purposes() {
		for _, b := range rule.Bases(p) {
			f := rule.Defaults()
			f.Purpose, f.Basis = p, b
			for _, r := range rule.Kept(f) {
				all = append(all, strings.Split(r.Source, "; ")...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestEveryProvisionInEveryLanguage(t *testing.T) {
	all := provisions()
	for _, p := range all {
		for _, lang := range Languages() {
			text := sources()[p][lang]
			if text == "" {
				t.Errorf("%s does not quote %q", lang, p)
			}
			// "§ 47 b(1)" and "§ 47 b, stk. 1" name the same numbers, and "4 b" is 4b.
			digits := regexp.MustCompile(`\d+`)
			act := regexp.MustCompile(`^(AA|L167|R380|ED|Reg\.|VIS rules)`)
			want := digits.FindAllString(act.ReplaceAllString(p, ""), -1)
			got := digits.FindAllString(regexp.MustCompile(`L 167|1030/2002`).ReplaceAllString(text, ""), -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(slices.Compact(got), slices.Compact(want)) {
				t.Errorf("%s quotes %q as %q", lang, p, text)
			}
		}
	}
	for p := range sources() {
		if !slices.Contains(all, p) {
			t.Errorf("sources.json has %q, which no ground rests on", p)
		}
	}
}

func TestGround(t *testing.T) {
	da, en := localizer(t, "da"), localizer(t, "en")
	cases := []struct {
		name                    string
		l                       Localizer
		code, english, source   string
		wantText, wantProvision string
	}{
		{"a child under six, in Danish", da, "card_under_six", "No prints.", "R380 art. 4b; AA § 47 b(2)",
			"Til et kort optages ikke aftryk af et barn under seks år.", "Forordning 1030/2002, art. 4 b · udlændingelovens § 47 b, stk. 2"},
		{"the same in English", en, "card_under_six", "No prints.", "R380 art. 4b; AA § 47 b(2)",
			"No prints are taken of a child under six for a card.", "Regulation 1030/2002, art. 4 b · Aliens Act § 47 b(2)"},
		{"the bill", da, "extension_anew", "", "L167 6.7",
			"Ved forlængelse optages alt på ny, også fotoet.", "Lovforslag L 167, 6.7"},
		{"a ground of a later law", da, "new_ground", "Something new.", "XX art. 1; AA § 58 i",
			"Something new.", "XX art. 1 · udlændingelovens § 58 i"},
		{"the sources of two grounds, joined", en, "new_ground", "", "AA § 47 b(1); R380 art. 4b; AA § 47 b(2); R380 art. 4b",
			"", "Aliens Act § 47 b(1) · Regulation 1030/2002, art. 4 b · Aliens Act § 47 b(2)"},
		{"no source", en, "new_ground", "Something new.", "", "Something new.", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, from := c.l.Ground(c.code, c.english, c.source)
			if text != c.wantText || from != c.wantProvision {
				t.Errorf("Ground = %q, %q, want %q, %q", text, from, c.wantText, c.wantProvision)
			}
		})
	}
}

// lawWords are the keys of whatever else the law's answer is shown with.
func lawWords() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, c := range codes {
			keys = append(keys, prefix+c)
		}
	}
	for _, p := range rule.Purposes() {
		add("purpose.", string(p))
	}
	for _, a := range rule.Applications() {
		add("application.", string(a), string(a)+"_title")
	}
	for _, at := range rule.Lodgings() {
		add("lodged.", string(at))
	}
	for _, kind := range rule.Stations() {
		add("station.", string(kind))
	}
	for _, c := range []rule.Controller{rule.ImmigrationService, rule.ForeignMinistry, rule.NationalPolice} {
		add("controller.", string(c))
		add("receiver.", string(c))
	}
	for _, p := range rule.Purposes() {
		for _, b := range rule.Bases(p) {
			if !slices.Contains(wordless, b) {
				add("basis.", string(b))
			}
		}
	}
	return keys
}

// wordless are provisions that staff know by their number alone.
var wordless = []rule.Basis{rule.AA9d, rule.AA9e, rule.AA9p, rule.AA9q}

func TestTheLawsWordsInEveryLanguage(t *testing.T) {
	for _, lang := range Languages() {
		l := localizer(t, lang)
		for _, key := range lawWords() {
			if !l.Has(key) {
				t.Errorf("%s has no text for %q", lang, key)
			}
		}
	}
}
