package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"optag/cmd/internal/trust"
)

func document(e *env, v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// stationAdd registers a station and writes the service file for it.
func stationAdd(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake station add")
	store := f.String("store", "", "directory of the service's data")
	out := f.String("out", "", "where to write the file for the station; default: standard output")
	print := f.String("fingerprint", "", "fingerprint that the station must have")
	replace := f.Bool("replace", false, "also when the station's earlier key has not signed; its earlier keys count no more")
	name, err := parseOne(f, args, "station file", "store")
	if err != nil {
		return err
	}
	if e.json && *out == "" {
		return usageError("optag-intake station add: with --json the file needs --out")
	}
	s, has, err := trust.ReadStation(name)
	if err != nil {
		return err
	}
	if *print != "" && !trust.SameFingerprint(*print, has) {
		return fmt.Errorf("registering station %s: its fingerprint is %s", s.ID, has)
	}
	a, err := trust.LoadAuthority(*store)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the station file: %w", err)
	}
	file, has, err := a.Register(raw, *replace, time.Now())
	if err != nil {
		return err
	}
	return handOver(e, file, *out, s.ID, has)
}

// handOver gives out the service file for a station.
func handOver(e *env, file []byte, out, id, print string) error {
	if out == "" {
		fmt.Fprintf(e.err, "registered station %s, fingerprint %s\n", id, print)
		_, err := e.out.Write(file)
		return err
	}
	if err := trust.WriteFile(out, file); err != nil {
		return fmt.Errorf("writing the file for the station: %w", err)
	}
	if e.json {
		return document(e, map[string]any{"station": id, "fingerprint": print, "file": out})
	}
	_, err := fmt.Fprintf(e.out, "registered station %s\nfingerprint %s\nthe station has to trust %s\n", id, print, out)
	return err
}

// stationList lists the registered stations.
func stationList(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake station ls")
	store := f.String("store", "", "directory of the service's data")
	if err := parseAlone(f, args, "store"); err != nil {
		return err
	}
	a, err := trust.LoadAuthority(*store)
	if err != nil {
		return err
	}
	ids, err := a.Stations().List()
	if err != nil {
		return err
	}
	type row struct {
		Station string   `json:"station"`
		Keys    []string `json:"signing_keys"`
	}
	rows := []row{}
	for _, id := range ids {
		s, err := a.Stations().Station(id)
		if err != nil {
			return err
		}
		r := row{Station: id}
		for _, k := range s.Keys {
			r.Keys = append(r.Keys, k.ID())
		}
		rows = append(rows, r)
	}
	if e.json {
		return document(e, rows)
	}
	for _, r := range rows {
		fmt.Fprintf(e.out, "%-24s %d signing keys, newest %.16s…\n", r.Station, len(r.Keys), r.Keys[0])
	}
	return nil
}

// stationRemove takes a station off the register.
func stationRemove(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake station remove")
	store := f.String("store", "", "directory of the service's data")
	id, err := parseOne(f, args, "station", "store")
	if err != nil {
		return err
	}
	a, err := trust.LoadAuthority(*store)
	if err != nil {
		return err
	}
	if err := a.Remove(id); err != nil {
		return err
	}
	if e.json {
		return document(e, map[string]any{"removed": id})
	}
	_, err = fmt.Fprintf(e.out, "station %s may not deliver any more\n", id)
	return err
}

var errNoStore = errors.New("nothing says which station keys are trusted: name the store with --store, or a station file with --station")
