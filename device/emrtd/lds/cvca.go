package lds

import (
	"bytes"

	"optag/capture/record/tlv"
)

// cvcaSize is the length of EF.CVCA in bytes (BSI TR-03110-3, A.3): two names of
// 16 characters each with tag and length.
const cvcaSize = 36

// ParseCVCA reads EF.CVCA: the names of the one or two keys that certificates of
// an inspection system may begin at, the newer first. Zeros follow them.
func ParseCVCA(b []byte) ([]string, error) {
	if len(b) > cvcaSize {
		return nil, &Fault{CVCA, 0, "is longer than such a file may be"}
	}
	var names []string
	r := tlv.NewReader(bytes.TrimRight(b, "\x00"), tlv.BER)
	for r.More() && len(names) < 2 {
		e, err := r.Want(0x42)
		if err != nil {
			return nil, Named(CVCA, err)
		}
		if len(e.Value) == 0 || len(e.Value) > 16 {
			return nil, Named(CVCA, e.Fault("is no name of a key"))
		}
		names = append(names, string(e.Value))
	}
	if len(names) == 0 {
		return nil, &Fault{CVCA, 0, "names no key"}
	}
	return names, Named(CVCA, r.End())
}

// WriteCVCA writes EF.CVCA for one or two names of 16 characters at most.
func WriteCVCA(names ...string) []byte {
	var b []byte
	for _, n := range names {
		b = tlv.Primitive(0x42, []byte(n)).Append(b)
	}
	return append(b, make([]byte, max(0, cvcaSize-len(b)))...)
}
