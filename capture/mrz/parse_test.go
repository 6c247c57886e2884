package mrz

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestNoZone(t *testing.T) {
	one, three := specimens()[0].lines(), specimens()[1].lines()
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "there is nothing"},
		{"empty lines", " \r\n\n", "there is nothing"},
		{"a small letter", three[0] + "\n" + three[1][:4] + "x" + three[1][5:], "line 2, column 5 is none of"},
		{"a blank within", three[0][:9] + " " + three[0][10:] + "\n" + three[1], "line 1, column 10 is none of"},
		{"a letter with a mark, after blanks", one[0] + "\n\n  " + one[1][:3] + "Å" + one[1][4:], "line 3, column 6 is none of"},
		{"behind a letter with a mark", "ÅB", "line 1, column 1 is none of"},
		{"a byte that is no character", one[0] + "\n\xff", "line 2, column 1 is none of"},
		{"NUL", "\x00", "line 1, column 1 is none of"},
		{"a full-width letter", "Ａ", "line 1, column 1 is none of"},
		{"one line of a passport", three[0], "1 lines of 44 characters; TD3 has 2"},
		{"three lines of a passport", three[0] + "\n" + three[1] + "\n" + three[1], "3 lines of 44 characters; TD3 has 2"},
		{"a line too short", one[0] + "\n" + one[1][1:] + "\n" + one[2], "line 2 has 29 characters; line 1 has 30"},
		{"a line too long", three[0] + "\n" + three[1] + "<", "line 2 has 45 characters; line 1 has 44"},
		{"a run too short", three[0] + three[1][1:], "line 1 has 87 characters; a zone in one run has 72, 88 or 90"},
		{"no such length", "ABC\nDEF", "line 1 has 3 characters; a zone has 30, 36 or 44"},
		{"very much", strings.Repeat("<", longest+1), "1025 bytes are more than a zone has"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse(c.text)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("Parse = %v, %v, want an error saying %q", d, err, c.says)
			}
			if strings.Contains(err.Error(), "ERIK") || strings.Contains(err.Error(), "8989") {
				t.Errorf("the error repeats what was read: %v", err)
			}
		})
	}
}

// TestLongNumberWithItsFiller: the digit of a long number that counts the filler
// within it is right and remarked on, and the key has the digit as it is printed.
func TestLongNumberWithItsFiller(t *testing.T) {
	d, err := Parse(strings.ReplaceAll("IDUTOAB1234567<126<<<<<<<<<<<</7408122F1204159UTO<<<<<<<<<<<8/ERIKSSON<<ANNA<MARIA<<<<<<<<<<", "/", "\n"))
	if err != nil || d.Err() != nil {
		t.Fatal(err, d.Err())
	}
	if len(d.Remarks) != 1 || d.Remarks[0].Field != FieldNumber || d.Number != "AB123456712" {
		t.Errorf("%s, remarks %+v", d.Number, d.Remarks)
	}
	if got, want := d.Key(), "AB123456712674081221204159"; got != want {
		t.Errorf("Key() = %s, want %s", got, want)
	}
}

// change replaces characters of a zone: each change is a line and a column from
// 1, and what is there instead.
func change(lines []string, at ...any) []string {
	lines = slices.Clone(lines)
	for ; len(at) > 0; at = at[3:] {
		line, column, text := at[0].(int), at[1].(int), at[2].(string)
		put(lines, span{line - 1, column - 1, column}, text)
	}
	return lines
}

