package slap_test

import (
	"image"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/capture/finger/slap"
	"optag/testdata/gen"
)

// person's fingers are grown once for all tests.
var person = sync.OnceValue(func() *gen.Hands { return gen.Person(3).Hands() })

// run judges trials from the n-th on.
func run(hands []*gen.Hands, from, n int) *tally {
	var y tally
	var s slap.Segmenter
	for i := from; i < from+n; i++ {
		t := draw(i)
		img, truth := hands[i%len(hands)].Slap(t.size, t.fingers, t.laid, uint64(i))
		start := time.Now()
		r := s.Segment(img, t.expected)
		y.spent += time.Since(start)
		y.add(i, &t, truth, &r)
	}
	return &y
}

// A few of the slaps of TestTwoThousandSlaps, every kind of mishap among them.
func TestFortySlaps(t *testing.T) {
	y := run([]*gen.Hands{person()}, 0, 40)
	if y.wholeGood < y.whole-1 || y.good < y.fingers-2 || y.named != y.fingers || y.handWrong > 0 {
		t.Errorf("%v%s", y, strings.Join(y.bad, "\n"))
	}
}

// The evaluation whose figures the documentation quotes.
func TestTwoThousandSlaps(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("two thousand slaps take minutes: set OPTAG_SOAK=1")
	}
	var hands []*gen.Hands
	for p := range 6 {
		hands = append(hands, gen.Person(100+p).Hands())
	}
	const n = 2000
	y := run(hands, 10_000, n)
	t.Logf("\n%v%s", y, strings.Join(y.bad, "\n"))
	if y.wholeGood*1000 < y.whole*995 || y.good*100 < y.fingers*99 {
		t.Errorf("of %d fingers wholly on the glass %d with IoU over 0.8, want 99.5 %%; of all %d %d, want 99 %%",
			y.whole, y.wholeGood, y.fingers, y.good)
	}
	if wrong := y.fingers - y.named; wrong*500 > y.fingers || y.handWrong*1000 > n {
		t.Errorf("%d of %d fingers named wrongly and %d hands wrong, want less than 0.2 %% and 0.1 %%", wrong, y.fingers, y.handWrong)
	}
}

// What the station does with a slap follows from its faults.
func TestFaults(t *testing.T) {
	right, left := four(gen.RightThumb), four(gen.LeftThumb)
	for _, x := range []struct {
		name     string
		fingers  []gen.Position
		expected slap.Set
		laid     gen.Laid
		size     image.Point
		want     []slap.Fault
		hand     slap.Hand
	}{
		{name: "a good right slap", fingers: right, expected: slap.RightFour, hand: slap.Right},
		{name: "a good left slap", fingers: left, expected: slap.LeftFour, hand: slap.Left},
		{name: "turned 44°", fingers: right, expected: slap.RightFour, laid: gen.Laid{Rotation: 44, Size: 0.85}, hand: slap.Right},
		{name: "turned 60°", fingers: right, expected: slap.RightFour, laid: gen.Laid{Rotation: 60, Size: 0.85},
			want: []slap.Fault{{Cause: slap.TurnedTooFar}}, hand: slap.Right},
		{name: "the left hand instead of the right", fingers: left, expected: slap.RightFour,
			want: []slap.Fault{{Cause: slap.WrongHand}}, hand: slap.Left},
		{name: "the ring finger lifted", fingers: without(right, 2), expected: slap.RightFour,
			want: []slap.Fault{{slap.MissingFinger, slap.RightRing}}, hand: slap.Right},
		{name: "the middle finger marked missing", fingers: without(left, 1), expected: slap.LeftFour.Without(slap.LeftMiddle), hand: slap.Left},
		{name: "two fingers marked missing", fingers: right[:2], expected: slap.Of(slap.RightIndex, slap.RightMiddle)},
		{name: "only the little finger left", fingers: right[3:], expected: slap.Of(slap.RightLittle)},
		{name: "the thumb laid down as well", fingers: append([]gen.Position{gen.RightThumb}, right...), expected: slap.RightFour,
			laid: gen.Laid{Size: 0.7}, want: []slap.Fault{{Cause: slap.ExtraFinger}}, hand: slap.Right},
		{name: "middle and ring finger touch", fingers: right, expected: slap.RightFour, laid: gen.Laid{Joined: true, Spread: -1.5},
			want: []slap.Fault{{slap.JoinedFingers, slap.RightMiddle}, {slap.JoinedFingers, slap.RightRing}}, hand: slap.Right},
		{name: "the middle finger over the upper rim", fingers: right, expected: slap.RightFour, size: wide, laid: gen.Laid{ShiftY: -5},
			want: []slap.Fault{{slap.CutOff, slap.RightMiddle}}, hand: slap.Right},
		{name: "thumbs", fingers: []gen.Position{gen.LeftThumb, gen.RightThumb}, expected: slap.Thumbs},
		{name: "one thumb of two", fingers: []gen.Position{gen.LeftThumb}, expected: slap.Thumbs, laid: gen.Laid{ShiftX: -18},
			want: []slap.Fault{{slap.MissingFinger, slap.RightThumb}}},
		{name: "index fingers", fingers: []gen.Position{gen.LeftIndex, gen.RightIndex}, expected: slap.Indexes},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.laid.Lower, x.laid.Build = 1, 1; x.size == (image.Point{}) {
				x.size = tall
			}
			img, _ := person().Slap(x.size, x.fingers, x.laid, 5)
			var s slap.Segmenter
			r := s.Segment(img, x.expected)
			if !slices.Equal(r.Faults, x.want) {
				t.Errorf("faults %v, want %v", r.Faults, x.want)
			}
			if r.Hand != x.hand {
				t.Errorf("hand %v, want %v", r.Hand, x.hand)
			}
			if len(r.Segments) != len(x.fingers) {
				t.Errorf("%d fingers, want %d", len(r.Segments), len(x.fingers))
			}
		})
	}
}

