package simulate

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device/sim"
	"optag/testdata/gen"
	"optag/ui/flow"
)

// A Script is one case: what the clerk types and marks, and how the applicant
// behaves.
type Script struct {
	Person gen.Person
	Fields map[string]string // of the case form
	Marks  []Mark
	Refuse []string     // "prints", "photo"
	Unable string       // "permanent", "temporary" or ""
	CAN    string       // on the card whose chip fills the case; "" where none is read
	Slaps  bool         // the scanner takes four fingers at once
	Kind   rule.Station // of the station; "" as the settings say
	Speak  string       // language of the applicant's screen; "" as it is
	Plan   sim.Plan
}

// A Mark is a finger, or with Palm a hand, that cannot be taken.
type Mark struct {
	Finger finger.Position
	Palm   bool
	Reason capture.Reason
	Note   string
}

// Ordinary is the case of a demonstration where no script is given.
const Ordinary = `# An adult's first application; the first print is too light at first.
case number=26-118402 family=HADDAD given=Samira birth_date=1991-05-14 basis=9
person 7
right_index: press_harder
`

// ParseScript reads a script, a line each:
//
//	case FIELD=VALUE …            fields of the case form
//	chip CAN                      the card in the reader fills the case first
//	person SEED                   who the applicant is
//	station KIND                  of which kind the station is, as "mission"
//	scanner slaps                 one that takes four fingers at once
//	speak LANGUAGE                of the applicant's screen
//	except FINGER REASON NOTE…    a finger, or right_palm or left_palm, that cannot be taken
//	unable permanent|temporary    no finger can be taken
//	refuse prints|photo …         what the person will not give
//	right_index: poor, ok         how the person behaves; see sim.ParsePlan
//	unplug at left_index for 2s
//
// "#" begins a remark. An error names the line.
func ParseScript(r io.Reader) (Script, error) {
	s := Script{Person: 1, Fields: map[string]string{}}
	var plan strings.Builder
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line, _, _ := strings.Cut(in.Text(), "#")
		words := strings.Fields(line)
		mine, err := s.line(words)
		if err != nil {
			return Script{}, fmt.Errorf("reading the script: line %d: %w", n, err)
		}
		if !mine {
			plan.WriteString(line)
		}
		plan.WriteByte('\n') // keeps the numbers of the lines
	}
	if err := in.Err(); err != nil {
		return Script{}, fmt.Errorf("reading the script: %w", err)
	}
	var err error
	s.Plan, err = sim.ParsePlan(strings.NewReader(plan.String()))
	return s, err
}

// line reads a line that is the clerk's; false when it is not.
func (s *Script) line(words []string) (mine bool, err error) {
	if len(words) == 0 {
		return true, nil
	}
	args := words[1:]
	switch words[0] {
	case "case":
		return true, s.fields(args)
	case "person":
		if len(args) != 1 {
			return true, fmt.Errorf("person wants one number")
		}
		n, err := strconv.ParseUint(args[0], 10, 64)
		s.Person = gen.Person(n)
		return true, err
	case "chip":
		s.CAN = strings.Join(args, " ")
		return true, nil
	case "station":
		s.Kind = rule.Station(strings.Join(args, " "))
		if !slices.Contains(rule.Stations(), s.Kind) {
			return true, fmt.Errorf("no kind of station is called %q", s.Kind)
		}
		return true, nil
	case "scanner":
		s.Slaps = slices.Equal(args, []string{"slaps"})
		if !s.Slaps {
			return true, fmt.Errorf("scanner wants slaps")
		}
		return true, nil
	case "speak":
		s.Speak = strings.Join(args, " ")
		return true, nil
	case "except":
		return true, s.mark(args)
	case "unable":
		if len(args) != 1 || args[0] != "permanent" && args[0] != "temporary" {
			return true, fmt.Errorf("unable wants permanent or temporary")
		}
		s.Unable = args[0]
		return true, nil
	case "refuse":
		s.Refuse = args
		return true, nil
	}
	return false, nil
}

