package usbip

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"optag/device"
)

// A toy is a device with one endpoint of each kind.
type toy struct {
	sends   chan []byte // what its bulk endpoint sends, one message each
	took    bytes.Buffer
	broken  error
	parked  chan struct{} // one for each interrupt read that waits
	ignored chan struct{} // one for each that was called off
}

func newToy() *toy {
	return &toy{sends: make(chan []byte, 4), parked: make(chan struct{}, 4), ignored: make(chan struct{}, 4)}
}

func (d *toy) Control(_ context.Context, kind, request uint8, value, index uint16, data []byte) (int, error) {
	if d.broken != nil {
		return 0, d.broken
	}
	return copy(data, fmt.Sprintf("%02x %02x %04x %04x", kind, request, value, index)), nil
}

func (d *toy) Interrupt(ctx context.Context, _ uint8, _ []byte) (int, error) {
	d.parked <- struct{}{}
	<-ctx.Done()
	d.ignored <- struct{}{}
	return 0, ctx.Err()
}

func (d *toy) Bulk(_ context.Context, endpoint uint8, buf []byte) (int, error) {
	if endpoint&0x80 == 0 {
		return d.took.Write(buf)
	}
	return copy(buf, <-d.sends), nil
}

func (d *toy) Close() error { return nil }

func (d *toy) gadget() Gadget {
	return Gadget{
		Descriptor: bytes.Repeat([]byte{0x12}, 18),
		Configuration: []byte{9, 2, 39, 0, 1, 7, 0, 0x80, 50, 9, 4, 0, 0, 3, 0xff, 0xff, 0xff, 0,
			7, 5, 0x81, 3, 64, 0, 8, 7, 5, 0x82, 2, 64, 0, 0, 7, 5, 0x02, 2, 64, 0, 0},
		Strings: []string{"Maker", "Æble"},
		Bus:     d,
	}
}

// A host is the kernel's side.
type host struct {
	t    *testing.T
	conn net.Conn
	done chan error
}

func plug(t *testing.T, d *toy) *host {
	ours, theirs := net.Pipe()
	h := &host{t: t, conn: ours, done: make(chan error, 1)}
	ours.SetDeadline(time.Now().Add(10 * time.Second))
	go func() { h.done <- Serve(theirs, d.gadget()) }()
	return h
}

// pull ends the connection; the device must have ended all it did.
func (h *host) pull() {
	h.t.Helper()
	h.conn.Close()
	if err := <-h.done; err != nil {
		h.t.Errorf("Serve: %v", err)
	}
}

func (h *host) send(command, sequence uint32, endpoint uint8, flags, length uint32, setup, data []byte) {
	h.t.Helper()
	b := make([]byte, headerSize)
	binary.BigEndian.PutUint32(b, command)
	binary.BigEndian.PutUint32(b[4:], sequence)
	binary.BigEndian.PutUint32(b[12:], uint32(endpoint>>7))
	binary.BigEndian.PutUint32(b[16:], uint32(endpoint&0x7f))
	binary.BigEndian.PutUint32(b[20:], flags)
	binary.BigEndian.PutUint32(b[24:], length)
	copy(b[40:], setup)
	if _, err := h.conn.Write(append(b, data...)); err != nil {
		h.t.Fatal(err)
	}
}

// answer reads an answer; data follows where the transfer brought some in.
func (h *host) answer(in bool) (command, sequence uint32, status int32, data []byte) {
	h.t.Helper()
	b := make([]byte, headerSize)
	if _, err := io.ReadFull(h.conn, b); err != nil {
		h.t.Fatalf("no answer: %v", err)
	}
	if in {
		data = make([]byte, binary.BigEndian.Uint32(b[24:]))
		if _, err := io.ReadFull(h.conn, data); err != nil {
			h.t.Fatal(err)
		}
	}
	return binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), int32(binary.BigEndian.Uint32(b[20:])), data
}

// TestRequests: what the kernel asks of every device it finds.
func TestRequests(t *testing.T) {
	h := plug(t, newToy())
	defer h.pull()
	for i, c := range []struct {
		name   string
		setup  [8]byte
		length uint32
		status int32
		want   string
	}{
		{"the device descriptor", [8]byte{0x80, 6, 0, 1, 0, 0, 18}, 18, 0, string(bytes.Repeat([]byte{0x12}, 18))},
		{"its first eight bytes", [8]byte{0x80, 6, 0, 1, 0, 0, 8}, 8, 0, string(bytes.Repeat([]byte{0x12}, 8))},
		{"the languages of its strings", [8]byte{0x80, 6, 0, 3, 0, 0, 255}, 255, 0, "\x04\x03\x09\x04"},
		{"its second string", [8]byte{0x80, 6, 2, 3, 9, 4, 255}, 255, 0, "\x0a\x03\xc6\x00b\x00l\x00e\x00"},
		{"a string it does not have", [8]byte{0x80, 6, 3, 3, 9, 4, 255}, 255, errPipe, ""},
		{"a second configuration", [8]byte{0x80, 6, 1, 2, 0, 0, 255}, 255, errPipe, ""},
		{"the qualifier of another speed", [8]byte{0x80, 6, 0, 6, 0, 0, 10}, 10, errPipe, ""},
		{"its status", [8]byte{0x80, 0, 0, 0, 0, 0, 2}, 2, 0, "\x00\x00"},
		{"the configuration it is in", [8]byte{0x80, 8, 0, 0, 0, 0, 1}, 1, 0, "\x07"},
		{"a vendor's request", [8]byte{0xc0, 4, 7, 0, 1, 0, 32}, 32, 0, "c0 04 0007 0001"},
	} {
		h.send(cmdSubmit, uint32(i), 0x80, 0, c.length, c.setup[:], nil)
		if _, sequence, status, got := h.answer(true); sequence != uint32(i) || status != c.status || string(got) != c.want {
			t.Errorf("%s: answer %d, status %d, %q; want %d, %d, %q", c.name, sequence, status, got, i, c.status, c.want)
		}
	}
	h.send(cmdSubmit, 99, 0, 0, 0, []byte{0, 9, 7, 0, 0, 0, 0, 0}, nil)
	if _, _, status, _ := h.answer(false); status != 0 {
		t.Errorf("choosing its configuration: status %d", status)
	}
}

