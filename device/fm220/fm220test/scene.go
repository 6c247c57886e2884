package fm220test

import (
	"image"
	"math"
	"math/rand/v2"
)

// Ridges draws what the camera may see that is no finger's: waves and noise, no
// two places alike, so that a line or a pixel out of place shows.
func Ridges(seed uint64) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, SensorWidth, SensorHeight))
	r := rand.New(rand.NewPCG(seed, 0))
	phase, slant := r.Float64()*6, 0.1+r.Float64()/2
	for y := range SensorHeight {
		for x := range SensorWidth {
			v := 128 + 90*math.Sin(phase+float64(x)*0.5+slant*float64(y))
			p.Pix[y*p.Stride+x] = uint8(v + r.Float64()*20)
		}
	}
	return p
}
