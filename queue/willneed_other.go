//go:build !linux

package queue

// willNeed does nothing where the kernel takes no such advice.
func willNeed([]byte) {}
