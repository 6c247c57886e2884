package mrz

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Transliterate writes a name in Latin letters as a zone has it, with a blank
// where the zone has a filler: "Søren Ørsted-Åkjær" becomes "SOEREN OERSTED
// AAKJAER". The letters are those of table A in 9303-3, 6, with AE, OE, UE and AA
// for Ä, Ö, Ü and Å and N for Ñ where it leaves a choice; further Latin letters
// lose their marks. Apostrophes and other punctuation go, hyphens and commas
// part components (9303-3, 4.6).
//
// The error tells the place of a character that cannot be written, counted from
// 1, and not the character: digits, symbols, and letters of other scripts, which
// are taken as the document has them.
func Transliterate(name string) (string, error) {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		var next rune
		if i+1 < len(letters) {
			next = letters[i+1]
		}
		s, ok := transliterated(unicode.ToUpper(r), next)
		if !ok {
			return "", fmt.Errorf("character %d of the name is no Latin letter", i+1)
		}
		b.WriteString(s)
	}
	fields := strings.Fields(b.String())
	if len(fields) == 0 {
		return "", errors.New("the name has no letters")
	}
	return strings.Join(fields, " "), nil
}

// The marks that, following a letter, do not simply go.
const (
	diaeresis = '\u0308'
	ring      = '\u030A'
)

// transliterated returns what stands for a capital letter, or for a mark that
// follows one. next is the character behind it.
func transliterated(r, next rune) (string, bool) {
	if s := beforeMark(r, next); s != "" {
		return s, true
	}
	if r >= 'A' && r <= 'Z' {
		return string(r), true
	}
	for _, row := range latin {
		if strings.ContainsRune(row.letters, r) {
			return row.zone, true
		}
	}
	switch {
	case r == ',' || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r): // blanks and hyphens
		return " ", true
	case unicode.IsPunct(r) || unicode.Is(unicode.Mn, r): // marks that follow a letter
		return "", true
	case strings.ContainsRune("`´ʻʼʾʿˈ", r): // what serves as an apostrophe
		return "", true
	}
	return "", false
}

// beforeMark is a letter and a mark that follows it and counts.
func beforeMark(r, next rune) string {
	switch {
	case next == diaeresis && (r == 'A' || r == 'O' || r == 'U'):
		return string(r) + "E"
	case next == ring && r == 'A':
		return "AA"
	}
	return ""
}

// latin has for letters of the zone the capitals that are written so: table A,
// then Romanian, Vietnamese and Nordic letters that it lacks. Å is there twice,
// also as the sign of the ångström.
var latin = [...]struct{ zone, letters string }{
	{"AE", "ÄÆǼǢ"},
	{"AA", "ÅǺ\u212B"},
	{"OE", "ÖØǾŒ"},
	{"UE", "Ü"},
	{"TH", "Þ"},
	{"SS", "ẞß"},
	{"IJ", "Ĳ"},
	{"A", "ÀÁÂÃĀĂĄǍȀȂȦ" + "ẠẢẤẦẨẪẬẮẰẲẴẶ"},
	{"C", "ÇĆĈĊČ"},
	{"D", "ÐĎĐḌ"},
	{"E", "ÈÉÊËĒĔĖĘĚȄȆȨ" + "ẸẺẼẾỀỂỄỆ"},
	{"G", "ĜĞĠĢǤǦǴ"},
	{"H", "ĤĦȞḤ"},
	{"I", "ÌÍÎÏĨĪĬĮİǏȈȊ" + "ỈỊ"},
	{"J", "Ĵ"},
	{"K", "ĶǨ"},
	{"L", "ĹĻĽĿŁ"},
	{"N", "ÑŃŅŇŊ\u0149Ǹ"},
	{"O", "ÒÓÔÕŌŎŐƠǑǪǬȌȎȮ" + "ỌỎỐỒỔỖỘỚỜỞỠỢ"},
	{"R", "ŔŖŘ"},
	{"S", "ŚŜŞŠȘṢ"},
	{"T", "ŢŤŦȚṬ"},
	{"U", "ÙÚÛŨŪŬŮŰŲƯǓȔȖ" + "ỤỦỨỪỬỮỰ"},
	{"W", "ŴẀẂẄ"},
	{"Y", "ÝŶŸȲ" + "ỲỴỶỸ"},
	{"Z", "ŹŻŽẒ"},
}
