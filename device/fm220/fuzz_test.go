package fm220

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"optag/device"
	"optag/device/devicetest"
)

// FuzzDevice: whatever a device says, the driver ends, and with a reason.
func FuzzDevice(f *testing.F) {
	answer := func(b byte) []byte { return []byte{0x80, 0, 1, 0, 0, b} } // to a command, and a byte
	var name []byte
	for _, b := range []byte("FFM220") {
		name = append(name, answer(b)...)
	}
	f.Add([]byte{})
	f.Add(append([]byte{0xf0}, name...))
	f.Add(slices.Concat([]byte{0xf0}, name, slices.Repeat(answer(1), 60)))
	f.Add(slices.Repeat([]byte{0xff, 0x80, 0x80}, 50))
	f.Add(slices.Repeat([]byte{0x90}, 500))
	f.Fuzz(func(t *testing.T, text []byte) {
		synctest.Test(t, func(t *testing.T) {
			s, err := Open(t.Context(), devicetest.Babble(text), options())
			if err == nil {
				for _, err = range s.Frames(t.Context()) {
				}
				s.Close()
			}
			known := device.Failed(err)
			if !known && !errors.Is(err, errOtherSensor) {
				t.Errorf("ended with %v", err)
			}
		})
	})
}
