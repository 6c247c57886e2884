package present

import (
	"image"
	"slices"
	"strconv"
	"strings"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/ui/flow"
	"optag/ui/i18n"
)

// review is what goes into the package, before it is sealed.
func (v screen) review(vm *Operator) {
	s, l := v.s, v.l
	vm.Title, vm.Aside.Text, vm.Focus = l.Text("review.title"), l.Text("review.aside"), "do:seal_send"
	page := &Review{Title: l.Text("review.package"), Facts: v.packageFacts()}
	page.Rows = append(page.Rows, v.portraitRow()...)
	page.Rows = append(page.Rows, v.printRows()...)
	page.Rows = append(page.Rows, v.exceptionRows()...)
	page.Rows = append(page.Rows, v.refusalRows()...)
	page.Rows = append(page.Rows, v.forceRow()...)
	page.Rows = append(page.Rows, v.dataRow()...)
	page.Rows = append(page.Rows, v.rightsRow()...)
	done := 0
	for _, step := range []flow.Page{flow.Rights, flow.Prints, flow.Portrait} {
		if s.Done(step) {
			done++
		}
	}
	page.Passed, page.PassText, page.PassTone = l.Text("review.n_of", "n", done, "all", 3), l.Text("review.passed"), Good
	if done < 3 {
		page.PassTone = Warn
	}
	vm.Page = page
	vm.Advice = Advice{Tone: Inform, Bold: l.Text("review.all_taken"), Text: l.Text("review.complete_text")}
	vm.Secondary = []Button{v.button(DoBack, "do.back", "Esc", ""), v.button(DoHold, "do.hold", "F7", "")}
	vm.Primary = v.primary(DoSealSend, "review.seal", "Ctrl+Enter", "lock")
	vm.Primary.Off = !s.Ready() || s.Delivery.Sealing
}

// packageFacts says what the package is for, who gets it and how long it is kept.
func (v screen) packageFacts() []Fact {
	l, need, f := v.l, v.s.Session.Requirement(), v.s.Session.Case().Facts
	facts := []Fact{
		{Label: l.Text("review.purpose"), Value: l.Text("purpose." + string(f.Purpose))},
		{Label: l.Text("review.receiver"), Value: l.Text("controller." + string(need.Controller))},
	}
	prints, photo := keptKeys(f)
	if need.Asks(rule.ItemPrints) && prints != "" {
		facts = append(facts, Fact{Label: l.Text("review.prints_kept"), Value: l.Text(prints)})
	}
	if need.Photo.Required && photo != "" {
		facts = append(facts, Fact{Label: l.Text("review.photo_kept"), Value: l.Text(photo)})
	}
	return append(facts, Fact{Label: l.Text("review.here_kept"), Value: l.Text("review.until_signed")})
}

// keptKeys are the periods of the law digest § 2 in words.
func keptKeys(f rule.Facts) (prints, photo string) {
	switch f.Purpose {
	case rule.ResidenceCard:
		if f.Basis == rule.AA7 || f.Basis == rule.AA8 && f.Application == rule.Extension {
			return "review.asylum_kept", "review.10max"
		}
		return "review.90", "review.10max"
	case rule.Eurodac:
		return map[rule.Basis]string{rule.Art4: "review.10y", rule.Art8: "review.2y", rule.Art11: "review.compared"}[f.Basis], ""
	case rule.PoliceRegister:
		return "review.10y", ""
	}
	return "review.visa_kept", "review.visa_kept"
}

func (v screen) changeRow(arg string) (string, Action) {
	return v.l.Text("review.change"), Action{ID: DoChange, Arg: arg}
}

func (v screen) portraitRow() []ReviewRow {
	kept, n := v.s.Session.Portrait()
	if kept == nil {
		return nil
	}
	l := v.l
	r := ReviewRow{Icon: "user", Title: l.Text("step.portrait"), Chip: Chip{Tone: Good, Text: l.Text("review.good")}}
	key := "review.portrait_text"
	if len(face.Failed(kept.Checks)) > 0 {
		key, r.Chip = "review.portrait_reason", Chip{Tone: Warn, Text: l.Text("review.accepted")}
	}
	r.Text = l.Text(key, "time", l.Clock(kept.At), "n", n, "all", max(n, 3))
	r.Button, r.Action = v.changeRow("portrait")
	return []ReviewRow{r}
}

func (v screen) printRows() []ReviewRow {
	var rows []ReviewRow
	l := v.l
	for _, p := range v.s.Session.Kept() {
		sm := v.s.Session.Print(p)
		score, _ := v.s.Session.Best(p)
		r := ReviewRow{Thumb: thumb(sm.Image), Title: v.capital(p), Chip: Chip{Tone: Good, Text: strconv.Itoa(score)}}
		if score < v.s.Session.Threshold(p) {
			r.Chip.Tone = Warn
		}
		key := "review.print_text"
		if p.Digit() != finger.Index && v.s.Session.Requirement().Prints.Required == rule.TwoFlat {
			key = "review.print_instead"
		}
		n := 0
		for _, a := range v.s.Session.Attempts(p) {
			if a.Outcome == capture.SameFinger {
				continue // spends no attempt
			}
			if n++; a.At.Equal(sm.At) {
				break
			}
		}
		r.Text = l.Text(key, "time", l.Clock(sm.At), "n", n, "all", max(n, 3))
		r.Button, r.Action = v.changeRow(p.String())
		rows = append(rows, r)
	}
	return rows
}

