package uru4500

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"math"
	"slices"
	"testing"

	"optag/device"
	"optag/device/resample"
	"optag/device/uru4500/uru4500test"
)

// rawImage makes an image of n bytes with a header of so many lines and blocks.
func rawImage(n, lines int, blocks ...byte) []byte {
	raw := make([]byte, n)
	if n >= headerSize {
		binary.LittleEndian.PutUint16(raw[atLines:], uint16(lines))
		copy(raw[atBlocks:], blocks)
	}
	return raw
}

func TestParseHeader(t *testing.T) {
	const full = headerSize + 289*width
	real := []byte{2, 72, 0, 1, 2, 49, 1, 1, 0, 1, 2, 49, 0, 1, 2, 116}
	for _, c := range []struct {
		name  string
		raw   []byte
		count int
		ok    bool
	}{
		{"as a real device sends", rawImage(full, 289, real...), 8, true},
		{"more bytes than lines", rawImage(imageSize, 289, real...), 8, true},
		{"one byte short", rawImage(full-1, 289, real...), 0, false},
		{"one line too many", rawImage(imageSize, 290, real...), 0, false},
		{"no byte", nil, 0, false},
		{"half a header", rawImage(headerSize-1, 0), 0, false},
		{"a header alone", rawImage(headerSize, 0), 0, false},
		{"blocks stop before the lines do", rawImage(full, 289, real[:14]...), 0, false},
		{"blocks stop before the picture does", rawImage(headerSize+72*width, 72, 2, 72), 0, false},
		{"blocks go on after the lines end", rawImage(full, 289, append(real, 0, 200, 2, 255)...), 8, true},
		{"fifteen blocks, most of them shown again", rawImage(headerSize+150*width, 150, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 2, 150), 15, true},
		{"a line is missing in the picture", rawImage(headerSize+288*width, 288, append(real[:15:15], 115)...), 0, false},
		{"a last block that is half there", rawImage(headerSize+72*width, 72, 2, 70, 2, 3), 0, false},
		{"repeated lines beyond the last one", rawImage(headerSize+72*width, 72, 2, 70, 1, 3), 0, false},
		{"more lines than a picture has", rawImage(headerSize+72*width, 72, 1, 72, 1, 72, 1, 72, 1, 72, 2, 3), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := parseHeader(c.raw)
			if (err == nil) != c.ok || err != nil && !errors.Is(err, device.ErrGarbled) {
				t.Fatalf("parseHeader: %v", err)
			}
			if err == nil && h.count != c.count {
				t.Errorf("%d blocks, want %d", h.count, c.count)
			}
		})
	}
}

// FuzzImage: nothing a device sends reaches beyond the image or the picture, and
// what is taken for an image fills the picture to its last line.
func FuzzImage(f *testing.F) {
	f.Add(rawImage(headerSize+60*width, 60, 5, 50, 1, 50, 1, 50, 1, 50, 2, 3, 0x81, 30, 0x82, 57), uint32(0x51ea2124))
	f.Add(rawImage(headerSize+145*width, 145, 3, 145, 2, 145), uint32(1))
	f.Add(rawImage(headerSize+146*width, 146, 0x87, 1, 0x81, 144, 0, 145), uint32(0))
	f.Add(rawImage(headerSize+9*width, 9, 2, 3, 1, 1, 0x82, 6), uint32(0x51ea2124))
	f.Add(rawImage(headerSize, 1), uint32(0))
	f.Add([]byte{}, uint32(0))
	pix := make([]byte, width*height)
	f.Fuzz(func(t *testing.T, raw []byte, key uint32) {
		raw = slices.Clone(raw[:min(len(raw), imageSize)])
		h, err := parseHeader(raw)
		if err != nil {
			return
		}
		keys := 0
		err = descramble(raw, &h, func(uint8) (uint32, error) { keys++; return key, nil })
		if err != nil || keys > 1+maxBlocks || !h.scrambled() && keys > 0 {
			t.Fatalf("descramble: %v, %d keys", err, keys)
		}
		isNoise(raw, &h)
		data := raw[headerSize:][:h.lines*width]
		layOut(pix, raw, &h, false)
		if last := h.blocks[h.count-1].lines * width; pix[len(pix)-1] != ^data[len(data)-1] || pix[len(pix)-last] != ^data[len(data)-last] {
			t.Error("the last lines of the data are not those of the picture")
		}
		once := slices.Clone(pix)
		layOut(pix, raw, &h, true)
		slices.Reverse(pix)
		if !bytes.Equal(once, pix) {
			t.Error("turned, the picture is another one")
		}
	})
}

