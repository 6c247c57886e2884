package tape_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/tape"
)

// talk is a conversation with a scanner that exists nowhere.
const talk = `# The scanner is woken, a finger awaited while registers are written, and an
# image is read before the scanner is pulled out.
control 40 04 value 004e index 0000 out: 10
control c0 04 value 0007 index 0000 in 4: 00 01
interrupt 81 in 64: 01 01
control 40 04 value 004e index 0000 out: 20
bulk 82 in 4096:
	00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f
	ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ×3
	aa bb
interrupt 81 in 64: ! cancelled
control 40 04 value 004e index 0000 out: 70 ! unplugged
`

func parse(t *testing.T, text string) tape.Transcript {
	t.Helper()
	tr, err := tape.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// drive is a driver that keeps an interrupt read outstanding.
func drive(dev device.USB) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	write := func(v byte) error {
		_, err := dev.Control(ctx, 0x40, 4, 0x4e, 0, []byte{v})
		return err
	}
	if err := write(0x10); err != nil {
		return err
	}
	seen := make(chan error, 2)
	idle, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		buf := make([]byte, 64)
		_, err := dev.Interrupt(idle, 0x81, buf)
		seen <- err
		_, err = dev.Interrupt(idle, 0x81, buf)
		seen <- err
	}()
	status := make([]byte, 4)
	if n, err := dev.Control(ctx, 0xc0, 4, 7, 0, status); err != nil || n != 2 {
		return errors.Join(err, errors.New("status"))
	}
	if err := <-seen; err != nil {
		return err
	}
	if err := write(0x20); err != nil {
		return err
	}
	img := make([]byte, 4096)
	if n, err := dev.Bulk(ctx, 0x82, img); err != nil || n != 130 || img[129] != 0xbb || img[100] != 0xff {
		return errors.Join(err, errors.New("image"))
	}
	stop()
	if err := <-seen; !errors.Is(err, context.Canceled) {
		return errors.Join(err, errors.New("want a cancelled read"))
	}
	return write(0x70)
}

func TestTranscriptIsReadAndWritten(t *testing.T) {
	tr := parse(t, talk)
	if len(tr) != 7 {
		t.Fatalf("%d operations, want 7", len(tr))
	}
	if got := len(tr[4].Data); got != 130 {
		t.Errorf("the image has %d bytes, want 130", got)
	}
	_, want, _ := strings.Cut(talk, "pulled out.\n")
	if got := tr.String(); got != want {
		t.Errorf("written:\n%s\nwant:\n%s", got, want)
	}
}

func TestPlaybackAnswersAsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := tape.Play(parse(t, talk))
		if err := drive(p); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("the driver ended with %v, want unplugged", err)
		}
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func TestRecordingOfAPlaybackIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := parse(t, talk)
		p := tape.Play(first)
		r := tape.Record(p)
		if err := drive(r); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("the driver ended with %v, want unplugged", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if got := r.Transcript(); !reflect.DeepEqual(byEndpoint(got), byEndpoint(first)) {
			t.Errorf("recorded:\n%v\nwant:\n%v", got, first)
		}
	})
}

// byEndpoint is what was said on each endpoint. Operations of two endpoints that
// end in one moment may be written down in either order.
func byEndpoint(tr tape.Transcript) map[string]tape.Transcript {
	said := map[string]tape.Transcript{}
	for _, op := range tr {
		of := fmt.Sprint(op.Kind, op.Endpoint)
		said[of] = append(said[of], op)
	}
	return said
}

func TestRecorderHidesImages(t *testing.T) {
	r := tape.Record(tape.Play(parse(t, "bulk 82 in 4: 01 02 03\n")))
	r.Hide = func(op tape.Op) bool { return op.Kind == tape.Bulk }
	buf := make([]byte, 4)
	if n, err := r.Bulk(t.Context(), 0x82, buf); n != 3 || err != nil || buf[2] != 3 {
		t.Errorf("Bulk = %d, %v and %x; the driver must see what came", n, err, buf)
	}
	if got, want := r.Transcript().String(), "bulk 82 in 4: 00 00 00\n"; got != want {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

func TestPlaybackRefuses(t *testing.T) {
	const one = "control 40 04 value 004e index 0000 out: 10 11\ncontrol c0 04 value 0007 index 0000 in 4: 01\n"
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, dev device.USB)
		want string // in the error of Close
	}{
		{"nothing was done", func(context.Context, device.USB) {}, "2 of 2 operations were not done, the first is operation 1"},
		{"one was left", func(ctx context.Context, d device.USB) { d.Control(ctx, 0x40, 4, 0x4e, 0, []byte{0x10, 0x11}) },
			"1 of 2 operations were not done, the first is operation 2"},
		{"another byte", func(ctx context.Context, d device.USB) { d.Control(ctx, 0x40, 4, 0x4e, 0, []byte{0x10, 0x12}) },
			"byte 1 was 11, and the driver sent 12"},
		{"another length", func(ctx context.Context, d device.USB) { d.Control(ctx, 0x40, 4, 0x4e, 0, []byte{0x10}) },
			"2 bytes, but the driver sent 1"},
		{"another register", func(ctx context.Context, d device.USB) { d.Control(ctx, 0x40, 4, 0x4f, 0, []byte{0x10, 0x11}) },
			"the driver asked for control 40 04 value 004f"},
		{"another endpoint", func(ctx context.Context, d device.USB) { d.Bulk(ctx, 0x82, make([]byte, 9)) },
			"nothing more was recorded for bulk 82"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := tape.Play(parse(t, one))
			c.do(t.Context(), p)
			if err := p.Close(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Close = %v, want %q in it", err, c.want)
			}
			if _, err := p.Control(t.Context(), 0x40, 4, 0, 0, nil); !errors.Is(err, device.ErrUnplugged) {
				t.Errorf("after Close: %v, want unplugged", err)
			}
		})
	}
}