// Anything else than a slap has an answer too.
func TestOtherImages(t *testing.T) {
	static := image.NewGray(image.Rectangle{Max: wide})
	gen.DrawStatic(static, 1)
	black := image.NewGray(image.Rectangle{Max: wide})
	palm := image.NewGray(image.Rectangle{Max: wide})
	skin := gen.MasterOf(1, gen.RightThumb, gen.Whorl)
	for y := 0; y < wide.Y; y += 200 {
		for x := 0; x < wide.X; x += 150 {
			tile := image.NewGray(image.Rect(0, 0, 150, 200))
			skin.Draw(tile, [2]int{500, 500}, gen.Conditions{}, 1)
			for j := range min(200, wide.Y-y) {
				copy(palm.Pix[(y+j)*palm.Stride+x:(y+j)*palm.Stride+min(x+150, wide.X)], tile.Pix[j*tile.Stride:])
			}
		}
	}
	for _, x := range []struct {
		name string
		img  *image.Gray
		want slap.Cause
	}{
		{"the empty glass", gen.Blank(wide, 0.3, 1), slap.NoFinger},
		{"one pixel", image.NewGray(image.Rect(0, 0, 1, 1)), slap.NoFinger},
		{"no pixel", image.NewGray(image.Rectangle{}), slap.NoFinger},
		{"noise", static, slap.NoFinger},
		{"black", black, slap.NoFinger},
		{"a palm over the whole glass", palm, slap.NotASlap},
		{"a portrait", portrait(), slap.NoFinger},
	} {
		t.Run(x.name, func(t *testing.T) {
			var s slap.Segmenter
			r := s.Segment(x.img, slap.RightFour)
			if len(r.Faults) != 1 || r.Faults[0].Cause != x.want || len(r.Segments) != 0 {
				t.Errorf("faults %v and %d fingers, want %v and none", r.Faults, len(r.Segments), x.want)
			}
		})
	}
}

func portrait() *image.Gray {
	face := gen.Person(2).Portrait().Portrait(image.Pt(1000, 1200), gen.Pose{}, 1)
	img := image.NewGray(face.Rect)
	for i := range img.Pix {
		p := face.Pix[4*i : 4*i+3]
		img.Pix[i] = uint8((int(p[0]) + int(p[1]) + int(p[2])) / 3)
	}
	return img
}

func TestSegmentingAllocatesNothingOnceWarm(t *testing.T) {
	img, _ := person().Slap(wide, four(gen.RightThumb), gen.Laid{Lower: 1}, 1)
	var s slap.Segmenter
	dst := image.NewGray(image.Rect(0, 0, 400, 500))
	if n := testing.AllocsPerRun(5, func() {
		r := s.Segment(img, slap.RightFour)
		slap.CropInto(dst, img, r.Segments[0].Box)
	}); n > 0 {
		t.Errorf("%v allocations per slap, want none", n)
	}
}

