package sbi

import (
	"bufio"
	"fmt"
	"io"

	"optag/device"
)

// nextJPEG finds the next picture of a stream by its own marks, ITU-T T.81 annex
// B, and not by the headers of the parts: services disagree about boundaries,
// lengths and surplus bytes, and a picture knows where it ends. A picture that
// breaks off is passed over when the next begins. It fails with what the reader
// fails with, and at a picture of more than 4 MiB.
func nextJPEG(in *bufio.Reader) ([]byte, error) {
	p := picture{in: in}
	if err := p.find(); err != nil {
		return nil, err
	}
	for {
		marker, err := p.marker()
		if err != nil {
			return nil, err
		}
		switch {
		case marker == eoi:
			return p.buf, nil
		case marker == soi: // the one before broke off
			p.buf = append(p.buf[:0], 0xff, soi)
		case marker == tem || marker >= rst0 && marker <= rst7: // stand alone
		default:
			if err := p.segment(); err != nil {
				return nil, err
			}
		}
	}
}

// Markers of JPEG.
const (
	tem  = 0x01
	rst0 = 0xd0
	rst7 = 0xd7
	soi  = 0xd8
	eoi  = 0xd9
)

// A picture is a JPEG as it is read.
type picture struct {
	in  *bufio.Reader
	buf []byte
}

func (p *picture) next() (byte, error) {
	c, err := p.in.ReadByte()
	if err != nil {
		return 0, err
	}
	p.buf = append(p.buf, c)
	return c, nil
}

// find passes over everything before a start of image.
func (p *picture) find() error {
	for passed := 0; ; {
		n, err := p.mark()
		if err != nil {
			return err
		}
		c, err := p.in.ReadByte()
		if err != nil {
			return err
		}
		if c == soi {
			p.buf = []byte{0xff, soi}
			return nil
		}
		if c == 0xff { // fill; it may be the one before the marker
			_ = p.in.UnreadByte()
		}
		p.buf = p.buf[:0]
		if passed += n + 1; passed > maxPart {
			return errPart
		}
	}
}

// errPart ends a stream in which no picture ends.
var errPart = fmt.Errorf("%d bytes without a whole picture: %w", maxPart, device.ErrGarbled)

// mark takes everything up to the next 0xff and with it.
func (p *picture) mark() (n int, err error) {
	for {
		some, err := p.in.ReadSlice(0xff)
		n += len(some)
		p.buf = append(p.buf, some...)
		if len(p.buf) > maxPart {
			return n, errPart
		}
		if err != bufio.ErrBufferFull {
			return n, err
		}
	}
}

// marker passes over coded data to the next marker.
func (p *picture) marker() (byte, error) {
	for {
		if _, err := p.mark(); err != nil {
			return 0, err
		}
		c := byte(0xff)
		for c == 0xff { // fill
			var err error
			if c, err = p.next(); err != nil {
				return 0, err
			}
		}
		if c != 0 {
			return c, nil
		}
	}
}

// segment passes over the length and the data of a marker segment.
func (p *picture) segment() error {
	high, err := p.next()
	if err != nil {
		return err
	}
	low, err := p.next()
	if err != nil {
		return err
	}
	n := int(high)<<8 + int(low) - 2
	if n < 0 {
		return nil // no segment: what follows is passed over to the next marker
	}
	at := len(p.buf)
	p.buf = append(p.buf, make([]byte, n)...)
	_, err = io.ReadFull(p.in, p.buf[at:])
	return err
}
