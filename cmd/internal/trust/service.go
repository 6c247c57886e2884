package trust

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"crypto/sha256"

	"optag/queue/intake"
	"optag/queue/seal"
	"optag/queue/upload"
)

// A Service is the receiving service as a station knows it. It holds no secret.
type Service struct {
	ID          string
	URL         string
	Published   time.Time
	Authority   *x509.Certificate // that issues its and the stations' TLS certificates
	ReceiptKeys []seal.PublicKey  // whose receipts count
	Recipients  []seal.Recipient  // to all of which a package is sealed

	// What concerns one station; empty in a file for all.
	Station     string            // its id
	StationKeys []string          // ids of its signing keys that the service has registered
	Certificate *x509.Certificate // its client certificate
}

// serviceStatement is what a service publishes of itself, and of one station.
type serviceStatement struct {
	Kind        string    `json:"kind"`    // "optag service"
	Version     int       `json:"version"` // 1
	Service     string    `json:"service"`
	URL         string    `json:"url"`
	Published   time.Time `json:"published"`
	Authority   string    `json:"authority"`    // certificate, PEM
	ReceiptKeys []string  `json:"receipt_keys"` // PEM
	Recipients  []string  `json:"recipients"`   // age1pq1…
	Station     string    `json:"station,omitempty"`
	StationKeys []string  `json:"station_keys,omitempty"`
	Certificate string    `json:"certificate,omitempty"` // PEM
}

const kindService = "optag service"

func servicePath(home string) string { return filepath.Join(home, keysDir, serviceFile) }

// LoadService reads the service that the station of home trusts.
func LoadService(home string) (*Service, error) {
	raw, err := os.ReadFile(servicePath(home))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("reading the trusted service: %w", err)
	}
	s, _, err := parseService(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the trusted service: %w", err)
	}
	return s, nil
}

// parseService reads a service file, which its own receipt keys must have signed.
func parseService(raw []byte) (s *Service, signed func(seal.PublicKey) bool, err error) {
	var f serviceStatement
	if signed, err = read(domainService, raw, &f); err != nil {
		return nil, nil, err
	}
	if f.Kind != kindService || f.Version != 1 {
		return nil, nil, errors.New("not a service file of version 1")
	}
	s = &Service{ID: f.Service, URL: f.URL, Published: f.Published, Station: f.Station, StationKeys: f.StationKeys}
	if s.ReceiptKeys, err = parseKeys(f.ReceiptKeys, f.Service); err != nil {
		return nil, nil, err
	}
	if !allOf(s.ReceiptKeys, signed) {
		return nil, nil, ErrForged
	}
	if err := checkAddress(f.URL); err != nil {
		return nil, nil, err
	}
	if s.Recipients, err = parseRecipients(f.Recipients); err != nil {
		return nil, nil, err
	}
	if s.Authority, err = parseCertificate(f.Authority); err != nil || !s.Authority.IsCA {
		return nil, nil, errors.New("the certificate authority is not one")
	}
	if f.Certificate != "" {
		if s.Certificate, err = parseCertificate(f.Certificate); err != nil {
			return nil, nil, err
		}
	}
	return s, signed, nil
}

// checkAddress demands an address by which a service can be reached.
func checkAddress(address string) error {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "https" || at.Host == "" {
		return fmt.Errorf("%.80q is not an https address", address)
	}
	return nil
}

