package nfiq2_test

import (
	"fmt"
	"image"
	"slices"
	"testing"

	"optag/capture/finger/minutiae"
	"optag/capture/finger/nfiq2"
	"optag/testdata/gen"
)

// judge is what a station does with an image: prepare, measure, say why.
func judge(img *image.Gray) []nfiq2.Reason {
	var p nfiq2.Preparer
	var e minutiae.Extractor
	var found minutiae.Template
	meter := nfiq2.Meter{Minutiae: func(img *image.Gray) (at []image.Point) {
		e.Extract(&found, img)
		for _, m := range found.Minutiae {
			at = append(at, image.Pt(int(m.X), int(m.Y)))
		}
		return at
	}}
	ready, err := p.Prepare(img, 500, 500)
	if err != nil {
		return []nfiq2.Reason{nfiq2.ReasonOf(err)}
	}
	m, f, err := meter.Measure(ready)
	if r := nfiq2.ReasonOf(err); err != nil && r != nfiq2.SmallArea {
		return []nfiq2.Reason{r}
	}
	return nfiq2.Reasons(nil, &m, f, meter.Region())
}

func TestReasons(t *testing.T) {
	only := func(r ...nfiq2.Reason) []nfiq2.Reason { return r }
	for _, c := range []struct {
		name       string
		conditions gen.Conditions
		want       []nfiq2.Reason
	}{
		{"a good print", gen.Conditions{}, nil},
		{"a little dry", gen.Conditions{Moisture: -0.4}, nil},
		{"a little wet", gen.Conditions{Moisture: 0.4}, nil},
		{"a light touch", gen.Conditions{Pressure: -0.4}, nil},
		{"turned", gen.Conditions{Rotation: 20}, nil},
		{"off by two millimetres", gen.Conditions{ShiftX: 2}, nil},
		{"a noisy sensor", gen.Conditions{Noise: 0.3}, nil},
		{"a dry finger", gen.Conditions{Moisture: -0.8}, only(nfiq2.TooDry)},
		{"a wet finger", gen.Conditions{Moisture: 1}, only(nfiq2.TooWet)},
		{"pressed too hard", gen.Conditions{Pressure: 1}, only(nfiq2.TooWet)},
		{"the very tip", gen.Conditions{Coverage: 0.3}, only(nfiq2.SmallArea)},
		{"over the right edge of the glass", gen.Conditions{ShiftX: 5}, only(nfiq2.OffCentre)},
		{"over the left edge of the glass", gen.Conditions{ShiftX: -5}, only(nfiq2.OffCentre)},
		{"over the lower edge of the glass", gen.Conditions{ShiftY: 6}, only(nfiq2.OffCentre)},
		{"slid while it was taken", gen.Conditions{Motion: 0.6}, only(nfiq2.Smeared)},
		{"slid by a millimetre", gen.Conditions{Motion: 1}, only(nfiq2.Smeared)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := judge(print(500, c.conditions)); !slices.Equal(got, c.want) {
				t.Errorf("reasons %v, want %v", got, c.want)
			}
		})
	}
}

// grain is noise that depends on the place only.
func grain(x, y int) int {
	h := uint32(x)*0x9E3779B1 ^ uint32(y)*0x85EBCA77
	h = (h ^ h>>15) * 0x2C1B3C6D
	return int(h>>16) & 0xff
}

func painted(grey func(x, y int) int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 400, 500))
	for i := range img.Pix {
		img.Pix[i] = uint8(grey(i%400, i/400))
	}
	return img
}

// soft is grain, made coarser to patches of the given size.
func soft(x, y, size int) int {
	a, b := x/size, y/size
	fx, fy := x%size, y%size
	top := grain(a, b)*(size-fx) + grain(a+1, b)*fx
	low := grain(a, b+1)*(size-fx) + grain(a+1, b+1)*fx
	return (top*(size-fy) + low*fy) / (size * size)
}

// letters are dark strokes of 2 pixels, upright and across, in lines of text.
func letters(x, y int) int {
	if y%20 > 11 || x%9 > 6 {
		return 230
	}
	h := grain(x/9, y/20)
	if x%9/2 == h%4 || y%20/2 == h/4%6 {
		return 30
	}
	return 230
}

func static() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 400, 500))
	gen.DrawStatic(img, 1)
	return img
}

// Skin that is too dry or too wet, or hardly touches, is a print in need of
// help: whoever wiped the glass for it would be none the wiser.
func TestReasonsForPoorPrints(t *testing.T) {
	for _, c := range []struct {
		name     string
		moisture float64
		coverage float64
		want     nfiq2.Reason // among others
	}{
		{"very dry", -1, 0, nfiq2.TooDry},
		{"dry, the tip only", -0.8, 0.3, nfiq2.SmallArea},
		{"neither dry nor wet, the tip only", 0, 0.3, nfiq2.SmallArea},
		{"dripping wet", 1, 0, nfiq2.TooWet},
		{"wet, the tip only", 0.8, 0.3, nfiq2.SmallArea},
	} {
		for _, how := range []struct {
			name     string
			pressure float64
		}{{"hardly touching", -0.8}, {"touching lightly", -0.5}, {"laid down", 0}, {"pressed", 0.5}} {
			t.Run(c.name+", "+how.name, func(t *testing.T) {
				got := judge(print(500, gen.Conditions{Moisture: c.moisture, Coverage: c.coverage, Pressure: how.pressure}))
				balanced := c.moisture > 0 && how.pressure < 0 && c.coverage == 0 // a light touch makes up for the wet
				if slices.Contains(got, nfiq2.NotAPrint) || !balanced && !slices.Contains(got, c.want) {
					t.Errorf("reasons %v, want %v among them", got, c.want)
				}
			})
		}
	}
}

