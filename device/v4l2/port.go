package v4l2

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"optag/device"
)

// A port is an open node and the memory mapped from it. It is released when the
// last one who holds it lets go: the camera, or a call left in the kernel.
type port struct {
	node  Node
	limit time.Duration // of one call; a camera asked to change takes longer than for a picture
	card  string        // name of the camera
	mode  Mode          // set last

	maps    [][]byte
	held    atomic.Int32
	lost    atomic.Bool // a call did not return in time
	failure error       // of releasing
	gone    chan struct{}
}

// openPort opens the node at a path.
func openPort(open Opener, path string, limit time.Duration) (*port, error) {
	p := &port{limit: limit, gone: make(chan struct{})}
	p.held.Store(1)
	err := p.attend("opening", func() (err error) {
		p.node, err = open(path)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// attend runs f, whose calls the kernel may pass on to the camera, and stops
// waiting for it at the limit. f then goes on alone, holding the port, and
// nobody else may touch the port any more.
func (p *port) attend(what string, f func() error) error {
	if p.lost.Load() {
		return fmt.Errorf("%s: an earlier call still waits: %w", what, device.ErrSilent)
	}
	if !p.hold() {
		return fmt.Errorf("%s: the camera was closed: %w", what, device.ErrUnplugged)
	}
	done := make(chan error, 1)
	go func() {
		err := f()
		p.drop()
		done <- err
	}()
	timer := time.NewTimer(p.limit)
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s: %w", what, meaning(err))
		}
		return nil
	case <-timer.C:
		p.lost.Store(true)
		return fmt.Errorf("%s: no answer in %v: %w", what, p.limit, device.ErrSilent)
	}
}

// hold counts one more holder, unless the port is released already.
func (p *port) hold() bool {
	for {
		n := p.held.Load()
		if n == 0 {
			return false
		}
		if p.held.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// drop lets go, and releases the port where nobody holds it any more.
func (p *port) drop() {
	if p.held.Add(-1) > 0 {
		return
	}
	p.unmap()
	if p.node != nil {
		p.failure = p.node.Close()
	}
	close(p.gone)
}

// close lets go of the port for the camera, and waits until it is released.
func (p *port) close() error {
	go p.drop()
	if p.lost.Load() {
		return nil // and nothing that could be waited for
	}
	timer := time.NewTimer(p.limit)
	defer timer.Stop()
	select {
	case <-p.gone:
		return p.failure
	case <-timer.C:
		return fmt.Errorf("no answer in %v: %w", p.limit, device.ErrSilent)
	}
}

// unmap gives the mapped memory back.
func (p *port) unmap() {
	for _, m := range p.maps {
		if err := p.node.Unmap(m); err != nil && p.failure == nil {
			p.failure = err
		}
	}
	p.maps = nil
}

// ioctl performs one request.
func (p *port) ioctl(name string, request uint32, a arg) error {
	if err := p.node.Ioctl(request, a); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// identify asks what the node is.
func (p *port) identify() error {
	a := argFor(vidiocQueryCap)
	if err := p.ioctl("QUERYCAP", vidiocQueryCap, a); err != nil {
		return err
	}
	caps := a.u32(84)
	if caps&capDeviceCaps != 0 {
		caps = a.u32(88)
	}
	if caps&capCapture == 0 || caps&capStreaming == 0 {
		return fmt.Errorf("not a camera that streams (capabilities %08x): %w", caps, device.ErrGarbled)
	}
	p.card = a.text(16, 32)
	return nil
}

// meaning says of an error of the kernel which of the device's it is.
func meaning(err error) error {
	var kind error
	switch {
	case device.Failed(err), !errors.As(err, new(syscall.Errno)):
		return err
	case is(err, syscall.ENODEV, syscall.ENXIO, syscall.ENOENT, syscall.ESHUTDOWN):
		kind = device.ErrUnplugged
	case is(err, syscall.EBUSY):
		return fmt.Errorf("%w: %w: %w", device.ErrSilent, ErrBusy, err)
	case is(err, syscall.EAGAIN, syscall.ETIMEDOUT, syscall.EACCES, syscall.EPERM, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOSPC):
		kind = device.ErrSilent
	default:
		kind = device.ErrGarbled
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// is reports whether err is one of the kernel's errors.
func is(err error, any ...syscall.Errno) bool {
	var no syscall.Errno
	return errors.As(err, &no) && slices.Contains(any, no)
}
