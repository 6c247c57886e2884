package finger

import (
	"image"
	"math"
)

// How a score was made. An estimate is our own and never called NFIQ 2, with
// which it shares the scale of 0 to 100 and nothing else.
const (
	Estimate = "optag-estimate-1"
	NFIQ2    = "NFIQ 2.3"
)

// A Reason says what would make a print better.
type Reason string

// Reasons, from the most to the least urgent.
const (
	NoFinger  Reason = "no_finger"  // nothing, or not a print, lies on the glass
	SmallArea Reason = "small_area" // too little of the fingertip touches the glass
	OffCentre Reason = "off_centre" // the print leaves the sensor at one side
	TooLight  Reason = "too_light"  // ridges break: press harder, or the skin is dry
	TooDark   Reason = "too_dark"   // ridges run together: press less, or the skin is wet
	Smeared   Reason = "smeared"    // no clear ridge flow: hold still, wipe the finger
)

// Quality is what one image of a print is worth.
type Quality struct {
	Score     int        // 0 to 100
	Algorithm string     // by which the score was made: Estimate or NFIQ2
	Area      float64    // of the print, in square millimetres
	Centre    [2]float64 // of the print, as a share of the image's width and height
	Darkness  float64    // mean darkness within the print, 0 (white) to 1 (black)
	Clarity   float64    // mean coherence of the ridge flow within the print, 0 to 1
	Reasons   []Reason
}

const (
	block = 16 // pixels at 500 ppi: about two ridges

	// A block belongs to the print when its contrast exceeds minDeviation grey
	// levels; below it there is glass, and the shadow of dirt.
	minDeviation = 18

	// fullArea is the area from which more skin does not add to the score:
	// about a 17 by 22 mm fingertip.
	fullArea = 300.0
	minArea  = 180.0

	// leastClarity is between the noise of a sensor, 0.08, and the print that
	// such noise all but hides, 0.4: below it there is no print.
	leastClarity = 0.25
)

func assess(img *image.Gray, ppi [2]int) Quality {
	whole := img
	if img, ppi = at500(img, ppi); img != whole {
		defer clear(img.Pix)
	}
	w, h := img.Rect.Dx()/block, img.Rect.Dy()/block
	if w < 4 || h < 4 || ppi[0] <= 0 || ppi[1] <= 0 {
		return Quality{Reasons: []Reason{NoFinger}}
	}
	var q Quality
	var n, clear, dark, sumX, sumY, good float64
	var edge [4]float64 // blocks of the print at the left, right, top and bottom border
	for by := range h {
		for bx := range w {
			m := measure(img, bx*block, by*block)
			if m.deviation < minDeviation {
				continue
			}
			n++
			sumX += float64(bx) + 0.5
			sumY += float64(by) + 0.5
			clear += m.coherence
			dark += m.darkness
			good += flow(m.coherence) * balance(m.darkness)
			for i, at := range []bool{bx == 0, bx == w-1, by == 0, by == h-1} {
				if at {
					edge[i]++
				}
			}
		}
	}
	if n < 12 {
		return Quality{Reasons: []Reason{NoFinger}}
	}
	q.Area = n * (block * 25.4 / float64(ppi[0])) * (block * 25.4 / float64(ppi[1]))
	q.Centre = [2]float64{sumX / n / float64(w), sumY / n / float64(h)}
	q.Clarity, q.Darkness = clear/n, dark/n
	if q.Clarity < leastClarity {
		return Quality{Area: q.Area, Reasons: []Reason{NoFinger}}
	}
	q.Score = score(q.Area, good/n)
	q.Reasons = reasons(q, edge, w, h)
	return q
}

// score joins area and ridge quality: both must be there, neither makes up for
// the other.
func score(area, ridges float64) int {
	return int(math.Round(100 * math.Min(1, area/fullArea) * ridges))
}

// flow is 1 where ridges run clearly and 0 where there is only noise.
func flow(coherence float64) float64 {
	return math.Min(1, math.Max(0, (coherence-0.42)/0.5))
}

// balance is 1 where ridges and valleys share a block about equally, and falls
// to 0 where ink or glass fills it.
func balance(darkness float64) float64 {
	d := (darkness - 0.42) / 0.26
	return math.Max(0, 1-d*d)
}

func reasons(q Quality, edge [4]float64, w, h int) []Reason {
	var rs []Reason
	if q.Area < minArea {
		rs = append(rs, SmallArea)
	}
	across, down := math.Abs(edge[0]-edge[1])/float64(h), math.Abs(edge[2]-edge[3])/float64(w)
	if math.Abs(q.Centre[0]-0.5) > 0.14 || math.Abs(q.Centre[1]-0.5) > 0.16 || across > 0.45 || down > 0.75 {
		rs = append(rs, OffCentre)
	}
	switch {
	case q.Darkness < 0.33:
		rs = append(rs, TooLight)
	case q.Darkness > 0.50:
		rs = append(rs, TooDark)
	}
	if q.Clarity < 0.75 {
		rs = append(rs, Smeared)
	}
	return rs
}

type blockMeasure struct {
	deviation float64 // of the grey levels
	darkness  float64 // 0 white to 1 black
	coherence float64 // of the gradient's direction, 0 to 1
}

// measure looks at one block. The coherence is the length of the averaged
// doubled-angle gradient against the averaged length (Kass and Witkin): 1 for
// parallel ridges, 0 for noise.
func measure(img *image.Gray, x0, y0 int) blockMeasure {
	var sum, sum2, gxx, gyy, gxy float64
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := y0; y < y0+block; y++ {
		row := img.Pix[y*img.Stride:]
		up, down := img.Pix[max(y-1, 0)*img.Stride:], img.Pix[min(y+1, h-1)*img.Stride:]
		for x := x0; x < x0+block; x++ {
			v := float64(row[x])
			sum += v
			sum2 += v * v
			gx := float64(int(row[min(x+1, w-1)]) - int(row[max(x-1, 0)]))
			gy := float64(int(down[x]) - int(up[x]))
			gxx += gx * gx
			gyy += gy * gy
			gxy += gx * gy
		}
	}
	const n = block * block
	mean := sum / n
	m := blockMeasure{
		deviation: math.Sqrt(math.Max(0, sum2/n-mean*mean)),
		darkness:  1 - mean/255,
	}
	if total := gxx + gyy; total > 0 {
		m.coherence = math.Hypot(gxx-gyy, 2*gxy) / total
	}
	return m
}
