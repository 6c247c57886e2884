package capture_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
)

// A hand lays fingers down together: scores by finger, in the task's order.
type hand struct {
	t    *testing.T
	s    *capture.Session
	skin [11]*minutiae.Template
	at   time.Time
}

// atTheSlapScanner opens a case at a scanner that takes four fingers at once.
func atTheSlapScanner(t *testing.T, purpose rule.Purpose, basis rule.Basis) *hand {
	t.Helper()
	f := rule.Defaults()
	f.Purpose, f.Basis = purpose, basis
	f.CaptureOn, f.BirthDate = rule.DateOf(noon), rule.BirthDate{Year: 1990, Month: 5, Day: 1}
	s, err := capture.Open(filled(capture.Case{Facts: f}), capture.EU())
	if err != nil {
		t.Fatal(err)
	}
	s.Together(true)
	h := &hand{t: t, s: s, at: noon}
	for i := range h.skin {
		h.skin[i] = capture.NewSkin(uint64(i))
	}
	return h
}

// asks checks what is asked for.
func (h *hand) asks(slap finger.Slap, fingers ...finger.Position) {
	h.t.Helper()
	task, _ := h.s.Next()
	if !task.Is(capture.Task{Slap: slap, Fingers: fingers}) {
		h.t.Fatalf("asked for %v %v, want %v %v", task.Slap, task.Fingers, slap, fingers)
	}
}

// lays presents what is asked for, each finger with a score; returns how it ended.
func (h *hand) lays(scores ...int) []capture.Attempt {
	h.t.Helper()
	task, _ := h.s.Next()
	return h.shows(task.Fingers, scores...)
}

// shows presents these fingers in place of those asked for.
func (h *hand) shows(under []finger.Position, scores ...int) []capture.Attempt {
	h.t.Helper()
	task, _ := h.s.Next()
	h.at = h.at.Add(time.Second)
	var samples []capture.Sample
	for i, p := range under {
		samples = append(samples, capture.NewSample(scores[i], h.skin[p], h.at))
	}
	if task.Slap == 0 {
		a, err := h.s.Present(task.First(), samples[0])
		if err != nil {
			h.t.Fatal(err)
		}
		return []capture.Attempt{a}
	}
	attempts, err := h.s.PresentSlap(task, samples)
	if err != nil {
		h.t.Fatal(err)
	}
	return attempts
}

// keeps checks the scores of the prints kept.
func (h *hand) keeps(want map[finger.Position]int) {
	h.t.Helper()
	for p, score := range want {
		if got, ok := h.s.Best(p); !ok || got != score {
			h.t.Errorf("%v: %d kept (%v), want %d", p, got, ok, score)
		}
	}
}

var (
	rightFour = finger.RightFour.Fingers()
	leftFour  = finger.LeftFour.Fingers()
	thumbs    = finger.Thumbs.Fingers()
	indexes   = finger.Indexes.Fingers()
)

func TestTenPrintsAreAskedForFourFourTwo(t *testing.T) {
	h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
	h.asks(finger.RightFour, rightFour...)
	h.lays(80, 70, 60, 50)
	h.asks(finger.LeftFour, leftFour...)
	h.lays(80, 70, 60, 50)
	h.asks(finger.Thumbs, thumbs...)
	h.lays(80, 70)
	if _, more := h.s.Next(); more {
		t.Error("more is asked for")
	}
	if n := len(h.s.Kept()); n != 10 {
		t.Errorf("%d prints kept", n)
	}
}

