package selftest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"time"

	"optag/device"
)

// CameraOptions say how a camera is looked at.
type CameraOptions struct {
	Rate float64       // pictures a second it should deliver; default 10
	For  time.Duration // pictures are counted; default 2 s

	// Counted tells how many pictures came and how many were lost on their
	// way, where the driver counts them; nil goes by the pauses.
	Counted func() (came, lost int)
}

// The limits of cameras, all ours; the focus is that of the designed page.
var (
	focusLimit = Limit{Good: 0.30, Bad: 0.12, Least: true}
	dropLimit  = Limit{Good: 2, Bad: 60} // per cent
	clipLimit  = Limit{Good: 5, Bad: 40} // per cent
	castLimit  = Limit{Good: 12, Bad: 40}
)

// A Look is what was measured on one picture. A picture is looked at whole, so
// that it means little unless a test chart fills it.
type Look struct {
	Size     image.Point
	Level    float64 // mean grey level
	Dark     float64 // share of pixels below 8
	Burnt    float64 // share of pixels above 247
	Contrast float64 // grey levels between the darkest and the lightest hundredth
	Focus    float64 // steepness of the steepest edges: 1 is from dark to light over two pixels
	Cast     float64 // largest difference between two of red, green and blue in the light parts, in per cent
	Colour   bool    // there is colour at all
}

// LookAt measures a picture.
func LookAt(img image.Image) Look {
	b := img.Bounds()
	step := max(1, b.Dx()/640) // a still is looked at in steps, each pixel with its true neighbours
	var grey [256]uint64
	var rgb [256][3]float64 // sums by grey level
	var edges [512]uint64
	look := Look{Size: b.Size()}
	n := 0.0
	for y := b.Min.Y + 1; y < b.Max.Y-1; y += step {
		for x := b.Min.X + 1; x < b.Max.X-1; x += step {
			v, c := luma(img, x, y)
			grey[v]++
			for k := range 3 {
				rgb[v][k] += c[k]
			}
			look.Colour = look.Colour || math.Abs(c[0]-c[1]) > 2 || math.Abs(c[2]-c[1]) > 2
			look.Level += float64(v)
			n++
			left, _ := luma(img, x-1, y)
			right, _ := luma(img, x+1, y)
			up, _ := luma(img, x, y-1)
			down, _ := luma(img, x, y+1)
			edges[min(511, int(math.Hypot(float64(right)-float64(left), float64(down)-float64(up))))]++
		}
	}
	if n == 0 {
		return look
	}
	look.Level /= n
	for v := range 8 {
		look.Dark += float64(grey[v]) / n
		look.Burnt += float64(grey[255-v]) / n
	}
	low, high := share(grey[:], 0.01), share(grey[:], 0.99)
	look.Contrast = float64(high - low)
	if look.Contrast > 0 {
		look.Focus = min(1, float64(share(edges[:], 0.99))/look.Contrast)
	}
	look.Cast = cast(rgb, grey, share(grey[:], 0.7), min(247, high))
	return look
}

// luma is the grey level of a pixel (Rec. 601) and its colours, 0 to 255.
func luma(img image.Image, x, y int) (uint8, [3]float64) {
	var c [3]float64
	switch m := img.(type) {
	case *image.RGBA:
		p := m.Pix[m.PixOffset(x, y):]
		c = [3]float64{float64(p[0]), float64(p[1]), float64(p[2])}
	case *image.Gray:
		v := float64(m.Pix[m.PixOffset(x, y)])
		c = [3]float64{v, v, v}
	default:
		r, g, b, _ := img.At(x, y).RGBA()
		c = [3]float64{float64(r >> 8), float64(g >> 8), float64(b >> 8)}
	}
	return uint8(0.299*c[0] + 0.587*c[1] + 0.114*c[2] + 0.5), c
}

// share is the value below which that share of a histogram lies.
func share(h []uint64, part float64) int {
	var all, sum uint64
	for _, n := range h {
		all += n
	}
	for v, n := range h {
		if sum += n; float64(sum) >= part*float64(all) {
			return v
		}
	}
	return len(h) - 1
}

