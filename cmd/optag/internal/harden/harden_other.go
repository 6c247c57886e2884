//go:build !linux

package harden

import "errors"

// process does nothing: only on Linux is it known how.
func process() error {
	return errors.New("not known how on this system")
}
