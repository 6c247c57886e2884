package trust

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"optag/queue/intake"
	"optag/queue/seal"
)

// Names of the files in the service's store.
const (
	authorityFile = "service.key" // private: receipts, certificates, TLS
	openingFile   = "opening.key" // private: opens packages; may be kept elsewhere
	publicFile    = "service.json"
	stationsDir   = "stations"
)

// How long certificates are good for.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	stationLife   = 365 * 24 * time.Hour
	serverLife    = 90 * 24 * time.Hour
	clockSkew     = time.Hour // a station's clock may be this much behind
)

// An Authority is the service's own identity, with its private keys.
type Authority struct {
	ID         string
	URL        string
	Receipts   *seal.Signer
	Identities []seal.Identity // that open packages; none where the file is kept elsewhere
	recipients []seal.Recipient
	cert       *x509.Certificate
	key        crypto.Signer
	store      string
}

// authorityKeys is the file that holds an Authority, without the opening key.
type authorityKeys struct {
	Version    int      `json:"version"` // 1
	Service    string   `json:"service"`
	URL        string   `json:"url"`
	ReceiptKey string   `json:"receipt_key"` // seed, PEM
	Authority  string   `json:"authority"`   // certificate, PEM
	Key        string   `json:"key"`         // of the authority, PKCS #8, PEM
	Recipients []string `json:"recipients"`  // public halves of the opening keys
}

func authorityPath(store string) string { return filepath.Join(store, keysDir, authorityFile) }

// OpeningKeyPath is where the key that opens packages lies in a store.
func OpeningKeyPath(store string) string { return filepath.Join(store, keysDir, openingFile) }

// PublicPath is where a store keeps the file that stations import first.
func PublicPath(store string) string { return filepath.Join(store, publicFile) }

// InitAuthority makes the identity of service id, reachable at address (an https
// URL), in store. Seeds of the receipt key are read from random.
func InitAuthority(store, id, address string, random io.Reader, now time.Time) (*Authority, error) {
	a, err := newAuthority(store, id, address, random, now)
	if err != nil {
		return nil, fmt.Errorf("making the service's keys: %w", err)
	}
	return a, nil
}

func newAuthority(store, id, address string, random io.Reader, now time.Time) (*Authority, error) {
	if _, err := os.Stat(authorityPath(store)); err == nil {
		return nil, ErrExists
	}
	if !intake.ValidStation(id) {
		return nil, errors.New("its id must be up to 64 letters, digits, '-' and '_'")
	}
	if err := checkAddress(address); err != nil {
		return nil, err
	}
	receipts, err := seal.NewSigner(random, id)
	if err != nil {
		return nil, err
	}
	opening, err := seal.GenerateIdentity()
	if err != nil {
		return nil, err
	}
	a := &Authority{ID: id, URL: address, Receipts: receipts, store: store, recipients: []seal.Recipient{opening.Recipient()}}
	key, keyText, err := newTLSKey()
	if err != nil {
		return nil, err
	}
	a.key = key
	der, err := a.issueSelf(now)
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	secret := "# opens the packages sealed for " + id + "\n# recipient " + opening.Recipient().String() + "\n" + opening.Secret() + "\n"
	if err := WriteFile(OpeningKeyPath(store), []byte(secret)); err != nil {
		return nil, err
	}
	a.Identities = []seal.Identity{opening}
	return a, a.write(keyText, now)
}

// write stores the identity, and the public file last, so that whoever sees it
// finds all of the rest.
func (a *Authority) write(keyText string, now time.Time) error {
	receipts, err := a.Receipts.MarshalText()
	if err != nil {
		return err
	}
	f := authorityKeys{
		Version: 1, Service: a.ID, URL: a.URL, ReceiptKey: string(receipts),
		Authority: certificatePEM(a.cert.Raw), Key: keyText,
	}
	for _, r := range a.recipients {
		f.Recipients = append(f.Recipients, r.String())
	}
	if err := writeJSON(authorityPath(a.store), f); err != nil {
		return err
	}
	public, err := a.Publish(now)
	if err != nil {
		return err
	}
	return WriteFile(PublicPath(a.store), public)
}

// LoadAuthority reads the identity in store.
func LoadAuthority(store string) (*Authority, error) {
	a, err := loadAuthority(store)
	if err != nil {
		return nil, fmt.Errorf("reading the service's keys: %w", err)
	}
	return a, nil
}