// TestLongRead: the kernel cuts a read into several; a message ends in a short
// one, and where it fills the last one there is nothing behind it.
func TestLongRead(t *testing.T) {
	for _, c := range []struct {
		name    string
		message int
		want    []int // bytes of reads of 100, 100 and 50
	}{
		{"fills all", 250, []int{100, 100, 50}},
		{"ends in the last", 230, []int{100, 100, 30}},
		{"ends in the second", 130, []int{100, 30}},
		{"ends with the second, which an empty one says", 200, []int{100, 100, 0}},
		{"is empty", 0, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newToy()
			h := plug(t, d)
			defer h.pull()
			message := make([]byte, c.message)
			for i := range message {
				message[i] = byte(i)
			}
			d.sends <- message
			d.sends <- []byte("next")
			var got []byte
			for i, want := range c.want {
				flags := uint32(shortNotOK)
				if i == 2 {
					flags = 0
				}
				h.send(cmdSubmit, uint32(i), 0x82, flags, []uint32{100, 100, 50}[i], nil, nil)
				_, _, status, data := h.answer(true)
				if len(data) != want || status != 0 {
					t.Errorf("read %d: %d bytes, status %d, want %d", i, len(data), status, want)
				}
				got = append(got, data...)
			}
			if !bytes.Equal(got, message) {
				t.Error("the message is another")
			}
			h.send(cmdSubmit, 9, 0x82, 0, 64, nil, nil)
			if _, _, _, data := h.answer(true); string(data) != "next" {
				t.Errorf("after it %q, want the next message", data)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	d := newToy()
	h := plug(t, d)
	h.send(cmdSubmit, 1, 0x02, 0, 5, nil, []byte("hello"))
	if _, _, status, _ := h.answer(false); status != 0 {
		t.Errorf("status %d", status)
	}
	h.pull()
	if d.took.String() != "hello" {
		t.Errorf("the device took %q", d.took.String())
	}
}

// TestCalledOff: a read that waits for an event is called off; one that has
// been answered cannot be.
func TestCalledOff(t *testing.T) {
	d := newToy()
	h := plug(t, d)
	defer h.pull()
	h.send(cmdSubmit, 1, 0x81, 0, 64, nil, nil)
	<-d.parked
	unlink := func(sequence, victim uint32, want int32) {
		t.Helper()
		h.send(cmdUnlink, sequence, 0x81, victim, 0, nil, nil)
		if command, got, status, _ := h.answer(false); command != cmdUnlink+retOffset || got != sequence || status != want {
			t.Errorf("calling %d off: command %d, answer %d, status %d; want status %d", victim, command, got, status, want)
		}
	}
	unlink(2, 1, errConnReset)
	<-d.ignored
	unlink(3, 1, 0)
}

// TestLeaves: the device leaves the bus while a read is under way.
func TestLeaves(t *testing.T) {
	d := newToy()
	d.broken = fmt.Errorf("toy: %w", device.ErrUnplugged)
	h := plug(t, d)
	h.send(cmdSubmit, 1, 0x81, 0, 64, nil, nil)
	<-d.parked
	h.send(cmdSubmit, 2, 0x80, 0, 64, []byte{0xc0, 4, 7, 0, 1, 0, 64, 0}, nil)
	if n, err := h.conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes from a device that is gone", n)
	}
	<-d.ignored
	h.pull()
}

func FuzzServe(f *testing.F) {
	head := make([]byte, headerSize)
	head[3], head[15], head[27] = cmdSubmit, 1, 18
	copy(head[40:], []byte{0x80, 6, 0, 1, 0, 0, 18, 0})
	f.Add(head)
	head = bytes.Clone(head)
	head[3] = cmdUnlink
	f.Add(head)
	f.Fuzz(func(t *testing.T, sent []byte) {
		d := newToy()
		close(d.sends)
		d.broken = device.ErrGarbled
		in, out := net.Pipe()
		go io.Copy(io.Discard, in)
		go func() { in.Write(sent); in.Close() }()
		d.parked = make(chan struct{}, 1+len(sent)/headerSize)
		d.ignored = make(chan struct{}, cap(d.parked))
		_ = Serve(out, d.gadget()) // must return
	})
}
