package nfiq2_test

import (
	"errors"
	"image"
	"math"
	"testing"

	"optag/capture/finger/nfiq2"
	"optag/testdata/gen"
)

// print is the same finger on a glass of 20 × 25 mm each time.
func print(ppi int, c gen.Conditions) *image.Gray {
	size := image.Pt(400*ppi/500, 500*ppi/500)
	return finger.Impression(size, [2]int{ppi, ppi}, c, 1)
}

var finger = gen.Master(11, gen.RightIndex)

func inverse(img *image.Gray) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = 255 - v
	}
	return out
}

func even(w, h int, grey uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	return img
}

// What is no print at 500 or 1000 ppi is refused before it is measured.
func TestPrepareRefuses(t *testing.T) {
	good := print(500, gen.Conditions{})
	for _, c := range []struct {
		name       string
		img        image.Image
		ppiX, ppiY float64
		want       nfiq2.Reason
	}{
		{"a print at 500 ppi", good, 500, 500, ""},
		{"a scanner 1 % off", good, 505, 495, ""},
		{"a print at 1000 ppi", print(1000, gen.Conditions{}), 1000, 1000, ""},
		{"a print that fills the glass", good.SubImage(image.Rect(100, 100, 300, 400)), 500, 500, ""},
		{"a noisy print", print(500, gen.Conditions{Noise: 1}), 500, 500, ""},
		{"a wet print", print(500, gen.Conditions{Moisture: 1, Pressure: 1}), 500, 500, ""},
		{"more than 1 % off", good, 505.1, 500, nfiq2.WrongPPI},
		{"an office scanner", good, 300, 300, nfiq2.WrongPPI},
		{"500 by 1000 ppi", good, 500, 1000, nfiq2.WrongPPI},
		{"no resolution", good, 0, 0, nfiq2.WrongPPI},
		{"a resolution that is no number", good, math.NaN(), 500, nfiq2.WrongPPI},
		{"16-bit grey", image.NewGray16(image.Rect(0, 0, 400, 500)), 500, 500, nfiq2.WrongDepth},
		{"in colour", image.NewRGBA(image.Rect(0, 0, 400, 500)), 500, 500, nfiq2.WrongDepth},
		{"nothing", nil, 500, 500, nfiq2.WrongDepth},
		{"no pixels", image.NewGray(image.Rectangle{}), 500, 500, nfiq2.NoFinger},
		{"a single pixel", even(1, 1, 30), 500, 500, nfiq2.NoFinger},
		{"a single pixel at 1000 ppi", even(1, 1, 30), 1000, 1000, nfiq2.NoFinger},
		{"all white", even(400, 500, 255), 500, 500, nfiq2.NoFinger},
		{"all black", even(400, 500, 0), 500, 500, nfiq2.NoFinger},
		{"an inverted print", inverse(good), 500, 500, nfiq2.Inverted},
		{"an inverted noisy print", inverse(print(500, gen.Conditions{Noise: 0.6})), 500, 500, nfiq2.Inverted},
		{"an inverted print of half a pad", inverse(print(500, gen.Conditions{Coverage: 0.4})), 500, 500, nfiq2.Inverted},
		{"an inverted print at 1000 ppi", inverse(print(1000, gen.Conditions{})), 1000, 1000, nfiq2.Inverted},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p nfiq2.Preparer
			img, err := p.Prepare(c.img, c.ppiX, c.ppiY)
			if got := nfiq2.ReasonOf(err); got != c.want {
				t.Fatalf("reason %q (%v), want %q", got, err, c.want)
			}
			var r *nfiq2.Refusal
			if (err == nil) != (img != nil) || err != nil && !errors.As(err, &r) {
				t.Errorf("image %v with error %v", img != nil, err)
			}
		})
	}
}

// A print of 1000 ppi is measured as if it had been captured at 500 ppi.
func TestPrepareHalves(t *testing.T) {
	var p nfiq2.Preparer
	var fine, plain nfiq2.Meter
	img, err := p.Prepare(print(1000, gen.Conditions{}), 1000, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if img.Rect != image.Rect(0, 0, 400, 500) {
		t.Fatalf("the prepared print is %v, want 400 × 500", img.Rect)
	}
	got, _, err := fine.Measure(img)
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := plain.Measure(print(500, gen.Conditions{}))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range nfiq2.Names() {
		switch i {
		case nfiq2.FDA + 10, nfiq2.LCS + 10, nfiq2.OCL + 10, nfiq2.OF + 10, nfiq2.CoherenceRel, nfiq2.RVUP + 10:
			if math.Abs(got[i]-want[i]) > 0.06*want[i] {
				t.Errorf("%s is %.3f, at 500 ppi %.3f", name, got[i], want[i])
			}
		case nfiq2.Mu, nfiq2.MMB, nfiq2.ROIArea:
			if math.Abs(got[i]-want[i]) > 3 {
				t.Errorf("%s is %.1f, at 500 ppi %.1f", name, got[i], want[i])
			}
		}
	}
}

// The filter keeps what is even as it is, and passes ridges as they are, but
// nothing finer than the smaller image can show.
func TestHalvingFilter(t *testing.T) {
	for _, c := range []struct {
		name     string
		period   float64 // pixels at 1000 ppi
		low, top float64 // contrast left
	}{
		{"coarse ridges, 0.7 mm", 28, 0.98, 1.01},
		{"fine ridges, 0.3 mm", 12, 0.93, 1},
		{"pores", 6, 0.8, 0.9},
		{"what would alias", 3.2, 0, 0.1},
	} {
		img := image.NewGray(image.Rect(0, 0, 301, 64))
		for i := range img.Pix {
			img.Pix[i] = uint8(128.5 + 100*math.Sin(2*math.Pi*float64(i%301)/c.period))
		}
		img.Pix[0]++ // so that no row decides alone
		var p nfiq2.Preparer
		small, err := p.Prepare(img, 1000, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var sum, squares float64
		row := small.Pix[20*small.Stride+20:][:100]
		for _, v := range row {
			sum, squares = sum+float64(v), squares+float64(v)*float64(v)
		}
		left := math.Sqrt(2*(squares/100-sum*sum/1e4)) / 100
		if left < c.low || left > c.top {
			t.Errorf("%s: %.2f of the contrast is left, want %v to %v", c.name, left, c.low, c.top)
		}
	}
}

func TestPrepareNeedsNoMemory(t *testing.T) {
	img := print(1000, gen.Conditions{})
	var p nfiq2.Preparer
	prepare := func() {
		if _, err := p.Prepare(img, 1000, 1000); err != nil {
			t.Fatal(err)
		}
	}
	prepare()
	if n := testing.AllocsPerRun(3, prepare); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
	small, _ := p.Prepare(img, 1000, 1000)
	p.Wipe()
	for _, v := range small.Pix {
		if v != 0 {
			t.Fatal("pixels are left after wiping")
		}
	}
}
