package emrtd_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"optag/device/emrtd"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
	"optag/device/emrtd/sm"
)

func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// A land issues cards.
type land struct {
	*emrtdtest.Issuer
	trust *pa.Trust
}

func newLand(t testing.TB) land {
	t.Helper()
	i, err := emrtdtest.NewIssuer(random(1), patest.Kind{}, day)
	if err != nil {
		t.Fatal(err)
	}
	l := land{i, new(pa.Trust)}
	if r := l.trust.Add("utopia", i.Authority.Certificate); r.Authorities != 1 {
		t.Fatal(r.Refused)
	}
	return l
}

// spec is that of a specimen, changed.
func (l land) spec(change func(*emrtdtest.Spec)) emrtdtest.Spec {
	s := emrtdtest.Specimen(l.Issuer, day)
	if change != nil {
		change(&s)
	}
	return s
}

func (l land) card(t testing.TB, s emrtdtest.Spec) *emrtdtest.Card {
	t.Helper()
	c, err := emrtdtest.Personalise(random(2), s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (l land) options() emrtd.Options {
	return emrtd.Options{Random: random(3), Today: day, Trust: l.trust}
}

// zone is the access by the specimen's zone.
func (l land) zone() emrtd.Access { return emrtd.Access{MRZ: l.spec(nil).Document.Key()} }

func said(c *emrtd.Chip) string {
	var all []string
	for _, r := range []emrtd.Result{c.Signature, c.Content, c.Genuine, c.Belongs} {
		s := string(r.Verdict)
		if r.Why != "" {
			s += " (" + string(r.Why) + ")"
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func TestWhatIsInAResidenceCard(t *testing.T) {
	l := newLand(t)
	s := l.spec(nil)
	chip, err := emrtd.Read(t.Context(), l.card(t, s).Insert(), l.zone(), l.options())
	if err != nil {
		t.Fatal(err)
	}
	if got := said(chip); got != "ok; ok; ok; ok" {
		t.Errorf("the card is said to be %s", got)
	}
	for _, c := range []struct{ got, want string }{
		{chip.Opened, "PACE-GM secp256r1 AES-128"},
		{chip.Genuine.By, "chip authentication secp256r1 AES-128"},
		{chip.Content.By, "SHA-256"},
		{chip.Signature.By, chip.Passive.CSCA().String()},
		{fmt.Sprint(chip.Zone.Number, chip.Zone.Secondary), fmt.Sprint(s.Document.Number, s.Document.Secondary)},
		{fmt.Sprint(len(chip.Faces), len(chip.Fingers), len(chip.Signatures)), "1 0 1"},
		{chip.Holder.PersonalNumber, s.Holder.PersonalNumber},
		{chip.Issue.Authority, s.Issue.Authority},
	} {
		if c.got != c.want {
			t.Errorf("read %s, want %s", c.got, c.want)
		}
	}
	var groups []string
	for _, g := range chip.Groups {
		groups = append(groups, fmt.Sprint(g.File, " ", g.Signed, " ", g.Content, " ", g.Closed, " ", g.Err))
	}
	want := `EF.DG1 true ok false <nil>
EF.DG2 true ok false <nil>
EF.DG3 true not checked true <nil>
EF.DG7 true ok false <nil>
EF.DG11 true ok false <nil>
EF.DG12 true ok false <nil>
EF.DG14 true ok false <nil>
EF.DG15 true ok false <nil>`
	if got := strings.Join(groups, "\n"); got != want {
		t.Errorf("the groups are\n%s\nwant\n%s", got, want)
	}
	kept := maps.Clone(chip.Files)
	chip.Wipe()
	for f, b := range kept {
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Errorf("%v is not wiped", f)
		}
	}
	if chip.Zone.Number != "" || chip.Files != nil {
		t.Error("something of the holder is left")
	}
}

func without(f lds.File) func(*emrtdtest.Card) {
	return func(c *emrtdtest.Card) { delete(c.Files, f) }
}

func refuses(f lds.File, s apdu.Status) func(*emrtdtest.Card) {
	return func(c *emrtdtest.Card) { c.Refuse = map[lds.File]apdu.Status{f: s} }
}

func changed(f lds.File, at int) func(*emrtdtest.Card) {
	return func(c *emrtdtest.Card) {
		c.Files[f] = bytes.Clone(c.Files[f])
		if at < 0 {
			at += len(c.Files[f])
		}
		c.Files[f][at] ^= 1
	}
}

// forger is a chip of another make with the files of a card, but for its own
// key.
func forger(t *testing.T, l land, card *emrtdtest.Card) *emrtdtest.Card {
	f, err := emrtdtest.Personalise(random(5), l.spec(nil))
	if err != nil {
		t.Fatal(err)
	}
	own := f.Files[lds.DG14]
	f.Files = maps.Clone(card.Files)
	f.Files[lds.DG14] = own
	return f
}

func cam(s *emrtdtest.Spec) {
	s.PACE = []emrtdtest.PACE{{Mapping: emrtdtest.ChipAuthentication, Curve: "secp256r1", Suite: sm.AES128}}
	s.Chip = nil
}

func activeOnly(s *emrtdtest.Spec) { s.Chip = nil }

func TestWhatIsSaidAboutCards(t *testing.T) {
	l := newLand(t)
	other, err := emrtdtest.NewIssuer(random(9), patest.Kind{}, day.AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		spec    func(*emrtdtest.Spec)
		card    func(*emrtdtest.Card)
		forged  bool // another chip with the files of the card, but for its own key
		options func(*emrtd.Options)
		want    string
	}{
		{name: "as issued", want: "ok; ok; ok; ok"},
		{name: "basic access control", spec: func(s *emrtdtest.Spec) { s.PACE = nil }, want: "ok; ok; ok; ok"},
		{name: "nothing installed", options: func(o *emrtd.Options) { o.Trust = nil }, want: "not checked (" + string(emrtd.AuthorityUnknown) + "); ok; ok; ok"},
		{name: "signed by a forger of the same name", spec: func(s *emrtdtest.Spec) { s.Issuer = other }, want: "failed (" + string(emrtd.AuthorityWrong) + "); ok; ok; ok"},
		{name: "after the signer's time", options: func(o *emrtd.Options) { o.Today = day.AddDate(12, 0, 0) }, want: "failed (" + string(emrtd.SignerExpired) + "); ok; ok; ok"},
		{name: "the list of hashes changed", card: changed(lds.SOD, 100), want: "failed (" + string(emrtd.WrongSignature) + "); failed (" + string(emrtd.GroupChanged) + "); ok; ok"},
		{name: "without the list of hashes", card: without(lds.SOD), want: "failed (" + string(emrtd.NoSOD) + "); not checked (" + string(emrtd.NoSOD) + "); not checked (" + string(emrtd.NoSOD) + "); ok"},
		{name: "another face", card: changed(lds.DG2, -3), want: "ok; failed (" + string(emrtd.GroupChanged) + "); ok; ok"},
		{name: "without its details", card: without(lds.DG11), want: "ok; failed (" + string(emrtd.GroupMissing) + "); ok; ok"},
		{name: "without its zone", card: without(lds.DG1), want: "ok; failed (" + string(emrtd.GroupMissing) + "); ok; not checked (" + string(emrtd.NoZone) + ")"},
		{name: "its face cut at the end", card: func(c *emrtdtest.Card) { c.Files[lds.DG2] = c.Files[lds.DG2][:len(c.Files[lds.DG2])-1] }, want: "ok; failed (" + string(emrtd.GroupChanged) + "); ok; ok"},
		{name: "an empty file for its face", card: func(c *emrtdtest.Card) { c.Files[lds.DG2] = []byte{} }, want: "ok; failed (" + string(emrtd.GroupChanged) + "); ok; ok"},
		{name: "its zone for its face", card: func(c *emrtdtest.Card) { c.Files[lds.DG2] = c.Files[lds.DG1] }, want: "ok; failed (" + string(emrtd.GroupChanged) + "); ok; ok"},
		{name: "its face said to take 4 GB", card: func(c *emrtdtest.Card) {
			c.Files[lds.DG2] = append([]byte{0x75, 0x84, 0xff, 0xff, 0xff, 0xff}, c.Files[lds.DG2]...)
		}, want: "ok; failed (" + string(emrtd.GroupChanged) + "); ok; ok"},
		{name: "that keeps its face to itself", card: refuses(lds.DG2, apdu.NotAllowed), want: "ok; not checked (" + string(emrtd.GroupUnread) + "); ok; ok"},
		{name: "that cannot read its face", card: refuses(lds.DG2, apdu.Unknown), want: "ok; not checked (" + string(emrtd.GroupUnread) + "); ok; ok"},
		{name: "that cannot read its face, and has another zone", card: func(c *emrtdtest.Card) {
			refuses(lds.DG2, apdu.Unknown)(c)
			changed(lds.DG1, 40)(c)
		}, want: "ok; failed (" + string(emrtd.GroupChanged) + "); ok; failed (" + string(emrtd.WrongDigits) + ")"},
		{name: "that does not hand out what was not asked for", card: refuses(lds.DG2, apdu.Unknown), options: func(o *emrtd.Options) { o.Groups = []lds.File{lds.DG1} }, want: "ok; ok; ok; ok"},
		{name: "a face that was signed and is no picture", spec: func(s *emrtdtest.Spec) { s.Face = []byte{0x75, 3, 0x7f, 0x61, 0} }, want: "ok; ok; ok; ok"},
		{name: "with a file nobody signed", card: func(c *emrtdtest.Card) {
			com, _ := lds.ParseCOM(c.Files[lds.COM])
			com.Groups = append(com.Groups, lds.DG7)
			c.Files[lds.COM], c.Files[lds.DG7] = com.Bytes(), lds.WriteDG7([]byte{0xff, 0xd8})
		}, spec: func(s *emrtdtest.Spec) { s.Signature = nil }, want: "ok; failed (" + string(emrtd.GroupNotSigned) + "); ok; ok"},
		{name: "that announces less than it knows", card: func(c *emrtdtest.Card) {
			c.Files[lds.CardAccess] = lds.SecurityInfos{{Protocol: lds.OIDPACE + ".2.2", Version: 2, Parameter: 12}, {Protocol: lds.OIDPACE + ".2.1", Version: 2, Parameter: 12}}.Bytes()
		}, want: "ok; failed (" + string(emrtd.AccessChanged) + "); ok; ok"},

		{name: "a copy", card: func(c *emrtdtest.Card) { c.Clone = true }, want: "ok; ok; failed (" + string(emrtd.NoSecret) + "); ok"},
		{name: "a copy of a card with basic access control", spec: func(s *emrtdtest.Spec) { s.PACE = nil }, card: func(c *emrtdtest.Card) { c.Clone = true }, want: "ok; ok; failed (" + string(emrtd.NoSecret) + "); ok"},
		{name: "chip authentication with triple DES", spec: func(s *emrtdtest.Spec) {
			s.Chip = []emrtdtest.Agreement{{Curve: "brainpoolP256r1", Suite: sm.TripleDES}}
		}, want: "ok; ok; ok; ok"},
		{name: "a copy of it", spec: func(s *emrtdtest.Spec) {
			s.Chip = []emrtdtest.Agreement{{Curve: "brainpoolP256r1", Suite: sm.TripleDES}}
		}, card: func(c *emrtdtest.Card) { c.Clone = true }, want: "ok; ok; failed (" + string(emrtd.NoSecret) + "); ok"},
		{name: "that hides its key", card: without(lds.DG14), want: "ok; failed (" + string(emrtd.GroupMissing) + "); ok; ok"},
		{name: "with a key of its own making", forged: true, want: "ok; failed (" + string(emrtd.GroupChanged) + "); failed (" + string(emrtd.KeyNotSigned) + "); ok"},

		{name: "active authentication", spec: activeOnly, want: "ok; ok; ok; ok"},
		{name: "active authentication with RSA", spec: func(s *emrtdtest.Spec) { s.Chip, s.Active = nil, emrtdtest.RSA }, want: "ok; ok; ok; ok"},
		{name: "a copy of a card that signs", spec: activeOnly, card: func(c *emrtdtest.Card) { c.Clone = true }, want: "ok; ok; failed (" + string(emrtd.NoSecret) + "); ok"},
		{name: "with another key to sign", spec: func(s *emrtdtest.Spec) { s.Chip, s.Active = nil, "brainpoolP256r1" }, card: func(c *emrtdtest.Card) {
			c.Files[lds.DG15] = l.card(t, l.spec(func(s *emrtdtest.Spec) { s.Chip, s.Active = nil, "brainpoolP384r1" })).Files[lds.DG15]
		}, want: "ok; failed (" + string(emrtd.GroupChanged) + "); failed (" + string(emrtd.NoSecret) + "); ok"},
		{name: "that shows nothing", spec: func(s *emrtdtest.Spec) { s.Chip, s.Active = nil, "" }, want: "ok; ok; not checked (" + string(emrtd.NoProtocol) + "); ok"},

		{name: "the third mapping", spec: cam, want: "ok; ok; ok; ok"},
		{name: "a copy of it, too", spec: cam, card: func(c *emrtdtest.Card) { c.Clone = true }, want: "ok; ok; failed (" + string(emrtd.NoSecret) + "); ok"},
		{name: "the third mapping, its key changed", spec: cam, card: changed(lds.CardSecurity, 80), want: "ok; ok; failed (" + string(emrtd.KeyNotSigned) + "); ok"},
		{name: "the third mapping without its key", spec: cam, card: without(lds.CardSecurity), want: "ok; ok; failed (" + string(emrtd.KeyNotSigned) + "); ok"},
		{name: "the third mapping, nothing installed", spec: cam, options: func(o *emrtd.Options) { o.Trust = nil }, want: "not checked (" + string(emrtd.AuthorityUnknown) + "); ok; ok; ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			card := l.card(t, l.spec(c.spec))
			if c.card != nil {
				c.card(card)
			}
			if c.forged {
				card = forger(t, l, card)
			}
			o := l.options()
			if c.options != nil {
				c.options(&o)
			}
			chip, err := emrtd.Read(t.Context(), card.Insert(), l.zone(), o)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(chip); got != c.want {
				t.Errorf("said\n%s, want\n%s\n%+v", got, c.want, chip.Passive.Findings)
			}
		})
	}
}

func TestWhoseCardItIs(t *testing.T) {
	l := newLand(t)
	s := l.spec(nil)
	stranger := s.Document
	stranger.Number = "D23145891"
	for _, c := range []struct {
		name   string
		access emrtd.Access
		want   emrtd.Result
	}{
		{"by its zone", emrtd.Access{MRZ: s.Document.Key()}, emrtd.Result{Verdict: emrtd.OK}},
		{"by the CAN alone", emrtd.Access{CAN: s.CAN}, emrtd.Result{Verdict: emrtd.NotChecked, Why: emrtd.NoMRZ}},
		{"by the CAN, its zone read", emrtd.Access{CAN: s.CAN, MRZ: s.Document.Key()}, emrtd.Result{Verdict: emrtd.OK}},
		{"by the CAN, a stranger's zone read", emrtd.Access{CAN: s.CAN, MRZ: stranger.Key()}, emrtd.Result{Verdict: emrtd.Failed, Why: emrtd.OtherDocument}},
	} {
		chip, err := emrtd.Read(t.Context(), l.card(t, s).Insert(), c.access, l.options())
		if err != nil || chip.Belongs != c.want {
			t.Errorf("%s: %+v, %v", c.name, chip.Belongs, err)
		}
	}
}

func TestKeysAreTriedOnce(t *testing.T) {
	l := newLand(t)
	s := l.spec(nil)
	wrong := s.Document
	wrong.Birth = "900813"
	bac := func(s *emrtdtest.Spec) { s.PACE = nil }
	for _, c := range []struct {
		name   string
		spec   func(*emrtdtest.Spec)
		habits emrtdtest.Habits
		access emrtd.Access
		want   string
		tries  int
	}{
		{"a zone misread", nil, emrtdtest.Habits{}, emrtd.Access{MRZ: wrong.Key()}, "opening the chip: the key is wrong (6300)", -1},
		{"a zone misread, basic access control", bac, emrtdtest.Habits{}, emrtd.Access{MRZ: wrong.Key()}, "opening the chip: the key is wrong (6300)", -1},
		{"a CAN mistyped", nil, emrtdtest.Habits{}, emrtd.Access{CAN: "240971"}, "opening the chip: the key is wrong (6300)", -1},
		{"a CAN mistyped, the zone at hand", nil, emrtdtest.Habits{}, emrtd.Access{CAN: "240971", MRZ: s.Document.Key()}, "opening the chip: the key is wrong (6300)", -1},
		{"a CAN mistyped, counted", nil, emrtdtest.Habits{Tries: 3}, emrtd.Access{CAN: "240971"}, "opening the chip: the key is wrong, 2 tries left (63C2)", 2},
	} {
		card := l.card(t, l.spec(c.spec))
		card.Habits = c.habits
		_, err := emrtd.Read(t.Context(), card.Insert(), c.access, l.options())
		var key *emrtd.KeyError
		if !errors.As(err, &key) || err.Error() != c.want || key.Tries != c.tries {
			t.Errorf("%s: %v", c.name, err)
		}
		if card.Wrong() != 1 {
			t.Errorf("%s: tried %d times", c.name, card.Wrong())
		}
	}
}

func TestACANThatIsUsedUp(t *testing.T) {
	l := newLand(t)
	card := l.card(t, l.spec(nil))
	card.Tries = 2
	var told []int
	for range 3 {
		_, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{CAN: "111111"}, l.options())
		var key *emrtd.KeyError
		if !errors.As(err, &key) {
			t.Fatal(err)
		}
		told = append(told, key.Tries)
	}
	if fmt.Sprint(told) != "[1 0 0]" || card.Wrong() != 2 {
		t.Errorf("told %v tries left, %d tried", told, card.Wrong())
	}
}

func TestCardsThatDoNotOpen(t *testing.T) {
	l := newLand(t)
	s := l.spec(nil)
	for _, c := range []struct {
		name   string
		spec   func(*emrtdtest.Spec)
		card   func(*emrtdtest.Card)
		access emrtd.Access
		want   error
	}{
		{"no key at all", nil, nil, emrtd.Access{}, emrtd.ErrNoAccess},
		{"a CAN for a chip with basic access control alone", func(s *emrtdtest.Spec) { s.PACE = nil }, nil, emrtd.Access{CAN: s.CAN}, emrtd.ErrNoAccess},
	} {
		card := l.card(t, l.spec(c.spec))
		if c.card != nil {
			c.card(card)
		}
		if _, err := emrtd.Read(t.Context(), card.Insert(), c.access, l.options()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
