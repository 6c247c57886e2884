package serialport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/serialport"
)

func open(t *testing.T, path string) *serialport.Port {
	t.Helper()
	p, err := serialport.Open(path, device.SerialMode{Baud: 57600})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestEveryByteGoesThrough(t *testing.T) {
	far, path := devicetest.Terminal(t)
	p := open(t, path)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if n, err := p.Write(t.Context(), all); n != len(all) || err != nil {
		t.Fatalf("Write: %d, %v", n, err)
	}
	got := make([]byte, len(all))
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, all) {
		t.Fatalf("the device got % x, %v", got, err)
	}
	if _, err := far.Write(all); err != nil {
		t.Fatal(err)
	}
	clear(got)
	for n := 0; n < len(got); {
		m, err := p.Read(within(t, 5*time.Second), got[n:min(len(got), n+7)])
		if err != nil {
			t.Fatalf("Read after %d bytes: %v", n, err)
		}
		n += m
	}
	if !bytes.Equal(got, all) {
		t.Errorf("the program got % x", got)
	}
}

func TestReadEnds(t *testing.T) {
	far, path := devicetest.Terminal(t)
	p := open(t, path)
	buf := make([]byte, 16)

	begun := time.Now()
	if n, err := p.Read(within(t, 30*time.Millisecond), buf); n != 0 || !errors.Is(err, device.ErrSilent) {
		t.Errorf("Read from a silent device: %d, %v, want %v", n, err, device.ErrSilent)
	}
	if took := time.Since(begun); took < 30*time.Millisecond {
		t.Errorf("the deadline came after %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(5*time.Millisecond, cancel)
	if n, err := p.Read(ctx, buf); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Read cancelled: %d, %v", n, err)
	}
	if _, err := p.Write(ctx, buf); !errors.Is(err, context.Canceled) {
		t.Errorf("Write cancelled: %v", err)
	}
	if n, err := p.Read(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("Read into nothing: %d, %v", n, err)
	}
	// A read that ended takes no byte from the next.
	if _, err := far.WriteString("abc"); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(within(t, 5*time.Second), buf); n == 0 || err != nil || buf[0] != 'a' {
		t.Errorf("Read after that: %d, %v", n, err)
	}
}

// TestUnplug: bytes that came before the line was lost are still read.
func TestUnplug(t *testing.T) {
	far, path := devicetest.Terminal(t)
	p := open(t, path)
	if _, err := far.WriteString("last words"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4)
	if n, err := p.Read(within(t, 5*time.Second), buf); n != 4 || err != nil {
		t.Fatalf("Read: %d, %v", n, err)
	}
	time.AfterFunc(10*time.Millisecond, func() { far.Close() })
	got := string(buf)
	for {
		n, err := p.Read(within(t, 5*time.Second), buf)
		got += string(buf[:n])
		if err == nil {
			continue
		}
		if !errors.Is(err, device.ErrUnplugged) || strings.Contains(err.Error(), "it was closed") {
			t.Errorf("Read after unplugging: %v", err)
		}
		break
	}
	if got != "last words" {
		t.Errorf("read %q before the end", got)
	}
	if _, err := p.Read(within(t, 5*time.Second), buf); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("Read again: %v", err)
	}
	if _, err := p.Write(t.Context(), buf); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("Write: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestClose(t *testing.T) {
	_, path := devicetest.Terminal(t)
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	p := open(t, path)
	failed := make(chan error)
	go func() {
		_, err := p.Read(context.Background(), make([]byte, 1))
		failed <- err
	}()
	time.Sleep(5 * time.Millisecond)
	for range 2 {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := <-failed; !errors.Is(err, device.ErrUnplugged) || !strings.Contains(err.Error(), "it was closed") {
		t.Errorf("the Read that waited: %v", err)
	}
	if _, err := p.Write(t.Context(), []byte("x")); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("Write after Close: %v", err)
	}
	if now := openFiles(t); now != files {
		t.Errorf("%d open files after Close, %d before Open", now, files)
	}
	time.Sleep(time.Millisecond)
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines after Close, %d before Open", now, goroutines)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("counting open files: %v", err)
	}
	return len(entries)
}

