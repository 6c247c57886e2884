package emrtd

import (
	"context"
	"errors"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/cvc"
)

// A TerminalAuthenticator holds the key of an inspection system, which opens
// fingerprints (terminal authentication, BSI TR-03110-1, 3.5). The key lies in a
// back office; the station has none of its own.
type TerminalAuthenticator interface {
	// Chain returns the card verifiable certificates from the one that the key
	// named cvcaRef signed to the terminal's own, each whole from its tag 7F21.
	Chain(ctx context.Context, cvcaRef string) ([][]byte, error)

	// Sign signs a message, as it is, with the key and the algorithm of the last
	// certificate. It returns an ECDSA signature as r and s behind each other.
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

// An OfficeError says that the [TerminalAuthenticator] did not help.
type OfficeError struct {
	Doing string
	Err   error
}

func (e *OfficeError) Error() string { return e.Doing + ": " + e.Err.Error() }

func (e *OfficeError) Unwrap() error { return e.Err }

// authenticateTerminal shows the chip certificates and signs its challenge.
// document is what the chip goes by: its number with the check digit after
// basic access control, the compressed key of its own after PACE. ours is the
// compressed key that we sent in chip authentication.
func (l *link) authenticateTerminal(ctx context.Context, by TerminalAuthenticator, cvca string, document, ours []byte) error {
	chain, err := by.Chain(ctx, cvca)
	if err == nil && len(chain) == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return &OfficeError{"asking for the terminal's certificates", err}
	}
	for _, certificate := range chain {
		if cvca, err = l.present(ctx, cvca, certificate); err != nil {
			return err
		}
	}
	if _, err := l.do(ctx, "choosing the terminal's key", apdu.Command{Instruction: 0x22, P1: 0x81, P2: 0xa4, Data: tlv.Primitive(0x83, []byte(cvca)).Bytes()}); err != nil {
		return err
	}
	challenge, err := l.do(ctx, "asking the chip for a challenge", apdu.Command{Instruction: 0x84, Expect: 8})
	if err != nil {
		return err
	}
	if len(challenge) != 8 {
		return broken("asking the chip for a challenge", "%d bytes", len(challenge))
	}
	message := append(append(append([]byte{}, document...), challenge...), ours...)
	signature, err := by.Sign(ctx, message)
	if err != nil {
		return &OfficeError{"having the chip's challenge signed", err}
	}
	_, err = l.do(ctx, "signing in as a terminal", apdu.Command{Instruction: 0x82, Data: signature})
	return err
}

// present has the chip verify a certificate with the key named authority, and
// returns the name of the key in it.
func (l *link) present(ctx context.Context, authority string, certificate []byte) (string, error) {
	const doing = "presenting a certificate"
	c, err := cvc.Parse(certificate)
	if err != nil {
		return "", &OfficeError{doing, err}
	}
	outer, err := tlv.NewReader(certificate, tlv.BER).Want(0x7f21)
	if err != nil {
		return "", &OfficeError{doing, err}
	}
	if _, err := l.do(ctx, doing, apdu.Command{Instruction: 0x22, P1: 0x81, P2: 0xb6, Data: tlv.Primitive(0x83, []byte(authority)).Bytes()}); err != nil {
		return "", err
	}
	_, err = l.do(ctx, doing, apdu.Command{Instruction: 0x2a, P2: 0xbe, Data: outer.Value})
	return c.Holder, err
}
