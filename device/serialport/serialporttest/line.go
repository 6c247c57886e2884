// Package serialporttest is a serial line in memory, with a device at its far
// end and with the faults that lines have. Drivers of serial devices are tested
// on it, in virtual time as well as in real time.
package serialporttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"optag/device"
)

// Faults are what goes wrong on the way from the device to the program, by the
// number of the byte, from 1. The zero Faults are none.
type Faults struct {
	FlipAt   int // one bit of this byte is wrong
	DropAt   int // this byte, and as many as Drop says, are lost
	Drop     int // 0 is 1
	TwiceAt  int // this byte comes twice
	NoiseAt  int // before this byte comes noise
	UnplugAt int // with this byte the line is gone, before it is read
	MuteAt   int // from this byte on nothing comes any more
	LateAt   int // this byte comes late
	Late     time.Duration
	Piece    int // at most so many bytes are read at once; 0 is any number
}

// Random returns one fault among the first so many bytes.
func Random(r *rand.Rand, among int) Faults {
	at := 1 + r.IntN(among)
	var f Faults
	switch r.IntN(8) {
	case 0:
		f.FlipAt = at
	case 1:
		f.DropAt, f.Drop = at, 1+r.IntN(40)
	case 2:
		f.TwiceAt = at
	case 3:
		f.NoiseAt = at
	case 4:
		f.UnplugAt = at
	case 5:
		f.MuteAt = at
	case 6:
		f.LateAt, f.Late = at, time.Duration(r.IntN(6000))*time.Millisecond
	case 7:
		f.Piece = 1 + r.IntN(7)
	}
	return f
}

// noise has the beginnings of packets in it.
const noise = "\x02\xef\x01SYNC\x00\xff\x1b"

// A Line is the program's end. It is a [device.Serial].
type Line struct {
	f Faults

	mu      sync.Mutex // protects the fields below
	change  chan struct{}
	in, out []byte // to the program, to the device
	sent    int    // bytes the device sent
	gone    bool
	closed  bool
	hushed  bool // the device is heard no more
}

var _ device.Serial = (*Line)(nil)

// A Far is the device's end of a line.
type Far struct{ l *Line }

var _ io.ReadWriteCloser = (*Far)(nil)

// New returns the two ends of a line.
func New(f Faults) (*Line, *Far) {
	l := &Line{f: f, change: make(chan struct{})}
	return l, &Far{l}
}

// changed wakes all who wait. Called with mu locked.
func (l *Line) changed() {
	close(l.change)
	l.change = make(chan struct{})
}

// Unplug takes the line away.
func (l *Line) Unplug() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
	l.changed()
}

// Mute lets nothing through from the device any more.
func (l *Line) Mute() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hushed = true
}

// Sent returns how many bytes the device has sent.
func (l *Line) Sent() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

// Closed reports whether the program closed its end.
func (l *Line) Closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// Read implements [device.Serial].
func (l *Line) Read(ctx context.Context, buf []byte) (int, error) {
	for {
		l.mu.Lock()
		change := l.change
		var n int
		var err error
		switch {
		case l.closed, l.gone:
			err = fmt.Errorf("simulated: reading: %w", device.ErrUnplugged)
		case ctx.Err() != nil:
			err = ended(ctx)
		default:
			if l.f.Piece > 0 {
				buf = buf[:min(len(buf), l.f.Piece)]
			}
			n = copy(buf, l.in)
			l.in = l.in[n:]
		}
		l.mu.Unlock()
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		select {
		case <-change:
		case <-ctx.Done():
		}
	}
}

func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("simulated: %w", device.ErrSilent)
	}
	return fmt.Errorf("simulated: %w", context.Canceled)
}

// Write implements [device.Serial].
func (l *Line) Write(ctx context.Context, data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed, l.gone:
		return 0, fmt.Errorf("simulated: writing: %w", device.ErrUnplugged)
	case ctx.Err() != nil:
		return 0, ended(ctx)
	}
	l.out = append(l.out, data...)
	l.changed()
	return len(data), nil
}

// Close implements [device.Serial].
func (l *Line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.changed()
	}
	return nil
}

// Read reads what the program wrote; [io.EOF] once the line is gone.
func (f *Far) Read(buf []byte) (int, error) {
	for {
		f.l.mu.Lock()
		change, over := f.l.change, f.l.gone || f.l.closed
		n := copy(buf, f.l.out)
		f.l.out = f.l.out[n:]
		f.l.mu.Unlock()
		switch {
		case n > 0 || len(buf) == 0:
			return n, nil
		case over:
			return 0, io.EOF
		}
		<-change
	}
}

// Write sends to the program, through the faults of the line.
func (f *Far) Write(data []byte) (int, error) {
	for rest := data; len(rest) > 0; {
		if n := f.plain(rest); n > 0 {
			rest = rest[n:]
			continue
		}
		if f.pass(rest[0]) {
			time.Sleep(f.l.f.Late)
			f.put(rest[0])
		}
		rest = rest[1:]
	}
	f.l.mu.Lock()
	defer f.l.mu.Unlock()
	f.l.changed()
	if f.l.gone || f.l.closed {
		return 0, io.ErrClosedPipe
	}
	return len(data), nil
}

// plain lets the bytes through that come before the next fault, and returns how
// many there are.
func (f *Far) plain(data []byte) int {
	l := f.l
	l.mu.Lock()
	defer l.mu.Unlock()
	n, next := len(data), l.sent+1
	if l.hushed || l.gone {
		l.sent += n
		return n
	}
	if l.f.DropAt > 0 && next >= l.f.DropAt && next < l.f.DropAt+max(1, l.f.Drop) {
		return 0
	}
	for _, at := range []int{l.f.FlipAt, l.f.DropAt, l.f.TwiceAt, l.f.NoiseAt, l.f.UnplugAt, l.f.MuteAt, l.f.LateAt} {
		if at >= next {
			n = min(n, at-next)
		}
	}
	l.in = append(l.in, data[:n]...)
	l.sent += n
	return n
}

func (f *Far) put(b byte) {
	f.l.mu.Lock()
	defer f.l.mu.Unlock()
	f.l.in = append(f.l.in, b)
}

// pass lets one byte through the faults, and reports whether it is late: then
// it is not yet there.
func (f *Far) pass(b byte) (late bool) {
	l := f.l
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	at := l.sent
	if at == l.f.UnplugAt {
		l.gone = true
		l.changed()
	}
	l.hushed = at == l.f.MuteAt
	if l.hushed || l.gone || l.f.DropAt > 0 && at >= l.f.DropAt && at < l.f.DropAt+max(1, l.f.Drop) {
		return false
	}
	if at == l.f.LateAt {
		l.changed()
		return true
	}
	if at == l.f.NoiseAt {
		l.in = append(l.in, noise...)
	}
	if at == l.f.FlipAt {
		b ^= 0x10
	}
	l.in = append(l.in, b)
	if at == l.f.TwiceAt {
		l.in = append(l.in, b)
	}
	return false
}

// Close takes the device from the line.
func (f *Far) Close() error {
	f.l.mu.Lock()
	defer f.l.mu.Unlock()
	f.l.gone = true
	f.l.changed()
	return nil
}
