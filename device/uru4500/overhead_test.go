package uru4500

import (
	"math"
	"os"
	"testing"
	"time"

	"optag/device/uru4500/uru4500test"
)

// overhead is how much longer than the bare reads a driver may take.
const overhead = 1.05

// TestOverhead: frames at 500 ppi come nearly as fast as the bare bulk reads of a
// device that takes 130 ms for an image. The two are measured in turns.
func TestOverhead(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("ten seconds of real time, done with OPTAG_SOAK=1")
	}
	const rounds, images = 4, 8
	raw, driven := math.Inf(1), math.Inf(1)
	for range rounds {
		raw = min(raw, timeRaw(t, images).Seconds())
		driven = min(driven, timeDriver(t, images).Seconds())
	}
	t.Logf("an image in %.1f ms, bare in %.1f ms, ratio %.3f", driven/images*1e3, raw/images*1e3, driven/raw)
	if driven > overhead*raw {
		t.Errorf("ratio %.3f, want at most %v", driven/raw, overhead)
	}
}

// timeRaw is what n bulk reads take, after a first one.
func timeRaw(t *testing.T, n int) time.Duration {
	sim := uru4500test.New(uru4500test.Config{})
	touch(sim)
	if _, err := sim.Control(t.Context(), vendorWrite, requestRegister, regMode, 0, []byte{modeCapture}); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, imageSize)
	var begin time.Time
	for i := range n + 1 {
		if _, err := sim.Bulk(t.Context(), endpointImages, buf); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			begin = time.Now()
		}
	}
	return time.Since(begin)
}

// timeDriver is what n frames take, after a first one.
func timeDriver(t *testing.T, n int) time.Duration {
	sim := uru4500test.New(uru4500test.Config{})
	touch(sim)
	o := options()
	o.PPI = [2]float64{540, 370}
	s := open(t, sim, o)
	defer s.Close()
	var begin time.Time
	seen := 0
	for f, err := range s.Frames(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !f.Contact {
			continue
		}
		if seen++; seen == 1 {
			begin = time.Now()
		}
		if seen > n {
			return time.Since(begin)
		}
	}
	t.Fatal("the frames ended")
	return 0
}
