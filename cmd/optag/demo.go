package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/simulate"
	"optag/queue/seal"
	"optag/ui/flow"
)

// demoTime is the most a demonstration may take.
const demoTime = 3 * time.Minute

// A demonstration is the whole main job done by a scripted clerk and a
// simulated applicant.
type demonstration struct {
	e     *env
	out   string
	clerk *simulate.Clerk
	said  []demoLine
}

// A demoLine is one thing that was done or skipped.
type demoLine struct {
	What string `json:"what"`
	Text string `json:"text"`
}

func (d *demonstration) say(what, format string, args ...any) {
	l := demoLine{what, fmt.Sprintf(format, args...)}
	d.said = append(d.said, l)
	if !d.e.json {
		fmt.Fprintf(d.e.out, "%-10s %s\n", l.What, l.Text)
	}
}

// demo runs a demonstration and checks what it leaves behind.
func demo(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag demo")
	out := f.String("out", "", "directory for receipt, opened package and screens")
	file := f.String("script", "", "script of the case; default: an adult's first application")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usageError("optag demo takes no argument")
	}
	script, err := readScript(*file)
	if err != nil {
		return err
	}
	if *out == "" {
		if *out, err = os.MkdirTemp("", "optag-demo-"); err != nil {
			return err
		}
	}
	d := &demonstration{e: e, out: *out, clerk: &simulate.Clerk{Staff: simulatedStaff, PIN: simulatedPIN, Script: script}}
	if err := d.run(ctx, script); err != nil {
		return err
	}
	if e.json {
		return e.print(d.said)
	}
	return nil
}

func readScript(file string) (simulate.Script, error) {
	if file == "" {
		return simulate.ParseScript(strings.NewReader(simulate.Ordinary))
	}
	f, err := os.Open(file)
	if err != nil {
		return simulate.Script{}, err
	}
	defer f.Close()
	return simulate.ParseScript(f)
}

func (d *demonstration) run(ctx context.Context, script simulate.Script) error {
	ctx, stop := context.WithTimeout(ctx, demoTime)
	defer stop()
	ctx, over := context.WithCancel(ctx)
	defer over()
	r := &robot{clerk: d.clerk, over: over}
	stage, err := newStage(d.out)
	if err != nil {
		return err
	}
	defer stage.Close()
	if stage.shown() {
		r.pace, r.wait = 150*time.Millisecond, stage.settle
	}
	m, err := newSimulation(d.e, script, slog.New(slog.DiscardHandler), func(s *flow.State) {
		stage.see(s)
		r.see(s)
	})
	if err != nil {
		return err
	}
	defer m.Close()
	r.send = m.SendThen
	d.say("station", "%s, data in %s", m.Intake.Station.ID, d.e.home)
	if err := stage.play(ctx, m.Station); err != nil {
		return err
	}
	if err := d.ended(); err != nil {
		return err
	}
	if err := d.result(m); err != nil {
		return err
	}
	stage.report(d.say)
	return nil
}

// ended says why a case did not come to its end.
func (d *demonstration) ended() error {
	switch c := d.clerk; {
	case c.Stuck != "":
		return fmt.Errorf("the clerk cannot go on: %s; nothing was sent", c.Stuck)
	case c.Closed.Refused != "":
		return fmt.Errorf("the service refused the package: %s; it is kept", c.Closed.Refused)
	case !c.Done:
		return errors.New("the case did not come to its end in time")
	}
	return nil
}

// result opens at the service what arrived, writes it out and checks that
// nothing stayed behind.
func (d *demonstration) result(m *simulation) error {
	id := d.clerk.Closed.Package
	raw, err := m.Queue().Receipt(id)
	if err != nil {
		return err
	}
	manifest, parts, file, err := openAtService(m, id)
	if err != nil {
		return err
	}
	defer seal.Wipe(parts)
	if err := trust.WriteOpened(filepath.Join(d.out, "package"), manifest, parts, raw); err != nil {
		return err
	}
	if err := trust.WriteFile(filepath.Join(d.out, "receipt.json"), raw); err != nil {
		return err
	}
	d.describe(manifest, parts)
	d.say("delivered", "package %s, receipt verified", id)
	if err := d.leftBehind(m, parts); err != nil {
		return err
	}
	d.say("wrote", "%s and %s", filepath.Join(d.out, "receipt.json"), filepath.Join(d.out, "package"))
	d.say("open", "optag-intake open --key %s --package %s --out DIR", trust.OpeningKeyPath(m.Service), file)
	return nil
}

