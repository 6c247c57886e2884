//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package queue

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// isDiskFull reports whether err says that the file cannot grow.
func isDiskFull(err error) bool {
	const (
		handleDiskFull = syscall.Errno(39)  // ERROR_HANDLE_DISK_FULL
		diskFull       = syscall.Errno(112) // ERROR_DISK_FULL
	)
	return errors.Is(err, handleDiskFull) || errors.Is(err, diskFull)
}

// isDisk reports whether err came from the operating system.
func isDisk(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno)
}

// syncDir does nothing where directories cannot be synced; the file system
// journals names itself.
func syncDir(string) error { return nil }

// lock leaves locking to bbolt, which takes its lock a moment later.
func lock(*os.File, time.Duration) error { return nil }
