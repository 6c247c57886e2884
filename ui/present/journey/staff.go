package journey

import "optag/ui/flow"

// StaffCards goes through the log-ins at a counter with a reader of staff cards.
func StaffCards(clerk string, look Look) {
	w := begin(flow.Settings{Language: clerk, Staff: flow.StaffCardsToo}, look)
	lies := func(is string) flow.StaffCard {
		card := flow.StaffCard{Is: is}
		if is == "one" || is == "locked" {
			card.Officer = flow.Officer{ID: "4718", Name: "K. Lund", Role: "clerk"}
		}
		return card
	}
	tell := func(card flow.StaffCard) { w.do(flow.StaffCardIs{Card: card}) }
	pin := func(pin string) { w.do(flow.LogIn{Staff: "4718", PIN: pin, ByCard: true}) }
	w.do(flow.StatusIs{Status: status(true, 0)}, flow.StaffCardIs{Card: lies("none")})
	w.stop("log-in, number or card")
	w.do(flow.UseCard{})
	w.stop("log-in, no card")
	tell(lies("one"))
	w.stop("log-in, a card")
	pin("0000")
	w.stop("log-in, a card signs")
	low := lies("one")
	low.Tries = "low"
	w.do(flow.CardRefused{Code: "pin"}, flow.StaffCardIs{Card: low})
	w.stop("log-in, not the card's PIN")
	pin("00000")
	w.do(flow.CardRefused{Code: "form"})
	w.stop("log-in, no PIN of the card")
	low.Tries = "final"
	pin("0000")
	w.do(flow.CardRefused{Code: "pin"}, flow.StaffCardIs{Card: low})
	w.stop("log-in, the card's last try")
	for _, is := range []string{"locked", "several", "stranger", "unusable", "failed"} {
		tell(lies("one"))
		tell(lies(is))
		w.stop("log-in, card " + is)
	}
	w.do(flow.UseCard{})
	w.stop("log-in, the card reader does not answer")
	for _, code := range []string{"locked", "removed", "changed", "unusable", "signature", "failed"} {
		tell(lies("one"))
		pin("1234")
		w.do(flow.CardRefused{Code: code})
		w.stop("log-in, card refused, " + code)
	}
	tell(lies("none"))
	keypad := lies("one")
	keypad.Keypad = true
	tell(keypad)
	w.stop("log-in, a keypad at the reader")
	pin("")
	w.stop("log-in, at the keypad")
	officer := keypad.Officer
	officer.Certificate = "5f0c"
	w.do(flow.LoggedIn{Officer: officer}, flow.NewCase{}, flow.StaffCardGone{}, flow.StaffCardIs{Card: lies("none")})
	w.stop("log-in, the card was taken away")
	w.do(flow.StaffCardIs{Card: lies("one")}, flow.LogIn{Staff: "4718", PIN: "1234", ByCard: true}, flow.LoggedIn{Officer: officer},
		flow.StaffCardIs{Card: lies("failed")}, flow.StaffCardGone{})
	w.stop("log-in, the reader was pulled out")
	w = begin(flow.Settings{Language: clerk, Staff: flow.StaffCardsOnly}, look)
	w.do(flow.StatusIs{Status: status(true, 0)})
	w.stop("log-in, nobody without a card")
}
