package sbi

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"optag/device"
)

// Times of a capture.
const (
	defaultTimeout = 15 * time.Second
	maxTimeout     = time.Minute
	margin         = 2500 * time.Millisecond // services keep their own timeout badly
	busyPause      = 300 * time.Millisecond  // a service needs to notice that its stream was closed
)

const defaultScore = 40

// A Device is one device behind one service. Its calls may come from any
// goroutine; captures run one at a time, and a second one is [ErrBusy]. A service
// that has restarted, on another port too, is found again by the next call.
type Device struct {
	host *Host
	info device.Info

	mu        sync.Mutex // protects the fields below
	found     Found
	closed    bool
	capturing bool
	stream    *stream         // the one that runs, or nil
	running   sync.WaitGroup  // calls
	ctx       context.Context // of all calls; ends with Close
	end       context.CancelFunc
}

// Open opens a device that was found. It talks to the service only when
// something is asked of it. The error is that of Found.
func (h *Host) Open(f Found) (*Device, error) {
	if f.Err != nil {
		return nil, fmt.Errorf("opening the device on port %d: %w", f.Port, f.Err)
	}
	if f.id.deviceID == "" {
		return nil, errors.New("opening an SBI device: it was not found by a scan")
	}
	d := &Device{host: h, info: f.Info, found: f}
	d.ctx, d.end = context.WithCancel(context.Background())
	return d, nil
}

// Info describes the device.
func (d *Device) Info() device.Info { return d.info }

// Close ends what runs and waits for it; it is not to be called from within a
// loop over the device's own pictures. Closing twice is allowed.
func (d *Device) Close() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.end()
	d.running.Wait()
	return nil
}

// enter begins a call, whose context ends with the device. leave ends it.
func (d *Device) enter(ctx context.Context) (_ context.Context, leave func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, nil, fmt.Errorf("the device was closed: %w", device.ErrUnplugged)
	}
	d.running.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(d.ctx, func() { cancel(errClosed) })
	return ctx, func() { stop(); cancel(nil); d.running.Done() }, nil
}

var errClosed = fmt.Errorf("the device was closed: %w", device.ErrUnplugged)

func (d *Device) where() Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.found
}

// Capture takes one presentation of fingers; see [SlapCapturer]. It fails with
// the errors of this package, or with one of [device]'s.
func (d *Device) Capture(ctx context.Context, r Request) ([]Print, error) {
	if d.where().Kind == Face {
		return nil, fmt.Errorf("capturing fingers: the device is a camera: %w", ErrRefused)
	}
	o, err := order(r, d.where())
	if err != nil {
		return nil, fmt.Errorf("capturing %v: %w", r.Fingers, err)
	}
	prints := make([]Print, len(r.Fingers))
	err = d.take(ctx, o, r, func(all []sample) error {
		for _, s := range all {
			img, ppi, err := d.host.print(s)
			if err != nil {
				return fmt.Errorf("%v: %w", s.finger, err)
			}
			i := slices.Index(r.Fingers, s.finger)
			prints[i] = Print{Finger: s.finger, Image: img, PPI: ppi, Score: s.score, At: s.at}
		}
		return nil
	})
	if err != nil {
		Wipe(prints)
		return nil, fmt.Errorf("capturing %v: %w", r.Fingers, err)
	}
	return prints, nil
}

// Portrait takes a face. Fingers of the request are not looked at. An exception
// photo, with the checks switched off, is never asked for.
func (d *Device) Portrait(ctx context.Context, r Request) (Portrait, error) {
	if d.where().Kind != Face {
		return Portrait{}, fmt.Errorf("capturing a face: the device is no camera: %w", ErrRefused)
	}
	r.Fingers = nil
	var p Portrait
	err := d.take(ctx, faceOrder(d.where()), r, func(all []sample) (err error) {
		p.Picture, err = d.host.picture(all[0])
		p.Score, p.At = all[0].score, all[0].at
		return err
	})
	if err != nil {
		p.Wipe()
		return Portrait{}, fmt.Errorf("capturing a face: %w", err)
	}
	return p, nil
}

