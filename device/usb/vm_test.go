//go:build cgo && linux

package usb_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"optag/device"
	"optag/device/fm220"
	"optag/device/fm220/fm220test"
	"optag/device/ptp"
	"optag/device/ptp/ptptest"
	"optag/device/sim/usbip"
	"optag/device/uru4500"
	"optag/device/uru4500/uru4500test"
	"optag/device/usb"
)

// The tests named TestVM run in a virtual machine, testdata/vm, where the
// kernel's own USB core meets a simulated scanner.

// Ports of the kernel's controller, a hub of eight and more. The tests run beside
// each other: most of what they do is waiting for the hub.
const (
	portTouch = iota
	portUnplug
	portReplug
	portHeld
	portFM220
	portCamera
	portWithoutRoot
)

// inVM skips the test outside of the virtual machine, and runs it beside the
// others there.
func inVM(t *testing.T) {
	t.Helper()
	if os.Getenv("OPTAG_VM") == "" {
		t.Skip("for the virtual machine, see testdata/vm")
	}
	t.Parallel()
}

// plugIn plugs a device into a port of the kernel's.
func plugIn(t *testing.T, port int, g usbip.Gadget) *usbip.Plug {
	t.Helper()
	p, err := usbip.Attach(port, g)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Pull(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// scanner is a simulated 4500 as the bus sees it.
func scanner(t *testing.T, sim *uru4500test.Sim) usbip.Gadget {
	t.Helper()
	raw, err := hex.DecodeString(descriptors)
	if err != nil {
		t.Fatal(err)
	}
	return usbip.Gadget{
		Descriptor: raw[:18], Configuration: raw[18:],
		Strings: []string{mockMaker, mockProduct, mockSerial},
		Bus:     sim,
	}
}

// discover waits until the kernel has a device in a port, and finds it. An
// emulated machine is slow: what it took is told, not judged.
func discover(t *testing.T, port int) device.USBInfo {
	t.Helper()
	begin := time.Now()
	ports, _ := filepath.Glob("/sys/devices/platform/vhci_hcd.0/usb*")
	for ; time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		for _, hub := range ports {
			bus, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(hub), "usb"))
			address, err := os.ReadFile(filepath.Join(hub, fmt.Sprintf("%d-%d/devnum", bus, port+1)))
			if err != nil {
				continue
			}
			there := time.Since(begin)
			list, err := usb.List()
			if err != nil {
				t.Fatal(err)
			}
			for _, info := range list {
				if info.Bus == bus && fmt.Sprintln(info.Address) == string(address) {
					t.Logf("there after %v, found after %v", there.Round(time.Millisecond), (time.Since(begin)).Round(time.Millisecond))
					return info
				}
			}
		}
	}
	t.Fatalf("nothing found in port %d", port)
	return device.USBInfo{}
}

// openVM opens the device that info describes.
func openVM(t *testing.T, info device.USBInfo) *usb.Device {
	t.Helper()
	dev, err := usb.Open(t.Context(), info, uru4500.Class())
	if err != nil {
		t.Fatal(err)
	}
	return dev
}

// touch takes the images of a finger and compares every pixel.
func touch(t *testing.T, sim *uru4500test.Sim, dev *usb.Device) {
	t.Helper()
	f := fixture{blocks: uru4500test.RealBlocks()}
	want := f.picture()
	sim.Touch(want)
	f.scan(t, dev, dev.Info(), func(frames string, frame device.Frame) {
		if frame.Contact && !bytes.Equal(frame.Image.Pix, want.Pix) {
			t.Errorf("frame %d is not the picture", len(frames))
		}
		if frames == strings.TrimSuffix(f.frames(), "c") {
			sim.Lift()
		}
	})
}

func newSim(c uru4500test.Config) *uru4500test.Sim {
	c.Secret, c.Blocks = 0x4500, uru4500test.RealBlocks()
	return uru4500test.New(c)
}

