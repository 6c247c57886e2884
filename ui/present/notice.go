package present

import (
	"optag/ui/flow"
	"optag/ui/i18n"
)

// notice is the advice line for something that has just happened.
func (v screen) notice(n flow.Notice) Advice {
	a := Advice{Tone: Tone(n.Tone)}
	args := v.noticeArgs(n)
	key := noticeKey(n)
	a.Bold, a.Text = v.l.Text(key, args...), ""
	switch {
	case v.l.Has(key + "_text"):
		a.Text = v.l.Text(key+"_text", args...)
	case v.l.Has(key + "_text.one"):
		a.Text = v.l.Count(key+"_text", n.Number, args...)
	}
	switch n.Code {
	case "form_incomplete":
		a = v.formAdvice()
	case "all_unable":
		a.Text = v.l.Text("notice.all_unable_text")
	case "below_threshold":
		a.Text = v.l.Text("notice.below_none")
		if n.Other != 0 {
			a.Text = v.l.Text("notice.below_next", args...)
		}
	}
	return a
}

// noticeKey is the text of a notice: of its particular word where it has one.
func noticeKey(n flow.Notice) string {
	known := map[string]string{
		"hold_still": "notice.assessing", "taken": "notice.taken",
		"try_again": "advice.retry", "below_threshold": "notice.below", "same_finger": "advice.same_finger",
		"taken_instead": "exc.advice", "next_finger": "exc.next", "recall": "exc.recall",
		"portrait_good": "advice.face_taken", "refusal_explain_first": "notice.explain_first", "delivered": "deliver.done", "not_sent": "deliver.go",
		"form_incomplete": "form.missing",
	}
	if key, ok := known[n.Code]; ok {
		if n.Code == "not_sent" && n.Word != "" {
			return "notice.refused"
		}
		return key
	}
	switch n.Code {
	case "slap_unusable":
		return "notice.slap_" + n.Word
	case "all_unable":
		return "notice." + n.Code + "_" + n.Word
	case "seal_failed":
		if n.Word != "failed" {
			return "notice.seal_" + n.Word
		}
	}
	if n.Code == "no_more_fingers" {
		return [...]string{"exc.none", "exc.single", "notice.enough"}[min(n.Number, 2)]
	}
	if advice, ok := cutPrefix(n.Code, "advice_"); ok {
		return "advice." + advice
	}
	return "notice." + n.Code
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

func (v screen) noticeArgs(n flow.Notice) []any {
	args := []any{"n", n.Number, "needed", n.Number, "nth", v.l.Text("nth.3")}
	what := n.Word
	for _, key := range []string{"face." + faceKey(n.Word), "device." + n.Word, "cause." + n.Word} {
		if v.l.Has(key) {
			what = v.l.Text(key)
		}
	}
	args = append(args, "what", what, "check", what)
	switch {
	case n.Code == "below_threshold" && n.Other != 0:
		args = append(args, "finger", v.finger(n.Other))
	case n.Code == "same_finger":
		args = append(args, "finger", v.short(n.Other), "hand", v.l.Text("finger."+n.Finger.Hand().String()+"_palm"))
	case n.Slap != 0:
		args = append(args, "finger", i18n.Capital(v.l.Text("finger."+slapKey(n.Slap))))
	case n.Finger != 0:
		args = append(args, "finger", v.capital(n.Finger))
	}
	return args
}