// An ordered is a request in the words of the protocol.
type ordered struct {
	modality string // Finger or Face
	subID    string
	fingers  []Finger // wanted; none for a face
	missing  []Finger // the rest of the slap
	named    bool     // bioSubType is sent: a single-finger scanner has no other way to know
}

func (o *ordered) count() int { return max(1, len(o.fingers)) }

// order finds the part of the device that takes these fingers.
func order(r Request, f Found) (ordered, error) {
	o := ordered{modality: "Finger", fingers: r.Fingers}
	if len(r.Fingers) == 0 || slices.ContainsFunc(r.Fingers, func(f Finger) bool { return !f.Valid() }) {
		return o, fmt.Errorf("no fingers, or none that exist: %w", ErrRefused)
	}
	if f.Kind == Single {
		if len(r.Fingers) != 1 {
			return o, fmt.Errorf("a scanner for one finger: %w", ErrRefused)
		}
		o.subID, o.named = "0", true
		if len(f.id.subIDs) > 0 {
			o.subID = f.id.subIDs[0]
		}
		return o, nil
	}
	for _, p := range parts() {
		if !slices.Contains(p.fingers, r.Fingers[0]) {
			continue
		}
		o.subID = p.subID
		for _, f := range p.fingers {
			if !slices.Contains(r.Fingers, f) {
				o.missing = append(o.missing, f)
			}
		}
		if len(o.missing)+len(r.Fingers) != len(p.fingers) {
			return o, fmt.Errorf("fingers of several presentations, or one twice: %w", ErrRefused)
		}
	}
	if !slices.Contains(f.id.subIDs, o.subID) {
		return o, fmt.Errorf("the device does not take this part of the hand: %w", ErrRefused)
	}
	return o, nil
}

func faceOrder(f Found) ordered {
	o := ordered{modality: "Face", subID: "0"}
	if len(f.id.subIDs) > 0 {
		o.subID = f.id.subIDs[0]
	}
	return o
}

// take captures once, and once more where the device was busy: that may be our
// own stream, which is closed first. use decodes the samples; they are wiped
// when it returns. The chain moves on only when use succeeds.
func (d *Device) take(ctx context.Context, o ordered, r Request, use func([]sample) error) error {
	ctx, leave, err := d.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if !d.begin() {
		return ErrBusy
	}
	defer d.finish()
	if err = d.once(ctx, o, r, use); !errors.Is(err, ErrBusy) {
		return closing(ctx, err)
	}
	d.stopStream()
	_ = device.Pause(ctx, busyPause)
	if ctx.Err() != nil {
		return closing(ctx, ctx.Err())
	}
	return closing(ctx, d.once(ctx, o, r, use))
}

// closing prefers the reason for which the device was closed.
func closing(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errClosed) {
		return errClosed
	}
	return err
}

func (d *Device) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.capturing {
		return false
	}
	d.capturing = true
	return true
}

func (d *Device) finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capturing = false
}

// locate finds the device ready, on its old port or, after a fresh scan, on
// another one.
func (d *Device) locate(ctx context.Context) (Found, error) {
	f := d.where()
	err := d.host.discover(ctx, f)
	if !errors.Is(err, device.ErrUnplugged) && !errors.Is(err, device.ErrSilent) {
		return f, err
	}
	lost := err
	for g := range d.host.Scan(ctx) {
		if g.Err != nil || g.id.who != f.id.who || g.Level != f.Level {
			continue
		}
		if err = d.host.discover(ctx, g); err == nil {
			d.mu.Lock()
			d.found = g
			d.mu.Unlock()
			return g, nil
		}
		return g, err
	}
	if ctx.Err() != nil {
		return f, ctx.Err()
	}
	return f, fmt.Errorf("looking for the device: %w", lost)
}

// Ready asks the service whether the device is there and could capture now. The
// error is one of this package or of [device]; [ErrBusy] may be our own stream.
func (d *Device) Ready(ctx context.Context) error {
	ctx, leave, err := d.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if _, err = d.locate(ctx); err != nil {
		return fmt.Errorf("asking whether the device is ready: %w", closing(ctx, err))
	}
	return nil
}

