// Package ptp drives still cameras that speak the Picture Transfer Protocol
// (ISO 15740) over USB, on any [device.USB]: it releases the shutter, fetches
// the picture and takes it off the camera's card. It knows nothing of how the
// camera was found, and judges no portrait.
//
// # Modes
//
// What a camera can do stands in its device info, and decides the mode:
//
//   - standard: InitiateCapture. There are no moving pictures: Frames yields
//     nothing until [Camera.Shoot], or until somebody presses the button of the
//     camera itself; then a still.
//   - Canon EOS: remote mode, with live view where the camera has it.
//   - Nikon: capture into the camera's memory, with live view.
//
// The last two follow what is known of these cameras from libgphoto2 and are
// not confirmed on hardware; [Camera.Mode] says which one is in use.
//
// # Stills
//
// Encoded is the camera's JPEG file, bit for bit, with its Exif data; Image is
// its pixels as they lie in the file, so that a camera on its side shows people
// on their side. A file that is not as long as the camera announced is refused.
// No portrait stays on the camera: a picture is deleted as soon as it was
// fetched, and one left behind by a sequence that was cut off is deleted by the
// next, never yielded, as is one that somebody takes with the camera's own button
// while no sequence runs. [Stats].Undeleted counts those that the camera would not
// delete.
package ptp

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

// Class is the class of the interface to claim: still image.
func Class() device.USBClass {
	return device.USBClass{Class: 6, SubClass: 1, Protocol: 1}
}

// Options say how a camera is to be run. The zero value will do.
type Options struct {
	USB device.USBInfo // for Info, where the camera's own is empty

	// Silence is how long the camera may take for a transfer, or for a moving
	// picture, before it counts as silent. Default 3 s.
	Silence time.Duration

	// Capture is how long it may take from the release to the picture, which
	// includes focusing. Default 15 s.
	Capture time.Duration

	// Largest bounds a picture's file in bytes. Default 64 MiB.
	Largest int

	// Keep leaves pictures on the camera.
	Keep bool

	// FPS bounds the moving pictures per second. Default 20.
	FPS int

	// Decode makes an image of a JPEG file. Default image/jpeg's.
	Decode func(io.Reader) (image.Image, error)
}

func (o Options) withDefaults() Options {
	if o.Silence <= 0 {
		o.Silence = 3 * time.Second
	}
	if o.Capture <= 0 {
		o.Capture = 15 * time.Second
	}
	if o.Largest <= 0 {
		o.Largest = 64 << 20
	}
	if o.FPS <= 0 {
		o.FPS = 20
	}
	if o.Decode == nil {
		o.Decode = jpeg.Decode
	}
	return o
}

// Stats count what happened since the camera was opened.
type Stats struct {
	Pictures  int // yielded
	Stills    int // of these, with Encoded
	Torn      int // not whole, or not to be decoded
	Refused   int // releases that the camera refused, out of focus for example
	Restarts  int // of sessions that broke
	Undeleted int // pictures that stayed on the camera
}

// A mode is one way to release the shutter.
type mode interface {
	// name is the mode's for a technician.
	name() string
	// enter prepares the camera.
	enter(ctx context.Context) error
	// leave gives the camera back to its own buttons.
	leave(ctx context.Context) error
	// preview returns a moving picture's JPEG file, nil where none is ready.
	preview(ctx context.Context) ([]byte, error)
	// moves reports whether there are moving pictures.
	moves() bool
	// shoot takes a picture and returns its JPEG file.
	shoot(ctx context.Context) ([]byte, error)
	// idle is called about once a second while nothing else is. It returns
	// the file of a picture that somebody took at the camera, or nil.
	idle(ctx context.Context) ([]byte, error)
}

// A Camera is an open camera. It is a [device.Camera].
type Camera struct {
	line   *line
	opts   Options
	info   device.Info
	about  deviceInfo
	events *events
	mode   mode
	known  map[uint32]bool // objects that were on the camera before, nil as long as nobody looked
	pixels *image.YCbCr    // of the last picture
	file   []byte          // and its file

	wake chan struct{} // holds a token when wanted became true

	use device.Exclusive

	mu     sync.Mutex // protects the fields below
	wanted bool       // a still is wanted
	stats  Stats
}

var _ device.Camera = (*Camera)(nil)

// Open asks the camera on bus what it is and opens a session with it. The bus
// then belongs to the camera. The error wraps [device.ErrUnplugged],
// [device.ErrSilent] or [device.ErrGarbled]; bus is closed in every such case.
func Open(ctx context.Context, bus device.USB, o Options) (*Camera, error) {
	c := &Camera{
		opts: o.withDefaults(),
		wake: make(chan struct{}, 1),
	}
	c.line = newLine(bus, c.opts.Silence)
	if err := c.meet(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening PTP camera: %w", promised(ctx, err)), bus.Close())
	}
	c.events = listen(bus, c.line.interrupt)
	return c, nil
}

