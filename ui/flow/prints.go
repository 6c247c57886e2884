package flow

import (
	"errors"
	"slices"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
)

// watch asks for the next finger, or for none when all have been taken.
func (c *Counter) watch() {
	next, more := c.Session.Next()
	c.Finger.Task = next
	if !more {
		if c.Finger.Taken != 0 {
			c.do(Watch{Profile: c.profile()}) // until the finger is lifted
			return
		}
		c.do(Unwatch{})
		c.tell(Notice{Code: "prints_done", Tone: "good"})
		return
	}
	thresholds := make([]int, len(next.Fingers))
	for i, p := range next.Fingers {
		thresholds[i] = c.Session.Threshold(p)
	}
	c.do(Watch{next, thresholds, c.profile()})
}

// ask begins with the next finger: nothing is shown of the one before, and the
// person hears that a finger is asked for.
func (c *Counter) ask() {
	c.Finger.Taken, c.Finger.Live, c.Finger.Last = 0, capture.Live{}, nil
	c.watch()
	if c.Finger.Asked() != 0 {
		c.do(Sound{"ask"})
	}
}

func (c *Counter) onPrints(e Event) {
	switch e := e.(type) {
	case TakeNow:
		c.do(ForceTake{})
	case Next:
		c.printsNext()
	case CannotTake:
		c.openExceptions()
	case Accept:
		c.acceptPrint(c.acceptable(), e.Reason)
	case Discard:
		if c.discard(e) {
			c.ask()
		}
	case Singly:
		c.Session.Singly(e.Yes)
		c.Finger.Unusable = 0
		c.saved()
		c.ask()
	case Refuses:
		c.openRefusal()
	case Back:
		c.open(Rights)
	}
}

// printsNext is the primary action: the next finger, the next step, or the
// best there is of this finger.
func (c *Counter) printsNext() {
	_, more := c.Session.NextPrint()
	switch {
	case !more:
		c.Finger.Taken = 0
		c.onwards()
	case c.Finger.Taken != 0:
		c.Finger.Taken, c.Finger.Live, c.Finger.Last = 0, capture.Live{}, nil
		c.tell(Notice{})
		c.do(Sound{"ask"})
	default:
		c.do(ForceTake{})
	}
}

// fingerLive shows the live state. A finger that was just taken stays on the
// screen until the glass is clear, and how an attempt ended until the next one
// begins.
func (c *Counter) fingerLive(e FingerLive) {
	if c.Page != Prints || !e.Task.Is(c.Finger.Task) {
		return
	}
	if c.Finger.Taken != 0 && e.Live.Phase == capture.Clearing {
		return
	}
	if c.Finger.Taken != 0 {
		c.Finger.Taken, c.Finger.Last = 0, nil
		c.tell(Notice{})
		c.do(Sound{"ask"})
	}
	c.Finger.Live = e.Live
	switch {
	case c.Finger.Last != nil && (e.Live.Phase == capture.Clearing || e.Live.Phase == capture.Waiting):
	case e.Live.Advice != "":
		c.tell(Notice{Code: "advice_" + string(e.Live.Advice), Tone: adviceTone(e.Live), Finger: e.Task.First(), Slap: e.Task.Slap})
	case e.Live.Phase == capture.Waiting:
		c.tell(Notice{Code: "place_finger", Tone: "wait", Finger: e.Task.First(), Slap: e.Task.Slap})
	case e.Live.Phase == capture.Assessing:
		c.tell(Notice{Code: "hold_still", Tone: "info", Finger: e.Task.First(), Slap: e.Task.Slap})
	}
}

func adviceTone(l capture.Live) string {
	if l.Advice == device.Lift {
		return "wait"
	}
	return "advice"
}

func (c *Counter) glassClear() {
	if c.Page != Prints || c.Finger.Asked() != 0 {
		return
	}
	c.Finger.Taken = 0
	c.onwards()
}

