package emrtd

import (
	"bytes"
	"context"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"optag/device"
)

func hx(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// A script is a card that knows one conversation: commands and answers in
// turn.
type script struct {
	t     *testing.T
	lines []string
	at    int
}

func (s *script) ATR() []byte  { return nil }
func (s *script) Close() error { return nil }

func (s *script) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	s.t.Helper()
	if s.at+1 >= len(s.lines) {
		return nil, device.ErrRemoved
	}
	if want := hx(s.lines[s.at]); !bytes.Equal(command, want) {
		s.t.Fatalf("command %d is\n%X, want\n%X", s.at/2, command, want)
	}
	s.at += 2
	return hx(s.lines[s.at-1]), nil
}

// said fails the test if something was left unsaid.
func (s *script) said() {
	s.t.Helper()
	if s.at != len(s.lines) {
		s.t.Errorf("%d of %d lines were said", s.at, len(s.lines))
	}
}

// drawn is a source of randomness from which a curve or group draws these keys.
func drawn(g group, keys ...string) []byte {
	var b []byte
	for _, k := range keys {
		v := new(big.Int).SetBytes(hx(k))
		q := g.order()
		v.Mod(v, q).Sub(v, big.NewInt(1))
		b = append(b, v.FillBytes(make([]byte, (q.BitLen()+7)/8+8))...)
	}
	return b
}