func TestRemarks(t *testing.T) {
	card, passport := specimens()[0].lines(), specimens()[1].lines()
	for _, c := range []struct {
		name  string
		lines []string
		want  []Remark
	}{
		{"nothing unusual", card, nil},
		{"a card that begins with P", change(card, 1, 1, "P"), []Remark{{FieldCode, "is not one of TD1"}}},
		{"no code", change(card, 1, 1, "<"), []Remark{{FieldCode, "is not one of TD1"}}},
		{"unknown countries", change(passport, 1, 3, "ZZZ", 2, 11, "QQQ"), []Remark{
			{FieldIssuer, "is no code of ISO 3166-1 or 9303-3"}, {FieldNationality, "is no code of ISO 3166-1 or 9303-3"}}},
		{"X for the sex", change(card, 2, 8, "X"), []Remark{{FieldSex, "is none of F, M and <"}}},
		{"a name without a family name", change(card, 3, 1, "<<<<<<<<"), []Remark{{FieldNames, "has no primary identifier"}}},
		{"two fillers between given names", change(card, 3, 11, "ANNA<<MARIA"), []Remark{{FieldNames, "has fillers where none belong"}}},
		{"9 in a name", change(card, 3, 1, "9"), []Remark{{FieldNames, "has a digit"}}},
		{"31 April, its digits right", change(card, 2, 1, "7404319", 2, 30, "1"), []Remark{{FieldBirth, "is no date"}}},
		{"month 13, digits wrong as well", change(card, 2, 9, "121315"), []Remark{{FieldExpiry, "is no date"}}},
		{"no number", change(card, 1, 6, "<<<<<<<<<0", 2, 30, "4"), []Remark{{FieldNumber, "is empty"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse(strings.Join(c.lines, "\n"))
			if err != nil || !reflect.DeepEqual(d.Remarks, c.want) {
				t.Errorf("remarks %+v, %v, want %+v", d.Remarks, err, c.want)
			}
		})
	}
}

func TestRepair(t *testing.T) {
	card, passport, visa := specimens()[0].lines(), specimens()[1].lines(), specimens()[3].lines()
	again := func(f Field) Remark {
		return Remark{f, "looks misread, but a repair would not make all check digits right"}
	}
	for _, c := range []struct {
		name     string
		lines    []string
		right    []string // nil: nothing is repaired
		repaired []Field
		remark   Remark
	}{
		{"O for 0 in the date of birth", change(passport, 2, 16, "O"), passport, []Field{FieldBirth}, Remark{}},
		{"Q for 0, Z for 2, I for 1 in dates", change(passport, 2, 16, "Q", 2, 19, "Z", 2, 22, "I"), passport, []Field{FieldBirth, FieldBirth, FieldExpiry}, Remark{}},
		{"G for 6 in the digit of the number", change(passport, 2, 10, "G"), passport, []Field{FieldNumber}, Remark{}},
		{"I for 1 and O for 0 in the last digits", change(passport, 2, 43, "I", 2, 44, "O"), passport, []Field{FieldOptional, FieldComposite}, Remark{}},
		{"1 for I, 0 for O in the codes of a card", change(card, 1, 1, "1", 1, 5, "0"), card, []Field{FieldCode, FieldIssuer}, Remark{}},
		{"0 for O in the nationality: UTO is the only state", change(card, 2, 18, "0"), card, []Field{FieldNationality}, Remark{}},
		{"5 for S, 1 for I in the name", change(card, 3, 3, "1", 3, 5, "5"), card, []Field{FieldNames, FieldNames}, Remark{}},
		{"0 in a name may be O, Q or D", change(card, 3, 8, "0"), nil, nil, Remark{FieldNames, "looks misread, and could be repaired in more than one way"}},
		{"0 in a name and O in a date: the date alone", change(card, 3, 8, "0", 2, 3, "O"), change(card, 3, 8, "0"), []Field{FieldBirth}, Remark{FieldNames, "looks misread, and could be repaired in more than one way"}},
		{"K and C among the fillers behind a name", change(card, 3, 24, "KC", 3, 29, "C"), card, []Field{FieldNames, FieldNames, FieldNames}, Remark{}},
		{"K right behind the name belongs to it", change(card, 3, 21, "K"), change(card, 3, 21, "K"), nil, Remark{}},
		{"S among the fillers is nothing known", change(card, 3, 25, "S"), nil, nil, Remark{FieldNames, "has fillers where none belong"}},
		{"K for the filler of a sex that is not stated", change(card, 2, 8, "K"), change(card, 2, 8, "<"), []Field{FieldSex}, Remark{}},
		{"K for the fillers of a day that is not known", change(specimens()[10].lines(), 2, 18, "KK"), specimens()[10].lines(), []Field{FieldBirth, FieldBirth}, Remark{}},
		{"1K for a day: half a day is no date", change(specimens()[10].lines(), 2, 18, "1K"), nil, nil, Remark{FieldBirth, "is no date"}},
		{"a letter that looks like no digit", change(passport, 2, 16, "W"), nil, nil, Remark{FieldBirth, "is no date"}},
		{"O for 0, but another digit is wrong too", change(passport, 2, 16, "O", 2, 1, "M"), nil, nil, again(FieldBirth)},
		{"O for 7, which OCR does not take for one another", change(passport, 2, 14, "O"), nil, nil, again(FieldBirth)},
		{"the number may hold anything: O for 0 is not repaired", change(passport, 2, 5, "O"), nil, nil, Remark{}},
		{"a visa", change(visa, 2, 14, "4O", 1, 45-3, "C"), visa, []Field{FieldBirth, FieldNames}, Remark{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse(strings.Join(c.lines, "\n"))
			if err != nil {
				t.Fatal(err)
			}
			var fields []Field
			for _, r := range d.Repairs {
				fields = append(fields, r.Field)
				if is := c.lines[r.Line-1][r.Column-1 : r.Column]; is != r.From {
					t.Errorf("%v: read %q there, not %q", r, is, r.From)
				}
			}
			if !slices.Equal(fields, c.repaired) {
				t.Errorf("repaired %q, want %q", fields, c.repaired)
			}
			if (c.remark != Remark{}) && !slices.Contains(d.Remarks, c.remark) {
				t.Errorf("remarks %+v, want %+v", d.Remarks, c.remark)
			}
			if c.right == nil {
				return
			}
			want, err := Parse(strings.Join(c.right, "\n"))
			if err != nil || d.Err() != nil || !sameZone(d, want) {
				t.Errorf("read as %#v, want %#v", d, want)
			}
		})
	}
}

// sameZone compares what two zones say.
func sameZone(a, b Document) bool {
	a.Repairs, a.Remarks, b.Repairs, b.Remarks = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// formats are all that there are.
func formats() []Format { return []Format{TD1, TD2, TD3, MRVA, MRVB} }

// someDocument makes a document that can be written.
func someDocument(r *rand.Rand, f Format) Document {
	text := func(least, most int) string {
		b := make([]byte, least+r.IntN(most-least+1))
		for i := range b {
			b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[r.IntN(36)]
		}
		return string(b)
	}
	state := func() string { return strings.Fields(iso)[r.IntN(249)] }
	l, _ := layoutOf(f)
	d := Document{
		Format: f, Code: l.codes[r.IntN(len(l.codes)):][:1] + text(0, 1), Issuer: state(), Nationality: state(),
		Number: text(1, 9), Sex: []Sex{Female, Male, Unspecified}[r.IntN(3)],
		Birth: someDate(r), Expiry: someDate(r),
		Names: someNames(r, 3, 12), Optional: text(0, l.optional.to-l.optional.from),
	}
	if f == TD1 {
		d.Optional2 = text(0, 11)
	}
	if l.long && r.IntN(2) == 0 {
		d.Number, d.Optional = text(10, 9+l.optional.to-l.optional.from-2), ""
	}
	d.NoDigit = f == TD3 && d.Optional == "" && r.IntN(2) == 0
	return d
}

func someDate(r *rand.Rand) Date {
	two := func(least, most int) string {
		n := least + r.IntN(most-least+1)
		return string([]byte{byte('0' + n/10), byte('0' + n%10)})
	}
	switch r.IntN(10) {
	case 0:
		return "<<<<<<"
	case 1:
		return Date(two(0, 99) + "<<<<")
	case 2:
		return Date(two(0, 99) + two(1, 12) + "<<")
	}
	return Date(two(0, 99) + two(1, 12) + two(1, 28))
}

// TestRoundTrip: what is written is read as it was, and written the same again.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, f := range formats() {
		for range 1000 {
			d := someDocument(r, f)
			lines, err := d.Lines()
			if err != nil {
				t.Fatalf("%#v: %v", d, err)
			}
			got, err := Parse(strings.Join(lines, "\r\n"))
			if err != nil || got.Err() != nil || got.Remarks != nil || got.Repairs != nil {
				t.Fatalf("%q: %v, %v, %+v, %+v", lines, err, got.Err(), got.Remarks, got.Repairs)
			}
			again, err := got.Lines()
			if err != nil || !slices.Equal(lines, again) {
				t.Fatalf("%q became %q, %v", lines, again, err)
			}
			got.Checks = nil
			if got.Shortened {
				got.Names = d.Names // TestShortening looks at these
			}
			if !reflect.DeepEqual(got, d) {
				t.Fatalf("%#v became %#v", d, got)
			}
		}
	}
}

