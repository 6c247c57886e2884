package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/selftest"
	"optag/device/sim"
	"optag/device/tape"
	"optag/device/uru4500"
	"optag/device/uru4500/uru4500test"
	"optag/ui/flow"
)

func runSelfTest(t *testing.T, home string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), &env{in: strings.NewReader(""), out: &o, err: &e, home: home}, append([]string{"selftest"}, args...))
	return status, o.String(), e.String()
}

func TestSelfTestOfASimulatedStation(t *testing.T) {
	home, dir := t.TempDir(), filepath.Join(t.TempDir(), "report")
	for range 2 {
		if status, out, errs := runSelfTest(t, home, "--simulate", "--target", "1", "--out", dir); status != 0 || !strings.Contains(errs, "lay the ruled target of 1 mm") {
			t.Fatalf("status %d, %s\n%s", status, errs, out)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r selftest.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	passed := map[string]bool{}
	for _, c := range r.Checks {
		passed[c.Device+"/"+c.ID] = c.Outcome == selftest.Pass
	}
	for _, want := range []string{"scanner/dirt", "scanner/dead_rows", "scanner/ppi_across", "scanner/ppi_down", "scanner/dark", "camera/focus", "camera/colour", "reader/read", "reader/signature",
		"station/clock", "station/network", "station/keys", "station/certificate", "station/recipients", "station/disk", "station/queue"} {
		if !passed[want] {
			t.Errorf("%s did not pass", want)
		}
	}
	if r.Failures != 0 || len(r.Devices) != 3 || r.Station == "" {
		t.Errorf("%d failures, devices %v, station %q", r.Failures, r.Devices, r.Station)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil || !bytes.Contains(page, []byte("<polyline")) || !bytes.Contains(page, []byte("data:image/png")) {
		t.Errorf("the page has no trend or no picture, %v", err)
	}
	runs, err := os.ReadFile(filepath.Join(home, "selftest-simulated.jsonl"))
	if err != nil || bytes.Count(runs, []byte("\n")) != 2 || len(runs) > 8000 {
		t.Errorf("%d bytes are remembered, %v", len(runs), err)
	}
}

func TestSelfTestOfAPart(t *testing.T) {
	status, out, errs := runSelfTest(t, t.TempDir(), "--simulate", "--json", "disk", "SIM-0002")
	var r selftest.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || status != 0 {
		t.Fatalf("status %d, %v, %s", status, err, errs)
	}
	for _, c := range r.Checks {
		if c.ID != "disk" && c.Device != "camera" {
			t.Errorf("%s was not asked for", c.Key())
		}
	}
	if len(r.Checks) < 5 {
		t.Errorf("%d checks", len(r.Checks))
	}
}

func TestSelfTestRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"a device that is not there", []string{"--simulate", "disk", "SIM-0099"}, 1, "SIM-0099"},
		{"a target of no pitch", []string{"--target", "-1"}, 2, "millimetres"},
		{"a target of a metre", []string{"--target", "1000"}, 2, "millimetres"},
		{"to save what nobody measures", []string{"--save"}, 2, "--save goes with --target"},
		{"to save what a simulator says", []string{"--simulate", "--target", "1", "--save"}, 2, "not with a simulated"},
		{"a target and a finger", []string{"--target", "1", "--finger"}, 2, "one at a time"},
		{"a trace of a simulated scanner", []string{"--simulate", "--trace", "x", "scanner"}, 1, "no scanner on the USB"},
		{"a station without keys", []string{"keys"}, 1, "failed in 1 of 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, _, errs := runSelfTest(t, t.TempDir(), c.args...)
			if status != c.status || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 {
				t.Errorf("status %d, %q", status, errs)
			}
		})
	}
}

// newBench is a bench on which one device is tested.
func newBench() *bench {
	return &bench{env: &env{out: io.Discard, err: io.Discard, home: "/"}, now: time.Now}
}

func TestSelfTestOfADamagedScanner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		s := sim.NewScanner(sim.Options{Size: image.Pt(256, 320), Flaws: sim.Flaws{DeadRows: []int{8, 9, 10, 11}}})
		b.device(t.Context(), &attachment{Kind: "scanner", Info: s.Info(), scanner: func(context.Context, wrapUSB) (device.Scanner, error) { return s.Open() }})
		if b.report.Failures != 1 {
			t.Errorf("%s", b.report.Verdict())
		}
		s.Unplug()
		b.device(t.Context(), &attachment{Kind: "scanner", Info: s.Info(), scanner: func(context.Context, wrapUSB) (device.Scanner, error) { return s.Open() }})
		if b.report.Failures != 2 {
			t.Errorf("unplugged: %s", b.report.Verdict())
		}
	})
}

// onDesk is a U.are.U 4500, real or played back.
func onDesk(bus func() device.USB) *attachment {
	return &attachment{Kind: "scanner", drawn: true, head: 64, scanner: func(ctx context.Context, w wrapUSB) (device.Scanner, error) {
		return uru4500.Open(ctx, w.around(bus()), uru4500.Options{USB: device.USBInfo{USBID: device.USBID{Vendor: 0x05ba, Product: 0x000a}},
			Random: bytes.NewReader(make([]byte, 4096)), Images: 8})
	}}
}

