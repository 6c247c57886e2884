package mso

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

// Packets on a plain serial line begin with STX, a byte that says what they are,
// and a counter. Those with data end with a checksum, DLE and ETX; in them, and
// in the counter, DLE, XON and XOFF are written as two bytes.
const (
	stx  = 0x02
	etx  = 0x03
	dle  = 0x1b
	xon  = 0x11
	xoff = 0x13

	kindData   = 0x01
	kindAck    = 0x02
	kindNack   = 0x04
	kindMask   = 0x07
	mustBeZero = 0x18
	isLast     = 0x20
	isFirst    = 0x40
	fromDevice = 0x80
)

const (
	// ackTime is how long the device may take to say that a packet came.
	ackTime = 500 * time.Millisecond

	// resends is how often a packet is sent anew, on both sides.
	resends = 3

	// packetSize bounds the data of one packet, as stuffed (assumed; public
	// code uses 1024 before stuffing).
	packetSize = 8 << 10
)

// A serialPacket is one packet of the device.
type serialPacket struct {
	kind    byte // with the bits for first and last
	counter byte
	data    []byte
}

// serialFrames packs messages into packets that are acknowledged.
type serialFrames struct {
	counter byte // of the next packet sent
	last    int  // counter of the last data packet taken, -1 before the first
	bad     int  // packets in a row that came damaged
	skipped int
	whole   []byte // the message that is being put together
	begun   bool
	ready   [][]byte // messages that came while an acknowledgement was awaited
	out     []byte
}

// send sends a message in one packet, until the device says that it came. Our
// messages are short.
func (s *serialFrames) send(ctx context.Context, w *wire, message []byte) error {
	s.out = appendPacket(s.out[:0], kindData|isFirst|isLast, s.counter, message)
	counter := s.counter
	s.counter++
	for range resends {
		if err := w.write(ctx, s.out); err != nil {
			return err
		}
		ok, err := s.acked(ctx, w, counter)
		if ok || err != nil {
			return err
		}
	}
	return fmt.Errorf("sending a message: no acknowledgement: %w", device.ErrSilent)
}

// acked waits for the acknowledgement of a packet. Messages that come meanwhile
// are kept.
func (s *serialFrames) acked(ctx context.Context, w *wire, counter byte) (bool, error) {
	waiting, cancel := context.WithTimeout(ctx, ackTime)
	defer cancel()
	for {
		p, used, err := s.next(ctx, w, w.buf[w.done:])
		var message []byte
		if err == nil && p.kind&kindMask == kindData {
			if message, err = s.take(ctx, w, p); err == nil {
				s.ready = append(s.ready, append([]byte(nil), message...))
			}
		}
		w.done += used
		switch {
		case err == nil && p.counter == counter && p.kind&kindMask == kindAck:
			return true, nil
		case err == nil && p.counter == counter && p.kind&kindMask == kindNack:
			return false, nil
		case err == nil:
			continue
		case !errors.Is(err, errShort):
			return false, err
		case used > 0:
			continue
		}
		err = w.more(waiting)
		switch {
		case ctx.Err() == nil && errors.Is(err, device.ErrSilent):
			return false, nil
		case err != nil:
			return false, err
		}
	}
}

func (s *serialFrames) unpack(ctx context.Context, w *wire, b []byte) (message []byte, used int, err error) {
	if len(s.ready) > 0 {
		message, s.ready = s.ready[0], s.ready[1:]
		return message, 0, nil
	}
	for {
		p, n, err := s.next(ctx, w, b[used:])
		if err == nil && p.kind&kindMask == kindData {
			if message, err = s.take(ctx, w, p); err == nil {
				return message, used + n, nil
			}
		}
		used += n
		if err != nil && !errors.Is(err, errShort) || err != nil && n == 0 {
			return nil, used, err
		}
	}
}

// next returns the next packet; one that came damaged is refused, so that it
// comes again.
func (s *serialFrames) next(ctx context.Context, w *wire, b []byte) (p serialPacket, used int, err error) {
	p, skipped, used, err := parseSerial(b)
	s.skipped += skipped
	switch {
	case err == nil:
		s.skipped, s.bad = 0, 0
		return p, used, nil
	case errors.Is(err, errShort) && s.skipped <= junk:
		return p, used, err
	case errors.Is(err, errShort):
		s.skipped = 0
		return p, used, fmt.Errorf("%d bytes without a packet: %w", junk, device.ErrGarbled)
	}
	if s.bad++; s.bad > resends {
		s.bad = 0
		return p, used, err
	}
	return p, used, errors.Join(errShort, s.reply(ctx, w, kindNack, p.counter))
}

