package upload

import (
	"fmt"
	"time"
)

// A Code says why the service did not take something. docs/wire.md lists them.
type Code string

// Codes of a refusal: the package will not be accepted as it stands.
const (
	SignatureInvalid   Code = "signature_invalid"   // a signature does not fit the registered keys
	NotForUs           Code = "not_for_us"          // not encrypted to this service
	StationUnknown     Code = "station_unknown"     // no such station is registered, or not any more
	StationMismatch    Code = "station_mismatch"    // the package names another station than the certificate
	RuleViolated       Code = "rule_violated"       // the package holds what its own grounds do not allow, or lacks what they ask
	Damaged            Code = "damaged"             // the structure or a hash is wrong
	VersionUnsupported Code = "version_unsupported" // of the package's format
	Conflict           Code = "conflict"            // another package has this id or sequence number
	TooLarge           Code = "too_large"           // above the service's limit
	BadRequest         Code = "bad_request"         // the request breaks the wire's rules
)

// Codes of a failure that passes: trying again later is right.
const (
	KeyUnknown      Code = "key_unknown"      // signed by a key not registered yet; all that follow would fail alike
	OffsetMismatch  Code = "offset_mismatch"  // the upload stands elsewhere; the answer says where
	UploadUnknown   Code = "upload_unknown"   // nothing of this package is here
	ContentMismatch Code = "content_mismatch" // what arrived has another hash than its name; it was thrown away
	Busy            Code = "busy"             // too much at once
	StorageFull     Code = "storage_full"     //
	Internal        Code = "internal"         // the service's own fault
)

// Refuses reports whether c is the code of a refusal.
func (c Code) Refuses() bool {
	switch c {
	case SignatureInvalid, NotForUs, StationUnknown, StationMismatch, RuleViolated,
		Damaged, VersionUnsupported, Conflict, TooLarge, BadRequest:
		return true
	}
	return false
}

// A RefusedError is the service's refusal of a package: it will not be accepted
// as it stands, and sending it again is of no use.
type RefusedError struct {
	Code    Code
	Message string // of the service, one line, for the technician
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the service refuses the package: %s (%s)", e.Message, e.Code)
}

// Refused reports that the package is refused for good, and why, in the shape in
// which the queue asks.
func (e *RefusedError) Refused() (code string) { return string(e.Code) }

// A TemporaryError is a failure that may pass: no link, a service that is busy or
// full, an answer that makes no sense. Nothing is lost.
type TemporaryError struct {
	Doing string        // present participle
	Code  Code          // of the service; "" when it did not answer
	After time.Duration // how long the service asks to wait; 0 when it does not
	Err   error
}

func (e *TemporaryError) Error() string { return e.Doing + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *TemporaryError) Unwrap() error { return e.Err }

// Temporary is true.
func (e *TemporaryError) Temporary() bool { return true }
