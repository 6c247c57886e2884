// Package zfm20test simulates a fingerprint module of the ZFM-20 family, at the
// far end of any serial line: the packets, the picture, and a memory of fingers.
// It knows none of the driver's code.
package zfm20test

import (
	"encoding/binary"
	"image"
	"io"
	"sync"
	"time"
)

// The picture of such a module.
const (
	Width  = 256
	Height = 288
)

// Config says how a module behaves. The zero Config is one from the factory.
type Config struct {
	Address    uint32 // 0 is ffffffff
	Password   uint32
	Capacity   int           // 0 is 1000
	PacketSize int           // of a picture's data; 0 is 128
	Baud       int           // how fast it sends; 0 is at once
	Think      time.Duration // before each answer
	Greeting   string        // sent when it has power

	// Answer, where not nil, may change the code of the n-th answer, from 1, to
	// that command.
	Answer func(n int, command, code byte) byte

	// Packet, where not nil, alters the n-th packet, from 1, before it is sent.
	Packet func(n int, packet []byte) []byte
}

// A Finger is what may lie on the glass.
type Finger struct {
	Name  uint16      // fingers of the same name match
	Image *image.Gray // Width by Height
	Messy bool        // no template can be made of it
}

// A Sim is a simulated module.
type Sim struct {
	c    Config
	line io.ReadWriteCloser
	over chan struct{}

	mu      sync.Mutex // protects the fields below
	finger  *Finger
	seen    *Finger // the picture last taken
	buffers [3]uint16
	memory  map[uint16]uint16
	open    bool // the password was given
	answers int
	packets int
}

// Attach puts a module at the far end of a line. It runs until the line ends.
func Attach(line io.ReadWriteCloser, c Config) *Sim {
	if c.Address == 0 {
		c.Address = 0xffffffff
	}
	if c.Capacity == 0 {
		c.Capacity = 1000
	}
	if c.PacketSize == 0 {
		c.PacketSize = 128
	}
	s := &Sim{c: c, line: line, over: make(chan struct{}), memory: map[uint16]uint16{}, open: c.Password == 0}
	go s.run()
	return s
}

// Wait waits for the end of the line.
func (s *Sim) Wait() { <-s.over }

// Touch lays a finger on the glass; nil lifts it.
func (s *Sim) Touch(f *Finger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finger = f
}

// Answers returns how many commands were answered.
func (s *Sim) Answers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers
}

// Known returns the name of the finger at a place, and false where there is none.
func (s *Sim) Known(place int) (name uint16, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, known = s.memory[uint16(place)]
	return name, known
}

func (s *Sim) run() {
	defer close(s.over)
	if _, err := io.WriteString(s.line, s.c.Greeting); err != nil {
		return
	}
	for {
		head := make([]byte, 9)
		if !s.find(head) {
			return
		}
		body := make([]byte, binary.BigEndian.Uint16(head[7:]))
		if _, err := io.ReadFull(s.line, body); err != nil {
			return
		}
		if binary.BigEndian.Uint32(head[2:]) != s.c.Address || len(body) < 3 {
			continue
		}
		if s.answer(head, body) != nil {
			return
		}
	}
}

// find reads up to the end of the next header.
func (s *Sim) find(head []byte) bool {
	for at := 0; at < len(head); {
		if _, err := io.ReadFull(s.line, head[at:at+1]); err != nil {
			return false
		}
		switch {
		case at == 0 && head[0] != 0xef:
		case at == 1 && head[1] != 0x01:
			at = 0
		default:
			at++
		}
	}
	return true
}

// answer does one command.
func (s *Sim) answer(head, body []byte) error {
	command, args := body[0], body[1:len(body)-2]
	time.Sleep(s.c.Think)
	s.mu.Lock()
	code, rest := byte(0x01), []byte(nil)
	if add(head[6:], body[:len(body)-2]) == binary.BigEndian.Uint16(body[len(body)-2:]) && head[6] == 0x01 {
		code, rest = s.do(command, args)
	}
	s.answers++
	if s.c.Answer != nil {
		code = s.c.Answer(s.answers, command, code)
	}
	picture := code == 0 && command == 0x0a
	if code != 0 {
		rest = nil
	}
	seen := s.seen
	s.mu.Unlock()
	err := s.send(0x07, append([]byte{code}, rest...))
	if err == nil && picture {
		err = s.upload(seen.Image)
	}
	return err
}

