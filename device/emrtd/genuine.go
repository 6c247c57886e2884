package emrtd

import (
	"context"
	"crypto"
	"crypto/sha1"
	"errors"
	"fmt"
	"strings"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// hashOf is the password of PACE that the MRZ information is.
func hashOf(information string) []byte {
	sum := sha1.Sum([]byte(information))
	return sum[:]
}

// lengths reads from EF.ATR/INFO which lengths the card takes (ISO/IEC 7816-4,
// 12.7.1): two numbers, of a command and of an answer. A card without it is
// asked for the usual, and taken at its word if it refuses.
func (r *reader) lengths(ctx context.Context) error {
	s, err := r.send(ctx, "selecting EF.ATR", apdu.Command{Instruction: 0xa4, P1: 2, P2: 0x0c, Data: []byte{0x2f, 1}})
	if err != nil || s.Status != apdu.OK {
		return err
	}
	if s, err = r.send(ctx, "reading EF.ATR", apdu.Command{Instruction: 0xb0, Expect: apdu.MaxShort}); err != nil {
		return err
	}
	for objects := tlv.NewReader(s.Data, tlv.BER); objects.More(); {
		e, err := objects.Next()
		if err != nil {
			return nil // it is a hint, and no more
		}
		if e.Tag == 0x7f66 {
			r.extended = answers(e)
		}
	}
	return nil
}

// secured is what secure messaging adds to an answer at most, in bytes.
const secured = 48

// answers is the longest content of an answer by object 7F66, 0 where the card
// takes no more than short lengths.
func answers(e tlv.Element) int {
	in, err := e.In()
	if err != nil {
		return 0
	}
	var lengths []int
	for in.More() {
		n, err := der.Small(in, 1<<24)
		if err != nil {
			return 0
		}
		lengths = append(lengths, n)
	}
	if len(lengths) != 2 || lengths[1] <= apdu.MaxShort+secured {
		return 0
	}
	return min(lengths[1], apdu.MaxExtended) - secured
}

// active has the chip show that it is genuine by active authentication, if it
// has not shown it otherwise.
func (r *reader) active(ctx context.Context) error {
	if r.chip.Genuine.Verdict != "" || r.pace != nil && r.pace.proof != nil {
		return nil
	}
	if err := r.group(ctx, lds.DG15); err != nil {
		return err
	}
	b := r.chip.Files[lds.DG15]
	if b == nil {
		return nil
	}
	key, err := lds.ParseDG15(b)
	if err != nil {
		r.note(lds.DG15, faulty(lds.DG15, err))
		r.chip.Genuine = notChecked(KeyUnknown)
		return nil
	}
	longest := apdu.MaxShort
	if key.RSA != nil {
		longest = key.RSA.Size()
	}
	challenge, signature, err := r.signChallenge(ctx, r.options.Random, longest)
	if soft(err) {
		r.chip.Genuine = failed(Refused, err)
		return nil
	}
	if err == nil {
		r.proven = lds.DG15
		r.chip.Genuine = answered(key, r.offered, challenge, signature)
	}
	return err
}

// answered judges the signature of active authentication.
func answered(key der.PublicKey, offered lds.SecurityInfos, challenge, signature []byte) Result {
	var ok bool
	var by string
	switch {
	case key.RSA != nil:
		ok, by = recovers(key.RSA, challenge, signature), fmt.Sprintf("RSA %d", key.RSA.N.BitLen())
	case key.Curve != nil:
		ok, by = signed(key.Curve, key.Point, hashBy(offered), challenge, signature), "ECDSA "+key.Curve.Name
	default:
		return notChecked(KeyUnknown)
	}
	if !ok {
		return failed(NoSecret, nil)
	}
	return Result{Verdict: OK, By: "active authentication " + by}
}

// hashBy is the hash that DG14 announces for active authentication; 0 where it
// announces none (BSI TR-03111, 5.2.1.1).
func hashBy(offered lds.SecurityInfos) crypto.Hash {
	for _, i := range offered.Of(lds.OIDActive) {
		arc, _ := strings.CutPrefix(i.Algorithm, lds.OIDECDSAPlain+".")
		h, ok := map[string]crypto.Hash{"1": crypto.SHA1, "2": crypto.SHA224, "3": crypto.SHA256, "4": crypto.SHA384, "5": crypto.SHA512}[arc]
		if ok {
			return h
		}
	}
	return 0
}

// showsOne reports whether a key is the one that the chip showed in PACE to have
// the secret of (Doc 9303-11, 4.4.3.5).
func (p *paceRun) showsOne(keys lds.SecurityInfos) bool {
	for _, k := range keys.Of(lds.OIDPublicKey) {
		g, point := keyIn(k.Key)
		if c, ok := g.(curve); ok && c.Name == p.group.String() && p.proves(point) {
			return true
		}
	}
	return false
}

// terminal signs in as a terminal, if there is one, and reads what is open to
// it alone.
func (r *reader) terminal(ctx context.Context) error {
	if r.ourGroup == nil && r.pace != nil && r.pace.proof != nil {
		r.ours, r.ourGroup = r.pace.ours, r.pace.group // the third mapping is chip authentication, too
	}
	if r.options.Terminal == nil || r.ourGroup == nil {
		return nil
	}
	err := r.signIn(ctx)
	r.signedIn = err == nil
	for _, file := range r.wanted() {
		switch {
		case !closed(file):
		case err != nil:
			r.note(file, err)
		default:
			if err := r.group(ctx, file); err != nil {
				return err
			}
		}
	}
	if r.lost(err) {
		return err
	}
	return nil
}

// lost reports whether after an error of signing in the conversation is over:
// neither the chip's refusal nor the back office's ends it.
func (r *reader) lost(err error) bool {
	var office *OfficeError
	return err != nil && !soft(err) && !errors.As(err, &office)
}

// signIn is terminal authentication with what this run knows.
func (r *reader) signIn(ctx context.Context) error {
	cvca, err := r.authority(ctx)
	if err != nil {
		return err
	}
	document := []byte(r.access.MRZ)
	if r.pace != nil {
		document = compressed(r.pace.group, r.pace.theirs)
	} else if document = document[:max(0, len(document)-14)]; len(document) == 0 {
		return ErrNoAccess
	}
	return r.authenticateTerminal(ctx, r.options.Terminal, string(cvca), document, compressed(r.ourGroup, r.ours))
}

// authority is the name of the key that certifies terminals: the chip tells it in
// PACE, or in EF.CVCA (BSI TR-03110-3, A.3).
func (r *reader) authority(ctx context.Context) ([]byte, error) {
	if r.pace != nil && r.pace.cvca != nil {
		return r.pace.cvca, nil
	}
	b, err := r.read(ctx, lds.CVCA)
	if err != nil {
		return nil, err
	}
	names, err := lds.ParseCVCA(b)
	if err != nil {
		return nil, faulty(lds.CVCA, err)
	}
	return []byte(names[0]), nil
}

// compressed is the form of a public key in terminal authentication (BSI
// TR-03110-3, A.2.2.3).
func compressed(g group, p ec.Point) []byte {
	if c, ok := g.(curve); ok {
		return p.X.FillBytes(make([]byte, c.Size()))
	}
	sum := sha1.Sum(g.bytes(p))
	return sum[:]
}
