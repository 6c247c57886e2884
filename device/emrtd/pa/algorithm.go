package pa

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha1" // what signatures are made over; old documents have no better
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds/der"
)

// ErrSignature: something is not signed with the key it should be signed with.
var ErrSignature = errors.New("the signature is wrong")

// ErrAlgorithm: a signature or hash is of an algorithm that is not known here.
var ErrAlgorithm = errors.New("the algorithm is not known")

// hashes are the hash functions by identifier (Doc 9303-12, 4.4).
var hashes = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.4": crypto.SHA224,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// A scheme is a way to sign.
type scheme uint8

const (
	pkcs1 scheme = 1 + iota // RSASSA-PKCS1-v1_5
	pss                     // RSASSA-PSS
	dsa                     // ECDSA, r and s in DER
	plain                   // ECDSA, r and s of one length each (BSI TR-03111, 5.2.1)
)

// An algorithm is how something is signed.
type algorithm struct {
	scheme scheme
	hash   crypto.Hash // 0: told beside
	mgf    crypto.Hash // of the mask, in PSS
	salt   int         // bytes, in PSS
}

// algorithms are those without parameters, by identifier (RFC 8017, A.2; RFC
// 5758; BSI TR-03111, 5.2.1).
var algorithms = map[string]algorithm{
	der.OIDRSA:                {scheme: pkcs1},
	"1.2.840.113549.1.1.5":    {scheme: pkcs1, hash: crypto.SHA1},
	"1.2.840.113549.1.1.14":   {scheme: pkcs1, hash: crypto.SHA224},
	"1.2.840.113549.1.1.11":   {scheme: pkcs1, hash: crypto.SHA256},
	"1.2.840.113549.1.1.12":   {scheme: pkcs1, hash: crypto.SHA384},
	"1.2.840.113549.1.1.13":   {scheme: pkcs1, hash: crypto.SHA512},
	der.OIDEC:                 {scheme: dsa},
	"1.2.840.10045.4.1":       {scheme: dsa, hash: crypto.SHA1},
	"1.2.840.10045.4.3.1":     {scheme: dsa, hash: crypto.SHA224},
	"1.2.840.10045.4.3.2":     {scheme: dsa, hash: crypto.SHA256},
	"1.2.840.10045.4.3.3":     {scheme: dsa, hash: crypto.SHA384},
	"1.2.840.10045.4.3.4":     {scheme: dsa, hash: crypto.SHA512},
	"0.4.0.127.0.7.1.1.4.1.1": {scheme: plain, hash: crypto.SHA1},
	"0.4.0.127.0.7.1.1.4.1.2": {scheme: plain, hash: crypto.SHA224},
	"0.4.0.127.0.7.1.1.4.1.3": {scheme: plain, hash: crypto.SHA256},
	"0.4.0.127.0.7.1.1.4.1.4": {scheme: plain, hash: crypto.SHA384},
	"0.4.0.127.0.7.1.1.4.1.5": {scheme: plain, hash: crypto.SHA512},
}

// readHash reads an AlgorithmIdentifier of a hash.
func readHash(r *tlv.Reader) (crypto.Hash, error) {
	e, err := r.Want(der.Sequence)
	if err != nil {
		return 0, err
	}
	in, err := e.In()
	if err != nil {
		return 0, err
	}
	oid, err := der.OID(in)
	if err != nil {
		return 0, err
	}
	h, ok := hashes[oid]
	if !ok {
		return 0, ErrAlgorithm
	}
	return h, none(in)
}

// none reads the parameters of an algorithm that has none: they are missing or
// NULL.
func none(r *tlv.Reader) error {
	e, ok, err := r.Maybe(der.Null)
	if ok && len(e.Value) > 0 {
		return e.Fault("holds something")
	}
	if err == nil {
		err = r.End()
	}
	return err
}

// readAlgorithm reads an AlgorithmIdentifier of a signature. It fails with
// [ErrAlgorithm] for one that is not known.
func readAlgorithm(e tlv.Element) (algorithm, error) {
	r, err := e.In()
	if err != nil {
		return algorithm{}, err
	}
	oid, err := der.OID(r)
	if err != nil {
		return algorithm{}, err
	}
	if oid == der.OIDRSAPSS {
		return readPSS(r)
	}
	a, ok := algorithms[oid]
	if !ok {
		return a, ErrAlgorithm
	}
	return a, none(r)
}

// readPSS reads RSASSA-PSS-params (RFC 8017, A.2.3), all of which have defaults.
func readPSS(r *tlv.Reader) (a algorithm, err error) {
	a = algorithm{scheme: pss, hash: crypto.SHA1, mgf: crypto.SHA1, salt: 20}
	if !r.More() {
		return a, nil
	}
	params, err := der.In(r, der.Sequence)
	if err != nil {
		return a, err
	}
	for tag, read := range []func(*tlv.Reader) error{
		func(in *tlv.Reader) (err error) { a.hash, err = readHash(in); return err },
		func(in *tlv.Reader) (err error) { a.mgf, err = readMGF(in); return err },
		func(in *tlv.Reader) (err error) { a.salt, err = der.Small(in, 512); return err },
		func(in *tlv.Reader) error { return trailer(in) },
	} {
		e, ok, err := params.Maybe(0xA0 + tlv.Tag(tag))
		if err != nil {
			return a, err
		}
		if !ok {
			continue
		}
		in, err := e.In()
		if err == nil {
			err = read(in)
		}
		if err == nil {
			err = in.End()
		}
		if err != nil {
			return a, err
		}
	}
	if err := params.End(); err != nil {
		return a, err
	}
	return a, r.End()
}