// do is what a command does. Called with mu locked.
func (s *Sim) do(command byte, args []byte) (code byte, rest []byte) {
	be := binary.BigEndian
	switch {
	case command == 0x13 && len(args) == 4:
		if be.Uint32(args) != s.c.Password {
			return 0x13, nil
		}
		s.open = true
		return 0, nil
	case !s.open:
		return 0x21, nil
	case command == 0x0f:
		size := uint16(0)
		for n := 32; n < s.c.PacketSize; n *= 2 {
			size++
		}
		rest = be.AppendUint16(rest, 0)
		rest = be.AppendUint16(rest, 0x0009)
		rest = be.AppendUint16(rest, uint16(s.c.Capacity))
		rest = be.AppendUint16(rest, 3)
		rest = be.AppendUint32(rest, s.c.Address)
		rest = be.AppendUint16(rest, size)
		return 0, be.AppendUint16(rest, 6)
	case command == 0x01:
		if s.finger == nil {
			return 0x02, nil
		}
		s.seen = s.finger
		return 0, nil
	case command == 0x0a && s.seen == nil:
		return 0x15, nil
	case command == 0x0a:
		return 0, nil
	}
	return s.know(command, args)
}

// know is what the commands do that concern the memory of fingers. Called with
// mu locked.
func (s *Sim) know(command byte, args []byte) (code byte, rest []byte) {
	be := binary.BigEndian
	switch {
	case command == 0x02 && len(args) == 1 && (args[0] == 1 || args[0] == 2):
		switch {
		case s.seen == nil:
			return 0x15, nil
		case s.seen.Messy:
			return 0x06, nil
		}
		s.buffers[args[0]] = s.seen.Name
		return 0, nil
	case command == 0x04 && len(args) == 5:
		from, n := be.Uint16(args[1:]), be.Uint16(args[3:])
		for place := from; place < from+n; place++ {
			if name, known := s.memory[place]; known && name == s.buffers[1] {
				rest = be.AppendUint16(rest, place)
				return 0, be.AppendUint16(rest, 100)
			}
		}
		return 0x09, nil
	case command == 0x05:
		if s.buffers[1] != s.buffers[2] {
			return 0x0a, nil
		}
		return 0, nil
	case command == 0x06 && len(args) == 3 && int(be.Uint16(args[1:])) < s.c.Capacity:
		s.memory[be.Uint16(args[1:])] = s.buffers[1]
		return 0, nil
	case command == 0x0c && len(args) == 4:
		delete(s.memory, be.Uint16(args))
		return 0, nil
	}
	return 0x01, nil
}

// upload sends a picture, two pixels to a byte.
func (s *Sim) upload(img *image.Gray) error {
	data := make([]byte, 0, Width*Height/2)
	for i := 0; i < len(img.Pix); i += 2 {
		data = append(data, img.Pix[i]>>4<<4|img.Pix[i+1]>>4)
	}
	for len(data) > 0 {
		n := min(len(data), s.c.PacketSize)
		id := byte(0x02)
		if n == len(data) {
			id = 0x08
		}
		if err := s.send(id, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// send sends a packet, at the speed of the line.
func (s *Sim) send(id byte, data []byte) error {
	p := binary.BigEndian.AppendUint32([]byte{0xef, 0x01}, s.c.Address)
	p = append(p, id)
	p = binary.BigEndian.AppendUint16(p, uint16(len(data)+2))
	p = append(p, data...)
	p = binary.BigEndian.AppendUint16(p, add(p[6:], nil))
	s.mu.Lock()
	s.packets++
	n := s.packets
	s.mu.Unlock()
	if s.c.Packet != nil {
		p = s.c.Packet(n, p)
	}
	if s.c.Baud > 0 {
		time.Sleep(time.Duration(10*len(p)) * time.Second / time.Duration(s.c.Baud))
	}
	_, err := s.line.Write(p)
	return err
}

func add(a, b []byte) (sum uint16) {
	for _, v := range a {
		sum += uint16(v)
	}
	for _, v := range b {
		sum += uint16(v)
	}
	return sum
}

// Delivered is what of a picture arrives: 16 levels.
func Delivered(img *image.Gray) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = v >> 4 * 17
	}
	return out
}

// Pattern is a picture without a finger's likeness: slanted stripes.
func Pattern() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, Width, Height))
	for i := range img.Pix {
		x, y := i%Width, i/Width
		img.Pix[i] = byte((x*7 + y*5) % 256)
	}
	return img
}
