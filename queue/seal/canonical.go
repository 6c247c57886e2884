package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// canonical writes v in the one spelling that is signed: JSON as RFC 8785 has
// it, narrowed to whole numbers: members sorted by name, no spaces, only the
// escapes that JSON demands.
func canonical(v any) ([]byte, error) {
	loose, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(loose))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return appendCanonical(make([]byte, 0, len(loose)), tree)
}

func appendCanonical(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		return fmt.Append(b, v), nil
	case string:
		return appendString(b, v), nil
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") || v == "-0" {
			return nil, fmt.Errorf("number %s is not whole", v)
		}
		return append(b, v...), nil
	case []any:
		return appendArray(b, v)
	case map[string]any:
		return appendObject(b, v)
	}
	return nil, fmt.Errorf("no canonical form of %T", v)
}

func appendArray(b []byte, list []any) ([]byte, error) {
	b = append(b, '[')
	for i, e := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendCanonical(b, e); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendObject(b []byte, members map[string]any) ([]byte, error) {
	names := make([]string, 0, len(members))
	for n := range members {
		names = append(names, n)
	}
	slices.Sort(names) // member names are ASCII, so bytes sort as UTF-16 does
	b = append(b, '{')
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, n), ':')
		var err error
		if b, err = appendCanonical(b, members[n]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= ' ':
			b = append(b, string(r)...)
		case strings.ContainsRune("\b\f\n\r\t", r):
			b = append(b, '\\', "btn.fr"[r-'\b'])
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"')
}

// parseCanonical reads data into v and refuses every spelling but the canonical
// one: unknown or repeated members, other order, spaces, other escapes.
func parseCanonical(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("not the JSON of this version: %w", ErrDamaged)
	}
	again, err := canonical(v)
	if err != nil || !bytes.Equal(again, data) {
		return fmt.Errorf("not in canonical form: %w", ErrDamaged)
	}
	return nil
}
