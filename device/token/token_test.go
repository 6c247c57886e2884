package token_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/token"
)

func TestCardSigns(t *testing.T) {
	ctx := context.Background()
	for name, key := range map[string]func() crypto.Signer{
		"P-256":    func() crypto.Signer { return ecKey(t, elliptic.P256()) },
		"P-384":    func() crypto.Signer { return ecKey(t, elliptic.P384()) },
		"P-521":    func() crypto.Signer { return ecKey(t, elliptic.P521()) },
		"RSA 2048": func() crypto.Signer { return rsaKey(t, 2048) },
	} {
		t.Run(name, func(t *testing.T) {
			w, k := cards(t), key()
			cert := certificate(t, k, nil, nil, nil)
			w.issue("operator", k, cert.Raw)
			c := w.client()
			card := one(t, c)
			if !bytes.Equal(card.Certificates[0], cert.Raw) || card.PIN != token.TriesPlenty || card.Keypad {
				t.Fatalf("not the card that was issued: %v, tries %q", card, card.PIN)
			}
			for range 2 { // the second with a process started anew
				asked, typed := challenge(), []byte(pin)
				signature, err := c.Sign(ctx, card, cert.Raw, typed, asked)
				if err != nil {
					t.Fatal(err)
				}
				if err := token.Verify(cert, asked, signature); err != nil {
					t.Error(err)
				}
				if err := token.Verify(cert, challenge(), signature); !errors.Is(err, token.ErrSignature) {
					t.Errorf("a signature is good for another challenge: %v", err)
				}
				if !bytes.Equal(typed, make([]byte, len(pin))) {
					t.Error("the PIN was not wiped")
				}
			}
		})
	}
}

func TestWhatIsWrongWithACard(t *testing.T) {
	ctx := context.Background()
	w, k := cards(t), ecKey(t, elliptic.P256())
	cert := certificate(t, k, nil, nil, nil)
	w.issue("operator", k, cert.Raw)
	c := w.client()
	card := one(t, c)
	sign := func(card token.Token, der []byte, pin string) error {
		_, err := c.Sign(ctx, card, der, []byte(pin), challenge())
		return err
	}
	other := certificate(t, ecKey(t, elliptic.P256()), nil, nil, nil)
	elsewhere := card
	elsewhere.Serial = "0000000000000000"
	locked := card
	locked.PIN = token.TriesLocked
	for _, test := range []struct {
		name string
		err  error
		want error
	}{
		{"wrong PIN", sign(card, cert.Raw, "654321"), token.ErrWrongPIN},
		{"no PIN", sign(card, cert.Raw, ""), token.ErrPINForm},
		{"a PIN longer than any", sign(card, cert.Raw, strings.Repeat("1", 65)), token.ErrPINForm},
		{"a certificate that is not on the card", sign(card, other.Raw, pin), token.ErrNoKey},
		{"no certificate at all", sign(card, []byte("x"), pin), token.ErrNoKey},
		{"another card in the slot by now", sign(elsewhere, cert.Raw, pin), device.ErrRemoved},
		{"a card known to be locked", sign(locked, cert.Raw, pin), token.ErrLocked},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
		}
		if test.err != nil && strings.Contains(test.err.Error(), "654321") {
			t.Errorf("%s: the error holds the PIN", test.name)
		}
	}
	if card := one(t, c); card.PIN != token.TriesLow {
		t.Errorf("after a wrong PIN the card says %q, want %q", card.PIN, token.TriesLow)
	}
	if err := sign(card, cert.Raw, pin); err != nil {
		t.Errorf("the right PIN after a wrong one: %v", err)
	}
	if card := one(t, c); card.PIN != token.TriesPlenty {
		t.Errorf("after the right PIN the card says %q", card.PIN)
	}
}

