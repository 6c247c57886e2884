package nfiq2

import (
	"bufio"
	"encoding/binary"
	"hash/fnv"
	"image"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A painting is an image made with whole numbers only, so that it has the same
// pixels everywhere and for ever. It is no finger, but has what one has: ridges
// of some nine pixels' period that bend, a ground of white, noise.
type painting struct {
	name          string
	width, height int
	grey          func(x, y int) int // is clamped to 0 to 255
}

func paintings() []painting {
	return []painting{
		{"whorl", 416, 560, func(x, y int) int { return pad(x, y, 416, 560, ridges(rootOf(x-200, y-260), 9, 90)) }},
		{"loop", 300, 400, func(x, y int) int {
			return pad(x, y, 300, 400, ridges(16*y+(x-150)*(x-150)/9, 10, 70)+grain(x, y)%40)
		}},
		{"arch in a wide frame", 500, 480, func(x, y int) int {
			bump := 60 * 1600 / (1600 + (x-260)*(x-260)/8)
			return pad(x-60, y-50, 380, 400, ridges(16*(y+bump), 8, 100))
		}},
		{"dry finger", 357, 392, func(x, y int) int {
			v := ridges(rootOf(x-180, y-150), 9, 80)
			if grain(x/2, y/2)%5 < 2 {
				v = 235
			}
			return pad(x, y, 357, 392, v)
		}},
		{"wet finger", 416, 560, func(x, y int) int {
			return pad(x, y, 416, 560, min(ridges(rootOf(x-230, y-300)+x*3, 11, 60), 120)+grain(x, y)%12)
		}},
		{"part of a finger", 250, 325, func(x, y int) int {
			return pad(x+90, y+100, 416, 560, ridges(16*x+8*y+y*y/24, 9, 90)+grain(x, y)%70)
		}},
		{"noise", 260, 300, func(x, y int) int { return grain(x, y) % 256 }},
		{"brickwork", 320, 288, func(x, y int) int { return (x/7+y/5)%2*140 + 40 }},
	}
}

func (p painting) image() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, p.width, p.height))
	for y := range p.height {
		for x := range p.width {
			img.Pix[y*img.Stride+x] = uint8(min(max(p.grey(x, y), 0), 255))
		}
	}
	return img
}

// ridges goes from dark to light and back with a period in pixels over a
// distance in sixteenths of a pixel.
func ridges(distance, period, contrast int) int {
	phase := (distance%(16*period) + 16*period) % (16 * period)
	return 120 + contrast*(abs(2*phase-16*period)*2-16*period)/(16*period)
}

// pad is v within an ellipse in an image of this size, and white outside.
func pad(x, y, width, height, v int) int {
	dx, dy := (2*x-width)*1000/width, (2*y-height)*1000/height
	switch r := dx*dx + dy*dy; {
	case r > 940_000:
		return 252 + grain(x, y)%4
	case r > 840_000:
		return v + (250-v)*(r-840_000)/100_000
	}
	return v
}

// rootOf is the length of (x, y) in sixteenths, rounded down.
func rootOf(x, y int) int {
	square := 256 * (x*x + y*y)
	low, high := 0, 1<<16
	for high-low > 1 {
		if mid := (low + high) / 2; mid*mid <= square {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// grain is a number without order at each place, 0 to 65535.
func grain(x, y int) int {
	h := uint32(x)*0x9E3779B1 ^ uint32(y)*0x85EBCA77
	h = (h ^ h>>15) * 0x2C1B3C6D
	h = (h ^ h>>12) * 0x297A2D39
	return int((h ^ h>>15) & 0xFFFF)
}

func abs(v int) int { return max(v, -v) }

// names are those of the measures and of the feedback, with the values got.
func named(m Measures, f Feedback) ([]string, []float64) {
	all := Names()
	names := append([]string{"UniformImage", "EmptyImageOrContrastTooLow", "SufficientFingerprintForeground"}, all[:]...)
	return names, append([]float64{f.UniformImage, f.Empty, f.FingerprintROI}, m[:]...)
}

// What NFIQ 2.3.0 said of the paintings stands in testdata/painted.txt, a line a
// measure, a column a painting. The four measures that rest on minutiae are not
// there.
func TestPaintingsLikeTheReference(t *testing.T) {
	want := table(t, "testdata/painted.txt")
	var m Meter
	for col, p := range paintings() {
		t.Run(p.name, func(t *testing.T) {
			measures, f, err := m.Measure(p.image())
			if err != nil {
				t.Fatal(err)
			}
			names, got := named(measures, f)
			for i, name := range names {
				if cells, ok := want[name]; ok {
					if g := strconv.FormatFloat(got[i], 'g', 10, 64); g != cells[col] {
						t.Errorf("%s is %s, want %s", name, g, cells[col])
					}
				} else if !math.IsNaN(got[i]) {
					t.Errorf("%s is %v, want NaN without minutiae", name, got[i])
				}
			}
		})
	}
	if len(want) != Count-4+3 {
		t.Errorf("the table has %d lines, want %d", len(want), Count-4+3)
	}
}

// The bits of all paintings' measures are the same on every processor: this sum
// was made on amd64.
func TestPaintingsHaveTheSameBitsEverywhere(t *testing.T) {
	h := fnv.New64a()
	var m Meter
	for _, p := range paintings() {
		measures, f, _ := m.Measure(p.image())
		_, values := named(measures, f)
		for _, v := range values {
			if !math.IsNaN(v) {
				h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
			}
		}
	}
	if got, want := h.Sum64(), uint64(0x4ee6c5e223697f0b); got != want {
		t.Errorf("checksum %#x, want %#x", got, want)
	}
}

// table reads lines of a name and values, separated by blanks. Lines that begin
// with # are remarks.
func table(t *testing.T, path string) map[string][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := map[string][]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if cells := strings.Fields(s.Text()); len(cells) > 0 && cells[0] != "#" {
			rows[cells[0]] = cells[1:]
		}
	}
	return rows
}
