package emrtdtest

import (
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/lds"
)

// A terminal is what the card has found out about the one that it speaks to
// (terminal authentication 1, BSI TR-03110-1, 3.5). It begins anew with each
// chip authentication.
type terminal struct {
	shown   map[string]verified // whose certificates were verified, by name
	above   *verified           // whose key verifies the next certificate
	claimed *verified           // whom the terminal claims to be
	rights  cvc.Rights          // that it has shown to have
}

// A verified holder has a key that the card believes in.
type verified struct {
	*cvc.Certificate
	key    cvc.PublicKey // with its curve
	rights cvc.Rights    // of every certificate on the way
	home   bool          // no foreign verifier stands between
}

func (t *terminal) mayFingers() bool { return t.rights&cvc.Fingers != 0 }
func (t *terminal) mayIrises() bool  { return t.rights&cvc.Irises != 0 }

// enrol puts the authority into the card that certifies terminals, and the day
// that the card's clock begins with.
func (c *Card) enrol(o *Office, day time.Time) error {
	anchor, err := cvc.Parse(o.CVCA.Certificate)
	if err != nil {
		return err
	}
	c.today = day
	c.trust(anchor)
	return nil
}

// trust makes an authority the one that is named first; the one before it stays
// until the next comes.
func (c *Card) trust(anchor *cvc.Certificate) {
	c.anchors = append([]*cvc.Certificate{anchor}, c.anchors[:min(1, len(c.anchors))]...)
	var file []byte
	for _, a := range c.anchors {
		file = tlv.Primitive(0x42, []byte(a.Holder)).Append(file)
	}
	c.Files[lds.CVCA] = append(file, make([]byte, max(0, cvcaSize-len(file)))...)
}

// cvcaSize is the size of EF.CVCA, filled up with zeros (BSI TR-03110-3, A.3).
const cvcaSize = 36

// holder is one whose key verifies, by name: an authority of the card's, or one
// whose certificate was just verified.
func (p *powered) holder(name []byte) *verified {
	if v, ok := p.terminal.shown[string(name)]; ok {
		return &v
	}
	for _, a := range p.anchors {
		if a.Holder == string(name) {
			return &verified{a, a.Key, a.Rights, true}
		}
	}
	return nil
}

// chooseAuthority says whose key the next certificate is verified with.
func (p *powered) chooseAuthority(o map[tlv.Tag][]byte) apdu.Status {
	if p.proved == nil {
		return apdu.NotAllowed
	}
	if p.terminal.above = p.holder(o[0x83]); p.terminal.above == nil {
		return apdu.NoReference
	}
	return apdu.OK
}

// verifyCertificate is PSO: VERIFY CERTIFICATE. Without a clock the card takes
// the latest day on which a certificate that it believes was made for today.
func (p *powered) verifyCertificate(c apdu.Command) apdu.Status {
	above := p.terminal.above
	p.terminal.above = nil
	switch {
	case c.P1 != 0 || c.P2 != 0xbe:
		return apdu.WrongParameters
	case p.proved == nil:
		return apdu.NotAllowed
	case above == nil:
		return apdu.Conditions
	}
	below, err := cvc.Parse(tlv.Primitive(0x7f21, c.Data).Bytes())
	if err != nil {
		return apdu.WrongData
	}
	if !mayCertify(above.Role, below.Role) || below.Authority != above.Holder || below.Terminal != above.Terminal ||
		below.SignedBy(above.key) != nil || !p.today.Before(below.Until.AddDate(0, 0, 1)) {
		return apdu.AuthFailed
	}
	key, err := below.Key.Within(above.key)
	if err != nil {
		return apdu.WrongData
	}
	v := verified{below, key, above.rights & below.Rights, above.home && below.Role != cvc.ForeignDV}
	if v.home && below.From.After(p.today) {
		p.today = below.From
	}
	if below.Role == cvc.CVCA {
		p.trust(below)
		return apdu.OK
	}
	if p.terminal.shown == nil {
		p.terminal.shown = map[string]verified{}
	}
	p.terminal.shown[below.Holder] = v
	return apdu.OK
}

// mayCertify reports whether a role certifies another (BSI TR-03110-3, C.4.1).
func mayCertify(above, below cvc.Role) bool {
	switch above {
	case cvc.CVCA:
		return below != cvc.Terminal
	case cvc.DomesticDV, cvc.ForeignDV:
		return below == cvc.Terminal
	}
	return false
}

// chooseTerminal says who the terminal claims to be.
func (p *powered) chooseTerminal(o map[tlv.Tag][]byte) apdu.Status {
	v, ok := p.terminal.shown[string(o[0x83])]
	switch {
	case p.proved == nil:
		return apdu.NotAllowed
	case !ok || v.Role != cvc.Terminal:
		return apdu.NoReference
	}
	p.terminal.claimed = &v
	return apdu.OK
}

// checkTerminal verifies the signature over what the card goes by, its
// challenge, and the terminal's key of chip authentication.
func (p *powered) checkTerminal(challenge, signature []byte) apdu.Status {
	v := p.terminal.claimed
	p.terminal.claimed = nil
	if v == nil {
		return apdu.Conditions
	}
	message := append(append(append([]byte{}, p.goesBy...), challenge...), p.proved...)
	if v.key.Verify(message, signature) != nil {
		return apdu.AuthFailed
	}
	p.terminal.rights = v.rights
	return apdu.OK
}
