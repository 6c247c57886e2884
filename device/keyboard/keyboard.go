// Package keyboard takes one keyboard away from the desktop and reads it as a
// serial line. Readers of documents and bar codes that play a keyboard would
// otherwise type into whatever field is in front, and be typed over by the clerk.
//
// It makes characters of keys and knows no documents: a driver of readers is
// given the [device.Serial]. It reads event devices of Linux (/dev/input/event…);
// on other systems none can be opened.
package keyboard

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"optag/device"
)

// ErrBusy: another program has taken the keyboard. [Open] returns it.
var ErrBusy = errors.New("another program has taken the keyboard")

// An event of the kernel (struct input_event of linux/input.h): the time, which
// is two machine words, then type, code and value.
const (
	stamp = 2 * strconv.IntSize / 8
	size  = stamp + 8
)

// Types and codes of events, after linux/input-event-codes.h.
const (
	typeSync = 0
	typeKey  = 1
	dropped  = 3 // of typeSync: events were lost

	leftShift  = 42
	rightShift = 54
)

// Lost stands for keys that were lost; no document holds it.
const Lost = '?'

// Keys are characters by key: those of the American keyboard that a reader may
// type, which are in the same places on a Danish one, but for "<": that is Shift
// and comma on the one and a key of its own on the other, and both are taken.
type keys map[uint16]string // without and with Shift

func layout() keys {
	k := keys{
		28: "\r\r", 96: "\r\r", 15: "\t\t", 57: "  ", // Enter twice, Tab, Space
		12: "-_", 51: ",<", 52: ".>", 86: "<>", 39: ";:",
		82: "00", 79: "11", 80: "22", 81: "33", 75: "44", 76: "55", 77: "66", 71: "77", 72: "88", 73: "99", // number pad
	}
	for _, row := range []struct {
		first uint16
		plain string
		shift string
	}{{2, "1234567890", "!@#$%^&*()"}, {16, "qwertyuiop", "QWERTYUIOP"}, {30, "asdfghjkl", "ASDFGHJKL"}, {44, "zxcvbnm", "ZXCVBNM"}} {
		for i := range row.plain {
			k[row.first+uint16(i)] = string([]byte{row.plain[i], row.shift[i]})
		}
	}
	return k
}

// A Keyboard is an open keyboard, held by this program alone. It is a
// [device.Serial] that takes no commands.
type Keyboard struct {
	file *os.File
	keys keys

	reading sync.Mutex // held by Read; protects the fields below
	raw     []byte     // part of an event
	typed   []byte     // characters that nobody has read
	shift   [2]bool    // is down: left, right
	failed  error
}

var _ device.Serial = (*Keyboard)(nil)

// open makes a keyboard of an open event device, which then belongs to it.
func open(file *os.File) *Keyboard { return &Keyboard{file: file, keys: layout()} }

// Read implements [device.Serial]: it gives what is typed, Enter as CR.
func (k *Keyboard) Read(ctx context.Context, buf []byte) (int, error) {
	k.reading.Lock()
	defer k.reading.Unlock()
	for len(k.typed) == 0 && len(buf) > 0 {
		if err := k.more(ctx); err != nil {
			return 0, fmt.Errorf("reading keyboard: %w", err)
		}
	}
	n := copy(buf, k.typed)
	clear(k.typed[:n])
	k.typed = k.typed[n:]
	return n, nil
}

// more waits for keys. Called with reading locked.
func (k *Keyboard) more(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	if k.failed != nil {
		return k.failed
	}
	var in [64 * size]byte
	defer clear(in[:])
	have := copy(in[:], k.raw)
	n, err := k.await(ctx, in[have:])
	have += n
	for at := 0; ; at += size {
		if at+size > have {
			k.raw = append(k.raw[:0], in[at:have]...)
			break
		}
		k.event(in[at : at+size])
	}
	switch {
	case n > 0 || err == nil:
		return nil
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded):
		return ended(ctx)
	}
	k.failed = fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	return k.failed
}

// await reads from the device until ctx ends.
func (k *Keyboard) await(ctx context.Context, buf []byte) (int, error) {
	if err := k.file.SetReadDeadline(time.Time{}); err != nil {
		return 0, err
	}
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = k.file.SetReadDeadline(time.Unix(1, 0)) // closed meanwhile: the read has ended
		close(over)
	})
	n, err := k.file.Read(buf)
	if !stop() {
		<-over
	}
	return n, err
}

// event takes one event.
func (k *Keyboard) event(e []byte) {
	kind, code := binary.NativeEndian.Uint16(e[stamp:]), binary.NativeEndian.Uint16(e[stamp+2:])
	value := int32(binary.NativeEndian.Uint32(e[stamp+4:])) // 0 up, 1 down, 2 again because it is held
	switch {
	case kind == typeSync && code == dropped:
		k.typed, k.shift = append(k.typed, Lost), [2]bool{}
	case kind != typeKey:
	case code == leftShift:
		k.shift[0] = value != 0
	case code == rightShift:
		k.shift[1] = value != 0
	case value == 1 && k.keys[code] != "":
		pair := k.keys[code]
		if k.shift[0] || k.shift[1] {
			pair = pair[1:]
		}
		k.typed = append(k.typed, pair[0])
	}
}

// ended says in our words how a context ended.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return device.ErrSilent
	}
	return context.Canceled
}

// Write implements [device.Serial]; a keyboard takes no commands.
func (k *Keyboard) Write(context.Context, []byte) (int, error) {
	return 0, fmt.Errorf("writing to a keyboard, which takes no commands: %w", device.ErrGarbled)
}

// Close implements [device.Serial] and gives the keyboard back to the desktop.
func (k *Keyboard) Close() error {
	if err := k.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("closing keyboard: %w", err)
	}
	k.reading.Lock()
	defer k.reading.Unlock()
	clear(k.typed)
	clear(k.raw)
	k.typed, k.raw, k.failed = nil, nil, fmt.Errorf("the keyboard was closed: %w", device.ErrUnplugged)
	return nil
}

// reason says in our words why a keyboard could not be opened.
func reason(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		return fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	case errors.Is(err, syscall.EBUSY):
		return ErrBusy
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EINVAL):
		return errors.New("it is no event device")
	}
	return err
}
