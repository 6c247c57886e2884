package emrtd

import (
	"context"
	"fmt"

	"optag/device"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/sm"
)

// A link carries commands to the card, under a session once there is one.
type link struct {
	card     device.Card
	session  *sm.Session // nil: in plain
	extended int         // longest data and answers in extended lengths; 0: short ones only
}

// send has the card carry out one command. The status of the answer is the
// caller's to judge. What does not fit goes in extended lengths where the card
// takes them, and else in a chain; Expect above what fits is then "as much as
// there is".
func (l *link) send(ctx context.Context, doing string, c apdu.Command) (apdu.Response, error) {
	longest := apdu.MaxShort - 1
	if l.session != nil {
		longest = sm.MaxShort
	}
	if l.extended > 0 && (len(c.Data) > longest || c.Expect > longest+1) {
		c.Extended, longest = true, l.extended
	}
	if !c.Extended {
		c.Expect = min(c.Expect, apdu.MaxShort)
	}
	chain := c.Chain(longest)
	for _, part := range chain[:len(chain)-1] {
		if r, err := l.one(ctx, doing, part); err != nil || r.Status != apdu.OK {
			return r, err
		}
	}
	return l.one(ctx, doing, chain[len(chain)-1])
}

// one has the card carry out a command that fits.
func (l *link) one(ctx context.Context, doing string, c apdu.Command) (apdu.Response, error) {
	if l.session == nil {
		r, err := l.exchange(ctx, c)
		if err != nil {
			err = fmt.Errorf("%s: %w", doing, err)
		}
		return r, err
	}
	wire, err := l.session.Wrap(c)
	if err != nil {
		return apdu.Response{}, fmt.Errorf("%s: %w", doing, err)
	}
	r, err := l.exchange(ctx, wire)
	if err != nil {
		return apdu.Response{}, fmt.Errorf("%s: %w", doing, err)
	}
	if r, err = l.session.Unwrap(r); err != nil {
		return apdu.Response{}, &Broken{Doing: doing, Err: err}
	}
	return r, nil
}

// exchange sends one command as it is and collects its answer, which some cards
// and readers hand out in parts (ISO/IEC 7816-4, 5.3.4).
func (l *link) exchange(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	r, err := l.transmit(ctx, c)
	if err == nil && r.Status&0xff00 == 0x6c00 && len(r.Data) == 0 {
		c.Expect, c.Extended = lower(r.Status), false
		r, err = l.transmit(ctx, c)
	}
	all := r
	for err == nil && r.Status&0xff00 == 0x6100 {
		r, err = l.transmit(ctx, apdu.Command{Instruction: 0xc0, Expect: lower(r.Status)})
		if err == nil && (len(r.Data) == 0 && r.Status&0xff00 == 0x6100 || len(all.Data)+len(r.Data) > apdu.MaxExtended) {
			return r, fmt.Errorf("collecting an answer in parts that does not end: %w", apdu.ErrForm)
		}
		all = apdu.Response{Data: append(all.Data[:len(all.Data):len(all.Data)], r.Data...), Status: r.Status}
	}
	return all, err
}

// lower is a length that stands in SW2.
func lower(s apdu.Status) int {
	if s&0xff == 0 {
		return apdu.MaxShort
	}
	return int(s & 0xff)
}

// transmit is one exchange with the card.
func (l *link) transmit(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	if err := ctx.Err(); err != nil {
		return apdu.Response{}, err
	}
	b, err := l.card.Transmit(ctx, c.Bytes())
	if err != nil {
		return apdu.Response{}, err
	}
	return apdu.ParseResponse(b)
}

// do is send for commands that must succeed.
func (l *link) do(ctx context.Context, doing string, c apdu.Command) ([]byte, error) {
	r, err := l.send(ctx, doing, c)
	if err != nil {
		return nil, err
	}
	if r.Status != apdu.OK {
		return nil, refused(doing, r.Status)
	}
	return r.Data, nil
}

// secure begins a session with keys from a shared secret, and ends the one
// before.
func (l *link) secure(s sm.Suite, secret, counter []byte) error {
	l.end()
	var err error
	l.session, err = sm.New(s, s.Derive(secret, sm.ForEncryption), s.Derive(secret, sm.ForMAC), counter)
	return err
}

// end forgets the session and its keys.
func (l *link) end() {
	if l.session != nil {
		l.session.End()
		l.session = nil
	}
}
