package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/pa"
	"optag/device/selftest"
)

// readLimit is how long reading a chip may take, in seconds; ours. A face of 20
// kB in short commands takes some five.
var readLimit = selftest.Limit{Good: 10, Bad: 30}

const readName = "Chip opened and read in"

// chip opens the chip in a reader with the technician's key and reads all of it.
// The key is tried on one card and once. The checks tell how it went and what is
// proven; of what was read they hold nothing, not even which state issued it.
func (b *bench) chip(ctx context.Context, c *chipBench, r device.CardReader, long bool) []selftest.Check {
	switch {
	case c.access == (emrtd.Access{}):
		return []selftest.Check{selftest.Skip("read", readName, "Run again with --mrz FILE or --can N of the document that lies there.")}
	case c.tried:
		return []selftest.Check{selftest.Skip("read", readName, "The key was tried on another card.")}
	}
	waiting, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	card, err := r.Card(waiting)
	if err != nil {
		return []selftest.Check{selftest.Say("read", readName, selftest.Fail, oneLine(err), adviseCard(err))}
	}
	defer card.Close()
	c.tried = true
	begun := time.Now()
	chip, err := emrtd.Read(ctx, card, c.access, emrtd.Options{Random: rand.Reader, Today: b.now(), Trust: c.trust, Extended: long})
	if err != nil {
		return []selftest.Check{selftest.Say("read", readName, selftest.Fail, oneLine(chipError(err)), adviseCard(err))}
	}
	defer chip.Wipe()
	took := selftest.Judge("read", readName, time.Since(begun).Seconds(), "s", readLimit, "Lay the card flat and alone; try another card; then a reader that takes extended lengths.")
	took.Text = chip.Opened
	return append([]selftest.Check{took, fileCheck(chip)}, proven(chip)...)
}

// fileCheck says which files there were. Fingers are closed to this station, which
// is in order.
func fileCheck(chip *emrtd.Chip) selftest.Check {
	var names, bad []string
	for f := range chip.Files {
		names = append(names, f.String())
	}
	slices.Sort(names)
	for _, g := range chip.Groups {
		if g.Err != nil {
			bad = append(bad, g.File.String())
		}
	}
	c := selftest.Say("files", "Files read", selftest.Pass, fmt.Sprintf("%d: %s", len(names), strings.Join(names, ", ")), "")
	if len(bad) > 0 {
		c = selftest.Say(c.ID, c.Name, selftest.Warn, fmt.Sprintf("%d, but not %s", len(names), strings.Join(bad, ", ")), "Try another card: if its files are read, it was the card.")
	}
	return c
}

// proven are the four results, each for itself.
func proven(chip *emrtd.Chip) []selftest.Check {
	var checks []selftest.Check
	for _, p := range []struct {
		id, name string
		emrtd.Result
	}{
		{"signature", "Signature is of a trusted issuer", chip.Signature}, {"content", "Files are those that were signed", chip.Content},
		{"genuine", "Chip is no copy", chip.Genuine}, {"belongs", "Chip is that of the document", chip.Belongs},
	} {
		switch p.Verdict {
		case emrtd.OK:
			checks = append(checks, selftest.Say(p.id, p.name, selftest.Pass, string(p.Verdict), ""))
		case emrtd.Failed:
			checks = append(checks, selftest.Say(p.id, p.name, selftest.Fail, string(p.Why), adviseProof(p.Why)))
		default:
			checks = append(checks, selftest.Say(p.id, p.name, selftest.Warn, string(p.Verdict)+": "+string(p.Why), adviseProof(p.Why)))
		}
	}
	return checks
}

// adviseProof says what to do where something is not proven.
func adviseProof(why emrtd.Reason) string {
	switch why {
	case emrtd.AuthorityUnknown, emrtd.AuthorityWrong, emrtd.SignerUnknown:
		return "Install the issuers' certificates of today: optag chip trust FILE. If they are, the document may be forged."
	case emrtd.SignerExpired:
		return "See that the clock is right, and try a document that was issued lately."
	case emrtd.NoMRZ:
		return "Run again with --mrz instead of --can."
	case emrtd.NoProtocol:
		return "Nothing: some chips cannot show it. Try another card."
	case emrtd.OtherDocument:
		return "See that the zone is that of the document which lies there."
	}
	return "Try another card. If it is this one alone, keep it apart and tell the issuer; it is not the reader."
}

