package finger_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"slices"
	"testing"

	"optag/capture/finger"
	"optag/testdata/gen"
)

// grey is a plain image of the given size.
func grey(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 7)
	}
	return img
}

func pngOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// insert puts a chunk after the first one of a PNG.
func insert(data []byte, name string, body []byte) []byte {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(append(c, name...), body...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	return slices.Concat(data[:33], c, data[33:])
}

// phys is the body of a pHYs chunk.
func phys(x, y uint32, unit byte) []byte {
	return append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, x), y), unit)
}

// metre is a resolution in pixels per metre.
func metre(ppi float64) uint32 { return uint32(ppi/0.0254 + 0.5) }

// sized is a PNG whose header claims another size than it has.
func sized(data []byte, w, h uint32) []byte {
	data = slices.Clone(data)
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func pgm(head string, pixels int) []byte { return append([]byte(head), make([]byte, pixels)...) }

// What a clerk reads when a file is no print.
func TestReadImageRefuses(t *testing.T) {
	plain := pngOf(t, grey(300, 400))
	pixels := color.Palette{color.Black, color.White}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not a print: the file is neither PNG nor binary PGM"},
		{"a JPEG", []byte("\xff\xd8\xff\xe0"), "not a print: the file is neither PNG nor binary PGM"},
		{"a PGM in digits", []byte("P2\n300 400\n255\n0 0"), "not a print: the file is neither PNG nor binary PGM"},
		{"a signature alone", plain[:8], "the PNG is cut short in its header"},
		{"a PNG cut in its header", plain[:20], "the PNG is cut short in its header"},
		{"a PNG cut in its pixels", plain[:len(plain)/2], "the PNG is cut short"},
		{"a PNG without its end", plain[:len(plain)-12], "the PNG is cut short"},
		{"a PNG with something behind it", append(slices.Clone(plain), "hidden"...), "the PNG holds 6 bytes after its end"},
		{"16-bit grey", pngOf(t, image.NewGray16(image.Rect(0, 0, 300, 400))), "a print is 8-bit grey; this PNG is 16-bit grey"},
		{"in colour", pngOf(t, opaque(300, 400)), "a print is 8-bit grey; this PNG is in colour"},
		{"16-bit colour", pngOf(t, image.NewNRGBA64(image.Rect(0, 0, 300, 400))), "a print is 8-bit grey; this PNG is 16-bit, in colour with transparency"},
		{"transparent", pngOf(t, image.NewNRGBA(image.Rect(0, 0, 300, 400))), "a print is 8-bit grey; this PNG is in colour with transparency"},
		{"a palette", pngOf(t, image.NewPaletted(image.Rect(0, 0, 300, 400), pixels)), "a print is 8-bit grey; this PNG is in colour, from a palette"},
		{"two grey levels", depth(plain, 1), "a print is 8-bit grey; this PNG is 1-bit grey"},
		{"one grey transparent", insert(plain, "tRNS", []byte{0, 9}), "a print is 8-bit grey; this PNG is grey with transparency"},
		{"under 256 pixels wide", pngOf(t, grey(255, 400)), "the print is 255 × 400 pixels; at least 256 × 256 are needed"},
		{"under 256 pixels high", pgm("P5 400 255 255\n", 400*255), "the print is 400 × 255 pixels; at least 256 × 256 are needed"},
		{"huge", sized(plain, 100_000, 100_000), "the print is 100000 × 100000 pixels, larger than any scanner delivers"},
		{"beyond all sizes", sized(plain, 1<<31-1, 1<<31-1), "the print is 2147483647 × 2147483647 pixels, larger than any scanner delivers"},
		{"a little too large", sized(plain, 3201, 3000), "the print is 3201 × 3000 pixels, larger than any scanner delivers"},
		{"300 ppi", insert(plain, "pHYs", phys(metre(300), metre(300), 1)), "the print is scanned at 300 × 300 ppi; 500 or 1000 are needed"},
		{"72 ppi", insert(plain, "pHYs", phys(metre(72), metre(72), 1)), "the print is scanned at 72 × 72 ppi; 500 or 1000 are needed"},
		{"two per cent off", insert(plain, "pHYs", phys(metre(510), metre(510), 1)), "the print is scanned at 510 × 510 ppi; 500 or 1000 are needed"},
		{"500 across and 1000 down", insert(plain, "pHYs", phys(metre(500), metre(1000), 1)), "the print is scanned at 500 × 1000 ppi; 500 or 1000 are needed"},
		{"no ppi at all", insert(plain, "pHYs", phys(0, 0, 1)), "the print is scanned at 0 × 0 ppi; 500 or 1000 are needed"},
		{"16-bit PGM", pgm("P5 300 400 65535\n", 2*300*400), "a print is 8-bit grey; this PGM counts to 65535"},
		{"PGM of 100 levels", pgm("P5 300 400 100\n", 300*400), "a print is 8-bit grey; this PGM counts to 100"},
		{"PGM cut short", pgm("P5 300 400 255\n", 300*400-1), "the PGM is cut short: 119999 of 120000 pixels are there"},
		{"PGM without pixels", []byte("P5 300 400 255"), "the PGM is cut short: 0 of 120000 pixels are there"},
		{"PGM cut in its header", []byte("P5 300"), "the PGM is cut short in its header"},
		{"PGM with something behind it", pgm("P5 300 400 255\n", 300*400+2), "the PGM holds 2 bytes after its pixels"},
		{"PGM of words", []byte("P5 wide high 255\n"), "the PGM's header is damaged"},
		{"PGM without white space", pgm("P5 300 400 255#", 300*400), "the PGM's header is damaged"},
		{"PGM beyond all sizes", []byte("P5 99999999999999999999 400 255\n"), "the PGM's header holds a number beyond all sizes"},
		{"PGM of negative size", []byte("P5 -300 400 255\n"), "the PGM's header is damaged"},
		{"huge PGM", []byte("P5 1000000 1000000 255\n"), "the print is 1000000 × 1000000 pixels, larger than any scanner delivers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			img, _, _, err := finger.ReadImage(c.data)
			if err == nil || err.Error() != c.want || img != nil {
				t.Errorf("ReadImage = %v\nwant        %s", err, c.want)
			}
		})
	}
}

