package emrtdtest

import (
	"math/big"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// choose is SELECT: the application, the master file, or a file below where we
// are.
func (p *powered) choose(c apdu.Command) apdu.Status {
	switch {
	case c.P2 != 0x0c && c.P2 != 0:
		return apdu.WrongParameters
	case c.P1 == 4:
		if string(c.Data) != lds.AID {
			return apdu.NotFound
		}
		p.applied, p.current = true, 0
		return apdu.OK
	case c.P1 == 0 && (len(c.Data) == 0 || string(c.Data) == "\x3f\x00"):
		p.applied, p.current = false, 0
		return apdu.OK
	case c.P1 != 2 && c.P1 != 0:
		return apdu.WrongParameters
	case len(c.Data) != 2:
		return apdu.WrongLength
	}
	id := uint16(c.Data[0])<<8 | uint16(c.Data[1])
	if id == 0x2f01 && !p.applied && p.Extended > 0 {
		p.current = lengths
		return apdu.OK
	}
	return p.take(func(f lds.File) bool { return f.ID() == id })
}

// lengths is EF.ATR/INFO in the master file, which says how long commands and
// answers may be (ISO/IEC 7816-4, 12.7.1).
const lengths lds.File = 0xff

// content is what a file holds.
func (p *powered) content(f lds.File) []byte {
	if f != lengths {
		return p.Files[f]
	}
	most := func(n int) tlv.Object { return der.WriteUint(big.NewInt(int64(n))) }
	return tlv.Constructed(0x7f66, most(apdu.MaxExtended), most(p.Extended+secured)).Bytes()
}

// secured is what secure messaging adds to an answer, in bytes at most.
const secured = 48

// take makes the file current that is meant.
func (p *powered) take(meant func(lds.File) bool) apdu.Status {
	for f := range p.Files {
		if f.Master() != p.applied && meant(f) {
			s := p.may(f)
			if s == apdu.OK {
				p.current = f
			}
			return s
		}
	}
	return apdu.NotFound
}

// may says whether a file may be read now.
func (p *powered) may(f lds.File) apdu.Status {
	if s, ok := p.Refuse[f]; ok {
		return s
	}
	allowed := p.opened
	switch f {
	case lds.CardAccess, lengths:
		allowed = true
	case lds.DG3:
		allowed = allowed && p.terminal.mayFingers()
	case lds.DG4:
		allowed = allowed && p.terminal.mayIrises()
	}
	if !allowed {
		return apdu.NotAllowed
	}
	return apdu.OK
}

// read is READ BINARY: B0 with the offset or a short file identifier in P1 and
// P2; B1 with the offset in object 54, and an answer in object 53 (ISO/IEC
// 7816-4, 11.2.3).
func (p *powered) read(c apdu.Command) apdu.Response {
	odd := c.Instruction == 0xb1
	at, sfi := int(c.P1)<<8|int(c.P2), byte(0)
	switch {
	case odd:
		at, sfi = 0, c.P2&0x1f
		offset := objects(c.Data)[0x54]
		if c.P1 != 0 || c.P2 > 30 || len(offset) == 0 || len(offset) > 3 {
			return fail(apdu.WrongParameters)
		}
		at = int(new(big.Int).SetBytes(offset).Int64())
	case c.P1&0x80 != 0:
		at, sfi = int(c.P2), c.P1&0x1f
	}
	if sfi != 0 {
		if p.NoShort {
			return fail(apdu.WrongParameters)
		}
		if s := p.take(func(f lds.File) bool { return f.SFI() == sfi }); s != apdu.OK {
			return fail(s)
		}
	}
	if p.current == 0 {
		return fail(apdu.Status(0x6986)) // no current file
	}
	if c.Expect == 0 {
		return fail(apdu.WrongLength)
	}
	return p.part(at, c, odd)
}

// part is what a file has from a place on.
func (p *powered) part(at int, c apdu.Command, odd bool) apdu.Response {
	if s := p.may(p.current); s != apdu.OK {
		return fail(s)
	}
	file := p.content(p.current)
	if at >= len(file) {
		return fail(apdu.OutOfFile)
	}
	if !odd {
		return p.upTo(file[at:], c.Expect)
	}
	r := p.upTo(file[at:], p.inner(c))
	if len(r.Data) > 0 {
		r.Data = tlv.Primitive(0x53, r.Data).Bytes()
	}
	return r
}

// inner is how much goes into the object of an answer: what its head leaves,
// where the card counts that, or else what the longest head leaves.
func (p *powered) inner(c apdu.Command) int {
	longest := len(p.fit(apdu.Response{Data: make([]byte, c.Expect)}, c).Data)
	head := 5
	for p.Full && head > 2 && len(tlv.AppendHead(nil, 0x53, longest-head+1))+longest-head+1 <= longest {
		head--
	}
	return max(0, longest-head)
}

// upTo is up to n bytes of rest, and what the card says where rest is shorter.
func (p *powered) upTo(rest []byte, n int) apdu.Response {
	if len(rest) >= n {
		return done(rest[:n])
	}
	switch s := p.Across; s {
	case 0:
		return apdu.Response{Data: rest, Status: apdu.EndOfFile}
	case apdu.OK, apdu.EndOfFile:
		return apdu.Response{Data: rest, Status: s}
	case 0x6c00: // and how much there is
		return fail(s | apdu.Status(byte(len(rest))))
	default:
		return fail(s)
	}
}
