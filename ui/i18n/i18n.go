// Package i18n holds the words of both screens: catalogues of short texts, the
// longer texts that inform a person of their rights, dates, the order of lines
// that mix directions, and the fonts that all of them are drawn in.
//
// There is no current language: each screen has its own [Localizer], so that the
// clerk reads Danish while the applicant reads something else. The package knows
// no screen and no case.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed da.json en.json rights.json
var files embed.FS

// catalogues reads the embedded files once. They are part of the program, so
// that a damaged one is the program's own mistake.
var catalogues = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, lang := range Languages() {
		text, err := files.ReadFile(lang + ".json")
		if err != nil {
			panic("i18n: internal error: " + err.Error())
		}
		var c map[string]string
		if err := json.Unmarshal(text, &c); err != nil {
			panic("i18n: internal error: " + lang + ".json: " + err.Error())
		}
		all[lang] = c
	}
	return all
})

// Languages are the codes of the languages that have a catalogue (ISO 639-1),
// the one for the clerk's screen first.
func Languages() []string { return []string{"da", "en"} }

// A Localizer gives texts in one language. The zero value has none and shows keys.
type Localizer struct {
	lang string
	text map[string]string
}

// For returns the localizer of a language with a catalogue. For any other
// language it returns an error, and a localizer that shows keys.
func For(lang string) (Localizer, error) {
	c, ok := catalogues()[lang]
	if !ok {
		return Localizer{lang: lang}, fmt.Errorf("finding texts: no language %q", lang)
	}
	return Localizer{lang: lang, text: c}, nil
}

// Lang is the language's code.
func (l Localizer) Lang() string { return l.lang }

// Name is the language's own name.
func (l Localizer) Name() string {
	switch l.lang {
	case "da":
		return "Dansk"
	case "en":
		return "English"
	}
	return l.lang
}

// RTL reports whether the language is written from right to left.
func (l Localizer) RTL() bool {
	return slices.Contains([]string{"ar", "ckb", "fa", "he", "ps", "prs", "ur"}, l.lang)
}

// Text returns the text of a key with its arguments put in: pairs of a name and
// a value, as Text("prints.needs", "n", 45) for "needs {n}". A key without a
// text is shown as it is; an argument that is missing stays visible in braces.
func (l Localizer) Text(key string, args ...any) string {
	text, ok := l.text[key]
	if !ok {
		return key
	}
	return fill(text, args)
}

// Has reports whether the key has a text.
func (l Localizer) Has(key string) bool {
	_, ok := l.text[key]
	return ok
}

// Count returns the text for a number of things: that of key+".one" for one,
// that of key+".other" else, with the number as the argument n.
func (l Localizer) Count(key string, n int, args ...any) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return l.Text(key+form, append([]any{"n", n}, args...)...)
}

func fill(text string, args []any) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Keys are all keys of the language, sorted.
func (l Localizer) Keys() []string { return slices.Sorted(maps.Keys(l.text)) }

// Date writes a day as people read it: "14 May 1991", "14. maj 1991".
func (l Localizer) Date(t time.Time) string {
	if l.lang == "da" {
		months := [...]string{"jan.", "feb.", "mar.", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."}
		return strconv.Itoa(t.Day()) + ". " + months[t.Month()-1] + " " + strconv.Itoa(t.Year())
	}
	return t.Format("2 Jan 2006")
}

// ShortDate writes a day where room is short: "14 Mar 2027", "14.3.2027".
func (l Localizer) ShortDate(t time.Time) string {
	if l.lang == "da" {
		return t.Format("2.1.2006")
	}
	return t.Format("2 Jan 2006")
}

// PartialDate writes a birth date that may lack its day or its month, given as
// "1991", "1991-05" or "1991-05-14". Anything else comes back as it is.
func (l Localizer) PartialDate(s string) string {
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return l.Date(t)
	}
	if t, err := time.Parse("2006-01", s); err == nil {
		_, month, _ := strings.Cut(l.Date(t), " ")
		return month
	}
	return s
}

// Clock writes a time of day: "10:35".
func (l Localizer) Clock(t time.Time) string { return t.Format("15:04") }

// Seconds writes a time of day to the second: "10:41:52".
func (l Localizer) Seconds(t time.Time) string { return t.Format("15:04:05") }

// Capital returns s with its first letter a capital.
func Capital(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}
