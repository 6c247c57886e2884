package fm220

import (
	"math"
	"os"
	"testing"
	"time"

	"optag/device/fm220/fm220test"
)

// overhead is how much longer than the bare transfers a driver may take.
const overhead = 1.05

// TestOverhead: frames come nearly as fast as the bare transfers of a device that
// takes 100 ms for a picture. The two are measured in turns.
func TestOverhead(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("ten seconds of real time, done with OPTAG_SOAK=1")
	}
	sim := fm220test.New(fm220test.Config{Type: 3, ImageTime: 100 * time.Millisecond})
	touch(sim)
	s := openFast(t, sim)
	defer s.Close()
	const rounds, pictures = 4, 6
	raw, driven := math.Inf(1), math.Inf(1)
	for range rounds {
		raw = min(raw, took(func() {
			for range pictures {
				if err := s.takeImage(t.Context(), lightOn()); err != nil {
					t.Fatal(err)
				}
			}
		}))
		driven = min(driven, took(func() {
			if got, err := scan(t.Context(), s, sim, nil, pictures); len(got) != pictures || err != nil {
				t.Fatalf("frames %q, error %v", got, err)
			}
		}))
	}
	t.Logf("a frame in %.1f ms, bare in %.1f ms, ratio %.3f", driven/pictures*1e3, raw/pictures*1e3, driven/raw)
	if driven > overhead*raw {
		t.Errorf("ratio %.3f, want at most %v", driven/raw, overhead)
	}
}

func took(f func()) float64 {
	begin := time.Now()
	f()
	return time.Since(begin).Seconds()
}
