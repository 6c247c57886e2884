// Package uru4500 drives the DigitalPersona U.are.U 4000, 4000B and 4500: single
// fingerprint scanners of 384 by 290 pixels, on any [device.USB]. It knows
// nothing of how the device was found, and judges no print: whether a finger is
// the right one and good enough is the capture's business.
//
// The devices have no image certificate (FBI EBTS Appendix F or PIV), so that
// [Scanner.Info] always says that they are not fit for enrolment by themselves.
// Their pixel pitch is not published either; see [Options].
//
// # Frames
//
// While the glass is clear [Scanner.Frames] yields a white frame without contact
// every quarter of a second, the first one a quarter of a second after the
// device was told to watch for a finger: one that was left lying is reported
// before. From the first touch it yields every image the device takes, about
// seven a second, with contact, until the device itself says that the finger
// left; then one white frame at once. The scanner cannot see what lies on its
// glass but a finger, so a white frame says "no finger", not "clean".
//
// # Failures
//
// An image that is short, contradicts itself or was descrambled with a wrong key
// is read again, five times at most; then, and where none came within 1.2 s or
// the device announced it, the device is powered up anew, twice at most. A quiet
// device is asked every second how it is, woken where it sleeps, and told anew
// what to report. A register that is not answered within a second, and whatever
// comes back after all that, ends the sequence: the caller closes the scanner and
// opens the device again.
//
// Sources: the wire facts are those of libfprint's driver uru4000, confirmed on
// recordings of a 4500. What is assumed about hardware and not confirmed is
// marked "assumed" where it is used.
package uru4500

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"time"

	"optag/device"
	"optag/device/resample"
)

const driverVersion = "1"

// Class is the class of the interface to claim.
func Class() device.USBClass {
	return device.USBClass{Class: 0xff, SubClass: 0xff, Protocol: 0xff}
}

// Model returns the name of a device this driver is for, and false for any
// other. The same sensor under Microsoft's numbers is a consumer device and is
// not among them.
func Model(id device.USBID) (name string, ok bool) {
	switch id {
	case device.USBID{Vendor: 0x05ba, Product: 0x0007}:
		return "U.are.U 4000", true
	case device.USBID{Vendor: 0x05ba, Product: 0x0008}:
		return "U.are.U 4000 (keyboard)", true
	case turned:
		return "U.are.U 4000B/4500", true
	}
	return "", false
}

// turned is the one product whose images come upside down. There may be others
// under the same number that differ.
var turned = device.USBID{Vendor: 0x05ba, Product: 0x000a}

// EstimatedPPI is the resolution, across and down, that raw frames carry while
// nobody has measured the device. It follows from the picture size of the
// maker's software at 500 ppi and is good to a few per cent only.
func EstimatedPPI() [2]int { return [2]int{540, 370} }

// Options say how a scanner is to be run.
type Options struct {
	// USB identifies the device: its number decides the orientation of the
	// image, its serial number goes into Info.
	USB device.USBInfo

	// Random gives four bytes for each seed of the image scrambler. The same
	// bytes give the same conversation.
	Random io.Reader

	// PPI is the resolution measured on this very device with a ruled target,
	// across and down, from 200 to 1000 pixels per inch. With it every frame
	// is resampled to 500 by 500. At zero, frames are raw and carry
	// [EstimatedPPI].
	PPI [2]float64

	// Images is how many images are taken of one touch before the driver
	// waits for the finger to leave. At zero it takes them for as long as
	// the finger lies.
	Images int
}

// A Scanner is an open device. It is a [device.Scanner].
type Scanner struct {
	bus    device.USB
	opts   Options
	info   device.Info
	events *events

	raw   []byte          // an image as it came, headerSize+width*height
	pix   *image.Gray     // the same, descrambled and upright
	out   *image.Gray     // what is yielded: pix, or 500 by 500 ppi
	ppi   [2]int          // of out
	at500 *resample.At500 // nil without a calibration

	powered bool // since the last power-up the device was not switched off

	use device.Exclusive
}

var _ device.Scanner = (*Scanner)(nil)

