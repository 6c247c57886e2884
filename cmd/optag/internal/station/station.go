// Package station is the running counter: it owns the state machine of ui/flow,
// does what that asks for with devices, seal, queue and network, and hands each
// new state to the screens. It holds no rule and draws nothing.
//
// One goroutine, in [Station.Run], owns everything of the case. Whatever waits
// for a device, the disk of the queue or the network runs beside it and reports
// back with an event.
package station

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"optag/capture/finger"
	"optag/capture/finger/nfiq2"
	"optag/cmd/internal/trust"
	"optag/device"
	"optag/queue"
	"optag/queue/audit"
	"optag/queue/seal"
	"optag/queue/upload"
	"optag/ui/flow"
	"optag/ui/present"
	"optag/ui/preview"
)

// Version is that of the program, in every package and log.
const Version = "optag 0.1"

// Options are what a station is made of. Everything but Buses, OpenReader, Chips, Staff, AskCamera, SelfTest, OpenCapturer, Model,
// Screens, Drafts, Effects and Log is required.
type Options struct {
	Home     string
	Settings Settings
	Identity *trust.Station
	Service  *trust.Service

	OpenScanner func() (device.Scanner, error)
	OpenCamera  func() (device.Camera, error)

	// Buses says what is plugged in where, in any words that change with
	// every plug; it opens nothing. Without it devices that are not in use
	// are opened every second to see that they are there.
	Buses func() string

	// OpenReader opens the reader of travel documents; nil where there is none.
	OpenReader func() (device.LineReader, error)

	// Chips reads chips for their holders; nil where there is no reader for them.
	Chips *Chips

	// Staff are the readers of staff cards; nil where the settings know of none.
	Staff StaffReaders

	// AskCamera: the camera shows on no bus, as one behind a service; at rest it
	// is asked every second whether it is there. OpenCapturer's always is.
	AskCamera bool

	// SelfTest tests the devices for a technician, while nobody uses them; nil
	// tests nothing.
	SelfTest func(context.Context) flow.SelfTest

	// OpenCapturer opens a scanner that takes fingers by itself, in place of
	// OpenScanner; nil where there is none.
	OpenCapturer func() (Capturer, error)

	// Model scores the prints; nil leaves it to the estimate.
	Model *nfiq2.Model

	// Screens is told of each new state, on the station's own goroutine: it
	// must read what it needs before it returns.
	Screens func(*flow.State)

	// Drafts keep the case in progress; nil keeps nothing.
	Drafts Drafts

	// Effects is handed what the station itself cannot do: Sound. It is called
	// on the station's own goroutine and may be nil.
	Effects func(flow.Effect)

	Log *slog.Logger // for the technician; nil discards
	Now func() time.Time
}

// A Station is a counter that is running or about to.
type Station struct {
	Finger *preview.Ring // what lies on the glass
	Face   *preview.Ring // who stands before the camera

	opt      Options
	settings Settings
	counter  *flow.Counter
	queue    *queue.Queue
	client   *upload.Client
	random   io.Reader
	logins   logins
	drafts   *drafting
	tech     *slog.Logger

	inbox   chan func() // work for the loop
	kick    chan struct{}
	done    chan struct{} // closed when Run returns
	ctx     context.Context
	helpers sync.WaitGroup
	scanner prints
	camera  *cameraLoop
	reader  *readerLoop // nil where there is none
	cards   *cardLoop   // likewise
	staff   *staffLoop  // likewise, of readers of staff cards
	seen    outside
	screens func(*flow.State)
}

// prints is what drives the scanner, of either kind.
type prints interface {
	watch(w flow.Watch)
	force()
	rest()
	retry()
	plugged()
	hold() (release func())
	state(ask bool) (device.Info, bool)
}

