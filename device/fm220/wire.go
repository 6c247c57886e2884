package fm220

import (
	"context"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

// Addresses on the bus.
const (
	endpointCommands = 0x01
	endpointAnswers  = 0x81
	endpointImages   = 0x82
)

// Times of the maker's code, but for the last four.
const (
	commandTimeout = 500 * time.Millisecond
	answerTimeout  = commandTimeout // the maker waits a second; a station is to recover within two
	imageTimeout   = 1500 * time.Millisecond
	lightPause     = 45 * time.Millisecond  // from the light to the picture
	quiet          = 50 * time.Millisecond  // no byte for so long: nothing is left from before
	quietLong      = 150 * time.Millisecond // the same after a failure, when something may come late
	drainReads     = 2000                   // a picture in packets of 512 bytes takes 600
	drainLimit     = time.Second            // for all that is left from before
	emptyPause     = 2 * time.Millisecond   // after a packet without a byte
)

var errChatter = fmt.Errorf("it does not stop sending: %w", device.ErrGarbled)

// rereads is how many pictures in a row may fail; before the last try the sensor
// is set up anew.
const rereads = 3

// Commands. There is one more on the wire, 55 and the long form of 51, that
// writes to the EEPROM; nothing here may ever send it.
const (
	commandReadROM = 0x51 // and the address, 2 bytes, big-endian; 1 byte is answered
	commandSensor  = 0x21 // register and value, of sensor type 0
	commandMicron  = 0x5d // register or half a value, of sensor type 3
)

func lightOn() []byte   { return []byte{0x00, 0x07, 0x07} }
func lightOff() []byte  { return []byte{0x00, 0x07, 0x00} }
func takeFrame() []byte { return []byte{0x00, 0x0a} }

// send sends one command.
func (s *Scanner) send(ctx context.Context, command ...byte) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	n, err := s.bus.Bulk(ctx, endpointCommands, command)
	if err == nil && n != len(command) {
		err = fmt.Errorf("%d of %d bytes: %w", n, len(command), device.ErrGarbled)
	}
	if err != nil {
		return fmt.Errorf("command %02x: %w", command[0], err)
	}
	return nil
}

// sendAll sends commands one after the other.
func (s *Scanner) sendAll(ctx context.Context, commands [][]byte) error {
	for _, c := range commands {
		if err := s.send(ctx, c...); err != nil {
			return err
		}
	}
	return nil
}

// readROM reads what is used of the EEPROM; the rest of the array is zero. Where
// the device does not answer at first, it is reset once.
func (s *Scanner) readROM(ctx context.Context) (rom [romSize]byte, err error) {
	rom[0], err = s.readFirst(ctx)
	if err != nil {
		return rom, err
	}
	for _, run := range romUsed() {
		for at := run[0]; at <= run[1]; at++ {
			if rom[at], err = s.readByte(ctx, at); err != nil {
				return rom, err
			}
		}
		if !isFM220(&rom) {
			return rom, errNotFM220
		}
	}
	return rom, s.readAgain(ctx, &rom)
}

// readFirst reads the first byte, twice if need be.
func (s *Scanner) readFirst(ctx context.Context) (byte, error) {
	v, err := s.readFresh(ctx)
	resets, can := s.bus.(interface{ Reset(context.Context) error })
	if err == nil || !can || errors.Is(err, device.ErrUnplugged) || ctx.Err() != nil {
		return v, err
	}
	if err := resets.Reset(ctx); err != nil {
		return 0, fmt.Errorf("resetting: %w", err)
	}
	return s.readFresh(ctx)
}

// readFresh reads the first byte after whatever a program before left unread.
func (s *Scanner) readFresh(ctx context.Context) (byte, error) {
	if err := s.drain(ctx, endpointAnswers, quiet); err != nil {
		return 0, err
	}
	return s.readByte(ctx, 0)
}

