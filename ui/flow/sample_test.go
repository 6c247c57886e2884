package flow_test

import (
	"image"
	"sync"
	"time"

	"optag/capture"
	"optag/device"
	"optag/testdata/gen"
)

var (
	mu     sync.Mutex // protects prints
	prints = map[string]capture.Sample{}
)

// samples are presentations of drawn fingers, each named, and laid down "well"
// or "poorly". A finger is drawn and measured when it is first asked for.
func samples(shown []string, at time.Time) []capture.Sample {
	mu.Lock()
	defer mu.Unlock()
	var all []capture.Sample
	for i := 0; i+1 < len(shown) && shown[i] != ""; i += 2 {
		name, how := shown[i], shown[i+1]
		sm, ok := prints[name+how]
		if !ok {
			sm = draw(name, how)
			prints[name+how] = sm
		}
		sm = sm.Copy()
		sm.At = at
		all = append(all, sm)
	}
	return all
}

func draw(name, how string) capture.Sample {
	p, err := gen.ParsePosition(name)
	if err != nil {
		panic(err)
	}
	c := gen.Conditions{}
	if how == "poorly" {
		c = gen.Conditions{Pressure: -1, Coverage: 0.1}
	}
	img := gen.Person(5).Finger(p).Impression(image.Pt(300, 400), [2]int{500, 500}, c, 1)
	sm := capture.Sample{Image: img, PPI: [2]int{500, 500}, Device: device.Info{Driver: "test", Certified: true}}
	sm.Prepare(nil)
	return sm
}
