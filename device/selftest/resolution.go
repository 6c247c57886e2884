package selftest

import (
	"context"
	"fmt"
	"math"

	"optag/device"
)

// A Resolution is what a ruled target gave, across and down.
type Resolution struct {
	PPI    [2]float64 // of the frames, in pixels per inch
	Raw    [2]float64 // of the sensor's own pixels: what a driver is calibrated with
	Spread float64    // between the images that were measured, in per cent, the worse way
}

// Steady reports whether the images agree so well that a scanner may be calibrated
// by them.
func (r Resolution) Steady() bool { return spreadLimit.judge(r.Spread) == Pass }

// target waits for a ruled target and measures it. The mean of several images
// is taken, for their noise.
func target(ctx context.Context, s device.Scanner, o ScannerOptions) ([]Check, error) {
	const images = 4
	var grids []Grid
	var last device.Frame
	err := eachFrame(ctx, s, o.Patient, func(f device.Frame) (bool, error) {
		expect := [2]float64{float64(f.PPI[0]) * o.Pitch / 25.4, float64(f.PPI[1]) * o.Pitch / 25.4}
		g, err := FindGrid(f.Image, expect)
		if err != nil {
			grids = grids[:0]
			return true, nil
		}
		grids = append(grids, g)
		if len(grids) < images {
			return true, nil
		}
		last = device.Frame{Image: clone(f.Image), PPI: f.PPI}
		return false, nil
	})
	if err != nil || last.Image == nil {
		const why = "No ruled target was seen: lay it flat, lines along the edges of the glass, and give its pitch."
		return []Check{Skip("ppi_across", "Resolution across", why), Skip("ppi_down", "Resolution down", why), Skip("ppi_spread", "Spread of the resolution", why)}, err
	}
	r := resolution(grids, last.PPI, o)
	if o.Found != nil {
		o.Found(r)
	}
	return targetChecks(r, grids[0].Tilt, last), nil
}

// resolution is what the images of a target give together.
func resolution(grids []Grid, ppi [2]int, o ScannerOptions) (r Resolution) {
	for k := range 2 {
		least, most, sum := math.Inf(1), 0.0, 0.0
		for _, g := range grids {
			v := g.PPI(o.Pitch)[k]
			least, most, sum = min(least, v), max(most, v), sum+v
		}
		r.PPI[k] = sum / float64(len(grids))
		r.Spread = max(r.Spread, 100*(most-least)/r.PPI[k])
		r.Raw[k] = r.PPI[k]
		if o.Calibrated[k] > 0 {
			r.Raw[k] *= o.Calibrated[k] / float64(ppi[k])
		}
	}
	return r
}

func targetChecks(r Resolution, tilt float64, f device.Frame) []Check {
	do := fmt.Sprintf("Clean the target and measure again. If it stays, run again with --save, or set \"calibration\": [%.2f, %.2f] in the station's settings, where the driver takes one.", r.Raw[0], r.Raw[1])
	var checks []Check
	for k, id := range []string{"ppi_across", "ppi_down"} {
		name := []string{"Resolution across", "Resolution down"}[k]
		off := 100 * math.Abs(r.PPI[k]/float64(f.PPI[k])-1)
		c := Judge(id, name, r.PPI[k], "ppi", Limit{}, "")
		c.Outcome, c.Limit = ppiLimit.judge(off), fmt.Sprintf("%d ± 1 %%", f.PPI[k])
		c.Text = fmt.Sprintf("%.2f %% off, target tilted by %.1f degrees", off, tilt)
		if c.Outcome != Pass {
			c.Do = do
		}
		checks = append(checks, c)
	}
	checks[0].Picture = f.Image
	return append(checks, rangeCheck(f.Image),
		Judge("ppi_spread", "Spread of the resolution", r.Spread, "%", spreadLimit, "Lay the target flat, and do not touch it or the table while it is measured."))
}
