package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture/notice"
	"optag/cmd/internal/trust"
	"optag/queue"
	"optag/queue/intake"
	"optag/queue/seal"
)

// citizen is a follow-up notice of a set taken some years ago.
func citizen(years int) []byte {
	return fmt.Appendf(nil, `{"kind": "follow_up",
		"capture": {"case_number": "26-4711", "reference_number": "DK118402", "purpose": "eurodac", "basis": "art4", "captured_on": %q},
		"follow_up": {"event": "citizenship", "on": %q, "state": "DNK"}}`,
		time.Now().AddDate(-years, 0, -1).Format(time.DateOnly), time.Now().AddDate(0, 0, -1).Format(time.DateOnly))
}

const laterFound = `{"kind": "deletion",
	"capture": {"case_number": "26-4712", "purpose": "residence_card", "basis": "7", "captured_on": "2024-03-01", "judged_adult": true},
	"deletion": {"birth_date": "2008-01-01", "found_on": "2024-06-01", "found_by": "Immigration Service"}}`

const misspelt = `{"kind": "correction",
	"capture": {"package": "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", "purpose": "residence_card", "basis": "9", "captured_on": "2024-03-01"},
	"correction": {"by": "person", "asks": [{"item": "name", "action": "correct", "right": "Testesen"}]}}`

