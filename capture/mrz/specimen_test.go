package mrz

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A specimen is a zone printed in Doc 9303, or made after its rules; the holders
// live in Utopia and do not exist.
type specimen struct {
	name string
	zone string // lines parted by "/"
	want Document
	key  string
}

func (s specimen) lines() []string { return strings.Split(s.zone, "/") }

func specimens() []specimen {
	eriksson := Names{Primary: "ERIKSSON", Secondary: "ANNA MARIA"}
	stevenson := Names{Primary: "STEVENSON", Secondary: "PETER JOHN"}
	return []specimen{
		{
			"card of 9303-5", "I<UTOD231458907<<<<<<<<<<<<<<</7408122F1204159UTO<<<<<<<<<<<6/ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
			Document{Format: TD1, Code: "I", Issuer: "UTO", Number: "D23145890", Nationality: "UTO", Sex: Female, Birth: "740812", Expiry: "120415", Names: eriksson},
			"D23145890774081221204159",
		}, {
			"passport of 9303-4", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<</L898902C36UTO7408122F1204159ZE184226B<<<<<10",
			Document{Format: TD3, Code: "P", Issuer: "UTO", Number: "L898902C3", Nationality: "UTO", Sex: Female, Birth: "740812", Expiry: "120415", Names: eriksson, Optional: "ZE184226B"},
			"L898902C3674081221204159",
		}, {
			"larger card of 9303-6", "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<</D231458907UTO7408122F1204159<<<<<<<6",
			Document{Format: TD2, Code: "I", Issuer: "UTO", Number: "D23145890", Nationality: "UTO", Sex: Female, Birth: "740812", Expiry: "120415", Names: eriksson},
			"D23145890774081221204159",
		}, {
			"visa of 9303-7, format A, of a person without nationality", "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<</L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
			Document{Format: MRVA, Code: "V", Issuer: "UTO", Number: "L8988901C", Nationality: "XXX", Sex: Female, Birth: "400907", Expiry: "961210", Names: eriksson, Optional: "6ZE184226B"},
			"L8988901C440090789612109",
		}, {
			"visa of 9303-7, format B", "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<</L8988901C4XXX4009078F9612109<<<<<<<<",
			Document{Format: MRVB, Code: "V", Issuer: "UTO", Number: "L8988901C", Nationality: "XXX", Sex: Female, Birth: "400907", Expiry: "961210", Names: eriksson},
			"L8988901C440090789612109",
		}, {
			"card of 9303-11 with a long number", "I<UTOD23145890<7349<<<<<<<<<<</3407127M9507122UTO<<<<<<<<<<<2/STEVENSON<<PETER<JOHN<<<<<<<<<",
			Document{Format: TD1, Code: "I", Issuer: "UTO", Number: "D23145890734", Nationality: "UTO", Sex: Male, Birth: "340712", Expiry: "950712", Names: stevenson},
			"D23145890734934071279507122",
		}, {
			"larger card of 9303-11 with a long number", "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<</D23145890<UTO3407127M95071227349<<<8",
			Document{Format: TD2, Code: "I", Issuer: "UTO", Number: "D23145890734", Nationality: "UTO", Sex: Male, Birth: "340712", Expiry: "950712", Names: stevenson},
			"D23145890734934071279507122",
		}, {
			"residence permit with a long number and more behind it, sex not stated", "ARUTOD23145890<7349<CASE123<<</3407127<9507122XXA44<<<<<<<<<8/STEVENSON<<PETER<JOHN<<<<<<<<<",
			Document{Format: TD1, Code: "AR", Issuer: "UTO", Number: "D23145890734", Nationality: "XXA", Sex: Unspecified, Birth: "340712", Expiry: "950712", Names: stevenson, Optional: "CASE123", Optional2: "44"},
			"D23145890734934071279507122",
		}, {
			"German passport: one letter and two fillers; nothing in the personal number, no digit for it", "P<D<<ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<</L898902C36D<<7408122F1204159<<<<<<<<<<<<<<<8",
			Document{Format: TD3, Code: "P", Issuer: "D", Number: "L898902C3", Nationality: "D", Sex: Female, Birth: "740812", Expiry: "120415", Names: eriksson, NoDigit: true},
			"L898902C3674081221204159",
		}, {
			"the same with 0 for the digit", "P<D<<ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<</L898902C36D<<7408122F1204159<<<<<<<<<<<<<<08",
			Document{Format: TD3, Code: "P", Issuer: "D", Number: "L898902C3", Nationality: "D", Sex: Female, Birth: "740812", Expiry: "120415", Names: eriksson},
			"L898902C3674081221204159",
		}, {
			"short number, day of birth not known, one name", "PPUTOARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<</AB12<<<<<8UTO7408<<7M1204159<<<<<<<<<<<<<<04",
			Document{Format: TD3, Code: "PP", Issuer: "UTO", Number: "AB12", Nationality: "UTO", Sex: Male, Birth: "7408<<", Expiry: "120415", Names: Names{Primary: "ARKFREITH"}},
			"AB12<<<<<87408<<71204159",
		}, {
			"nothing known of the birth, a name that fills its field", "I<UTOPAPANDROPOULOUS<<JONATHOON<ALEC/D231458907UTO<<<<<<0F1204159<<<<<<<6",
			Document{Format: TD2, Code: "I", Issuer: "UTO", Number: "D23145890", Nationality: "UTO", Sex: Female, Birth: "<<<<<<", Expiry: "120415", Names: Names{Primary: "PAPANDROPOULOUS", Secondary: "JONATHOON ALEC", Shortened: true}},
			"D231458907<<<<<<01204159",
		},
	}
}

