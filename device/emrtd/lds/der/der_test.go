package der_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds/der"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

func reader(s string) *tlv.Reader { return tlv.NewReader(unhex(s), tlv.BER) }

// The forms of X.690, well made and not.
func TestForms(t *testing.T) {
	show := func(v any, err error) string {
		if err != nil {
			return err.Error()[strings.LastIndex(err.Error(), ": ")+2:]
		}
		return fmt.Sprint(v)
	}
	oid := func(r *tlv.Reader) string { return show(der.OID(r)) }
	number := func(r *tlv.Reader) string { return show(der.Uint(r)) }
	small := func(r *tlv.Reader) string { return show(der.Small(r, 300)) }
	bits := func(r *tlv.Reader) string { b, err := der.Bits(r); return show(fmt.Sprintf("%X", b), err) }
	moment := func(r *tlv.Reader) string {
		m, err := der.Time(r)
		return show(m.Format("2006-01-02 15:04:05 MST"), err)
	}
	text := func(r *tlv.Reader) string { e, err := r.Next(); return show(der.Text(e), err) }
	for _, c := range []struct {
		name string
		read func(*tlv.Reader) string
		in   string
		want string
	}{
		{"identifier of RSA", oid, "06092A864886F70D010101", "1.2.840.113549.1.1.1"},
		{"identifier of BSI's", oid, "060A04007F00070202040202", "0.4.0.127.0.7.2.2.4.2.2"},
		{"identifier of nothing", oid, "0600", "is no object identifier"},
		{"identifier that does not end", oid, "06022A86", "is no object identifier"},
		{"identifier with a zero before", oid, "06032A8001", "is no object identifier"},
		{"no identifier", oid, "0500", "stands in the place of 06"},
		{"zero", number, "020100", "0"},
		{"a number with its sign", number, "02020080", "128"},
		{"negative", number, "020180", "is negative"},
		{"too many bytes", number, "0202007F", "is a whole number of more bytes than it needs"},
		{"no bytes", number, "0200", "is a whole number of no bytes, or of too many"},
		{"a small number", small, "0202012C", "300"},
		{"one more", small, "0202012D", "is a number out of its range"},
		{"below nothing", small, "0201FF", "is a number out of its range"},
		{"whole bytes", bits, "03030004FF", "04FF"},
		{"part of a byte", bits, "03020780", "is no string of whole bytes"},
		{"no bits at all", bits, "0300", "is no string of whole bytes"},
		{"this century", moment, "170D3236303630313132303030305A", "2026-06-01 12:00:00 UTC"},
		{"the last one", moment, "170D3530303630313132303030305A", "1950-06-01 12:00:00 UTC"},
		{"without seconds", moment, "170B323630363031313230305A", "2026-06-01 12:00:00 UTC"},
		{"in summer time", moment, "1711323630363031313230303030 2B30323030", "2026-06-01 10:00:00 UTC"},
		{"four digits", moment, "180F32303530303630313132303030305A", "2050-06-01 12:00:00 UTC"},
		{"no such day", moment, "170D3236303233303132303030305A", "is no time"},
		{"a word", moment, "17026162", "is no time"},
		{"nothing", moment, "1700", "is no time"},
		{"a number", moment, "020101", "is no time"},
		{"UTF-8", text, "0C03 53C398", "SØ"},
		{"ISO/IEC 8859-1", text, "1402 53D8", "SØ"},
		{"two bytes a letter", text, "1E04 005300D8", "SØ"},
		{"not UTF-8", text, "0C01 D8", "\uFFFD"},
	} {
		if got := c.read(reader(c.in)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFormsAsWritten(t *testing.T) {
	for want, o := range map[string]tlv.Object{
		"06092A864886F70D010101":             der.WriteOID(der.OIDRSA),
		"02020080":                           der.WriteUint(big.NewInt(128)),
		"020100":                             der.WriteUint(new(big.Int)),
		"03030004FF":                         der.WriteBits([]byte{4, 0xFF}),
		"170D3439313233313233353935395A":     der.WriteTime(time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC)),
		"180F32303530303130313030303030305A": der.WriteTime(time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		if got := fmt.Sprintf("%X", o.Bytes()); got != want {
			t.Errorf("written as %s, want %s", got, want)
		}
	}
}

var curves = []string{"secp192r1", "secp224r1", "secp256r1", "secp384r1", "secp521r1", "brainpoolP192r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP512r1"}

func TestKeysOfEveryCurve(t *testing.T) {
	for _, name := range curves {
		c := ec.ByName(name)
		for _, explicit := range []bool{false, true} {
			k := der.PublicKey{Curve: c, Point: c.Multiply(c.G, big.NewInt(5)), Explicit: explicit, Parameter: -1}
			got, err := der.ParsePublicKey(k.Bytes())
			if err != nil || got.Curve != c || !got.Point.Equal(k.Point) || got.Explicit != explicit {
				t.Errorf("%s, written out %v: %v", name, explicit, err)
			}
		}
	}
}

func TestCompressedPoints(t *testing.T) {
	for _, name := range curves {
		c := ec.ByName(name)
		for _, factor := range []int64{1, 2, 3, 4} {
			p := c.Multiply(c.G, big.NewInt(factor))
			b := append([]byte{2 + byte(p.Y.Bit(0))}, p.X.FillBytes(make([]byte, c.Size()))...)
			if got, err := der.ParsePoint(c, b); err != nil || !got.Equal(p) {
				t.Errorf("%s, %d times G: %v", name, factor, err)
			}
		}
		if _, err := der.ParsePoint(c, append([]byte{2}, bytes.Repeat([]byte{0xFF}, c.Size())...)); err == nil {
			t.Errorf("%s: a point beyond the field", name)
		}
	}
}

// Whoever may choose the generator of a curve can sign for any key on it. A curve
// written out is one of those that are known, in every part.
func TestCurvesThatNobodyKnows(t *testing.T) {
	c := ec.ByName("secp256r1")
	k := der.PublicKey{Curve: c, Point: c.G, Explicit: true, Parameter: -1}
	good := k.Bytes()
	twice := c.Multiply(c.G, big.NewInt(2))
	for name, change := range map[string][2][]byte{
		"another generator":    {c.Bytes(c.G), c.Bytes(twice)},
		"another order":        {c.N.Bytes(), new(big.Int).Add(c.N, big.NewInt(2)).Bytes()},
		"another field":        {c.P.Bytes(), new(big.Int).Sub(c.P, big.NewInt(2)).Bytes()},
		"another coefficient":  {c.B.Bytes(), new(big.Int).Add(c.B, big.NewInt(1)).Bytes()},
		"a binary field":       {unhex("2A8648CE3D0101"), unhex("2A8648CE3D0102")},
		"a cofactor of two":    {unhex("020101 03"), unhex("020102 03")},
		"generator compressed": {c.Bytes(c.G)[:2], append([]byte{3}, c.Bytes(c.G)[1])},
	} {
		b := bytes.Replace(good, change[0], change[1], 1)
		if bytes.Equal(b, good) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if got, err := der.ParsePublicKey(b); err == nil {
			t.Errorf("%s: read as %v", name, got.Curve)
		}
	}
	off := bytes.Clone(good)
	off[len(off)-1] ^= 1
	if _, err := der.ParsePublicKey(off); err == nil {
		t.Error("a point off its curve is read")
	}
}

func TestKeysOfOtherKinds(t *testing.T) {
	p := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 1023), big.NewInt(1))
	for name, k := range map[string]der.PublicKey{
		"DH":                   {DH: &der.DH{P: p, G: big.NewInt(2), Q: new(big.Int).Lsh(big.NewInt(1), 160), Y: big.NewInt(4)}, Parameter: -1},
		"DH without its order": {DH: &der.DH{P: p, G: big.NewInt(2), Y: big.NewInt(4)}, Parameter: -1},
		"curve by number":      {Curve: ec.ByParameter(13), Point: ec.ByParameter(13).G, Parameter: 13},
		"DH by number":         {Parameter: 2, Y: []byte{4}},
	} {
		if got, err := der.ParsePublicKey(k.Bytes()); err != nil || !reflect.DeepEqual(got, k) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzPublicKey(f *testing.F) {
	c := ec.ByName("brainpoolP256r1")
	for _, explicit := range []bool{false, true} {
		f.Add(der.PublicKey{Curve: c, Point: c.G, Explicit: explicit, Parameter: -1}.Bytes())
	}
	f.Add(der.PublicKey{Parameter: 2, Y: []byte{4}}.Bytes())
	f.Add(unhex("3081 9F 300D 06092A864886F70D010101 0500 0381 8D 00 3081 89 028181 00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := der.ParsePublicKey(b)
		if err != nil {
			return
		}
		again, err := der.ParsePublicKey(k.Bytes())
		if err != nil || !reflect.DeepEqual(again, k) {
			t.Errorf("%+v is not read as it was written: %+v, %v", k, again, err)
		}
	})
}
