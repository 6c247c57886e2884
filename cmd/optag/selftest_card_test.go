package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/pcsc"
	"optag/device/selftest"
)

// A shelf is a smart card service with readers of this process.
type shelf struct {
	down    error
	slots   []pcsc.Slot
	readers map[string]device.CardReader
	closed  int
}

func (s *shelf) Slots(context.Context) ([]pcsc.Slot, error) { return s.slots, s.down }
func (s *shelf) Close() error                               { s.closed++; return nil }

func (s *shelf) Open(_ context.Context, name string) (device.CardReader, error) {
	if s.down != nil {
		return nil, s.down
	}
	if r, there := s.readers[name]; there {
		return r, nil
	}
	for n, r := range s.readers {
		if strings.HasPrefix(n, name) {
			return closed{r}, nil
		}
	}
	return nil, fmt.Errorf("opening card reader %q: %w", name, device.ErrUnplugged)
}

// A closed reader stays where it is when it is closed.
type closed struct{ device.CardReader }

func (closed) Close() error { return nil }

// put puts a reader on the shelf; card is nil for none in it.
func (s *shelf) put(card *emrtdtest.Card) *emrtdtest.Reader {
	r := emrtdtest.NewReader()
	if card != nil {
		r.Insert(card)
	}
	s.add(r, card != nil)
	return r
}

func (s *shelf) add(r device.CardReader, card bool) {
	name := fmt.Sprintf("Acme Reader %02d 00", len(s.slots))
	if s.readers == nil {
		s.readers = map[string]device.CardReader{}
	}
	s.readers[name] = r
	s.slots = append(s.slots, pcsc.Slot{Name: name, Card: card, Info: device.Info{Maker: "Acme", Model: "Reader", Driver: "pcsc", Version: "1"}})
}

// A brokenReader has a card that cannot be had.
type brokenReader struct {
	*emrtdtest.Reader
	err error
}

func (b brokenReader) Card(context.Context) (device.Card, error) {
	return nil, fmt.Errorf("waiting for a card: %w", b.err)
}

// cardCase is a desk on which a test is made.
type cardCase struct {
	*bench
	*shelf
	card specimenCard
}

