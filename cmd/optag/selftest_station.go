package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"optag/capture/finger/nfiq2"
	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device/selftest"
	"optag/queue"
)

// The limits of the station. All ours; the screen warns of certificates and of
// the disk by the same.
var (
	diskLimit  = selftest.Limit{Good: 5, Bad: 1, Least: true}  // GB
	daysLimit  = selftest.Limit{Good: 14, Bad: 0, Least: true} // days
	clockLimit = selftest.Limit{Good: 2, Bad: 120}             // seconds
	pingLimit  = selftest.Limit{Good: 2000, Bad: 30_000}       // milliseconds
	someLimit  = selftest.Limit{Good: 1, Bad: 1, Least: true}  // at least one
	queueLimit = selftest.Limit{Good: 50, Bad: 99}             // per cent
)

// access asks the system whether this user may read and write.
func access(path string) error {
	const read, write = 4, 2
	return syscall.Access(path, read|write)
}

// disk checks the room for packages.
func (b *bench) disk() []selftest.Check {
	dir := b.home
	for {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(dir, &fs); err == nil {
			free := float64(fs.Bavail) * float64(fs.Bsize) / 1e9
			return []selftest.Check{selftest.Judge("disk", "Free disk", free, "GB", diskLimit, "Make room on the disk of "+b.home+".")}
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent // a home that is still to be made
			continue
		}
		return []selftest.Check{selftest.Say("disk", "Free disk", selftest.Fail, "cannot be read", "Check that the disk of "+b.home+" is mounted.")}
	}
}

// queueChecks reads everything in the queue.
func queueChecks(home string, now func() time.Time) []selftest.Check {
	const name = "Queue and log"
	if _, err := os.Stat(station.QueueDir(home)); errors.Is(err, fs.ErrNotExist) {
		return []selftest.Check{selftest.Skip("queue", name, "There is no queue yet.")}
	}
	service, _ := trust.LoadService(home)
	q, err := station.OpenQueue(home, service, now)
	if err != nil {
		return []selftest.Check{selftest.Skip("queue", name, "It could not be opened ("+oneLine(err)+"): close the kiosk, and run again.")}
	}
	defer q.Close()
	r, err := q.Verify()
	var stats queue.Stats
	if err == nil {
		stats, err = q.Stats()
	}
	switch {
	case err != nil:
		return []selftest.Check{selftest.Say("queue", name, selftest.Fail, oneLine(err), "Keep the disk as it is, and call the support.")}
	case !r.OK():
		return []selftest.Check{selftest.Say("queue", name, selftest.Fail, verdict(r), "Keep the disk as it is, and call the support; optag queue verify tells more.")}
	}
	return []selftest.Check{
		selftest.Say("queue", name, selftest.Pass, fmt.Sprintf("%d packages and %d lines of the log verified", r.Bodies, r.Leaves), ""),
		selftest.Judge("queue_room", "Queue filled", float64(stats.Percent), "%", queueLimit, "Connect the station to the network, or export the packages (optag queue export)."),
	}
}

// modelChecks looks at the model of NFIQ 2.
func (b *bench) modelChecks() []selftest.Check {
	const name = "Model of NFIQ 2"
	switch _, state := openModel(b.home, nfiq2.ModelMD5); state.State {
	case "installed":
		return []selftest.Check{selftest.Say("model", name, selftest.Pass, "installed, MD5 "+state.MD5, "")}
	case "refused":
		return []selftest.Check{selftest.Say("model", name, selftest.Fail, "refused", state.Reason)}
	default:
		return []selftest.Check{selftest.Say("model", name, selftest.Warn, "missing; prints are scored by the estimate", state.Reason)}
	}
}

// A wire is how the station reaches its service; nil in a station that cannot.
type wire struct {
	service *trust.Service
	client  *http.Client
}

