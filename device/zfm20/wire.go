package zfm20

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

// The identifiers of packets.
const (
	idCommand = 0x01
	idData    = 0x02
	idAnswer  = 0x07
	idLast    = 0x08
)

const (
	headerSize = 9   // EF 01, address (4), identifier (1), length (2)
	sumSize    = 2   // counted in the length
	maxPayload = 256 // of a data packet
)

const (
	// answerTime bounds the answer to a command; the longest, extracting a
	// template or searching for it, takes less than 1 s (manual).
	answerTime = 1500 * time.Millisecond

	// packetTime bounds one packet of a picture: 267 bytes take 0.28 s at
	// 9600 baud.
	packetTime = time.Second

	// quiet is how long nothing comes on a line that is free again.
	quiet = 50 * time.Millisecond

	// freeing bounds the wait for that: a picture at 9600 baud, of which
	// nobody read the rest, goes on for 42 s. At the 57 600 baud these
	// modules have by default it is 7 s.
	freeing = 45 * time.Second
)

// A packet is what both sides send.
type packet struct {
	id   byte
	data []byte
}

// errShort: the packet has not come whole yet.
var errShort = errors.New("packet is not whole")

// appendPacket appends a packet for the module at an address.
func appendPacket(b []byte, address uint32, id byte, data []byte) []byte {
	at := len(b)
	b = append(b, 0xef, 0x01)
	b = binary.BigEndian.AppendUint32(b, address)
	b = append(b, id)
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)+sumSize))
	b = append(b, data...)
	return binary.BigEndian.AppendUint16(b, sum(b[at+6:]))
}

// sum is the checksum of what follows the address.
func sum(b []byte) (n uint16) {
	for _, v := range b {
		n += uint16(v)
	}
	return n
}

// parse finds the first packet in what came. It returns how many bytes are done
// with, in every case; errShort asks for more of them. Other errors wrap
// [device.ErrGarbled].
func parse(b []byte, address uint32) (p packet, used int, err error) {
	used = bytes.Index(b, []byte{0xef, 0x01})
	if used < 0 {
		used = len(b)
		if used > 0 && b[used-1] == 0xef {
			used--
		}
		return packet{}, used, errShort
	}
	b = b[used:]
	if len(b) < headerSize {
		return packet{}, used, errShort
	}
	length := int(binary.BigEndian.Uint16(b[7:]))
	switch a := binary.BigEndian.Uint32(b[2:]); {
	case a != address:
		return packet{}, used + 2, fmt.Errorf("a packet of module %08x: %w", a, device.ErrGarbled)
	case length < sumSize || length > maxPayload+sumSize:
		return packet{}, used + 2, fmt.Errorf("a packet of %d bytes: %w", length, device.ErrGarbled)
	case len(b) < headerSize+length:
		return packet{}, used, errShort
	}
	end := headerSize + length - sumSize
	if sum(b[6:end]) != binary.BigEndian.Uint16(b[end:]) {
		return packet{}, used + 2, fmt.Errorf("a packet with a wrong checksum: %w", device.ErrGarbled)
	}
	return packet{id: b[6], data: b[headerSize:end]}, used + headerSize + length, nil
}

// A wire is the conversation with one module.
type wire struct {
	line    device.Serial
	address uint32
	buf     []byte // what came; the first done of it were parsed
	done    int
	in      [512]byte
	out     []byte
	unclear bool // something may still come that belongs to nothing
}

// receive waits for a packet of that identifier, or of a second one. Its data is
// valid until the next call.
func (w *wire) receive(ctx context.Context, d time.Duration, id, or byte) (packet, error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		p, used, err := parse(w.buf[w.done:], w.address)
		w.done += used
		switch {
		case err == nil && p.id != id && p.id != or:
			return packet{}, fmt.Errorf("a packet of kind %02x where %02x was due: %w", p.id, id, device.ErrGarbled)
		case err == nil, !errors.Is(err, errShort):
			return p, err
		}
		rest := copy(w.buf, w.buf[w.done:])
		w.buf, w.done = w.buf[:rest], 0
		n, err := w.line.Read(ctx, w.in[:])
		switch {
		case outer.Err() != nil:
			return packet{}, outer.Err()
		case err != nil && rest > 0 && errors.Is(err, device.ErrSilent):
			return packet{}, fmt.Errorf("a packet that ends too early: %w", device.ErrSilent)
		case err != nil:
			return packet{}, err
		}
		w.buf = append(w.buf, w.in[:n]...)
	}
}

// ask sends a command and returns the answer's code and the rest of it, which
// has the size due when the code is 00.
func (w *wire) ask(ctx context.Context, size int, command ...byte) (Code, []byte, error) {
	if err := w.free(ctx); err != nil {
		return 0, nil, err
	}
	w.unclear = true
	w.out = appendPacket(w.out[:0], w.address, idCommand, command)
	sending, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err := w.line.Write(sending, w.out); err != nil {
		return 0, nil, err
	}
	p, err := w.receive(ctx, answerTime, idAnswer, idAnswer)
	switch {
	case err != nil:
		return 0, nil, err
	case len(p.data) == 0:
		return 0, nil, fmt.Errorf("an empty answer: %w", device.ErrGarbled)
	}
	// Answers do not say to which command; their size does a little.
	if code := Code(p.data[0]); code != ok {
		w.unclear = false
		return code, nil, nil
	}
	if len(p.data) != 1+size {
		return 0, nil, fmt.Errorf("an answer of %d bytes, want %d: %w", len(p.data), 1+size, device.ErrGarbled)
	}
	w.unclear = false
	return ok, p.data[1:], nil
}

// free waits until nothing comes any more that belongs to an earlier command.
func (w *wire) free(ctx context.Context) error {
	if !w.unclear {
		return nil
	}
	clear(w.buf)
	w.buf, w.done = w.buf[:0], 0
	for begun := time.Now(); time.Since(begun) < freeing; {
		waiting, cancel := context.WithTimeout(ctx, quiet)
		_, err := w.line.Read(waiting, w.in[:])
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, device.ErrSilent):
			w.unclear = false
			return nil
		case err != nil:
			return err
		}
	}
	return fmt.Errorf("the module does not stop sending: %w", device.ErrGarbled)
}

// wipe clears what came.
func (w *wire) wipe() {
	clear(w.buf)
	clear(w.in[:])
	w.buf, w.done = w.buf[:0], 0
}