// newCardCase is a station that trusts the issuer of a specimen, and a technician
// who knows its zone.
func newCardCase(t *testing.T) *cardCase {
	t.Helper()
	card, trusted, err := specimen(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	c := &cardCase{newBench(), &shelf{}, card}
	c.home, c.key, c.table, c.only = t.TempDir(), card.Access(), c.shelf, []string{"card"}
	dir := filepath.Join(c.home, issuers)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "utopia"), trusted.Authorities()[0].Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// outcomes are the checks but for the issuers, in a line.
func (c *cardCase) outcomes() string {
	var list []string
	for _, k := range c.report.Checks {
		if k.Device == "reader" {
			list = append(list, k.ID+" "+string(k.Outcome))
		}
	}
	return strings.Join(list, ", ")
}

// told is everything that a person reads.
func (c *cardCase) told() string {
	var b strings.Builder
	for _, k := range c.report.Checks {
		fmt.Fprintln(&b, k.Measured(), k.Do)
	}
	return b.String()
}

func TestSelfTestOfCardReaders(t *testing.T) {
	const (
		there  = "service pass, readers pass, answers pass"
		before = there + ", seen pass, command pass, application pass, extended skipped, reset pass"
		read   = before + ", read pass, files pass"
	)
	for _, k := range []struct {
		name  string
		lay   func(*cardCase)
		want  string
		says  string
		wrong int // keys that the card saw
	}{
		{"the specimen", func(c *cardCase) { c.put(c.card.Card) },
			read + ", signature pass, content pass, genuine pass, belongs pass", "PACE-GM", 0},
		{"no key is given", func(c *cardCase) { c.put(c.card.Card); c.key = emrtd.Access{} },
			before + ", read skipped", "--mrz FILE or --can N", 0},
		{"opened by its access number", func(c *cardCase) { c.put(c.card.Card); c.key = emrtd.Access{CAN: "240917"} },
			read + ", signature pass, content pass, genuine pass, belongs warn", "--mrz instead of --can", 0},
		{"the service does not run", func(c *cardCase) { c.down = pcsc.ErrNoService },
			"service fail", "pcscd", 0},
		{"no reader is attached", func(*cardCase) {},
			"service pass, readers fail", "libccid", 0},
		{"no card lies there, and no key is given", func(c *cardCase) { c.put(nil); c.key = emrtd.Access{} },
			there + ", seen skipped", "lay a passport", 0},
		{"a mute card", func(c *cardCase) { c.add(brokenReader{emrtdtest.NewReader(), pcsc.ErrMute}, true) },
			there + ", seen fail, read skipped", "Turn the card over", 0},
		{"another program holds the card", func(c *cardCase) { c.add(brokenReader{emrtdtest.NewReader(), pcsc.ErrBusy}, true) },
			there + ", seen skipped, read skipped", "close the kiosk", 0},
		{"the service ends meanwhile", func(c *cardCase) { c.add(brokenReader{emrtdtest.NewReader(), pcsc.ErrNoService}, true) },
			there + ", seen fail, read skipped", "systemctl restart pcscd", 0},
		{"the card is taken away before it is opened", func(c *cardCase) { c.put(c.card.Card); c.card.RemovedAt = 3 },
			there + ", seen pass, command fail, read skipped", "Leave the card until", 0},
		{"the card is taken away while it is read", func(c *cardCase) { c.put(c.card.Card); c.card.RemovedAt = 20 },
			before + ", read fail", "Leave the card until", 0},
		{"a wrong number", func(c *cardCase) { c.put(c.card.Card); c.key = emrtd.Access{CAN: "111111"} },
			before + ", read fail", "it was tried once", 1},
		{"a wrong zone, and the card counts", func(c *cardCase) {
			c.put(c.card.Card)
			c.card.Tries = 3
			c.key = emrtd.Access{CAN: "111111"}
		}, before + ", read fail", "2 tries are left", 1},
		{"no issuer is installed", func(c *cardCase) { c.put(c.card.Card); c.home = t.TempDir() },
			read + ", signature warn, content pass, genuine pass, belongs pass", "optag chip trust FILE", 0},
		{"a face of another", func(c *cardCase) { c.put(c.card.Card); c.card.Files[lds.DG2][300] ^= 1 },
			read + ", signature pass, content fail, genuine pass, belongs pass", "a file is not the one that was signed", 0},
		{"a copy", func(c *cardCase) { c.put(c.card.Card); c.card.Clone = true },
			read + ", signature pass, content pass, genuine fail, belongs pass", "does not have the secret", 0},
		{"a signature of its holder that is not there", func(c *cardCase) { c.put(c.card.Card); delete(c.card.Files, lds.DG7) },
			before + ", read pass, files warn, signature pass, content fail, genuine pass, belongs pass", "but not EF.DG7", 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			c := newCardCase(t)
			c.named = true
			k.lay(c)
			c.cards(t.Context())
			if got := c.outcomes(); got != k.want || !strings.Contains(c.told(), k.says) {
				t.Errorf("%s, want\n%s with %q in\n%s", got, k.want, k.says, c.told())
			}
			if c.card.Wrong() != k.wrong || c.closed != 1 {
				t.Errorf("the card saw %d wrong keys, want %d; the service was closed %d times", c.card.Wrong(), k.wrong, c.closed)
			}
			for _, check := range c.report.Checks {
				if check.Outcome != selftest.Pass && check.Do == "" {
					t.Errorf("%s says nothing of what to do", check.ID)
				}
			}
		})
	}
}

