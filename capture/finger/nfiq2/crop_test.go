package nfiq2

import (
	"image"
	"testing"
)

// page is a white image with a dark rectangle.
func page(w, h int, dark image.Rectangle) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Pix[y*img.Stride+x] = 255
			if image.Pt(x, y).In(dark) {
				img.Pix[y*img.Stride+x] = uint8(x ^ y)
			}
		}
	}
	return img
}

func TestCrop(t *testing.T) {
	for _, c := range []struct {
		name string
		img  *image.Gray
		want image.Rectangle // within the image
		err  error
	}{
		{"a print in a white frame", page(400, 500, image.Rect(90, 110, 300, 420)), image.Rect(90, 110, 300, 420), nil},
		{"a print from border to border", page(400, 500, image.Rect(0, 0, 400, 500)), image.Rect(0, 0, 400, 500), nil},
		{"a print in the lower right corner", page(200, 200, image.Rect(150, 130, 200, 200)), image.Rect(150, 130, 200, 200), nil},
		{"a speck, too light on the average of its rows", page(400, 500, image.Rect(200, 200, 203, 203)), image.Rectangle{}, ErrBlank},
		{"an empty glass", page(400, 500, image.Rectangle{}), image.Rectangle{}, ErrBlank},
		{"no pixels", image.NewGray(image.Rectangle{}), image.Rectangle{}, ErrBlank},
		{"a single pixel", page(1, 1, image.Rect(0, 0, 1, 1)), image.Rectangle{}, ErrSmall},
		{"a line", page(60, 1, image.Rect(10, 0, 50, 1)), image.Rectangle{}, ErrSmall},
		{"a slap", page(801, 400, image.Rect(0, 0, 801, 400)), image.Rectangle{}, ErrLarge},
		{"a slap of the largest width in a frame", page(900, 400, image.Rect(50, 0, 850, 400)), image.Rect(50, 0, 850, 400), nil},
		{"a palm", page(700, 1001, image.Rect(0, 0, 700, 1001)), image.Rectangle{}, ErrLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got image.Gray
			at, err := crop(&got, c.img)
			if err != c.err {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err != nil {
				return
			}
			if found := got.Rect.Add(at); found != c.want {
				t.Errorf("found %v, want %v", found, c.want)
			}
			last := got.Rect.Max.Sub(image.Pt(1, 1))
			if got.GrayAt(0, 0) != c.img.GrayAt(at.X, at.Y) || got.GrayAt(last.X, last.Y) != c.img.GrayAt(at.X+last.X, at.Y+last.Y) {
				t.Error("other pixels than those of the image there")
			}
		})
	}
}

// A part of a larger image is cropped by its own pixels.
func TestCropPart(t *testing.T) {
	img := page(500, 500, image.Rect(100, 100, 300, 300))
	part := img.SubImage(image.Rect(50, 60, 280, 480)).(*image.Gray)
	var got image.Gray
	at, err := crop(&got, part)
	if err != nil || at != image.Pt(50, 40) || got.Rect != image.Rect(0, 0, 180, 200) {
		t.Fatalf("%v at %v, %v; want 180 × 200 at (50,40)", got.Rect, at, err)
	}
	if got.GrayAt(0, 0) != img.GrayAt(100, 100) || got.GrayAt(179, 199) != img.GrayAt(279, 299) {
		t.Error("other pixels than those of the image there")
	}
}
