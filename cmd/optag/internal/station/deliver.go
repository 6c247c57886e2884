package station

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"optag/capture"
	"optag/cmd/internal/trust"
	"optag/queue"
	"optag/queue/seal"
	"optag/queue/upload"
	"optag/ui/flow"
)

// QueueDir is where a home keeps its queue.
func QueueDir(home string) string { return filepath.Join(home, "queue") }

// claim reads out of a verified receipt what the queue compares.
func claim(r seal.Receipt) (queue.Claim, error) {
	c := queue.Claim{PackageID: r.PackageID}
	sum, err := hex.DecodeString(r.SHA256)
	if err != nil || len(sum) != len(c.SHA256) {
		return queue.Claim{}, errors.New("the receipt holds no hash")
	}
	copy(c.SHA256[:], sum)
	return c, nil
}

// sealCase finishes the session and puts it into the queue, sealed.
func (s *Station) sealCase(session *capture.Session) {
	officer := ""
	if o := s.counter.Officer; o != nil {
		officer = o.ID
	}
	id, err := s.drafts.packageID()
	if err != nil {
		s.sealFailed(err)
		return
	}
	record, parts, err := session.Finish(s.opt.Identity.ID, officer, s.now())
	if err != nil {
		s.sealFailed(err)
		return
	}
	rec, err := enqueue(s.queue, s.opt.Identity, s.opt.Service, s.actor(), id, record, parts)
	if err != nil {
		s.sealFailed(err)
		return
	}
	s.step(flow.Sealed{Package: rec.ID, Size: rec.Size})
}

// sealFailed reports in a code why nothing was queued. The session is as it was.
func (s *Station) sealFailed(err error) {
	s.tech.Error("sealing", "code", sealCode(err), "err", err)
	s.step(flow.SealFailed{Cause: sealCode(err)})
}

// sealCode is the code of why nothing was queued.
func sealCode(err error) string {
	if _, faults := capture.AsFaults(err); faults {
		return "faults"
	}
	if errors.Is(err, queue.ErrFull) {
		return "full"
	}
	return "failed"
}

// deliver sends what waits, whenever it is asked to and every now and then.
func (s *Station) deliver() {
	const patience = 20 * time.Second
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.kick:
		case <-timer.C:
		}
		s.drain(s.ctx)
		timer.Reset(patience)
	}
}

func (s *Station) drain(ctx context.Context) {
	waiting, err := s.queue.Waiting()
	if err != nil || len(waiting) == 0 {
		return
	}
	done, err := Drain(ctx, s.queue, s.client, func(id string) { s.Send(flow.Sent{Package: id}) })
	for _, r := range waiting {
		s.settled(r.ID)
	}
	if len(done.Delivered) > 0 {
		if err := s.queue.Scrub(ctx, "station"); err != nil && ctx.Err() == nil {
			s.tech.Warn("scrubbing the queue", "err", err)
		}
	}
	if err != nil && ctx.Err() == nil {
		s.tech.Info("delivery put off", "err", err)
		s.Send(flow.NotSent{})
	}
	s.refreshSoon()
}

// settled reports how a package stands after a delivery.
func (s *Station) settled(id string) {
	r, err := s.queue.Show(id)
	if err != nil {
		return
	}
	switch r.State {
	case queue.Delivered:
		s.Send(flow.Delivered{Package: id, Receipt: ShortReceipt(r.SHA256)})
	case queue.Refused, queue.Damaged:
		s.Send(flow.NotSent{Package: id, Refused: r.Reason})
	}
}

// ShortReceipt is the form of a receipt that fits on paper: eight letters of
// the package's hash.
func ShortReceipt(sha256 string) string {
	if len(sha256) < 8 {
		return ""
	}
	up := strings.ToUpper(sha256[:8])
	return up[:4] + "-" + up[4:]
}

// Drain delivers what waits in a queue. sent is told of each package when the
// service has all of it; it may be nil.
func Drain(ctx context.Context, q *queue.Queue, c *upload.Client, sent func(id string)) (queue.Delivery, error) {
	return q.Drain(ctx, "station", func(ctx context.Context, p queue.Package) ([]byte, error) {
		up := upload.Package{ID: p.ID, SHA256: p.Sum(), Size: p.Size, Body: p, Tried: p.Tried}
		up.Progress = func(n int64) {
			if n == p.Size && sent != nil {
				sent(p.ID)
			}
		}
		receipt, err := c.Send(ctx, up)
		var refused *upload.RefusedError
		if errors.As(err, &refused) {
			return nil, refusal{refused}
		}
		return receipt, err
	})
}

// refusal is a service's refusal as the queue understands it.
type refusal struct{ *upload.RefusedError }

func (r refusal) Refused() string { return string(r.Code) }

// Enqueue seals a finished record for the service and queues it.
func Enqueue(q *queue.Queue, id *trust.Station, sv *trust.Service, r capture.Record, parts []capture.Part) (queue.Record, error) {
	packageID, err := seal.NewPackageID(random)
	if err != nil {
		return queue.Record{}, fmt.Errorf("queueing the package: %w", err)
	}
	return enqueue(q, id, sv, actor(r), packageID, r, parts)
}

// enqueue queues under an id that was given out before.
func enqueue(q *queue.Queue, id *trust.Station, sv *trust.Service, by, packageID string, r capture.Record, parts []capture.Part) (queue.Record, error) {
	sealed := make([]seal.Part, len(parts))
	for i, p := range parts {
		sealed[i] = seal.Part{Name: p.Name, MediaType: p.MediaType, Data: p.Data}
	}
	rec, err := add(q, id, sv, by, sealed, func(sequence uint64, previous [32]byte) (seal.Manifest, seal.Part, error) {
		return manifest(r, packageID, sequence, previous)
	})
	if err != nil {
		return queue.Record{}, fmt.Errorf("queueing the package: %w", err)
	}
	return rec, nil
}

// add seals parts under the manifest that about makes for their place in the
// station's chain, with one part more of about's, and wipes them.
func add(q *queue.Queue, id *trust.Station, sv *trust.Service, by string, parts []seal.Part,
	about func(sequence uint64, previous [32]byte) (seal.Manifest, seal.Part, error)) (queue.Record, error) {
	defer seal.Wipe(parts)
	return q.Add(by, func(sequence uint64, previous [32]byte) (string, []byte, error) {
		m, key, err := about(sequence, previous)
		if err != nil {
			return "", nil, err
		}
		with := append(parts[:len(parts):len(parts)], key)
		blob, err := seal.Seal(random, m, with, sv.Recipients, id.Signer(sv))
		return m.PackageID, blob, err
	})
}

// actor is by whom the log says that a package was queued: whoever is logged in.
func (s *Station) actor() string {
	if o := s.counter.Officer; o != nil {
		return o.Actor()
	}
	return "station"
}

// actor is by whom a record says that it was made.
func actor(r capture.Record) string {
	if r.Officer == "" {
		return "station"
	}
	return r.Officer
}
