//go:build cgo && linux

package usb_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"optag/device"
	"optag/device/fm220"
	"optag/device/uru4500/uru4500test"
	"optag/device/usb"
)

// bareProgram is what a driver is measured against: it makes the transfers of a
// recording with libusb and nothing else, looks at no byte of them, and says how
// long the pictures after the first took, by the clock and by the processor.
const bareProgram = `
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 100000, PICTURE = 100000 };
static struct { struct libusb_transfer *t; int done; } urbs[MOST];

static void LIBUSB_CALL done(struct libusb_transfer *t) { *(int *)t->user_data = 1; }

static double spent(double *clock) {
	struct timespec now;
	struct rusage u;
	clock_gettime(CLOCK_MONOTONIC, &now);
	getrusage(RUSAGE_SELF, &u);
	*clock = now.tv_sec + now.tv_nsec / 1e9;
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fill(unsigned char *to, const char *hex) {
	unsigned v;
	for (; sscanf(hex, "%2x", &v) == 1; hex += 2) *to++ = v;
}

int main(int argc, char **argv) {
	static char line[1 << 20], setup[64], data[1 << 19];
	int vendor = strtol(argv[2], 0, 16), product = strtol(argv[3], 0, 16), pictures = 0;
	double cpu = 0, clock = 0, firstCPU = 0, firstClock = 0;
	FILE *script = fopen(argv[1], "r");
	libusb_context *lib;
	if (!script || libusb_init(&lib)) return 1;
	libusb_device_handle *dev = libusb_open_device_with_vid_pid(lib, vendor, product);
	if (!dev || libusb_claim_interface(dev, 0)) return 2;
	while (fgets(line, sizeof line, script)) {
		int id, pause, kind, endpoint, length;
		if (sscanf(line, "C %d", &id) == 1) {
			while (!urbs[id].done) libusb_handle_events_completed(lib, &urbs[id].done);
			if (urbs[id].t->type == LIBUSB_TRANSFER_TYPE_BULK && urbs[id].t->length > PICTURE) {
				cpu = spent(&clock);
				if (!pictures++) firstCPU = cpu, firstClock = clock;
			}
			continue;
		}
		if (sscanf(line, "S %d %d %d %d %d %63s %524287s", &id, &pause, &kind, &endpoint, &length, setup, data) != 7) return 3;
		usleep(pause * 1000);
		unsigned char *buf = calloc(1, length + 8);
		struct libusb_transfer *t = urbs[id].t = libusb_alloc_transfer(0);
		fill(buf, setup + 1);
		fill(buf + (kind == 2 ? 8 : 0), data + 1);
		if (kind == 2) libusb_fill_control_transfer(t, dev, buf, done, &urbs[id].done, 0);
		else if (kind == 1) libusb_fill_interrupt_transfer(t, dev, endpoint, buf, length, done, &urbs[id].done, 0);
		else libusb_fill_bulk_transfer(t, dev, endpoint, buf, length, done, &urbs[id].done, 0);
		if (libusb_submit_transfer(t)) return 4;
	}
	printf("MEASURED %d %.6f %.6f\n", pictures - 1, clock - firstClock, cpu - firstCPU);
	_exit(fflush(stdout));
}
`

// A measured is what one run took for its pictures after the first.
type measured struct {
	pictures int
	wall     float64 // seconds
	cpu      float64 // seconds, of the process
}

func (m *measured) parse(t *testing.T, said []byte) {
	t.Helper()
	_, rest, _ := bytes.Cut(said, []byte("MEASURED "))
	if _, err := fmt.Sscan(string(rest), &m.pictures, &m.wall, &m.cpu); err != nil || m.pictures < 1 {
		t.Fatalf("no measure: %v\n%s", err, said)
	}
}

// A stopwatch measures the pictures of a driver as bareProgram does its own.
type stopwatch struct {
	pictures   int
	began      time.Time
	begun, cpu float64
	wall       float64
}

func (s *stopwatch) picture(t *testing.T) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	cpu := float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
	if s.pictures++; s.pictures == 1 {
		s.began, s.begun = time.Now(), cpu
	}
	s.wall, s.cpu = time.Since(s.began).Seconds(), cpu-s.begun
}

func (s *stopwatch) say() {
	fmt.Printf("MEASURED %d %.6f %.6f\n", s.pictures-1, s.wall, s.cpu)
}

// bare compiles bareProgram.
func bare(t *testing.T) (program string) {
	t.Helper()
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libusb-1.0").Output()
	if err != nil {
		t.Skipf("not run: pkg-config knows no libusb-1.0: %v", err)
	}
	dir := t.TempDir()
	program = filepath.Join(dir, "bare")
	if err := os.WriteFile(program+".c", []byte(bareProgram), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-O2", "-o", program, program + ".c"}, strings.Fields(string(flags))...)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Skipf("not run: gcc: %v\n%s", err, out)
	}
	return program
}

