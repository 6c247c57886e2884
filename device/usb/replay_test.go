//go:build cgo && linux

package usb_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/uru4500"
	"optag/device/uru4500/uru4500test"
	"optag/device/usb"
)

// insideVar names the directory of the fixtures to the tests that run under
// umockdev; without it they are started there first.
const insideVar = "OPTAG_UMOCKDEV_FIXTURES"

const recordingVar = "OPTAG_URU4500_RECORDING"

// underUmockdev runs the test that calls it once more, in a process of its own
// whose USB is the device and the recording that lie in dir, and returns false;
// in that process it returns true. It skips where umockdev is missing, but not
// where CI is set.
func underUmockdev(t *testing.T, fixtures func() (dir string)) (inside bool) {
	t.Helper()
	if os.Getenv(insideVar) != "" {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	needsUmockdev(t)
	out, err := mocked(t, fixtures(), self, "-test.run", "^"+t.Name()+"$", "-test.v").CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("under umockdev: %v", err)
	}
	return false
}

func needsUmockdev(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("umockdev-run"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("umockdev-run is missing; install the Debian package umockdev")
		}
		t.Skip("not run: umockdev-run is missing (Debian package umockdev)")
	}
}

// mocked is a program whose USB is the device and the recording that lie in dir.
// It ends within a minute.
func mocked(t *testing.T, dir string, program ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "umockdev-run", append([]string{
		"-d", filepath.Join(dir, "device"),
		"-p", "/sys" + pluggedAt(t, dir) + "=" + filepath.Join(dir, "capture.pcapng"), "--"}, program...)...)
	cmd.Env = append(os.Environ(), insideVar+"="+dir)
	return cmd
}

// pluggedAt is the sysfs path of the device that dir describes.
func pluggedAt(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "device"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	path, ok := strings.CutPrefix(first, "P: ")
	if !ok {
		t.Fatalf("the device file begins with %q", first)
	}
	return path
}

// write writes the fixtures of a recording to a new directory.
func write(t *testing.T, m *monitor) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range map[string][]byte{"device": []byte(deviceFile(m.descriptors)), "capture.pcapng": m.pcapng(), "script": m.script.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fixtureSeeds are the seeds of the scrambler in a recording, and in its replay;
// libfprint always uses this one.
func fixtureSeeds() *bytes.Reader {
	return bytes.NewReader(bytes.Repeat([]byte{0x24, 0x21, 0xea, 0x51}, 20))
}

// A fixture is a session with a finger: how many images are taken of it, in what
// layout they are sent.
type fixture struct {
	images int // of one touch, as Options has it; 0 for three and a lift
	blocks []uru4500test.Block
}

// frames is what the session has, F with a finger and c without.
func (f fixture) frames() string {
	if f.images == 0 {
		return "FFFc"
	}
	return strings.Repeat("F", f.images) + "c"
}

// picture is what lies on the glass, as far as the device brings it across.
func (f fixture) picture() *image.Gray {
	return uru4500test.Delivered(uru4500test.Ridges(4500), f.blocks)
}

// scan runs the session on a device, and calls seen at each frame. Clear
// glasses before the finger are left out: they hang on the clock.
func (f fixture) scan(t *testing.T, dev device.USB, info device.USBInfo, seen func(frames string, f device.Frame)) {
	t.Helper()
	s, err := uru4500.Open(t.Context(), dev, uru4500.Options{USB: info, Random: fixtureSeeds(), Images: f.images})
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}()
	got := ""
	for frame, err := range s.Frames(t.Context()) {
		if err != nil {
			t.Fatalf("after frames %q: %v", got, err)
		}
		if frame.Contact {
			got += "F"
		} else if got != "" {
			got += "c"
		}
		seen(got, frame)
		if len(got) == len(f.frames()) {
			break
		}
	}
	if got != f.frames() {
		t.Errorf("frames %q, want %q", got, f.frames())
	}
}

