package station

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"time"

	"optag/device"
	"optag/queue"
	"optag/ui/flow"
)

// outside is what the status bar tells of the world around the counter.
type outside struct {
	telling sync.Mutex // held while the counter is told; protects now and whole
	now     flow.Status
	whole   map[string]bool // parts that were looked at once

	mu   sync.Mutex // protects soon
	soon chan struct{}
}

// How often the world is looked at. What is plugged in or pulled out shows
// within two seconds: a look at the buses takes a tenth of one.
const (
	everyStatus = 5 * time.Second
	everyPlug   = time.Second
)

// refreshSoon has the status bar brought up to date without waiting.
func (s *Station) refreshSoon() {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.soon != nil {
		close(s.seen.soon)
		s.seen.soon = nil
	}
}

// tellStatus changes a part of the status and tells the counter, once every part
// is known. It is not called on the station's own goroutine, which it waits for.
func (s *Station) tellStatus(part string, change func(*flow.Status)) {
	s.seen.telling.Lock()
	defer s.seen.telling.Unlock()
	if s.seen.whole == nil {
		s.seen.whole = map[string]bool{}
	}
	change(&s.seen.now)
	s.seen.whole[part] = true
	if len(s.seen.whole) == 2 {
		s.Send(flow.StatusIs{Status: s.seen.now})
	}
}

// watchOutside asks network, queue, disk and keys how they are, every few
// seconds.
func (s *Station) watchOutside() {
	for s.ctx.Err() == nil {
		soon := make(chan struct{})
		s.seen.mu.Lock()
		s.seen.soon = soon
		s.seen.mu.Unlock()
		st := s.status()
		s.tellStatus("outside", func(all *flow.Status) {
			st.Devices, st.Expected, st.Attached = all.Devices, all.Expected, all.Attached
			*all = st
		})
		select {
		case <-s.ctx.Done():
		case <-soon:
		case <-time.After(everyStatus):
		}
	}
}

// watchDevices looks every second whether the devices are there. One that is
// gone, and each when the buses have changed, is opened to be asked; one that
// is in use is known from its use.
func (s *Station) watchDevices() {
	before, told := "", []flow.Attached(nil)
	for first := true; s.ctx.Err() == nil; first = false {
		buses, ask := "", true // without a way to look at the buses, each is asked
		if s.opt.Buses != nil {
			buses = s.opt.Buses()
			ask = first || buses != before
		}
		if ask && !first {
			s.plugged()
		}
		before = buses
		if there := s.attached(ask); first || !slices.Equal(told, there) {
			told = there
			s.tellStatus("devices", func(all *flow.Status) {
				all.Attached, all.Expected, all.Devices = there, len(there), 0
				for _, d := range there {
					if !d.Gone {
						all.Devices++
					}
				}
			})
		}
		select {
		case <-s.ctx.Done():
		case <-time.After(everyPlug):
		}
	}
}

// plugged tries at once what was lost in use: something was plugged in.
func (s *Station) plugged() {
	s.scanner.plugged()
	s.camera.plugged()
	if s.reader != nil {
		s.reader.plugged()
	}
	if s.cards != nil {
		s.cards.plugged()
	}
}

// attached are the devices that should be there; ask has those that are not in
// use opened.
func (s *Station) attached(ask bool) []flow.Attached {
	state := func(kind string, info device.Info, known bool) flow.Attached {
		return flow.Attached{Kind: kind, Gone: !known, Info: info}
	}
	info, known := s.scanner.state(ask || s.opt.OpenCapturer != nil)
	there := []flow.Attached{state("scanner", info, known)}
	info, known = s.camera.state(ask || s.opt.AskCamera)
	there = append(there, state("camera", info, known))
	if s.reader != nil {
		info, known = s.reader.last()
		there = append(there, state("mrz", info, known))
	}
	if s.cards != nil {
		info, known = s.cards.state(ask)
		there = append(there, state("card", info, known))
	}
	return there
}

// selfTest has the devices tested, while the counter leaves them alone.
func (s *Station) selfTest() {
	var t flow.SelfTest
	if s.opt.SelfTest != nil {
		defer s.scanner.hold()()
		defer s.camera.hold()()
		if s.cards != nil {
			defer s.cards.hold()()
		}
		if s.reader != nil { // which is in use as long as the station runs
			s.reader.end()
			defer s.reader.start()
			defer s.reader.hold()()
		}
		t = s.opt.SelfTest(s.ctx)
	}
	s.Send(flow.SelfTested{Test: t})
}

func (s *Station) status() flow.Status {
	st := flow.Status{FreeGB: freeGB(s.opt.Home), Online: s.online()}
	if c := s.opt.Service.Certificate; c != nil {
		st.KeysUntil = c.NotAfter
	}
	s.statusOfQueue(&st)
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
