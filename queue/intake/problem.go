package intake

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// A Problem is the answer to a request that was not done.
type Problem struct {
	Status  int    `json:"-"`       // of HTTP
	Code    string `json:"code"`    // for the machine; docs/wire.md lists them
	Message string `json:"message"` // for the technician; names no applicant
	After   int    `json:"-"`       // seconds after which to try again; 0 where it does not matter
	Refused bool   `json:"-"`       // for good: trying again is of no use
}

func (p *Problem) Error() string { return p.Message + " (" + p.Code + ")" }

// Refusals: the package will not be accepted as it stands.
var (
	badSignature    = refusal(http.StatusUnprocessableEntity, "signature_invalid", "a signature does not fit")
	notForUs        = refusal(http.StatusUnprocessableEntity, "not_for_us", "the package is not encrypted to this service")
	stationUnknown  = refusal(http.StatusForbidden, "station_unknown", "no such station is registered")
	stationMismatch = refusal(http.StatusForbidden, "station_mismatch", "the package is another station's than the certificate")
	ruleViolated    = refusal(http.StatusUnprocessableEntity, "rule_violated", "the package does not hold what its own decision asks for")
	damaged         = refusal(http.StatusUnprocessableEntity, "damaged", "the package is damaged")
	badVersion      = refusal(http.StatusUnprocessableEntity, "version_unsupported", "the package has a format this service does not know")
	conflict        = refusal(http.StatusConflict, "conflict", "another package has this id or sequence number")
	tooLarge        = refusal(http.StatusRequestEntityTooLarge, "too_large", "the package is larger than this service takes")
	badRequest      = refusal(http.StatusBadRequest, "bad_request", "the request is not well formed")
)

// Failures that pass.
var (
	keyUnknown      = passing(http.StatusForbidden, "key_unknown", "the package is signed by a key that is not registered for its station", 300)
	offsetMismatch  = passing(http.StatusConflict, "offset_mismatch", "the upload stands elsewhere", 0)
	uploadUnknown   = passing(http.StatusNotFound, "upload_unknown", "nothing of this package is here", 0)
	contentMismatch = passing(http.StatusConflict, "content_mismatch", "what arrived has another hash than its name", 0)
	busy            = passing(http.StatusServiceUnavailable, "busy", "too much at once", 5)
	storageFull     = passing(http.StatusInsufficientStorage, "storage_full", "there is no room", 60)
	internal        = passing(http.StatusInternalServerError, "internal", "the service has failed", 30)
)

// Problems returns every problem there is, in the order of docs/wire.md.
func Problems() []Problem {
	return []Problem{
		badSignature, notForUs, stationUnknown, stationMismatch, ruleViolated, damaged, badVersion, conflict, tooLarge, badRequest,
		keyUnknown, offsetMismatch, uploadUnknown, contentMismatch, busy, storageFull, internal,
	}
}

func refusal(status int, code, message string) Problem {
	return Problem{Status: status, Code: code, Message: message, Refused: true}
}

func passing(status int, code, message string, after int) Problem {
	return Problem{Status: status, Code: code, Message: message, After: after}
}

// with returns p with a more exact message.
func (p Problem) with(message string) *Problem {
	p.Message = message
	return &p
}

// Write answers with p.
func (p Problem) Write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", typeProblem)
	if p.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.After))
	}
	w.WriteHeader(p.Status)
	// A reply that cannot be written is asked for again.
	_ = json.NewEncoder(w).Encode(p)
}
