package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
)

// keysInit makes the station's identity.
func keysInit(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag keys init")
	id := f.String("station", "", "id of the station; default: as in the settings")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag keys init takes no file")
	}
	if *id == "" {
		var err error
		if *id, err = settledStation(e); err != nil {
			return err
		}
	}
	if *id == "" {
		return usageError("optag keys init: name the station with --station, or in the settings")
	}
	st, err := trust.InitStation(e.home, *id, rand.Reader, time.Now())
	if err != nil {
		return err
	}
	return e.sayStation(st, "made the keys of station %s\nfingerprint %s\n"+
		"now give the service the output of: optag keys show\n")
}

// settledStation is the station's id in the settings, or "" where there is no
// settings file: a station is not named by a default.
func settledStation(e *env) (string, error) {
	if e.config == "" {
		_, err := os.Stat(station.SettingsFile(e.home))
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
	}
	settings, err := e.settings()
	return settings.Station.ID, err
}

// sayStation says which station this is, in words that take id and fingerprint.
func (e *env) sayStation(st *trust.Station, words string) error {
	print, err := st.Fingerprint()
	if err != nil {
		return err
	}
	if !e.json {
		_, err = fmt.Fprintf(e.out, words, st.ID, print)
		return err
	}
	var keys []string
	for _, k := range st.PublicKeys() {
		keys = append(keys, k.ID())
	}
	return e.print(map[string]any{"station": st.ID, "fingerprint": print, "signing_keys": keys})
}

// keysShow prints the station file: what the service has to know. It is JSON with
// and without --json; the fingerprint goes to standard error.
func keysShow(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag keys show")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag keys show takes no file")
	}
	st, err := trust.LoadStation(e.home)
	if err != nil {
		return hint(err, "optag keys init makes them")
	}
	file, err := st.Publish(time.Now())
	if err != nil {
		return err
	}
	print, err := st.Fingerprint()
	if err != nil {
		return err
	}
	if !e.json {
		fmt.Fprintf(e.err, "station %s, fingerprint %s\n", st.ID, print)
	}
	_, err = e.out.Write(file)
	return err
}

// keysRotate makes a new signing key beside the one in use.
func keysRotate(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag keys rotate")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag keys rotate takes no file")
	}
	st, err := trust.LoadStation(e.home)
	if err != nil {
		return hint(err, "optag keys init makes them")
	}
	sv, err := trust.LoadService(e.home)
	if err != nil {
		return hint(err, "before the service knows the first key, there is none to change")
	}
	if err := st.Rotate(sv, rand.Reader, time.Now()); err != nil {
		return err
	}
	return e.sayStation(st, "made a new signing key for station %s\nfingerprint %s\n"+
		"the one before stays in use until the service has registered the new one:\n"+
		"give the service the output of optag keys show, and its answer to optag keys trust\n")
}

// keysTrust takes over what the service has published.
func keysTrust(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag keys trust")
	var o trust.Import
	f.StringVar(&o.Fingerprint, "fingerprint", "", "fingerprint that the file must have")
	f.BoolVar(&o.Replace, "replace", false, "trust another service than before")
	var files []string
	for rest := args; ; { // flags may also follow the file
		if err := parse(f, rest); err != nil {
			return err
		}
		if f.NArg() == 0 {
			break
		}
		files, rest = append(files, f.Arg(0)), f.Args()[1:]
	}
	if len(files) != 1 {
		return usageError("optag keys trust: name one file")
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		return fmt.Errorf("reading the service file: %w", err)
	}
	st, err := trust.LoadStation(e.home)
	if err != nil {
		return hint(err, "optag keys init makes them")
	}
	sv, changes, err := st.Import(raw, o, time.Now())
	if errors.Is(err, trust.ErrStranger) && o.Fingerprint == "" {
		return hint(err, "to change to another service for good, compare the fingerprint and use --replace")
	}
	if err != nil {
		return err
	}
	return e.sayService(sv, changes)
}

// sayService says which service is trusted now, and what has changed.
func (e *env) sayService(sv *trust.Service, changes []string) error {
	if e.json {
		if changes == nil {
			changes = []string{}
		}
		return e.print(map[string]any{
			"service": sv.ID, "url": sv.URL, "fingerprint": sv.Fingerprint(),
			"station": sv.Station, "changes": changes, "can_deliver": sv.Certificate != nil,
		})
	}
	for _, line := range changes {
		fmt.Fprintln(e.out, line)
	}
	if len(changes) == 0 {
		fmt.Fprintln(e.out, "nothing new")
	}
	if sv.Certificate == nil {
		fmt.Fprintln(e.out, "packages can be sealed; to deliver them, the service must register this station")
	}
	return nil
}

// hint adds to an error what can be done about it.
func hint(err error, what string) error {
	if errors.Is(err, trust.ErrMissing) || errors.Is(err, trust.ErrStranger) {
		return fmt.Errorf("%w; %s", err, what)
	}
	return err
}