// record makes the recording of the session with a simulated device.
func (f fixture) record(t *testing.T) *monitor {
	t.Helper()
	sim := uru4500test.New(uru4500test.Config{Blocks: f.blocks, Secret: 0x4500, ImageDelay: -100 * time.Millisecond, PoweredTimes: 3})
	m := newMonitor(sim, descriptors)
	m.strings()
	sim.Touch(f.picture())
	f.scan(t, m, device.USBInfo{USBID: device.USBID{Vendor: 0x05ba, Product: 0x000a}}, func(frames string, _ device.Frame) {
		if frames == strings.TrimSuffix(f.frames(), "c") {
			sim.Lift()
		}
	})
	return m
}

// replay runs f under umockdev, through gousb and libusb, and compares pixels.
func (f fixture) replay(t *testing.T) {
	if !underUmockdev(t, func() string { return write(t, f.record(t)) }) {
		return
	}
	want := f.picture()
	dev := openMock(t)
	if got := dev.Info(); got.Maker != mockMaker || got.Product != mockProduct || got.Serial != mockSerial {
		t.Errorf("strings %q, %q, %q", got.Maker, got.Product, got.Serial)
	}
	begin := time.Now()
	f.scan(t, dev, dev.Info(), func(frames string, frame device.Frame) {
		if frame.Contact && !bytes.Equal(frame.Image.Pix, want.Pix) {
			t.Errorf("frame %d is not the picture", len(frames))
		}
	})
	t.Logf("session of %q took %v", f.frames(), time.Since(begin).Round(time.Millisecond))
}

// openMock finds and opens the mocked device.
func openMock(t *testing.T) *usb.Device {
	t.Helper()
	list, err := usb.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range list {
		if _, ok := uru4500.Model(info.USBID); ok {
			dev, err := usb.Open(t.Context(), info, uru4500.Class())
			if err != nil {
				t.Fatal(err)
			}
			return dev
		}
	}
	t.Fatalf("no U.are.U among %+v", list)
	return nil
}

func TestReplayTouch(t *testing.T) {
	fixture{images: 1, blocks: uru4500test.RealBlocks()}.replay(t)
}

func TestReplayKeyChange(t *testing.T) {
	fixture{images: 2, blocks: []uru4500test.Block{
		{Flags: uru4500test.Scrambled, Lines: 100},
		{Flags: uru4500test.NewKey | uru4500test.Scrambled, Lines: 100},
		{Flags: uru4500test.Repeated, Lines: 1},
		{Lines: 89},
	}}.replay(t)
}

func TestReplayLive(t *testing.T) {
	fixture{blocks: uru4500test.RealBlocks()}.replay(t)
}

// opening is the recording of a device that was opened and not used.
func opening() *monitor {
	m := newMonitor(uru4500test.New(uru4500test.Config{}), descriptors)
	m.strings()
	return m
}

// TestStrict: what the replay does not know it does not answer, and the right
// word thereafter is answered; so a driver that passes said the right words.
func TestStrict(t *testing.T) {
	seed := func(dev device.USB, data ...byte) error {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := dev.Control(ctx, 0x40, 4, 0x33, 0, data)
		return err
	}
	if !underUmockdev(t, func() string {
		m := opening()
		if err := seed(m, 7, 1, 2, 3, 4); err != nil {
			t.Fatal(err)
		}
		return write(t, m)
	}) {
		return
	}
	dev := openMock(t)
	defer dev.Close()
	if err := seed(dev, 7, 1, 2, 3, 5); !errors.Is(err, device.ErrSilent) {
		t.Errorf("another seed: %v, want %v", err, device.ErrSilent)
	}
	if err := seed(dev, 7, 1, 2, 3, 4); err != nil {
		t.Errorf("the seed of the recording: %v", err)
	}
}

