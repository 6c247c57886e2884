package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"optag/device"
	"optag/device/sbi"
	"optag/device/selftest"
)

// The limits of devices behind their makers' services. MOSIP's specification
// asks for three pictures a second, five minutes between clocks and keys of 30
// days; its reference client for a capture within 4 s. The rest is ours.
var (
	findLimit   = selftest.Limit{Good: 500, Bad: 2500}           // milliseconds; 2 s where a service hangs
	keyLimit    = selftest.Limit{Good: 3, Bad: 0, Least: true}   // days
	issuerLimit = selftest.Limit{Good: 30, Bad: 0, Least: true}  // days; the chip's key never changes
	liveLimit   = selftest.Limit{Good: 3, Bad: 1, Least: true}   // pictures a second
	takenLimit  = selftest.Limit{Good: 4, Bad: 15}               // seconds
	skewLimit   = selftest.Limit{Good: 30, Bad: 300}             // seconds
	ownLimit    = selftest.Limit{Good: 40, Bad: 20, Least: true} // the device's own score, of NFIQ 2's scale
)

// behind checks a device behind its maker's service.
func (b *bench) behind(ctx context.Context, d *attachment) []selftest.Check {
	s := d.service
	checks := append([]selftest.Check{b.discovery(ctx, s)}, b.trustChecks(s)...)
	dev, err := s.open(ctx)
	if err != nil {
		return append(checks, selftest.Say("answers", "Answers", selftest.Fail, oneLine(err), adviseSBI(err)))
	}
	defer dev.Close()
	if s.found.Kind == sbi.Face {
		return append(append(checks, b.faceStream(ctx, dev)...), b.faceChecks(ctx, dev)...)
	}
	checks = append(checks, selftest.Say("answers", "Answers", selftest.Pass, "firmware "+or(dev.Info().Firmware, "not told"), ""), b.stream(ctx, dev))
	return append(checks, b.printChecks(ctx, dev)...)
}

// discovery measures how long a look at all ports takes.
func (b *bench) discovery(ctx context.Context, s *service) selftest.Check {
	begun, n := time.Now(), 0
	for range s.host.Scan(ctx) {
		n++
	}
	c := selftest.Judge("discovery", "All ports asked in", float64(time.Since(begun).Milliseconds()), "ms", findLimit,
		"A service that hangs holds the search up: optag devices says which.")
	c.Text = fmt.Sprintf("%d devices found", n)
	return c
}

// trustChecks look at what the device said of itself, and how long its keys are
// good for.
func (b *bench) trustChecks(s *service) []selftest.Check {
	f, trusted := &s.found, selftest.Say("trust", "Trusted", selftest.Pass, "level "+s.found.Level+", on the list, keys by pinned issuers", "")
	if f.Err != nil {
		trusted = selftest.Say("trust", "Trusted", selftest.Fail, oneLine(f.Err), adviseSBI(f.Err))
	}
	checks := []selftest.Check{trusted}
	days := func(id, name string, until time.Time, l selftest.Limit, do string) {
		if until.IsZero() {
			checks = append(checks, selftest.Skip(id, name, "No certificate was seen."))
			return
		}
		checks = append(checks, selftest.Judge(id, name, until.Sub(b.now()).Hours()/24, "days", l, do))
	}
	days("device_key", "Key of the device is good for", f.KeyUntil, keyLimit, "The maker's service renews it: see that it reaches its provider.")
	if f.Level == "L1" {
		days("chip_key", "Key of its chip is good for", f.ChipUntil, issuerLimit, "The chip's key cannot be renewed: ask for another device.")
	}
	days("issuer", "Pinned issuers are good for", s.host.IssuersUntil(), issuerLimit, "Ask the provider for its new certificate, and name it in sbi of the settings.")
	return checks
}

// adviseSBI says what to do about a device behind a service.
func adviseSBI(err error) string {
	switch {
	case errors.Is(err, sbi.ErrUntrusted):
		return "Compare issuers, chips and devices of sbi in the settings with what the provider says; until they agree no case may use the device."
	case errors.Is(err, sbi.ErrClock):
		return "Set the clock of this machine, and let it follow a time server."
	case errors.Is(err, sbi.ErrNotRegistered):
		return "Have the provider register the device."
	case errors.Is(err, device.ErrSilent):
		return "Restart the maker's service; then pull the plug of the device out, and push it in again."
	case errors.Is(err, sbi.ErrBusy):
		return "Close what else uses the device, and run again."
	case errors.Is(err, sbi.ErrTimeout), errors.Is(err, sbi.ErrWrongFinger), errors.Is(err, sbi.ErrPoor):
		return "Run again, and do what is asked for."
	}
	return selftest.Advise(err)
}

