package emrtdtest_test

import (
	"testing"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/emrtd/emrtdtest"
)

// The reader keeps the promises that readers of PC/SC keep.
func TestReaderContract(t *testing.T) {
	card, _ := made(t, nil)
	devicetest.TestCardReader(t, func(*testing.T) (device.CardReader, devicetest.Hand) {
		r := emrtdtest.NewReader()
		return r, devicetest.Hand{Insert: func() { r.Insert(card) }, Remove: r.Remove, Unplug: r.Unplug}
	})
}
