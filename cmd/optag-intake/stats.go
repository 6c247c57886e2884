package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"optag/cmd/internal/trust"
	"optag/queue/intake"
)

// stats prints what was received from which station.
func stats(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake stats")
	store := f.String("store", "", "directory of the service's data")
	if err := parseAlone(f, args, "store"); err != nil {
		return err
	}
	if err := localStore(*store); err != nil {
		return err
	}
	counts, err := intake.Counts(intake.ReadEntries(*store))
	if _, made := os.Stat(trust.PublicPath(*store)); made == nil && errors.Is(err, os.ErrNotExist) {
		err = nil // it has never served
	}
	if err != nil {
		return err
	}
	if e.json {
		return document(e, map[string]any{"stations": counts})
	}
	for _, c := range counts {
		fmt.Fprintf(e.out, "%-24s %6d packages  %6d of them notices  %12d bytes  last number %d on %s%s\n",
			c.Station, c.Packages, c.Notices, c.Bytes, c.Last, c.LastAt.Format(time.DateTime), remarks(c))
	}
	if len(counts) == 0 {
		fmt.Fprintln(e.out, "nothing received yet")
	}
	return nil
}

// remarks says what is missing or does not follow.
func remarks(c intake.Count) string {
	var gaps []string
	for _, g := range c.Gaps {
		if g.From == g.To {
			gaps = append(gaps, fmt.Sprint(g.From))
		} else {
			gaps = append(gaps, fmt.Sprintf("%d–%d", g.From, g.To))
		}
	}
	text := ""
	if len(gaps) > 0 {
		text += "  missing " + strings.Join(gaps, ", ")
	}
	if len(c.Breaks) > 0 {
		text += fmt.Sprintf("  not following the one before: %v", c.Breaks)
	}
	return text
}
