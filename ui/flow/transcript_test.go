package flow_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"optag/capture/finger"
	"optag/ui/flow"
)

var update = flag.Bool("update", false, "write what comes out into the transcripts")

// A transcript in testdata is a case at the counter. A line at the margin is
// what the clerk, a device or the service does; below it stands what the station
// is to do (>), the page that is opened and the advice line. # begins a remark.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want))
			switch {
			case got == string(want):
			case *update:
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("got and want differ; got:\n%s", got)
			}
		})
	}
}

func play(t *testing.T, text string) string {
	t.Helper()
	d := newDesk(t)
	var out strings.Builder
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "    ") {
			continue
		}
		fmt.Fprintln(&out, line)
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		do, known := commands[words[0]]
		if !known {
			t.Fatalf("no command is called %q", words[0])
		}
		d.said = nil
		do(d, append(words[1:], "", "", ""))
		for _, s := range d.said {
			fmt.Fprintln(&out, "    "+s)
		}
	}
	return out.String()
}

func effectWords(e flow.Effect) string {
	name := strings.ToLower(reflect.TypeOf(e).Name())
	switch e := e.(type) {
	case flow.ReadCard:
		return fmt.Sprintf("read the card, number %d, with CAN %v, with zone %v", e.Ask, e.CAN != "", e.MRZ != "")
	case flow.Watch:
		switch {
		case len(e.Task.Fingers) == 0:
			return "watch until the glass is clear"
		case e.Task.Slap != 0:
			return fmt.Sprintf("watch for %v, %v, from %v", e.Task.Slap, e.Task.Fingers, e.Thresholds)
		}
		return fmt.Sprintf("watch for %v from %d", e.Task.First(), e.Thresholds[0])
	case flow.Sound:
		return "sound " + e.Cue
	case flow.Log:
		return strings.TrimSpace(strings.Join([]string{"log", e.Actor, e.Event, e.Detail}, " "))
	case flow.Reopen:
		return "reopen " + e.Device
	case flow.CheckPIN:
		return "check the PIN of " + e.Staff
	case flow.CheckCard:
		return "have the card of " + e.Staff + " sign, " + map[bool]string{true: "its PIN typed at the reader", false: "with its PIN"}[e.PIN == ""]
	}
	return name
}

func noticeWords(n flow.Notice) string {
	w := strings.TrimSpace("says " + n.Code + " " + n.Slap.String())
	for _, p := range []finger.Position{n.Finger, n.Other} {
		if p != 0 {
			w += " " + p.String()
		}
	}
	if n.Code == "taken" {
		return w // the score is the drawing's
	}
	if n.Number != 0 {
		w += " " + strconv.Itoa(n.Number)
	}
	return strings.TrimSpace(w + " " + n.Word)
}
