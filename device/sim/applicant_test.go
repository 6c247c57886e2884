package sim_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/sim"
	"optag/testdata/gen"
)

// What an applicant does, for somebody to read who does not program. "plan" is a
// line of the plan; the other lines are what the applicant's screen says, or
// time that passes. What is seen at the counter stands indented after each line
// at which it has changed. The pace is half a second, more or less.
var atTheCounter = []struct{ name, text string }{
	{"does what is asked", `
ask right_index
wait 1s
	right_index on the glass
lift
wait 1s
	glass clear
look
wait 1s
	before the camera
ask left_index
wait 1s
	left_index on the glass
rest
wait 1s
	glass clear
leave
wait 1s
	away from the camera
`},
	{"a screen drawn twice changes nothing", `
ask right_index
ask right_index
wait 1s
	right_index on the glass
ask right_index
wait 1m
`},
	{"changes their mind with the screen", `
ask right_index
lift
wait 1m
ask left_index
ask left_middle
wait 1s
	left_middle on the glass
`},
	{"lifts one finger before placing the other, though nobody asks", `
ask right_index
wait 1s
	right_index on the glass
ask left_index
wait 700ms
	glass clear
wait 700ms
	left_index on the glass
`},
	{"the finger is left lying, and is not taken for the left index", `
plan right_index: lying for 4s
ask right_index
wait 1s
	right_index on the glass
lift
wait 3s
ask left_index
wait 800ms
wait 400ms
	glass clear
wait 700ms
	left_index on the glass
`},
	{"the same finger twice", `
plan left_index: same_as right_index
ask left_index
wait 1s
	right_index on the glass
heed other_finger
heed other_finger
wait 2s
	left_index on the glass
`},
	{"presses harder when told, without lifting", `
plan right_index: press_harder
ask right_index
wait 1s
	right_index lightly on the glass
heed press_harder
wait 1s
	right_index on the glass
heed press_harder
wait 1m
`},
	{"presses too lightly twice, and then well", `
plan right_index: press_harder, press_harder
ask right_index
wait 1s
	right_index lightly on the glass
lift
wait 1s
	glass clear
ask right_index
wait 1s
	right_index lightly on the glass
lift
wait 1s
	glass clear
ask right_index
wait 1s
	right_index on the glass
`},
	{"lifts and places again when told to lift", `
ask right_index
wait 1s
	right_index on the glass
heed lift
wait 700ms
	glass clear
wait 1s
	right_index on the glass
`},
	{"does nothing, and then something", `
plan right_index: idle for 10s, idle
ask right_index
wait 9s
wait 2s
	right_index on the glass
lift
wait 1s
	glass clear
ask right_index
wait 1h
`},
	{"the scanner is pulled out, and plugged in after three seconds", `
plan unplug at left_index for 3s
ask left_index
wait 700ms
	left_index on the glass
wait 1s
	scanner unplug
wait 3s
	scanner works
lift
wait 1s
	glass clear
ask left_index
wait 1s
	left_index on the glass
`},
	{"the scanner falls silent and stays so", `
plan right_thumb: silent
ask right_thumb
wait 2s
	right_thumb on the glass
	scanner silent
leave
wait 1s
	glass clear
`},
	{"stands too far away until told", `
plan face: closer
look
wait 1s
	too far from the camera
heed closer
wait 1s
	before the camera
`},
	{"brings somebody along the first time", `
plan face: two_faces
look
wait 1s
	with somebody before the camera
rest
look
wait 1s
	before the camera
`},
}

func TestApplicant(t *testing.T) {
	for _, c := range atTheCounter {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := playOut(t, c.text); got != strings.TrimLeft(c.text, "\n") {
					t.Errorf("happened:\n%s\nwant:%s", got, c.text)
				}
			})
		})
	}
}

// playOut follows the lines that are not indented, and writes what is seen.
func playOut(t *testing.T, text string) string {
	var plan, out strings.Builder
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "plan "); ok {
			plan.WriteString(rest)
		}
	}
	p, err := sim.ParsePlan(strings.NewReader(plan.String()))
	if err != nil {
		t.Fatal(err)
	}
	s, c := sim.NewScanner(sim.Options{Grow: grown}), sim.NewCamera(sim.CameraOptions{})
	a := sim.NewApplicant(s, c, sim.ApplicantOptions{Person: 7, Plan: p})
	defer a.Close()
	seen := see(s, c)
	for line := range strings.Lines(strings.TrimLeft(text, "\n")) {
		if line[0] == '\t' {
			continue
		}
		out.WriteString(line)
		say(t, a, strings.TrimSpace(line))
		for i, now := range see(s, c) {
			if now != seen[i] {
				fmt.Fprintf(&out, "\t%s\n", now)
				seen[i] = now
			}
		}
	}
	return out.String()
}