// presented adds a presentation to the case and asks for what comes next. While
// the scanner is gone it is only kept.
func (c *Counter) presented(e Presented) {
	if c.Session == nil || c.Page != Prints && c.Page != Lost {
		for i := range e.Samples {
			e.Samples[i].Wipe()
		}
		return
	}
	c.active = c.Now
	attempts, err := c.present(e)
	if errors.Is(err, capture.ErrNotAsked) {
		return // it was on its way when another finger was asked for
	}
	if errors.Is(err, capture.ErrUncertified) {
		c.tell(Notice{Code: "uncertified", Tone: "stop", Finger: e.Task.First(), Slap: e.Task.Slap})
		c.do(c.entry("sample_vetoed", "uncertified"), Unwatch{})
		return
	}
	if err != nil {
		c.tell(Notice{Code: "print_unusable", Tone: "stop", Finger: e.Task.First(), Slap: e.Task.Slap})
		c.do(c.entry("sample_vetoed", e.Task.First().String()), Unwatch{})
		return
	}
	for i, p := range e.Task.Fingers {
		c.do(c.entry("sample_captured", p.String()+" "+string(attempts[i].Outcome)))
	}
	c.saved()
	if c.Page == Lost {
		return
	}
	p, a := c.worst(e.Task, attempts)
	c.Finger.Taken, c.Finger.Last, c.Finger.Presented, c.Finger.Unusable = 0, &a, e.Task, 0
	c.tellOutcome(e.Task, p, a)
	c.watch()
}

// scannerIs asks for slaps, or for single fingers, as the scanner can.
func (c *Counter) scannerIs(e ScannerIs) {
	c.Slaps = e.Slaps
	if c.Session == nil {
		return
	}
	c.Session.Together(e.Slaps)
	if next, _ := c.Session.Next(); c.Page == Prints && c.Finger.Taken == 0 && !next.Is(c.Finger.Task) {
		c.ask()
	}
}

func (c *Counter) present(e Presented) ([]capture.Attempt, error) {
	if e.Task.Slap != 0 {
		return c.Session.PresentSlap(e.Task, e.Samples)
	}
	if len(e.Samples) != 1 {
		return nil, capture.ErrNotAsked
	}
	a, err := c.Session.Present(e.Task.First(), e.Samples[0])
	return []capture.Attempt{a}, err
}

// worst is the finger about which there is most to say: one that was taken
// before, or the one furthest from its threshold.
func (c *Counter) worst(t capture.Task, attempts []capture.Attempt) (finger.Position, capture.Attempt) {
	at := 0
	for i, p := range t.Fingers {
		if attempts[i].Outcome == capture.SameFinger {
			return p, attempts[i]
		}
		if attempts[i].Score-c.Session.Threshold(p) < attempts[at].Score-c.Session.Threshold(t.Fingers[at]) {
			at = i
		}
	}
	return t.Fingers[at], attempts[at]
}

// mostUnusable is how many slaps in a row may be unusable before the fingers
// are asked for one by one.
const mostUnusable = 3

// unusable says what is wrong with a slap, and gives up slaps where they go on
// failing. None of it spends an attempt.
func (c *Counter) unusable(e Unusable) {
	if c.Page != Prints || e.Task.Slap == 0 || !e.Task.Is(c.Finger.Task) {
		return
	}
	c.active = c.Now
	c.do(c.entry("sample_vetoed", e.Task.Slap.String()+" "+string(e.Fault)))
	c.Finger.Unusable++
	c.Finger.Live = capture.Live{}
	c.tell(Notice{Code: "slap_unusable", Tone: "retry", Slap: e.Task.Slap, Word: string(e.Fault)})
	c.do(Sound{"again"})
	if c.Finger.Unusable >= mostUnusable {
		c.Finger.Unusable = 0
		c.Session.Singly(true)
		c.saved()
		c.tell(Notice{Code: "one_by_one", Tone: "info", Finger: e.Task.First()})
	}
	c.watch()
}

// tellOutcome says how a presentation ended, to the clerk in words and to the
// person by a sound.
func (c *Counter) tellOutcome(t capture.Task, p finger.Position, a capture.Attempt) {
	left := c.Session.AttemptsLeft(p)
	switch {
	case a.Odd:
		c.Finger.Taken = 0
		if a.Outcome == capture.Sufficient {
			c.Finger.Taken = t.First()
		}
		c.tell(Notice{Code: "odd_attempt", Tone: "advice", Finger: p})
		c.do(Sound{"again"})
	case a.Outcome == capture.SameFinger:
		c.tell(Notice{Code: "same_finger", Tone: "advice", Finger: p, Other: a.SameAs})
		c.do(Sound{"again"})
	case a.Outcome == capture.Sufficient:
		c.Finger.Taken = t.First()
		c.tell(Notice{Code: "taken", Tone: "good", Finger: p, Slap: t.Slap, Number: a.Score})
		c.do(Sound{"good"})
	case left > 0:
		c.tell(Notice{Code: "try_again", Tone: "retry", Finger: p, Slap: t.Slap, Number: left})
		c.do(Sound{"again"})
	default:
		c.exhausted(p)
		c.do(Sound{"ask"})
	}
}

