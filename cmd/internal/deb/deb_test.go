// Package deb holds tests alone: what the Debian package says of devices is held
// against what the drivers say, and its units against what the programs accept.
package deb

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"optag/device"
	"optag/device/fm220"
	"optag/device/mso"
	"optag/device/uru4500"
)

const packaging = "../../../.ci/deb/"

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(packaging + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A rule is one line for udev: pairs of key, operator and value.
type rule [][3]string

// value is what stands behind a key, "" where the key is not there.
func (r rule) value(key string) string {
	for _, p := range r {
		if p[0] == key {
			return p[2]
		}
	}
	return ""
}

var (
	pair = regexp.MustCompile(`^([A-Z]+(?:\{[A-Za-z_/]+\})?)(==|!=|\+=|:=|=)"([^"]*)"$`)
	key  = regexp.MustCompile(`^(ACTION|SUBSYSTEMS?|ENV\{[A-Z_]+\}|ATTRS?\{(idVendor|idProduct|power/control)\}|GROUP|MODE|TAG|GOTO|LABEL)$`)
)

// rules reads the udev rules as strictly as udev does.
func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for i, line := range strings.Split(read(t, "70-optag.rules"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var r rule
		for _, part := range strings.Split(line, ", ") {
			m := pair.FindStringSubmatch(part)
			if m == nil || !key.MatchString(m[1]) {
				t.Fatalf("line %d: %q is no pair that udev knows", i+1, part)
			}
			r = append(r, [3]string(m[1:]))
		}
		all = append(all, r)
	}
	return all
}

// TestScannersNeedNoRoot: every USB device that a driver claims is in the rules,
// and no scanner is that none claims.
func TestScannersNeedNoRoot(t *testing.T) {
	ruled := map[string]bool{}
	for _, r := range rules(t) {
		if r.value("GROUP") == "optag" && r.value("SUBSYSTEM") == "usb" && r.value("ATTR{idVendor}") != "" {
			if r.value("MODE") != "0660" || r.value("ENV{DEVTYPE}") != "usb_device" {
				t.Errorf("%v: open to others, or for more than devices", r)
			}
			for _, product := range strings.Split(r.value("ATTR{idProduct}"), "|") {
				ruled[r.value("ATTR{idVendor}")+":"+product] = true
			}
		}
	}
	driven := map[string]bool{}
	for _, vendor := range []uint16{0x05ba, 0x045e, 0x0bca} {
		for product := range 0x10000 {
			id := device.USBID{Vendor: vendor, Product: uint16(product)}
			_, uru := uru4500.Model(id)
			_, fm := fm220.Model(id)
			if uru || fm {
				driven[id.String()] = true
			}
		}
	}
	if len(driven) == 0 || fmt.Sprint(ruled) != fmt.Sprint(driven) {
		t.Errorf("the rules give %v, the drivers claim %v", ruled, driven)
	}
}

// matches says whether a rule for a subsystem is for a device, whose identity it
// finds under the key prefix ATTR or, among the parents, ATTRS.
func (r rule) matches(subsystem, attr string, id device.USBID) bool {
	vendor, product, _ := strings.Cut(id.String(), ":")
	among := func(key, value string) bool {
		values := r.value(attr + "{" + key + "}")
		return slices.Contains(strings.Split(values, "|"), value) || values == "" && key == "idProduct"
	}
	return r.value("SUBSYSTEM") == subsystem && among("idVendor", vendor) && among("idProduct", product)
}

// TestSerialReaders: what is opened to the station is kept from ModemManager, and
// the rest is left alone.
func TestSerialReaders(t *testing.T) {
	all := rules(t)
	opened := func(id device.USBID) bool {
		return slices.ContainsFunc(all, func(r rule) bool {
			return r.matches("tty", "ATTRS", id) && r.value("GROUP") == "optag" && r.value("MODE") == "0660"
		})
	}
	kept := func(id device.USBID) bool {
		return slices.ContainsFunc(all, func(r rule) bool {
			return r.matches("usb", "ATTR", id) && r.value("ENV{ID_MM_DEVICE_IGNORE}") == "1" && r.value("ENV{DEVTYPE}") == "usb_device"
		})
	}
	for name, c := range map[string]struct {
		id   device.USBID
		want bool
	}{
		"an Access IS swipe reader":             {device.USBID{Vendor: 0x0db5, Product: 0x0139}, true},
		"an Elyctis reader":                     {device.USBID{Vendor: 0x1ffa, Product: 0x0002}, true},
		"a Honeywell imager":                    {device.USBID{Vendor: 0x0c2e, Product: 0x0720}, true},
		"a Hand Held Products imager":           {device.USBID{Vendor: 0x0536, Product: 0x0001}, true},
		"a reader on an FTDI adapter":           {device.USBID{Vendor: 0x0403, Product: 0x6001}, true},
		"a ZFM-20 on a CP2102":                  {device.USBID{Vendor: 0x10c4, Product: 0xea60}, true},
		"a mobile modem":                        {device.USBID{Vendor: 0x12d1, Product: 0x1001}, false},
		"another device of Silicon Labs":        {device.USBID{Vendor: 0x10c4, Product: 0x0001}, false},
		"a wireless adapter of the MSO's maker": {device.USBID{Vendor: 0x079b, Product: 0x004a}, false},
	} {
		if o, k := opened(c.id), kept(c.id); o != c.want || k != c.want {
			t.Errorf("%s: opened %v, kept from ModemManager %v, want %v", name, o, k, c.want)
		}
	}
	for _, vendor := range []uint16{0x079b, 0x225d} {
		for product := range 0x100 {
			id := device.USBID{Vendor: vendor, Product: uint16(product)}
			if _, want := mso.Model(id); opened(id) != want || kept(id) != want {
				t.Errorf("%v: opened %v, kept from ModemManager %v; driven %v", id, opened(id), kept(id), want)
			}
		}
	}
}

// TestUnits: the kiosk and the service run as nobody who matters, and with the
// directories that the package makes.
func TestUnits(t *testing.T) {
	for unit, lines := range map[string][]string{
		"optag.service": {"User=optag", "StateDirectory=optag", "StateDirectoryMode=0700", "UMask=0077", "LimitCORE=0", "MemorySwapMax=0", "KillMode=mixed",
			"NoNewPrivileges=yes", "DevicePolicy=closed", "ExecStart=/usr/bin/optag --home /var/lib/optag run"},
		"optag-intake.service": {"User=optag-intake", "StateDirectory=optag-intake", "StateDirectoryMode=0700", "UMask=0077", "LimitCORE=0", "MemorySwapMax=0",
			"NoNewPrivileges=yes", "PrivateDevices=yes", "MemoryDenyWriteExecute=yes"},
		"optag-display.service": {"User=optag", "NoNewPrivileges=yes"},
	} {
		text := "\n" + read(t, unit)
		for _, line := range lines {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("%s does not say %s", unit, line)
			}
		}
	}
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		text := read(t, script)
		if strings.Contains(text, "rm -r") || strings.Contains(text, "deluser") {
			t.Errorf("%s removes what may hold packages that were not delivered", script)
		}
	}
}