// cast is how far the light parts of a picture are from grey.
func cast(rgb [256][3]float64, grey [256]uint64, low, high int) float64 {
	var c [3]float64
	var n float64
	for v := low; v <= high; v++ {
		for k := range 3 {
			c[k] += rgb[v][k]
		}
		n += float64(grey[v])
	}
	mean := (c[0] + c[1] + c[2]) / 3
	if n == 0 || mean == 0 {
		return 0
	}
	return 100 * (max(c[0], c[1], c[2]) - min(c[0], c[1], c[2])) / mean
}

// Pace says from the times at which pictures came how many came a second, and
// which share was left out: a pause of twice the usual is one picture.
func Pace(times []time.Time) (rate, dropped float64) {
	if len(times) < 3 {
		return 0, 0
	}
	pauses := make([]time.Duration, len(times)-1)
	for i := range pauses {
		pauses[i] = times[i+1].Sub(times[i])
	}
	sorted := slices.Sorted(slices.Values(pauses))
	usual := sorted[len(sorted)/2]
	took := times[len(times)-1].Sub(times[0])
	if usual <= 0 || took <= 0 {
		return 0, 0
	}
	lost := 0
	for _, p := range pauses {
		if p > usual*8/5 {
			lost += int((p+usual/2)/usual) - 1
		}
	}
	return float64(len(pauses)) / took.Seconds(), float64(lost) / float64(len(pauses)+lost)
}

// Camera checks an open camera. No picture is kept: somebody may stand before
// it. The error is the device's, or that of ctx.
func Camera(ctx context.Context, c device.Camera, o CameraOptions) ([]Check, error) {
	if o.Rate <= 0 {
		o.Rate = 10
	}
	if o.For <= 0 {
		o.For = 2 * time.Second
	}
	times, look, err := film(ctx, c, o.For)
	if err == nil && len(times) == 0 {
		err = fmt.Errorf("looking through the camera: %w: %w", errTooSlow, device.ErrSilent)
	}
	if err != nil {
		return answers(nil, c.Info(), err), err
	}
	rate, dropped := Pace(times)
	if o.Counted != nil {
		if came, lost := o.Counted(); came+lost > 0 {
			dropped = float64(lost) / float64(came+lost)
		}
	}
	checks := answers(nil, c.Info(), nil)
	checks = append(checks,
		Judge("rate", "Pictures each second", rate, "", Limit{Good: o.Rate, Bad: o.Rate / 3, Least: true}, "More light; another port, without a hub."),
		Judge("dropped", "Pictures left out", 100*dropped, "%", dropLimit, "Another port, without a hub; close what else uses the camera."))
	return append(checks, lookChecks(look)...), nil
}

// film takes pictures for a while, and looks at the last.
func film(ctx context.Context, c device.Camera, d time.Duration) (times []time.Time, look Look, err error) {
	limited, stop := context.WithTimeout(ctx, max(4*d, 8*time.Second))
	defer stop()
	for p, err := range c.Frames(limited) {
		var advice device.Retry
		if errors.As(err, &advice) {
			continue
		}
		if err != nil {
			return times, look, err
		}
		times = append(times, time.Now())
		if times[len(times)-1].Sub(times[0]) >= d {
			return times, LookAt(p.Image), nil
		}
	}
	if ctx.Err() != nil {
		return times, look, ctx.Err()
	}
	return times, look, fmt.Errorf("looking through the camera: %w: %w", errTooSlow, device.ErrSilent)
}

func lookChecks(l Look) []Check {
	exposure := Judge("exposure", "Too dark or burnt out", 100*max(l.Dark, l.Burnt), "%", clipLimit,
		"Even light on the face and the wall behind; then the camera's exposure.")
	exposure.Text = fmt.Sprintf("mean grey level %.0f of 255", l.Level)
	if l.Level < 40 || l.Level > 235 {
		exposure.Outcome, exposure.Do = Fail, "Take off the lens's cap, switch on the light."
	}
	const chart = "Put a test chart with dark bars on white before the camera, so that it fills the picture, and run again."
	focus, colour := Skip("focus", "Focus chart", chart), Skip("colour", "Colour", chart)
	if l.Contrast >= 100 {
		focus = Judge("focus", "Focus chart", l.Focus, "", focusLimit, "Clean the lens; focus on the place of the face.")
		colour = Judge("colour", "Colour cast of white", l.Cast, "%", castLimit, "Set the camera's white balance to the light of this room.")
	}
	if !l.Colour {
		colour = Say("colour", "Colour", Warn, "the picture is grey", "Check that the camera is set to colour.")
	}
	return []Check{exposure, focus, colour}
}
