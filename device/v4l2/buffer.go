package v4l2

import (
	"fmt"
	"syscall"
	"time"

	"optag/device"
)

// A buffer is what the kernel says of one picture.
type buffer struct {
	index    int
	used     int    // bytes
	flags    uint32 // V4L2_BUF_FLAG_*
	sequence uint32
	at       time.Duration // when the picture was taken, or had arrived
}

// monotonic reports whether at is of the system's clock.
func (b buffer) monotonic() bool { return b.flags&bufClockMask == bufMonotonic }

// mostMemory bounds the memory of one buffer; a picture of 64 megapixels fits.
const mostMemory = 128 << 20

// start sets the mode, which another program may have changed since, maps
// buffers and starts the stream.
func (p *port) start(m Mode, fps int) error {
	if _, err := p.setMode(m, fps); err != nil {
		return err
	}
	n, err := p.request(buffers)
	if err != nil {
		return err
	}
	if n < 1 || n > 32 {
		return fmt.Errorf("REQBUFS: %d buffers given: %w", n, device.ErrGarbled)
	}
	for i := range n {
		if err := p.mapBuffer(i); err != nil {
			return err
		}
	}
	for i := range n {
		if err := p.queue(i); err != nil {
			return err
		}
	}
	return p.ioctl("STREAMON", vidiocStreamOn, streamType())
}

// stop ends the stream and frees its buffers. All of it is tried; the first
// failure is returned.
func (p *port) stop() error {
	err := p.ioctl("STREAMOFF", vidiocStreamOff, streamType())
	p.unmap()
	if _, freed := p.request(0); err == nil {
		err = freed
	}
	return err
}

// streamType is the argument of STREAMON and STREAMOFF.
func streamType() arg {
	a := argFor(vidiocStreamOn)
	a.set32(0, bufTypeCapture)
	return a
}

// request asks for n buffers and returns how many there are.
func (p *port) request(n uint32) (int, error) {
	a := argFor(vidiocReqBufs)
	a.set32(0, n)
	a.set32(4, bufTypeCapture)
	a.set32(8, memoryMapped)
	err := p.ioctl("REQBUFS", vidiocReqBufs, a)
	return int(a.u32(0)), err
}

// mapBuffer maps the buffer of a number.
func (p *port) mapBuffer(i int) error {
	a := bufferArg(vidiocQueryBuf, i)
	if err := p.ioctl("QUERYBUF", vidiocQueryBuf, a); err != nil {
		return err
	}
	length := a.u32(72)
	if length == 0 || length > mostMemory {
		return fmt.Errorf("QUERYBUF: a buffer of %d bytes: %w", length, device.ErrGarbled)
	}
	m, err := p.node.Map(int64(a.u32(64)), int(length))
	if err != nil {
		return fmt.Errorf("mapping a buffer: %w", err)
	}
	p.maps = append(p.maps, m)
	return nil
}

func bufferArg(request uint32, i int) arg {
	a := argFor(request)
	a.set32(0, uint32(i))
	a.set32(4, bufTypeCapture)
	a.set32(60, memoryMapped)
	return a
}

// queue gives a buffer to the kernel, to be filled.
func (p *port) queue(i int) error {
	return p.ioctl("QBUF", vidiocQueueBuf, bufferArg(vidiocQueueBuf, i))
}

// dequeue takes a filled buffer; EAGAIN is none.
func (p *port) dequeue() (buffer, error) {
	a := bufferArg(vidiocDequeueBuf, 0)
	if err := p.ioctl("DQBUF", vidiocDequeueBuf, a); err != nil {
		return buffer{}, err
	}
	b := buffer{
		index: int(a.u32(0)), used: int(a.u32(8)), flags: a.u32(12), sequence: a.u32(56),
		at: time.Duration(a.u64(24))*time.Second + time.Duration(a.u64(32))*time.Microsecond,
	}
	if b.index < 0 || b.index >= len(p.maps) {
		return buffer{}, fmt.Errorf("DQBUF: buffer %d of %d: %w", b.index, len(p.maps), syscall.EBADMSG)
	}
	return b, nil
}
