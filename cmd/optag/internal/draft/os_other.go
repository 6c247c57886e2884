//go:build !linux

package draft

import "os"

// page returns n bytes of ordinary memory.
func page(n int) (b []byte, free func(), locked bool) { return make([]byte, n), func() {}, false }

// inherit finds no pipe: only on Linux is the kiosk supervised.
func inherit(uintptr) *os.File { return nil }
