package flow

import (
	"time"

	"optag/capture"
	"optag/capture/rule"
)

// A Counter is the state machine. Its zero value is of no use; see [New].
type Counter struct {
	State
	active  time.Time // of the clerk's last event
	meant   Reading   // the document, as the case was decided on
	holder  string    // who held the case that waits, as the log calls them
	asked   string    // whose card was to sign in last
	effects []Effect
}

// New makes a counter at which nobody is logged in.
func New(st Station, set Settings) *Counter {
	c := &Counter{State: State{Station: st, Settings: set, Page: Login}}
	c.Look = Look{Language: set.Language, Person: set.Language, TextSize: 100}
	c.openLogin(false)
	return c
}

// On takes one event and returns what the station must do. An event that has
// no meaning in the present state changes nothing.
func (c *Counter) On(e Event, at time.Time) []Effect {
	c.Now = at
	c.effects = nil
	if c.station(e) {
		return c.effects
	}
	if _, tick := e.(Tick); tick {
		c.cardTick()
		c.idle(at)
		return c.effects
	}
	c.active = at
	if c.Officer == nil {
		c.atLogin(e)
		return c.effects
	}
	if !c.anywhere(e) {
		c.onPage(e)
	}
	return c.effects
}

func (c *Counter) do(e ...Effect) { c.effects = append(c.effects, e...) }

// entry is a line of the log by whoever is logged in.
func (c *Counter) entry(event, detail string) Log {
	l := Log{Event: event, Detail: detail}
	if c.Officer != nil {
		l.Actor = c.Officer.Actor()
	}
	return l
}

// tell sets the advice line.
func (c *Counter) tell(n Notice) { c.Notice = n }

// station handles what devices, queue and network report; false when the
// event is the clerk's.
func (c *Counter) station(e Event) bool {
	switch e := e.(type) {
	case LoggedIn, LogInRefused, CardRefused, StaffCardIs, StaffCardGone:
		c.login(e)
	case ScannerIs:
		c.scannerIs(e)
	case Unusable:
		c.unusable(e)
	case FingerLive:
		c.fingerLive(e)
	case Presented:
		c.presented(e)
	case GlassClear:
		c.glassClear()
	case FaceLive:
		if c.Page == Portrait {
			c.Photo.Checks = e.Checks
		}
	case Photographed:
		c.photographed(e.Portrait)
	case DocumentRead, DocumentSpoilt:
		c.document(e)
	case DeviceLost:
		c.cardOrElse(e.Device, e, func() { c.deviceLost(e) })
	case DeviceBack:
		c.cardOrElse(e.Device, e, func() { c.deviceBack(e) })
	case CardIs, CardProgress, CardSeen, CardNotSeen:
		c.cardEvent(e)
	case Sealed, SealFailed, Sent, Delivered, NotSent:
		c.delivery(e)
	case DraftSaved, DraftFailed:
		c.draft(e)
	case StatusIs:
		c.Status = e.Status
	case SelfTested:
		c.Test = e.Test
	case NoticeQueued, NoticeFailed:
		c.noticeMade(e)
	default:
		return false
	}
	return true
}

// anywhere handles what the clerk may do on every page.
func (c *Counter) anywhere(e Event) bool {
	switch e := e.(type) {
	case Lock:
		c.lock("")
	case SpeakIn:
		c.speakIn(e.Language)
	case HandOver:
		c.Look.HandedOver = !c.Look.HandedOver
	case Repeat:
		c.do(Sound{"ask"})
	case Go:
		c.goTo(e.To)
	default:
		return c.look(e)
	}
	return true
}

// look handles how the screens are to be drawn, whoever is logged in.
func (c *Counter) look(e Event) bool {
	switch e := e.(type) {
	case SetLanguage:
		c.Look.Language = e.Language
	case Contrast:
		c.Look.HighContrast = !c.Look.HighContrast
	case Motion:
		c.Look.Still = !c.Look.Still
	case TextSize:
		c.Look.TextSize = min(max(e.Percent, 100), 200)
	default:
		return false
	}
	return true
}

// languages of the applicant's screen, in the order of the key that turns them.
var languages = [...]string{"da", "en"}

func (c *Counter) speakIn(language string) {
	if language == "" {
		language = languages[0]
		for i, l := range languages {
			if l == c.Look.Person {
				language = languages[(i+1)%len(languages)]
			}
		}
	}
	c.Look.Person = language
	c.openRights()
	if c.Session != nil {
		c.saved()
	}
}

// goTo opens a page that the rail or the status bar leads to.
func (c *Counter) goTo(p Page) {
	if c.Delivery.Sealing || c.filling() && p != CaseForm && !c.decided() {
		return
	}
	sealed := c.Delivery.Package != ""
	switch p {
	case Home, Queue, Devices, Notices, Card:
		if c.Session == nil || sealed {
			if p == Card && (!c.Settings.Cards || c.Page == Card || c.filling()) {
				return
			}
			if !c.Test.Running { // what was measured then says nothing of now
				c.Test = SelfTest{}
			}
			c.open(p)
		}
	case CaseForm:
		if !sealed {
			c.open(CaseForm)
		}
	case Law, Rights, Prints, Portrait, Review:
		if c.may(p) {
			c.open(p)
		}
	case Delivery:
		if sealed {
			c.open(p)
		}
	}
}