func readMGF(r *tlv.Reader) (crypto.Hash, error) {
	in, err := der.In(r, der.Sequence)
	if err != nil {
		return 0, err
	}
	if oid, err := der.OID(in); err != nil || oid != "1.2.840.113549.1.1.8" {
		return 0, ErrAlgorithm
	}
	h, err := readHash(in)
	if err == nil {
		err = in.End()
	}
	return h, err
}

func trailer(r *tlv.Reader) error {
	if v, err := der.Small(r, 255); err != nil || v != 1 {
		return ErrAlgorithm
	}
	return nil
}

// sum is the hash of a message.
func sum(h crypto.Hash, message []byte) []byte {
	d := h.New()
	d.Write(message)
	return d.Sum(nil)
}

// verify looks whether a message is signed with a key. It fails with
// [ErrSignature], or with [ErrAlgorithm] where algorithm and key do not go
// together.
func verify(k der.PublicKey, a algorithm, message, signature []byte) error {
	if a.hash == 0 {
		return ErrAlgorithm
	}
	ok := false
	switch {
	case a.scheme == pkcs1 && k.RSA != nil:
		ok = rsa.VerifyPKCS1v15(k.RSA, a.hash, sum(a.hash, message), signature) == nil
	case a.scheme == pss && k.RSA != nil:
		ok = verifyPSS(k.RSA, a, sum(a.hash, message), signature)
	case a.scheme == dsa && k.Curve != nil:
		if r, s, err := readRS(signature); err == nil {
			ok = verifyEC(k, sum(a.hash, message), r, s)
		}
	case a.scheme == plain && k.Curve != nil:
		n := len(signature) / 2
		r, s := new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:])
		ok = len(signature)%2 == 0 && verifyEC(k, sum(a.hash, message), r, s)
	default:
		return ErrAlgorithm
	}
	if !ok {
		return ErrSignature
	}
	return nil
}

// readRS reads an Ecdsa-Sig-Value (RFC 3279, 2.2.3).
func readRS(b []byte) (r, s *big.Int, err error) {
	e, err := der.Read(b, der.Sequence)
	if err != nil {
		return nil, nil, err
	}
	in, err := e.In()
	if err != nil {
		return nil, nil, err
	}
	if r, err = der.Uint(in); err != nil {
		return nil, nil, err
	}
	if s, err = der.Uint(in); err != nil {
		return nil, nil, err
	}
	return r, s, in.End()
}

// standard are the curves on which the standard library is faster.
var standard = map[string]elliptic.Curve{
	"secp224r1": elliptic.P224(), "secp256r1": elliptic.P256(), "secp384r1": elliptic.P384(), "secp521r1": elliptic.P521(),
}

func verifyEC(k der.PublicKey, digest []byte, r, s *big.Int) bool {
	if c := standard[k.Curve.Name]; c != nil {
		key, err := ecdsa.ParseUncompressedPublicKey(c, k.Curve.Bytes(k.Point))
		return err == nil && ecdsa.Verify(key, digest, r, s)
	}
	return k.Curve.Verify(k.Point, digest, r, s)
}

// verifyPSS is RSASSA-PSS-VERIFY (RFC 8017, 8.1.2 and 9.1.2). The standard
// library does not know masks of another hash than the message's, which some
// authorities use.
func verifyPSS(k *rsa.PublicKey, a algorithm, digest, signature []byte) bool {
	if a.hash == a.mgf {
		return rsa.VerifyPSS(k, a.hash, digest, signature, &rsa.PSSOptions{SaltLength: a.salt, Hash: a.hash}) == nil
	}
	bits := k.N.BitLen() - 1
	n, h := (bits+7)/8, a.hash.Size()
	s := new(big.Int).SetBytes(signature)
	if len(signature) != k.Size() || s.Cmp(k.N) >= 0 || n < h+a.salt+2 {
		return false
	}
	m := s.Exp(s, big.NewInt(int64(k.E)), k.N)
	if m.BitLen() > 8*n {
		return false
	}
	em := m.FillBytes(make([]byte, n))
	db, want := em[:n-h-1], em[n-h-1:n-1]
	if em[n-1] != 0xBC || em[0]&^(0xFF>>(8*n-bits)) != 0 {
		return false
	}
	for i, c := range mask(a.mgf, want, len(db)) {
		db[i] ^= c
	}
	db[0] &= 0xFF >> (8*n - bits)
	zeros := len(db) - a.salt - 1
	for _, c := range db[:zeros] {
		if c != 0 {
			return false
		}
	}
	if db[zeros] != 1 {
		return false
	}
	d := a.hash.New()
	d.Write(make([]byte, 8))
	d.Write(digest)
	d.Write(db[zeros+1:])
	return string(d.Sum(nil)) == string(want)
}

// mask is MGF1 (RFC 8017, B.2.1).
func mask(h crypto.Hash, seed []byte, n int) (m []byte) {
	for c := byte(0); len(m) < n; c++ {
		d := h.New()
		d.Write(seed)
		d.Write([]byte{0, 0, 0, c})
		m = d.Sum(m)
	}
	return m[:n]
}
