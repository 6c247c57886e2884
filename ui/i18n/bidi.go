package i18n

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// mark is U+200F, the right-to-left mark. A toolkit that draws each piece from
// left to right draws one that stands between two marks in its own direction.
const mark = "\u200f"

// Visual cuts one line into pieces of one direction each, in the order they are
// drawn from left to right, for a line whose base direction is right to left
// (rtl) or left to right. Lines are broken before, in reading order.
//
// A line of one direction comes back whole. What would end the line, as a line
// feed, becomes a space.
func Visual(line string, rtl bool) []string {
	line = strings.Map(spaceForBreak, line)
	if line == "" {
		return nil
	}
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	var p bidi.Paragraph
	if _, err := p.SetString(line, bidi.DefaultDirection(base)); err != nil {
		return []string{line}
	}
	order, err := p.Order()
	if err != nil {
		return []string{line}
	}
	var pieces []string
	for i := range order.NumRuns() {
		run := order.Run(i)
		piece := run.String()
		if run.Direction() == bidi.RightToLeft {
			piece = mark + piece + mark
		}
		pieces = append(pieces, piece)
	}
	if rtl {
		slices.Reverse(pieces) // the runs come in reading order
	}
	return pieces
}

func spaceForBreak(r rune) rune {
	if p, _ := bidi.LookupRune(r); p.Class() == bidi.B {
		return ' '
	}
	return r
}
