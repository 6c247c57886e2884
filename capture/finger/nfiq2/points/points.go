// Package points takes the four measures of NFIQ 2.3.0 that rest on minutiae.
// It is told where the minutiae are. From the places that the reference's own
// extractor finds come the reference's values; those of package minutiae, all
// of them whatever their quality, come nearest to that, but the values differ,
// and with them the score. docs/fingers.md says by how much.
//
// The other 65 measures are those of package nfiq2.
package points

import (
	"image"
	"math"

	"optag/capture/finger/nfiq2/internal/gradient"
)

// Measures are the four values, in NFIQ 2's order.
type Measures struct {
	InRect float64 // FingerJetFX_MinCount_COMMinRect200x200: minutiae in a square about their centre of mass
	Count  float64 // FingerJetFX_MinutiaeCount
	Mu     float64 // FJFXPos_Mu_MinutiaeQuality_2: share of minutiae that lie darker than the image, but not much
	OCL    float64 // FJFXPos_OCL_MinutiaeQuality_80: share of minutiae with clear ridge flow about them
}

const (
	reach = 100           // of the square about the centre of mass, to either side, in pixels
	side  = gradient.Side // of the block about a minutia, in pixels

	// A minutia lies a little darker than the image when the mean of its block
	// is below that of the image by at most this share of the standard
	// deviation.
	darker = 0.5

	// Ridges flow clearly about a minutia when more than this share, in percent
	// and rounded, of the slopes in its block lies in one direction.
	clearly = 80
)

// Measure takes the four values of an image of a print at 500 ppi that begins at
// (0, 0) and whose white frame was cut off. It is given the image's mean grey
// level and their standard deviation. Minutiae outside the image are counted and
// otherwise left out, as in the reference. Where none is left, the two shares
// are NaN.
func Measure(img *image.Gray, minutiae []image.Point, mean, deviation float64) Measures {
	centre, n := centreOfMass(minutiae, img.Rect)
	square := image.Rect(centre.X-reach, centre.Y-reach, centre.X+reach+1, centre.Y+reach+1)
	var near, dark, clear int
	for _, p := range minutiae {
		if !p.In(img.Rect) {
			continue
		}
		if p.In(square) {
			near++
		}
		if d := (mean - around(img, p)) / deviation; d > 0 && d <= darker {
			dark++
		}
		if int(float64(100*certainty(img, p))+0.5) > clearly {
			clear++
		}
	}
	m := Measures{InRect: float64(near), Count: float64(len(minutiae)), Mu: math.NaN(), OCL: math.NaN()}
	if n > 0 {
		m.Mu, m.OCL = float64(dark)/float64(n), float64(clear)/float64(n)
	}
	return m
}

// centreOfMass is the mean of the places in the image, rounded down, and the
// number of these.
func centreOfMass(minutiae []image.Point, in image.Rectangle) (centre image.Point, n int) {
	for _, p := range minutiae {
		if p.In(in) {
			centre, n = centre.Add(p), n+1
		}
	}
	if n > 0 {
		centre = centre.Div(n)
	}
	return centre, n
}

// around is the mean grey level of the block about a minutia. At the left and
// upper border the block is moved inwards, at the others it is cut.
func around(img *image.Gray, p image.Point) float64 {
	left, top := max(p.X-side/2, 0), max(p.Y-side/2, 0)
	block := image.Rect(left, top, left+side, top+side).Intersect(img.Rect)
	sum := 0
	for y := block.Min.Y; y < block.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride+block.Min.X : y*img.Stride+block.Max.X] {
			sum += int(v)
		}
	}
	return float64(sum) * (1 / float64(block.Dx()*block.Dy()))
}

// certainty is the orientation certainty level of the whole block nearest to a
// minutia, from 0 to 1. A block without slopes has none, and so has an image in
// which no whole block fits.
func certainty(img *image.Gray, p image.Point) float64 {
	left := min(max(p.X-side/2, 0), img.Rect.Dx()-side)
	top := min(max(p.Y-side/2, 0), img.Rect.Dy()-side)
	if left < 0 || top < 0 {
		return 0
	}
	level, _ := gradient.Certainty(img, left, top)
	return level
}
