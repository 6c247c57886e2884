package flow

// StaffCards says whether officers log in with a staff card.
type StaffCards string

// The ways of logging in.
const (
	NoStaffCards   StaffCards = ""     // by staff number and PIN
	StaffCardsToo  StaffCards = "too"  // either way
	StaffCardsOnly StaffCards = "only" // nobody gets in without a card
)

// StaffNumber is the field of the log-in whose being edited the counter is told.
const StaffNumber = "staff"

// StaffCard is how the reader of staff cards stands, whoever is logged in.
type StaffCard struct {
	// Is "none" lies there, "one" that somebody may log in with, "several",
	// a "stranger" whose certificate belongs to nobody here, one that is
	// "unusable" (outside its dates, issued by somebody else, without a key),
	// one that is "locked", or "failed" where readers or their library do not
	// answer; "" before anybody has looked.
	Is      string
	Officer Officer // whose it is, where Is is "one" or "locked"
	Tries   string  // "" plenty, "low", "final": as the card says, which gives no number
	Keypad  bool    // the PIN is typed at the reader
}

type (
	// UseCard is the clerk's wish, at the log-in, for the other way in.
	UseCard struct{}

	// StaffCardIs tells what lies there, whenever that changes.
	StaffCardIs struct{ Card StaffCard }

	// StaffCardGone says that the card with which somebody logged in was taken
	// away, or cannot be seen any more: the counter locks.
	StaffCardGone struct{}

	// CardRefused says why logging in by card failed: "pin", "locked", "form" of
	// the PIN, "removed", "changed" for another card than the one that was shown,
	// "unusable", "signature" or "failed". The card counts its tries itself.
	CardRefused struct{ Code string }

	// CheckCard has the card in front sign in with its PIN, which is tried once;
	// LoggedIn with the officer's Certificate or CardRefused follows.
	CheckCard struct {
		Staff string // whose card the counter showed
		PIN   string // "" where the reader has a keypad
	}
)

// lies reports whether any card can be seen.
func (s StaffCard) lies() bool {
	switch s.Is {
	case "one", "several", "stranger", "unusable", "locked":
		return true
	}
	return false
}

func (UseCard) event()       {}
func (StaffCardIs) event()   {}
func (StaffCardGone) event() {}
func (CardRefused) event()   {}
func (CheckCard) effect()    {}

// String hides the PIN.
func (CheckCard) String() string { return "a staff card's PIN" }

// GoString hides the PIN.
func (c CheckCard) GoString() string { return c.String() }
