package sm

import (
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"

	"optag/capture/record/tlv"
)

// A Session is one side of a secured conversation. Its counter goes up by one
// with each command and each answer; whatever breaks the order or the codes
// ends it.
type Session struct {
	suite   Suite
	enc     cipher.Block
	mac     func(data []byte) []byte
	counter []byte   // SSC, one block long
	coded   []byte   // what the last code was made over; kept for its place in memory
	keys    [][]byte // to be wiped
	ended   bool
}

// ErrBroken: an answer or a command does not bear the code it must, or none.
// The session has ended, and nothing more can be read under it.
var ErrBroken = errors.New("secure messaging broken")

// Longest data that fits into one short APDU once it is wrapped.
const MaxShort = 0xdf

// New begins a session with keys of the suite's length. counter is the first
// value of the send sequence counter, of one block; nil is zero. The session
// owns the slices and wipes them in the end.
func New(s Suite, enc, mac, counter []byte) (*Session, error) {
	if counter == nil {
		counter = make([]byte, s.Block())
	}
	if len(enc) != s.keySize() || len(mac) != s.keySize() || len(counter) != s.Block() {
		return nil, fmt.Errorf("beginning secure messaging with %s: keys of %d and %d bytes, counter of %d", s, len(enc), len(mac), len(counter))
	}
	block, err := s.cipher(enc)
	if err != nil {
		return nil, err
	}
	code, err := s.coder(mac)
	if err != nil {
		return nil, err
	}
	return &Session{suite: s, enc: block, mac: code, counter: counter, keys: [][]byte{enc, mac}}, nil
}

// Suite is the cipher in use.
func (s *Session) Suite() Suite { return s.suite }

// End wipes the keys. What the ciphers made of them is left to the collector of
// garbage.
func (s *Session) End() {
	for _, k := range append(s.keys, s.counter) {
		clear(k)
	}
	*s = Session{suite: s.suite, ended: true}
}

// broken ends the session.
func (s *Session) broken(format string, args ...any) error {
	s.End()
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrBroken)
}

// count puts the counter up by one.
func (s *Session) count() {
	for i := len(s.counter) - 1; i >= 0; i-- {
		s.counter[i]++
		if s.counter[i] != 0 {
			return
		}
	}
}

// iv is the first block of the cipher chain: zeros for triple DES, the
// encrypted counter for AES.
func (s *Session) iv() []byte {
	iv := make([]byte, s.suite.Block())
	if s.suite != TripleDES {
		s.enc.Encrypt(iv, s.counter)
	}
	return iv
}

// The data objects of secure messaging (ISO/IEC 7816-4, table 39).
const (
	tagCipherOdd tlv.Tag = 0x85 // of commands with an odd instruction: without the padding indicator
	tagCipher    tlv.Tag = 0x87
	tagExpect    tlv.Tag = 0x97
	tagStatus    tlv.Tag = 0x99
	tagMAC       tlv.Tag = 0x8e
)

// seal encrypts data into its object.
func (s *Session) seal(data []byte, odd bool) (tlv.Object, error) {
	c, err := crypt(s.enc, s.iv(), Pad(data, s.suite.Block()), cipher.NewCBCEncrypter)
	if err != nil {
		return tlv.Object{}, err
	}
	if odd {
		return tlv.Primitive(tagCipherOdd, c), nil
	}
	return tlv.Primitive(tagCipher, append([]byte{1}, c...)), nil
}

// open decrypts the data of an object.
func (s *Session) open(e tlv.Element) ([]byte, error) {
	c := e.Value
	if e.Tag == tagCipher {
		if len(c) == 0 || c[0] != 1 {
			return nil, s.broken("opening encrypted data with another padding")
		}
		c = c[1:]
	}
	if len(c) == 0 {
		return nil, s.broken("opening encrypted data of no length")
	}
	data, err := crypt(s.enc, s.iv(), c, cipher.NewCBCDecrypter)
	if err != nil {
		return nil, s.broken("opening %d bytes of encrypted data", len(c))
	}
	data, ok := Unpad(data)
	if !ok {
		return nil, s.broken("opening encrypted data without its padding")
	}
	return data, nil
}

// code is the authentication code over the counter, a command's header and
// the objects.
func (s *Session) code(header, objects []byte) []byte {
	m := append(s.coded[:0], s.counter...)
	if header != nil {
		m = pad(append(m, header...), len(header), s.suite.Block())
	}
	s.coded = append(m, objects...)
	return s.mac(s.coded)
}

// check compares the code over the objects with the one that came.
func (s *Session) check(header, objects, came []byte) error {
	if subtle.ConstantTimeCompare(s.code(header, objects), came) != 1 {
		return s.broken("checking the authentication code")
	}
	return nil
}

// objects are the data objects of one message; raw is all before the code.
type objects struct {
	cipher, expect, status, mac *tlv.Element
	raw                         []byte
}

// place is where the object with a tag belongs; nil for others.
func (o *objects) place(tag tlv.Tag) **tlv.Element {
	switch tag {
	case tagCipher, tagCipherOdd:
		return &o.cipher
	case tagExpect:
		return &o.expect
	case tagStatus:
		return &o.status
	case tagMAC:
		return &o.mac
	}
	return nil
}

// take reads the objects of a message, each at most once and the code last.
func (s *Session) take(b []byte) (objects, error) {
	var o objects
	for r := tlv.NewReader(b, tlv.BER); r.More(); {
		e, err := r.Next()
		if err != nil {
			return o, s.broken("reading secured data objects")
		}
		place := o.place(e.Tag)
		if place == nil || *place != nil || o.mac != nil {
			return o, s.broken("reading secured data objects in another order or of another kind")
		}
		*place = &e
		if e.Tag == tagMAC {
			o.raw = b[:e.At]
		}
	}
	if o.mac == nil || len(o.mac.Value) != 8 {
		return o, s.broken("reading secured data objects without their code")
	}
	return o, nil
}