// take acknowledges a data packet and puts it to those before it. errShort says
// that the message needs more of them.
func (s *serialFrames) take(ctx context.Context, w *wire, p serialPacket) (message []byte, err error) {
	if err := s.reply(ctx, w, kindAck, p.counter); err != nil {
		return nil, err
	}
	again := s.last == int(p.counter)
	s.last = int(p.counter)
	switch {
	case again:
		return nil, errShort
	case p.kind&isFirst != 0:
		s.whole, s.begun = s.whole[:0], true
	case !s.begun:
		return nil, fmt.Errorf("a message without its beginning: %w", device.ErrGarbled)
	}
	if len(s.whole)+len(p.data) > longest {
		s.begun = false
		return nil, fmt.Errorf("a message of more than %d bytes: %w", longest, device.ErrGarbled)
	}
	s.whole = append(s.whole, p.data...)
	if p.kind&isLast == 0 {
		return nil, errShort
	}
	s.begun = false
	return s.whole, nil
}

func (s *serialFrames) wipe() {
	clear(s.whole[:cap(s.whole)])
	for _, m := range s.ready {
		clear(m)
	}
	s.whole, s.begun, s.ready, s.bad, s.skipped = s.whole[:0], false, nil, 0, 0
}

func (s *serialFrames) reply(ctx context.Context, w *wire, kind, counter byte) error {
	ctx, cancel := context.WithTimeout(ctx, writing)
	defer cancel()
	return w.write(ctx, stuff([]byte{stx, kind | isFirst | isLast}, counter))
}

// appendPacket appends a packet with data, as the host sends it.
func appendPacket(b []byte, kind, counter byte, data []byte) []byte {
	b = stuff(append(b, stx, kind), counter)
	for _, v := range data {
		b = stuff(b, v)
	}
	sum := crc16(data)
	return append(stuff(stuff(b, byte(sum)), byte(sum>>8)), dle, etx)
}

// stuff appends a byte as it is written.
func stuff(b []byte, v byte) []byte {
	switch v {
	case dle:
		return append(b, dle, dle)
	case xon, xoff:
		return append(b, dle, v+1)
	}
	return append(b, v)
}

// crc16 has the polynomial 1021 and begins with 0.
func crc16(data []byte) (sum uint16) {
	for _, v := range data {
		sum ^= uint16(v) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// parseSerial finds the first packet of the device in b. skipped is how many of
// the used bytes belong to none. Errors other than errShort wrap
// [device.ErrGarbled]; the packet then has its counter, if no more.
func parseSerial(b []byte) (p serialPacket, skipped, used int, err error) {
	for used < len(b) && !(b[used] == stx && (used+1 == len(b) || mayBegin(b[used+1]))) {
		used++
	}
	skipped, b = used, b[used:]
	if len(b) < 3 || b[2] == dle && len(b) < 4 {
		return p, skipped, used, errShort
	}
	at := 3
	p.kind, p.counter = b[1], b[2]
	if p.counter == dle {
		p.counter, at = unstuffed(b[3]), 4
	}
	if p.kind&kindMask != kindData {
		return p, skipped, used + at, nil
	}
	p.data, at, err = unstuff(b, at)
	switch {
	case errors.Is(err, errShort):
		return p, skipped, used, err
	case err != nil:
	case len(p.data) < 2:
		err = fmt.Errorf("a packet without a checksum: %w", device.ErrGarbled)
	default:
		sum := binary.LittleEndian.Uint16(p.data[len(p.data)-2:])
		if p.data = p.data[:len(p.data)-2]; crc16(p.data) != sum {
			err = fmt.Errorf("a packet with a wrong checksum: %w", device.ErrGarbled)
		}
	}
	return p, skipped, used + at, err
}

// mayBegin reports whether a packet of the device may have that byte behind STX.
func mayBegin(kind byte) bool {
	k := kind & kindMask
	return kind&fromDevice != 0 && kind&mustBeZero == 0 && (k == kindData || k == kindAck || k == kindNack)
}

// unstuff returns the data of a packet from at on, and the place behind its end.
func unstuff(b []byte, at int) (data []byte, end int, err error) {
	if end, err = packetEnd(b, at); err != nil {
		return nil, end, err
	}
	data = make([]byte, 0, end-at)
	for i := at; i < end-2; i++ {
		switch {
		case b[i] == xon || b[i] == xoff: // flow control
		case b[i] != dle:
			data = append(data, b[i])
		default:
			i++
			if b[i] != dle && b[i] != xon+1 && b[i] != xoff+1 {
				err = fmt.Errorf("a packet with a wrong escape: %w", device.ErrGarbled)
			}
			data = append(data, unstuffed(b[i]))
		}
	}
	return data, end, err
}

// packetEnd returns the place behind DLE and ETX.
func packetEnd(b []byte, at int) (end int, err error) {
	for i := at; ; i += 2 {
		next := bytes.IndexByte(b[i:], dle)
		switch {
		case len(b)-at > packetSize && (next < 0 || i+next-at > packetSize):
			return at + packetSize, fmt.Errorf("a packet without an end: %w", device.ErrGarbled)
		case next < 0 || i+next+1 == len(b):
			return at, errShort
		}
		if i += next; b[i+1] == etx {
			return i + 2, nil
		}
	}
}

func unstuffed(v byte) byte {
	if v == xon+1 || v == xoff+1 {
		return v - 1
	}
	return v
}
