package ptp

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"optag/device"
)

const part = 1 << 20 // bytes asked for at once; more upsets some cameras

// handles returns the objects on the camera's card.
func (c *Camera) handles(ctx context.Context) ([]uint32, error) {
	data, _, err := c.line.transact(ctx, request{
		code: opGetObjectHandles, parameters: []uint32{everywhere, 0, 0}, most: 4 + 4*mostObjectsOnDevice,
	})
	if err != nil {
		return nil, err
	}
	return parseHandles(data)
}

// tidy learns what is on the camera's card, and, when that is known, deletes
// what an earlier sequence left there. Cameras without a card are let be.
func (c *Camera) tidy(ctx context.Context) error {
	if c.known == nil {
		all, err := c.handles(ctx)
		if err != nil {
			return err
		}
		c.known = map[uint32]bool{}
		for _, h := range all {
			c.known[h] = true
		}
		return nil
	}
	fresh, err := c.fresh(ctx)
	if err != nil {
		return err
	}
	for _, h := range fresh {
		c.discard(ctx, h)
	}
	return nil
}

// fresh returns the objects that came since the camera's card was looked at.
func (c *Camera) fresh(ctx context.Context) ([]uint32, error) {
	if c.known == nil {
		return nil, nil
	}
	all, err := c.handles(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(h uint32) bool { return c.known[h] }), nil
}

// discard deletes an object; one that cannot be is counted, and remembered.
func (c *Camera) discard(ctx context.Context, handle uint32) {
	if c.opts.Keep {
		c.know(handle)
		return
	}
	_, _, err := c.line.transact(ctx, request{code: opDeleteObject, parameters: []uint32{handle, 0}})
	if err != nil && refused(err) != rcInvalidObject {
		c.know(handle)
		c.count(func(s *Stats) { s.Undeleted++ })
	}
}

func (c *Camera) know(handle uint32) {
	if c.known != nil {
		c.known[handle] = true
	}
}

// describe asks what an object is.
func (c *Camera) describe(ctx context.Context, handle uint32) (objectInfo, error) {
	data, _, err := c.line.transact(ctx, request{code: opGetObjectInfo, parameters: []uint32{handle}, most: 4096})
	if err != nil {
		return objectInfo{}, err
	}
	return parseObjectInfo(data)
}

// isJPEG goes by the name too: some cameras call their files otherwise.
func (o objectInfo) isJPEG() bool {
	return o.format == formatJPEG || strings.HasSuffix(strings.ToUpper(o.name), ".JPG")
}

// collect fetches the picture among new objects, and deletes them. It returns
// nil where none is a picture; folders are left alone.
func (c *Camera) collect(ctx context.Context, handles []uint32) ([]byte, error) {
	var file []byte
	for _, h := range handles {
		info, err := c.describe(ctx, h)
		if refused(err) != 0 { // gone again
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.format == formatFolder {
			c.know(h)
			continue
		}
		if file == nil && info.isJPEG() {
			if file, err = c.fetch(ctx, h, info.size); err != nil {
				return nil, err
			}
		}
		c.discard(ctx, h)
	}
	return file, nil
}

// fetch reads an object of a known size.
func (c *Camera) fetch(ctx context.Context, handle, size uint32) ([]byte, error) {
	if int64(size) > int64(c.opts.Largest) || size == 0 {
		return nil, fmt.Errorf("fetching a picture of %d bytes, at most %d are taken: %w", size, c.opts.Largest, device.ErrGarbled)
	}
	operation := uint16(opGetObject)
	for _, op := range []uint16{opGetPartialObject, eosGetPartialObject} {
		if c.about.supports(op) {
			operation = op
			break
		}
	}
	if operation == opGetObject {
		file, _, err := c.line.transact(ctx, request{code: operation, parameters: []uint32{handle}, most: int(size)})
		return whole(file, size, err)
	}
	var file []byte
	for len(file) < int(size) {
		n := min(part, int(size)-len(file))
		more, _, err := c.line.transact(ctx, request{
			code: operation, parameters: []uint32{handle, uint32(len(file)), uint32(n)}, most: n,
		})
		if err == nil && len(more) == 0 {
			err = fmt.Errorf("no data at %d: %w", len(file), device.ErrGarbled)
		}
		if err != nil {
			return nil, fmt.Errorf("fetching a picture: %w", err)
		}
		file = append(file, more...)
	}
	return whole(file, size, nil)
}

// whole checks that a file is as long as announced, and has a JPEG file's first
// and last marker.
func whole(file []byte, size uint32, err error) ([]byte, error) {
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetching a picture: %w", err)
	case len(file) != int(size):
		return nil, fmt.Errorf("fetching a picture: %d of %d bytes came: %w", len(file), size, device.ErrGarbled)
	case !bytes.HasPrefix(file, []byte{0xff, 0xd8, 0xff}) || !bytes.Contains(file[max(0, len(file)-4096):], []byte{0xff, 0xd9}):
		return nil, fmt.Errorf("fetching a picture: no JPEG file, or not its end: %w", device.ErrGarbled)
	}
	return file, nil
}
