package record

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

// The files of this package are read by programs of others, where these are at
// hand. They are no part of the project.

// TestBiomdi has the validators of NIST's biomdi look at the records of a card.
func TestBiomdi(t *testing.T) {
	dir := os.Getenv("OPTAG_BIOMDI")
	if dir == "" {
		t.Skip("OPTAG_BIOMDI names no directory with firv and frfv")
	}
	work := t.TempDir()
	for name, m := range map[string]*made{
		"two": family(t, 2, 7), "one": family(t, 2).lacks(capture.Missing, 1, 3, 4, 6, 7, 8, 9),
		"estimate": func() *made {
			m := begin(t, rule.ResidenceCard, rule.AA9)
			m.r.Profile.Algorithm = capture.EU().Algorithm
			return m.sits("image/jpeg").takes(2, 7)
		}(),
	} {
		parts, err := WriteCard(set[Card](m), CardDefaults())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			file := filepath.Join(work, name+p.Name)
			if err := os.WriteFile(file, p.Data, 0o600); err != nil {
				t.Fatal(err)
			}
			args := map[string][]string{".fir": {"firv", "-ti", "ISO", file}, ".fac": {"frfv", file}}[filepath.Ext(file)]
			if args == nil {
				continue
			}
			if out, err := exec.Command(filepath.Join(dir, args[0]), args[1:]...).CombinedOutput(); err != nil || len(strings.TrimSpace(string(out))) > 0 {
				t.Errorf("%s of %s: %v\n%s", args[0], p.Name, err, out)
			}
		}
	}
}

// countFields has nistitl count the fields of each record of a file.
const countFields = `
import sys, nistitl
m = nistitl.Message()
m.parse(sys.stdin.buffer.read())
print(' '.join('%d:%d' % (r.type, len(r._fields)) for r in m))
`

// TestNistitl reads each transaction with idemia/python-nistitl.
func TestNistitl(t *testing.T) {
	dir := os.Getenv("OPTAG_NISTITL")
	if dir == "" {
		t.Skip("OPTAG_NISTITL names no directory with nistitl.py")
	}
	for name, m := range map[string]*made{
		"eurodac": asylum(t), "vis": begin(t, rule.VIS, rule.Visa).takes(nine...).lacks(capture.Missing, 9).sits("image/jpeg"),
		"register": begin(t, rule.PoliceRegister, rule.Register3).takes(nine...).lacks(capture.Temporary, 9),
	} {
		file, err := transaction(m)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("python3", "-c", countFields)
		cmd.Env = append(os.Environ(), "PYTHONPATH="+dir)
		cmd.Stdin = strings.NewReader(string(file))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := strings.TrimSpace(string(out)), counted(t, file); got != want {
			t.Errorf("%s: nistitl reads %s, want %s", name, got, want)
		}
	}
}

// counted counts them here.
func counted(t *testing.T, file []byte) string {
	t.Helper()
	tr, err := nist.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, r := range tr.Records {
		words = append(words, fmt.Sprintf("%d:%d", r.Type, len(r.Fields)))
	}
	return strings.Join(words, " ")
}
