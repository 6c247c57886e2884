package lds_test

import (
	"bytes"
	"testing"

	"optag/device/emrtd/lds"
)

// EF.COM of the reference chip in Doc 9303-10's terms: version 1.7, Unicode 4.0.
func TestCommonFileOfAReferenceChip(t *testing.T) {
	file := []byte("\x60\x16\x5F\x01\x040107\x5F\x36\x06040000\x5C\x04\x75\x61\x63\x6E")
	c, err := lds.ParseCOM(file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Version != "0107" || c.Unicode != "040000" || len(c.Groups) != 4 || c.Groups[0] != lds.DG2 || c.Groups[3] != lds.DG14 {
		t.Errorf("read %+v", c)
	}
	if !bytes.Equal(c.Bytes(), file) {
		t.Errorf("written as %X", c.Bytes())
	}
}
