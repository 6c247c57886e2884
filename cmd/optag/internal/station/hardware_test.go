package station

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"optag/device/v4l2"
)

// TestHardwareSettings: what cannot be is refused when the settings are read, with
// the reason.
func TestHardwareSettings(t *testing.T) {
	for _, c := range []struct {
		name, settings string
		want           string // in the error; "" is none
	}{
		{"white balance and focus locked", `{"camera":"v4l2","camera_lock":{"white_balance":5000,"focus":0}}`, ""},
		{"an empty lock", `{"camera":"v4l2","camera_lock":{}}`, ""},
		{"another camera locked", `{"camera":"ptp","camera_lock":{"focus":30}}`, `behind "ptp"`},
		{"exposure in seconds", `{"camera":"v4l2","camera_lock":{"exposure":0}}`, "exposure at 0"},
		{"white balance in hundreds of kelvin", `{"camera":"v4l2","camera_lock":{"white_balance":50}}`, "white balance at 50"},
		{"something else locked", `{"camera":"v4l2","camera_lock":{"zoom":2}}`, "zoom"},
		{"an MSO on the USB", `{"scanner":"mso","mso":{"devices":[{"Serial":"1009C7","Certified":true,"FAP":20}]}}`, ""},
		{"an MSO on a line", `{"scanner":"mso","scanner_line":"/dev/ttyUSB0"}`, ""},
		{"a profile that is none", `{"scanner":"mso","mso":{"devices":[{"Serial":"1009C7","FAP":25}]}}`, "profile 25"},
		{"no serial number", `{"scanner":"mso","mso":{"devices":[{"Certified":true}]}}`, "without its serial number"},
		{"a slap scanner's profile", `{"scanner":"sbi","sbi":{"devices":[{"Serial":"1","Make":"m","Model":"s","FAP":60}]}}`, ""},
		{"a slap scanner's profile that is none", `{"scanner":"sbi","sbi":{"devices":[{"Serial":"1","Make":"m","Model":"s","FAP":61}]}}`, "profile 61"},
		{"a ZFM-20 for tests", `{"scanner":"zfm20","scanner_line":"/dev/ttyUSB0","profile":{"uncertified":true}}`, ""},
		{"a ZFM-20 for cards", `{"scanner":"zfm20","scanner_line":"/dev/ttyUSB0"}`, "not fit for enrolment"},
		{"a ZFM-20 nobody knows where", `{"scanner":"zfm20","profile":{"uncertified":true}}`, "scanner_line"},
		{"half a calibration", `{"calibration":[540,0]}`, "540x0 ppi"},
		{"a line for a scanner of the USB", `{"scanner":"fm220","scanner_line":"/dev/ttyUSB0"}`, "hangs on none"},
		{"a reader that would take the scanner's line", `{"scanner":"mso","scanner_line":"/dev/ttyUSB0","reader":{"profile":"generic"}}`, "reader of documents"},
		{"a reader on a line of its own", `{"scanner":"mso","scanner_line":"/dev/ttyUSB0","reader":{"profile":"generic","line":"/dev/ttyUSB1"}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "station.json")
			if err := os.WriteFile(file, []byte(c.settings), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := LoadSettings(file, true)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q in it", err, c.want)
			}
		})
	}
}

// TestHold: what is locked at zero is locked, and what is left out is not.
func TestHold(t *testing.T) {
	zero := 0
	if got := (*CameraLock)(nil).Hold(); len(got) != 0 {
		t.Errorf("no lock holds %v", got)
	}
	hold := (&CameraLock{Focus: &zero}).Hold()
	if v, held := hold[v4l2.Focus]; len(hold) != 1 || !held || v != 0 {
		t.Errorf("a lock of the focus holds %v", hold)
	}
}