// TestNoticeFromCounterToService: the three kinds are made, delivered, receipted
// and deleted as captures are, and the service finds in them what was written.
func TestNoticeFromCounterToService(t *testing.T) {
	d := newDesk(t)
	service, err := trust.StartPrivate(d.home, d.home+"-service", "SIM-01", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	for _, text := range []string{string(citizen(3)), laterFound} {
		if code := d.run("notice", "make", "--officer", "4711", d.file("notice.json", []byte(text))); code != 0 {
			t.Fatalf("notice make = %d: %s", code, d.errout.String())
		}
	}
	if d.waiting() != 2 {
		t.Fatalf("%d packages wait, want 2", d.waiting())
	}
	if code := d.run("notice", "make", "--json", "--officer", "4711", "--send", d.file("notice.json", []byte(misspelt))); code != 0 {
		t.Fatalf("notice make --send = %d: %s", code, d.errout.String())
	}
	var last queue.Record
	if err := json.Unmarshal(d.out.Bytes(), &last); err != nil || last.State != queue.Delivered {
		t.Errorf("sent at once: %s, %v", d.out.String(), err)
	}
	d.nothingKept(t, "26-4711", "Testesen", "DK118402")
	arrived := opened(t, service)
	if len(arrived) != 3 {
		t.Fatalf("%d notices arrived, want 3", len(arrived))
	}
	for i, want := range []string{string(citizen(3)), laterFound, misspelt} {
		r, err := notice.Parse([]byte(want))
		if err != nil {
			t.Fatal(err)
		}
		sent, _ := json.Marshal(r)
		got, _ := json.Marshal(arrived[i].Request)
		if !bytes.Equal(got, sent) || arrived[i].Officer != "4711" || notice.Check(arrived[i]) != nil {
			t.Errorf("notice %d arrived as %s, want %s", i+1, got, sent)
		}
	}
	if code := d.run("queue", "verify"); code != 0 {
		t.Errorf("queue verify = %d: %s", code, d.errout.String())
	}
	if code := d.run("audit", "verify"); code != 0 {
		t.Errorf("audit verify = %d: %s", code, d.errout.String())
	}
	d.run("audit", "export")
	if log := d.out.String(); strings.Count(log, "package_queued") != 3 || strings.Count(log, "package_delivered") != 3 || strings.Contains(log, "26-471") {
		t.Errorf("the log does not tell of three packages queued and delivered:\n%s", log)
	}
}

// nothingKept looks for words in every file of the station.
func (d *desk) nothingKept(t *testing.T, words ...string) {
	t.Helper()
	err := filepath.WalkDir(d.home, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s holds %q", filepath.Base(name), w)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// opened are the notices that the service has, in their order.
func opened(t *testing.T, service *trust.Private) (list []notice.Notice) {
	t.Helper()
	unsealed(t, service, func(entry intake.Entry, m seal.Manifest, parts []seal.Part) {
		if m.Kind != seal.KindNotice || entry.Kind != m.Kind || len(m.Items) != 0 {
			t.Errorf("package %d is of kind %q, in the log %q", entry.Sequence, m.Kind, entry.Kind)
		}
		n, err := notice.Read(parts[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	})
	return list
}

// unsealed opens each package that the service has, in their order.
func unsealed(t *testing.T, service *trust.Private, see func(entry intake.Entry, m seal.Manifest, parts []seal.Part)) {
	t.Helper()
	for entry, err := range service.Store.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := os.ReadFile(service.Store.Path(entry))
		if err != nil {
			t.Fatal(err)
		}
		m, parts, err := seal.Open(sealed, service.Authority.Identities[0], service.Station.PublicKeys()...)
		if err != nil {
			t.Fatal(err)
		}
		see(entry, m, parts)
	}
}

// TestNoticeRefused: what may not be made is told by field, and nothing is queued.
func TestNoticeRefused(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"eleven years after", []string{"notice", "make", "--officer", "4711", d.file("old.json", citizen(11))}, 1, "the last day was"},
		{"a field that there is not", []string{"notice", "make", "--officer", "4711", d.file("odd.json", []byte(`{"sort": "x"}`))}, 1, "sort: there is no such field"},
		{"nobody makes it", []string{"notice", "make", d.file("new.json", citizen(1))}, 2, "--officer ID is needed"},
		{"two files", []string{"notice", "check", "a", "b"}, 2, "one file"},
		{"a file that is not there", []string{"notice", "check", filepath.Join(d.dir, "none.json")}, 1, "reading the notice"},
		{"nothing written", []string{"notice", "check"}, 1, "empty"},
		{"an officer's id that is a name", []string{"notice", "make", "--officer", "Ærø Test", d.file("new.json", citizen(1))}, 1, "officer"},
	} {
		if code := d.run(c.args...); code != c.code || !strings.Contains(d.errout.String(), c.says) || strings.Count(d.errout.String(), "\n") != 1 {
			t.Errorf("%s: %d, %q; want %d and %q", c.name, code, d.errout.String(), c.code, c.says)
		}
	}
	if d.waiting() != 0 {
		t.Error("a notice that may not be made was queued")
	}
	if code := d.run("notice", "check", "--json", d.file("old.json", citizen(11))); code != 1 {
		t.Errorf("check of an old one = %d", code)
	}
	var said struct {
		Allowed bool
		Faults  notice.Faults
	}
	if err := json.Unmarshal(d.out.Bytes(), &said); err != nil || said.Allowed || len(said.Faults) != 1 || said.Faults[0].Field != "capture.captured_on" || said.Faults[0].Source == "" {
		t.Errorf("said %s, %v", d.out.String(), err)
	}
}

// TestNoticeChecked: whoever asks is told to whom, until when and why; standard
// input serves as well as a file, and no key is needed.
func TestNoticeChecked(t *testing.T) {
	var out, errout bytes.Buffer
	e := &env{in: bytes.NewReader(citizen(3)), out: &out, err: &errout, home: t.TempDir()}
	if code := run(context.Background(), e, []string{"notice", "check", "-"}); code != 0 {
		t.Fatalf("check = %d: %s", code, errout.String())
	}
	for _, want := range []string{"goes to national_police", "last day " + time.Now().AddDate(7, 0, -1).Format("2006-"), "(AA § 58 j)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("said %q, want %q", out.String(), want)
		}
	}
}

// TestNoticeByAnOfficer: where officers are known, nobody else makes a notice.
func TestNoticeByAnOfficer(t *testing.T) {
	d := newDesk(t)
	settings := d.file("station.json", []byte(`{"officers": [{"id": "4711", "name": "T. Test", "role": "clerk", "pin": ""}]}`))
	file := d.file("new.json", citizen(1))
	if code := d.run("--config", settings, "notice", "make", "--officer", "4712", file); code != 1 || !strings.Contains(d.errout.String(), "no officer") {
		t.Errorf("by a stranger: %d, %s", code, d.errout.String())
	}
	if code := d.run("--config", settings, "notice", "make", "--officer", "4711", file); code != 0 {
		t.Errorf("by an officer: %d, %s", code, d.errout.String())
	}
}
