package iso39794

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// FuzzRead reads anything. What is read is written alike, and a face by the
// profile is read again.
func FuzzRead(f *testing.F) {
	f.Add(golden(f, smallFinger))
	f.Add(golden(f, smallFace))
	f.Add(der(f, fingerNote))
	f.Add(der(f, faceNote))
	r := rand.New(rand.NewPCG(39794, 5))
	for range 8 {
		f.Add(someRecord(f, r))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if finger, err := ReadFinger(b); err == nil {
			if again, err := finger.Encode(); err != nil || !bytes.Equal(again, b) {
				t.Fatalf("finger written as %X: %v", again, err)
			}
		}
		face, err := ReadFace(b)
		if err != nil {
			return
		}
		if again, err := face.Encode(Base); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("face written as %X: %v", again, err)
		}
		if profiled, err := face.Encode(ICAO); err == nil {
			if _, err = ReadFace(profiled); err != nil {
				t.Fatalf("by the profile %X: %v", profiled, err)
			}
		}
	})
}

// FuzzImage looks at anything as if it were an image.
func FuzzImage(f *testing.F) {
	formats := []string{"pgm", "ppm", "wsq", "jpeg", "png", "jpeg2000Lossy"}
	for i, image := range []string{pgm, "P6 1 1 255 rgb", wsq, jpeg, png, jp2, j2k} {
		f.Add(min(i, 5), []byte(image))
	}
	f.Fuzz(func(t *testing.T, format int, b []byte) {
		c := &coder{job: &job{}}
		c.image("", word(formats[uint(format)%6]), b)
		if c.ok() && len(b) < 3 {
			t.Fatalf("%X is taken for a %s", b, formats[uint(format)%6])
		}
	})
}
