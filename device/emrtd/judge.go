package emrtd

import (
	"bytes"
	"cmp"
	"errors"

	"optag/device/emrtd/apdu"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
)

// judge says what the run has shown, and reads the files.
func (r *reader) judge() {
	r.parse()
	c := r.chip
	trust := cmp.Or(r.options.Trust, new(pa.Trust))
	if r.signed != nil {
		c.Passive = <-r.signed
		c.Passive.Compare(c.Files)
		r.signed = nil
	}
	for i, g := range c.Groups {
		c.Groups[i].Closed = closed(g.File) && !r.signedIn
		c.Groups[i].Content = contentOf(c.Passive, g.File)
	}
	c.Signature = signature(c.Passive)
	c.Content = unchanged(c)
	c.Genuine = r.genuine(trust)
	c.Belongs = belongs(c, r.access.MRZ)
}

// contentOf is what the hash of a group says.
func contentOf(p *pa.Result, file lds.File) Verdict {
	if p != nil {
		switch s, _ := p.Of(file); s {
		case pa.Good:
			return OK
		case pa.Failed:
			return Failed
		}
	}
	return NotChecked
}

// finding is the first of these kinds that was found.
func finding(p *pa.Result, kinds ...pa.Kind) (pa.Finding, bool) {
	for _, k := range kinds {
		for _, f := range p.Findings {
			if f.Kind == k {
				return f, true
			}
		}
	}
	return pa.Finding{}, false
}

// against are findings that speak against a signature, the gravest first;
// unknown are those without which nothing is known.
var (
	against = [...]pa.Kind{pa.Malformed, pa.WrongSignature, pa.WrongContent, pa.WrongState, pa.NotASigner, pa.Revoked, pa.WrongCSCA, pa.SignerExpired, pa.CSCAExpired}
	unknown = [...]pa.Kind{pa.NoSigner, pa.UnknownCSCA}
)

// reasons are the findings in words for the screen.
var reasons = map[pa.Kind]Reason{
	pa.Malformed: WrongSignature, pa.WrongSignature: WrongSignature, pa.WrongContent: WrongSignature,
	pa.WrongState: SignerNotAllowed, pa.NotASigner: SignerNotAllowed, pa.Revoked: SignerRevoked, pa.WrongCSCA: AuthorityWrong,
	pa.SignerExpired: SignerExpired, pa.CSCAExpired: SignerExpired, pa.NoSigner: SignerUnknown, pa.UnknownCSCA: AuthorityUnknown,
}

// signature is the first result: the signature itself, and the way from the
// signer to an authority.
func signature(p *pa.Result) Result {
	if p == nil {
		return failed(NoSOD, nil)
	}
	if f, found := finding(p, against[:]...); found {
		return failed(reasons[f.Kind], f)
	}
	if f, found := finding(p, unknown[:]...); found {
		return Result{Verdict: NotChecked, Why: reasons[f.Kind], Err: f}
	}
	if p.Signature != pa.Good || p.Chain != pa.Good {
		return notChecked(AuthorityUnknown)
	}
	return Result{Verdict: OK, By: p.CSCA().String()}
}

// unchanged is the second result, by the rules at [Chip].
func unchanged(c *Chip) Result {
	if c.Passive == nil || c.Passive.Object == nil {
		return notChecked(NoSOD)
	}
	if f, found := finding(c.Passive, pa.GroupDiffers); found {
		return failed(GroupChanged, f)
	}
	if f, found := finding(c.Passive, pa.GroupUnlisted); found {
		return failed(GroupNotSigned, f)
	}
	var unread Result
	for _, g := range c.Groups {
		switch r := withheld(c, g); r.Verdict {
		case Failed:
			return r
		case NotChecked:
			unread = r
		}
	}
	if f, found := finding(c.Passive, pa.AccessDiffers); found {
		return failed(AccessChanged, f)
	}
	if unread.Verdict != "" {
		return unread
	}
	if c.Passive.Content != pa.Good {
		return notChecked(NoZone)
	}
	return Result{Verdict: OK, By: c.Passive.Object.Hash.String()}
}