func TestVMTouch(t *testing.T) {
	inVM(t)
	sim := newSim(uru4500test.Config{})
	plugIn(t, portTouch, scanner(t, sim))
	dev := openVM(t, discover(t, portTouch))
	if got := dev.Info(); got.Maker != mockMaker || got.Product != mockProduct || got.Serial != mockSerial {
		t.Errorf("strings %q, %q, %q", got.Maker, got.Product, got.Serial)
	}
	touch(t, sim, dev)
}

// TestVMUnplug pulls the cable in the middle of an image, and lets the device
// die in other transfers; plugged into another port, it works again.
func TestVMUnplug(t *testing.T) {
	inVM(t)
	for _, c := range []struct {
		name string
		at   int // the transfer in which the device leaves by itself; 0: it is pulled while an image is awaited
	}{
		{"cable pulled while an image is awaited", 0},
		{"device gone in the middle of the key exchange", 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := newSim(uru4500test.Config{UnplugAt: c.at, ImageDelay: time.Duration(1-min(c.at, 1)) * time.Second})
			first.Touch(uru4500test.Ridges(1))
			p := plugIn(t, portUnplug, scanner(t, first))
			info := discover(t, portUnplug)
			if c.at == 0 {
				time.AfterFunc(700*time.Millisecond, func() { _ = p.Pull() })
			}
			if err := scanUntilGone(t, info); !errors.Is(err, device.ErrUnplugged) {
				t.Errorf("error %v, want %v", err, device.ErrUnplugged)
			}
			again := newSim(uru4500test.Config{})
			plugIn(t, portReplug, scanner(t, again))
			touch(t, again, openVM(t, discover(t, portReplug)))
		})
	}
}

// scanUntilGone scans until the device fails, which must not take long.
func scanUntilGone(t *testing.T, info device.USBInfo) error {
	t.Helper()
	begin := time.Now()
	dev, err := usb.Open(t.Context(), info, uru4500.Class())
	if err != nil {
		return err
	}
	s, err := uru4500.Open(t.Context(), dev, uru4500.Options{USB: info, Random: fixtureSeeds()})
	if err != nil {
		return err
	}
	defer s.Close()
	for _, err = range s.Frames(t.Context()) {
		if err != nil {
			t.Logf("noticed %v after the first word", time.Since(begin).Round(time.Millisecond))
			return err
		}
	}
	return nil
}

