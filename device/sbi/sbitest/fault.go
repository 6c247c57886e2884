package sbitest

// A Fault is something a service does wrong, or something that goes wrong with
// it.
type Fault string

// The faults. Those of an answer change one thing of an answer that is otherwise
// right: it is signed and its hashes are true, unless these are what is wrong.
const (
	// Of the state of the device.
	Busy          Fault = "busy"           // discovery says so
	BusyStream    Fault = "busy_stream"    // RCAPTURE answers 111 while a stream runs
	NotReady      Fault = "not_ready"      // discovery says so
	NotRegistered Fault = "not_registered" // no keys: info without dots, error 100
	Lost          Fault = "lost"           // the scanner is unplugged, its service runs: 106, and 202 in place of a stream
	Timeout       Fault = "timeout"        // nobody lays a finger down: 701
	OtherCode     Fault = "other_code"     // a code of the vendor's own, with a misleading text
	Slow          Fault = "slow"           // RCAPTURE answers 6 s late
	Hang          Fault = "hang"           // every call is accepted and never answered

	// Of trust.
	ForeignIssuer   Fault = "foreign_issuer"   // signed under an issuer nobody pinned
	Expired         Fault = "expired"          // signed with a certificate that is over
	WeakKey         Fault = "weak_key"         // RSA 1024
	BrokenSignature Fault = "broken_signature" // one bit of a signature is another
	NoAlgorithm     Fault = "no_algorithm"     // alg none
	HostSignedID    Fault = "host_signed_id"   // L1, and the chip did not sign digitalId
	OtherSerial     Fault = "other_serial"     // digitalId of another device in the answer
	LevelChanged    Fault = "level_changed"    // discovery says another certification
	Callback        Fault = "callback"         // callbackId points to another machine
	CallbackPort    Fault = "callback_port"    // callbackId points to a port of something else
	CallbackMoved   Fault = "callback_moved"   // discovery says another port of the range than info
	ClockOff        Fault = "clock_off"        // six minutes ahead

	// Of an answer to a capture.
	LowScore         Fault = "low_score"         // 22.5, the last finger, with error 0
	NoScore          Fault = "no_score"          // empty
	WildScore        Fault = "wild_score"        // 140
	WrongHash        Fault = "wrong_hash"        // of another record
	NoHash           Fault = "no_hash"           // empty
	StringHash       Fault = "string_hash"       // of the strings, as the prose of the specification reads
	DuplicateFinger  Fault = "duplicate_finger"  // the first twice, the last not
	MissingFinger    Fault = "missing_finger"    // one item fewer, and no error
	SurplusFinger    Fault = "surplus_finger"    // one item more
	UnknownFinger    Fault = "unknown_finger"    // UNKNOWN
	ExceptedFinger   Fault = "excepted_finger"   // one that was said to be missing
	OtherHand        Fault = "other_hand"        // one that was not asked for
	ErrorItem        Fault = "error_item"        // the last item is an error with empty data and hash
	OtherTransaction Fault = "other_transaction" // the answer to the capture before
	OtherVersion     Fault = "other_version"     // of the protocol
	OtherEnv         Fault = "other_env"         // Developer
	OtherPurpose     Fault = "other_purpose"     // Auth
	OtherDevice      Fault = "other_device"      // deviceCode of another
	OtherModality    Fault = "other_modality"    // Iris

	// Of a record.
	OtherPosition Fault = "other_position" // the record says another finger
	LowPPI        Fault = "low_ppi"        // 300
	TornRecord    Fault = "torn_record"    // ends early
	TornImage     Fault = "torn_image"     // the image within ends early

	// Of the wire.
	SurplusBytes    Fault = "surplus_bytes"    // four after Content-Length
	CharacterLength Fault = "character_length" // Content-Length counts characters
	CutAnswer       Fault = "cut_answer"       // the connection breaks in mid answer
	EndlessAnswer   Fault = "endless_answer"   // never stops
	NoJSON          Fault = "no_json"          // a page of HTML
	MethodUnknown   Fault = "method_unknown"   // 405
	Redirect        Fault = "redirect"         // to another machine
	NumbersBare     Fault = "numbers_bare"     // numbers that are no strings
	Padded          Fault = "padded"           // base64url with its padding
	CertAsString    Fault = "cert_as_string"   // x5c a string

	// Of the stream.
	StreamSilent   Fault = "stream_silent"    // header and nothing more
	StreamTorn     Fault = "stream_torn"      // every second picture breaks off
	StreamNoLength Fault = "stream_no_length" // parts without Content-Length
	StreamWrong    Fault = "stream_wrong"     // parts whose Content-Length is too small
	StreamEndless  Fault = "stream_endless"   // one picture without end
	StreamEnds     Fault = "stream_ends"      // after three pictures
	StreamOdd      Fault = "stream_odd"       // an error that is neither JSON nor multipart
)