const installIssuers = "Install the master list of today, and the Danish certificates: optag chip trust FILE."

// soon is how long before its end a certificate is told of.
const soon = 60 * 24 * time.Hour

// issuerChecks look at the certificates that chips are judged by. Old ones are
// kept as long as documents live that were signed under them; so what ends is to
// be looked at only where a state is left with none.
func (b *bench) issuerChecks(t *pa.Trust, needed bool, err error) []selftest.Check {
	const name, do = "Certificates of issuers", installIssuers
	switch {
	case err != nil:
		return []selftest.Check{selftest.Say("issuers", name, selftest.Fail, oneLine(err), do)}
	case t == nil && !needed && !b.named:
		return []selftest.Check{selftest.Skip("issuers", name, "None is installed, and no reader of cards is attached.")}
	case t == nil || len(t.Authorities()) == 0:
		return []selftest.Check{selftest.Say("issuers", name, selftest.Warn, "none is installed: of no chip is it known who signed it", do)}
	}
	return b.certificates(t.Authorities())
}

// certificates look at those that are installed, which are some.
func (b *bench) certificates(list []*pa.Certificate) []selftest.Check {
	const do = installIssuers
	i := b.ends(list)
	count := selftest.Judge("issuers", "Certificates of issuers", float64(len(list)), "", someLimit, do)
	count.Text = fmt.Sprintf("states: %d", len(i.lasts))
	danish := selftest.Skip("issuers_danish", "Danish issuers in force", "The specimen's issuer is of no state.")
	if !b.simulate {
		danish = selftest.Judge(danish.ID, danish.Name, float64(i.danish), "", someLimit, do)
		if danish.Outcome == selftest.Fail {
			danish.Outcome = selftest.Warn
		}
	}
	return []selftest.Check{count, danish, i.told("issuers_ending", "Issuers that end within 60 days", i.ending, do), i.told("issuers_expired", "Issuers that are expired", i.expired, do)}
}

// ends are authorities by when they end.
type ends struct {
	ending, expired []*pa.Certificate
	lasts           map[string]bool // by state: one of its certificates is in force for long yet
	danish          int             // in force
}

func (b *bench) ends(list []*pa.Certificate) ends {
	e, now := ends{lasts: map[string]bool{}}, b.now()
	for _, c := range list {
		if c.Subject.Country == "DK" && c.ValidOn(now) {
			e.danish++
		}
		switch left := c.NotAfter.Sub(now); {
		case left <= 0:
			e.expired = append(e.expired, c)
		case left < soon:
			e.ending = append(e.ending, c)
		}
		e.lasts[c.Subject.Country] = e.lasts[c.Subject.Country] || c.NotAfter.Sub(now) >= soon
	}
	byEnd := func(x, y *pa.Certificate) int { return x.NotAfter.Compare(y.NotAfter) }
	slices.SortStableFunc(e.ending, byEnd)
	slices.SortStableFunc(e.expired, func(x, y *pa.Certificate) int { return byEnd(y, x) })
	return e
}

// namedMost is how many certificates a check names.
const namedMost = 8

// told is the check of certificates that ended or are about to.
func (e ends) told(id, name string, list []*pa.Certificate, do string) selftest.Check {
	n := float64(len(list))
	c := selftest.Check{ID: id, Name: name, Outcome: selftest.Pass, Value: &n}
	var words, bare []string
	for i, cert := range list {
		if state := or(cert.Subject.Country, "no state"); i < namedMost {
			words = append(words, state+" "+cert.NotAfter.Format(time.DateOnly))
		}
		if state := cert.Subject.Country; !e.lasts[state] && !slices.Contains(bare, state) {
			bare = append(bare, state)
		}
	}
	if len(list) > namedMost {
		words = append(words, fmt.Sprintf("%d more", len(list)-namedMost))
	}
	c.Text = strings.Join(words, ", ")
	if len(bare) > 0 {
		slices.Sort(bare)
		c.Outcome, c.Do = selftest.Warn, "No certificate that lasts is there for "+strings.Join(bare, ", ")+". "+do
	}
	return c
}

// chipKey is the key to a chip that the technician gives; zero without any.
func (b *bench) chipKey(zone, can string) (emrtd.Access, error) {
	if zone != "" && can != "" {
		return emrtd.Access{}, usageError("optag selftest: --mrz FILE or --can N, one at a time")
	}
	return b.access(zone, can)
}