// fields reads FIELD=VALUE; words without "=" belong to the value before.
func (s *Script) fields(args []string) error {
	field := ""
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		switch {
		case ok:
			field = name
			s.Fields[field] = value
		case field == "":
			return fmt.Errorf("%q is not FIELD=VALUE", a)
		default:
			s.Fields[field] += " " + a
		}
	}
	return nil
}

func (s *Script) mark(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("except wants a finger and a reason")
	}
	var m Mark
	name := args[0]
	if hand, palm := strings.CutSuffix(name, "_palm"); palm {
		m.Palm, name = true, hand+"_index"
	}
	var err error
	if m.Finger, err = finger.ParsePosition(name); err != nil {
		return err
	}
	if m.Reason, err = capture.ParseReason(args[1]); err != nil {
		return err
	}
	m.Note = strings.Join(args[2:], " ")
	s.Marks = append(s.Marks, m)
	return nil
}

// A Clerk works through a script, one event at each look at the counter.
type Clerk struct {
	Staff, PIN string // the PIN is the card's, where the counter asks for that
	Script     Script

	begun   bool
	read    bool // the chip
	marked  int
	spoken  bool
	refused bool
	unable  bool
	shots   int
	beside  bool               // the face of a document was compared
	waiting time.Time          // until when, before the camera
	Closed  flow.DeliveryState // how the case ended
	Done    bool
	Stuck   string // code of what the clerk cannot go on from; "" otherwise
}

// Next is what the clerk does on seeing this state; nil is to wait.
func (c *Clerk) Next(s *flow.State) flow.Event {
	switch s.Page {
	case flow.Login:
		return c.logIn(s)
	case flow.Home:
		if c.begun {
			c.Done = true
			return nil
		}
		c.begun = true
		return flow.NewCase{}
	case flow.CaseForm:
		return c.fill(s)
	case flow.Card:
		return c.chip(s)
	case flow.Law:
		return c.law(s)
	case flow.Decision:
		c.Stuck = "decision_" + string(s.Session.Requirement().Decision)
		return nil
	case flow.Rights:
		if c.Script.Speak != "" && s.Look.Person != c.Script.Speak && !c.spoken {
			c.spoken = true
			return flow.SpeakIn{Language: c.Script.Speak}
		}
		return flow.Next{}
	case flow.Prints:
		return c.prints(s)
	case flow.Exceptions:
		return c.exceptions(s)
	case flow.Refusal:
		return c.refusal(s)
	case flow.Portrait:
		return c.portrait(s)
	case flow.Review:
		if s.Notice.Code == "seal_failed" {
			c.Stuck = "seal_" + s.Notice.Word
			return nil
		}
		return flow.Seal{}
	case flow.Delivery:
		c.Closed = s.Delivery
		c.Done = !s.Delivery.Destroyed.IsZero() || s.Delivery.Refused != ""
	}
	return nil
}

func (c *Clerk) logIn(s *flow.State) flow.Event {
	if s.Login.Checking || s.Login.Wrong || s.Login.Refused != "" {
		return nil
	}
	if s.Login.ByCard {
		return c.useCard(s)
	}
	return flow.LogIn{Staff: c.Staff, PIN: c.PIN}
}

// useCard waits for the card of whoever the clerk is.
func (c *Clerk) useCard(s *flow.State) flow.Event {
	if s.Staff.Is != "one" || s.Staff.Officer.ID != c.Staff {
		return nil
	}
	return flow.LogIn{Staff: c.Staff, PIN: c.PIN, ByCard: true}
}

// fill types one field that differs from the script, then asks the law.
func (c *Clerk) fill(s *flow.State) flow.Event {
	if len(s.Form.Wrong) > 0 {
		for field := range s.Form.Wrong {
			c.Stuck = "form_" + field
		}
		return nil
	}
	if c.Script.CAN != "" && !c.read {
		if !s.Settings.Cards {
			c.Stuck = "chip_reader"
		}
		return flow.ReadChip{}
	}
	// The purpose first: it changes the basis, and both what is asked for.
	for _, field := range append([]string{flow.Purpose, flow.Basis}, slices.Sorted(maps.Keys(c.Script.Fields))...) {
		if v, ok := c.Script.Fields[field]; ok && s.Form.Values[field] != v {
			return flow.Edit{Field: field, Value: v}
		}
	}
	return flow.Decide{}
}

