package emrtdtest

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"time"

	"optag/capture/mrz"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
	"optag/device/emrtd/pa/patest"
	"optag/device/emrtd/sm"
)

// A Spec says what a card shall be.
type Spec struct {
	Document mrz.Document // whose zone is printed on the card and stands in DG1; its key opens the chip
	CAN      string       // the six digits on the face of the card; "": PACE opens with the zone alone

	Face      []byte     // EF.DG2, as package record writes it, or [Face]
	Fingers   []byte     // EF.DG3, the same or [Fingers]; nil: none could be taken, which the file says
	Signature []byte     // image of the holder's signature, in DG7; nil: no such file
	Holder    lds.Holder // DG11
	Issue     lds.Issue  // DG12

	BAC    bool
	PACE   []PACE      // in the order of EF.CardAccess; none: no such file
	Chip   []Agreement // ways of chip authentication; with none and no third mapping of PACE, DG3 stays closed to everybody
	Active string      // active authentication: a curve, or RSA with 1024 bits as most cards had it; "" none

	Issuer *Issuer
	Day    time.Time // on which the card is made: the chip's clock begins there
}

// RSA stands for a key of that kind in the place of a curve's name.
const RSA = "RSA"

// An Agreement is a way of chip authentication: with a key of the card's own on
// a curve, and the cipher that follows it.
type Agreement struct {
	Curve string
	Suite sm.Suite
}

// ErrSpec: a card cannot be made so.
var ErrSpec = errors.New("no card can be like that")