// TestBare: frames of a driver, through gousb and libusb, beside the bare transfers
// of the same recording by a program in C that does nothing else. Where umockdev
// stands in for a device, pictures come at once: what is measured is the host's
// work alone, and what it adds to the time a device takes for a picture is at most
// a twentieth.
func TestBare(t *testing.T) {
	if os.Getenv("OPTAG_SOAK") == "" {
		t.Skip("half a minute of measuring, done with OPTAG_SOAK=1")
	}
	const pictures, few = 15, 8 // at its 16th a 4500 is asked whether the finger left, and waited for
	uru := fixture{images: pictures, blocks: uru4500test.RealBlocks()}
	for _, c := range []struct {
		name   string
		id     device.USBID
		takes  float64 // seconds of the device for one picture
		record func(t *testing.T) *monitor
		drive  func(t *testing.T, s *stopwatch)
	}{
		{"a U.are.U 4500", device.USBID{Vendor: 0x05ba, Product: 0x000a}, 0.130, uru.record, func(t *testing.T, s *stopwatch) {
			dev := openMock(t)
			uru.scan(t, dev, dev.Info(), func(_ string, f device.Frame) {
				if f.Contact {
					s.picture(t)
				}
			})
		}},
		{"an FM220", device.USBID{Vendor: 0x0bca, Product: 0x8225}, 0, func(t *testing.T) *monitor {
			m := newMonitor(newFM220(), descriptorsFM220)
			m.strings()
			framesFM220(t, m, device.USBInfo{USBID: device.USBID{Vendor: 0x0bca, Product: 0x8225}}, few, func(device.Frame) {})
			return m
		}, func(t *testing.T, s *stopwatch) {
			list, err := usb.List()
			if err != nil || len(list) != 1 {
				t.Fatalf("List() = %+v, %v", list, err)
			}
			dev, err := usb.OpenInterface(t.Context(), list[0], fm220.Interface)
			if err != nil {
				t.Fatal(err)
			}
			framesFM220(t, dev, dev.Info(), few, func(device.Frame) { s.picture(t) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if os.Getenv(insideVar) != "" {
				var s stopwatch
				c.drive(t, &s)
				s.say()
				return
			}
			needsUmockdev(t)
			program := bare(t)
			compare(t, write(t, c.record(t)), c.id, program, c.takes)
		})
	}
}

// compare runs the driver and the bare program in turns, and holds the best of
// each against the other. A run that a deadline of the driver broke on a machine
// under load is not counted, if it is one of few.
func compare(t *testing.T, dir string, id device.USBID, program string, takes float64) {
	const rounds = 8
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	best := map[bool]*measured{false: {wall: math.Inf(1), cpu: math.Inf(1)}, true: {wall: math.Inf(1), cpu: math.Inf(1)}}
	broken := 0
	for i := 0; i < 2*rounds; i++ {
		driven := i%2 == 1
		cmd := mocked(t, dir, program, filepath.Join(dir, "script"), fmt.Sprintf("%04x", id.Vendor), fmt.Sprintf("%04x", id.Product))
		if driven {
			cmd = mocked(t, dir, self, "-test.run", testPattern(t.Name()))
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			if broken++; broken > rounds/2 {
				t.Fatalf("%v\n%s", err, out)
			}
			i--
			continue
		}
		var m measured
		m.parse(t, out)
		b := best[driven]
		b.pictures, b.wall, b.cpu = m.pictures, min(b.wall, m.wall), min(b.cpu, m.cpu)
	}
	raw, drv := best[false], best[true]
	n := float64(raw.pictures)
	t.Logf("a picture: bare %.2f ms, %.2f ms of processor; driver %.2f ms, %.2f ms; ratio %.3f, of processor %.2f",
		raw.wall/n*1e3, raw.cpu/n*1e3, drv.wall/n*1e3, drv.cpu/n*1e3, drv.wall/raw.wall, drv.cpu/raw.cpu)
	device := max(takes*n, raw.wall)
	ratio := (device + max(drv.wall-raw.wall, 0)) / device
	t.Logf("%d runs broken; on a device that takes %.0f ms for one: ratio at most %.3f", broken, device/n*1e3, ratio)
	if drv.pictures != raw.pictures || ratio > 1.05 {
		t.Errorf("%d pictures driven, %d bare, ratio %.3f, want at most 1.05", drv.pictures, raw.pictures, ratio)
	}
}

// testPattern matches one test with -test.run.
func testPattern(name string) string {
	return "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
}
