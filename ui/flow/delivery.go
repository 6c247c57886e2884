package flow

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/device"
)

func (c *Counter) openPortrait() {
	c.Photo.Shooting = false
	if kept, _ := c.Session.Portrait(); kept == nil {
		c.do(OpenCamera{}, Sound{"ask"})
	}
}

func (c *Counter) onPortrait(e Event) {
	kept, _ := c.Session.Portrait()
	switch e := e.(type) {
	case CompareFaces:
		c.Face.Large = !c.Face.Large && c.Face.Image != nil
	case Judge:
		if e.What == SamePerson {
			c.Face.Same = !c.Face.Same && c.Face.Image != nil
			return
		}
		c.Photo.Judged = maps.Clone(c.Photo.Judged)
		if c.Photo.Judged == nil {
			c.Photo.Judged = map[string]bool{}
		}
		c.Photo.Judged[e.What] = !c.Photo.Judged[e.What]
		c.Session.JudgePortrait(c.judged())
	case Shoot, TakeNow:
		c.shoot(kept)
	case RetakePhoto:
		c.retake()
	case Accept:
		c.acceptPortrait(kept, e.Reason)
	case Next:
		c.portraitNext(kept)
	case Refuses:
		c.openRefusal()
	case Back:
		c.open(Rights)
	}
}

func (c *Counter) acceptPortrait(kept *capture.Portrait, reason string) {
	switch {
	case kept == nil:
	case c.photoGood(kept):
		c.onwards()
	case reason == "":
		c.askReason("accept_portrait", 0)
	default:
		c.keepPortrait(reason)
		c.onwards()
	}
}

func (c *Counter) keepPortrait(reason string) {
	c.Session.AcceptPortrait(reason)
	c.do(c.entry("sample_vetoed", ""))
	c.saved()
}

func (c *Counter) shoot(kept *capture.Portrait) {
	if kept == nil && !c.Photo.Shooting {
		c.Photo.Shooting = true
		c.do(TakePicture{})
	}
}

// retake drops the picture and what was said of it.
func (c *Counter) retake() {
	c.Session.DropPortrait()
	c.Photo, c.Face.Same = PhotoState{}, false
	c.saved()
	c.open(Portrait)
}

// judged lists what the operator saw to be so.
func (c *Counter) judged() (seen []string) {
	for _, what := range slices.Sorted(maps.Keys(c.Photo.Judged)) {
		if c.Photo.Judged[what] {
			seen = append(seen, what)
		}
	}
	return seen
}

// portraitNext takes the picture, or uses the one taken.
func (c *Counter) portraitNext(kept *capture.Portrait) {
	switch {
	case kept == nil:
		c.shoot(nil)
	case c.photoGood(kept):
		c.onwards()
	default:
		c.tell(Notice{Code: "portrait_needs_reason", Tone: "advice", Word: string(face.Blocking(kept.Checks)[0])})
	}
}

func (c *Counter) photographed(p capture.Portrait) {
	if c.Session == nil || c.Page != Portrait {
		clear(p.Encoded)
		return
	}
	c.Photo.Shooting, c.active = false, c.Now
	p.Judged = c.judged()
	if err := c.Session.Photograph(p); err != nil {
		clear(p.Encoded)
		return
	}
	c.do(LookAway{}, c.entry("sample_captured", ""), Sound{"good"})
	c.saved()
	if failed := face.Failed(p.Checks); len(failed) > 0 {
		c.tell(Notice{Code: "portrait_check", Tone: "advice", Word: string(failed[0])})
		return
	}
	c.tell(Notice{Code: "portrait_good", Tone: "good"})
}

func (c *Counter) onReview(e Event) {
	if c.Delivery.Sealing {
		return // the case is on its way
	}
	switch e := e.(type) {
	case Seal:
		c.seal()
	case Discard:
		if c.discard(e) {
			c.open(Prints)
		}
	case Change:
		c.change(e.Finger)
	case RetakePhoto:
		if c.may(Portrait) {
			c.retake()
		}
	case CannotTake:
		c.openExceptions()
	case Refuses:
		c.openRefusal()
	case Back:
		if c.may(Portrait) {
			c.open(Portrait)
			return
		}
		c.open(Rights)
	}
}

// change asks why a print is to be thrown away, or opens the marks of a finger
// that has none.
func (c *Counter) change(p finger.Position) {
	if slices.Contains(c.Session.Kept(), p) {
		c.askReason("discard", p)
		return
	}
	c.openExceptions()
	c.pick(p, false)
}

// seal sends the case on its way. It is asked for once.
func (c *Counter) seal() {
	if !c.Ready() || c.Delivery.Sealing {
		return
	}
	if kept, _ := c.Session.Portrait(); kept == nil && len(c.Session.Kept()) == 0 {
		c.noForce()
	}
	c.Delivery = DeliveryState{
		Sealing: true, Fingers: c.Session.Kept(), Portrait: c.Session.WantsPortrait(),
		Purpose: c.Session.Case().Facts.Purpose, Controller: c.Session.Requirement().Controller,
		Clock: c.Clock(),
	}
	c.do(SealCase{c.Session})
}

