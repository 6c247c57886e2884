// Package sm is secure messaging between a reader and the chip of a travel
// document, both sides of it, and the derivation of its keys (ICAO Doc 9303-11,
// 9.7 and 9.8; BSI TR-03110-3, part F): triple DES with the retail MAC after
// basic access control, AES with CMAC after PACE or chip authentication.
package sm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A Suite is a block cipher with a length of key.
type Suite int

// The suites of Doc 9303-11.
const (
	TripleDES Suite = iota // two keys, CBC with IV 0, retail MAC
	AES128                 // CBC, CMAC
	AES192
	AES256
)

// String names the suite.
func (s Suite) String() string {
	return [...]string{"3DES", "AES-128", "AES-192", "AES-256"}[s]
}

// Block is the size of the cipher's block in bytes.
func (s Suite) Block() int {
	if s == TripleDES {
		return des.BlockSize
	}
	return aes.BlockSize
}

// keySize is the length of a key in bytes.
func (s Suite) keySize() int { return [...]int{16, 16, 24, 32}[s] }

// What a key is derived for (Doc 9303-11, 9.7.1).
const (
	ForEncryption uint32 = 1
	ForMAC        uint32 = 2
	ForPassword   uint32 = 3 // of PACE, from the MRZ or the CAN
)

// Derive makes a key out of a shared secret: SHA-1 for triple DES and AES-128,
// SHA-256 for the longer keys, over secret and purpose (Doc 9303-11, 9.7.1).
// The parity bits of DES are set, as the worked examples have them.
func (s Suite) Derive(secret []byte, purpose uint32) []byte {
	in := binary.BigEndian.AppendUint32(append(make([]byte, 0, len(secret)+4), secret...), purpose)
	defer clear(in)
	if s == AES192 || s == AES256 {
		sum := sha256.Sum256(in)
		return sum[:s.keySize()]
	}
	sum := sha1.Sum(in)
	key := sum[:16]
	if s == TripleDES {
		oddParity(key)
	}
	return key
}

func oddParity(key []byte) {
	for i, b := range key {
		ones := 0
		for c := b >> 1; c > 0; c &= c - 1 {
			ones++
		}
		key[i] = b&0xfe | byte(1-ones%2)
	}
}

// cipher is the block cipher under a key of the suite's length.
func (s Suite) cipher(key []byte) (cipher.Block, error) {
	if len(key) != s.keySize() {
		return nil, fmt.Errorf("taking a key of %d bytes for %s", len(key), s)
	}
	if s == TripleDES {
		return des.NewTripleDESCipher(append(append(make([]byte, 0, 24), key...), key[:8]...))
	}
	return aes.NewCipher(key)
}

// Encrypt encrypts whole blocks in CBC mode. A nil iv is one of zeros.
func (s Suite) Encrypt(key, iv, data []byte) ([]byte, error) {
	b, err := s.cipher(key)
	if err != nil {
		return nil, err
	}
	return crypt(b, iv, data, cipher.NewCBCEncrypter)
}

// Decrypt decrypts whole blocks in CBC mode. A nil iv is one of zeros.
func (s Suite) Decrypt(key, iv, data []byte) ([]byte, error) {
	b, err := s.cipher(key)
	if err != nil {
		return nil, err
	}
	return crypt(b, iv, data, cipher.NewCBCDecrypter)
}

func crypt(b cipher.Block, iv, data []byte, mode func(cipher.Block, []byte) cipher.BlockMode) ([]byte, error) {
	if len(data)%b.BlockSize() != 0 {
		return nil, fmt.Errorf("encrypting or decrypting %d bytes, which are no whole blocks of %d", len(data), b.BlockSize())
	}
	if iv == nil {
		iv = make([]byte, b.BlockSize())
	}
	out := make([]byte, len(data))
	mode(b, iv).CryptBlocks(out, data)
	return out, nil
}

// MAC is the authentication code of 8 bytes over data: for triple DES algorithm
// 3 of ISO/IEC 9797-1 with its padding 2, for AES the first half of a CMAC.
func (s Suite) MAC(key, data []byte) ([]byte, error) {
	m, err := s.coder(key)
	if err != nil {
		return nil, err
	}
	return m(data), nil
}

// coder makes codes under one key.
func (s Suite) coder(key []byte) (func(data []byte) []byte, error) {
	b, err := s.cipher(key)
	if err != nil {
		return nil, err
	}
	if s != TripleDES {
		return func(data []byte) []byte { return CMAC(b, data)[:8] }, nil
	}
	single, err := des.NewCipher(key[:8])
	if err != nil {
		return nil, err
	}
	return func(data []byte) []byte { return retail(single, b, data) }, nil
}

// retail is the code by ISO/IEC 9797-1, algorithm 3: the cipher of the first
// half of the key for all blocks but the last, triple DES for that.
func retail(single, triple cipher.Block, data []byte) []byte {
	mac := make([]byte, des.BlockSize)
	for p := Pad(data, des.BlockSize); ; p = p[des.BlockSize:] {
		for i := range mac {
			mac[i] ^= p[i]
		}
		if len(p) == des.BlockSize {
			triple.Encrypt(mac, mac)
			return mac
		}
		single.Encrypt(mac, mac)
	}
}

// CMAC is the authentication code of NIST SP 800-38B, one block long.
func CMAC(b cipher.Block, data []byte) []byte {
	n := b.BlockSize()
	k := make([]byte, n)
	b.Encrypt(k, k)
	double(k)
	last := make([]byte, n)
	whole := len(data) / n * n
	if whole == len(data) && whole > 0 {
		whole -= n
	}
	copied := copy(last, data[whole:])
	if copied < n {
		last[copied] = 0x80
		double(k)
	}
	mac := make([]byte, n)
	for ; whole > 0; whole -= n {
		for i := range mac {
			mac[i] ^= data[i]
		}
		b.Encrypt(mac, mac)
		data = data[n:]
	}
	for i := range mac {
		mac[i] ^= last[i] ^ k[i]
	}
	b.Encrypt(mac, mac)
	return mac
}

// double multiplies by x in the field of the block (SP 800-38B, 6.1).
func double(k []byte) {
	over := k[0] >> 7
	for i := range k {
		k[i] <<= 1
		if i+1 < len(k) {
			k[i] |= k[i+1] >> 7
		}
	}
	k[len(k)-1] ^= over * map[int]byte{8: 0x1b, 16: 0x87}[len(k)]
}

// Pad returns data with 80 and as many 00 as make whole blocks (ISO/IEC
// 9797-1, padding method 2).
func Pad(data []byte, block int) []byte {
	p := make([]byte, (len(data)/block+1)*block)
	copy(p, data)
	p[len(data)] = 0x80
	return p
}

// Unpad takes the padding off; false where there is none.
func Unpad(data []byte) ([]byte, bool) {
	for i := len(data) - 1; i >= 0; i-- {
		switch data[i] {
		case 0:
		case 0x80:
			return data[:i], true
		default:
			return nil, false
		}
	}
	return nil, false
}
