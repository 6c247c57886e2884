package sbi

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"

	"optag/device"
)

func picturesOf(in []byte) (all [][]byte, err error) {
	r := bufio.NewReader(bytes.NewReader(in))
	for {
		b, err := nextJPEG(r)
		if err != nil {
			return all, err
		}
		all = append(all, b)
	}
}

// one is a picture; its quantisation differs, so that two are not alike.
func one(t testing.TB, quality int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 33, 17))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesOfAStream(t *testing.T) {
	a, b := one(t, 50), one(t, 90)
	// A thumbnail within a segment of the picture is not a picture of its own.
	thumb := slices.Concat(a[:2], []byte{0xff, 0xe1, byte((len(b) + 2) >> 8), byte(len(b) + 2)}, b, a[2:])
	for _, c := range []struct {
		name string
		in   [][]byte
		want [][]byte
	}{
		{"one after the other", [][]byte{a, b}, [][]byte{a, b}},
		{"with boundaries, headers and surplus bytes", [][]byte{[]byte("--B\r\nContent-Length: 9\r\n\r\n"), a, []byte("\r\n\r\n--B\r\n\r\n"), b}, [][]byte{a, b}},
		{"one with a thumbnail inside", [][]byte{thumb}, [][]byte{thumb}},
		{"one broken off in its data", [][]byte{a[:len(a)-9], []byte("\r\n--B\r\n\r\n"), b}, [][]byte{b}},
		{"filled up with 0xff", [][]byte{{0xff, 0xff}, a, {0xff, 0xff, 0xff}, b}, [][]byte{a, b}},
		{"the last broken off", [][]byte{a, b[:100]}, [][]byte{a}},
		{"none", [][]byte{[]byte("--B\r\n\r\n")}, nil},
	} {
		got, err := picturesOf(slices.Concat(c.in...))
		if !slices.EqualFunc(got, c.want, bytes.Equal) || err != io.EOF && err != io.ErrUnexpectedEOF {
			t.Errorf("%s: %d pictures, error %v, want %d", c.name, len(got), err, len(c.want))
		}
	}
}

func TestEndlessPicturesAreBounded(t *testing.T) {
	for name, in := range map[string]string{
		"one picture without end": "\xff\xd8" + strings.Repeat("x", maxPart),
		"no picture at all":       strings.Repeat("x", maxPart+2),
		"one of endless segments": "\xff\xd8" + strings.Repeat("\xff\xe0\xff\xff"+strings.Repeat("x", 0xfffd), maxPart/0xffff+1),
	} {
		if _, err := picturesOf([]byte(in)); !errors.Is(err, device.ErrGarbled) {
			t.Errorf("%s: error %v, want %v", name, err, device.ErrGarbled)
		}
	}
}

func TestHugePreviewIsNotDecoded(t *testing.T) {
	b := one(t, 50)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	copy(b[at+5:], []byte{0xff, 0xff, 0xff, 0xff}) // 65 535 by 65 535
	if _, err := previewOf(b); !errors.Is(err, device.ErrGarbled) {
		t.Errorf("error %v, want %v", err, device.ErrGarbled)
	}
}

func FuzzStream(f *testing.F) {
	a := one(f, 50)
	f.Add(a)
	f.Add(slices.Concat([]byte("--B\r\n\r\n"), a, []byte("\r\n\r\n"), a[:60], a))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xd9})
	f.Fuzz(func(t *testing.T, in []byte) {
		all, err := picturesOf(in)
		if err == nil {
			t.Error("a stream that ends has no end")
		}
		for _, b := range all {
			if !bytes.HasPrefix(b, []byte{0xff, 0xd8}) || !bytes.HasSuffix(b, []byte{0xff, 0xd9}) || !bytes.Contains(in, b[:2]) || len(b) > len(in) {
				t.Errorf("%x is no picture of %x", b, in)
			}
		}
	})
}
