package pa_test

import (
	"testing"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// FuzzSOD reads anything as EF.SOD and as EF.CardSecurity. Nothing that was not
// signed is good.
func FuzzSOD(f *testing.F) {
	s := issue(f, patest.Kind{})
	anchors := trust(f, s.csca.Certificate)
	genuine := map[string]bool{}
	for _, k := range []string{"P-256", "brainpoolP256r1", "RSA-PSS", "P-256, written out"} {
		sod := issue(f, kinds[k]).files[lds.SOD]
		genuine[string(sod)] = true
		f.Add(sod)
	}
	f.Add(must(s.signer.CardSecurity(random(4), lds.SecurityInfos{{Protocol: lds.OIDPACE + ".2.2", Version: 2, Parameter: 13}})))
	f.Fuzz(func(t *testing.T, b []byte) {
		files := map[lds.File][]byte{lds.SOD: b, lds.DG1: s.files[lds.DG1]}
		r := pa.Verify(files, anchors, today)
		if r.Signature == pa.Good && r.Chain == pa.Good && !genuine[string(b)] && !r.Has(pa.Irregular) {
			t.Errorf("what was not signed is good: %s", found(r))
		}
		if r.Object == nil && !r.Has(pa.Malformed) && !r.Has(pa.UnknownAlgorithm) {
			t.Errorf("there is no object, and nothing is malformed: %s", found(r))
		}
		pa.VerifyCardSecurity(b, anchors, today)
	})
}

// FuzzInstalled reads anything as a file that a technician installs.
func FuzzInstalled(f *testing.F) {
	s := issue(f, patest.Kind{})
	list, _, _ := masterList(f, pa.MasterListSigner)
	f.Add(s.csca.Certificate)
	f.Add(issue(f, kinds["RSA-PSS"]).csca.Certificate)
	f.Add(issue(f, kinds["brainpoolP384, wr. out"]).csca.Certificate)
	f.Add(list)
	f.Add(must(s.csca.Revoke(random(5), from, until, 3, 7)))
	f.Add([]byte(ldif("userCertificate;binary", s.signer.Certificate)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var all pa.Trust
		r := all.Add("f", b)
		if r.Authorities != len(all.Authorities()) {
			t.Errorf("%d authorities, reported %d", len(all.Authorities()), r.Authorities)
		}
		if r.Authorities+r.Signers+r.Revocations+r.Lists == 0 && len(r.Refused) == 0 {
			t.Error("nothing was read and nothing refused")
		}
		for _, c := range all.Authorities() {
			_ = c.String()
			_ = c.SignedBy(c)
		}
		pa.Verify(s.files, &all, today)
	})
}
