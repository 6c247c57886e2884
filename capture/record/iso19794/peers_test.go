package iso19794

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestForeignRecords reads records that others publish as samples, in the
// directory OPTAG_ISO_SAMPLES, and writes them again.
func TestForeignRecords(t *testing.T) {
	dir := os.Getenv("OPTAG_ISO_SAMPLES")
	if dir == "" {
		t.Skip("OPTAG_ISO_SAMPLES names no directory of sample files")
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
		images, again, err := read(b)
		if err != nil { // the face of BSI's passport is smaller in the record than in its JPEG 2000
			t.Logf("%s: %v", filepath.Base(file), err)
			if r, _ := ReadFace(b); r == nil || len(r.Images[0].Data) == 0 {
				t.Errorf("%s cannot be looked at", filepath.Base(file))
			}
			continue
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%s is not written as it was read", filepath.Base(file))
		}
		t.Logf("%s: %d images", filepath.Base(file), len(images))
	}
}

// TestBiomDI: NIST's validators of the edition of 2005, in the directory
// OPTAG_BIOMDI, accept what we write and say nothing about it.
func TestBiomDI(t *testing.T) {
	dir := os.Getenv("OPTAG_BIOMDI")
	if dir == "" {
		t.Skip("OPTAG_BIOMDI names no directory with firv, prfir, frfv and prfrf")
	}
	r := rand.New(rand.NewPCG(19794, 2005))
	for range 50 {
		fingers, err := randomFinger(t, r, Edition2005).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, fingers, filepath.Join(dir, "firv"), "-ti", "ISO")
		accepted(t, fingers, filepath.Join(dir, "prfir"), "-ti", "ISO")
		rec := randomFace(t, r, Edition2005)
		for i := range rec.Images {
			if rec.Images[i].Sex > 3 { // unknown by ISO, not by INCITS
				rec.Images[i].Sex = 0
			}
		}
		faces, err := rec.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, faces, filepath.Join(dir, "frfv"))
		accepted(t, faces, filepath.Join(dir, "prfrf"))
	}
}

// accepted runs a program on a file. What it complains of goes to standard error.
func accepted(t *testing.T, b []byte, name string, args ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "record")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, append(args, file)...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil || complaint.Len() > 0 {
		t.Errorf("%s: %v, %s", filepath.Base(name), err, complaint.String())
	}
}
