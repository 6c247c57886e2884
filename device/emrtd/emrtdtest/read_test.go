package emrtdtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"optag/capture/record/iso19794"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/sm"
)

// trusting is what a station has installed that trusts an issuer.
func trusting(i *emrtdtest.Issuer) *pa.Trust {
	t := new(pa.Trust)
	t.Add("csca.cer", i.Authority.Certificate)
	return t
}

func options() emrtd.Options {
	return emrtd.Options{Random: seed(3), Today: day, Trust: trusting(utopia())}
}

// verdicts are the four results in a line.
func verdicts(c *emrtd.Chip) string {
	return fmt.Sprintf("signature %s, content %s, genuine %s, belongs %s", c.Signature.Verdict, c.Content.Verdict, c.Genuine.Verdict, c.Belongs.Verdict)
}

// told is a chip for a failing test.
func told(c *emrtd.Chip) string {
	if c == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s %+v %+v %+v %+v %+v", c.Opened, c.Signature, c.Content, c.Genuine, c.Belongs, c.Groups)
}

const allOK = "signature ok, content ok, genuine ok, belongs ok"

// Every protocol with every curve, cipher and password, read by package emrtd.
func TestEveryWayIn(t *testing.T) {
	for _, mapping := range []emrtdtest.Mapping{emrtdtest.Generic, emrtdtest.Integrated, emrtdtest.ChipAuthentication} {
		for _, curve := range []string{"secp256r1", "secp384r1", "brainpoolP256r1", "brainpoolP384r1"} {
			for _, suite := range []sm.Suite{sm.TripleDES, sm.AES128, sm.AES192, sm.AES256} {
				way := emrtdtest.PACE{Mapping: mapping, Curve: curve, Suite: suite}
				if mapping == emrtdtest.ChipAuthentication && suite == sm.TripleDES {
					continue
				}
				everyPassword(t, way)
			}
		}
	}
}

func everyPassword(t *testing.T, way emrtdtest.PACE) {
	card, s := made(t, func(s *emrtdtest.Spec) { s.PACE, s.Chip, s.BAC, s.Active = []emrtdtest.PACE{way}, nil, false, "" })
	o := options()
	o.Groups = []lds.File{lds.DG1}
	for name, a := range map[string]emrtd.Access{"MRZ": {MRZ: s.Document.Key()}, "CAN": {CAN: s.CAN}, "both": {MRZ: s.Document.Key(), CAN: s.CAN}} {
		chip, err := emrtd.Read(t.Context(), card.Insert(), a, o)
		if err != nil {
			t.Errorf("%v with %s: %v", way, name, err)
			continue
		}
		if chip.Opened != fmt.Sprintf("PACE-%v", way) {
			t.Errorf("%v with %s: opened with %s", way, name, chip.Opened)
		}
		if proved := chip.Genuine.Verdict == emrtd.OK; proved != (way.Mapping == emrtdtest.ChipAuthentication) {
			t.Errorf("%v with %s: genuine: %+v", way, name, chip.Genuine)
		}
		if chip.Zone.Number != s.Document.Number || chip.Signature.Verdict != emrtd.OK || chip.Content.Verdict != emrtd.OK {
			t.Errorf("%v with %s: %s", way, name, verdicts(chip))
		}
	}
	for name, a := range map[string]emrtd.Access{"MRZ": {MRZ: "D23145891290081273111238"}, "CAN": {CAN: "240918"}} {
		_, err := emrtd.Read(t.Context(), card.Insert(), a, o)
		if k := new(emrtd.KeyError); !errors.As(err, &k) {
			t.Errorf("%v with a wrong %s: %v", way, name, err)
		}
	}
	if card.Wrong() != 2 {
		t.Errorf("%v: %d wrong keys were tried, want one each", way, card.Wrong())
	}
}

