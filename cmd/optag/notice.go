package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"time"

	"optag/capture/notice"
	"optag/capture/rule"
	"optag/cmd/optag/internal/station"
)

// noticeAnswer is what optag notice says of one that may be made, or not.
type noticeAnswer struct {
	Allowed bool `json:"allowed"`
	*notice.Answer
	Faults notice.Faults `json:"faults,omitempty"`
}

// noticeCheck says whether a notice may be made, and seals nothing.
func noticeCheck(_ context.Context, e *env, args []string) error {
	file, err := noticeArgs(e, newFlags(e, "optag notice check"), args)
	if err != nil {
		return err
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	r, err := e.noticeRequest(file)
	if err != nil {
		return err
	}
	a, err := set.Law().For(r, set.Station.Kind, rule.DateOf(time.Now()))
	if err != nil {
		return e.refuseNotice(err)
	}
	return e.sayNotice(a)
}

// noticeMake makes a notice, seals it and queues it, through the queue and the
// delivery of captures.
func noticeMake(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag notice make")
	officer := f.String("officer", "", "id of the officer who makes it")
	send := f.Bool("send", false, "deliver at once")
	file, err := noticeArgs(e, f, args)
	if err != nil {
		return err
	}
	if *officer == "" {
		return usageError("optag notice make: --officer ID is needed")
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	if !mayLogIn(set, *officer) {
		return errors.New("making the notice: the station knows no officer of this id")
	}
	id, service, err := e.keys()
	if err != nil {
		return err
	}
	r, err := e.noticeRequest(file)
	if err != nil {
		return err
	}
	n, err := set.Law().Make(r, notice.Maker{Station: id.ID, Kind: set.Station.Kind, Officer: *officer}, time.Now())
	if err != nil {
		return e.refuseNotice(err)
	}
	q, err := station.OpenQueue(e.home, service, time.Now)
	if err != nil {
		return err
	}
	defer q.Close()
	rec, err := station.EnqueueNotice(q, id, service, n)
	switch {
	case err != nil:
		return err
	case *send:
		return sendOne(ctx, e, q, id, service, rec)
	}
	return e.sayRecord(rec, "notice sealed and queued")
}

// mayLogIn reports whether an id is an officer's, at a station that has any.
func mayLogIn(set station.Settings, id string) bool {
	return len(set.Officers) == 0 || slices.ContainsFunc(set.Officers, func(o station.Officer) bool { return o.ID == id })
}

// noticeArgs parses flags, which may stand before and after FILE; "" is standard
// input.
func noticeArgs(e *env, f *flag.FlagSet, args []string) (file string, err error) {
	if err := parse(f, args); err != nil {
		return "", err
	}
	if f.NArg() > 0 {
		file = f.Arg(0)
		if err := parse(f, f.Args()[1:]); err != nil {
			return "", err
		}
	}
	if f.NArg() > 0 {
		return "", usageError(f.Name() + " takes one file, or standard input")
	}
	if file == "-" {
		file = ""
	}
	return file, nil
}

// noticeRequest reads what is asked for.
func (e *env) noticeRequest(file string) (notice.Request, error) {
	text, err := readFacts(e, file)
	if err != nil {
		return notice.Request{}, fmt.Errorf("reading the notice: %w", err)
	}
	r, err := notice.Parse(text)
	clear(text)
	if err != nil {
		return r, e.refuseNotice(err)
	}
	return r, nil
}

// refuseNotice tells by field why a notice is not made.
func (e *env) refuseNotice(err error) error {
	if faults, ok := notice.AsFaults(err); ok && e.json {
		if err := e.print(noticeAnswer{Faults: faults}); err != nil {
			return err
		}
	}
	return fmt.Errorf("making the notice: %w", err)
}

// sayNotice tells of a notice that may be made.
func (e *env) sayNotice(a notice.Answer) error {
	if e.json {
		return e.print(noticeAnswer{Allowed: true, Answer: &a})
	}
	fmt.Fprintf(e.out, "the notice may be made; it goes to %s\n", a.Controller)
	if !a.Until.IsZero() {
		fmt.Fprintf(e.out, "last day %s\n", a.Until)
	}
	for _, g := range a.Grounds {
		if _, err := fmt.Fprintf(e.out, "%s (%s)\n", g.Text, g.Source); err != nil {
			return err
		}
	}
	return nil
}
