// Package mso drives single fingerprint scanners that speak the ILV protocol of
// MorphoSmart devices, Idemia's (formerly Morpho's and Sagem's) MSO 300, CBM and
// Finger VP, on any [device.Serial]: behind USB as a modem, or on RS-232. It
// knows nothing of how the line was found, and judges no print.
//
// It uses them as cameras only: the device is told to enrol a finger without
// keeping it, and to hand over the picture. Its memory of fingers is never used.
//
// It has not been tried on hardware. The protocol is that of public headers and
// code; what is assumed is marked so. Until somebody has tried it,
// [Scanner.Info] says so in its version, and that the device is not certified
// unless the site's list says otherwise.
//
// # Frames
//
// While the device says that no finger is there [Scanner.Frames] yields a white
// frame without contact every quarter of a second. A finger gives advice until
// the device is content, and then one picture with contact. The next one is
// taken only after the finger has left.
package mso

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"strings"
	"time"

	"optag/device"
)

const driverVersion = "1 not verified on hardware"

// ppi is what the devices are made for; each picture tells its own.
const ppi = 500

const (
	// answerTime bounds the answer to a question.
	answerTime = 2 * time.Second

	// quiet is how long nothing comes from a device that has nothing to say.
	quiet = 200 * time.Millisecond

	// quieting bounds the wait for that; a picture at 115 200 baud goes on
	// for 16 s.
	quieting = 20 * time.Second
)

// Mode is how the line is set: of a device behind USB, and of one on RS-232 from
// the factory.
func Mode(f Framing) device.SerialMode {
	if f == RS232 {
		return device.SerialMode{Baud: 115200, DataBits: 8, StopBits: 1} // assumed
	}
	return device.SerialMode{Baud: 38400, DataBits: 8, StopBits: 1}
}

// Model returns the name of a device behind USB that this driver is for, and
// false for any other.
func Model(id device.USBID) (name string, ok bool) {
	switch id {
	case device.USBID{Vendor: 0x079b, Product: 0x0024}, device.USBID{Vendor: 0x225d, Product: 0x000a}:
		return "MSO 300", true
	case device.USBID{Vendor: 0x079b, Product: 0x0047}:
		return "CBM", true
	}
	return "", false
}

// Describe is what is known of a device behind USB before it is opened, and false
// where this driver is not for it.
func Describe(usb device.USBInfo, o Options) (info device.Info, ok bool) {
	name, ok := Model(usb.USBID)
	info = device.Info{Maker: "Idemia", Model: name, Serial: usb.Serial, Driver: "mso", Version: driverVersion}
	o.vouch(&info)
	return info, ok
}

// Options say how a device is to be run.
type Options struct {
	Framing Framing // "" is USB

	// Devices are those of which the site knows more than they tell.
	Devices []Listed
}

// A Listed device is on the site's list, by its serial number.
type Listed struct {
	Serial    string
	Certified bool // the site holds the certificate of this device's model (FBI PIV), and has tried this driver with it
	FAP       int  // one of device.FAPs, as the certificate says; 0 where nobody knows
}

// vouch enters into the info what the site knows of the device.
func (o *Options) vouch(i *device.Info) {
	for _, d := range o.Devices {
		if d.Serial == i.Serial && i.Serial != "" {
			i.Certified, i.FAP = d.Certified, d.FAP
		}
	}
}

// A Scanner is an open device. It is a [device.Scanner].
type Scanner struct {
	w       *wire
	o       Options
	info    device.Info
	white   *image.Gray
	pix     *image.Gray
	running bool // a command is under way in the device

	use device.Exclusive
}

var _ device.Scanner = (*Scanner)(nil)

// Open asks the device at the end of line, which then belongs to the scanner,
// what it is. The error wraps [device.ErrUnplugged], [device.ErrSilent] or
// [device.ErrGarbled] where the device failed, and the line is closed.
func Open(ctx context.Context, line device.Serial, o Options) (*Scanner, error) {
	w, err := newWire(line, o.Framing)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening MSO: %w", err), line.Close())
	}
	s := &Scanner{w: w, o: o, running: true}
	if err := s.describe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening MSO: %w", err), line.Close())
	}
	return s, nil
}

// describe reads the descriptor, in which the device tells what it is in lines
// of text.
func (s *Scanner) describe(ctx context.Context) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.w.send(ctx, appendILV(nil, idDescriptor, []byte{0x2f})); err != nil {
		return fmt.Errorf("asking for the descriptor: %w", err)
	}
	answer, err := s.await(ctx, idDescriptor, answerTime)
	switch {
	case err != nil:
		return fmt.Errorf("asking for the descriptor: %w", err)
	case len(answer) == 0:
		return fmt.Errorf("asking for the descriptor: an empty answer: %w", device.ErrGarbled)
	case Status(answer[0]) != statusOK:
		return fmt.Errorf("asking for the descriptor: %w: %w", Status(answer[0]), device.ErrGarbled)
	}
	product, err := findILV(answer[1:], idProduct)
	if err != nil {
		return fmt.Errorf("reading the descriptor: %w", err)
	}
	software, err := findILV(answer[1:], idSoftware)
	if err != nil {
		return fmt.Errorf("reading the descriptor: %w", err)
	}
	s.info = device.Info{
		Maker:    "Idemia",
		Model:    said(product, "Product Name"),
		Serial:   said(product, "Serial Number"),
		Firmware: said(software, "Version"),
		Driver:   "mso",
		Version:  driverVersion,
	}
	s.o.vouch(&s.info)
	if s.info.Model == "" {
		s.info.Model = "MSO"
	}
	s.size(usualSize(s.info.Model))
	return nil
}