// An interrupt read whose turn has not come is there again after a timeout.
func TestPlaybackKeepsWhatWasNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := tape.Play(parse(t, "control 40 04 value 0000 index 0000 out: 01\ninterrupt 81 in 8: 07\n"))
		buf := make([]byte, 8)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Interrupt(ctx, 0x81, buf); !errors.Is(err, device.ErrSilent) {
			t.Errorf("before its turn: %v, want silent at the deadline", err)
		}
		if _, err := p.Control(t.Context(), 0x40, 4, 0, 0, []byte{1}); err != nil {
			t.Error(err)
		}
		if n, err := p.Interrupt(t.Context(), 0x81, buf); n != 1 || err != nil || buf[0] != 7 {
			t.Errorf("at its turn: %d, %v, %x", n, err, buf[:1])
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A driver that waits for what can never come hears why.
func TestPlaybackLosesPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := tape.Play(parse(t, "control 40 04 value 0000 index 0000 out: 01\ninterrupt 81 in 8: 07\n"))
		_, err := p.Interrupt(context.Background(), 0x81, make([]byte, 8))
		if !errors.Is(err, device.ErrGarbled) || !strings.Contains(err.Error(), "waits for operation 1") {
			t.Errorf("error %v, want that it waits for operation 1", err)
		}
	})
}

func TestSerialLine(t *testing.T) {
	const text = "write: 1b 49\nread: 06\nread: 41 42 43\nwrite: 1b 52\nread: 0d\n"
	p := tape.PlayStream(parse(t, text))
	r := tape.RecordStream(p)
	io.WriteString(r, "\x1bI")
	got := make([]byte, 4)
	if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, []byte("\x06ABC")) {
		t.Errorf("read %q, %v", got, err)
	}
	io.WriteString(r, "\x1bR")
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "\r" {
		t.Errorf("read %q, %v to the end", rest, err)
	}
	if got := r.Transcript().String(); got != text {
		t.Errorf("recorded:\n%s\nwant:\n%s", got, text)
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}

	p = tape.PlayStream(parse(t, text))
	if _, err := io.WriteString(p, "\x1bX"); !errors.Is(err, device.ErrGarbled) {
		t.Errorf("wrong command: %v, want garbled", err)
	}
	if err := p.Close(); err == nil {
		t.Error("Close after a wrong command gave no error")
	}
}

func TestTranscriptsThatAreNone(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"data first", "\t00 01\n", "line 1: data before"},
		{"unknown operation", "isochronous 81 in 4: 00\n", "no such operation"},
		{"no colon", "bulk 82 in 4\n", "no colon"},
		{"no room", "bulk 82 in: 00\n", "no room"},
		{"room on the way out", "bulk 02 in 4: 00\n", "want \"bulk 02 out:\""},
		{"odd digits", "write: 0\n", "not hexadecimal"},
		{"unknown failure", "write: ! tired\n", "no failure"},
		{"more than fits", "interrupt 81 in 1: 01 02\n", "holds 2 bytes"},
		{"a count of none", "write:\n\t00 ×0\n", "no count"},
		{"a count beyond memory", "write:\n\t00 ×999999999\n", "more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := tape.Parse(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(talk)
	f.Add("write: 1b\nread: 06\n")
	f.Add("bulk 82 in 64:\n\t00 ×64\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := tape.Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		again, err := tape.Parse(strings.NewReader(first.String()))
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if again.String() != first.String() {
			t.Errorf("written twice:\n%s\n%s", first, again)
		}
	})
}
