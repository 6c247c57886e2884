package nist

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// When a field has to be there.
type need int

const (
	may      need = iota // it may be there
	must                 // in every record
	withData             // in records with an image, and in no other
	mayData              // perhaps in records with an image, and in no other
)

// A rule is what the standard asks of one field.
type rule struct {
	number int
	name   string // mnemonic
	need   need
	first  int    // the first version that has the field; 0 is all of them
	most   int    // sub-fields; 0 is one, below 0 any number
	items  []item // of each sub-field; none: not looked at
	more   bool   // the last item comes any number of times
	free   bool   // text about people or from people: no fault shows it
}

// An item is one place in a sub-field.
type item struct {
	rule  string
	ok    func(s string) bool
	empty bool // it may be empty or missing
}

// list allows a field up to most sub-fields; 0 any number.
func (r rule) list(most int) rule {
	r.most = most
	if most == 0 {
		r.most = -1
	}
	return r
}

// from names the first version that has a field.
func (r rule) from(version int) rule { r.first = version; return r }

// field is a rule for a field with items.
func field(number int, name string, n need, items ...item) rule {
	return rule{number: number, name: name, need: n, items: items}
}

// text is a rule for a field of free text of up to so many characters; 0 is any
// number. No fault shows what it says.
func text(number int, name string, n need, most int) rule {
	return rule{number: number, name: name, need: n, items: []item{characters(most)}, free: true}
}

// opt lets an item be empty or missing.
func opt(i item) item { i.empty = true; return i }

// anything is an item of any text.
func anything() item { return item{"some text", func(s string) bool { return s != "" }, false} }

// characters is an item of at least one character and at most so many.
func characters(most int) item {
	if most == 0 {
		return anything()
	}
	return item{fmt.Sprintf("at most %d characters", most), func(s string) bool { return s != "" && len([]rune(s)) <= most }, false}
}

// among is an item of some codes.
func among(c codes) item {
	return item{"one of " + string(c), func(s string) bool { return c.has(number([]byte(s))) }, false}
}

// between is an item of digits within bounds, with a sign where the lower is negative.
func between(low, high int) item {
	ok := func(s string) bool {
		n, err := strconv.Atoi(s)
		return err == nil && n >= low && n <= high && (low < 0 || number([]byte(s)) >= 0)
	}
	return item{fmt.Sprintf("a number from %d to %d", low, high), ok, false}
}

// word is an item of one of some words.
func word(words ...string) item {
	return item{"one of " + strings.Join(words, ", "), func(s string) bool { return slices.Contains(words, s) }, false}
}

// layout is an item of digits that stand for an existing date or time.
func layout(form, layout string) item {
	return item{form, func(s string) bool {
		_, err := time.Parse(layout, s)
		return err == nil && len(s) == len(layout)
	}, false}
}

func date() item { return layout("a date YYYYMMDD", DateLayout) }
func gmt() item  { return layout("a time YYYYMMDDHHMMSSZ", GMTLayout) }

// hexadecimal is an item of so many hexadecimal digits.
func hexadecimal(n int) item {
	return item{fmt.Sprintf("%d hexadecimal digits", n), func(s string) bool {
		_, err := hex.DecodeString(s)
		return err == nil && len(s) == n
	}, false}
}

// letters is an item of letters.
func letters(least, most int) item {
	return item{fmt.Sprintf("%d to %d letters", least, most), func(s string) bool {
		other := strings.IndexFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') })
		return len(s) >= least && len(s) <= most && other < 0
	}, false}
}

// density is an item of pixels per millimetre, as in 19.69.
func density() item {
	return item{"two digits, a point and two digits", func(s string) bool {
		return len(s) == 5 && s[2] == '.' && number([]byte(s[:2]+s[3:])) >= 0
	}, false}
}

// quality are the items of a score: how good, whose measure, which of theirs.
func quality() []item {
	return []item{among("0-100 254 255"), hexadecimal(4), between(1, 65535)}
}
