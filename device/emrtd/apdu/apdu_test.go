package apdu_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"optag/device/emrtd/apdu"
)

func TestCommandsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		name, wire string
		command    apdu.Command
	}{
		{"get challenge", "0084000008", apdu.Command{Instruction: 0x84, Expect: 8}},
		{"select the application", "00a4040c07a0000002471001", apdu.Command{Instruction: 0xa4, P1: 4, P2: 0x0c, Data: mustHex("a0000002471001")}},
		{"read as much as there is", "00b0000000", apdu.Command{Instruction: 0xb0, Expect: 256}},
		{"external authenticate", "0082000002aabb28", apdu.Command{Instruction: 0x82, Data: []byte{0xaa, 0xbb}, Expect: 0x28}},
		{"read 4096 bytes", "00b00000001000", apdu.Command{Instruction: 0xb0, Expect: 4096, Extended: true}},
		{"read as much as extended allows", "00b00000000000", apdu.Command{Instruction: 0xb0, Expect: 65536, Extended: true}},
		{"extended data without answer", "0cd60000000002aabb", apdu.Command{Class: 0x0c, Instruction: 0xd6, Data: []byte{0xaa, 0xbb}, Extended: true}},
		{"extended data and answer", "0cd60000000002aabb0000", apdu.Command{Class: 0x0c, Instruction: 0xd6, Data: []byte{0xaa, 0xbb}, Expect: 65536, Extended: true}},
		{"nothing but a header", "00a40000", apdu.Command{Instruction: 0xa4}},
	} {
		if got := hex.EncodeToString(c.command.Bytes()); got != c.wire {
			t.Errorf("%s: wrote %s, want %s", c.name, got, c.wire)
		}
		got, err := apdu.Parse(mustHex(c.wire))
		if err != nil || !same(got, c.command) {
			t.Errorf("%s: read %+v, %v", c.name, got, err)
		}
	}
}

func TestLongDataNeedsNoHint(t *testing.T) {
	c := apdu.Command{Data: make([]byte, 256), Expect: 257}
	got, err := apdu.Parse(c.Bytes())
	if err != nil || len(got.Data) != 256 || got.Expect != 257 || !got.Extended {
		t.Errorf("256 bytes came back as %d, %d expected: %v", len(got.Data), got.Expect, err)
	}
}

func TestWhatIsNoCommand(t *testing.T) {
	for _, wire := range []string{"", "00a404", "00a4040c07a000", "00a4040c02aabbccdd", "00b0000000aa", "00b000000000", "00b00000000000aa", "00b0000000000002", "0cd60000000003aabb"} {
		if _, err := apdu.Parse(mustHex(wire)); !errors.Is(err, apdu.ErrForm) {
			t.Errorf("%q was read as a command", wire)
		}
	}
}

func TestChains(t *testing.T) {
	whole := apdu.Command{Instruction: 0x2a, P2: 0xbe, Data: []byte("abcdefgh"), Expect: 4}
	var got []string
	for _, c := range whole.Chain(3) {
		got = append(got, hex.EncodeToString(c.Bytes()))
	}
	if want := []string{"102a00be03616263", "102a00be03646566", "002a00be02676804"}; !slices.Equal(got, want) {
		t.Errorf("cut into %s, want %s", got, want)
	}
	if c := whole.Chain(8); len(c) != 1 || !same(c[0], whole) {
		t.Errorf("data that fit became %d commands", len(c))
	}
}

func TestStatusInWords(t *testing.T) {
	for status, want := range map[apdu.Status]string{
		0x6982: "security status not satisfied (6982)",
		0x6300: "the key is wrong (6300)",
		0x63c2: "the key is wrong, 2 tries left (63C2)",
		0x6999: "status 6999",
	} {
		if status.Error() != want {
			t.Errorf("%04X: %q, want %q", uint16(status), status.Error(), want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(mustHex("00a4040c07a0000002471001"))
	f.Add(mustHex("0cd60000000002aabb0000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := apdu.Parse(b); err == nil && !bytes.Equal(c.Bytes(), b) {
			t.Errorf("%x was read as %+v and written as %x", b, c, c.Bytes())
		}
		if r, err := apdu.ParseResponse(b); err == nil && !bytes.Equal(r.Bytes(), b) {
			t.Errorf("%x was read as %+v", b, r)
		}
	})
}

func same(a, b apdu.Command) bool {
	x, y := a, b
	x.Data, y.Data = nil, nil
	return bytes.Equal(a.Data, b.Data) && x.Class == y.Class && x.Instruction == y.Instruction && x.P1 == y.P1 && x.P2 == y.P2 && x.Expect == y.Expect && x.Extended == y.Extended
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}
