// Package zfm20 drives the fingerprint modules of the ZFM-20 family (ZFM-20,
// R30x, AS608) on any [device.Serial]. They see whether a finger is there, and
// know again the few fingers they were taught: an operator's, to unlock a
// station. They are not fit for enrolment: their pictures have 16 grey levels
// and no certificate, and [Scanner.Info] always says so.
//
// It knows nothing of how the line was found, and nothing of who an operator is:
// a finger is a number of a place in the module's memory.
//
// # Frames
//
// While the glass is clear [Scanner.Frames] yields a white frame without contact
// every quarter of a second. While a finger lies it yields pictures with
// contact, each of which takes 7 s at 57 600 baud; then a white frame again.
//
// Sources: the manual of the family and public code for it. Not tried on
// hardware; what is assumed is marked so.
package zfm20

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"iter"

	"optag/device"
)

const driverVersion = "1"

// The picture: 4 bits a pixel, two to a byte, high half first.
const (
	width      = 256
	height     = 288
	sent       = width * height / 2
	greyLevels = 16
)

// EstimatedPPI is the resolution of the pictures across and down, from the size
// of the window, 14.5 by 19.4 mm. It is not certified, and not square.
func EstimatedPPI() [2]int { return [2]int{448, 377} }

// Mode is how the line of a module is set that nobody changed.
func Mode() device.SerialMode {
	return device.SerialMode{Baud: 57600, DataBits: 8, StopBits: 1}
}

// AnyModule is the address that modules have from the factory.
const AnyModule uint32 = 0xffffffff

// ErrPassword: the module wants another password. [Open] returns it.
var ErrPassword = errors.New("the module wants another password")

// Options say how a module is to be run.
type Options struct {
	Address  uint32 // 0 is AnyModule
	Password uint32 // 0 from the factory
	Serial   string // serial number for Info, e.g. of the USB adapter; modules have none

	// Images is how many pictures are taken of one touch. At zero they are
	// taken for as long as the finger lies.
	Images int
}

// A Scanner is an open module. It is a [device.Scanner].
type Scanner struct {
	w        wire
	o        Options
	info     device.Info
	capacity int // places for fingers

	white *image.Gray
	pix   *image.Gray

	use device.Exclusive
}

var _ device.Scanner = (*Scanner)(nil)

// Open gives the password to the module at the end of line, which then belongs
// to the scanner, and reads how it is set up. The error wraps [ErrPassword],
// [device.ErrUnplugged], [device.ErrSilent] or [device.ErrGarbled], and the line
// is closed.
func Open(ctx context.Context, line device.Serial, o Options) (*Scanner, error) {
	if o.Address == 0 {
		o.Address = AnyModule
	}
	s := &Scanner{
		w:     wire{line: line, address: o.Address, unclear: true},
		o:     o,
		white: image.NewGray(image.Rect(0, 0, width, height)),
		pix:   image.NewGray(image.Rect(0, 0, width, height)),
	}
	for i := range s.white.Pix {
		s.white.Pix[i] = 255
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening ZFM-20: %w", err), line.Close())
	}
	return s, nil
}

// Describe is the Info of a module that need not be opened for it: all but the
// firmware.
func Describe(o Options) device.Info {
	return device.Info{
		Maker:   "ZhianTec",
		Model:   "ZFM-20 family",
		Serial:  o.Serial,
		Driver:  "zfm20",
		Version: fmt.Sprintf("%s presence only, %d grey levels, %dx%d ppi, estimated", driverVersion, greyLevels, EstimatedPPI()[0], EstimatedPPI()[1]),
	}
}

// start gives the password and reads the parameters.
func (s *Scanner) start(ctx context.Context) error {
	password := binary.BigEndian.AppendUint32([]byte{cmdPassword}, s.o.Password)
	code, _, err := s.ask(ctx, 0, password...)
	switch {
	case err != nil:
		return fmt.Errorf("giving the password: %w", err)
	case code == 0x13:
		return ErrPassword
	case code != ok:
		return fmt.Errorf("giving the password: %w: %w", code, device.ErrGarbled)
	}
	code, p, err := s.ask(ctx, 16, cmdParameters)
	switch {
	case err != nil:
		return fmt.Errorf("reading parameters: %w", err)
	case code != ok:
		return fmt.Errorf("reading parameters: %w: %w", code, device.ErrGarbled)
	}
	s.capacity = int(binary.BigEndian.Uint16(p[4:]))
	s.info = Describe(s.o)
	s.info.Firmware = fmt.Sprintf("system %04x", binary.BigEndian.Uint16(p[2:]))
	return nil
}

// Info implements [device.Source]. The module is never certified.
func (s *Scanner) Info() device.Info { return s.info }

// Frames implements [device.Source], as [device.Frames] says.
func (s *Scanner) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return device.Frames(ctx, &s.use, "scanning", func(ctx context.Context, yield device.Yield[device.Frame]) error {
		defer s.wipe()
		return s.run(ctx, yield)
	})
}

// wipe clears the pictures this driver holds.
func (s *Scanner) wipe() {
	clear(s.pix.Pix)
	s.w.wipe()
}

// Close implements [device.Source], as [device.Exclusive.Close] says.
func (s *Scanner) Close() error { return s.use.Close("ZFM-20", s.w.line.Close) }