func TestCardWithoutItsKey(t *testing.T) {
	w := cards(t)
	cert := certificate(t, ecKey(t, elliptic.P256()), nil, nil, nil)
	w.issue("operator", nil, cert.Raw)
	c := w.client()
	if _, err := c.Sign(context.Background(), one(t, c), cert.Raw, []byte(pin), challenge()); !errors.Is(err, token.ErrNoKey) {
		t.Errorf("got %v, want %v", err, token.ErrNoKey)
	}
}

func TestCardOfAnotherKey(t *testing.T) {
	w, k := cards(t), ecKey(t, elliptic.P256())
	copied := certificate(t, ecKey(t, elliptic.P256()), nil, nil, nil) // of an officer, laid beside a key of one's own
	w.issue("forged", k, copied.Raw)
	c, asked := w.client(), challenge()
	signature, err := c.Sign(context.Background(), one(t, c), copied.Raw, []byte(pin), asked)
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Verify(copied, asked, signature); !errors.Is(err, token.ErrSignature) {
		t.Errorf("got %v, want %v", err, token.ErrSignature)
	}
}

func TestNoCardAndTwo(t *testing.T) {
	ctx, w := context.Background(), cards(t)
	if all, err := w.client().Tokens(ctx); err != nil || len(all) != 0 {
		t.Errorf("without a card: %v, %v", all, err)
	}
	for _, label := range []string{"one", "two"} {
		k := ecKey(t, elliptic.P256())
		w.issue(label, k, certificate(t, k, nil, nil, nil).Raw)
	}
	all, err := w.client().Tokens(ctx)
	if err != nil || len(all) != 2 || all[0].Serial == all[1].Serial || bytes.Equal(all[0].Certificates[0], all[1].Certificates[0]) {
		t.Errorf("with two cards: %v, %v", all, err)
	}
}

func TestRemovalIsSeen(t *testing.T) {
	ctx := context.Background()
	w, k := cards(t), ecKey(t, elliptic.P256())
	cert := certificate(t, k, nil, nil, nil)
	w.issue("operator", k, cert.Raw)
	c := w.client()
	card := one(t, c)
	if lies, err := c.Lies(ctx, card); !lies || err != nil {
		t.Fatalf("lies there: %v, %v", lies, err)
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "tokens")); err != nil {
		t.Fatal(err)
	}
	if lies, err := c.Lies(ctx, card); lies || err != nil {
		t.Errorf("lies there after it was taken: %v, %v", lies, err)
	}
	if _, err := c.Sign(ctx, card, cert.Raw, []byte(pin), challenge()); err == nil {
		t.Error("a card that is gone signs")
	}
}

func TestLibraryThatFails(t *testing.T) {
	ctx := context.Background()
	for how, want := range map[string]error{
		"hangs": device.ErrSilent, "crashes": token.ErrLibrary, "babbles": token.ErrLibrary,
		"talks without end": token.ErrLibrary, "knows other errors": token.ErrLibrary,
		"numbers a card without end": token.ErrLibrary,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := token.NewClient(child(asBroken + "=" + how))
			defer c.Close()
			begun := time.Now()
			typed := []byte(pin)
			if _, err := c.Tokens(ctx); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
			short, stop := context.WithTimeout(ctx, 100*time.Millisecond)
			defer stop()
			if _, err := c.Sign(short, token.Token{}, nil, typed, challenge()); err == nil || strings.Contains(err.Error(), pin) {
				t.Errorf("signing: %v", err)
			}
			if !bytes.Equal(typed, make([]byte, len(pin))) {
				t.Error("the PIN was not wiped")
			}
			if took := time.Since(begun); took > 8*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestLibraryThatIsNone(t *testing.T) {
	c := token.NewClient(child(asLibrary + "=/nowhere/opensc-pkcs11.so"))
	defer c.Close()
	if _, err := c.Tokens(context.Background()); !errors.Is(err, token.ErrLibrary) {
		t.Errorf("got %v", err)
	}
	c.Close()
	if _, err := c.Tokens(context.Background()); !errors.Is(err, token.ErrLibrary) {
		t.Errorf("after Close: %v", err)
	}
}
