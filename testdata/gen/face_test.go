package gen_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"

	"optag/testdata/gen"
)

var still = image.Pt(1244, 1600)

func grey(img image.Image, x, y int) float64 {
	return float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
}

// The pupils are where they are said to be: dark, in the white of an eye.
func TestEyesAreWhereTheTruthSays(t *testing.T) {
	for _, c := range []struct {
		name string
		pose gen.Pose
		eyes int
	}{
		{"upright", gen.Pose{}, 1},
		{"tilted", gen.Pose{Roll: 12}, 1},
		{"turned", gen.Pose{Yaw: -20}, 1},
		{"to the side and down", gen.Pose{OffsetX: 0.15, OffsetY: 0.08}, 1},
		{"far", gen.Pose{Distance: 2.5}, 1},
		{"with two others behind", gen.Pose{Distance: 1.6, Others: 2}, 3},
		{"in a room", gen.Pose{Background: gen.Cluttered}, 1},
		{"nobody", gen.Pose{Absent: true, Others: 2}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(4) {
				f := gen.NewFace(seed)
				img := f.Portrait(still, c.pose, 1)
				eyes := f.Eyes(still, c.pose)
				if len(eyes) != c.eyes {
					t.Fatalf("%d pairs of eyes, want %d", len(eyes), c.eyes)
				}
				if c.eyes == 1 {
					pupilAt(t, img, eyes[0].Right, eyes[0].Distance())
					pupilAt(t, img, eyes[0].Left, eyes[0].Distance())
				}
			}
		})
	}
}

func pupilAt(t *testing.T, img image.Image, p gen.Point, unit float64) {
	t.Helper()
	pupil := grey(img, int(p.X-0.01*unit), int(p.Y+0.01*unit))
	white := max(grey(img, int(p.X-0.125*unit), int(p.Y)), grey(img, int(p.X+0.125*unit), int(p.Y)))
	if pupil > 45 || white < 150 {
		t.Errorf("at %v the pupil has grey level %.0f and the white beside it %.0f, want at most 45 and at least 150", p, pupil, white)
	}
}

func TestGoodPortraitMeetsTheNorm(t *testing.T) {
	eyes := gen.NewFace(1).Eyes(still, gen.Pose{})[0]
	if d := eyes.Distance(); d < 300 || d > 360 {
		t.Errorf("eyes are %.0f pixels apart, want 300 (BSI TR-03121-3) to 360", d)
	}
	if eyes.Right.X > eyes.Left.X {
		t.Error("the person's right eye is on the right of the image")
	}
	if mid := (eyes.Right.X + eyes.Left.X) / 2; math.Abs(mid-1244.0/2) > 1 {
		t.Errorf("the middle between the eyes is at %.0f, want that of the image", mid)
	}
}

func meanAndSlope(img *image.RGBA) (mean, slope float64) {
	n := 0.0
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:]
		for x := 1; x < img.Rect.Dx(); x++ {
			mean += float64(row[4*x+1])
			slope += math.Abs(float64(row[4*x+1]) - float64(row[4*x-3]))
			n++
		}
	}
	return mean / n, slope / n
}

func TestPosesShowInTheImage(t *testing.T) {
	f := gen.NewFace(3)
	look := func(p gen.Pose) (mean, slope float64) { return meanAndSlope(f.Portrait(image.Pt(480, 640), p, 1)) }
	mean, slope := look(gen.Pose{})
	for _, c := range []struct {
		name        string
		pose        gen.Pose
		mean, slope [2]float64 // times those of a good portrait
	}{
		{"dark", gen.Pose{Exposure: -3}, [2]float64{0.2, 0.6}, [2]float64{0, 2}},
		{"bright", gen.Pose{Exposure: 2}, [2]float64{1.15, 2}, [2]float64{0, 2}},
		{"shadow", gen.Pose{Shadow: 1}, [2]float64{0.5, 0.9}, [2]float64{0, 2}},
		{"blurred", gen.Pose{Blur: 0.2}, [2]float64{0.95, 1.05}, [2]float64{0, 0.9}},
		{"in a room", gen.Pose{Background: gen.Cluttered}, [2]float64{0.4, 1.1}, [2]float64{1.05, 3}},
		{"dark ground", gen.Pose{Background: gen.Dark}, [2]float64{0.2, 0.8}, [2]float64{0, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, s := look(c.pose)
			if r := m / mean; r < c.mean[0] || r > c.mean[1] {
				t.Errorf("brightness is %.2f times that of a good portrait, want %v", r, c.mean)
			}
			if r := s / slope; r < c.slope[0] || r > c.slope[1] {
				t.Errorf("slopes are %.2f times those of a good portrait, want %v", r, c.slope)
			}
		})
	}
}

func TestClosedEyesHaveNoPupils(t *testing.T) {
	f := gen.NewFace(2)
	eyes := f.Eyes(still, gen.Pose{})[0]
	img := f.Portrait(still, gen.Pose{EyesClosed: true}, 1)
	if v := grey(img, int(eyes.Left.X+0.125*eyes.Distance()), int(eyes.Left.Y)); v > 180 {
		t.Errorf("beside the pupil of a closed eye the grey level is %.0f, want no white", v)
	}
}

func TestFacesDiffer(t *testing.T) {
	seen := map[string]uint64{}
	for seed := range uint64(40) {
		h := hash(gen.NewFace(seed).Portrait(image.Pt(120, 160), gen.Pose{}, 1).Pix)
		if other, twice := seen[h]; twice {
			t.Errorf("faces %d and %d are one", seed, other)
		}
		seen[h] = seed
	}
}

func TestStillIsAJPEG(t *testing.T) {
	img := gen.NewFace(1).Portrait(still, gen.Pose{}, 1)
	data, err := gen.JPEG(img)
	if err != nil {
		t.Fatal(err)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width != 1244 || c.Height != 1600 {
		t.Errorf("the file is %d × %d, %v, want 1244 × 1600", c.Width, c.Height, err)
	}
	if len(data) < 100<<10 {
		t.Errorf("the file has %d bytes, want at least 100 KiB as a camera's best setting gives", len(data))
	}
}

func BenchmarkPortrait(b *testing.B) {
	f := gen.NewFace(1)
	for _, c := range []struct {
		name string
		size image.Point
		pose gen.Pose
	}{
		{"preview", image.Pt(480, 640), gen.Pose{}},
		{"preview blurred", image.Pt(480, 640), gen.Pose{Blur: 0.1}},
		{"still", still, gen.Pose{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			img := image.NewRGBA(image.Rectangle{Max: c.size})
			b.ReportAllocs()
			for i := range b.N {
				f.Draw(img, c.pose, uint64(i))
			}
		})
	}
}

func BenchmarkJPEG(b *testing.B) {
	img := gen.NewFace(1).Portrait(still, gen.Pose{}, 1)
	for range b.N {
		if _, err := gen.JPEG(img); err != nil {
			b.Fatal(err)
		}
	}
}
