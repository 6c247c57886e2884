package flow

import (
	"errors"
	"slices"

	"optag/capture"
	"optag/capture/finger"
	"optag/device"
)

// watch asks for the next finger, or for none when all have been taken.
func (c *Counter) watch() {
	next, more := c.Session.NextPrint()
	c.Finger.Asked = next
	if !more {
		if c.Finger.Taken != 0 {
			c.do(Watch{Profile: c.profile()}) // until the finger is lifted
			return
		}
		c.do(Unwatch{})
		c.tell(Notice{Code: "prints_done", Tone: "good"})
		return
	}
	c.do(Watch{next, c.Session.Threshold(next), c.profile()})
}

// ask begins with the next finger: nothing is shown of the one before, and the
// person hears that a finger is asked for.
func (c *Counter) ask() {
	c.Finger.Taken, c.Finger.Live, c.Finger.Last = 0, capture.Live{}, nil
	c.watch()
	if c.Finger.Asked != 0 {
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
	if c.Page != Prints || e.Finger != c.Finger.Asked {
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
		c.tell(Notice{Code: "advice_" + string(e.Live.Advice), Tone: adviceTone(e.Live), Finger: e.Finger})
	case e.Live.Phase == capture.Waiting:
		c.tell(Notice{Code: "place_finger", Tone: "wait", Finger: e.Finger})
	case e.Live.Phase == capture.Assessing:
		c.tell(Notice{Code: "hold_still", Tone: "info", Finger: e.Finger})
	}
}

func adviceTone(l capture.Live) string {
	if l.Advice == device.Lift {
		return "wait"
	}
	return "advice"
}

func (c *Counter) glassClear() {
	if c.Page != Prints || c.Finger.Asked != 0 {
		return
	}
	c.Finger.Taken = 0
	c.onwards()
}

// presented adds a presentation to the case and asks for what comes next. While
// the scanner is gone it is only kept.
func (c *Counter) presented(e Presented) {
	if c.Session == nil || c.Page != Prints && c.Page != Lost {
		e.Sample.Wipe()
		return
	}
	c.active = c.Now
	a, err := c.Session.Present(e.Finger, e.Sample)
	if errors.Is(err, capture.ErrNotAsked) {
		return // it was on its way when another finger was asked for
	}
	if err != nil {
		c.tell(Notice{Code: "print_unusable", Tone: "stop", Finger: e.Finger})
		c.do(c.entry("sample_vetoed", e.Finger.String()), Unwatch{})
		return
	}
	c.do(c.entry("sample_captured", e.Finger.String()+" "+string(a.Outcome)))
	c.saved()
	if c.Page == Lost {
		return
	}
	c.Finger.Taken, c.Finger.Last, c.Finger.Presented = 0, &a, e.Finger
	c.tellOutcome(e.Finger, a)
	c.watch()
}

// tellOutcome says how a presentation ended, to the clerk in words and to the
// person by a sound.
func (c *Counter) tellOutcome(p finger.Position, a capture.Attempt) {
	left := c.Session.AttemptsLeft(p)
	switch {
	case a.Outcome == capture.SameFinger:
		c.tell(Notice{Code: "same_finger", Tone: "advice", Finger: p, Other: a.SameAs})
		c.do(Sound{"again"})
	case a.Outcome == capture.Sufficient:
		c.Finger.Taken = p
		c.tell(Notice{Code: "taken", Tone: "good", Finger: p, Number: a.Score})
		c.do(Sound{"good"})
	case left > 0:
		c.tell(Notice{Code: "try_again", Tone: "retry", Finger: p, Number: left})
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
// the one asked for, or the one presented last, whose attempts may be used up.
func (c *Counter) acceptable() finger.Position {
	if _, ok := c.Session.Best(c.Finger.Asked); ok {
		return c.Finger.Asked
	}
	return c.Finger.Presented
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
	p := c.Finger.Asked
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

// tellNext says which finger is taken instead, or that none can be.
func (c *Counter) tellNext() {
	next, more := c.Session.NextPrint()
	c.Finger.Asked = next
	kept := c.Session.Kept()
	switch {
	case more && !slices.Contains(kept, next):
		c.tell(Notice{Code: "taken_instead", Tone: "info", Finger: next})
	case c.Session.Recall():
		c.tell(Notice{Code: "recall", Tone: "info"})
	default:
		c.tell(Notice{Code: "no_more_fingers", Tone: "info", Number: len(kept)})
	}
}
