package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"

	"optag/device"
)

// A library is what is used of a PKCS #11 library, as [pkcs11.Ctx] has it.
type library interface {
	GetSlotList(tokenPresent bool) ([]uint, error)
	GetTokenInfo(slot uint) (pkcs11.TokenInfo, error)
	OpenSession(slot, flags uint) (pkcs11.SessionHandle, error)
	CloseSession(s pkcs11.SessionHandle) error
	Login(s pkcs11.SessionHandle, user uint, pin string) error
	Logout(s pkcs11.SessionHandle) error
	FindObjectsInit(s pkcs11.SessionHandle, template []*pkcs11.Attribute) error
	FindObjects(s pkcs11.SessionHandle, most int) ([]pkcs11.ObjectHandle, bool, error)
	FindObjectsFinal(s pkcs11.SessionHandle) error
	GetAttributeValue(s pkcs11.SessionHandle, o pkcs11.ObjectHandle, a []*pkcs11.Attribute) ([]*pkcs11.Attribute, error)
	SignInit(s pkcs11.SessionHandle, m []*pkcs11.Mechanism, key pkcs11.ObjectHandle) error
	Sign(s pkcs11.SessionHandle, message []byte) ([]byte, error)
}

// load loads a library; unload lets go of it.
func load(path string) (l library, unload func(), err error) {
	c := pkcs11.New(path)
	if c == nil {
		return nil, nil, fmt.Errorf("loading the library of cards: %w", ErrLibrary)
	}
	if err := c.Initialize(); err != nil {
		c.Destroy()
		return nil, nil, fmt.Errorf("starting the library of cards: %w", meaning(err))
	}
	return c, func() { _ = c.Finalize(); c.Destroy() }, nil
}

// tokens lists the cards that lie in readers. One that goes meanwhile is left
// out.
func tokens(l library) ([]Token, error) {
	slots, err := l.GetSlotList(true)
	if err != nil {
		return nil, fmt.Errorf("listing cards: %w", meaning(err))
	}
	var all []Token
	for _, slot := range slots[:min(len(slots), maxTokens)] {
		t, err := look(l, slot)
		if err != nil {
			continue
		}
		if t.Certificates, err = certificatesOf(l, slot); err == nil {
			all = append(all, t)
		}
	}
	return all, nil
}

// look is a card without its certificates.
func look(l library, slot uint) (Token, error) {
	info, err := l.GetTokenInfo(slot)
	if err != nil {
		return Token{}, meaning(err)
	}
	if info.Flags&pkcs11.CKF_USER_PIN_INITIALIZED == 0 {
		return Token{}, fmt.Errorf("a card without a PIN: %w", ErrNoKey)
	}
	return Token{Slot: slot, Serial: info.SerialNumber, Label: info.Label, PIN: triesOf(info.Flags),
		Keypad: info.Flags&pkcs11.CKF_PROTECTED_AUTHENTICATION_PATH != 0}, nil
}

func triesOf(flags uint) Tries {
	switch {
	case flags&pkcs11.CKF_USER_PIN_LOCKED != 0:
		return TriesLocked
	case flags&pkcs11.CKF_USER_PIN_FINAL_TRY != 0:
		return TriesFinal
	case flags&pkcs11.CKF_USER_PIN_COUNT_LOW != 0:
		return TriesLow
	}
	return TriesPlenty
}

// there reports whether the card with this number lies in this slot.
func there(l library, slot uint, serial string) bool {
	info, err := l.GetTokenInfo(slot)
	return err == nil && info.SerialNumber == serial
}

func certificatesOf(l library, slot uint) ([][]byte, error) {
	s, err := l.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, meaning(err)
	}
	defer func() { _ = l.CloseSession(s) }()
	objects, err := find(l, s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE),
		pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509))
	var all [][]byte
	for _, o := range objects {
		if raw := attribute(l, s, o, pkcs11.CKA_VALUE); len(raw) > 0 && len(raw) <= maxCertificate {
			all = append(all, raw)
		}
	}
	return all, err
}

