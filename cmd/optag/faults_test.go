package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/cmd/optag/internal/simulate"
	"optag/cmd/optag/internal/station"
	"optag/queue/seal"
)

// TestWhateverHappensAtTheCounter plays whole cases on devices and with people
// that fail in each way, and looks at what the service receives.
func TestWhateverHappensAtTheCounter(t *testing.T) {
	const who = "case number=1 birth_date=1991-05-14\nperson 5\n"
	for _, c := range []struct {
		name, script string
		want         string // items and exceptions of the package, in order
	}{
		{"the scanner is pulled out between two fingers", who + "unplug at left_index for 3s", "portrait right_index left_index"},
		{"the scanner falls silent", who + "silent at right_index for 4s", "portrait right_index left_index"},
		{"the scanner sends rubbish, then another size", who + "garbled at right_index\nwrong_size at left_index for 3s", "portrait right_index left_index"},
		{"the scanner claims another resolution", who + "wrong_ppi at left_index for 3s", "portrait right_index left_index"},
		{"a finger is left lying", who + "right_index: lying for 4s", "portrait right_index left_index"},
		{"the same finger twice", who + "left_index: same_as right_index, ok", "portrait right_index left_index"},
		{"three poor attempts, then the middle finger", who + "right_index: poor, poor, poor", "portrait right_middle left_index -right_index"},
		{"the camera is pulled out", who + "unplug at face for 3s", "portrait right_index left_index"},
		{"the camera's pictures end in the middle", who + "torn at face for 3s", "portrait right_index left_index"},
		{"one hand only", who + "except left_palm missing lost in an accident",
			"portrait right_index right_middle -left_thumb -left_index -left_middle -left_ring"},
		{"both prints and portrait are refused", who + "refuse prints photo", ""},
		{"a child of four", "case number=1 birth_date=2022-05-14\nperson 5\n", "portrait"},
		{"an asylum seeker's ten prints", "case birth_date=1991-05-14 purpose=eurodac basis=art4 reference_number=DK1A118402 place=Sandholm sex=F\nperson 5\nexcept left_ring missing gone",
			"right_index right_middle right_ring right_little left_index left_middle left_little right_thumb left_thumb -left_ring"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := playOut(t, c.script)
			if got := contents(m); got != c.want {
				t.Errorf("the package holds %q, want %q", got, c.want)
			}
		})
	}
}

// Whole cases at a scanner that takes four fingers at once. Each frame of a slap
// is four prints to measure, so these have the machine to themselves.
func TestSlapsAtTheCounter(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"a card's two prints side by side", "case number=1 birth_date=1991-05-14\nperson 5\nscanner slaps", "portrait right_index left_index"},
		{"ten prints as slaps: the wrong hand, a finger short, fingers that touch",
			"case birth_date=1991-05-14 purpose=eurodac basis=art4 reference_number=DK1A118402 place=Sandholm sex=F\nperson 5\nscanner slaps\nright_four: other_hand\nleft_four: all_fingers\nthumbs: spread",
			"right_index right_middle right_ring right_little left_index left_middle left_ring left_little right_thumb left_thumb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := contents(playOut(t, c.script)); got != c.want {
				t.Errorf("the package holds %q, want %q", got, c.want)
			}
		})
	}
}

// contents lists the items of a package by name and its exceptions with a dash.
func contents(m seal.Manifest) string {
	var words []string
	for _, it := range m.Items {
		if it.Kind == "portrait" {
			words = append(words, it.Kind)
			continue
		}
		words = append(words, it.Position)
	}
	for _, x := range m.Exceptions {
		words = append(words, "-"+x.Position)
	}
	return strings.Join(words, " ")
}

// playOut plays a script without a display. Nothing may be left at the station.
func playOut(t *testing.T, text string, amend ...func(*station.Options)) seal.Manifest {
	t.Helper()
	manifest, _ := playParts(t, text, amend...)
	return manifest
}

// playParts plays a script and opens at the service what arrived.
func playParts(t *testing.T, text string, amend ...func(*station.Options)) (seal.Manifest, []seal.Part) {
	t.Helper()
	script, err := simulate.ParseScript(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ctx, over := context.WithTimeout(context.Background(), 2*time.Minute)
	defer over()
	clerk := &simulate.Clerk{Staff: simulatedStaff, PIN: simulatedPIN, Script: script}
	r := &robot{clerk: clerk, over: over}
	dir := t.TempDir()
	e := &env{home: filepath.Join(dir, "home"), config: filepath.Join(dir, "station.json"), out: os.Stdout, err: os.Stderr}
	set := station.Defaults()
	set.Profile.Patience = time.Second
	if err := set.Save(e.config); err != nil {
		t.Fatal(err)
	}
	m, err := newSimulation(e, script, slog.New(slog.DiscardHandler), r.see, amend...)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	r.send = m.SendThen
	if err := m.Run(ctx); err != nil {
		t.Fatal(err)
	}
	d := &demonstration{e: &env{out: io.Discard, home: e.home}, clerk: clerk}
	if err := d.ended(); err != nil {
		t.Fatal(err)
	}
	manifest, parts, _, err := openAtService(m, clerk.Closed.Package)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.leftBehind(m, parts); err != nil {
		t.Error(err)
	}
	if n := slices.IndexFunc(parts, func(p seal.Part) bool { return p.Name == "session.json" }); n < 0 {
		t.Error("the package holds no record")
	}
	return manifest, parts
}
