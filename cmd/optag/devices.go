package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd/emrtdtest"
	"optag/device/fm220"
	"optag/device/keyboard"
	"optag/device/pcsc"
	"optag/device/ptp"
	"optag/device/sbi"
	"optag/device/serialport"
	"optag/device/sim"
	"optag/device/uru4500"
	"optag/device/usb"
	"optag/device/v4l2"
)

// attachment is one device as the technician sees it.
type attachment struct {
	Kind   string `json:"kind"`           // "scanner", "camera", "mrz", the reader of documents, "card", a reader of cards, or "line", a serial line where something may be
	At     string `json:"at,omitempty"`   // where it is plugged in
	Health string `json:"health"`         // "answers", "attached" where it was not asked, or a code of healthOf
	Note   string `json:"note,omitempty"` // what is wrong, or to be known
	device.Info

	scanner    func(context.Context, wrapUSB) (device.Scanner, error) // opens it; nil where it is none
	camera     func(context.Context) (device.Camera, error)
	reader     func(context.Context) (device.LineReader, error)
	service    *service   // behind which it is; nil where it is behind none
	drawn      bool       // its driver draws the clear glass
	calibrated [2]float64 // told to the driver
	head       int        // bytes of a bulk transfer that are no pixels; see trace
}

// wrapUSB stands between a driver and the bus; nil is nothing.
type wrapUSB func(device.USB) device.USB

func (w wrapUSB) around(d device.USB) device.USB {
	if w == nil {
		return d
	}
	return w(d)
}

// scanTime bounds a look at everything.
const scanTime = time.Second

// devices lists what is attached and has a driver. Nothing is switched on but
// with --probe, which reads what only a device under power tells: its firmware.
func devices(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag devices")
	simulate := f.Bool("simulate", false, "list the simulated devices")
	probe := f.Bool("probe", false, "switch each device on and read its firmware")
	watch := f.Bool("watch", false, "go on, and tell what is plugged in and pulled out")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag devices takes no file")
	}
	set, err := e.settings()
	if err != nil && !*simulate {
		return err
	}
	scan := func() ([]attachment, int, error) { return e.attached(ctx, set, *probe) }
	if *simulate {
		scan = func() ([]attachment, int, error) { return simulated(), 0, nil }
	}
	if *watch {
		return e.watchDevices(ctx, scan)
	}
	list, seen, err := scan()
	if err != nil && len(list) == 0 {
		return err
	}
	return errors.Join(e.sayDevices(list, seen), err)
}

// watchDevices tells of every change until ctx ends: a line each, or with --json
// the whole list on one line. What is plugged in shows within two seconds.
func (e *env) watchDevices(ctx context.Context, scan func() ([]attachment, int, error)) error {
	var before []attachment
	for first := true; ; first = false {
		list, _, err := scan()
		if err != nil && len(list) == 0 && first {
			return err
		}
		if came, went := changes(before, list); first || len(came)+len(went) > 0 {
			if err := e.sayChanges(list, came, went); err != nil {
				return err
			}
		}
		before = list
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (e *env) sayChanges(list, came, went []attachment) error {
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{"devices": append([]attachment{}, list...)})
	}
	var err error
	for _, d := range went {
		_, err = fmt.Fprintf(e.out, "- %s %s, %s\n", d.Kind, d.name(), or(d.At, "-"))
	}
	for _, d := range came {
		_, err = fmt.Fprintf(e.out, "+ %s %s, %s, driver %s, %s\n", d.Kind, d.name(), or(d.At, "-"), d.Driver, d.words())
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(e.out, "no device that this program drives is attached")
	}
	return err
}

// changes says what is in now and was not before, and the other way round.
func changes(before, now []attachment) (came, went []attachment) {
	missing := func(from, in []attachment) (list []attachment) {
		for _, d := range from {
			if !slices.ContainsFunc(in, func(o attachment) bool { return o.At == d.At && o.Info == d.Info && o.Health == d.Health }) {
				list = append(list, d)
			}
		}
		return list
	}
	return missing(now, before), missing(before, now)
}

// name is that of the device, or where it is while nobody knows its name.
func (d *attachment) name() string { return or(strings.TrimSpace(d.Maker+" "+d.Model), d.At) }

// words are the health and its note.
func (d *attachment) words() string {
	if d.Note == "" {
		return d.Health
	}
	return d.Health + ": " + d.Note
}

