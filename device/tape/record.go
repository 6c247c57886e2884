package tape

import (
	"context"
	"io"
	"slices"
	"sync"

	"optag/device"
)

// A Recorder passes everything on to a device and writes it down.
type Recorder struct {
	dev device.USB

	// Hide, if not nil, says whose data is written down as zeros: an image
	// of a finger must not stay in a recording.
	Hide func(Op) bool

	mu  sync.Mutex // protects ops
	ops Transcript
}

var _ device.USB = (*Recorder)(nil)

// Record begins a recording.
func Record(dev device.USB) *Recorder { return &Recorder{dev: dev} }

// Transcript returns what was said so far.
func (r *Recorder) Transcript() Transcript {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ops)
}

// Control implements [device.USB].
func (r *Recorder) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	n, err := r.dev.Control(ctx, requestType, request, value, index, data)
	r.note(Op{Kind: Control, RequestType: requestType, Request: request, Value: value, Index: index}, data, n, err)
	return n, err
}

// Interrupt implements [device.USB].
func (r *Recorder) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	n, err := r.dev.Interrupt(ctx, endpoint, buf)
	r.note(Op{Kind: Interrupt, Endpoint: endpoint}, buf, n, err)
	return n, err
}

// Bulk implements [device.USB].
func (r *Recorder) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	n, err := r.dev.Bulk(ctx, endpoint, buf)
	r.note(Op{Kind: Bulk, Endpoint: endpoint}, buf, n, err)
	return n, err
}

// Close closes the device; it is not written down.
func (r *Recorder) Close() error { return r.dev.Close() }

// note writes an operation down when it has ended. Of what was sent all is
// noted, of what came only what came.
func (r *Recorder) note(op Op, buf []byte, n int, err error) {
	if op.In() {
		op.Room = len(buf)
		buf = buf[:max(0, min(n, len(buf)))]
	}
	op.Data = slices.Clone(buf)
	if len(op.Data) == 0 {
		op.Data = nil
	}
	if err != nil {
		_, op.Err = failure(err)
	}
	if r.Hide != nil && r.Hide(op) {
		clear(op.Data)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, op)
}

// A StreamRecorder passes everything on to a serial line and writes it down.
type StreamRecorder struct {
	line io.ReadWriteCloser

	mu  sync.Mutex // protects ops
	ops Transcript
}

// RecordStream begins a recording of a serial line.
func RecordStream(line io.ReadWriteCloser) *StreamRecorder { return &StreamRecorder{line: line} }

// Transcript returns what was said so far.
func (r *StreamRecorder) Transcript() Transcript {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ops)
}

// Read reads from the device.
func (r *StreamRecorder) Read(buf []byte) (int, error) {
	n, err := r.line.Read(buf)
	r.note(Read, buf[:max(0, n)])
	return n, err
}

// Write writes to the device.
func (r *StreamRecorder) Write(data []byte) (int, error) {
	n, err := r.line.Write(data)
	r.note(Write, data[:max(0, n)])
	return n, err
}

// Close closes the line.
func (r *StreamRecorder) Close() error { return r.line.Close() }

func (r *StreamRecorder) note(kind Kind, data []byte) {
	if len(data) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, Op{Kind: kind, Data: slices.Clone(data)})
}
