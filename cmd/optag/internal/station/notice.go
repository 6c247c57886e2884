package station

import (
	"encoding/hex"
	"fmt"

	"optag/capture/notice"
	"optag/capture/rule"
	"optag/cmd/internal/trust"
	"optag/queue"
	"optag/queue/seal"
	"optag/ui/flow"
)

// Law is what the settings say of the law on notices.
func (s Settings) Law() notice.Settings {
	return notice.Settings{Law: s.Profile.Law, Categories: s.Profile.Eurodac}
}

// makeNotice seals and queues the notice that the clerk has written.
func (s *Station) makeNotice(n notice.Notice) {
	rec, err := enqueueNotice(s.queue, s.opt.Identity, s.opt.Service, s.actor(), n)
	if err != nil {
		s.tech.Error("sealing a notice", "code", sealCode(err), "err", err)
		s.step(flow.NoticeFailed{Cause: sealCode(err)})
		return
	}
	s.step(flow.NoticeQueued{Package: rec.ID})
}

// EnqueueNotice seals a notice for the service and queues it, as a capture's
// package is.
func EnqueueNotice(q *queue.Queue, id *trust.Station, sv *trust.Service, n notice.Notice) (queue.Record, error) {
	return enqueueNotice(q, id, sv, n.Officer, n)
}

func enqueueNotice(q *queue.Queue, id *trust.Station, sv *trust.Service, by string, n notice.Notice) (queue.Record, error) {
	packageID, err := seal.NewPackageID(random)
	if err != nil {
		return queue.Record{}, fmt.Errorf("queueing the notice: %w", err)
	}
	text, err := n.Encode()
	if err != nil {
		return queue.Record{}, fmt.Errorf("queueing the notice: %w", err)
	}
	parts := []seal.Part{{Name: notice.PartName, MediaType: notice.MediaType, Data: text}}
	rec, err := add(q, id, sv, by, parts, func(sequence uint64, previous [32]byte) (seal.Manifest, seal.Part, error) {
		hash, key, err := caseHash(n.Capture.Number)
		return noticeManifest(n, packageID, hash, sequence, previous), key, err
	})
	if err != nil {
		return queue.Record{}, fmt.Errorf("queueing the notice: %w", err)
	}
	return rec, nil
}

// noticeManifest says of a notice what may be read from outside: of which
// purpose it is, for whom, and by which provision. Of whom, and of which
// capture, stays inside.
func noticeManifest(n notice.Notice, id, caseHash string, sequence uint64, previous [32]byte) seal.Manifest {
	d := seal.Decision{LawDate: n.Day.String(), Prints: string(rule.NoPrints)}
	for _, g := range n.Grounds {
		d.Grounds = append(d.Grounds, seal.Ground{Code: g.Code, Source: g.Source})
	}
	return seal.Manifest{
		Kind: seal.KindNotice, PackageID: id, Case: caseHash, Station: n.Station, Sequence: sequence,
		Previous: hex.EncodeToString(previous[:]), Created: second(n.MadeAt), Officer: n.Officer, Software: Version,
		Purpose: string(n.Capture.Purpose), Controller: string(n.Controller), Decision: d,
	}
}
