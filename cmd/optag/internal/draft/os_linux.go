package draft

import (
	"os"

	"golang.org/x/sys/unix"
)

// page returns n bytes, at most one page, that neither swap nor a core dump nor a
// forked process sees; locked is false where the kernel denied any of it.
func page(n int) (b []byte, free func(), locked bool) {
	all, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return make([]byte, n), func() {}, false
	}
	locked = true
	for _, err := range []error{
		unix.Mlock(all),
		unix.Madvise(all, unix.MADV_DONTDUMP),
		unix.Madvise(all, unix.MADV_WIPEONFORK),
	} {
		locked = locked && err == nil
	}
	return all[:n], func() { _ = unix.Munmap(all) }, locked
}

// inherit opens a pipe that the parent left at a file descriptor, and keeps it
// from our own children; nil where there is no pipe.
func inherit(fd uintptr) *os.File {
	var st unix.Stat_t
	if unix.Fstat(int(fd), &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return nil
	}
	unix.CloseOnExec(int(fd))
	return os.NewFile(fd, "parent")
}