func find(l library, s pkcs11.SessionHandle, template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := l.FindObjectsInit(s, template); err != nil {
		return nil, meaning(err)
	}
	found, _, err := l.FindObjects(s, maxCertificates)
	if end := l.FindObjectsFinal(s); err == nil {
		err = end
	}
	if err != nil {
		return nil, meaning(err)
	}
	return found, nil
}

// attribute is nil where the object has none.
func attribute(l library, s pkcs11.SessionHandle, o pkcs11.ObjectHandle, kind uint) []byte {
	a, err := l.GetAttributeValue(s, o, []*pkcs11.Attribute{pkcs11.NewAttribute(kind, nil)})
	if err != nil || len(a) != 1 {
		return nil
	}
	return a[0].Value
}

// sign has the key of a certificate sign a challenge. The PIN is tried once, and
// not at all where the card is locked or another; where it is typed at the reader,
// it is empty (PKCS #11 v2.40, 5.6; OpenSC). The session is closed before it
// returns.
func sign(l library, slot uint, serial string, der, pin, challenge []byte) ([]byte, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the card's certificate: %w", ErrNoKey)
	}
	message, hash, err := toSign(cert, challenge)
	if err != nil {
		return nil, err
	}
	t, err := look(l, slot)
	switch {
	case err != nil:
		return nil, err
	case t.Serial != serial:
		return nil, device.ErrRemoved
	case t.PIN == TriesLocked:
		return nil, ErrLocked
	case t.Keypad != (len(pin) == 0):
		return nil, ErrPINForm
	}
	s, err := l.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, meaning(err)
	}
	defer func() { _ = l.CloseSession(s) }()
	id, err := keyID(l, s, der)
	if err != nil {
		return nil, err
	}
	if err := l.Login(s, pkcs11.CKU_USER, string(pin)); err != nil {
		return nil, meaning(err)
	}
	defer func() { _ = l.Logout(s) }()
	keys, err := find(l, s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, id))
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, ErrNoKey
	}
	return signWith(l, s, keys[0], cert, message, hash)
}

// keyID is CKA_ID of a certificate, which its key shares (PKCS #11 v2.40, 4.6.3).
func keyID(l library, s pkcs11.SessionHandle, der []byte) ([]byte, error) {
	objects, err := find(l, s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_VALUE, der))
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		id := attribute(l, s, o, pkcs11.CKA_ID)
		if len(id) > 0 && bytes.Equal(attribute(l, s, o, pkcs11.CKA_VALUE), der) {
			return id, nil
		}
	}
	return nil, ErrNoKey
}

func signWith(l library, s pkcs11.SessionHandle, key pkcs11.ObjectHandle, cert *x509.Certificate, message []byte, hash crypto.Hash) ([]byte, error) {
	var m *pkcs11.Mechanism
	switch cert.PublicKey.(type) {
	case *rsa.PublicKey:
		m = pkcs11.NewMechanism(pkcs11.CKM_SHA256_RSA_PKCS, nil)
	case *ecdsa.PublicKey: // of which every card signs a hash, and few hash themselves
		m = pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil)
		message = sum(hash, message)
	}
	if err := l.SignInit(s, []*pkcs11.Mechanism{m}, key); err != nil {
		return nil, meaning(err)
	}
	signature, err := l.Sign(s, message)
	if err != nil {
		return nil, meaning(err)
	}
	return signature, nil
}

// meaning is what a return value of the library means to whoever can act on it.
func meaning(err error) error {
	var code pkcs11.Error
	if !errors.As(err, &code) {
		return fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	switch code {
	case pkcs11.CKR_PIN_INCORRECT:
		return ErrWrongPIN
	case pkcs11.CKR_PIN_LOCKED:
		return ErrLocked
	case pkcs11.CKR_PIN_LEN_RANGE, pkcs11.CKR_PIN_INVALID:
		return ErrPINForm
	case pkcs11.CKR_TOKEN_NOT_PRESENT, pkcs11.CKR_TOKEN_NOT_RECOGNIZED, pkcs11.CKR_DEVICE_REMOVED,
		pkcs11.CKR_SLOT_ID_INVALID, pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED:
		return device.ErrRemoved
	}
	return fmt.Errorf("%w with code %#x", ErrLibrary, uint(code))
}