func opaque(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	return img
}

// depth claims another number of bits to a sample.
func depth(data []byte, bits byte) []byte {
	data = slices.Clone(data)
	data[24] = bits
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestReadImageTakes(t *testing.T) {
	img := grey(300, 400)
	plain := pngOf(t, img)
	raw := func(head string) []byte { return append([]byte(head), img.Pix...) }
	for _, c := range []struct {
		name    string
		data    []byte
		ppi     int
		assumed bool
	}{
		{"a PNG that says no resolution", plain, 500, true},
		{"a PNG that says the aspect only", insert(plain, "pHYs", phys(1, 1, 0)), 500, true},
		{"500 ppi", insert(plain, "pHYs", phys(19685, 19685, 1)), 500, false},
		{"one per cent less", insert(plain, "pHYs", phys(metre(495.1), metre(495.1), 1)), 500, false},
		{"one per cent more", insert(plain, "pHYs", phys(metre(504.9), metre(504.9), 1)), 500, false},
		{"1000 ppi", insert(plain, "pHYs", phys(39370, 39370, 1)), 1000, false},
		{"a remark in the PNG", insert(plain, "tEXt", []byte("Title\x00print")), 500, true},
		{"a PGM", raw("P5\n300 400\n255\n"), 500, true},
		{"a PGM on one line", raw("P5 300 400 255 "), 500, true},
		{"a PGM with remarks", raw("P5\n# scanned\r\n300\t400 # wide, high\n255\n"), 500, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ppi, assumed, err := finger.ReadImage(c.data)
			if err != nil || ppi != c.ppi || assumed != c.assumed {
				t.Fatalf("ReadImage = %d ppi, assumed %v, %v; want %d, %v", ppi, assumed, err, c.ppi, c.assumed)
			}
			if !bytes.Equal(got.Pix, img.Pix) {
				t.Error("the pixels differ")
			}
		})
	}
}

// What is written is read again as it was, to the pixel and the resolution.
func TestWriteImageThenReadImage(t *testing.T) {
	wide := grey(512, 512)
	for name, c := range map[string]struct {
		img *image.Gray
		ppi int
	}{
		"the smallest":        {grey(256, 256), 500},
		"a print":             {impression(gen.Conditions{}), 500},
		"at 1000 ppi":         {grey(800, 1000), 1000},
		"a part of a picture": {wide.SubImage(image.Rect(100, 50, 420, 400)).(*image.Gray), 500},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := finger.WriteImage(c.img, [2]int{c.ppi, c.ppi})
			if err != nil {
				t.Fatal(err)
			}
			got, ppi, assumed, err := finger.ReadImage(data)
			if err != nil || ppi != c.ppi || assumed {
				t.Fatalf("ReadImage = %d ppi, assumed %v, %v; want %d", ppi, assumed, err, c.ppi)
			}
			for y := range c.img.Rect.Dy() {
				if !bytes.Equal(got.Pix[y*got.Stride:][:got.Rect.Dx()], c.img.Pix[y*c.img.Stride:][:got.Rect.Dx()]) {
					t.Fatalf("row %d differs", y)
				}
			}
		})
	}
}

// A file that claims to be large is refused before room is made for it.
func TestReadImageMakesNoRoomForABomb(t *testing.T) {
	plain := pngOf(t, grey(300, 400))
	for _, data := range [][]byte{sized(plain, 60_000, 60_000), []byte("P5 60000 60000 255\n")} {
		if n := allocated(func() { finger.ReadImage(data) }); n > 1<<20 {
			t.Errorf("%d bytes were allocated for a file of %d", n, len(data))
		}
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func FuzzReadImage(f *testing.F) {
	plain := pngOf(f, grey(256, 256))
	for _, seed := range [][]byte{plain, plain[:100], insert(plain, "pHYs", phys(19685, 19685, 1)), depth(plain, 16),
		sized(plain, 512, 512), pgm("P5 256 256 255\n", 256*256), []byte("P5 1 1 255\n0"), []byte("P5\n#"), {}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, ppi, _, err := finger.ReadImage(data)
		if err != nil {
			if img != nil {
				t.Fatal("an image and an error")
			}
			return
		}
		if ppi != 500 && ppi != 1000 || finger.CheckSize(img.Rect.Dx(), img.Rect.Dy()) != nil {
			t.Fatalf("read %v at %d ppi", img.Rect, ppi)
		}
		again, err := finger.WriteImage(img, [2]int{ppi, ppi})
		if err != nil {
			t.Fatal(err)
		}
		back, _, _, err := finger.ReadImage(again)
		if err != nil || !bytes.Equal(back.Pix, img.Pix) {
			t.Fatalf("it is not read as it was written: %v", err)
		}
		assess(img, [2]int{ppi, ppi})
	})
}

func ExampleReadImage() {
	_, _, _, err := finger.ReadImage([]byte("P5 200 300 255\n"))
	fmt.Println(err)
	// Output: the print is 200 × 300 pixels; at least 256 × 256 are needed
}
