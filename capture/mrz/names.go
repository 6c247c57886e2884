package mrz

import (
	"errors"
	"fmt"
	"strings"
)

// Names are the holder's names as a zone has them: letters A to Z, the
// components of each identifier parted by one blank.
type Names struct {
	Primary   string `json:"primary"`            // family name, or all of a name that cannot be divided
	Secondary string `json:"secondary,omitzero"` // given names
	Shortened bool   `json:"shortened,omitzero"` // it ends in the last position, so must be taken for shortened
}

// String returns nothing of the names.
func (n Names) String() string { return "names" }

// errNoName: nothing that can be the primary identifier.
var errNoName = errors.New("there is no primary identifier")

// MakeNames transliterates the two parts of a name.
func MakeNames(primary, secondary string) (Names, error) {
	p, err := Transliterate(primary)
	if err != nil {
		return Names{}, fmt.Errorf("transliterating the primary identifier: %w", err)
	}
	if strings.TrimSpace(secondary) == "" {
		return Names{Primary: p}, nil
	}
	s, err := Transliterate(secondary)
	if err != nil {
		return Names{}, fmt.Errorf("transliterating the secondary identifier: %w", err)
	}
	return Names{Primary: p, Secondary: s}, nil
}

// readNames takes the names of a zone. Two fillers part the identifiers, one
// filler the components (9303-3, 4.6); further double fillers are read as one.
func (d *Document) readNames(field string) Names {
	primary, secondary, _ := strings.Cut(trim(field), "<<")
	n := Names{Primary: components(primary), Secondary: components(secondary)}
	n.Shortened = len(field) > 0 && isLetter(field[len(field)-1])
	switch written, err := n.field(len(field)); {
	case n.Primary == "":
		d.remark(FieldNames, "has no primary identifier")
	case strings.ContainsAny(field, "0123456789"):
		d.remark(FieldNames, "has a digit")
	case err != nil || written != field:
		d.remark(FieldNames, "has fillers where none belong")
	}
	return n
}

// components writes components with one blank between them.
func components(identifier string) string {
	return strings.Join(strings.FieldsFunc(identifier, func(r rune) bool { return r == '<' }), " ")
}

// field writes the names into a field of n characters, shortened as need be.
func (n Names) field(length int) (string, error) {
	var parts [2][]string
	for i, identifier := range []string{n.Primary, n.Secondary} {
		if identifier == "" {
			continue
		}
		parts[i] = strings.Split(identifier, " ")
		for _, p := range parts[i] {
			if p == "" || strings.Trim(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				return "", errors.New("a name has other characters than A to Z and single blanks")
			}
		}
	}
	if parts[0] == nil {
		return "", errNoName
	}
	drop(&parts, length)
	shorten(parts, length)
	return pad(join(parts), length), nil
}

// drop takes whole components where even their initials have no room: the last
// of the secondary identifier, then the last of the primary one.
func drop(parts *[2][]string, length int) {
	for {
		initials := -1 // the last component has no filler behind it
		for _, p := range parts {
			initials += 2 * len(p)
		}
		if len(parts[1]) > 0 {
			initials++ // two fillers part the identifiers
		}
		i := 1
		if len(parts[1]) < 2 {
			i = 0
		}
		if initials <= length || len(parts[i]) < 2 {
			return
		}
		parts[i] = parts[i][:len(parts[i])-1]
	}
}

// shorten cuts components, each down to its initial before the next is touched:
// the last of the secondary identifier first, the first of the primary one last.
// It is one of the ways that 9303-4 to 9303-7 (4.2.3) leave to the issuer; the
// field ends in a letter, which says that something may be missing.
func shorten(parts [2][]string, length int) {
	over := len(join(parts)) - length
	for i := 1; i >= 0; i-- {
		for j := len(parts[i]) - 1; j >= 0 && over > 0; j-- {
			cut := min(over, len(parts[i][j])-1)
			parts[i][j] = parts[i][j][:len(parts[i][j])-cut]
			over -= cut
		}
	}
}

func join(parts [2][]string) string {
	field := strings.Join(parts[0], "<")
	if len(parts[1]) > 0 {
		field += "<<" + strings.Join(parts[1], "<")
	}
	return field
}
