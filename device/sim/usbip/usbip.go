// Package usbip puts a simulated USB device on the bus of a real kernel: it
// speaks the device's side of the USB/IP protocol, whose host side is the
// kernel's vhci_hcd. What the kernel, libusb and a driver then see cannot be
// told from a device on a cable. The device itself is any [device.USB], as the
// simulators of the drivers are; this package adds only what every device on a
// bus has, its descriptors and the standard requests.
//
// Source: the kernel's Documentation/usb/usbip_protocol.rst.
package usbip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"unicode/utf16"

	"optag/device"
)

// A Gadget is a device as the bus sees it.
type Gadget struct {
	Descriptor    []byte   // of the device, 18 bytes
	Configuration []byte   // the one it has, with its interfaces and endpoints
	Strings       []string // from index 1 on
	HighSpeed     bool     // else full speed

	// Bus answers what is not standard: vendor and class requests, and the
	// transfers of the endpoints. It fails with [device.ErrUnplugged] when
	// the device is to leave the bus, and with [device.ErrGarbled] where it
	// stalls. It is not closed.
	Bus device.USB
}

// Serve answers the host on conn until the device is unplugged at either end,
// which is no error; then conn is closed and every transfer has ended.
func Serve(conn io.ReadWriteCloser, g Gadget) error {
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{g: g, conn: conn, life: ctx, end: cancel, queues: map[uint8]chan *urb{}, pending: map[uint32]*urb{}}
	err := s.read()
	cancel()
	conn.Close()
	for _, q := range s.queues {
		close(q)
	}
	s.busy.Wait()
	// A host that pulls the plug with answers unread resets the connection.
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || s.gone() {
		return nil
	}
	return fmt.Errorf("serving USB/IP: %w", err)
}

// A server is one device on the bus.
type server struct {
	g    Gadget
	conn io.ReadWriteCloser
	life context.Context // ends with the connection
	end  context.CancelFunc
	busy sync.WaitGroup // the goroutines of queues

	queues map[uint8]chan *urb // by address of the endpoint; the reader's own

	mu      sync.Mutex      // protects the fields below, and writing
	pending map[uint32]*urb // not answered yet, by sequence number
	left    bool            // the device left by itself
}

func (s *server) gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}

// unplug takes the device from the bus: the kernel sees the connection end.
func (s *server) unplug() {
	s.mu.Lock()
	s.left = true
	s.mu.Unlock()
	s.end()
	s.conn.Close()
}

// read takes what the host sends, until the connection ends.
func (s *server) read() error {
	for {
		u, err := readMessage(s.conn)
		switch {
		case err != nil:
			return err
		case u.command == cmdUnlink:
			err = s.unlink(u)
		default:
			s.submit(u)
		}
		if err != nil {
			return err
		}
	}
}

// submit queues a transfer behind the others of its endpoint.
func (s *server) submit(u *urb) {
	u.ctx, u.cancel = context.WithCancel(s.life)
	s.mu.Lock()
	s.pending[u.sequence] = u
	s.mu.Unlock()
	q, ok := s.queues[u.address()]
	if !ok {
		q = make(chan *urb, 1024)
		s.queues[u.address()] = q
		s.busy.Add(1)
		go s.serveEndpoint(q)
	}
	q <- u
}

// serveEndpoint answers the transfers of one endpoint in their order.
func (s *server) serveEndpoint(q chan *urb) {
	defer s.busy.Done()
	var e endpoint
	for u := range q {
		if u.ctx.Err() == nil {
			s.answer(u, &e)
		}
		u.cancel()
	}
}

