package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
)

// A typist at a virtual display: keys go in, the title of the window tells the
// page, pictures come out.
type typist struct {
	t       *testing.T
	display string
	shots   string
	taken   int
}

// TestKeyboardAlone drives the real program with nothing but keys, from log-in
// to the signed receipt. OPTAG_SHOTS=DIR keeps the pictures.
func TestKeyboardAlone(t *testing.T) {
	for _, tool := range []string{"Xvfb", "xdotool", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not installed", tool)
			}
			t.Skipf("%s is not installed", tool)
		}
	}
	k := openDisplay(t)
	home := filepath.Join(t.TempDir(), "home")
	program := k.program(home)

	k.page("login")
	k.shot("login")
	k.write(simulatedStaff)
	k.press("Tab")
	k.write(simulatedPIN)
	k.press("Return")
	k.page("home")
	k.ringOnHome()
	k.press("Return")
	k.page("case")
	for i, value := range []string{"26-4711", "HADDAD", "Samira", "1991-05-14"} {
		if i > 0 {
			k.press("Tab")
		}
		k.write(value)
	}
	k.shot("case")
	k.press("ctrl+k")
	k.shot("case-high-contrast")
	k.press("ctrl+k")
	k.press("Return")
	k.page("law")
	k.shot("law")
	k.press("Return")
	k.page("rights")
	k.shot("rights")
	k.pressUntil("prints", "Return") // through its pages
	k.press("F2")                    // and back: nothing is lost by looking
	k.page("exceptions")
	k.shot("exceptions")
	k.press("Escape")
	k.page("prints")
	time.Sleep(time.Second)
	k.shot("prints")
	k.page("portrait")
	time.Sleep(2 * time.Second) // until the person looks into the camera
	k.press("Return")           // takes it
	time.Sleep(2 * time.Second)
	k.shot("portrait")
	k.pressUntil("review", "Return") // uses it
	k.shot("review")
	k.press("Return") // what cannot be undone is never one key
	time.Sleep(300 * time.Millisecond)
	k.page("review")
	k.press("ctrl+Return")
	k.page("delivery")
	time.Sleep(1500 * time.Millisecond)
	k.shot("delivery")
	k.press("ctrl+q")
	if err := program.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	k.arrived(home)
}

// ringOnHome checks that where Tab leads is seen at once, on a page on which
// nothing else moves.
func (k *typist) ringOnHome() {
	k.t.Helper()
	before := k.screen()
	k.press("Tab")
	time.Sleep(300 * time.Millisecond)
	if bytes.Equal(before, k.screen()) {
		k.t.Error("Tab shows no ring on the first page")
	}
}

// screen is what the upper part of the display shows, above the line with the clock.
func (k *typist) screen() []byte {
	k.t.Helper()
	cmd := exec.Command("import", "-window", "root", "-crop", "1280x700+0+0", "rgb:-")
	cmd.Env = append(os.Environ(), "DISPLAY="+k.display)
	out, err := cmd.Output()
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

// arrived checks that the service has the one case and the station nothing.
func (k *typist) arrived(home string) {
	k.t.Helper()
	service, err := trust.LoadService(home)
	if err != nil {
		k.t.Fatal(err)
	}
	q, err := station.OpenQueue(home, service, time.Now)
	if err != nil {
		k.t.Fatal(err)
	}
	defer q.Close()
	stats, err := q.Stats()
	if err != nil {
		k.t.Fatal(err)
	}
	if stats.Delivered != 1 || stats.Waiting != 0 {
		k.t.Errorf("%d delivered and %d waiting, want 1 and 0", stats.Delivered, stats.Waiting)
	}
}

// openDisplay starts a virtual display that ends with the test.
func openDisplay(t *testing.T) *typist {
	t.Helper()
	k := &typist{t: t, shots: os.Getenv("OPTAG_SHOTS")}
	if k.shots == "" {
		k.shots = t.TempDir()
	}
	if err := os.MkdirAll(k.shots, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", "")
	s := &stage{}
	if err := s.virtual(); err != nil {
		t.Fatal(err)
	}
	k.display = os.Getenv("DISPLAY")
	t.Cleanup(func() { s.Close() })
	return k
}

// program starts the kiosk on simulators.
func (k *typist) program(home string) *exec.Cmd {
	k.t.Helper()
	cmd := exec.Command(os.Args[0], "--home", home, "run", "--simulate", "--window", "1280x800")
	cmd.Env = append(os.Environ(), "OPTAG_TEST_IS_PROGRAM=1", "DISPLAY="+k.display)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() {
		cmd.Process.Kill()
		if k.t.Failed() {
			k.t.Logf("the program said:\n%s", said.String())
		}
	})
	return cmd
}

func (k *typist) xdotool(args ...string) string {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+k.display)
	out, _ := cmd.CombinedOutput()
	return strings.TrimSpace(string(out))
}

// shows reports whether the window's title names a page.
func (k *typist) shows(page string) bool {
	return strings.Contains(k.xdotool("search", "--name", "^optag", "getwindowname"), "optag "+page)
}

// page waits until a page is shown.
func (k *typist) page(want string) {
	k.t.Helper()
	for range 400 {
		if k.shows(want) {
			time.Sleep(250 * time.Millisecond) // until it is drawn
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	k.stuck(want)
}

// pressUntil presses a key every second until a page is shown.
func (k *typist) pressUntil(want, key string) {
	k.t.Helper()
	for range 40 {
		k.press(key)
		for range 10 {
			if k.shows(want) {
				time.Sleep(250 * time.Millisecond)
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	k.stuck(want)
}

func (k *typist) stuck(want string) {
	k.t.Helper()
	k.shot("stuck")
	k.t.Fatalf("the screen shows %q, want %s; see %s", k.xdotool("search", "--name", "^optag", "getwindowname"), want, k.shots)
}

func (k *typist) press(key string) {
	k.xdotool("key", "--clearmodifiers", key)
	time.Sleep(120 * time.Millisecond)
}

func (k *typist) write(text string) { k.xdotool("type", "--delay", "25", text) }

// shot takes a picture of the screen and fails when it is of one colour.
func (k *typist) shot(name string) {
	k.t.Helper()
	k.taken++
	file := filepath.Join(k.shots, string(rune('a'+k.taken-1))+"-"+name+".png")
	cmd := exec.Command("import", "-window", "root", file)
	cmd.Env = append(os.Environ(), "DISPLAY="+k.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		k.t.Errorf("taking a picture: %v: %s", err, out)
		return
	}
	if info, err := os.Stat(file); err != nil || info.Size() < 5000 {
		k.t.Errorf("the picture %s shows nothing", name)
	}
}