// The thresholds are 45, 35, 25 and 25 with the margin of the estimate.
func TestSlapIsRepeatedUntilEveryFingerSuffices(t *testing.T) {
	h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
	for n, a := range h.lays(80, 70, 10, 50) {
		if want := map[bool]capture.Outcome{true: capture.Insufficient, false: capture.Sufficient}[n == 2]; a.Outcome != want {
			t.Errorf("finger %d: %v, want %v", n, a.Outcome, want)
		}
	}
	h.asks(finger.RightFour, rightFour...)
	h.lays(80, 70, 11, 50)
	h.asks(finger.RightFour, rightFour...)
	h.lays(80, 70, 12, 50)
	h.asks(finger.LeftFour, leftFour...) // after the third the best is kept
	h.keeps(map[finger.Position]int{finger.RightRing: 12})
}

// The better of several slaps is kept whole: index, middle, ring and little
// finger decide in this order, of the thumbs the right one first (BSI
// TR-03121-3 § 5.4.5.1.3).
func TestBestSlap(t *testing.T) {
	for _, c := range []struct {
		name  string
		slaps [][]int
		best  int
	}{
		{"the index finger alone differs", [][]int{{40, 50, 20, 20}, {41, 50, 20, 20}, {39, 99, 99, 99}}, 1},
		{"a better ring finger, whatever the little one is", [][]int{{60, 30, 20, 90}, {60, 30, 22, 0}, {60, 30, 21, 99}}, 1},
		{"equal in all, the first stays", [][]int{{44, 30, 20, 20}, {44, 30, 20, 20}, {44, 30, 20, 20}}, 0},
		{"the last is the best", [][]int{{1, 99, 99, 99}, {2, 0, 0, 0}, {3, 0, 0, 0}}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
			for _, scores := range c.slaps {
				h.asks(finger.RightFour, rightFour...)
				h.lays(scores...)
			}
			want := map[finger.Position]int{}
			for i, p := range rightFour {
				want[p] = c.slaps[c.best][i]
			}
			h.keeps(want)
		})
	}
	h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
	h.lays(99, 99, 99, 99)
	h.lays(99, 99, 99, 99)
	h.lays(30, 99) // thumbs
	h.lays(31, 0)
	h.lays(30, 44)
	h.keeps(map[finger.Position]int{finger.RightThumb: 31, finger.LeftThumb: 0})
}

// Two index fingers of a card are one slap. One in which both suffice is taken
// whole; otherwise each hand gives its best.
func TestTwoIndexFingersAtOnce(t *testing.T) {
	h := atTheSlapScanner(t, rule.ResidenceCard, rule.AA9)
	h.asks(finger.Indexes, indexes...)
	h.lays(80, 20)
	h.lays(50, 60)
	h.keeps(map[finger.Position]int{finger.RightIndex: 50, finger.LeftIndex: 60})
	if _, more := h.s.Next(); more {
		t.Error("more is asked for")
	}

	h = atTheSlapScanner(t, rule.ResidenceCard, rule.AA9)
	h.lays(80, 20)
	h.lays(40, 30)
	h.lays(10, 25)
	h.keeps(map[finger.Position]int{finger.RightIndex: 80, finger.LeftIndex: 30})
	h.asks(0, finger.LeftMiddle) // the left hand goes on by itself
}

