package sm

import (
	"encoding/hex"
	"fmt"
)

// The constants c0 and c1 of Doc 9303-11, 4.4.3.3.2, for blocks of 128 and of
// 256 bits.
const (
	next128  = "a668892a7c41e3ca739f40b057d85904"
	block128 = "a4e136ac725f738b01c1f60217c188ad"
	next256  = "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676"
	block256 = "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"
)

// Nonces are the lengths in bytes of the two nonces of PACE's integrated
// mapping: the chip's, which is encrypted in whole blocks, and the terminal's,
// which is a key (Doc 9303-11, 4.4.3.3.2).
func (s Suite) Nonces() (chip, terminal int) {
	return (s.keySize() + 15) / 16 * 16, s.keySize()
}

// Random is the pseudo-random function R of PACE's integrated mapping over the
// chip's and the terminal's nonce: bits and 64 more, rounded up to whole blocks
// (Doc 9303-11, 4.4.3.3.2). It fails on nonces of other lengths.
func (s Suite) Random(chip, terminal []byte, bits int) ([]byte, error) {
	n, k := s.Nonces()
	if len(chip) != n || len(terminal) != k {
		return nil, fmt.Errorf("mapping two nonces of %d and %d bytes with %s", len(chip), len(terminal), s)
	}
	next, block := next128, block128
	if n == 32 {
		next, block = next256, block256
	}
	c0, _ := hex.DecodeString(next)
	c1, _ := hex.DecodeString(block)
	key, err := s.Encrypt(terminal, nil, chip)
	var out []byte
	for err == nil && len(out)*8 < bits+64 {
		key = key[:k] // a longer one is cut for AES-192
		var x []byte
		if x, err = s.Encrypt(key, nil, c1); err == nil {
			out = append(out, x...)
			key, err = s.Encrypt(key, nil, c0)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("mapping two nonces: %w", err)
	}
	return out, nil
}
