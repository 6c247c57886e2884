//go:build cgo && linux

package usb_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"image/jpeg"
	"os"
	"os/exec"
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

// inVM skips the test outside of the virtual machine.
func inVM(t *testing.T) {
	t.Helper()
	if os.Getenv("OPTAG_VM") == "" {
		t.Skip("for the virtual machine, see testdata/vm")
	}
}

// plugIn plugs a simulated 4500 into a port of the kernel's.
func plugIn(t *testing.T, port int, sim *uru4500test.Sim) *usbip.Plug {
	t.Helper()
	raw, err := hex.DecodeString(descriptors)
	if err != nil {
		t.Fatal(err)
	}
	p, err := usbip.Attach(port, usbip.Gadget{
		Descriptor: raw[:18], Configuration: raw[18:],
		Strings: []string{mockMaker, mockProduct, mockSerial},
		Bus:     sim,
	})
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

// discover looks for a scanner until it is there, as the station does. An
// emulated machine is slow: what it took is told, not judged.
func discover(t *testing.T) device.USBInfo {
	t.Helper()
	return discoverBy(t, func(id device.USBID) bool {
		_, ours := uru4500.Model(id)
		return ours
	})
}

func discoverBy(t *testing.T, wanted func(device.USBID) bool) device.USBInfo {
	t.Helper()
	begin := time.Now()
	for time.Since(begin) < 10*time.Second {
		list, err := usb.List()
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range list {
			if wanted(info.USBID) {
				t.Logf("found after %v", time.Since(begin).Round(time.Millisecond))
				return info
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("no scanner found within ten seconds")
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
	plugIn(t, 0, sim)
	dev := openVM(t, discover(t))
	if got := dev.Info(); got.Maker != mockMaker || got.Product != mockProduct || got.Serial != mockSerial {
		t.Errorf("strings %q, %q, %q", got.Maker, got.Product, got.Serial)
	}
	touch(t, sim, dev)
}

// TestVMUnplug pulls the cable in the middle of an image, and lets the device
// die in other transfers; plugged into another port, it works again.
func TestVMUnplug(t *testing.T) {
	inVM(t)
	for port, c := range []struct {
		name string
		at   int // the transfer in which the device leaves by itself; 0: it is pulled while an image is awaited
	}{
		{"cable pulled while an image is awaited", 0},
		{"device gone in the middle of the key exchange", 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := newSim(uru4500test.Config{UnplugAt: c.at, ImageDelay: time.Duration(1-min(c.at, 1)) * time.Second})
			first.Touch(uru4500test.Ridges(1))
			p := plugIn(t, 2*port%8, first)
			info := discover(t)
			if c.at == 0 {
				time.AfterFunc(700*time.Millisecond, func() { _ = p.Pull() })
			}
			if err := scanUntilGone(t, info); !errors.Is(err, device.ErrUnplugged) {
				t.Errorf("error %v, want %v", err, device.ErrUnplugged)
			}
			again := newSim(uru4500test.Config{})
			plugIn(t, (2*port+1)%8, again)
			next := discoverAfter(t, info)
			touch(t, again, openVM(t, next))
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

// discoverAfter is discover for a device that is plugged in anew.
func discoverAfter(t *testing.T, old device.USBInfo) device.USBInfo {
	t.Helper()
	info := discover(t)
	for begin := time.Now(); info.Bus == old.Bus && info.Address == old.Address && time.Since(begin) < 10*time.Second; {
		time.Sleep(50 * time.Millisecond)
		info = discover(t)
	}
	return info
}

// TestVMHeld: another program holds the scanner, and lets it go.
func TestVMHeld(t *testing.T) {
	inVM(t)
	sim := newSim(uru4500test.Config{})
	plugIn(t, 0, sim)
	info := discover(t)
	held := openVM(t, info)
	if dev, err := usb.Open(t.Context(), info, uru4500.Class()); err == nil {
		dev.Close()
		t.Error("a scanner in use can be opened again")
	} else {
		t.Logf("refused: %v", err)
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
	first := func(bus device.USB, info device.USBInfo) []byte {
		t.Helper()
		s, err := fm220.Open(t.Context(), bus, fm220.Options{USB: info})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for f, err := range s.Frames(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if f.Contact {
				return bytes.Clone(f.Image.Pix)
			}
		}
		t.Fatal("no frame of the finger")
		return nil
	}
	touched := func() *fm220test.Sim {
		sim := fm220test.New(fm220test.Config{Babble: 700})
		sim.Touch(fm220test.Ridges(220))
		return sim
	}
	info := device.USBInfo{USBID: device.USBID{Vendor: 0x0bca, Product: 0x8220}}
	want := first(touched(), info)

	p, err := usbip.Attach(0, usbip.Gadget{
		Descriptor: []byte{18, 1, 0, 2, 0, 0, 0, 64, 0xca, 0x0b, 0x20, 0x82, 0, 1, 0, 0, 0, 1},
		Configuration: []byte{9, 2, 39, 0, 1, 1, 0, 0x80, 250, 9, 4, 0, 0, 3, 0xff, 0, 0, 0,
			7, 5, 0x01, 2, 0, 2, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 0x82, 2, 0, 2, 0},
		HighSpeed: true,
		Bus:       touched(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Pull()
	found := discoverBy(t, func(id device.USBID) bool { return id == info.USBID })
	dev, err := usb.OpenInterface(t.Context(), found, fm220.Interface)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first(dev, found), want) {
		t.Error("another picture than without the kernel")
	}
}

// TestVMCamera: a still camera is released, and its file comes through the
// kernel bit for bit. QEMU's own PTP device, whose files have no format that is
// a picture's, must at least be opened and described.
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
	ours := device.USBID{Vendor: 0x1209, Product: 0x0001}
	p, err := usbip.Attach(0, usbip.Gadget{
		Descriptor:    []byte{18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 0x01, 0, 0, 1, 0, 0, 0, 1},
		Configuration: configuration[:n],
		HighSpeed:     true,
		Bus:           sim,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Pull()

	c := openCamera(t, ours)
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c.Shoot()
	got := 0
	for p, err := range c.Frames(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Encoded, file.Bytes()) {
			t.Errorf("a picture of %d bytes is not the camera's of %d", len(p.Encoded), file.Len())
		}
		got++
		break
	}
	if got != 1 {
		t.Errorf("no picture: %v, %+v", ctx.Err(), c.Stats())
	}
	if err := openCamera(t, device.USBID{Vendor: 0x46f4, Product: 0x0004}).Close(); err != nil {
		t.Error(err)
	}
}

func openCamera(t *testing.T, id device.USBID) *ptp.Camera {
	t.Helper()
	dev, err := usb.Open(t.Context(), discoverBy(t, func(got device.USBID) bool { return got == id }), ptp.Class())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ptp.Open(t.Context(), dev, ptp.Options{USB: dev.Info()})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("opened %s, mode %s", c.Info().Model, c.Mode())
	return c
}

// asUserVar tells the test that it runs as the user of the station.
const asUserVar = "OPTAG_VM_USER"

// TestVMWithoutRoot: with the udev rule of the Debian package the station's user
// may use the scanner, and no other.
func TestVMWithoutRoot(t *testing.T) {
	inVM(t)
	if os.Getenv(asUserVar) != "" {
		dev, err := usb.Open(t.Context(), discover(t), uru4500.Class())
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
	plugIn(t, 0, newSim(uru4500test.Config{}))
	discover(t)
	time.Sleep(time.Second) // for udev
	for _, c := range []struct {
		name string
		id   uint32
		ok   bool
	}{{"station", 900, true}, {"anybody", 901, false}} {
		cmd := exec.Command("/proc/self/exe", "-test.run", "^TestVMWithoutRoot$", "-test.v")
		cmd.Env = append(os.Environ(), asUserVar+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.id, Gid: c.id}}
		out, err := cmd.CombinedOutput()
		if (err == nil) != c.ok {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
}