func TestWhenFingersAreNotAskedForTogether(t *testing.T) {
	missing := func(h *hand, fingers ...finger.Position) {
		for _, p := range fingers {
			if err := h.s.Except(capture.Exception{Position: p, Reason: capture.Missing, SeenBy: "4711", At: noon}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		do   func(h *hand)
		slap finger.Slap
		want []finger.Position
	}{
		{"a finger is missing: the other three", func(h *hand) { missing(h, finger.RightRing) },
			finger.RightFour, []finger.Position{finger.RightIndex, finger.RightMiddle, finger.RightLittle}},
		{"one finger of the hand is left", func(h *hand) { missing(h, finger.RightIndex, finger.RightMiddle, finger.RightRing) },
			0, []finger.Position{finger.RightLittle}},
		{"the scanner is a small one", func(h *hand) { h.s.Together(false) }, 0, []finger.Position{finger.RightIndex}},
		{"the hand cannot lie flat", func(h *hand) { h.s.Singly(true) }, 0, []finger.Position{finger.RightIndex}},
		{"and then it can", func(h *hand) { h.s.Singly(true); h.s.Singly(false) }, finger.RightFour, rightFour},
		{"one print of the slap was thrown away", func(h *hand) {
			h.lays(80, 80, 80, 80)
			if err := h.s.Discard(finger.RightRing, "wrong_finger"); err != nil {
				t.Fatal(err)
			}
		}, 0, []finger.Position{finger.RightRing}},
		{"one finger was presented by itself", func(h *hand) { h.s.Singly(true); h.lays(5); h.s.Singly(false) },
			0, []finger.Position{finger.RightIndex}},
		{"a finger was kept below its threshold", func(h *hand) {
			h.lays(80, 80, 5, 80)
			if err := h.s.Accept(finger.RightRing, "worn_skin"); err != nil {
				t.Fatal(err)
			}
		}, finger.LeftFour, leftFour},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
			c.do(h)
			h.asks(c.slap, c.want...)
		})
	}
}

// A hand given for the other, or one finger under two names, spoils the slap and
// spends no attempt.
func TestSlapWithAFingerTakenBefore(t *testing.T) {
	h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
	h.lays(80, 80, 80, 80)
	attempts := h.shows(rightFour, 80, 80, 80, 80) // the right hand again
	for i, a := range attempts {
		if a.Outcome != capture.SameFinger || a.SameAs != rightFour[i] {
			t.Errorf("%v: %v as %v", leftFour[i], a.Outcome, a.SameAs)
		}
	}
	attempts = h.shows([]finger.Position{finger.LeftIndex, finger.LeftMiddle, finger.LeftMiddle, finger.LeftLittle}, 80, 80, 80, 80)
	got := []capture.Outcome{attempts[0].Outcome, attempts[1].Outcome, attempts[2].Outcome, attempts[3].Outcome}
	if want := []capture.Outcome{capture.Discarded, capture.SameFinger, capture.SameFinger, capture.Discarded}; !slices.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
	h.asks(finger.LeftFour, leftFour...)
	if n := h.s.AttemptsLeft(finger.LeftIndex); n != 3 {
		t.Errorf("%d attempts left", n)
	}
}

func TestSlapsThatDoNotEnter(t *testing.T) {
	h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
	task, _ := h.s.Next()
	well := func(n int) []capture.Sample {
		var all []capture.Sample
		for i := range n {
			all = append(all, capture.NewSample(80, h.skin[i+1], noon))
		}
		return all
	}
	spoilt := well(4)
	spoilt[2].PPI = [2]int{300, 300}
	for _, c := range []struct {
		name    string
		task    capture.Task
		samples []capture.Sample
		want    error
	}{
		{"another slap", capture.Task{Slap: finger.LeftFour, Fingers: leftFour}, well(4), capture.ErrNotAsked},
		{"a finger fewer", task, well(3), capture.ErrNotAsked},
		{"three of the four", capture.Task{Slap: finger.RightFour, Fingers: rightFour[:3]}, well(3), capture.ErrNotAsked},
		{"no slap at all", capture.Task{Fingers: []finger.Position{finger.RightIndex}}, well(1), capture.ErrNotAsked},
		{"one at another resolution", task, spoilt, capture.ErrResolution},
	} {
		if _, err := h.s.PresentSlap(c.task, c.samples); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		for _, sm := range c.samples {
			if sm.Image.Pix[0] != 0 {
				t.Errorf("%s: an image was not wiped", c.name)
			}
		}
	}
	if _, err := h.s.Present(finger.RightIndex, slapped(h.skin[1])); !errors.Is(err, capture.ErrNotAsked) {
		t.Errorf("a finger of a slap given as a single one: %v", err)
	}
}

func slapped(skin *minutiae.Template) capture.Sample {
	sm := capture.NewSample(80, skin, noon)
	sm.Slap = finger.RightFour
	return sm
}

