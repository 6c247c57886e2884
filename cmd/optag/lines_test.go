package main

import (
	"testing"

	"optag/device"
	"optag/device/serialport"
)

// TestScannerOnALine: a scanner that shows itself as a modem is told from an
// adapter by its numbers, and nothing is said of a certificate.
func TestScannerOnALine(t *testing.T) {
	for _, c := range []struct {
		name  string
		id    device.USBID
		model string // "" is no scanner
	}{
		{"an MSO 300", device.USBID{Vendor: 0x079b, Product: 0x0024}, "MSO 300"},
		{"a later MSO 300", device.USBID{Vendor: 0x225d, Product: 0x000a}, "MSO 300"},
		{"a CBM", device.USBID{Vendor: 0x079b, Product: 0x0047}, "CBM"},
		{"another device of the maker", device.USBID{Vendor: 0x079b, Product: 0x0001}, ""},
		{"an adapter with a reader behind it", device.USBID{Vendor: 0x0403, Product: 0x6001}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ours := scannerOn(serialport.Found{Path: "/dev/ttyACM7", USBInfo: device.USBInfo{USBID: c.id, Serial: "1009C7"}})
			if ours != (c.model != "") || d.Model != c.model {
				t.Fatalf("%q, %v, want %q", d.Model, ours, c.model)
			}
			if ours && (d.Kind != "scanner" || d.At != "/dev/ttyACM7" || d.Serial != "1009C7" || d.Driver != "mso" || d.Certified || !d.drawn) {
				t.Errorf("%+v", d)
			}
			if !ours {
				return
			}
			if d.probe(t.Context()); d.Health != "unplugged" && d.Health != "failed" {
				t.Errorf("a line that is not there: %s, %s", d.Health, d.Note)
			}
		})
	}
}
