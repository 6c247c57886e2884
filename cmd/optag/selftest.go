package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/selftest"
	"optag/device/serialport"
	"optag/device/sim"
	"optag/device/tape"
	"optag/device/v4l2"
	"optag/ui/flow"
)

// selfTest is what a technician runs.
func selfTest(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag selftest")
	b := &bench{env: e, now: time.Now}
	f.BoolVar(&b.simulate, "simulate", false, "test simulated devices, and a private service on loopback")
	f.StringVar(&b.dir, "out", "", "directory for report.json and report.html")
	f.Float64Var(&b.pitch, "target", 0, "a ruled target is laid on when asked for; its lines are this many millimetres apart")
	f.BoolVar(&b.save, "save", false, "with --target: the resolution found goes into the settings, as the calibration of the scanner")
	f.BoolVar(&b.finger, "finger", false, "a finger is laid on when asked for, and its picture put into the page")
	f.BoolVar(&b.portrait, "portrait", false, "somebody stands before a certified camera, which takes pictures that are thrown away")
	f.BoolVar(&b.swipe, "swipe", false, "a document is drawn through the reader when asked for; nothing of it is kept")
	zone := f.String("mrz", "", "file with the machine readable zone of the document in the card reader, or -; its chip is read, and nothing of it kept")
	can := f.String("can", "", "the same by the six digits on the face of the card")
	f.StringVar(&b.trace, "trace", "", "file for what was said with the scanner, pixels left out")
	if err := parse(f, args); err != nil {
		return err
	}
	if b.pitch < 0 || b.pitch > 10 || b.pitch > 0 && b.pitch < 0.3 {
		return usageError("optag selftest: lines of a target are 0.3 to 10 millimetres apart")
	}
	if b.save && (b.pitch == 0 || b.simulate) {
		return usageError("optag selftest: --save goes with --target, and not with a simulated scanner")
	}
	if b.pitch > 0 && b.finger {
		return usageError("optag selftest: a target or a finger, one at a time")
	}
	b.only = f.Args()
	b.named = slices.ContainsFunc(b.only, func(part string) bool { return slices.Contains(cardParts, part) })
	var err error
	if b.key, err = b.chipKey(*zone, *can); err != nil {
		return err
	}
	return b.run(ctx)
}

// A bench is one self-test.
type bench struct {
	*env
	simulate, save, finger, portrait, swipe bool

	dir, trace string
	pitch      float64
	list       func(context.Context) ([]attachment, error)
	only       []string // names of parts, serial numbers or drivers; empty is everything
	now        func() time.Time
	key        emrtd.Access // to the chip that lies in a reader; zero: it is not opened
	table      cardTable    // nil: the machine's, or a simulated one
	named      bool         // a reader of cards is among only

	set    station.Settings
	report selftest.Report
	told   tape.Transcript // the conversation that is traced
	met    []string        // names of only that were found
	found  []calibration   // of the scanners a target was laid on
}

// atTheCounter is a self-test that the kiosk runs on a list of devices. What the
// kiosk itself holds open, the queue, is left out.
func (e *env) atTheCounter(set station.Settings, list func(context.Context) ([]attachment, error), simulated bool) func(context.Context) flow.SelfTest {
	return func(ctx context.Context) flow.SelfTest {
		b := &bench{env: &env{in: e.in, out: io.Discard, err: io.Discard, home: e.home, config: e.config}, now: time.Now, simulate: simulated, set: set, list: list, table: systemTable{e.smartCards()},
			only: []string{"scanner", "camera", "mrz", "reader", "serial", "clock", "network", "keys", "disk", "model"}}
		if set.StaffCards != nil {
			b.only = append(b.only, "staff")
		}
		b.report = selftest.Report{Program: station.Version, Station: set.Station.ID, At: b.now()}
		if err := b.devices(ctx); err != nil {
			technicianLog(e).Error("testing the devices", "err", err)
		}
		b.station(ctx, e.home)
		past, err := b.remember()
		if err != nil {
			technicianLog(e).Error("remembering the self-test", "err", err)
		}
		t := flow.SelfTest{At: b.report.At}
		signs := strings.NewReplacer("at least ", "≥ ", "at most ", "≤ ") // the page is in the clerk's language
		for _, c := range b.report.Checks {
			found := c.Measured()
			if c.Limit != "" {
				found += " · " + signs.Replace(c.Limit)
			}
			t.Checks = append(t.Checks, flow.Tested{Device: c.Device, ID: c.ID, Name: c.Name, Found: found, Outcome: string(c.Outcome), Trend: selftest.Trend(past, c.Key())})
		}
		return t
	}
}

