package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"optag/capture/finger"
	"optag/cmd/internal/trust"
	"optag/queue/seal"
)

// cases is how many enrolments the crash test makes.
func cases() int {
	switch {
	case os.Getenv("OPTAG_SOAK") != "":
		return 500
	case testing.Short():
		return 10
	}
	return 50
}

// TestEachCaseArrivesOnce: with the network off, cases are enrolled while the
// program is killed at random moments; then the network comes back, and the
// program that delivers is killed as well. The service ends with every
// acknowledged case exactly once, none damaged.
func TestEachCaseArrivesOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	random := rand.New(rand.NewPCG(20, 26))
	acknowledged, kills := d.enrolUnderFire(random, cases())
	t.Logf("%d cases acknowledged, the program killed %d times", len(acknowledged), kills)

	store := d.home + "-service"
	service, err := trust.StartPrivate(d.home, store, "SIM-01", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	t.Logf("delivery killed %d times", d.deliverUnderFire(random))
	d.compare(service, acknowledged)

	if code := d.run("queue", "verify"); code != 0 {
		t.Errorf("queue verify = %d: %s", code, d.errout.String())
	}
}

// enrolUnderFire enrols n cases, each until it is acknowledged, and kills two
// programs in three at some moment of their lives.
func (d *desk) enrolUnderFire(random *rand.Rand, n int) (ids []string, kills int) {
	d.t.Helper()
	face := d.file("face.jpg", portraitJPEG(d.t))
	child := []string{"enrol", "--case", d.file("four.json", []byte(childOf4)), "--face", face}
	grown := []string{"enrol", "--case", d.file("adult.json", []byte(adult)), "--face", face}
	for _, p := range []finger.Position{finger.RightIndex, finger.LeftIndex} {
		grown = append(grown, "--print", p.String()+"="+d.file(p.String()+".png", printPNG(d.t, printOf(d.t, 1, p), 500)))
	}
	for len(ids) < n {
		args := child
		if len(ids)%4 == 0 {
			args = grown
		}
		life := time.Duration(-1)
		if random.IntN(3) > 0 {
			life = time.Duration(random.IntN(150)) * time.Millisecond
		}
		out, killed := d.child(life, args...)
		if killed {
			kills++
		}
		if id, _, ok := strings.Cut(out, "  "); ok && len(id) == 32 {
			ids = append(ids, id)
		}
	}
	return ids, kills
}

// deliverUnderFire runs "queue send" until nothing waits.
func (d *desk) deliverUnderFire(random *rand.Rand) (kills int) {
	d.t.Helper()
	for i := range 200 {
		life := time.Duration(50+random.IntN(600)) * time.Millisecond
		if i > 20 {
			life = -1
		}
		if _, killed := d.child(life, "queue", "send"); killed {
			kills++
			continue
		}
		if !d.anyWaits() {
			return kills
		}
	}
	d.t.Fatal("packages still wait after 200 deliveries")
	return kills
}

func (d *desk) anyWaits() bool {
	d.t.Helper()
	if code := d.run("queue", "ls"); code != 0 {
		d.t.Fatalf("queue ls = %d: %s", code, d.errout.String())
	}
	return strings.Contains(d.out.String(), "queued") || strings.Contains(d.out.String(), "sending")
}

// child runs the program as a process of its own and kills it after life, or
// not at all when life is negative. out is what it said before it ended.
func (d *desk) child(life time.Duration, args ...string) (out string, killed bool) {
	d.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"--home", d.home}, args...)...)
	cmd.Env = append(os.Environ(), "OPTAG_TEST_IS_PROGRAM=1")
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	if life >= 0 {
		time.AfterFunc(life, func() { cmd.Process.Kill() })
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	killed = errors.As(err, &exit) && exit.ExitCode() < 0
	if err != nil && !killed {
		d.t.Fatalf("%s: %v: %s", args[0], err, complaint.String())
	}
	return said.String(), killed
}