// TestTheReaderThatTheSettingsName: a station whose settings name a reader is not
// in order without it.
func TestTheReaderThatTheSettingsName(t *testing.T) {
	for _, k := range []struct {
		name  string
		names string // in the settings
		lay   func(*cardCase)
		want  string // but for what is said of a reader that is there
		says  string
	}{
		{"the service does not run", "Acme", func(c *cardCase) { c.down = pcsc.ErrNoService }, "service fail", "pcscd"},
		{"no reader is attached", "Acme", func(*cardCase) {}, "service pass, readers fail", "libccid"},
		{"the one that is attached is called otherwise", "ACS ACR*PICC", func(c *cardCase) { c.put(nil) }, "service pass, readers fail", `opening card reader "ACS ACR*PICC"`},
		{"it is attached", "Acme", func(c *cardCase) { c.put(nil) }, "service pass, readers pass", "Acme Reader 00 00"},
		{"any will do", "", func(c *cardCase) { c.put(nil) }, "service pass, readers pass", "Acme Reader 00 00"},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := newCardCase(t)
			c.home, c.only, c.key = t.TempDir(), nil, emrtd.Access{}
			c.set.Cards = &station.Cards{Reader: k.names}
			k.lay(c)
			c.cards(t.Context())
			if got := strings.TrimSuffix(c.outcomes(), ", answers pass, seen skipped"); got != k.want || !strings.Contains(c.told(), k.says) {
				t.Errorf("%s, want %s with %q in\n%s", got, k.want, k.says, c.told())
			}
		})
	}
}

// TestAKeyIsTriedOnOneCard: with two cards in two readers, a key that is wrong for
// the first is not tried on the second.
func TestAKeyIsTriedOnOneCard(t *testing.T) {
	c := newCardCase(t)
	other := newCardCase(t)
	c.put(c.card.Card)
	c.put(other.card.Card)
	c.key = emrtd.Access{CAN: "111111"}
	c.cards(t.Context())
	if a, b := c.card.Wrong(), other.card.Wrong(); a != 1 || b != 0 {
		t.Errorf("%d and %d wrong keys, want 1 and none", a, b)
	}
}

// TestSelfTestWaitsForACard: who gives a key is asked for the card.
func TestSelfTestWaitsForACard(t *testing.T) {
	for _, k := range []struct {
		name  string
		after time.Duration
		want  string
	}{
		{"laid down after three seconds", 3 * time.Second, "service pass, readers pass, answers pass, seen pass, command pass, application pass, extended skipped, reset pass, " +
			"read pass, files pass, signature pass, content pass, genuine pass, belongs pass"},
		{"never laid down", time.Hour, "read fail, service pass, readers pass, answers pass, seen skipped"},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := newCardCase(t)
			var asked bytes.Buffer
			c.err = &asked
			today := c.now() // the clock of the test stands elsewhere
			synctest.Test(t, func(t *testing.T) {
				r := c.put(nil)
				c.now = func() time.Time { return today }
				begun := time.Now()
				c.table = lateShelf{c.shelf, func() bool {
					if time.Since(begun) < k.after {
						return false
					}
					r.Insert(c.card.Card)
					return true
				}}
				c.cards(t.Context())
			})
			if got := c.outcomes(); got != k.want || !strings.Contains(asked.String(), "lay the card into the reader") {
				t.Errorf("%s, want\n%s\n%s", got, k.want, asked.String())
			}
		})
	}
}

// A lateShelf has a card in its reader later.
type lateShelf struct {
	*shelf
	lies func() bool
}

func (s lateShelf) Slots(context.Context) ([]pcsc.Slot, error) {
	list := slices.Clone(s.slots)
	list[0].Card = s.lies()
	return list, nil
}

// TestAStationWithoutReader: is in order, unless it judges chips or is asked.
func TestAStationWithoutReader(t *testing.T) {
	for _, k := range []struct {
		name   string
		named  bool
		judges bool
		want   selftest.Outcome
	}{
		{"that reads no chips", false, false, selftest.Skipped},
		{"asked for its reader", true, false, selftest.Fail},
		{"with issuers installed", false, true, selftest.Fail},
	} {
		t.Run(k.name, func(t *testing.T) {
			for _, down := range []error{nil, pcsc.ErrNoService} {
				c := newCardCase(t)
				if c.only, c.named, c.down = nil, k.named, down; !k.judges {
					c.home = t.TempDir()
				}
				c.cards(t.Context())
				i := slices.IndexFunc(c.report.Checks, func(k selftest.Check) bool { return k.Outcome != selftest.Pass })
				if i < 0 || c.report.Checks[i].Outcome != k.want || c.report.Checks[i].Device != "reader" {
					t.Errorf("service %v: %+v, want %s", down, c.report.Checks, k.want)
				}
			}
		})
	}
}

