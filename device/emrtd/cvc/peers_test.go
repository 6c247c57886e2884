package cvc_test

import (
	"os"
	"path/filepath"
	"testing"

	"optag/device/emrtd/cvc"
)

// Chains that others publish, in the directory that OPTAG_CVC_SAMPLES names:
// orig/certCVCA_orig.cvcert, orig/certDVD_orig.cvcert, orig/certIS_orig.cvcert,
// and new with the same, whose authority is a link from the first.
func TestPublishedChains(t *testing.T) {
	dir := os.Getenv("OPTAG_CVC_SAMPLES")
	if dir == "" {
		t.Skip("OPTAG_CVC_SAMPLES names no directory with chains")
	}
	read := func(folder, who string) *cvc.Certificate {
		b, err := os.ReadFile(filepath.Join(dir, folder, "cert"+who+"_"+folder+".cvcert"))
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, b)
	}
	anchor := read("orig", "CVCA")
	for name, chain := range map[string][]*cvc.Certificate{
		"the first authority": {read("orig", "DVD"), read("orig", "IS")},
		"over a link":         {read("new", "CVCA"), read("new", "DVD"), read("new", "IS")},
	} {
		to, err := cvc.Verify(anchor, chain, day("2009-06-01"))
		if err != nil || to.Rights != cvc.Fingers {
			t.Errorf("%s: rights %b, %v", name, to.Rights, err)
		}
	}
}
