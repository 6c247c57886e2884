//go:build linux && (amd64 || arm64)

package v4l2

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System opens a real video device.
func System(path string) (Node, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, fmt.Errorf("opening node: %w", err)
	}
	return file(fd), nil
}

// A file is an open file descriptor.
type file int

// retry calls f again while a signal interrupts it.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func (f file) Ioctl(request uint32, arg []byte) error {
	_, err := retry(func() (int, error) {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(f), uintptr(request), uintptr(unsafe.Pointer(unsafe.SliceData(arg))))
		if errno != 0 {
			return 0, errno
		}
		return 0, nil
	})
	return err
}

func (f file) Map(offset int64, length int) ([]byte, error) {
	return unix.Mmap(int(f), offset, length, unix.PROT_READ, unix.MAP_SHARED)
}

func (f file) Unmap(mapped []byte) error { return unix.Munmap(mapped) }

func (f file) Poll(timeout time.Duration) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(f), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(timeout.Milliseconds()))
	if errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return n > 0, err
}

func (f file) Now() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

func (f file) Close() error { return unix.Close(int(f)) }
