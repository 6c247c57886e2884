// Command optag is the enrolment station: the kiosk at the counter, and every
// command a technician needs beside it.
//
// It only wires: it opens things in the order they are needed, hands them down
// as arguments and closes them in reverse.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"optag/cmd/optag/internal/draft"
	"optag/device/pcsc"
)

// A command is one word after "optag", or two where the first has a colon-free
// family name, as in "keys init".
type command struct {
	name string // "decide", "keys init"
	args string // shown in the usage line
	does string // one line; "" leaves it out of the list
	run  func(ctx context.Context, e *env, args []string) error
}

// commands is the whole list; nothing registers itself.
func commands() []command {
	return []command{
		{"run", "[--simulate] [--window WxH] [--no-supervisor]", "the kiosk; also what optag alone does", runKiosk},
		{"decide", "[--law-date D] [FILE]", "says from the facts what the law asks for", decide},
		{"devices", "[--simulate] [--probe] [--watch]", "lists what is attached, by which driver, certified or not", devices},
		{"selftest", "[--simulate] [--out DIR] [--target MM | --finger] [--mrz FILE | --can N] [--trace FILE] [DEVICE…]", "tests devices and station, for a technician", selfTest},
		{"demo", "[--out DIR] [--script FILE]", "does the whole main job without a person", demo},
		{"enrol", "--case FILE --face IMG --print FINGER=IMG … [--except FINGER=REASON …] [--send]", "makes one enrolment from image files", enrol},
		{"notice check", "[FILE]", "says whether a notice about an earlier capture may be made, until when, and to whom it goes", noticeCheck},
		{"notice make", "--officer ID [--send] [FILE]", "makes such a notice: follow-up, deletion or correction", noticeMake},
		{"quality install-model", "FILE", "takes over NIST's model for NFIQ 2", qualityInstallModel},
		{"quality", "[--face] FILE…", "measures prints or portraits", quality},
		{"match", "A B", "compares two prints", match},
		{"wsq encode", "[--rate R] [--for enrolment|chip] [--software N] IN OUT", "packs a print as WSQ", wsqEncode},
		{"wsq decode", "IN OUT", "restores a print from WSQ as PGM or PNG", wsqDecode},
		{"record inspect", "[--names] [--profile NAME] FILE", "tells what a file of records holds and what is wrong with it", recordInspect},
		{"record convert", "--to FORMAT [--tot T --dai A --ori A] [--taken DATE] … IN OUT", "carries its images over into another format", recordConvert},
		{"chip read", "[--reader NAME] [--simulate] (--mrz FILE | --can N)", "reads and checks the chip of a card or passport, and keeps nothing", chipRead},
		{"chip trust", "FILE…", "takes over certificates of states that issue travel documents", chipTrust},
		{"mrz", "FILE|-", "reads a machine readable zone and checks its digits", readZone},
		{"queue ls", "", "lists the packages", queueLs},
		{"queue show", "ID", "shows what is known of one package", queueShow},
		{"queue send", "", "delivers what waits, now", queueSend},
		{"queue export", "DIR", "writes each waiting package to a file", queueExport},
		{"queue import-receipts", "DIR", "settles packages with receipts from files", queueImport},
		{"queue verify", "", "reads everything and says whether it is whole", queueVerify},
		{"queue compact", "", "makes the queue's file small", queueCompact},
		{"audit verify", "", "checks the tamper-evident log", auditVerify},
		{"audit export", "", "writes the log with its hashes", auditExport},
		{"officer add", "[--role ROLE] [--card FILE] ID NAME", "lets somebody log in; the PIN comes from standard input", officerAdd},
		{"officer card", "ID FILE | --remove ID", "gives an officer a staff card by its certificate, in place of the one before", officerCard},
		{"officer check", "[--out DIR]", "tells what the staff cards in the readers are good for", officerCheck},
		{"officer ls", "", "lists who may log in, and how", officerLs},
		{"keys init", "[--station ID]", "makes the station's keys", keysInit},
		{"keys show", "", "prints what the service has to know of the station", keysShow},
		{"keys rotate", "", "makes a new signing key beside the one in use", keysRotate},
		{"keys trust", "[--fingerprint F] [--replace] FILE", "takes over what the service has published", keysTrust},
		{staffCommand, "", "", serveStaffCards},
	}
}

// env is what a command may touch of the world outside.
type env struct {
	in       io.Reader
	out, err io.Writer
	home     string // directory of the station's data
	config   string // settings file; "" is home/station.json
	json     bool   // print one JSON document on out and nothing else there

	key *draft.Key // of the case in progress; nil where no process supervises this one

	connect sync.Once // to the smart card service; see smartCards
	cards   *pcsc.Service
}

// smartCards is the connection to the smart card service. A program has one, which
// is made when it is first asked for; [run] ends it.
func (e *env) smartCards() *pcsc.Service {
	e.connect.Do(func() { e.cards = pcsc.New() })
	return e.cards
}

// A usageError is the caller's mistake in words; it ends with exit status 2.
type usageError string

func (u usageError) Error() string { return string(u) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	os.Exit(run(ctx, e, os.Args[1:]))
}

// run is main without the process: 0 done, 1 failed or refused, 2 wrong usage.
func run(ctx context.Context, e *env, args []string) int {
	err := dispatch(ctx, e, args)
	if e.cards != nil {
		e.cards.Close()
	}
	var wrong usageError
	var told toldError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &told):
		return int(told)
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(e.err, "optag:", oneLine(err))
		return 2
	}
	fmt.Fprintln(e.err, "optag:", oneLine(err))
	return 1
}

// dispatch reads the global flags, which may stand before the command's name,
// and runs the command.
func dispatch(ctx context.Context, e *env, args []string) error {
	global := newFlags(e, "optag")
	if err := parse(global, args); err != nil {
		return err
	}
	rest := global.Args()
	if len(rest) == 0 {
		rest = []string{"run"}
	}
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(rest) >= len(words) && strings.Join(rest[:len(words)], " ") == c.name {
			return c.run(ctx, e, rest[len(words):])
		}
	}
	if rest[0] == "help" {
		usage(e.out)
		return nil
	}
	return usageError(fmt.Sprintf("no command %q; optag help lists them", strings.Join(rest[:min(2, len(rest))], " ")))
}

// newFlags makes the flag set of a command with the global flags in it, so that
// they are understood before and after the command's name.
func newFlags(e *env, name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	if e.home == "" {
		e.home = defaultHome()
	}
	f.StringVar(&e.home, "home", e.home, "directory of the station's data")
	f.StringVar(&e.config, "config", e.config, "settings file")
	f.BoolVar(&e.json, "json", e.json, "print one JSON document")
	return f
}

// parse parses args and turns a mistake into a usageError.
func parse(f *flag.FlagSet, args []string) error {
	switch err := f.Parse(args); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return err
	default:
		return usageError(f.Name() + ": " + err.Error())
	}
}

func defaultHome() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "optag")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "optag-data"
	}
	return filepath.Join(home, ".local", "share", "optag")
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

func usage(w io.Writer) {
	fmt.Fprint(w, "usage: optag [--home DIR] [--config FILE] [--json] COMMAND …\n\n")
	for _, c := range commands() {
		if c.does == "" {
			continue
		}
		fmt.Fprintf(w, "  %-46s %s\n", "optag "+strings.TrimSpace(c.name+" "+c.args), c.does)
	}
}
