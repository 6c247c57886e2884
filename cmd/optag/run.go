package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"optag/cmd/optag/internal/draft"
	"optag/cmd/optag/internal/harden"
	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
)

// runKiosk shows the counter until it is closed.
func runKiosk(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag run")
	simulated := f.Bool("simulate", false, "simulated devices, and a receiving service of its own on loopback")
	slaps := f.Bool("slaps", false, "with --simulate: a scanner that takes four fingers at once")
	window := f.String("window", "", "WxH: a window of this size instead of the full screen")
	alone := f.Bool("no-supervisor", false, "for debugging: one process, which keeps no draft of the case in progress")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag run takes no argument")
	}
	size, err := parseSize(*window)
	if err != nil {
		return err
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("there is no display; optag demo does without one")
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	supervised := false
	if e.key, supervised = draft.KeyFromParent(); !supervised && !*alone && runtime.GOOS == "linux" {
		return supervise(ctx, e, args)
	}
	harden.Start(technicianLog(e))
	o := kioskOptions{size: size, scale: set.Scale, person: set.Person, quit: *simulated || !size.IsZero()}
	if *simulated {
		return simulatedKiosk(ctx, e, o, *slaps)
	}
	return realKiosk(ctx, e, set, o)
}

// technicianLog is what a technician reads: standard error, without anything of
// an applicant.
func technicianLog(e *env) *slog.Logger { return slog.New(slog.NewTextHandler(e.err, nil)) }

func simulatedKiosk(ctx context.Context, e *env, o kioskOptions, slaps bool) error {
	k := newKiosk(o)
	m, err := newSimulation(e, simulate.Script{Person: 1, Slaps: slaps}, technicianLog(e), k.see)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.err, "optag: "+simulatedLogin())
	return errors.Join(k.run(ctx, m.Station), m.Close())
}

// realKiosk is the counter with the devices of the settings and the service it
// trusts.
func realKiosk(ctx context.Context, e *env, set station.Settings, window kioskOptions) error {
	if len(set.Officers) == 0 {
		return errors.New("nobody may log in; optag officer add ID NAME makes an officer")
	}
	id, service, err := e.keys()
	if err != nil {
		return err
	}
	var k *kiosk
	o := station.Options{
		Home: e.home, Settings: set, Identity: id, Service: service, Buses: buses, SelfTest: e.atTheCounter(set, e.listAttached(set), false), Model: e.model(technicianLog(e)),
		Screens: func(s *flow.State) { k.see(s) },
		Drafts:  e.drafts(set.Station.ID), Log: technicianLog(e), Now: time.Now,
	}
	if err := e.attach(ctx, set, &o); err != nil {
		return err
	}
	staff, err := e.staffReaders(set)
	if err != nil {
		return err
	}
	defer staff.Close()
	if staff != nil {
		o.Staff = staff
	}
	k = newKiosk(window)
	st, err := station.New(o)
	if err != nil {
		return err
	}
	tellSalvage(e, st.Queue())
	return errors.Join(k.run(ctx, st), st.Close())
}
