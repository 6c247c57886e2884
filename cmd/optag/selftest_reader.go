package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"optag/capture/mrz"
	"optag/device"
	"optag/device/selftest"
)

// swipePatience is how long a technician has to draw a document through.
const swipePatience = 30 * time.Second

// spoiltLimit is how many times a document may be drawn through in vain; ours.
var spoiltLimit = selftest.Limit{Good: 0, Bad: 3}

// document checks a reader of travel documents. Of what it reads nothing is kept.
func (b *bench) document(ctx context.Context, d *attachment) (device.Info, []selftest.Check, error) {
	r, err := d.reader(ctx)
	if err != nil {
		return d.Info, nil, err
	}
	answers := selftest.Say("answers", "Answers", selftest.Pass, "firmware "+r.Info().Firmware, "")
	if r.Info().Firmware == "" {
		answers.Text = "its line is open; it says nothing by itself"
	}
	checks := append([]selftest.Check{answers}, b.swiped(ctx, r)...)
	return r.Info(), checks, r.Close()
}

// swiped asks for a document and looks at what comes of it.
func (b *bench) swiped(ctx context.Context, r device.LineReader) []selftest.Check {
	const id, name = "zone", "Machine readable zone"
	if !b.swipe {
		return []selftest.Check{selftest.Skip(id, name, "Run again with --swipe, and draw a document through when asked.")}
	}
	fmt.Fprintf(b.err, "optag: draw a document through the %s\n", r.Info().Model)
	limited, stop := context.WithTimeout(ctx, swipePatience)
	defer stop()
	spoilt := 0
	for swipe, err := range r.Frames(limited) {
		switch {
		case errors.As(err, new(device.Retry)):
			spoilt++
			fmt.Fprintln(b.err, "optag: it was not read whole: once more")
		case err != nil:
			return []selftest.Check{selftest.Say(id, name, selftest.Fail, oneLine(err), selftest.Advise(err))}
		default:
			return append(zoneChecks(swipe), selftest.Judge("spoilt", "Drawn through in vain", float64(spoilt), "times", spoiltLimit, "Clean the reader's slot and its window; draw evenly."))
		}
	}
	return []selftest.Check{selftest.Say(id, name, selftest.Fail, fmt.Sprintf("nothing came in %v", swipePatience),
		"Compare line and profile of reader in the settings with the device; see that it sends after each document.")}
}

// zoneChecks judge a zone; they name none of its characters.
func zoneChecks(s device.Swipe) []selftest.Check {
	shape := fmt.Sprintf("%d lines of %d characters", len(s.Lines), len(s.Lines[0]))
	const digits, name = "digits", "Check digits"
	const again = "Try another document; if none is right, see speed and parity of the line, and the reader's own settings."
	d, err := mrz.Parse(strings.Join(s.Lines, "\n"))
	if err == nil {
		err = d.Err()
	}
	if err != nil {
		return []selftest.Check{selftest.Say("zone", "Machine readable zone", selftest.Pass, shape, ""), selftest.Say(digits, name, selftest.Fail, oneLine(err), again)}
	}
	return []selftest.Check{selftest.Say("zone", "Machine readable zone", selftest.Pass, string(d.Format)+", "+shape, ""),
		selftest.Say(digits, name, selftest.Pass, fmt.Sprintf("%d of %d are right", len(d.Checks), len(d.Checks)), "")}
}
