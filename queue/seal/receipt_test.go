package seal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

func receipt(sealed []byte) Receipt {
	d := digestOf(sealed)
	return Receipt{
		PackageID: strings.Repeat("0a", 16), StationID: "station-17", Sequence: 2, SHA256: d.SHA256, Length: d.Length,
		ReceivedAt: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), LogIndex: 7, LogRoot: strings.Repeat("3d", 32),
	}
}

func signed(t testing.TB, r Receipt, by *Signer) []byte {
	t.Helper()
	raw, err := SignReceipt(r, by)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestReceipt(t *testing.T) {
	k := keys()
	e := mustRead(t, small(t))
	want := receipt(small(t))
	want.SHA256 = hex.EncodeToString(e.SHA256[:])
	got, err := VerifyReceipt(signed(t, want, k.service), k.station.Public(), k.service.Public())
	if err != nil {
		t.Fatal(err)
	}
	want.Version, want.ServiceID = 1, "intake-1"
	if got != want {
		t.Errorf("VerifyReceipt = %+v, want %+v", got, want)
	}
	if err := got.For(want.PackageID, e.SHA256); err != nil {
		t.Errorf("For its own package: %v", err)
	}
	if err := got.For(strings.Repeat("0b", 16), e.SHA256); !errors.Is(err, ErrOtherPackage) {
		t.Errorf("For another package: %v, want %v", err, ErrOtherPackage)
	}
	if err := got.For(want.PackageID, [32]byte{1}); !errors.Is(err, ErrOtherPackage) {
		t.Errorf("For other bytes: %v, want %v", err, ErrOtherPackage)
	}
}

func TestReceiptRefused(t *testing.T) {
	k := keys()
	good := signed(t, receipt(small(t)), k.service)
	replace := func(from, to string) []byte {
		b := bytes.Replace(good, []byte(from), []byte(to), 1)
		if bytes.Equal(b, good) {
			t.Fatalf("%s does not stand in the receipt", from)
		}
		return b
	}
	altered := func(before string) []byte { // the first digit of a base64 value
		b := bytes.Clone(good)
		at := bytes.Index(b, []byte(before)) + len(before)
		if b[at]++; good[at] == 'Z' || good[at] == 'z' || good[at] == '9' || good[at] == '+' || good[at] == '/' {
			b[at] = 'A'
		}
		return b
	}
	namesake, _ := NewSigner(seeded(11), "intake-1")
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"empty", nil, ErrDamaged},
		{"not JSON", []byte("hello"), ErrDamaged},
		{"another version", replace(`"version":1`, `"version":2`), ErrVersion},
		{"another package's id put in", replace(`0a0a0a`, `0b0b0b`), ErrSignature},
		{"another number put in", replace(`"sequence":2`, `"sequence":3`), ErrSignature},
		{"broken Ed25519 signature", altered(`"ed25519":"`), ErrSignature},
		{"broken ML-DSA-65 signature", altered(`"mldsa65":"`), ErrSignature},
		{"a key that calls itself by the service's name", signed(t, receipt(small(t)), namesake), ErrUntrusted},
		{"signed by the station itself", signed(t, receipt(small(t)), k.station), ErrUntrusted},
		{"names another service", replace(`"intake-1"`, `"intake-2"`), ErrUntrusted},
		{"a space", replace(`"version":1`, `"version": 1`), ErrDamaged},
		{"an unknown member", replace(`"version":1`, `"version":1,"x":1`), ErrDamaged},
		{"without a signature", good[:len(good)/2], ErrDamaged},
		{"a field out of its range", replace(`"sequence":2`, `"sequence":0`), ErrDamaged},
		{"huge", bytes.Repeat([]byte(" "), MaxReceipt+1), ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := VerifyReceipt(c.raw, k.service.Public())
			if !errors.Is(err, c.want) || !known(err) {
				t.Errorf("VerifyReceipt: %v, want %v", err, c.want)
			}
		})
	}
	r := receipt(small(t))
	r.PackageID = "x"
	if _, err := SignReceipt(r, k.service); !errors.Is(err, ErrInvalid) {
		t.Errorf("signing a receipt for no package: %v, want %v", err, ErrInvalid)
	}
}

// Every byte of a receipt counts.
func TestEveryByteOfAReceiptCounts(t *testing.T) {
	t.Parallel()
	k := keys()
	good := signed(t, receipt(small(t)), k.service)
	bad := bytes.Clone(good)
	for i := range bad {
		bad[i] ^= byte(1 << (i % 7))
		if _, err := VerifyReceipt(bad, k.service.Public()); !known(err) {
			t.Errorf("byte %d of %d altered: %v", i, len(bad), err)
		}
		bad[i] = good[i]
	}
}
