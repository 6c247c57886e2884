package capture_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
	"optag/device"
	"optag/testdata/gen"
)

var update = flag.Bool("update", false, "write what comes out into the transcripts")

// A transcript in testdata is a conversation with the session. A line at the
// margin is what is done, the indented lines below it are what the session
// answers, and # begins a remark.
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
				t.Errorf("got and want differ from line %d on; got:\n%s", differ(got, string(want)), got)
			}
		})
	}
}

func differ(got, want string) int {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return i + 1
		}
	}
	return len(a)
}

// play answers every line of a transcript anew.
func play(t *testing.T, text string) string {
	t.Helper()
	st := newStage()
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
		st.said = nil
		do(st, words[1:])
		for _, s := range st.said {
			fmt.Fprintln(&out, "    "+s)
		}
	}
	return out.String()
}

// A stage is a counter without a screen.
type stage struct {
	facts   map[string]any
	profile capture.Profile
	s       *capture.Session
	now     time.Time
	skin    map[string]*minutiae.Template // one to a finger of the person
	take    *capture.Take
	asked   finger.Position
	told    string
	said    []string
}

func newStage() *stage {
	return &stage{
		facts:   map[string]any{"capture_on": "2026-11-22", "birth_date": "1990-05-01"},
		profile: capture.EU(), now: noon, skin: map[string]*minutiae.Template{},
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func (st *stage) say(format string, args ...any) {
	st.said = append(st.said, fmt.Sprintf(format, args...))
}

func (st *stage) sayErr(err error) bool {
	if err != nil {
		st.say("refused: %v", err)
	}
	return err != nil
}

// sayNext says which finger is asked for.
func (st *stage) sayNext() {
	if p, more := st.s.NextPrint(); more {
		st.say("place %v", p)
		return
	}
	st.say("no more fingers; kept %v%s", st.s.Kept(), map[bool]string{true: "; come again"}[st.s.Recall()])
}

var commands = map[string]func(*stage, []string){
	// Before the case: facts by their names in the contract, and the site's profile.
	"born": func(st *stage, a []string) { st.facts["birth_date"] = a[0] },
	"fact": func(st *stage, a []string) {
		st.facts[a[0]] = a[1]
		if b, err := strconv.ParseBool(a[1]); err == nil {
			st.facts[a[0]] = b
		}
	},
	"profile": func(st *stage, a []string) { st.profile = profiles[a[0]](st.profile) },
	"open":    func(st *stage, a []string) { st.open() },

	// What the clerk does.
	"inform": func(st *stage, a []string) {
		st.s.Inform(capture.Rights{Text: "residence_card", Version: "1", Language: "ar", How: "shown", At: st.now})
	},
	"mark": func(st *stage, a []string) {
		for _, p := range st.fingers(a[0]) {
			e := capture.Exception{Position: p, Reason: capture.Reason(a[1]), Note: strings.Join(a[2:], " "), SeenBy: "4711", At: st.now}
			if st.sayErr(st.s.Except(e)) {
				return
			}
		}
		st.sayNext()
	},
	"unmark": func(st *stage, a []string) {
		for _, p := range st.fingers(a[0]) {
			st.s.Restore(p)
		}
		st.sayNext()
	},
	"unable": func(st *stage, a []string) {
		st.s.Unable(capture.Inability{Kind: rule.Inability(a[0]), Note: strings.Join(a[1:], " "), SeenBy: "4711", At: st.now})
		st.sayNeed()
	},
	"refuse": func(st *stage, a []string) {
		r := capture.Refusal{Explained: true, By: "4711", At: st.now}
		for _, item := range a {
			r.Items = append(r.Items, rule.Item(item))
		}
		st.s.Refuse(r)
		st.sayNeed()
	},
	"accept": func(st *stage, a []string) {
		if !st.sayErr(st.s.Accept(st.fingers(a[0])[0], strings.Join(a[1:], " "))) {
			st.sayNext()
		}
	},
	"discard": func(st *stage, a []string) {
		if !st.sayErr(st.s.Discard(st.fingers(a[0])[0], strings.Join(a[1:], " "))) {
			st.sayNext()
		}
	},
	"photo":        func(st *stage, a []string) { st.photo(a) },
	"accept_photo": func(st *stage, a []string) { st.s.AcceptPortrait(strings.Join(a, " ")) },
	"amend": func(st *stage, a []string) {
		st.facts[a[0]] = a[1]
		facts, err := st.read()
		if st.sayErr(err) {
			return
		}
		if st.s.Amend(capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO"}, Facts: facts}) {
			st.say("amended; what was taken stays")
			return
		}
		st.say("these are other facts: a case of its own")
	},
	"finish": func(st *stage, a []string) { st.finish() },
	"wipe": func(st *stage, a []string) {
		st.s.Wipe()
		st.say("nothing is left: %v", st.s.Case().Number == "" && len(st.s.Kept()) == 0)
	},

	// What the person does. "finger" is a presentation with a given score;
	// "lay" and "lift" are frames of a drawn finger.
	"finger": func(st *stage, a []string) { st.finger(a[0], a[1]) },
	"lay":    func(st *stage, a []string) { st.lay(a) },
	"lift":   func(st *stage, a []string) { st.frames(device.Frame{PPI: ppi500}, 100*time.Millisecond) },
	"take":   func(st *stage, a []string) { st.take.Now() },
}

var profiles = map[string]func(capture.Profile) capture.Profile{
	"germany":    func(capture.Profile) capture.Profile { return capture.Germany() },
	"left_first": func(p capture.Profile) capture.Profile { p.FirstHand = finger.Left; return p },
	"index_only": func(p capture.Profile) capture.Profile { p.IndexOnly = true; return p },
	"no_thumb":   func(p capture.Profile) capture.Profile { p.Order = p.Order[:3]; return p },
}

// fingers reads a finger, or a whole hand.
func (st *stage) fingers(name string) []finger.Position {
	for _, h := range []finger.Hand{finger.Right, finger.Left} {
		if name == h.String()+"_hand" {
			return slices.DeleteFunc(finger.All(), func(p finger.Position) bool { return p.Hand() != h })
		}
	}
	p, _ := finger.ParsePosition(name)
	return []finger.Position{p}
}

func (st *stage) read() (rule.Facts, error) {
	data, err := json.Marshal(st.facts)
	if err != nil {
		return rule.Facts{}, err
	}
	return rule.Parse(data)
}

func (st *stage) open() {
	facts, err := st.read()
	if st.sayErr(err) {
		return
	}
	st.s, err = capture.Open(filled(capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO"}, Facts: facts}), st.profile)
	if st.sayErr(err) {
		return
	}
	st.sayNeed()
}

// sayNeed says what the law asks for now, and what is next.
func (st *stage) sayNeed() {
	need := st.s.Requirement()
	line := fmt.Sprintf("%s: photo %v, prints %s", need.Decision, st.s.WantsPortrait(), need.Prints.Required)
	if need.Refusal != rule.NoRefusal {
		line += ", " + string(need.Refusal)
	}
	if len(need.Marks) > 0 {
		line += fmt.Sprintf(", marks %v", need.Marks)
	}
	st.say("%s", line)
	if st.s.WantsPrints() {
		st.sayNext()
	}
}

// finger presents a finger of the person, whatever it is asked as.
func (st *stage) finger(which, score string) {
	if st.skin[which] == nil {
		st.skin[which] = capture.NewSkin(uint64(len(st.skin)))
	}
	n, _ := strconv.Atoi(score)
	st.now = st.now.Add(5 * time.Second)
	asked, _ := st.s.NextPrint()
	st.present(asked, capture.NewSample(n, st.skin[which], st.now))
}

func (st *stage) present(p finger.Position, sm capture.Sample) {
	a, err := st.s.Present(p, sm)
	if st.sayErr(err) {
		return
	}
	switch a.Outcome {
	case capture.SameFinger:
		st.say("this finger was taken as %v", a.SameAs)
	case capture.Sufficient:
		st.say("%v taken, quality %s", p, st.quality(a.Score))
	default:
		st.say("%v has quality %s of %d, %d attempts left", p, st.quality(a.Score), st.s.Threshold(p), st.s.AttemptsLeft(p))
	}
	st.sayNext()
}

// quality is the score, which of a drawn finger may be another after the next
// change of the drawing.
func (st *stage) quality(score int) string {
	if st.take != nil {
		return "as measured"
	}
	return strconv.Itoa(score)
}

func (st *stage) photo(a []string) {
	checks := slices.Clone(passed)
	for _, name := range a {
		i := slices.IndexFunc(checks, func(c face.Check) bool { return c.Name == face.Name(name) })
		checks[i].Value = checks[i].Min - 1
	}
	st.sayErr(st.s.Photograph(capture.Portrait{
		Encoded: []byte("the camera's own bytes"), MediaType: "image/jpeg", Width: 1244, Height: 1600,
		Source: "live", Checks: checks, At: st.now,
	}))
}

// passed are checks that are met, whatever their bounds.
var passed = func() (all []face.Check) {
	for _, n := range face.Names() {
		all = append(all, face.Check{Name: n, Value: 1, Min: 0, Max: 2})
	}
	return all
}()

// finish says what the package will hold.
func (st *stage) finish() {
	r, parts, err := st.s.Finish("SIM-01", "4711", st.now)
	if err != nil {
		faults, _ := capture.AsFaults(err)
		for _, f := range faults {
			st.say("%s %s: %s", f.What, f.Kind, f.Why)
		}
		if len(faults) == 0 {
			st.say("refused: %v", err)
		}
		return
	}
	for _, p := range parts {
		st.say("%s", p.Name)
	}
	for _, p := range r.Prints {
		if p.Accepted != "" {
			st.say("%v accepted: %s", p.Position, p.Accepted)
		}
	}
	for _, e := range r.Exceptions {
		st.say("%v not taken: %s", e.Position, e.Reason)
	}
	for _, x := range r.Tried {
		st.say("%v tried %d times", x.Position, len(x.Attempts))
	}
	if r.Inability != nil {
		st.say("unable: %s, %s", r.Inability.Kind, r.Inability.Note)
	}
	if r.Refusal != nil {
		st.say("refuses %v: %s", r.Refusal.Items, r.Refusal.Consequence)
	}
	if len(r.Marks) > 0 {
		st.say("marks %v", r.Marks)
	}
}

var (
	ppi500 = [2]int{500, 500}
	person = gen.Person(11)
	drawn  = map[finger.Position]*gen.Finger{} // grown when a transcript first asks for them
)

// conditions by name, as a transcript writes them.
var conditions = map[string]gen.Conditions{
	"well": {}, "lightly": {Pressure: -1, Coverage: 0.3}, "dry": {Moisture: -1, Pressure: -0.5}, "again": {Rotation: 4, ShiftX: 0.5},
	"aside": {ShiftX: 6, Coverage: 0.4},
}

// lay puts a drawn finger on the glass for a time: "lay right_index well 500ms".
func (st *stage) lay(a []string) {
	p, _ := finger.ParsePosition(a[0])
	if drawn[p] == nil {
		drawn[p] = person.Finger(gen.Position(p))
	}
	d, _ := time.ParseDuration(a[2])
	img := drawn[p].Impression(glass, ppi500, conditions[a[1]], 1)
	st.frames(device.Frame{Image: img, PPI: ppi500, Contact: true}, d)
}

// frames shows the same frame every tenth of a second, and presents what the
// take leaves.
func (st *stage) frames(f device.Frame, d time.Duration) {
	if f.Image == nil {
		f.Image = gen.Blank(glass, 0, 1)
	}
	for end := st.now.Add(d); st.now.Before(end); st.now = st.now.Add(100 * time.Millisecond) {
		next, more := st.s.NextPrint()
		if !more {
			return
		}
		if st.take == nil || st.asked != next {
			st.take, st.asked, st.told = capture.NewTake(capture.Task{Fingers: []finger.Position{next}}, []int{st.s.Threshold(next)}, st.profile, nil), next, ""
		}
		live := st.take.Frame(f, st.now)
		if told := strings.TrimSpace(fmt.Sprintf("%s %s", live.Phase, live.Advice)); told != st.told {
			st.told = told
			st.say("%s", told)
		}
		if sm, ok := st.take.Sample(device.Info{Driver: "test", Certified: true}); ok {
			st.present(next, sm)
			st.asked = 0
		}
	}
}
