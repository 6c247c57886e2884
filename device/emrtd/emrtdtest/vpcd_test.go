package emrtdtest_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
)

// A slot is vpcd's side of the line, as a reader of cards.
type slot struct {
	t    *testing.T
	conn net.Conn
	end  chan error // of Serve
}

// inserted lays a card into a slot.
func inserted(ctx context.Context, t *testing.T, card *emrtdtest.Card) *slot {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &slot{t: t, end: make(chan error, 1)}
	go func() { s.end <- card.Serve(ctx, l.Addr().String()) }()
	if s.conn, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.conn.Close() })
	return s
}

// send writes length and message apart, as vpcd does.
func (s *slot) send(message ...byte) {
	s.conn.Write(binary.BigEndian.AppendUint16(nil, uint16(len(message))))
	s.conn.Write(message)
}

func (s *slot) receive() ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(s.conn, head[:]); err != nil {
		return nil, device.ErrRemoved
	}
	b := make([]byte, binary.BigEndian.Uint16(head[:]))
	_, err := io.ReadFull(s.conn, b)
	return b, err
}

func (s *slot) ATR() []byte {
	s.send(4)
	b, err := s.receive()
	if err != nil {
		s.t.Error(err)
	}
	return b
}

func (s *slot) Transmit(_ context.Context, command []byte) ([]byte, error) {
	s.send(command...)
	return s.receive()
}

func (s *slot) Close() error { s.send(0); return nil }

// A card is read over the line of a virtual reader, and again after a reset.
func TestVirtualReader(t *testing.T) {
	card, _ := made(t, nil)
	ctx, takeAway := context.WithCancel(t.Context())
	s := inserted(ctx, t, card)
	s.send(1)
	for range 2 {
		if atr := s.ATR(); len(atr) != 13 || atr[0] != 0x3b {
			t.Errorf("ATR %X", atr)
		}
		begun := time.Now()
		c, err := emrtd.Read(t.Context(), s, emrtd.Access{MRZ: key}, options())
		if err != nil || verdicts(c) != allOK {
			t.Fatalf("%s, %v", told(c), err)
		}
		if took := time.Since(begun); took > time.Second { // 40 commands at the 40 ms of a delayed acknowledgement
			t.Errorf("reading took %v", took)
		}
		s.send(2)
	}
	takeAway()
	if err := <-s.end; err != nil {
		t.Errorf("taking the card away: %v", err)
	}
	if _, err := s.Transmit(t.Context(), apply.Bytes()); err == nil {
		t.Error("a card that was taken away answers")
	}
}

// What happens to a card in the middle of a reading.
func TestVirtualReaderFaults(t *testing.T) {
	card, _ := made(t, nil)
	card.RemovedAt = 9
	s := inserted(t.Context(), t, card)
	if _, err := emrtd.Read(t.Context(), s, emrtd.Access{MRZ: key}, options()); !errors.Is(err, device.ErrRemoved) {
		t.Errorf("taken away: %v", err)
	}
	if err := <-s.end; !errors.Is(err, device.ErrRemoved) {
		t.Errorf("taken away: Serve ends with %v", err)
	}

	card.RemovedAt, card.SilentAt = 0, 3
	ctx, cancel := context.WithCancel(t.Context())
	s = inserted(ctx, t, card)
	for range 2 {
		s.Transmit(t.Context(), apply.Bytes())
	}
	s.conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if b, err := s.Transmit(t.Context(), apply.Bytes()); err == nil {
		t.Errorf("a silent card answers %X", b)
	}
	cancel()
	if err := <-s.end; err != nil {
		t.Errorf("silent: Serve ends with %v", err)
	}

	card.SilentAt = 0
	s = inserted(t.Context(), t, card)
	s.conn.Close() // the daemon ends
	if err := <-s.end; err == nil {
		t.Error("Serve does not tell that nobody is there")
	}
	if err := card.Serve(t.Context(), "127.0.0.1:1"); err == nil {
		t.Error("Serve does not tell that nobody was there")
	}
}