func (c *Counter) delivery(e Event) {
	d := &c.Delivery
	switch e := e.(type) {
	case Sealed:
		if !d.Sealing {
			return
		}
		d.Sealing, d.Package, d.Size, d.Sealed = false, e.Package, e.Size, c.Now
		c.do(Forget{c.Session}, Deliver{}, Sound{"done"})
		c.Session, c.Form, c.Photo, c.Marking, c.Finger = nil, Form{}, PhotoState{}, Marking{}, FingerState{}
		c.Draft, c.Reasoning, c.Refusing, c.Login.Waiting = "", Reasoning{}, Refusing{}, true
		c.Securing, c.meant = Securing{}, Reading{}
		c.Face.Wipe()
		if c.Officer != nil {
			c.Login.Waiting = false
			c.open(Delivery)
		}
	case SealFailed:
		if !d.Sealing {
			return
		}
		d.Sealing = false
		if c.Officer != nil {
			c.tell(Notice{Code: "seal_failed", Tone: "stop", Word: e.Cause})
		}
	case Sent:
		if e.Package == d.Package && d.Package != "" {
			d.Sent, d.Offline = c.Now, false
		}
	case Delivered:
		if e.Package == d.Package && d.Package != "" {
			if d.Sent.IsZero() {
				d.Sent = c.Now
			}
			d.Receipted, d.Destroyed, d.Receipt, d.Offline = c.Now, c.Now, e.Receipt, false
			c.handedOver()
			c.tellDelivery(Notice{Code: "delivered", Tone: "good"})
		}
	case NotSent:
		if d.Package != "" && d.Destroyed.IsZero() && (e.Package == d.Package || e.Package == "") {
			d.Offline, d.Refused = e.Refused == "", e.Refused
			c.tellDelivery(Notice{Code: "not_sent", Tone: "advice", Word: e.Refused})
		}
	}
}

// handedOver stops the clock and has what it shows recorded.
func (c *Counter) handedOver() {
	if h := &c.Delivery.Clock; !h.From.IsZero() && h.Took == 0 {
		h.Took = max(c.Now.Sub(h.From), time.Second)
		c.do(c.entry("case_closed", fmt.Sprintf("handed_over_after_%ds", int(h.Took.Seconds()))))
	}
}

// tellDelivery sets the advice line where it is about the package.
func (c *Counter) tellDelivery(n Notice) {
	if c.Page == Delivery {
		c.tell(n)
	}
}

func (c *Counter) onDelivery(e Event) {
	switch e.(type) {
	case NewCase, Next:
		c.newCase()
	case TryAgain:
		c.do(Deliver{})
	case Back:
		c.forget()
		c.open(Home)
	}
}

// needed reports whether the page in front needs the device.
func (c *Counter) needed(dev string) bool {
	switch {
	case dev == "scanner":
		return c.Page == Prints
	case dev == "camera" && c.Page == Portrait:
		kept, _ := c.Session.Portrait()
		return kept == nil
	}
	return false
}

func (c *Counter) deviceLost(e DeviceLost) {
	if c.Page == Lost && c.Gone != nil && c.Gone.Device == e.Device {
		c.Gone.Cause = e.Cause
		return
	}
	if !c.needed(e.Device) {
		return
	}
	if _, more := c.Session.NextPrint(); c.Page == Prints && !more {
		c.glassClear() // nothing is asked of it but to see the finger go
		return
	}
	c.do(c.entry("device_lost", e.Device+" "+e.Cause))
	c.Gone = &Gone{Device: e.Device, Cause: e.Cause, Since: c.Now}
	c.Photo.Shooting = false
	c.Finger.Taken = 0
	c.Asking, c.Page = c.Page, Lost
	c.tell(Notice{Code: "device_lost", Tone: "stop", Word: e.Device, Finger: c.Finger.Asked(), Slap: c.Finger.Task.Slap})
}

// deviceBack returns to where the device was needed; nothing has been lost.
func (c *Counter) deviceBack(e DeviceBack) {
	if c.Page != Lost || c.Gone == nil || c.Gone.Device != e.Device {
		return
	}
	c.do(c.entry("device_attached", e.Device))
	if c.Asking == Prints && c.Done(Prints) {
		c.onwards() // the last print came just before
		return
	}
	c.open(c.Asking)
}

func (c *Counter) onLost(e Event) {
	switch e.(type) {
	case TryAgain, Next:
		c.do(Reopen{c.Gone.Device})
	case CannotTake:
		if c.Asking == Prints {
			c.Page = Prints
			c.openExceptions()
		}
	case Back:
		c.Gone = nil
		c.open(Rights)
	}
}

// Kept lists the prints of the case, while it is open and after it was sealed.
func (s *State) Kept() []finger.Position {
	if s.Session == nil {
		return s.Delivery.Fingers
	}
	return s.Session.Kept()
}

// FaceAdvice is what the person before the camera can do about the first check
// that is not met; "" when there is nothing.
func (s *State) FaceAdvice() device.Retry {
	for _, c := range s.Photo.Checks {
		if c.OK() {
			continue
		}
		switch c.Name {
		case face.Subject, face.Centred:
			return device.LookHere
		case face.Distance:
			if c.Low() {
				return device.Closer
			}
			return device.Back
		case face.Sharpness:
			return device.HoldStill
		}
	}
	return ""
}
