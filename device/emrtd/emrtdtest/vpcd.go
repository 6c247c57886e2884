package emrtdtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"optag/device"
)

// VPCD is where the first slot of the virtual reader of PC/SC waits for its
// card.
const VPCD = "127.0.0.1:35963"

// What vpcd sends in a message of one byte.
const (
	powerOff = 0
	powerOn  = 1
	reset    = 2
	sendATR  = 4
)

// Serve lays the card into a virtual reader of PC/SC (vpcd of vsmartcard), and
// answers until ctx ends, which takes the card away: that is no error. A card
// that is told to be removed ends with [device.ErrRemoved]; one that is told to
// be silent keeps its place and says nothing more.
func (c *Card) Serve(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("laying a card into the reader: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	err = c.converse(ctx, conn.(*net.TCPConn))
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("lying in the reader: %w", err)
}

// converse answers messages: each is a length of two bytes and so many bytes.
func (c *Card) converse(ctx context.Context, conn *net.TCPConn) error {
	p := c.power()
	defer func() { p.Close() }()
	for {
		message, err := receive(conn)
		if err != nil {
			return err
		}
		var answer []byte
		switch {
		case len(message) != 1:
			answer, err = p.Transmit(ctx, message)
			if errors.Is(err, device.ErrSilent) {
				<-ctx.Done()
			}
			if err != nil {
				return err
			}
		case message[0] == sendATR:
			answer = p.ATR()
		case message[0] == powerOff || message[0] == powerOn || message[0] == reset:
			p.Close()
			p = c.power()
			continue
		default:
			continue
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return err
		}
	}
}

// receive reads one message. vpcd writes the length and what follows in two
// segments and waits for the first to be acknowledged, which is at once only if
// asked for before each read.
func receive(conn *net.TCPConn) ([]byte, error) {
	var head [2]byte
	hurry(conn)
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(head[:]))
	hurry(conn)
	_, err := io.ReadFull(conn, message)
	return message, err
}