// Each way in which a chip shows that it is no copy; a copy of it is found out.
func TestGenuineAndCopied(t *testing.T) {
	type change = func(*emrtdtest.Spec)
	chip := func(ways ...emrtdtest.Agreement) change {
		return func(s *emrtdtest.Spec) { s.Chip, s.Active = ways, "" }
	}
	active := func(key string) change { return func(s *emrtdtest.Spec) { s.Chip, s.Active = nil, key } }
	cases := map[string]change{
		"two keys": chip(emrtdtest.Agreement{Curve: "secp384r1", Suite: sm.AES128}, emrtdtest.Agreement{Curve: "brainpoolP256r1", Suite: sm.AES256}),
		"RSA":      active(emrtdtest.RSA),
	}
	for _, curve := range []string{"secp256r1", "secp384r1", "brainpoolP256r1", "brainpoolP384r1"} {
		cases["active "+curve] = active(curve)
		cases["CAM "+curve] = func(s *emrtdtest.Spec) {
			s.Chip, s.Active, s.PACE = nil, "", []emrtdtest.PACE{{Mapping: emrtdtest.ChipAuthentication, Curve: curve, Suite: sm.AES128}}
		}
		for _, suite := range []sm.Suite{sm.TripleDES, sm.AES128, sm.AES192, sm.AES256} {
			cases[fmt.Sprintf("chip %s %s", curve, suite)] = chip(emrtdtest.Agreement{Curve: curve, Suite: suite})
		}
	}
	for name, change := range cases {
		card, s := made(t, change)
		for _, clone := range []bool{false, true} {
			card.Clone = clone
			want := emrtd.OK
			if clone {
				want = emrtd.Failed
			}
			o := options()
			o.Groups = []lds.File{lds.DG1}
			c, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: s.Document.Key()}, o)
			if err != nil || c.Genuine.Verdict != want {
				t.Errorf("%s, copied %v: %s, %v", name, clone, told(c), err)
			}
		}
	}
}

// A station opens fingers with the help of the back office, and only then.
func TestFingers(t *testing.T) {
	for name, change := range map[string]func(*emrtdtest.Spec){
		"basic access control": func(s *emrtdtest.Spec) { s.PACE = nil },
		"PACE":                 nil,
		"the third mapping":    func(s *emrtdtest.Spec) { s.PACE[0].Mapping = emrtdtest.ChipAuthentication },
		"the third mapping alone": func(s *emrtdtest.Spec) {
			s.PACE[0].Mapping, s.Chip, s.Active = emrtdtest.ChipAuthentication, nil, ""
		},
		"other curves": func(s *emrtdtest.Spec) { s.PACE[0].Curve, s.Chip[0].Curve = "brainpoolP384r1", "brainpoolP256r1" },
		"triple DES":   func(s *emrtdtest.Spec) { s.Chip[0].Suite = sm.TripleDES },
	} {
		card, s := made(t, change)
		o := options()
		c, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: s.Document.Key()}, o)
		if err != nil || verdicts(c) != allOK {
			t.Errorf("%s: %s, %v", name, told(c), err)
			continue
		}
		if g, ok := c.Group(lds.DG3); !ok || !g.Signed || !g.Closed || len(c.Fingers) != 0 {
			t.Errorf("%s: without a terminal: %+v", name, g)
		}
		o.Terminal = utopia().Office
		c, err = emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: s.Document.Key()}, o)
		if err != nil || verdicts(c) != allOK || len(c.Fingers) != 2 || c.Fingers[0].Position != 2 || c.Fingers[1].Position != 7 || !bytes.Equal(c.Files[lds.DG3], s.Fingers) {
			t.Errorf("%s: with a terminal: %s, %v", name, told(c), err)
		}
	}
}

// The ways into a card, with every way in which it then shows that it is no copy,
// and as a terminal: the card is taken away at each command, or silent from it on,
// and read again afterwards.
func TestTakenAwayAtEveryCommand(t *testing.T) {
	mrz, can := emrtd.Access{MRZ: key}, emrtd.Access{CAN: "240917"}
	mapped := func(m emrtdtest.Mapping) func(*emrtdtest.Spec) {
		return func(s *emrtdtest.Spec) { s.PACE[0].Mapping = m }
	}
	for _, way := range []struct {
		name   string
		change func(*emrtdtest.Spec)
		access emrtd.Access
	}{
		{"basic access control", func(s *emrtdtest.Spec) { s.PACE = nil }, mrz},
		{"the generic mapping by the zone", mapped(emrtdtest.Generic), mrz},
		{"the generic mapping by the CAN", mapped(emrtdtest.Generic), can},
		{"the integrated mapping", mapped(emrtdtest.Integrated), mrz},
		{"the third mapping", mapped(emrtdtest.ChipAuthentication), mrz},
	} {
		for _, proof := range []struct {
			name     string
			change   func(*emrtdtest.Spec)
			terminal emrtd.TerminalAuthenticator
		}{
			{"chip authentication", func(s *emrtdtest.Spec) { s.Active = "" }, nil},
			{"active authentication", func(s *emrtdtest.Spec) { s.Chip = nil }, nil},
			{"chip and terminal authentication", func(*emrtdtest.Spec) {}, utopia().Office},
		} {
			card, _ := made(t, func(s *emrtdtest.Spec) { way.change(s); proof.change(s) })
			o := options()
			o.Terminal = proof.terminal
			atEveryCommand(t, way.name+", "+proof.name, card, way.access, o)
		}
	}
}

