package station

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/mrzreader"
	"optag/device/mrzreader/mrzreadertest"
	"optag/device/serialport/serialporttest"
	"optag/ui/flow"
)

// A slot is that of a reader of documents, on a line that can be pulled out.
type slot struct {
	mu   sync.Mutex // protects the fields below
	line *serialporttest.Line
	sim  *mrzreadertest.Sim
	gone bool
}

// open opens the reader, on a new line where the last one is gone.
func (d *slot) open() (device.LineReader, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return nil, device.ErrUnplugged
	}
	line, far := serialporttest.New(serialporttest.Faults{})
	d.line, d.sim = line, mrzreadertest.Attach(far, mrzreadertest.Config{Ends: mrzreadertest.Ends{Break: "\r"}, Baud: 9600})
	generic, _ := mrzreader.Find("generic")
	return mrzreader.Open(context.Background(), line, mrzreader.Options{Profile: generic, Serial: "0123"})
}

func (d *slot) plug(in bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone = !in; d.gone {
		d.line.Unplug()
	}
}

func (d *slot) swipe(lines []string) {
	d.mu.Lock()
	sim := d.sim
	d.mu.Unlock()
	sim.Swipe(lines)
}

// TestDocumentAtTheCounter: a document that is drawn through while a form is open
// arrives whole, at no other time, and in no log.
func TestDocumentAtTheCounter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := &slot{}
		b := setUp(t, true, func(o *Options) { o.OpenReader = d.open })
		b.tech = slog.New(slog.NewTextHandler(&log, nil))
		// zone is the number that the form has read, a second after something was done.
		zone := func() string {
			time.Sleep(time.Second)
			held := make(chan string)
			b.later(func() { held <- b.counter.Form.Read[flow.DocumentNumber] })
			return <-held
		}
		td3, td1 := mrzreadertest.Documents()[1], mrzreadertest.Documents()[0]
		b.within(t, "with its reader", 3)
		d.swipe(td3)
		if got := zone(); got != "" {
			t.Errorf("nobody is logged in, and the counter holds %d characters", len(got))
		}
		b.later(func() {
			b.counter.Officer, b.counter.Page = &flow.Officer{ID: "1"}, flow.Home
			b.counter.On(flow.NewCase{}, time.Now())
		})
		d.swipe(td3)
		if got := zone(); got == "" || !strings.HasPrefix(td3[1], got) {
			t.Errorf("the form holds %q", got)
		}
		d.plug(false)
		b.within(t, "the reader is pulled out", 2)
		time.Sleep(time.Minute)
		d.plug(true)
		b.within(t, "the reader is plugged in", 3)
		d.swipe(td1)
		if got := zone(); got == "" || !strings.Contains(td1[0], got) {
			t.Errorf("after it was plugged in, the form holds %q", got)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 || strings.Contains(log.String(), "ERIKSSON") || !strings.Contains(log.String(), "unplugged") {
			t.Errorf("the technician reads:\n%s", log.String())
		}
	})
}

// TestReaderIsFreedForTheSelfTest, and read again after it.
func TestReaderIsFreedForTheSelfTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, tested := &slot{}, false
		b := setUp(t, true, func(o *Options) {
			o.OpenReader = d.open
			o.SelfTest = func(context.Context) flow.SelfTest { tested = d.line.Closed(); return flow.SelfTest{} }
		})
		b.within(t, "with its reader", 3)
		b.background(b.selfTest)
		time.Sleep(time.Second)
		if d.mu.Lock(); !tested || d.line.Closed() {
			t.Errorf("free while tested: %v; closed after it: %v", tested, d.line.Closed())
		}
		d.mu.Unlock()
	})
}
