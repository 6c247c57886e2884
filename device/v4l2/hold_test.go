package v4l2

import (
	"slices"
	"testing"
	"testing/synctest"

	"optag/device/v4l2/v4l2test"
)

// TestHold: what is to be held is held from opening on, through stills and back;
// what a camera cannot hold is told, and no reason to refuse the camera.
func TestHold(t *testing.T) {
	without := func(ids ...uint32) (rest []v4l2test.Control) {
		for _, c := range v4l2test.Usual() {
			if !slices.Contains(ids, c.ID) {
				rest = append(rest, c)
			}
		}
		return rest
	}
	for _, c := range []struct {
		name     string
		controls []v4l2test.Control
		hold     map[Adjustment]int
		moved    map[uint32]int // by somebody else, after a picture
		want     []string
	}{
		{"nothing", nil, nil, nil, []string{
			"exposure automatic, now 250 × 100 µs of 3 × 100 µs to 2047 × 100 µs", "white balance automatic, now 4600 K of 2800 K to 6500 K", "focus automatic, now 0 of 0 to 250"}},
		{"white balance and focus, as the lamps and the chair stand", nil, map[Adjustment]int{WhiteBalance: 5000, Focus: 30}, nil, []string{
			"exposure automatic, now 250 × 100 µs of 3 × 100 µs to 2047 × 100 µs", "white balance held at 5000 K", "focus held at 30"}},
		{"between two values", nil, map[Adjustment]int{Exposure: 200, Focus: 31, WhiteBalance: 9000}, nil, []string{
			"exposure held at 200 × 100 µs", "white balance held at 6500 K, the nearest to 9000 K that the camera has", "focus held at 30, the nearest to 31 that the camera has"}},
		{"a camera with a fixed focus", without(v4l2test.Focus, v4l2test.AutoFocus), map[Adjustment]int{WhiteBalance: 5000, Focus: 30}, nil, []string{
			"exposure automatic, now 250 × 100 µs of 3 × 100 µs to 2047 × 100 µs", "white balance held at 5000 K", "focus not held: this camera's cannot be set"}},
		{"a camera that focuses by itself alone", without(v4l2test.Focus), nil, nil, []string{
			"exposure automatic, now 250 × 100 µs of 3 × 100 µs to 2047 × 100 µs", "white balance automatic, now 4600 K of 2800 K to 6500 K", "focus automatic, cannot be set"}},
		{"a camera with nothing", []v4l2test.Control{}, map[Adjustment]int{Exposure: 200}, nil, []string{
			"exposure not held: this camera's cannot be set", "white balance: this camera has none to adjust", "focus: this camera has none to adjust"}},
		{"a camera without a switch", without(v4l2test.AutoWhite), map[Adjustment]int{WhiteBalance: 5000}, nil, []string{
			"exposure automatic, now 250 × 100 µs of 3 × 100 µs to 2047 × 100 µs", "white balance held at 5000 K", "focus automatic, now 0 of 0 to 250"}},
		{"moved by another program", nil, map[Adjustment]int{WhiteBalance: 5000, Focus: 30}, map[uint32]int{v4l2test.White: 3000, v4l2test.AutoFocus: 1}, []string{
			"exposure automatic, now 250 × 100 µs of 3 × 100 µs to 2047 × 100 µs", "white balance not held at 5000 K: the camera has 3000 K", "focus not held at 30: the camera adjusts it by itself"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := small()
				o.Hold = c.hold
				s := sim(v4l2test.Config{Controls: c.controls})
				cam := open(t, s, o)
				cam.Shoot()
				n := 0
				for _, err := range cam.Frames(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n == 3 {
						break
					}
				}
				for id, v := range c.moved {
					s.Move(id, v)
				}
				got, err := cam.Settings()
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range got {
					if s.String() != c.want[i] {
						t.Errorf("%q, want %q", s, c.want[i])
					}
				}
				shut(t, cam, s)
			})
		})
	}
}