// stream counts the pictures of a scanner's live stream.
func (b *bench) stream(ctx context.Context, dev *sbi.Device) selftest.Check {
	const id, name, long = "rate", "Pictures each second", 2 * time.Second
	limited, stop := context.WithTimeout(ctx, 3*long)
	defer stop()
	var times []time.Time
	for _, err := range dev.Preview(limited, []sbi.Finger{sbi.RightIndex}) {
		if err != nil {
			return selftest.Say(id, name, selftest.Fail, oneLine(err), adviseSBI(err))
		}
		if times = append(times, time.Now()); time.Since(times[0]) >= long {
			break
		}
	}
	rate, _ := selftest.Pace(times)
	return selftest.Judge(id, name, rate, "", liveLimit, "Close what else the machine does; ask the maker.")
}

// faceStream looks at the live stream of a camera as at any camera's.
func (b *bench) faceStream(ctx context.Context, dev *sbi.Device) []selftest.Check {
	checks, err := selftest.Camera(ctx, dev.Camera(sbi.Request{}), selftest.CameraOptions{Rate: liveLimit.Good})
	for i := range checks {
		if c := &checks[i]; err != nil && c.Outcome == selftest.Fail {
			c.Text, c.Do = oneLine(err), adviseSBI(err)
		}
	}
	return checks
}

// printChecks have a finger taken twice: the second hash rests on the first.
func (b *bench) printChecks(ctx context.Context, dev *sbi.Device) []selftest.Check {
	if !b.finger {
		return skipCapture("Run again with --finger, and lay the right index finger on when asked.")
	}
	fmt.Fprintf(b.err, "optag: lay the right index finger on the %s, and leave it there\n", dev.Info().Model)
	var last sbi.Print
	took, err := twice(func(chain *sbi.Chain) error {
		prints, err := dev.Capture(ctx, sbi.Request{Fingers: []sbi.Finger{sbi.RightIndex}, Chain: chain, Timeout: 20 * time.Second})
		if err == nil {
			sbi.Wipe([]sbi.Print{last})
			last = prints[0]
		}
		return err
	})
	checks := b.captured(took, last.At, last.Score, err)
	if err == nil {
		checks = append(checks, selftest.Print(last.Image)...)
	}
	return checks
}

// faceChecks have a face taken twice; the pictures are wiped.
func (b *bench) faceChecks(ctx context.Context, dev *sbi.Device) []selftest.Check {
	if !b.portrait {
		return skipCapture("Run again with --portrait, and somebody before the camera.")
	}
	fmt.Fprintf(b.err, "optag: look into the %s\n", dev.Info().Model)
	var last sbi.Portrait
	took, err := twice(func(chain *sbi.Chain) (err error) {
		last, err = dev.Portrait(ctx, sbi.Request{Chain: chain, Timeout: 20 * time.Second})
		last.Wipe()
		return err
	})
	return b.captured(took, last.At, last.Score, err)
}

// twice captures twice along one chain of hashes, and returns how long the second
// took.
func twice(capture func(*sbi.Chain) error) (took time.Duration, err error) {
	var chain sbi.Chain
	for range 2 {
		begun := time.Now()
		if err := capture(&chain); err != nil {
			return 0, err
		}
		took = time.Since(begun)
	}
	return took, nil
}

func skipCapture(why string) []selftest.Check {
	return []selftest.Check{selftest.Skip("capture", "A capture takes", why), selftest.Skip("hashes", "Chain of hashes", why),
		selftest.Skip("device_clock", "Clock of the device", why), selftest.Skip("own_score", "The device's own score", why)}
}

// captured judges two captures, of which the second took so long.
func (b *bench) captured(took time.Duration, at time.Time, score float64, err error) []selftest.Check {
	checks := skipCapture("There was no capture.")
	switch {
	case errors.Is(err, sbi.BadHash):
		checks[1] = selftest.Say("hashes", checks[1].Name, selftest.Fail, "broken", "The service must not be used: ask the maker.")
	case errors.Is(err, sbi.ErrClock):
		checks[2] = selftest.Say("device_clock", checks[2].Name, selftest.Fail, oneLine(err), adviseSBI(err))
	case err == nil:
		checks[1] = selftest.Say("hashes", checks[1].Name, selftest.Pass, "two captures, every hash right", "")
		checks[2] = selftest.Judge("device_clock", checks[2].Name, b.now().Sub(at).Abs().Seconds(), "s off", skewLimit, "Set the clock of this machine, and let it follow a time server.")
		checks[3] = selftest.Judge("own_score", checks[3].Name, score, "", ownLimit, "Wipe the glass or the lens; light on the face.")
		checks[0] = selftest.Judge("capture", checks[0].Name, took.Seconds(), "s", takenLimit, "Leave the finger flat on the glass; then ask the maker.")
		return checks
	}
	checks[0] = selftest.Say("capture", checks[0].Name, selftest.Fail, oneLine(err), adviseSBI(err))
	return checks
}
