package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/queue"
	"optag/queue/upload"
)

// An enrolment is what the command line asks for.
type enrolment struct {
	caseFile string
	face     string
	prints   map[finger.Position]string // file by finger
	except   map[finger.Position]capture.Reason
	accept   map[string]string // reason by finger's name, or "face"
	send     bool
}

// enrol makes one enrolment from image files, through the rules, checks, seal
// and queue of the kiosk.
func enrol(ctx context.Context, e *env, args []string) error {
	job, err := enrolArgs(e, args)
	if err != nil {
		return err
	}
	set, err := e.settings()
	if err != nil {
		return err
	}
	id, service, err := e.keys()
	if err != nil {
		return err
	}
	set.Station.ID = id.ID
	begun, err := readCase(job.caseFile, set, time.Now())
	if err != nil {
		return err
	}
	record, parts, err := job.capture(e, begun, set, time.Now())
	if err != nil {
		return err
	}
	q, err := station.OpenQueue(e.home, service, time.Now)
	if err != nil {
		return err
	}
	defer q.Close()
	rec, err := station.Enqueue(q, id, service, record, parts)
	for _, p := range parts {
		clear(p.Data)
	}
	if err != nil {
		return err
	}
	if !job.send {
		return e.sayRecord(rec, "sealed and queued")
	}
	return sendOne(ctx, e, q, id, service, rec)
}

// A pair is one NAME=VALUE flag.
type pair struct{ name, value string }

// pairs reads repeated NAME=VALUE flags.
func pairs(into *[]pair) func(string) error {
	return func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok || value == "" {
			return fmt.Errorf("%q is not NAME=VALUE", text)
		}
		*into = append(*into, pair{name, value})
		return nil
	}
}

func enrolArgs(e *env, args []string) (enrolment, error) {
	job := enrolment{prints: map[finger.Position]string{}, except: map[finger.Position]capture.Reason{}, accept: map[string]string{}}
	var prints, except, accept []pair
	f := newFlags(e, "optag enrol")
	f.StringVar(&job.caseFile, "case", "", "facts of the case, or a case with number, holder and facts (JSON)")
	f.StringVar(&job.face, "face", "", "portrait, JPEG or PNG")
	f.Func("print", "FINGER=FILE, a print as PNG or PGM; repeated", pairs(&prints))
	f.Func("except", "FINGER=REASON: missing, temporary or permanent; repeated", pairs(&except))
	f.Func("accept", "FINGER=REASON, why a print below its threshold is kept; repeated", pairs(&accept))
	f.BoolVar(&job.send, "send", false, "deliver at once")
	if err := parse(f, args); err != nil {
		return job, err
	}
	if f.NArg() > 0 {
		return job, usageError("optag enrol: " + f.Arg(0) + " is not an option")
	}
	if job.caseFile == "" {
		return job, usageError("optag enrol: --case FILE is needed")
	}
	for _, a := range accept {
		job.accept[a.name] = a.value
	}
	return job, job.fingers(prints, except)
}

// fingers reads the names of fingers and reasons. A finger stands once.
func (job *enrolment) fingers(prints, except []pair) error {
	for _, f := range prints {
		p, err := job.once(f.name)
		if err != nil {
			return err
		}
		job.prints[p] = f.value
	}
	for _, f := range except {
		p, err := job.once(f.name)
		if err != nil {
			return err
		}
		if job.except[p], err = capture.ParseReason(f.value); err != nil {
			return err
		}
	}
	return nil
}

// once reads the name of a finger that has neither print nor exception yet.
func (job *enrolment) once(name string) (finger.Position, error) {
	p, err := finger.ParsePosition(name)
	if err != nil {
		return 0, err
	}
	_, print := job.prints[p]
	_, except := job.except[p]
	if print || except {
		return 0, fmt.Errorf("%v is given twice", p)
	}
	return p, nil
}

// caseFile is a case as enrol reads it. Facts alone are a case as well.
type caseFile struct {
	Number    string             `json:"case_number"`
	Holder    capture.Holder     `json:"holder"`
	Officer   string             `json:"officer"`
	LawDate   rule.Date          `json:"law_date"`
	Rights    *capture.Rights    `json:"rights"`
	Inability *capture.Inability `json:"inability"`
	Data      *capture.Data      `json:"data"`
	Force     *capture.Force     `json:"force"`
	Facts     json.RawMessage    `json:"facts"`
}

// A begun case is what enrol starts from.
type begunCase struct {
	caseFile
	facts rule.Facts
}

