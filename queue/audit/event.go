package audit

import "slices"

// An Event is the code of something that happened. Codes are never reused for
// another meaning and never renamed: logs outlive programs.
type Event string

// The program and those who use it.
const (
	ProgramStarted   Event = "program_started"
	ProgramStopped   Event = "program_stopped"
	LoggedIn         Event = "logged_in"
	LoginFailed      Event = "login_failed"
	LoggedOut        Event = "logged_out"
	SettingsChanged  Event = "settings_changed"
	KeysCreated      Event = "keys_created"
	KeysRotated      Event = "keys_rotated"
	KeyTrusted       Event = "key_trusted"
	KeyDistrusted    Event = "key_distrusted"
	DeviceAttached   Event = "device_attached"
	DeviceLost       Event = "device_lost"
	SelfTestRun      Event = "self_test_run"
	ChipRead         Event = "chip_read"
	LogExported      Event = "log_exported"
	NetworkLost      Event = "network_lost"
	NetworkRecovered Event = "network_recovered"
)

// The case at the counter.
const (
	CaseOpened        Event = "case_opened"
	CaseClosed        Event = "case_closed"
	CaseAbandoned     Event = "case_abandoned"
	DraftRestored     Event = "draft_restored"
	DraftDestroyed    Event = "draft_destroyed"
	LawDecided        Event = "law_decided"
	ReadValueChanged  Event = "read_value_changed"
	RightsGiven       Event = "rights_given"
	SampleCaptured    Event = "sample_captured"
	SampleVetoed      Event = "sample_vetoed"
	ExceptionRecorded Event = "exception_recorded"
	RefusalRecorded   Event = "refusal_recorded"
	ForceRecorded     Event = "force_recorded"
)

// The package and the queue it waits in.
const (
	QueueCreated     Event = "queue_created"
	PackageQueued    Event = "package_queued"
	PackageSending   Event = "package_sending"
	PackageDelivered Event = "package_delivered"
	PackageRefused   Event = "package_refused"
	PackageDamaged   Event = "package_damaged"
	ReceiptRejected  Event = "receipt_rejected"
	PackageExported  Event = "package_exported"
	QueueFilling     Event = "queue_filling"
	QueueCompacted   Event = "queue_compacted"
	QueueScrubbed    Event = "queue_scrubbed"
	QueueSetAside    Event = "queue_set_aside"
	PackageSalvaged  Event = "package_salvaged"
	PackageLost      Event = "package_lost"
)

// Events lists every event code.
func Events() []Event {
	return []Event{
		ProgramStarted, ProgramStopped, LoggedIn, LoginFailed, LoggedOut, SettingsChanged,
		KeysCreated, KeysRotated, KeyTrusted, KeyDistrusted, DeviceAttached, DeviceLost,
		SelfTestRun, ChipRead, LogExported, NetworkLost, NetworkRecovered,
		CaseOpened, CaseClosed, CaseAbandoned, DraftRestored, DraftDestroyed, LawDecided, ReadValueChanged, RightsGiven,
		SampleCaptured, SampleVetoed, ExceptionRecorded, RefusalRecorded, ForceRecorded,
		QueueCreated, PackageQueued, PackageSending, PackageDelivered, PackageRefused, PackageDamaged,
		ReceiptRejected, PackageExported, QueueFilling, QueueCompacted, QueueScrubbed,
		QueueSetAside, PackageSalvaged, PackageLost,
	}
}

// Known reports whether e is one of Events.
func (e Event) Known() bool { return slices.Contains(Events(), e) }
