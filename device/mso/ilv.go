package mso

import (
	"encoding/binary"
	"fmt"

	"optag/device"
)

// An ilv is an identifier, a length and a value: the unit of everything that is
// said. A value may hold further ones.
type ilv struct {
	id    uint16 // ff00 and a second byte where the first is the escape ff
	value []byte
}

// The identifiers this driver uses.
const (
	idDescriptor = 0x05
	idEnrol      = 0x21
	idProduct    = 0x29
	idSoftware   = 0x2a
	idEvents     = 0x34 // asynchronous event mask
	idLatent     = 0x39
	idImage      = 0x3d
	idCompress   = 0x3e
	idInvalid    = 0x50 // the answer to an invalid command
	idCancel     = 0x70
	idAsync      = 0x71

	escape   = 0xff
	longSize = 0xffff // a length of 4 bytes follows
)

// appendILV appends one whose identifier is a plain byte.
func appendILV(b []byte, id byte, value []byte) []byte {
	b = append(b, id)
	if len(value) < longSize {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, longSize)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	}
	return append(b, value...)
}

// cutILV takes the first one off b. The error wraps [device.ErrGarbled].
func cutILV(b []byte) (first ilv, rest []byte, err error) {
	head := b
	if len(b) > 0 && b[0] == escape {
		first.id, b = escape<<8, b[1:]
	}
	if len(b) < 3 {
		return ilv{}, nil, fmt.Errorf("an ILV of %d bytes: %w", len(head), device.ErrGarbled)
	}
	first.id |= uint16(b[0])
	size := uint64(binary.LittleEndian.Uint16(b[1:]))
	b = b[3:]
	if size == longSize {
		if len(b) < 4 {
			return ilv{}, nil, fmt.Errorf("an ILV of %d bytes: %w", len(head), device.ErrGarbled)
		}
		size, b = uint64(binary.LittleEndian.Uint32(b)), b[4:]
	}
	if size > uint64(len(b)) {
		return ilv{}, nil, fmt.Errorf("ILV %02x tells of %d bytes, of which %d are there: %w", first.id, size, len(b), device.ErrGarbled)
	}
	first.value = b[:size]
	return first, b[size:], nil
}

// findILV returns the value of the first one of that identifier; nil without an
// error when there is none.
func findILV(b []byte, id uint16) ([]byte, error) {
	for len(b) > 0 {
		next, rest, err := cutILV(b)
		switch {
		case err != nil:
			return nil, err
		case next.id == id:
			return next.value, nil
		}
		b = rest
	}
	return nil, nil
}
