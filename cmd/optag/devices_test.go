package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/usb"
	"optag/device/v4l2"
)

func runDevices(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), &env{in: strings.NewReader(""), out: &o, err: &e, home: t.TempDir()}, append([]string{"devices"}, args...))
	return status, o.String(), e.String()
}

func TestDevicesSimulated(t *testing.T) {
	status, out, errs := runDevices(t, "--simulate", "--json")
	if status != 0 || errs != "" {
		t.Fatalf("status %d, %s", status, errs)
	}
	var got struct {
		Devices []struct {
			Kind, Driver, Serial string
			Certified            bool
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	var kinds []string
	for _, d := range got.Devices {
		kinds = append(kinds, d.Kind)
		if d.Kind != "card" && (d.Driver != "sim" || d.Serial == "") {
			t.Errorf("a simulated device is %+v", d)
		}
	}
	if want := []string{"scanner", "camera", "card"}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %q, want %q", kinds, want)
	}
}

// The card reader that the settings name is listed by that name, even if it is not
// there.
func TestDevicesNameTheCardReaderOfTheSettings(t *testing.T) {
	e := &env{}
	defer func() { e.cards.Close() }()
	list := cardReaders(t.Context(), e.smartCards(), &station.Cards{Reader: "No Such*Reader"})
	if len(list) == 0 {
		t.Fatal("it is not listed")
	}
	d := list[len(list)-1]
	if d.Kind != "card" || d.At != "No Such*Reader" || d.Health != "silent" && d.Health != "unplugged" || !strings.Contains(d.Note, `"No Such*Reader"`) {
		t.Errorf("it is listed as %+v", d)
	}
}

func TestDevicesInWords(t *testing.T) {
	var out bytes.Buffer
	e := &env{out: &out}
	list := []attachment{{Kind: "scanner", At: "usb 1.7 05ba:000a", Info: device.Info{
		Maker: "DigitalPersona", Model: "U.are.U 4000B/4500", Driver: "uru4500", Version: "1 raw 540x370 ppi, estimated",
	}}}
	if err := e.sayDevices(list, 3); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"U.are.U 4000B/4500", "none", "540x370 ppi, estimated", "not certified", "usb 1.7 05ba:000a"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := e.sayDevices(nil, 3); err != nil || !strings.Contains(out.String(), "no device") || !strings.Contains(out.String(), "3 on the USB") {
		t.Errorf("without devices: %q, %v", out.String(), err)
	}
}

// TestDevicesAttached: whatever this machine has, the answer is a document, or a
// reason on one line.
func TestDevicesAttached(t *testing.T) {
	status, out, errs := runDevices(t, "--json")
	if status == 0 {
		var got struct{ Devices []attachment }
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Devices == nil {
			t.Errorf("%v in %s", err, out)
		}
	} else if strings.Count(errs, "\n") != 1 {
		t.Errorf("status %d and %q, want one line", status, errs)
	}
}

func TestDevicesWrongUse(t *testing.T) {
	if status, _, errs := runDevices(t, "scanner"); status != 2 || !strings.Contains(errs, "takes no file") {
		t.Errorf("status %d, %q", status, errs)
	}
}

// TestWatch: what is plugged in, changes or is pulled out shows within two
// seconds, and nothing else is said.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attachment{Kind: "scanner", Health: "attached", At: "usb 1.7", Info: device.Info{Model: "A", Driver: "a"}}
		b := attachment{Kind: "camera", Health: "attached", At: "/dev/video0", Info: device.Info{Model: "B", Driver: "b"}}
		moved := a
		moved.At = "usb 1.9"
		on := func() []attachment {
			switch s := time.Now().Unix() - time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix(); {
			case s < 3:
				return nil
			case s < 6:
				return []attachment{a}
			case s < 9:
				return []attachment{a, b}
			}
			return []attachment{b, moved}
		}
		said := map[time.Duration]string{}
		begun := time.Now()
		out := writer(func(p []byte) (int, error) {
			said[time.Since(begun)] += string(p)
			return len(p), nil
		})
		ctx, stop := context.WithTimeout(t.Context(), 12*time.Second)
		defer stop()
		if err := (&env{out: out}).watchDevices(ctx, func() ([]attachment, int, error) { return on(), 0, nil }); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, at := range slices.Sorted(maps.Keys(said)) {
			fmt.Fprintf(&text, "%v\n%s", at, said[at])
		}
		want := "0s\nno device that this program drives is attached\n" +
			"3s\n+ scanner A, usb 1.7, driver a, attached\n" +
			"6s\n+ camera B, /dev/video0, driver b, attached\n" +
			"9s\n- scanner A, usb 1.7\n+ scanner A, usb 1.9, driver a, attached\n"
		if text.String() != want {
			t.Errorf("said\n%swant\n%s", text.String(), want)
		}
	})
}

func TestHealth(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{device.ErrUnplugged, "unplugged"}, {fmt.Errorf("opening: %w", device.ErrSilent), "silent"}, {device.ErrGarbled, "garbled"},
		{usb.ErrBusy, "busy"}, {fmt.Errorf("%w: %w", v4l2.ErrBusy, device.ErrSilent), "busy"},
		{fs.ErrPermission, "forbidden"}, {errors.New("opening: libusb: bad access [code -3]"), "forbidden"}, {errors.New("else"), "failed"},
	} {
		if got := healthOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}
