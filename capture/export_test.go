package capture

import (
	"image"
	"math/rand/v2"
	"time"

	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/device"
)

// NewSkin is the template of a finger that nobody has.
func NewSkin(seed uint64) *minutiae.Template {
	r := rand.New(rand.NewPCG(seed, 7))
	t := &minutiae.Template{Width: 400, Height: 500}
	for i := range 18 {
		t.Minutiae = append(t.Minutiae, minutiae.Minutia{
			X: int16(30 + r.IntN(340)), Y: int16(20 + 25*i), Angle: uint8(r.Uint32()), Kind: minutiae.Ending, Quality: 80,
		})
	}
	return t
}

// NewSample makes a sample that was measured already: it has the given score,
// and shows whichever finger the template stands for.
func NewSample(score int, of *minutiae.Template, at time.Time) Sample {
	img := image.NewGray(image.Rect(0, 0, finger.MinSide, finger.MinSide))
	img.Pix[0] = 77
	own := *of
	own.Minutiae = append([]minutiae.Minutia(nil), of.Minutiae...)
	return Sample{
		Image: img, PPI: [2]int{500, 500}, At: at, Device: device.Info{Maker: "none", Model: "none", Driver: "test", Certified: true},
		quality: finger.Quality{Score: score, Algorithm: finger.Estimate}, template: &own,
	}
}
