//go:build cgo

package usb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/gousb"

	"optag/device"
)

// controlTimeout bounds every control transfer, in libusb too, where zero would
// mean for ever.
const controlTimeout = 5 * time.Second

// A Device is one claimed interface of an open device. It is a [device.USB].
type Device struct {
	info device.USBInfo

	lib     *gousb.Context
	dev     *gousb.Device
	cfg     *gousb.Config
	itf     *gousb.Interface
	claimed [3]int                       // configuration, interface, alternate setting
	in      map[uint8]*gousb.InEndpoint  // by address
	out     map[uint8]*gousb.OutEndpoint // by address

	control sync.Mutex // one control transfer at a time; protects dev.ControlTimeout

	life context.Context // ends with Close, and every transfer with it
	end  context.CancelFunc

	mu     sync.Mutex // protects closed, in and out, and busy.Add against busy.Wait
	closed bool
	busy   sync.WaitGroup // transfers under way
}

var _ device.USB = (*Device)(nil)

// Open opens the device that List described and claims its first interface of
// the given class, in its first alternate setting. The error wraps
// [device.ErrUnplugged] where the device is gone, and [ErrBusy] where another
// program holds it.
func Open(ctx context.Context, info device.USBInfo, class device.USBClass) (*Device, error) {
	d, err := open(ctx, info, func(s gousb.InterfaceSetting) bool { return classOf(s) == class })
	if errors.Is(err, errNoInterface) {
		err = fmt.Errorf("%w of class %02x/%02x/%02x", err, class.Class, class.SubClass, class.Protocol)
	}
	return d, opening(info, err)
}

// OpenInterface is [Open] of the interface with a number, for a device whose
// classes say nothing.
func OpenInterface(ctx context.Context, info device.USBInfo, number int) (*Device, error) {
	d, err := open(ctx, info, func(s gousb.InterfaceSetting) bool { return s.Number == number })
	if errors.Is(err, errNoInterface) {
		err = fmt.Errorf("%w of number %d", err, number)
	}
	return d, opening(info, err)
}

func opening(info device.USBInfo, err error) error {
	if err != nil {
		return fmt.Errorf("opening USB device %v: %w", info.USBID, err)
	}
	return nil
}

var errNoInterface = errors.New("claiming: no interface")

// open opens the device and claims its first interface that is wanted. It
// returns nil where it fails.
func open(ctx context.Context, info device.USBInfo, wanted func(gousb.InterfaceSetting) bool) (_ *Device, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := &Device{}
	d.life, d.end = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	if d.lib, err = start(); err != nil {
		return nil, err
	}
	if d.dev, err = find(d.lib, info); err != nil {
		return nil, err
	}
	if err = d.claim(wanted); err != nil {
		return nil, err
	}
	d.info = describe(ctx, d.dev)
	return d, nil
}

// claim claims the first interface that is wanted, in its first alternate
// setting, and opens its endpoints. No kernel driver is detached: an interface
// that has one is not a scanner's.
func (d *Device) claim(wanted func(gousb.InterfaceSetting) bool) error {
	for number, cfg := range d.dev.Desc.Configs {
		for i, itf := range cfg.Interfaces {
			// gousb takes the interface's number for its place in the list.
			if itf.Number != i || len(itf.AltSettings) == 0 || !wanted(itf.AltSettings[0]) {
				continue
			}
			return d.claimInterface(number, itf.Number, itf.AltSettings[0].Alternate)
		}
	}
	return errNoInterface
}

func (d *Device) claimInterface(config, number, alternate int) (err error) {
	d.claimed = [3]int{config, number, alternate}
	if d.cfg, err = d.dev.Config(config); err != nil {
		return fmt.Errorf("choosing configuration %d: %w", config, holder(err))
	}
	if d.itf, err = d.cfg.Interface(number, alternate); err != nil {
		return fmt.Errorf("claiming interface %d: %w", number, holder(err))
	}
	in, out := map[uint8]*gousb.InEndpoint{}, map[uint8]*gousb.OutEndpoint{}
	for address, e := range d.itf.Setting.Endpoints {
		if e.Direction == gousb.EndpointDirectionIn {
			in[uint8(address)], err = d.itf.InEndpoint(e.Number)
		} else {
			out[uint8(address)], err = d.itf.OutEndpoint(e.Number)
		}
		if err != nil {
			return fmt.Errorf("opening endpoint %02x: %w", uint8(address), err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.in, d.out = in, out
	return nil
}

// holder says of an error of claiming or resetting whether somebody else holds
// the interface, or the device is gone. gousb keeps only the words of some.
func holder(err error) error {
	is := func(e gousb.Error) bool { return errors.Is(err, e) || strings.Contains(err.Error(), e.Error()) }
	switch {
	case is(gousb.ErrorBusy):
		return fmt.Errorf("%w: %v", ErrBusy, err)
	case is(gousb.ErrorNoDevice), is(gousb.ErrorNotFound):
		return fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	}
	return err
}

func classOf(s gousb.InterfaceSetting) device.USBClass {
	return device.USBClass{Class: uint8(s.Class), SubClass: uint8(s.SubClass), Protocol: uint8(s.Protocol)}
}

// Info describes the device, strings included.
func (d *Device) Info() device.USBInfo { return d.info }

// Control implements [device.USB].
func (d *Device) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	if !d.enter() {
		return 0, fmt.Errorf("control transfer: %w", device.ErrUnplugged)
	}
	defer d.busy.Done()
	d.control.Lock()
	defer d.control.Unlock()
	timeout := controlTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = max(time.Millisecond, min(timeout, time.Until(deadline)))
	}
	if err := d.ended(ctx); err != nil {
		return 0, fmt.Errorf("control transfer: %w", err)
	}
	d.dev.ControlTimeout = timeout
	n, err := d.dev.Control(requestType, request, value, index, data)
	if err != nil {
		return max(n, 0), fmt.Errorf("control transfer: %w", d.meaning(ctx, err))
	}
	return n, nil
}

// Interrupt implements [device.USB].
func (d *Device) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return d.transfer(ctx, "interrupt", endpoint, buf)
}

