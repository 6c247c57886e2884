package emrtd

import (
	"errors"
	"fmt"

	"optag/device/emrtd/apdu"
	"optag/device/emrtd/lds"
)

// What can be wrong with a reading, by who can do something about it. A card
// taken away is [device.ErrRemoved]; the other errors of the transport are
// those of [device.Card].
var (
	// ErrNotTravelDocument: what lies in the reader has neither the application
	// of a travel document nor the file that announces PACE.
	ErrNotTravelDocument = errors.New("not a travel document")

	// ErrNoAccess: the chip opens in no way that the key at hand serves for. A
	// chip without PACE, say, does not open with a CAN.
	ErrNoAccess = errors.New("the chip does not open with a key of this kind")
)

// A KeyError says that the chip did not take the key: it was misread or
// mistyped, or is that of another document. The key was tried once.
type KeyError struct {
	Tries  int // left before the chip blocks it; -1 where the chip does not tell
	Status apdu.Status
}

func (e *KeyError) Error() string { return "opening the chip: " + e.Status.Error() }

// Unwrap is the status.
func (e *KeyError) Unwrap() error { return e.Status }

// A Refusal is a command that the chip did not carry out.
type Refusal struct {
	Doing  string // in the present participle
	Status apdu.Status
}

func (e *Refusal) Error() string { return e.Doing + ": the card refuses: " + e.Status.Error() }

// Unwrap is the status.
func (e *Refusal) Unwrap() error { return e.Status }

// A Broken says that what the chip sent is not what it should be.
type Broken struct {
	Doing string   // in the present participle
	File  lds.File // that was being read; 0 for none
	At    int      // bytes from the beginning of the file to where the fault begins
	Err   error
}

func (e *Broken) Error() string {
	if e.File == 0 {
		return e.Doing + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s %v at byte %d: %v", e.Doing, e.File, e.At, e.Err)
}

func (e *Broken) Unwrap() error { return e.Err }

// A fileRule is what the bytes of a file do not keep.
type fileRule string

func (r fileRule) Error() string { return string(r) }

// faulty is the error for a file of another form than it should have.
func faulty(file lds.File, err error) error {
	var f *lds.Fault
	if errors.As(err, &f) {
		return &Broken{"reading", file, f.At, fileRule(f.Rule)}
	}
	return &Broken{"reading", file, 0, err}
}

// broken makes a Broken outside any file.
func broken(doing, format string, args ...any) error {
	return &Broken{Doing: doing, Err: fmt.Errorf(format, args...)}
}

// refused is the error for a status that is not the wanted one.
func refused(doing string, s apdu.Status) error { return &Refusal{doing, s} }

// keyRefused tells a wrong key from other refusals of the command that proves
// it (Doc 9303-11, 4.3 and 4.4.4; chips in the field differ).
func keyRefused(doing string, s apdu.Status) error {
	if left, ok := s.Tries(); ok {
		return &KeyError{left, s}
	}
	switch s {
	case apdu.Blocked:
		return &KeyError{0, s}
	case apdu.AuthFailed, apdu.NotAllowed, apdu.Conditions, apdu.WrongObjects:
		return &KeyError{-1, s}
	}
	return refused(doing, s)
}
