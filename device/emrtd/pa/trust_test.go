package pa_test

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// ldif writes an entry of the ICAO directory.
func ldif(attribute string, b []byte) string {
	text := base64.StdEncoding.EncodeToString(b)
	var s strings.Builder
	fmt.Fprintf(&s, "dn: c=UT,dc=data\nobjectClass: top\n%s:: ", attribute)
	for len(text) > 60 {
		s.WriteString(text[:60] + "\n ")
		text = text[60:]
	}
	return s.String() + text + "\n\n"
}

// masterList is a list of two authorities, signed by one that the third
// certified.
func masterList(t testing.TB, purpose string) (list []byte, listed, signs *patest.Authority) {
	listed = authority(t, 2, utopia)
	signs = authority(t, 11, patest.Name{Country: "DE", Common: "csca-germany"})
	spec := patest.Spec{Name: patest.Name{Country: "DE", Common: "master list signer"}, Serial: 9, From: from, Until: until, Purposes: []string{purpose}}
	s := must(signs.NewSigner(random(12), patest.Kind{Curve: "brainpoolP256r1"}, spec))
	return must(s.MasterList(random(13), [][]byte{listed.Certificate, signs.Certificate}, signs.Certificate)), listed, signs
}

func TestWhatATechnicianInstalls(t *testing.T) {
	s := issue(t, patest.Kind{})
	csca := s.csca.Certificate
	list, _, _ := masterList(t, pa.MasterListSigner)
	crl := must(s.csca.Revoke(random(5), from, until, 3))
	block := func(kind string, b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}) }
	for name, c := range map[string]struct {
		file []byte
		want pa.Report
	}{
		"a certificate in DER":            {csca, pa.Report{Authorities: 1}},
		"a certificate in PEM":            {block("CERTIFICATE", csca), pa.Report{Authorities: 1}},
		"several in PEM, words between":   {bytes.Join([][]byte{[]byte("Utopia:\n"), block("CERTIFICATE", csca), block("CERTIFICATE", s.signer.Certificate)}, nil), pa.Report{Authorities: 1, Signers: 1}},
		"the same twice":                  {append(block("CERTIFICATE", csca), block("CERTIFICATE", csca)...), pa.Report{Authorities: 1}},
		"a master list":                   {list, pa.Report{Lists: 1, Authorities: 2}},
		"a list of what is revoked":       {crl, pa.Report{Revocations: 1}},
		"the same in PEM":                 {block("X509 CRL", crl), pa.Report{Revocations: 1}},
		"LDIF of master lists":            {[]byte("version: 1\n\n" + ldif("pkdMasterListContent", list)), pa.Report{Lists: 1, Authorities: 2}},
		"LDIF of signers and revocations": {[]byte(ldif("userCertificate;binary", s.signer.Certificate) + ldif("certificateRevocationList;binary", crl)), pa.Report{Signers: 1, Revocations: 1}},
		"LDIF with lines of Windows":      {[]byte(strings.ReplaceAll(ldif("cACertificate;binary", csca), "\n", "\r\n")), pa.Report{Authorities: 1}},
	} {
		var all pa.Trust
		got := all.Add("", c.file)
		if len(got.Refused) > 0 {
			t.Errorf("%s: refused %v", name, got.Refused)
		}
		if got.Refused = nil; fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestWhatIsNotInstalled(t *testing.T) {
	list, _, _ := masterList(t, pa.MasterListSigner)
	changed := bytes.Replace(list, []byte("CSCA Utopia"), []byte("CSCA Utopea"), 2)
	csca := authority(t, 2, utopia)
	someone := must(csca.NewSigner(random(3), patest.Kind{}, signer()))
	other := authority(t, 12, utopia)
	orphan := must(other.NewSigner(random(3), patest.Kind{}, with(signer(), func(s *patest.Spec) { s.Purposes = []string{pa.MasterListSigner} })))
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":            {nil, "reading f: it holds no certificate"},
		"words":              {[]byte("do not delete this directory\n"), "reading f: it holds no certificate"},
		"half a certificate": {csca.Certificate[:200], "reading f: reading a certificate: reading data object 30 at byte 0: is longer than what holds it"},
		"a key":              {csca.Key.Public.Bytes(), "reading f: reading a certificate: "},
		"a master list somebody changed": {changed,
			"reading f: verifying a master list: what is signed is not what is in the envelope"},
		"a master list signed by a document signer": {must(someone.MasterList(random(4), [][]byte{csca.Certificate})),
			"reading f: verifying a master list: its signer is not one of master lists"},
		"a master list of somebody nobody knows": {must(orphan.MasterList(random(4), [][]byte{csca.Certificate})),
			"reading f: verifying a master list: its signer is certified by no authority that is known"},
		"EF.CardSecurity": {must(someone.CardSecurity(random(4), nil)),
			"reading f: signed data of type 0.4.0.127.0.7.3.2.1 is no master list"},
	} {
		var all pa.Trust
		r := all.Add("f", c.file)
		if len(r.Refused) != 1 || !strings.HasPrefix(r.Refused[0].Error(), c.want) || len(all.Authorities()) > 0 {
			t.Errorf("%s: %v, want %s; %d authorities", name, r.Refused, c.want, len(all.Authorities()))
		}
	}
}

func TestDirectoryOfATechnician(t *testing.T) {
	s := issue(t, patest.Kind{})
	list, _, _ := masterList(t, pa.MasterListSigner)
	all, reports, err := pa.Load(fstest.MapFS{
		"2026/utopia.ml":  {Data: list},
		"utopia.cer":      {Data: s.csca.Certificate},
		".hidden":         {Data: []byte("nothing")},
		"spoilt/half.der": {Data: s.csca.Certificate[:99]},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != 3 || reports[0].Source != "2026/utopia.ml" || reports[0].Authorities != 2 || len(reports[1].Refused) != 1 || reports[2].Source != "utopia.cer" {
		t.Errorf("reports are %+v", reports)
	}
	r := pa.Verify(s.files, all, today)
	if r.Chain != pa.Good || r.CSCA().Source == "" {
		t.Errorf("chain %v: %s", r.Chain, found(r))
	}
	if r := pa.Verify(map[lds.File][]byte{lds.SOD: s.files[lds.SOD]}, nil, today); !r.Has(pa.UnknownCSCA) {
		t.Errorf("where nothing is installed: %s", found(r))
	}
}
