package queue

import (
	"os"
	"syscall"
	"unsafe"
)

// willNeed has the kernel read the mapped bytes ahead. bbolt maps its file for
// random access, which without this reads page by page.
func willNeed(b []byte) {
	if len(b) == 0 {
		return
	}
	start := unsafe.Pointer(&b[0])
	back := int(uintptr(start) & uintptr(os.Getpagesize()-1))
	pages := unsafe.Slice((*byte)(unsafe.Add(start, -back)), len(b)+back)
	_ = syscall.Madvise(pages, syscall.MADV_WILLNEED) // advice only
}
