package devicetest

import (
	"errors"
	"io"
	"os"
	"sync"
	"testing"

	"optag/device"
	"optag/device/tape"
)

// A Hung line is one whose far end goes away with it: a device that is in the
// middle of a picture would wait for somebody to read it.
type Hung struct {
	device.Serial
	Far io.Closer
}

// Close closes both ends.
func (l Hung) Close() error { return errors.Join(l.Serial.Close(), l.Far.Close()) }

// Play puts the conversation in a file at the far end of a line. done, called when
// the driver has closed the line, fails the test unless all of it was said.
func Play(t *testing.T, file string, far io.ReadWriter) (done func()) {
	t.Helper()
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	transcript, err := tape.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	playback := tape.PlayStream(transcript)
	var ends sync.WaitGroup
	ends.Go(func() { _, _ = io.Copy(far, playback) }) // both end with the line
	ends.Go(func() { _, _ = io.Copy(playback, far) })
	return func() {
		t.Helper()
		if err := playback.Close(); err != nil {
			t.Error(err)
		}
		ends.Wait()
	}
}