// say is one line of what the screen says.
func say(t *testing.T, a *sim.Applicant, line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "plan":
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(d)
		synctest.Wait()
	case "ask":
		pos, err := gen.ParsePosition(rest)
		if err != nil {
			t.Fatal(err)
		}
		a.Ask(pos)
	case "lift":
		a.AskLift()
	case "look":
		a.AskLook()
	case "rest":
		a.Rest()
	case "leave":
		a.Leave()
	case "heed":
		a.Heed(device.Retry(rest))
	default:
		t.Fatalf("%q is nothing a screen says", line)
	}
}

// see is what is seen of the glass, the scanner and the place at the camera.
func see(s *sim.Scanner, c *sim.Camera) [3]string {
	seen := [3]string{"glass clear", "scanner works", "before the camera"}
	if pos, ok := s.Lying(); ok {
		seen[0] = pos.String() + " on the glass"
		if s.How().Pressure < -0.5 {
			seen[0] = pos.String() + " lightly on the glass"
		}
	}
	if f := s.Fault(); f != "" {
		seen[1] = "scanner " + string(f)
	}
	switch p := c.Pose(); {
	case p.Absent:
		seen[2] = "away from the camera"
	case p.Others > 0:
		seen[2] = "with somebody before the camera"
	case p.Distance > 2:
		seen[2] = "too far from the camera"
	}
	return seen
}

// The device gives the advice by itself that a plan names.
// A finger that takes long to grow is placed after the screen has already asked
// for it to be lifted: the person takes it off again, instead of leaving it there
// for ever.
func TestLateFingerIsTakenOff(t *testing.T) {
	for _, fingers := range [][]gen.Position{{gen.RightIndex}, {gen.RightThumb, gen.LeftThumb}} {
		t.Run(fmt.Sprint(fingers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				finger := gen.Master(7, gen.RightIndex)
				s := sim.NewScanner(sim.Options{Slaps: true, Grow: func(_ gen.Person, p gen.Position) *gen.Finger {
					time.Sleep(5 * time.Second)
					grown := *finger
					grown.Position = p
					return &grown
				}})
				a := sim.NewApplicant(s, nil, sim.ApplicantOptions{})
				defer a.Close()
				a.Ask(fingers...)
				time.Sleep(2 * time.Second)
				a.AskLift()
				time.Sleep(time.Minute)
				if p, lies := s.Lying(); lies {
					t.Errorf("%v lies on the glass, and nobody takes it off", p)
				}
			})
		})
	}
}

func TestPlannedAdviceComesFromTheDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := sim.ParsePlan(strings.NewReader("right_index: wipe_finger"))
		if err != nil {
			t.Fatal(err)
		}
		s := sim.NewScanner(sim.Options{Grow: grown})
		a := sim.NewApplicant(s, nil, sim.ApplicantOptions{Person: 7, Plan: p})
		defer a.Close()
		a.Ask(gen.RightIndex)
		a.AskLook() // there is no camera, and nothing happens
		time.Sleep(time.Second)
		synctest.Wait()
		r := read(t, openScanner(t, s))
		if _, err, _ := r.next(); err != device.WipeFinger {
			t.Errorf("first came %v, want the advice", err)
		}
		if !r.frame().Contact {
			t.Error("no finger lies on the glass")
		}
	})
}

// Everything may be called from everywhere at once.
func TestApplicantAmongGoroutines(t *testing.T) {
	p, err := sim.ParsePlan(strings.NewReader("unplug at right_index for 2ms\nface: closer, silent for 1ms\nleft_index: lying for 1ms"))
	if err != nil {
		t.Fatal(err)
	}
	s := sim.NewScanner(sim.Options{FPS: 500, Grow: grown})
	c := sim.NewCamera(quickCamera)
	a := sim.NewApplicant(s, c, sim.ApplicantOptions{Person: 7, Plan: p, Pace: time.Millisecond})
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for i := range 40 {
				a.Ask([]gen.Position{gen.RightIndex, gen.LeftIndex}[i%2])
				a.Heed(device.PressHarder)
				time.Sleep(time.Millisecond)
				a.AskLift()
				a.AskLook()
				a.Heed(device.Closer)
				a.Rest()
			}
		})
	}
	all.Wait()
	a.Close()
	a.Ask(gen.RightIndex) // after Close nothing happens
	s.Lift()
	time.Sleep(20 * time.Millisecond)
	if pos, lies := s.Lying(); lies {
		t.Errorf("after Close the %v was placed", pos)
	}
}
