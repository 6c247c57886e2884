package tape

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"optag/device"
)

// A StreamPlayback answers a driver as a recorded serial device did. Bytes are
// what counts, not how they were cut into calls. What came after a write is
// read only after it has been written; a Read before that waits. After the last
// byte Read returns [io.EOF].
type StreamPlayback struct {
	mu      sync.Mutex // protects the fields below
	changed *sync.Cond
	ops     Transcript // left; data done is cut off
	closed  bool
	wrong   error
}

var _ io.ReadWriteCloser = (*StreamPlayback)(nil)

// PlayStream makes a serial device of the reads and writes of a transcript.
func PlayStream(t Transcript) *StreamPlayback {
	p := &StreamPlayback{}
	p.changed = sync.NewCond(&p.mu)
	for _, op := range t {
		if (op.Kind == Read || op.Kind == Write) && len(op.Data) > 0 {
			p.ops = append(p.ops, op)
		}
	}
	return p
}

// Read gives what the device said next.
func (p *StreamPlayback) Read(buf []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && len(p.ops) > 0 && p.ops[0].Kind != Read {
		p.changed.Wait()
	}
	switch {
	case p.closed:
		return 0, fmt.Errorf("playing back: closed: %w", device.ErrUnplugged)
	case len(p.ops) == 0:
		return 0, io.EOF
	}
	n := copy(buf, p.ops[0].Data)
	p.advance(n)
	return n, nil
}

// Write fails when the driver says anything else than was recorded.
func (p *StreamPlayback) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return 0, fmt.Errorf("playing back: closed: %w", device.ErrUnplugged)
	}
	done := 0
	for done < len(data) {
		// What the driver did not read before it wrote on is lost, as on a
		// real line.
		for len(p.ops) > 0 && p.ops[0].Kind == Read {
			p.ops = p.ops[1:]
		}
		if len(p.ops) == 0 {
			return done, p.fail("the driver wrote % x, after the last that was recorded", data[done:])
		}
		want := p.ops[0].Data
		n := min(len(want), len(data)-done)
		if !bytes.Equal(want[:n], data[done:done+n]) {
			return done, p.fail("the driver wrote % x, recorded was % x", data[done:done+n], want[:n])
		}
		p.advance(n)
		done += n
	}
	return done, nil
}

// Close fails when the driver wrote something wrong or not all.
func (p *StreamPlayback) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.changed.Broadcast()
	if p.wrong == nil && len(p.ops) > 0 {
		return fmt.Errorf("playing back: %d operations were not done, the first is %s", len(p.ops), p.ops[0].String())
	}
	return p.wrong
}

// advance cuts n bytes off. Called with mu locked.
func (p *StreamPlayback) advance(n int) {
	if p.ops[0].Data = p.ops[0].Data[n:]; len(p.ops[0].Data) == 0 {
		p.ops = p.ops[1:]
	}
	p.changed.Broadcast()
}

func (p *StreamPlayback) fail(format string, args ...any) error {
	err := fmt.Errorf("playing back: "+format+": %w", append(args, device.ErrGarbled)...)
	if p.wrong == nil {
		p.wrong = err
	}
	return err
}