// promised turns the end of ctx into one of the errors that are promised.
func promised(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", device.ErrSilent, err)
	}
	return err
}

// meet learns what the camera is. One that another program left in the midst of
// something is reset and asked again.
func (c *Camera) meet(ctx context.Context) error {
	if err := c.line.findEndpoints(ctx); err != nil {
		return err
	}
	err := c.introduce(ctx)
	if err != nil && ctx.Err() == nil && !errors.Is(err, device.ErrUnplugged) {
		if err = c.line.reset(ctx); err == nil {
			err = c.introduce(ctx)
		}
	}
	if err != nil {
		return err
	}
	c.mode = c.chooseMode()
	c.info = c.named()
	return nil
}

// Describe is the Info of a camera that was not opened for it: what the USB
// tells. The camera's own words and its firmware come with opening.
func Describe(usb device.USBInfo) device.Info {
	i := device.Info{Maker: usb.Maker, Model: usb.Product, Serial: usb.Serial, Driver: "ptp", Version: driverVersion}
	if i.Model == "" {
		i.Model = "still camera"
	}
	return i
}

// named is what the camera says of itself, and what the USB says where the
// camera is silent.
func (c *Camera) named() device.Info {
	i := Describe(c.opts.USB)
	if c.about.model != "" {
		i.Maker, i.Model = c.about.maker, c.about.model
	}
	if c.about.serial != "" {
		i.Serial = c.about.serial
	}
	i.Firmware = c.about.version
	return i
}

func (c *Camera) introduce(ctx context.Context) error {
	data, _, err := c.line.transact(ctx, request{code: opGetDeviceInfo, most: 1 << 16})
	if err != nil {
		return err
	}
	if c.about, err = parseDeviceInfo(data); err != nil {
		return err
	}
	return c.line.openSession(ctx)
}

// chooseMode picks the mode by what the camera lists.
func (c *Camera) chooseMode() mode {
	has := c.about.supports
	switch {
	case has(eosSetRemoteMode) && has(eosSetEventMode) && has(eosGetEvent) && (has(eosReleaseOn) || has(eosRelease)):
		return &eos{c: c}
	case has(nikonGetEvent) && has(nikonReady) && (has(nikonCaptureMedia) || has(nikonCaptureMemory)):
		return &nikon{c: c}
	}
	return &standard{c: c}
}

// Info implements [device.Source].
func (c *Camera) Info() device.Info { return c.info }

// Mode names the mode in use: "standard", or "Canon EOS, unverified" and
// "Nikon, unverified".
func (c *Camera) Mode() string { return c.mode.name() }

// Moves reports whether Frames yields moving pictures. Without, it yields stills
// only.
func (c *Camera) Moves() bool { return c.mode.moves() }

// Stats returns what was counted since the camera was opened.
func (c *Camera) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

func (c *Camera) count(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

// Shoot asks for one still, which the sequence that runs, or the next one,
// yields as soon as the camera has taken it. Asking again before it came asks
// for no second one.
func (c *Camera) Shoot() {
	c.mu.Lock()
	c.wanted = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Camera) wantsStill() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wanted
}

// unshoot forgets that a still is wanted.
func (c *Camera) unshoot() {
	c.mu.Lock()
	c.wanted = false
	c.mu.Unlock()
	select {
	case <-c.wake:
	default:
	}
}

// Frames implements [device.Source], as [device.Frames] says. Where the camera
// refuses to release, because it cannot focus for example, it yields
// [device.HoldStill] and tries again.
func (c *Camera) Frames(ctx context.Context) iter.Seq2[device.Picture, error] {
	return device.Frames(ctx, &c.use, "taking pictures", func(ctx context.Context, yield yieldFunc) error {
		defer c.wipe()
		return c.run(ctx, yield)
	})
}

// wipe clears the last picture.
func (c *Camera) wipe() {
	clear(c.file)
	c.file = nil
	if c.pixels != nil {
		clear(c.pixels.Y)
		clear(c.pixels.Cb)
		clear(c.pixels.Cr)
		c.pixels = nil
	}
	c.line.wipe()
}

// Close implements [device.Source], as [device.Exclusive.Close] says. The camera
// is told that the session is over.
func (c *Camera) Close() error {
	return c.use.Close("PTP camera", func() error {
		if c.events.err() == nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_, _, _ = c.line.transact(ctx, request{code: opCloseSession})
		}
		c.line.wipe()
		defer c.events.close()
		return c.line.bus.Close()
	})
}
