package mso

import (
	"fmt"

	"optag/device"
)

// A Status is how the device answers a command. As an error it is the reason;
// it says nothing of the finger's owner.
type Status byte

// The statuses this driver tells apart.
const (
	statusOK      Status = 0x00
	statusTimeout Status = 0xfa
	statusBusy    Status = 0xf5 // biometric work in progress
	statusBusy2   Status = 0xf4 // command in progress
	statusFake    Status = 0xdb
	statusMoist   Status = 0xda
)

// Error returns the reason in words.
func (s Status) Error() string {
	for _, known := range [...]struct {
		status Status
		text   string
	}{
		{statusOK, "done"}, {0xff, "an error"}, {0xfe, "a wrong parameter"}, {0xfd, "wrong minutiae"},
		{0xfc, "a wrong user number"}, {0xfb, "wrong user data"}, {statusTimeout, "no finger came in time"},
		{0xf9, "an error of the protocol"}, {0xf8, "enrolled already"}, {0xf7, "no such database"},
		{0xf6, "the database exists"}, {statusBusy, "a finger is being worked on"},
		{statusBusy2, "a command is being worked on"}, {0xf3, "its memory failed"}, {0xf2, "no space"},
		{0xf0, "a wrong signature"}, {0xeb, "outside of the field"}, {0xe9, "no such field"},
		{0xe8, "a wrong field"}, {0xe7, "not in this security mode"}, {0xe6, "no such user"},
		{0xe5, "aborted"}, {0xe4, "the same finger again"}, {0xe3, "no hit"},
		{0xe2, "no certificate"}, {0xe1, "not in this security state"}, {0xe0, "a repeated message"},
		{0xdf, "wrong ASN.1"}, {0xde, "an error of the cryptography"}, {0xdd, "not authenticated"},
		{statusFake, "the finger may not be real"}, {statusMoist, "the finger is too moist"},
		{0x9d, "not implemented"},
	} {
		if known.status == s {
			return "the device says: " + known.text
		}
	}
	return fmt.Sprintf("the device says: status %02x", byte(s))
}

// An Outcome is what became of a finger, in an answer whose [Status] is well.
type Outcome byte

const outcomeOK Outcome = 0x00

// Error returns the outcome in words.
func (o Outcome) Error() string {
	for _, known := range [...]struct {
		outcome Outcome
		text    string
	}{
		{outcomeOK, "done"}, {1, "a hit"}, {2, "no hit"}, {3, "an old print lies on the glass"},
		{4, "the database is full"}, {5, "the database is empty"}, {6, "the print is bad"},
		{7, "the database is well"}, {8, "activated"}, {9, "not activated"}, {0x0a, "no access to the database"},
		{0x22, "the finger may not be real"}, {0x23, "the finger is too moist"}, {0x24, "the finger moved"},
		{0x25, "the print is too dark"}, {0x26, "the finger cannot be used"},
	} {
		if known.outcome == o {
			return "the device says: " + known.text
		}
	}
	return fmt.Sprintf("the device says: outcome %02x", byte(o))
}

// advice is what the person is told about a finger that was not taken; the
// reason itself stands behind it, for the officer. False where the answer is
// none about a finger.
func advice(s Status, o Outcome) (error, bool) {
	reason := error(o)
	if s != statusOK {
		reason = s
	}
	var r device.Retry
	switch {
	case s == statusFake, s == statusMoist:
		r = device.WipeFinger
	case s != statusOK:
		return nil, false
	case o == 0x03:
		r = device.WipeGlass
	case o == 0x06:
		r = device.PressHarder
	case o == 0x22, o == 0x23:
		r = device.WipeFinger
	case o == 0x24:
		r = device.HoldStill
	case o == 0x25:
		r = device.PressLess
	case o == 0x26:
		r = device.Centre
	default:
		return nil, false
	}
	return fmt.Errorf("%w (%w)", r, reason), true
}

// The commands to the person that the device sends while it waits.
const (
	sayNoFinger = 0
	sayRemove   = 7
	sayFingerOK = 8
)

// sayings are the advice for each of them; "" for those that are none.
func sayings() [9]device.Retry {
	return [...]device.Retry{
		sayNoFinger: "",
		1:           device.Centre, // up
		2:           device.Centre, // down
		3:           device.Centre, // left
		4:           device.Centre, // right
		5:           device.PressHarder,
		6:           device.WipeGlass, // an old print lies there
		sayRemove:   device.Lift,
		sayFingerOK: "",
	}
}