// readAgain reads anew what is known and what the scale of every frame hangs on.
// Answers carry no address and no sum: were one lost, doubled or altered on the
// way, these would not be what they were.
func (s *Scanner) readAgain(ctx context.Context, rom *[romSize]byte) error {
	for _, run := range romTwice() {
		for at := run[0]; at <= run[1]; at++ {
			v, err := s.readByte(ctx, at)
			if err == nil && v != rom[at] {
				err = fmt.Errorf("byte %d is %02x, and was %02x before: %w", at, v, rom[at], device.ErrGarbled)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readByte reads one byte of the EEPROM.
func (s *Scanner) readByte(ctx context.Context, at int) (byte, error) {
	if err := device.Pause(ctx, s.romPause); err != nil {
		return 0, err
	}
	address := romBase + at
	if err := s.send(ctx, commandReadROM, byte(address>>8), byte(address)); err != nil {
		return 0, err
	}
	if err := device.Pause(ctx, s.romPause); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var in [1]byte
	n, err := s.bus.Bulk(ctx, endpointAnswers, in[:])
	if err == nil && n != 1 {
		err = fmt.Errorf("an empty answer: %w", device.ErrGarbled)
	}
	if err != nil {
		return 0, fmt.Errorf("byte %d: %w", at, err)
	}
	return in[0], nil
}

// takeImage fills s.raw with a picture taken now, after the command for the light.
func (s *Scanner) takeImage(ctx context.Context, light []byte) error {
	var err error
	patience := quiet
	for try := range rereads {
		if try == rereads-1 {
			if err := s.setUp(ctx); err != nil {
				return fmt.Errorf("setting up the sensor: %w", err)
			}
		}
		if err = s.exposure(ctx, patience, light); err == nil {
			return nil
		}
		if errors.Is(err, device.ErrUnplugged) || ctx.Err() != nil {
			break
		}
		patience = quietLong
	}
	return fmt.Errorf("taking image: %w", err)
}

// exposure takes one picture, and leaves the device without light.
func (s *Scanner) exposure(ctx context.Context, patience time.Duration, light []byte) error {
	if err := s.drain(ctx, endpointImages, patience); err != nil {
		return err
	}
	if err := s.send(ctx, light...); err != nil {
		return err
	}
	if err := device.Pause(ctx, lightPause); err != nil {
		return err
	}
	if err := s.send(ctx, takeFrame()...); err != nil {
		return err
	}
	err := s.receive(ctx)
	if errors.Is(err, device.ErrUnplugged) || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, s.send(ctx, lightOff()...))
}

// receive reads one picture, whole.
func (s *Scanner) receive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, imageTimeout)
	defer cancel()
	n, err := s.bus.Bulk(ctx, endpointImages, s.raw)
	if err == nil && n != len(s.raw) {
		err = fmt.Errorf("%d of %d bytes: %w", n, len(s.raw), device.ErrGarbled)
	}
	if err != nil {
		return fmt.Errorf("reading picture: %w", err)
	}
	return nil
}

// drain reads from an endpoint until nothing comes for so long. What comes is
// of no use to anybody, but it may be a picture: it goes where pictures are
// wiped.
func (s *Scanner) drain(ctx context.Context, endpoint uint8, patience time.Duration) error {
	all, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	for range drainReads {
		n, err := s.readWithin(all, endpoint, patience)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case all.Err() != nil:
			return errChatter
		case n == 0 && errors.Is(err, device.ErrSilent):
			return nil
		case err != nil && !errors.Is(err, device.ErrSilent):
			return fmt.Errorf("reading what was left: %w", err)
		case n == 0:
			_ = device.Pause(ctx, emptyPause) // ctx is looked at above
		}
	}
	return errChatter
}

// readWithin reads what comes within d.
func (s *Scanner) readWithin(ctx context.Context, endpoint uint8, d time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return s.bus.Bulk(ctx, endpoint, s.raw)
}
