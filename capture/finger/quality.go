package finger

import "optag/capture/finger/nfiq2"

// How a score was made. An estimate is our own and never called NFIQ 2, with
// which it shares the scale of 0 to 100 and nothing else.
const (
	Estimate = nfiq2.EstimateID
	NFIQ2    = nfiq2.ScoreID
)

// A Reason says what would make a print better, or why an image is none.
type Reason = nfiq2.Reason

// Reasons, from the most to the least urgent.
const (
	WrongDepth = nfiq2.WrongDepth
	WrongPPI   = nfiq2.WrongPPI
	TooLarge   = nfiq2.TooLarge
	Inverted   = nfiq2.Inverted
	NoFinger   = nfiq2.NoFinger
	NotAPrint  = nfiq2.NotAPrint
	SmallArea  = nfiq2.SmallArea
	OffCentre  = nfiq2.OffCentre
	TooFaint   = nfiq2.TooFaint
	TooLight   = nfiq2.TooDry
	TooDark    = nfiq2.TooWet
	Smeared    = nfiq2.Smeared
)

// Quality is what one image of a print is worth.
type Quality struct {
	Score     int          // 0 to 100
	Algorithm string       // by which the score was made: Estimate or NFIQ2
	Error     int          // of an estimate: NFIQ 2 is likely to be within this; 0 for NFIQ 2
	Region    nfiq2.Region // where the finger lies and how its ridges look there
	Reasons   []Reason     // never changed once handed out
}

// Print reports whether ridges were seen at all.
func (q *Quality) Print() bool {
	if q.Region.Area == 0 {
		return false
	}
	for _, r := range q.Reasons {
		if r == NoFinger || r == NotAPrint {
			return false
		}
	}
	return true
}
