package present

// An Action is one thing the clerk did at the screen.
type Action struct {
	ID   ID     // what was done
	Arg  string // which one: a field, finger, option, row, step or language; "" where there is only one
	Text string // typed text, where the action carries some
}

// An ID names an action. The view passes it on without knowing its meaning.
type ID string

// The actions of all pages.
const (
	DoNothing ID = "" // shown, but nothing to press

	// Anywhere.
	DoBack     ID = "back"
	DoLock     ID = "lock"
	DoGoStep   ID = "step"     // Arg: one of the Step ids of the rail
	DoRepeat   ID = "repeat"   // say it to the person again
	DoHandOver ID = "handover" // cover the work area with the applicant's screen, or take it back
	DoShowLaw  ID = "law"      // the grounds with their sources
	DoHold     ID = "hold"     // put the case aside

	DoLanguage   ID = "language"    // Arg: language of the clerk's screen
	DoSpeakIn    ID = "speak_in"    // Arg: language of the applicant's screen; "" is the next one
	DoContrast   ID = "contrast"    // the other set of colours
	DoMotion     ID = "motion"      // reduced motion on or off
	DoTextLarger ID = "text_larger" // one step of the text's size
	DoTextLess   ID = "text_less"
	DoPageNext   ID = "page_next"
	DoPageBack   ID = "page_back"

	// Log-in.
	DoLogin     ID = "login"      // Arg: staff number; Text: PIN
	DoCardLogin ID = "card_login" // Arg: whose card is shown; Text: its PIN
	DoStaffCard ID = "staff_card" // the other way in: card or number

	// Cases.
	DoNewCase  ID = "new_case"
	DoOpenCase ID = "open_case" // Arg: case
	DoEdit     ID = "edit"      // Arg: field; Text: its new value
	DoEditFact ID = "edit_fact" // Arg: field; go and change it
	DoDecide   ID = "decide"    // the facts are complete: ask the law
	DoAbandon  ID = "abandon"   // end the open case without a result
	DoChip     ID = "chip"      // read the chip for the case
	DoUseChip  ID = "use_chip"  // fill the form from it

	// Rights.
	DoGoRights    ID = "go_rights"
	DoRightsGiven ID = "rights_given"
	DoToggle      ID = "toggle" // Arg: check box

	// Prints and exceptions.
	DoTakeNow    ID = "take_now"
	DoNextFinger ID = "next_finger"
	DoCannotTake ID = "cannot_take"
	DoPick       ID = "pick"   // Arg: finger or palm, as "left_index" or "right_palm"
	DoReason     ID = "reason" // Arg: reason for the picked finger
	DoTakeOther  ID = "take_other"
	DoSingly     ID = "singly"   // fingers one by one
	DoTogether   ID = "together" // slaps again
	DoAppoint    ID = "appoint"  // a new appointment

	// Portrait.
	DoTakePhoto    ID = "take_photo"
	DoRetakePhoto  ID = "retake_photo"
	DoUsePhoto     ID = "use_photo"
	DoPaperPhoto   ID = "paper_photo"
	DoAcceptReason ID = "accept_reason"
	DoOtherFirst   ID = "other_first" // the other step first
	DoCompare      ID = "compare"     // the face of the document large, or small again

	// Refusal.
	DoRefuses       ID = "refuses"
	DoChangedMind   ID = "changed_mind"
	DoAskSupervisor ID = "ask_supervisor"
	DoRecordRefusal ID = "record_refusal"
	DoSecures       ID = "secures"
	DoRecordForce   ID = "record_force"

	// Review and delivery.
	DoChange       ID = "change" // Arg: row
	DoSealSend     ID = "seal_send"
	DoPrintReceipt ID = "print_receipt"
	DoCloseCase    ID = "close_case" // the law asks for nothing here

	// Queue and devices.
	DoTryNow     ID = "try_now"
	DoExport     ID = "export"
	DoRunAll     ID = "run_all"
	DoRunOne     ID = "run_one" // Arg: check
	DoReadCard   ID = "read_card"
	DoSaveReport ID = "save_report"
)

// A Key is a key of the keyboard as it stands on a key cap: "Enter",
// "Ctrl+Enter", "Esc", "F1" to "F12", "PgUp", "PgDn", "Alt+1", "Shift+F4".
type Key string

// A Shortcut is an action that has a key and no button.
type Shortcut struct {
	Key    Key
	Action Action
}