// once asks for one capture, verifies all of the answer, and hands it to use.
func (d *Device) once(ctx context.Context, o ordered, r Request, use func([]sample) error) error {
	f, err := d.locate(ctx)
	if err != nil {
		return err
	}
	q, err := d.host.inquiry(o, r, f)
	if err != nil {
		return err
	}
	body, err := d.host.ask(ctx, q.timeout+margin, f.Port, "RCAPTURE", "/capture", q.body())
	if err != nil {
		return err
	}
	a := answer{host: d.host, q: q, f: f}
	a.keep(body)
	defer a.wipe()
	if err := a.read(body); err != nil {
		return err
	}
	if err := use(a.samples); err != nil {
		return err
	}
	r.Chain.advance(a.last)
	return nil
}

// An inquiry is one request as it was sent.
type inquiry struct {
	ordered
	env, transaction string
	deviceID         string
	score            int
	threshold        float64
	timeout          time.Duration
	at               time.Time
	previous         [32]byte
}

// inquiry settles what the request leaves open.
func (h *Host) inquiry(o ordered, r Request, f Found) (inquiry, error) {
	number := make([]byte, 12)
	if _, err := io.ReadFull(h.opts.Random, number); err != nil {
		return inquiry{}, fmt.Errorf("making a transaction number: %w", err)
	}
	q := inquiry{
		ordered: o, env: h.opts.Environment, transaction: "optag-" + hex.EncodeToString(number), deviceID: f.id.deviceID,
		score: r.Score, threshold: r.Threshold, timeout: r.Timeout, at: h.opts.Now().UTC(), previous: r.Chain.hash(),
	}
	if q.score <= 0 {
		q.score = defaultScore
	}
	q.score = min(q.score, 100)
	if q.timeout <= 0 {
		q.timeout = defaultTimeout
	}
	q.timeout = min(q.timeout, maxTimeout)
	return q, nil
}

// A wanted is the bio element of a request.
type wanted struct {
	Type           string   `json:"type"`
	Count          string   `json:"count"`
	BioSubType     []string `json:"bioSubType"`
	Exception      []string `json:"exception"`
	RequestedScore string   `json:"requestedScore"`
	DeviceID       string   `json:"deviceId"`
	DeviceSubID    string   `json:"deviceSubId"`
	PreviousHash   string   `json:"previousHash"` // always a string: null is refused by some
}

// body is what RCAPTURE is sent. All numbers are strings.
func (q *inquiry) body() any {
	w := wanted{
		Type: q.modality, Count: strconv.Itoa(q.count()), Exception: fingerNames(q.missing),
		RequestedScore: strconv.Itoa(q.score), DeviceID: q.deviceID, DeviceSubID: q.subID,
		PreviousHash: strings.ToUpper(hex.EncodeToString(q.previous[:])),
	}
	if q.named {
		w.BioSubType = fingerNames(q.fingers)
	}
	return map[string]any{
		"env": q.env, "purpose": purpose, "specVersion": specVersion,
		"timeout":     strconv.FormatInt(q.timeout.Milliseconds(), 10),
		"captureTime": q.at.Format("2006-01-02T15:04:05Z"), "transactionId": q.transaction,
		"bio": []wanted{w}, "customOpts": nil,
	}
}

func fingerNames(fingers []Finger) []string {
	all := []string{}
	for _, f := range fingers {
		all = append(all, f.String())
	}
	return all
}

// wipeImage clears the pixels of an image that nobody will see any more.
func wipeImage(img image.Image) {
	switch img := img.(type) {
	case *image.Gray:
		clear(img.Pix)
	case *image.RGBA:
		clear(img.Pix)
	case *image.NRGBA:
		clear(img.Pix)
	case *image.CMYK:
		clear(img.Pix)
	case *image.YCbCr:
		clear(img.Y)
		clear(img.Cb)
		clear(img.Cr)
	}
}
