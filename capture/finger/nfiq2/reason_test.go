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
