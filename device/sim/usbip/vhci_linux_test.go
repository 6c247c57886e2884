package usbip

import (
	"io"
	"os"
	"syscall"
	"testing"
)

// TestPulledWithAnswersUnread: the kernel takes no more of what was sent to it.
func TestPulledWithAnswersUnread(t *testing.T) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	host, ours := os.NewFile(uintptr(fds[0]), "host"), os.NewFile(uintptr(fds[1]), "device")
	head := make([]byte, headerSize)
	head[3], head[15], head[27] = cmdSubmit, 1, 18
	copy(head[40:], []byte{0x80, 6, 0, 1, 0, 0, 18, 0})
	if _, err := host.Write(head); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- Serve(ours, newToy().gadget()) }()
	if _, err := io.ReadFull(host, head[:4]); err != nil {
		t.Fatal(err)
	}
	host.Close()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
