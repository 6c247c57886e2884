package pa_test

import (
	"os"
	"path/filepath"
	"testing"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
)

// Master lists and single certificates that states publish, in the directory
// that OPTAG_CSCA names.
func TestPublishedAuthorities(t *testing.T) {
	dir := os.Getenv("OPTAG_CSCA")
	if dir == "" {
		t.Skip("OPTAG_CSCA names no directory with master lists")
	}
	all, reports, err := pa.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		t.Logf("%-46s %d lists, %d authorities, %d signers, %d refused", r.Source, r.Lists, r.Authorities, r.Signers, len(r.Refused))
		for _, err := range r.Refused {
			t.Log("    ", err)
		}
	}
	var self, link, open, explicit, rsa, critical int
	for _, c := range all.Authorities() {
		if c.SignedBy(c) == nil {
			self++
		} else if pa.PathOf(all, c, today) != nil {
			link++
		} else {
			open++
			t.Logf("without an authority above it: %v, issued by %v until %s", c, c.Issuer, c.NotAfter.Format("2006-01-02"))
		}
		if c.Key.Explicit {
			explicit++
		}
		if c.Key.RSA != nil {
			rsa++
		}
		if len(c.Unknown) > 0 {
			critical++
			t.Log("critical and not known: ", c, c.Unknown)
		}
	}
	t.Logf("%d authorities: %d certified themselves, %d are links to such, %d neither; %d of RSA, %d of curves, %d of them written out; %d with unknown critical extensions",
		len(all.Authorities()), self, link, open, rsa, len(all.Authorities())-rsa, explicit, critical)
}

// EF.SOD and what it signs of test chips that others publish, as in package lds.
func TestPublishedChips(t *testing.T) {
	dir := os.Getenv("OPTAG_EMRTD_SAMPLES")
	if dir == "" {
		t.Skip("OPTAG_EMRTD_SAMPLES names no directory with files of chips")
	}
	for name, c := range map[string]struct {
		day   string
		files map[lds.File]string
	}{
		"bsi2008":  {"2008-06-01", map[lds.File]string{lds.SOD: "EF_SOD", lds.COM: "EF_COM", lds.DG1: "Datagroup1", lds.DG2: "Datagroup2", lds.DG3: "Datagroup3", lds.DG14: "Datagroup14"}},
		"loes2006": {"2006-10-01", map[lds.File]string{lds.SOD: "ef011D", lds.COM: "ef011E", lds.DG1: "ef0101", lds.DG2: "ef0102", lds.DG15: "ef010F"}},
	} {
		files := map[lds.File][]byte{}
		for f, n := range c.files {
			b, err := os.ReadFile(filepath.Join(dir, "lds", name, n+".bin"))
			if err != nil {
				t.Fatal(err)
			}
			files[f] = b
		}
		r := pa.Verify(files, new(pa.Trust), day(c.day))
		t.Logf("%s: signed by %v, valid from %s to %s\n%s", name, r.Signer, r.Signer.NotBefore.Format("2006-01-02"), r.Signer.NotAfter.Format("2006-01-02"), found(r))
		if r.Signature != pa.Good || r.Content != pa.Good || r.Chain == pa.Good {
			t.Errorf("%s: signature %v, content %v, chain %v", name, r.Signature, r.Content, r.Chain)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "efcardsecurity", "efcardsecurity.dump"))
	if err != nil {
		t.Fatal(err)
	}
	infos, r := pa.VerifyCardSecurity(b, new(pa.Trust), day("2011-01-01"))
	t.Logf("EF.CardSecurity: %d infos\n%s", len(infos), found(r))
	if len(infos) == 0 || r.Has(pa.Malformed) {
		t.Errorf("EF.CardSecurity: signature %v", r.Signature)
	}
}
