package mso

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

const (
	// heartbeat is how often a clear glass is reported.
	heartbeat = 250 * time.Millisecond

	// fingerTime is how long the device waits for a finger before it says
	// that none came; then it is asked again. grace is how much longer it may
	// keep silent.
	fingerTime = 3
	grace      = 2 * time.Second

	// troubles is how many commands in a row may fail in the middle.
	troubles = 3
)

// A yieldFunc takes a frame, or advice.
type yieldFunc = device.Yield[device.Frame]

// enrolCommand tells the device to take one finger, not to keep it, and to hand
// over its picture without compression.
func enrolCommand() []byte {
	value := []byte{
		0x00,          // database
		fingerTime, 0, // seconds
		0x00,    // quality threshold: the device's own
		1, 1, 0, // captures per finger, fingers, store nothing
		0, // no template
	}
	value = appendILV(value, idEvents, []byte{1, 0, 0, 0}) // commands to the person
	value = appendILV(value, idImage, append([]byte{0}, appendILV(nil, idCompress, []byte{0x2c, 0})...))
	value = appendILV(value, idLatent, []byte{1}) // required with one capture
	return appendILV(nil, idEnrol, value)
}

// run yields frames until no more are wanted or the device fails. It always
// returns an error.
func (s *Scanner) run(ctx context.Context, yield yieldFunc) error {
	p := &presence{s: s, yield: yield}
	for trouble := 0; ; {
		err := ctx.Err()
		if err == nil {
			err = s.settle(ctx)
		}
		if err == nil {
			err = s.capture(ctx, p)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			trouble = 0
			if p.rest {
				p.rest = false
				_ = device.Pause(ctx, heartbeat/5)
			}
			continue
		case errors.Is(err, device.ErrUnplugged):
			return err
		}
		if trouble++; trouble == troubles || errors.Is(err, device.ErrSilent) {
			return err
		}
	}
}

