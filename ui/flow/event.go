package flow

import (
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
)

// An Event is something that has happened.
type Event interface{ event() }

// What the clerk does.
type (
	// LogIn is a staff number with its PIN or, by card, the officer whose card the
	// screen showed, with the card's PIN; "" where that is typed at the reader.
	LogIn struct {
		Staff, PIN string
		ByCard     bool
	}
	Lock    struct{}
	NewCase struct{}
	Edit    struct{ Field, Value string } // of the case form
	Decide  struct{}                      // ask the law
	Abandon struct{}                      // end the open case without a result; a reason is asked
	Go      struct{ To Page }             // by the rail or the status bar
	Back    struct{}
	Next    struct{} // the page's own way forward

	RightsTurn  struct{ By int } // +1 or -1
	ReadAloud   struct{}         // tick or untick
	RightsGiven struct{}

	TakeNow    struct{}
	CannotTake struct{}
	Singly     struct{ Yes bool } // fingers one by one, or together again
	Pick       struct {
		Finger finger.Position
		Palm   bool
	}
	Mark    struct{ Reason capture.Reason } // "" takes the mark away
	Note    struct{ Text string }           // what was seen
	Accept  struct{ Reason string }         // keep what is below its threshold
	Discard struct {
		Finger finger.Position
		Reason string
	}
	Change struct{ Finger finger.Position } // at the review: take it again, or mark it
	// AllUnable says that no finger of the person can be taken. For good it wants
	// words on what was seen; the same again takes it back.
	AllUnable struct {
		Permanent bool
		Note      string
	}

	Refuses       struct{}
	RefuseToggle  struct{ What string } // "prints", "photo", "explained", "asked"
	RecordRefusal struct{}
	ChangedMind   struct{}
	Secures       struct{} // the police secure what is refused; see Counter.openForce
	RecordForce   struct{}

	Judge       struct{ What string }
	Shoot       struct{}
	RetakePhoto struct{}

	Seal     struct{}
	TryAgain struct{}
	Repeat   struct{}

	SetLanguage struct{ Language string } // of the clerk's screen
	SpeakIn     struct{ Language string } // of the applicant's; "" is the next one
	Contrast    struct{}
	Motion      struct{}
	TextSize    struct{ Percent int }
	HandOver    struct{}
)

// What the station reports.
type (
	LoggedIn     struct{ Officer Officer }
	LogInRefused struct {
		Left  int
		Until time.Time
	}
	FingerLive struct {
		Task capture.Task
		Live capture.Live
	}
	Presented struct {
		Task    capture.Task
		Samples []capture.Sample // one to a finger of the task
	}
	Unusable struct { // a slap of which no samples could be made
		Task  capture.Task
		Fault finger.SlapFault
	}
	GlassClear   struct{}             // after the last finger
	ScannerIs    struct{ Slaps bool } // what the scanner that was just opened can do
	FaceLive     struct{ Checks []face.Check }
	Photographed struct{ Portrait capture.Portrait }
	DeviceLost   struct{ Device, Cause string }
	DeviceBack   struct{ Device string }
	Sealed       struct {
		Package string
		Size    int64
	}
	SealFailed struct{ Cause string } // code: "full", "keys", "faults", "failed"
	Sent       struct{ Package string }
	Delivered  struct{ Package, Receipt string }
	NotSent    struct {
		Package string
		Refused string // code where the service refuses for good; "" when it could not be reached
	}
	// DraftSaved says that the case as it stands is on disk, DraftFailed that
	// it is not and will not be.
	DraftSaved  struct{}
	DraftFailed struct{}

	StatusIs struct{ Status Status }

	// RunSelfTest is the clerk's wish on the devices page; SelfTested tells how it
	// went.
	RunSelfTest struct{}
	SelfTested  struct{ Test SelfTest }

	Tick struct{}
)

func (LogIn) event()         {}
func (Lock) event()          {}
func (NewCase) event()       {}
func (Edit) event()          {}
func (Decide) event()        {}
func (Abandon) event()       {}
func (Go) event()            {}
func (Back) event()          {}
func (Next) event()          {}
func (RightsTurn) event()    {}
func (ReadAloud) event()     {}
func (RightsGiven) event()   {}
func (TakeNow) event()       {}
func (CannotTake) event()    {}
func (Pick) event()          {}
func (Mark) event()          {}
func (Note) event()          {}
func (Accept) event()        {}
func (Discard) event()       {}
func (Change) event()        {}
func (AllUnable) event()     {}
func (Refuses) event()       {}
func (RefuseToggle) event()  {}
func (RecordRefusal) event() {}
func (ChangedMind) event()   {}
func (Secures) event()       {}
func (RecordForce) event()   {}
func (Judge) event()         {}
func (Shoot) event()         {}
func (RetakePhoto) event()   {}
func (Seal) event()          {}
func (TryAgain) event()      {}
func (Repeat) event()        {}
func (SetLanguage) event()   {}
func (SpeakIn) event()       {}
func (Contrast) event()      {}
func (Motion) event()        {}
func (TextSize) event()      {}
func (HandOver) event()      {}
func (LoggedIn) event()      {}
func (LogInRefused) event()  {}
func (FingerLive) event()    {}
func (Presented) event()     {}
func (Unusable) event()      {}
func (ScannerIs) event()     {}
func (Singly) event()        {}
func (GlassClear) event()    {}
func (FaceLive) event()      {}
func (Photographed) event()  {}
func (RunSelfTest) event()   {}
func (SelfTested) event()    {}
func (DeviceLost) event()    {}
func (DeviceBack) event()    {}
func (Sealed) event()        {}
func (SealFailed) event()    {}
func (Sent) event()          {}
func (Delivered) event()     {}
func (NotSent) event()       {}
func (DraftSaved) event()    {}
func (DraftFailed) event()   {}
func (StatusIs) event()      {}
func (Tick) event()          {}
