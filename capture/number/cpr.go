package number

import (
	"errors"
	"strings"
	"time"
)

// ErrCPR is returned by ParseCPR. It does not repeat the text.
var ErrCPR = errors.New("a CPR number has ten digits, with or without a hyphen before the last four")

// A CPR is a Danish personal identification number (personnummer): day, month
// and year of birth with two digits each, and a serial number of four digits.
type CPR struct{ digits [10]byte }

// ParseCPR reads a number with or without a hyphen or a blank before its last
// four digits. Any ten digits are accepted: see [CPR.Warnings].
func ParseCPR(text string) (CPR, error) {
	text = strings.TrimSpace(text)
	if len(text) == 11 && (text[6] == '-' || text[6] == ' ') {
		text = text[:6] + text[7:]
	}
	var c CPR
	if len(text) != len(c.digits) || strings.Trim(text, "0123456789") != "" {
		return CPR{}, ErrCPR
	}
	copy(c.digits[:], text)
	return c, nil
}

// String returns nothing of the number.
func (c CPR) String() string { return "CPR number" }

// Digits returns the ten digits of the number.
func (c CPR) Digits() string { return string(c.digits[:]) }

// Written returns the number as it is written, with a hyphen.
func (c CPR) Written() string { return string(c.digits[:6]) + "-" + string(c.digits[6:]) }

// Replacement reports whether it is a replacement number (erstatnings-
// personnummer), made by another system for somebody who has none: 6 is added
// to the first digit of the day (recommended by the CPR office).
func (c CPR) Replacement() bool { return c.digits[0] >= '6' && c.digits[0] <= '9' }

// Birth returns the date of birth as YYYY-MM-DD; false where there is no such day.
func (c CPR) Birth() (string, bool) {
	day, month, year := c.pair(0), c.pair(2), c.year()
	if c.Replacement() {
		day -= 60
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || int(t.Month()) != month {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// year returns the year of birth in full: the seventh digit and the two digits
// of the year tell the century (the CPR office's table).
//
//	7th digit   00–36   37–57   58–99
//	0–3         1900s   1900s   1900s
//	4, 9        2000s   1900s   1900s
//	5–8         2000s   2000s   1800s
func (c CPR) year() int {
	year, seventh := c.pair(4), c.digits[6]
	switch {
	case seventh <= '3':
		return 1900 + year
	case seventh == '4' || seventh == '9':
		if year <= 36 {
			return 2000 + year
		}
		return 1900 + year
	case year <= 57:
		return 2000 + year
	}
	return 1800 + year
}

func (c CPR) pair(i int) int { return int(c.digits[i]-'0')*10 + int(c.digits[i+1]-'0') }

// Male reports whether the last digit is odd, a man's number. Who changes the
// legal sex may get a new number and need not.
func (c CPR) Male() bool { return (c.digits[9]-'0')%2 == 1 }

// Modulus reports whether the check digit fits: the digits weighted by 4 3 2 7 6
// 5 4 3 2 1 have a sum divisible by 11. Every number of before 1 October 2007
// does; valid numbers since need not.
func (c CPR) Modulus() bool {
	sum := 0
	for i, w := range [...]int{4, 3, 2, 7, 6, 5, 4, 3, 2, 1} {
		sum += w * int(c.digits[i]-'0')
	}
	return sum%11 == 0
}

// withoutModulus are the years of which numbers for 1 January are known to be
// given without the check digit, as the CPR office published them on 10 May 2023.
// Its list does not claim to be complete.
const withoutModulus = "1960 1962 1964 1965 1966 1967 1969 1970 1974 1975 1978 " +
	"1980 1981 1982 1983 1984 1985 1986 1987 1988 1989 1990 1991 1992 1994 1995"

// Warnings says what is unusual about the number by itself on a day. None of it
// makes the number invalid.
func (c CPR) Warnings(on time.Time) []Warning {
	var w []Warning
	birth, ok := c.Birth()
	switch {
	case !ok:
		w = append(w, NoDate)
	case birth > on.Format(time.DateOnly):
		w = append(w, Future)
	}
	switch {
	case c.Replacement():
		w = append(w, Replacement)
	case c.Modulus():
	case ok && birth[4:] == "-01-01" && strings.Contains(withoutModulus, birth[:4]):
		w = append(w, NoModulusHere)
	default:
		w = append(w, NoModulus)
	}
	return w
}

// Against compares the number with what the case has: the date of birth as
// YYYY, YYYY-MM or YYYY-MM-DD, and the sex, F, M or another letter. Either is ""
// where it is not known.
func (c CPR) Against(birth, sex string) []Warning {
	var w []Warning
	if own, ok := c.Birth(); ok && !strings.HasPrefix(own, birth) {
		w = append(w, OtherBirth)
	}
	if sex == "F" && c.Male() || sex == "M" && !c.Male() {
		w = append(w, OtherSex)
	}
	return w
}