// readCase reads a case file. The day of the capture is today where it says
// none. The facts must name this kind of station where the station is set up.
func readCase(name string, set station.Settings, now time.Time) (begunCase, error) {
	var c begunCase
	raw, err := readLimited(name, maxFacts)
	if err != nil {
		return c, fmt.Errorf("reading the case: %w", err)
	}
	var probe struct{ Facts json.RawMessage }
	facts := raw
	if json.Unmarshal(raw, &probe) == nil && probe.Facts != nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&c.caseFile); err != nil {
			return c, fmt.Errorf("reading the case: %w", err)
		}
		facts = c.Facts
	}
	if c.facts, err = rule.Parse(facts); err != nil {
		return c, fmt.Errorf("reading the case: %w", err)
	}
	if c.facts.CaptureOn.IsZero() {
		c.facts.CaptureOn = rule.DateOf(now)
	}
	if set.Loaded && c.facts.Station != set.Station.Kind {
		return c, fmt.Errorf("reading the case: its facts are for a station of %s and this one is of %s", c.facts.Station, set.Station.Kind)
	}
	return c, nil
}

// readLimited reads a file of at most limit bytes.
func readLimited(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("%s holds more than %d bytes", name, limit)
	}
	return raw, err
}

// fileDevice is what the record names as the device of an image file.
var fileDevice = device.Info{Maker: "optag", Model: "image file", Driver: "enrol", Version: "1"}

// capture takes the files through a session as a scanner's prints would go.
func (job *enrolment) capture(e *env, begun begunCase, set station.Settings, now time.Time) (capture.Record, []capture.Part, error) {
	profile := set.Profile
	profile.Attempts = 1       // a file does not get better
	profile.Uncertified = true // the officer vouches for it
	assessor := finger.Assessor{Model: e.model(slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn})))}
	profile.Algorithm = assessor.Algorithm()
	defer assessor.Wipe()
	opened := capture.Case{Number: begun.Number, Holder: begun.Holder, Facts: begun.facts, LawDate: begun.LawDate, Data: begun.Data}
	if opened.Data == nil && len(opened.Demands(profile.Law)) > 0 {
		opened.Data = new(capture.Data) // nobody else adds them: the check of the record says which are missing
	}
	s, err := capture.Open(opened, profile)
	if err != nil {
		return capture.Record{}, nil, err
	}
	defer s.Wipe()
	if err := lawful(s.Requirement()); err != nil {
		return capture.Record{}, nil, err
	}
	officer := begun.Officer
	if officer == "" {
		officer = "enrol"
	}
	if err := job.note(s, begun, officer, now); err != nil {
		return capture.Record{}, nil, err
	}
	if err := job.portrait(e, s, now); err != nil {
		return capture.Record{}, nil, err
	}
	if err := job.present(s, &assessor, now); err != nil {
		return capture.Record{}, nil, err
	}
	return s.Finish(set.Station.ID, officer, now)
}

// lawful turns an answer that is not capture into words.
func lawful(need rule.Requirement) error {
	if need.Decision == rule.Capture {
		return nil
	}
	var why []string
	for _, g := range need.Grounds() {
		why = append(why, strings.TrimSuffix(g.Text, ".")+" ("+g.Source+")")
	}
	return fmt.Errorf("the law's answer is %s, so nothing is taken: %s", need.Decision, strings.Join(why, "; "))
}

// note records what accompanies the images.
func (job *enrolment) note(s *capture.Session, begun begunCase, officer string, now time.Time) error {
	rights := capture.Rights{Text: "none", How: "elsewhere", At: now}
	if begun.Rights != nil {
		rights = *begun.Rights
	}
	s.Inform(rights)
	if kind := begun.facts.Unable.Prints; kind != rule.Able {
		i := capture.Inability{Note: "as the case file states", SeenBy: officer, At: now}
		if begun.Inability != nil {
			i = *begun.Inability
		}
		i.Kind = kind
		s.Unable(i)
	}
	if items := begun.facts.Refuses; len(items) > 0 {
		s.Refuse(capture.Refusal{Items: items, By: officer, At: now})
	}
	for _, p := range slices.Sorted(maps.Keys(job.except)) {
		s.Except(capture.Exception{Position: p, Reason: job.except[p], SeenBy: officer, At: now})
	}
	return s.Secure(begun.Force)
}

// portrait reads the portrait. Its checks advise; what they find is told and
// recorded.
func (job *enrolment) portrait(e *env, s *capture.Session, now time.Time) error {
	if job.face == "" {
		return nil // the check of the record says whether one is missing
	}
	raw, err := readLimited(job.face, face.MaxBytes)
	if err != nil {
		return fmt.Errorf("reading the portrait: %w", err)
	}
	img, mediaType, err := face.Read(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", job.face, err)
	}
	p := capture.Portrait{
		Encoded: raw, MediaType: mediaType, Width: img.Bounds().Dx(), Height: img.Bounds().Dy(),
		Source: "file", Checks: face.Assess(img), Accepted: job.accept["face"], Device: fileDevice, At: now,
	}
	if failed := face.Failed(p.Checks); len(failed) > 0 && p.Accepted == "" {
		p.Accepted = "enrolled from a file, where nobody could be asked to sit again"
		fmt.Fprintf(e.err, "optag: note: the portrait is out of bounds in %v; kept, and recorded\n", failed)
	}
	if err := s.Photograph(p); err != nil {
		return fmt.Errorf("surplus portrait: %w", err)
	}
	return nil
}

