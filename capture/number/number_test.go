package number

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func on(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCentury goes along the borders of the CPR office's table. The numbers are
// nobody's: serial numbers x000 to x999 without a check digit.
func TestCentury(t *testing.T) {
	for _, c := range []struct{ number, birth string }{
		{"0101000001", "1900-01-01"}, {"0101990001", "1999-01-01"}, {"0101360001", "1936-01-01"}, {"3112573001", "1957-12-31"},
		{"0101004001", "2000-01-01"}, {"0101364001", "2036-01-01"}, {"0101374001", "1937-01-01"}, {"0101994001", "1999-01-01"},
		{"0101005001", "2000-01-01"}, {"0101575001", "2057-01-01"}, {"0101585001", "1858-01-01"}, {"0101998001", "1899-01-01"},
		{"0101366001", "2036-01-01"}, {"0101377001", "2037-01-01"},
		{"0101009001", "2000-01-01"}, {"0101369001", "2036-01-01"}, {"0101379001", "1937-01-01"}, {"0101589001", "1958-01-01"},
	} {
		n, err := ParseCPR(c.number)
		if err != nil {
			t.Fatal(err)
		}
		if birth, ok := n.Birth(); !ok || birth != c.birth {
			t.Errorf("%s is born on %s, %t, want %s", c.number, birth, ok, c.birth)
		}
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		name, number string
		want         []Warning
	}{
		{"the example that is published", "070761-4285", nil},
		{"without a hyphen", "0707614285", nil},
		{"with a blank, and blanks around", " 070761 4285 ", nil},
		{"one digit wrong", "070761-4286", []Warning{NoModulus}},
		{"1 January 1965, without check digit since 2007", "010165-4000", []Warning{NoModulusHere}},
		{"1 January 1965, check digit fits", "010165-0006", nil},
		{"1 January 1961: no such number is known", "010161-4000", []Warning{NoModulus}},
		{"1 January 2065 is 1865 with 5", "010165-5001", []Warning{NoModulus}},
		{"2 January 1965", "020165-4000", []Warning{NoModulus}},
		{"29 February of a leap year", "290204-4000", []Warning{NoModulus}},
		{"29 February of another year", "290205-4000", []Warning{NoDate, NoModulus}},
		{"29 February 1900", "290200-0001", []Warning{NoDate, NoModulus}},
		{"29 February 2000, its check digit fits", "290200-4001", nil},
		{"31 April", "310461-4000", []Warning{NoDate, NoModulus}},
		{"month 13", "011361-4000", []Warning{NoDate, NoModulus}},
		{"all zeros", "000000-0000", []Warning{NoDate}},
		{"not yet born", "010130-4000", []Warning{Future}},
		{"born today", "231126-4000", []Warning{NoModulus}},
		{"a replacement number for the 7th", "670761-4285", []Warning{Replacement}},
		{"a replacement number for the 31st", "910161-4000", []Warning{Replacement}},
		{"a replacement number for the 39th", "990161-4000", []Warning{NoDate, Replacement}},
		{"day 40 is neither", "400161-4000", []Warning{NoDate, NoModulus}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := ParseCPR(c.number)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.Warnings(on(t, "2026-11-23")); !slices.Equal(got, c.want) {
				t.Errorf("warnings %q, want %q", got, c.want)
			}
		})
	}
}

// TestModulus: any one wrong digit is found.
func TestModulus(t *testing.T) {
	const number = "0707614285"
	if n, _ := ParseCPR(number); !n.Modulus() {
		t.Fatalf("%s does not fit", number)
	}
	for i := range number {
		for c := byte('0'); c <= '9'; c++ {
			wrong, _ := ParseCPR(number[:i] + string(c) + number[i+1:])
			if c != number[i] && wrong.Modulus() {
				t.Errorf("digit %d may as well be %c", i+1, c)
			}
		}
	}
}