// TestNobodyReads: a chattering device fills no memory, and what was kept is
// whole.
func TestNobodyReads(t *testing.T) {
	far, path := devicetest.Terminal(t)
	p := open(t, path)
	sent := 0
	for block := byte(0); sent < 1<<20; block++ {
		far.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := far.Write(bytes.Repeat([]byte{block}, 1024))
		if sent += n; err != nil {
			break
		}
	}
	if sent >= 1<<20 {
		t.Errorf("the line took %d bytes that nobody read", sent)
	}
	buf := make([]byte, 1000)
	for n := 0; n < sent; {
		m, err := p.Read(within(t, 5*time.Second), buf)
		if err != nil {
			t.Fatalf("after %d of %d bytes: %v", n, sent, err)
		}
		for i, b := range buf[:m] {
			if want := byte((n + i) / 1024); b != want {
				t.Fatalf("byte %d is %d, want %d", n+i, b, want)
			}
		}
		n += m
	}
}

// TestDeviceTakesNothing: a write to a device that hangs ends with its deadline,
// and so does Close.
func TestDeviceTakesNothing(t *testing.T) {
	far, path := devicetest.Terminal(t)
	goroutines := runtime.NumGoroutine()
	p := open(t, path)
	begun := time.Now()
	if _, err := p.Write(within(t, 50*time.Millisecond), make([]byte, 1<<20)); !errors.Is(err, device.ErrSilent) {
		t.Errorf("Write: %v, want %v", err, device.ErrSilent)
	}
	if _, err := p.Write(within(t, 20*time.Millisecond), []byte("x")); !errors.Is(err, device.ErrSilent) {
		t.Errorf("Write after it: %v, want %v", err, device.ErrSilent)
	}
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("it took %v", took)
	}
	far.Close() // unplugged: the system lets go of what was written
	for end := time.Now().Add(2 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	_, path := devicetest.Terminal(t)
	for _, c := range []struct {
		name string
		path string
		mode device.SerialMode
		want error // nil: any
	}{
		{name: "no such line", path: "/dev/serial/by-id/gone", want: device.ErrUnplugged},
		{name: "not a line", path: "/dev/null"},
		{name: "no such parity", path: path, mode: device.SerialMode{Parity: "mark"}},
		{name: "three stop bits", path: path, mode: device.SerialMode{StopBits: 3}},
		{name: "nine data bits", path: path, mode: device.SerialMode{DataBits: 9}},
		{name: "a speed below nothing", path: path, mode: device.SerialMode{Baud: -1}},
		{name: "outputs on a line without wires", path: path, mode: device.SerialMode{DTR: device.OutputOn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := openFiles(t)
			p, err := serialport.Open(c.path, c.mode)
			if err == nil {
				p.Close()
				t.Fatal("Open succeeded")
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("Open: %v, want %v", err, c.want)
			}
			if now := openFiles(t); now != files {
				t.Errorf("%d open files, %d before", now, files)
			}
		})
	}
}

func TestModes(t *testing.T) {
	_, path := devicetest.Terminal(t)
	for _, m := range []device.SerialMode{
		{},
		{Baud: 115200, DataBits: 7, Parity: device.ParityEven, StopBits: 2},
		{Baud: 9600, DataBits: 8, Parity: device.ParityOdd, StopBits: 1},
		{Baud: 76800},
	} {
		p, err := serialport.Open(path, m)
		if err != nil {
			t.Errorf("Open with %+v: %v", m, err)
			continue
		}
		p.Close()
	}
}

func TestHeldByAnother(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root is not kept out of a line that is held")
	}
	_, path := devicetest.Terminal(t)
	open(t, path)
	if p, err := serialport.Open(path, device.SerialMode{}); !errors.Is(err, serialport.ErrBusy) {
		p.Close()
		t.Errorf("opening the line a second time: %v, want %v", err, serialport.ErrBusy)
	}
}
