package jp2

import (
	"encoding/binary"
	"errors"
	"testing"
)

// stream is the beginning of a codestream, made by hand.
func stream(change func(b []byte)) []byte {
	b := make([]byte, 42+3+2)
	binary.BigEndian.PutUint32(b, 0xff4fff51)
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-6))
	for i, n := range []uint32{80, 60, 0, 0, 80, 60, 0, 0} {
		binary.BigEndian.PutUint32(b[8+4*i:], n)
	}
	binary.BigEndian.PutUint16(b[40:], 1)
	b[42], b[43], b[44], b[45], b[46] = 7, 1, 1, 0xff, 0xd9
	if change != nil {
		change(b)
	}
	return b
}

func TestHeaderIsCheckedBeforeAnythingIsAllocated(t *testing.T) {
	put := func(at int, n uint32) func([]byte) {
		return func(b []byte) { binary.BigEndian.PutUint32(b[at:], n) }
	}
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"as it should be", stream(nil), nil},
		{"empty", nil, errHeader},
		{"a JPEG", []byte("\xff\xd8\xff\xe0 and so on"), errHeader},
		{"cut off in its header", stream(nil)[:41], errHeader},
		{"cut off in its components", stream(nil)[:43], errShape},
		{"four billion pixels across", stream(put(8, 1<<32-1)), errSize},
		{"no pixel at all", stream(put(8, 0)), errSize},
		{"begins beyond its end", stream(put(16, 90)), errSize},
		{"a tile for every pixel", stream(func(b []byte) { put(24, 1)(b); put(28, 1)(b) }), errTiles},
		{"tiles without size", stream(put(24, 0)), errTiles},
		{"two components", stream(func(b []byte) { b[41] = 2 }), errShape},
		{"12 bit", stream(func(b []byte) { b[42] = 11 }), errShape},
		{"signed", stream(func(b []byte) { b[42] = 0x87 }), errShape},
		{"subsampled", stream(func(b []byte) { b[43] = 2 }), errShape},
		{"without its end", stream(nil)[:45], errEnd},
		{"a file that ends in its first box", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), errHeader},
		{"a file whose box is longer than the file", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\xffjp2c"), errHeader},
		{"a file whose box has no length", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x04jp2c"), errHeader},
	} {
		if _, err := readSIZ(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := Decode(stream(nil), 80, 61); !errors.Is(err, errSize) {
		t.Errorf("an image of another height than its record says: error %v, want %v", err, errSize)
	}
}
