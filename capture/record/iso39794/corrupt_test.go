package iso39794

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"optag/capture/record/tlv"
)

// always are the fields a record cannot be without.
const always = " Representations ImageData Coordinates Data Kind "

// thin leaves out fields of a record at random, and flips the forms of its codes.
func thin(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			thin(v.Elem(), r)
		}
	case reflect.Slice:
		for i := range v.Len() {
			thin(v.Index(i), r)
		}
	case reflect.Struct:
		switch v.Addr().Interface().(type) {
		case *LandmarkKind, *AnthropometricLandmark, *LandmarkCoordinates, *big.Int:
			return
		}
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			switch {
			case f.Kind() == reflect.Bool:
				if extended := r.IntN(2) == 0; extended || v.FieldByName("Extensions").IsNil() {
					f.SetBool(extended)
				}
			case bytes.Contains([]byte(always), []byte(" "+name+" ")):
				thin(f, r)
			case (f.Kind() == reflect.Pointer || f.Kind() == reflect.Slice || f.Type() == reflect.TypeFor[Flag]()) && r.IntN(2) == 0:
				f.SetZero()
			default:
				thin(f, r)
			}
		}
	}
}

// someRecord is a record of any kind and size with one image or two. Some images
// are made of what looks like fields, which is the worst that can lie beside them.
func someRecord(t testing.TB, r *rand.Rand) []byte {
	t.Helper()
	image := func(begin, end string) []byte {
		b := []byte(begin)
		for n := r.IntN(60); n > 0; n-- {
			if r.IntN(2) == 0 {
				b = append(b, "\x91\x00\xA4\x03\x80\x01\x01\x88\x01\xFF"[r.IntN(10):]...)
			}
			b = append(b, byte(r.IntN(255)))
		}
		return append(b, end...)
	}
	var b []byte
	var err error
	if r.IntN(2) == 0 {
		rec := fullFinger()
		thin(reflect.ValueOf(rec), r)
		rec.Representations[1].ImageData = image("\xFF\xA0", "\xFF\xA1")
		rec.Representations[1].Extensions = nil
		rec.Representations = rec.Representations[r.IntN(2):]
		b, err = rec.Encode()
	} else {
		rec := fullFace()
		thin(reflect.ValueOf(rec), r)
		rec.Representations[0].Image.Data = image("\xFF\xD8\xFF", "\xFF\xD9")
		p := Profile(r.IntN(2))
		if rec.Representations[0].Image.Information.ImageDataFormat.Extended {
			p = Base
		}
		b, err = rec.Encode(p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// opened is what a record holds that must not change unnoticed.
type opened struct {
	images  [][]byte
	formats []string
	encode  func() ([]byte, error)
}

// open reads a record of either kind.
func open(b []byte) (o opened, ok bool) {
	if finger, err := ReadFinger(b); err == nil {
		for _, r := range finger.Representations {
			o.images, o.formats = append(o.images, r.ImageData), append(o.formats, r.ImageDataFormat.String())
		}
		o.encode = finger.Encode
		return o, true
	}
	if face, err := ReadFace(b); err == nil {
		for _, r := range face.Representations {
			o.images, o.formats = append(o.images, r.Image.Data), append(o.formats, r.Image.Information.ImageDataFormat.String())
		}
		o.encode = func() ([]byte, error) { return face.Encode(Base) }
		return o, true
	}
	return o, false
}

// TestOneByteWrong changes each byte of 200 records. What comes out is a fault, or
// a record that is written just as it was read and whose images are those of the
// original, but for the byte itself where that is in an image.
func TestOneByteWrong(t *testing.T) {
	all := os.Getenv("OPTAG_SOAK") != ""
	if !all {
		t.Log("each byte changed in one way; OPTAG_SOAK=1 takes all 255")
	}
	for part := range 10 {
		t.Run(fmt.Sprintf("twenty records, part %d", part), func(t *testing.T) {
			r := rand.New(rand.NewPCG(39794, uint64(part)))
			for range 20 {
				spoil(t, r, all)
			}
		})
	}
}

// spoil changes each byte of a record, in one way or in all 255.
func spoil(t *testing.T, r *rand.Rand, all bool) {
	whole := someRecord(t, r)
	want, ok := open(whole)
	if !ok {
		t.Fatal("not readable before it is changed")
	}
	b := bytes.Clone(whole)
	for i := range b {
		first, last := 1, 255
		if !all {
			first = 1 + r.IntN(255)
			last = first
		}
		for x := first; x <= last; x++ {
			b[i] = whole[i] ^ byte(x)
			checkChanged(t, b, want)
			if t.Failed() {
				t.Fatalf("byte %d of %d: %02X became %02X in\n%X", i, len(b), whole[i], b[i], whole)
			}
		}
		b[i] = whole[i]
	}
}

// checkChanged compares a changed record, if it is read, with the original.
func checkChanged(t *testing.T, b []byte, want opened) {
	got, ok := open(b)
	if !ok {
		return
	}
	if again, err := got.encode(); err != nil || !bytes.Equal(again, b) {
		t.Errorf("read, but not written alike: %v", err)
	}
	if len(got.images) != len(want.images) {
		t.Errorf("%d images, want %d", len(got.images), len(want.images))
		return
	}
	for i, image := range got.images {
		if len(image) != len(want.images[i]) || differ(image, want.images[i]) > 1 {
			t.Errorf("image %d has become another", i)
		}
		if now, was := got.formats[i], want.formats[i]; family(now) != family(was) && magic(now) {
			t.Errorf("image %d is called %s, and was %s", i, now, was)
		}
	}
}

// magic reports whether it is known how images of a format begin.
func magic(format string) bool {
	begins, _ := looks(format, nil)
	return !begins
}

// family is a format but for its losses, which JPEG 2000 does not begin with.
func family(format string) string {
	return strings.TrimSuffix(strings.TrimSuffix(format, "Lossy"), "Lossless")
}

// differ counts the bytes that differ.
func differ(a, b []byte) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestMemory: reading a record of many blocks of two bytes takes no more memory,
// with all that is let go at once, than a fixed multiple of its size.
func TestMemory(t *testing.T) {
	const many = 20000
	challenges, comments, colours, landmarks := newSmallFinger(), newSmallFinger(), newSmallFace(), newSmallFace()
	challenges.Representations[0].PAD = &PADDataBlock{Challenges: make([][]byte, many)}
	comments.Representations[0].Comments = make([]string, many)
	colours.Representations[0].Image.Information.ReferenceColourMapping = &ReferenceColourMappingBlock{Values: make([]ReferenceColour, many)}
	for range many {
		l := LandmarkBlock{Kind: LandmarkKind{Extension: &ExtensionBlock{}}}
		landmarks.Representations[0].Landmarks = append(landmarks.Representations[0].Landmarks, l)
	}
	later := newSmallFinger()
	later.Extensions = tlv.Object{Tag: 0xB1, Value: bytes.Repeat([]byte{4, 0}, many)}.Bytes()
	for name, from := range map[string]interface{ encode() ([]byte, error) }{
		"challenges": challenges, "comments": comments, "colours": colours, "landmarks": landmarks, "fields of later": later,
	} {
		b, err := from.encode()
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, ok := open(b)
		runtime.ReadMemStats(&after)
		times := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(b))
		t.Logf("%s: %d bytes, %.1f times as much memory in all", name, len(b), times)
		if !ok || times > 400 {
			t.Errorf("%s: reading %d bytes (%v) took %.1f times as much memory", name, len(b), ok, times)
		}
	}
}

func (b *FingerImageDataBlock) encode() ([]byte, error) { return b.Encode() }
func (b *FaceImageDataBlock) encode() ([]byte, error)   { return b.Encode(Base) }
