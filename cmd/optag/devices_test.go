package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"optag/device"
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
		if d.Driver != "sim" || d.Serial == "" {
			t.Errorf("a simulated device is %+v", d)
		}
	}
	if want := []string{"scanner", "camera"}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %q, want %q", kinds, want)
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