// said finds what a descriptor's text tells under a name, "name:value" on a line
// of its own.
func said(text []byte, name string) string {
	for line := range bytes.Lines(text) {
		key, value, found := strings.Cut(printable(line), ":")
		if found && strings.HasSuffix(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// printable drops what a device may send to confuse a terminal or a report.
func printable(text []byte) string {
	text = text[:min(len(text), 100)]
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, string(text)))
}

// usualSize is the size of a model's pictures, before it has sent one.
func usualSize(model string) (columns, rows int) {
	switch {
	case strings.Contains(model, "CBM"):
		return 256, 400
	case strings.Contains(model, "VP"):
		return 400, 400
	}
	return 416, 416
}

// size makes room for pictures of that size.
func (s *Scanner) size(columns, rows int) {
	r := image.Rect(0, 0, columns, rows)
	if s.pix != nil && s.pix.Rect == r {
		return
	}
	s.white, s.pix = image.NewGray(r), image.NewGray(r)
	for i := range s.white.Pix {
		s.white.Pix[i] = 255
	}
}

// settle ends whatever the device is doing, for somebody who is no longer there,
// and waits until it says no more.
func (s *Scanner) settle(ctx context.Context) error {
	if !s.running {
		return nil
	}
	s.w.wipe()
	if err := s.drain(ctx); err != nil {
		return err
	}
	err := s.w.send(ctx, appendILV(nil, idCancel, nil))
	if err != nil {
		return fmt.Errorf("ending what the device does: %w", err)
	}
	for begun := time.Now(); time.Since(begun) < quieting; {
		switch _, err := s.w.receive(ctx, quiet); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errNothing):
			s.running = false
			return nil
		case err != nil && !errors.Is(err, device.ErrGarbled):
			return err
		}
	}
	return fmt.Errorf("the device does not stop sending: %w", device.ErrGarbled)
}

// drain reads what is left of a message whose beginning nobody has.
func (s *Scanner) drain(ctx context.Context) error {
	if s.o.Framing == RS232 {
		return nil // its packets are found by themselves, and wait to be acknowledged
	}
	for begun := time.Now(); time.Since(begun) < quieting; {
		short, cancel := context.WithTimeout(ctx, quiet/6)
		err := s.w.more(short)
		cancel()
		s.w.wipe()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, device.ErrSilent):
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// await waits for the answer to a command.
func (s *Scanner) await(ctx context.Context, id uint16, d time.Duration) ([]byte, error) {
	for end := time.Now().Add(d); ; {
		m, err := s.w.receive(ctx, time.Until(end))
		switch {
		case errors.Is(err, errNothing):
			return nil, fmt.Errorf("no answer: %w", device.ErrSilent)
		case err != nil:
			return nil, err
		case m.id == id:
			return m.value, nil
		case m.id == idInvalid:
			return nil, fmt.Errorf("the device does not know the command: %w", device.ErrGarbled)
		}
	}
}

// Info implements [device.Source].
func (s *Scanner) Info() device.Info { return s.info }

// Frames implements [device.Source], as [device.Frames] says. Behind an advice may
// stand the device's own reason, a [Status] or [Outcome].
func (s *Scanner) Frames(ctx context.Context) iter.Seq2[device.Frame, error] {
	return device.Frames(ctx, &s.use, "scanning", s.sequence)
}

// sequence runs one sequence; then the command under way is ended, and the last
// picture forgotten.
func (s *Scanner) sequence(ctx context.Context, yield yieldFunc) (err error) {
	defer func() {
		if !errors.Is(err, device.ErrUnplugged) {
			s.cancel(ctx)
		}
		clear(s.pix.Pix)
		s.w.wipe()
	}()
	return s.run(ctx, yield)
}

// cancel tells the device to end its command, and waits a little for it to say
// so. Where it does not, the next sequence waits.
func (s *Scanner) cancel(ctx context.Context) {
	if !s.running {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	if s.w.send(ctx, appendILV(nil, idCancel, nil)) != nil {
		return
	}
	if _, err := s.await(ctx, idEnrol, time.Second); err == nil {
		s.running = false
	}
}

// Close implements [device.Source], as [device.Exclusive.Close] says.
func (s *Scanner) Close() error { return s.use.Close("MSO", s.w.line.Close) }