// TestSpecimens: each zone is read as what it says, with all digits right and
// nothing to remark, and written again as it was.
func TestSpecimens(t *testing.T) {
	for _, s := range specimens() {
		t.Run(s.name, func(t *testing.T) {
			d, err := Parse(strings.Join(s.lines(), "\n"))
			if err != nil || d.Err() != nil {
				t.Fatal(err, d.Err())
			}
			if lines, err := d.Lines(); err != nil || !slices.Equal(lines, s.lines()) {
				t.Errorf("written as %q, %v", lines, err)
			}
			if got := d.Key(); got != s.key {
				t.Errorf("Key() = %s, want %s", got, s.key)
			}
			checks := 4
			switch s.want.Format {
			case TD3:
				checks = 5
			case MRVA, MRVB:
				checks = 3
			}
			if len(d.Checks) != checks {
				t.Errorf("%d check digits, want %d", len(d.Checks), checks)
			}
			if d.Visa() != (checks == 3) {
				t.Errorf("Visa() = %t", d.Visa())
			}
			d.Checks = nil
			if !reflect.DeepEqual(d, s.want) {
				t.Errorf("read\n%#v, want\n%#v", d, s.want)
			}
		})
	}
}

// TestWaysToSend: line ends of every kind, blanks around, or none at all.
func TestWaysToSend(t *testing.T) {
	for _, s := range specimens()[:5] {
		for _, between := range []string{"\n", "\r", "\r\n", "\r\n\r\n", " \n\t", ""} {
			text := " " + strings.Join(s.lines(), between) + between
			if between == "" {
				text = strings.TrimSpace(text)
			}
			d, err := Parse(text)
			if err != nil || d.Err() != nil || d.Format != s.want.Format {
				t.Errorf("%s, parted by %q: %v, %v, %v", s.name, between, d, err, d.Err())
			}
		}
	}
}

// TestEveryDigitByItself breaks each check digit of each zone, one by one, and
// wants exactly that field named; and the composite digit where it covers it.
func TestEveryDigitByItself(t *testing.T) {
	for _, s := range specimens() {
		l, _ := layoutOf(s.want.Format)
		spots := map[Field]span{FieldComposite: l.final}
		for _, p := range l.places() {
			spots[p.field] = p.span.after()
		}
		if n := len(s.want.Number); n > numberLength {
			from := l.optional.from + n - numberLength
			spots[FieldNumber] = span{l.optional.line, from, from + 1}
		}
		for field, spot := range spots {
			old := spot.of(s.lines())
			if spot.to == 0 || old == "<" {
				continue
			}
			lines := s.lines()
			put(lines, spot, string((old[0]-'0'+1)%10+'0'))
			d, err := Parse(strings.Join(lines, "\n"))
			if err != nil {
				t.Fatal(err)
			}
			var wrong []Field
			for _, c := range d.Checks {
				if !c.OK {
					wrong = append(wrong, c.Field)
				}
			}
			want := []Field{field}
			if field != FieldComposite && l.composite != nil {
				want = append(want, FieldComposite)
			}
			if !slices.Equal(wrong, want) {
				t.Errorf("%s: with the digit of the %s wrong, %q are wrong, want %q", s.name, field, wrong, want)
			}
			if err := d.Err(); err == nil || !strings.Contains(err.Error(), string(field)) {
				t.Errorf("%s: Err() = %v, want the %s in it", s.name, err, field)
			}
		}
	}
}

// TestNothingOfThePerson: what is printed of a document by accident holds no
// name, number or date, and no error repeats what was read.
func TestNothingOfThePerson(t *testing.T) {
	d, err := Parse(specimens()[1].lines()[0] + specimens()[1].lines()[1])
	if err != nil {
		t.Fatal(err)
	}
	d.Checks[0].OK = false
	said := d.String() + d.Names.String() + d.Err().Error() + Repair{FieldNames, 1, 6, "0", "O"}.String()
	for _, secret := range []string{"ERIK", "ANNA", "L898", "7408", "ZE18"} {
		if strings.Contains(said, secret) {
			t.Errorf("%q holds %q", said, secret)
		}
	}
}
