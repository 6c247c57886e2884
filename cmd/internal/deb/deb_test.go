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

// TestSerialReaders: what is opened to the station is kept from ModemManager.
func TestSerialReaders(t *testing.T) {
	ids := func(subsystem, vendor, product string, mark func(rule) bool) (found []string) {
		for _, r := range rules(t) {
			if r.value("SUBSYSTEM") == subsystem && mark(r) {
				found = append(found, r.value(vendor)+":"+r.value(product))
			}
		}
		return found
	}
	opened := ids("tty", "ATTRS{idVendor}", "ATTRS{idProduct}", func(r rule) bool { return r.value("GROUP") == "optag" && r.value("MODE") == "0660" })
	kept := ids("usb", "ATTR{idVendor}", "ATTR{idProduct}", func(r rule) bool { return r.value("ENV{ID_MM_DEVICE_IGNORE}") == "1" })
	if len(opened) == 0 || !slices.Equal(opened, kept) {
		t.Errorf("opened %v, kept from ModemManager %v", opened, kept)
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
