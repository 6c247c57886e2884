package emrtdtest

import (
	"net"
	"syscall"
)

// hurry has the kernel acknowledge at once what comes next. Where it does not,
// all is slower.
func hurry(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