func atEveryCommand(t *testing.T, name string, card *emrtdtest.Card, a emrtd.Access, o emrtd.Options) {
	t.Helper()
	last := 0
	card.Answer = func(n int, _, answer []byte) []byte { last = n; return answer }
	if c, err := emrtd.Read(t.Context(), card.Insert(), a, o); err != nil || c.Genuine.Verdict != emrtd.OK {
		t.Fatalf("%s: %s, %v", name, told(c), err)
	}
	card.Answer = nil
	for n := 1; n <= last; n++ {
		card.RemovedAt, card.SilentAt = n, 0
		if c, err := emrtd.Read(t.Context(), card.Insert(), a, o); !errors.Is(err, device.ErrRemoved) || c != nil {
			t.Errorf("%s: taken away at command %d of %d: %v", name, n, last, err)
		}
		if n%every() != 0 {
			continue
		}
		card.RemovedAt, card.SilentAt = 0, n
		if c, err := emrtd.Read(t.Context(), card.Insert(), a, o); !errors.Is(err, device.ErrSilent) || c != nil {
			t.Errorf("%s: silent from command %d of %d: %v", name, n, last, err)
		}
	}
	card.RemovedAt, card.SilentAt = last+1, 0
	if _, err := emrtd.Read(t.Context(), card.Insert(), a, o); err != nil || card.Wrong() != 0 {
		t.Errorf("%s: taken away when all was read: %v, %d wrong keys", name, err, card.Wrong())
	}
	t.Logf("%s: %d commands", name, last)
}

// every is how many cases of an exhaustive test one is taken of: all of them in
// long runs.
func every() int {
	if os.Getenv("OPTAG_SOAK") != "" {
		return 1
	}
	return 4
}

// key is the MRZ information of the specimen.
const key = "D23145890790081243111231"

// hostile are answers in the place of right ones.
var hostile = map[string]func(answer []byte) []byte{
	"nothing":            func([]byte) []byte { return nil },
	"one byte":           func([]byte) []byte { return []byte{0x90} },
	"done, without data": func([]byte) []byte { return hx("9000") },
	"no diagnosis":       func([]byte) []byte { return hx("6F00") },
	"the key is wrong":   func([]byte) []byte { return hx("63C0") },
	"more to come":       func([]byte) []byte { return hx("61FF") },
	"another length":     func([]byte) []byte { return hx("6C00") },
	"zeros":              func(a []byte) []byte { return append(make([]byte, 200), 0x90, 0) },
	"ones":               func(a []byte) []byte { return append(bytes.Repeat([]byte{0xff}, 300), 0x90, 0) },
	"cut":                func(a []byte) []byte { return a[:len(a)/2] },
	"cut, and done":      func(a []byte) []byte { return append(slices.Clone(a[:len(a)/2]), 0x90, 0) },
	"doubled":            func(a []byte) []byte { return append(slices.Clone(a[:len(a)-2]), a...) },
	"a bit turned":       func(a []byte) []byte { a = slices.Clone(a); a[len(a)/2] ^= 4; return a },
	"the first byte":     func(a []byte) []byte { a = slices.Clone(a); a[0] ^= 0x81; return a },
	"64 kB":              func(a []byte) []byte { return append(bytes.Repeat(a, 65536/len(a)), 0x90, 0) },
	"a length of 4 GB":   func(a []byte) []byte { return hx("7584FFFFFFFF 00 9000") },
}

