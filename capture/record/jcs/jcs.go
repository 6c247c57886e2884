// Package jcs writes and reads JSON in its one canonical spelling, the JSON
// Canonicalization Scheme of RFC 8785: members sorted, no blanks, the only
// escapes and the only form of numbers. What is hashed or signed of a text is
// its canonical form.
//
// What the members mean, and what is signed by whom, is for others.
package jcs

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrText is wrapped by every error of this package: the text is not JSON, or
// not such that everybody reads the same in it (RFC 7493): a member stands
// twice, a number is beyond a float64, a text is not UTF-8 or escapes half a
// surrogate pair or U+FFFD, by which writers mark what they lost; or it is
// nested deeper than [MaxDepth]; or, read by [Unmarshal], it is another spelling
// or says other things than the value has places for.
var ErrText = errors.New("not JSON that has one canonical form")

// MaxDepth is the most arrays and objects that may lie in one another.
const MaxDepth = 32

// Canonical returns the canonical form of a JSON text.
func Canonical(text []byte) ([]byte, error) {
	tree, err := parse(text)
	if err != nil {
		return nil, err
	}
	return appendValue(make([]byte, 0, len(text)), tree), nil
}

// Marshal returns the canonical form of a Go value, as encoding/json writes it.
func Marshal(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return Canonical(text)
}

// Unmarshal reads canonical JSON into v, and refuses every other spelling:
// members that v has no place for or that say nothing, that stand twice or in
// another order, blanks, other escapes. Its errors quote nothing of the text.
func Unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(v) != nil {
		return fmt.Errorf("reading JSON: members or values of another kind: %w", ErrText)
	}
	if again, err := Marshal(v); err != nil || !bytes.Equal(again, text) {
		return fmt.Errorf("reading JSON: a member is written otherwise, or there without need: %w", ErrText)
	}
	return nil
}

// An object is its members, sorted.
type object []member

type member struct {
	name  string
	value any
}

// parse reads a text as nil, bool, string, float64, []any and object.
func parse(text []byte) (any, error) {
	if !utf8.Valid(text) || lossy(text) {
		return nil, fmt.Errorf("reading JSON: it is not UTF-8, or a character was lost: %w", ErrText)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := value(d, 0)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("something follows it")
		}
	}
	if err != nil { // which may quote the text
		return nil, fmt.Errorf("reading JSON at byte %d: %w", d.InputOffset(), ErrText)
	}
	return v, nil
}

// value reads the next value.
func value(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case string:
		return t, nil
	case json.Number:
		f, err := t.Float64()
		return f, err
	case json.Delim:
		if depth == MaxDepth {
			return nil, ErrText
		}
		if t == '[' {
			return list(d, depth+1)
		}
		return members(d, depth+1)
	}
	return t, nil // bool, nil
}

func list(d *json.Decoder, depth int) (any, error) {
	all := []any{}
	for d.More() {
		v, err := value(d, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	_, err := d.Token()
	return all, err
}

func members(d *json.Decoder, depth int) (any, error) {
	all := object{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		v, err := value(d, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, member{name, v})
	}
	slices.SortFunc(all, func(a, b member) int { return compare(a.name, b.name) })
	for i := 1; i < len(all); i++ {
		if all[i].name == all[i-1].name {
			return nil, ErrText
		}
	}
	_, err := d.Token()
	return all, err
}

// lossy reports whether an escape stands for half a surrogate pair, which the
// decoder reads as U+FFFD, or for U+FFFD itself, which encoding/json writes so
// for what was not UTF-8.
func lossy(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return false
		}
		r, size := escaped(text[i:])
		if utf16.IsSurrogate(r) {
			low, more := escaped(text[i+size:])
			r, size = utf16.DecodeRune(r, low), size+more
		}
		if r == utf8.RuneError {
			return true
		}
		text = text[min(i+size, len(text)):]
	}
}

// escaped reads the escape that text begins with: a code unit of UTF-16, or 0
// when it names none, and its length.
func escaped(text []byte) (unit rune, size int) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, 2
	}
	n, _ := strconv.ParseUint(string(text[2:6]), 16, 16) // what is no number is no JSON either
	return rune(n), 6
}

// compare orders names by their UTF-16 code units: by their bytes, except that
// what takes two units, four bytes from F0 on, comes before U+E000, which is EE.
func compare(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(weight(a[i]), weight(b[i]))
		}
	}
	return cmp.Compare(len(a), len(b))
}

func weight(c byte) int {
	if c == 0xEE || c == 0xEF {
		return 0x100 + int(c)
	}
	return int(c)
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		return appendString(b, v)
	case float64:
		return appendNumber(b, v)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			b = appendValue(comma(b, i), e)
		}
		return append(b, ']')
	case object:
		b = append(b, '{')
		for i, m := range v {
			b = appendValue(append(appendString(comma(b, i), m.name), ':'), m.value)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

// appendNumber writes a number as ECMAScript does (RFC 8785 § 3.2.2.3).
func appendNumber(b []byte, f float64) []byte {
	size := math.Abs(f)
	if f == 0 {
		return append(b, '0') // also -0
	}
	if size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	return append(append(b, mantissa...), "e"+exponent[:1]+strings.TrimLeft(exponent[1:], "0")...)
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch short := strings.IndexByte("\b\f\n\r\t\"\\", c); {
		case short >= 0:
			b = append(b, '\\', "bfnrt\"\\"[short])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(append(b, s[from:]...), '"')
}
