package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device/devicetest"
	"optag/device/mrzreader"
	"optag/device/mrzreader/mrzreadertest"
	"optag/device/selftest"
)

// onALine is a simulated reader on a terminal of the system, and the settings
// that name it.
func onALine(t *testing.T) (*mrzreadertest.Sim, *station.Reader) {
	t.Helper()
	far, path := devicetest.Terminal(t)
	s := mrzreadertest.Attach(far, mrzreadertest.Config{Ends: mrzreadertest.Ends{Break: "\r"}})
	t.Cleanup(func() { far.Close(); s.Wait() })
	return s, &station.Reader{Profile: "generic", Line: path}
}

// TestSelfTestOfAReader, over a line of the system.
func TestSelfTestOfAReader(t *testing.T) {
	whole := mrzreadertest.Documents()[1]
	wrong := []string{whole[0], strings.Replace(whole[1], "7408122", "7408123", 1)}
	for _, c := range []struct {
		name    string
		swipes  [][]string
		allowed bool
		want    string
	}{
		{"nobody there", nil, false, "answers pass, zone skipped"},
		{"a passport", [][]string{whole}, true, "answers pass, zone pass, digits pass, spoilt pass"},
		{"a wrong digit", [][]string{wrong}, true, "answers pass, zone pass, digits fail, spoilt pass"},
		{"the second time", [][]string{{whole[0]}, whole}, true, "answers pass, zone pass, digits pass, spoilt warn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, r := onALine(t)
			d := readerAt(r)
			if d.Kind != "mrz" || d.Health != "attached" || d.At != r.Line {
				t.Errorf("listed as %+v", d)
			}
			b := newBench()
			var said bytes.Buffer
			b.swipe, b.err = c.allowed, writer(func(p []byte) (int, error) {
				if len(c.swipes) > 0 { // asked for
					next := c.swipes[0]
					c.swipes = c.swipes[1:]
					time.AfterFunc(200*time.Millisecond, func() { s.Swipe(next) })
				}
				return said.Write(p)
			})
			b.device(t.Context(), &d)
			var got []string
			for _, check := range b.report.Checks {
				got = append(got, fmt.Sprint(check.ID, " ", check.Outcome))
				if strings.Contains(check.Text+check.Do, "ERIKSSON") || strings.Contains(check.Text+check.Do, "L898902C") {
					t.Errorf("%s tells of the holder", check.ID)
				}
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%s, want %s\n%s", strings.Join(got, ", "), c.want, said.String())
			}
		})
	}
}

// TestReaderThatIsNotThere says why.
func TestReaderThatIsNotThere(t *testing.T) {
	for _, c := range []struct {
		name   string
		reader station.Reader
		health string
	}{
		{"a line that is missing", station.Reader{Profile: "generic", Line: filepath.Join(t.TempDir(), "tty")}, "unplugged"},
		{"a keyboard that is missing", station.Reader{Profile: station.PlaysKeyboard, Line: filepath.Join(t.TempDir(), "kbd")}, "unplugged"},
		{"a model that nobody knows", station.Reader{Profile: "abacus", Line: os.DevNull}, "failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := readerAt(&c.reader)
			if d.Health != c.health || d.Note == "" {
				t.Errorf("%s: %s", d.Health, d.Note)
			}
			d.probe(t.Context())
			if d.Health != c.health {
				t.Errorf("opened: %s: %s", d.Health, d.Note)
			}
			b := newBench()
			b.device(t.Context(), &d)
			if b.report.Failures != 1 || b.report.Checks[0].Outcome != selftest.Fail {
				t.Errorf("%+v", b.report.Checks)
			}
		})
	}
}

// TestReaderSettings: what names no reader is refused when the settings are read.
func TestReaderSettings(t *testing.T) {
	own := mrzreader.Profiles()[0]
	for text, good := range map[string]bool{
		`{"profile":"3m"}`:                           true,
		`{"profile":"keyboard","line":"/dev/input"}`: true,
		`{"profile":"keyboard"}`:                     false,
		`{"profile":"abacus"}`:                       false,
		`{"profile":"abacus","own":{"maker":"Abacus","model":"1","mode":{"baud":19200}}}`: true,
	} {
		file := filepath.Join(t.TempDir(), "station.json")
		if err := os.WriteFile(file, []byte(`{"reader":`+text+`}`), 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := station.LoadSettings(file, true)
		if (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
		if strings.Contains(text, "own") {
			if p, _ := set.Reader.Model(); p.Mode.Baud != 19200 || p.Name != "abacus" || p.Mode == own.Mode {
				t.Errorf("a profile of its own is %+v", p)
			}
		}
	}
}