// openAtService opens a package as the service does, from the service's store.
func openAtService(m *simulation, id string) (seal.Manifest, []seal.Part, string, error) {
	for entry, err := range m.Intake.Store.Entries() {
		if err != nil {
			return seal.Manifest{}, nil, "", err
		}
		if entry.PackageID != id {
			continue
		}
		file := m.Intake.Store.Path(entry)
		sealed, err := os.ReadFile(file)
		if err != nil {
			return seal.Manifest{}, nil, "", err
		}
		manifest, parts, err := seal.Open(sealed, m.Intake.Authority.Identities[0], m.Intake.Station.PublicKeys()...)
		return manifest, parts, file, err
	}
	return seal.Manifest{}, nil, "", errors.New("the service does not have the package")
}

// describe says what the package holds, from the package alone.
func (d *demonstration) describe(m seal.Manifest, parts []seal.Part) {
	var sources []string
	for _, g := range m.Decision.Grounds {
		sources = append(sources, g.Source)
	}
	d.say("law", "photo %v, prints %s, by %s", m.Decision.Photo, m.Decision.Prints, strings.Join(sources, "; "))
	for _, it := range m.Items {
		if it.Kind == "print" {
			d.say("print", "%s, quality %d, attempt %d of %d", it.Position, it.Attempts[it.Chosen].Score, it.Chosen+1, len(it.Attempts))
		} else {
			d.say("portrait", "%d measures not met", len(it.Attempts[it.Chosen].Failed))
		}
	}
	for _, x := range m.Exceptions {
		d.say("exception", "%s: %s", x.Position, x.Reason)
	}
	for _, r := range m.Rights {
		d.say("rights", "%s version %s in %s", r.Text, r.Version, r.Language)
	}
	d.say("sealed", "%d parts for %d recipients, signed twice", len(parts), len(m.Recipients))
}

// leftBehind checks the queue and searches every file of the station for the
// images.
func (d *demonstration) leftBehind(m *simulation, parts []seal.Part) error {
	stats, err := m.Queue().Stats()
	if err != nil {
		return err
	}
	report, err := m.Queue().Verify()
	if err != nil {
		return err
	}
	if n := stats.Waiting + stats.Refused + stats.Damaged; n > 0 || !report.OK() {
		return fmt.Errorf("the queue holds %d packages: %s", n, verdict(report))
	}
	n, err := search(d.e.home, needles(parts))
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%d files of the station hold plain biometrics", n)
	}
	d.say("deleted", "the queue is empty and whole; no image byte is left in %s", d.e.home)
	return nil
}

// needles are stretches of each image: of the file's bytes, and of the pixels.
func needles(parts []seal.Part) [][]byte {
	const long = 48
	var all [][]byte
	for _, p := range parts {
		if !strings.HasPrefix(p.MediaType, "image/") {
			continue
		}
		if mid := len(p.Data) / 2; mid > long {
			all = append(all, p.Data[mid:mid+long])
		}
		if img, err := png.Decode(bytes.NewReader(p.Data)); err == nil {
			if g, ok := img.(*image.Gray); ok {
				row := g.Pix[g.Rect.Dy()/2*g.Stride:]
				all = append(all, row[g.Rect.Dx()/2-long/2:][:long])
			}
		}
	}
	return all
}

// search counts the files below dir that hold any of the needles.
func search(dir string, needles [][]byte) (found int, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, n := range needles {
			if bytes.Contains(content, n) {
				found++
				break
			}
		}
		return nil
	})
	return found, err
}
