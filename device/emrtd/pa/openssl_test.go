package pa_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// openssl runs the program in a directory of its own.
func openssl(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("openssl", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func peer(t *testing.T) string {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	return t.TempDir()
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenSSLAcceptsOurEnvelopes(t *testing.T) {
	dir := peer(t)
	for name, k := range kinds {
		if k.Explicit || k.Hash != 0 && k.RSA == 0 && k.Curve == "" { // it refuses curves written out, and SHA-1 in certificates
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := issue(t, k)
			content := tlv.NewReader(s.files[lds.SOD], tlv.BER)
			e := must(content.Want(lds.SOD.Tag()))
			write(t, dir, "sod.der", e.Value)
			write(t, dir, "csca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.csca.Certificate}))
			openssl(t, dir, "cms", "-verify", "-inform", "DER", "-in", "sod.der", "-CAfile", "csca.pem", "-purpose", "any",
				"-attime", "1780000000", "-out", "content.der")
			b := must(os.ReadFile(filepath.Join(dir, "content.der")))
			if !bytes.Contains(s.files[lds.SOD], b) || len(b) == 0 {
				t.Error("it takes another content out of the envelope")
			}
		})
	}
}

func TestEnvelopesOfOpenSSL(t *testing.T) {
	dir := peer(t)
	content := securityObject(pa.OpenSOD(issue(t, patest.Kind{}).files[lds.SOD]).Object)
	write(t, dir, "object.der", content)
	last := ""
	for _, c := range []struct {
		name      string
		key, sign []string
	}{
		{"RSA", []string{"RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, nil},
		{"RSA-PSS", []string{"RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, []string{"-keyopt", "rsa_padding_mode:pss"}},
		{"RSA-PSS, longest salt", []string{"RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, []string{"-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:-2"}},
		{"P-256", []string{"EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, nil},
		{"P-384, named by key", []string{"EC", "-pkeyopt", "ec_paramgen_curve:P-384"}, []string{"-keyid"}},
		{"P-521, SHA-512", []string{"EC", "-pkeyopt", "ec_paramgen_curve:P-521"}, []string{"-md", "sha512"}},
		{"brainpoolP256r1", []string{"EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"}, nil},
		{"brainpoolP384r1", []string{"EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1"}, []string{"-md", "sha384"}},
		{"brainpoolP256r1 written out", []string{"EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1", "-pkeyopt", "ec_param_enc:explicit"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"ca.key", "ds.key"} {
				if old, _ := filepath.Glob(filepath.Join(dir, name)); len(old) > 0 && c.key[0] == "RSA" && last == "RSA" {
					continue // costly to make
				}
				openssl(t, dir, append([]string{"genpkey", "-out", name, "-algorithm"}, c.key...)...)
			}
			last = c.key[0]
			openssl(t, dir, "req", "-x509", "-key", "ca.key", "-out", "ca.pem", "-subj", "/C=UT/CN=CSCA of a peer", "-days", "4000")
			openssl(t, dir, "req", "-new", "-key", "ds.key", "-out", "ds.csr", "-subj", "/C=UT/CN=Signer of a peer")
			openssl(t, dir, "x509", "-req", "-in", "ds.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "ds.pem", "-days", "4000", "-set_serial", "77", "-extfile", extensions(t, dir))
			openssl(t, dir, append([]string{"cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-in", "object.der", "-econtent_type", "2.23.136.1.1.1",
				"-signer", "ds.pem", "-inkey", "ds.key", "-outform", "DER", "-out", "sod.der"}, c.sign...)...)
			sod := tlv.Primitive(lds.SOD.Tag(), must(os.ReadFile(filepath.Join(dir, "sod.der")))).Bytes()
			all := trust(t, must(os.ReadFile(filepath.Join(dir, "ca.pem"))))
			r := pa.Verify(map[lds.File][]byte{lds.SOD: sod}, all, all.Authorities()[0].NotBefore.AddDate(1, 0, 0))
			if r.Signature != pa.Good || r.Chain != pa.Good || len(r.Findings) > 0 || r.CSCA().Subject.Common != "CSCA of a peer" {
				t.Errorf("signature %v, chain %v\n%s", r.Signature, r.Chain, found(r))
			}
		})
	}
}

func extensions(t *testing.T, dir string) string {
	write(t, dir, "ds.cnf", []byte("keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"))
	return "ds.cnf"
}

// securityObject writes a security object of version 0 with SHA-256.
func securityObject(o *pa.SecurityObject) []byte {
	var list []tlv.Object
	for f := lds.DG1; f <= lds.DG16; f++ {
		if h := o.Sums[f]; h != nil {
			list = append(list, tlv.Constructed(0x30, tlv.Integer(0x02, int64(f)), tlv.Primitive(0x04, h)))
		}
	}
	sha256 := tlv.Primitive(0x06, []byte{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01})
	return tlv.Constructed(0x30, tlv.Integer(0x02, 0), tlv.Constructed(0x30, sha256), tlv.Constructed(0x30, list...)).Bytes()
}