// Open powers up the device on bus, which then belongs to the scanner. The error
// wraps [device.ErrUnplugged], [device.ErrSilent] or [device.ErrGarbled] where
// the device failed; bus is closed in every such case.
func Open(ctx context.Context, bus device.USB, o Options) (*Scanner, error) {
	s, err := newScanner(bus, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening U.are.U: %w", err), bus.Close())
	}
	s.events = listen(bus)
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening U.are.U: %w", err), s.Close())
	}
	return s, nil
}

// Describe is the Info of a scanner that need not be opened for it: all but the
// firmware. It returns false for a device this driver is not for, and for a
// calibration that cannot be.
func Describe(o Options) (device.Info, bool) {
	name, ok := Model(o.USB.USBID)
	ppi := EstimatedPPI()
	version := fmt.Sprintf("%s raw %dx%d ppi, estimated", driverVersion, ppi[0], ppi[1])
	if o.calibrated() {
		version = fmt.Sprintf("%s raw %.1fx%.1f ppi, measured", driverVersion, o.PPI[0], o.PPI[1])
	}
	return device.Info{
		Maker:   "DigitalPersona",
		Model:   name,
		Serial:  o.USB.Serial,
		Driver:  "uru4500",
		Version: version,
	}, ok && (!o.calibrated() || plausible(o.PPI))
}

func (o *Options) calibrated() bool { return o.PPI != [2]float64{} }

func plausible(ppi [2]float64) bool {
	for _, n := range ppi {
		if !(n >= 200 && n <= 1000) {
			return false
		}
	}
	return true
}

// newScanner makes a scanner that has not spoken to its device yet.
func newScanner(bus device.USB, o Options) (*Scanner, error) {
	info, ok := Describe(o)
	switch {
	case info.Model == "":
		return nil, fmt.Errorf("%v is none of this driver's devices", o.USB.USBID)
	case !ok:
		return nil, fmt.Errorf("a calibration of %gx%g ppi is outside of 200 to 1000", o.PPI[0], o.PPI[1])
	case o.Random == nil:
		return nil, errors.New("no source of randomness given")
	}
	s := &Scanner{
		bus:  bus,
		opts: o,
		info: info,
		raw:  make([]byte, imageSize),
		pix:  image.NewGray(image.Rect(0, 0, width, height)),
		ppi:  EstimatedPPI(),
	}
	s.out = s.pix
	if o.calibrated() {
		s.ppi = [2]int{resample.PPI, resample.PPI}
		s.at500 = resample.NewAt500(s.pix.Rect.Max, o.PPI)
		s.out = s.at500.Image
	}
	return s, nil
}

// start powers the device up and reads what it says of itself.
func (s *Scanner) start(ctx context.Context) error {
	if err := s.powerUp(ctx); err != nil {
		return err
	}
	said := make([]byte, 16)
	if err := s.read(ctx, regInfo, said); err != nil {
		return fmt.Errorf("reading device info: %w", err)
	}
	s.info.Firmware = fmt.Sprintf("%x/%x", said[10:12], said[4:6])
	return nil
}

// Info implements [device.Source]. Its version names the resolution of the raw
// image too, and whether it was measured, so that a record of the capture does.
func (s *Scanner) Info() device.Info { return s.info }

// Frames implements [device.Source], as [device.Frames] says.
func (s *Scanner) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return device.Frames(ctx, &s.use, "scanning", s.sequence)
}

// sequence runs one sequence; then the sensor is off, and the last image
// forgotten.
func (s *Scanner) sequence(ctx context.Context, yield yieldFunc) (err error) {
	defer func() {
		if !errors.Is(err, device.ErrUnplugged) {
			s.switchOff(ctx)
		}
		s.wipe()
	}()
	return s.run(ctx, yield)
}

// wipe clears the images this driver holds.
func (s *Scanner) wipe() {
	clear(s.raw)
	clear(s.pix.Pix)
	s.at500.Wipe()
}

// Close implements [device.Source], as [device.Exclusive.Close] says.
func (s *Scanner) Close() error {
	return s.use.Close("U.are.U", func() error {
		s.events.close()
		return s.bus.Close()
	})
}

// switchOff turns the sensor's light off. A device that does not even do that
// will be noticed when it is used the next time.
func (s *Scanner) switchOff(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	s.powered = false
	_ = s.mode(ctx, modeOff)
}
