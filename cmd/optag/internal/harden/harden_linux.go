package harden

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// process forbids core dumps of this process and its children, and makes this
// one unreadable to others of the same user: no ptrace, no /proc/PID/mem.
func process() error {
	var errs []error
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		errs = append(errs, fmt.Errorf("setting RLIMIT_CORE to 0: %w", err))
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		errs = append(errs, fmt.Errorf("clearing PR_SET_DUMPABLE: %w", err))
	}
	return errors.Join(errs...)
}
