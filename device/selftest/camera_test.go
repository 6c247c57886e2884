package selftest_test

import (
	"errors"
	"image"
	"image/color"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/selftest"
	"optag/device/sim"
)

func TestCamera(t *testing.T) {
	for _, c := range []struct {
		name  string
		chart *sim.Chart
		fault sim.Fault
		want  map[string]selftest.Outcome // beside those that pass
		err   error
	}{
		{name: "a sharp chart", chart: &sim.Chart{}},
		{name: "a chart a little out of focus", chart: &sim.Chart{Blur: 8}, want: map[string]selftest.Outcome{"focus": selftest.Warn}},
		{name: "a chart out of focus", chart: &sim.Chart{Blur: 40}, want: map[string]selftest.Outcome{"focus": selftest.Fail}},
		{name: "yellow light", chart: &sim.Chart{Tint: [3]float64{1, 0.95, 0.75}}, want: map[string]selftest.Outcome{"colour": selftest.Warn}},
		{name: "the cap on the lens", chart: &sim.Chart{Dim: 0.99}, want: map[string]selftest.Outcome{"exposure": selftest.Fail, "focus": selftest.Skipped, "colour": selftest.Warn}},
		{name: "pictures come slowly", chart: &sim.Chart{}, fault: sim.Slow, want: map[string]selftest.Outcome{"rate": selftest.Fail}},
		{name: "unplugged", fault: sim.Unplugged, want: map[string]selftest.Outcome{"answers": selftest.Fail}, err: device.ErrUnplugged},
		{name: "silent", fault: sim.Silent, want: map[string]selftest.Outcome{"answers": selftest.Fail}, err: device.ErrSilent},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cam := sim.NewCamera(sim.CameraOptions{Preview: image.Pt(240, 320), Still: image.Pt(240, 320)})
				if c.chart != nil {
					if c.chart.Tint == ([3]float64{}) {
						c.chart.Tint = [3]float64{1, 0.99, 0.98} // no lamp is quite white
					}
					cam.Lay(*c.chart)
				}
				d, err := cam.Open()
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
				if c.fault != "" {
					cam.Fail(c.fault)
				}
				list, err := selftest.Camera(t.Context(), d, selftest.CameraOptions{})
				if !errors.Is(err, c.err) {
					t.Errorf("%v, want %v", err, c.err)
				}
				for _, check := range list {
					want := c.want[check.ID]
					if want == "" {
						want = selftest.Pass
					}
					if check.Outcome != want {
						t.Errorf("%s is %s at %s, want %s", check.ID, check.Outcome, check.Measured(), want)
					}
					if check.Picture != nil {
						t.Errorf("%s keeps a picture of who stands there", check.ID)
					}
				}
			})
		})
	}
}

func TestPace(t *testing.T) {
	at := func(ms ...int) (list []time.Time) {
		for _, m := range ms {
			list = append(list, time.UnixMilli(int64(m)))
		}
		return list
	}
	for _, c := range []struct {
		name          string
		times         []time.Time
		rate, dropped float64
	}{
		{"nothing", nil, 0, 0},
		{"one picture", at(0), 0, 0},
		{"ten a second", at(0, 100, 200, 300, 400), 10, 0},
		{"they come unevenly, and all come", at(0, 90, 210, 300, 410, 500), 10, 0},
		{"one left out", at(0, 100, 200, 400, 500, 600), 5 / 0.6, 1.0 / 6},
		{"three left out at once", at(0, 100, 200, 300, 700, 800), 5 / 0.8, 3.0 / 8},
		{"all at the same time", at(5, 5, 5, 5), 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			rate, dropped := selftest.Pace(c.times)
			if d := rate - c.rate; d*d > 1e-9 || (dropped-c.dropped)*(dropped-c.dropped) > 1e-9 {
				t.Errorf("%.3f a second and %.3f left out, want %.3f and %.3f", rate, dropped, c.rate, c.dropped)
			}
		})
	}
}

// TestDriversOwnCount: the driver knows better than the pauses.
func TestDriversOwnCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cam := sim.NewCamera(sim.CameraOptions{Preview: image.Pt(64, 64), Still: image.Pt(64, 64)})
		d, err := cam.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		list, err := selftest.Camera(t.Context(), d, selftest.CameraOptions{Counted: func() (int, int) { return 75, 25 }})
		if i := slices.IndexFunc(list, func(c selftest.Check) bool { return c.ID == "dropped" }); err != nil || i < 0 || *list[i].Value != 25 || list[i].Outcome != selftest.Warn {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// TestLookAt: a picture is measured alike in whatever form it comes.
func TestLookAt(t *testing.T) {
	rgba, grey := image.NewRGBA(image.Rect(0, 0, 64, 64)), image.NewGray(image.Rect(0, 0, 64, 64))
	n := image.NewNRGBA(rgba.Rect)
	for y := range 64 {
		for x := range 64 {
			v := uint8(30 + 180*(x/16%2))
			rgba.Set(x, y, color.Gray{Y: v})
			grey.Set(x, y, color.Gray{Y: v})
			n.Set(x, y, color.Gray{Y: v})
		}
	}
	want := selftest.LookAt(rgba)
	if want.Focus != 1 || want.Contrast != 180 || want.Colour {
		t.Errorf("hard bars: %+v", want)
	}
	for _, img := range []image.Image{grey, n} {
		if got := selftest.LookAt(img); got != want {
			t.Errorf("%T: %+v, want %+v", img, got, want)
		}
	}
	if got := selftest.LookAt(image.NewGray(image.Rect(0, 0, 1, 1))); got.Level != 0 {
		t.Errorf("a single pixel: %+v", got)
	}
}