// Whatever the card answers, the reading comes to an end, no key is tried
// twice, and nothing that was changed is said to be proven.
func TestHostileAnswers(t *testing.T) {
	for _, change := range []func(*emrtdtest.Spec){nil, func(s *emrtdtest.Spec) { s.PACE = nil }} {
		card, s := made(t, change)
		commands := 0
		card.Answer = func(n int, _, answer []byte) []byte { commands = n; return answer }
		o := options()
		o.Groups = []lds.File{lds.DG1}
		a := emrtd.Access{MRZ: key}
		if _, err := emrtd.Read(t.Context(), card.Insert(), a, o); err != nil {
			t.Fatal(err)
		}
		last := commands
		for name, spoil := range hostile {
			for at := 1 + len(name)%every(); at <= last; at += every() {
				said := 0
				card.Answer = func(n int, _, answer []byte) []byte {
					if said++; n == at {
						return spoil(answer)
					}
					return answer
				}
				before := card.Wrong()
				c, err := emrtd.Read(t.Context(), card.Insert(), a, o)
				if err == nil && verdicts(c) == allOK && !bytes.Equal(c.Files[lds.DG1], card.Files[lds.DG1]) {
					t.Errorf("%s at command %d: what was read is another file and proven", name, at)
				}
				if said > 3*last+20 || card.Wrong()-before > 1 {
					t.Errorf("%s at command %d: %d commands, %d keys", name, at, said, card.Wrong()-before)
				}
			}
		}
		opened(t, card, s) // the card bore it
	}
}

// A blocked CAN is said to be blocked, and how many tries are left before.
func TestTriesOfTheCAN(t *testing.T) {
	card, s := made(t, nil)
	card.Tries = 3
	read := func(can string) (*emrtd.Chip, error) {
		o := options()
		o.Groups = []lds.File{lds.DG1}
		return emrtd.Read(t.Context(), card.Insert(), emrtd.Access{CAN: can}, o)
	}
	for _, left := range []int{2, 1} {
		_, err := read("000000")
		if k := new(emrtd.KeyError); !errors.As(err, &k) || k.Tries != left {
			t.Errorf("%v, want %d tries left", err, left)
		}
	}
	if _, err := read(s.CAN); err != nil {
		t.Errorf("the right CAN at the last try: %v", err)
	}
	for range 3 {
		read("000000")
	}
	_, err := read(s.CAN)
	if k := new(emrtd.KeyError); !errors.As(err, &k) || k.Tries != 0 || k.Status != apdu.Blocked {
		t.Errorf("the right CAN of a card that is blocked: %v", err)
	}
	o := options()
	if _, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o); err != nil {
		t.Errorf("the zone opens it still: %v", err)
	}
}

// large is EF.DG2 with a picture that goes on behind what offsets of two bytes
// reach.
func large(t testing.TB) []byte { return pictured(t, 40000) }

// pictured is EF.DG2 with a picture of so many bytes.
func pictured(t testing.TB, n int) []byte {
	t.Helper()
	jpeg := make([]byte, n)
	copy(jpeg, hx("FFD8 FFC0 0011 08 0040 0030 03 011100 021100 031100"))
	copy(jpeg[len(jpeg)-2:], hx("FFD9"))
	face, err := emrtdtest.Face(iso19794.Image{Width: 48, Height: 64, Coding: iso19794.JPEG, Data: jpeg})
	if err != nil {
		t.Fatal(err)
	}
	return face
}

// The chip's habits make no difference to what is read.
func TestHabits(t *testing.T) {
	for name, h := range map[string]emrtdtest.Habits{
		"usual":                    {},
		"no short names":           {NoShort: true},
		"extended":                 {Extended: 4096},
		"extended, and more":       {Extended: 65000},
		"little more":              {Extended: 300},
		"says nothing of the end":  {Across: apdu.OK},
		"tells the length":         {Across: 0x6c00},
		"not across the end":       {Across: apdu.WrongLength},
		"out of the file":          {Across: apdu.OutOfFile},
		"full to the last byte":    {Full: true},
		"full, and extended":       {Full: true, Extended: 4096},
		"full, not across the end": {Full: true, Across: apdu.OutOfFile},
	} {
		card, s := made(t, func(s *emrtdtest.Spec) { s.Face = large(t) })
		card.Habits = h
		for _, extended := range []bool{false, true} {
			o := options()
			o.Extended, o.Terminal = extended, utopia().Office
			c, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
			if err != nil || verdicts(c) != allOK || !bytes.Equal(c.Files[lds.DG3], s.Fingers) || !bytes.Equal(c.Files[lds.DG2], s.Face) {
				t.Errorf("%s, extended %v: %s, %v", name, extended, told(c), err)
			}
		}
	}
}