// keyChecks looks at the keys of the station and of the service.
func (b *bench) keyChecks(home string) ([]selftest.Check, *wire) {
	id, service, err := (&env{home: home}).keys()
	if err != nil {
		return []selftest.Check{selftest.Say("keys", "Keys", selftest.Fail, "missing or not to be read", oneLine(err))}, nil
	}
	registered := selftest.Say("keys", "Signing key known to the service", selftest.Pass, "", "")
	if s := id.Signer(service); s == nil || !slices.Contains(service.StationKeys, s.Public().ID()) {
		registered = selftest.Say("keys", registered.Name, selftest.Fail, "not registered", "Give the service the output of optag keys show, and its answer to optag keys trust.")
	} else {
		registered.Text = "key " + s.Public().ID()
	}
	const renew = "Give the service the output of optag keys show, and its answer to optag keys trust."
	checks := []selftest.Check{registered,
		selftest.Judge("recipients", "Recipients a package is sealed to", float64(len(service.Recipients)), "", someLimit, renew),
		selftest.Judge("receipt_keys", "Keys whose receipts count", float64(len(service.ReceiptKeys)), "", someLimit, renew)}
	days := func(t time.Time) float64 { return t.Sub(b.now()).Hours() / 24 }
	if service.Certificate == nil {
		checks = append(checks, selftest.Say("certificate", "Certificate", selftest.Fail, "none", renew))
		return checks, nil
	}
	checks = append(checks, selftest.Judge("certificate", "Certificate is good for", days(service.Certificate.NotAfter), "days", daysLimit, renew))
	if service.Authority != nil {
		checks = append(checks, selftest.Judge("authority", "Authority of the service is good for", days(service.Authority.NotAfter), "days", daysLimit, "Ask the service for its new file, for optag keys trust."))
	}
	conf, err := id.ClientTLS(service)
	if err != nil {
		return checks, nil
	}
	return checks, &wire{service, &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment}}}
}

// networkChecks asks the service whether it is there, and what time it is. The
// second answer counts, which makes no connection.
func (b *bench) networkChecks(ctx context.Context, w *wire) (network, clock []selftest.Check) {
	const netName, clockName = "Service answers in", "Clock"
	if w == nil {
		const why = "There are no keys to reach a service with."
		return []selftest.Check{selftest.Skip("network", netName, why)}, []selftest.Check{selftest.Skip("clock", clockName, why)}
	}
	defer w.client.CloseIdleConnections()
	var took, skew time.Duration
	var err error
	for range 2 {
		if took, skew, err = w.ask(ctx, b.now); err != nil {
			return []selftest.Check{selftest.Say("network", netName, selftest.Warn, oneLine(err), "Check cable and network; work goes on without, and packages wait here, sealed. A clock that is wrong keeps a station out, too.")},
				[]selftest.Check{selftest.Skip("clock", clockName, "The service was not reached.")}
		}
	}
	off := skew.Seconds()
	c := selftest.Judge("clock", clockName, max(off, -off), "s", clockLimit, "Set the clock, and let it follow a time server.")
	if c.Text = "behind the service's"; off > 0 {
		c.Text = "ahead of the service's"
	}
	return []selftest.Check{selftest.Judge("network", netName, float64(took.Milliseconds()), "ms", pingLimit, "Ask for a better line.")}, []selftest.Check{c}
}

// ask returns how long an answer took, and how far this clock is ahead of the
// service's, which tells whole seconds.
func (w *wire) ask(ctx context.Context, now func() time.Time) (took, ahead time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.service.URL+"/v1/ping", nil)
	if err != nil {
		return 0, 0, err
	}
	begun := now()
	a, err := w.client.Do(r)
	if err != nil {
		return 0, 0, err
	}
	took = now().Sub(begun)
	a.Body.Close()
	if a.StatusCode/100 != 2 {
		return 0, 0, fmt.Errorf("asking the service: %s", a.Status)
	}
	date, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		return 0, 0, fmt.Errorf("asking the service: no date in its answer: %w", err)
	}
	return took, begun.Add(took / 2).Sub(date.Add(500 * time.Millisecond)), nil
}
