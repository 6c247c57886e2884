package nist_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// peerFiles calls f with each transaction below the directory of OPTAG_NIST_FILES:
// files of other programs, as those that NIST publishes for conformance tests.
// They are not part of this repository.
func peerFiles(t *testing.T, f func(path string, data []byte)) {
	dir := os.Getenv("OPTAG_NIST_FILES")
	if dir == "" {
		t.Skip("OPTAG_NIST_FILES names no directory of transactions that other programs wrote")
	}
	known := regexp.MustCompile(`\.(an2k?|nist|eft)$`)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !known.MatchString(path) {
			return err
		}
		data, err := os.ReadFile(path)
		f(path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesOfOthersRoundTrip(t *testing.T) {
	read := 0
	peerFiles(t, func(path string, data []byte) {
		file, err := nist.Parse(data)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(path), err)
			return
		}
		read++
		if !bytes.Equal(file.Bytes(), data) {
			t.Errorf("%s: another file after reading and writing", path)
		}
		for _, r := range file.Records {
			var err error
			switch r.Type {
			case 1:
				_, err = file.Header()
			case 4:
				_, err = r.Legacy()
			case 9:
				_, err = r.Minutiae()
			case 10:
				_, err = r.Face()
			case 14:
				_, err = r.Print()
			case 15:
				_, err = r.Palm()
			}
			if err != nil {
				t.Logf("%s: %v", filepath.Base(path), err)
			}
		}
	})
	t.Logf("%d files read and written again", read)
}

// TestFilesOfOthersAreJudged takes the verdict from the path: files below a
// directory pass are without fault, files below fail… are refused or have one.
func TestFilesOfOthersAreJudged(t *testing.T) {
	counts := map[string]int{}
	peerFiles(t, func(path string, data []byte) {
		file, err := nist.Parse(data)
		var faults []nist.Fault
		if err == nil {
			faults = nist.Check(file)
		}
		name := filepath.Base(path)
		switch {
		case strings.Contains(path, "/pass/") && err == nil && len(faults) == 0:
			counts["accepted"]++
		case strings.Contains(path, "/pass/"):
			counts["accepted by others only"]++
			t.Logf("%s: %v %d faults", name, err, len(faults))
		case strings.Contains(name, "fail") && err == nil && len(faults) == 0:
			counts["refused by others only"]++
			t.Logf("%s: no fault", name)
		case strings.Contains(name, "fail"):
			counts["refused"]++
			t.Logf("%s: %v", name, err)
		default:
			return
		}
		for _, f := range faults {
			t.Logf("    %v", f)
		}
	})
	t.Log(counts)
}
