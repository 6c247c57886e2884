package wsq

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
)

// A part is a marker with its segment, and for a block the coded coefficients
// behind it.
type part struct {
	marker byte
	bytes  []byte // without the marker
}

// taken is a stream in its parts.
func taken(t testing.TB, data []byte) []part {
	t.Helper()
	var parts []part
	for len(data) > 0 {
		p := part{marker: data[1]}
		data = data[2:]
		n := 0
		if p.marker != markSOI && p.marker != markEOI {
			n = int(binary.BigEndian.Uint16(data))
		}
		for p.marker == markSOB && (data[n] != 0xff || data[n+1] == 0) {
			n++
		}
		p.bytes, data = data[:n], data[n:]
		parts = append(parts, p)
	}
	return parts
}

// joined puts parts together again.
func joined(parts ...part) []byte {
	var out []byte
	for _, p := range parts {
		out = append(append(out, 0xff, p.marker), p.bytes...)
	}
	return out
}

// segment is a part of a body's length and the body.
func segment(marker byte, body ...byte) part {
	return part{marker, append(binary.BigEndian.AppendUint16(nil, uint16(2+len(body))), body...)}
}

// Where cwsq puts its parts.
const (
	atSOI = iota
	atCOM
	atDTT
	atDQT
	atSOF
	atDHT0
	atSOB0
	atDHT1
	atSOB1
	atSOB2
	atEOI
)

// TestOtherEncoders: streams of other make than ours are restored to the same
// pixels.
func TestOtherEncoders(t *testing.T) {
	data := mustEncode(t, fingerImage(11, 300, 280), Options{PPI: 500})
	want, _ := mustDecode(t, data)
	p := taken(t, data)
	pick := func(order ...int) (picked []part) {
		for _, i := range order {
			picked = append(picked, p[i])
		}
		return picked
	}
	both := segment(markDHT, slices.Concat(p[atDHT0].bytes[2:], p[atDHT1].bytes[2:])...)
	longer := segment(markDQT, append(slices.Clone(p[atDQT].bytes[2:]), 9, 9, 9)...)
	shorter := segment(markDQT, p[atDQT].bytes[2:len(p[atDQT].bytes)-24]...)
	lied := part{markDTT, slices.Clone(p[atDTT].bytes)}
	lied.bytes[1] = 52
	again := segment(markDHT, append(append([]byte{0}, make([]byte, 16)...), p[atDHT0].bytes[2:]...)...)
	ones := func(q part) part { return part{q.marker, append(slices.Clone(q.bytes), 0xff, 0)} }
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"as it was", joined(p...)},
		{"without comments", joined(pick(atSOI, atDTT, atDQT, atSOF, atDHT0, atSOB0, atDHT1, atSOB1, atSOB2, atEOI)...)},
		{"the frame first", joined(pick(atSOI, atSOF, atDTT, atDQT, atDHT0, atSOB0, atDHT1, atSOB1, atSOB2, atEOI)...)},
		{"all tables first", joined(pick(atSOI, atDHT1, atDHT0, atDQT, atDTT, atCOM, atSOF, atSOB0, atSOB1, atSOB2, atEOI)...)},
		{"both Huffman tables in one segment", joined(p[atSOI], p[atDTT], p[atDQT], p[atSOF], both, p[atSOB0], p[atSOB1], p[atSOB2], p[atEOI])},
		{"a Huffman table given twice", joined(p[atSOI], p[atDTT], p[atDQT], p[atSOF], again, p[atSOB0], p[atDHT1], p[atSOB1], p[atSOB2], p[atEOI])},
		{"comments everywhere", joined(p[atSOI], p[atDTT], p[atCOM], p[atDQT], p[atSOF], p[atDHT0], segment(markCOM), p[atSOB0], p[atCOM], p[atDHT1], p[atSOB1], p[atSOB2], p[atCOM], p[atEOI])},
		{"a quantisation table with more behind it", joined(p[atSOI], p[atDTT], longer, p[atSOF], p[atDHT0], p[atSOB0], p[atDHT1], p[atSOB1], p[atSOB2], p[atEOI])},
		{"a quantisation table of sixty subbands", joined(p[atSOI], p[atDTT], shorter, p[atSOF], p[atDHT0], p[atSOB0], p[atDHT1], p[atSOB1], p[atSOB2], p[atEOI])},
		{"a transform table that gets its length wrong", joined(p[atSOI], lied, p[atDQT], p[atSOF], p[atDHT0], p[atSOB0], p[atDHT1], p[atSOB1], p[atSOB2], p[atEOI])},
		{"blocks filled up with a whole byte", joined(p[atSOI], p[atDTT], p[atDQT], p[atSOF], p[atDHT0], ones(p[atSOB0]), p[atDHT1], ones(p[atSOB1]), ones(p[atSOB2]), p[atEOI])},
		{"ones before a marker", bytes.ReplaceAll(data, []byte{0xff, markDHT}, []byte{0xff, 0xff, 0xff, markDHT})},
		{"bytes behind the end", append(slices.Clone(data), 0xff, 0, 1)},
	} {
		got, info, err := Decode(c.data, 0)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !bytes.Equal(got.Pix, want.Pix) || info.Width != 300 || info.Height != 280 {
			t.Errorf("%s: other pixels", c.name)
		}
	}
}

