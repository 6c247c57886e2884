package iso19794

import (
	"fmt"
	"strings"
)

// A Fault is one rule that a record does not keep. It holds no part of an image.
type Fault struct {
	At    int    // bytes from the beginning of the record to the field
	Image int    // 1 for the first image of the record; 0 in the header before it
	Where string // the field
	Value uint64 // what the field holds; for one of bytes, how many
	Rule  string // what is wrong with that
}

func (f Fault) Error() string {
	where := f.Where
	if f.Image > 0 {
		where = fmt.Sprintf("%s of image %d", where, f.Image)
	}
	return fmt.Sprintf("%s (byte %d) is %d: %s", where, f.At, f.Value, f.Rule)
}

// Faults are all the faults that could be told, at most [MaxFaults], in the order
// of the record.
type Faults []Fault

// MaxFaults is how many faults are kept.
const MaxFaults = 64

func (f Faults) Error() string {
	all := make([]string, len(f))
	for i := range f {
		all[i] = f[i].Error()
	}
	return strings.Join(all, "; ")
}