// TestFetchFails: an error of the device while keys are fetched is passed on.
func TestFetchFails(t *testing.T) {
	raw := rawImage(headerSize+200*width, 200, 2, 100, 1, 90, 0x82, 100)
	h, err := parseHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	for at := 1; at <= 2; at++ {
		calls := 0
		err := descramble(slices.Clone(raw), &h, func(uint8) (uint32, error) {
			if calls++; calls == at {
				return 0, device.ErrUnplugged
			}
			return 1, nil
		})
		if err != device.ErrUnplugged {
			t.Errorf("key %d cannot be fetched: %v, want %v", at, err, device.ErrUnplugged)
		}
	}
}

// TestResample: circles on the glass are circles at 500 ppi, in the right size.
func TestResample(t *testing.T) {
	for _, ppi := range [][2]float64{{541.3, 369.2}, {512, 512}, {500, 500}, {430, 610}} {
		src := image.NewGray(image.Rect(0, 0, width, height))
		cx, cy, radius := 0.35, 0.24, 0.20 // inches
		for y := range height {
			for x := range width {
				d := math.Hypot((float64(x)+0.5)/ppi[0]-cx, (float64(y)+0.5)/ppi[1]-cy)
				src.Pix[y*src.Stride+x] = uint8(255 * min(max((d-radius)*200+0.5, 0), 1))
			}
		}
		c := resample.NewAt500(image.Pt(width, height), ppi)
		c.Make(src)
		dst := c.Image
		left, top, right, bottom := darkBox(dst)
		want := [4]float64{cx - radius, cy - radius, cx + radius, cy + radius}
		for i, got := range [4]int{left, top, right + 1, bottom + 1} {
			if math.Abs(float64(got)-want[i]*resample.PPI) > 1.5 {
				t.Errorf("%v ppi: edge %d of the circle at %d, want %.1f", ppi, i, got, want[i]*resample.PPI)
			}
		}
	}
}

// darkBox is the box around what is darker than the middle.
func darkBox(p *image.Gray) (left, top, right, bottom int) {
	left, top = p.Rect.Dx(), p.Rect.Dy()
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			if p.GrayAt(x, y).Y < 128 {
				left, top = min(left, x), min(top, y)
				right, bottom = max(right, x), max(bottom, y)
			}
		}
	}
	return left, top, right, bottom
}

// TestResampleKeeps: at 500 ppi nothing changes, and white stays white.
func TestResampleKeeps(t *testing.T) {
	src := uru4500test.Ridges(5)
	c := resample.NewAt500(image.Pt(width, height), [2]float64{resample.PPI, resample.PPI})
	c.Make(src)
	if !bytes.Equal(c.Image.Pix, src.Pix) {
		t.Errorf("%d pixels differ", differing(c.Image.Pix, src.Pix))
	}
	for i := range src.Pix {
		src.Pix[i] = 255
	}
	c = resample.NewAt500(image.Pt(width, height), [2]float64{540, 370})
	if c.Image.Rect.Max != image.Pt(356, 392) {
		t.Errorf("a picture of %v at 540x370 ppi, want 356x392", c.Image.Rect.Max)
	}
	c.Make(src)
	if rest := bytes.Trim(c.Image.Pix, "\xff"); len(rest) > 0 {
		t.Errorf("%d white pixels did not stay white", len(rest))
	}
	for i := range c.Image.Pix {
		c.Image.Pix[i] = 0
	}
	if n := testing.AllocsPerRun(3, func() { c.Make(src) }); n != 0 {
		t.Errorf("%v allocations for a frame, want none", n)
	}
}

