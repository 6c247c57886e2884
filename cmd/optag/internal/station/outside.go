package station

import (
	"context"
	"sync"
	"syscall"
	"time"

	"optag/device"
	"optag/queue"
	"optag/ui/flow"
)

// outside is what the status bar tells of the world around the counter.
type outside struct {
	mu   sync.Mutex // protects soon
	soon chan struct{}
}

// refreshSoon has the status bar brought up to date without waiting.
func (s *Station) refreshSoon() {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.soon != nil {
		close(s.seen.soon)
		s.seen.soon = nil
	}
}

// watchOutside asks network, queue, disk and keys how they are, every few
// seconds.
func (s *Station) watchOutside() {
	const every = 5 * time.Second
	for s.ctx.Err() == nil {
		s.Send(flow.StatusIs{Status: s.status()})
		soon := make(chan struct{})
		s.seen.mu.Lock()
		s.seen.soon = soon
		s.seen.mu.Unlock()
		select {
		case <-s.ctx.Done():
		case <-soon:
		case <-time.After(every):
		}
	}
}

func (s *Station) status() flow.Status {
	st := flow.Status{Expected: 2, FreeGB: freeGB(s.opt.Home), Online: s.online()}
	if c := s.opt.Service.Certificate; c != nil {
		st.KeysUntil = c.NotAfter
	}
	s.statusOfQueue(&st)
	for _, state := range []func() (device.Info, bool){s.scanner.state, s.camera.state} {
		if info, known := state(); known {
			st.Devices++
			st.Attached = append(st.Attached, info)
		}
	}
	return st
}

func (s *Station) online() bool {
	ctx, stop := context.WithTimeout(s.ctx, 3*time.Second)
	defer stop()
	return s.client.Ping(ctx) == nil
}

func (s *Station) statusOfQueue(st *flow.Status) {
	stats, err := s.queue.Stats()
	if err != nil {
		s.tech.Error("asking the queue", "err", err)
		return
	}
	st.Waiting, st.Stuck = stats.Waiting, stats.Refused+stats.Damaged
	records, err := s.queue.List()
	if err != nil {
		return
	}
	year, month, day := s.now().Date()
	midnight := time.Date(year, month, day, 0, 0, 0, 0, s.now().Location())
	for _, r := range records {
		if r.State == queue.Delivered {
			if r.Changed.After(midnight) {
				st.Delivered++
			}
			continue
		}
		st.Packages = append(st.Packages, flow.Package{ID: r.ID, State: string(r.State),
			Sealed: r.QueuedAt, Size: r.Size, Tries: r.Failures, Problem: r.Reason})
	}
}

// freeGB is the room left on the disk of the home.
func freeGB(home string) int {
	var fs syscall.Statfs_t
	if syscall.Statfs(home, &fs) != nil {
		return 0
	}
	return int(fs.Bavail * uint64(fs.Bsize) >> 30)
}
