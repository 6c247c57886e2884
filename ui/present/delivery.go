package present

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"optag/capture/rule"
	"optag/ui/flow"
)

// delivery is the way of the package from seal to receipt.
func (v screen) delivery(vm *Operator) {
	l, d := v.l, v.s.Delivery
	page := &Delivery{Tone: Wait, Headline: l.Text("deliver.sending"), Text: l.Text("deliver.sending_text")}
	vm.Title = l.Text("deliver.title_sending")
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("deliver.go"), Text: l.Text("deliver.go_text")}
	switch {
	case !d.Destroyed.IsZero():
		vm.Title = l.Text("deliver.title")
		page.Tone, page.Headline, page.Text = Good, l.Text("deliver.signed"), l.Text("deliver.nothing_left")
		page.Receipt = v.receipt()
	case d.Refused != "":
		page.Tone, page.Headline, page.Text = Halt, l.Text("notice.refused"), l.Text("notice.refused_text")
	case d.Offline:
		page.Tone, page.Headline, page.Text = Wait, l.Text("deliver.waiting"), l.Text("deliver.waiting_text")
	}
	page.Steps = []DeliveryStep{
		v.step(d.Sealed, "deliver.sealed", l.Text("deliver.sealed_for", "receiver", l.Text("controller."+string(d.Controller)))),
		v.step(d.Sent, "deliver.sent", l.Text("deliver.size", "size", size(d.Size))),
		v.step(d.Receipted, "deliver.receipt", v.checked()),
		v.step(d.Destroyed, "deliver.destroyed", l.Text("deliver.destroyed_text")),
	}
	vm.Page = page
	vm.Primary = v.primary(DoNewCase, "do.new_case", "Enter", "")
	if d.Offline {
		vm.Secondary = []Button{v.button(DoTryNow, "do.try_now", "F5", "retry")}
	}
}

// checked says of the receipt how long the hand-over took, where that counts.
func (v screen) checked() string {
	if took := v.s.Delivery.Clock.Took; took > 0 {
		return v.lasted("deliver.receipt_after", took)
	}
	return v.l.Text("deliver.receipt_text")
}

func (v screen) step(at time.Time, key, text string) DeliveryStep {
	if at.IsZero() {
		return DeliveryStep{Bold: v.l.Text(key), Text: v.l.Text("deliver.to_come"), Tone: Wait}
	}
	return DeliveryStep{Time: v.l.Seconds(at), Bold: v.l.Text(key), Text: text, Tone: Good}
}

// size is a number of bytes in words.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// receipt is the paper for the person: no picture, no print, no name.
func (v screen) receipt() *Receipt {
	l, d := v.l, v.s.Delivery
	photo := l.Text("no")
	if d.Portrait {
		photo = l.Text("yes")
	}
	fingers := l.Text("receipt.no_fingers")
	if len(d.Fingers) > 0 {
		var names []string
		for _, p := range d.Fingers {
			names = append(names, v.short(p))
		}
		fingers = l.Text("receipt.fingers", "fingers", strings.Join(names, ", "))
	}
	purpose := l.Text("purpose." + string(d.Purpose))
	if key := "receipt.purpose." + string(d.Purpose); l.Has(key) {
		purpose = l.Text(key)
	}
	number := "receipt.case"
	if d.Purpose == rule.Eurodac {
		number = "receipt.reference"
	}
	return &Receipt{
		Title: l.Text("receipt.title"), Foot: l.Text("receipt.foot", "receiver", l.Text("controller."+string(d.Controller))),
		Place: l.Text("receipt.place", "place", v.s.Station.Name, "date", l.Date(d.Receipted), "time", l.Clock(d.Receipted)),
		Blocks: [][]ReceiptLine{
			{{Text: l.Text("receipt.given", "purpose", purpose)}, {Text: l.Text("receipt.photo", "answer", photo)}, {Text: fingers}},
			{{Text: l.Text(number), Bold: v.s.Number}, {Text: l.Text("receipt.number"), Bold: d.Receipt}},
		},
	}
}

