package emrtdtest

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"optag/device/emrtd/cvc"
	"optag/device/emrtd/cvc/cvctest"
)

// An Office is the back office of an inspection system: it has the certificates
// and the key that open fingers. It may be used by several stations at a time.
type Office struct {
	CVCA, Verifier, Terminal *cvctest.Holder

	mu     sync.Mutex // protects random
	random io.Reader
}

// newOffice makes an authority, a document verifier and an inspection system that
// may read fingers, from a day on: for ten years, for three months, for one.
func newOffice(random io.Reader, from time.Time) (*Office, error) {
	o := &Office{random: random}
	spec := func(name string, r cvc.Role, years, months int) cvctest.Spec {
		return cvctest.Spec{Holder: name, Role: r, Rights: cvc.Fingers, From: from, Until: from.AddDate(years, months, 0)}
	}
	var err error
	if o.CVCA, err = cvctest.NewCVCA(random, spec("UTCVCA00001", cvc.CVCA, 10, 0)); err != nil {
		return nil, err
	}
	if o.Verifier, err = o.CVCA.Issue(random, spec("UTDV00001", cvc.DomesticDV, 0, 3)); err != nil {
		return nil, err
	}
	o.Terminal, err = o.Verifier.Issue(random, spec("UTIS00001", cvc.Terminal, 0, 1))
	return o, err
}

// ErrStranger: a card asks for certificates of an authority that never certified
// the office.
var ErrStranger = errors.New("an unknown authority")

// Chain returns the certificates of verifier and terminal.
func (o *Office) Chain(_ context.Context, cvca string) ([][]byte, error) {
	if cvca != o.CVCA.Name {
		return nil, ErrStranger
	}
	return [][]byte{o.Verifier.Certificate, o.Terminal.Certificate}, nil
}

// Sign signs for the terminal.
func (o *Office) Sign(_ context.Context, message []byte) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Terminal.Sign(o.random, message)
}
