package iso39794

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"optag/capture/record/tlv"
)

// samples are records of others, in a directory outside the repository: what ISO
// publishes with the standard, and ICAO's for the profile.
func samples(t *testing.T) map[string][]byte {
	dir := os.Getenv("OPTAG_ISO39794_SAMPLES")
	if dir == "" {
		t.Skip("OPTAG_ISO39794_SAMPLES names no directory with published records (*.der, *.dat)")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.d??"))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(p)] = record(b)
	}
	if len(files) == 0 {
		t.Fatal("no *.der or *.dat there")
	}
	return files
}

// record takes a record out of the template of a chip, if it lies in one.
func record(b []byte) []byte {
	for {
		r := tlv.NewReader(b, tlv.BER)
		switch tag := r.Peek(); tag {
		case TagFinger, TagFace:
			return b
		}
		var last tlv.Element
		for r.More() {
			e, err := r.Next()
			if err != nil {
				return b
			}
			last = e
		}
		b = last.Value
	}
}

// TestPublishedRecords reads records of others and writes them again.
func TestPublishedRecords(t *testing.T) {
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) {
			again, err := reencode(b)
			if strings.Contains(name, "Invalid") {
				var f *Fault
				if !errors.As(err, &f) || !strings.HasSuffix(f.Where, "representationData2D") {
					t.Fatalf("a broken image: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(again, b) {
				t.Errorf("wrote %d bytes that differ from the %d read", len(again), len(b))
			}
			if !strings.HasPrefix(name, "ICAO") {
				return
			}
			face, err := ReadFace(b)
			if err != nil {
				t.Fatal(err)
			}
			if again, err = face.Encode(ICAO); err != nil || !bytes.Equal(again, b) {
				t.Errorf("by the profile: %d bytes that differ, %v", len(again), err)
			}
		})
	}
}

// reencode reads a record of either kind and writes it.
func reencode(b []byte) ([]byte, error) {
	if o, ok := open(b); ok {
		return o.encode()
	}
	if _, err := ReadFinger(b); len(b) > 0 && b[0] == byte(TagFinger) {
		return nil, err
	}
	_, err := ReadFace(b)
	return nil, err
}
