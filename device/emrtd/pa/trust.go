package pa

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Trust is what a technician installed: the certificates of authorities, those of
// document signers that came with them, and lists of what is revoked. Once
// filled it may be used by several goroutines at a time. The zero Trust trusts
// nobody.
type Trust struct {
	authorities []*Certificate
	signers     []*Certificate
	revoked     []*revocations
	seen        map[string]bool
	byName      map[string][]*Certificate
	byKey       map[string][]*Certificate
}

// A Report is what a file brought.
type Report struct {
	Source      string
	Lists       int // master lists
	Authorities int // certificates of authorities that were not there before
	Signers     int // certificates of document signers that were not there before
	Revocations int // lists of what is revoked
	Refused     []error
}

// MaxFile is the size of the largest file that is read, in bytes: all document
// signers of the ICAO directory have some 100 MB.
const MaxFile = 256 << 20

// Load reads every file of a directory and of those below it. What a file holds
// that cannot be read is in its report; the error is that of the directory.
func Load(dir fs.FS) (*Trust, []Report, error) {
	t := new(Trust)
	var reports []Report
	err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		b, err := readFile(dir, path)
		if err != nil {
			return err
		}
		reports = append(reports, t.Add(path, b))
		return nil
	})
	if err != nil {
		return nil, reports, fmt.Errorf("reading installed certificates: %w", err)
	}
	return t, reports, nil
}

func readFile(dir fs.FS, path string) ([]byte, error) {
	f, err := dir.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(b) > MaxFile {
		err = fmt.Errorf("%s: file of more than %d bytes", path, MaxFile)
	}
	return b, err
}

// Add reads a file: a master list, LDIF, certificates or lists of what is revoked,
// in PEM or DER. b must not be changed afterwards.
func (t *Trust) Add(source string, b []byte) Report {
	r := Report{Source: source}
	if t.seen == nil {
		t.seen, t.byName, t.byKey = map[string]bool{}, map[string][]*Certificate{}, map[string][]*Certificate{}
	}
	for part := range parts(b) {
		if err := t.part(&r, part); err != nil {
			r.Refused = append(r.Refused, fmt.Errorf("reading %s: %w", source, err))
		}
	}
	if r.Lists+r.Authorities+r.Signers+r.Revocations == 0 && len(r.Refused) == 0 && !t.known(b) {
		r.Refused = append(r.Refused, fmt.Errorf("reading %s: it holds no certificate", source))
	}
	return r
}

// known reports whether a file brings nothing because others brought it before.
func (t *Trust) known(b []byte) bool {
	for part := range parts(b) {
		if t.seen[string(part)] {
			return true
		}
	}
	return false
}

// part takes one object in DER.
func (t *Trust) part(r *Report, b []byte) error {
	switch kindOf(b) {
	case isEnvelope:
		return t.masterList(r, b)
	case isRevocations:
		v, err := parseRevocations(b)
		if err != nil {
			return err
		}
		t.revoked = append(t.revoked, v)
		r.Revocations++
		return nil
	}
	c, err := ParseCertificate(b)
	if err == nil {
		t.certificate(r, c)
	}
	return err
}

// certificate keeps a certificate that is not there yet.
func (t *Trust) certificate(r *Report, c *Certificate) {
	if t.seen[string(c.Raw)] {
		return
	}
	t.seen[string(c.Raw)] = true
	c.Source = r.Source
	if !c.maySignCertificates() {
		t.signers = append(t.signers, c)
		r.Signers++
		return
	}
	t.authorities = append(t.authorities, c)
	t.byName[c.Subject.key] = append(t.byName[c.Subject.key], c)
	if len(c.KeyID) > 0 {
		t.byKey[string(c.KeyID)] = append(t.byKey[string(c.KeyID)], c)
	}
	r.Authorities++
}

// Authorities are the certificates of authorities, in the order they came in.
func (t *Trust) Authorities() []*Certificate { return t.authorities }

// issuers are the authorities that may have issued a certificate: those with the
// key it names, and those with the name.
func (t *Trust) issuers(c *Certificate) []*Certificate {
	all := append([]*Certificate(nil), t.byKey[string(c.AuthorityID)]...)
	for _, a := range t.byName[c.Issuer.key] {
		if a.KeyID == nil || c.AuthorityID == nil || !bytes.Equal(a.KeyID, c.AuthorityID) {
			all = append(all, a)
		}
	}
	return all
}

// maxLinks is how many authorities are followed above the one that certified a
// signer: every few years there is a new key.
const maxLinks = 6

// path is the way from a certificate to the authority that certified it, and over
// links to older ones, as far as they are installed; the certificate first. It is
// nil where no authority did. What is installed is trusted, a link whose older
// authority is not installed too.
func (t *Trust) path(c *Certificate, day time.Time) []*Certificate {
	path := []*Certificate{c}
	for len(path) < 2+maxLinks {
		above := t.above(path[len(path)-1], day)
		if above == nil || slices.Contains(path, above) {
			break
		}
		path = append(path, above)
		if above.selfCertified() {
			break
		}
	}
	if len(path) == 1 {
		return nil
	}
	return path
}

// above is the authority that certified another. Of several certificates of its
// key one that is valid on the day is preferred, then one by itself.
func (t *Trust) above(c *Certificate, day time.Time) (best *Certificate) {
	rank := -1
	for _, a := range t.issuers(c) {
		r := 0
		if a.ValidOn(day) {
			r = 2
		}
		if a.Issuer.Equal(a.Subject) && (a.AuthorityID == nil || bytes.Equal(a.AuthorityID, a.KeyID)) {
			r++
		}
		if r > rank && c.SignedBy(a) == nil {
			best, rank = a, r
		}
	}
	return best
}

// selfCertified reports whether a certificate is signed with its own key: by the
// identifiers of keys where it has them, which cost nothing to compare.
func (c *Certificate) selfCertified() bool {
	if len(c.KeyID) > 0 && len(c.AuthorityID) > 0 {
		return bytes.Equal(c.KeyID, c.AuthorityID)
	}
	return c.Issuer.Equal(c.Subject) && c.SignedBy(c) == nil
}
