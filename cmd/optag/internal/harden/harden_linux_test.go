package harden

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStart: a process that has started with it leaves no core and cannot be
// read by others. It runs as a process of its own, because there is no way back.
func TestStart(t *testing.T) {
	if os.Getenv("OPTAG_TEST_HARDENED") != "" {
		Start(slog.New(slog.NewTextHandler(os.Stdout, nil)))
		limits, err := os.ReadFile("/proc/self/limits")
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.Write(limits)
		if n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); n != 0 || err != nil {
			t.Errorf("PR_GET_DUMPABLE = %d, %v", n, err)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestStart$")
	cmd.Env = append(os.Environ(), "OPTAG_TEST_HARDENED=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if bytes.Contains(out, []byte("core dumps\"")) {
		t.Errorf("said %s", out)
	}
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
			if f := strings.Fields(rest); f[0] != "0" || f[1] != "0" {
				t.Errorf("a core file may have %s bytes", f[0])
			}
			return
		}
	}
	t.Errorf("no limit found in %s", out)
}
