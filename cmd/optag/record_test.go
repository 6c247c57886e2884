package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/record/iso19794"
	"optag/cmd/internal/records"
	"optag/cmd/internal/trust"
	"optag/queue/seal"
)

// openedParts opens the only package that waits at a desk, as its service would.
func (d *desk) openedParts() (seal.Manifest, []capture.Part) {
	d.t.Helper()
	dir := filepath.Join(d.t.TempDir(), "stick")
	if code := d.run("queue", "export", dir); code != 0 {
		d.t.Fatal(d.errout.String())
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.optag"))
	if err != nil || len(files) != 1 {
		d.t.Fatalf("%d packages, %v", len(files), err)
	}
	sealed, err := os.ReadFile(files[0])
	if err != nil {
		d.t.Fatal(err)
	}
	store := d.home + "-service"
	secret, err := os.ReadFile(trust.OpeningKeyPath(store))
	if err != nil {
		d.t.Fatal(err)
	}
	key, err := seal.ParseIdentity(string(secret))
	if err != nil {
		d.t.Fatal(err)
	}
	a, err := trust.LoadAuthority(store)
	if err != nil {
		d.t.Fatal(err)
	}
	st, err := a.Stations().Station("SIM-01")
	if err != nil {
		d.t.Fatal(err)
	}
	m, parts, err := seal.Open(sealed, key, st.Keys...)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []capture.Part
	for _, p := range parts {
		all = append(all, capture.Part(p))
	}
	return m, all
}

// TestFromEnrolmentToInspection follows one person of each purpose: enrolled,
// sealed, opened by the service, written for the receiver. Nothing is wrong with
// any file, and no report says who it is.
func TestFromEnrolmentToInspection(t *testing.T) {
	right, left := printPNG(t, printOf(t, 1, finger.RightIndex), 500), printPNG(t, printOf(t, 1, finger.LeftIndex), 500)
	const day = `"capture_on":"2026-11-22","applied_on":"2026-11-20"`
	for _, c := range []struct {
		name, kind string
		facts      string
		data       string
		face       bool
		fingers    int
		files      string
		profile    string
	}{
		{"a residence card", "police", `{` + day + `,"birth_date":"1990-05-01"}`, "", true, 2, "face.fac right_index.fir left_index.fir dg2.bin dg3.bin", ""},
		{"the sticker of a child", "mission", `{` + day + `,"purpose":"long_stay_visa","basis":"9","station":"mission","birth_date":"2015-05-01","with_custodian":true}`, "", true, 0, "face.fac", ""},
		{"an illegal stay", "police", `{` + day + `,"purpose":"eurodac","basis":"art11","birth_date":"1990-05-01"}`, `,"data":{"reference_number":"DK3118402"}`, false, 1, "eurodac.an2", "eurodac-3"},
		{"a visa applicant of seven", "mission", `{` + day + `,"purpose":"vis","basis":"visa","station":"mission","birth_date":"2019-05-01"}`, "", true, 0, "vis.an2", "vis"},
		{"identification by the police", "police", `{` + day + `,"purpose":"police_register","basis":"40a(2)3","birth_date":"1990-05-01"}`, "", false, 1, "register.an2", "register"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			config := d.file("station.json", []byte(`{"station":{"id":"SIM-01","kind":"`+c.kind+`"},"profile":{"agency":"DNKpol01"}}`))
			args := []string{"enrol", "--config", config, "--case", d.file("case.json", []byte(`{"case_number":"26-118402","holder":{"family":"NEMO"},"facts":`+c.facts+c.data+`}`))}
			if c.face {
				args = append(args, "--face", d.file("face.jpg", portraitJPEG(t)))
			}
			if c.fingers > 0 {
				args = append(args, "--print", "right_index="+d.file("ri.png", right))
			}
			switch c.fingers {
			case 1:
				args = append(args, nineMissing()...)
			case 2:
				args = append(args, "--print", "left_index="+d.file("li.png", left))
			}
			if code := d.run(args...); code != 0 {
				t.Fatalf("enrol = %d: %s", code, d.errout.String())
			}
			m, parts := d.openedParts()
			files, err := records.Write(parts, m.Purpose, records.Defaults(), m.PackageID, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range files {
				names = append(names, f.Name)
				d.inspected(d.file(f.Name, f.Data), c.profile)
			}
			if got := strings.Join(names, " "); got != c.files {
				t.Errorf("the files are %s, want %s", got, c.files)
			}
		})
	}
}

// inspected: nothing is wrong with a file, and nobody learns who it is of.
func (d *desk) inspected(file, profile string) {
	d.t.Helper()
	args := []string{"record", "inspect", file}
	if profile != "" {
		args = append(args, "--profile", profile)
	}
	if code := d.run(args...); code != 0 || !strings.HasSuffix(d.out.String(), "nothing is wrong\n") || d.errout.Len() > 0 {
		d.t.Errorf("%s: exit %d: %s\n%s", filepath.Base(file), code, d.errout.String(), d.out.String())
	}
	for _, secret := range []string{"118402", "NEMO", "1990"} {
		if strings.Contains(strings.ReplaceAll(d.out.String(), d.dir, ""), secret) {
			d.t.Errorf("%s: the report tells %s", filepath.Base(file), secret)
		}
	}
}

// chequered is a finger record of a pattern that is nobody's.
func chequered(t *testing.T, change func(f *iso19794.FingerImage)) []byte {
	t.Helper()
	f := iso19794.FingerImage{
		Image:    iso19794.Image{Width: 16, Height: 12, Coding: iso19794.Raw, Data: bytes.Repeat([]byte{0, 255, 255}, 64)},
		Position: 7, View: 1, Units: iso19794.PerInch, Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8,
		Qualities: []iso19794.Quality{{Score: 61}},
	}
	if change != nil {
		change(&f)
	}
	r := iso19794.FingerRecord{Edition: iso19794.Edition2005, Level: 31, Images: []iso19794.FingerImage{f}}
	data, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestInspectReads is what a technician reads of a good file, and of a bad one.
func TestInspectReads(t *testing.T) {
	d := newDesk(t)
	good := chequered(t, nil)
	bad := bytes.Clone(good)
	bad[36], bad[39] = 12, 101
	const report = `ISO/IEC 19794-4:2005, 238 bytes
ISO/IEC 19794-4:2005
              images                     1
              acquisition level          31
  image 1
                position                   7 (left index)
                view                       1
                impression                 0 (live-scan plain)
                resolution                 500 × 500 per inch
                scan resolution            500 × 500 per inch
                bits per pixel             8
                compression                raw
                width                      16
                height                     12
                quality                    61
                image                      raw, 16 × 12 pixels, 192 bytes
nothing is wrong
`
	file := d.file("a.fir", good)
	if code := d.run("record", "inspect", file); code != 0 || d.out.String() != file+": "+report {
		t.Errorf("exit %d:\n%s\nwant\n%s", code, d.out.String(), report)
	}
	file = d.file("b.fir", bad)
	code := d.run("record", "inspect", file)
	for _, line := range []string{
		"WRONG  position of image 1 (byte 36): no position of the standard (12)\n",
		"WRONG  quality of image 1 (byte 39): neither 0 to 100, nor 254 undefined, nor 255 failed (101)\n",
	} {
		if code != 1 || !strings.Contains(d.out.String(), line) || strings.Contains(d.out.String(), "nothing is wrong") {
			t.Errorf("exit %d, %q is not in\n%s", code, line, d.out.String())
		}
	}
	if want := "optag: " + file + ": 2 things are wrong, the first is: position of image 1"; !strings.HasPrefix(d.errout.String(), want) || strings.Count(d.errout.String(), "\n") != 1 {
		t.Errorf("standard error: %s", d.errout.String())
	}
	if code := d.run("record", "inspect", "--json", file); code != 1 {
		t.Errorf("--json: exit %d", code)
	}
	var said struct {
		File, Format string
		OK           bool
		Faults       []records.Fault
	}
	if err := json.Unmarshal(d.out.Bytes(), &said); err != nil || said.File != file || said.OK || len(said.Faults) != 2 || said.Faults[1].Value != "101" {
		t.Errorf("--json: %+v, %v", said, err)
	}
}

// TestConvertSays is what a technician reads of a conversion.
func TestConvertSays(t *testing.T) {
	d := newDesk(t)
	in, out := d.file("a.fir", chequered(t, nil)), filepath.Join(d.dir, "a.an2")
	if code := d.run("record", "convert", in, out, "--to", "nist", "--tot", "CNV", "--dai", "DNKpol", "--ori", "DNKims", "--taken", "2026-11-23", "--measure", "15:65535"); code != 0 {
		t.Fatalf("exit %d: %s", code, d.errout.String())
	}
	for _, line := range []string{"ANSI/NIST-ITL 1-2011 Update 2015", "1 images\n", "note   qualities are those of algorithm 65535 of vendor 000F, as was given\n", "lost   image acquisition level\n"} {
		if !strings.Contains(d.out.String(), line) {
			t.Errorf("%q is not in\n%s", line, d.out.String())
		}
	}
	d.inspected(out, "")
	back := filepath.Join(d.dir, "back.fir")
	if code := d.run("record", "convert", "--json", "--to", "iso19794-4:2005", "--level", "31", out, back); code != 0 {
		t.Fatalf("exit %d: %s", code, d.errout.String())
	}
	var said records.Converted
	if err := json.Unmarshal(d.out.Bytes(), &said); err != nil || said.Images != 1 || len(said.Lost) == 0 {
		t.Errorf("--json: %s, %v", d.out.String(), err)
	}
	if got, err := os.ReadFile(back); err != nil || !bytes.Equal(got, chequered(t, nil)) {
		t.Errorf("it does not come back as it was: %v", err)
	}
}

// TestRecordUsage: what is wrong with a command, and what to do.
func TestRecordUsage(t *testing.T) {
	d := newDesk(t)
	in := d.file("a.fir", chequered(t, nil))
	restoredPNG, err := lossyPNG(printOf(t, 1, finger.RightIndex), 500)
	if err != nil {
		t.Fatal(err)
	}
	lossy := d.file("lossy.fir", chequered(t, func(f *iso19794.FingerImage) {
		f.Coding, f.Data, f.Width, f.Height = iso19794.PNG, restoredPNG, sensor.X, sensor.Y
	}))
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no file", []string{"inspect"}, 2, "takes one file"},
		{"a file that is not there", []string{"inspect", d.dir + "/x"}, 1, "no such file"},
		{"no format", []string{"convert", in, "out"}, 2, "--to FORMAT is needed"},
		{"a format that there is not", []string{"convert", "--to", "wsq", in, "out"}, 2, "iso39794-4"},
		{"one file", []string{"convert", "--to", "dg3", in}, 2, "the one to write"},
		{"a day that is none", []string{"convert", "--to", "nist", "--taken", "today", in, "out"}, 2, "YYYY-MM-DD"},
		{"a measure of no vendor", []string{"convert", "--to", "nist", "--measure", "0:1", in, "out"}, 2, "VENDOR:ALGORITHM"},
		{"over itself", []string{"convert", "--to", "iso19794-4:2011", in, in}, 1, "over itself"},
		{"a transaction without a destination", []string{"convert", "--to", "nist", "--tot", "CNV", in, d.dir + "/o"}, 1, "--dai"},
		{"restored from WSQ, for a chip", []string{"convert", "--to", "dg3", lossy, d.dir + "/o"}, 1, "compressed only once"},
		{"receivers that are none", []string{"inspect", "--receivers", in, in}, 1, "reading the receivers"},
	} {
		if code := d.run(append([]string{"record"}, c.args...)...); code != c.code || !strings.Contains(d.errout.String(), c.says) {
			t.Errorf("%s: exit %d: %s; want %d, %s", c.name, code, d.errout.String(), c.code, c.says)
		}
	}
	if _, err := os.Stat(d.dir + "/o"); err == nil {
		t.Error("something was written")
	}
}
