package selftest

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"time"

	"optag/device"
)

// A Darkener is a scanner whose light can be switched off.
type Darkener interface {
	// Dark takes an image without light.
	Dark(ctx context.Context) (device.Frame, error)
}

// ScannerOptions say how a scanner is looked at.
type ScannerOptions struct {
	// Drawn: the driver draws the clear glass itself, so that an image of
	// it says nothing of the sensor.
	Drawn bool

	// Pitch of the ruled target in millimetres that is to be laid on after
	// the clear glass was looked at; 0 is none.
	Pitch float64

	// Found is told what the ruled target gave; nil tells nobody.
	Found func(Resolution)

	// Lay asks for the target to be laid on, or, with a zero Pitch, for a
	// finger; nil asks nobody.
	Lay func()

	// Finger: a finger is to be laid on, and its picture kept for the report.
	Finger bool

	// Calibrated is the resolution the driver was told and resampled from;
	// zero where it resamples nothing.
	Calibrated [2]float64

	Images  int           // of the clear glass; default 12
	Patient time.Duration // for what is to be laid on; default 30 s
}

func (o ScannerOptions) withDefaults() ScannerOptions {
	if o.Images < 2 {
		o.Images = 12
	}
	if o.Patient <= 0 {
		o.Patient = 30 * time.Second
	}
	return o
}

// The limits of scanners. Where no source stands beside a number it is ours.
var (
	errTooSlow = errors.New("too few images came")

	rateLimit  = Limit{Good: 4, Bad: 1, Least: true}     // images a second
	stuckLimit = Limit{Good: 0, Bad: 2}                  // dead rows or columns
	pixelLimit = Limit{Good: 10, Bad: 200}               // dead pixels
	noiseLimit = Limit{Good: 4, Bad: 12}                 // grey levels
	dirtLimit  = Limit{Good: 2, Bad: 10}                 // per cent
	levelLimit = Limit{Good: 128, Bad: 80, Least: true}  // mean grey level of the clear glass
	darkLimit  = Limit{Good: 64, Bad: 110}               // and of the one without light
	gapLimit   = Limit{Good: 0, Bad: math.Inf(1)}        // BSI TR-03121-3.2, 5.1.5: none
	rangeLimit = Limit{Good: 200, Bad: 128, Least: true} // grey values; the same
	ppiLimit   = Limit{Good: 1, Bad: 3}                  // per cent off; the same: 1

	spreadLimit = Limit{Good: 0.3, Bad: 1} // per cent between images of one target; a thousandth is what one is good to
)

// unevenLimit: areas of a quarter inch may differ by 12 grey levels on a white
// target (EBTS Appendix F, remembered); scanners without a certificate are
// measured by what a print can stand.
func unevenLimit(certified bool) Limit {
	if certified {
		return Limit{Good: 12, Bad: 24}
	}
	return Limit{Good: 30, Bad: 90}
}

// Scanner checks an open scanner. The error is the device's, or that of ctx; the
// checks that were made until then are returned with it.
func Scanner(ctx context.Context, s device.Scanner, o ScannerOptions) ([]Check, error) {
	o = o.withDefaults()
	var checks []Check
	stack, first, pace, err := clearGlass(ctx, s, o)
	if err != nil {
		return answers(checks, s.Info(), err), err
	}
	checks = answers(checks, s.Info(), nil)
	checks = append(checks, Judge("rate", "Images each second", pace, "", rateLimit, "Plug the scanner into another port, without a hub."))
	switch {
	case first.Contact:
		checks = append(checks, skipGlass("Something lies on the glass: clear it and run again.")...)
	case o.Drawn:
		checks = append(checks, skipGlass("This scanner takes no image of a clear glass.")...)
	default:
		checks = append(checks, glassChecks(stack, first.PPI, s.Info().Certified)...)
	}
	checks = append(checks, darkCheck(ctx, s))
	laid, err := laidOn(ctx, s, o)
	return append(checks, laid...), err
}

