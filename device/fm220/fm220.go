// Package fm220 drives the Startek FM220 and FM220U: single fingerprint scanners
// with a camera of 640 by 480 pixels, on any [device.USB]. It knows nothing of
// how the device was found, and judges no print: whether a finger is the right
// one and good enough is the capture's business.
//
// The maker measured each device and wrote the part of the camera's picture
// that is the platen, and its scale, into an EEPROM. The driver reads it at
// opening and delivers frames of 264 by 324 pixels at 500 by 500 ppi. It never
// writes to the EEPROM. Grey levels stay as the sensor gave them: the maker's
// own software stretches the contrast, and this driver does not.
//
// No image certificate (FBI EBTS Appendix F or PIV) of these devices is known,
// so that [Scanner.Info] always says that they are not fit for enrolment by
// themselves.
//
// # Frames
//
// The device says nothing by itself; it takes a picture when it is told to.
// [Scanner.Frames] yields one picture after the other, some seven a second, with
// the glass as it is: Contact says that there are ridges to be seen.
//
// # Failures
//
// A picture that does not come whole within 1.5 s is taken again, twice at most,
// the last time with the sensor set up anew; what was left of it is read and
// thrown away before. A command or an answer of the EEPROM that does not come
// within half a second while the device is opened, and whatever comes back after
// all that, is a failure: the caller closes the scanner and opens the device again.
//
// Sources: facts of the wire as in the maker's published code of 2016. No
// recording of a real device was at hand. What is assumed and not confirmed on
// hardware is marked "assumed" where it is used.
package fm220

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"optag/device"
)

const driverVersion = "1"

// Interface is the number of the interface to claim, in alternate setting 0. Its
// class is not known.
const Interface = 0

// Width and height of a frame in pixels, and its resolution in pixels per inch.
const (
	Width  = 264
	Height = 324
	PPI    = 500
)

// Model returns the name of a device this driver is for, and false for any
// other. The smaller FP160 of the same maker is not among them.
func Model(id device.USBID) (name string, ok bool) {
	switch id {
	case device.USBID{Vendor: 0x0bca, Product: 0x8220}:
		return "FM220", true
	case device.USBID{Vendor: 0x0bca, Product: 0x8225}:
		return "FM220U", true
	}
	return "", false
}

// Options say how a scanner is to be run.
type Options struct {
	// USB identifies the device; its serial number goes into Info.
	USB device.USBInfo
}

// A Scanner is an open device. It is a [device.Scanner].
type Scanner struct {
	bus   device.USB
	info  device.Info
	setUp func(context.Context) error // of the sensor, as its type wants it
	pic   *picture

	raw []byte // a picture of the camera as it came

	romPause time.Duration // before a command for the EEPROM, and before its answer

	use device.Exclusive
}

var _ device.Scanner = (*Scanner)(nil)

// Open reads the EEPROM of the device on bus, which then belongs to the scanner,
// and sets up its sensor; it takes 0.8 s. Where bus has a method
// Reset(context.Context) error, it is called once when the device does not
// answer at first. The error wraps [device.ErrUnplugged], [device.ErrSilent] or
// [device.ErrGarbled] where the device failed, or an error that says why it is
// not supported; bus is closed in every such case.
func Open(ctx context.Context, bus device.USB, o Options) (*Scanner, error) {
	return openAt(ctx, bus, o, 10*time.Millisecond)
}

// openAt is Open at another pace of the EEPROM.
func openAt(ctx context.Context, bus device.USB, o Options, romPause time.Duration) (*Scanner, error) {
	s := &Scanner{bus: bus, raw: make([]byte, imageSize), romPause: romPause}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("opening FM220: %w", err), bus.Close())
	}
	return s, nil
}

// Describe is the Info of a scanner that need not be opened for it: all but the
// firmware. It returns false for a device this driver is not for.
func Describe(o Options) (device.Info, bool) {
	name, ok := Model(o.USB.USBID)
	return device.Info{
		Maker:   "Startek",
		Model:   name,
		Serial:  o.USB.Serial,
		Driver:  "fm220",
		Version: driverVersion + " 500x500 ppi, as calibrated by the maker",
	}, ok
}

// start learns what the device is and sets it up.
func (s *Scanner) start(ctx context.Context, o Options) error {
	info, ok := Describe(o)
	if !ok {
		return fmt.Errorf("%v is none of this driver's devices", o.USB.USBID)
	}
	rom, err := s.readROM(ctx)
	if err != nil {
		return fmt.Errorf("reading EEPROM: %w", err)
	}
	facts, err := parseROM(&rom)
	if err != nil {
		return fmt.Errorf("reading EEPROM: %w", err)
	}
	info.Firmware = facts.firmware
	s.info = info
	s.setUp = func(ctx context.Context) error { return s.sendAll(ctx, facts.setUp) }
	s.pic = newPicture(facts.window, facts.bayer)
	if err := s.setUp(ctx); err != nil {
		return fmt.Errorf("setting up the sensor: %w", err)
	}
	return nil
}

// Info implements [device.Source]. Its version says whose the calibration is.
func (s *Scanner) Info() device.Info { return s.info }

// Frames implements [device.Source], as [device.Frames] says.
func (s *Scanner) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return device.Frames(ctx, &s.use, "scanning", s.sequence)
}

func (s *Scanner) sequence(ctx context.Context, yield device.Yield[device.Frame]) (err error) {
	defer func() { s.rest(ctx, err) }()
	for {
		if err := s.takeImage(ctx, lightOn()); err != nil {
			return err
		}
		if err := yield(s.frame(), nil); err != nil {
			return err
		}
	}
}

// frame is the picture just taken.
func (s *Scanner) frame() device.Frame {
	s.pic.make(s.raw)
	return device.Frame{Image: s.pic.out, PPI: [2]int{PPI, PPI}, Contact: device.ShowsRidges(s.pic.out, minTiles)}
}

// rest sees to it that the light is off after a call that ended with err, and
// forgets the last image.
func (s *Scanner) rest(ctx context.Context, err error) {
	if !errors.Is(err, device.ErrUnplugged) {
		s.darken(ctx)
	}
	clear(s.raw)
	s.pic.wipe()
}

// Close implements [device.Source], as [device.Exclusive.Close] says.
func (s *Scanner) Close() error { return s.use.Close("FM220", s.bus.Close) }

// darken turns the light off. A device that does not even do that will be
// noticed when it is used the next time.
func (s *Scanner) darken(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = s.send(ctx, lightOff()...)
}