// capture has one finger taken, and yields what becomes of it.
func (s *Scanner) capture(ctx context.Context, p *presence) error {
	s.running = true
	if err := s.w.send(ctx, enrolCommand()); err != nil {
		return fmt.Errorf("telling the device to take a finger: %w", err)
	}
	s.w.heard = time.Now()
	for {
		m, err := s.w.receive(ctx, heartbeat)
		switch {
		case errors.Is(err, errNothing) && s.w.stuck():
			return fmt.Errorf("waiting for a finger: a message that ends too early: %w", device.ErrGarbled)
		case errors.Is(err, errNothing) && time.Since(s.w.heard) > fingerTime*time.Second+grace:
			return fmt.Errorf("waiting for a finger: %w", device.ErrSilent)
		case errors.Is(err, errNothing):
			err = p.beat()
		case err != nil:
			return fmt.Errorf("waiting for a finger: %w", err)
		case m.id == idAsync:
			err = p.heed(m.value)
		case m.id == idEnrol:
			s.running = false
			return p.finished(m.value)
		case m.id == idInvalid:
			s.running = false
			err = fmt.Errorf("the device does not know the command: %w", device.ErrGarbled)
		}
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// A presence is what is known of the glass.
type presence struct {
	s     *Scanner
	yield yieldFunc
	clear bool         // the device said that no finger is there
	told  device.Retry // the advice last given
	rest  bool         // the device refused; it is not asked again at once
}

// beat reports a clear glass.
func (p *presence) beat() error {
	if p.clear {
		return p.yield(device.Frame{Image: p.s.white, PPI: [2]int{ppi, ppi}}, nil)
	}
	return nil
}

// heed does what an asynchronous message says.
func (p *presence) heed(value []byte) error {
	if len(value) == 0 {
		return fmt.Errorf("an empty message: %w", device.ErrGarbled)
	}
	retries := sayings()
	command, err := findILV(value[1:], 0x01)
	switch {
	case err != nil:
		return fmt.Errorf("reading a message: %w", err)
	case len(command) == 0 || int(command[0]) >= len(retries):
		return nil // of another kind, or not known
	}
	was := p.clear
	p.clear = command[0] == sayNoFinger
	retry := retries[command[0]]
	switch {
	case p.clear && !was:
		p.told = ""
		return p.beat()
	case retry == "" || retry == p.told:
		return nil
	}
	p.told = retry
	return p.yield(device.Frame{}, retry)
}

// finished yields what became of a finger.
func (p *presence) finished(answer []byte) error {
	if len(answer) < 2 {
		if len(answer) == 1 && Status(answer[0]) != statusOK {
			return p.refused(Status(answer[0]), outcomeOK)
		}
		return fmt.Errorf("an answer of %d bytes: %w", len(answer), device.ErrGarbled)
	}
	status, outcome := Status(answer[0]), Outcome(answer[1])
	if status != statusOK || outcome != outcomeOK {
		return p.refused(status, outcome)
	}
	if len(answer) < 6 {
		return fmt.Errorf("an answer of %d bytes: %w", len(answer), device.ErrGarbled)
	}
	value, err := findILV(answer[6:], idImage) // behind the database index
	if err == nil {
		err = p.picture(value)
	}
	return err
}

// refused yields why no finger was taken.
func (p *presence) refused(s Status, o Outcome) error {
	p.rest = true
	if told, about := advice(s, o); about {
		return p.yield(device.Frame{}, told)
	}
	switch s {
	case statusTimeout:
		p.clear = p.told == "" // and no finger is lying that should leave
		return p.beat()
	case statusBusy, statusBusy2:
		p.s.running = true // to be settled
	case statusOK:
		return fmt.Errorf("taking a finger: %w: %w", o, device.ErrGarbled)
	}
	return fmt.Errorf("taking a finger: %w: %w", s, device.ErrGarbled)
}

// A header stands before the pixels of a picture.
type header struct {
	columns, rows int
	ppi           [2]int
}

const headerSize = 12

// parseImage takes an exported image apart. The error wraps [device.ErrGarbled].
func parseImage(b []byte) (h header, pixels []byte, err error) {
	if len(b) < headerSize {
		return h, nil, fmt.Errorf("a picture of %d bytes: %w", len(b), device.ErrGarbled)
	}
	le := binary.LittleEndian
	h.rows, h.columns = int(le.Uint16(b[2:])), int(le.Uint16(b[4:]))
	h.ppi = [2]int{int(le.Uint16(b[8:])), int(le.Uint16(b[6:]))}
	pixels = b[headerSize:]
	switch compression, depth := b[10], b[11]; {
	case b[1] != headerSize-2:
		err = fmt.Errorf("a picture with a header of %d bytes", b[1])
	case compression != 0 && compression != 0x2c: // which of them means none is not published
		err = fmt.Errorf("a picture compressed by method %02x", compression)
	case depth != 8:
		err = fmt.Errorf("a picture of %d bits a pixel", depth)
	case h.columns < 100 || h.columns > 1000 || h.rows < 100 || h.rows > 1000:
		err = fmt.Errorf("a picture of %dx%d pixels", h.columns, h.rows)
	case h.ppi[0] < 250 || h.ppi[0] > 1100 || h.ppi[1] < 250 || h.ppi[1] > 1100:
		err = fmt.Errorf("a picture at %dx%d ppi", h.ppi[0], h.ppi[1])
	case len(pixels) != h.columns*h.rows:
		err = fmt.Errorf("a picture of %dx%d pixels in %d bytes", h.columns, h.rows, len(pixels))
	}
	if err != nil {
		return header{}, nil, fmt.Errorf("%w: %w", err, device.ErrGarbled)
	}
	return h, pixels, nil
}

// picture yields a picture: ridges dark on a light ground (assumed).
func (p *presence) picture(b []byte) error {
	h, pixels, err := parseImage(b)
	if err != nil {
		return err
	}
	p.s.size(h.columns, h.rows)
	copy(p.s.pix.Pix, pixels)
	p.clear, p.told = false, ""
	return p.yield(device.Frame{Image: p.s.pix, PPI: h.ppi, Contact: true}, nil)
}
