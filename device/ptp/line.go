package ptp

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"optag/device"
)

const (
	chunk       = 256 << 10       // of one transfer; a multiple of every packet size
	packet      = 64              // the smallest packet size of a bulk endpoint that is in use
	stale       = 64              // containers of earlier transactions that are passed over
	settleLimit = 2 * time.Second // to put a line in order
)

// A refusal is an operation that the camera answered with anything but OK.
type refusal struct{ operation, code uint16 }

func (r refusal) Error() string {
	return fmt.Sprintf("operation %04x is answered %04x", r.operation, r.code)
}

// Unwrap says what a refusal means for a camera that is no further use.
func (r refusal) Unwrap() error {
	if r.code == rcDeviceBusy || r.code == rcEOSNotReady {
		return device.ErrSilent
	}
	return device.ErrGarbled
}

// refused returns the code of a refusal, 0 where err is none.
func refused(err error) uint16 {
	var r refusal
	if errors.As(err, &r) {
		return r.code
	}
	return 0
}

// A line carries transactions: a command, data either way, a response.
type line struct {
	bus                device.USB
	number             uint8 // of the interface
	out, in, interrupt uint8 // endpoints
	silence            time.Duration

	mu          sync.Mutex // held for a transaction; protects the fields below
	transaction uint32
	broken      bool // the last transaction did not end as it should
	buf         []byte
	rest        []byte // of buf, came and not yet read
}

func newLine(bus device.USB, silence time.Duration) *line {
	return &line{bus: bus, silence: silence, buf: make([]byte, chunk)}
}

// wipe clears what came last.
func (l *line) wipe() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.buf)
	l.rest = nil
}

// findEndpoints reads the configuration. A camera that does not tell is taken to
// have the usual endpoints.
func (l *line) findEndpoints(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.silence)
	defer cancel()
	desc := make([]byte, 512)
	n, err := l.bus.Control(ctx, 0x80, 0x06, 0x0200, 0, desc)
	if errors.Is(err, device.ErrUnplugged) || ctx.Err() != nil && err != nil {
		return fmt.Errorf("reading descriptors: %w", err)
	}
	number, out, in, interrupt, ok := endpointsOf(desc[:n])
	if err != nil || !ok {
		number, out, in, interrupt = 0, 0x02, 0x81, 0x83
	}
	l.number, l.out, l.in, l.interrupt = number, out, in, interrupt
	return nil
}

// A request is one transaction to be made.
type request struct {
	code       uint16
	parameters []uint32
	data       []byte        // sent
	most       int           // bytes of data received at most
	limit      time.Duration // of it all; 0 is the silence and a second for each 2 MiB
}

// transact makes one transaction and returns what was received. A refusal is an
// error; after any other error the line is put in order before it is used again.
func (l *line) transact(ctx context.Context, r request) (data []byte, answer []uint32, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.mend(ctx); err != nil {
		return nil, nil, err
	}
	if r.limit == 0 {
		r.limit = l.silence + time.Duration(r.most>>21)*time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	id := l.transaction
	l.transaction++
	data, answer, err = l.exchange(ctx, r, id)
	if err != nil && refused(err) == 0 {
		l.broken = true
		return nil, nil, fmt.Errorf("operation %04x: %w", r.code, err)
	}
	return data, answer, err
}

func (l *line) exchange(ctx context.Context, r request, id uint32) (data []byte, answer []uint32, err error) {
	if err := l.write(ctx, container(typeCommand, r.code, id, r.parameters, nil)); err != nil {
		return nil, nil, err
	}
	if r.data != nil {
		if err := l.write(ctx, container(typeData, r.code, id, nil, r.data)); err != nil {
			return nil, nil, err
		}
	}
	for range stale {
		h, err := l.header(ctx)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case int32(h.transaction-id) < 0 && h.kind != typeEvent: // a late answer to an earlier question
			if _, err := l.body(ctx, h, 1<<20); err != nil {
				return nil, nil, err
			}
		case h.transaction != id:
			return nil, nil, fmt.Errorf("transaction %d is answered as %d: %w", id, h.transaction, device.ErrGarbled)
		case h.kind == typeData && h.code == r.code && data == nil && r.most > 0:
			if data, err = l.body(ctx, h, r.most); err != nil {
				return nil, nil, err
			}
		case h.kind == typeResponse:
			b, err := l.body(ctx, h, mostResponse-headerSize)
			if err == nil && h.code != rcOK {
				err = refusal{r.code, h.code}
			}
			return data, parameters(b), err
		default:
			return nil, nil, fmt.Errorf("container of type %d, code %04x: %w", h.kind, h.code, device.ErrGarbled)
		}
	}
	return nil, nil, fmt.Errorf("%d late answers: %w", stale, device.ErrGarbled)
}

// write sends one container. None that is sent fills its last packet, so that
// the end of each is seen.
func (l *line) write(ctx context.Context, b []byte) error {
	ctx, cancel := context.WithTimeout(ctx, l.silence)
	defer cancel()
	n, err := l.bus.Bulk(ctx, l.out, b)
	if err == nil && n != len(b) {
		err = fmt.Errorf("%d of %d bytes sent: %w", n, len(b), device.ErrGarbled)
	}
	return err
}

// more reads one transfer and returns its length, which may be 0.
func (l *line) more(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, l.silence)
	defer cancel()
	n, err := l.bus.Bulk(ctx, l.in, l.buf)
	l.rest = l.buf[:n]
	return n, err
}

