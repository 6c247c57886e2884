package flow

import (
	"slices"

	"optag/capture"
	"optag/capture/finger"
	"optag/device"
)

// watch asks for the next finger, or for none when all have been taken.
func (c *Counter) watch() {
	next, more := c.Session.NextPrint()
	c.Finger.Asked = next
	if c.Finger.Taken == 0 {
		c.Finger.Live, c.Finger.Last = capture.Live{}, nil
	}
	if !more {
		if c.Finger.Taken != 0 {
			c.do(Watch{Profile: c.profile()}) // until the finger is lifted
			return
		}
		c.do(Unwatch{})
		c.tell(Notice{Code: "prints_done", Tone: "good"})
		return
	}
	c.do(Watch{next, c.Session.Threshold(next), c.profile()}, Sound{"ask"})
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
		c.acceptPrint(e.Reason)
	case Discard:
		c.discard(e)
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
		c.Finger.Taken = 0
		c.Finger.Live, c.Finger.Last = capture.Live{}, nil
		c.tell(Notice{})
	default:
		c.do(ForceTake{})
	}
}

// fingerLive shows the live state. A finger that was just taken stays on the
// screen until the glass is clear.
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
	}
	c.Finger.Live = e.Live
	switch {
	case e.Live.Advice != "":
		c.tell(Notice{Code: "advice_" + string(e.Live.Advice), Tone: adviceTone(e.Live), Finger: e.Finger})
	case e.Live.Phase == capture.Waiting && c.Finger.Last == nil:
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

// presented adds a presentation to the case and asks for what comes next.
func (c *Counter) presented(e Presented) {
	if c.Session == nil || c.Page != Prints && c.Page != Lost {
		return
	}
	a, err := c.Session.Present(e.Finger, e.Sample)
	if err != nil {
		c.tell(Notice{Code: "print_unusable", Tone: "stop", Finger: e.Finger})
		c.do(c.entry("sample_vetoed", e.Finger.String()), Unwatch{})
		return
	}
	c.do(c.entry("sample_captured", e.Finger.String()+" "+string(a.Outcome)))
	c.saved()
	left := c.Session.AttemptsLeft(e.Finger)
	c.Finger.Taken, c.Finger.Last = 0, &a
	switch {
	case a.Outcome == capture.SameFinger:
		c.tell(Notice{Code: "same_finger", Tone: "advice", Finger: e.Finger, Other: a.SameAs})
		c.do(Sound{"again"})
	case a.Outcome == capture.Sufficient:
		c.Finger.Taken = e.Finger
		c.tell(Notice{Code: "taken", Tone: "good", Finger: e.Finger, Number: a.Score})
		c.do(Sound{"good"})
	case left > 0:
		c.tell(Notice{Code: "try_again", Tone: "retry", Finger: e.Finger, Number: left})
		c.do(Sound{"again"})
	default:
		c.exhausted(e.Finger)
	}
	last := c.Finger.Last
	c.watch()
	c.Finger.Last = last
}

// exhausted says what follows after the last attempt allowed.
func (c *Counter) exhausted(p finger.Position) {
	n := Notice{Code: "below_threshold", Tone: "info", Finger: p, Number: c.Session.Threshold(p)}
	if next, more := c.Session.NextPrint(); more {
		n.Other = next
	}
	c.tell(n)
}

// acceptPrint keeps the best attempt of the finger asked for below its
// threshold.
func (c *Counter) acceptPrint(reason string) {
	p := c.Finger.Asked
	if _, ok := c.Session.Best(p); p == 0 || !ok {
		c.tell(Notice{Code: "nothing_to_accept", Tone: "info", Finger: p})
		return
	}
	if reason == "" {
		c.askReason("accept_print", p)
		return
	}
	if c.Session.Accept(p, reason) != nil {
		return
	}
	c.do(c.entry("sample_vetoed", p.String()))
	c.saved()
	c.watch()
}

func (c *Counter) discard(e Discard) {
	if e.Reason == "" || c.Session.Discard(e.Finger, e.Reason) != nil {
		return
	}
	c.do(c.entry("sample_vetoed", e.Finger.String()))
	c.saved()
	c.Finger.Taken = 0
	c.watch()
}

func (c *Counter) openExceptions() {
	c.leave()
	c.Asking, c.Page, c.Notice = Prints, Exceptions, Notice{}
	p := c.Finger.Asked
	if p == 0 {
		p = finger.RightIndex
	}
	c.pick(p, false)
}

// pick chooses the finger, or with palm the whole hand, to be marked.
func (c *Counter) pick(p finger.Position, palm bool) {
	c.Marking = Marking{Picked: p, Palm: palm, Note: c.Marking.Note}
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
			c.mark(c.Marking.Reason)
		}
	case Mark:
		c.mark(e.Reason)
	case AllUnable:
		c.allUnable(e.Permanent)
	case Next, Back, TakeNow:
		c.open(Prints)
		if !c.Session.WantsPrints() || c.Finger.Asked == 0 {
			c.onwards()
		}
	}
}

// mark records why the picked finger, or every finger of the picked hand,
// cannot be taken; no reason takes the mark away.
func (c *Counter) mark(r capture.Reason) {
	m := &c.Marking
	m.Reason = r
	marked := []finger.Position{m.Picked}
	if m.Palm {
		marked = nil
		for _, d := range []finger.Digit{finger.Thumb, finger.Index, finger.Middle, finger.Ring, finger.Little} {
			marked = append(marked, finger.Of(m.Picked.Hand(), d))
		}
	}
	for _, p := range marked {
		if r == "" {
			c.Session.Restore(p)
			continue
		}
		c.Session.Except(capture.Exception{Position: p, Reason: r, Note: m.Note, SeenBy: c.Officer.ID, At: c.Now})
	}
	c.do(c.entry("exception_recorded", m.Picked.String()+" "+string(r)))
	c.saved()
	c.tellNext()
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
