package devicetest

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// Terminal makes a pseudo-terminal, on which a simulated device of a serial line
// meets its driver through the kernel. It returns the far end, which may be closed
// while it is written to, and the path of the near one.
func Terminal(t *testing.T) (far *os.File, path string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { far.Close() })
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number, unlocked uint32
	for _, ask := range []struct {
		request uintptr
		value   *uint32
	}{{syscall.TIOCGPTN, &number}, {syscall.TIOCSPTLCK, &unlocked}} {
		var no syscall.Errno
		err := raw.Control(func(fd uintptr) {
			_, _, no = syscall.Syscall(syscall.SYS_IOCTL, fd, ask.request, uintptr(unsafe.Pointer(ask.value)))
		})
		if err != nil || no != 0 {
			t.Skipf("no pseudo-terminal: %v", errors.Join(err, no))
		}
	}
	return far, fmt.Sprintf("/dev/pts/%d", number)
}
