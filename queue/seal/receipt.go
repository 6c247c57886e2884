package seal

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"filippo.io/mldsa"

	"optag/capture/record/jcs"
)

const (
	domainReceipt = "optag/receipt/1"

	// MaxReceipt is the length in bytes that no receipt reaches.
	MaxReceipt = 16 << 10
)

// A Receipt is the service's word that it holds a package. It is what lets the
// station destroy its own copy.
type Receipt struct {
	Version    int       `json:"version"`            // 1; set by SignReceipt
	PackageID  string    `json:"package"`            // 32 hex digits
	StationID  string    `json:"station"`            //
	Sequence   uint64    `json:"sequence"`           // of the package at its station
	SHA256     string    `json:"sha256"`             // 64 hex digits: of the whole sealed package
	Length     int64     `json:"length"`             // bytes of the whole sealed package
	ReceivedAt time.Time `json:"received_at"`        // whole seconds, UTC
	ServiceID  string    `json:"service"`            // holder of the signing key; set by SignReceipt
	LogIndex   uint64    `json:"log_index"`          // of the package in the service's log
	LogRoot    string    `json:"log_root,omitempty"` // 64 hex digits: head of that log, where it has one
}

// signedReceipt is a receipt as it is written: canonical JSON.
type signedReceipt struct {
	Receipt   Receipt `json:"receipt"`
	Signature struct {
		Key string `json:"key"`     // hex
		Ed  string `json:"ed25519"` // base64
		ML  string `json:"mldsa65"` // base64
	} `json:"signature"`
}

// SignReceipt writes a receipt: canonical JSON with both signatures over its
// member "receipt".
func SignReceipt(r Receipt, by *Signer) ([]byte, error) {
	r.Version, r.ServiceID = 1, by.holder
	r.ReceivedAt = r.ReceivedAt.UTC().Truncate(time.Second)
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("signing a receipt: %w: %w", ErrInvalid, err)
	}
	body, err := jcs.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("signing a receipt: %w", err)
	}
	sig, err := by.sign(domainReceipt, body)
	if err != nil {
		return nil, fmt.Errorf("signing a receipt: %w", err)
	}
	s := signedReceipt{Receipt: r}
	s.Signature.Key = hex.EncodeToString(sig.key[:])
	s.Signature.Ed = base64.StdEncoding.EncodeToString(sig.ed[:])
	s.Signature.ML = base64.StdEncoding.EncodeToString(sig.ml[:])
	return jcs.Marshal(s)
}

// VerifyReceipt reads a receipt and checks both signatures against the trusted
// services' keys. It does not know which package is meant: see Receipt.For.
func VerifyReceipt(raw []byte, trusted ...PublicKey) (Receipt, error) {
	r, err := verifyReceipt(raw, trusted)
	if err != nil {
		return Receipt{}, fmt.Errorf("verifying a receipt: %w", err)
	}
	return r, nil
}

func verifyReceipt(raw []byte, trusted []PublicKey) (Receipt, error) {
	s, sig, err := readReceipt(raw)
	if err != nil {
		return Receipt{}, err
	}
	key, err := find(trusted, sig.key)
	if err != nil {
		return Receipt{}, err
	}
	if key.Holder != s.Receipt.ServiceID {
		return Receipt{}, fmt.Errorf("the key is %s's: %w", key.Holder, ErrUntrusted)
	}
	body, err := jcs.Marshal(s.Receipt)
	if err != nil {
		return Receipt{}, fmt.Errorf("writing it again: %w", ErrDamaged)
	}
	if err := key.verify(domainReceipt, body, sig); err != nil {
		return Receipt{}, err
	}
	return s.Receipt, nil
}

// readReceipt checks the form of a receipt and gives no trust.
func readReceipt(raw []byte) (signedReceipt, signature, error) {
	var s signedReceipt
	if len(raw) > MaxReceipt {
		return s, signature{}, fmt.Errorf("%d bytes: %w", len(raw), ErrDamaged)
	}
	var v struct{ Receipt struct{ Version int } }
	if err := json.Unmarshal(raw, &v); err != nil {
		return s, signature{}, fmt.Errorf("not JSON: %w", ErrDamaged)
	}
	if v.Receipt.Version != 1 {
		return s, signature{}, fmt.Errorf("version %d: %w", v.Receipt.Version, ErrVersion)
	}
	if err := jcs.Unmarshal(raw, &s); err != nil {
		return s, signature{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := s.Receipt.check(); err != nil {
		return s, signature{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sig, err := s.signature()
	return s, sig, err
}

func (s *signedReceipt) signature() (signature, error) {
	var sig signature
	key, err1 := hex.DecodeString(s.Signature.Key)
	ed, err2 := base64.StdEncoding.Strict().DecodeString(s.Signature.Ed)
	ml, err3 := base64.StdEncoding.Strict().DecodeString(s.Signature.ML)
	if errors.Join(err1, err2, err3) != nil || hex.EncodeToString(key) != s.Signature.Key ||
		len(key) != len(sig.key) || len(ed) != ed25519.SignatureSize || len(ml) != mldsa.MLDSA65SignatureSize {
		return sig, fmt.Errorf("its signatures are not well formed: %w", ErrDamaged)
	}
	copy(sig.key[:], key)
	copy(sig.ed[:], ed)
	copy(sig.ml[:], ml)
	return sig, nil
}

func (r *Receipt) check() error {
	var f fault
	f.check(r.Version == 1, "version")
	f.check(packageID.MatchString(r.PackageID), "package")
	f.code(r.StationID, "station")
	f.check(r.Sequence > 0 && r.Sequence <= maxSequence, "sequence")
	f.check(hash.MatchString(r.SHA256), "sha256")
	f.check(r.Length > 0 && r.Length <= MaxSealed, "length")
	f.time(r.ReceivedAt, "received_at")
	f.code(r.ServiceID, "service")
	f.check(r.LogIndex <= maxSequence, "log_index")
	f.check(r.LogRoot == "" || hash.MatchString(r.LogRoot), "log_root")
	return f.err
}

// For demands that the receipt is for this very package: same id and same
// bytes. sha256 is of the whole sealed package.
func (r Receipt) For(packageID string, sha256 [32]byte) error {
	if r.PackageID != packageID || r.SHA256 != hex.EncodeToString(sha256[:]) {
		return fmt.Errorf("comparing a receipt with package %s: %w", packageID, ErrOtherPackage)
	}
	return nil
}
