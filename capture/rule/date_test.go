package rule_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"optag/capture/rule"
)

func TestAge(t *testing.T) {
	tests := []struct {
		name, born, on string
		want           int
	}{
		{"sixth birthday", "2020-11-22", "2026-11-22", 6},
		{"day before the sixth birthday", "2020-11-23", "2026-11-22", 5},
		{"birthday in a later month", "2020-12-01", "2026-11-22", 5},
		{"birthday in an earlier month", "2020-01-31", "2026-11-22", 6},
		{"born today", "2026-11-22", "2026-11-22", 0},
		{"born on 29 February, on 28 February of a common year", "2008-02-29", "2026-02-28", 17},
		{"born on 29 February, on 1 March of a common year", "2008-02-29", "2026-03-01", 18},
		{"born on 29 February, on 29 February", "2008-02-29", "2028-02-29", 20},
		{"born on 28 February, on 28 February", "2008-02-28", "2026-02-28", 18},
		{"born on 1 March, on 29 February", "2008-03-01", "2028-02-29", 19},
		{"born tomorrow", "2026-11-23", "2026-11-22", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.Age(day(t, tt.born), day(t, tt.on)); got != tt.want {
				t.Errorf("Age(%s, %s) = %d, want %d", tt.born, tt.on, got, tt.want)
			}
		})
	}
}

// A year of life is completed on the day that AddYears names, and not before.
func TestAgeAgainstAddYears(t *testing.T) {
	for born := day(t, "2007-12-25"); born.Before(day(t, "2009-01-05")); born = born.AddDays(1) {
		for years := range 30 {
			birthday := born.AddYears(years)
			if got := rule.Age(born, birthday); got != years {
				t.Fatalf("born %v: Age on %v = %d, want %d", born, birthday, got, years)
			}
			if got := rule.Age(born, birthday.AddDays(-1)); got != years-1 {
				t.Fatalf("born %v: Age the day before %v = %d, want %d", born, birthday, got, years-1)
			}
		}
	}
}

// The answer itself turns on 1 March for who was born on 29 February.
func TestBornOnTheTwentyNinthOfFebruary(t *testing.T) {
	f := but(t, `"applied_on":"2026-01-01","birth_date":"2020-02-29"`)
	for on, want := range map[string]string{
		"2026-02-28": "capture photo",
		"2026-03-01": "capture photo two_flat",
	} {
		f.CaptureOn = day(t, on)
		if got := summary(rule.For(f, rule.Date{})); got != want {
			t.Errorf("on %s: %s, want %s", on, got, want)
		}
	}
}

func TestParseDates(t *testing.T) {
	tests := []struct {
		name, text string
		date       bool // ParseDate takes it
		birth      bool // ParseBirthDate takes it
	}{
		{"a day", "2020-05-01", true, true},
		{"a month", "2020-05", false, true},
		{"a year", "2020", false, true},
		{"29 February of a leap year", "2020-02-29", true, true},
		{"29 February of a common year", "2021-02-29", false, false},
		{"29 February of 1900, no leap year", "1900-02-29", false, false},
		{"29 February of 2000, a leap year", "2000-02-29", true, true},
		{"31 April", "2020-04-31", false, false},
		{"month 13", "2020-13-01", false, false},
		{"month 0", "2020-00", false, false},
		{"day 0", "2020-05-00", false, false},
		{"year 0", "0000", false, false},
		{"first day of all", "0001-01-01", true, true},
		{"last day of all", "9999-12-31", true, true},
		{"nothing", "", false, false},
		{"other order", "01-05-2020", false, false},
		{"other dashes", "2020/05/01", false, false},
		{"one digit", "2020-5-1", false, false},
		{"blank behind", "2020-05-01 ", false, false},
		{"with a time", "2020-05-01T00:00:00Z", false, false},
		{"a sign", "+020-05-01", false, false},
		{"other digits", "２０２０", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := rule.ParseDate(tt.text)
			checkParsed(t, "ParseDate", tt.text, d.String(), err, tt.date)
			b, err := rule.ParseBirthDate(tt.text)
			checkParsed(t, "ParseBirthDate", tt.text, b.String(), err, tt.birth)
		})
	}
}

// checkParsed wants text back where it is ok, and otherwise an error that does
// not repeat it.
func checkParsed(t *testing.T, what, text, back string, err error, ok bool) {
	t.Helper()
	switch {
	case ok && (err != nil || back != text):
		t.Errorf("%s(%q) = %s, %v", what, text, back, err)
	case !ok && !errors.Is(err, rule.ErrDate):
		t.Errorf("%s(%q) = %s, %v, want an ErrDate", what, text, back, err)
	case !ok && text != "" && strings.Contains(err.Error(), text):
		t.Errorf("%s: the error %q repeats the date", what, err)
	}
}

func TestBirthDatePossible(t *testing.T) {
	tests := []struct{ birth, earliest, latest, not string }{
		{"2020", "2020-01-01", "2020-12-31", "2021-01-01"},
		{"2020-02", "2020-02-01", "2020-02-29", "2020-03-01"},
		{"2021-02", "2021-02-01", "2021-02-28", "2021-03-01"},
		{"2020-11-22", "2020-11-22", "2020-11-22", "2020-11-21"},
	}
	for _, tt := range tests {
		t.Run(tt.birth, func(t *testing.T) {
			b, err := rule.ParseBirthDate(tt.birth)
			if err != nil {
				t.Fatal(err)
			}
			if b.Earliest() != day(t, tt.earliest) || b.Latest() != day(t, tt.latest) {
				t.Errorf("from %v to %v, want %s to %s", b.Earliest(), b.Latest(), tt.earliest, tt.latest)
			}
			if !b.Possible(b.Earliest()) || !b.Possible(b.Latest()) || b.Possible(day(t, tt.not)) {
				t.Errorf("possible: %v, %v and not %s", b.Earliest(), b.Latest(), tt.not)
			}
			if b.Complete() != (tt.earliest == tt.latest) {
				t.Errorf("complete: %v", b.Complete())
			}
		})
	}
	if !(rule.BirthDate{}).Possible(day(t, "1950-01-01")) {
		t.Error("an unknown birth date excludes a day")
	}
}

func TestDateOrder(t *testing.T) {
	days := []string{"", "1999-12-31", "2000-01-01", "2000-01-02", "2000-02-01", "2001-01-01"}
	for i, a := range days {
		for j, b := range days {
			d, e := day(t, a), day(t, b)
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := d.Compare(e); got != want || d.Before(e) != (want < 0) || d.After(e) != (want > 0) {
				t.Errorf("%q against %q: %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestDateOf(t *testing.T) {
	east := time.FixedZone("east", 2*60*60)
	if got := rule.DateOf(time.Date(2026, 11, 22, 0, 30, 0, 0, east)); got != (rule.Date{2026, 11, 22}) {
		t.Errorf("%v, want the day in the time's own zone", got)
	}
}

func TestDateJSON(t *testing.T) {
	type dates struct {
		D rule.Date
		B rule.BirthDate
	}
	for _, want := range []string{
		`{"D":"2026-11-22","B":"2020-05"}`,
		`{"D":"","B":""}`,
	} {
		var v dates
		if err := json.Unmarshal([]byte(want), &v); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
	var v dates
	if err := json.Unmarshal([]byte(`{"D":"2026-11"}`), &v); err == nil {
		t.Error("a month is taken for a day")
	}
}
