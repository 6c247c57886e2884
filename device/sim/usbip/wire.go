package usbip

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// Commands of the protocol.
const (
	cmdSubmit = 1
	cmdUnlink = 2
	retOffset = 2 // from a command to its answer
)

// Linux error numbers, which the protocol carries on every system.
const (
	errPipe      = -32
	errConnReset = -104
)

const (
	headerSize   = 48
	shortNotOK   = 1       // flag of a read that another one continues
	maxTransfer  = 1 << 22 // far more than the kernel asks for
	noIsoPackets = 0xffffffff
)

// An urb is one message of the host: a transfer, or a word that one is called
// off.
type urb struct {
	command, sequence, device uint32
	endpoint                  uint8 // number
	in                        bool
	continued                 bool // the next transfer is of the same message
	setup                     [8]byte
	data                      []byte // to be sent, or as long as what may come
	victim                    uint32 // the transfer to be called off

	ctx    context.Context
	cancel context.CancelFunc
}

// address is the endpoint's, with its direction.
func (u *urb) address() uint8 {
	if u.in && u.endpoint != 0 {
		return u.endpoint | 0x80
	}
	return u.endpoint
}

// readMessage reads one message with the data that follows it.
func readMessage(r io.Reader) (*urb, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	word := func(at int) uint32 { return binary.BigEndian.Uint32(h[at:]) }
	u := &urb{command: word(0), sequence: word(4), device: word(8), in: word(12) == 1, endpoint: uint8(word(16) & 0x0f)}
	switch u.command {
	case cmdUnlink:
		u.victim = word(20)
		return u, nil
	case cmdSubmit:
	default:
		return nil, fmt.Errorf("the host sent command %d", u.command)
	}
	if word(24) > maxTransfer {
		return nil, fmt.Errorf("the host asks for %d bytes", word(24))
	}
	u.continued = u.in && word(20)&shortNotOK != 0
	u.setup = [8]byte(h[40:])
	u.data = make([]byte, word(24))
	if u.in {
		return u, nil
	}
	_, err := io.ReadFull(r, u.data)
	return u, err
}

// reply makes the answer to u: a status, and the n bytes that were moved.
func (u *urb) reply(status int32, n int) []byte {
	b := make([]byte, headerSize, headerSize+n)
	binary.BigEndian.PutUint32(b[0:], u.command+retOffset)
	binary.BigEndian.PutUint32(b[4:], u.sequence)
	binary.BigEndian.PutUint32(b[20:], uint32(status))
	if u.command == cmdSubmit {
		binary.BigEndian.PutUint32(b[24:], uint32(n))
		binary.BigEndian.PutUint32(b[32:], noIsoPackets)
		if u.in {
			b = append(b, u.data[:n]...)
		}
	}
	return b
}
