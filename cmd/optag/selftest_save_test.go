package main

import (
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/selftest"
	"optag/device/sim"
)

// A ruled desk is a scanner of another driver's name, on which a target can be laid.
type ruledDesk struct {
	device.Scanner
	driver string
	lay    func(sim.Target)
}

func (s ruledDesk) Info() device.Info {
	i := s.Scanner.Info()
	i.Driver = s.driver
	return i
}

func (s ruledDesk) Lay(t sim.Target) {
	t.PPI = [2]float64{543, 369}
	s.lay(t)
}

// onRuledDesk is a scanner that claims the estimate of a U.are.U, and is a little off.
func onRuledDesk(driver string) attachment {
	s := sim.NewScanner(sim.Options{Size: image.Pt(384, 290), PPI: [2]int{540, 370}})
	return attachment{Kind: "scanner", Info: s.Info(), scanner: func(context.Context, wrapUSB) (device.Scanner, error) {
		open, err := s.Open()
		return ruledDesk{open, driver, s.Lay}, err
	}}
}

// TestSaveCalibration: what a target said stands in the settings afterwards, beside
// all that stood there, and the old value is told.
func TestSaveCalibration(t *testing.T) {
	steady := selftest.Resolution{PPI: [2]float64{541.304, 369.196}, Raw: [2]float64{541.304, 369.196}, Spread: 0.05}
	moved, wild := steady, steady
	moved.Spread, wild.Raw = 0.4, [2]float64{1400, 370}
	uru := device.Info{Model: "U.are.U 4000B/4500", Serial: "0A31", Driver: "uru4500"}
	for _, c := range []struct {
		name     string
		settings string // "" is no file
		found    []calibration
		says     string // in what is told, or in the error
		want     [2]float64
	}{
		{"the first one", `{"scanner":"uru4500","scale":1.5}`, []calibration{{uru, steady}}, "4500 0A31 is calibrated to 541.30 x 369.20 ppi, before it was not measured", [2]float64{541.30, 369.20}},
		{"a later one", `{"scanner":"uru4500","scale":1.5,"calibration":[540,370]}`, []calibration{{uru, steady}}, "before 540.00 x 370.00, which is +0.24 and -0.22 %", [2]float64{541.30, 369.20}},
		{"a target that moved", `{"scale":1.5,"calibration":[540,370]}`, []calibration{{uru, moved}}, "differ by 0.40 %", [2]float64{540, 370}},
		{"what no scanner has", `{"scale":1.5}`, []calibration{{uru, wild}}, "outside of 200 to 1000", [2]float64{}},
		{"no target was seen", `{"scale":1.5}`, nil, "on 0 scanners", [2]float64{}},
		{"two scanners", `{"scale":1.5}`, []calibration{{uru, steady}, {uru, steady}}, "on 2 scanners", [2]float64{}},
		{"a scanner that takes none", `{"scale":1.5}`, []calibration{{device.Info{Driver: "fm220"}, steady}}, "fm220 takes none", [2]float64{}},
		{"a station without settings", "", []calibration{{uru, steady}}, "reading the settings", [2]float64{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var told bytes.Buffer
			b := newBench()
			b.home, b.err, b.save, b.found = t.TempDir(), &told, true, c.found
			file := station.SettingsFile(b.home)
			if c.settings != "" {
				if err := os.WriteFile(file, []byte(c.settings), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.saveCalibration(); err != nil {
				told.WriteString(err.Error())
			}
			if !strings.Contains(told.String(), c.says) {
				t.Errorf("%q, want %q in it", told.String(), c.says)
			}
			if c.settings == "" {
				return
			}
			set, err := station.LoadSettings(file, true)
			if err != nil || set.Calibration != c.want || set.Scale != 1.5 {
				t.Errorf("settings %v, scale %v, %v", set.Calibration, set.Scale, err)
			}
		})
	}
}

// TestSaveFromATarget goes from the glass to the settings.
func TestSaveFromATarget(t *testing.T) {
	file := filepath.Join(t.TempDir(), "station.json")
	if err := os.WriteFile(file, []byte(`{"scanner":"uru4500"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.config, b.save, b.pitch = file, true, 1
		d := onRuledDesk("uru4500")
		b.device(t.Context(), &d)
		if err := b.saveCalibration(); err != nil {
			t.Fatal(err)
		}
	})
	set, err := station.LoadSettings(file, true)
	if got := set.Calibration; err != nil || got[0] < 542 || got[0] > 544 || got[1] < 368.4 || got[1] > 369.6 {
		t.Errorf("calibrated to %v, want about 543 and 369, %v", got, err)
	}
}
