package capture

import (
	"errors"
	"slices"
	"time"

	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
)

// A Profile holds what a site may set about taking prints. None of it can make
// the station ask for more than the law does.
type Profile struct {
	// Law holds the dates that the law leaves to the authorities.
	Law rule.Settings `json:"law"`

	// Order is the order in which the fingers of a hand are asked for when two
	// flat prints are to be taken: index, middle, ring and thumb, each once.
	Order []finger.Digit `json:"order"`

	// FirstHand is asked first.
	FirstHand finger.Hand `json:"first_hand"`

	// Attempts is the most presentations of one finger, 1 to 3 (BSI TR-03121-3
	// § 4.6.2.1).
	Attempts int `json:"attempts"`

	// Threshold is the NFIQ 2 score from which a print suffices, by digit from
	// the thumb, 0 to 100. Margin is added to it while Algorithm, by which the
	// prints of a case are scored, is an estimate.
	Threshold [5]int `json:"threshold"`
	Margin    int    `json:"margin"`
	Algorithm string `json:"algorithm"`

	// Similarity is the score of [minutiae.Matcher] from which two prints count
	// as one finger.
	Similarity int `json:"similarity"`

	// Slaps has several fingers asked for at once where the law asks for both
	// index fingers or for ten and the scanner can.
	Slaps bool `json:"slaps"`

	// Uncertified lets prints for a card come from a scanner that is not
	// certified for enrolment; the record says which it was.
	Uncertified bool `json:"uncertified"`

	// IndexOnly takes only the index fingers where the law leaves the choice
	// (Eurodac category 3).
	IndexOnly bool `json:"index_only"`

	// Agency is the originating agency under which the site's captures go to
	// national systems (field ORI of ANSI/NIST-ITL): the three letters of the
	// state (ISO 3166-1) and the agency's own; "" where none does.
	Agency string `json:"agency"`

	// Eurodac holds how reference numbers begin.
	Eurodac Categories `json:"eurodac"`

	// Hold is how long a print must keep its threshold to be taken by itself,
	// Patience how long a finger may lie below it before the attempt ends.
	Hold     time.Duration `json:"hold"`
	Patience time.Duration `json:"patience"`
}

// ThresholdOf is the score from which a print of this finger suffices, by the
// profile's algorithm.
func (p Profile) ThresholdOf(f finger.Position) int {
	if p.Algorithm == finger.NFIQ2 {
		return p.Threshold[f.Digit()]
	}
	return min(100, p.Threshold[f.Digit()]+p.Margin)
}

// EU is the order of the EU's technical specifications for residence permits,
// C(2009) 3770: index, middle, ring, thumb. The thresholds are those of BSI
// TR-03121-3 § 5.4.5 for plain enrolment. Prints are scored by the estimate.
func EU() Profile {
	return Profile{
		Order:      []finger.Digit{finger.Index, finger.Middle, finger.Ring, finger.Thumb},
		Attempts:   3,
		Threshold:  [5]int{30, 30, 20, 10, 10},
		Margin:     15,
		Algorithm:  finger.Estimate,
		Similarity: minutiae.Verified, // ten prints are 45 comparisons, and people who lay a finger down as told are not missed
		Slaps:      true,
		Eurodac:    Categories{State: "DK", Art4: "1", Art8: "2", Art11: "3"},
		Hold:       300 * time.Millisecond,
		Patience:   4 * time.Second,
	}
}

// Germany is [EU] with the order of BSI TR-03121-3 § 4.6: index, thumb, middle, ring.
func Germany() Profile {
	p := EU()
	p.Order = []finger.Digit{finger.Index, finger.Thumb, finger.Middle, finger.Ring}
	return p
}

// mostAttempts is what BSI TR-03121-3 § 4.6.2.1 allows.
const mostAttempts = 3

// Validate checks that the profile asks for what the law allows, and for no
// less than it demands: every finger that could stand in is in the order.
func (p Profile) Validate() error {
	order := slices.Sorted(slices.Values(p.Order))
	switch {
	case !slices.Equal(order, []finger.Digit{finger.Thumb, finger.Index, finger.Middle, finger.Ring}):
		return errors.New("profile: the order names index, middle, ring and thumb, each once")
	case p.FirstHand != finger.Right && p.FirstHand != finger.Left:
		return errors.New("profile: the first hand is the right (0) or the left (1)")
	case p.Attempts < 1 || p.Attempts > mostAttempts:
		return errors.New("profile: one to three attempts are allowed")
	case p.Similarity <= 0:
		return errors.New("profile: the similarity of one finger lies above 0")
	case p.Algorithm != finger.Estimate && p.Algorithm != finger.NFIQ2 || p.Margin < 0 || p.Margin > 100:
		return errors.New("profile: prints are scored by NFIQ 2 or by the estimate, with a margin from 0 to 100")
	case p.Agency != "" && !agency(p.Agency):
		return errors.New("profile: an agency is three capital letters of the state and up to 29 letters and digits")
	case !p.Eurodac.distinct():
		return errors.New("profile: reference numbers begin with one or two letters of the state and another digit for each category")
	case p.Hold < 0 || p.Patience <= 0 || p.Patience < p.Hold:
		return errors.New("profile: patience is longer than the hold, and neither is negative")
	}
	for _, t := range p.Threshold {
		if t < 0 || t > 100 {
			return errors.New("profile: a threshold lies from 0 to 100")
		}
	}
	return nil
}
