// Package v4l2 drives cameras behind Linux's Video4Linux 2: webcams, document
// cameras and whatever else the kernel's uvcvideo and its like make into
// /dev/video*. It speaks to the kernel by ioctls on memory-mapped buffers, in
// pure Go, and knows nothing of faces: whether a picture is a portrait is the
// capture's business.
//
// # Pictures
//
// [Camera.Frames] yields moving pictures for the screen, always the newest one:
// what came meanwhile is counted and passed over. After [Camera.Shoot] it yields
// one still, with Encoded, taken in the largest mode the camera has; where that
// mode is another than the preview's the stream is stopped, changed and changed
// back, which takes a camera about half a second.
//
// The Encoded of a still are the camera's own bytes where it delivers motion
// JPEG: nothing is decoded and encoded again. Two things are done to them that
// change no pixel: the Huffman tables of Annex K of ITU-T T.81, which cameras
// leave out (AVI1 and UVC allow it), are put in, and the padding behind the
// image is cut off. A camera that delivers YUYV only has no file of its own; its
// still is a PNG of its pixels in RGB.
//
// Every JPEG file is checked code by code up to its end, so that a picture torn
// on its way is counted and not shown, and never becomes a still.
//
// # Limits
//
// YUYV and motion JPEG; single-planar capture; 64-bit Linux. A call in which the
// kernel itself waits for a camera that hangs cannot be ended by anyone: it is
// left behind, the camera counts as silent, and the node is closed when the
// kernel returns.
package v4l2

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"iter"
	"sync"
	"time"

	"optag/device"
)

const driverVersion = "1"

// ErrBusy: another program, or another part of this one, holds the camera. Open
// and Frames return it, always together with [device.ErrSilent].
var ErrBusy = errors.New("another program holds the camera")

// Options say how a camera is to be run. The zero value is a good portrait
// camera's.
type Options struct {
	// Preview is the size wished for the moving pictures; the nearest one the
	// camera has at 15 pictures a second or more is taken. Default 1280 × 720.
	Preview image.Point

	// Still is the largest size wished for stills; the largest within it is
	// taken, the smallest of all where none is. Default 4096 × 4096.
	Still image.Point

	// FPS is the rate wished for the moving pictures. Default 30.
	FPS int

	// Settle is how many pictures of a still's mode are passed over, while
	// the camera finds its exposure anew. Default 4; -1 is none.
	Settle int

	// Mains is the frequency of the mains, whose light flickers: 50 or 60 Hz.
	// Default 50.
	Mains int

	// Hold keeps adjustments at fixed values, in the units of [Adjustment], from
	// opening on; the camera makes those by itself that are not named. What a
	// camera cannot hold it adjusts as before: see [Camera.Settings].
	Hold map[Adjustment]int

	// Silence is how long a camera may take for a picture, and half of how
	// long for a change of its settings, before it counts as silent; a stream
	// that went silent is started anew once before that is said. Default 2 s.
	Silence time.Duration

	// Decode makes an image of a JPEG file. Default image/jpeg's.
	Decode func(io.Reader) (image.Image, error)
}

func (o Options) withDefaults() Options {
	if o.Preview == (image.Point{}) {
		o.Preview = image.Pt(1280, 720)
	}
	if o.Still == (image.Point{}) {
		o.Still = image.Pt(4096, 4096)
	}
	if o.FPS <= 0 {
		o.FPS = 30
	}
	switch {
	case o.Settle == 0:
		o.Settle = 4
	case o.Settle < 0:
		o.Settle = 0
	}
	if o.Mains == 0 {
		o.Mains = 50
	}
	if o.Silence <= 0 {
		o.Silence = 2 * time.Second
	}
	if o.Decode == nil {
		o.Decode = jpeg.Decode
	}
	return o
}

// A Camera is an open camera. It is a [device.Camera].
type Camera struct {
	port *port
	opts Options
	info device.Info

	modes          []Mode
	preview, still Mode

	shoot chan struct{} // holds one token while a still is wanted
	film  film

	use device.Exclusive

	mu    sync.Mutex // protects stats, and still once the camera is open
	stats Stats
}

var _ device.Camera = (*Camera)(nil)

// Open opens the camera at a node found by [List]. The error wraps
// [device.ErrUnplugged], [device.ErrSilent] or [device.ErrGarbled] where the
// camera failed, and [ErrBusy] too where somebody else streams from it.
func Open(ctx context.Context, open Opener, at Found, o Options) (*Camera, error) {
	c := &Camera{
		opts:  o.withDefaults(),
		shoot: make(chan struct{}, 1),
	}
	if err := c.open(ctx, open, at); err != nil {
		return nil, fmt.Errorf("opening camera %s: %w", at.Path, err)
	}
	return c, nil
}

func (c *Camera) open(ctx context.Context, open Opener, at Found) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", device.ErrSilent, err)
	}
	var err error
	if c.port, err = openPort(open, at.Path, 2*c.opts.Silence); err != nil {
		return err
	}
	if err := c.port.attend("asking what it is", c.meet); err != nil {
		return errors.Join(err, c.port.close())
	}
	c.info = at.info(c.port.card)
	return nil
}

// meet asks the camera what it is and can do, chooses its modes, and sets what it
// adjusts.
func (c *Camera) meet() error {
	if err := c.port.identify(); err != nil {
		return err
	}
	modes, err := c.port.listModes()
	if err != nil {
		return err
	}
	c.modes = modes
	if c.preview, c.still, err = choose(modes, c.opts); err != nil {
		return err
	}
	if c.preview, err = c.port.setMode(c.preview, c.opts.FPS); err != nil {
		return err
	}
	return c.port.prepare(c.opts.Mains, c.opts.Hold)
}

// Info implements [device.Source].
func (c *Camera) Info() device.Info { return c.info }

// Modes returns what the camera can deliver of what this driver can read.
func (c *Camera) Modes() []Mode { return append([]Mode(nil), c.modes...) }

// Chosen returns the modes in which moving pictures and stills are taken.
func (c *Camera) Chosen() (preview, still Mode) { return c.preview, c.still }

// Stats returns what was counted since the camera was opened.
func (c *Camera) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// count changes the statistics.
func (c *Camera) count(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

// Shoot asks for one still, which the sequence that runs, or the next one,
// yields as soon as it can. Asking again before it came asks for no second one.
func (c *Camera) Shoot() {
	select {
	case c.shoot <- struct{}{}:
	default:
	}
}

// Frames implements [device.Source], as [device.Frames] says.
func (c *Camera) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return device.Frames(ctx, &c.use, "taking pictures", func(ctx context.Context, yield yieldFunc) error {
		defer c.film.wipe()
		return c.run(ctx, yield)
	})
}

// Close implements [device.Source], as [device.Exclusive.Close] says.
func (c *Camera) Close() error { return c.use.Close("camera", c.port.close) }