func (v screen) queue(vm *Operator) {
	st, l := v.s.Status, v.l
	vm.Title = l.Text("queue.title_none")
	if st.Waiting > 0 {
		vm.Title = l.Count("queue.title", st.Waiting)
	}
	table := Table{Empty: l.Text("queue.empty"), Columns: []Column{
		{Label: l.Text("queue.sealed"), Width: 220}, {Label: l.Text("queue.package"), Width: 300},
		{Label: l.Text("queue.size"), Width: 120}, {Label: l.Text("queue.tries"), Width: 100}, {Label: l.Text("queue.state"), Width: 252},
	}}
	for _, p := range st.Packages {
		state := Cell{Text: l.Text("queue.waiting"), Tone: Wait}
		switch p.State {
		case "sending":
			state = Cell{Text: l.Text("queue.sending"), Tone: Again}
		case "refused", "damaged":
			state = Cell{Text: l.Text("queue.refused"), Tone: Warn, Bold: true}
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: l.Date(p.Sealed) + " " + l.Clock(p.Sealed), Bold: true}, {Text: p.ID[:min(12, len(p.ID))]},
			{Text: size(p.Size)}, {Text: strconv.Itoa(p.Tries)}, state,
		}})
	}
	vm.Page = &Queue{Stats: v.queueStats(), Table: table}
	vm.Advice = Advice{Tone: Good, Bold: l.Text("queue.all_good"), Text: l.Text("queue.all_good_text")}
	switch {
	case st.Stuck > 0:
		vm.Advice = Advice{Tone: Warn, Bold: l.Text("notice.refused"), Text: l.Text("notice.refused_text")}
	case !st.Online && st.Waiting > 0:
		vm.Advice = Advice{Tone: Warn, Bold: l.Text("queue.go_on"), Text: l.Count("queue.go_on_text", st.Waiting)}
	}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), v.button(DoTryNow, "do.try_now", "F5", "retry"),
		{Action: Action{ID: DoGoStep, Arg: string(flow.Notices)}, Label: l.Text("place.notices"), Key: "F6"}}
	vm.Primary = v.toCases()
}

// toCases leads from a page of the station back to the cases.
func (v screen) toCases() *Button {
	return &Button{Action: Action{ID: DoGoStep, Arg: string(flow.Home)}, Label: v.l.Text("place.cases"), Key: "Enter"}
}

func (v screen) queueStats() []Stat {
	st, l := v.s.Status, v.l
	stats := []Stat{{Big: strconv.Itoa(st.Waiting), Text: l.Text("queue.waiting")}, {Big: strconv.Itoa(st.Delivered), Text: l.Text("queue.today")},
		{Big: l.Text("queue.lost"), Text: l.Text("queue.lost_text")}}
	if len(st.Packages) > 0 {
		wait := v.s.Now.Sub(st.Packages[0].Sealed)
		stats[1] = Stat{Big: l.Text("queue.wait", "h", int(wait.Hours()), "m", int(wait.Minutes())%60), Text: l.Text("queue.longest")}
	}
	return stats
}

func (v screen) devices(vm *Operator) {
	st, l := v.s.Status, v.l
	vm.Title = l.Text("dev.title", "n", st.Devices, "all", st.Expected)
	table := Table{Columns: []Column{{Label: l.Text("dev.name"), Width: 320}, {Label: l.Text("dev.serial"), Width: 200},
		{Label: l.Text("dev.driver"), Width: 200}, {Label: l.Text("dev.approval"), Width: 272}}, Empty: l.Text("dev.none")}
	for _, d := range st.Attached {
		name, approval := strings.TrimSpace(d.Maker+" "+d.Model), Cell{Text: "–", Tone: Quiet}
		switch {
		case d.Gone:
			name, approval = v.deviceWord(d.Kind), Cell{Text: l.Text("dev.gone"), Tone: Halt}
		case d.Kind != "scanner": // whose pictures nobody certifies
		case d.Certified:
			approval = Cell{Text: l.Text("dev.certified"), Tone: Good}
		default:
			approval = Cell{Text: l.Text("dev.uncertified"), Tone: Warn}
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: name, Bold: true}, {Text: d.Serial}, {Text: d.Driver}, approval}})
	}
	vm.Page = &Devices{Table: table}
	vm.Advice = Advice{Tone: Good, Bold: l.Text("dev.good"), Text: l.Text("dev.good_text")}
	if st.Devices < st.Expected {
		vm.Advice = Advice{Tone: Halt, Bold: l.Text("dev.missing"), Text: l.Text("lost.push")}
	}
	run := v.button(DoRunAll, "test.run_all", "F5", "retry")
	run.Off = v.s.Test.Running
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), run}
	vm.Primary = v.toCases()
	v.selfTest(vm)
}