// TestVMHeld: another program holds the scanner, and lets it go.
func TestVMHeld(t *testing.T) {
	inVM(t)
	sim := newSim(uru4500test.Config{})
	plugIn(t, portHeld, scanner(t, sim))
	info := discover(t, portHeld)
	held := openVM(t, info)
	if _, err := usb.Open(t.Context(), info, uru4500.Class()); !errors.Is(err, usb.ErrBusy) {
		t.Errorf("a scanner in use, opened again: %v, want %v", err, usb.ErrBusy)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	touch(t, sim, openVM(t, info))
}

// TestVMFM220: an FM220, which answers on bulk endpoints alone, shows through the
// kernel what it shows without.
func TestVMFM220(t *testing.T) {
	inVM(t)
	touched := func() *fm220test.Sim {
		sim := fm220test.New(fm220test.Config{Babble: 700})
		sim.Touch(fm220test.Ridges(220))
		return sim
	}
	info := device.USBInfo{USBID: device.USBID{Vendor: 0x0bca, Product: 0x8220}}
	var want []byte
	done := make(chan struct{})
	go func() { // its pauses take two seconds
		defer close(done)
		want = firstTouch(t, touched(), info)
	}()
	plugIn(t, portFM220, usbip.Gadget{
		Descriptor: []byte{18, 1, 0, 2, 0, 0, 0, 64, 0xca, 0x0b, 0x20, 0x82, 0, 1, 0, 0, 0, 1},
		Configuration: []byte{9, 2, 39, 0, 1, 1, 0, 0x80, 250, 9, 4, 0, 0, 3, 0xff, 0, 0, 0,
			7, 5, 0x01, 2, 0, 2, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 0x82, 2, 0, 2, 0},
		HighSpeed: true,
		Bus:       touched(),
	})
	found := discover(t, portFM220)
	dev, err := usb.OpenInterface(t.Context(), found, fm220.Interface)
	if err != nil {
		t.Fatal(err)
	}
	got := firstTouch(t, dev, found)
	if <-done; got == nil || !bytes.Equal(got, want) {
		t.Error("another picture than without the kernel")
	}
}

// firstTouch is the first frame of a finger on an FM220; nil where there is none.
func firstTouch(t *testing.T, bus device.USB, info device.USBInfo) []byte {
	s, err := fm220.Open(t.Context(), bus, fm220.Options{USB: info})
	if err != nil {
		t.Error(err)
		return nil
	}
	defer s.Close()
	for f, err := range s.Frames(t.Context()) {
		if err != nil {
			t.Error(err)
			break
		}
		if f.Contact {
			return bytes.Clone(f.Image.Pix)
		}
	}
	return nil
}

// TestVMCamera: a still camera is released, and its file comes through the
// kernel bit for bit.
func TestVMCamera(t *testing.T) {
	inVM(t)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, uru4500test.Ridges(10), &jpeg.Options{Quality: 98}); err != nil {
		t.Fatal(err)
	}
	sim := ptptest.New(ptptest.Config{Picture: func(int) []byte { return bytes.Clone(file.Bytes()) }})
	configuration := make([]byte, 512)
	n, err := sim.Control(t.Context(), 0x80, 6, 0x0200, 0, configuration)
	if err != nil {
		t.Fatal(err)
	}
	plugIn(t, portCamera, usbip.Gadget{
		Descriptor:    []byte{18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0, 0, 1, 0, 0, 0, 1},
		Configuration: configuration[:n],
		HighSpeed:     true,
		Bus:           sim,
	})
	dev, err := usb.Open(t.Context(), discover(t, portCamera), ptp.Class())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ptp.Open(t.Context(), dev, ptp.Options{USB: dev.Info()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c.Shoot()
	for p, err := range c.Frames(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Encoded, file.Bytes()) {
			t.Errorf("a picture of %d bytes is not the camera's of %d", len(p.Encoded), file.Len())
		}
		return
	}
	t.Errorf("no picture: %v, %+v", ctx.Err(), c.Stats())
}

// asUserVar tells the test that it runs as the user of the station.
const asUserVar = "OPTAG_VM_USER"

// TestVMWithoutRoot: with the udev rule of the Debian package the station's user
// may use the scanner, and no other.
func TestVMWithoutRoot(t *testing.T) {
	inVM(t)
	if os.Getenv(asUserVar) != "" {
		dev, err := usb.Open(t.Context(), discover(t, portWithoutRoot), uru4500.Class())
		if err != nil {
			t.Fatal(err)
		}
		s, err := uru4500.Open(t.Context(), dev, uru4500.Options{USB: dev.Info(), Random: fixtureSeeds()})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		return
	}
	const station, anybody = 900, 901
	plugIn(t, portWithoutRoot, scanner(t, newSim(uru4500test.Config{})))
	awaitGroup(t, discover(t, portWithoutRoot), station)
	for user, want := range map[uint32]string{station: "PASS: ", anybody: "no right to the device"} {
		cmd := exec.Command("/proc/self/exe", "-test.run", "^TestVMWithoutRoot$", "-test.v")
		cmd.Env = append(os.Environ(), asUserVar+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), want) {
			t.Errorf("user %d: want %q\n%s", user, want, out)
		}
	}
}

// awaitGroup waits until udev has given a device to a group.
func awaitGroup(t *testing.T, info device.USBInfo, group uint32) {
	t.Helper()
	node := fmt.Sprintf("/dev/bus/usb/%03d/%03d", info.Bus, info.Address)
	for begin := time.Now(); time.Since(begin) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
		if s, err := os.Stat(node); err == nil && s.Sys().(*syscall.Stat_t).Gid == group {
			return
		}
	}
	t.Fatalf("%s was not given to group %d within ten seconds", node, group)
}