// present presents the files in the order in which the session asks for them.
// A file that is never asked for is surplus.
func (job *enrolment) present(s *capture.Session, by *finger.Assessor, now time.Time) error {
	left := maps.Clone(job.prints)
	for {
		p, more := s.NextPrint()
		name, given := left[p]
		if !more || !given {
			break
		}
		delete(left, p)
		if err := job.presentOne(s, by, p, name, now); err != nil {
			return err
		}
	}
	if len(left) == 0 {
		return nil // gaps are found when the record is checked
	}
	surplus := slices.Sorted(maps.Keys(left))
	if ask, more := s.NextPrint(); more {
		return fmt.Errorf("%v is asked for and has neither a print nor an exception; %v cannot take its place", ask, surplus[0])
	}
	return fmt.Errorf("surplus print of %v: %w", surplus[0], capture.ErrNotAsked)
}

func (job *enrolment) presentOne(s *capture.Session, by *finger.Assessor, p finger.Position, name string, now time.Time) error {
	const most = finger.MaxPixels + 1<<20
	raw, err := readLimited(name, most)
	if err != nil {
		return fmt.Errorf("reading the print of %v: %w", p, err)
	}
	img, ppi, _, err := finger.ReadImage(raw)
	clear(raw)
	if err != nil {
		return fmt.Errorf("%v, %s: %w", p, name, err)
	}
	sm := capture.Sample{Image: img, PPI: [2]int{ppi, ppi}, Device: fileDevice, At: now}
	sm.Prepare(by)
	a, err := s.Present(p, sm)
	if err != nil {
		return err
	}
	switch reason := job.accept[p.String()]; {
	case a.Outcome == capture.SameFinger:
		return fmt.Errorf("%v shows the same finger as %v", p, a.SameAs)
	case a.Outcome == capture.Insufficient && reason != "":
		return s.Accept(p, reason)
	case a.Outcome == capture.Insufficient:
		if next, more := s.NextPrint(); more && job.prints[next] == "" {
			return fmt.Errorf("%v has quality %d where %d is needed %v; give %v, or --accept %v=REASON",
				p, a.Score, s.Threshold(p), a.Reasons, next, p)
		}
	}
	return nil
}

// sendOne delivers the queue and says how one package fared.
func sendOne(ctx context.Context, e *env, q *queue.Queue, id *trust.Station, sv *trust.Service, rec queue.Record) error {
	o, err := id.UploadOptions(sv)
	if err != nil {
		return fmt.Errorf("sending: %w; the package is kept", err)
	}
	c, err := upload.New(o)
	if err != nil {
		return fmt.Errorf("sending: %w; the package is kept", err)
	}
	defer c.Close()
	_, err = station.Drain(ctx, q, c, nil)
	now, showErr := q.Show(rec.ID)
	if showErr != nil {
		return showErr
	}
	if now.State != queue.Delivered {
		return fmt.Errorf("package %s is kept and not delivered: %w", rec.ID, errors.Join(err, refusedFor(now)))
	}
	return e.sayRecord(now, "delivered; the service has signed for it")
}

func refusedFor(r queue.Record) error {
	if r.State == queue.Refused {
		return errors.New("the service refused it: " + r.Reason)
	}
	return nil
}

// sayRecord tells of one package.
func (e *env) sayRecord(r queue.Record, what string) error {
	if e.json {
		return e.print(r)
	}
	_, err := fmt.Fprintf(e.out, "%s  %s, %d bytes\n", r.ID, what, r.Size)
	return err
}

// print writes v as one JSON document.
func (e *env) print(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// keys opens the station's keys and the service it trusts.
func (e *env) keys() (*trust.Station, *trust.Service, error) {
	id, err := trust.LoadStation(e.home)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; optag keys init makes them", err)
	}
	sv, err := trust.LoadService(e.home)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; optag keys trust FILE takes over the service's", err)
	}
	return id, sv, nil
}

// settings reads the station's settings.
func (e *env) settings() (station.Settings, error) {
	if e.config != "" {
		return station.LoadSettings(e.config, true)
	}
	return station.LoadSettings(station.SettingsFile(e.home), false)
}
