package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd/emrtdtest"
	"optag/ui/flow"
)

// Who may log in at a simulated station that has no officers of its own.
const (
	simulatedStaff = "4718"
	simulatedPIN   = "1234"
)

// A simulation is a station on simulated devices with a receiving service of
// its own on loopback.
type simulation struct {
	*station.Station
	Intake  *trust.Private
	Devices *simulate.Devices
	Cards   *simulatedCards
	Staff   *staffReaders // nil where the settings name none
	Service string        // directory of the service's data
}

// newSimulation builds one in e.home. The service's data lie beside the home,
// never in it. A home that trusts a real service is refused. Other devices may
// be put in the place of the simulated ones.
func newSimulation(e *env, script simulate.Script, log *slog.Logger, screens func(*flow.State), amend ...func(*station.Options)) (*simulation, error) {
	set, err := e.settings()
	if err != nil {
		return nil, err
	}
	if len(set.Officers) == 0 {
		pin, err := station.HashPIN(rand.Reader, simulatedPIN, 1) // everybody knows it
		if err != nil {
			return nil, err
		}
		set.Officers = []station.Officer{{ID: simulatedStaff, Name: "K. Lund", Role: "clerk", PIN: pin}}
		set.StaffCards = nil // of which this one has none
	}
	set.Profile.Uncertified = true // simulators are not certified, and nothing here is real
	set.Profile.Agency = cmp.Or(set.Profile.Agency, "DNKsim01")
	set.Station.Kind = cmp.Or(script.Kind, set.Station.Kind)
	m := &simulation{Service: filepath.Clean(e.home) + "-service"}
	if m.Staff, err = e.staffReaders(set); err != nil {
		return nil, err
	}
	m.Devices, m.Cards = simulate.NewDevices(script), newSimulatedCards()
	if m.Intake, err = trust.StartPrivate(e.home, m.Service, set.Station.ID, log, m.Cards.opens(log)); err != nil {
		return nil, err
	}
	terminal, err := terminals(&station.Signer{}, m.Intake.Station, m.Intake.Pair.Service)
	if err != nil {
		return nil, errors.Join(err, m.Intake.Close())
	}
	o := station.Options{
		Home: e.home, Settings: set, Identity: m.Intake.Station, Service: m.Intake.Pair.Service,
		OpenScanner: m.Devices.OpenScanner, OpenCamera: m.Devices.OpenCamera, Chips: m.Cards.chips(terminal), Model: e.model(log),
		Screens: func(s *flow.State) {
			m.Devices.See(s)
			if screens != nil {
				screens(s)
			}
		},
		Drafts: e.drafts(set.Station.ID), Log: log, Now: time.Now,
	}
	o.SelfTest = e.atTheCounter(set, m.attached, true)
	if m.Staff != nil {
		o.Staff = m.Staff
	}
	for _, a := range amend {
		a(&o)
	}
	if m.Station, err = station.New(o); err != nil {
		return nil, errors.Join(err, m.Intake.Close())
	}
	return m, nil
}

// attached are the simulated devices that are plugged in.
func (m *simulation) attached(context.Context) ([]attachment, error) {
	d := m.Devices
	list := []attachment{
		{Kind: "scanner", Info: d.Scanner.Info(), scanner: func(context.Context, wrapUSB) (device.Scanner, error) { return d.OpenScanner() }},
		{Kind: "camera", Info: d.Camera.Info(), camera: func(context.Context) (device.Camera, error) { return d.OpenCamera() }},
	}
	return list, nil
}

// Close ends the station, the people and the service.
func (m *simulation) Close() error {
	m.Devices.Close()
	m.Staff.Close()
	return errors.Join(m.Station.Close(), m.Intake.Close())
}

// A robot lets a scripted clerk work at a station, one event at a time.
type robot struct {
	clerk *simulate.Clerk
	pace  time.Duration // between looking and acting
	busy  bool          // an event is on its way; belongs to the station's goroutine
	wait  func()        // until what is shown has been seen; nil is not to wait
	over  context.CancelFunc
	send  func(flow.Event, func())
}

// see is called with each state, on the station's goroutine.
func (r *robot) see(s *flow.State) {
	if r.busy {
		return
	}
	e := r.clerk.Next(s)
	if r.clerk.Done || r.clerk.Stuck != "" {
		r.busy = true
		go func() {
			r.pause()
			r.over()
		}()
		return
	}
	if e == nil {
		return
	}
	r.busy = true
	go func() {
		r.pause()
		r.send(e, func() { r.busy = false })
	}()
}

// pause lets a person see the screen.
func (r *robot) pause() {
	time.Sleep(r.pace)
	if r.wait != nil {
		r.wait()
	}
}

// simulatedLogin tells whoever runs a simulation how to get in.
func simulatedLogin() string {
	return fmt.Sprintf("log in with staff number %s and PIN %s; the chip of the card in the reader opens with %s", simulatedStaff, simulatedPIN, emrtdtest.Specimen(nil, time.Now()).CAN)
}
