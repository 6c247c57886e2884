package sbi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"iter"
	"mime"
	"strings"
	"time"

	"optag/device"
)

const (
	streamSilence = 2 * time.Second        // without a picture; the specification promises three a second
	streamTimeout = "300000"               // asked of the service, its default
	streamPause   = 100 * time.Millisecond // before a stream that ended is asked for again
	maxPart       = 4 << 20                // of one picture
	maxPreview    = 16 << 20               // pixels of one
)

// A stream is one live stream.
type stream struct{ stop context.CancelFunc }

// Preview yields pictures to look at; see [SlapCapturer]. fingers choose the part
// of a slap scanner; nil for a face or a scanner of one finger. It panics when
// another preview runs. It yields the newest picture: what the caller is too slow
// for is left out. A stream that the service ends, after a capture or after five
// minutes, is asked for again.
func (d *Device) Preview(ctx context.Context, fingers []Finger) iter.Seq2[device.Picture, error] {
	return func(yield func(device.Picture, error) bool) {
		inner, leave, err := d.enter(ctx)
		if err != nil {
			if ctx.Err() == nil {
				yield(device.Picture{}, fmt.Errorf("previewing: %w", err))
			}
			return
		}
		defer leave()
		// What was decoded already when ctx ended is not for anybody any more.
		err = d.preview(inner, fingers, func(p device.Picture) bool { return ctx.Err() == nil && yield(p, nil) })
		if err = closing(inner, err); err == nil || errors.Is(err, errLeft) || ctx.Err() != nil {
			return
		}
		yield(device.Picture{}, fmt.Errorf("previewing: %w", err))
	}
}

// errLeft: the loop over the pictures was left.
var errLeft = errors.New("preview left")

// preview runs one stream after another.
func (d *Device) preview(ctx context.Context, fingers []Finger, yield func(device.Picture) bool) error {
	f := d.where()
	o := faceOrder(f)
	if f.Kind == Slap {
		var err error
		if o, err = order(Request{Fingers: fingers}, f); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		if err := d.idle(ctx); err != nil {
			return err
		}
		n, err := d.streamOnce(ctx, o, yield)
		switch {
		case err == nil && n == 0 && !d.isCapturing():
			return fmt.Errorf("a stream without a picture: %w", device.ErrGarbled)
		case err == nil, errors.Is(err, errStopped), d.isCapturing() && !errors.Is(err, errLeft):
		default:
			return err
		}
		_ = device.Pause(ctx, streamPause)
	}
	return ctx.Err()
}

// idle waits until no capture runs: the service would end the stream again.
func (d *Device) idle(ctx context.Context) error {
	for d.isCapturing() && ctx.Err() == nil {
		_ = device.Pause(ctx, streamPause)
	}
	return ctx.Err()
}

func (d *Device) isCapturing() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.capturing
}

// errStopped is the cause of a stream that a capture ended.
var errStopped = errors.New("stream stopped for a capture")

// stopStream closes our own stream, where one runs.
func (d *Device) stopStream() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stream != nil {
		d.stream.stop()
	}
}

// streamOnce yields the pictures of one stream and returns their number, and nil
// where the service ended it.
func (d *Device) streamOnce(ctx context.Context, o ordered, yield func(device.Picture) bool) (n int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &stream{stop: func() { cancel(errStopped) }}
	d.mu.Lock()
	if d.stream != nil {
		d.mu.Unlock()
		panic("sbi: Preview while another runs")
	}
	d.stream = s
	f := d.found
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.stream = nil
		d.mu.Unlock()
		if errors.Is(context.Cause(ctx), errStopped) {
			err = errStopped
		}
	}()

	watch := time.AfterFunc(streamSilence, func() { cancel(errLate) })
	defer watch.Stop()
	body := map[string]string{"deviceId": f.id.deviceID, "deviceSubId": o.subID, "timeout": streamTimeout}
	l, err := d.host.request(ctx, f.Port, "STREAM", "/stream", body)
	if err != nil {
		return 0, err
	}
	defer l.close()
	if err := l.streams(); err != nil {
		return 0, explain(ctx, err)
	}
	n, err = newest(l, watch, yield)
	if err != nil && !errors.Is(err, errLeft) {
		err = explain(ctx, err)
	}
	return n, err
}

// streams says whether pictures follow: an error comes as JSON in their place.
func (l *line) streams() error {
	kind, _, _ := mime.ParseMediaType(l.resp.Header.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") {
		return nil
	}
	answer, err := l.value(maxAnswer)
	if err != nil {
		return err
	}
	var one struct {
		fault
		Error fault `json:"error"`
	}
	var many []json.RawMessage
	if json.Unmarshal(answer, &many) == nil && len(many) > 0 {
		answer = many[0]
	}
	_ = json.Unmarshal(answer, &one) // what is no error at all is reported below
	for _, f := range []fault{one.Error, one.fault} {
		if err := f.err(); err != nil {
			return err
		}
	}
	return fmt.Errorf("neither a stream nor an error: %w", device.ErrGarbled)
}

// newest decodes and yields what comes, the newest first and the rest not at
// all, until the stream ends. The watch runs while we wait for the service, not
// while our caller looks.
func newest(l *line, watch *time.Timer, yield func(device.Picture) bool) (n int, err error) {
	pictures := make(chan []byte, 1)
	done := make(chan error, 1)
	go func() {
		defer close(pictures)
		in := bufio.NewReaderSize(refilled{l}, 32<<10)
		for {
			b, err := nextJPEG(in)
			if err != nil {
				done <- err
				return
			}
			select { // an older one that nobody took makes room
			case <-pictures:
			default:
			}
			pictures <- b
		}
	}()
	defer func() {
		l.conn.Close()
		for range pictures { // until the reader has ended
		}
	}()
	for b := range pictures {
		watch.Stop()
		p, err := previewOf(b)
		if err != nil { // a torn picture is no reason to end
			watch.Reset(streamSilence)
			continue
		}
		n++
		more := yield(p)
		wipeImage(p.Image)
		if !more {
			return n, errLeft
		}
		watch.Reset(streamSilence)
	}
	if err = <-done; err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n, err
}

// refilled reads the body of a stream, which may be as long as it likes.
type refilled struct{ *line }

func (r refilled) Read(p []byte) (int, error) {
	r.cap.N = maxPart
	return r.resp.Body.Read(p)
}

// previewOf decodes one picture.
func previewOf(b []byte) (device.Picture, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width*c.Height > maxPreview {
		return device.Picture{}, device.ErrGarbled
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	return device.Picture{Image: img}, err
}
