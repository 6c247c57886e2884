// Package serialport opens serial lines: RS-232, USB adapters and USB devices
// that show themselves as modems. It is the one package that imports
// go.bug.st/serial, and knows no device: drivers are given a [device.Serial].
package serialport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"go.bug.st/serial"

	"optag/device"
)

const (
	// room is how many bytes are kept that nobody has read. Behind them the
	// system keeps some 4 kB more.
	room = 64 << 10

	// chunk is what one read of the system may give. A Linux line gives at
	// most 4095 bytes.
	chunk = 4096

	// look is how often the reading goroutine looks whether it is to end. A
	// read of the system cannot be ended but by closing the line under it.
	look = 50 * time.Millisecond

	// lastWrite is how long Close waits for a write that the device does not
	// take.
	lastWrite = 200 * time.Millisecond
)

// Why a line could not be opened, beside [device.ErrUnplugged] where there is no
// such line. [Open] returns them.
var (
	// ErrBusy: another program holds the line.
	ErrBusy = errors.New("another program uses the line")

	// ErrForbidden: this user has no right to the line.
	ErrForbidden = errors.New("this user has no right to the line")
)

// A Port is an open line, held by this program alone. It is a [device.Serial].
type Port struct {
	line    serial.Port
	turn    chan struct{} // one token: whoever holds it may write
	stopped chan struct{} // closed by Close
	ended   chan struct{} // closed when the reading goroutine has returned
	came    signal        // bytes, or the end of the line
	freed   signal        // room again

	mu     sync.Mutex // protects the fields below
	closed bool
	in     []byte // what came; the first done of it were read, and cleared
	done   int
	failed error // why no more will come
}

// A signal wakes one waiter, who looks for himself what is new.
type signal chan struct{}

func (s signal) give() {
	select {
	case s <- struct{}{}:
	default:
	}
}

var _ device.Serial = (*Port)(nil)

// Open opens the line at path, e.g. a name below /dev/serial/by-id, for this
// program alone (root is not kept out by other programs, nor they by it). The
// error wraps [device.ErrUnplugged] where there is no such line, [ErrBusy] or
// [ErrForbidden].
func Open(path string, m device.SerialMode) (*Port, error) {
	mode, err := translate(m)
	if err != nil {
		return nil, fmt.Errorf("opening serial line %s: %w", path, err)
	}
	line, err := serial.Open(path, mode)
	if err != nil {
		return nil, fmt.Errorf("opening serial line %s: %w", path, reason(err))
	}
	if err := line.SetReadTimeout(look); err != nil {
		return nil, errors.Join(fmt.Errorf("opening serial line %s: %w", path, err), line.Close())
	}
	p := &Port{
		line:    line,
		turn:    make(chan struct{}, 1),
		stopped: make(chan struct{}),
		ended:   make(chan struct{}),
		came:    make(signal, 1),
		freed:   make(signal, 1),
		in:      make([]byte, 0, chunk),
	}
	p.turn <- struct{}{}
	go p.listen()
	return p, nil
}

// translate puts a mode into the library's words.
func translate(m device.SerialMode) (*serial.Mode, error) {
	mode := &serial.Mode{BaudRate: m.Baud, DataBits: m.DataBits}
	if m.Baud < 0 || m.DataBits != 0 && (m.DataBits < 5 || m.DataBits > 8) {
		return nil, fmt.Errorf("no line has %d baud and %d data bits", m.Baud, m.DataBits)
	}
	switch m.Parity {
	case device.ParityNone:
		mode.Parity = serial.NoParity
	case device.ParityOdd:
		mode.Parity = serial.OddParity
	case device.ParityEven:
		mode.Parity = serial.EvenParity
	default:
		return nil, fmt.Errorf("%q is no parity", m.Parity)
	}
	switch m.StopBits {
	case 0, 1:
		mode.StopBits = serial.OneStopBit
	case 2:
		mode.StopBits = serial.TwoStopBits
	default:
		return nil, fmt.Errorf("no line has %d stop bits", m.StopBits)
	}
	if m.DTR == device.OutputAsIs && m.RTS == device.OutputAsIs {
		return mode, nil
	}
	mode.InitialStatusBits = &serial.ModemOutputBits{DTR: m.DTR != device.OutputOff, RTS: m.RTS != device.OutputOff}
	return mode, nil
}

// reason says in our words why a line could not be opened.
func reason(err error) error {
	var e *serial.PortError
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.EIO):
		return fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	case !errors.As(err, &e):
		return err
	}
	switch e.Code() {
	case serial.PortBusy:
		return ErrBusy
	case serial.PermissionDenied:
		return ErrForbidden
	case serial.PortNotFound:
		return fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	}
	return err
}

