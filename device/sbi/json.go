package sbi

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// A text is a JSON string, or a number where a service has forgotten that all
// numbers are strings. null is empty.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return errors.New("neither string nor number")
	}
	*t = text(n)
	return nil
}

// texts is an array of them, or a single one.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var all []text
	if json.Unmarshal(b, &all) != nil {
		var one text
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		all = []text{one}
	}
	*t = nil
	for _, s := range all {
		*t = append(*t, string(s))
	}
	return nil
}

// A fault is the error member that every answer has.
type fault struct {
	Code text `json:"errorCode"`
	Info text `json:"errorInfo"`
}

// maxSaid bounds what of a service's own words goes to a log.
const maxSaid = 200

// err is nil for code 0 and where there is no code.
func (f fault) err() error {
	if f.Code == "" {
		return nil
	}
	code, err := strconv.Atoi(string(f.Code))
	if err != nil {
		code = -1
	}
	if code == 0 {
		return nil
	}
	return &ServiceError{Code: Code(code), Said: string(f.Info[:min(len(f.Info), maxSaid)])}
}

// A secret is a JSON string that holds a sample or part of one: bytes that can
// be wiped, which a string cannot. It has no escapes: base64url and dots need
// none.
type secret []byte

func (s *secret) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) < 2 || b[0] != '"' || bytes.IndexByte(b, '\\') >= 0 {
		return errors.New("no plain string")
	}
	*s = bytes.Clone(b[1 : len(b)-1])
	return nil
}