// Personalise makes a card: its keys, its files, and the signature over them.
// Everything follows from randomness and spec. The card goes on to draw from the
// source.
func Personalise(random io.Reader, s Spec) (*Card, error) {
	c := &Card{Files: map[lds.File][]byte{}, random: random}
	err := s.check()
	for _, make := range []func(*Card) error{s.makeKeys, s.writeGroups, s.writeProtocols, s.writeSigned} {
		if err == nil {
			err = make(c)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("personalising a card: %w", err)
	}
	return c, nil
}

func (s Spec) check() error {
	if s.Document.Format != mrz.TD1 || s.Issuer == nil || s.Face == nil || !s.BAC && len(s.PACE) == 0 {
		return ErrSpec
	}
	for _, w := range s.PACE {
		if ec.ByName(w.Curve) == nil || w.Mapping.String() == "" || w.Mapping == ChipAuthentication && w.Suite == sm.TripleDES {
			return ErrSpec
		}
	}
	for _, a := range s.Chip {
		if ec.ByName(a.Curve) == nil {
			return ErrSpec
		}
	}
	if s.Active != "" && s.Active != RSA && ec.ByName(s.Active) == nil {
		return ErrSpec
	}
	return nil
}

// makeKeys makes what the card never hands out.
func (s Spec) makeKeys(c *Card) error {
	c.secrets = secrets{mrz: s.Document.Key(), can: s.CAN, bac: s.BAC, pace: s.PACE, chip: map[string]*big.Int{}}
	own := func(curve string) (err error) {
		if c.chip[curve] == nil {
			c.chip[curve], err = ec.ByName(curve).Scalar(c.random)
		}
		return err
	}
	curves := map[string]int{}
	for _, a := range s.Chip {
		if err := own(a.Curve); err != nil {
			return err
		}
		if _, ok := curves[a.Curve]; !ok {
			curves[a.Curve] = len(curves)
		}
	}
	for _, a := range s.Chip {
		id := curves[a.Curve]
		if len(curves) == 1 {
			id = -1
		}
		c.agrees = append(c.agrees, agreement{ec.ByName(a.Curve), a.Suite, id})
	}
	for _, w := range s.PACE {
		if w.Mapping == ChipAuthentication {
			if err := own(w.Curve); err != nil {
				return err
			}
		}
	}
	return s.makeActive(c)
}

func (s Spec) makeActive(c *Card) (err error) {
	switch s.Active {
	case "":
	case RSA:
		c.active.rsa, err = newRSA(c.random, 1024)
	default:
		c.active.curve = ec.ByName(s.Active)
		c.active.secret, err = c.active.curve.Scalar(c.random)
	}
	return err
}

// writeGroups writes the files about holder and document.
func (s Spec) writeGroups(c *Card) (err error) {
	if c.Files[lds.DG1], err = lds.WriteDG1(s.Document); err != nil {
		return err
	}
	c.Files[lds.DG2] = s.Face
	if c.Files[lds.DG3] = s.Fingers; s.Fingers == nil {
		if c.Files[lds.DG3], err = none(c.draw(8)); err != nil {
			return err
		}
	}
	if s.Signature != nil {
		c.Files[lds.DG7] = lds.WriteDG7(s.Signature)
	}
	c.Files[lds.DG11] = s.Holder.Bytes()
	c.Files[lds.DG12] = s.Issue.Bytes()
	return nil
}

// writeProtocols writes the files about protocols and keys.
func (s Spec) writeProtocols(c *Card) error {
	access := lds.SecurityInfos{}
	for _, w := range s.PACE {
		access = append(access, w.info())
	}
	if len(access) > 0 {
		c.Files[lds.CardAccess] = access.Bytes()
	}
	infos := slices.Clone(access)
	var written []string
	for _, a := range c.agrees {
		infos = append(infos, lds.SecurityInfo{Protocol: a.protocol(), Version: 1, Parameter: a.id})
		if !slices.Contains(written, a.curve.Name) {
			written = append(written, a.curve.Name)
			infos = append(infos, c.public(a.curve, a.id, false))
		}
	}
	if len(c.chip) > 0 {
		infos = append(infos, lds.SecurityInfo{Protocol: lds.OIDTerminal, Version: 1, Parameter: -1})
		if err := c.enrol(s.Issuer.Office, s.Day); err != nil {
			return err
		}
	}
	if c.active.curve != nil {
		infos = append(infos, lds.SecurityInfo{Protocol: lds.OIDActive, Version: 1, Algorithm: lds.OIDECDSAPlain + ".3", Parameter: -1})
	}
	if len(infos) > 0 {
		c.Files[lds.DG14] = infos.DG14()
	}
	if s.Active != "" {
		c.Files[lds.DG15] = lds.WriteDG15(c.active.public())
	}
	return s.writeCardSecurity(c, access)
}

// public is what the card says of its own key on a curve: in EF.CardSecurity
// with the curve's number, in DG14 with its identifier.
func (c *Card) public(curve *ec.Curve, id int, numbered bool) lds.SecurityInfo {
	key := der.PublicKey{Curve: curve, Point: curve.Multiply(curve.G, c.chip[curve.Name]), Parameter: -1}
	if numbered {
		key.Parameter = parameter(curve.Name)
	}
	return lds.SecurityInfo{Protocol: lds.OIDPublicKey + ".2", Key: &key, Parameter: id}
}

// writeCardSecurity writes the file that the third mapping of PACE is verified
// with, where the card has that.
func (s Spec) writeCardSecurity(c *Card, access lds.SecurityInfos) (err error) {
	infos := slices.Clone(access)
	var curves []string
	for _, w := range s.PACE {
		if w.Mapping == ChipAuthentication && !slices.Contains(curves, w.Curve) {
			curves = append(curves, w.Curve)
			infos = append(infos, c.public(ec.ByName(w.Curve), parameter(w.Curve), true))
		}
	}
	if len(curves) == 0 {
		return nil
	}
	c.Files[lds.CardSecurity], err = s.Issuer.Signer.CardSecurity(c.random, infos)
	return err
}

// writeSigned writes the list of what there is, and signs it.
func (s Spec) writeSigned(c *Card) (err error) {
	groups := slices.DeleteFunc(slices.Sorted(maps.Keys(c.Files)), func(f lds.File) bool { return !f.Group() })
	c.Files[lds.COM] = lds.Common{Version: cmp.Or(s.Issuer.Signer.Version, "0107"), Unicode: "040000", Groups: groups}.Bytes()
	c.Files[lds.SOD], err = s.Issuer.Signer.SOD(c.random, c.Files)
	return err
}

// An Issuer is a state that issues cards: who signs what is in them, and whose
// terminals may read the fingers.
type Issuer struct {
	Authority *patest.Authority // CSCA; its certificate is what a station trusts
	Signer    *patest.Signer    // document signer
	Office    *Office           // whose terminals the cards let read fingers
}

// NewIssuer makes an authority of the state Utopia that exists from a day on,
// with a document signer, both with keys of one kind, and those who certify
// terminals.
func NewIssuer(random io.Reader, k patest.Kind, from time.Time) (*Issuer, error) {
	name := func(common string) patest.Name {
		return patest.Name{Country: "UT", Organisation: "Utopia", Common: common}
	}
	i := new(Issuer)
	var err error
	i.Authority, err = patest.NewAuthority(random, k, patest.Spec{Name: name("Utopian CSCA"), From: from, Until: from.AddDate(15, 0, 0)})
	if err == nil {
		i.Signer, err = i.Authority.NewSigner(random, k, patest.Spec{Name: name("Utopian document signer"), Serial: 2, From: from, Until: from.AddDate(10, 3, 0), Documents: []string{"AR"}})
	}
	if err == nil {
		i.Office, err = newOffice(random, from)
	}
	if err != nil {
		return nil, fmt.Errorf("making an issuer: %w", err)
	}
	return i, nil
}
