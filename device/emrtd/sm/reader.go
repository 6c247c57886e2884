package sm

import (
	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
)

// Wrap secures a command of the reader's. The wrapped one has extended lengths
// if the plain one asks for them or needs them.
func (s *Session) Wrap(c apdu.Command) (apdu.Command, error) {
	if s.ended {
		return apdu.Command{}, s.broken("securing a command")
	}
	s.count()
	w := apdu.Command{Class: c.Class | 0x0c, Instruction: c.Instruction, P1: c.P1, P2: c.P2, Extended: c.Extended}
	var body []byte
	if len(c.Data) > 0 {
		o, err := s.seal(c.Data, c.Instruction&1 == 1)
		if err != nil {
			return apdu.Command{}, err
		}
		body = o.Append(body)
	}
	if c.Expect > 0 {
		le := []byte{byte(c.Expect)}
		if c.Extended || c.Expect > apdu.MaxShort {
			le = []byte{byte(c.Expect >> 8), byte(c.Expect)}
		}
		body = tlv.Primitive(tagExpect, le).Append(body)
	}
	mac := s.code([]byte{w.Class, w.Instruction, w.P1, w.P2}, body)
	w.Data = tlv.Primitive(tagMAC, mac).Append(body)
	w.Expect = apdu.MaxShort
	if c.Extended || c.Expect > apdu.MaxShort || len(w.Data) >= apdu.MaxShort {
		w.Extended, w.Expect = true, apdu.MaxExtended
	}
	return w, nil
}

// Unwrap checks and opens the answer to the last command wrapped. A card that
// answers without protection has ended the session: the error wraps
// [ErrBroken] and the status it gave.
func (s *Session) Unwrap(r apdu.Response) (apdu.Response, error) {
	if s.ended {
		return apdu.Response{}, s.broken("opening an answer")
	}
	if len(r.Data) == 0 {
		return apdu.Response{}, s.unprotected(r.Status)
	}
	s.count()
	o, err := s.take(r.Data)
	if err != nil {
		return apdu.Response{}, err
	}
	if err := s.check(nil, o.raw, o.mac.Value); err != nil {
		return apdu.Response{}, err
	}
	if o.expect != nil || o.status == nil || len(o.status.Value) != 2 {
		return apdu.Response{}, s.broken("reading an answer without its status")
	}
	plain := apdu.Response{Status: apdu.Status(o.status.Value[0])<<8 | apdu.Status(o.status.Value[1])}
	if o.cipher != nil {
		if plain.Data, err = s.open(*o.cipher); err != nil {
			return apdu.Response{}, err
		}
	}
	return plain, nil
}

// unprotected is the error for an answer of a bare status.
func (s *Session) unprotected(status apdu.Status) error {
	s.End()
	return &Unprotected{status}
}

// Unprotected is an answer that is nothing but a status, where a secured one
// was due. It is [ErrBroken] and the status.
type Unprotected struct{ Status apdu.Status }

func (u *Unprotected) Error() string {
	return "the card answers without protection: " + u.Status.Error()
}

// Unwrap gives both.
func (u *Unprotected) Unwrap() []error { return []error{ErrBroken, u.Status} }