// thumb is a picture of its own of a print, so that the session can wipe its
// image: 48 pixels wide.
func thumb(img *image.Gray) image.Image {
	const w = 96
	h := img.Rect.Dy() * w / max(img.Rect.Dx(), 1)
	small := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			small.Pix[y*small.Stride+x] = img.Pix[y*img.Rect.Dy()/h*img.Stride+x*img.Rect.Dx()/w]
		}
	}
	return small
}

func (v screen) exceptionRows() []ReviewRow {
	var rows []ReviewRow
	l := v.l
	kept := v.s.Session.Kept()
	for _, p := range finger.All() {
		e := v.s.Session.Exception(p)
		if e == nil || contains(kept, p) {
			continue
		}
		r := ReviewRow{Title: l.Text("review.not_taken", "finger", v.capital(p)), Icon: "bandage", Tone: Warn,
			Chip: Chip{Tone: Warn, Icon: "bandage", Text: l.Text("review.exception")}}
		by := v.officer(e.SeenBy)
		switch e.Reason {
		case capture.Temporary:
			r.Text = l.Text("review.bandaged", "user", by)
		case capture.Missing:
			r.Title, r.Icon, r.Tone = l.Text("review.missing", "finger", v.capital(p)), "cross", Plain
			r.Text, r.Chip = l.Text("review.marked_only", "user", by), Chip{Tone: Quiet, Text: l.Text("review.noted")}
		case capture.Permanent:
			r.Icon, r.Text = "slash", l.Text("review.never_text", "user", by)
		default:
			r.Icon, r.Text = "minus", l.Text("review.low_text", "n", len(v.s.Session.Attempts(p)))
		}
		r.Button, r.Action = v.changeRow(p.String())
		rows = append(rows, r)
	}
	return rows
}

// officer is the name of whoever is logged in; another's id stays an id.
func (v screen) officer(id string) string {
	if o := v.s.Officer; o != nil && o.ID == id {
		return o.Name
	}
	return id
}

func contains(list []finger.Position, p finger.Position) bool {
	for _, q := range list {
		if p == q {
			return true
		}
	}
	return false
}

func (v screen) refusalRows() []ReviewRow {
	var rows []ReviewRow
	for _, item := range v.s.Session.Case().Facts.Refuses {
		name := map[rule.Item]string{rule.ItemPhoto: "refuse.photo", rule.ItemPrints: "refuse.prints"}[item]
		rows = append(rows, ReviewRow{Icon: "slash", Tone: Warn, Title: v.l.Text("review.refused", "what", v.l.Text(name)),
			Chip:   Chip{Tone: Warn, Text: v.l.Text("review.noted")},
			Button: v.l.Text("review.change"), Action: Action{ID: DoRefuses}})
	}
	return rows
}

// dataRow is what the law has go with the prints.
func (v screen) dataRow() []ReviewRow {
	k := v.s.Session.Case()
	if k.Data == nil {
		return nil
	}
	l, d := v.l, *k.Data
	said := []string{d.Place, l.PartialDate(k.Facts.AppliedOn.String()), l.PartialDate(d.Apprehended.String())}
	if d.Sex != "" {
		said = append(said, l.Text("sex."+string(d.Sex)))
	}
	said = append(said, d.Document.Number)
	if d.With.Role != "" {
		said = append(said, l.Text("with."+d.With.Role))
	}
	said = slices.DeleteFunc(append([]string{d.Reference}, said...), func(s string) bool { return s == "" })
	r := ReviewRow{Icon: "doc", Tone: Inform, Title: l.Text("review.data"), Text: strings.Join(said, " · "),
		Chip: Chip{Tone: Good, Text: l.Text("review.noted")}}
	r.Button, r.Action = v.changeRow("data")
	return []ReviewRow{r}
}

func (v screen) rightsRow() []ReviewRow {
	r := v.s.Session.Rights()
	if r == nil {
		return nil
	}
	l := v.l
	key := "review.rights_shown"
	if r.How == "read_aloud" {
		key = "review.rights_text"
	}
	status := l.Text("review.draft")
	if t, ok := v.text(l); ok && t.Status == i18n.Approved {
		status = l.Text("review.approved")
	}
	return []ReviewRow{{
		Icon: "doc", Tone: Inform, Title: l.Text("review.rights", "name", l.Text("rights."+r.Text)),
		Text:   l.Text(key, "language", l.Text("lang."+r.Language), "status", status, "version", r.Version, "time", l.Clock(r.At)),
		Chip:   Chip{Tone: Good, Text: l.Text("review.given")},
		Button: l.Text("review.show"), Action: Action{ID: DoChange, Arg: "rights"},
	}}
}
