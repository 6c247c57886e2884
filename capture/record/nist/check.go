package nist

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Fault is one place where a transaction is not as its version of the standard
// has it.
type Fault struct {
	Record int    // position in Transaction.Records, from 0
	Field  string // as "14.021"; "14" is the record as a whole
	Rule   string // what is wrong, or what the field has to be
	Value  string // what it is; "" where it is missing, long, or may tell of a person
}

// String returns the fault as a line.
func (f Fault) String() string {
	s := fmt.Sprintf("record %d, %s: %s", f.Record+1, f.Field, f.Rule)
	if f.Value != "" {
		s += fmt.Sprintf(", not %q", f.Value)
	}
	return s
}

// Check compares a transaction with the version of the standard that it names in
// 1.002, from 0200 to 0502. Types 1, 2, 4, 10, 13, 14 and 15 are checked field by
// field; of the others LEN, IDC and the characters, and in Type-9 IMP and FMT.
//
// It does not compare a hash with its image: see [Record.CheckHash].
func Check(t *Transaction) []Fault {
	if len(t.Records) == 0 || t.Records[0].Type != 1 {
		return []Fault{{Field: "1", Rule: "a transaction begins with a Type-1 record"}}
	}
	first := t.Records[0]
	contents, _ := first.Field(3)
	c := &checker{t: t, version: number([]byte(first.Text(2))), contents: contents.Subfields(), known: map[int][]rule{}, taken: map[[2]int]bool{}}
	c.charset, _, _ = strings.Cut(first.Text(15), string(rune(us)))
	if !slices.Contains([]int{v1993, v1997, v2000, v2007, v2011, v2013, v2015}, c.version) {
		c.version = v2015
	}
	for i, r := range t.Records {
		c.index, c.rec = i, r
		c.record()
	}
	return c.faults
}

// A checker collects the faults of a transaction.
type checker struct {
	t        *Transaction
	version  int
	contents [][]string      // of field 1.003
	charset  string          // code of field 1.015
	known    map[int][]rule  // of types
	taken    map[[2]int]bool // types and IDCs of images of ridges
	index    int             // of the record that is looked at
	rec      *Record
	faults   []Fault
}

// longest is the number of characters of a value that a fault shows.
const longest = 40

// fault notes what is wrong with a field; 0 is the record.
func (c *checker) fault(number int, rule, value string) {
	f := Fault{Record: c.index, Field: fmt.Sprintf("%d.%03d", c.rec.Type, number), Rule: rule}
	if number == 0 {
		f.Field = fmt.Sprint(c.rec.Type)
	}
	if len(value) <= longest && utf8.ValidString(value) {
		f.Value = strings.NewReplacer("\x1e", "^", "\x1f", "|").Replace(value)
	}
	c.faults = append(c.faults, f)
}

// record checks one record.
func (c *checker) record() {
	if c.index > 0 {
		c.designation()
	}
	if len(c.rec.Whole) > 0 {
		c.whole()
		return
	}
	rules, known := c.known[c.rec.Type]
	if !known || c.rec.Type == 10 { // whose rules depend on the record
		rules = c.rules()
		c.known[c.rec.Type] = rules
	}
	for _, r := range rules {
		c.presence(r)
	}
	seen := map[int]bool{}
	for _, f := range c.rec.Fields {
		if seen[f.Number] {
			c.fault(f.Number, "the field is there twice", "")
		}
		seen[f.Number] = true
		c.characters(f)
		if k := slices.IndexFunc(rules, func(r rule) bool { return r.number == f.Number }); k >= 0 {
			c.content(rules[k], f)
		} else {
			c.unlisted(f)
		}
	}
	c.together()
}

// presence checks whether a field is there when it must be, and only then.
func (c *checker) presence(r rule) {
	there, image := has(c.rec, r.number), c.hasImage()
	switch {
	case there && c.version < r.first:
		c.fault(r.number, fmt.Sprintf("%s is a field from version %04d on", r.name, r.first), "")
	case there && !image && (r.need == withData || r.need == mayData):
		c.fault(r.number, r.name+" is absent in a record without an image", "")
	case !there && c.version >= r.first && (r.need == must || image && r.need == withData):
		c.fault(r.number, r.name+" is missing", "")
	}
}

// hasImage reports whether there is an image, in the record or, from 2013 on, in
// a file that EFR names. Before 2011 there was no record without one.
func (c *checker) hasImage() bool {
	return len(c.rec.Data()) > 0 || c.rec.Text(994) != "" || c.version < v2011
}

// content checks the items of a field.
func (c *checker) content(r rule, f Field) {
	if len(f.Value) == 0 {
		c.fault(r.number, r.name+" has no value", "")
		return
	}
	if len(r.items) == 0 {
		return
	}
	subfields := f.Subfields()
	if most := max(r.most, 1); r.most >= 0 && len(subfields) > most {
		c.fault(r.number, fmt.Sprintf("%s has at most %d sub-fields", r.name, most), fmt.Sprint(len(subfields)))
	}
	for _, s := range subfields {
		c.items(r, s)
	}
}

func (c *checker) items(r rule, items []string) {
	if len(items) > len(r.items) && !r.more {
		c.fault(r.number, fmt.Sprintf("%s has at most %d items", r.name, len(r.items)), fmt.Sprint(len(items)))
	}
	for i := range max(len(items), len(r.items)) {
		value := at(items, i)
		it := r.items[min(i, len(r.items)-1)]
		if value == "" && it.empty || value != "" && it.ok(value) {
			continue
		}
		if i >= len(r.items) && !r.more {
			return
		}
		says := fmt.Sprintf("%s is %s", r.name, it.rule)
		if len(r.items) > 1 {
			says = fmt.Sprintf("item %d of %s is %s", i+1, r.name, it.rule)
		}
		if r.free {
			value = ""
		}
		c.fault(r.number, says, value)
	}
}

// unlisted checks a field that no rule knows: there are numbers for what users
// agree on, and others that the standard keeps for itself.
func (c *checker) unlisted(f Field) {
	last := 998
	if c.version >= v2011 {
		last = 900
	}
	if c.listed() && (f.Number < 200 || f.Number > last) {
		c.fault(f.Number, "the standard has no such field", "")
	}
}

// listed reports whether the rules of the record name all its fields.
func (c *checker) listed() bool { return c.rec.Type != 2 && viewed(c.rec.Type) }

// characters checks that text is of the character set that 1.015 names. Of the
// Type-1 record only the names of profiles and agencies are.
func (c *checker) characters(f Field) {
	if f.Number == fieldDATA && hasData(c.rec.Type) {
		return
	}
	switch plain := !slices.ContainsFunc(f.Value, func(b byte) bool { return b >= 0x80 }); {
	case plain:
	case c.charset == "" || c.charset == "0" || c.rec.Type == 1 && f.Number != 16 && f.Number != 17:
		c.fault(f.Number, "characters are 7-bit ASCII unless 1.015 names another set", "")
	case c.charset == "3" && !utf8.Valid(f.Value):
		c.fault(f.Number, "1.015 says UTF-8", "")
	}
}
