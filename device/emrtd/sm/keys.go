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
	"crypto/subtle"
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
		c := newCMAC(b)
		return func(data []byte) []byte { return c.code(data)[:8] }, nil
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
	data = chain(single, mac, data, len(data)/des.BlockSize)
	subtle.XORBytes(mac, mac, data)
	mac[len(data)] ^= 0x80
	triple.Encrypt(mac, mac)
	return mac
}

// chain takes whole blocks of data into a code, and returns the rest.
func chain(b cipher.Block, mac, data []byte, blocks int) []byte {
	for ; blocks > 0; blocks-- {
		subtle.XORBytes(mac, mac, data[:len(mac)])
		b.Encrypt(mac, mac)
		data = data[len(mac):]
	}
	return data
}

// CMAC is the authentication code of NIST SP 800-38B, one block long.
func CMAC(b cipher.Block, data []byte) []byte { return newCMAC(b).code(data) }

// A cmac makes codes under one key.
type cmac struct {
	cipher.Block
	whole, part []byte // what the last block is masked with: K1 if it is whole, K2 if it is padded
}

func newCMAC(b cipher.Block) cmac {
	n := b.BlockSize()
	c := cmac{b, make([]byte, n), make([]byte, n)}
	b.Encrypt(c.whole, c.whole)
	double(c.whole)
	copy(c.part, c.whole)
	double(c.part)
	return c
}

func (c cmac) code(data []byte) []byte {
	n := c.BlockSize()
	mac := make([]byte, n)
	last := chain(c, mac, data, max(len(data)-1, 0)/n)
	subtle.XORBytes(mac, mac, last)
	if len(last) == n {
		subtle.XORBytes(mac, mac, c.whole)
	} else {
		mac[len(last)] ^= 0x80
		subtle.XORBytes(mac, mac, c.part)
	}
	c.Encrypt(mac, mac)
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
	if len(k) == 8 {
		k[7] ^= over * 0x1b
	} else {
		k[len(k)-1] ^= over * 0x87
	}
}

// Pad returns data with 80 and as many 00 as make whole blocks (ISO/IEC
// 9797-1, padding method 2).
func Pad(data []byte, block int) []byte {
	return pad(append(make([]byte, 0, (len(data)/block+1)*block), data...), len(data), block)
}

// pad appends padding for the last n bytes of b.
func pad(b []byte, n, block int) []byte {
	b = append(b, 0x80)
	for n++; n%block != 0; n++ {
		b = append(b, 0)
	}
	return b
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
