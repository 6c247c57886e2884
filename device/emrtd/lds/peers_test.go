package lds_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"optag/device/emrtd/lds"
)

// Files of test chips that others publish, in the directory that
// OPTAG_EMRTD_SAMPLES names: lds/bsi2008 with files called Datagroup1.bin and so
// on, lds/loes2006 with ef0101.bin, each in a folder of its name.
func TestPublishedChips(t *testing.T) {
	dir := os.Getenv("OPTAG_EMRTD_SAMPLES")
	if dir == "" {
		t.Skip("OPTAG_EMRTD_SAMPLES names no directory with files of chips")
	}
	for path, parse := range map[string]func([]byte) (string, error){
		"bsi2008/EF_COM.bin":                  common,
		"loes2006/ef011E.bin":                 common,
		"bsi2008/Datagroup1.bin":              machineReadable,
		"loes2006/ef0101.bin":                 machineReadable,
		"bsi2008/Datagroup2.bin":              faces,
		"loes2006/ef0102.bin":                 faces,
		"bsi2008/Datagroup3.bin":              fingers,
		"bsi2008/Datagroup14.bin":             protocols,
		"bsi2008/Datagroup15.bin":             activeKey,
		"loes2006/ef010F.bin":                 activeKey,
		"dg2/dg2_silver_all_fields.bin":       faces,
		"dg2/dg2_silver_mandatory_fields.bin": faces,
	} {
		b, err := os.ReadFile(filepath.Join(dir, "lds", path))
		if os.IsNotExist(err) {
			t.Logf("%s is not there", path)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		says, err := parse(b)
		t.Logf("%-24s %s", path, says)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func common(b []byte) (string, error) {
	c, err := lds.ParseCOM(b)
	return fmt.Sprint(c.Version, " ", c.Unicode, " ", c.Groups), err
}

func machineReadable(b []byte) (string, error) {
	d, err := lds.ParseDG1(b)
	if err == nil {
		err = d.Err()
	}
	return d.String(), err
}

func faces(b []byte) (string, error) {
	all, err := lds.ParseDG2(b)
	var s string
	for _, f := range all {
		s += fmt.Sprintf("%dx%d %s, %d bytes, faults %v; ", f.Width, f.Height, f.Format, len(f.Data), f.Faults)
	}
	return s, err
}

func fingers(b []byte) (string, error) {
	all, err := lds.ParseDG3(b)
	var s string
	for _, f := range all {
		s += fmt.Sprintf("finger %d, %dx%d %s, %d bytes, faults %v; ", f.Position, f.Width, f.Height, f.Format, len(f.Data), f.Faults)
	}
	return s, err
}

func protocols(b []byte) (string, error) {
	all, err := lds.ParseDG14(b)
	var s string
	for _, i := range all {
		s += fmt.Sprintf("%s version %d parameter %d key %v; ", i.Protocol, i.Version, i.Parameter, i.Key != nil)
	}
	return s, err
}

func activeKey(b []byte) (string, error) {
	k, err := lds.ParseDG15(b)
	if k.RSA != nil {
		return fmt.Sprintf("RSA of %d bits", k.RSA.N.BitLen()), err
	}
	return fmt.Sprint("curve ", k.Curve), err
}
