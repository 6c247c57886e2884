package station

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"slices"
	"testing"

	"optag/capture/finger/wsq"
	"optag/device/emrtd/lds"
)

// TestPrintsAsTheyAreStored: by every coding that a chip may have, and none that
// asks for more room than a print has.
func TestPrintsAsTheyAreStored(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 320, 400))
	for i := range img.Pix {
		img.Pix[i] = byte(i % 320 / 5 % 2 * 0xff)
	}
	packed, err := wsq.Encode(img, wsq.Options{PPI: 500})
	if err != nil {
		t.Fatal(err)
	}
	var flat bytes.Buffer
	if err := png.Encode(&flat, img); err != nil {
		t.Fatal(err)
	}
	huge := slices.Clone(flat.Bytes())
	binary.BigEndian.PutUint32(huge[16:], 1<<30) // the width, which the checksum does not fit any more
	boxes := []byte("\x00\x00\x00\x0CjP  \r\n\x87\n")
	jp2 := func(_ []byte, w, h int) (image.Image, error) {
		if w != 320 {
			return nil, errors.New("another size")
		}
		return image.NewGray(image.Rect(0, 0, w, h)), nil
	}
	for _, c := range []struct {
		name string
		f    lds.Image
		want image.Point // zero: it is not legible
	}{
		{"WSQ", lds.Image{Data: packed, Width: 320, Height: 400}, image.Pt(320, 400)},
		{"WSQ, size not told", lds.Image{Data: packed}, image.Pt(320, 400)},
		{"WSQ, cut", lds.Image{Data: packed[:len(packed)/2]}, image.Point{}},
		{"pixels as they are", lds.Image{Data: img.Pix, Width: 320, Height: 400}, image.Pt(320, 400)},
		{"fewer than there should be", lds.Image{Data: img.Pix[1:], Width: 320, Height: 400}, image.Point{}},
		{"pixels without a row", lds.Image{Width: 320}, image.Point{}},
		{"pixels, size not told", lds.Image{Data: img.Pix}, image.Point{}},
		{"PNG", lds.Image{Data: flat.Bytes()}, image.Pt(320, 400)},
		{"PNG of another size than it has", lds.Image{Data: huge}, image.Point{}},
		{"JPEG 2000", lds.Image{Data: boxes, Width: 320, Height: 400}, image.Pt(320, 400)},
		{"JPEG 2000, broken", lds.Image{Data: boxes, Width: 10, Height: 10}, image.Point{}},
		{"nothing", lds.Image{Width: 320, Height: 400}, image.Point{}},
	} {
		c.f.Format = lds.EncodingOf(c.f.Data)
		got := image.Point{}
		if img := print(c.f, jp2); img != nil {
			got = img.Bounds().Size()
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPrintsAreHeldSmall: nothing finer is held than is shown, and the print itself is
// overwritten.
func TestPrintsAreHeldSmall(t *testing.T) {
	for from, want := range map[image.Point]image.Point{
		{X: 320, Y: 400}: {X: 160, Y: 200}, {X: 100, Y: 90}: {X: 100, Y: 90}, {X: 1600, Y: 1}: {X: 160, Y: 1}, {X: 1, Y: 1}: {X: 1, Y: 1},
	} {
		img := image.NewGray(image.Rectangle{Max: from})
		for i := range img.Pix {
			img.Pix[i] = 0x90
		}
		shown := small(img)
		if shown.Bounds().Size() != want || shown.(*image.Gray).Pix[0] != 0x90 {
			t.Errorf("%v is shown as %v", from, shown.Bounds().Size())
		}
		if slices.Max(img.Pix) != 0 {
			t.Errorf("%v is still there", from)
		}
	}
	planes := image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio444)
	planes.Y[0] = 0x90
	if small(planes); planes.Y[0] != 0 {
		t.Error("a print in colours is still there")
	}
}
