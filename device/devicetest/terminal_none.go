//go:build !linux

package devicetest

import (
	"os"
	"testing"
)

// Terminal makes a pseudo-terminal on Linux.
func Terminal(t *testing.T) (far *os.File, path string) {
	t.Skip("no pseudo-terminal: only on Linux")
	return nil, ""
}
