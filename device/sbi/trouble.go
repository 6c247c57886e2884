package sbi

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"optag/device"
)

// What a clerk can do something about, beside what [device] names: every error
// of a call is or wraps one of these, one of [device.ErrUnplugged],
// [device.ErrSilent] and [device.ErrGarbled], or is that of ctx.
var (
	// ErrTimeout: nobody laid down what was asked for in time.
	ErrTimeout = errors.New("no capture within the time given")

	// ErrWrongFinger: fingers came that were not asked for.
	ErrWrongFinger = errors.New("not the fingers asked for")

	// ErrPoor: the device could not take a usable sample, or a score lies
	// below the threshold of the request.
	ErrPoor = errors.New("sample not good enough")

	// ErrUntrusted: the device, or what it sent, cannot be shown to be one of
	// this station's. No case may be continued with it.
	ErrUntrusted = errors.New("device not trusted")

	// ErrClock: the clocks of the device and of the station differ.
	ErrClock = errors.New("clocks of device and station differ")

	// ErrBusy: somebody else, or the device itself, is at work; asked twice.
	ErrBusy = errors.New("device busy")

	// ErrNotReady: the device is there and says that it is not ready.
	ErrNotReady = errors.New("device not ready")

	// ErrNotRegistered: the service has not been registered by its provider.
	ErrNotRegistered = errors.New("device not registered")

	// ErrRefused: the service did not accept a request, or cannot do what it
	// asks. The station or its settings are wrong, not the person.
	ErrRefused = errors.New("request refused by the device service")
)

// A Code is an error code of SBI. Codes above 113 are MOSIP's own, 500 to 599
// the vendor's.
type Code int

// kinds says what a code means to us. What is not in it is ErrRefused up to 199,
// and [device.ErrGarbled] above.
func (c Code) kind() error {
	switch c {
	case 100:
		return ErrNotRegistered
	case 101, 102, 105:
		return ErrPoor
	case 103, 107, 108:
		return ErrUntrusted
	case 106, 202, 700:
		return device.ErrUnplugged
	case 110:
		return ErrNotReady
	case 111, 703:
		return ErrBusy
	case 701:
		return ErrTimeout
	case 705:
		return ErrRefused
	}
	if c > 0 && c < 200 || c >= 600 && c < 700 {
		return ErrRefused
	}
	return device.ErrGarbled
}

// String is our own text of a code; the service's may be in any language and
// may mislead.
func (c Code) String() string {
	switch c {
	case 100:
		return "the service is not registered"
	case 101:
		return "no finger or face was found"
	case 102:
		return "the sample could not be extracted"
	case 103:
		return "the device reports tampering"
	case 104:
		return "the management server cannot be reached"
	case 105:
		return "fingers or face lie askew"
	case 106, 202, 700:
		return "the service has lost its device"
	case 107:
		return "the key of the device has expired"
	case 108:
		return "a key is missing"
	case 109:
		return "the number of fingers is not supported"
	case 110:
		return "the device is not ready"
	case 111, 703:
		return "the device is busy"
	case 112:
		return "the transaction number was refused"
	case 701:
		return "nothing was captured in time"
	case 705:
		return "the service does not have this device"
	}
	return "code " + strconv.Itoa(int(c))
}

// A ServiceError is an error the service reported by its code.
type ServiceError struct {
	Code Code
	Said string // errorInfo, at most 200 bytes, for a technician's log and never for the screen
}

// Error gives our text, not the service's.
func (e *ServiceError) Error() string {
	return fmt.Sprintf("service answers %d: %v", int(e.Code), e.Code)
}

// Unwrap returns what the code means to the station.
func (e *ServiceError) Unwrap() error { return e.Code.kind() }

// A Violation is a rule that an answer broke. It comes from [Host.Open] and the
// calls of a [Device]; the whole answer was discarded and wiped.
type Violation string

