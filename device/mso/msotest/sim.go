// Package msotest simulates a scanner that speaks the ILV protocol, at the far
// end of any serial line and in either framing. It knows none of the driver's
// code, and no hardware either: it does what the published protocol says.
package msotest

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"
	"time"
)

// Commands to the person, as Say takes them.
const (
	NoFinger = 0
	Up       = 1
	Harder   = 5
	Latent   = 6
	Remove   = 7
	FingerOK = 8
)

// Config says how a device behaves. The zero Config is an MSO 300 behind USB.
type Config struct {
	RS232         bool   // packets that are acknowledged
	Product       string // "" is "MSO 300"
	Serial        string // "" is "1009C7", "-" none
	Columns, Rows int    // 0 is 416 by 416
	PPI           int    // 0 is 500
	Baud          int    // how fast it sends; 0 is at once
	Tireless      bool   // a finger that lies is taken again and again

	// Outcome, where not nil, gives the status and the outcome of the n-th
	// command to enrol, from 1.
	Outcome func(n int) (status, outcome byte)

	// Answer, where not nil, alters a message before it is sent.
	Answer func(id byte, message []byte) []byte
}

// A Sim is a simulated device.
type Sim struct {
	c     Config
	line  io.ReadWriteCloser
	over  chan struct{}
	tasks sync.WaitGroup

	sending chan struct{} // holds a token while a message is sent
	acks    chan [2]byte  // kind and counter
	stop    chan struct{} // closed with the line

	mu       sync.Mutex // protects the fields below
	change   chan struct{}
	finger   *image.Gray
	lifted   bool // since the last picture
	counter  byte
	enrols   int
	commands []byte
	cancel   context.CancelFunc // of the command under way; nil without one
}

// Attach puts a device at the far end of a line. It runs until the line ends.
func Attach(line io.ReadWriteCloser, c Config) *Sim {
	if c.Product == "" {
		c.Product = "MSO 300"
	}
	if c.Serial == "" {
		c.Serial = "1009C7"
	}
	if c.Columns == 0 {
		c.Columns, c.Rows = 416, 416
	}
	if c.PPI == 0 {
		c.PPI = 500
	}
	s := &Sim{c: c, line: line, over: make(chan struct{}), acks: make(chan [2]byte, 64),
		stop: make(chan struct{}), sending: make(chan struct{}, 1), change: make(chan struct{}), lifted: true}
	go s.listen()
	return s
}

// Wait waits for the end of the line, and of all the device does.
func (s *Sim) Wait() { <-s.over }

// Touch lays a finger on the glass; nil lifts it.
func (s *Sim) Touch(img *image.Gray) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finger = img
	s.lifted = s.lifted || img == nil
	close(s.change)
	s.change = make(chan struct{})
}

// Commands returns the identifiers of the commands that came.
func (s *Sim) Commands() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.commands...)
}

// Say sends a command to the person, and waits until it has come.
func (s *Sim) Say(command byte) {
	s.send(0x71, []byte{0, 0x01, 4, 0, command, 0, 0, 0})
}

func (s *Sim) listen() {
	defer close(s.over)
	defer s.tasks.Wait()
	defer close(s.stop)
	read := s.readUSB
	if s.c.RS232 {
		read = s.readSerial
	}
	for {
		message, err := read()
		if err != nil {
			s.mu.Lock()
			if s.cancel != nil {
				s.cancel()
			}
			s.mu.Unlock()
			return
		}
		if len(message) >= 3 && int(binary.LittleEndian.Uint16(message[1:])) == len(message)-3 {
			s.obey(message[0], message[3:])
		}
	}
}