// selfTest shows the technician's checks in place of the devices, once they were
// run; those that were skipped are left to the report.
func (v screen) selfTest(vm *Operator) {
	t, l := v.s.Test, v.l
	if t.Running {
		vm.Advice = Advice{Tone: Wait, Bold: l.Text("test.running"), Text: l.Text("test.running_text")}
	}
	if len(t.Checks) == 0 {
		return
	}
	table := Table{Dense: true, Columns: []Column{{Label: l.Text("test.device"), Width: 130}, {Label: l.Text("test.check"), Width: 280},
		{Label: l.Text("test.measured"), Width: 320}, {Label: l.Text("test.result"), Width: 110}, {Label: l.Text("test.days"), Width: 152}}}
	passed, look, worst := 0, 0, flow.Tested{}
	before := ""
	for _, c := range t.Checks {
		result := Cell{Text: l.Text("test." + c.Outcome), Tone: Good, Bold: true}
		switch c.Outcome {
		case "skipped":
			continue
		case "pass":
			passed++
		case "warn":
			look++
			result.Tone = Warn
		default:
			look++
			result.Tone = Halt
		}
		if result.Tone == Halt && worst.Outcome != "fail" || result.Tone == Warn && worst.Outcome == "" {
			worst = c
		}
		name := Cell{Bold: true}
		if c.Device != before {
			name.Text = v.deviceWord(c.Device)
		}
		before = c.Device
		table.Rows = append(table.Rows, Row{Cells: []Cell{name, {Text: v.checkName(c)}, {Text: c.Found, Tone: Quiet}, result, {Trend: shares(c.Trend), Tone: result.Tone}}})
	}
	vm.Title = l.Text("test.title", "n", passed, "look", look)
	vm.Aside.Chip = &Chip{Icon: "clock", Text: l.ShortDate(t.At) + ", " + l.Clock(t.At)}
	vm.Page = &Devices{Table: table}
	switch {
	case worst.ID == "dirt":
		vm.Advice = Advice{Tone: Warn, Bold: l.Text("test.wipe"), Text: l.Text("test.wipe_text")}
	case worst.Outcome == "fail":
		vm.Advice = Advice{Tone: Halt, Bold: v.checkName(worst), Text: l.Text("test.fail_text")}
	case worst.Outcome == "warn":
		vm.Advice = Advice{Tone: Warn, Bold: v.checkName(worst), Text: l.Text("test.warn_text")}
	}
}

// checkName is a check in the clerk's language, as far as there are words.
func (v screen) checkName(c flow.Tested) string {
	if key := "check." + c.ID; v.l.Has(key) {
		return v.l.Text(key)
	}
	return c.Name
}

func (v screen) deviceWord(code string) string {
	if key := "device." + code; v.l.Has(key) {
		return v.l.Text(key)
	}
	return code
}

// shares are values as shares of their range, for a line; nil for fewer than two.
func shares(values []float64) []float64 {
	if len(values) < 2 {
		return nil
	}
	low, high := slices.Min(values), slices.Max(values)
	span := max(high-low, 0.02*max(high, -low), 1e-9)
	line := make([]float64, len(values))
	for i, x := range values {
		line[i] = math.Round(1000*(0.5+0.9*(x-(low+high)/2)/span)) / 1000
	}
	return line
}

// lost answers four questions about the device that is gone.
func (v screen) lost(vm *Operator) {
	l, g := v.l, v.s.Gone
	if g == nil {
		return
	}
	vm.Title = l.Text("lost." + g.Device)
	page := &DeviceLost{Picture: "device-lost", Name: l.Text("device." + g.Device), Lines: []string{l.Text("lost.since", "time", l.Seconds(g.Since))}}
	only, do := "lost.only_print", "lost.light"
	if g.Device == "camera" {
		only, do = "lost.only_photo", "lost.wait_picture"
	}
	kept := l.Text("lost.safe_all")
	if prints := v.s.Session.Kept(); len(prints) > 0 {
		kept = l.Text("lost.safe", "what", v.capital(prints[len(prints)-1]))
	}
	code := map[string]string{"unplugged": "D-01", "silent": "D-02", "garbled": "D-03"}[g.Cause]
	if code == "" {
		code = "D-00"
	}
	page.Answers = []Answer{
		{Label: l.Text("lost.what"), Bold: l.Text(lostWhat(g.Cause)), Text: l.Text("lost.tries")},
		{Label: l.Text("lost.kept"), Bold: kept, Text: l.Text(only)},
		{Label: l.Text("lost.do"), Bold: l.Text("lost.push"), Text: l.Text(do)},
		{Label: l.Text("lost.help"), Bold: l.Text("lost.ask_technician"), Text: l.Text("lost.say", "device", l.Text("lost."+g.Device+"_word"), "code", code)},
	}
	vm.Page = page
	vm.Advice = Advice{Tone: Halt, Bold: l.Text("lost.trying_now"), Text: l.Text("lost.trying_text")}
	vm.Secondary = []Button{v.button(DoHold, "do.hold", "F7", "")}
	vm.Primary = v.primary(DoTryNow, "do.try_now", "Enter", "retry")
}

func lostWhat(cause string) string {
	switch cause {
	case "unplugged", "garbled", "failed":
		return "lost." + cause
	}
	return "lost.silent"
}
