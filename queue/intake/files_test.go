package intake_test

import (
	"testing"

	"optag/queue/intake"
	"optag/queue/intake/storetest"
)

func TestFiles(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Fixture {
		dir := t.TempDir()
		var open *intake.Files
		reopen := func(t *testing.T) intake.Store {
			t.Helper()
			if open != nil {
				if err := open.Close(); err != nil {
					t.Fatal(err)
				}
			}
			var err error
			if open, err = intake.OpenFiles(dir); err != nil {
				t.Fatal(err)
			}
			return open
		}
		t.Cleanup(func() {
			if err := open.Close(); err != nil {
				t.Error(err)
			}
		})
		return storetest.Fixture{Store: reopen(t), Reopen: reopen}
	})
}