// readUSB reads a frame.
func (s *Sim) readUSB() ([]byte, error) {
	var word [4]byte
	for string(word[:]) != "SYNC" {
		copy(word[:], word[1:])
		if _, err := io.ReadFull(s.line, word[3:]); err != nil {
			return nil, err
		}
	}
	var sizes [8]byte
	if _, err := io.ReadFull(s.line, sizes[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(sizes[:])
	if binary.LittleEndian.Uint32(sizes[4:]) != ^size || size > 1000 {
		return nil, nil
	}
	message := make([]byte, size+2)
	_, err := io.ReadFull(s.line, message)
	return message[:size], err
}

// readSerial reads packets up to one with data, and acknowledges it.
func (s *Sim) readSerial() ([]byte, error) {
	for {
		kind, counter, err := s.readHead()
		switch {
		case err != nil:
			return nil, err
		case kind == 0x62 || kind == 0x64:
			select {
			case s.acks <- [2]byte{kind, counter}:
			default:
			}
			continue
		}
		var data []byte
		for end := false; !end; {
			var v byte
			if v, end, err = s.plain(); err != nil {
				return nil, err
			}
			data = append(data, v)
		}
		n := len(data) - 3 // the checksum, and the end
		if kind != 0x61 || n < 0 || remainder(data[:n]) != binary.LittleEndian.Uint16(data[n:]) {
			s.write(append([]byte{2, 0xe4}, stuffed([]byte{counter})...))
			continue
		}
		s.write(append([]byte{2, 0xe2}, stuffed([]byte{counter})...))
		return data[:n], nil
	}
}

// readHead reads up to the end of a packet's head.
func (s *Sim) readHead() (kind, counter byte, err error) {
	var v [1]byte
	for v[0] != 2 && err == nil {
		_, err = io.ReadFull(s.line, v[:])
	}
	if err == nil {
		_, err = io.ReadFull(s.line, v[:])
	}
	if err == nil {
		counter, _, err = s.plain()
	}
	return v[0], counter, err
}

// plain reads a byte as it is meant, and whether it ends a packet.
func (s *Sim) plain() (v byte, end bool, err error) {
	var b [1]byte
	if _, err = io.ReadFull(s.line, b[:]); err != nil || b[0] != 0x1b {
		return b[0], false, err
	}
	_, err = io.ReadFull(s.line, b[:])
	if b[0] == 0x12 || b[0] == 0x14 {
		return b[0] - 1, false, err
	}
	return b[0], b[0] == 3, err
}

// remainder is the checksum, by long division.
func remainder(data []byte) uint16 {
	var r uint32
	for _, v := range append(append([]byte(nil), data...), 0, 0) {
		for bit := 7; bit >= 0; bit-- {
			if r = r<<1 | uint32(v>>bit&1); r&0x10000 != 0 {
				r ^= 0x11021
			}
		}
	}
	return uint16(r)
}

func stuffed(data []byte) (out []byte) {
	for _, v := range data {
		switch v {
		case 0x1b:
			out = append(out, 0x1b, 0x1b)
		case 0x11:
			out = append(out, 0x1b, 0x12)
		case 0x13:
			out = append(out, 0x1b, 0x14)
		default:
			out = append(out, v)
		}
	}
	return out
}

func (s *Sim) write(b []byte) bool {
	if s.c.Baud > 0 {
		time.Sleep(time.Duration(10*len(b)) * time.Second / time.Duration(s.c.Baud))
	}
	_, err := s.line.Write(b)
	return err == nil
}

// send sends a message.
func (s *Sim) send(id byte, value []byte) bool {
	message := []byte{id}
	if len(value) < 0xffff {
		message = binary.LittleEndian.AppendUint16(message, uint16(len(value)))
	} else {
		message = append(message, 0xff, 0xff)
		message = binary.LittleEndian.AppendUint32(message, uint32(len(value)))
	}
	message = append(message, value...)
	if s.c.Answer != nil {
		message = s.c.Answer(id, message)
	}
	s.sending <- struct{}{}
	defer func() { <-s.sending }()
	if s.c.RS232 {
		return s.sendPackets(message)
	}
	frame := binary.LittleEndian.AppendUint32([]byte("SYNC"), uint32(len(message)))
	frame = binary.LittleEndian.AppendUint32(frame, ^uint32(len(message)))
	frame = append(append(frame, message...), "EN"...)
	for len(frame) > 0 { // as the pieces of a USB device come
		n := min(len(frame), 4096)
		if !s.write(frame[:n]) {
			return false
		}
		frame = frame[n:]
	}
	return true
}

// sendPackets sends a message in packets of 1024 bytes, each until it is
// acknowledged.
func (s *Sim) sendPackets(message []byte) bool {
	kind := byte(0xc1)
	for {
		n := min(len(message), 1024)
		if n == len(message) {
			kind |= 0x20
		}
		if !s.sendPacket(kind, message[:n]) {
			return false
		}
		if message = message[n:]; kind&0x20 != 0 {
			return true
		}
		kind = 0x81
	}
}

func (s *Sim) sendPacket(kind byte, data []byte) bool {
	s.mu.Lock()
	counter := s.counter
	s.counter++
	s.mu.Unlock()
	packet := append([]byte{2, kind}, stuffed([]byte{counter})...)
	packet = append(packet, stuffed(data)...)
	packet = append(packet, stuffed(binary.LittleEndian.AppendUint16(nil, remainder(data)))...)
	packet = append(packet, 0x1b, 3)
	for range 4 {
		if !s.write(packet) {
			return false
		}
		if s.acked(counter) {
			return true
		}
	}
	return false
}

// acked waits for the acknowledgement of a packet.
func (s *Sim) acked(counter byte) bool {
	late := time.NewTimer(400 * time.Millisecond)
	defer late.Stop()
	for {
		select {
		case a := <-s.acks:
			if a[1] == counter {
				return a[0] == 0x62
			}
		case <-late.C:
			return false
		case <-s.stop:
			return false
		}
	}
}

// obey begins to do a command.
func (s *Sim) obey(id byte, value []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, id)
	do := func(f func()) { s.tasks.Go(f) }
	switch {
	case id == 0x05 && len(value) == 1 && value[0] == 0x2f:
		do(func() { s.send(0x05, s.descriptor()) })
	case id == 0x70:
		if s.cancel != nil {
			s.cancel()
		}
	case id == 0x21 && s.cancel != nil:
		do(func() { s.send(0x21, []byte{0xf4}) })
	case id == 0x21 && len(value) >= 8:
		s.enrols++
		n := s.enrols
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(binary.LittleEndian.Uint16(value[1:]))*time.Second)
		s.cancel = cancel
		do(func() { s.enrol(ctx, n) })
	default:
		do(func() { s.send(0x50, []byte{id}) })
	}
}

