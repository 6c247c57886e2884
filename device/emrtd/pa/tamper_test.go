package pa_test

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// Whoever changes a byte of a chip is noticed, and the file is named. EF.COM is
// signed by nobody; what it may say is bound by EF.SOD of version 1. What leaves
// all lamps good is how the signer's issuer is written beside the signature:
// real documents differ there.
func TestEveryChangedByteIsNoticed(t *testing.T) {
	s := issue(t, patest.Kind{})
	s.signer.Version = "0108"
	s.files[lds.COM] = bytes.Replace(s.files[lds.COM], []byte("0107"), []byte("0108"), 1)
	s.files[lds.SOD] = must(s.signer.SOD(random(4), s.files))
	anchors := trust(t, s.csca.Certificate)
	all := os.Getenv("OPTAG_SOAK") == "1"
	for f, b := range s.files {
		masks := []byte{0x01, 0x20}
		step := 1
		if len(b) > 2000 && !all {
			step = 37
		}
		if all && len(b) < 2000 {
			masks = masks[:0]
			for m := 1; m < 256; m++ {
				masks = append(masks, byte(m))
			}
		}
		for at := 0; at < len(b); at += step {
			for _, m := range masks {
				if missed := unnoticed(s.files, f, at, m, anchors); missed != "" {
					t.Errorf("%v byte %d of %d, changed by %02X: %s", f, at, len(b), m, missed)
				}
			}
		}
	}
}

// unnoticed changes a byte and says how it was not noticed: "" if it was, under
// the name of its file.
func unnoticed(files map[lds.File][]byte, f lds.File, at int, mask byte, anchors *pa.Trust) string {
	changed := maps.Clone(files)
	changed[f] = bytes.Clone(files[f])
	changed[f][at] ^= mask
	r := pa.Verify(changed, anchors, today)
	switch {
	case len(r.Findings) == 0:
		return "nothing is found"
	case !slices.ContainsFunc(r.Findings, func(x pa.Finding) bool { return x.File == f }):
		return "found elsewhere: " + strings.TrimSpace(found(r))
	case f != lds.COM && r.Signature == pa.Good && r.Chain == pa.Good && r.Content == pa.Good && !strings.Contains(found(r), "names the signer's issuer in another form"):
		return "all lamps are good: " + strings.TrimSpace(found(r))
	}
	return ""
}

// A file that ends early is noticed wherever it ends.
func TestEveryShortenedFileIsNoticed(t *testing.T) {
	s := issue(t, patest.Kind{})
	anchors := trust(t, s.csca.Certificate)
	for f, b := range s.files {
		for n := 0; n < len(b); n += 1 + len(b)/500 {
			changed := maps.Clone(s.files)
			changed[f] = b[:n]
			if r := pa.Verify(changed, anchors, today); !slices.ContainsFunc(r.Findings, func(x pa.Finding) bool { return x.File == f }) {
				t.Errorf("%v of %d bytes: %s", f, n, found(r))
			}
		}
	}
}
