package uru4500

import (
	"context"
	"errors"
	"fmt"
	"time"

	"optag/device"
)

// Registers, read and written by vendor control requests.
const (
	regStatus = 0x07 // 1 byte
	regSeed   = 0x33 // key number, then the seed in 4 bytes, little-endian
	regKey    = 0x34 // 4 bytes, little-endian
	regMode   = 0x4e // 1 byte
	regInfo   = 0xf0 // 16 bytes
)

// Bits of regStatus.
const (
	statusAsleep  = 0x80 // low power
	statusTrouble = 0x04
	statusReboot  = 0x01 // set when a reboot is over
)

// Values of regMode.
const (
	modeFingerOn  = 0x10 // report a finger that comes
	modeFingerOff = 0x12 // report that the finger has left
	modeCapture   = 0x20 // send images
	modeOff       = 0x70
)

// Addresses on the bus, and the one vendor request.
const (
	requestRegister = 0x04
	vendorWrite     = 0x40
	vendorRead      = 0xc0
	endpointEvents  = 0x81
	endpointImages  = 0x82
)

// Times and counts of the power-up are those of libfprint. It waits five seconds
// for a register; one takes a millisecond, and a station that has to begin anew
// should be at work again within two seconds.
const (
	registerTimeout = time.Second
	poweredTimeout  = 300 * time.Millisecond
	pollInterval    = 10 * time.Millisecond
	polls           = 100
	powerUps        = 3
)

// read fills data from the registers that begin at reg.
func (s *Scanner) read(ctx context.Context, reg uint16, data []byte) error {
	return s.control(ctx, vendorRead, reg, data)
}

// write writes data to the registers that begin at reg.
func (s *Scanner) write(ctx context.Context, reg uint16, data ...byte) error {
	return s.control(ctx, vendorWrite, reg, data)
}

func (s *Scanner) control(ctx context.Context, kind uint8, reg uint16, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	n, err := s.bus.Control(ctx, kind, requestRegister, reg, 0, data)
	if err == nil && n != len(data) {
		err = fmt.Errorf("%d of %d bytes: %w", n, len(data), device.ErrGarbled)
	}
	if err != nil {
		return fmt.Errorf("register %#02x: %w", reg, err)
	}
	return nil
}

// status reads regStatus.
func (s *Scanner) status(ctx context.Context) (byte, error) {
	var v [1]byte
	err := s.read(ctx, regStatus, v[:])
	return v[0], err
}

// mode changes what the device does.
func (s *Scanner) mode(ctx context.Context, m byte) error {
	return s.write(ctx, regMode, m)
}

// powerUp wakes the device and waits until its sensor says that it has power.
// That word may come before, while or long after the registers are written, and
// more than once; it is not asked for again before the old one was given a
// chance.
func (s *Scanner) powerUp(ctx context.Context) error {
	s.powered = false
	s.events.dying.Store(false)
	for range powerUps {
		if err := s.wake(ctx); err != nil {
			return fmt.Errorf("powering up: %w", err)
		}
		switch err := s.events.await(ctx, eventPowered, poweredTimeout); {
		case err == nil:
			s.powered = true
			return nil
		case !errors.Is(err, errNothing):
			return fmt.Errorf("powering up: %w", err)
		}
	}
	return fmt.Errorf("powering up, %d times: %w", powerUps, device.ErrSilent)
}

// wake runs the device through low power and out of it.
func (s *Scanner) wake(ctx context.Context) error {
	v, err := s.status(ctx)
	if err != nil {
		return err
	}
	if v&(statusAsleep|statusTrouble) == statusAsleep|statusTrouble {
		if v, err = s.reboot(ctx, v); err != nil {
			return err
		}
	}
	if v&statusAsleep == 0 {
		if err := s.write(ctx, regStatus, v|statusAsleep); err != nil {
			return err
		}
	}
	for range polls {
		if err := s.write(ctx, regStatus, v&0x0f); err != nil {
			return err
		}
		now, err := s.status(ctx)
		if err != nil {
			return err
		}
		if now&statusAsleep == 0 {
			return nil
		}
		if err := device.Pause(ctx, pollInterval); err != nil {
			return err
		}
	}
	return fmt.Errorf("waking: %w", device.ErrSilent)
}

// reboot restarts a device in trouble and returns its status thereafter.
func (s *Scanner) reboot(ctx context.Context, v byte) (byte, error) {
	if err := s.write(ctx, regStatus, v&0x0f); err != nil {
		return 0, err
	}
	for range polls {
		v, err := s.status(ctx)
		if err != nil || v&statusReboot != 0 {
			return v, err
		}
		if err := device.Pause(ctx, pollInterval); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("rebooting: %w", device.ErrSilent)
}
