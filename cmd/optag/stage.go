package main

import (
	"context"

	"optag/cmd/optag/internal/station"
	"optag/ui/flow"
)

// A stage shows a demonstration on the screen, where there is one, and leaves
// pictures of it.
type stage struct{ out string }

func newStage(out string) (*stage, error) { return &stage{out: out}, nil }

func (s *stage) shown() bool { return false }

func (s *stage) see(*flow.State) {}

func (s *stage) play(ctx context.Context, st *station.Station) error { return st.Run(ctx) }

func (s *stage) report(say func(string, string, ...any)) {
	say("skipped", "pictures of the screens: there is no display")
}

func (s *stage) Close() error { return nil }
