package cbeff

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"optag/capture/record/tlv"
)

// TestForeignChips reads the files of passports that others publish as samples,
// in the directory OPTAG_LDS_SAMPLES: DG2 and DG3, and writes them again.
func TestForeignChips(t *testing.T) {
	dir := os.Getenv("OPTAG_LDS_SAMPLES")
	if dir == "" {
		t.Skip("OPTAG_LDS_SAMPLES names no directory of sample files")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s, %v", dir, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Read(b, tlv.DER)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		again, err := g.Bytes()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s is not written as it was read: %v", filepath.Base(file), err)
		}
		for _, bit := range g.Templates {
			t.Logf("%s: %+v, %d bytes of record", filepath.Base(file), bit.Header.Format, len(bit.Record))
		}
	}
}
