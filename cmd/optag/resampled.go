package main

import (
	"context"
	"fmt"
	"image"
	"iter"

	"optag/device"
	"optag/device/resample"
)

// A resampled scanner is one whose driver does not resample by itself, brought to
// 500 ppi by the calibration of the settings: nothing else is judged at the counter.
type resampled struct {
	device.Scanner
	from  [2]float64 // the calibration
	at500 *resample.At500
	of    image.Point // the size of the pictures for which at500 was made
}

// Info says in the version what was resampled.
func (r *resampled) Info() device.Info {
	i := r.Scanner.Info()
	i.Version += fmt.Sprintf(", resampled from %.1fx%.1f", r.from[0], r.from[1])
	return i
}

// Frames implements [device.Source].
func (r *resampled) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return func(yield func(device.Frame, error) bool) {
		defer func() { r.at500.Wipe() }()
		for f, err := range r.Scanner.Frames(ctx) {
			if f.Image != nil {
				f = r.make(f)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func (r *resampled) make(f device.Frame) device.Frame {
	if size := f.Image.Rect.Size(); r.at500 == nil || r.of != size {
		r.at500, r.of = resample.NewAt500(size, r.from), size
	}
	r.at500.Make(f.Image)
	f.Image, f.PPI = r.at500.Image, [2]int{resample.PPI, resample.PPI}
	return f
}
