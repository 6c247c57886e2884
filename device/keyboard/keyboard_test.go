package keyboard

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"optag/device"
)

// event is one event of the kernel.
func event(kind, code uint16, value int32) []byte {
	e := make([]byte, size)
	e[0] = 0xa5 // some time
	binary.NativeEndian.PutUint16(e[stamp:], kind)
	binary.NativeEndian.PutUint16(e[stamp+2:], code)
	binary.NativeEndian.PutUint32(e[stamp+4:], uint32(value))
	return e
}

// types is what a keyboard sends that types a text, by the keys of a layout:
// each key down and up, with Shift where it needs it, and the sync between.
func types(text string, k keys) (all []byte) {
	sync := event(typeSync, 0, 0)
	press := func(code uint16, value int32) { all = append(append(all, event(typeKey, code, value)...), sync...) }
	for i := range text {
		for code, pair := range k {
			at := strings.IndexByte(pair[:1+len(pair)/2], text[i])
			if at < 0 || code > 70 && code != 86 {
				continue
			}
			if at == 1 && pair[0] != pair[1] {
				press(leftShift, 1)
			}
			press(code, 1)
			press(code, 2) // held a little long
			press(code, 0)
			press(leftShift, 0)
			break
		}
	}
	return all
}

// danish is the layout but for the American "<".
func danish() keys {
	k := layout()
	delete(k, 51)
	return k
}

func american() keys {
	k := layout()
	delete(k, 86)
	return k
}

// pipe is a keyboard, and the end at which its keys are pressed.
func pipe(t *testing.T) (*Keyboard, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k := open(r)
	t.Cleanup(func() { w.Close(); k.Close() })
	return k, w
}

// hear reads until nothing comes for a moment.
func hear(t *testing.T, k *Keyboard) (text string, err error) {
	t.Helper()
	for buf := make([]byte, 7); ; {
		ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
		n, err := k.Read(ctx, buf)
		stop()
		if text += string(buf[:n]); err != nil {
			return text, err
		}
	}
}

func TestKeysAreCharacters(t *testing.T) {
	const zone = "P<UTOERIKSSON<<ANNA<MARIA\rL898902C36UTO7408122F1204159\r"
	for _, c := range []struct {
		name  string
		keys  []byte
		want  string
		piece int
	}{
		{"a reader that plays an American keyboard", types(zone, american()), zone, 4096},
		{"a reader that plays a Danish keyboard", types(zone, danish()), zone, 4096},
		{"events that arrive in pieces", types(zone, danish()), zone, 13},
		{"small letters", types("i<uto", american()), "i<uto", 4096},
		{"the number pad", append(event(typeKey, 79, 1), event(typeKey, 96, 1)...), "1\r", 4096},
		{"the other Shift", append(event(typeKey, rightShift, 1), event(typeKey, 51, 1)...), "<", 4096},
		{"keys that no document has, and a mouse", append(event(typeKey, 59, 1), event(2, 0, 5)...), "", 4096},
		{"keys that the kernel lost", append(append(types("AB", american()), event(typeSync, dropped, 0)...), types("C", american())...), "AB?C", 4096},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, w := pipe(t)
			go func() {
				for rest := c.keys; len(rest) > 0; {
					n := min(c.piece, len(rest))
					if _, err := w.Write(rest[:n]); err != nil {
						return
					}
					rest = rest[n:]
				}
			}()
			if got, err := hear(t, k); got != c.want || !errors.Is(err, device.ErrSilent) {
				t.Errorf("typed %q, then %v; want %q, then silence", got, err, c.want)
			}
		})
	}
}

func TestHowReadingEnds(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		k, w := pipe(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := k.Read(ctx, make([]byte, 8)); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if _, err := w.Write(types("1", american())); err != nil {
			t.Fatal(err)
		}
		if got, _ := hear(t, k); got != "1" {
			t.Errorf("after it was cancelled %q was typed, want 1", got)
		}
	})
	t.Run("pulled out", func(t *testing.T) {
		k, w := pipe(t)
		w.Close()
		for range 2 {
			if _, err := k.Read(t.Context(), make([]byte, 8)); !errors.Is(err, device.ErrUnplugged) {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("closed meanwhile", func(t *testing.T) {
		k, _ := pipe(t)
		time.AfterFunc(10*time.Millisecond, func() { k.Close() })
		if _, err := k.Read(t.Context(), make([]byte, 8)); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("%v", err)
		}
		if err := k.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}

func TestOpenSaysWhy(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has event devices")
	}
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("where there is none: %v", err)
	}
	if _, err := Open(plain); err == nil || !strings.Contains(err.Error(), "no event device") {
		t.Errorf("a file: %v", err)
	}
	if err := os.Chmod(plain, 0); err == nil && os.Getuid() != 0 {
		if _, err := Open(plain); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("one that is not ours: %v", err)
		}
	}
}

// FuzzEvents: whatever a device sends, it types nothing but characters.
func FuzzEvents(f *testing.F) {
	f.Add(types("A<1\r", american()))
	f.Add(event(typeSync, dropped, -1))
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, sent []byte) {
		k := Keyboard{keys: layout()}
		for ; len(sent) >= size; sent = sent[size:] {
			k.event(sent[:size])
		}
		for _, c := range k.typed {
			if (c < ' ' || c > '~') && c != '\r' && c != '\t' {
				t.Errorf("typed %q", c)
			}
		}
	})
}