func (s *Sim) descriptor() []byte {
	text := func(b []byte, id byte, t string) []byte {
		b = append(b, id)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(t)))
		return append(b, t...)
	}
	b := text([]byte{0}, 0x29, fmt.Sprintf("Product Name:\t\t%s\r\nMSO Serial Number:\t%s\r\nTotal flash size :\t1024 Ko\r\n", s.c.Product, strings.TrimPrefix(s.c.Serial, "-")))
	b = text(b, 0x2b, "ProductId:\t00000000-0\r\n")
	return text(b, 0x2a, "MSO Version: 09.00.c-C\r\n")
}

// enrol takes a finger and answers.
func (s *Sim) enrol(ctx context.Context, n int) {
	answer := s.take(ctx, n)
	s.mu.Lock()
	s.cancel()
	s.cancel = nil
	s.mu.Unlock()
	s.send(0x21, answer)
}

// take waits for a finger that was not taken before, and returns the answer.
func (s *Sim) take(ctx context.Context, n int) []byte {
	told := -1
	for {
		s.mu.Lock()
		finger, lifted, change := s.finger, s.lifted || s.c.Tireless, s.change
		if finger != nil && lifted {
			s.lifted = false
		}
		s.mu.Unlock()
		say := NoFinger
		switch {
		case finger != nil && lifted:
			s.Say(FingerOK)
			return s.answer(n, finger)
		case finger != nil:
			say = Remove
		}
		if say != told {
			told = say
			s.Say(byte(say))
		}
		select {
		case <-change:
		case <-ctx.Done():
			if ctx.Err() == context.DeadlineExceeded {
				return []byte{0xfa}
			}
			return []byte{0xe5}
		case <-s.stop:
			return []byte{0xe5}
		}
	}
}

// answer is what the device says when it has taken a finger.
func (s *Sim) answer(n int, finger *image.Gray) []byte {
	if s.c.Outcome != nil {
		if status, outcome := s.c.Outcome(n); status != 0 || outcome != 0 {
			return []byte{status, outcome, 0, 0, 0, 0}
		}
	}
	img := []byte{0, 0x0a}
	for _, v := range []int{s.c.Rows, s.c.Columns, s.c.PPI, s.c.PPI} {
		img = binary.LittleEndian.AppendUint16(img, uint16(v))
	}
	img = append(append(img, 0, 8), finger.Pix...)
	answer := []byte{0, 0, 0, 0, 0, 0, 0x3d}
	if len(img) < 0xffff {
		answer = binary.LittleEndian.AppendUint16(answer, uint16(len(img)))
	} else {
		answer = append(answer, 0xff, 0xff)
		answer = binary.LittleEndian.AppendUint32(answer, uint32(len(img)))
	}
	return append(answer, img...)
}

// Pattern is a picture without a finger's likeness. It holds all bytes, and those
// that begin and end frames.
func Pattern(columns, rows int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, columns, rows))
	for i := range img.Pix {
		x, y := i%columns, i/columns
		img.Pix[i] = byte(x*7 + y*5)
	}
	copy(img.Pix[columns:], "EN\x02\xe1\x00SYNC\x04\x00\x00\x00\xfb\xff\xff\xff\x1b\x1b\x03\x11\x13EN\x1b\x03")
	return img
}
