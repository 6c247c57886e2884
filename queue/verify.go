package queue

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"optag/queue/audit"
)

// A Report is what Verify found.
type Report struct {
	Packages   int       `json:"packages"`    // records looked at
	Bodies     int       `json:"bodies"`      // packages that are here, each byte verified
	Bytes      int64     `json:"bytes"`       // of those
	Receipts   int       `json:"receipts"`    // receipts that are here, and for what they should be
	Unjudged   []string  `json:"unjudged"`    // packages whose receipt no key trusted today verifies
	Leaves     uint64    `json:"leaves"`      // of the audit log
	Head       string    `json:"head"`        // of the audit log: number and hash
	Problems   []Problem `json:"problems"`    //
	LogProblem string    `json:"log_problem"` // what breaks the audit log; "" when nothing does
}

// A Problem is something that does not verify.
type Problem struct {
	Package string `json:"package"` // its id
	What    string `json:"what"`
}

// OK reports whether everything verified.
func (r *Report) OK() bool { return len(r.Problems) == 0 && r.LogProblem == "" }

// Verify reads everything: the file's pages, each chunk and each package as a
// whole, the chain of packages, each receipt, the audit log, and that each
// package is here or its receipt is and never both. The error is of the reading;
// what does not verify is in the report. Nothing is written meanwhile.
func (q *Queue) Verify() (Report, error) {
	var r Report
	if err := q.verifyPages(); err != nil {
		return r, fmt.Errorf("verifying the queue: %w", err)
	}
	if err := q.view(func(t *tx) error { return q.verifyPackages(t, &r) }); err != nil {
		return r, fmt.Errorf("verifying the queue: %w", err)
	}
	head, err := audit.Verify(q.Leaves())
	r.Leaves, r.Head = head.Number, head.String()
	if err != nil {
		r.LogProblem = err.Error()
	}
	if q.unusable() {
		return r, fmt.Errorf("verifying the queue: %w", err)
	}
	return r, nil
}

// verifyPages checks the pages while no transaction runs.
func (q *Queue) verifyPages() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.db == nil {
		return errClosed
	}
	f, err := os.Open(q.path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return checkPages(f, info.Size())
}

// errClosed: the queue was closed before.
var errClosed = errors.New("the queue is closed")

func (q *Queue) verifyPackages(t *tx, report *Report) error {
	if err := t.inspectHead(); err != nil {
		report.LogProblem = err.Error()
	}
	if err := t.inspectPlaces(); err != nil {
		report.note("", err)
	}
	var last Record
	err := t.records(func(r Record) error {
		report.Packages++
		report.note(r.ID, t.inspectRecord(r))
		if r.Sequence == last.Sequence+1 && last.ID != "" && r.Previous != last.SHA256 {
			report.note(r.ID, damaged("it does not follow the package before it"))
		}
		if r.State == Delivered {
			q.verifyReceipt(t, r, report)
		} else {
			report.Bodies++
			report.Bytes += r.Size
			report.note(r.ID, t.body(r))
		}
		last = r
		return nil
	})
	if last.Sequence == t.pos.Sequence && last.ID != "" && last.SHA256 != hex.EncodeToString(t.pos.Previous[:]) {
		report.note(last.ID, damaged("the chain of packages does not end here"))
	}
	report.note("", err)
	return nil
}

func (q *Queue) verifyReceipt(t *tx, r Record, report *Report) {
	raw, err := t.receipt(r)
	if err != nil {
		report.note(r.ID, err)
		return
	}
	switch err := q.judge(r, raw); {
	case errors.Is(err, ErrReceipt):
		report.Unjudged = append(report.Unjudged, r.ID)
	case err != nil:
		report.note(r.ID, err)
		return
	}
	report.Receipts++
}

func (r *Report) note(id string, err error) {
	if err != nil {
		r.Problems = append(r.Problems, Problem{Package: id, What: err.Error()})
	}
}
