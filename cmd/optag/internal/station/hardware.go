package station

import (
	"errors"
	"fmt"
	"slices"

	"optag/device"
	"optag/device/mso"
	"optag/device/v4l2"
)

// CameraLock holds what a camera behind "v4l2" otherwise adjusts by itself, so that
// a portrait does not depend on who stood before the camera a moment ago, nor on the
// colour of the clothes. What is left out the camera adjusts.
type CameraLock struct {
	Exposure     *int `json:"exposure,omitempty"`      // 1 to 10000 × 100 µs; under lamps on mains of 50 Hz a multiple of 100
	WhiteBalance *int `json:"white_balance,omitempty"` // 1000 to 20000 kelvin: that of the lamps
	Focus        *int `json:"focus,omitempty"`         // the camera's own steps, from 0
}

// Hold is the lock as the driver takes it; nil locks nothing.
func (l *CameraLock) Hold() map[v4l2.Adjustment]int {
	hold := map[v4l2.Adjustment]int{}
	if l == nil {
		return hold
	}
	for a, v := range map[v4l2.Adjustment]*int{v4l2.Exposure: l.Exposure, v4l2.WhiteBalance: l.WhiteBalance, v4l2.Focus: l.Focus} {
		if v != nil {
			hold[a] = *v
		}
	}
	return hold
}

// check names the first value that no camera has.
func (l *CameraLock) check() error {
	limits := map[v4l2.Adjustment][2]int{v4l2.Exposure: {1, 10_000}, v4l2.WhiteBalance: {1000, 20_000}, v4l2.Focus: {0, 100_000}}
	for a, v := range l.Hold() {
		if v < limits[a][0] || v > limits[a][1] {
			return fmt.Errorf("the settings lock the camera's %v at %d, which is not from %d to %d", a, v, limits[a][0], limits[a][1])
		}
	}
	return nil
}

// MSO is what a site knows of its MorphoSmart scanners.
type MSO struct {
	Devices []mso.Listed `json:"devices"` // Serial, Certified, FAP
}

// Listed are the scanners that the site knows; nil knows none.
func (m *MSO) Listed() []mso.Listed {
	if m == nil {
		return nil
	}
	return m.Devices
}

// checkHardware names the first thing for which a scanner or camera could not be
// used as the settings say.
func (s Settings) checkHardware() error {
	switch {
	case s.CameraLock != nil && s.Camera != "v4l2":
		return fmt.Errorf("the settings lock a camera behind %q, and only one behind \"v4l2\" can be", s.Camera)
	case s.Scanner == "zfm20" && s.ScannerLine == "":
		return errors.New(`the settings do not name the serial line of the scanner "zfm20" (scanner_line)`)
	case s.Calibration != [2]float64{} && !(min(s.Calibration[0], s.Calibration[1]) >= 200 && max(s.Calibration[0], s.Calibration[1]) <= 1000):
		return fmt.Errorf("the settings calibrate the scanner to %gx%g ppi, which is outside of 200 to 1000", s.Calibration[0], s.Calibration[1])
	case s.Scanner == "zfm20" && !s.Profile.Uncertified:
		return errors.New(`the scanner "zfm20" is not fit for enrolment: it serves for tests, where the site's policy allows it (profile, uncertified)`)
	case s.ScannerLine != "" && s.Scanner != "zfm20" && s.Scanner != "mso":
		return fmt.Errorf("the settings name a serial line for the scanner %q, which hangs on none", s.Scanner)
	case s.ScannerLine != "" && s.Reader != nil && s.Reader.Line == "":
		return errors.New("the settings name the line of the scanner, and not that of the reader of documents")
	}
	for _, l := range s.MSO.Listed() {
		if err := checkFAP(l.Serial, l.FAP); err != nil {
			return err
		}
	}
	if s.SBI != nil {
		for _, d := range s.SBI.Devices {
			if err := checkFAP(d.Serial, d.FAP); err != nil {
				return err
			}
		}
	}
	return s.CameraLock.check()
}

func checkFAP(serial string, fap int) error {
	switch {
	case serial == "":
		return errors.New("the settings list a scanner or camera without its serial number")
	case fap != 0 && !slices.Contains(device.FAPs(), fap):
		return fmt.Errorf("the settings give the scanner %.40q the acquisition profile %d, which is none of %v", serial, fap, device.FAPs())
	}
	return nil
}
