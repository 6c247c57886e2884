package sm_test

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/device/emrtd/apdu"
	"optag/device/emrtd/sm"
)

func hx(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Doc 9303-11, appendix D.1 and D.2: from the MRZ to the keys.
func TestKeysOfTheWorkedExample(t *testing.T) {
	seed := hx("239AB9CB282DAF66231DC5A4DF6BFBAE")
	if got := sm.TripleDES.Derive(seed, sm.ForEncryption); !bytes.Equal(got, hx("AB94FDECF2674FDFB9B391F85D7F76F2")) {
		t.Errorf("encryption key %X", got)
	}
	if got := sm.TripleDES.Derive(seed, sm.ForMAC); !bytes.Equal(got, hx("7962D9ECE03D1ACD4C76089DCE131543")) {
		t.Errorf("MAC key %X", got)
	}
}

// Doc 9303-11, appendix D.3: the reader's cryptogram and its code.
func TestMutualAuthenticationOfTheWorkedExample(t *testing.T) {
	enc, mac := hx("AB94FDECF2674FDFB9B391F85D7F76F2"), hx("7962D9ECE03D1ACD4C76089DCE131543")
	s := hx("781723860C06C226 4608F91988702212 0B795240CB7049B01C19B33E32804F0B")
	e, err := sm.TripleDES.Encrypt(enc, nil, s)
	if err != nil || !bytes.Equal(e, hx("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2")) {
		t.Errorf("cryptogram %X, %v", e, err)
	}
	if m, err := sm.TripleDES.MAC(mac, e); err != nil || !bytes.Equal(m, hx("5F1448EEA8AD90A7")) {
		t.Errorf("code %X, %v", m, err)
	}
}

// Doc 9303-11, appendix D.4: selecting and reading EF.COM.
func TestSecureMessagingOfTheWorkedExample(t *testing.T) {
	s := worked(t)
	for _, step := range []struct {
		name          string
		plain         apdu.Command
		wrapped, came string
		data          string
	}{
		{"select EF.COM", apdu.Command{Instruction: 0xa4, P1: 2, P2: 0x0c, Data: hx("011E")},
			"0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000", ""},
		{"read its first four bytes", apdu.Command{Instruction: 0xb0, Expect: 4},
			"0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000", "60145F01"},
		{"read the rest", apdu.Command{Instruction: 0xb0, P2: 4, Expect: 0x12},
			"0CB000040D9701128E082EA28A70F3C7B53500", "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000", "04303130365F36063034303030305C026175"},
	} {
		w, err := s.Wrap(step.plain)
		if err != nil || !bytes.Equal(w.Bytes(), hx(step.wrapped)) {
			t.Fatalf("%s: wrapped as %X, %v", step.name, w.Bytes(), err)
		}
		r, err := apdu.ParseResponse(hx(step.came))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := s.Unwrap(r)
		if err != nil || plain.Status != apdu.OK || !bytes.Equal(plain.Data, hx(step.data)) {
			t.Fatalf("%s: answered %X, %v", step.name, plain.Data, err)
		}
	}
}

func worked(t *testing.T) *sm.Session {
	s, err := sm.New(sm.TripleDES, hx("979EC13B1CBFE9DCD01AB0FED307EAE5"), hx("F1CB1F1FB5ADF208806B89DC579DC1F8"), hx("887022120C06C226"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// NIST SP 800-38B, appendix D.
func TestCMACOfNIST(t *testing.T) {
	message := hx("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	for _, c := range []struct {
		key  string
		n    int
		want string
	}{
		{"2b7e151628aed2a6abf7158809cf4f3c", 0, "bb1d6929e95937287fa37d129b756746"},
		{"2b7e151628aed2a6abf7158809cf4f3c", 16, "070a16b46b4d4144f79bdd9dd04a287c"},
		{"2b7e151628aed2a6abf7158809cf4f3c", 40, "dfa66747de9ae63030ca32611497c827"},
		{"2b7e151628aed2a6abf7158809cf4f3c", 64, "51f0bebf7e3b9d92fc49741779363cfe"},
		{"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", 40, "8a1de5be2eb31aad089a82e6ee908b0e"},
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 64, "e1992190549f6ed5696a2c056c315410"},
	} {
		b, err := aes.NewCipher(hx(c.key))
		if err != nil {
			t.Fatal(err)
		}
		if got := sm.CMAC(b, message[:c.n]); !bytes.Equal(got, hx(c.want)) {
			t.Errorf("%d bytes under %s: %x", c.n, c.key, got)
		}
	}
}

// Doc 9303-11, appendix H.1 and H.2: the pseudo-random function of the
// integrated mapping.
func TestPseudoRandomFunctionOfTheWorkedExample(t *testing.T) {
	got, err := sm.AES128.Random(hx("2923BE84E16CD6AE529049F1F1BBE9EB"), hx("5DD4CBFC96F5453B130D890A1CDBAE32"), 256)
	if want := hx("E4447E2DFB3586BAC05DDB00156B57FB B2179A3949294C97254189800C517BAA 8DA0FF397ED8C445D3E421E4FEB57322"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%X, %v", got, err)
	}
	for suite, bytes := range map[sm.Suite]int{sm.TripleDES: 48, sm.AES128: 48, sm.AES192: 64, sm.AES256: 64} {
		c, r := suite.Nonces()
		if x, err := suite.Random(make([]byte, c), make([]byte, r), 256); err != nil || len(x) != bytes {
			t.Errorf("%s: %d bytes: %v", suite, len(x), err)
		}
		if _, err := suite.Random(make([]byte, c+1), make([]byte, r), 256); err == nil {
			t.Errorf("%s: a nonce of no whole blocks is taken", suite)
		}
		if _, err := suite.Random(make([]byte, c), make([]byte, r-1), 256); err == nil {
			t.Errorf("%s: a nonce too short for a key is taken", suite)
		}
	}
}

var suites = map[sm.Suite]int{sm.TripleDES: 16, sm.AES128: 16, sm.AES192: 24, sm.AES256: 32}

func pair(t testing.TB, s sm.Suite) (reader, card *sm.Session) {
	key := func(seed byte) []byte { return bytes.Repeat([]byte{seed}, suites[s]) }
	reader, err := sm.New(s, key(1), key(2), nil)
	if err != nil {
		t.Fatal(err)
	}
	card, err = sm.New(s, key(1), key(2), nil)
	if err != nil {
		t.Fatal(err)
	}
	return reader, card
}

func TestBothSidesUnderstandEachOther(t *testing.T) {
	for suite := range suites {
		reader, card := pair(t, suite)
		for _, c := range []apdu.Command{
			{Instruction: 0xa4, P1: 2, P2: 0x0c, Data: []byte{1, 0x1e}},
			{Instruction: 0xb0, Expect: sm.MaxShort},
			{Instruction: 0xb0, Expect: 4096, Extended: true},
			{Instruction: 0xb1, Data: []byte{0x54, 2, 0x80, 0}, Expect: 200},
			{Instruction: 0x2a, P1: 0, P2: 0xbe, Data: make([]byte, 300)},
			{Instruction: 0x84, Expect: 8},
			{Instruction: 0x70},
		} {
			w, err := reader.Wrap(c)
			if err != nil {
				t.Fatal(err)
			}
			sent, err := apdu.Parse(w.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			got, err := card.Open(sent)
			if err != nil || !bytes.Equal(got.Data, c.Data) || got.Expect != c.Expect || got.Instruction != c.Instruction {
				t.Fatalf("%s: the card reads %+v for %+v: %v", suite, got, c, err)
			}
			answer := apdu.Response{Data: bytes.Repeat([]byte{7}, min(c.Expect, 900)), Status: apdu.EndOfFile}
			sealed, err := card.Seal(answer, c.Instruction&1 == 1)
			if err != nil {
				t.Fatal(err)
			}
			back, err := reader.Unwrap(sealed)
			if err != nil || back.Status != answer.Status || !bytes.Equal(back.Data, answer.Data) {
				t.Fatalf("%s: the reader reads %d bytes, %v: %v", suite, len(back.Data), back.Status, err)
			}
		}
	}
}

// Any bit of an answer that changes on its way ends the session.
func TestEveryChangedBitIsNoticed(t *testing.T) {
	for suite := range suites {
		_, card := pair(t, suite)
		reader, _ := pair(t, suite)
		w, _ := reader.Wrap(apdu.Command{Instruction: 0xb0, Expect: 20})
		if _, err := card.Open(w); err != nil {
			t.Fatal(err)
		}
		sealed, _ := card.Seal(apdu.Response{Data: []byte("twenty bytes of file"), Status: apdu.OK}, false)
		for i := range len(sealed.Data) * 8 {
			changed := apdu.Response{Data: bytes.Clone(sealed.Data), Status: sealed.Status}
			changed.Data[i/8] ^= 1 << (i % 8)
			again, _ := pair(t, suite)
			again.Wrap(apdu.Command{Instruction: 0xb0, Expect: 20})
			if _, err := again.Unwrap(changed); !errors.Is(err, sm.ErrBroken) {
				t.Fatalf("%s: bit %d changed: %v", suite, i, err)
			}
			if _, err := again.Wrap(apdu.Command{}); !errors.Is(err, sm.ErrBroken) {
				t.Fatalf("%s: the session goes on after bit %d changed", suite, i)
			}
		}
	}
}

// Answers whose code is right, and that are wrong all the same.
func TestAnswersOfAnotherForm(t *testing.T) {
	cipher := func(plain string) string { // what it is encrypted to as the first answer of a session
		iv, err := sm.AES128.Encrypt(bytes.Repeat([]byte{1}, 16), nil, append(make([]byte, 15), 2))
		if err != nil {
			t.Fatal(err)
		}
		c, err := sm.AES128.Encrypt(bytes.Repeat([]byte{1}, 16), iv, hx(plain))
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(c)
	}
	padded := cipher("0102 8000 0000000000000000 00000000")
	for _, c := range []struct {
		name, body string
		ok         bool
	}{
		{"as it should be", "871101" + padded + "99029000", true},
		{"of an odd instruction", "8510" + padded + "99029000", true},
		{"a status alone", "99029000", true},
		{"no status", "871101" + padded, false},
		{"an empty status", "9900", false},
		{"a status of one byte", "990190", false},
		{"two of them", "99029000" + "99029000", false},
		{"data twice", "871101" + padded + "8510" + padded + "99029000", false},
		{"an expected length", "970100" + "99029000", false},
		{"an unknown object", "8001aa" + "99029000", false},
		{"another padding indicator", "871102" + padded + "99029000", false},
		{"no padding indicator", "8700" + "99029000", false},
		{"no encrypted data", "870101" + "99029000", false},
		{"half a block", "870901" + padded[:16] + "99029000", false},
		{"no padding", "871101" + cipher("01020304 05060708 01020304 05060708") + "99029000", false},
		{"nothing but zeros", "871101" + cipher("00000000 00000000 00000000 00000000") + "99029000", false},
	} {
		reader, _ := pair(t, sm.AES128)
		if _, err := reader.Wrap(apdu.Command{Instruction: 0xb0, Expect: 4}); err != nil {
			t.Fatal(err)
		}
		code, err := sm.AES128.MAC(bytes.Repeat([]byte{2}, 16), append(append(make([]byte, 15), 2), hx(c.body)...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = reader.Unwrap(apdu.Response{Data: append(hx(c.body), append([]byte{0x8e, 8}, code...)...), Status: apdu.OK})
		if c.ok && err != nil || !c.ok && !errors.Is(err, sm.ErrBroken) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestKeysAreWipedInTheEnd(t *testing.T) {
	enc, mac, counter := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 16), bytes.Repeat([]byte{3}, 16)
	s, err := sm.New(sm.AES128, enc, mac, counter)
	if err != nil {
		t.Fatal(err)
	}
	s.End()
	s.End()
	if !bytes.Equal(slices.Concat(enc, mac, counter), make([]byte, 48)) {
		t.Error("something of the keys is left")
	}
}

func TestKeysOfAnotherLength(t *testing.T) {
	for suite, n := range suites {
		for _, k := range [][3]int{{n - 1, n, suite.Block()}, {n, n + 8, suite.Block()}, {n, n, suite.Block() - 1}, {}} {
			if _, err := sm.New(suite, make([]byte, k[0]), make([]byte, k[1]), make([]byte, k[2])); err == nil {
				t.Errorf("%s: keys and counter of %v bytes are taken", suite, k)
			}
		}
	}
}

func TestOrderIsKept(t *testing.T) {
	reader, card := pair(t, sm.AES128)
	first, _ := reader.Wrap(apdu.Command{Instruction: 0xb0, Expect: 4})
	if _, err := card.Open(first); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Seal(apdu.Response{Status: apdu.OK}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Open(first); !errors.Is(err, sm.ErrBroken) {
		t.Errorf("the same command a second time: %v", err)
	}
}

func TestAnAnswerWithoutProtection(t *testing.T) {
	reader, _ := pair(t, sm.AES128)
	reader.Wrap(apdu.Command{Instruction: 0xb0, Expect: 4})
	_, err := reader.Unwrap(apdu.Response{Status: apdu.WrongObjects})
	if !errors.Is(err, sm.ErrBroken) || !errors.Is(err, apdu.WrongObjects) {
		t.Errorf("a bare status gave %v", err)
	}
}

func FuzzUnwrap(f *testing.F) {
	f.Add([]byte{0x99, 2, 0x90, 0, 0x8e, 8, 1, 2, 3, 4, 5, 6, 7, 8}, uint8(1))
	f.Add(hx("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED"), uint8(0))
	f.Fuzz(func(t *testing.T, b []byte, suite uint8) {
		reader, card := pair(t, sm.Suite(suite%4))
		reader.Wrap(apdu.Command{Instruction: 0xb0, Expect: 4})
		if _, err := reader.Unwrap(apdu.Response{Data: b, Status: apdu.OK}); err == nil {
			t.Errorf("%x was taken for an answer of the card", b)
		}
		if _, err := card.Open(apdu.Command{Class: 0x0c, Instruction: 0xb0, Data: b}); err == nil {
			t.Errorf("%x was taken for a command of the reader", b)
		}
	})
}

// What a terminal computes for one command that reads, and its answer.
func BenchmarkReading(b *testing.B) {
	for _, suite := range []sm.Suite{sm.TripleDES, sm.AES128, sm.AES256} {
		b.Run(suite.String(), func(b *testing.B) {
			key := func() []byte { return suite.Derive([]byte("a secret"), sm.ForMAC) }
			terminal, err := sm.New(suite, key(), key(), nil)
			if err != nil {
				b.Fatal(err)
			}
			card, _ := sm.New(suite, key(), key(), nil)
			command := apdu.Command{Instruction: 0xb0, Expect: sm.MaxShort}
			var all time.Duration
			for b.Loop() {
				begun := time.Now()
				w, _ := terminal.Wrap(command)
				all += time.Since(begun)
				if _, err := card.Open(w); err != nil {
					b.Fatal(err)
				}
				answer, _ := card.Seal(apdu.Response{Data: make([]byte, sm.MaxShort), Status: apdu.OK}, false)
				begun = time.Now()
				if _, err := terminal.Unwrap(answer); err != nil {
					b.Fatal(err)
				}
				all += time.Since(begun)
			}
			b.ReportMetric(float64(all.Nanoseconds())/float64(b.N), "terminal-ns/op")
		})
	}
}
