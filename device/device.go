// Package device says what the hardware of a station is: fingerprint scanners
// and cameras that deliver frames, readers that deliver lines, and the two ways
// in which they answer when they do not deliver one. It holds no driver; drivers live in the packages
// below it, and the simulator is one of them.
package device

import (
	"context"
	"errors"
	"image"
	"iter"
)

// A Frame is one image of the platen as the sensor delivered it.
//
// The image belongs to the driver: it is valid until the next frame is asked
// for, and whoever keeps a print copies it.
type Frame struct {
	Image   *image.Gray // 8 bit grey, ridges dark on a light ground
	PPI     [2]int      // scanning resolution in pixels per inch, across and down
	Contact bool        // a finger lies on the glass
}

// A Picture is one image of a camera.
//
// It belongs to the driver as a [Frame] does.
type Picture struct {
	Image     image.Image // decoded, for the screen and the checks
	Encoded   []byte      // the same picture in the camera's own bytes; nil in a mere preview
	MediaType string      // of Encoded: "image/jpeg" or "image/png"
}

// A Swipe is one reading of a document's machine readable zone: three lines of
// 30 characters, or two of 36 or 44 (ICAO Doc 9303), of A to Z, 0 to 9 and "<".
// Whether its check digits agree is for whoever reads it to say.
type Swipe struct {
	Lines []string
}

// A Reading is one thing that a device delivers.
type Reading interface {
	Frame | Picture | Swipe
}

// A Source delivers frames: a fingerprint scanner or a camera; or lines.
type Source[T Reading] interface {
	// Info describes the device. It is known from the moment of opening.
	Info() Info

	// Frames yields frames until ctx ends or the device fails.
	// A [Retry] error is advice to the person; frames may follow it.
	// Any other error is the last thing yielded, and is or wraps one of
	// [ErrUnplugged], [ErrSilent] and [ErrGarbled]. The end of ctx yields
	// nothing. Only one sequence may run at a time; after one has ended
	// without a failure another may be started. [Exclusive] keeps these
	// promises for a driver.
	Frames(ctx context.Context) iter.Seq2[T, error]

	// Close releases the hardware. A sequence that runs elsewhere ends with
	// [ErrUnplugged], as does every one that is begun afterwards. Closing
	// twice is allowed.
	Close() error
}

// A Scanner is a live-scan fingerprint scanner.
type Scanner = Source[Frame]

// A Camera takes portraits.
type Camera = Source[Picture]

// A LineReader reads the machine readable zone of a document drawn through it.
type LineReader = Source[Swipe]

// Info identifies a device in the record of a capture, and to a technician.
type Info struct {
	Maker     string `json:"maker"`
	Model     string `json:"model"`
	Serial    string `json:"serial"`          // "" where the device has none
	Firmware  string `json:"firmware"`        // "" where the device tells none
	Driver    string `json:"driver"`          // package name, e.g. "uru4500"
	Version   string `json:"version"`         // of the driver
	Slaps     bool   `json:"slaps,omitempty"` // the platen takes four fingers at once (FAP 50 and above)
	Certified bool   `json:"certified"`       // fit for enrolment by itself (FBI EBTS Appendix F, PIV or FAP 30 and above)
	FAP       int    `json:"fap,omitempty"`   // fingerprint acquisition profile, one of FAPs; 0 where nobody says
}

// FAPs are the fingerprint acquisition profiles of ANSI/NIST-ITL 1, field 14.031:
// the higher, the larger the platen. No device of these drivers tells its own; a
// site takes it from the certificate.
func FAPs() []int { return []int{10, 20, 30, 40, 45, 50, 60} }

// A Retry is advice to the person in front of the device, or to the officer who
// holds the document. It is an error value only because no frame comes with it;
// nothing has failed.
type Retry string

// Advice that drivers and quality checks give.
const (
	Centre      Retry = "centre"       // move the finger to the middle
	PressHarder Retry = "press_harder" //
	PressLess   Retry = "press_less"   //
	Lift        Retry = "lift"         // lift the finger, the glass must be clear
	WipeFinger  Retry = "wipe_finger"  // finger is wet or dirty
	WipeGlass   Retry = "wipe_glass"   // the platen is dirty
	HoldStill   Retry = "hold_still"   //
	OtherFinger Retry = "other_finger" // this finger was taken before
	LookHere    Retry = "look_here"    // look up at the camera
	Closer      Retry = "closer"       // come closer to the camera
	Back        Retry = "back"         // move back from the camera

	OtherHand    Retry = "other_hand"    // these are the fingers of the other hand
	AllFingers   Retry = "all_fingers"   // lay down all the fingers that are shown
	TheseFingers Retry = "these_fingers" // lay down only the fingers that are shown
	CentreHand   Retry = "centre_hand"   // a fingertip lies beyond the glass
	Spread       Retry = "spread"        // fingers touch each other
	Straighten   Retry = "straighten"    // the hand is turned too far

	SwipeAgain Retry = "swipe_again" // the lines of the document were not read whole
)

// Error returns the advice as a short code; the words for it, in the person's
// language, are the screen's.
func (r Retry) Error() string { return string(r) }

// What can be wrong with a device. Drivers wrap these with what they were doing.
var (
	// ErrUnplugged: the device is gone from its bus.
	ErrUnplugged = errors.New("device unplugged")

	// ErrSilent: the device is there and does not answer within its deadline.
	ErrSilent = errors.New("device does not answer")

	// ErrGarbled: the device answers with what its protocol does not allow.
	ErrGarbled = errors.New("device answers with wrong data")
)

// Failed reports whether an error is one of these three: a failure of the device,
// and neither its advice nor its answer.
func Failed(err error) bool {
	return errors.Is(err, ErrUnplugged) || errors.Is(err, ErrSilent) || errors.Is(err, ErrGarbled)
}
