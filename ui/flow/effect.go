package flow

import "optag/capture"

// An Effect is something the station must do. Its outcome comes back as an
// event, never as a value.
type Effect interface{ effect() }

// The effects.
type (
	// CheckPIN compares a PIN; LoggedIn or LogInRefused follows.
	CheckPIN struct{ Staff, PIN string }

	// Watch presents a finger or a slap: FingerLive follows with every frame
	// and Presented once, or Unusable where the slap cannot be used. A task
	// without a finger only waits for a clear glass. Watching ends what was
	// watched before.
	Watch struct {
		Task       capture.Task
		Thresholds []int // of the task's fingers
		Profile    capture.Profile
	}
	// Unwatch ends watching. ForceTake ends the presentation with the best there is.
	Unwatch   struct{}
	ForceTake struct{}

	// Look shows the camera's picture: FaceLive follows. TakePicture makes
	// Photographed follow. LookAway ends both.
	OpenCamera  struct{}
	TakePicture struct{}
	LookAway    struct{}

	// TestDevices runs the self-test; SelfTested follows.
	TestDevices struct{}

	// Reopen tries a device that is gone; DeviceBack or DeviceLost follows.
	Reopen struct{ Device string }

	// SealCase finishes the session, seals and queues; Sealed or SealFailed
	// follows. Deliver sends what is queued; Sent, Delivered or NotSent follows.
	SealCase struct{ Session *capture.Session }
	Deliver  struct{}

	// Forget wipes everything held of the person.
	Forget struct{ Session *capture.Session }

	// SaveDraft keeps the case against a crash of this process.
	SaveDraft struct{ Session *capture.Session }

	// Sound plays a cue: "ask", "good", "again" or "done".
	Sound struct{ Cue string }

	// Log enters an event into the tamper-evident log. Event is one of the
	// codes of queue/audit, Detail a code, Actor the officer's id.
	Log struct{ Event, Detail, Actor string }
)

func (CheckPIN) effect()    {}
func (Watch) effect()       {}
func (Unwatch) effect()     {}
func (ForceTake) effect()   {}
func (OpenCamera) effect()  {}
func (TakePicture) effect() {}
func (LookAway) effect()    {}
func (TestDevices) effect() {}
func (Reopen) effect()      {}
func (SealCase) effect()    {}
func (Deliver) effect()     {}
func (Forget) effect()      {}
func (SaveDraft) effect()   {}
func (Sound) effect()       {}
func (Log) effect()         {}
