package emrtd

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"fmt"
	"io"

	"optag/device/emrtd/apdu"
	"optag/device/emrtd/sm"
)

// bac opens the chip with basic access control (ICAO Doc 9303-11, 4.3): both
// sides show that they know the key from the machine readable zone. key is the
// MRZ information.
func (l *link) bac(ctx context.Context, random io.Reader, key string) error {
	sum := sha1.Sum([]byte(key))
	seed := sum[:16]
	enc, mac := sm.TripleDES.Derive(seed, sm.ForEncryption), sm.TripleDES.Derive(seed, sm.ForMAC)
	ours := make([]byte, 8+16) // RND.IFD, K.IFD
	defer func() { clear(sum[:]); clear(enc); clear(mac); clear(ours[8:]) }()
	if _, err := io.ReadFull(random, ours); err != nil {
		return fmt.Errorf("drawing a key: %w", err)
	}
	const asking = "asking the chip for a challenge"
	challenge, err := l.do(ctx, asking, apdu.Command{Instruction: 0x84, Expect: 8})
	if err != nil {
		return err
	}
	if len(challenge) != 8 {
		return broken(asking, "%d bytes", len(challenge))
	}
	theirs, err := l.mutual(ctx, enc, mac, challenge, ours)
	if err != nil {
		return err
	}
	defer clear(theirs)
	for i := range theirs {
		theirs[i] ^= ours[8+i]
	}
	return l.secure(sm.TripleDES, theirs, bytes.Join([][]byte{challenge[4:], ours[4:8]}, nil))
}

// mutual sends the reader's cryptogram and opens the chip's, of which it
// returns the 16 bytes of K.IC.
func (l *link) mutual(ctx context.Context, enc, mac, challenge, ours []byte) ([]byte, error) {
	const doing = "opening the chip with basic access control"
	plain := bytes.Join([][]byte{ours[:8], challenge, ours[8:]}, nil)
	defer clear(plain)
	cryptogram, err := sm.TripleDES.Encrypt(enc, nil, plain)
	if err != nil {
		return nil, err
	}
	code, err := sm.TripleDES.MAC(mac, cryptogram)
	if err != nil {
		return nil, err
	}
	r, err := l.send(ctx, doing, apdu.Command{Instruction: 0x82, Data: append(cryptogram, code...), Expect: 40})
	if err != nil {
		return nil, err
	}
	if r.Status != apdu.OK {
		return nil, keyRefused(doing, r.Status)
	}
	if len(r.Data) != 40 {
		return nil, broken(doing, "%d bytes of answer", len(r.Data))
	}
	if code, err = sm.TripleDES.MAC(mac, r.Data[:32]); err != nil {
		return nil, err
	}
	answer, err := sm.TripleDES.Decrypt(enc, nil, r.Data[:32])
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(code, r.Data[32:]) != 1 || !bytes.Equal(answer[:16], append(bytes.Clone(challenge), ours[:8]...)) {
		return nil, broken(doing, "the chip does not show that it knows the key")
	}
	return answer[16:], nil
}
