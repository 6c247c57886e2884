package flow_test

import (
	"image"
	"slices"
	"sync"
	"time"

	"optag/capture"
	"optag/device"
	"optag/testdata/gen"
)

var (
	mu     sync.Mutex // protects prints
	prints = map[string]*image.Gray{}
)

// sample is a presentation of a drawn finger, "well" or "poorly" laid down. The
// finger is drawn when it is first asked for.
func sample(name, how string, at time.Time) capture.Sample {
	mu.Lock()
	defer mu.Unlock()
	img := prints[name+how]
	if img == nil {
		p, err := gen.ParsePosition(name)
		if err != nil {
			panic(err)
		}
		c := gen.Conditions{}
		if how == "poorly" {
			c = gen.Conditions{Pressure: -1, Coverage: 0.2}
		}
		img = gen.Person(5).Finger(p).Impression(image.Pt(300, 400), [2]int{500, 500}, c, 1)
		prints[name+how] = img
	}
	own := *img
	own.Pix = slices.Clone(img.Pix)
	return capture.Sample{Image: &own, PPI: [2]int{500, 500}, Device: device.Info{Driver: "test"}, At: at}
}