// withheld judges a group that was signed and asked for and did not come whole.
// It is zero for any other, and for one that the chip keeps for terminals.
func withheld(c *Chip, g Group) Result {
	var refusal *Refusal
	var rule fileRule
	switch {
	case !g.Signed || g.Closed || g.Err == nil || c.Files[g.File] != nil:
		return Result{}
	case errors.As(g.Err, &rule), errors.Is(g.Err, errEnds) && !errors.Is(g.Err, apdu.WrongLength):
		return failed(GroupChanged, g.Err)
	case !errors.As(g.Err, &refusal):
		return Result{Verdict: NotChecked, Why: GroupUnread, Err: g.Err}
	}
	switch s := refusal.Status; {
	case s == apdu.NotFound:
		return failed(GroupMissing, g.Err)
	case s == apdu.OK, s == apdu.EndOfFile, s == apdu.OutOfFile: // of the first byte: it is empty
		return failed(GroupChanged, g.Err)
	case s == apdu.NotAllowed && closed(g.File):
		return Result{}
	}
	return Result{Verdict: NotChecked, Why: GroupUnread, Err: g.Err}
}

// genuine is the third result. That the chip has the secret of a key counts for
// as much as the key was signed.
func (r *reader) genuine(trust *pa.Trust) Result {
	was, key := r.chip.Genuine, r.proven
	if was.Verdict == "" && r.pace != nil && r.pace.proof != nil {
		return r.mapped(trust)
	}
	if was.Verdict == "" {
		return notChecked(NoProtocol)
	}
	if was.Verdict != OK {
		return was
	}
	switch g, _ := r.chip.Group(key); {
	case r.chip.Passive == nil || r.chip.Passive.Object == nil:
		return Result{Verdict: NotChecked, Why: NoSOD, By: was.By}
	case g.Content != OK:
		return Result{Verdict: Failed, Why: KeyNotSigned, By: was.By}
	}
	return was
}

// mapped judges what the chip showed in PACE by the key in EF.CardSecurity
// (Doc 9303-11, 4.4.3.5): that file must be signed by one who goes back to an
// authority, or by whoever signed EF.SOD, whom the first result is about.
func (r *reader) mapped(trust *pa.Trust) Result {
	infos, p := pa.VerifyCardSecurity(r.chip.Files[lds.CardSecurity], trust, r.options.Today)
	same := r.chip.Passive != nil && r.chip.Passive.Signer != nil && p.Signer != nil && bytes.Equal(p.Signer.Raw, r.chip.Passive.Signer.Raw)
	switch {
	case infos == nil || p.Signature != pa.Good:
		return failed(KeyNotSigned, findings(p))
	case !same && p.Chain == pa.Failed:
		return failed(KeyNotSigned, findings(p))
	case !same && p.Chain != pa.Good:
		return Result{Verdict: NotChecked, Why: AuthorityUnknown, Err: findings(p)}
	case !r.pace.showsOne(infos):
		return failed(NoSecret, nil)
	}
	return Result{Verdict: OK, By: r.pace.String()}
}

// findings are all of a result as one error.
func findings(p *pa.Result) error {
	var all []error
	for _, f := range p.Findings {
		all = append(all, f)
	}
	return errors.Join(all...)
}

// belongs is the fourth result: the zone in the chip beside that of the
// document.
func belongs(c *Chip, information string) Result {
	switch {
	case c.Zone.Format == "":
		return notChecked(NoZone)
	case c.Zone.Err() != nil:
		return failed(WrongDigits, nil)
	case information == "":
		return notChecked(NoMRZ)
	case c.Zone.Key() != information:
		return failed(OtherDocument, nil)
	}
	return Result{Verdict: OK}
}

// parse reads what the files hold, and notes what is not legible.
func (r *reader) parse() {
	c := r.chip
	for file, parse := range map[lds.File]func([]byte) error{
		lds.DG1:  func(b []byte) (err error) { c.Zone, err = lds.ParseDG1(b); return },
		lds.DG2:  func(b []byte) (err error) { c.Faces, err = lds.ParseDG2(b); return },
		lds.DG3:  func(b []byte) (err error) { c.Fingers, err = lds.ParseDG3(b); return },
		lds.DG7:  func(b []byte) (err error) { c.Signatures, err = lds.ParseDG7(b); return },
		lds.DG11: func(b []byte) (err error) { c.Holder, err = lds.ParseDG11(b); return },
		lds.DG12: func(b []byte) (err error) { c.Issue, err = lds.ParseDG12(b); return },
	} {
		if b := c.Files[file]; b != nil {
			if err := parse(b); err != nil {
				r.note(file, faulty(file, err))
			}
		}
	}
}