// listen keeps what the line brings until it is read. It ends with the line, or
// soon after Close: only then may the library close the line, for a read that
// begins meanwhile would be one of whatever is opened next under the number of
// this file.
func (p *Port) listen() {
	defer close(p.ended)
	buf := make([]byte, chunk)
	for {
		select {
		case <-p.stopped:
			return
		default:
		}
		n, err := p.line.Read(buf) // neither bytes nor an error: the time passed
		if n > 0 || err != nil {
			p.keep(buf[:n], err)
			clear(buf[:n])
		}
		if err != nil {
			return
		}
		p.awaitRoom()
	}
}

// keep takes what a read brought.
func (p *Port) keep(b []byte, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done > 0 && len(p.in)+len(b) > cap(p.in) {
		rest := copy(p.in, p.in[p.done:])
		clear(p.in[rest:])
		p.in, p.done = p.in[:rest], 0
	}
	p.in = append(p.in, b...)
	if err != nil {
		p.failed = fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	}
	p.came.give()
}

// awaitRoom waits until there is room for a further chunk, or the port is closed.
func (p *Port) awaitRoom() {
	for {
		p.mu.Lock()
		waiting := len(p.in) - p.done
		p.mu.Unlock()
		if waiting <= room-chunk {
			return
		}
		select {
		case <-p.stopped:
			return
		case <-p.freed:
		}
	}
}

// Read implements [device.Serial]. No error is given before all that came was
// read.
func (p *Port) Read(ctx context.Context, buf []byte) (int, error) {
	for {
		n, err := p.take(ctx, buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		select {
		case <-p.came:
		case <-p.stopped:
		case <-ctx.Done():
		}
	}
}

// take returns what is there.
func (p *Port) take(ctx context.Context, buf []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, errClosed()
	case ctx.Err() != nil:
		return 0, fmt.Errorf("reading serial line: %w", ended(ctx))
	case p.done == len(p.in) && p.failed != nil:
		return 0, fmt.Errorf("reading serial line: %w", p.failed)
	}
	n := copy(buf, p.in[p.done:])
	clear(p.in[p.done : p.done+n])
	if p.done += n; p.done == len(p.in) {
		p.in, p.done = p.in[:0], 0
	}
	p.freed.give()
	return n, nil
}

// Write implements [device.Serial]. Where the device takes nothing, such as a
// modem device that hangs, the write may stay with the system after ctx has
// ended; a write after it then waits for it.
func (p *Port) Write(ctx context.Context, data []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("writing to serial line: %w", ended(ctx))
	}
	select {
	case <-p.stopped:
		return 0, errClosed()
	case <-ctx.Done():
		return 0, fmt.Errorf("writing to serial line: %w", ended(ctx))
	case <-p.turn:
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func(data []byte) {
		n, err := p.send(data)
		clear(data)
		p.turn <- struct{}{}
		done <- result{n, err}
	}(bytes.Clone(data))
	select {
	case r := <-done:
		return r.n, r.err
	case <-p.stopped:
		return 0, errClosed()
	case <-ctx.Done():
		return 0, fmt.Errorf("writing to serial line: %w", ended(ctx))
	}
}

// send gives the line all of data, part by part.
func (p *Port) send(data []byte) (n int, err error) {
	for n < len(data) {
		select {
		case <-p.stopped:
			return n, errClosed()
		default:
		}
		done, err := p.line.Write(data[n:])
		n += done
		switch {
		case errors.Is(err, syscall.EINTR), errors.Is(err, syscall.EAGAIN):
		case err != nil:
			return n, fmt.Errorf("writing to serial line: %w: %v", device.ErrUnplugged, err)
		}
	}
	return n, nil
}

// Close implements [device.Serial]. What was not sent yet is dropped.
func (p *Port) Close() error {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	p.mu.Unlock()
	if !first {
		<-p.ended
		return nil
	}
	close(p.stopped)
	<-p.ended
	select {
	case <-p.turn:
	default:
		_ = p.line.ResetOutputBuffer() // lets go a write that waits
		select {
		case <-p.turn:
		case <-time.After(lastWrite):
		}
	}
	p.mu.Lock()
	clear(p.in)
	p.in, p.done = nil, 0
	p.mu.Unlock()
	if err := p.line.Close(); err != nil {
		return fmt.Errorf("closing serial line: %w", err)
	}
	return nil
}

func errClosed() error {
	return fmt.Errorf("using serial line: it was closed: %w", device.ErrUnplugged)
}

// ended says in our words how a context ended.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return device.ErrSilent
	}
	return context.Canceled
}