func parseRecipients(list []string) ([]seal.Recipient, error) {
	var to []seal.Recipient
	for _, text := range list {
		r, err := seal.ParseRecipient(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(to, func(o seal.Recipient) bool { return o.KeyID() == r.KeyID() }) {
			return nil, errors.New("a recipient is there twice")
		}
		to = append(to, r)
	}
	if len(to) == 0 || len(to) > seal.MaxRecipients {
		return nil, fmt.Errorf("%d recipients, want 1 to %d", len(to), seal.MaxRecipients)
	}
	return to, nil
}

// Fingerprint names the service and what its trust rests on, for comparing by
// word of mouth.
func (s *Service) Fingerprint() string {
	ca := sha256.Sum256(s.Authority.Raw)
	things := append([]string{domainService, s.ID, hex.EncodeToString(ca[:])}, keyIDs(s.ReceiptKeys)...)
	return fingerprint(things...)
}

// Import says how a service file is taken over.
type Import struct {
	Fingerprint string // that the file must have; "" for any
	Replace     bool   // also a file that is not signed by the service trusted so far
}

// Import checks a service file and makes it the one that the station of home
// trusts. It returns the service and what has changed, a line each. The first
// file is believed as it is, unless o names its fingerprint; a later one must be
// signed by a receipt key that is trusted already, and be newer.
func (st *Station) Import(raw []byte, o Import, now time.Time) (*Service, []string, error) {
	sv, signed, err := parseService(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the service file: %w", err)
	}
	old, err := LoadService(st.home)
	if err != nil && !errors.Is(err, ErrMissing) && !o.Replace {
		return nil, nil, err
	}
	if o.Fingerprint != "" && !SameFingerprint(o.Fingerprint, sv.Fingerprint()) {
		return nil, nil, fmt.Errorf("taking over the service file: its fingerprint is %s: %w", sv.Fingerprint(), ErrStranger)
	}
	if old != nil && !o.Replace {
		if err := follows(old, sv, signed); err != nil {
			return nil, nil, fmt.Errorf("taking over the service file: %w", err)
		}
	}
	if err := st.fits(sv, now); err != nil {
		return nil, nil, fmt.Errorf("taking over the service file: %w", err)
	}
	if err := WriteFile(servicePath(st.home), raw); err != nil {
		return nil, nil, fmt.Errorf("storing the service file: %w", err)
	}
	return sv, changes(old, sv), st.prune(sv)
}

// follows demands that sv is a newer word of the service trusted so far.
func follows(old, sv *Service, signed func(seal.PublicKey) bool) error {
	switch {
	case !anyOf(old.ReceiptKeys, signed):
		return ErrStranger
	case sv.Published.Before(old.Published):
		return fmt.Errorf("it is of %s, and one of %s is known", sv.Published.Format(time.DateTime), old.Published.Format(time.DateTime))
	case old.Certificate != nil && sv.Certificate == nil:
		return errors.New("it holds no certificate for this station, and the one known does")
	}
	return nil
}

// fits demands that what sv says of a station is about this one: the id, its TLS
// key, and only signing keys it has.
func (st *Station) fits(sv *Service, now time.Time) error {
	if sv.Certificate == nil && sv.Station == "" {
		return nil
	}
	if sv.Station != st.ID {
		return fmt.Errorf("it is for station %q, and this is %q", sv.Station, st.ID)
	}
	known := keyIDs(st.PublicKeys())
	if !slices.ContainsFunc(sv.StationKeys, func(id string) bool { return slices.Contains(known, id) }) {
		return errors.New("the service has registered none of this station's signing keys")
	}
	if sv.Certificate == nil {
		return errors.New("it holds no certificate for this station")
	}
	want, err := tlsKeyID(st.TLS.Public())
	if err != nil {
		return err
	}
	if intake.TLSKeyID(sv.Certificate) != want || sv.Certificate.Subject.CommonName != st.ID {
		return errors.New("the certificate is not for this station's key")
	}
	_, err = sv.Certificate.Verify(x509.VerifyOptions{
		Roots: sv.pool(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}

// changes says what is new in sv, for the technician to read.
func changes(old, sv *Service) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if old == nil || old.Fingerprint() != sv.Fingerprint() {
		say("service %s, fingerprint %s", sv.ID, sv.Fingerprint())
	}
	if old == nil {
		old = &Service{}
	}
	if old.URL != sv.URL {
		say("address %s", sv.URL)
	}
	compare(say, "receipt key", keyIDs(old.ReceiptKeys), keyIDs(sv.ReceiptKeys))
	compare(say, "recipient", recipientIDs(old.Recipients), recipientIDs(sv.Recipients))
	compare(say, "registered signing key of this station", old.StationKeys, sv.StationKeys)
	if sv.Certificate != nil && (old.Certificate == nil || !old.Certificate.Equal(sv.Certificate)) {
		say("certificate of this station until %s", sv.Certificate.NotAfter.Format(time.DateOnly))
	}
	return list
}

func compare(say func(string, ...any), what string, old, now []string) {
	for _, id := range now {
		if !slices.Contains(old, id) {
			say("%s %.16s… is new", what, id)
		}
	}
	for _, id := range old {
		if !slices.Contains(now, id) {
			say("%s %.16s… is withdrawn", what, id)
		}
	}
}

func recipientIDs(list []seal.Recipient) []string {
	var ids []string
	for _, r := range list {
		ids = append(ids, r.KeyID())
	}
	return ids
}

func (s *Service) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Authority)
	return pool
}

// VerifyReceipt demands that raw is a receipt, signed by a key that counts, for
// the package of this id and SHA-256.
func (s *Service) VerifyReceipt(raw []byte, packageID string, sha256 [32]byte) (seal.Receipt, error) {
	r, err := seal.VerifyReceipt(raw, s.ReceiptKeys...)
	if err != nil {
		return r, err
	}
	return r, r.For(packageID, sha256)
}

// ClientTLS is how the station connects to sv: its certificate, sv's authority
// alone, TLS 1.3. ErrMissing when sv has issued no certificate yet.
func (st *Station) ClientTLS(sv *Service) (*tls.Config, error) {
	if sv.Certificate == nil {
		return nil, fmt.Errorf("preparing to connect: no certificate by the service: %w", ErrMissing)
	}
	own := tls.Certificate{Certificate: [][]byte{sv.Certificate.Raw}, PrivateKey: st.TLS, Leaf: sv.Certificate}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: sv.pool(), Certificates: []tls.Certificate{own}}, nil
}

// UploadOptions are the options of the client that delivers st's packages to sv.
func (st *Station) UploadOptions(sv *Service) (upload.Options, error) {
	conf, err := st.ClientTLS(sv)
	if err != nil {
		return upload.Options{}, err
	}
	return upload.Options{
		URL: sv.URL, TLS: conf,
		Verify: func(receipt []byte, p upload.Package) error {
			_, err := sv.VerifyReceipt(receipt, p.ID, p.SHA256)
			return err
		},
	}, nil
}
