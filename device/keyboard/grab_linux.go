package keyboard

import (
	"fmt"
	"os"
	"syscall"
)

// grab is the request EVIOCGRAB of linux/input.h: _IOW('E', 0x90, int).
const grab = 0x40044590

// Open opens the event device at path, e.g. one below /dev/input/by-id whose name
// ends in "-event-kbd", for this program alone: what it types reaches nobody
// else. The error is or wraps [device.ErrUnplugged] where there is none,
// [ErrBusy], or fs.ErrPermission.
func Open(path string) (*Keyboard, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening keyboard: %w", reason(err))
	}
	if err := take(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("opening keyboard %s: %w", path, reason(err))
	}
	return open(file), nil
}

// take takes the keyboard away from everybody else.
func take(file *os.File) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var no syscall.Errno
	err = raw.Control(func(fd uintptr) { _, _, no = syscall.Syscall(syscall.SYS_IOCTL, fd, grab, 1) })
	if err == nil && no != 0 {
		err = no
	}
	return err
}