// answer performs a transfer and tells the host how it ended; a transfer that
// the host has called off meanwhile is not answered.
func (s *server) answer(u *urb, e *endpoint) {
	var n int
	var err error
	if u.endpoint == 0 {
		n, err = s.control(u)
	} else {
		n, err = e.transfer(u, s.g)
	}
	switch {
	case errors.Is(err, device.ErrUnplugged):
		s.unplug()
		return
	case u.ctx.Err() != nil:
		return
	}
	status := int32(0)
	if err != nil {
		status = errPipe
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[u.sequence] != u {
		return
	}
	delete(s.pending, u.sequence)
	// A connection that cannot be written to is noticed by its reader.
	_, _ = s.conn.Write(u.reply(status, n))
}

// unlink calls a transfer off, and says whether it was still there to be.
func (s *server) unlink(u *urb) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := int32(0)
	if was, ok := s.pending[u.victim]; ok {
		delete(s.pending, u.victim)
		was.cancel()
		status = errConnReset
	}
	_, err := s.conn.Write(u.reply(status, 0))
	return err
}

// An endpoint keeps what of a message the host has not fetched yet.
type endpoint struct {
	rest []byte
	more bool // the message goes on in the next transfer, if only to end there
}

// messageSize is more than any device here sends in one message.
const messageSize = 1 << 20

// transfer moves the data of a transfer of an interrupt or bulk endpoint. The
// kernel cuts a long read into several, and marks all but the last as ones that
// may not be short.
func (e *endpoint) transfer(u *urb, g Gadget) (int, error) {
	move := g.Bus.Bulk
	if g.interrupt(u.address()) {
		move = g.Bus.Interrupt
	}
	if !u.in {
		return move(u.ctx, u.address(), u.data)
	}
	var err error
	if !e.more {
		e.rest = u.data
		if u.continued {
			e.rest = make([]byte, messageSize)
		}
		var n int
		n, err = move(u.ctx, u.address(), e.rest)
		e.rest = e.rest[:n]
	}
	n := copy(u.data, e.rest)
	e.rest = e.rest[n:]
	e.more = err == nil && u.continued && n == len(u.data)
	return n, err
}

// interrupt reports whether an endpoint is one, by its descriptor.
func (g Gadget) interrupt(address uint8) bool {
	for d := g.Configuration; len(d) >= 2 && int(d[0]) >= 2 && int(d[0]) <= len(d); d = d[d[0]:] {
		if d[1] == 5 && d[0] >= 7 && d[2] == address {
			return d[3]&3 == 3
		}
	}
	return false
}

// Requests and descriptors of USB 2.0, chapter 9.
const (
	getStatus, clearFeature, setFeature          = 0, 1, 3
	getDescriptor, getConfiguration              = 6, 8
	setConfiguration, getInterface, setInterface = 9, 10, 11
	deviceType, configurationType, stringType    = 1, 2, 3
)

// control answers a request on endpoint 0.
func (s *server) control(u *urb) (int, error) {
	kind, request := u.setup[0], u.setup[1]
	value, index := binary.LittleEndian.Uint16(u.setup[2:]), binary.LittleEndian.Uint16(u.setup[4:])
	if kind&0x60 != 0 {
		return s.g.Bus.Control(u.ctx, kind, request, value, index, u.data)
	}
	switch request {
	case getDescriptor:
		if d := s.g.descriptor(value); d != nil {
			return copy(u.data, d), nil
		}
	case getStatus:
		return copy(u.data, []byte{0, 0}), nil
	case getConfiguration:
		return copy(u.data, s.g.Configuration[5:6]), nil
	case getInterface:
		return copy(u.data, []byte{0}), nil
	case setConfiguration, setInterface, clearFeature, setFeature:
		return 0, nil
	}
	return 0, device.ErrGarbled
}

// descriptor returns one of the gadget's descriptors, nil where it has no such.
func (g Gadget) descriptor(value uint16) []byte {
	number := int(value & 0xff)
	switch value >> 8 {
	case deviceType:
		return g.Descriptor
	case configurationType:
		if number == 0 {
			return g.Configuration
		}
	case stringType:
		switch {
		case number == 0:
			return []byte{4, stringType, 0x09, 0x04} // American English
		case number <= len(g.Strings):
			d := []byte{0, stringType}
			for _, unit := range utf16.Encode([]rune(g.Strings[number-1])) {
				d = binary.LittleEndian.AppendUint16(d, unit)
			}
			d[0] = byte(len(d))
			return d
		}
	}
	return nil
}
