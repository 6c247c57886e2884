package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"optag/capture"
	"optag/cmd/internal/records"
	"optag/queue/seal"
)

// readReceivers reads what the receivers of records have set.
func (o *opening) readReceivers() (records.Receivers, error) {
	if o.receivers == "" {
		return records.Defaults(), nil
	}
	text, err := os.ReadFile(o.receivers)
	if err != nil {
		return records.Receivers{}, fmt.Errorf("reading the receivers: %w", err)
	}
	return records.ReadReceivers(text)
}

// writeRecords makes of an opened package the records for the one receiver whom it
// was taken for. That there are none takes nothing from the package: the error says
// why.
func writeRecords(m seal.Manifest, parts []seal.Part, to records.Receivers, abroad bool) ([]seal.Part, error) {
	if m.Kind == seal.KindNotice {
		return nil, errors.New("it is a notice")
	}
	var in []capture.Part
	for _, p := range parts {
		in = append(in, capture.Part(p))
	}
	out, err := records.Write(in, string(m.Purpose), to, m.PackageID, time.Now())
	if err == nil && abroad {
		var search []capture.Part
		search, err = records.WriteSearch(in, string(m.Purpose), to, m.PackageID, time.Now())
		out = append(out, search...)
	}
	var files []seal.Part
	for _, f := range out {
		if slices.Contains(names(parts), f.Name) {
			return nil, fmt.Errorf("a part has the name of a record: %s", f.Name)
		}
		files = append(files, seal.Part(f))
	}
	return files, err
}
