package uru4500

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/uru4500/uru4500test"
)

// FuzzDevice: whatever a device says, the driver ends, and with a reason.
func FuzzDevice(f *testing.F) {
	powered := []byte{0, 1, 0, 0, 1, 0, 0, 2, 0, 0, 0x56, 0xaa, 0, 1, 0, 0, 1}
	on := []byte{0, 2, 0, 0, 1, 1}
	image := uru4500test.Encode(uru4500test.Ridges(1), few(), 1, 1)
	image = append([]byte{0, byte(len(image)), byte(len(image) >> 8), byte(len(image) >> 16)}, image...)
	f.Add([]byte{})
	f.Add(slices.Repeat(powered, 3))
	f.Add(slices.Repeat([]byte{0, 2, 0, 0, 0x56, 0xaa}, 30))
	f.Add(slices.Repeat(slices.Concat(on, image[:2000]), 3))
	f.Add(slices.Repeat([]byte{0x81}, 300))
	f.Add(slices.Repeat([]byte{0xf0, 0xf8, 0x80}, 50))
	f.Fuzz(func(t *testing.T, text []byte) {
		synctest.Test(t, func(t *testing.T) {
			s, err := Open(t.Context(), devicetest.Babble(text), options())
			if err == nil {
				for _, err = range s.Frames(t.Context()) {
				}
				s.Close()
			}
			if !errors.Is(err, device.ErrUnplugged) && !errors.Is(err, device.ErrSilent) && !errors.Is(err, device.ErrGarbled) {
				t.Errorf("ended with %v", err)
			}
		})
	})
}
