package wsq

import (
	"bytes"
	"encoding/hex"
	"image"
	"math"
	"slices"
	"testing"
)

// The tests of this file are the places where a stream comes to differ from
// cwsq's although it looks right to a decoder of the same make. That of another
// make was asked as well: see expectedHead.

// TestBlocksReachTheirEnds: the second and third block are coded from where they
// begin to where they end. What is decoded is what was quantised.
func TestBlocksReachTheirEnds(t *testing.T) {
	var e Encoder
	var d Decoder
	img := fingerImage(11, 400, 500)
	data, err := e.Encode(nil, img, Options{Rate: 2.25})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Decode(data, 0); err != nil {
		t.Fatal(err)
	}
	b := binsFor(&e.variance, 2.25)
	want, byBlock := make([]int16, 0, 400*500), [3]int{}
	for i, box := range e.bands {
		for y := range box.h {
			for _, v := range e.row(box, y) {
				q := int16(0)
				if zero := b.zero[i] / 2; v > zero {
					q = int16((v-zero)/b.width[i]) + 1
				} else if v < -zero {
					q = int16((v+zero)/b.width[i]) - 1
				}
				if q != 0 {
					byBlock[min(i/firstBlock, 1)+i/secondBlock]++
				}
				want = append(want, q)
			}
		}
	}
	if !slices.Equal(d.coeffs, want) {
		t.Error("the coefficients that come back are others")
	}
	if slices.Min(byBlock[:]) < 100 {
		t.Errorf("%v coefficients in the blocks; the test needs some in each", byBlock)
	}
}

// TestLastByteIsFilled: what is left of the last byte of a block is ones, and a
// byte of ones is followed by zeros even there.
func TestLastByteIsFilled(t *testing.T) {
	words := [symbolCount]word{1: {0, 1}, 2: {2, 2}, 3: {0x7f, 7}}
	for _, c := range []struct {
		name   string
		tokens []token
		want   []byte
	}{
		{"nothing", nil, nil},
		{"one bit", []token{1}, []byte{0x7f}},
		{"seven bits", []token{1, 1, 1, 1, 1, 1, 1}, []byte{0x01}},
		{"a whole byte", []token{1, 1, 1, 1, 1, 1, 1, 1}, []byte{0x00}},
		{"nine bits", []token{1, 1, 1, 1, 1, 1, 1, 2}, []byte{0x01, 0x7f}},
		{"ones that the filling completes", []token{3}, []byte{0xff, 0x00}},
		{"ones in the middle", []token{3, 3, 3}, []byte{0xff, 0x00, 0xff, 0x00, 0xff, 0x00}},
	} {
		var s stream
		s.block(c.tokens, &words)
		if !bytes.Equal(s, c.want) {
			t.Errorf("%s: % x, want % x", c.name, []byte(s), c.want)
		}
	}
}

// TestDarkestPixelCounts: the scale is the greater distance from the mean, also
// where no pixel is black.
func TestDarkestPixelCounts(t *testing.T) {
	var e Encoder
	img := grey(256, 256, 200)
	for i := range 256 * 64 {
		img.Pix[i] = 100
	}
	if _, err := e.Encode(nil, img, Options{}); err != nil {
		t.Fatal(err)
	}
	if e.shift != 175 || e.scale != 75./128 {
		t.Errorf("shift %v, scale %v; want 175 and 75/128", e.shift, e.scale)
	}
}

