package jp2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// segment is a marker segment.
func segment(mark uint16, body ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, mark)
	return append(binary.BigEndian.AppendUint16(b, uint16(2+len(body))), body...)
}

// coded is an empty grey codestream of 2000 by 2000 pixels with these segments in
// its main header, and in that of its one tile-part.
func coded(main, tile []byte) []byte {
	size := stream(func(b []byte) {
		for _, at := range []int{8, 12, 24, 28} {
			binary.BigEndian.PutUint32(b[at:], 2000)
		}
	})
	part := slices.Concat(tile, []byte{0xff, 0x93}, make([]byte, 100))
	begin := segment(markSOT, 0, 0, 0, 0, byte((12+len(part))>>8), byte(12+len(part)), 0, 1)
	return slices.Concat(size[:len(size)-2], main, segment(0xff5c, 0x40, 0x40, 0x40, 0x48, 0x48), begin, part, []byte{0xff, 0xd9})
}

// What a codestream of two hundred bytes may make OpenJPEG keep account of.
func TestCodingStyles(t *testing.T) {
	cod := func(layers int, sizes ...byte) []byte {
		style := byte(0)
		if sizes != nil {
			style = 1
		}
		return segment(markCOD, append([]byte{style, 0, byte(layers >> 8), byte(layers), 0, 1, 4, 4, 0, 1}, sizes...)...)
	}
	coc := segment(markCOC, 0, 1, 1, 4, 4, 0, 1, 0x00, 0x11)
	usual := cod(1)
	cut := coded(usual, nil)
	binary.BigEndian.PutUint32(cut[bytes.Index(cut, []byte{0xff, 0x90})+6:], 1<<31)
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"one precinct for each resolution", coded(usual, nil), nil},
		{"precincts of 64 in twenty layers", coded(cod(20, 0x66, 0x66), nil), nil},
		{"precincts of a pixel", coded(cod(1, 0x00, 0x11), nil), errPackets},
		{"precincts of 16 in all the layers there may be", coded(cod(65535, 0x44, 0x44), nil), errPackets},
		{"the same for a component", coded(slices.Concat(usual, coc), nil), errPackets},
		{"the same in the tile", coded(usual, cod(1, 0x00, 0x11)), errPackets},
		{"the same for a component in the tile", coded(usual, coc), errPackets},
		{"a component's style before that of all", coded(slices.Concat(coc, usual), nil), errPackets},
		{"a style of all behind a component's", coded(slices.Concat(usual, segment(markCOC, 0, 0, 1, 4, 4, 0, 1), cod(65535)), nil), errHeader},
		{"a precinct too many", coded(cod(1, 0xff, 0xff, 0xff), nil), errHeader},
		{"a style that is cut", coded(segment(markCOD, 0, 0, 0, 1), nil), errHeader},
		{"a segment longer than the stream", coded([]byte{0xff, 0x64, 0xff, 0xff}, nil), errHeader},
		{"a tile-part longer than the stream", cut, errEnd},
	} {
		if _, err := check(c.data, 2000, 2000); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

// FuzzCheck: whatever a chip sends is refused or has bounds.
func FuzzCheck(f *testing.F) {
	f.Add(coded(segment(markCOD, 0, 0, 0, 1, 0, 1, 4, 4, 0, 1), nil))
	f.Add(stream(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readSIZ(data)
		if err == nil {
			_, err = check(data, s.width, s.height)
		}
		if err == nil && s.tiles*s.components > maxPrecincts {
			t.Errorf("%d tiles of %d components", s.tiles, s.components)
		}
	})
}