// What is verified of every answer. The words are short codes for a log.
const (
	BadSignature   Violation = "signature"   // the JWS is not RS256, or is not signed by the certificate it carries
	BadCertificate Violation = "certificate" // not valid now, not from a pinned issuer, or a key below RSA 2048
	NotAllowed     Violation = "allow_list"  // serial number, make and model are not on the station's list
	BadDigitalID   Violation = "digital_id"  // not the identity of the device that was opened
	TooLow         Violation = "level"       // L0 where the station demands L1
	BadCallback    Violation = "callback"    // an address outside of 127.0.0.1:4501–4600

	BadTime Violation = "timestamp" // more than five minutes from our clock

	OtherTransaction Violation = "transaction"  // the answer to another request
	OtherVersion     Violation = "spec_version" // of the protocol
	OtherEnvironment Violation = "env"          // e.g. Developer in place of Production
	OtherPurpose     Violation = "purpose"      // not Registration
	OtherDevice      Violation = "device_code"  // not the device that was asked
	OtherModality    Violation = "bio_type"     // a face in place of a finger

	WrongCount  Violation = "count"              // fewer or more items than asked for
	Duplicate   Violation = "duplicate_finger"   // a finger twice
	Unasked     Violation = "unrequested_finger" // a finger that was not asked for
	Excepted    Violation = "excepted_finger"    // a finger that was said to be missing
	Unknown     Violation = "unknown_finger"     // the device cannot tell which finger it is
	BadHash     Violation = "hash"               // the chain of hashes is broken
	BadScore    Violation = "score"              // no quality score from 0 to 100
	BadRecord   Violation = "record"             // no ISO/IEC 19794 record, or one that contradicts itself
	BadPosition Violation = "position"           // the record says another finger than the item
	BadPPI      Violation = "ppi"                // neither 500 nor 1000 pixels per inch, or not 8 bit
)

// Error says which rule was broken.
func (v Violation) Error() string { return "answer fails the check of its " + string(v) }

// Unwrap returns what the violation means to the station.
func (v Violation) Unwrap() error {
	switch v {
	case BadSignature, BadCertificate, NotAllowed, BadDigitalID, TooLow, BadCallback:
		return ErrUntrusted
	case BadTime:
		return ErrClock
	case Unasked, Excepted, Unknown:
		return ErrWrongFinger
	case OtherEnvironment, OtherPurpose:
		return ErrRefused
	}
	return device.ErrGarbled
}

// A ScoreError says which finger lay below the threshold of the request. The
// device itself reports no error then.
type ScoreError struct {
	Finger    Finger // 0 for a face
	Score     float64
	Threshold float64
}

// Error names finger and scores.
func (e *ScoreError) Error() string {
	what := "face"
	if e.Finger != 0 {
		what = e.Finger.String()
	}
	return fmt.Sprintf("%s scores %g, below %g", what, e.Score, e.Threshold)
}

// Unwrap returns [ErrPoor].
func (e *ScoreError) Unwrap() error { return ErrPoor }

// Problem is the short code of what is wrong, for the screen to look up its own
// text: "timeout", "wrong_finger", "poor", "untrusted", "clock", "busy",
// "not_ready", "not_registered", "refused", "unplugged", "silent", "garbled",
// "cancelled"; "" for nil.
func Problem(err error) string {
	if err == nil {
		return ""
	}
	for _, k := range []struct {
		is   error
		code string
	}{
		{ErrUntrusted, "untrusted"}, {ErrClock, "clock"}, {ErrTimeout, "timeout"}, {ErrWrongFinger, "wrong_finger"},
		{ErrPoor, "poor"}, {ErrBusy, "busy"}, {ErrNotReady, "not_ready"}, {ErrNotRegistered, "not_registered"},
		{ErrRefused, "refused"}, {device.ErrUnplugged, "unplugged"}, {device.ErrSilent, "silent"},
		{context.Canceled, "cancelled"}, {context.DeadlineExceeded, "cancelled"},
	} {
		if errors.Is(err, k.is) {
			return k.code
		}
	}
	return "garbled"
}

// Advice is what the person can do about an error, where they can.
func Advice(err error) (device.Retry, bool) {
	var short *CountError
	var told *ServiceError
	switch {
	case errors.As(err, &short) && short.Got < short.Want:
		return device.AllFingers, true
	case errors.Is(err, ErrWrongFinger):
		return device.TheseFingers, true
	case errors.As(err, &told) && told.Code == 105:
		return device.Straighten, true
	}
	return "", false
}

// A CountError says that other than the wanted number of items came.
type CountError struct{ Got, Want int }

// Error gives both numbers.
func (e *CountError) Error() string { return fmt.Sprintf("%d items, want %d", e.Got, e.Want) }

// Unwrap returns [WrongCount].
func (e *CountError) Unwrap() error { return WrongCount }
