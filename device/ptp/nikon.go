package ptp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"optag/device"
)

// Operations, properties and events of Nikon cameras. They are not published;
// these follow libgphoto2 and are not confirmed on hardware.
const (
	nikonCaptureMemory = 0x90c0
	nikonGetEvent      = 0x90c7
	nikonReady         = 0x90c8
	nikonStartLive     = 0x9201
	nikonEndLive       = 0x9202
	nikonGetLive       = 0x9203
	nikonCaptureMedia  = 0x9207

	nikonMedium = 0xd10b // 0 card, 1 memory

	nikonObjectInMemory = 0xc101
	nikonInMemory       = 0xffff0001 // the handle of a picture in memory
)

// nikon drives a Nikon.
type nikon struct {
	c    *Camera
	live bool // live view runs
}

func (n *nikon) name() string { return "Nikon, unverified" }

func (n *nikon) moves() bool {
	return n.c.about.supports(nikonStartLive) && n.c.about.supports(nikonGetLive)
}

func (n *nikon) enter(ctx context.Context) error {
	n.live = false
	left, err := n.news(ctx)
	if err != nil {
		return err
	}
	for _, handle := range pictures(left) {
		if !n.c.known[handle] {
			n.c.discard(ctx, handle)
		}
	}
	_, _, err = n.c.line.transact(ctx, request{code: opSetProperty, parameters: []uint32{nikonMedium}, data: []byte{1}})
	return lenient(err)
}

func (n *nikon) leave(ctx context.Context) error {
	if !n.live {
		return nil
	}
	n.live = false
	return lenient(n.c.simply(ctx, nikonEndLive))
}

// ready waits until the camera has done what it was told.
func (n *nikon) ready(ctx context.Context) error {
	for {
		err := n.c.simply(ctx, nikonReady)
		if refused(err) != rcDeviceBusy {
			return err
		}
		if device.Pause(ctx, 20*time.Millisecond) != nil {
			return fmt.Errorf("the camera stays busy: %w", device.ErrSilent)
		}
	}
}

func (n *nikon) preview(ctx context.Context) ([]byte, error) {
	if !n.live {
		short, cancel := context.WithTimeout(ctx, n.c.opts.Silence)
		defer cancel()
		if err := n.c.simply(short, nikonStartLive); err != nil && refused(err) != rcDeviceBusy {
			return nil, err
		}
		if err := n.ready(short); err != nil {
			return nil, err
		}
		n.live = true
	}
	data, _, err := n.c.line.transact(ctx, request{code: nikonGetLive, most: 8 << 20})
	switch refused(err) {
	case rcDeviceBusy:
		return nil, nil
	case rcNikonNotLive: // it ends by itself after some thousand pictures
		n.live = false
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return livePicture(data), nil
}

// livePicture finds the JPEG file behind a header whose length differs with the
// model. It returns nil where there is none.
func livePicture(data []byte) []byte {
	if i := bytes.Index(data[:min(len(data), 2048)], []byte{0xff, 0xd8, 0xff}); i >= 0 {
		return data[i:]
	}
	return nil
}

// news fetches the camera's events.
func (n *nikon) news(ctx context.Context) ([]event, error) {
	data, _, err := n.c.line.transact(ctx, request{code: nikonGetEvent, most: 1 << 17})
	if err != nil {
		return nil, err
	}
	return parseNikonEvents(data)
}

// parseNikonEvents reads a number and so many codes with a parameter.
func parseNikonEvents(b []byte) ([]event, error) {
	if len(b) < 2 {
		return nil, nil // nothing happened
	}
	count := int(binary.LittleEndian.Uint16(b))
	if len(b)-2 < 6*count {
		return nil, fmt.Errorf("%d events in %d bytes: %w", count, len(b), device.ErrGarbled)
	}
	all := make([]event, count)
	for i := range all {
		at := b[2+6*i:]
		all[i] = event{binary.LittleEndian.Uint16(at), binary.LittleEndian.Uint32(at[2:])}
	}
	return all, nil
}

func (n *nikon) shoot(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, n.c.opts.Capture)
	defer cancel()
	if file, err := n.idle(ctx); err != nil || file != nil {
		return file, err
	}
	var err error
	if n.c.about.supports(nikonCaptureMedia) {
		focus := uint32(0xfffffffe)
		if n.live {
			focus = 0xffffffff // none while live view runs
		}
		err = n.c.simply(ctx, nikonCaptureMedia, focus, 1)
	} else {
		err = n.c.simply(ctx, nikonCaptureMemory, 0xffffffff)
	}
	if err != nil {
		return nil, err
	}
	if err := n.ready(ctx); err != nil {
		return nil, err
	}
	return n.c.await(ctx, func(ctx context.Context) ([]byte, error) {
		file, err := n.idle(ctx)
		if err == nil && file == nil {
			_ = device.Pause(ctx, 50*time.Millisecond) // await looks at ctx
		}
		return file, err
	})
}

// idle fetches a picture that is there.
func (n *nikon) idle(ctx context.Context) ([]byte, error) {
	happened, err := n.news(ctx)
	if err != nil {
		return nil, err
	}
	return n.c.collect(ctx, pictures(happened))
}

// pictures returns the objects that events tell of.
func pictures(happened []event) (handles []uint32) {
	for _, e := range happened {
		switch {
		case e.code == nikonObjectInMemory && e.object == 0:
			handles = append(handles, nikonInMemory)
		case e.code == nikonObjectInMemory, e.code == eventObjectAdded:
			handles = append(handles, e.object)
		}
	}
	return handles
}
