package main

import (
	"errors"
	"fmt"
	"math"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/selftest"
)

// A calibration is what a ruled target said of a scanner.
type calibration struct {
	of device.Info
	selftest.Resolution
}

// saveCalibration writes what a ruled target said into the settings, where that was
// asked for, and tells what stood there before. It refuses what was not steady, what
// no scanner has, and a scanner whose driver takes no calibration.
func (b *bench) saveCalibration() error {
	if !b.save {
		return nil
	}
	if len(b.found) != 1 {
		return fmt.Errorf("saving the calibration: a target was seen on %d scanners, and has to be on one; name it", len(b.found))
	}
	c := b.found[0]
	if !calibrates(c.of.Driver) {
		return fmt.Errorf("saving the calibration: the driver %s takes none", c.of.Driver)
	}
	if !c.Steady() {
		return fmt.Errorf("saving the calibration: the images differ by %.2f %%: lay the target flat, let it lie, and run again", c.Spread)
	}
	file := b.config
	if file == "" {
		file = station.SettingsFile(b.home)
	}
	set, err := station.LoadSettings(file, true) // as they are now, not as they were when the test began
	if err != nil {
		return fmt.Errorf("saving the calibration: %w", err)
	}
	was := set.Calibration
	for k, v := range c.Raw {
		set.Calibration[k] = math.Round(100*v) / 100
	}
	if err := set.Save(file); err != nil {
		return errors.Join(errors.New("saving the calibration"), err)
	}
	_, err = fmt.Fprintf(b.err, "optag: the %s %s is calibrated to %.2f x %.2f ppi, %s; the station takes it when it is started again\n",
		c.of.Model, or(c.of.Serial, "without a serial number"), set.Calibration[0], set.Calibration[1], before(was, set.Calibration))
	return err
}

// before tells an old calibration and how far the new one is from it.
func before(was, now [2]float64) string {
	if was == [2]float64{} {
		return "before it was not measured"
	}
	return fmt.Sprintf("before %.2f x %.2f, which is %+.2f and %+.2f %%", was[0], was[1], 100*(now[0]/was[0]-1), 100*(now[1]/was[1]-1))
}

// calibrates reports whether a driver's frames are resampled by the calibration of
// the settings.
func calibrates(driver string) bool { return driver == "uru4500" || driver == "zfm20" }
