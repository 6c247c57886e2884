package flow

import "testing"

// The law belongs to the step of the case, also for who comes to it after a
// device was gone, a refusal or the marks of a finger.
func TestStepOfAPage(t *testing.T) {
	for _, c := range []struct {
		page, asking, want Page
	}{
		{Law, "", CaseForm}, {Law, Prints, CaseForm}, {CaseForm, Portrait, CaseForm},
		{Lost, Prints, Prints}, {Lost, Portrait, Portrait}, {Refusal, Rights, Prints}, {Home, "", ""},
	} {
		s := &State{Page: c.page, Asking: c.asking}
		if got := s.Step(); got != c.want {
			t.Errorf("page %q after %q: step %q, want %q", c.page, c.asking, got, c.want)
		}
	}
}
