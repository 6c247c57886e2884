package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"optag/cmd/internal/trust"
	"optag/device/selftest"
)

// finish writes the report, remembers the run and says how it went.
func (b *bench) finish() error {
	past, err := b.remember()
	if err != nil {
		fmt.Fprintf(b.err, "optag: note: this run is not remembered: %s\n", oneLine(err))
	}
	if b.dir != "" {
		if err := b.write(past); err != nil {
			return err
		}
	}
	if b.json {
		err = b.print(&b.report)
	} else {
		err = b.say()
	}
	if err != nil {
		return err
	}
	if n := b.report.Failures; n > 0 {
		return fmt.Errorf("the self-test failed in %d of %d checks", n, len(b.report.Checks))
	}
	return nil
}

// write writes both forms of the report.
func (b *bench) write(past []selftest.Run) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	html := filepath.Join(b.dir, "report.html")
	err := writeReport(html, func(w *bytes.Buffer) error { return b.report.WritePage(w, past) })
	return errors.Join(err, writeReport(filepath.Join(b.dir, "report.json"), func(w *bytes.Buffer) error {
		return (&env{out: w}).print(&b.report)
	}))
}

// writeReport writes a file as a whole, for its owner alone.
func writeReport(name string, content func(*bytes.Buffer) error) error {
	var w bytes.Buffer
	if err := content(&w); err != nil {
		return err
	}
	if err := trust.WriteFile(name, w.Bytes()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// remember adds the run to those of this home, and returns all.
func (b *bench) remember() ([]selftest.Run, error) {
	name := filepath.Join(b.home, "selftest.jsonl")
	if b.simulate {
		name = filepath.Join(b.home, "selftest-simulated.jsonl")
	}
	past, err := readRuns(name)
	if err != nil {
		return []selftest.Run{b.report.Run()}, err
	}
	past = append(past, b.report.Run())
	if err := os.MkdirAll(b.home, 0o700); err != nil {
		return past, err
	}
	return past, writeReport(name, func(w *bytes.Buffer) error { return selftest.WriteRuns(w, past) })
}

func readRuns(name string) ([]selftest.Run, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return selftest.ReadRuns(file)
}

// say tells a person.
func (b *bench) say() error {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	before := ""
	for _, c := range b.report.Checks {
		dev := strings.TrimSpace(c.Device + " " + c.Serial)
		if dev == before {
			dev = ""
		} else {
			before = dev
		}
		found := c.Measured()
		if c.Limit != "" {
			found += ", " + c.Limit
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", dev, c.Name, c.Outcome, found)
		if c.Do != "" {
			fmt.Fprintf(w, "\t\t\t→ %s\n", c.Do)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(b.out, b.report.Verdict())
	return err
}