// TestSelfTestOfAReaderBySerial: a part that is a serial number is that reader, and
// nothing else is looked at.
func TestSelfTestOfAReaderBySerial(t *testing.T) {
	c := newCardCase(t)
	c.put(c.card.Card)
	c.put(nil)
	c.slots[1].Serial = "4711"
	c.only = []string{"4711"}
	c.cards(t.Context())
	if len(c.report.Checks) != 2 || c.report.Checks[0].Serial != "4711" || !slices.Contains(c.met, "4711") {
		t.Errorf("%+v", c.report.Checks)
	}
}

// TestSelfTestTellsNothingOfTheHolder: no form of a report, no history and no line
// on the screen holds anything that is in the chip or opens it, whatever went wrong.
func TestSelfTestTellsNothingOfTheHolder(t *testing.T) {
	spec := emrtdtest.Specimen(nil, time.Now())
	secret := []string{spec.CAN, spec.Document.Number, string(spec.Document.Birth), string(spec.Document.Expiry), spec.Document.Key(), string(spec.Holder.Name),
		spec.Document.Names.Primary, spec.Document.Names.Secondary, spec.Document.Nationality, spec.Document.Issuer, spec.Holder.PersonalNumber, spec.Holder.Birth,
		"ZENITH", "UTOPIA", "HIGH STREET", "1990-08-12"}
	for name, spoil := range map[string]func(*cardCase){
		"all is well":    func(*cardCase) {},
		"another's face": func(c *cardCase) { c.card.Files[lds.DG2][300] ^= 1 },
		"a changed zone": func(c *cardCase) { c.card.Files[lds.DG1][30] ^= 1 },
		"a torn zone":    func(c *cardCase) { c.card.Files[lds.DG1] = c.card.Files[lds.DG1][:40] },
		"torn details":   func(c *cardCase) { c.card.Files[lds.DG11] = c.card.Files[lds.DG11][:30] },
		"the right zone of another card": func(c *cardCase) {
			c.key.MRZ = "L898902C3" + "6" + "740812" + "2" + "120415" + "9"
		},
		"a wrong number":   func(c *cardCase) { c.key = emrtd.Access{CAN: "240918"} },
		"taken away":       func(c *cardCase) { c.card.RemovedAt = 30 },
		"no issuer at all": func(c *cardCase) { c.home = t.TempDir() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCardCase(t)
			var out, errs bytes.Buffer
			c.out, c.err, c.dir = &out, &errs, t.TempDir()
			c.put(c.card.Card)
			spoil(c)
			secret := append(slices.Clone(secret), c.key.CAN, c.key.MRZ)
			c.cards(t.Context())
			_ = c.finish()
			c.json = true
			_ = c.finish()
			all := out.String() + errs.String()
			for _, file := range []string{filepath.Join(c.dir, "report.json"), filepath.Join(c.dir, "report.html"), filepath.Join(c.home, "selftest.jsonl")} {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				all += string(data)
			}
			for _, s := range secret {
				if s != "" && (strings.Contains(all, s) || len(s) > 3 && strings.Contains(strings.ToUpper(all), strings.ToUpper(s))) {
					t.Errorf("%q is told", s)
				}
			}
			if !strings.Contains(all, readName) || !json.Valid(out.Bytes()[bytes.LastIndex(out.Bytes(), []byte("\n{"))+1:]) {
				t.Errorf("no report: %s", all)
			}
		})
	}
}

func TestSelfTestRefusesAKeyToAChip(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"zone and number", []string{"--mrz", "zone", "--can", "123456", "card"}, 2, "one at a time"},
		{"a number of five digits", []string{"--can", "12345", "card"}, 2, "six digits"},
		{"a zone that is not there", []string{"--mrz", "/nowhere/zone", "card"}, 1, "/nowhere/zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, _, errs := runSelfTest(t, t.TempDir(), append([]string{"--simulate"}, c.args...)...); status != c.status || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, %q", status, errs)
			}
		})
	}
}