// The record of a case of slaps passes the check; what was changed in it does not.
func TestCheckFindsASlapThatIsNotTheBest(t *testing.T) {
	record := func(t *testing.T) capture.Record {
		h := atTheSlapScanner(t, rule.Eurodac, rule.Art4)
		h.s.Inform(capture.Rights{Text: "eurodac", Version: "1", Language: "da", How: "shown", At: noon})
		h.lays(40, 90, 90, 90)
		h.lays(44, 20, 20, 20)
		h.lays(43, 99, 99, 99)
		h.lays(80, 80, 80, 80)
		h.lays(80, 80)
		r, _, err := h.s.Finish("7", "4711", noon)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	at := func(r *capture.Record, p finger.Position) *capture.Print {
		for i := range r.Prints {
			if r.Prints[i].Position == p {
				return &r.Prints[i]
			}
		}
		panic("no such print")
	}
	for _, c := range []struct {
		name  string
		spoil func(r *capture.Record)
	}{
		{"a print of another presentation", func(r *capture.Record) {
			p := at(r, finger.RightRing)
			p.Score, p.At = p.Attempts[0].Score, p.Attempts[0].At
		}},
		{"the third slap, which is worse", func(r *capture.Record) {
			for _, f := range rightFour {
				p := at(r, f)
				p.Score, p.At = p.Attempts[2].Score, p.Attempts[2].At
			}
		}},
		{"a score of no attempt", func(r *capture.Record) { at(r, finger.RightIndex).Score = 45 }},
		{"a thumb out of the right hand's slap", func(r *capture.Record) { at(r, finger.LeftThumb).Slap = finger.RightFour }},
		{"a slap where the site takes none", func(r *capture.Record) { r.Profile.Slaps = false }},
		{"another algorithm than the profile's", func(r *capture.Record) { at(r, finger.LeftRing).Algorithm = finger.NFIQ2 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := record(t)
			if err := capture.Check(r); err != nil {
				t.Fatal(err)
			}
			c.spoil(&r)
			if _, found := capture.AsFaults(capture.Check(r)); !found {
				t.Error("the check finds nothing")
			}
		})
	}
}

// Of three attempts, one shows another finger: it is marked in the record.
func TestOddAttempt(t *testing.T) {
	for _, c := range []struct {
		name  string
		shown []finger.Position
		odd   []bool
	}{
		{"three times the same finger", []finger.Position{2, 2, 2}, []bool{false, false, false}},
		{"the last is another", []finger.Position{2, 2, 3}, []bool{false, false, true}},
		{"the first was another", []finger.Position{4, 2, 2}, []bool{true, false, false}},
		{"three different ones tell nothing", []finger.Position{2, 3, 4}, []bool{false, false, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := atTheSlapScanner(t, rule.ResidenceCard, rule.AA9)
			h.s.Together(false)
			for _, p := range c.shown {
				h.shows([]finger.Position{p}, 10)
			}
			for i, a := range h.s.Attempts(finger.RightIndex) {
				if a.Odd != c.odd[i] {
					t.Errorf("attempt %d: odd %v, want %v", i, a.Odd, c.odd[i])
				}
			}
		})
	}
}

func ExampleSession_Next() {
	f := rule.Defaults()
	f.Purpose, f.Basis = rule.Eurodac, rule.Art4
	f.CaptureOn, f.BirthDate = rule.DateOf(noon), rule.BirthDate{Year: 1990, Month: 5, Day: 1}
	s, _ := capture.Open(filled(capture.Case{Facts: f}), capture.EU())
	task, _ := s.Next()
	fmt.Println(task.Fingers)
	s.Together(true)
	task, _ = s.Next()
	fmt.Println(task.Slap, task.Fingers)
	// Output:
	// [right_index]
	// right_four [right_index right_middle right_ring right_little]
}