// answers is whether the scanner delivers images at all.
func answers(checks []Check, i device.Info, err error) []Check {
	if err != nil {
		return append(checks, Say("answers", "Answers", Fail, "no image", Advise(err)))
	}
	return append(checks, Say("answers", "Answers", Pass, "firmware "+orNone(i.Firmware), ""))
}

func orNone(s string) string {
	if s == "" {
		return "not told"
	}
	return s
}

// Advise says what to do about a device that failed.
func Advise(err error) string {
	switch {
	case errors.Is(err, device.ErrUnplugged):
		return "Push the plug in, at both ends; try another cable."
	case errors.Is(err, device.ErrSilent):
		return "Pull the plug out, wait five seconds, push it in again; try another port, without a hub."
	case errors.Is(err, device.ErrGarbled):
		return "Pull the plug out and push it in again; another cable; then send the device in with a trace (--trace)."
	}
	return "Send the device in, with this report."
}

// clearGlass takes the images of the clear glass, and how many come a second.
func clearGlass(ctx context.Context, s device.Scanner, o ScannerOptions) (stack *Stack, first device.Frame, pace float64, err error) {
	stack = &Stack{}
	var begun, last time.Time
	err = eachFrame(ctx, s, time.Duration(o.Images)*2*time.Second, func(f device.Frame) (bool, error) {
		if stack.Images == 0 {
			begun, first = time.Now(), device.Frame{PPI: f.PPI, Contact: f.Contact}
		}
		first.Contact = first.Contact || f.Contact
		last = time.Now()
		err := stack.Add(f.Image)
		return stack.Images < o.Images, err
	})
	if err == nil && stack.Images < 2 {
		err = fmt.Errorf("looking at the clear glass: %w: %w", errTooSlow, device.ErrSilent)
	}
	if took := last.Sub(begun).Seconds(); took > 0 {
		pace = float64(stack.Images-1) / took
	}
	return stack, first, pace, err
}

