package flow_test

import (
	"slices"
	"testing"
	"time"

	"optag/ui/flow"
)

// TestSelfTest: it is run from the devices page alone, once at a time, and what
// it measured is forgotten when the page is opened anew.
func TestSelfTest(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	c := flow.New(flow.Station{}, flow.Settings{Language: "en"})
	asked := func(e flow.Event) bool { return slices.Contains(c.On(e, now), flow.Effect(flow.TestDevices{})) }
	c.On(flow.LoggedIn{Officer: flow.Officer{ID: "1", Role: "technician"}}, now)
	if asked(flow.RunSelfTest{}) {
		t.Error("run from the list of cases")
	}
	c.On(flow.Go{To: flow.Devices}, now)
	if !asked(flow.RunSelfTest{}) || !c.Test.Running {
		t.Error("not run from the devices page")
	}
	if asked(flow.RunSelfTest{}) {
		t.Error("run twice at once")
	}
	c.On(flow.Go{To: flow.Home}, now)
	if c.On(flow.Go{To: flow.Devices}, now); !c.Test.Running {
		t.Error("a test that runs is forgotten")
	}
	c.On(flow.SelfTested{Test: flow.SelfTest{At: now, Checks: []flow.Tested{{ID: "dirt", Outcome: "pass"}}}}, now)
	if c.Test.Running || len(c.Test.Checks) != 1 {
		t.Errorf("after the test: %+v", c.Test)
	}
	c.On(flow.Go{To: flow.Home}, now)
	if c.On(flow.Go{To: flow.Devices}, now); len(c.Test.Checks) != 0 {
		t.Error("yesterday's measures are still shown")
	}
}
