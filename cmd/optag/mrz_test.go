package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// specimenPassport is the specimen of ICAO Doc 9303-4, of nobody.
const specimenPassport = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"

// runZone runs optag mrz.
func runZone(t *testing.T, stdin string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), &env{in: strings.NewReader(stdin), out: &o, err: &e, home: t.TempDir()}, append([]string{"mrz"}, args...))
	return status, o.String(), e.String()
}

func TestMRZ(t *testing.T) {
	d := newDesk(t)
	file := d.file("passport.txt", []byte(specimenPassport))
	for _, c := range []struct {
		name   string
		stdin  string
		args   []string
		status int
		out    []string // all of them in what is printed
		errs   string   // all of standard error, or "" for nothing
	}{
		{"a file", "", []string{file}, 0, []string{"TD3", "1974-08-12", "ANNA MARIA", "composite check digit: right"}, ""},
		{"standard input", specimenPassport, []string{"-"}, 0, []string{"UTO"}, ""},
		{"without a line end", strings.ReplaceAll(specimenPassport, "\n", ""), []string{"-"}, 0, []string{"L898902C3"}, ""},
		{"repaired", strings.Replace(specimenPassport, "UTO7408", "UTO74O8", 1), []string{"-"}, 0, []string{"repaired", "date of birth: line 2, column 16: O was read, 0 is meant"}, ""},
		{"a wrong digit", strings.Replace(specimenPassport, "7408122F", "7408123F", 1), []string{"-"}, 1,
			[]string{"ERIKSSON", "date of birth: WRONG: 3 stands there, 2 fits"},
			"optag: checking a machine readable zone: check digits are wrong: date of birth, composite check digit\n"},
		{"no zone", "ERIKSSON, ANNA\n", []string{"-"}, 1, nil, "optag: reading a machine readable zone: line 1, column 9 is none of A to Z, 0 to 9 and <\n"},
		{"much too much", strings.Repeat("<", maxZone+1), []string{"-"}, 1, nil, "optag: standard input holds more than 4096 bytes\n"},
		{"no such file", "", []string{filepath.Join(d.dir, "gone")}, 1, nil, "optag: open " + filepath.Join(d.dir, "gone") + ": no such file or directory\n"},
		{"no file", "", nil, 2, nil, "optag: optag mrz takes one file, or - for standard input\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := runZone(t, c.stdin, c.args...)
			if status != c.status || errs != c.errs {
				t.Errorf("exit status %d and %q, want %d and %q", status, errs, c.status, c.errs)
			}
			for _, want := range c.out {
				if !strings.Contains(out, want) {
					t.Errorf("printed\n%s, want %q in it", out, want)
				}
			}
		})
	}
}

// TestMRZAsJSON: the document is one JSON document, also when a digit is wrong.
func TestMRZAsJSON(t *testing.T) {
	status, out, errs := runZone(t, strings.Replace(specimenPassport, "<<<10\n", "<<<11\n", 1), "--json", "-")
	if status != 1 || !strings.Contains(errs, "composite check digit") {
		t.Errorf("exit status %d, %q", status, errs)
	}
	var got struct {
		Format, Number, Primary, Secondary, Birth string
		BirthDate                                 string `json:"birth_date"`
		OK                                        bool
		Checks                                    []struct {
			Field, Got, Want string
			OK               bool
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != "TD3" || got.Number != "L898902C3" || got.Primary != "ERIKSSON" || got.Birth != "740812" || got.BirthDate != "1974-08-12" || got.OK {
		t.Errorf("JSON says %+v", got)
	}
	if n := len(got.Checks); n != 5 || !got.Checks[3].OK || got.Checks[4].OK || got.Checks[4].Want != "0" {
		t.Errorf("JSON judges %+v", got.Checks)
	}
}
