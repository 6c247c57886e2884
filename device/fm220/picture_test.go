package fm220

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"optag/device"
	"optag/device/fm220/fm220test"
)

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		name      string
		clip      [4]int
		left, top int
		ok        bool
	}{
		{"in the midst of the sensor", [4]int{300, 290, 160, 90}, 156, 52, true},
		{"256 by 256", [4]int{256, 256, 100, 100}, 96, 66, true},
		{"at the left upper corner", [4]int{300, 290, 2, 10}, 0, 0, true},
		{"beyond the right rim", [4]int{300, 290, 400, 90}, 331, 52, true},
		{"beyond the lower rim", [4]int{300, 290, 160, 200}, 156, 0, true},
		{"as large as can be", [4]int{620, 379, 0, 0}, 0, 0, true},
		{"too wide", [4]int{622, 290, 0, 0}, 0, 0, false},
		{"too high", [4]int{300, 381, 0, 0}, 0, 0, false},
		{"too small to be read at 250 ppi", [4]int{127, 290, 160, 90}, 0, 0, false},
		{"nothing at all", [4]int{0, 0, 0, 0}, 0, 0, false},
		{"an erased EEPROM", [4]int{0xffff, 0xffff, 0xffff, 0xffff}, 0, 0, false},
		{"beside the sensor", [4]int{300, 290, 640, 90}, 0, 0, false},
		{"below the sensor", [4]int{300, 290, 160, 480}, 0, 0, false},
	} {
		w, err := newWindow(c.clip[0], c.clip[1], c.clip[2], c.clip[3])
		if (err == nil) != c.ok || err != nil && !errors.Is(err, device.ErrGarbled) {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		if w.left != c.left || w.top != c.top {
			t.Errorf("%s: begins at %d,%d, want %d,%d", c.name, w.left, w.top, c.left, c.top)
		}
	}
}

// pattern is a picture of the camera, in whole numbers so that it is the same
// everywhere.
func pattern() []byte {
	raw := make([]byte, imageSize)
	for i := range raw {
		x, y := i%sensorWidth, i/sensorWidth
		raw[i] = byte(128 + (x*y/16)%90 - (x+3*y)%37)
	}
	return raw
}

// bilinear is the grey of a pixel under colour filters, in real numbers, from the
// definition: where a colour is missing, the mean of the nearest that have it, in
// a picture that is mirrored at its rim.
func bilinear(raw []byte, x, y int) float64 {
	colour := func(x, y int) int { // 0 red, 1 green, 2 blue
		return [2][2]int{{1, 0}, {2, 1}}[y&1][x&1]
	}
	var sum, n [3]float64
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			px, py := x+dx, y+dy
			if px < 0 || px >= sensorWidth {
				px = x - dx
			}
			if py < 0 || py >= sensorHeight {
				py = y - dy
			}
			c := colour(px, py)
			if own := colour(x, y); c == own && (dx != 0 || dy != 0) {
				continue
			}
			sum[c] += float64(raw[py*sensorWidth+px])
			n[c]++
		}
	}
	return 0.299*sum[0]/n[0] + 0.587*sum[1]/n[1] + 0.114*sum[2]/n[2]
}

// filtered is one pixel of the frame in real numbers, from the definition of the
// window and the filter. It is right for pixels whose kernel stays on the sensor.
func filtered(source func(x, y int) float64, w window, x, y int) float64 {
	cubic := func(x float64) float64 {
		if x = math.Abs(x); x < 1 {
			return 1.5*x*x*x - 2.5*x*x + 1
		} else if x < 2 {
			return -0.5*x*x*x + 2.5*x*x - 4*x + 2
		}
		return 0
	}
	cx := float64(w.left) + (float64(x)+0.5)*w.across - 0.5
	cy := float64(w.top) + (float64(Height-1-y)+0.5)*w.down - 0.5
	sum, weights := 0.0, 0.0
	for j := int(cy) - 6; j <= int(cy)+6; j++ {
		for i := int(cx) - 6; i <= int(cx)+6; i++ {
			k := cubic((float64(i)-cx)/max(1, w.across)) * cubic((float64(j)-cy)/max(1, w.down))
			if k != 0 {
				sum += k * source(i, j)
				weights += k
			}
		}
	}
	return min(max(sum/weights, 0), 255)
}