// TestSubbandsLeftOut: a subband with little variance has no bins, and one that
// lost its bits on the way to the rate keeps its own.
func TestSubbandsLeftOut(t *testing.T) {
	var v [bandCount]float32
	for i := range v {
		v[i] = 4000 / float32(i+1)
	}
	v[5], v[52], v[59] = 1.0099, 0, float32(math.NaN())
	v[40] = 1.02 // above the least, and never worth a bit
	b := binsFor(&v, 0.75)
	for i := range v {
		out := i == 5 || i == 52 || i == 59
		if (b.width[i] == 0) != out || (b.zero[i] == 0) != out {
			t.Errorf("subband %d: width %v, zero bin %v", i, b.width[i], b.zero[i])
		}
	}
	if b := binsFor(new([bandCount]float32), 0.75); b != (bins{}) {
		t.Error("an image without variance has bins")
	}
	if b := binsFor(&v, 1e-30); slices.Max(b.width[:]) > 1e6 {
		t.Errorf("at hardly any rate a bin is %v wide", slices.Max(b.width[:]))
	}
}

// TestPrecision: products with powers, the zero bin and the variance are computed
// in double precision and kept in single. These are the tables that cwsq writes.
func TestPrecision(t *testing.T) {
	for _, c := range []struct {
		image        int
		frame, table string // the header of the frame, and the quantisation table's beginning
	}{
		{0, "ffa2001100ff01d201f20257670435a2020000",
			"ffa5018502002c04d9c9031a2204d9c9031a2204d9c9031a2204d9c9031a22031dff0323ff0323ba032adf031d3703230f"},
		{2, "ffa2001100ff0175014b0232f30427ce020000",
			"ffa5018502002c0345ad03539c0345ad03539c0345ad03539c0345ad03539c03433b0350ad0351850361d3033d740349be"},
		{11, "ffa2001100ff01fe01ef0247ed0425e2020000",
			"ffa5018502002c045d3b046fe0045d3b046fe0045d3b046fe0045d3b046fe00461940475170460eb04744e045a7e046c97"},
		{24, "ffa2001100ff033202cc0248f30438fe020000",
			"ffa5018502002c022755022f33022755022f33022755022f33022755022f3302251a022c860227fa022ff90223c8022af0"},
	} {
		s := painted(c.image)
		data := mustEncode(t, s.img, Options{Rate: s.rate, PPI: s.ppi, Native: true})
		for mark, want := range map[byte]string{markSOF: c.frame, markDQT: c.table} {
			at := bytes.Index(data, []byte{0xff, mark})
			if got := hex.EncodeToString(data[at:][:len(want)/2]); got != want {
				t.Errorf("image %d: %s, want %s", c.image, got, want)
			}
		}
	}
}

