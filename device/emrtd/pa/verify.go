package pa

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// Verify looks at the files that were read from a chip, EF.SOD among them, on a
// day. It says everything it finds and stops at nothing. A nil Trust trusts
// nobody.
func Verify(files map[lds.File][]byte, t *Trust, day time.Time) *Result {
	r := OpenSOD(files[lds.SOD]).Signed(t, day)
	r.Compare(files)
	return r
}

// Signed is the first half of [Verify], for which no other file is needed: who
// signed EF.SOD, and whether he may.
func (s *SOD) Signed(t *Trust, day time.Time) *Result {
	if t == nil {
		t = new(Trust)
	}
	r := &Result{Object: s.Object}
	if s.err != nil {
		r.illegible(lds.SOD, s.err)
	}
	if s.envelope == nil {
		return r
	}
	if s.envelope.irregular != "" {
		r.found(Irregular, lds.SOD, errors.New(s.envelope.irregular))
	}
	r.envelope(s.envelope, lds.SOD, t, day)
	return r
}

// Compare is the second half: it compares the files that were read with what
// EF.SOD lists.
func (r *Result) Compare(files map[lds.File][]byte) {
	if r.Object == nil {
		return
	}
	r.groups(files)
	r.beside(files)
	r.state(files[lds.DG1])
}

// VerifyCardSecurity opens EF.CardSecurity (BSI TR-03110-3, A.1.2.5) and looks
// who signed it.
func VerifyCardSecurity(b []byte, t *Trust, day time.Time) (lds.SecurityInfos, *Result) {
	if t == nil {
		t = new(Trust)
	}
	r := new(Result)
	e, err := readEnvelope(b, 0)
	if err == nil && (e.contentType != lds.OIDSecurityObj || len(e.signers) != 1) {
		err = &lds.Fault{File: lds.CardSecurity, Rule: "holds no security infos of one signer"}
	}
	if err != nil {
		r.illegible(lds.CardSecurity, named(lds.CardSecurity, err))
		return nil, r
	}
	r.envelope(e, lds.CardSecurity, t, day)
	infos, err := lds.ParseSecurityInfos(e.content)
	if err != nil {
		r.found(Malformed, lds.CardSecurity, err)
	}
	return infos, r
}

// illegible finds why a file could not be read.
func (r *Result) illegible(f lds.File, err error) {
	if errors.Is(err, ErrAlgorithm) {
		r.found(UnknownAlgorithm, f, nil)
	} else {
		r.found(Malformed, f, err)
	}
}

// envelope finds who signed an envelope, whether he did, and whether he may.
func (r *Result) envelope(e *envelope, f lds.File, t *Trust, day time.Time) {
	i := &e.signers[0]
	if r.Signer = e.certificate(i); r.Signer == nil {
		if n := slices.IndexFunc(t.signers, i.names); n >= 0 {
			r.Signer = t.signers[n]
		}
	}
	if r.Signer == nil {
		r.found(NoSigner, f, nil)
		return
	}
	if i.keyID == nil && i.issuer.raw != r.Signer.Issuer.raw {
		r.found(Irregular, f, errors.New("it names the signer's issuer in another form than the certificate"))
	}
	switch err := e.verify(i, r.Signer); {
	case err == nil:
		good(&r.Signature)
	case errors.Is(err, errContent):
		r.found(WrongContent, f, nil)
	default:
		r.found(WrongSignature, f, err)
	}
	r.certified(f, t, day)
}

// certified follows the signer's certificate to an authority.
func (r *Result) certified(f lds.File, t *Trust, day time.Time) {
	c := r.Signer
	if !c.ValidOn(day) {
		r.found(SignerExpired, f, nil)
	}
	if c.Authority || c.Usage != 0 && c.Usage&SignData == 0 || len(c.Unknown) > 0 {
		r.found(NotASigner, f, nil)
	}
	if r.Path = t.path(c, day); r.Path == nil {
		if len(t.issuers(c)) > 0 {
			r.found(WrongCSCA, f, nil)
		} else {
			r.found(UnknownCSCA, f, nil)
		}
		return
	}
	for n, above := range r.Path[1:] {
		if t.isRevoked(r.Path[n], above) {
			r.found(Revoked, f, nil)
		}
	}
	if !r.Path[1].ValidOn(day) {
		r.found(CSCAExpired, f, nil)
	}
	good(&r.Chain)
}

// groups compares the files that were read with their hashes.
func (r *Result) groups(files map[lds.File][]byte) {
	for f := lds.DG1; f <= lds.DG16; f++ {
		b, read := files[f]
		want, listed := r.Object.Sums[f]
		g := Group{File: f}
		switch {
		case !read && !listed:
			continue
		case !read:
		case !listed:
			r.found(GroupUnlisted, f, nil)
			g.State = Failed
		case string(sum(r.Object.Hash, b)) != string(want):
			r.found(GroupDiffers, f, nil)
			g.State = Failed
		default:
			g.State = Good
			good(&r.Content)
		}
		r.Groups = append(r.Groups, g)
	}
}

// beside compares the two files that are not signed with those that are.
func (r *Result) beside(files map[lds.File][]byte) {
	if b, ok := files[lds.COM]; ok {
		c, err := lds.ParseCOM(b)
		slices.Sort(c.Groups)
		var listed []lds.File
		for f := lds.DG1; f <= lds.DG16; f++ {
			if r.Object.Sums[f] != nil {
				listed = append(listed, f)
			}
		}
		if err != nil || !slices.Equal(c.Groups, listed) || r.Object.LDS != "" && (r.Object.LDS != c.Version || r.Object.Unicode != c.Unicode) {
			r.found(CommonDiffers, lds.COM, err)
		}
	}
	access, ok := files[lds.CardAccess]
	if !ok || files[lds.DG14] == nil {
		return
	}
	open, err := lds.ParseCardAccess(access)
	if err == nil {
		var signed lds.SecurityInfos
		if signed, err = lds.ParseDG14(files[lds.DG14]); err == nil && !signed.Includes(open.Of(lds.OIDPACE)) {
			err = fmt.Errorf("the parameters of PACE are not those that were signed")
		}
	}
	if err != nil {
		r.found(AccessDiffers, lds.CardAccess, err)
	}
}

// state compares the state that issued the document, by its zone, with the
// signer's, and the type of document with those that the signer may sign.
func (r *Result) state(dg1 []byte) {
	if dg1 == nil || r.Signer == nil {
		return
	}
	zone, err := der.Read(dg1, lds.DG1.Tag())
	if err != nil {
		return // said by whoever reads the zone, and by its hash
	}
	in, err := zone.In()
	if err != nil {
		return
	}
	e, err := in.Want(tlv.Tag(0x5F1F))
	if err != nil || len(e.Value) < 5 {
		return
	}
	if want := r.Signer.Subject.Country; want != "" && !sameState(want, string(e.Value[2:5])) {
		r.found(WrongState, lds.DG1, nil)
	}
	code := string(e.Value[:2])
	if code[1] == '<' {
		code = code[:1]
	}
	if d := r.Signer.Documents; d != nil && !slices.ContainsFunc(d, func(s string) bool { return s == code || s == string(e.Value[:2]) }) {
		r.found(NotASigner, lds.DG1, nil)
	}
}
