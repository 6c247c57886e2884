// Command optag-intake is the receiving end of the immigration service: it takes
// sealed packages in from stations, and lets its technicians register stations,
// open a package and see what came from where.
//
// It only wires: the service is package intake, its keys are package trust's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// A command is one word after "optag-intake", or two.
type command struct {
	name string
	args string // shown in the usage line
	does string // one line
	run  func(ctx context.Context, e *env, args []string) error
}

// commands is the whole list; nothing registers itself.
func commands() []command {
	return []command{
		{"init", "--store DIR --url URL [--id ID]", "makes the service's keys", initStore},
		{"serve", "--listen ADDR --store DIR [--url URL] [--host NAME]… [--inspection DIR]", "receives packages; makes keys where there are none", serve},
		{"station add", "--store DIR [--out FILE] [--fingerprint F] [--replace] FILE", "registers a station and writes the file it has to trust", stationAdd},
		{"station ls", "--store DIR", "lists the registered stations", stationList},
		{"station remove", "--store DIR ID", "takes a station off the register", stationRemove},
		{"open", "--key FILE --package FILE --out DIR [--store DIR] [--station FILE] [--receipt FILE] [--receivers FILE]", "opens one package, verifying everything, and writes the records for its receiver", open},
		{"handover write", "--key FILE --package FILE --out DIR --to AUTHORITY --purpose PURPOSE [--with prints,photo,data,refusal] [--from AUTHORITY] [--beside] [--wsq] [--store DIR] [--station FILE]", "opens one package and hands its case over to another authority", handoverWrite},
		{"handover read", "--file FILE --as AUTHORITY --purpose PURPOSE --trust AUTHORITY=FILE… --out DIR [--station KIND] [--recast-from DATE]", "verifies a hand-over and takes its case over", handoverRead},
		{"handover key", "--store DIR", "writes the public key by which others verify what is handed over", handoverKey},
		{"stats", "--store DIR", "what was received from which station", stats},
	}
}

// env is what a command may touch of the world outside.
type env struct {
	out, err io.Writer
	json     bool // print one JSON document on out and nothing else there
}

// A usageError is the caller's mistake in words; it ends with exit status 2.
type usageError string

func (u usageError) Error() string { return string(u) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, &env{out: os.Stdout, err: os.Stderr}, os.Args[1:]))
}

// run is main without the process: 0 done, 1 failed or refused, 2 wrong usage.
func run(ctx context.Context, e *env, args []string) int {
	err := dispatch(ctx, e, args)
	var wrong usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(e.err, "optag-intake:", oneLine(err))
		return 2
	}
	fmt.Fprintln(e.err, "optag-intake:", oneLine(err))
	return 1
}

func dispatch(ctx context.Context, e *env, args []string) error {
	global := newFlags(e, "optag-intake")
	switch err := global.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		usage(e.out)
		return nil
	case err != nil:
		return usageError(err.Error())
	}
	rest := global.Args()
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(rest) >= len(words) && strings.Join(rest[:len(words)], " ") == c.name {
			return c.run(ctx, e, rest[len(words):])
		}
	}
	if len(rest) > 0 && rest[0] == "help" {
		usage(e.out)
		return nil
	}
	return usageError(fmt.Sprintf("no command %q; optag-intake help lists them", strings.Join(rest[:min(2, len(rest))], " ")))
}

// newFlags makes the flag set of a command with the global flags in it.
func newFlags(e *env, name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.BoolVar(&e.json, "json", e.json, "print one JSON document")
	return f
}

// parse parses args, in which flags may also follow other arguments, and demands
// that the needed flags are there. A mistake is a usageError.
func parse(f *flag.FlagSet, args []string, needed ...string) (rest []string, err error) {
	for {
		switch err := f.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return nil, err
		case err != nil:
			return nil, usageError(f.Name() + ": " + err.Error())
		}
		if f.NArg() == 0 {
			break
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
	for _, name := range needed {
		if f.Lookup(name).Value.String() == "" {
			return nil, usageError(f.Name() + ": --" + name + " is missing")
		}
	}
	return rest, nil
}

// parseAlone is parse for a command that takes flags only.
func parseAlone(f *flag.FlagSet, args []string, needed ...string) error {
	rest, err := parse(f, args, needed...)
	if err == nil && len(rest) > 0 {
		err = usageError(fmt.Sprintf("%s: %.40q is too much", f.Name(), rest[0]))
	}
	return err
}

// parseOne is parse for a command that takes one further argument.
func parseOne(f *flag.FlagSet, args []string, what string, needed ...string) (string, error) {
	rest, err := parse(f, args, needed...)
	if err != nil {
		return "", err
	}
	if len(rest) != 1 {
		return "", usageError(f.Name() + ": name one " + what)
	}
	return rest[0], nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func usage(w io.Writer) {
	fmt.Fprint(w, "usage: optag-intake [--json] COMMAND …\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  optag-intake %s %s\n      %s\n", c.name, c.args, c.does)
	}
}
