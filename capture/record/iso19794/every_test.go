package iso19794

import (
	"bytes"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"
)

// read is any record, by its format, and what it was written again to.
func read(b []byte) (images [][]byte, again []byte, err error) {
	if bytes.HasPrefix(b, []byte("FIR")) {
		r, err := ReadFinger(b)
		if err != nil {
			return nil, nil, err
		}
		for i := range r.Images {
			images = append(images, r.Images[i].Data)
		}
		again, err = r.Bytes()
		return images, again, err
	}
	r, err := ReadFace(b)
	if err != nil {
		return nil, nil, err
	}
	for i := range r.Images {
		images = append(images, r.Images[i].Data)
	}
	again, err = r.Bytes()
	return images, again, err
}

// files are 200 records, fifty of each format and edition.
func files(t testing.TB) (all [][]byte) {
	r := rand.New(rand.NewPCG(19794, 4))
	for i := range 200 {
		var b []byte
		var err error
		edition := []Edition{Edition2005, Edition2011}[i%2]
		if i%4 < 2 {
			rec := randomFinger(t, r, edition)
			b, err = rec.Bytes()
			if again, e := ReadFinger(b); err == nil && (e != nil || !reflect.DeepEqual(again, rec)) {
				t.Errorf("file %d is read as another record than was written, error %v", i, e)
			}
		} else {
			rec := randomFace(t, r, edition)
			b, err = rec.Bytes()
			if again, e := ReadFace(b); err == nil && (e != nil || !reflect.DeepEqual(again, rec)) {
				t.Errorf("file %d is read as another record than was written, error %v", i, e)
			}
		}
		if err != nil || cap(b) != len(b) {
			t.Fatalf("file %d: %d of %d bytes, error %v", i, len(b), cap(b), err)
		}
		all = append(all, b)
	}
	return all
}

// TestEveryByte: 200 files are written as they were read; and whichever of their
// bytes is changed to whatever, either that is noticed or it makes another
// well-formed record, in which no image is changed unless the byte lies in it.
func TestEveryByte(t *testing.T) {
	changes, noticed, step := 0, 0, 101
	if os.Getenv("OPTAG_SOAK") != "" {
		step = 1 // all of them
	}
	for i, b := range files(t) {
		images, again, err := read(b)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("file %d is not written as it was read: %v", i, err)
		}
		inside := make([]bool, len(b))
		at := 0
		for _, img := range images {
			at += bytes.Index(b[at:], img)
			for j := range img {
				inside[at+j] = true
			}
			at += len(img)
		}
		for at := range b {
			for by := byte(1 + i%step); by != 0; by = byte(min(int(by)+step, 256) & 0xFF) {
				spoilt := bytes.Clone(b)
				spoilt[at] ^= by
				changes++
				got, again, err := read(spoilt)
				if err != nil {
					noticed++
					continue
				}
				if !bytes.Equal(again, spoilt) {
					t.Fatalf("file %d, byte %d: not written as it was read", i, at)
				}
				if !inside[at] && !reflect.DeepEqual(got, images) {
					t.Fatalf("file %d, byte %d: another image than before", i, at)
				}
			}
		}
	}
	t.Logf("of %d changed bytes %d were noticed, the others made well-formed records", changes, noticed)
	if noticed < changes/4 {
		t.Errorf("of %d changed bytes %d were noticed", changes, noticed)
	}
}

func TestDateTime(t *testing.T) {
	moment := time.Date(2026, 11, 23, 10, 5, 59, 7e6, time.FixedZone("CET", 3600))
	if d := At(moment); d != (DateTime{2026, 11, 23, 9, 5, 59, 7}) {
		t.Errorf("At(%v) = %v", moment, d)
	}
}

// TestOwnSize: every coding of every test's image tells its size.
func TestOwnSize(t *testing.T) {
	for c := Raw; c <= PNG; c++ {
		img := coded(t, c, 300, 7)
		if w, h, ok := img.size(); w != 300 || h != 7 || !ok {
			t.Errorf("%v: %d by %d, %v", c, w, h, ok)
		}
		if c <= Packed {
			continue
		}
		for n := range 24 {
			cut := Image{Coding: c, Data: img.Data[:n]}
			if w, h, ok := cut.size(); ok && (w != 300 || h != 7) {
				t.Errorf("%v cut to %d bytes: %d by %d", c, n, w, h)
			}
		}
	}
	filled := Image{Coding: JPEG, Data: []byte("\xff\xd8\xff\xff\xff\xe0\x00\x02\xff\xc4\x00\x02\xff\xc2\x00\x08\x08\x00\x07\x01\x2c\x01")}
	if w, h, ok := filled.size(); w != 300 || h != 7 || !ok {
		t.Errorf("progressive, with fill bytes and tables before it: %d by %d, %v", w, h, ok)
	}
	for c, name := range map[Coding]string{0: "unknown", WSQ: "WSQ", PNG: "PNG", 99: "unknown"} {
		if c.String() != name {
			t.Errorf("coding %d is called %v", uint8(c), c)
		}
	}
}

// bigFinger is a record of a megabyte.
func bigFinger() *FingerRecord {
	return &FingerRecord{Edition: Edition2011, Images: []FingerImage{{
		Image: Image{Width: 1000, Height: 1000, Coding: Raw, Data: make([]byte, 1e6)}, Position: 13,
		Units: PerInch, Scanned: [2]uint16{1000, 1000}, Sampling: [2]uint16{1000, 1000}, Depth: 8,
	}}}
}

func BenchmarkRead(b *testing.B) {
	file, err := bigFinger().Bytes()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadFinger(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	r := bigFinger()
	into := make([]byte, 0, r.Len())
	b.SetBytes(int64(r.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Append(into); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMemcpy(b *testing.B) {
	from := bigFinger().Images[0].Data
	into := make([]byte, len(from))
	b.SetBytes(int64(len(from)))
	for b.Loop() {
		copy(into, from)
	}
}

func fuzz(f *testing.F, seeds ...[]byte) {
	for _, b := range seeds {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		images, again, err := read(b)
		if err != nil {
			return
		}
		if !bytes.Equal(again, b) {
			t.Errorf("read % x, wrote % x", b, again)
		}
		n := 0
		for _, i := range images {
			n += len(i)
		}
		if n > len(b) {
			t.Errorf("%d bytes of images in %d", n, len(b))
		}
	})
}

func FuzzFinger(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	a, _ := randomFinger(f, r, Edition2005).Bytes()
	b, _ := randomFinger(f, r, Edition2011).Bytes()
	fuzz(f, finger2005(), finger2011(0, 0), finger2011(1, 2), a, b)
}

func FuzzFace(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	a, _ := randomFace(f, r, Edition2005).Bytes()
	b, _ := randomFace(f, r, Edition2011).Bytes()
	fuzz(f, face2005(), face2011(), a, b)
}
