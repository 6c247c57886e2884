//go:build !linux

package keyboard

import "errors"

// Open fails: only Linux has event devices.
func Open(string) (*Keyboard, error) {
	return nil, errors.New("opening keyboard: this system has no event devices")
}