// Nothing of one image shows in the answer to another.
func TestAWipedSegmenterAnswersTheSame(t *testing.T) {
	img, _ := person().Slap(wide, four(gen.LeftThumb), gen.Laid{Rotation: 10}, 1)
	var s slap.Segmenter
	first := s.Segment(img, slap.LeftFour)
	boxes := slices.Clone(first.Segments)
	s.Segment(portrait(), slap.RightFour)
	s.Wipe()
	if again := s.Segment(img, slap.LeftFour); !slices.Equal(again.Segments, boxes) || again.Angle != first.Angle {
		t.Errorf("segments %v, want %v", again.Segments, boxes)
	}
}

func TestSets(t *testing.T) {
	for _, x := range []struct {
		set      slap.Set
		n, fgp   int
		mirrored slap.Set
	}{
		{slap.RightFour, 4, 13, slap.LeftFour},
		{slap.LeftFour, 4, 14, slap.RightFour},
		{slap.Thumbs, 2, 15, slap.Thumbs},
		{slap.Indexes, 2, 46, slap.Indexes},
		{slap.Of(slap.LeftRing), 1, 9, slap.Of(slap.RightRing)},
		{slap.LeftFour.Without(slap.LeftRing), 3, 0, slap.RightFour.Without(slap.RightRing)},
		{slap.Of(0, 11, -1), 0, 0, 0},
	} {
		if x.set.Len() != x.n || x.set.FGP() != x.fgp || x.set.Mirrored() != x.mirrored {
			t.Errorf("set %b: %d fingers, code %d, mirrored %b, want %d, %d, %b",
				x.set, x.set.Len(), x.set.FGP(), x.set.Mirrored(), x.n, x.fgp, x.mirrored)
		}
	}
}

// ripples draws ellipses of stripes, something like fingers, at no cost.
func ripples(size image.Point, fingers int) *image.Gray {
	img := image.NewGray(image.Rectangle{Max: size})
	for i := range img.Pix {
		img.Pix[i] = 240
	}
	for k := range fingers {
		cx, cy := size.X*(2*k+1)/(2*fingers), size.Y/2+k%2*20
		rx, ry := size.X*9/(20*fingers), size.Y/3
		for y := cy - ry; y < cy+ry; y++ {
			for x := cx - rx; x < cx+rx; x++ {
				u, v := float64(x-cx)/float64(rx), float64(y-cy)/float64(ry)
				if image.Pt(x, y).In(img.Rect) && u*u+v*v < 1 && (y+x/4)/4%2 == 0 {
					img.Pix[y*img.Stride+x] = 40
				}
			}
		}
	}
	return img
}

func FuzzSegment(f *testing.F) {
	f.Add(ripples(image.Pt(200, 240), 1).Pix, 200, uint16(1<<slap.RightIndex), 0.0)
	f.Add(ripples(image.Pt(560, 240), 4).Pix, 560, uint16(slap.RightFour), 3.0)
	f.Add([]byte{1, 2, 3}, 1, uint16(0xffff), 1.0)
	f.Add(slices.Repeat([]byte{0, 0, 0, 0, 255, 255, 255, 255}, 4000), 257, uint16(slap.Thumbs), 77.0)
	var s slap.Segmenter
	f.Fuzz(func(t *testing.T, pix []byte, w int, expected uint16, turn float64) {
		if w <= 0 || w > 1000 || len(pix) > 1<<18 {
			return
		}
		img := &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, len(pix)/w)}
		r := s.Segment(img, slap.Set(expected))
		for _, g := range r.Segments {
			if !g.Box.Bounds(img.Rect.Size()).In(image.Rect(0, 0, w+1, img.Rect.Dy()+1)) {
				t.Errorf("box %+v has bounds outside the image", g.Box)
			}
			slap.Crop(img, g.Box, image.Pt(50, 60))
		}
		slap.Crop(img, slap.Box{X: turn, Y: -turn, Width: turn, Height: 20, Angle: turn}, image.Pt(30, 0))
	})
}
