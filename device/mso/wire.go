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

// A Framing is how messages are packed on the line.
type Framing string

// The framings.
const (
	USB   Framing = "usb"   // devices that show themselves as a modem (CDC-ACM)
	RS232 Framing = "rs232" // devices on a plain serial line
)

const (
	// longest is the size of a message; the largest picture is 416x416.
	longest = 256 << 10

	// junk is how many bytes in a row may belong to no message.
	junk = 4096

	// stall is how long nothing may come in the middle of a message.
	stall = time.Second

	// writing bounds the sending of one message.
	writing = 2 * time.Second
)

var (
	// errShort: the message has not come whole yet.
	errShort = errors.New("message is not whole")

	// errNothing: no message came whole in the time given. It may be under
	// way.
	errNothing = errors.New("no message came")
)

// A wire is the conversation with one device.
type wire struct {
	line   device.Serial
	buf    []byte // what came; the first done of it were parsed
	done   int
	in     [4096]byte
	heard  time.Time // the last byte
	packed packer
}

// A packer packs and unpacks messages.
type packer interface {
	// send sends one message.
	send(ctx context.Context, w *wire, message []byte) error

	// unpack finds a message in what came. It returns how many bytes are
	// done with, in every case; errShort asks for more of them. The message
	// is valid until the next call. ctx is for answers below the level of
	// messages.
	unpack(ctx context.Context, w *wire, b []byte) (message []byte, used int, err error)

	// wipe clears and forgets what came.
	wipe()
}

func newWire(line device.Serial, f Framing) (*wire, error) {
	w := &wire{line: line}
	switch f {
	case USB, "":
		w.packed = &usbFrames{}
	case RS232:
		w.packed = &serialFrames{last: -1}
	default:
		return nil, fmt.Errorf("%q is no framing", f)
	}
	return w, nil
}

func (w *wire) send(ctx context.Context, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writing)
	defer cancel()
	return w.packed.send(ctx, w, message)
}

// receive waits for a message for at most d; errNothing when none has come
// whole by then.
func (w *wire) receive(ctx context.Context, d time.Duration) (ilv, error) {
	slice, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		message, used, err := w.packed.unpack(ctx, w, w.buf[w.done:])
		w.done += used
		switch {
		case err == nil:
			first, _, err := cutILV(message)
			return first, err
		case !errors.Is(err, errShort):
			return ilv{}, err
		}
		err = w.more(slice)
		switch {
		case ctx.Err() != nil:
			return ilv{}, ctx.Err()
		case errors.Is(err, device.ErrSilent):
			return ilv{}, errNothing
		case err != nil:
			return ilv{}, err
		}
	}
}

// stuck reports whether a message has begun and does not go on.
func (w *wire) stuck() bool {
	return len(w.buf) > w.done && time.Since(w.heard) > stall
}

// more waits for further bytes.
func (w *wire) more(ctx context.Context) error {
	if w.done > 0 {
		rest := copy(w.buf, w.buf[w.done:])
		clear(w.buf[rest:])
		w.buf, w.done = w.buf[:rest], 0
	}
	n, err := w.line.Read(ctx, w.in[:])
	if err != nil {
		return err
	}
	w.buf = append(w.buf, w.in[:n]...)
	w.heard = time.Now()
	return nil
}

// write sends bytes as they are.
func (w *wire) write(ctx context.Context, b []byte) error {
	_, err := w.line.Write(ctx, b)
	return err
}

// wipe clears what came and forgets it.
func (w *wire) wipe() {
	clear(w.buf[:cap(w.buf)])
	clear(w.in[:])
	w.buf, w.done = w.buf[:0], 0
	w.packed.wipe()
}

// usbFrames: "SYNC", the size and its complement, the message, "EN".
type usbFrames struct {
	skipped int // bytes in a row that belong to no frame
	out     []byte
}

const (
	frameHead = 12
	frameTail = 2
)

func (u *usbFrames) send(ctx context.Context, w *wire, message []byte) error {
	u.out = append(u.out[:0], "SYNC"...)
	u.out = binary.LittleEndian.AppendUint32(u.out, uint32(len(message)))
	u.out = binary.LittleEndian.AppendUint32(u.out, ^uint32(len(message)))
	u.out = append(u.out, message...)
	return w.write(ctx, append(u.out, "EN"...))
}

func (u *usbFrames) unpack(_ context.Context, _ *wire, b []byte) (message []byte, used int, err error) {
	message, skipped, used, err := parseUSB(b)
	u.skipped += skipped
	switch {
	case err == nil:
		u.skipped = 0
	case errors.Is(err, errShort) && u.skipped > junk:
		u.skipped = 0
		err = fmt.Errorf("%d bytes without a message: %w", junk, device.ErrGarbled)
	}
	return message, used, err
}

func (u *usbFrames) wipe() { u.skipped = 0 }

// parseUSB finds the first frame in b. skipped is how many of the used bytes
// belong to none. Errors other than errShort wrap [device.ErrGarbled].
func parseUSB(b []byte) (message []byte, skipped, used int, err error) {
	sync := []byte("SYNC")
	at := bytes.Index(b, sync)
	if at < 0 {
		at = len(b)
		for n := len(sync) - 1; n > 0; n-- { // the beginning of one may be there
			if bytes.HasSuffix(b, sync[:n]) {
				at -= n
				break
			}
		}
		return nil, at, at, errShort
	}
	b = b[at:]
	if len(b) < frameHead {
		return nil, at, at, errShort
	}
	size := binary.LittleEndian.Uint32(b[4:])
	switch {
	case binary.LittleEndian.Uint32(b[8:]) != ^size:
		return nil, at, at + len(sync), fmt.Errorf("a frame whose size is told in two ways: %w", device.ErrGarbled)
	case size > longest:
		return nil, at, at + len(sync), fmt.Errorf("a frame of %d bytes: %w", size, device.ErrGarbled)
	case uint64(len(b)) < frameHead+uint64(size)+frameTail:
		return nil, at, at, errShort
	}
	end := frameHead + int(size)
	if string(b[end:end+frameTail]) != "EN" {
		return nil, at, at + len(sync), fmt.Errorf("a frame without its end: %w", device.ErrGarbled)
	}
	return b[frameHead:end], at, at + end + frameTail, nil
}