// TestResampleExact: what is made of given pixels is the same on every machine,
// and is what the filter says: for every calibration the result is within a
// level of the sum in real numbers.
func TestResampleExact(t *testing.T) {
	src := image.NewGray(image.Rect(0, 0, width, height))
	for i := range src.Pix {
		src.Pix[i] = byte(i*i>>7 ^ i*31)
	}
	c := resample.NewAt500(image.Pt(width, height), [2]float64{541.3, 369.2})
	c.Make(src)
	if got, want := crc32.ChecksumIEEE(c.Image.Pix), uint32(0x5738d62c); got != want {
		t.Errorf("checksum of a frame %#08x, want %#08x", got, want)
	}
	for _, ppi := range [][2]float64{{541.3, 369.2}, {200, 1000}, {1000, 200}, {500, 512}} {
		c := resample.NewAt500(image.Pt(width, height), ppi)
		c.Make(src)
		worst := 0.0
		for _, at := range [][2]int{{0, 0}, {1, 7}, {60, 50}, {77, 101}, {99, 3}, {c.Image.Rect.Dx() - 1, c.Image.Rect.Dy() - 1}} {
			worst = max(worst, math.Abs(float64(c.Image.GrayAt(at[0], at[1]).Y)-filtered(src, ppi, at)))
		}
		if worst > 1 {
			t.Errorf("%v ppi: a pixel is %.2f levels from the filter's value", ppi, worst)
		}
	}
}

// filtered is one pixel of the frame in real numbers, straight from the
// definition of the filter.
func filtered(src *image.Gray, ppi [2]float64, at [2]int) float64 {
	cubic := func(x float64) float64 {
		if x = math.Abs(x); x < 1 {
			return 1.5*x*x*x - 2.5*x*x + 1
		} else if x < 2 {
			return -0.5*x*x*x + 2.5*x*x - 4*x + 2
		}
		return 0
	}
	kernel := func(n int, ppi float64, at int) []float64 {
		w, sum := make([]float64, n), 0.0
		scale := ppi / resample.PPI
		for j := -20; j < n+20; j++ {
			v := cubic((float64(j) + 0.5 - (float64(at)+0.5)*scale) / max(1, scale))
			w[min(max(j, 0), n-1)] += v
			sum += v
		}
		for j := range w {
			w[j] /= sum
		}
		return w
	}
	across, down := kernel(width, ppi[0], at[0]), kernel(height, ppi[1], at[1])
	v := 0.0
	for y := range height {
		for x := range width {
			v += across[x] * down[y] * float64(src.GrayAt(x, y).Y)
		}
	}
	return min(max(v, 0), 255)
}

// BenchmarkDecode is what the driver does to one image, of which the device
// makes one in 130 ms.
func BenchmarkDecode(b *testing.B) {
	finger := uru4500test.Ridges(1)
	sent := uru4500test.Encode(finger, uru4500test.RealBlocks(), 1, 0xfeed)
	raw, pix := make([]byte, len(sent)), image.NewGray(finger.Rect)
	decode := func(b *testing.B) {
		copy(raw, sent)
		h, err := parseHeader(raw)
		if err == nil {
			err = descramble(raw, &h, func(uint8) (uint32, error) { return 0xfeed, nil })
		}
		if err != nil {
			b.Fatal(err)
		}
		layOut(pix.Pix, raw, &h, true)
		device.ShowsRidges(pix, minTiles)
	}
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			decode(b)
		}
	})
	c := resample.NewAt500(image.Pt(width, height), [2]float64{540, 370})
	b.Run("500ppi", func(b *testing.B) {
		for b.Loop() {
			decode(b)
			c.Make(pix)
		}
	})
}