// parts of a self-test that are no scanner or camera.
var stationParts = []string{"reader", "serial", "clock", "network", "keys", "disk", "queue", "model", "staff"}

// run runs the checks, writes the report and remembers it.
func (b *bench) run(ctx context.Context) error {
	var err error
	if b.set, err = b.settings(); err != nil && !b.simulate {
		return err
	}
	b.list = func(context.Context) ([]attachment, error) { return simulated(), nil }
	if !b.simulate {
		b.list = b.listAttached(b.set)
	}
	begun := b.now()
	b.report = selftest.Report{Program: station.Version, Station: b.set.Station.ID, At: begun, Devices: []device.Info{}, Checks: []selftest.Check{}}
	if err := b.devices(ctx); err != nil {
		return err
	}
	home, done, err := b.homeOfService()
	if err != nil {
		return err
	}
	b.station(ctx, home)
	if err := done(); err != nil {
		return err
	}
	for _, name := range b.only {
		if !slices.Contains(b.met, name) {
			return fmt.Errorf("testing %s: nothing of that name is attached; optag devices lists what is", name)
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("testing the station: %w", err)
	}
	b.report.Seconds = b.now().Sub(begun).Seconds()
	return errors.Join(b.finish(), b.saveCalibration())
}

// wants reports whether a part was asked for, by any of its names.
func (b *bench) wants(names ...string) bool {
	asked := len(b.only) == 0
	for _, n := range names {
		if n != "" && slices.Contains(b.only, n) {
			b.met = append(b.met, n)
			asked = true
		}
	}
	return asked
}

// devices checks scanners, cameras and the reader of documents.
func (b *bench) devices(ctx context.Context) error {
	list, err := b.list(ctx)
	if err != nil && len(list) == 0 {
		b.report.Add("station", "", selftest.Say("bus", "Buses", selftest.Fail, oneLine(err), "Run the program as the installed user; see the udev rules."))
	}
	kinds := []string{"scanner", "camera"}
	if b.set.Reader != nil || slices.Contains(b.only, "mrz") {
		kinds = append(kinds, "mrz")
	}
	for _, kind := range kinds {
		n := 0
		for i := range list {
			if d := &list[i]; d.Kind == kind {
				n++
				if b.wants(kind, d.Serial, d.Driver) {
					b.device(ctx, d)
				}
			}
		}
		if n == 0 && b.wants(kind) {
			b.missing(kind)
		}
	}
	return b.writeTrace()
}

// missing is the check of a device that is not there.
func (b *bench) missing(kind string) {
	named := map[string]string{"scanner": b.set.Scanner, "camera": b.set.Camera, "mrz": "none"}[kind] // one that is set is listed
	if named == "none" || named == "simulated" {
		b.report.Add(kind, "", selftest.Skip("answers", "Answers", fmt.Sprintf("None is attached, and the settings name %q.", named)))
		return
	}
	b.report.Add(kind, "", selftest.Say("answers", "Answers", selftest.Fail, "none is attached", "Push the plug in, at both ends; optag devices --watch shows what comes."))
}

// device checks one scanner, camera or reader. Another program may hold it, as the
// kiosk does while it runs.
func (b *bench) device(ctx context.Context, d *attachment) {
	info, checks, err := d.Info, []selftest.Check(nil), error(nil)
	switch {
	case d.scanner != nil:
		info, checks, err = b.scanner(ctx, d)
	case d.camera != nil:
		info, checks, err = b.camera(ctx, d)
	case d.reader != nil:
		info, checks, err = b.document(ctx, d)
	case d.service != nil:
		checks = b.behind(ctx, d)
	}
	if err != nil && len(checks) == 0 {
		checks = []selftest.Check{notOpened(err)}
	}
	b.report.Devices = append(b.report.Devices, info)
	certified := selftest.Say("certified", "Fit for enrolment by itself", selftest.Pass, "certified", "")
	if d.Kind == "scanner" {
		if !info.Certified {
			certified = selftest.Say("certified", "Fit for enrolment by itself", selftest.Warn, "not certified", "Its prints serve where the site's policy lets them; the record says so.")
		}
		checks = append(checks, certified)
	}
	b.report.Add(d.Kind, info.Serial, checks...)
}

// notOpened is the check of a device that could not be opened.
func notOpened(err error) selftest.Check {
	switch healthOf(err) {
	case "busy":
		return selftest.Skip("answers", "Answers", "Another program holds the device: close the kiosk, and run again.")
	case "forbidden":
		return selftest.Say("answers", "Answers", selftest.Fail, "no permission", "Install the udev rules, or run as the user the package made.")
	}
	return selftest.Say("answers", "Answers", selftest.Fail, oneLine(err), selftest.Advise(err))
}

func (b *bench) scanner(ctx context.Context, d *attachment) (device.Info, []selftest.Check, error) {
	var recorder *tape.Recorder
	var wrap wrapUSB
	if b.trace != "" {
		wrap = func(dev device.USB) device.USB {
			recorder = tape.Record(dev)
			recorder.Hide = blankPixels(d.head)
			return recorder
		}
	}
	s, err := d.scanner(ctx, wrap)
	if err != nil {
		return d.Info, nil, err
	}
	checks, err := selftest.Scanner(ctx, s, selftest.ScannerOptions{
		Drawn: d.drawn, Calibrated: d.calibrated, Pitch: b.pitch, Finger: b.finger, Lay: func() { b.lay(s) },
		Found: func(r selftest.Resolution) { b.found = append(b.found, calibration{s.Info(), r}) }})
	info := s.Info()
	err = errors.Join(err, s.Close())
	if recorder != nil {
		b.told = append(b.told, recorder.Transcript()...)
	}
	return info, checks, err
}

// lay asks for what is to be laid on the glass; a simulated scanner obeys.
func (b *bench) lay(s device.Scanner) {
	what := "a finger"
	if b.pitch > 0 {
		what = fmt.Sprintf("the ruled target of %g mm", b.pitch)
	}
	fmt.Fprintf(b.err, "optag: lay %s on the %s\n", what, s.Info().Model)
	if laid, ok := s.(interface {
		Lay(sim.Target)
	}); ok && b.pitch > 0 {
		laid.Lay(sim.Target{Pitch: b.pitch, Tilt: 1.5})
	}
}

func (b *bench) camera(ctx context.Context, d *attachment) (device.Info, []selftest.Check, error) {
	c, err := d.camera(ctx)
	if err != nil {
		return d.Info, nil, err
	}
	var o selftest.CameraOptions
	if kernel, ok := c.(*v4l2.Camera); ok {
		o.Counted = func() (came, lost int) {
			s := kernel.Stats()
			return s.Pictures + s.Passed, s.Dropped + s.Torn
		}
	}
	checks, err := selftest.Camera(ctx, c, o)
	if kernel, ok := c.(*v4l2.Camera); ok && err == nil {
		checks = append(checks, heldChecks(kernel)...)
	}
	return c.Info(), checks, errors.Join(err, c.Close())
}

// heldChecks say whether what the settings lock is held, after pictures were taken,
// and where the camera is else, for whoever wants to lock it.
func heldChecks(c *v4l2.Camera) []selftest.Check {
	all, err := c.Settings()
	if err != nil {
		return []selftest.Check{selftest.Say("held", "Adjustments held", selftest.Fail, oneLine(err), selftest.Advise(err))}
	}
	var checks []selftest.Check
	for _, s := range all {
		id, name := "held_"+strings.ReplaceAll(s.Adjustment.String(), " ", "_"), "Held: "+s.Adjustment.String()
		switch {
		case !s.Held:
			checks = append(checks, selftest.Skip(id, name, "The settings do not lock it: "+s.String()+"."))
		case s.Kept():
			checks = append(checks, selftest.Say(id, name, selftest.Pass, s.String(), ""))
		default:
			checks = append(checks, selftest.Say(id, name, selftest.Warn, s.String(), "Take it out of camera_lock in the settings, or take a camera that can; close what else uses the camera."))
		}
	}
	return checks
}

// blankPixels has every long transfer from the device written down as zeros,
// but for its first bytes, where those say how the image is laid out.
func blankPixels(head int) func(tape.Op) bool {
	const short = 64
	return func(op tape.Op) bool {
		if op.Kind == tape.Bulk && op.In() && len(op.Data) > short {
			clear(op.Data[head:])
		}
		return false
	}
}

// writeTrace writes what was said with the scanners on the USB.
func (b *bench) writeTrace() error {
	if b.trace == "" {
		return nil
	}
	if len(b.told) == 0 {
		return errors.New("tracing: no scanner on the USB was spoken to")
	}
	head := "# A self-test on " + b.report.At.UTC().Format(time.RFC3339) + ", pixels left out.\n"
	return writeReport(b.trace, func(w *bytes.Buffer) error {
		w.WriteString(head + b.told.String())
		return nil
	})
}

// homeOfService is the home with keys and queue; in a simulation one that is
// made for it, with a service of its own.
func (b *bench) homeOfService() (home string, done func() error, err error) {
	if !b.simulate {
		return b.home, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "optag-selftest")
	if err != nil {
		return "", nil, err
	}
	home = filepath.Join(dir, "home")
	private, err := trust.StartPrivate(home, filepath.Join(dir, "service"), b.set.Station.ID, nil)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	q, err := station.OpenQueue(home, private.Pair.Service, b.now)
	if err == nil {
		err = q.Close()
	}
	if err != nil {
		return "", nil, errors.Join(err, private.Close(), os.RemoveAll(dir))
	}
	return home, func() error { return errors.Join(private.Close(), os.RemoveAll(dir)) }, nil
}

// station checks what is no scanner and no camera.
func (b *bench) station(ctx context.Context, home string) {
	b.cards(ctx)
	if b.wants("serial") {
		b.report.Add("serial", "", b.lines()...)
	}
	checks := map[string]func() []selftest.Check{
		"disk": b.disk, "queue": func() []selftest.Check { return queueChecks(home, b.now) }, "model": b.modelChecks,
	}
	if b.set.StaffCards != nil || slices.Contains(b.only, "staff") {
		checks["staff"] = func() []selftest.Check { return b.staffChecks(ctx) }
	}
	keys, service := b.keyChecks(home)
	checks["keys"] = func() []selftest.Check { return keys }
	if b.wants("network") || b.wants("clock") {
		network, clock := b.networkChecks(ctx, service)
		checks["network"] = func() []selftest.Check { return network }
		checks["clock"] = func() []selftest.Check { return clock }
	}
	for _, name := range stationParts {
		if check := checks[name]; check != nil && b.wants(name, "station") {
			b.report.Add("station", "", check()...)
		}
	}
}

// lines says whether the serial lines may be opened; nothing is opened, as that
// moves the wires of a device.
func (b *bench) lines() []selftest.Check {
	if b.simulate {
		return []selftest.Check{selftest.Skip("lines", "Serial lines", "A simulated station has none.")}
	}
	list := onLines(station.Settings{})
	if len(list) == 0 {
		return []selftest.Check{selftest.Skip("lines", "Serial lines", "None is attached.")}
	}
	var checks []selftest.Check
	for _, d := range list {
		c := selftest.Say("line "+d.Model, "Serial line "+d.Model, selftest.Pass, d.At, "")
		if err := mayOpen(d.At); err != nil {
			c = selftest.Say(c.ID, c.Name, selftest.Fail, "no permission", "Install the udev rules, or put the user into the group dialout.")
		}
		checks = append(checks, c)
	}
	return checks
}

// mayOpen reports whether the serial line could be opened by this user.
func mayOpen(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeDevice == 0 || access(path) != nil {
		return fmt.Errorf("looking at %s: %w", path, serialport.ErrForbidden)
	}
	return nil
}
