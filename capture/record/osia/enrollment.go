package osia

import (
	"time"

	"optag/capture"
	"optag/capture/rule"
)

// An enrollment is OSIA's Enrollment. What OSIA leaves open, the members of
// requestData, contextualData, biographicData and enrollmentFlags, is ours.
type enrollment struct {
	ID         string       `json:"enrollmentId"` // 32 hex digits
	Status     string       `json:"status"`       // FINALIZED
	Type       rule.Purpose `json:"enrollmentType"`
	Flags      flags        `json:"enrollmentFlags,omitzero"`
	Request    request      `json:"requestData"`
	Context    context      `json:"contextualData"`
	Person     biographic   `json:"biographicData,omitzero"`
	Biometrics []biometric  `json:"biometricData,omitempty"`
	Documents  []document   `json:"documentData,omitempty"`
	Integrity  []integrity  `json:"integrity,omitempty"`
}

// flags are what came out of the enrolment.
type flags struct {
	Marks marks `json:"marks,omitempty"`
}

type marks []rule.Mark

// IsZero reports whether there is nothing to say.
func (f flags) IsZero() bool { return len(f.Marks) == 0 }

// A request is why the enrolment was done.
type request struct {
	Number  string        `json:"caseNumber,omitempty"`
	LawDate rule.Date     `json:"lawDate"` // the day whose law was applied
	Facts   rule.Facts    `json:"facts"`   // in the form of "optag decide"
	Data    *capture.Data `json:"data,omitempty"`
	Refusal *Refusal      `json:"refusal,omitempty"`
}

// A Refusal is what follows from what a person would not give. What it was
// stands in the facts.
type Refusal struct {
	Consequence rule.Refusal `json:"consequence"`
	Explained   bool         `json:"explained"` // the consequence was explained to the person
	At          time.Time    `json:"recordedAt"`
}

// A context says who hands over to whom, what for and by which provision.
type context struct {
	Day       rule.Date    `json:"enrollmentDate"`
	Station   string       `json:"station"`
	Finished  time.Time    `json:"finishedAt"`
	From      rule.Party   `json:"from"`
	To        rule.Party   `json:"to"`
	Aim       rule.Aim     `json:"statedPurpose"`
	Carries   []rule.Cargo `json:"carries"`
	Ground    string       `json:"legalGround"`
	Condition string       `json:"condition,omitempty"` // that a person has to see to
	Stated    time.Time    `json:"statedAt"`
}

type biographic struct {
	Given  string         `json:"firstName,omitempty"`
	Family string         `json:"lastName,omitempty"`
	Birth  rule.BirthDate `json:"dateOfBirth,omitzero"`
	Gender capture.Sex    `json:"gender,omitempty"`
}

// A biometric is OSIA's BiometricData: a picture, or a finger without one.
type biometric struct {
	Type        string      `json:"biometricType"`
	SubType     string      `json:"biometricSubType"`
	Image       []byte      `json:"image,omitempty"` // base64
	Reference   string      `json:"imageRef,omitempty"`
	At          time.Time   `json:"captureDate,omitzero"`
	Device      string      `json:"captureDevice,omitempty"`
	Impression  string      `json:"impressionType,omitempty"`
	Width       int         `json:"width,omitempty"`
	Height      int         `json:"height,omitempty"`
	Depth       int         `json:"bitdepth,omitempty"`
	MediaType   string      `json:"mimeType,omitempty"`
	Resolution  int         `json:"resolution,omitempty"` // pixels per inch
	Compression string      `json:"compression,omitempty"`
	Missing     []absence   `json:"missing,omitempty"`
	Metadata    string      `json:"metadata,omitempty"`
	Quality     *int        `json:"quality,omitempty"`
	Format      string      `json:"qualityFormat,omitempty"`
	Integrity   []integrity `json:"integrity,omitempty"`
}

type absence struct {
	SubType  string `json:"biometricSubType"`
	Presence string `json:"presence,omitempty"`
}

// A document is OSIA's DocumentData; its one part holds what is known of a
// travel document, as JSON.
type document struct {
	Type  string         `json:"documentType"`
	Other string         `json:"documentTypeOther,omitempty"`
	Parts []documentPart `json:"parts"`
}

type documentPart struct {
	Pages     []int  `json:"pages"`
	Data      []byte `json:"data"`
	MediaType string `json:"mimeType"`
}

// An integrity is OSIA's: the hash of the canonical form of what its scope
// lists, and what signs it.
type integrity struct {
	Type      string `json:"type"`
	Scope     string `json:"scope"`
	Alg       string `json:"alg"`
	FollowRef bool   `json:"followRef,omitempty"`
	Hash      string `json:"hash"` // hex
	Signature string `json:"signature,omitempty"`
}

// Words of OSIA.
const (
	finalized = "FINALIZED"
	face      = "FACE"
	portrait  = "PORTRAIT"
	fingers   = "FINGER"
	plain     = "LIVE_SCAN_PLAIN"
	nfiq2     = "NFIQ2"
	sha256Alg = "SHA256"
)

// presences are OSIA's words for why a finger was not taken. It has none for
// low quality, and then says none.
var presences = map[capture.Reason]string{capture.Missing: "AMPUTATED", capture.Temporary: "BANDAGED", capture.Permanent: "DAMAGED", capture.LowQuality: ""}

// compressions are OSIA's words for the formats of pictures.
var compressions = map[string]string{"image/png": "PNG", "image/jpeg": "JPEG", "image/x-wsq": "WSQ"}