// eachFrame hands frames to see until it says no, for at most as long as
// patient; then nothing is wrong.
func eachFrame(ctx context.Context, s device.Scanner, patient time.Duration, see func(device.Frame) (more bool, err error)) error {
	limited, stop := context.WithTimeout(ctx, patient)
	defer stop()
	for f, err := range s.Frames(limited) {
		var advice device.Retry
		if errors.As(err, &advice) {
			continue
		}
		if err != nil {
			return err
		}
		if more, err := see(f); err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

func skipGlass(why string) []Check {
	var checks []Check
	for _, c := range [][2]string{{"bright", "Clear glass, grey level"}, {"dead_rows", "Dead rows"}, {"dead_columns", "Dead columns"}, {"dead_pixels", "Dead pixels"},
		{"noise", "Noise"}, {"uniformity", "Evenness of the light"}, {"dirt", "Dirt on the glass"}, {"gaps", "Grey values left out"}} {
		checks = append(checks, Skip(c[0], c[1], why))
	}
	return checks
}

// glassChecks judges the clear glass.
func glassChecks(stack *Stack, ppi [2]int, certified bool) []Check {
	g, err := stack.Measure(ppi)
	if err != nil {
		return skipGlass(err.Error())
	}
	const sendIn = "Send the scanner in: its sensor is damaged."
	wipe := "Wipe the glass with a dry, lint-free cloth, then run this check again."
	checks := []Check{
		Judge("bright", "Clear glass, grey level", g.Level, "of 255", levelLimit, "Wipe the glass; if it stays dark, the light is failing: send the scanner in."),
		Judge("dead_rows", "Dead rows", float64(len(g.DeadRows)), "", stuckLimit, sendIn),
		Judge("dead_columns", "Dead columns", float64(len(g.DeadCols)), "", stuckLimit, sendIn),
		Judge("dead_pixels", "Dead pixels", float64(g.DeadPixel), "", pixelLimit, wipe+" What stays is the sensor."),
		Judge("noise", "Noise", g.Noise, "grey levels", noiseLimit, "Plug the scanner into another port, without a hub; if it stays, send it in."),
		Judge("uniformity", "Evenness of the light", g.Uneven, "grey levels", unevenLimit(certified), "Shield the glass from the sun and lamps; then send the scanner in."),
		Judge("dirt", "Dirt on the glass", 100*g.Dirt, "%", dirtLimit, wipe),
		Judge("gaps", "Grey values left out", float64(g.Gaps), "", gapLimit, "The image is stretched on its way here; its prints carry less than they seem to."),
	}
	if g.Noise < 0.05 { // a sensor that lives has noise
		checks[4] = Say("noise", "Noise", Fail, "none: the image never changes", "Pull the plug out and push it in again; if it stays, send the scanner in.")
	}
	if g.DeadPixel > 0 || len(g.DeadRows)+len(g.DeadCols) > 0 || g.Dirt > 0 {
		checks[6].Picture = g.Map
	}
	return checks
}

// darkCheck looks at an image without light.
func darkCheck(ctx context.Context, s device.Scanner) Check {
	const id, name = "dark", "Without light, grey level"
	d, ok := s.(Darkener)
	if !ok {
		return Skip(id, name, "This scanner's light cannot be switched off.")
	}
	f, err := d.Dark(ctx)
	if err != nil {
		return Say(id, name, Fail, "no image", Advise(err))
	}
	var sum, n float64
	for v, count := range Histogram(f.Image) {
		sum, n = sum+float64(v)*float64(count), n+float64(count)
	}
	c := Judge(id, name, sum/max(1, n), "of 255", darkLimit, "Shield the glass from the sun and lamps, and run again.")
	c.Picture = clone(f.Image)
	return c
}

func clone(img *image.Gray) *image.Gray {
	c := image.NewGray(image.Rectangle{Max: img.Rect.Size()})
	for y := range c.Rect.Dy() {
		copy(c.Pix[y*c.Stride:][:c.Rect.Dx()], img.Pix[y*img.Stride:])
	}
	return c
}

// laidOn checks what is to be laid on.
func laidOn(ctx context.Context, s device.Scanner, o ScannerOptions) ([]Check, error) {
	if o.Pitch <= 0 && !o.Finger {
		const why = "Run again with --target and a ruled target."
		return []Check{Skip("ppi_across", "Resolution across", why), Skip("ppi_down", "Resolution down", why), Skip("ppi_spread", "Spread of the resolution", why),
			Skip("range", "Grey values", "Run again with a ruled target (--target), or a finger (--finger).")}, nil
	}
	if o.Lay != nil {
		o.Lay()
	}
	if o.Finger {
		return finger(ctx, s, o)
	}
	return target(ctx, s, o)
}

func rangeCheck(img *image.Gray) Check {
	return Judge("range", "Grey values", float64(Range(Histogram(img))), "", Limit{Good: rangeLimit.Good, Bad: 0, Least: true},
		"Below 128 prints are too flat: clean the glass, press harder; then send the scanner in.")
}

// finger waits for a finger that lies still and looks at its grey values.
func finger(ctx context.Context, s device.Scanner, o ScannerOptions) ([]Check, error) {
	const settle = 6 // images until a finger lies flat
	var last *image.Gray
	seen := 0
	err := eachFrame(ctx, s, o.Patient, func(f device.Frame) (bool, error) {
		if !f.Contact {
			seen = 0
			return true, nil
		}
		if seen++; seen < settle {
			return true, nil
		}
		last = clone(f.Image)
		return false, nil
	})
	if err != nil || last == nil {
		return []Check{Skip("range", "Grey values", "No finger was laid on.")}, err
	}
	return Print(last), nil
}

// Print checks the grey values of a print, which is kept for the report.
func Print(img *image.Gray) []Check {
	c := rangeCheck(img)
	c.Picture = img
	return []Check{c, Judge("finger_gaps", "Grey values left out of a print", float64(Gaps(Histogram(img))), "", gapLimit,
		"The image is stretched on its way here; its prints carry less than they seem to.")}
}