// decided asks the law again if the form has been edited since, so that no step
// is taken on other facts than those on the screen; false when the form cannot
// be read.
func (c *Counter) decided() bool {
	if c.edited() {
		c.open(CaseForm)
		c.decide()
	}
	return !c.edited()
}

// may reports whether a step can be opened: the case is decided, not sealed,
// and the person has been informed before anything is taken.
func (c *Counter) may(p Page) bool {
	if c.Session == nil || c.Delivery.Package != "" || c.Delivery.Sealing ||
		c.Session.Requirement().Decision != rule.Capture {
		return false
	}
	switch p {
	case Law, Rights:
		return true
	case Prints:
		return c.Done(Rights) && c.Session.Requirement().Asks(rule.ItemPrints)
	case Portrait:
		return c.Done(Rights) && c.Session.WantsPortrait()
	case Review:
		return c.Ready()
	}
	return false
}

// open shows a page, stops the devices of the one before and starts its own.
func (c *Counter) open(p Page) {
	if c.Page != p {
		c.leave()
	}
	c.Page, c.Notice, c.Gone = p, Notice{}, nil
	switch p {
	case Rights:
		c.openRights()
	case Prints:
		c.ask()
	case Portrait:
		c.openPortrait()
	case CaseForm:
		c.openForm()
	case Notices:
		c.openNotices()
	case Card:
		c.do(AwaitCards{})
	}
}

func (c *Counter) leave() {
	switch c.Page {
	case Prints:
		c.do(Unwatch{})
	case Portrait:
		c.do(LookAway{})
	case Notices:
		c.Told = Told{}
	case Card:
		c.leaveCard()
	}
}

// back returns to a page, or goes on where it may no longer be opened.
func (c *Counter) back(p Page) {
	switch p {
	case Prints, Portrait, Review:
		if !c.may(p) {
			c.onwards()
			return
		}
	}
	c.open(p)
}

// onwards opens the next step that is not done.
func (c *Counter) onwards() {
	for _, p := range []Page{Rights, Prints, Portrait, Review} {
		if c.may(p) && (p == Review || !c.Done(p)) {
			c.open(p)
			return
		}
	}
}

// resume opens the page at which a case was put aside.
func (c *Counter) resume() {
	switch {
	case c.Delivery.Package != "":
		c.open(Delivery)
	case c.Delivery.Sealing:
		c.open(Review)
	case c.Session == nil || c.edited():
		c.open(CaseForm)
	case c.Session.Requirement().Decision != rule.Capture:
		c.open(Decision)
	case !c.Done(Rights):
		c.open(Law)
	default:
		c.onwards()
	}
}

// onPage hands the event to the page it was made on.
func (c *Counter) onPage(e Event) {
	switch c.Page {
	case Home, Queue, Devices:
		c.onHome(e)
	case Notices:
		c.onNotices(e)
	case Card:
		c.onCard(e)
	case CaseForm, Law, Decision:
		c.onCase(e)
	case Rights:
		c.onRights(e)
	case Prints:
		c.onPrints(e)
	case Exceptions:
		c.onExceptions(e)
	case Refusal:
		c.onRefusal(e)
	case Force:
		c.onForce(e)
	case Reason:
		c.onReason(e)
	case Portrait:
		c.onPortrait(e)
	case Review:
		c.onReview(e)
	case Delivery:
		c.onDelivery(e)
	case Lost:
		c.onLost(e)
	}
}

func (c *Counter) onHome(e Event) {
	switch e.(type) {
	case NewCase, Next:
		if c.Page == Home {
			c.newCase()
		}
	case TryAgain:
		c.do(Deliver{})
	case RunSelfTest:
		if c.Page == Devices && !c.Test.Running {
			c.Test = SelfTest{Running: true}
			c.do(TestDevices{})
		}
	case Back:
		c.open(Home)
	}
}

// newCase forgets the last case and begins with an empty form.
func (c *Counter) newCase() {
	c.forget()
	c.open(CaseForm)
}

// forget wipes what is held of a person and clears the screens.
func (c *Counter) forget() {
	if c.Session != nil {
		c.do(Forget{c.Session})
	}
	c.Session, c.Number, c.Form, c.meant = nil, "", Form{}, Reading{}
	c.Face.Wipe()
	c.Finger, c.Marking, c.Refusing, c.Photo, c.Reasoning = FingerState{}, Marking{}, Refusing{}, PhotoState{}, Reasoning{}
	c.Securing = Securing{}
	c.Delivery, c.Gone, c.Asking = DeliveryState{}, nil, ""
	c.RightsPage, c.Aloud, c.Draft = 0, false, ""
	c.Look.Person, c.Look.HandedOver = c.Settings.Language, false
}

// saved asks for the draft to be kept, after something was added to the case.
func (c *Counter) saved() {
	c.Draft = ""
	c.do(SaveDraft{c.Session})
}

// draft notes whether the case is on disk. What is said of a case that is gone
// means nothing.
func (c *Counter) draft(e Event) {
	if c.Session == nil {
		return
	}
	switch e.(type) {
	case DraftSaved:
		c.Draft = "safe"
	case DraftFailed:
		c.Draft = "failed"
	}
}

// profile is the site's way of taking prints.
func (c *Counter) profile() capture.Profile { return c.Settings.Profile }