// chip waits for the card, types its number and uses what is read.
func (c *Clerk) chip(s *flow.State) flow.Event {
	switch k := s.Card; {
	case k.Seen != nil:
		c.read = true
		return flow.Next{}
	case k.Gone != "" || s.Notice.Tone == "advice":
		c.Stuck = "chip_" + s.Notice.Code
	case k.Reading || !k.Lies:
	case k.Values[flow.CAN] != c.Script.CAN:
		return flow.Edit{Field: flow.CAN, Value: c.Script.CAN}
	default:
		return flow.Next{}
	}
	return nil
}

func (c *Clerk) law(s *flow.State) flow.Event {
	if c.Script.Unable != "" && !c.unable {
		c.unable = true
		return flow.AllUnable{Permanent: c.Script.Unable == "permanent", Note: "seen by the scripted clerk"}
	}
	return flow.Next{}
}

func (c *Clerk) prints(s *flow.State) flow.Event {
	switch {
	case len(c.Script.Refuse) > 0 && !c.refused:
		c.refused = true
		return flow.Refuses{}
	case c.marked < len(c.Script.Marks):
		return flow.CannotTake{}
	case s.Notice.Code == "prints_done":
		return flow.Next{}
	}
	return nil
}

func (c *Clerk) exceptions(s *flow.State) flow.Event {
	if c.marked >= len(c.Script.Marks) {
		return flow.Next{}
	}
	m := c.Script.Marks[c.marked]
	switch {
	case s.Marking.Picked != m.Finger || s.Marking.Palm != m.Palm:
		return flow.Pick{Finger: m.Finger, Palm: m.Palm}
	case s.Marking.Note != m.Note:
		return flow.Note{Text: m.Note}
	}
	c.marked++
	return flow.Mark{Reason: m.Reason}
}

func (c *Clerk) refusal(s *flow.State) flow.Event {
	wants := func(what string) bool { return slices.Contains(c.Script.Refuse, what) }
	r := s.Refusing
	switch {
	case r.Prints != wants("prints"):
		return flow.RefuseToggle{What: "prints"}
	case r.Photo != wants("photo"):
		return flow.RefuseToggle{What: "photo"}
	case !r.Explained:
		return flow.RefuseToggle{What: "explained"}
	case !r.Asked:
		return flow.RefuseToggle{What: "asked"}
	}
	return flow.RecordRefusal{}
}

// patience is how long the clerk waits for a better pose.
const patience = 8 * time.Second

// portrait waits until every check is met, or for a while, and takes what it
// gets the third time.
func (c *Clerk) portrait(s *flow.State) flow.Event {
	kept, _ := s.Session.Portrait()
	switch {
	case kept == nil && s.Photo.Shooting, len(s.Photo.Checks) == 0 && kept == nil:
		return nil
	case kept == nil && len(face.Failed(s.Photo.Checks)) > 0 && s.Now.Before(c.until(s.Now)):
		return nil
	case kept == nil:
		c.waiting = time.Time{}
		return flow.Shoot{}
	case s.Face.Image != nil && !c.beside:
		c.beside = true
		return flow.CompareFaces{}
	case len(face.Failed(kept.Checks)) == 0:
		return flow.Next{}
	case c.shots < 2:
		c.shots++
		return flow.RetakePhoto{}
	}
	return flow.Accept{Reason: "taken three times"}
}

// until is when the clerk loses patience with what is before the camera.
func (c *Clerk) until(now time.Time) time.Time {
	if c.waiting.IsZero() {
		c.waiting = now.Add(patience)
	}
	return c.waiting
}
