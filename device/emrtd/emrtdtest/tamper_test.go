package emrtdtest_test

import (
	"bytes"
	"maps"
	"testing"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa/patest"
	"optag/device/emrtd/sm"
)

// groups are those of a specimen.
var groups = []lds.File{lds.DG1, lds.DG2, lds.DG3, lds.DG7, lds.DG11, lds.DG12, lds.DG14, lds.DG15}

// inspected reads all that a specimen has.
func inspected(t *testing.T, card *emrtdtest.Card) (*emrtd.Chip, error) {
	o := options()
	o.Terminal, o.Groups = utopia().Office, groups
	return emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
}

// named reports whether the reading says that something is wrong with a file.
func named(c *emrtd.Chip, f lds.File) bool {
	switch f {
	case lds.SOD:
		return c.Signature.Verdict != emrtd.OK || c.Content.Verdict != emrtd.OK
	case lds.CardSecurity:
		return c.Genuine.Verdict != emrtd.OK
	}
	g, ok := c.Group(f)
	return ok && (g.Content == emrtd.Failed || g.Err != nil) && c.Content.Verdict == emrtd.Failed
}

// said reports whether a byte of signed data belongs to what no signature covers
// and what is only said again elsewhere: the name of the signer (RFC 5652, 5.3),
// which a reader takes in small letters and in capitals.
func said(t *testing.T, f lds.File, file []byte, at int) bool {
	in := func(r *tlv.Reader, n int) (tlv.Element, *tlv.Reader) { // the nth object, and those in it
		var e tlv.Element
		for range n {
			var err error
			if e, err = r.Next(); err != nil {
				t.Fatal(err)
			}
		}
		within, _ := e.In()
		return e, within
	}
	r := tlv.NewReader(file, tlv.DER)
	if f == lds.SOD {
		_, r = in(r, 1)
	} else if f != lds.CardSecurity {
		return false
	}
	_, r = in(r, 1) // ContentInfo
	_, r = in(r, 2) // [0]
	_, r = in(r, 1) // SignedData
	_, r = in(r, 5) // SignerInfos
	_, r = in(r, 1)
	signer, _ := in(r, 2)
	return at >= signer.At && at < signer.At+signer.Head+len(signer.Value)
}

// One bit of one byte of one file is turned: the reading names the file. In long
// runs, every byte.
func TestEveryByteOfEveryFile(t *testing.T) {
	for name, change := range map[string]func(*emrtdtest.Spec){
		"fingers and all": nil,
		"the third mapping": func(s *emrtdtest.Spec) {
			s.PACE, s.Chip, s.Active = []emrtdtest.PACE{{Mapping: emrtdtest.ChipAuthentication, Curve: "secp256r1", Suite: sm.AES128}}, nil, ""
		},
	} {
		card, _ := made(t, change)
		tried := 0
		for f, file := range card.Files {
			if f == lds.CardAccess || f == lds.COM || f == lds.CVCA || change != nil && f != lds.CardSecurity {
				continue // these are signed by nobody
			}
			for at := 0; at < len(file); at += 1 + (every()-1)*len(file)/20 {
				card.Files[f] = bytes.Clone(file)
				card.Files[f][at] ^= 1 << (at % 8)
				tried++
				if c, err := inspected(t, card); err != nil || !named(c, f) && !(verdicts(c) == allOK && said(t, f, file, at)) {
					t.Errorf("%s: byte %d of %v: %v, %s", name, at, f, err, told(c))
				}
			}
			card.Files[f] = file
		}
		if c, err := inspected(t, card); err != nil || verdicts(c) != allOK {
			t.Errorf("%s: the card as it was: %v, %s", name, err, told(c))
		}
		t.Logf("%s: %d bytes", name, tried)
	}
}

// Files that are cut, too long, empty or not there.
func TestBrokenFiles(t *testing.T) {
	for name, spoil := range map[string]func(map[lds.File][]byte, lds.File){
		"missing":           func(m map[lds.File][]byte, f lds.File) { delete(m, f) },
		"cut":               func(m map[lds.File][]byte, f lds.File) { m[f] = m[f][:len(m[f])-1] },
		"cut to its header": func(m map[lds.File][]byte, f lds.File) { m[f] = m[f][:4] },
		"empty":             func(m map[lds.File][]byte, f lds.File) { m[f] = nil },
		"states too much": func(m map[lds.File][]byte, f lds.File) {
			m[f] = append([]byte{m[f][0], 0x83, 0x0f, 0xff, 0xff}, m[f]...)
		},
		"states 4 GB": func(m map[lds.File][]byte, f lds.File) {
			m[f] = append([]byte{m[f][0], 0x84, 0xff, 0xff, 0xff, 0xff}, m[f]...)
		},
		"states nothing": func(m map[lds.File][]byte, f lds.File) { m[f] = append([]byte{m[f][0], 0}, m[f]...) },
		"another file's": func(m map[lds.File][]byte, f lds.File) { m[f] = m[lds.COM] },
	} {
		card, _ := made(t, nil)
		whole := maps.Clone(card.Files)
		for f := range whole {
			if !f.Group() && f != lds.SOD {
				continue
			}
			card.Files = maps.Clone(whole)
			spoil(card.Files, f)
			if c, err := inspected(t, card); err != nil || !named(c, f) {
				t.Errorf("%v is %s: %v, %s", f, name, err, told(c))
			}
		}
	}
}

// Who signed a card, and when.
func TestIssuers(t *testing.T) {
	other, err := emrtdtest.NewIssuer(seed(40), patest.Kind{}, day)
	if err != nil {
		t.Fatal(err)
	}
	expired := *utopia()
	expired.Signer, err = utopia().Authority.NewSigner(seed(41), patest.Kind{}, patest.Spec{
		Name: patest.Name{Country: "UT", Common: "Utopian document signer"}, Serial: 3, From: day.Add(-90 * 24 * time.Hour), Until: day.Add(-24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		issuer *emrtdtest.Issuer
		want   string
	}{
		"the authority that is installed": {utopia(), allOK},
		"another of the same name":        {other, "signature failed, content ok, genuine ok, belongs ok"},
		"a signer whose time is over":     {&expired, "signature failed, content ok, genuine ok, belongs ok"},
	} {
		card, _ := made(t, func(s *emrtdtest.Spec) { s.Issuer = c.issuer })
		chip, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, options())
		if err != nil || verdicts(chip) != c.want {
			t.Errorf("%s: %v, %s", name, err, told(chip))
		}
	}
	card, _ := made(t, nil)
	o := options()
	o.Trust = nil
	chip, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
	if err != nil || verdicts(chip) != "signature not checked, content ok, genuine ok, belongs ok" {
		t.Errorf("nothing is installed: %v, %s", err, told(chip))
	}
}