// compare opens everything the service has and compares it with what the
// station acknowledged. A case whose acknowledgement was lost with the process
// may be there as well, once.
func (d *desk) compare(service *trust.Private, acknowledged []string) {
	d.t.Helper()
	var there []string
	for entry, err := range service.Store.Entries() {
		if err != nil {
			d.t.Fatal(err)
		}
		there = append(there, entry.PackageID)
		sealed, err := os.ReadFile(service.Store.Path(entry))
		if err != nil {
			d.t.Fatal(err)
		}
		m, parts, err := seal.Open(sealed, service.Authority.Identities[0], service.Station.PublicKeys()...)
		if err != nil {
			d.t.Errorf("package %s does not open: %v", entry.PackageID, err)
			continue
		}
		if m.PackageID != entry.PackageID || len(parts) < 3 {
			d.t.Errorf("package %s holds %d parts and calls itself %s", entry.PackageID, len(parts), m.PackageID)
		}
	}
	slices.Sort(there)
	if unique := slices.Compact(slices.Clone(there)); len(unique) != len(there) {
		d.t.Errorf("%d packages at the service, %d different ones", len(there), len(unique))
	}
	for _, id := range acknowledged {
		if _, found := slices.BinarySearch(there, id); !found {
			d.t.Errorf("package %s was acknowledged and did not arrive", id)
		}
	}
	d.t.Logf("%d packages arrived, each once", len(there))
}

// TestDamagedQueueIsSetAside: a damaged database file is set aside and named,
// and the station goes on.
func TestDamagedQueueIsSetAside(t *testing.T) {
	d := newDesk(t)
	face, four := d.file("face.jpg", portraitJPEG(t)), d.file("four.json", []byte(childOf4))
	if code := d.run("enrol", "--case", four, "--face", face); code != 0 {
		t.Fatalf("enrol = %d: %s", code, d.errout.String())
	}
	file := filepath.Join(d.home, "queue", "optag.db")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * 4096 { // both meta pages
		raw[i] ^= 0x5a
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := d.run("queue", "ls"); code != 0 {
		t.Fatalf("queue ls = %d: %s", code, d.errout.String())
	}
	if !strings.Contains(d.errout.String(), "set aside as") {
		t.Errorf("said %q", d.errout.String())
	}
	if code := d.run("enrol", "--case", four, "--face", face); code != 0 {
		t.Errorf("enrol after the damage = %d: %s", code, d.errout.String())
	}
}

// TestFullDisk: where nothing can be written, enrol says so and what is queued
// stays.
func TestFullDisk(t *testing.T) {
	if _, err := exec.LookPath("prlimit"); err != nil {
		t.Skip("prlimit is not installed, which limits the size of files")
	}
	d := newDesk(t)
	face, four := d.file("face.jpg", portraitJPEG(t)), d.file("four.json", []byte(childOf4))
	if code := d.run("enrol", "--case", four, "--face", face); code != 0 {
		t.Fatalf("enrol = %d: %s", code, d.errout.String())
	}
	info, err := os.Stat(filepath.Join(d.home, "queue", "optag.db"))
	if err != nil {
		t.Fatal(err)
	}
	limit := "--fsize=" + strconv.FormatInt(info.Size(), 10)
	var failed bool
	for range 20 { // until the free pages of the file are used up
		cmd := exec.Command("prlimit", limit, os.Args[0], "--home", d.home, "enrol", "--case", four, "--face", face)
		cmd.Env = append(os.Environ(), "OPTAG_TEST_IS_PROGRAM=1")
		said, err := cmd.CombinedOutput()
		if err != nil {
			failed = true
			if !strings.Contains(string(said), "full") || strings.Contains(string(said), "panic") {
				t.Errorf("said %q", said)
			}
			break
		}
	}
	if !failed {
		t.Error("twenty packages fitted into a full disk")
	}
	if code := d.run("queue", "verify"); code != 0 {
		t.Errorf("queue verify = %d: %s", code, d.errout.String())
	}
	if n := d.waiting(); n < 1 {
		t.Error("what was queued is gone")
	}
}
