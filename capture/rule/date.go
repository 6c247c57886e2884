package rule

import (
	"errors"
	"fmt"
	"time"
)

// A Date is a civil day of the Gregorian calendar, without time or zone.
//
// The zero Date stands for "not known"; every other has a year from 1 to 9999.
// Dates are compared with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrDate is wrapped by what ParseDate and ParseBirthDate return. It does not
// repeat the text, which may be an applicant's birth date.
var ErrDate = errors.New("not a date")

var (
	errDay   = fmt.Errorf("want YYYY-MM-DD, a day of the calendar: %w", ErrDate)
	errBirth = fmt.Errorf("want YYYY, YYYY-MM or YYYY-MM-DD of the calendar: %w", ErrDate)
)

// ParseDate reads "2006-01-02". The error wraps [ErrDate].
func ParseDate(s string) (Date, error) {
	d, ok := parseParts(s)
	if !ok || d.Day == 0 {
		return Date{}, errDay
	}
	return d, nil
}

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero reports whether the day is not known.
func (d Date) IsZero() bool { return d == Date{} }

// Compare returns -1, 0 or +1 as d is before, on or after e.
func (d Date) Compare(e Date) int {
	switch a, b := d.ordinal(), e.ordinal(); {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.ordinal() < e.ordinal() }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return d.ordinal() > e.ordinal() }

// AddYears returns the same day n years later. From 29 February it is 1 March
// in years that have no such day, as for the completing of a year of life.
func (d Date) AddYears(n int) Date {
	d.Year += n
	if d.Month == time.February && d.Day == 29 && !leap(d.Year) {
		d.Month, d.Day = time.March, 1
	}
	return d
}

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// String returns the day as "2006-01-02", and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return string(appendParts(nil, d))
}

// MarshalText returns what String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}

// valid reports whether d is the zero Date or a day of the calendar.
func (d Date) valid() bool {
	return d.IsZero() || d.Day != 0 && BirthDate(d).valid()
}

// ordinal orders days; it is no count of days.
func (d Date) ordinal() int { return d.Year<<9 | int(d.Month)<<5 | d.Day }

// A BirthDate is a birth date as far as it is known: the year, the year and the
// month, or the day. Month and Day are 0 where they are not known, and the
// zero BirthDate says that not even the year is.
type BirthDate struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseBirthDate reads "2020", "2020-05" or "2020-05-01". The error wraps
// [ErrDate].
func ParseBirthDate(s string) (BirthDate, error) {
	d, ok := parseParts(s)
	if !ok {
		return BirthDate{}, errBirth
	}
	return BirthDate(d), nil
}

// IsZero reports whether not even the year is known.
func (b BirthDate) IsZero() bool { return b == BirthDate{} }

// Complete reports whether the day is known.
func (b BirthDate) Complete() bool { return b.Day != 0 }

// Earliest returns the first birthday that b leaves possible, the zero Date
// when the year is not known.
func (b BirthDate) Earliest() Date {
	if b.IsZero() {
		return Date{}
	}
	return Date{b.Year, max(b.Month, time.January), max(b.Day, 1)}
}

// Latest returns the last birthday that b leaves possible, the zero Date when
// the year is not known.
func (b BirthDate) Latest() Date {
	if b.IsZero() {
		return Date{}
	}
	d := Date(b)
	if d.Month == 0 {
		d.Month = time.December
	}
	if d.Day == 0 {
		d.Day = daysIn(d.Year, d.Month)
	}
	return d
}

// Possible reports whether the person may have been born on day.
func (b BirthDate) Possible(day Date) bool {
	return b.IsZero() || !day.Before(b.Earliest()) && !day.After(b.Latest())
}

// String returns as much of "2006-01-02" as is known.
func (b BirthDate) String() string {
	if b.IsZero() {
		return ""
	}
	return string(appendParts(nil, Date(b)))
}

// MarshalText returns what String does.
func (b BirthDate) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (b *BirthDate) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*b = BirthDate{}
		return nil
	}
	*b, err = ParseBirthDate(string(text))
	return err
}

// valid reports whether b is the zero BirthDate or lies in the calendar, its
// unknown parts at the end.
func (b BirthDate) valid() bool {
	switch {
	case b.IsZero():
		return true
	case b.Year < 1 || b.Year > 9999 || b.Month < 0 || b.Month > time.December || b.Day < 0:
		return false
	case b.Month == 0:
		return b.Day == 0
	}
	return b.Day <= daysIn(b.Year, b.Month)
}

// Age returns the completed years of life on day of somebody born on birth,
// negative when birth lies after day. Who was born on 29 February completes a
// year on 1 March where there is no such day.
func Age(birth, day Date) int {
	years := day.Year - birth.Year
	if day.Month < birth.Month || day.Month == birth.Month && day.Day < birth.Day {
		years--
	}
	return years
}

// parseParts reads the year, month and day that s has; what it lacks is 0.
func parseParts(s string) (Date, bool) {
	var d Date
	var month int
	ok := digits(s, 0, 4, &d.Year)
	switch len(s) {
	case 10:
		ok = ok && s[7] == '-' && digits(s, 8, 10, &d.Day) && d.Day > 0
		fallthrough
	case 7:
		ok = ok && s[4] == '-' && digits(s, 5, 7, &month) && month > 0
	case 4:
	default:
		return Date{}, false
	}
	d.Month = time.Month(month)
	return d, ok && d.Year > 0 && BirthDate(d).valid()
}

// digits reads the decimal digits s[from:to] into n.
func digits(s string, from, to int, n *int) bool {
	if len(s) < to {
		return false
	}
	for _, c := range []byte(s[from:to]) {
		if c < '0' || c > '9' {
			return false
		}
		*n = *n*10 + int(c-'0')
	}
	return true
}

// appendParts writes the parts of d that are known.
func appendParts(text []byte, d Date) []byte {
	text = append(text, byte('0'+d.Year/1000%10), byte('0'+d.Year/100%10), byte('0'+d.Year/10%10), byte('0'+d.Year%10))
	for _, part := range [...]int{int(d.Month), d.Day} {
		if part == 0 {
			break
		}
		text = append(text, '-', byte('0'+part/10%10), byte('0'+part%10))
	}
	return text
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if leap(year) {
			return 29
		}
		return 28
	}
	return 31
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }
