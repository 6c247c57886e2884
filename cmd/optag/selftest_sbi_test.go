package main

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device/sbi/sbitest"
	"optag/device/selftest"
	"optag/testdata/gen"
)

// What a technician is told of a device behind its maker's service: the checks
// that did not pass, and of those that did the ones named.
func TestSelfTestBehindAService(t *testing.T) {
	keys, err := sbitest.NewKeys(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) // when a bubble begins
	if err != nil {
		t.Fatal(err)
	}
	print := fingersOf(5)(2)
	still := gen.Person(5).Portrait().Portrait(image.Pt(480, 640), gen.Pose{}, 1)
	for _, c := range []struct {
		name    string
		kind    string
		allowed bool // to capture
		fault   sbitest.Fault
		later   time.Duration // than the keys were made
		not     string        // that did not pass
		passed  string        // among others
	}{
		{"a scanner, nobody there", "Slap", false, "", 0,
			"capture skipped, hashes skipped, device_clock skipped, own_score skipped, device_key pass, issuer warn", "discovery trust answers rate certified"},
		{"a scanner and a finger", "Slap", true, "", 0, "issuer warn", "trust capture hashes device_clock own_score range"},
		{"a scanner for one finger", "Single", true, "", 0, "issuer warn", "trust rate capture hashes"},
		{"a camera and a face", "Face", true, "", 0, "issuer warn", "trust answers rate capture hashes device_clock"},
		{"a service that has lost its scanner", "Slap", true, sbitest.Lost, 0, "issuer warn, answers fail", "trust"},
		{"keys of somebody else", "Slap", true, sbitest.ForeignIssuer, 0, "trust fail, answers fail, certified warn", "device_key"},
		{"a certificate that is over", "Slap", true, sbitest.Expired, 0, "trust fail, device_key fail, answers fail", ""},
		{"two days before its keys end", "Slap", false, "", 18 * 24 * time.Hour, "device_key warn, issuer warn", "trust"},
		{"hashes of strings", "Slap", true, sbitest.StringHash, 0, "hashes fail, capture fail", "trust rate"},
		{"a clock six minutes ahead", "Slap", true, sbitest.ClockOff, 0, "device_clock fail, capture fail", "trust rate hashes-"},
		{"nobody lays a finger down", "Slap", true, sbitest.Timeout, 0, "capture fail, hashes skipped", "trust rate"},
		{"a stream and no picture", "Slap", false, sbitest.StreamSilent, 0, "rate fail", "trust answers"},
		{"not registered", "Slap", false, sbitest.NotRegistered, 0, "trust fail, device_key skipped, answers fail", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(c.later)
				s := sbitest.NewService(sbitest.Config{Kind: c.kind, Keys: keys, Now: time.Now,
					Finger: func(int) *image.Gray { copied := *print; return &copied },
					Face:   func() image.Image { return still }, Shows: func(string, int) image.Image { return still }})
				machine := sbitest.NewMachine()
				defer machine.Close()
				machine.Start(4501, s)
				s.SetFaults(c.fault)
				list := foundSBI(t.Context(), trusting(t, machine, keys), "")
				if len(list) != 1 {
					t.Fatalf("%d devices were found", len(list))
				}
				var asked bytes.Buffer
				b := newBench()
				b.err, b.finger, b.portrait = &asked, c.allowed, c.allowed
				b.device(t.Context(), &list[0])
				outcome := map[string]selftest.Outcome{}
				for _, check := range b.report.Checks {
					outcome[check.ID] = check.Outcome
					if check.Outcome != selftest.Pass && check.Do == "" {
						t.Errorf("%s is %s, and it is not said what to do", check.ID, check.Outcome)
					}
				}
				for _, want := range strings.Split(c.not, ", ") {
					if id, o, _ := strings.Cut(want, " "); string(outcome[id]) != o {
						t.Errorf("%s is %q, want %q", id, outcome[id], o)
					}
				}
				for _, id := range strings.Fields(c.passed) {
					if id, not := strings.CutSuffix(id, "-"); (outcome[id] == selftest.Pass) == not {
						t.Errorf("%s is %q", id, outcome[id])
					}
				}
				if (asked.Len() > 0) != (c.allowed && outcome["answers"] == selftest.Pass) {
					t.Errorf("somebody was asked: %q", asked.String())
				}
				if synctest.Wait(); machine.Open() != 0 {
					t.Errorf("%d connections are left", machine.Open())
				}
			})
		})
	}
}

// TestDevicesBehindAService: certified is only what a pinned issuer vouches for,
// and the list says why another is not.
func TestDevicesBehindAService(t *testing.T) {
	keys, err := sbitest.NewKeys(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		fault sbitest.Fault
		want  string // health and certification as listed, and as probed
	}{
		{"one that is trusted", "", "attached true, answers true"},
		{"one that nobody vouches for", sbitest.ForeignIssuer, "untrusted false, untrusted false"},
		{"a service that has lost its scanner", sbitest.Lost, "attached true, unplugged true"},
		{"a service that hangs", sbitest.Hang, "silent false, silent false"},
		{"one that is not ready", sbitest.NotReady, "attached true, not_ready true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sbitest.NewService(sbitest.Config{Keys: keys, Now: time.Now})
				machine := sbitest.NewMachine()
				defer machine.Close()
				machine.Start(4501, s)
				s.SetFaults(c.fault)
				list := foundSBI(t.Context(), trusting(t, machine, keys), "")
				if len(list) != 1 {
					t.Fatalf("%d devices were found", len(list))
				}
				d := &list[0]
				got := fmt.Sprint(d.Health, " ", d.Certified)
				d.probe(t.Context())
				if got += fmt.Sprint(", ", d.Health, " ", d.Certified); got != c.want {
					t.Errorf("%s, want %s (%s)", got, c.want, d.Note)
				}
				if (d.Note == "") != (d.Health == "answers") {
					t.Errorf("%s, and the note is %q", d.Health, d.Note)
				}
			})
		})
	}
	t.Run("where the settings trust nobody", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			machine := sbitest.NewMachine()
			defer machine.Close()
			machine.Start(4501, sbitest.NewService(sbitest.Config{Keys: keys, Now: time.Now}))
			d := foundSBI(t.Context(), unpinned(t, machine), "not verified: no issuer is pinned")[0]
			if d.Certified || d.Health != "untrusted" || d.Note != "not verified: no issuer is pinned" {
				t.Errorf("%s, certified %v: %s", d.Health, d.Certified, d.Note)
			}
		})
	})
}
