package sm

import (
	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
)

// Open checks and opens a command on the card's side.
func (s *Session) Open(w apdu.Command) (apdu.Command, error) {
	if s.ended || w.Class&0x0c != 0x0c {
		return apdu.Command{}, s.broken("opening a command")
	}
	s.count()
	o, err := s.take(w.Data)
	if err != nil {
		return apdu.Command{}, err
	}
	if err := s.check([]byte{w.Class, w.Instruction, w.P1, w.P2}, o.raw, o.mac.Value); err != nil {
		return apdu.Command{}, err
	}
	c := apdu.Command{Class: w.Class &^ 0x0c, Instruction: w.Instruction, P1: w.P1, P2: w.P2}
	if o.cipher != nil {
		if c.Data, err = s.open(*o.cipher); err != nil {
			return apdu.Command{}, err
		}
	}
	if o.expect == nil {
		return c, nil
	}
	switch v := o.expect.Value; len(v) {
	case 1:
		c.Expect = int(v[0])
		if c.Expect == 0 {
			c.Expect = apdu.MaxShort
		}
	case 2:
		c.Extended = true
		c.Expect = int(v[0])<<8 | int(v[1])
		if c.Expect == 0 {
			c.Expect = apdu.MaxExtended
		}
	default:
		return apdu.Command{}, s.broken("reading the expected length")
	}
	return c, nil
}

// Seal secures the answer to the last command opened; odd says that its
// instruction was odd.
func (s *Session) Seal(r apdu.Response, odd bool) (apdu.Response, error) {
	if s.ended {
		return apdu.Response{}, s.broken("securing an answer")
	}
	s.count()
	var body []byte
	if len(r.Data) > 0 {
		o, err := s.seal(r.Data, odd)
		if err != nil {
			return apdu.Response{}, err
		}
		body = o.Append(body)
	}
	body = tlv.Primitive(tagStatus, []byte{byte(r.Status >> 8), byte(r.Status)}).Append(body)
	return apdu.Response{Data: tlv.Primitive(tagMAC, s.code(nil, body)).Append(body), Status: r.Status}, nil
}