// New opens the queue of a home and makes a counter at which nobody is logged
// in. Close must be called.
func New(o Options) (*Station, error) {
	s := &Station{
		Finger: preview.New(), Face: preview.New(),
		opt: o, settings: o.Settings, random: rand.Reader, tech: o.Log, screens: o.Screens,
		logins: logins{map[string]int{}},
		inbox:  make(chan func(), 64), kick: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if s.tech == nil {
		s.tech = slog.New(slog.DiscardHandler)
	}
	s.settings.Profile.Algorithm = (&finger.Assessor{Model: o.Model}).Algorithm()
	if (o.Staff == nil) != (o.Settings.StaffCards == nil) {
		return nil, errors.New("preparing the log-in: readers of staff cards go with settings of them")
	}
	var err error
	if s.queue, err = OpenQueue(o.Home, o.Service, o.Now); err != nil {
		return nil, err
	}
	up, err := o.Identity.UploadOptions(o.Service)
	if err == nil {
		s.client, err = upload.New(up)
	}
	if err != nil {
		s.queue.Close()
		return nil, fmt.Errorf("preparing delivery: %w", err)
	}
	s.counter = flow.New(o.Settings.Station, flow.Settings{
		Language: o.Settings.Language, Profile: s.settings.Profile,
		Texts: present.RightsText, Idle: time.Duration(o.Settings.Idle), Cards: o.Chips != nil,
		Staff: o.Settings.logIn(),
	})
	s.drafts = newDrafting(s, o.Drafts)
	s.drafts.resume()
	return s, nil
}

// OpenQueue opens the queue of a home with the receipts of the service it
// trusts. service may be nil; then no receipt counts.
func OpenQueue(home string, service *trust.Service, now func() time.Time) (*queue.Queue, error) {
	o := queue.Options{Now: now}
	if service != nil {
		o.VerifyReceipt = func(raw []byte) (queue.Claim, error) {
			r, err := seal.VerifyReceipt(raw, service.ReceiptKeys...)
			if err != nil {
				return queue.Claim{}, err
			}
			return claim(r)
		}
	}
	return queue.Open(QueueDir(home), o)
}

// Run runs the counter until ctx ends.
func (s *Station) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	s.ctx = ctx
	orderly := false // not when the loop panics
	defer func() {
		stop()
		close(s.done)
		if !orderly {
			s.crashed()
			return
		}
		s.helpers.Wait()
		s.drafts.end()
	}()
	s.log("program_started", Version, "")
	s.scanner, s.camera = newScannerLoop(s), newCameraLoop(s)
	if s.opt.OpenCapturer != nil {
		s.scanner = newCapturerLoop(s)
	}
	if s.opt.OpenReader != nil {
		s.reader = newReaderLoop(s)
		s.reader.start()
	}
	if s.opt.Chips != nil {
		s.cards = newCardLoop(s)
	}
	if s.opt.Staff != nil {
		s.staff = newStaffLoop(s)
		s.background(s.staff.run)
	}
	s.background(s.deliver)
	s.background(s.watchOutside)
	s.background(s.watchDevices)
	if s.drafts.store != nil {
		s.background(s.drafts.run)
	}
	s.show()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			s.log("program_stopped", "", "")
			orderly = true
			return nil
		case work := <-s.inbox:
			work()
		case <-ticker.C:
			s.handle(flow.Tick{})
		}
	}
}

// crashed lets the last draft be written, and does not hold the crash up for
// longer: a device that hangs must not keep a broken kiosk on the screen.
func (s *Station) crashed() {
	idle := make(chan struct{})
	go func() {
		s.helpers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(2 * time.Second):
	}
}

// Close wipes what is held of a person and closes the queue. It is called
// after Run has returned, or instead of it.
func (s *Station) Close() error {
	if c := s.counter; c.Session != nil {
		c.Session.Wipe()
	}
	s.counter.Face.Wipe()
	s.Finger.Close()
	s.Face.Close()
	s.client.Close()
	return s.queue.Close()
}

// Send hands an event to the counter. It may be called from any goroutine, and
// does nothing once the station has stopped.
func (s *Station) Send(e flow.Event) { s.later(func() { s.handle(e) }) }

