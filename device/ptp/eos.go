package ptp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"optag/device"
)

// Operations, properties and events of Canon EOS cameras. They are not
// published; these follow libgphoto2 and are not confirmed on hardware.
const (
	eosGetPartialObject = 0x9107
	eosRelease          = 0x910f
	eosSetProperty      = 0x9110
	eosSetRemoteMode    = 0x9114
	eosSetEventMode     = 0x9115
	eosGetEvent         = 0x9116
	eosTransferComplete = 0x9117
	eosHostCapacity     = 0x911a
	eosKeepOn           = 0x911d
	eosReleaseOn        = 0x9128
	eosReleaseOff       = 0x9129
	eosGetViewFinder    = 0x9153

	eosDestination = 0xd11c // 2 card, 4 host
	eosViewOutput  = 0xd1b0 // 1 its own screen, 2 host
	eosViewMode    = 0xd1b1 // 1 on

	eosObjectAdded     = 0xc181
	eosTransferRequest = 0xc186
	eosTransferLong    = 0xc1a9
)

// eos drives a Canon EOS in remote mode.
type eos struct {
	c     *Camera
	awake time.Time // the camera was last kept from switching off
}

func (e *eos) name() string { return "Canon EOS, unverified" }

func (e *eos) moves() bool { return e.c.about.supports(eosGetViewFinder) }

// simply makes a transaction without data.
func (c *Camera) simply(ctx context.Context, code uint16, parameters ...uint32) error {
	_, _, err := c.line.transact(ctx, request{code: code, parameters: parameters, limit: c.opts.Capture})
	return err
}

// lenient passes over a refusal: models differ in what they have.
func lenient(err error) error {
	if refused(err) != 0 {
		return nil
	}
	return err
}

func (e *eos) enter(ctx context.Context) error {
	c := e.c
	if err := c.simply(ctx, eosSetRemoteMode, 1); err != nil {
		return err
	}
	if err := c.simply(ctx, eosSetEventMode, 1); err != nil {
		return err
	}
	left, err := e.news(ctx)
	if err != nil {
		return err
	}
	if err := e.free(ctx, left); err != nil {
		return err
	}
	if err := lenient(e.set(ctx, eosDestination, 4)); err != nil {
		return err
	}
	if err := lenient(c.simply(ctx, eosHostCapacity, 0x0fffffff, 0x1000, 1)); err != nil {
		return err
	}
	if !e.moves() {
		return nil
	}
	if err := lenient(e.set(ctx, eosViewMode, 1)); err != nil {
		return err
	}
	return lenient(e.set(ctx, eosViewOutput, 2))
}

// leave gives the camera back; all of it is tried.
func (e *eos) leave(ctx context.Context) error {
	if e.moves() {
		if err := lenient(e.set(ctx, eosViewOutput, 0)); err != nil {
			return err
		}
	}
	if err := lenient(e.c.simply(ctx, eosSetEventMode, 0)); err != nil {
		return err
	}
	return lenient(e.c.simply(ctx, eosSetRemoteMode, 0))
}

// set sets a property: size, property, value.
func (e *eos) set(ctx context.Context, property, value uint32) error {
	data := binary.LittleEndian.AppendUint32(nil, 12)
	data = binary.LittleEndian.AppendUint32(data, property)
	data = binary.LittleEndian.AppendUint32(data, value)
	_, _, err := e.c.line.transact(ctx, request{code: eosSetProperty, data: data})
	return err
}

// An eosObject is a picture that the camera offers.
type eosObject struct {
	handle, size uint32
	format       uint16
	onCard       bool // else in the camera's memory, until the transfer is complete
}

// news fetches the camera's events, and returns the pictures among them.
func (e *eos) news(ctx context.Context) ([]eosObject, error) {
	data, _, err := e.c.line.transact(ctx, request{code: eosGetEvent, most: 1 << 20})
	if err != nil {
		return nil, err
	}
	return parseEOSEvents(data)
}