// Bulk implements [device.USB].
func (d *Device) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	return d.transfer(ctx, "bulk", endpoint, buf)
}

// transfer moves buf over an endpoint, whose descriptor already says of which
// kind it is.
func (d *Device) transfer(ctx context.Context, kind string, endpoint uint8, buf []byte) (int, error) {
	if !d.enter() {
		return 0, fmt.Errorf("%s transfer: %w", kind, device.ErrUnplugged)
	}
	defer d.busy.Done()
	if err := d.ended(ctx); err != nil {
		return 0, fmt.Errorf("%s transfer: %w", kind, err)
	}
	move, err := d.mover(endpoint)
	if err != nil {
		return 0, fmt.Errorf("%s transfer: %w", kind, err)
	}
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.life, cancel)()
	n, err := move(both, buf)
	switch {
	case err != nil:
		err = d.meaning(ctx, err)
	case n == 0:
		err = d.ended(ctx) // some hosts report a cancelled transfer as an empty one
	}
	if err != nil {
		return max(n, 0), fmt.Errorf("%s transfer: %w", kind, err)
	}
	return n, nil
}

func (d *Device) mover(endpoint uint8) (func(context.Context, []byte) (int, error), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e, ok := d.in[endpoint]; ok {
		return e.ReadContext, nil
	}
	if e, ok := d.out[endpoint]; ok {
		return e.WriteContext, nil
	}
	return nil, fmt.Errorf("no endpoint %02x on this interface: %w", endpoint, device.ErrGarbled)
}

// enter counts a transfer in, unless the device is closed.
func (d *Device) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.busy.Add(1)
	return true
}

// ended says why no transfer should be under way any more: nil if it may.
func (d *Device) ended(ctx context.Context) error {
	switch {
	case d.life.Err() != nil:
		return device.ErrUnplugged
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return device.ErrSilent
	}
	return ctx.Err()
}

// meaning translates an error of gousb into those that [device.USB] promises.
func (d *Device) meaning(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, gousb.ErrorNoDevice), errors.Is(err, gousb.TransferNoDevice):
		return fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	case errors.Is(err, gousb.ErrorTimeout), errors.Is(err, gousb.TransferTimedOut):
		return fmt.Errorf("%w: %v", device.ErrSilent, err)
	case errors.Is(err, gousb.TransferCancelled) && d.ended(ctx) != nil:
		return d.ended(ctx)
	}
	// A device being pulled out shows as a broken transfer before the hub
	// says that it is gone.
	if _, gone := d.dev.ActiveConfigNum(); errors.Is(gone, gousb.ErrorNoDevice) {
		return fmt.Errorf("%w: %v", device.ErrUnplugged, err)
	}
	return fmt.Errorf("%w: %v", device.ErrGarbled, err)
}

// Reset resets the device, as a plug would, and claims its interface again. No
// other transfer may be under way. Where the device comes back as another one,
// or not at all, the error wraps [device.ErrUnplugged].
func (d *Device) Reset(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("resetting USB device: %w", err)
	}
	if !d.enter() {
		return fmt.Errorf("resetting USB device: %w", device.ErrUnplugged)
	}
	defer d.busy.Done()
	d.control.Lock()
	defer d.control.Unlock()
	d.itf.Close()
	if err := d.cfg.Close(); err != nil {
		return fmt.Errorf("resetting USB device: %w", err)
	}
	if err := d.dev.Reset(); err != nil {
		return fmt.Errorf("resetting USB device: %w", holder(err))
	}
	if err := d.claimInterface(d.claimed[0], d.claimed[1], d.claimed[2]); err != nil {
		return fmt.Errorf("resetting USB device: %w", err)
	}
	return nil
}

// Close implements [device.USB].
func (d *Device) Close() error {
	d.mu.Lock()
	first := !d.closed
	d.closed = true
	d.mu.Unlock()
	d.end()
	d.busy.Wait()
	if !first {
		return nil
	}
	return d.release()
}

// release gives back what was opened, in the only order libusb allows.
func (d *Device) release() error {
	var errs []error
	if d.itf != nil {
		d.itf.Close()
	}
	if d.cfg != nil {
		errs = append(errs, d.cfg.Close())
	}
	if d.dev != nil {
		errs = append(errs, d.dev.Close())
	}
	if d.lib != nil {
		errs = append(errs, d.lib.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing USB device: %w", err)
	}
	return nil
}
