package view

import (
	"image"
	"image/color"
	"math"
	"testing"

	"optag/ui/i18n"
	"optag/ui/present"
)

// The screens of the design, as view models. Names, numbers and cases in them
// are invented.

type words = i18n.Localizer

func localizer(t testing.TB, lang string) words {
	t.Helper()
	l, err := i18n.For(lang)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func statusBar(l words) []present.StatusItem {
	return []present.StatusItem{
		{ID: "network", Icon: "network", Text: l.Text("status.net_ok"), Tone: present.Good, Page: "queue"},
		{ID: "queue", Icon: "queue", Text: l.Text("status.queue", "waiting", 0, "delivered", 17), Tone: present.Good, Page: "queue"},
		{ID: "devices", Icon: "usb", Text: l.Text("status.devices", "n", 4, "all", 4), Tone: present.Good, Page: "devices"},
		{ID: "storage", Icon: "disk", Text: l.Text("status.storage", "n", 61), Tone: present.Good, Page: "devices"},
		{ID: "keys", Icon: "key", Text: l.Text("status.keys", "date", "14.3.2027"), Tone: present.Good, Page: "devices"},
	}
}

func header(l words) *present.Header {
	return &present.Header{
		Name: "Samira HADDAD", Born: l.Text("head.born", "date", "14 May 1991", "age", 35),
		Kind:   l.Text("purpose.residence_card") + " · § 9 · " + l.Text("application.first"),
		Number: l.Text("head.case", "number", "26-118 402"), Safe: l.Text("head.safe"),
		User: "K. Lund", Role: l.Text("role.clerk"), Lock: l.Text("lock"),
	}
}

// rail is the rail of a case with steps before now done.
func rail(l words, now int, facts ...string) []present.Step {
	var steps []present.Step
	for i, id := range []string{"case", "rights", "prints", "portrait", "review", "delivery"} {
		s := present.Step{ID: id, Label: l.Text("step." + id), Number: i + 1}
		if i < len(facts) {
			s.Fact = facts[i]
		}
		switch {
		case i < now:
			s.State, s.Open = present.StepDone, true
		case i == now:
			s.State = present.StepNow
		}
		steps = append(steps, s)
	}
	return steps
}

func act(id present.ID) present.Action { return present.Action{ID: id} }

func button(l words, id present.ID, key string, k present.Key, icon string) present.Button {
	return present.Button{Action: act(id), Label: l.Text(key), Key: k, Icon: icon}
}

func primary(l words, id present.ID, key string, k present.Key, icon string) *present.Button {
	b := button(l, id, key, k, icon)
	return &b
}

func base(l words, title string) present.Operator {
	return present.Operator{
		Header: header(l), Title: title, Status: statusBar(l), Clock: "10:35",
		Shortcuts: []present.Shortcut{{Key: "F12", Action: act(present.DoLock)}, {Key: "F11", Action: act(present.DoSpeakIn)},
			{Key: "Alt+2", Action: present.Action{ID: present.DoGoStep, Arg: "rights"}}, {Key: "Ctrl+K", Action: act(present.DoContrast)}},
	}
}

func frameGuide() present.Guide {
	return present.Guide{Shape: "frame", X: 0.106, Y: 0.0604, W: 0.792, H: 0.8866}
}

func ovalGuide() present.Guide {
	return present.Guide{Shape: "oval", X: 0.2143, Y: 0.1806, W: 0.5833, H: 0.6134, Lines: []float64{0.4236, 0.5243}}
}

func hands(l words, palm bool) present.Hands {
	return present.Hands{Palm: palm, Left: l.Text("hand.left"), Right: l.Text("hand.right"), Fingers: map[string]present.Finger{}}
}

func sees(l words, picture, key string) present.PersonSees {
	return present.PersonSees{Heading: l.Text("sees.title"), Picture: picture, Sentence: l.Text(key), Gloss: l.Text("sees.gloss", "text", l.Text(key))}
}

// mockups are all pages, by the name of their picture.
func mockups(l words) map[string]present.Operator {
	return map[string]present.Operator{
		"01-login": mockLogin(l), "02-law": mockLaw(l), "03-prints": mockPrints(l), "04-exceptions": mockExceptions(l),
		"05-portrait": mockPortrait(l), "06-refusal": mockRefusal(l), "07-review": mockReview(l), "08-delivered": mockDelivered(l),
		"09-offline": mockOffline(l), "10-device-lost": mockDeviceLost(l), "11-self-test": mockSelfTest(l), "13-taken": mockPrintsTaken(l),
		"20-home": mockHome(l), "21-case": mockCaseForm(l), "22-rights": mockRights(l), "23-decision": mockDecision(l),
	}
}

func milestones(now int) []present.Milestone {
	var out []present.Milestone
	for i, icon := range []string{"doc", "finger", "finger", "user", "check"} {
		m := present.Milestone{Icon: icon}
		switch {
		case i < now:
			m.State = present.StepDone
		case i == now:
			m.State = present.StepNow
		}
		out = append(out, m)
	}
	return out
}

// persons are the applicant's screens.
func persons(l words) map[string]present.Applicant {
	base := func(now int, picture, key string) present.Applicant {
		return present.Applicant{Progress: milestones(now), Picture: picture, Sentence: l.Text(key), Language: l.Name(), Code: l.Lang(), RTL: l.RTL()}
	}
	arabic := base(1, "press-harder", "say.press_harder")
	arabic.Sentence, arabic.Language, arabic.Code, arabic.RTL = "اضغط أكثر قليلاً", "العربية", "ar", true
	look := base(3, "look-here", "say.look_here")
	look.Portrait = true
	rights := base(0, "rights", "say.rights")
	r, _ := i18n.RightsFor("residence_card", l.Lang(), l.Text("controller.immigration_service"))
	page := present.RightsPage{Heading: r.Pages[0].Heading, Draft: l.Text("rights.say_draft"), Page: 1, Pages: 4}
	for _, row := range r.Pages[0].Rows {
		page.Rows = append(page.Rows, present.RightsRow(row))
	}
	rights.Rights = &page
	high := base(1, "place-right-index", "say.place.right_index")
	high.Look.HighContrast = true
	return map[string]present.Applicant{
		"01-right-index": base(1, "place-right-index", "say.place.right_index"), "02-arabic": arabic, "03-look": look,
		"04-done": base(4, "done", "say.done"), "05-rights": rights, "06-press": base(1, "press-harder", "say.press_harder"),
		"07-wait": base(1, "wait", "say.wait"), "08-high": high, "09-left-middle": base(2, "place-left-middle", "say.place.left_middle"),
	}
}

// drawnPrint is a pattern of ridges, drawn by a formula; it is nobody's.
func drawnPrint(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			dx, dy := float64(x)/float64(w)-0.5, float64(y)/float64(h)-0.55
			r := math.Hypot(dx*1.25, dy)
			v := 239.0
			if r < 0.43 {
				wave := math.Sin(2 * math.Pi * (22*math.Hypot(dx, dy*0.8) + 4*math.Atan2(dy, dx)/math.Pi))
				v = 239 - 170*math.Max(0, math.Min(1, 0.5+wave*1.6))*math.Min(1, (0.43-r)*14)
			}
			m.SetRGBA(x, y, color.RGBA{uint8(v), uint8(v), uint8(v), 255})
		}
	}
	return m
}

// drawnFace is a face of ellipses.
func drawnFace(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	in := func(x, y, cx, cy, rx, ry float64) bool {
		return (x-cx)*(x-cx)/(rx*rx)+(y-cy)*(y-cy)/(ry*ry) < 1
	}
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			c := color.RGBA{215, 220, 224, 255}
			switch {
			case in(fx, fy, 0.43, 0.49, 0.04, 0.012) || in(fx, fy, 0.58, 0.49, 0.04, 0.012) || in(fx, fy, 0.5, 0.62, 0.05, 0.01):
				c = color.RGBA{44, 36, 33, 255}
			case in(fx, fy, 0.5, 0.5, 0.165, 0.185) && fy > 0.36:
				c = color.RGBA{193, 140, 99, 255}
			case in(fx, fy, 0.5, 0.42, 0.19, 0.19):
				c = color.RGBA{44, 36, 33, 255}
			case in(fx, fy, 0.5, 1.0, 0.34, 0.27):
				c = color.RGBA{62, 82, 100, 255}
			case fx > 0.42 && fx < 0.58 && fy > 0.6 && fy < 0.77:
				c = color.RGBA{170, 117, 80, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}
