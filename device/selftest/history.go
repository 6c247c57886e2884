package selftest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A Run is what is remembered of a report: numbers and outcomes, no picture.
type Run struct {
	At      time.Time          `json:"at"`
	Values  map[string]float64 `json:"values"`  // by key of the check
	Results map[string]Outcome `json:"results"` // skipped ones left out
}

// Kept is how many runs are remembered.
const Kept = 90

// maxLine bounds a line of the history.
const maxLine = 1 << 18

// Run is what is remembered of this report.
func (r *Report) Run() Run {
	run := Run{At: r.At, Values: map[string]float64{}, Results: map[string]Outcome{}}
	for _, c := range r.Checks {
		if c.Outcome == Skipped {
			continue
		}
		run.Results[c.Key()] = c.Outcome
		if c.Value != nil {
			run.Values[c.Key()] = *c.Value
		}
	}
	return run
}

// ReadRuns reads a history, a JSON line a run, the oldest first. A line that
// cannot be read is left out, as a power cut may have torn it; no more than the
// last [Kept] are returned.
func ReadRuns(r io.Reader) ([]Run, error) {
	var runs []Run
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	for in.Scan() {
		var run Run
		if json.Unmarshal(in.Bytes(), &run) != nil || run.At.IsZero() {
			continue
		}
		if runs = append(runs, run); len(runs) > 2*Kept {
			runs = append(runs[:0], runs[len(runs)-Kept:]...)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("reading the history of self-tests: %w", err)
	}
	return runs[max(0, len(runs)-Kept):], nil
}

// WriteRuns writes a history.
func WriteRuns(w io.Writer, runs []Run) error {
	e := json.NewEncoder(w)
	for _, run := range runs[max(0, len(runs)-Kept):] {
		if err := e.Encode(run); err != nil {
			return fmt.Errorf("writing the history of self-tests: %w", err)
		}
	}
	return nil
}

// Trend returns the last values of a check, the oldest first, at most 30.
func Trend(runs []Run, key string) []float64 {
	var trend []float64
	for _, run := range runs {
		if v, ok := run.Values[key]; ok {
			trend = append(trend, v)
		}
	}
	return trend[max(0, len(trend)-30):]
}
