package mrz

import (
	"fmt"
	"time"
)

// A Date is a date as the zone has it: YYMMDD, with "<" in the place of what is
// not known (9303-3, 4.8). Any part may be unknown.
type Date string

// unknown stands for a part of a date that is not known.
const unknown = -1

// parts returns the two-digit year, the month and the day, each unknown where it
// is "<<"; ok is false where that is neither.
func (d Date) parts() (year, month, day int, ok bool) {
	if len(d) != 6 {
		return 0, 0, 0, false
	}
	var p [3]int
	for i := range p {
		a, b := d[2*i], d[2*i+1]
		switch {
		case a == '<' && b == '<':
			p[i] = unknown
		case isDigit(a) && isDigit(b):
			p[i] = int(a-'0')*10 + int(b-'0')
		default:
			return 0, 0, 0, false
		}
	}
	return p[0], p[1], p[2], true
}

// Possible reports whether some calendar has the date: 29 February stands in
// every leap year, and in every year that is not known.
func (d Date) Possible() bool {
	year, month, day, ok := d.parts()
	switch {
	case !ok || month == 0 || month > 12 || day == 0 || day > 31:
		return false
	case day == unknown || month == unknown:
		return true
	case year == unknown:
		year = 0
	}
	// 2000 stands for every year with these digits: of 1900 and 2000, one has a
	// 29 February.
	return time.Date(2000+year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}

// Birth returns a date of birth as YYYY-MM-DD, YYYY-MM or YYYY, as far as it is
// known, "" where not even the year is. The century is the latest in which the
// birth does not lie after the day on; who is older than a hundred years gets
// the wrong one, which the two digits cannot tell.
func (d Date) Birth(on time.Time) string {
	return d.in(func(year, month, day int) int {
		full := on.Year() - on.Year()%100 + year
		if month == unknown {
			month, day = 1, unknown
		}
		born := time.Date(full, time.Month(month), max(1, day), 0, 0, 0, 0, time.UTC)
		today := time.Date(on.Year(), on.Month(), on.Day(), 0, 0, 0, 0, time.UTC)
		if born.After(today) || born.Day() != max(1, day) {
			full -= 100
		}
		return full
	})
}

// expiredLongAgo is the number of years after which an expired document is not
// expected any more. Doc 9303 has no rule. Documents are valid for up to fifteen
// years or, with 99 for the year, for ever; so most of a century lies ahead.
const expiredLongAgo = 20

// Expiry returns a date of expiry as [Date.Birth] does. The year is from 20
// years before to 79 years after that of the day on.
func (d Date) Expiry(on time.Time) string {
	return d.in(func(year, _, _ int) int {
		from := on.Year() - expiredLongAgo
		return from + ((year-from)%100+100)%100
	})
}

// in writes the parts that are known, without those behind one that is not.
func (d Date) in(century func(year, month, day int) int) string {
	year, month, day, ok := d.parts()
	switch {
	case !ok || !d.Possible() || year == unknown:
		return ""
	}
	full := century(year, month, day)
	switch {
	case month == unknown:
		return fmt.Sprintf("%04d", full)
	case day == unknown:
		return fmt.Sprintf("%04d-%02d", full, month)
	case time.Date(full, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day: // 29 February 1900
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", full, month, day)
}
