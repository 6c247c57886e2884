package mso

import (
	"bytes"
	"errors"
	"testing"

	"optag/device"
)

// FuzzMessages: whatever comes, in either framing, parsing ends, moves on, and
// takes no message for one that was not framed.
func FuzzMessages(f *testing.F) {
	f.Add([]byte("SYNC\x03\x00\x00\x00\xfc\xff\xff\xff\x70\x00\x00EN"))
	f.Add([]byte("xSYSYNC\xff\xff\xff\xff\x00\x00\x00\x00"))
	f.Add(appendPacket(nil, fromDevice|kindData|isFirst|isLast, 0x1b, []byte{0x71, 1, 0, 0x1b}))
	f.Add([]byte("\x02\xe2\x00\x02\xe4\x1b\x12\x02\xc1\x00\x1b\x7f\x1b\x03"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for rest := b; ; {
			m, skipped, used, err := parseUSB(rest)
			if used < 0 || used > len(rest) || skipped > used {
				t.Fatalf("used %d, skipped %d of %d bytes", used, skipped, len(rest))
			}
			if errors.Is(err, errShort) {
				break
			}
			if err == nil && used != skipped+frameHead+len(m)+frameTail {
				t.Fatalf("a message of %d bytes in %d", len(m), used-skipped)
			}
			if err != nil && !errors.Is(err, device.ErrGarbled) || used == 0 {
				t.Fatalf("used %d, %v", used, err)
			}
			rest = rest[used:]
		}
		for rest := b; ; {
			p, skipped, used, err := parseSerial(rest)
			if used < 0 || used > len(rest) || skipped > used {
				t.Fatalf("used %d, skipped %d of %d bytes", used, skipped, len(rest))
			}
			if errors.Is(err, errShort) {
				break
			}
			if err != nil && !errors.Is(err, device.ErrGarbled) || used == 0 {
				t.Fatalf("used %d, %v", used, err)
			}
			if again, _, _, err2 := parseSerial(appendPacket(nil, p.kind, p.counter, p.data)); err == nil && p.kind&kindMask == kindData &&
				(err2 != nil || !bytes.Equal(again.data, p.data) || again.counter != p.counter) {
				t.Fatalf("a packet of %d bytes does not read as it was written: %v", len(p.data), err2)
			}
			rest = rest[used:]
		}
	})
}

// FuzzAnswers: whatever a device answers, it is a frame, advice or a failure.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0x3d, 0x0c, 0, 0, 0x0a, 0xa0, 1, 0xa0, 1, 0xf4, 1, 0xf4, 1, 0, 8})
	f.Add([]byte{0xdb})
	f.Add([]byte{0, 0x24})
	f.Add([]byte{0, 1, 4, 0, 5, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0xff, 0x3d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	small := append([]byte{0, 0, 0, 0, 0, 0, 0x3d, 0x1c, 0x27, 0, 0x0a, 100, 0, 100, 0, 0xf4, 1, 0xf4, 1, 0, 8}, make([]byte, 10000)...)
	f.Add(small)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &Scanner{}
		s.size(100, 100)
		p := &presence{s: s, yield: func(f device.Frame, err error) error {
			var advice device.Retry
			if err != nil && (!errors.As(err, &advice) || f.Image != nil) {
				t.Errorf("yielded %v", err)
			}
			if err == nil && len(f.Image.Pix) != f.Image.Rect.Dx()*f.Image.Rect.Dy() {
				t.Errorf("yielded %d pixels for %v", len(f.Image.Pix), f.Image.Rect)
			}
			return nil
		}}
		for _, err := range []error{p.finished(b), p.heed(b)} {
			if err != nil && !errors.Is(err, device.ErrGarbled) {
				t.Errorf("failed with %v", err)
			}
		}
		said(b, "Version")
	})
}