// What is no print gets one reason that says so.
func TestReasonsForOtherThings(t *testing.T) {
	face := gen.NewFace(1).Portrait(image.Pt(400, 500), gen.Pose{}, 1)
	for _, c := range []struct {
		name string
		img  *image.Gray
		want nfiq2.Reason
	}{
		{"an empty glass", print(500, gen.Conditions{ShiftX: 100}), nfiq2.NoFinger},
		{"a uniform image", even(400, 500, 128), nfiq2.NoFinger},
		{"a passport photograph", painted(func(x, y int) int { return int(face.Pix[face.PixOffset(x, y)+1]) }), nfiq2.NotAPrint},
		{"noise", painted(grain), nfiq2.NotAPrint},
		{"a cloth", painted(func(x, y int) int { return 40 + soft(x, y, 7)/2 }), nfiq2.NotAPrint},
		{"clouds", painted(func(x, y int) int { return soft(x, y, 60) }), nfiq2.NotAPrint},
		{"a chessboard", painted(func(x, y int) int { return 30 + (x/40+y/40)%2*200 }), nfiq2.NotAPrint},
		{"a barcode", painted(func(x, _ int) int { return 30 + grain(x/5, 3)%2*200 }), nfiq2.NotAPrint},
		{"a fine cloth", painted(func(x, y int) int { return 40 + soft(x, y, 3)/2 }), nfiq2.NotAPrint},
		{"a coarse cloth", painted(func(x, y int) int { return 40 + soft(x, y, 12)/2 }), nfiq2.NotAPrint},
		{"corduroy", painted(func(x, y int) int { return 60 + (2*x+y)/3%9*14 + grain(x, y)%30 }), nfiq2.NotAPrint},
		{"a barcode laid askew", painted(func(x, y int) int { return 30 + grain((x+y)/6, 5)%2*200 }), nfiq2.NotAPrint},
		{"ruled paper", painted(func(x, y int) int { return 225 - (2*y+x)/2%11/9*130 }), nfiq2.NotAPrint},
		{"print on paper", painted(letters), nfiq2.NotAPrint},
		{"hair", painted(func(x, y int) int { return 60 + soft(2*x+y, (y-x+500)/8, 7)/2 }), nfiq2.NotAPrint},
		{"a streak of grease", painted(func(x, y int) int { return 110 + (soft(x, y/30, 4)-128)/2 }), nfiq2.NotAPrint},
		{"a broken sensor", static(), nfiq2.NotAPrint},
		{"a glass in bad light", gen.Blank(image.Pt(400, 500), 1, 4), nfiq2.NotAPrint},
		{"specks of dirt", painted(func(x, y int) int { return 236 - max(0, grain(x/5, y/5)-235)*7 }), nfiq2.NotAPrint},
		{"a rubber on the glass", painted(func(x, y int) int {
			if x < 100 || x > 300 || y < 80 || y > 420 {
				return 236
			}
			return 90 + grain(x, y)%8
		}), nfiq2.NotAPrint},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := judge(c.img); !slices.Equal(got, []nfiq2.Reason{c.want}) {
				t.Errorf("reasons %v, want %v only", got, c.want)
			}
		})
	}
}

func TestReasonOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want nfiq2.Reason
	}{
		{nil, ""},
		{nfiq2.ErrBlank, nfiq2.NoFinger},
		{nfiq2.ErrSmall, nfiq2.SmallArea},
		{nfiq2.ErrLarge, nfiq2.TooLarge},
		{nfiq2.ErrTooLittle, nfiq2.SmallArea},
		{fmt.Errorf("judging a print: %w", nfiq2.ErrDepth), nfiq2.WrongDepth},
		{fmt.Errorf("something else"), ""},
	} {
		if got := nfiq2.ReasonOf(c.err); got != c.want {
			t.Errorf("reason for %v is %q, want %q", c.err, got, c.want)
		}
	}
}

// Whatever bytes an image holds, it is judged without a fault, and twice the
// same.
func FuzzJudge(f *testing.F) {
	f.Add(uint8(40), uint8(50), []byte{1, 2, 3})
	f.Add(uint8(200), uint8(180), []byte{0, 255})
	f.Add(uint8(1), uint8(1), []byte{7})
	f.Add(uint8(255), uint8(3), []byte("ridges and valleys"))
	f.Fuzz(func(t *testing.T, w, h uint8, pixels []byte) {
		img := image.NewGray(image.Rect(0, 0, int(w), int(h)))
		for i := range img.Pix {
			if len(pixels) > 0 {
				img.Pix[i] = pixels[i*7%len(pixels)] ^ uint8(i/int(w)*int(w)/64)
			}
		}
		if a, b := judge(img), judge(img); !slices.Equal(a, b) {
			t.Errorf("reasons %v, then %v", a, b)
		}
	})
}