// header reads the header of the next container. Transfers without a byte, which
// end what filled its packets, are passed over.
func (l *line) header(ctx context.Context) (header, error) {
	for range stale {
		if len(l.rest) > 0 {
			break
		}
		if _, err := l.more(ctx); err != nil {
			return header{}, err
		}
	}
	if len(l.rest) < headerSize {
		return header{}, fmt.Errorf("container of %d bytes: %w", len(l.rest), device.ErrGarbled)
	}
	h := parseHeader(l.rest)
	if h.length < headerSize {
		return header{}, fmt.Errorf("container of length %d: %w", h.length, device.ErrGarbled)
	}
	l.rest = l.rest[headerSize:]
	return h, nil
}

// body reads what follows a header. Memory is taken for what came, not for what
// was announced.
func (l *line) body(ctx context.Context, h header, most int) ([]byte, error) {
	want := int64(h.length) - headerSize
	if want > int64(most) {
		return nil, fmt.Errorf("container of %d bytes, at most %d are taken: %w", h.length, most+headerSize, device.ErrGarbled)
	}
	body := []byte{}
	whole := len(l.rest) > 0 // the header came with data
	for empty := 0; ; {
		n := min(int(want)-len(body), len(l.rest))
		body = append(body, l.rest[:n]...)
		l.rest = l.rest[n:]
		if len(body) == int(want) {
			return body, nil
		}
		if whole {
			// The transfer ended here; a short one ends the container too.
			if got := headerSize + len(body); got%packet != 0 {
				return nil, fmt.Errorf("container ends after %d of %d bytes: %w", got, h.length, device.ErrGarbled)
			}
		}
		got, err := l.more(ctx)
		if err != nil {
			return nil, err
		}
		if got == 0 {
			if empty++; empty > stale {
				return nil, fmt.Errorf("container stays without data: %w", device.ErrGarbled)
			}
			continue
		}
		// A header sent alone shifts what follows against the packets.
		if !whole && got%packet != 0 && len(body)+got < int(want) {
			return nil, fmt.Errorf("container ends after %d of %d bytes: %w", headerSize+len(body)+got, h.length, device.ErrGarbled)
		}
	}
}

// openSession opens a session, ending one that another program left open.
func (l *line) openSession(ctx context.Context) error {
	open := func() error {
		l.mu.Lock()
		l.transaction = 0
		l.mu.Unlock()
		_, _, err := l.transact(ctx, request{code: opOpenSession, parameters: []uint32{1}})
		return err
	}
	err := open()
	if refused(err) != rcSessionOpen {
		return err
	}
	if _, _, err := l.transact(ctx, request{code: opCloseSession}); err != nil && refused(err) == 0 {
		return err
	}
	return open()
}

// mend ends a transaction that did not end by itself: it tells the camera to
// cancel, waits until it is ready, and throws away what is still under way
// (USB Still Image Capture Device Definition 1.0, 5.2). Called with mu held.
func (l *line) mend(ctx context.Context) error {
	if !l.broken {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, l.settling())
	defer cancel()
	last := make([]byte, 6)
	binary.LittleEndian.PutUint16(last, 0x4001)
	binary.LittleEndian.PutUint32(last[2:], l.transaction-1)
	if _, err := l.bus.Control(ctx, 0x21, 0x64, 0, uint16(l.number), last); gone(ctx, err) {
		return fmt.Errorf("cancelling: %w", err)
	}
	if err := l.awaitReady(ctx); err != nil {
		return err
	}
	if err := l.drain(ctx); err != nil {
		return err
	}
	l.broken = false
	return nil
}

// settling is how long a line may take to be put in order.
func (l *line) settling() time.Duration { return min(settleLimit, l.silence) }

// gone reports whether nothing more is to be expected after an error.
func gone(ctx context.Context, err error) bool {
	return errors.Is(err, device.ErrUnplugged) || err != nil && ctx.Err() != nil
}

// awaitReady asks for the state of the camera until it is not busy any more. Not
// every camera answers this.
func (l *line) awaitReady(ctx context.Context) error {
	for {
		status := make([]byte, 32)
		n, err := l.bus.Control(ctx, 0xa1, 0x67, 0, uint16(l.number), status)
		if gone(ctx, err) {
			return fmt.Errorf("waiting for the camera to be ready: %w", err)
		}
		if err != nil || n < 4 || binary.LittleEndian.Uint16(status[2:]) != rcDeviceBusy {
			return nil
		}
		if err := device.Pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("waiting for the camera to be ready: %w", device.ErrSilent)
		}
	}
}

// drain reads until nothing comes any more.
func (l *line) drain(ctx context.Context) error {
	l.rest = nil
	for ctx.Err() == nil {
		short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		_, err := l.bus.Bulk(short, l.in, l.buf)
		cancel()
		switch {
		case errors.Is(err, device.ErrUnplugged):
			return fmt.Errorf("clearing the line: %w", err)
		case err != nil:
			return nil
		}
	}
	return fmt.Errorf("clearing the line: data without end: %w", device.ErrGarbled)
}

// reset puts the camera into the state after the plug. No session is open then.
func (l *line) reset(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, l.settling())
	defer cancel()
	if _, err := l.bus.Control(ctx, 0x21, 0x66, 0, uint16(l.number), nil); gone(ctx, err) {
		return fmt.Errorf("resetting: %w", err)
	}
	if err := l.awaitReady(ctx); err != nil {
		return err
	}
	l.broken = false
	return l.drain(ctx)
}
