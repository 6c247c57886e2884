package nfiq2

import (
	"fmt"
	"image"
	"math"
	"slices"
	"testing"
)

// grained is an image of noise whose coarseness grows to the right.
func grained(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Pix[y*w+x] = uint8(grain(x/(1+x/50), y/(1+x/50)))
		}
	}
	return img
}

// Sizes at which rows end within a word, are shorter than a filter, or are odd.
func sizes() []image.Point {
	return []image.Point{{1, 1}, {2, 3}, {5, 1}, {1, 7}, {7, 44}, {45, 46}, {46, 45}, {90, 33}, {91, 92}, {131, 150}}
}

// A blur by what its weights change by is a blur by its weights.
func TestBlur(t *testing.T) {
	for name, s := range map[string]*slope{"narrow": &narrow, "broad": &broad} {
		sum := -int(s.taps[0])
		for _, weight := range s.taps {
			sum += 2 * int(weight)
		}
		if sum != 256 {
			t.Errorf("%s: weights sum to %d, want 256", name, sum)
		}
		for _, size := range sizes() {
			img := grained(size.X, size.Y)
			var l lanes
			var b blur
			l.load(img)
			got := make([]uint8, size.X*size.Y)
			b.apply(got, &l, s)
			if want := weighed(img, s.taps); !slices.Equal(got, want) {
				t.Errorf("%s at %v differs from the sum of weighed pixels", name, size)
			}
		}
	}
}

// weighed filters an image with each weight, down and then across.
func weighed(img *image.Gray, taps []uint8) []uint8 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	sum := func(at func(k int) int) int {
		v := int(taps[0]) * at(0)
		for k := 1; k < len(taps); k++ {
			v += int(taps[k]) * (at(k) + at(-k))
		}
		return v
	}
	down, out := make([]int, w*h), make([]uint8, w*h)
	for i := range down {
		down[i] = sum(func(k int) int { return int(img.Pix[bounce(i/w+k, h)*w+i%w]) })
	}
	for i := range out {
		out[i] = uint8((sum(func(k int) int { return down[i/w*w+bounce(i%w+k, w)] }) + 1<<15) >> 16)
	}
	return out
}

// Beyond its border an image is mirrored about the last pixel, over and over.
func TestBounce(t *testing.T) {
	var got []int
	for at := -6; at < 9; at++ {
		got = append(got, bounce(at, 4))
	}
	if want := []int{0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("places %v, want %v", got, want)
	}
	if bounce(-5, 1) != 0 || bounce(7, 1) != 0 {
		t.Error("an image of one pixel has only that")
	}
}

func TestErode(t *testing.T) {
	for _, size := range sizes() {
		img := grained(size.X, size.Y)
		var l lanes
		l.load(img)
		l.erode()
		for y := range size.Y {
			for x := range size.X {
				want := uint8(255)
				for j := max(y-2, 0); j <= min(y+2, size.Y-1); j++ {
					for i := max(x-2, 0); i <= min(x+2, size.X-1); i++ {
						want = min(want, img.Pix[j*img.Stride+i])
					}
				}
				if got := uint8(l.row(y)[x/4] >> (16 * (x % 4))); got != want {
					t.Fatalf("size %v: (%d, %d) is %d, want %d", size, x, y, got, want)
				}
			}
		}
	}
}

func TestOtsu(t *testing.T) {
	for _, c := range []struct {
		name  string
		count map[int]int
		want  int
	}{
		{"black and white", map[int]int{0: 500, 255: 300}, 0},
		{"two greys", map[int]int{60: 100, 200: 1000}, 60},
		{"ridges, valleys and something between", map[int]int{50: 400, 60: 400, 120: 10, 180: 400, 190: 400}, 60},
		{"one grey level", map[int]int{77: 1000}, 0},
		{"nothing", nil, 0},
	} {
		var count [256]int
		n := 0
		for v, k := range c.count {
			count[v] = k
			n += k
		}
		if got := otsu(&count, max(n, 1)); got != c.want {
			t.Errorf("%s: threshold %d, want %d", c.name, got, c.want)
		}
	}
}

// drawn is a picture in two colours from rows of # (black) and . (white).
func drawn(rows ...string) (pix []uint8, w, h int) {
	for _, row := range rows {
		for _, c := range row {
			pix = append(pix, map[rune]uint8{'#': 0, '.': 255}[c])
		}
	}
	return pix, len(rows[0]), len(rows)
}

func TestHolesAndPieces(t *testing.T) {
	for _, c := range []struct {
		name      string
		rows, out []string
	}{
		{"a hole is filled", []string{".....", ".###.", ".#.#.", ".###.", "....."}, []string{".....", ".###.", ".###.", ".###.", "....."}},
		{"a hole closed by a corner only", []string{"......", "..##..", ".#..#.", "..##.."}, []string{"......", "..##..", ".####.", "..##.."}},
		{"a bay at the border is none", []string{"###", "#.#", "#.#"}, []string{"###", "#.#", "#.#"}},
		{"an island in a hole", []string{"#####.", "#...#.", "#.#.#.", "#...#.", "#####."}, []string{"#####.", "#####.", "#####.", "#####.", "#####."}},
		{"the piece with the largest rectangle stays", []string{"##....#", "##....#", "......#", ".....##"}, []string{"......#", "......#", "......#", ".....##"}},
		{"of two alike the upper one", []string{".##.", "....", ".##."}, []string{".##.", "....", "...."}},
		{"pieces that touch at a corner are two", []string{"##..", "##..", "..##", "..##", "..##"}, []string{"....", "....", "..##", "..##", "..##"}},
		{"two arms that join below", []string{"#..#.#", "####.#"}, []string{"#..#..", "####.."}},
		{"nothing", []string{"...", "..."}, []string{"...", "..."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r roi
			var w, h int
			r.pix, w, h = drawn(c.rows...)
			r.fillHoles(w, h)
			r.takeLargest(w, h)
			got := make([]uint8, w*h)
			for i := range got {
				got[i] = 255
			}
			for _, s := range r.spans {
				clear(got[s.y*w+s.x0 : s.y*w+s.x1])
			}
			if want, _, _ := drawn(c.out...); !slices.Equal(got, want) {
				t.Errorf("region\n%v, want\n%v", got, want)
			}
		})
	}
}