// sayDevices prints the list; seen is how many devices there are on the bus in all.
func (e *env) sayDevices(list []attachment, seen int) error {
	if e.json {
		return e.print(map[string]any{"devices": append([]attachment{}, list...)})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(e.out, "no device that this program drives is attached (%d on the USB)\n", seen)
		return err
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tDEVICE\tSERIAL\tFIRMWARE\tDRIVER\tFOR ENROLMENT\tHEALTH\tAT")
	for _, d := range list {
		fit := "not certified"
		if d.Certified {
			fit = "certified"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s %s\t%s\t%s\t%s\n", d.Kind, d.name(), or(d.Serial, "none"), or(d.Firmware, "-"), d.Driver, d.Version, fit, d.Health, or(d.At, "-"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, d := range list {
		if d.Note != "" {
			fmt.Fprintf(e.out, "%s: %s\n", d.name(), d.Note)
		}
	}
	return nil
}

func or(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

// simulated are the devices of a simulated station. A test chart stands before
// the camera, in the light of a lamp.
func simulated() []attachment {
	scanner, camera := sim.NewScanner(sim.Options{}), sim.NewCamera(sim.CameraOptions{})
	camera.Lay(sim.Chart{Tint: [3]float64{1, 0.97, 0.94}})
	return []attachment{
		{Kind: "scanner", Health: "answers", Info: scanner.Info(), scanner: func(context.Context, wrapUSB) (device.Scanner, error) { return scanner.Open() }},
		{Kind: "camera", Health: "answers", Info: camera.Info(), camera: func(context.Context) (device.Camera, error) { return camera.Open() }},
		{Kind: "card", Health: "answers", Info: emrtdtest.NewReader().Info()},
	}
}

// attached are the devices that have a driver, scanners first, and how
// many there are on the USB in all. All buses are looked at at once, afresh. A
// device that cannot be used is listed with the reason; the error is that of a
// bus that could not be looked at.
func (e *env) attached(ctx context.Context, set station.Settings, probe bool) (list []attachment, seen int, err error) {
	ctx, stop := context.WithTimeout(ctx, scanTime)
	defer stop()
	var all [6][]attachment
	var errs [3]error
	var looking sync.WaitGroup
	looking.Go(func() { all[0], seen, errs[0] = onUSB(ctx, set) })
	looking.Go(func() { all[1] = e.behindSBI(ctx, set) })
	looking.Go(func() { all[2], errs[2] = onVideo(set) })
	looking.Go(func() { all[3] = stillCameras(ctx) })
	looking.Go(func() { all[4] = onLines(set) })
	looking.Go(func() { all[5] = cardReaders(ctx, e.smartCards(), set.Cards) })
	looking.Wait()
	list = slices.Concat(all[:]...)
	if probe {
		for i := range list {
			list[i].probe(context.WithoutCancel(ctx))
		}
	}
	return list, seen, errors.Join(errs[:]...)
}

// listAttached is [env.attached] for who asks again and again.
func (e *env) listAttached(set station.Settings) func(context.Context) ([]attachment, error) {
	return func(ctx context.Context) ([]attachment, error) {
		list, _, err := e.attached(ctx, set, false)
		return list, err
	}
}

// onUSB finds fingerprint scanners.
func onUSB(ctx context.Context, set station.Settings) ([]attachment, int, error) {
	bus, err := usb.List()
	if err != nil {
		return nil, 0, err
	}
	var list []attachment
	for _, info := range bus {
		d, ours := scannerOf(info, set)
		if !ours {
			continue
		}
		d.Kind, d.Health = "scanner", "attached"
		d.At = placeOf(info)
		described, err := usb.Describe(ctx, info)
		if err == nil {
			told, _ := scannerOf(described, set)
			d.Info = told.Info
		}
		d.suffers(err)
		list = append(list, d)
	}
	return list, len(bus), nil
}

// scannerOf is the driver of a scanner on the USB; false where there is none.
func scannerOf(info device.USBInfo, set station.Settings) (attachment, bool) {
	if _, ours := uru4500.Model(info.USBID); ours {
		what, _ := uru4500.Describe(uru4500.Options{USB: info, PPI: set.Calibration})
		return attachment{Info: what, drawn: true, calibrated: set.Calibration, head: 64, scanner: func(ctx context.Context, w wrapUSB) (device.Scanner, error) {
			dev, err := usb.Open(ctx, info, uru4500.Class())
			if err != nil {
				return nil, err
			}
			return uru4500.Open(ctx, w.around(dev), uru4500.Options{USB: dev.Info(), Random: rand.Reader, PPI: set.Calibration})
		}}, true
	}
	if _, ours := fm220.Model(info.USBID); ours {
		what, _ := fm220.Describe(fm220.Options{USB: info})
		return attachment{Info: what, scanner: func(ctx context.Context, w wrapUSB) (device.Scanner, error) {
			dev, err := usb.OpenInterface(ctx, info, fm220.Interface)
			if err != nil {
				return nil, err
			}
			return fm220.Open(ctx, w.around(dev), fm220.Options{USB: dev.Info()})
		}}, true
	}
	return attachment{}, false
}

// openURU4500 opens a U.are.U of the bus, calibrated as the settings say.
func openURU4500(ctx context.Context, info device.USBInfo, set station.Settings) (device.Scanner, error) {
	d, _ := scannerOf(info, set)
	return d.scanner(ctx, nil)
}

// onVideo finds cameras.
func onVideo(set station.Settings) ([]attachment, error) {
	found, err := v4l2.List("")
	if err != nil {
		return nil, err
	}
	var list []attachment
	for _, f := range found {
		list = append(list, attachment{Kind: "camera", At: f.Path, Health: "attached", Info: f.Describe(), camera: func(ctx context.Context) (device.Camera, error) {
			return v4l2.Open(ctx, v4l2.System, f, v4l2.Options{Hold: set.CameraLock.Hold()})
		}})
	}
	return list, nil
}

// stillCameras finds the cameras on the USB that speak PTP. Why the bus could not
// be looked at, [onUSB] says.
func stillCameras(ctx context.Context) (list []attachment) {
	bus, _ := usb.ListClass(ptp.Class())
	for _, info := range bus {
		described, err := usb.Describe(ctx, info)
		if err != nil {
			described = info
		}
		d := attachment{Kind: "camera", Health: "attached", At: placeOf(info), Info: ptp.Describe(described), camera: func(ctx context.Context) (device.Camera, error) {
			return openPTP(ctx, info)
		}}
		d.suffers(err)
		list = append(list, d)
	}
	return list
}

// placeOf says where on the USB a device is.
func placeOf(info device.USBInfo) string {
	return fmt.Sprintf("usb %d.%d %v", info.Bus, info.Address, info.USBID)
}

// buses says what is plugged in where, without opening anything.
func buses() string {
	var b strings.Builder
	bus, err := usb.List()
	for _, d := range bus {
		fmt.Fprintln(&b, d.Bus, d.Address, d.USBID)
	}
	cameras, err2 := v4l2.List("")
	for _, c := range cameras {
		fmt.Fprintln(&b, c.Path, c.Name)
	}
	lines, err3 := serialport.List("/")
	for _, l := range lines {
		fmt.Fprintln(&b, l.Path, l.USBID)
	}
	if err := errors.Join(err, err2, err3); err != nil {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

// probe opens a device to see that it answers.
func (d *attachment) probe(ctx context.Context) {
	if d.scanner == nil && d.camera == nil && d.reader == nil && d.service == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	d.Note = ""
	info, err := d.open(ctx)
	if err == nil {
		d.Health, d.Info = "answers", info
		return
	}
	d.suffers(err)
}

func (d *attachment) open(ctx context.Context) (device.Info, error) {
	if d.service != nil {
		dev, err := d.service.open(ctx)
		if err != nil {
			return device.Info{}, err
		}
		return dev.Info(), dev.Close()
	}
	if d.reader != nil {
		r, err := d.reader(ctx)
		if err != nil {
			return device.Info{}, err
		}
		return r.Info(), r.Close()
	}
	if d.camera != nil {
		c, err := d.camera(ctx)
		if err != nil {
			return device.Info{}, err
		}
		d.Note = adjusted(c)
		return c.Info(), c.Close()
	}
	s, err := d.scanner(ctx, nil)
	if err != nil {
		return device.Info{}, err
	}
	return s.Info(), s.Close()
}

// adjusted says how a camera of the kernel is adjusted, and what is not held as the
// settings say.
func adjusted(c device.Camera) string {
	kernel, ok := c.(*v4l2.Camera)
	if !ok {
		return ""
	}
	all, err := kernel.Settings()
	if err != nil {
		return oneLine(err)
	}
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = s.String()
	}
	return strings.Join(words, "; ")
}

// suffers enters what is wrong with a device; nil is nothing.
func (d *attachment) suffers(err error) {
	if err == nil {
		return
	}
	if d.Health, d.Note = healthOf(err), oneLine(err); d.service != nil {
		d.Health = sbi.Problem(err)
	}
}

// healthOf is the code of what is wrong with a device.
func healthOf(err error) string {
	switch {
	case errors.Is(err, usb.ErrBusy), errors.Is(err, v4l2.ErrBusy), errors.Is(err, serialport.ErrBusy), errors.Is(err, keyboard.ErrBusy), errors.Is(err, pcsc.ErrBusy):
		return "busy"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, serialport.ErrForbidden), strings.Contains(err.Error(), "bad access"): // libusb's words
		return "forbidden"
	case errors.Is(err, device.ErrUnplugged):
		return "unplugged"
	case errors.Is(err, device.ErrSilent):
		return "silent"
	case errors.Is(err, device.ErrGarbled):
		return "garbled"
	}
	return "failed"
}
