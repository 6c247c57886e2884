// Package simulate is a counter without hardware and without people: simulated
// devices with an applicant before them who follows the applicant's screen, and
// a clerk who follows a script. Both see what a person would see, the state of
// the counter, and nothing else.
package simulate

import (
	"optag/capture"
	"optag/device"
	"optag/device/sim"
	"optag/testdata/gen"
	"optag/ui/flow"
)

// Devices are a simulated scanner and camera with a person before them.
type Devices struct {
	Scanner *sim.Scanner
	Camera  *sim.Camera
	person  *sim.Applicant
}

// NewDevices makes the devices of a script and its person, who deviates from
// what is asked as the script says.
func NewDevices(s Script) *Devices {
	seed := uint64(s.Person)
	d := &Devices{Scanner: sim.NewScanner(sim.Options{Person: s.Person, Seed: seed, Slaps: s.Slaps}),
		Camera: sim.NewCamera(sim.CameraOptions{Person: s.Person, Seed: seed})}
	d.person = sim.NewApplicant(d.Scanner, d.Camera, sim.ApplicantOptions{Person: s.Person, Plan: s.Plan, Seed: seed})
	return d
}

// OpenScanner opens the scanner as a driver is opened.
func (d *Devices) OpenScanner() (device.Scanner, error) { return d.Scanner.Open() }

// OpenCamera opens the camera as a driver is opened.
func (d *Devices) OpenCamera() (device.Camera, error) { return d.Camera.Open() }

// Close makes the person go away.
func (d *Devices) Close() { d.person.Close() }

// See has the person look at their screen and do what it asks.
func (d *Devices) See(s *flow.State) {
	switch s.Page {
	case flow.Prints:
		d.seePrints(s.Finger)
	case flow.Portrait:
		if kept, _ := s.Session.Portrait(); kept == nil {
			d.person.AskLook()
			d.heed(s.FaceAdvice())
			return
		}
		d.person.Rest()
	case flow.Login, flow.Home, flow.Delivery:
		d.person.Leave()
	default:
		d.person.Rest()
	}
}

func (d *Devices) seePrints(f flow.FingerState) {
	switch {
	case f.Taken != 0 || f.Live.Phase == capture.Clearing || f.Live.Phase == capture.Done:
		d.person.AskLift()
	case f.Asked() != 0 && f.Live.Phase != "":
		d.person.Ask(positions(f.Task)...)
		d.heed(f.Live.Advice)
	}
}

func positions(t capture.Task) []gen.Position {
	all := make([]gen.Position, len(t.Fingers))
	for i, p := range t.Fingers {
		all[i] = gen.Position(p)
	}
	return all
}

func (d *Devices) heed(r device.Retry) {
	if r != "" {
		d.person.Heed(r)
	}
}
