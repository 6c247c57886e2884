package record

import (
	"bytes"
	"os"
	"testing"

	"optag/capture"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

// TestOneByteWrong: whichever byte of a file that was written changes, its
// receiver's check says so, or reads the very same prints of the very same fingers.
func TestOneByteWrong(t *testing.T) {
	file, err := transaction(begin(t, rule.Eurodac, rule.Art11).takes(2).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10).with(capture.Data{Reference: "DK31"}))
	if err != nil {
		t.Fatal(err)
	}
	step := 37
	if os.Getenv("OPTAG_SOAK") != "" {
		step = 1
	}
	want, noticed := seen(t, file), 0
	for i := 0; i < len(file); i += step {
		spoilt := bytes.Clone(file)
		spoilt[i] ^= byte(1 + i%255)
		if Inspect("eurodac-3", spoilt, EurodacAgreement()) != nil {
			noticed++
		} else if seen(t, spoilt) != want {
			t.Fatalf("byte %d: %#x became %#x, other prints are read, and nobody notices", i, file[i], spoilt[i])
		}
	}
	t.Logf("of %d changed bytes %d were noticed", (len(file)+step-1)/step, noticed)
}

// seen tells which fingers a file shows, by the hashes of their images.
func seen(t *testing.T, file []byte) (all string) {
	t.Helper()
	tr, err := nist.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range tr.OfType(14) {
		all += r.Text(13) + " " + nist.Hash(r.Data()) + "\n"
	}
	return all
}