// SendThen hands an event to the counter and calls then on the station's own
// goroutine once it has been taken, before the screens are told.
func (s *Station) SendThen(e flow.Event, then func()) {
	s.later(func() {
		s.step(e)
		then()
		s.show()
	})
}

// Act hands the counter the event that f makes of its state; nil is none. It
// may be called from any goroutine.
func (s *Station) Act(f func(*flow.State) flow.Event) {
	s.later(func() {
		if e := f(&s.counter.State); e != nil {
			s.handle(e)
		}
	})
}

// Queue is the station's queue, for reading.
func (s *Station) Queue() *queue.Queue { return s.queue }

// later has work done on the loop.
func (s *Station) later(work func()) {
	select {
	case s.inbox <- work:
	case <-s.done:
	}
}

// background runs work beside the loop, and waits for it at the end.
func (s *Station) background(work func()) {
	s.helpers.Add(1)
	go func() {
		defer s.helpers.Done()
		work()
	}()
}

// handle takes one event through the counter and does what it asks for.
func (s *Station) handle(e flow.Event) {
	s.step(e)
	s.show()
}

func (s *Station) step(e flow.Event) {
	for _, effect := range s.counter.On(e, s.now()) {
		s.perform(effect)
	}
	if s.staff != nil {
		s.staff.follow(s.counter.Officer)
	}
}

func (s *Station) show() {
	if s.screens != nil {
		s.screens(&s.counter.State)
	}
}

func (s *Station) now() time.Time { return s.opt.Now() }

func (s *Station) perform(e flow.Effect) {
	switch e := e.(type) {
	case flow.CheckPIN:
		s.checkPIN(e)
	case flow.CheckCard:
		s.staff.ask(e)
	case flow.Watch:
		s.scanner.watch(e)
	case flow.ForceTake:
		s.scanner.force()
	case flow.Unwatch:
		s.scanner.rest()
	case flow.OpenCamera:
		s.camera.look()
	case flow.TakePicture:
		s.camera.shoot()
	case flow.LookAway:
		s.camera.rest()
	case flow.AwaitCards:
		s.cards.await()
	case flow.ReadCard:
		s.cards.ask(e)
	case flow.LeaveCards:
		s.cards.end()
	case flow.Reopen:
		s.scanner.retry()
		s.camera.retry()
	case flow.TestDevices:
		s.background(s.selfTest)
	case flow.SealCase:
		s.sealCase(e.Session)
	case flow.MakeNotice:
		s.makeNotice(e.Notice)
	case flow.Deliver:
		s.Deliver()
	case flow.Forget:
		e.Session.Wipe()
		s.drafts.forget()
	case flow.SaveDraft:
		s.drafts.save(e.Session)
	case flow.Log:
		s.log(e.Event, e.Detail, e.Actor)
	case flow.Sound:
		if s.opt.Effects != nil {
			s.opt.Effects(e)
		}
	}
}

// Deliver asks for the queue to be sent now.
func (s *Station) Deliver() {
	select {
	case s.kick <- struct{}{}:
	default: // asked for already
	}
}

// log enters a line into the tamper-evident log. A log that cannot be written
// is told to the technician; the queue itself stops taking packages then.
func (s *Station) log(event, detail, actor string) {
	e := audit.Entry{Actor: actor, Event: audit.Event(event)}
	if actor == "" {
		e.Actor = "station"
	}
	if detail != "" {
		e.Details = map[string]string{"what": detail}
	}
	if err := s.queue.Log(e); err != nil {
		s.tech.Error("writing the log", "event", event, "err", err)
	}
}

// cause turns a device's error into the code that the screens know.
func cause(err error) string {
	switch {
	case errors.Is(err, device.ErrUnplugged):
		return "unplugged"
	case errors.Is(err, device.ErrSilent):
		return "silent"
	case errors.Is(err, device.ErrGarbled):
		return "garbled"
	}
	return "failed"
}