// TestTraceIsPlayedBack: what a technician sends in tells the same, and shows
// nothing of what lay on the glass.
func TestTraceIsPlayedBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace")
	outcomes := func(b *bench) (list []string) {
		for _, c := range b.report.Checks {
			if c.ID != "rate" && c.ID != "range" && c.ID != "finger_gaps" {
				list = append(list, c.ID+" "+string(c.Outcome))
			}
		}
		return list
	}
	var first []string
	synctest.Test(t, func(t *testing.T) {
		s := uru4500test.New(uru4500test.Config{})
		b := newBench()
		b.trace, b.finger = file, true
		b.err = writer(func(p []byte) (int, error) { // asked for, a finger comes
			time.AfterFunc(time.Second, func() { s.Touch(uru4500test.Ridges(3)) })
			time.AfterFunc(4*time.Second, s.Lift)
			return len(p), nil
		})
		b.device(t.Context(), onDesk(func() device.USB { return s }))
		if first = outcomes(b); !slices.Contains(first, "answers pass") {
			t.Fatalf("%v", first)
		}
		if err := b.writeTrace(); err != nil {
			t.Fatal(err)
		}
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	told, err := tape.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	pictures := 0
	for _, op := range told {
		if op.Kind == tape.Bulk && len(op.Data) > 64 {
			pictures++
			if slices.Max(op.Data[64:]) != 0 {
				t.Error("pixels are in the trace")
			}
		}
	}
	if pictures == 0 {
		t.Error("no picture was taken")
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.finger = true
		b.device(t.Context(), onDesk(func() device.USB { return tape.Play(told) }))
		if again := outcomes(b); !slices.Equal(again, first) {
			t.Errorf("played back: %v, want %v", again, first)
		}
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestSelfTestAtTheCounter: the kiosk's own test tells what is wrong, and is
// remembered as the technician's is.
func TestSelfTestAtTheCounter(t *testing.T) {
	e := &env{out: io.Discard, err: io.Discard, home: t.TempDir()}
	s := sim.NewScanner(sim.Options{Size: image.Pt(256, 320), FPS: 100, Flaws: sim.Flaws{Dirt: 0.05}})
	list := func(context.Context) ([]attachment, error) {
		return []attachment{{Kind: "scanner", Info: s.Info(), scanner: func(context.Context, wrapUSB) (device.Scanner, error) { return s.Open() }}}, nil
	}
	test := e.atTheCounter(station.Defaults(), list, true)
	for range 2 {
		got := test(t.Context())
		i := slices.IndexFunc(got.Checks, func(c flow.Tested) bool { return c.ID == "dirt" })
		if i < 0 || got.Checks[i].Outcome != "warn" || len(got.Checks[i].Trend) == 0 || !strings.Contains(got.Checks[i].Found, "% · ≤ 2") {
			t.Errorf("%+v", got.Checks)
		}
		if slices.ContainsFunc(got.Checks, func(c flow.Tested) bool { return c.ID == "queue" }) {
			t.Error("the queue was looked at, which the kiosk holds")
		}
	}
}

func TestKeysAndNetwork(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	p, err := trust.StartPrivate(home, filepath.Join(dir, "service"), "AAL-02", nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, ahead time.Duration, want map[string]selftest.Outcome) {
		t.Helper()
		b := newBench()
		b.home, b.now = home, func() time.Time { return time.Now().Add(ahead) }
		b.only = []string{"keys", "network", "clock"}
		b.station(t.Context(), home)
		for _, c := range b.report.Checks {
			if o, ok := want[c.ID]; ok && o != c.Outcome {
				t.Errorf("%s: %s is %s (%s), want %s", name, c.ID, c.Outcome, c.Measured(), o)
			}
			delete(want, c.ID)
		}
		if len(want) > 0 {
			t.Errorf("%s: not looked at: %v", name, want)
		}
	}
	check("all is well", 0, map[string]selftest.Outcome{"certificate": selftest.Pass, "keys": selftest.Pass, "recipients": selftest.Pass, "clock": selftest.Pass, "network": selftest.Pass})
	check("a clock a minute ahead", time.Minute, map[string]selftest.Outcome{"clock": selftest.Warn, "network": selftest.Pass})
	check("a clock an hour behind", -time.Hour, map[string]selftest.Outcome{"clock": selftest.Fail})
	check("ten days before the certificate ends", 355*24*time.Hour, map[string]selftest.Outcome{"certificate": selftest.Warn})
	check("after it ended", 400*24*time.Hour, map[string]selftest.Outcome{"certificate": selftest.Fail})
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	check("no network", 0, map[string]selftest.Outcome{"network": selftest.Warn, "clock": selftest.Skipped, "keys": selftest.Pass})
}
