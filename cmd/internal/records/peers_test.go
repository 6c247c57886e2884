package records

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilesOfOthers: nothing is wrong with well-formed files of others, where such
// are at hand, and what can be carried over of them arrives as it was. They are no
// part of the project.
func TestFilesOfOthers(t *testing.T) {
	dirs := os.Getenv("OPTAG_RECORD_FILES")
	if dirs == "" {
		t.Skip("OPTAG_RECORD_FILES names no directories, with colons between, of well-formed files")
	}
	read, carried := 0, 0
	for dir := range strings.SplitSeq(dirs, ":") {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			file, err := os.ReadFile(path)
			if err != nil || recognise(file) == unknownFile {
				return err
			}
			r := Inspect(file, Options{})
			t.Logf("%s: %s, %d sections, %q", filepath.Base(path), r.Format, len(r.Sections), r.Remarks)
			for _, f := range r.Faults {
				t.Errorf("%s: %s", filepath.Base(path), f)
			}
			if read++; r.OK {
				carried += carry(t, path, file)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files, %d conversions", read, carried)
}

// carry converts a file into everything that can be made of it.
func carry(t *testing.T, path string, file []byte) (n int) {
	t.Helper()
	before, err := readSet(file)
	if err != nil {
		t.Logf("%s: %v", filepath.Base(path), err)
		return 0
	}
	for _, to := range Targets() {
		out, err := Convert(file, to, terms())
		if err != nil {
			t.Logf("%s: %v", filepath.Base(path), err)
			continue
		}
		n++
		after, err := readSet(out.Data)
		if err != nil || out.Images == len(before.fingers)+len(before.faces) && len(out.Said) == 0 && !same(images(t, file), images(t, out.Data)) {
			t.Errorf("%s: to %s: the images are others: %v", filepath.Base(path), to, err)
		} else if len(after.fingers)+len(after.faces) != out.Images {
			t.Errorf("%s: to %s: %d images", filepath.Base(path), to, out.Images)
		}
	}
	return n
}
