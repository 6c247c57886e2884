package emrtdtest_test

import (
	"bytes"
	"testing"

	"optag/device/emrtd"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/sm"
)

// fuzzed is a card that has everything.
func fuzzed(f *testing.F) (*emrtdtest.Card, emrtdtest.Spec) {
	s := emrtdtest.Specimen(utopia(), day)
	s.PACE = append(s.PACE, emrtdtest.PACE{Mapping: emrtdtest.Integrated, Curve: "secp256r1", Suite: sm.AES192},
		emrtdtest.PACE{Mapping: emrtdtest.ChipAuthentication, Curve: "secp256r1", Suite: sm.AES256})
	c, err := emrtdtest.Personalise(seed(2), s)
	if err != nil {
		f.Fatal(err)
	}
	c.Extended = 1000
	return c, s
}

// Whatever a terminal says, before the card is open and after: the card answers
// with a status, and its fingers stay closed.
func FuzzCommands(f *testing.F) {
	card, s := fuzzed(f)
	add := func(commands ...string) {
		var all []byte
		for _, c := range commands {
			all = append(append(all, byte(len(hx(c)))), hx(c)...)
		}
		f.Add(all, false)
		f.Add(all, true)
	}
	add("00A4020C02011C", "00B0000000")
	add("00A4040C07A0000002471001", "0084000008", "0082000028"+"00000000000000000000000000000000000000000000000000000000000000000000000000000000"+"28")
	add("0022C1A40F800A04007F00070202040202830101", "10860000027C0000", "10860000047C02810000", "00860000047C02850000")
	add("0022C1A412800A04007F0007020204040383010184010C", "10860000027C0000", "108600001C7C1A8118000000000000000000000000000000000000000000000000"+"00")
	add("002241A40C800A04007F00070202030202", "00860000047C02800000")
	add("002281B60D830B555443564341303030303100", "002A00BE067F4E005F3700", "002281A405830355544900", "0084000008", "008200000100")
	add("00B1000003540102FF", "10A4040C03A00000", "00880000080102030405060708FF", "00B0830001")
	f.Fuzz(func(t *testing.T, said []byte, open bool) {
		k := at(t, card)
		if open {
			k = opened(t, card, s)
		}
		for n := 0; len(said) > 0 && n < 20; n++ {
			size := min(int(said[0]), len(said)-1)
			command := said[1 : 1+size]
			said = said[1+size:]
			c, err := apdu.Parse(command)
			if err != nil || k.Session == nil {
				if r, err := k.card.Transmit(t.Context(), command); err != nil || len(r) < 2 {
					t.Fatalf("%X is answered %X, %v", command, r, err)
				}
				k.Session = nil
				continue
			}
			c.Class &^= 0x0c
			if r := k.say(c); len(r.Data) > 0 && bytes.Contains(s.Fingers, r.Data) && len(r.Data) > 200 {
				t.Fatalf("%X gives fingers away", command)
			}
			if chipAuthenticated(c) {
				return // and the keys are others
			}
		}
	})
}

// chipAuthenticated reports whether a command may have changed the keys.
func chipAuthenticated(c apdu.Command) bool {
	return c.Instruction == 0x86 || c.Instruction == 0x22 && c.P1 == 0x41
}

// Whatever a card answers to one command, the reading comes to an end, and says
// of nothing that it is proven which it is not.
func FuzzAnswers(f *testing.F) {
	card, _ := fuzzed(f)
	for at := range 24 {
		f.Add(byte(at+1), hx("9000"))
		f.Add(byte(at+1), hx("7C0281009000"))
		f.Add(byte(at+1), hx("3182010030120202040202 9000"))
	}
	f.Fuzz(func(t *testing.T, at byte, answer []byte) {
		said := 0
		card.Answer = func(n int, _, right []byte) []byte {
			if said++; n == int(at) {
				return answer
			}
			return right
		}
		o := options()
		o.Groups = []lds.File{lds.DG1}
		c, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
		if err == nil && verdicts(c) == allOK && !bytes.Equal(c.Files[lds.DG1], card.Files[lds.DG1]) {
			t.Error("what was read is another file and proven")
		}
		if said > 200 {
			t.Errorf("%d commands", said)
		}
	})
}