func TestNotWritten(t *testing.T) {
	for _, c := range []struct {
		name  string
		which int // of the specimens
		spoil func(*Document)
		says  string
	}{
		{"no such format", 0, func(d *Document) { d.Format = "TD4" }, "no such format"},
		{"a passport number of ten", 1, func(d *Document) { d.Number = "L898902C34" }, "no room for more than 9"},
		{"a card number of 24", 0, func(d *Document) { d.Number = strings.Repeat("1", 24) }, "document number and optional data have no room"},
		{"a long number and too much behind it", 5, func(d *Document) { d.Optional = "12345678901" }, "document number and optional data have no room"},
		{"a long number with a filler", 5, func(d *Document) { d.Number = "D23145890<34" }, "fillers in it"},
		{"no number", 0, func(d *Document) { d.Number = "" }, "document number cannot"},
		{"a small letter", 0, func(d *Document) { d.Number = "d2" }, "document number cannot"},
		{"a digit for a code", 0, func(d *Document) { d.Code = "1" }, "document code cannot"},
		{"no issuer", 0, func(d *Document) { d.Issuer = "" }, "issuing state cannot"},
		{"a nationality of four letters", 0, func(d *Document) { d.Nationality = "UTOP" }, "nationality cannot"},
		{"a date that is none", 0, func(d *Document) { d.Birth = "740230" }, "date of birth cannot"},
		{"a date in full", 0, func(d *Document) { d.Expiry = "20120415" }, "date of expiry cannot"},
		{"no sex", 0, func(d *Document) { d.Sex = "" }, "sex cannot"},
		{"another sex", 0, func(d *Document) { d.Sex = "D" }, "sex cannot"},
		{"no name", 0, func(d *Document) { d.Names = Names{Secondary: "ANNA"} }, "no primary identifier"},
		{"a name not transliterated", 0, func(d *Document) { d.Primary = "Åse" }, "other characters"},
		{"two blanks in a name", 0, func(d *Document) { d.Primary = "A  B" }, "other characters"},
		{"too much optional data", 1, func(d *Document) { d.Optional = strings.Repeat("1", 15) }, "optional data cannot"},
		{"optional data for a second line that is not there", 1, func(d *Document) { d.Optional2 = "1" }, "optional data cannot"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := specimens()[c.which].want
			c.spoil(&d)
			if lines, err := d.Lines(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Lines() = %q, %v, want an error saying %q", lines, err, c.says)
			}
		})
	}
}
