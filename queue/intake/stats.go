package intake

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"optag/queue/seal"
)

// A Count is what was received from one station.
type Count struct {
	Station  string    `json:"station"`
	Packages int       `json:"packages"`
	Notices  int       `json:"notices"` // of them
	Bytes    int64     `json:"bytes"`
	Last     uint64    `json:"last_sequence"` // highest sequence number
	LastAt   time.Time `json:"last_received"` // when the latest package came
	Gaps     []Gap     `json:"gaps"`          // sequence numbers below Last that are not here
	Breaks   []uint64  `json:"breaks"`        // sequence numbers whose package names another hash than the one before has
}

// A Gap is a run of missing sequence numbers, both ends included.
type Gap struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// Counts reads a log and counts by station, in the order of their ids. A gap is
// no error: the package may be on its way, or refused.
func Counts(entries iter.Seq2[Entry, error]) ([]Count, error) {
	by := map[string][]Entry{}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		by[e.Station] = append(by[e.Station], e)
	}
	list := make([]Count, 0, len(by))
	for station, of := range by {
		slices.SortFunc(of, func(a, b Entry) int { return cmp.Compare(a.Sequence, b.Sequence) })
		list = append(list, countOf(station, of))
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Compare(a.Station, b.Station) })
	return list, nil
}

// countOf counts one station's entries, which are in the order of their sequence.
func countOf(station string, entries []Entry) Count {
	c := Count{Station: station, Packages: len(entries), Gaps: []Gap{}, Breaks: []uint64{}}
	before := strings.Repeat("0", 64) // what the first package names
	for _, e := range entries {
		switch {
		case e.Sequence > c.Last+1:
			c.Gaps = append(c.Gaps, Gap{From: c.Last + 1, To: e.Sequence - 1})
		case e.Previous != before:
			c.Breaks = append(c.Breaks, e.Sequence)
		}
		if e.Kind == seal.KindNotice {
			c.Notices++
		}
		c.Bytes += e.Length
		c.Last, before = e.Sequence, e.SHA256
		if e.ReceivedAt.After(c.LastAt) {
			c.LastAt = e.ReceivedAt
		}
	}
	return c
}