func loadAuthority(store string) (*Authority, error) {
	var f authorityKeys
	if err := readJSON(authorityPath(store), &f); err != nil {
		return nil, err
	}
	a := &Authority{ID: f.Service, URL: f.URL, store: store}
	var err error
	if a.Receipts, err = seal.ParseSigner([]byte(f.ReceiptKey)); err != nil {
		return nil, err
	}
	if a.cert, err = parseCertificate(f.Authority); err != nil {
		return nil, err
	}
	if a.key, err = parseTLSKey(f.Key); err != nil {
		return nil, err
	}
	if a.recipients, err = parseRecipients(f.Recipients); err != nil {
		return nil, err
	}
	secret, err := os.ReadFile(OpeningKeyPath(store))
	if errors.Is(err, os.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	id, err := seal.ParseIdentity(string(secret))
	if err != nil {
		return nil, err
	}
	a.Identities = []seal.Identity{id}
	return a, nil
}

// SetURL changes the address and publishes it.
func (a *Authority) SetURL(address string, now time.Time) error {
	if a.URL == address {
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err = errors.Join(err, checkAddress(address)); err != nil {
		return fmt.Errorf("changing the address: %w", err)
	}
	a.URL = address
	if err := a.write(privatePEM(der), now); err != nil {
		return fmt.Errorf("changing the address: %w", err)
	}
	return nil
}

// Publish writes the service file for stations that are not registered yet.
func (a *Authority) Publish(now time.Time) ([]byte, error) { return a.publish(nil, nil, now) }

// publish writes the service file, with what concerns one station where there is
// one.
func (a *Authority) publish(s *intake.Station, cert []byte, now time.Time) ([]byte, error) {
	if err := checkAddress(a.URL); err != nil {
		return nil, fmt.Errorf("writing the service file: %w", err)
	}
	keys, err := marshalKeys([]seal.PublicKey{a.Receipts.Public()})
	if err != nil {
		return nil, fmt.Errorf("writing the service file: %w", err)
	}
	f := serviceStatement{
		Kind: kindService, Version: 1, Service: a.ID, URL: a.URL, Published: now.UTC().Truncate(time.Second),
		Authority: certificatePEM(a.cert.Raw), ReceiptKeys: keys,
	}
	for _, r := range a.recipients {
		f.Recipients = append(f.Recipients, r.String())
	}
	if s != nil {
		f.Station, f.StationKeys, f.Certificate = s.ID, keyIDs(s.Keys), certificatePEM(cert)
	}
	file, err := state(domainService, f, a.Receipts)
	if err != nil {
		return nil, fmt.Errorf("writing the service file: %w", err)
	}
	return file, nil
}

// Stations are the stations registered in the store.
func (a *Authority) Stations() intake.Directory {
	return intake.Directory(filepath.Join(a.store, stationsDir))
}

// Register registers the station that has published raw, issues its certificate
// and returns the service file for it, and its fingerprint. A station known
// already must have signed with a key known already, unless replace; its earlier
// signing keys stay good, for what is still in its queue, unless replace.
func (a *Authority) Register(raw []byte, replace bool, now time.Time) (file []byte, print string, err error) {
	s, csr, signed, err := parseStation(raw)
	if err != nil {
		return nil, "", fmt.Errorf("reading the station file: %w", err)
	}
	print = stationFingerprint(s.ID, s.Keys, s.TLSKeys[0])
	old, err := a.Stations().Station(s.ID)
	switch {
	case errors.Is(err, intake.ErrUnknown) || replace:
	case err != nil:
		return nil, "", err
	case !anyOf(old.Keys, signed):
		return nil, "", fmt.Errorf("registering station %s: %w", s.ID, ErrStranger)
	default:
		for _, k := range old.Keys {
			if !slices.Contains(keyIDs(s.Keys), k.ID()) {
				s.Keys = append(s.Keys, k)
			}
		}
	}
	cert, err := a.issueStation(csr, now)
	if err != nil {
		return nil, "", fmt.Errorf("registering station %s: %w", s.ID, err)
	}
	if err := a.Stations().Put(s); err != nil {
		return nil, "", err
	}
	file, err = a.publish(&s, cert, now)
	return file, print, err
}

// parseStation reads a station file, which each of its keys must have signed; the
// TLS key signs by its request.
func parseStation(raw []byte) (intake.Station, *x509.CertificateRequest, func(seal.PublicKey) bool, error) {
	var none intake.Station
	var f stationStatement
	signed, err := read(domainStation, raw, &f)
	if err != nil {
		return none, nil, nil, err
	}
	if f.Kind != kindStation || f.Version != 1 || !intake.ValidStation(f.Station) {
		return none, nil, nil, errors.New("not a station file of version 1")
	}
	s := intake.Station{ID: f.Station}
	if s.Keys, err = parseKeys(f.Keys, f.Station); err != nil {
		return none, nil, nil, err
	}
	if !allOf(s.Keys, signed) {
		return none, nil, nil, ErrForged
	}
	der, err := unarmour("CERTIFICATE REQUEST", f.CSR)
	if err != nil {
		return none, nil, nil, err
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil || csr.CheckSignature() != nil || csr.Subject.CommonName != f.Station {
		return none, nil, nil, errors.New("its certificate request is not good")
	}
	id, err := tlsKeyID(csr.PublicKey)
	if err != nil {
		return none, nil, nil, err
	}
	s.TLSKeys = []string{id}
	return s, csr, signed, nil
}

// issueSelf makes the authority's own certificate.
func (a *Authority) issueSelf(now time.Time) ([]byte, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: a.ID + " authority"},
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	return x509.CreateCertificate(rand.Reader, c, c, a.key.Public(), a.key)
}

// issueStation makes the client certificate that a station has asked for.
func (a *Authority) issueStation(csr *x509.CertificateRequest, now time.Time) ([]byte, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: csr.Subject.CommonName},
		NotBefore: now.Add(-clockSkew), NotAfter: a.noLater(now.Add(stationLife)),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	return x509.CreateCertificate(rand.Reader, c, a.cert, csr.PublicKey, a.key)
}

// noLater keeps a certificate from outliving the authority's.
func (a *Authority) noLater(t time.Time) time.Time {
	if t.After(a.cert.NotAfter) {
		return a.cert.NotAfter
	}
	return t
}

// issueServer makes the server's certificate and a fresh key for it, for the
// given hosts and those of the URL and of the machine itself.
func (a *Authority) issueServer(hosts []string, now time.Time) (*tls.Certificate, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	key, _, err := newTLSKey()
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: a.ID},
		NotBefore: now.Add(-clockSkew), NotAfter: a.noLater(now.Add(serverLife)),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if at, err := url.Parse(a.URL); err == nil {
		hosts = append(hosts, at.Hostname())
	}
	for _, host := range append(hosts, "localhost", "127.0.0.1", "::1") {
		if ip := net.ParseIP(host); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else if host != "" {
			c.DNSNames = append(c.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// ServerTLS is how the service lets stations connect: TLS 1.3, and only with a
// certificate that it has issued. Its own certificate is for hosts and renews
// itself.
func (a *Authority) ServerTLS(hosts []string, now func() time.Time) (*tls.Config, error) {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	own := &renewing{authority: a, hosts: hosts, now: now}
	if _, err := own.certificate(nil); err != nil {
		return nil, fmt.Errorf("issuing the server's certificate: %w", err)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		GetCertificate: own.certificate, Time: now,
	}, nil
}

// A renewing certificate is issued anew when a third of its life is left.
type renewing struct {
	authority *Authority
	hosts     []string
	now       func() time.Time

	mu   sync.Mutex // protects cert
	cert *tls.Certificate
}

func (r *renewing) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if r.cert == nil || now.After(r.cert.Leaf.NotAfter.Add(-serverLife/3)) {
		cert, err := r.authority.issueServer(slices.Clone(r.hosts), now)
		if err != nil {
			return nil, err
		}
		r.cert = cert
	}
	return r.cert, nil
}

// Intake is the configuration of the service over store, with a's keys.
func (a *Authority) Intake(store intake.Store, log *slog.Logger) intake.Config {
	return intake.Config{
		Store: store, Stations: a.Stations(), Log: log,
		Sign:       func(r seal.Receipt) ([]byte, error) { return seal.SignReceipt(r, a.Receipts) },
		Recipients: recipientIDs(a.recipients), Identities: a.Identities,
	}
}

func newSerial() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}
