package pa_test

import (
	"crypto/sha256"
	"slices"
	"testing"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

// signedParts are what a SignedData is put together from, to be changed by a test
// before the signature is made.
type signedParts struct {
	content     []byte
	contentType string
	digests     tlv.Object
	attributes  [][]byte // nil: the content itself is signed
	digest      string
	version     [2]int64 // of envelope and signature
	unsigned    []tlv.Object
	signers     int
	beside      []byte // the signer's certificate
}

const (
	objectType    = "2.23.136.1.1.1"
	typeAttribute = "1.2.840.113549.1.9.3"
	sumAttribute  = "1.2.840.113549.1.9.4"
	timeAttribute = "1.2.840.113549.1.9.5"
	sha256OID     = "2.16.840.1.101.3.4.2.1"
	sha512OID     = "2.16.840.1.101.3.4.2.3"
)

func attribute(oid string, values ...tlv.Object) []byte {
	return tlv.Constructed(der.Sequence, der.WriteOID(oid), tlv.Constructed(der.Set, values...)).Bytes()
}

func algorithm(oid string, parameters ...tlv.Object) tlv.Object {
	return tlv.Constructed(der.Sequence, append([]tlv.Object{der.WriteOID(oid)}, parameters...)...)
}

func octets(b []byte) tlv.Object { return tlv.Primitive(der.OctetString, b) }

// assemble makes EF.SOD by hand.
func assemble(t *testing.T, s state, change func(*signedParts)) []byte {
	t.Helper()
	content := securityObject(pa.OpenSOD(s.files[lds.SOD]).Object)
	sum := sha256.Sum256(content)
	p := &signedParts{content: content, contentType: objectType, digests: tlv.Constructed(der.Set, algorithm(sha256OID)), digest: sha256OID,
		attributes: [][]byte{attribute(typeAttribute, der.WriteOID(objectType)), attribute(sumAttribute, octets(sum[:]))}, version: [2]int64{3, 1}, signers: 1}
	change(p)
	signed, attributes := p.content, []tlv.Object(nil)
	if p.attributes != nil {
		signed = tlv.Primitive(der.Set, slices.Concat(p.attributes...)).Bytes()
		attributes = []tlv.Object{tlv.Primitive(0xA0, slices.Concat(p.attributes...))}
	}
	signature := must(s.signer.Key.Sign(random(9), signed))
	certificate := must(pa.ParseCertificate(s.signer.Certificate))
	name := func(parts ...[2]string) tlv.Object {
		var all []tlv.Object
		for _, p := range parts {
			tag := der.UTF8String
			if p[0] == "2.5.4.6" {
				tag = der.PrintableString
			}
			all = append(all, tlv.Constructed(der.Set, tlv.Constructed(der.Sequence, der.WriteOID(p[0]), tlv.Primitive(tag, []byte(p[1])))))
		}
		return tlv.Constructed(der.Sequence, all...)
	}
	sid := tlv.Constructed(der.Sequence, name([2]string{"2.5.4.6", "UT"}, [2]string{"2.5.4.3", "CSCA Utopia"}), der.WriteUint(certificate.Serial))
	info := append([]tlv.Object{tlv.Integer(der.Integer, p.version[1]), sid, algorithm(p.digest)}, attributes...)
	info = append(info, algorithm("1.2.840.10045.4.3.2"), octets(signature))
	info = append(info, p.unsigned...)
	body := tlv.Constructed(der.Sequence, tlv.Integer(der.Integer, p.version[0]), p.digests,
		tlv.Constructed(der.Sequence, der.WriteOID(p.contentType), tlv.Constructed(0xA0, octets(p.content))),
		tlv.Primitive(0xA0, slices.Concat(s.signer.Certificate, p.beside)),
		tlv.Constructed(der.Set, slices.Repeat([]tlv.Object{tlv.Constructed(der.Sequence, info...)}, p.signers)...))
	return tlv.Constructed(lds.SOD.Tag(), tlv.Constructed(der.Sequence, der.WriteOID("1.2.840.113549.1.7.2"), tlv.Constructed(0xA0, body))).Bytes()
}

// What a signature is worth depends on what it is made over (RFC 5652, 5.3, 5.4).
func TestRulesOfSignedAttributes(t *testing.T) {
	s := issue(t, patest.Kind{})
	anchors := trust(t, s.csca.Certificate)
	for _, c := range []struct {
		name   string
		change func(*signedParts)
		want   pa.State
		finds  pa.Kind
	}{
		{"as it should be", func(p *signedParts) {}, pa.Good, 0},
		{"the content itself is signed", func(p *signedParts) { p.attributes = nil }, pa.Good, 0},
		{"a time beside", func(p *signedParts) {
			p.attributes = append(p.attributes, attribute(timeAttribute, der.WriteTime(today)))
		}, pa.Good, 0},
		{"the hash of something else", func(p *signedParts) { p.attributes[1] = attribute(sumAttribute, octets(make([]byte, 32))) }, pa.Failed, pa.WrongContent},
		{"the hash cut short", func(p *signedParts) {
			sum := sha256.Sum256(p.content)
			p.attributes[1] = attribute(sumAttribute, octets(sum[:16]))
		}, pa.Failed, pa.WrongContent},
		{"no hash", func(p *signedParts) { p.attributes = p.attributes[:1] }, pa.Failed, pa.Malformed},
		{"no type", func(p *signedParts) { p.attributes = p.attributes[1:] }, pa.Failed, pa.Malformed},
		{"no attribute at all", func(p *signedParts) { p.attributes = [][]byte{} }, pa.Failed, pa.Malformed},
		{"two hashes, one of them right", func(p *signedParts) {
			p.attributes = append(p.attributes, attribute(sumAttribute, octets(make([]byte, 32))))
		}, pa.Failed, pa.Malformed},
		{"two hashes in one", func(p *signedParts) {
			sum := sha256.Sum256(p.content)
			p.attributes[1] = attribute(sumAttribute, octets(sum[:]), octets(make([]byte, 32)))
		}, pa.Failed, pa.Malformed},
		{"the type of a master list", func(p *signedParts) { p.attributes[0] = attribute(typeAttribute, der.WriteOID("2.23.136.1.1.2")) }, pa.Failed, pa.WrongContent},
		{"a master list", func(p *signedParts) { p.contentType = "2.23.136.1.1.2" }, pa.Failed, pa.Malformed},
		{"two signatures", func(p *signedParts) { p.signers = 2 }, pa.Failed, pa.Malformed},
		{"no signature", func(p *signedParts) { p.signers = 0 }, pa.Failed, pa.Malformed},
		{"the hash function is another than announced", func(p *signedParts) { p.digests = tlv.Constructed(der.Set, algorithm(sha512OID)) }, pa.Failed, pa.Malformed},
		{"no hash function is announced", func(p *signedParts) { p.digests = tlv.Constructed(der.Set) }, pa.Failed, pa.Malformed},
		{"another hash function is announced beside", func(p *signedParts) {
			p.digests = tlv.Constructed(der.Set, algorithm(sha256OID), algorithm(sha512OID))
		}, pa.Good, 0},
		{"a hash function that nobody knows is announced beside", func(p *signedParts) {
			p.digests = tlv.Constructed(der.Set, algorithm(sha256OID), algorithm("1.2.3.4.5"))
		}, pa.Good, pa.Irregular},
		{"a hash function that nobody knows", func(p *signedParts) { p.digest = "1.2.3.4.5" }, pa.NotChecked, pa.UnknownAlgorithm},
		{"an old version", func(p *signedParts) { p.version[0] = 1 }, pa.Failed, pa.Malformed},
		{"the version of envelopes with attribute certificates, and none", func(p *signedParts) { p.version[0] = 4 }, pa.Failed, pa.Malformed},
		{"an attribute certificate beside", func(p *signedParts) {
			p.version[0], p.beside = 4, tlv.Constructed(0xA2, octets(nil)).Bytes()
		}, pa.Good, pa.Irregular},
		{"an attribute certificate beside, and the version without", func(p *signedParts) { p.beside = tlv.Constructed(0xA2, octets(nil)).Bytes() }, pa.Failed, pa.Malformed},
		{"a version that does not fit its signer", func(p *signedParts) { p.version[1] = 3 }, pa.Failed, pa.Malformed},
		{"something not signed beside the signature", func(p *signedParts) {
			p.unsigned = []tlv.Object{tlv.Primitive(0xA1, attribute(timeAttribute, der.WriteTime(today)))}
		}, pa.Good, pa.Irregular},
		{"hashes of another kind than their function", func(p *signedParts) {
			p.content = slices.Clone(p.content)
			p.content[len(p.content)-33]-- // the length of the last
		}, pa.Failed, pa.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := pa.Verify(map[lds.File][]byte{lds.SOD: assemble(t, s, c.change)}, anchors, today)
			if r.Signature != c.want || c.finds != 0 && !r.Has(c.finds) || c.finds == 0 && len(r.Findings) > 0 {
				t.Errorf("signature %v, want %v with %v:\n%s", r.Signature, c.want, c.finds, found(r))
			}
		})
	}
}