// TestTransformTable: the filters are rounded by a chain of single-precision
// tens and a last step in double precision.
func TestTransformTable(t *testing.T) {
	const want = "ffa4003a0907" +
		"000932d325cd" + "000ae0f3199a" + "010a41eff19a" + "010b8e2764cd" + "000be179a333" +
		"00092eff5600" + "010af933d333" + "010bf287219a" + "000a2677da33"
	var s stream
	s.transformTable()
	if got := hex.EncodeToString(s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFrameHeader: the version is 2 and the certificate 0, as cwsq writes them,
// unless there is one.
func TestFrameHeader(t *testing.T) {
	for software, want := range map[uint16]string{0: "020000", 10151: "0227a7"} {
		data := mustEncode(t, grey(300, 260, 255), Options{Software: software})
		at := bytes.Index(data, []byte{0xff, markSOF})
		if got := hex.EncodeToString(data[at:][:19]); got != "ffa2001100ff0104012c"+"02639c"+"000000"+want {
			t.Errorf("certificate %d: %s", software, got)
		}
	}
}

// TestNISTCom: the lines have NIST's order.
func TestNISTCom(t *testing.T) {
	const want = "NIST_COM 9\nPIX_WIDTH 300\nPIX_HEIGHT 260\nPIX_DEPTH 8\nPPI 500\nLOSSY 1\n" +
		"COLORSPACE GRAY\nCOMPRESSION WSQ\nWSQ_BITRATE 0.750000"
	data := mustEncode(t, grey(300, 260, 255), Options{PPI: 500})
	if got := string(data[6:][:len(want)]); got != want || data[5] != byte(len(want)+2) {
		t.Errorf("got %q, want %q", got, want)
	}
	const padded = "NIST_COM 10\nPIX_WIDTH 256\nPIX_HEIGHT 260\nPIX_DEPTH 8\nPPI -1\nLOSSY 1\n" +
		"COLORSPACE GRAY\nCOMPRESSION WSQ\nWSQ_BITRATE 2.250000\nCONTENT_BOX 27 0 201 260"
	data = mustEncode(t, grey(201, 260, 255), Options{Rate: 2.25})
	if got := string(data[6:][:len(padded)]); got != padded {
		t.Errorf("padded: got %q, want %q", got, padded)
	}
}

// TestUniform: an image of one grey level gives a short stream and comes back as
// it was.
func TestUniform(t *testing.T) {
	for _, v := range []byte{0, 1, 128, 254, 255} {
		img := grey(256, 300, v)
		data := mustEncode(t, img, Options{PPI: 500})
		if len(data) != 655 {
			t.Errorf("grey level %d: %d bytes, want 655", v, len(data))
		}
		if frame, _ := mustDecode(t, data); !bytes.Equal(frame.Pix, img.Pix) {
			t.Errorf("grey level %d comes back as %d", v, frame.Pix[0])
		}
	}
}

// TestHealthyFingers: clean fingers lose little at the usual rate.
func TestHealthyFingers(t *testing.T) {
	for _, seed := range []uint64{1, 4, 8, 11, 12} {
		img := fingerImage(seed, 416, 560)
		frame, _ := mustDecode(t, mustEncode(t, img, Options{}))
		if got := psnr(img, frame); got < 34 {
			t.Errorf("finger %d: %.1f dB", seed, got)
		}
	}
}

// TestMirroring: a line of any length is continued as its mirror image.
func TestMirroring(t *testing.T) {
	for n := 1; n < 12; n++ {
		for i := -30; i < 30; i++ {
			want, step := 0, 1 // walk along the line and turn at its ends
			for range (i%(2*max(n-1, 1)) + 2*max(n-1, 1)) % (2 * max(n-1, 1)) {
				if want+step < 0 || want+step >= n {
					step = -step
				}
				if n > 1 {
					want += step
				}
			}
			if got := reflect(i, n); got != want {
				t.Errorf("reflect(%d, %d) = %d, want %d", i, n, got, want)
			}
		}
	}
}

// TestTree: the subbands that are coded and the four that are not cover every
// frame exactly once.
func TestTree(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {2, 3}, {31, 17}, {256, 256}, {257, 383}, {416, 560}} {
		var tr tree
		tr.build(size.X, size.Y)
		left := tr.nodes[0].quarter(bottomRight).box
		seen := make([]int, size.X*size.Y)
		for _, b := range append(tr.bands[:], left) {
			for y := range b.h {
				for x := range b.w {
					seen[(b.y+y)*size.X+b.x+x]++
				}
			}
		}
		if slices.Min(seen) != 1 || slices.Max(seen) != 1 {
			t.Errorf("%v: pixels are covered %d to %d times", size, slices.Min(seen), slices.Max(seen))
		}
	}
}

// TestLongestCode: a code of very uneven weights is shortened to 16 bits and
// leaves out the one of ones only.
func TestLongestCode(t *testing.T) {
	var often [symbolCount]uint32
	a, b := uint32(1), uint32(1)
	for i := range 30 {
		often[100+i] = a
		a, b = b, a+b
	}
	c := codeFor(&often)
	if c.size() != 30 {
		t.Fatalf("%d symbols have a code, want 30", c.size())
	}
	words := c.words()
	for s, n := range often {
		w := words[s]
		if (n > 0) != (w.size > 0) {
			t.Errorf("symbol %d has %d bits", s, w.size)
		}
		if w.size > 0 && w.bits == 1<<w.size-1 {
			t.Errorf("symbol %d is all ones", s)
		}
	}
	var l lookup
	if err := l.build(&c); err != nil {
		t.Error(err)
	}
}