// TestBlocksOfOtherEncoders: coefficients may stand in one block or in many, with
// restarts between them.
func TestBlocksOfOtherEncoders(t *testing.T) {
	var e Encoder
	data, err := e.Encode(nil, fingerImage(11, 300, 280), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := mustDecode(t, data)
	parts := taken(t, data)
	all := e.tokens
	for _, c := range []struct {
		name  string
		size  int // tokens of a piece
		start func(s *stream, i int)
	}{
		{"one block", len(all), func(s *stream, _ int) { s.blockHeader(5) }},
		{"a block for each thousand", 1000, func(s *stream, _ int) { s.blockHeader(5) }},
		{"restarts", 100, func(s *stream, i int) {
			if i == 0 {
				s.blockHeader(5)
			} else {
				s.marker(markRST + uint8((i-1)%8))
			}
		}},
	} {
		s := stream(joined(parts[atSOI], parts[atDTT], parts[atDQT], segment(markDRT, 0, 100), parts[atSOF]))
		words := s.huffmanTable(5, all)
		i := 0
		for piece := range slices.Chunk(all, c.size) {
			c.start(&s, i)
			s.block(piece, &words)
			i++
		}
		s.marker(markEOI)
		if got, _, err := Decode(s, 0); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: other pixels", c.name)
		}
	}
}

// withFilters is a stream of a finger whose filters have other lengths, and taps
// that fall off as those of a filter do.
func withFilters(t *testing.T, low, high byte) []byte {
	body := []byte{low, high}
	for _, n := range []byte{low, high} {
		for i := range uint32(n+1) / 2 {
			body = append(body, byte(i&1), 9)
			body = binary.BigEndian.AppendUint32(body, 800_000_000/(i*i+1)-i*1_234_567)
		}
	}
	p := taken(t, mustEncode(t, fingerImage(11, 331, 262), Options{}))
	p[atDTT] = segment(markDTT, body...)
	return joined(p...)
}

// TestOtherFilters: filters of other lengths, odd and even, restore the pixels
// that NBIS 5.0.0 dwsq restores with them; the first bytes of the SHA-256 are
// given. The usual ones give the same pixels the slow way.
func TestOtherFilters(t *testing.T) {
	for _, c := range []struct {
		low, high byte
		want      string
	}{
		{9, 7, "9d7475469c6f9448"},
		{5, 3, "680bcd887aac5ce6"},
		{3, 5, "b75818fa693953d9"},
		{7, 9, "4fc6251b80cf2c48"},
		{13, 7, "69183c557c7f55fa"},
		{17, 15, "c402195b144360de"},
		{8, 8, "82e24053f4748b7e"},
		{6, 10, "c307d44cb8443ff9"},
		{10, 6, "9474b50fb915c5ae"},
		{2, 2, "46275f556f81f609"},
		{2, 6, "ee6c27beaaf2d366"},
		{16, 16, "7b35c0d5aed94ed3"},
	} {
		img, _, err := Decode(withFilters(t, c.low, c.high), 0)
		if err != nil {
			t.Errorf("%d and %d taps: %v", c.low, c.high, err)
			continue
		}
		if sum := sha256.Sum256(img.Pix); hex.EncodeToString(sum[:8]) != c.want {
			t.Errorf("%d and %d taps: pixels %x, want %s", c.low, c.high, sum[:8], c.want)
		}
	}
	var d Decoder
	data := mustEncode(t, fingerImage(11, 297, 266), Options{})
	want, _ := mustDecode(t, data)
	if _, _, err := d.Decode(data, 0); err != nil {
		t.Fatal(err)
	}
	d.restore()
	for i := len(d.nodes) - 1; i >= 0; i-- {
		d.joinColumns(&d.nodes[i], &d.filter)
		d.joinRows(&d.nodes[i], &d.filter)
	}
	d.paint()
	if !bytes.Equal(d.gray.Pix, want.Pix) {
		t.Error("the slow way gives other pixels")
	}
}