// TestPicture: clipped, scaled, turned upside down and made grey as the maker's
// numbers say, to the level, on every machine alike.
func TestPicture(t *testing.T) {
	raw := pattern()
	for _, c := range []struct {
		name  string
		clip  [4]int
		bayer bool
		sum   uint32
	}{
		{"monochrome, shrunk", [4]int{300, 290, 160, 90}, false, 0x8642f4a7},
		{"monochrome, as it is", [4]int{256, 256, 100, 100}, false, 0x78409e22},
		{"monochrome, enlarged", [4]int{200, 170, 100, 100}, false, 0xa8f0f529},
		{"colour filters", [4]int{300, 290, 160, 90}, true, 0xf2948152},
		{"colour filters, from a corner", [4]int{310, 377, 5, 34}, true, 0x485e2a62},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := newWindow(c.clip[0], c.clip[1], c.clip[2], c.clip[3])
			if err != nil {
				t.Fatal(err)
			}
			source := func(x, y int) float64 { return float64(raw[y*sensorWidth+x]) }
			if c.bayer {
				source = func(x, y int) float64 { return math.Round(bilinear(raw, x, y)) }
			}
			p := newPicture(w, c.bayer)
			p.make(raw)
			for _, at := range [][2]int{{20, 30}, {20, 293}, {243, 30}, {243, 293}, {100, 100}, {101, 101}, {132, 162}, {200, 77}} {
				got, want := float64(p.out.GrayAt(at[0], at[1]).Y), filtered(source, w, at[0], at[1])
				if math.Abs(got-want) > 1 {
					t.Errorf("pixel %v is %v, want %.2f", at, got, want)
				}
			}
			if got := crc32.ChecksumIEEE(p.out.Pix); got != c.sum {
				t.Errorf("checksum of the frame %#08x, want %#08x", got, c.sum)
			}
			if n := testing.AllocsPerRun(3, func() { p.make(raw) }); n != 0 {
				t.Errorf("%v allocations for a frame, want none", n)
			}
		})
	}
}

// TestGrey: all of the sensor, to its rim: a pixel is the weighted mean of its
// colours, whatever they are.
func TestGrey(t *testing.T) {
	raw := pattern()
	line := make([]byte, sensorWidth)
	for y := range sensorHeight {
		grey(line, raw, y)
		for x, got := range line {
			if want := bilinear(raw, x, y); math.Abs(float64(got)-want) > 0.501 {
				t.Fatalf("pixel %d,%d is %d, want %.2f", x, y, got, want)
			}
		}
	}
	for colour, want := range map[string]byte{"red": 60, "green": 117, "blue": 23} {
		for i := range raw {
			x, y := i%sensorWidth, i/sensorWidth
			is := [2][2]string{{"green", "red"}, {"blue", "green"}}[y&1][x&1]
			raw[i] = 0
			if is == colour {
				raw[i] = 200
			}
		}
		for _, y := range []int{0, 1, 200, 287, 288, sensorHeight - 1} {
			grey(line, raw, y)
			if slices.Min(line) != want || slices.Max(line) != want {
				t.Errorf("line %d of a %s scene: %d to %d, want %d", y, colour, slices.Min(line), slices.Max(line), want)
			}
		}
	}
}

// FuzzROM: whatever stands in the EEPROM, the device is refused or its frames lie
// within the camera's picture.
func FuzzROM(f *testing.F) {
	rom := func(kind byte, clip ...uint16) []byte {
		b := make([]byte, romSize)
		copy(b, "FM220")
		for i, v := range clip {
			binary.BigEndian.PutUint16(b[atClip+2*i:], v)
		}
		b[atType] = kind
		return b
	}
	f.Add(rom(0, 300, 290, 160, 90))
	f.Add(rom(3, 620, 379, 639, 479))
	f.Add(rom(1, 128, 128, 0, 0))
	f.Add(rom(0, 0xffff, 0xffff, 0xffff, 0xffff))
	f.Add([]byte("FM220"))
	f.Add([]byte("FP160"))
	raw := pattern()
	f.Fuzz(func(t *testing.T, b []byte) {
		var rom [romSize]byte
		copy(rom[:], b)
		facts, err := parseROM(&rom)
		if err != nil {
			return
		}
		for _, c := range facts.setUp {
			if c[0] == commandReadROM || c[0] == 0x55 || len(c) != 3 {
				t.Errorf("the sensor is set up by % x", c)
			}
		}
		p := newPicture(facts.window, facts.bayer)
		if first, end := p.down.Reach(); first < 0 || end > sensorHeight {
			t.Errorf("lines %d to %d", first, end)
		}
		p.make(raw)
		if p.out.Pix[0] == 0 && slices.Max(p.out.Pix) == 0 {
			t.Error("a black frame of a grey picture")
		}
	})
}

// BenchmarkFrame is what the driver does to one picture, of which the device
// makes one in 150 ms.
func BenchmarkFrame(b *testing.B) {
	raw := fm220test.Ridges(1).Pix
	for name, bayer := range map[string]bool{"monochrome": false, "colour filters": true} {
		w, err := newWindow(300, 290, 160, 90)
		if err != nil {
			b.Fatal(err)
		}
		p := newPicture(w, bayer)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p.make(raw)
				device.ShowsRidges(p.out, minTiles)
			}
		})
	}
}
