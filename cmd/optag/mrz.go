package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"optag/capture/mrz"
)

// maxZone is the most that is read of a machine readable zone, in bytes. One has
// at most 90 characters.
const maxZone = 1 << 12

// A zoneReport is what optag mrz says of a zone.
type zoneReport struct {
	mrz.Document
	BirthDate  string `json:"birth_date"`  // in full as far as it is known
	ExpiryDate string `json:"expiry_date"` // likewise
	OK         bool   `json:"ok"`          // all check digits are right
}

// readZone reads a machine readable zone and judges its check digits. The zone is
// printed whether they are right or not.
func readZone(_ context.Context, e *env, args []string) error {
	files, err := noFlags(e, "mrz", args, 1, "one file, or - for standard input")
	if err != nil {
		return err
	}
	text, err := e.zoneText(files[0])
	if err != nil {
		return err
	}
	d, err := mrz.Parse(string(text))
	if err != nil {
		return err
	}
	today := time.Now()
	r := zoneReport{Document: d, BirthDate: d.Birth.Birth(today), ExpiryDate: d.Expiry.Expiry(today), OK: d.Err() == nil}
	if e.json {
		err = e.print(r)
	} else {
		_, err = io.WriteString(e.out, r.text())
	}
	if err != nil {
		return err
	}
	return d.Err()
}

// zoneText reads a file, or standard input where its name is "-".
func (e *env) zoneText(file string) ([]byte, error) {
	if file != "-" {
		return readLimited(file, maxZone)
	}
	text, err := io.ReadAll(io.LimitReader(e.in, maxZone+1))
	if err == nil && len(text) > maxZone {
		err = fmt.Errorf("standard input holds more than %d bytes", maxZone)
	}
	return text, err
}

// text tells a technician what the zone says.
func (r zoneReport) text() string {
	var b strings.Builder
	line := func(what, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-22s %s\n", what, value)
		}
	}
	line("format", string(r.Format))
	line(string(mrz.FieldCode), r.Code)
	line(string(mrz.FieldIssuer), r.Issuer)
	line(string(mrz.FieldNumber), r.Number)
	line("primary identifier", r.Primary)
	line("secondary identifier", r.Secondary)
	line(string(mrz.FieldNationality), r.Nationality)
	line(string(mrz.FieldSex), string(r.Sex))
	line(string(mrz.FieldBirth), r.BirthDate)
	line(string(mrz.FieldExpiry), r.ExpiryDate)
	line(string(mrz.FieldOptional), strings.TrimSpace(r.Optional+" "+r.Optional2))
	if r.Shortened {
		line("note", "the name fills its field and may be shortened")
	}
	for _, c := range r.Checks {
		judged := "right"
		if !c.OK {
			judged = fmt.Sprintf("WRONG: %s stands there, %s fits", c.Got, c.Want)
		}
		line("check digit", fmt.Sprintf("%s: %s", c.Field, judged))
	}
	for _, x := range r.Repairs {
		line("repaired", fmt.Sprintf("%v: %s was read, %s is meant", x, x.From, x.To))
	}
	for _, x := range r.Remarks {
		line("remark", fmt.Sprintf("%s: %s", x.Field, x.Text))
	}
	return b.String()
}