// At the border blocks count that hold nothing of the region, where 255 n times
// the reciprocal of n falls short of 255.
func TestBlocksOfTheRegion(t *testing.T) {
	var r roi
	r.spans = []span{{x0: 31, x1: 33, y: 5}}
	r.choose(3*side, 32)
	if want := []bool{true, true, false}; !slices.Equal(r.blocks, want) || r.taken != 2 {
		t.Errorf("blocks %v, %d taken; want %v", r.blocks, r.taken, want)
	}
	r.spans = nil
	r.choose(7, 7)
	if r.taken != 1 {
		t.Error("a white block of 7 × 7 is left out")
	}
}

func TestCoherence(t *testing.T) {
	for _, c := range []struct {
		name string
		grey func(x, y int) int
		want float64
	}{
		{"ridges across", func(x, _ int) int { return x % 9 * 20 }, 1},
		{"ridges down", func(_, y int) int { return y % 7 * 30 }, 1},
		{"a slope", func(x, y int) int { return 2*x + 3*y }, 1},
		{"one grey level", func(_, _ int) int { return 90 }, 0},
		{"a round bump", func(x, y int) int { return ((2*x-31)*(2*x-31) + (2*y-31)*(2*y-31)) / 8 }, 0},
	} {
		img := image.NewGray(image.Rect(0, 0, side, side))
		for i := range img.Pix {
			img.Pix[i] = uint8(c.grey(i%side, i/side))
		}
		r := roi{blocks: []bool{true}, taken: 1}
		if sum, rel := r.coherence(img); math.Abs(sum-c.want) > 1e-12 || rel != sum {
			t.Errorf("%s: coherence %v, mean %v; want %v", c.name, sum, rel, c.want)
		}
	}
	if sum, rel := new(roi).coherence(image.NewGray(image.Rectangle{})); sum != 0 || rel != 0 {
		t.Errorf("without blocks: %v, %v; want 0", sum, rel)
	}
}

// After the first frame the region of interest needs no memory, and nothing of a
// frame is left after wiping.
func TestRegionKeepsItsBuffers(t *testing.T) {
	img := paintings()[0].image()
	var r roi
	r.measure(img)
	if n := testing.AllocsPerRun(3, func() { r.measure(img); r.coherence(img) }); n > 0 {
		t.Errorf("%v allocations a frame, want none", n)
	}
	r.wipe()
	if slices.Max(r.lanes.rows) != 0 || slices.Max(r.lanes.spare) != 0 || slices.Max(r.pix) != 0 || slices.Max(r.blur.line) != 0 {
		t.Error("pixels are left after wiping")
	}
	if r.found != (Region{}) || r.pixels != 0 || r.mean != 0 {
		t.Error("what was found is left after wiping")
	}
}

// blot is dark shapes on white, for what a print never shows: holes, islands and
// pieces of all sizes.
func blot(w, h, seed int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := 230 + grain(x, y)%26
			for k := range 14 {
				g := grain(seed, 31*k)
				dx, dy, radius := x-g%w, y-g/7%h, 6+g%61
				switch d := dx*dx + dy*dy; {
				case d >= radius*radius:
				case k%3 == 0 && d < radius*radius/3:
					v = 240
				default:
					v = 20 + 9*k + (x+y)%(3+k)*5
				}
			}
			img.Pix[y*w+x] = uint8(v)
		}
	}
	return img
}

// What NFIQ 2.3.0 says of blots: pixels of the region, its mean, the mean
// coherence, MMB, Mu and the standard deviation.
func TestBlotsLikeTheReference(t *testing.T) {
	for _, c := range []struct {
		w, h, seed int
		want       string
	}{
		{416, 560, 1, "28835 125.2378706 0.5931487115 205.1847832 204.11966 65.67965759"},
		{301, 257, 2, "47777 130.4737426 0.6213648622 177.2165715 172.313068 79.27010667"},
		{130, 400, 3, "13477 154.2520591 0.5284955056 190.6905349 185.6756346 69.88509194"},
		{77, 91, 4, "5409 164.7851729 0.7521791651 179.2176414 178.6584844 36.58880112"},
		{250, 31, 5, "3674 160.2188351 0.6820571604 194.1623759 193.8966452 44.68117048"},
		{33, 33, 6, "683 173.3396779 0.975 165.125 174.4655647 23.06625899"},
		{500, 333, 7, "44898 132.4845873 0.5606097786 202.0198515 200.7945886 70.00200528"},
		{199, 640, 8, "34415 118.9580997 0.6447688418 188.1575056 189.0547268 77.69424982"},
	} {
		img := blot(c.w, c.h, c.seed)
		var r roi
		var k contrast
		r.measure(img)
		k.measure(img)
		_, rel := r.coherence(img)
		got := fmt.Sprintf("%d %.10g %.10g %.10g %.10g %.10g", r.pixels, r.mean, rel, k.ofBlocks, k.mean, k.deviation)
		if got != c.want {
			t.Errorf("blot %d of %d × %d:\n%s, want\n%s", c.seed, c.w, c.h, got, c.want)
		}
	}
}