// TestRealRecording replays a recording of a real device, of which none is kept
// here: recordings show skin. recordingVar names the directory, with the files
// device, capture.pcapng and capture.png, the picture that must come out; the
// folder uru4000-4500 of libfprint's tests is one.
func TestRealRecording(t *testing.T) {
	dir := os.Getenv(recordingVar)
	if dir == "" {
		t.Skipf("not run: %s names no recording", recordingVar)
	}
	if !underUmockdev(t, func() string { return dir }) {
		return
	}
	f, err := os.Open(filepath.Join(dir, "capture.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	dev := openMock(t)
	fixture{images: 1}.scan(t, dev, dev.Info(), func(_ string, frame device.Frame) {
		if frame.Contact {
			comparePictures(t, frame.Image, want)
		}
	})
}

func comparePictures(t *testing.T, got *image.Gray, want image.Image) {
	t.Helper()
	if got.Rect.Size() != want.Bounds().Size() {
		t.Fatalf("a picture of %v, want %v", got.Rect.Size(), want.Bounds().Size())
	}
	differ, at := 0, want.Bounds().Min
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			if color.GrayModel.Convert(want.At(at.X+x, at.Y+y)) != got.At(x, y) {
				differ++
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d pixels differ", differ)
	}
}

// TestTransport is what every transport promises, on a device that says nothing.
func TestTransport(t *testing.T) {
	if !underUmockdev(t, func() string { return write(t, opening()) }) {
		return
	}
	before := runtime.NumGoroutine()
	dev := openMock(t)
	buf := make([]byte, 64)
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	cancelled, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		do   func() (int, error)
		want error
	}{
		{"an interrupt read meets its deadline", func() (int, error) { return dev.Interrupt(soon, 0x81, buf) }, device.ErrSilent},
		{"an interrupt read is cancelled", func() (int, error) { return dev.Interrupt(cancelled, 0x81, buf) }, context.Canceled},
		{"a bulk read after its deadline", func() (int, error) { return dev.Bulk(soon, 0x82, buf) }, device.ErrSilent},
		{"a bulk read cancelled before", func() (int, error) { return dev.Bulk(ended, 0x82, buf) }, context.Canceled},
		{"an endpoint that is not there", func() (int, error) { return dev.Bulk(t.Context(), 0x03, buf) }, device.ErrGarbled},
		{"a control transfer cancelled before", func() (int, error) { return dev.Control(ended, 0xc0, 4, 7, 0, buf[:1]) }, context.Canceled},
		{"a control transfer meets its deadline", func() (int, error) {
			soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			return dev.Control(soon, 0xc0, 4, 7, 0, buf[:1])
		}, device.ErrSilent},
	} {
		if n, err := c.do(); n != 0 || !errors.Is(err, c.want) {
			t.Errorf("%s: %d, %v; want 0, %v", c.name, n, err, c.want)
		}
	}
	closeWhileReading(t, dev)
	for deadline := time.Now().Add(time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines after closing, %d before opening", n, before)
	}
}

// closeWhileReading closes dev under an outstanding read, twice, and uses it then.
func closeWhileReading(t *testing.T, dev *usb.Device) {
	t.Helper()
	read := make(chan error)
	go func() {
		_, err := dev.Interrupt(context.Background(), 0x81, make([]byte, 64))
		read <- err
	}()
	time.Sleep(20 * time.Millisecond)
	for range 2 {
		if err := dev.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	if err := <-read; !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("a read under way at closing: %v, want %v", err, device.ErrUnplugged)
	}
	if _, err := dev.Control(t.Context(), 0xc0, 4, 7, 0, make([]byte, 1)); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("a transfer after closing: %v, want %v", err, device.ErrUnplugged)
	}
}

// TestDiscovery: what is on the bus is listed, described and refused in words.
func TestDiscovery(t *testing.T) {
	if !underUmockdev(t, func() string { return write(t, opening()) }) {
		return
	}
	list, err := usb.List()
	want := device.USBInfo{USBID: device.USBID{Vendor: 0x05ba, Product: 0x000a}, Bus: mockBus, Address: mockAddress, Release: "1.03"}
	if err != nil || len(list) != 1 || list[0] != want {
		t.Fatalf("List() = %+v, %v, want %+v", list, err, want)
	}
	got, err := usb.Describe(t.Context(), want)
	if err != nil || got.Serial != mockSerial || got.Maker != mockMaker {
		t.Errorf("Describe: %+v, %v", got, err)
	}
	gone := want
	gone.Address++
	if _, err := usb.Open(t.Context(), gone, uru4500.Class()); !errors.Is(err, device.ErrUnplugged) {
		t.Errorf("opening a device that is gone: %v, want %v", err, device.ErrUnplugged)
	}
	if _, err := usb.Open(t.Context(), want, device.USBClass{Class: 8}); err == nil || !strings.Contains(err.Error(), "no interface of class 08/00/00") {
		t.Errorf("opening an interface that is not there: %v", err)
	}
}
