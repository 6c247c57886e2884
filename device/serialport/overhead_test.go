package serialport_test

import (
	"io"
	"os"
	"testing"
	"time"

	"go.bug.st/serial"
	"optag/device/devicetest"
)

// TestOverhead measures what a Port costs beside the library alone: the time for
// a mebibyte, and for a byte there and back, each the least of several,
// alternating.
func TestOverhead(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("a measurement, done with OPTAG_SOAK=1")
	}
	rawFar, rawPath := devicetest.Terminal(t)
	raw, err := serial.Open(rawPath, &serial.Mode{BaudRate: 57600})
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	far, path := devicetest.Terminal(t)
	port := open(t, path)
	read := func(b []byte) (int, error) { return port.Read(t.Context(), b) }
	write := func(b []byte) (int, error) { return port.Write(t.Context(), b) }
	least := [4]time.Duration{time.Hour, time.Hour, time.Hour, time.Hour}
	for range 40 {
		for i, took := range []time.Duration{
			bulk(t, rawFar, raw.Read), bulk(t, far, read),
			echo(t, rawFar, raw.Read, raw.Write), echo(t, far, read, write),
		} {
			least[i] = min(least[i], took)
		}
	}
	t.Logf("a mebibyte: library %v, port %v, ratio %.3f", least[0], least[1], float64(least[1])/float64(least[0]))
	t.Logf("a byte there and back: library %v, port %v", least[2]/100, least[3]/100)
}

func bulk(t *testing.T, far *os.File, read func([]byte) (int, error)) time.Duration {
	const size = 1 << 20
	begun := time.Now()
	go far.Write(make([]byte, size))
	buf := make([]byte, 4096)
	for n := 0; n < size; {
		m, err := read(buf)
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	return time.Since(begun)
}

func echo(t *testing.T, far *os.File, read, write func([]byte) (int, error)) time.Duration {
	const times = 100
	go io.CopyN(far, far, times)
	b := []byte{7}
	begun := time.Now()
	for range times {
		if _, err := write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := read(b); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(begun)
}