// TestSmallFramesOfOthers: frames that we would not write are read.
func TestSmallFramesOfOthers(t *testing.T) {
	p := taken(t, mustEncode(t, grey(256, 256, 77), Options{}))
	for _, size := range [][2]uint16{{1, 1}, {1, 2}, {2, 1}, {3, 3}, {5, 70}, {80, 80}, {65535, 1}} {
		body := slices.Clone(p[atSOF].bytes)
		binary.BigEndian.PutUint16(body[4:], size[1])
		binary.BigEndian.PutUint16(body[6:], size[0])
		got, info, err := Decode(joined(p[0], p[2], p[3], part{markSOF, body}, p[5], p[6], p[7], p[8], p[9], p[10]), 0)
		if err != nil || info.Width != int(size[0]) || info.Height != int(size[1]) || slices.Max(got.Pix) != 77 {
			t.Errorf("%v: %+v, %v", size, info, err)
		}
	}
}

// TestRefusedByTheDecoder: what is no stream is refused with its reason.
func TestRefusedByTheDecoder(t *testing.T) {
	data := mustEncode(t, fingerImage(11, 300, 280), Options{Comments: []string{"a"}})
	p := taken(t, data)
	p = append(p[:2:2], p[3:]...) // the comment has served
	with := func(i int, q part) []byte {
		all := slices.Clone(p)
		all[i] = q
		return joined(all...)
	}
	without := func(i int) []byte { return joined(append(slices.Clone(p[:i]), p[i+1:]...)...) }
	changed := func(i, at int, v ...byte) []byte {
		q := part{p[i].marker, slices.Clone(p[i].bytes)}
		copy(q.bytes[at:], v)
		return with(i, q)
	}
	for _, c := range []struct {
		name, says string
		data       []byte
	}{
		{"nothing", "does not begin", nil},
		{"a PNG", "does not begin", []byte("\x89PNG\r\n\x1a\n")},
		{"a JPEG", "does not begin", []byte{0xff, 0xd8, 0xff, 0xe0}},
		{"the start alone", "cut short", joined(p[0])},
		{"no end", "cut short", without(atEOI)},
		{"no frame", "frame header is missing", without(atSOF)},
		{"no filters", "transform table is missing", without(atDTT)},
		{"no bins", "quantisation table is missing", without(atDQT)},
		{"no code", "Huffman table 0 is missing", without(atDHT0)},
		{"a block less", "missing", without(atSOB2)},
		{"a block twice", "more coefficients", joined(append(slices.Clone(p[:atEOI]), p[atSOB2], p[atEOI])...)},
		{"a frame twice", "second frame", joined(append([]part{p[0], p[atSOF]}, p[1:]...)...)},
		{"bins after the first block", "comes after", joined(append(slices.Clone(p[:atDHT1]), append([]part{p[atDQT]}, p[atDHT1:]...)...)...)},
		{"a frame without width", "no pixels", changed(atSOF, 6, 0, 0)},
		{"a frame without height", "no pixels", changed(atSOF, 4, 0, 0)},
		{"a frame that is larger", "missing", changed(atSOF, 4, 2)},
		{"a frame that is smaller", "more coefficients", changed(atSOF, 4, 1, 1)},
		{"a frame beyond the limit", "the limit", changed(atSOF, 4, 255, 255, 255, 255)},
		{"a filter of one tap", "none of WSQ's", changed(atDTT, 2, 1)},
		{"a filter of 33 taps", "none of WSQ's", changed(atDTT, 2, 33)},
		{"filters odd and even", "none of WSQ's", changed(atDTT, 2, 8)},
		{"filters that do not belong together", "belong together", changed(atDTT, 2, 9, 9)},
		{"a segment of length 1", "its own length", changed(atDQT, 0, 0, 1)},
		{"a short quantisation table", "too short", with(atDQT, segment(markDQT, 1, 2, 3))},
		{"a short frame header", "too short", with(atSOF, segment(markSOF, 1, 2, 3))},
		{"a short Huffman table", "too short", with(atDHT0, segment(markDHT, 0, 1, 2))},
		{"Huffman table 8", "no Huffman table 8", changed(atDHT0, 2, 8)},
		{"three codes of one bit", "more codes", with(atDHT0, segment(markDHT, append(append([]byte{0, 3}, make([]byte, 15)...), 1, 2, 3)...))},
		{"too few symbols", "too short", changed(atDHT0, 18, 255)},
		{"a block without its table's number", "too short", with(atSOB0, segment(markSOB))},
		{"a block with a table that is none", "Huffman table 9", changed(atSOB0, 2, 9)},
		{"a JPEG marker", "out of place", with(atDQT, segment(0xdb, 1))},
		{"a second start", "out of place", with(atDQT, part{markSOI, nil})},
		{"text between segments", "something else", with(atDQT, part{markDQT, append(slices.Clone(p[atDQT].bytes), "text"...)})},
	} {
		img, _, err := Decode(c.data, 0)
		if err == nil || img != nil {
			t.Errorf("%s: no error", c.name)
		} else if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "decoding WSQ: ") {
			t.Errorf("%s: %q, want %q in it", c.name, err, c.says)
		}
	}
}

