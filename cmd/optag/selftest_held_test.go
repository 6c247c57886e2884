package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/selftest"
	"optag/device/v4l2"
	"optag/device/v4l2/v4l2test"
)

// TestCameraHeld: the self-test and the list of devices say what of the settings'
// lock a camera holds; what it lacks is a warning, and the camera serves.
func TestCameraHeld(t *testing.T) {
	fixed := slices.DeleteFunc(v4l2test.Usual(), func(c v4l2test.Control) bool { return c.ID == v4l2test.Focus || c.ID == v4l2test.AutoFocus })
	small := []v4l2test.Format{{Letters: "YUYV", Sizes: []v4l2test.Size{{Width: 160, Height: 120, Rates: []int{30}}}}}
	white, focus := 5000, 30
	lock := &station.CameraLock{WhiteBalance: &white, Focus: &focus}
	for _, c := range []struct {
		name     string
		controls []v4l2test.Control
		lock     *station.CameraLock
		want     string
		note     string
	}{
		{"nothing locked", nil, nil, "exposure skipped, white_balance skipped, focus skipped", "exposure automatic, now 250"},
		{"locked", nil, lock, "exposure skipped, white_balance pass, focus pass", "white balance held at 5000 K; focus held at 30"},
		{"a camera with a fixed focus", fixed, lock, "exposure skipped, white_balance pass, focus warn", "focus not held: this camera's cannot be set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := v4l2test.New(v4l2test.Config{Controls: c.controls, Formats: small})
				d := &attachment{Kind: "camera", camera: func(ctx context.Context) (device.Camera, error) {
					return v4l2.Open(ctx, func(path string) (v4l2.Node, error) { return s.Open(path) }, v4l2.Found{Path: "/dev/video0"}, v4l2.Options{Hold: c.lock.Hold()})
				}}
				b := newBench()
				b.device(t.Context(), d)
				var got []string
				for _, check := range b.report.Checks {
					if id, held := strings.CutPrefix(check.ID, "held_"); held {
						got = append(got, id+" "+string(check.Outcome))
						if check.Outcome != selftest.Pass && check.Do == "" {
							t.Errorf("%s says nothing to do", check.ID)
						}
					}
				}
				if said := strings.Join(got, ", "); said != c.want {
					t.Errorf("%s, want %s", said, c.want)
				}
				if d.probe(t.Context()); d.Health != "answers" || !strings.Contains(d.Note, c.note) {
					t.Errorf("%s: %q, want %q in it", d.Health, d.Note, c.note)
				}
			})
		})
	}
}
