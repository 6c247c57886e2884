package serialport_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"optag/device"
	"optag/device/serialport"
)

// TestVMLine runs in the virtual machine, testdata/vm: the line is an FTDI
// adapter on the kernel's USB bus, its far end the machine's own second port.
func TestVMLine(t *testing.T) {
	path, peer := os.Getenv("OPTAG_VM_SERIAL"), os.Getenv("OPTAG_VM_SERIAL_PEER")
	if path == "" {
		t.Skip("for the virtual machine, see testdata/vm")
	}
	near, far := open(t, path), open(t, peer)
	goesThrough(t, near, far)
	goesThrough(t, far, near)

	// The adapter is pulled while the station waits for a swipe.
	node, err := filepath.EvalSymlinks("/sys/class/tty/" + filepath.Base(path) + "/device")
	if err != nil {
		t.Fatal(err)
	}
	authorised := filepath.Join(node, "../../authorized")
	time.AfterFunc(200*time.Millisecond, func() { os.WriteFile(authorised, []byte("0"), 0) })
	begin := time.Now()
	if _, err := near.Read(within(t, 5*time.Second), make([]byte, 1)); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("reading from an adapter that is pulled: %v, want %v", err, device.ErrUnplugged)
	}
	t.Logf("unplug noticed after %v", (time.Since(begin) - 200*time.Millisecond).Round(time.Millisecond))
	near.Close()

	// It is plugged in again.
	if err := os.WriteFile(authorised, []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	for begin = time.Now(); ; time.Sleep(50 * time.Millisecond) {
		near, err = serialport.Open(path, device.SerialMode{Baud: 57600})
		if err == nil {
			break
		}
		if time.Since(begin) > 5*time.Second {
			t.Fatalf("after the replug: %v", err)
		}
	}
	t.Cleanup(func() { near.Close() })
	t.Logf("there again after %v", time.Since(begin).Round(time.Millisecond))
	goesThrough(t, far, near)
}

// goesThrough sends every byte there is from one end to the other.
func goesThrough(t *testing.T, from, to *serialport.Port) {
	t.Helper()
	want := make([]byte, 256)
	for i := range want {
		want[i] = byte(i)
	}
	if _, err := from.Write(within(t, 5*time.Second), want); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(reader(func(b []byte) (int, error) { return to.Read(within(t, 5*time.Second), b) }), got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got % x, %v", got, err)
	}
}

type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }
