package devicetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"optag/device"
)

// babblePause is what a transfer of a babbling device takes.
const babblePause = time.Millisecond

// A Babbler is a device that answers with whatever it is given, for fuzzing: each
// transfer takes from the text how it ends and what it brings. When the text is
// at its end, the device is unplugged.
type Babbler struct {
	mu   sync.Mutex // protects text
	text []byte
}

var _ device.USB = (*Babbler)(nil)

// Babble makes a device of a text.
func Babble(text []byte) *Babbler { return &Babbler{text: text} }

// Control implements [device.USB].
func (b *Babbler) Control(ctx context.Context, requestType, _ uint8, _, _ uint16, data []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	return b.transfer(ctx, requestType&0x80 != 0, data)
}

// Interrupt implements [device.USB].
func (b *Babbler) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return b.transfer(ctx, endpoint&0x80 != 0, buf)
}

// Bulk implements [device.USB].
func (b *Babbler) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return b.transfer(ctx, endpoint&0x80 != 0, buf)
}

// Close implements [device.USB].
func (b *Babbler) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = nil
	return nil
}

// transfer ends as the first byte of the text says. Where that is below 80 the
// next three say how many bytes come, little-endian, and these follow.
func (b *Babbler) transfer(ctx context.Context, in bool, buf []byte) (int, error) {
	if err := sleepUntil(ctx, time.Now().Add(babblePause)); err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.text) == 0 {
		return 0, fmt.Errorf("babbling: %w", device.ErrUnplugged)
	}
	how := b.text[0]
	b.text = b.text[1:]
	switch {
	case how >= 0xf8:
		return 0, fmt.Errorf("babbling: %w", device.ErrGarbled)
	case how >= 0xf0:
		return 0, fmt.Errorf("babbling: %w", device.ErrSilent)
	case !in:
		return len(buf), nil
	case how >= 0x80: // what was asked for, one byte again and again
		for i := range buf {
			buf[i] = how
		}
		return len(buf), nil
	}
	var head [3]byte
	b.text = b.text[copy(head[:], b.text):]
	n := min(len(buf), int(head[0])|int(binary.LittleEndian.Uint16(head[1:]))<<8)
	for at := 0; at < n; {
		part := copy(buf[at:n], b.text)
		b.text = b.text[part:]
		if part == 0 {
			clear(buf[at:n])
			break
		}
		at += part
	}
	return n, nil
}
