package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"optag/cmd/internal/records"
)

// maxRecord is the most that is read of a file of records, in bytes: more than
// ten prints at 1000 ppi without compression.
const maxRecord = 128 << 20

// recordInspect tells what a file of records holds and what is wrong with it.
func recordInspect(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag record inspect")
	o := records.Options{}
	f.BoolVar(&o.Names, "names", false, "tell values that may tell of a person")
	f.StringVar(&o.Profile, "profile", "", "of a receiver, that a transaction has to keep: "+strings.Join(records.Profiles(), ", "))
	receivers := f.String("receivers", "", "file of what the receivers have set")
	files, err := filesOf(f, args, 1, "one file")
	if err != nil {
		return err
	}
	file := files[0]
	if o.Receivers, err = readReceivers(*receivers); err != nil {
		return err
	}
	raw, err := readLimited(file, maxRecord)
	if err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}
	defer clear(raw)
	r := records.Inspect(raw, o)
	if e.json {
		err = e.print(struct {
			File string `json:"file"`
			records.Report
		}{file, r})
	} else {
		_, err = io.WriteString(e.out, inspected(file, r))
	}
	if err == nil && !r.OK {
		err = fmt.Errorf("%s: %s", file, wrong(r.Faults))
	}
	return err
}

// wrong says in one line what is wrong with a file.
func wrong(faults []records.Fault) string {
	if len(faults) == 1 {
		return faults[0].String()
	}
	return fmt.Sprintf("%d things are wrong, the first is: %s", len(faults), faults[0])
}

// readReceivers reads what receivers have set; without a file it is what a site
// begins with.
func readReceivers(file string) (records.Receivers, error) {
	if file == "" {
		return records.Defaults(), nil
	}
	text, err := readLimited(file, maxFacts)
	if err != nil {
		return records.Receivers{}, fmt.Errorf("reading the receivers: %w", err)
	}
	return records.ReadReceivers(text)
}

// inspected tells a technician of a file.
func inspected(file string, r records.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d bytes\n", file, orWord(r.Format, "no record"), r.Bytes)
	writeSections(&b, r.Sections, "")
	for _, text := range r.Remarks {
		fmt.Fprintf(&b, "note   %s\n", text)
	}
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "WRONG  %s\n", f)
	}
	if r.OK {
		fmt.Fprintln(&b, "nothing is wrong")
	}
	return b.String()
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func writeSections(b *strings.Builder, sections []records.Section, indent string) {
	for _, s := range sections {
		fmt.Fprintf(b, "%s%s\n", indent, s.Name)
		for _, f := range s.Fields {
			value := f.Value
			if f.Hidden > 0 {
				value = fmt.Sprintf("… (%d bytes; --names tells them)", f.Hidden)
			}
			fmt.Fprintf(b, "%s  %-6s %-4s %-26s %s\n", indent, f.At, f.Mnemonic, f.Name, value)
		}
		if s.Picture != nil {
			fmt.Fprintf(b, "%s  %-6s %-4s %-26s %s\n", indent, "", "", "image", s.Picture)
		}
		writeSections(b, s.Sections, indent+"  ")
	}
}

// recordConvert carries the images of a file over into another format.
func recordConvert(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag record convert")
	t := records.Terms{Now: time.Now(), Restored: restored}
	to := f.String("to", "", strings.Join(records.Targets(), ", "))
	f.StringVar(&t.Transaction, "tot", "", "nist: type of transaction")
	f.StringVar(&t.Destination, "dai", "", "nist: destination agency")
	f.StringVar(&t.Origin, "ori", "", "nist: originating agency")
	f.StringVar(&t.Control, "tcn", "", "nist: control number; made where it is not given")
	taken := f.String("taken", "", "nist: YYYY-MM-DD, when images were taken that do not say it")
	level := f.Uint("level", 0, "iso19794-4:2005: image acquisition level")
	measure := f.String("measure", "", "VENDOR:ALGORITHM of qualities that do not say it, as 15:65535")
	software := f.Uint("software", 0, "dg3: certificate of the WSQ encoder")
	files, err := filesOf(f, args, 2, "the file and the one to write")
	if err != nil {
		return err
	}
	if err := readTerms(&t, *to, *taken, *measure, *level, *software); err != nil {
		return err
	}
	raw, err := readLimited(files[0], maxRecord)
	if err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}
	defer clear(raw)
	c, err := records.Convert(raw, *to, t)
	if err != nil {
		return fmt.Errorf("%s: %w", files[0], err)
	}
	defer clear(c.Data)
	if err := writeBeside(files[0], files[1], c.Data); err != nil {
		return err
	}
	return e.tellConverted(files[1], c)
}

// readTerms reads the flags that are not words.
func readTerms(t *records.Terms, to, taken, measure string, level, software uint) error {
	wrong := func(text string) error { return usageError("optag record convert: " + text) }
	switch {
	case to == "":
		return wrong("--to FORMAT is needed: " + strings.Join(records.Targets(), ", "))
	case !slices.Contains(records.Targets(), to):
		return wrong(fmt.Sprintf("no format is called %.30q; there are %s", to, strings.Join(records.Targets(), ", ")))
	case level > 1<<16-1 || software > 1<<16-1:
		return wrong("--level and --software are at most 65535")
	}
	t.Level, t.Software = uint16(level), uint16(software)
	if taken != "" {
		day, err := time.Parse(time.DateOnly, taken)
		if err != nil {
			return wrong("--taken is a day, YYYY-MM-DD")
		}
		t.Taken = day.Format("20060102")
	}
	if measure != "" {
		if _, err := fmt.Sscanf(measure, "%d:%d", &t.Measure[0], &t.Measure[1]); err != nil || !registered(t.Measure) {
			return wrong("--measure is VENDOR:ALGORITHM, two numbers from 1 to 65535")
		}
	}
	if t.Control == "" {
		var id [8]byte
		if _, err := rand.Read(id[:]); err != nil {
			return err
		}
		t.Control = strings.ToUpper(hex.EncodeToString(id[:]))
	}
	return nil
}

func registered(m [2]int) bool {
	return min(m[0], m[1]) >= 1 && max(m[0], m[1]) <= 1<<16-1
}

// restored reports whether an image says that it came out of WSQ.
func restored(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 256)], []byte(lossyMark))
}

// tellConverted says what was written, and what the other format has no place for.
func (e *env) tellConverted(file string, c records.Converted) error {
	if e.json {
		return e.print(struct {
			File  string `json:"file"`
			Bytes int    `json:"bytes"`
			records.Converted
		}{file, len(c.Data), c})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d bytes, %d images\n", file, c.Format, len(c.Data), c.Images)
	for _, text := range c.Said {
		fmt.Fprintf(&b, "note   %s\n", text)
	}
	for _, text := range c.Lost {
		fmt.Fprintf(&b, "lost   %s\n", text)
	}
	_, err := io.WriteString(e.out, b.String())
	return err
}

// filesOf parses flags, which may also follow the files, and demands so many.
func filesOf(f *flag.FlagSet, args []string, n int, what string) (files []string, err error) {
	for {
		if err := parse(f, args); err != nil {
			return nil, err
		}
		if f.NArg() == 0 {
			break
		}
		files, args = append(files, f.Arg(0)), f.Args()[1:]
	}
	if len(files) != n {
		return nil, usageError(f.Name() + " takes " + what)
	}
	return files, nil
}
