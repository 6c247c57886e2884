package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/record/nist"
	"optag/cmd/internal/records"
	"optag/queue/seal"
)

// TestEachPurpose plays a case of each purpose from the log-in to the receipt, and
// makes of the package what its receiver gets. Ten prints take long, so that
// people here have two fingers; with OPTAG_SOAK=1 they have those of the scripts.
func TestEachPurpose(t *testing.T) {
	whole := os.Getenv("OPTAG_SOAK") != ""
	for _, c := range []struct {
		script, controller string
		want               string // the items and exceptions of the whole script, in order
		files              string // the records made of them
		data               string // the data that went with the prints
	}{
		{"card", "immigration_service", "portrait right_index left_index", "face.fac right_index.fir left_index.fir dg2.bin dg3.bin", "null"},
		{"eurodac-art4", "national_police",
			"right_index right_middle right_ring right_little left_index left_middle left_little right_thumb left_thumb -left_ring", "eurodac.an2",
			`{"reference_number":"DK1A118402","sex":"F","place":"Sandholm"}`},
		{"eurodac-art8", "national_police", tenAtOnce, "eurodac.an2",
			`{"reference_number":"DK2A118402","sex":"M","place":"Kastrup","apprehended_on":"2026-11-20"}`},
		{"eurodac-art11", "national_police",
			"right_index right_middle right_ring right_little right_thumb -left_thumb -left_index -left_middle -left_ring -left_little", "eurodac.an2",
			`{"reference_number":"DK3A118402"}`},
		{"register", "national_police", tenAtOnce, "register.an2", "null"},
		{"vis", "foreign_ministry", "portrait " + tenAtOnce, "vis.an2", "null"},
	} {
		t.Run(c.script, func(t *testing.T) {
			script, err := os.ReadFile(filepath.Join("internal", "simulate", "testdata", c.script+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			text, want := string(script), c.want
			if !whole {
				t.Parallel()
				text, want = twoFingers(text, want)
			}
			m, parts := playParts(t, text)
			if got := contents(m); got != want || m.Controller != c.controller {
				t.Errorf("the package for %s holds %q, want for %s %q", m.Controller, got, c.controller, want)
			}
			r := recordIn(t, parts)
			if err := capture.Check(r); err != nil {
				t.Errorf("Check of what arrived = %v", err)
			}
			if data, err := json.Marshal(r.Case.Data); err != nil || string(data) != c.data {
				t.Errorf("with the prints went %s (%v), want %s", data, err, c.data)
			}
			if got := written(t, m, parts); got != c.files {
				t.Errorf("made of it: %q, want %q", got, c.files)
			}
		})
	}
}

// twoFingers is a script of ten prints with a person who has the index fingers
// alone, and what is taken then.
func twoFingers(script, want string) (string, string) {
	if want = strings.TrimSuffix(want, tenAtOnce); strings.Contains(script, "purpose=") {
		var kept []string
		for line := range strings.Lines(script) {
			if strings.HasPrefix(line, "case") || strings.HasPrefix(line, "person") || strings.HasPrefix(line, "station") {
				kept = append(kept, line)
			}
		}
		portrait, _, _ := strings.Cut(want, "right_index")
		script, want = strings.Join(kept, ""), portrait+"right_index left_index"
		for _, p := range finger.All() {
			if p.Digit() != finger.Index {
				script += "except " + p.String() + " missing in an accident\n"
				want += " -" + p.String()
			}
		}
	}
	return script, want
}

const tenAtOnce = "right_index right_middle right_ring right_little left_index left_middle left_ring left_little right_thumb left_thumb"

// recordIn is the record among the parts of a package.
func recordIn(t *testing.T, parts []seal.Part) capture.Record {
	t.Helper()
	for _, p := range parts {
		if p.Name == "session.json" {
			r, err := capture.ReadRecord(p.Data)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatal("there is no record")
	return capture.Record{}
}

// written names the files that the service makes of a package for its receiver.
// A transaction among them has no faults.
func written(t *testing.T, m seal.Manifest, parts []seal.Part) string {
	t.Helper()
	var own []capture.Part
	for _, p := range parts {
		own = append(own, capture.Part(p))
	}
	files, err := records.Write(own, string(m.Purpose), records.Defaults(), m.PackageID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		if !strings.HasSuffix(f.Name, ".an2") {
			continue
		}
		file, err := nist.Parse(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		if faults := nist.Check(file); len(faults) > 0 {
			t.Errorf("%s: %v", f.Name, faults)
		}
	}
	return strings.Join(names, " ")
}
