package main

import (
	"context"
	"image"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/devicetest"
	"optag/device/mso"
	"optag/device/mso/msotest"
	"optag/device/serialport"
	"optag/device/serialport/serialporttest"
	"optag/device/zfm20"
	"optag/device/zfm20/zfm20test"
	"optag/testdata/gen"
)

// TestScannerOnALine: a scanner that shows itself as a modem is told from an
// adapter by its numbers, and nothing is said of a certificate.
func TestScannerOnALine(t *testing.T) {
	for _, c := range []struct {
		name  string
		id    device.USBID
		model string // "" is no scanner
	}{
		{"an MSO 300", device.USBID{Vendor: 0x079b, Product: 0x0024}, "MSO 300"},
		{"a later MSO 300", device.USBID{Vendor: 0x225d, Product: 0x000a}, "MSO 300"},
		{"a CBM", device.USBID{Vendor: 0x079b, Product: 0x0047}, "CBM"},
		{"another device of the maker", device.USBID{Vendor: 0x079b, Product: 0x0001}, ""},
		{"an adapter with a reader behind it", device.USBID{Vendor: 0x0403, Product: 0x6001}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ours := scannerOn(serialport.Found{Path: "/dev/ttyACM7", USBInfo: device.USBInfo{USBID: c.id, Serial: "1009C7"}}, station.Settings{})
			if ours != (c.model != "") || d.Model != c.model {
				t.Fatalf("%q, %v, want %q", d.Model, ours, c.model)
			}
			if ours && (d.Kind != "scanner" || d.At != "/dev/ttyACM7" || d.Serial != "1009C7" || d.Driver != "mso" || d.Certified || !d.drawn) {
				t.Errorf("%+v", d)
			}
			if !ours {
				return
			}
			listed := station.Settings{MSO: &station.MSO{Devices: []mso.Listed{{Serial: "1009C7", Certified: true, FAP: 20}}}}
			if d, _ := scannerOn(serialport.Found{USBInfo: device.USBInfo{USBID: c.id, Serial: "1009C7"}}, listed); !d.Certified || d.FAP != 20 {
				t.Errorf("named in the settings: %+v", d)
			}
			if d.probe(t.Context()); d.Health != "unplugged" && d.Health != "failed" {
				t.Errorf("a line that is not there: %s, %s", d.Health, d.Note)
			}
		})
	}
}

// onALineOf is a finger lying on a simulated scanner at a line of the system, and
// the settings that name it.
func onALineOf(t *testing.T, scanner string) station.Settings {
	t.Helper()
	far, path := devicetest.Terminal(t)
	set := station.Settings{Scanner: scanner, ScannerLine: path}
	if scanner == "mso" {
		sim := msotest.Attach(far, msotest.Config{RS232: true, Tireless: true})
		sim.Touch(msotest.Pattern(416, 416))
		set.MSO = &station.MSO{Devices: []mso.Listed{{Serial: "1009C7", Certified: true, FAP: 20}}}
	} else {
		zfm20test.Attach(far, zfm20test.Config{}).Touch(&zfm20test.Finger{Name: 1, Image: zfm20test.Pattern()})
	}
	t.Cleanup(func() { far.Close() })
	return set
}

// TestScannerOnALineOfTheSettings: it is listed, answers, and a counter takes a
// finger with it.
func TestScannerOnALineOfTheSettings(t *testing.T) {
	for _, c := range []struct {
		scanner, model, found string
		certified             bool
		fap                   int
	}{
		{"mso", "MorphoSmart", "MSO 300", true, 20},
		{"zfm20", "ZFM-20 family", "ZFM-20 family", false, 0},
	} {
		t.Run(c.scanner, func(t *testing.T) {
			set := onALineOf(t, c.scanner)
			d := lineScanner(set)
			if d.Kind != "scanner" || d.Model != c.model || d.Health != "attached" || d.Certified || d.At != set.ScannerLine {
				t.Errorf("listed as %+v", d)
			}
			if d.probe(t.Context()); d.Health != "answers" || d.Model != c.found || d.Certified != c.certified || d.FAP != c.fap {
				t.Errorf("probed: %+v", d)
			}
			var o station.Options
			set = onALineOf(t, c.scanner) // a terminal of the system is for one program
			set.Camera = "none"
			if err := (&env{}).attach(t.Context(), set, &o); err != nil {
				t.Fatal(err)
			}
			s, err := o.OpenScanner()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			take := capture.NewTake(capture.Task{}, nil, capture.EU(), &finger.Assessor{})
			for f, err := range s.Frames(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if live := take.Frame(f, time.Now()); live.Phase != capture.Clearing || !f.Contact {
					t.Errorf("a finger that lies there: %+v, contact %t", live, f.Contact)
				}
				break
			}
		})
	}
	gone := lineScanner(station.Settings{Scanner: "zfm20", ScannerLine: filepath.Join(t.TempDir(), "adapter")})
	if gone.Health != "unplugged" || !strings.Contains(gone.Note, "adapter") {
		t.Errorf("a line that is not there: %+v", gone)
	}
}

// TestZFM20TakesAFinger: a module that takes seven seconds for a picture, in 16 grey
// levels, gives a calibrated counter a print to test with, which no card takes.
func TestZFM20TakesAFinger(t *testing.T) {
	laid := gen.Master(20261123, gen.RightIndex).Impression(image.Pt(256, 288), zfm20.EstimatedPPI(), gen.Conditions{}, 1)
	for _, c := range []struct {
		name        string
		calibration [2]float64
		taken       bool
	}{{"calibrated", [2]float64{448, 377}, true}, {"nobody has measured it", [2]float64{}, false}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				line, far := serialporttest.New(serialporttest.Faults{})
				module := zfm20test.Attach(far, zfm20test.Config{Baud: 57600})
				s, err := openZFM20(t.Context(), line, c.calibration)
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(time.Second, func() { module.Touch(&zfm20test.Finger{Name: 1, Image: laid}) })
				ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
				defer stop()
				take := capture.NewTake(capture.Task{Fingers: []finger.Position{finger.RightIndex}}, []int{30}, capture.EU(), &finger.Assessor{})
				for f, err := range s.Frames(ctx) {
					if err != nil {
						t.Fatal(err)
					}
					if take.Frame(f, time.Now()).Phase == capture.Done {
						break
					}
				}
				sample, taken := take.Sample(s.Info())
				if taken != c.taken || taken && (sample.Device.Certified || sample.PPI != [2]int{500, 500} || !strings.Contains(sample.Device.Version, "resampled from 448.0x377.0")) {
					t.Errorf("taken %t, %+v at %v ppi", taken, sample.Device, sample.PPI)
				}
				s.Close()
				module.Wait()
			})
		})
	}
}