// TestCodesThatAreNone: symbols that mean nothing, and escapes that are cut off.
func TestCodesThatAreNone(t *testing.T) {
	p := taken(t, mustEncode(t, fingerImage(11, 300, 280), Options{}))
	try := func(symbol byte, bits ...byte) error {
		table := append([]byte{0, 1}, make([]byte, 15)...)
		table = append(table, symbol) // its code is a single 0
		block := part{markSOB, append([]byte{0, 3, 0}, bits...)}
		_, _, err := Decode(joined(p[0], p[atDTT], p[atDQT], p[atSOF], segment(markDHT, table...), block, p[atEOI]), 0)
		return err
	}
	for _, c := range []struct {
		name, says string
		err        error
	}{
		{"symbol 0", "code that its table does not", try(0, 0)},
		{"symbol 255", "code that its table does not", try(255, 0)},
		{"bits that are no code", "code that its table does not", try(1, 0x7f, 0xf0, 0xf0)},
		{"an escape cut off", "cut short", try(symPlus16, 0, 0)},
		{"a run beyond the frame", "more coefficients", try(symRun16, 0x7f, 0xff, 0, 0x3f, 0xff, 0, 0x7f)},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", c.name, c.err, c.says)
		}
	}
}

// TestEscapes: coefficients and runs that need further bits come back.
func TestEscapes(t *testing.T) {
	values := []int{1, -1, 74, 75, -73, -74, 255, 256, -255, -256, 32767, -32767}
	runs := []int{1, 100, 101, 255, 256, 65535, 65536, 200000}
	var tokens []token
	var want []int16
	for _, v := range values {
		width := float32(1)
		c, err := coefficient(float32(v)-sign(v)*0.5, 0, width)
		if err != nil {
			t.Fatal(v, err)
		}
		tokens, want = append(tokens, c), append(want, int16(v))
	}
	for _, n := range runs {
		tokens = append(appendRun(tokens, n), token(symZero+7))
		want = append(append(want, make([]int16, n)...), 7)
	}
	var s stream
	words := s.huffmanTable(0, tokens)
	begin := len(s)
	s.block(tokens, &words)
	var d Decoder
	if err := d.huffmanTables(fields(s[4:begin])); err != nil {
		t.Fatal(err)
	}
	got := make([]int16, len(want))
	r := reader{data: s[begin:]}
	if n, err := r.coefficients(got, &d.codes[0]); err != nil || n != len(want) || !slices.Equal(got, want) {
		t.Errorf("%d of %d come back, %v", n, len(want), err)
	}
	for _, v := range []float32{32768, -32768, 1e9} {
		if _, err := coefficient(v, 0, 1); err == nil {
			t.Errorf("%v was coded in 16 bits", v)
		}
	}
}

func sign(v int) float32 {
	if v < 0 {
		return -1
	}
	return 1
}

// TestCutShort: a stream that ends anywhere before its end is refused.
func TestCutShort(t *testing.T) {
	data := mustEncode(t, fingerImage(13, 260, 256), Options{Rate: 0.2})
	var d Decoder
	for n := range data {
		if n > 700 && n%7 != 0 {
			continue // within the blocks one place is like another
		}
		if _, _, err := d.Decode(data[:n], 0); err == nil {
			t.Fatalf("the first %d of %d bytes were restored", n, len(data))
		}
	}
}

// TestOneByteWrong: no single wrong byte in any of a hundred streams makes the
// decoder panic, or hand out an image of another size than it says.
func TestOneByteWrong(t *testing.T) {
	streams, step := 3, 11
	if os.Getenv("OPTAG_SOAK") != "" {
		streams, step = 100, 1
	} else {
		t.Log("3 streams, every 11th byte; OPTAG_SOAK=1 takes 100 and all bytes")
	}
	var d Decoder
	b := brush(99)
	for n := range streams {
		data := mustEncode(t, fingerImage(uint64(50+n), minNative+n%20, minNative+n%13), Options{Native: true, Rate: 0.5})
		for at := 0; at < len(data); at += step {
			was := data[at]
			data[at] ^= byte(1 + b.next(255))
			if img, info, err := d.Decode(data, 1<<18); err == nil && (img.Rect.Dx() != info.Width || img.Rect.Dy() != info.Height || len(img.Pix) != info.Width*info.Height) {
				t.Fatalf("stream %d, byte %d: %v for %+v", n, at, img.Rect, info)
			}
			data[at] = was
		}
	}
}
