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
	if s := ligature(r); s != "" {
		return s, true
	}
	if s := base(r); s != "" {
		return s, true
	}
	switch {
	case r >= 'A' && r <= 'Z':
		return string(r), true
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

// ligature is what becomes more than one letter.
func ligature(r rune) string {
	switch r {
	case 'Ä', 'Æ', 'Ǽ', 'Ǣ':
		return "AE"
	case 'Å', 'Ǻ', '\u212B': // the last is the sign of the ångström
		return "AA"
	case 'Ö', 'Ø', 'Ǿ', 'Œ':
		return "OE"
	case 'Ü':
		return "UE"
	case 'Þ':
		return "TH"
	case 'ẞ', 'ß':
		return "SS"
	case 'Ĳ':
		return "IJ"
	}
	return ""
}

// base is the letter that remains without its marks: table A, then Romanian,
// Vietnamese and Nordic letters that it lacks.
func base(r rune) string {
	switch {
	case strings.ContainsRune("ÀÁÂÃĀĂĄǍȀȂȦ", r), r >= 'Ạ' && r <= 'Ặ':
		return "A"
	case strings.ContainsRune("ÇĆĈĊČ", r):
		return "C"
	case strings.ContainsRune("ÐĎĐḌ", r):
		return "D"
	case strings.ContainsRune("ÈÉÊËĒĔĖĘĚȄȆȨ", r), r >= 'Ẹ' && r <= 'Ệ':
		return "E"
	case strings.ContainsRune("ĜĞĠĢǤǦǴ", r):
		return "G"
	case strings.ContainsRune("ĤĦȞḤ", r):
		return "H"
	case strings.ContainsRune("ÌÍÎÏĨĪĬĮİǏȈȊỈỊ", r):
		return "I"
	case r == 'Ĵ':
		return "J"
	case strings.ContainsRune("ĶǨ", r):
		return "K"
	case strings.ContainsRune("ĹĻĽĿŁ", r):
		return "L"
	case strings.ContainsRune("ÑŃŅŇŊ\u0149Ǹ", r):
		return "N"
	case strings.ContainsRune("ÒÓÔÕŌŎŐƠǑǪǬȌȎȮ", r), r >= 'Ọ' && r <= 'Ợ':
		return "O"
	}
	return baseOnward(r)
}

// baseOnward is the second half of base.
func baseOnward(r rune) string {
	switch {
	case strings.ContainsRune("ŔŖŘ", r):
		return "R"
	case strings.ContainsRune("ŚŜŞŠȘṢ", r):
		return "S"
	case strings.ContainsRune("ŢŤŦȚṬ", r):
		return "T"
	case strings.ContainsRune("ÙÚÛŨŪŬŮŰŲƯǓȔȖ", r), r >= 'Ụ' && r <= 'Ự':
		return "U"
	case strings.ContainsRune("ŴẀẂẄ", r):
		return "W"
	case strings.ContainsRune("ÝŶŸȲỲỴỶỸ", r):
		return "Y"
	case strings.ContainsRune("ŹŻŽẒ", r):
		return "Z"
	}
	return ""
}