func TestNoCPR(t *testing.T) {
	for _, text := range []string{"", "070761428", "07076142855", "070761_4285", "07-07614285", "0707614a85", "070761--4285", "０707614285", strings.Repeat("1", 1000)} {
		c, err := ParseCPR(text)
		if err == nil {
			t.Errorf("ParseCPR(%q) accepts it", text)
		}
		if c != (CPR{}) {
			t.Errorf("ParseCPR(%q) returns something", text)
		}
	}
}

func TestAgainst(t *testing.T) {
	n, err := ParseCPR("070761-4285") // a man, 1961
	if err != nil {
		t.Fatal(err)
	}
	if n.Digits() != "0707614285" || n.Written() != "070761-4285" || !n.Male() {
		t.Errorf("%s, %s, male %t", n.Digits(), n.Written(), n.Male())
	}
	for _, c := range []struct {
		name, birth, sex string
		want             []Warning
	}{
		{"the same", "1961-07-07", "M", nil},
		{"nothing known", "", "", nil},
		{"the year alone", "1961", "X", nil},
		{"another day", "1961-07-08", "M", []Warning{OtherBirth}},
		{"another century", "2061", "M", []Warning{OtherBirth}},
		{"a woman", "1961-07", "F", []Warning{OtherSex}},
		{"nothing fits", "1970-01-01", "F", []Warning{OtherBirth, OtherSex}},
	} {
		if got := n.Against(c.birth, c.sex); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if woman, _ := ParseCPR("070761-4286"); woman.Male() || !slices.Equal(woman.Against("", "M"), []Warning{OtherSex}) {
		t.Error("an even number is a woman's")
	}
}

func TestCaseNumbers(t *testing.T) {
	for _, c := range []struct {
		name, form, text string
		want             []Warning
	}{
		{"eight digits", "", "12345678", nil},
		{"seven digits, blanks around", "", " 1234567 ", nil},
		{"ten digits", "", "1234567890", nil},
		{"six digits", "", "123456", []Warning{Unusual}},
		{"letters", "", "AB123456", []Warning{Unusual}},
		{"nothing", "", "", []Warning{Unusual}},
		{"a form of the station's own", `^[A-Z]{2}\d{6}$`, "AB123456", nil},
		{"a CPR number", "", "0707614285", []Warning{LikeCPR}},
		{"a CPR number with its hyphen", "", "070761-4285", []Warning{Unusual, LikeCPR}},
		{"ten digits that are no date", "", "9907614285", nil},
	} {
		f, err := NewForm(c.form)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Warnings(c.text, on(t, "2026-11-23")); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if _, err := NewForm("("); err == nil {
		t.Error("a form that is no regular expression is accepted")
	}
}

// TestNothingOfTheNumber: what is printed by accident holds no number.
func TestNothingOfTheNumber(t *testing.T) {
	n, _ := ParseCPR("070761-4285")
	_, err := ParseCPR("070761-428")
	said := fmt.Sprintf("%v %+v %s %q %v", n, n, n, n, err)
	for _, w := range append(n.Warnings(time.Time{}), n.Against("1970", "F")...) {
		said += string(w)
	}
	if strings.Contains(said, "0707") || strings.Contains(said, "428") {
		t.Errorf("%q holds digits", said)
	}
}

// FuzzNumbers: whatever is typed gets warnings or the one error, and no panic.
func FuzzNumbers(f *testing.F) {
	f.Add("070761-4285")
	f.Add("9999999999")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, text string) {
		form, err := NewForm("")
		if err != nil {
			t.Fatal(err)
		}
		form.Warnings(text, time.Time{})
		c, err := ParseCPR(text)
		if err != nil {
			return
		}
		if again, err := ParseCPR(c.Written()); err != nil || again != c || len(c.Digits()) != 10 {
			t.Errorf("%q: %v", text, err)
		}
		c.Warnings(time.Time{})
	})
}
