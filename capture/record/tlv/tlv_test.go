package tlv

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVersionsOnTheChip reads EF.COM of a passport, whose tags have one byte and
// two, and writes it again.
func TestVersionsOnTheChip(t *testing.T) {
	file := unhex(t, "60 16 5F01 04 30313037 5F36 06 303430303030 5C 04 75 61 63 6E")
	com, err := NewReader(file, DER).Want(0x60)
	if err != nil {
		t.Fatal(err)
	}
	r, err := com.In()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r.More() {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Tag.String()+" "+hex.EncodeToString(e.Value))
	}
	want := []string{"5F01 30313037", "5F36 303430303030", "5C 7561636e"}
	if !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
	again := Constructed(0x60, Primitive(0x5F01, []byte("0107")), Primitive(0x5F36, []byte("040000")), Primitive(0x5C, file[20:]))
	if !bytes.Equal(again.Bytes(), file) {
		t.Errorf("wrote %x, want %x", again.Bytes(), file)
	}
}

func TestLengths(t *testing.T) {
	for _, c := range []struct {
		n    int
		head string
	}{
		{0, "04 00"}, {127, "04 7F"}, {128, "04 81 80"}, {255, "04 81 FF"}, {256, "04 82 0100"},
		{65535, "04 82 FFFF"}, {65536, "04 83 010000"}, {1 << 24, "04 84 01000000"},
	} {
		value := make([]byte, c.n)
		b := Primitive(4, value).Bytes()
		if head := unhex(t, c.head); !bytes.Equal(b[:len(head)], head) || len(b) != len(head)+c.n || cap(b) != len(b) {
			t.Errorf("%d bytes: written with head %x and %d bytes in all, want head %x", c.n, b[:len(head)], len(b), head)
		}
		e, err := NewReader(b, DER).Next()
		if err != nil || len(e.Value) != c.n || e.Head != len(b)-c.n {
			t.Errorf("%d bytes: read %d, error %v", c.n, len(e.Value), err)
		}
	}
}

func TestMalformed(t *testing.T) {
	for _, c := range []struct{ name, file, rule string }{
		{"nothing", "", "an object is missing"},
		{"padding", "00 00", "tag 00, which only ends an indefinite length"},
		{"tag without its second byte", "7F", "a tag that ends early"},
		{"tag without its third byte", "7F 81", "a tag that ends early"},
		{"tag that begins with a zero", "7F 80 01 00", "a tag with nothing in its second byte"},
		{"tag of number nought in two bytes", "7F 00 00", "a tag with nothing in its second byte"},
		{"tag of four bytes", "7F 81 81 01 00", "a tag of more than three bytes"},
		{"tag alone", "04", "has no length"},
		{"indefinite length", "24 80 00 00", "has an indefinite length"},
		{"length of six bytes", "04 85 00 00 00 00 00", "has a length of more than five bytes"},
		{"length cut short", "04 82 01", "has a length that ends early"},
		{"value cut short", "04 02 01", "is longer than what holds it"},
		{"four gigabytes announced", "04 84 FFFFFFFF 00", "is longer than what holds it"},
		{"two bytes for a length of one", "04 81 01 00", "has a length of more bytes than it needs"},
		{"a leading zero in the length", "04 83 00 00 01 00", "has a length of more bytes than it needs"},
	} {
		_, err := NewReader(unhex(t, c.file), DER).Next()
		var f *Fault
		if !errors.As(err, &f) || f.Rule != c.rule {
			t.Errorf("%s: error %v, want %q", c.name, err, c.rule)
		}
	}
	if e, err := NewReader(unhex(t, "04 83 00 00 01 2A"), BER).Next(); err != nil || !bytes.Equal(e.Value, []byte{0x2A}) {
		t.Errorf("by BER a length may be longer than it need be: read %x, error %v", e.Value, err)
	}
}

