package nist_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// reasons are what is wrong in the files of NIST's conformance tests that others
// refuse: the fields of some faults, or what an error says.
var reasons = map[string]string{
	"fail-type-1-wrong-record-number.an2":              "a field of Type-0",
	"fail-all-supported-types-L1.an2":                  "1.005 1.006 1.014 4.003 4.004 10.005 13.014 13.024 14.022 14.024 15.018 15.024",
	"fail-all-supported-types-L2.an2":                  "1.011 1.012 1.015 13.008 14.014 14.015 15.999 21.002",
	"fail-deprecated-records.an2":                      "3 5 6",
	"fail-missing-info-items.an2":                      "1.013 1.015 1.016 1.017",
	"fail-type-1-L1.an2":                               "1.002 1.003 1.005 1.006 1.014 1.015",
	"fail-type-1-L2.an2":                               "1.015 2.002",
	"fail-type-13-L1.an2":                              "13.003 13.005 13.012 13.014 13.015 13.024",
	"fail-type-13-L2.an2":                              "13.014 13.015",
	"fail-type-14-L1.an2":                              "14.005 14.008 14.014 14.022 14.027",
	"fail-type-14-L2.an2":                              "14.014 14.015 14.018 14.021",
	"fail_IDC_Sequential_Tests.an2":                    "4.002",
	"fail-all-supported-types-1.006-invalid-value.an2": "1.006",
	"fail-all-supported-types-1.018-invalid-value.an2": "1.018",
	"fail-all-supported-types-level1.an2":              "1.004",
	"fail-all-supported-types-long-data.an2":           "1 bytes behind the last record",
	"fail-type-10-face-L2.an2":                         "10.023 10.026 10.027 10.028",
	"fail-type-15-L1.an2":                              "15.005 15.008 15.018 15.024",
	"fail-type-15-L2.an2":                              "15.009 15.010 15.024",
	"fail-type-4-L1.an2":                               "4.004",
	"fail-type-4-L2.an2":                               "4.006",
}

// rightly checks that a file was refused for its reason.
func rightly(t *testing.T, name string, err error, faults []nist.Fault) {
	if err != nil {
		if !strings.Contains(err.Error(), reasons[name]) {
			t.Errorf("%s: %v, want %q", name, err, reasons[name])
		}
		return
	}
	for field := range strings.FieldsSeq(reasons[name]) {
		if !slices.ContainsFunc(faults, func(f nist.Fault) bool { return f.Field == field }) {
			t.Errorf("%s: no fault in %s", name, field)
		}
	}
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
			rightly(t, name, err, faults)
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
