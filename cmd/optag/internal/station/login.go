package station

import (
	"time"

	"optag/ui/flow"
)

// tries is how many wrong PINs are answered at once; after them each further
// one makes everybody wait twice as long.
const tries = 5

// logins counts wrong PINs by staff number. It belongs to the station's loop;
// a restart forgets it, which is why each check is slow as well.
type logins struct {
	wrong map[string]int
}

// checkPIN compares a PIN, off the loop: hashing takes a third of a second. A
// number that is unknown, or whose officer has a card alone, takes as long as
// another. Where nobody gets in without a card, no PIN fits.
func (s *Station) checkPIN(e flow.CheckPIN) {
	officers, card := s.settings.Officers, s.settings.logIn() == flow.StaffCardsOnly
	s.background(func() {
		found := Officer{PIN: nobody()}
		for _, o := range officers {
			if o.ID == e.Staff && o.PIN != "" {
				found = o
			}
		}
		fits := pinFits(found.PIN, e.PIN) && found.ID != "" && !card
		s.later(func() { s.pinChecked(e.Staff, found, fits) })
	})
}

func (s *Station) pinChecked(staff string, o Officer, fits bool) {
	if fits {
		delete(s.logins.wrong, staff)
		s.handle(flow.LoggedIn{Officer: flow.Officer{ID: o.ID, Name: o.Name, Role: o.Role}})
		return
	}
	s.logins.wrong[staff]++
	n := s.logins.wrong[staff]
	s.log("login_failed", "", "")
	s.handle(flow.LogInRefused{Left: max(tries-n, 0), Until: s.now().Add(pause(n))})
}

// pause is how long nobody can log in after the n-th wrong PIN.
func pause(n int) time.Duration {
	if n < 2 {
		return 0
	}
	return min(time.Second<<min(n-2, 20), 15*time.Minute)
}
