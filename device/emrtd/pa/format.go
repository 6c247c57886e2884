package pa

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"iter"
	"slices"
	"strings"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// parts yields the objects in DER that a file holds, whatever it wraps them in.
func parts(b []byte) iter.Seq[[]byte] {
	switch {
	case bytes.Contains(b[:min(len(b), 1<<16)], []byte("-----BEGIN ")):
		return pemParts(b)
	case len(b) == 0 || b[0] != byte(der.Sequence):
		return ldifParts(b)
	}
	return slices.Values([][]byte{b})
}

func pemParts(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for {
			var block *pem.Block
			if block, b = pem.Decode(b); block == nil || !yield(block.Bytes) {
				return
			}
		}
	}
}

// ldifParts yields the values in base64 of those attributes of an LDIF file (RFC
// 2849) that the ICAO directory has certificates in (Doc 9303-12, 6).
func ldifParts(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var value []byte
		wanted := false
		flush := func() bool {
			der, err := base64.StdEncoding.DecodeString(string(value))
			done := wanted && err == nil && len(der) > 0
			value, wanted = value[:0], false
			return !done || yield(der)
		}
		for line := range bytes.Lines(b) {
			line = bytes.TrimRight(line, "\r\n")
			if len(line) > 0 && line[0] == ' ' {
				if wanted {
					value = append(value, line[1:]...)
				}
				continue
			}
			if !flush() {
				return
			}
			name, text, ok := bytes.Cut(line, []byte(":: "))
			if wanted = ok && holdsCertificates(string(name)); wanted {
				value = append(value, text...)
			}
		}
		flush()
	}
}

func holdsCertificates(attribute string) bool {
	name, _, _ := strings.Cut(strings.ToLower(attribute), ";")
	return slices.Contains([]string{"usercertificate", "cacertificate", "certificaterevocationlist", "cscamasterlistdata", "pkdmasterlistcontent"}, name)
}

// What an object in DER is.
const (
	isCertificate = iota
	isEnvelope
	isRevocations
)

// kindOf tells what an object is by how it begins: an envelope with its type, a
// certificate with a sequence in which stand a version or number and, one, two
// or three objects on, a validity of two times; a list of what is revoked has a
// time in that place.
func kindOf(b []byte) int {
	r, err := der.In(tlv.NewReader(b, tlv.BER), der.Sequence)
	if err != nil {
		return isCertificate
	}
	if r.Peek() == der.ObjectID {
		return isEnvelope
	}
	in, err := der.In(r, der.Sequence)
	for err == nil && in.More() {
		var e tlv.Element
		if e, err = in.Next(); e.Tag == der.UTCTime || e.Tag == der.GeneralizedTime {
			return isRevocations
		}
	}
	return isCertificate
}
