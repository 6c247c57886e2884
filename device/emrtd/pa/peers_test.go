package pa_test

import (
	"os"
	"testing"

	"optag/device/emrtd/pa"
)

// Master lists and single certificates that states publish, in the directory
// that OPTAG_CSCA names.
func TestPublishedAuthorities(t *testing.T) {
	dir := os.Getenv("OPTAG_CSCA")
	if dir == "" {
		t.Skip("OPTAG_CSCA names no directory with master lists")
	}
	all, reports, err := pa.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		t.Logf("%-60s %d lists, %d authorities, %d signers, %d refused", r.Source, r.Lists, r.Authorities, r.Signers, len(r.Refused))
		for _, err := range r.Refused {
			t.Log("    ", err)
		}
	}
	t.Logf("%d authorities", len(all.Authorities()))
}