func TestCertificatesOfIssuers(t *testing.T) {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	of := func(state string, days int) *pa.Certificate {
		return &pa.Certificate{Subject: pa.Name{Country: state}, NotBefore: day.AddDate(-1, 0, 0), NotAfter: day.AddDate(0, 0, days)}
	}
	for _, c := range []struct {
		name string
		list []*pa.Certificate
		want string
		says string
	}{
		{"two states for years", []*pa.Certificate{of("DK", 3000), of("DE", 3000)},
			"issuers 2 pass, issuers_danish 1 pass, issuers_ending 0 pass, issuers_expired 0 pass", "states: 2"},
		{"no Danish one", []*pa.Certificate{of("DE", 3000)},
			"issuers 1 pass, issuers_danish 0 warn, issuers_ending 0 pass, issuers_expired 0 pass", "optag chip trust FILE"},
		{"the last Danish one ends in a month", []*pa.Certificate{of("DK", 30), of("DE", 3000)},
			"issuers 2 pass, issuers_danish 1 pass, issuers_ending 1 warn, issuers_expired 0 pass", "DK 2026-03-31"},
		{"an old Danish one ends beside a new one", []*pa.Certificate{of("DK", 30), of("DK", 3000)},
			"issuers 2 pass, issuers_danish 2 pass, issuers_ending 1 pass, issuers_expired 0 pass", "DK 2026-03-31"},
		{"it ends in 59 days, and in 60", []*pa.Certificate{of("DK", 59), of("SE", 60)},
			"issuers 2 pass, issuers_danish 1 pass, issuers_ending 1 warn, issuers_expired 0 pass", "is there for DK"},
		{"all Danish ones are expired", []*pa.Certificate{of("DK", -1), of("DK", -400), of("DE", 3000)},
			"issuers 3 pass, issuers_danish 0 warn, issuers_ending 0 pass, issuers_expired 2 warn", "DK 2026-02-28, DK 2025-01-25"},
		{"old ones of a master list", slices.Concat(slices.Repeat([]*pa.Certificate{of("SE", -1)}, 11), []*pa.Certificate{of("SE", 3000), of("DK", 3000)}),
			"issuers 13 pass, issuers_danish 1 pass, issuers_ending 0 pass, issuers_expired 11 pass", "3 more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench()
			b.now = func() time.Time { return day }
			var got, told []string
			for _, k := range b.certificates(c.list) {
				got = append(got, fmt.Sprintf("%s %g %s", k.ID, *k.Value, k.Outcome))
				told = append(told, k.Measured(), k.Do)
			}
			if s := strings.Join(got, ", "); s != c.want || !strings.Contains(strings.Join(told, "\n"), c.says) {
				t.Errorf("%s, want\n%s with %q in\n%s", s, c.want, c.says, strings.Join(told, "\n"))
			}
		})
	}
}

// TestACardThatLeavesAtAnyCommand: whenever the card is taken away, or says
// nothing more, one check failed, says what to do, and is the last of the card's.
func TestACardThatLeavesAtAnyCommand(t *testing.T) {
	for _, k := range []struct {
		name  string
		fault func(c *emrtdtest.Card, at int)
		says  string
	}{
		{"taken away", func(c *emrtdtest.Card, at int) { c.RemovedAt = at }, "Leave the card until"},
		{"silent", func(c *emrtdtest.Card, at int) { c.SilentAt = at }, "Pull the plug out"},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			c := newCardCase(t)
			for at := 1; ; at++ {
				k.fault(c.card.Card, at)
				c.slots = nil
				c.put(c.card.Card)
				c.report = selftest.Report{}
				c.cards(t.Context())
				if c.report.Failures == 0 {
					if at < 30 {
						t.Errorf("all is well after %d commands", at)
					}
					return
				}
				if c.report.Failures != 1 || !strings.Contains(c.told(), k.says) || strings.Contains(c.outcomes(), "signature") {
					t.Fatalf("at command %d: %s\n%s", at, c.outcomes(), c.told())
				}
			}
		})
	}
}
