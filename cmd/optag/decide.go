package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"optag/capture/rule"
)

// maxFacts is the most that is read of a document of facts, in bytes. A real
// one has less than a thousand.
const maxFacts = 1 << 20

// decide reads the facts of a case and prints what the law asks.
func decide(_ context.Context, e *env, args []string) error {
	law, file, err := decideArgs(e, args)
	if err != nil {
		return err
	}
	data, err := readFacts(e, file)
	if err != nil {
		return fmt.Errorf("reading facts: %w", err)
	}
	facts, err := rule.Parse(data)
	if err != nil {
		return fmt.Errorf("reading facts: %w", err)
	}
	if facts.CaptureOn.IsZero() {
		facts.CaptureOn = rule.DateOf(time.Now()) // whoever asks without a day asks about today
	}
	out := json.NewEncoder(e.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(rule.For(facts, law)); err != nil {
		return fmt.Errorf("writing the requirement: %w", err)
	}
	return nil
}

// decideArgs reads the flags, which may stand before and after FILE. file is ""
// for standard input.
func decideArgs(e *env, args []string) (law rule.Date, file string, err error) {
	f := newFlags(e, "decide")
	day := f.String("law-date", "", "decide under the law of this day")
	var files []string
	for {
		if err := parse(f, args); err != nil {
			return law, "", err
		}
		if f.NArg() == 0 {
			break
		}
		files, args = append(files, f.Arg(0)), f.Args()[1:]
	}
	if len(files) > 1 {
		return law, "", usageError("decide: want at most one FILE")
	}
	if *day != "" {
		if law, err = rule.ParseDate(*day); err != nil {
			return law, "", usageError("decide: --law-date: " + err.Error())
		}
	}
	if len(files) == 1 && files[0] != "-" {
		file = files[0]
	}
	return law, file, nil
}

// readFacts reads file, or standard input where file is "".
func readFacts(e *env, file string) ([]byte, error) {
	in, name := e.in, "standard input"
	if file != "" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in, name = opened, filepath.Base(file)
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFacts+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFacts:
		return nil, fmt.Errorf("%s holds more than %d bytes", name, maxFacts)
	case len(data) == 0:
		return nil, errors.New(name + " is empty")
	}
	return data, nil
}