// exhausted says what follows after the last attempt allowed.
func (c *Counter) exhausted(p finger.Position) {
	n := Notice{Code: "below_threshold", Tone: "info", Finger: p, Number: c.Session.Threshold(p)}
	if next, more := c.Session.NextPrint(); more {
		n.Other = next
	}
	c.tell(n)
}

// acceptable is the finger whose best attempt could be kept below its threshold:
// the first such one of those asked for, or of those presented last, whose
// attempts may be used up.
func (c *Counter) acceptable() finger.Position {
	for _, t := range []capture.Task{c.Finger.Task, c.Finger.Presented} {
		for _, p := range t.Fingers {
			if score, ok := c.Session.Best(p); ok && score < c.Session.Threshold(p) {
				return p
			}
		}
	}
	return c.Finger.Presented.First()
}

// acceptPrint keeps the best attempt of a finger below its threshold.
func (c *Counter) acceptPrint(p finger.Position, reason string) {
	score, ok := c.Session.Best(p)
	if !ok || score >= c.Session.Threshold(p) {
		c.tell(Notice{Code: "nothing_to_accept", Tone: "info", Finger: p})
		return
	}
	if reason == "" {
		c.askReason("accept_print", p)
		return
	}
	c.keepPrint(p, reason)
	c.ask()
}

func (c *Counter) keepPrint(p finger.Position, reason string) {
	if c.Session.Accept(p, reason) == nil {
		c.do(c.entry("sample_vetoed", p.String()))
		c.saved()
	}
}

// discard throws a print away; false when there was none or no reason is given.
func (c *Counter) discard(e Discard) bool {
	if c.Session.Discard(e.Finger, e.Reason) != nil {
		return false
	}
	c.do(c.entry("sample_vetoed", e.Finger.String()))
	c.saved()
	return true
}

func (c *Counter) openExceptions() {
	c.leave()
	c.Asking, c.Page, c.Notice, c.Gone = Prints, Exceptions, Notice{}, nil
	p := c.Finger.Asked()
	if p == 0 {
		p = finger.RightIndex
	}
	c.pick(p, false)
}

// pick chooses the finger, or with palm the whole hand, to be marked.
func (c *Counter) pick(p finger.Position, palm bool) {
	if !p.Valid() {
		return
	}
	c.Marking = Marking{Picked: p, Palm: palm}
	if e := c.Session.Exception(p); e != nil && e.Reason != capture.LowQuality {
		c.Marking.Reason, c.Marking.Note = e.Reason, e.Note
	}
}

func (c *Counter) onExceptions(e Event) {
	switch e := e.(type) {
	case Pick:
		c.pick(e.Finger, e.Palm)
	case Note:
		c.Marking.Note = e.Text
		if c.Marking.Reason != "" {
			c.mark()
			c.saved()
		}
	case Mark:
		if _, err := capture.ParseReason(string(e.Reason)); err != nil && e.Reason != "" {
			return
		}
		c.Marking.Reason = e.Reason
		c.mark()
		c.do(c.entry("exception_recorded", c.Marking.Picked.String()+" "+string(e.Reason)))
		c.saved()
		c.tellNext()
	case AllUnable:
		c.allUnable(e)
	case Next, Back, TakeNow:
		if _, more := c.Session.NextPrint(); more && c.may(Prints) {
			c.open(Prints)
			return
		}
		c.onwards()
	}
}

// mark records why the picked finger, or every finger of the picked hand,
// cannot be taken; no reason takes the mark away.
func (c *Counter) mark() {
	m := &c.Marking
	for _, p := range finger.All() {
		switch {
		case p != m.Picked && !(m.Palm && p.Hand() == m.Picked.Hand()):
		case m.Reason == "":
			c.Session.Restore(p)
		default:
			// Neither the finger nor the reason can be unknown here.
			_ = c.Session.Except(capture.Exception{Position: p, Reason: m.Reason, Note: m.Note, SeenBy: c.Officer.ID, At: c.Now})
		}
	}
}

// tellNext says which finger is taken instead, or next where all are asked for,
// or that none can be.
func (c *Counter) tellNext() {
	next, more := c.Session.NextPrint()
	c.Finger.Task, _ = c.Session.Next()
	kept := c.Session.Kept()
	switch {
	case more && c.Session.Requirement().Prints.Required != rule.TwoFlat:
		c.tell(Notice{Code: "next_finger", Tone: "info", Finger: next})
	case more && !slices.Contains(kept, next):
		c.tell(Notice{Code: "taken_instead", Tone: "info", Finger: next})
	case c.Session.Recall():
		c.tell(Notice{Code: "recall", Tone: "info"})
	default:
		c.tell(Notice{Code: "no_more_fingers", Tone: "info", Number: len(kept)})
	}
}
