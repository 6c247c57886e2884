package token

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"optag/device"
)

// A request is one line of JSON; the PIN, of PIN bytes, follows it as it is, so
// that no encoder keeps a copy.
type request struct {
	Do          string `json:"do"` // "tokens", "there" or "sign"
	Slot        uint   `json:"slot,omitempty"`
	Serial      string `json:"serial,omitempty"`
	Certificate []byte `json:"certificate,omitempty"`
	Challenge   []byte `json:"challenge,omitempty"`
	PIN         int    `json:"pin,omitempty"`
}

// An answer is one line of JSON.
type answer struct {
	Tokens    []Token `json:"tokens,omitempty"`
	There     bool    `json:"there,omitempty"`
	Signature []byte  `json:"signature,omitempty"`
	Error     string  `json:"error,omitempty"` // one of codes
	Why       string  `json:"why,omitempty"`   // for the technician; nothing of card or person
}

// codes are the errors that keep their meaning on the way between the processes.
func codes() map[string]error {
	return map[string]error{
		"pin": ErrWrongPIN, "locked": ErrLocked, "form": ErrPINForm, "key": ErrNoKey, "certificate": ErrCertificate,
		"removed": device.ErrRemoved, "library": ErrLibrary,
	}
}

// Serve loads a PKCS #11 library and answers a [Client], in a process that does
// nothing else. It returns when the client is gone, even while the library hangs;
// the process must end then.
func Serve(path string, in io.Reader, out io.Writer) error {
	l, unload, err := load(path)
	if err != nil {
		return json.NewEncoder(out).Encode(fault(err))
	}
	return serve(l, in, out, unload)
}

// serve answers in order. Reading goes on beside the library, so that the end of
// the client is seen at once.
func serve(l library, in io.Reader, out io.Writer, unload func()) error {
	type order struct {
		request
		pin []byte
	}
	orders, ended := make(chan order), make(chan error, 1)
	done := make(chan struct{})
	defer close(done)
	go func() {
		for r := bufio.NewReaderSize(in, 2*maxCertificate+1024); ; {
			q, pin, err := readRequest(r)
			if err != nil {
				ended <- err
				return
			}
			select {
			case orders <- order{q, pin}:
			case <-done:
				return
			}
		}
	}()
	answered := make(chan error, 1)
	for busy := false; ; {
		next := orders
		if busy {
			next = nil
		}
		select {
		case err := <-ended:
			if !busy {
				unload()
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case o := <-next:
			busy = true
			go func() { answered <- json.NewEncoder(out).Encode(reply(l, o.request, o.pin)) }()
		case err := <-answered:
			if busy = false; err != nil {
				return fmt.Errorf("answering the counter: %w", err)
			}
		}
	}
}

// readRequest reads one request; an error that is io.EOF is the end of the client.
func readRequest(r *bufio.Reader) (q request, pin []byte, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return q, nil, fmt.Errorf("reading a request: %w", err)
	}
	if err := json.Unmarshal(line, &q); err != nil || q.PIN < 0 || q.PIN > maxPIN {
		return q, nil, errors.New("reading a request: it has not the form of one")
	}
	pin = make([]byte, q.PIN)
	if _, err := io.ReadFull(r, pin); err != nil {
		return q, nil, fmt.Errorf("reading a request: %w", err)
	}
	return q, pin, nil
}

func reply(l library, q request, pin []byte) answer {
	defer clear(pin)
	switch q.Do {
	case "tokens":
		all, err := tokens(l)
		if err != nil {
			return fault(err)
		}
		return answer{Tokens: all}
	case "there":
		return answer{There: there(l, q.Slot, q.Serial)}
	case "sign":
		signature, err := sign(l, q.Slot, q.Serial, q.Certificate, pin, q.Challenge)
		if err != nil {
			return fault(err)
		}
		return answer{Signature: signature}
	}
	return fault(fmt.Errorf("%w: an unknown request", ErrLibrary))
}

func fault(err error) answer {
	for code, known := range codes() {
		if errors.Is(err, known) {
			return answer{Error: code, Why: err.Error()}
		}
	}
	return answer{Error: "library", Why: err.Error()}
}

// err is the error an answer tells of.
func (a answer) err() error {
	if a.Error == "" {
		return nil
	}
	known, ok := codes()[a.Error]
	switch {
	case !ok:
		return ErrLibrary
	case a.Why == "" || a.Why == known.Error():
		return known
	}
	return fmt.Errorf("%w (%.200q)", known, a.Why)
}