// TestWhereItIsWrong: a fault deep inside is told by its place in the file.
func TestWhereItIsWrong(t *testing.T) {
	r := NewReader(unhex(t, "7F61 08 020101 7F60 02 8105"), DER)
	group, err := r.Want(0x7F61)
	if err != nil {
		t.Fatal(err)
	}
	in, _ := group.In()
	if _, ok, err := in.Maybe(0x53); ok || err != nil {
		t.Errorf("an object that is not there: %v, %v", ok, err)
	}
	if n, ok, err := in.Maybe(0x02); !ok || err != nil || n.At != 3 {
		t.Errorf("an object that is there: %v at %d, %v", ok, n.At, err)
	}
	if _, err := in.Want(0x53); err == nil || err.Error() != "reading data object 7F60 at byte 6: stands in the place of 53" {
		t.Error(err)
	}
	bit, _ := in.Next()
	in, _ = bit.In()
	if _, err := in.Next(); err == nil || err.Error() != "reading data object 81 at byte 9: is longer than what holds it" {
		t.Error(err)
	}
	if err := in.End(); err == nil || err.Error() != "reading data object 81 at byte 9: is one too many" {
		t.Error(err)
	}
	if err := r.End(); err != nil {
		t.Error(err)
	}
	if _, err := r.Want(0x53); err == nil || err.Error() != "reading data objects at byte 11: 53 is missing" {
		t.Error(err)
	}
	if _, err := (Element{Tag: 0x5F2E}).In(); err == nil {
		t.Error("a value was read as objects")
	}
}

func TestTooDeep(t *testing.T) {
	deepest := Constructed(0x30)
	for range MaxDepth - 1 {
		deepest = Constructed(0x30, deepest)
	}
	for name, c := range map[string]struct {
		o    Object
		want int
	}{"as deep as may be": {deepest, MaxDepth}, "one deeper": {Constructed(0x30, deepest), MaxDepth}} {
		r, got := NewReader(c.o.Bytes(), DER), 0
		for r.More() {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			got++
			if r, err = e.In(); err != nil {
				break
			}
		}
		if got != c.want {
			t.Errorf("%s: %d objects one in the other were read, want %d", name, got, c.want)
		}
	}
}

func TestInteger(t *testing.T) {
	for _, c := range []struct {
		v    int64
		want string
	}{
		{0, "02 01 00"}, {2, "02 01 02"}, {127, "02 01 7F"}, {128, "02 02 0080"}, {2019, "02 02 07E3"}, {-1, "02 01 FF"},
		{-128, "02 01 80"}, {-129, "02 02 FF7F"}, {math.MaxInt64, "02 08 7FFFFFFFFFFFFFFF"}, {math.MinInt64, "02 08 8000000000000000"},
	} {
		b := Integer(2, c.v).Bytes()
		if !bytes.Equal(b, unhex(t, c.want)) {
			t.Errorf("%d was written %x, want %s", c.v, b, c.want)
		}
		e, _ := NewReader(b, DER).Next()
		if v, err := e.Int(); v != c.v || err != nil {
			t.Errorf("%d was read as %d, error %v", c.v, v, err)
		}
	}
	for _, bad := range []string{"02 00", "02 09 010000000000000000", "02 02 007F", "02 02 FF80"} {
		e, _ := NewReader(unhex(t, bad), DER).Next()
		if _, err := e.Int(); err == nil {
			t.Errorf("%s is a whole number", bad)
		}
	}
}

func TestReadingCopiesNothing(t *testing.T) {
	file := Constructed(0x30, Primitive(4, make([]byte, 1<<20))).Bytes()
	if n := testing.AllocsPerRun(10, func() {
		e, _ := NewReader(file, DER).Next()
		if r, err := e.In(); err != nil || !r.More() {
			t.Error(err)
		}
	}); n > 2 {
		t.Errorf("%v pieces of memory for reading", n)
	}
}

// again reads objects and writes what was read.
func again(r *Reader) (all []Object, err error) {
	for r.More() {
		e, err := r.Next()
		if err != nil {
			return nil, err
		}
		o := Primitive(e.Tag, e.Value)
		if e.Tag.Constructed() {
			in, err := e.In()
			if err != nil {
				return nil, err
			}
			o.Value = nil
			if o.Parts, err = again(in); err != nil {
				return nil, err
			}
		}
		all = append(all, o)
	}
	return all, nil
}

// FuzzReader: what is read by DER is written the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"60 16 5F01 04 30313037 5F36 06 303430303030 5C 04 75 61 63 6E", "7F61 08 020101 7F60 02 8100", "04 83 00 00 01 2A", "24 80 00 00"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := again(NewReader(b, DER))
		if err != nil {
			return
		}
		var written []byte
		for _, o := range all {
			written = o.Append(written)
		}
		if !bytes.Equal(written, b) {
			t.Errorf("read %x, wrote %x", b, written)
		}
		if _, err := again(NewReader(b, BER)); err != nil {
			t.Errorf("read by DER and not by BER: %v", err)
		}
	})
}
