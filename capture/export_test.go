package capture

import (
	"image"
	"time"

	"optag/capture/finger"
	"optag/device"
)

// NewSample makes a sample that was measured already: it has the given score,
// and shows whichever finger the pattern stands for.
func NewSample(score int, of *finger.Pattern, at time.Time) Sample {
	img := image.NewGray(image.Rect(0, 0, finger.MinSide, finger.MinSide))
	img.Pix[0] = 77
	return Sample{
		Image: img, PPI: [2]int{500, 500}, At: at, Device: device.Info{Maker: "none", Model: "none", Driver: "test"},
		quality: finger.Quality{Score: score}, pattern: of,
	}
}
