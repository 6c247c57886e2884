package nist_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// written are the files of these tests, by name.
func written(t *testing.T) map[string][]byte {
	files := map[string][]byte{"smallest": encode(smallest), "entry-exit": encode(entryExit), "full": fullFile(t).Bytes()}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 50 {
		files[fmt.Sprint("generated-", i)] = generated(r).Bytes()
	}
	return files
}

// dump prints each record's type and each field in hexadecimal, with nothing but
// LEN to find the end of records.
func dump(t *testing.T, data []byte) string {
	var out strings.Builder
	for len(data) > 0 {
		var typ, n int
		if _, err := fmt.Sscanf(string(data[:20]), "%d.001:%d", &typ, &n); err != nil {
			t.Fatal(err)
		}
		rest := data[:n-1]
		for len(rest) > 0 {
			field, more := rest, []byte(nil)
			if !bytes.HasPrefix(rest, fmt.Appendf(nil, "%d.999:", typ)) {
				field, more, _ = bytes.Cut(rest, []byte{0x1d})
			}
			fmt.Fprintf(&out, "%d %x\n", typ, field)
			rest = more
		}
		data = data[n:]
	}
	return out.String()
}

// nistitl prints a file as dump does.
const nistitl = `
import sys, nistitl
m = nistitl.Message()
m.parse(sys.stdin.buffer.read())
for r in m:
    for f in r._fields:
        print(r.type, f.NIST.hex())
`

// TestNistitl reads what is written here with idemia/python-nistitl.
func TestNistitl(t *testing.T) {
	dir := os.Getenv("OPTAG_NISTITL")
	if dir == "" {
		t.Skip("OPTAG_NISTITL names no directory with nistitl.py")
	}
	read := 0
	for name, data := range written(t) {
		cmd := exec.Command("python3", "-c", nistitl)
		cmd.Env = append(os.Environ(), "PYTHONPATH="+dir)
		cmd.Stdin = bytes.NewReader(data)
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, &complaint)
		} else if want := dump(t, data); string(out) != want {
			t.Errorf("%s: nistitl reads\n%s, want\n%s", name, out, want)
		} else {
			read++
		}
	}
	t.Logf("%d files are the same in nistitl", read)
}

// TestChkan2k has the checker of NIST's NBIS look at files in its newest version,
// 0400, with images that it unpacks.
func TestChkan2k(t *testing.T) {
	tool := os.Getenv("OPTAG_CHKAN2K")
	if tool == "" {
		t.Skip("OPTAG_CHKAN2K names no program chkan2k of NBIS")
	}
	for name, file := range filesOf2007(t) {
		noFault(t, roundTrip(t, file.Bytes()))
		path := filepath.Join(t.TempDir(), name+".an2")
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(tool, path).CombinedOutput()
		t.Logf("%s: %v\n%s", name, err, out)
		for line := range strings.Lines(string(out)) {
			// its table of fields has no date for palms
			if strings.Contains(line, "ERROR") && !strings.Contains(line, "[Type-15.005] unknown field") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

func filesOf2007(t *testing.T) map[string]*nist.Transaction {
	h := header()
	h.Version, h.Transaction = "0400", "CAR"
	start := func() *nist.Transaction {
		file := nist.New(h)
		file.AddText()
		return file
	}
	source := nist.Sample{Source: "DNKpol000", Date: "20230425"}
	ten := start()
	for finger := 1; finger <= 10; finger++ {
		p := onePrint(finger, wsqOf(t, 256, 300, 0.75), 256, 300)
		p.Sample, p.Compression = source, "WSQ20"
		ten.AddPrint(p)
	}
	slap, data := start(), wsqOf(t, 800, 500, 0.75)
	p := slapPrint(data, 800, 500)
	p.Sample, p.OtherFields, p.Simultaneous, p.Stitched, p.Profile, p.Technology = source, nil, 0, false, 0, 0
	p.Monitoring, p.ScanAcross, p.ScanDown = "OBSERVED", 500, 500
	slap.AddPrint(p)
	face := start()
	f := oneFace(jpegOf(t, 480, 640), 480, 640)
	f.Sample, f.Transforms, f.Pose = source, nil, "F"
	f.Acquisition = nist.Acquisition{Code: "VENDOR", Description: "booth"}
	face.AddFace(f)
	palm := start()
	q := onePalm(wsqOf(t, 600, 900, 0.75), 600, 900)
	q.Sample, q.Amputations, q.Technology, q.Impression = source, nil, 0, 10
	palm.AddPalm(q)
	return map[string]*nist.Transaction{"ten": ten, "slap": slap, "face": face, "palm": palm}
}
