package devicetest

import (
	"iter"

	"optag/device"
)

// Letters reads a scanner's frames until limit of them came or the sequence ends,
// and writes a letter for each: c for a clear glass, F for a finger. After each
// step is told how many there are. The error is that with which the sequence
// ended.
func Letters(frames iter.Seq2[device.Frame, error], limit int, step func(seen int)) (letters string, err error) {
	for f, err := range frames {
		switch {
		case err != nil:
			return letters, err
		case f.Contact:
			letters += "F"
		default:
			letters += "c"
		}
		if step(len(letters)); len(letters) == limit {
			break
		}
	}
	return letters, nil
}