// The same name may be written in other letters and another kind of string.
func TestNamesAreComparedAsNames(t *testing.T) {
	read := func(n patest.Name) pa.Name {
		a := must(patest.NewAuthority(random(2), patest.Kind{}, patest.Spec{Name: n, From: from, Until: until}))
		return must(pa.ParseCertificate(a.Certificate)).Subject
	}
	utopia := read(patest.Name{Country: "UT", Organisation: "Ministry of  Truth", Common: "CSCA"})
	for name, c := range map[string]struct {
		n    patest.Name
		same bool
	}{
		"other letters":     {patest.Name{Country: "ut", Organisation: "MINISTRY OF TRUTH", Common: "csca"}, true},
		"another authority": {patest.Name{Country: "UT", Organisation: "Ministry of Truth", Common: "CSCA 2"}, false},
		"a part less":       {patest.Name{Country: "UT", Common: "CSCA"}, false},
		"parts run on":      {patest.Name{Country: "UT", Organisation: "Ministry of Truth 2.5.4.3=csca", Common: "CSCA"}, false},
	} {
		if got := read(c.n); got.Equal(utopia) != c.same {
			t.Errorf("%s: %v and %v", name, got, utopia)
		}
	}
	if utopia.String() != "CSCA, Ministry of Truth, UT" || utopia.Country != "UT" {
		t.Errorf("written as %q", utopia.String())
	}
}

// The state of a certificate has two letters, that of a zone three.
func TestStatesOfSignerAndDocument(t *testing.T) {
	for _, c := range []struct {
		two, three string
		same       bool
	}{
		{"DK", "DNK", true}, {"dk", "DNK", true}, {"DE", "D<<", true}, {"DE", "DNK", false}, {"DK", "D<<", false}, {"GB", "GBD", true},
		{"UN", "UNO", true}, {"UT", "UTO", true}, {"KS", "RKS", true}, {"XX", "DNK", true}, {"CN", "HKG", true}, {"NL", "ABW", true}, {"SE", "NOR", false},
	} {
		if got := pa.SameState(c.two, c.three); got != c.same {
			t.Errorf("%s and %s: %v", c.two, c.three, got)
		}
	}
}