// parseEOSEvents reads records of size, type and data, the last of type 0.
func parseEOSEvents(b []byte) (found []eosObject, err error) {
	u32 := binary.LittleEndian.Uint32
	for len(b) >= 8 {
		size, kind := u32(b), u32(b[4:])
		if kind == 0 {
			return found, nil
		}
		if size < 8 || int64(size) > int64(len(b)) {
			return nil, fmt.Errorf("event of %d bytes in %d: %w", size, len(b), device.ErrGarbled)
		}
		r := b[:size]
		switch {
		case kind == eosObjectAdded && size >= 0x28:
			found = append(found, eosObject{u32(r[8:]), u32(r[0x1c:]), binary.LittleEndian.Uint16(r[0x10:]), true})
		case (kind == eosTransferRequest || kind == eosTransferLong) && size >= 0x1c:
			found = append(found, eosObject{u32(r[8:]), u32(r[0x14:]), binary.LittleEndian.Uint16(r[0xc:]), false})
		}
		b = b[size:]
	}
	return found, nil
}

func (e *eos) shoot(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, e.c.opts.Capture)
	defer cancel()
	before, err := e.news(ctx) // else the release is answered busy
	if err != nil {
		return nil, err
	}
	if file, err := e.collect(ctx, before); err != nil || file != nil {
		return file, err
	}
	if err := e.release(ctx); err != nil {
		return nil, err
	}
	return e.c.await(ctx, func(ctx context.Context) ([]byte, error) {
		found, err := e.news(ctx)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			_ = device.Pause(ctx, 50*time.Millisecond) // await looks at ctx
			return nil, nil
		}
		return e.collect(ctx, found)
	})
}

// release presses the button half and whole, and lets it go.
func (e *eos) release(ctx context.Context) error {
	c := e.c
	if !c.about.supports(eosReleaseOn) {
		return c.simply(ctx, eosRelease)
	}
	if err := c.simply(ctx, eosReleaseOn, 1, 0); err != nil {
		return err
	}
	pressed := c.simply(ctx, eosReleaseOn, 2, 0)
	if pressed != nil && refused(pressed) == 0 {
		return pressed
	}
	if pressed == nil {
		if err := lenient(c.simply(ctx, eosReleaseOff, 2)); err != nil {
			return err
		}
	}
	if err := lenient(c.simply(ctx, eosReleaseOff, 1)); err != nil {
		return err
	}
	return pressed
}

// collect fetches the first JPEG file and frees all that is offered.
func (e *eos) collect(ctx context.Context, found []eosObject) (file []byte, err error) {
	for _, o := range found {
		if o.format == formatJPEG && !e.c.known[o.handle] {
			if file, err = e.c.fetch(ctx, o.handle, o.size); err != nil {
				return nil, err
			}
			break
		}
	}
	return file, e.free(ctx, found)
}

// free takes pictures off the camera, but those that were on its card before.
func (e *eos) free(ctx context.Context, found []eosObject) error {
	for _, o := range found {
		switch {
		case o.format == formatFolder:
		case !o.onCard:
			if err := lenient(e.c.simply(ctx, eosTransferComplete, o.handle)); err != nil {
				return err
			}
		case e.c.known != nil && !e.c.known[o.handle]:
			e.c.discard(ctx, o.handle)
		}
	}
	return nil
}

func (e *eos) preview(ctx context.Context) ([]byte, error) {
	if time.Since(e.awake) > 10*time.Second {
		e.awake = time.Now()
		if err := lenient(e.c.simply(ctx, eosKeepOn)); err != nil {
			return nil, err
		}
	}
	data, _, err := e.c.line.transact(ctx, request{code: eosGetViewFinder, parameters: []uint32{0x200000, 0, 0}, most: 8 << 20})
	if code := refused(err); code == rcEOSNotReady || code == rcDeviceBusy {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return viewFinder(data), nil
}

// viewFinder finds the JPEG file among records of size, type and data; types 1,
// 9 and 11 are pictures. It returns nil where there is none.
func viewFinder(b []byte) []byte {
	for len(b) >= 8 {
		size, kind := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if size < 8 || int64(size) > int64(len(b)) {
			return nil
		}
		if file := b[8:size]; (kind == 1 || kind == 9 || kind == 11) && bytes.HasPrefix(file, []byte{0xff, 0xd8}) {
			return file
		}
		b = b[size:]
	}
	return nil
}

// idle keeps a camera without live view awake, and fetches what somebody took.
func (e *eos) idle(ctx context.Context) ([]byte, error) {
	if err := lenient(e.c.simply(ctx, eosKeepOn)); err != nil {
		return nil, err
	}
	found, err := e.news(ctx)
	if err != nil {
		return nil, err
	}
	return e.collect(ctx, found)
}
