package v4l2

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"optag/device"
)

const (
	buffers  = 4                     // asked for; a driver may give more, or fewer
	turn     = 50 * time.Millisecond // how long one poll waits, and so how late a cancelled sequence may end
	restarts = 1                     // of a stream, without a single good picture
)

// A yieldFunc takes a picture.
type yieldFunc = device.Yield[device.Picture]

// Stats count what a camera delivered since it was opened. Pictures that were
// passed over because a newer one was there are Passed, not Dropped.
type Stats struct {
	Pictures int // yielded
	Stills   int // of these, with Encoded
	Dropped  int // lost before they reached this program, by their sequence numbers
	Torn     int // marked faulty by the kernel, or not whole
	Passed   int // whole, but too old when there was time to look
	Restarts int // of streams that broke

	// StillsFailed: the mode chosen for stills did not work, and they are
	// taken in the preview's mode.
	StillsFailed bool

	// Interval is the time between the last two pictures of the camera by its
	// own stamps, Behind the time from the last one's stamp until it was
	// yielded; 0 where the camera's stamps are not of the system's clock.
	Interval, Behind time.Duration
}

// run yields pictures until no more are wanted or the camera fails. It always
// returns an error.
func (c *Camera) run(ctx context.Context, yield yieldFunc) error {
	defer c.unshoot()
	for broken := 0; ; {
		still := c.wantsStill() && !c.still.same(c.preview)
		good, err := c.stream(ctx, still, yield)
		if good {
			broken = 0
		}
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil, errors.Is(err, device.ErrUnplugged), errors.Is(err, ErrBusy), c.port.lost.Load():
			return err
		}
		c.count(func(s *Stats) { s.Restarts++ })
		if broken++; broken <= restarts {
			continue
		}
		if !still {
			return fmt.Errorf("%w, after %d restarts", err, restarts)
		}
		c.count(func(s *Stats) { s.StillsFailed = true })
		c.setStill(c.preview)
		broken = 0
	}
}

func (c *Camera) setStill(m Mode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.still = m
}

func (c *Camera) wantsStill() bool { return len(c.shoot) > 0 }

// unshoot forgets that a still is wanted.
func (c *Camera) unshoot() {
	select {
	case <-c.shoot:
	default:
	}
}

// stream runs one stream, for moving pictures or for a still, until the other
// is wanted. good says that it gave a picture.
func (c *Camera) stream(ctx context.Context, still bool, yield yieldFunc) (good bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	mode := c.preview
	if still {
		mode = c.still
	}
	defer func() {
		if stopped := c.port.attend("stopping the stream", c.port.stop); err == nil {
			err = stopped
		}
	}()
	err = c.port.attend("starting the stream", func() error { return c.port.start(mode, c.opts.FPS) })
	if err != nil {
		return false, err
	}
	r := &reel{c: c, mode: c.port.mode, still: still, since: time.Now()}
	for {
		done, err := r.picture(ctx, yield)
		if err != nil || done {
			return r.good, err
		}
	}
}

// A reel is one stream as it runs.
type reel struct {
	c     *Camera
	mode  Mode
	still bool // the stream is for one still only

	since time.Time // of the last good picture, or of the start
	seen  int       // good pictures of a still's stream
	good  bool      // a picture was yielded
	torn  error     // why the last one was not good
	last  buffer    // whose sequence number came last
	begun bool      // last is set
}

// picture waits for the next picture and yields it. done says that this stream
// has nothing more to give.
func (r *reel) picture(ctx context.Context, yield yieldFunc) (done bool, err error) {
	b, err := r.await(ctx)
	if err != nil {
		return false, err
	}
	p, err := r.develop(b)
	if queued := r.c.port.attend("returning a buffer", func() error { return r.c.port.queue(b.index) }); queued != nil {
		return false, queued
	}
	if err != nil {
		r.torn = err
		r.c.count(func(s *Stats) { s.Torn++ })
		return false, nil
	}
	r.since, r.torn = time.Now(), nil
	if r.still {
		if r.seen++; p.Encoded == nil {
			return false, nil
		}
	}
	r.good = true
	if p.Encoded != nil {
		r.c.unshoot()
	}
	r.tally(b, p)
	if err := yield(p, nil); err != nil {
		return false, err
	}
	r.since = time.Now()
	return r.still || r.c.wantsStill() && !r.c.still.same(r.c.preview), nil
}

// develop makes a picture of a buffer. In a still's stream the first few good
// ones are empty.
func (r *reel) develop(b buffer) (device.Picture, error) {
	data := r.c.port.maps[b.index]
	if b.flags&bufError != 0 || b.used > len(data) {
		return device.Picture{}, errTorn
	}
	data = data[:b.used]
	if r.still && r.seen < r.c.opts.Settle {
		if b.used == 0 {
			return device.Picture{}, errTorn
		}
		return device.Picture{}, nil
	}
	return r.c.film.develop(r.mode, data, r.c.wantsStill(), r.c.opts.Decode)
}

// tally counts a picture that is about to be yielded.
func (r *reel) tally(b buffer, p device.Picture) {
	r.c.count(func(s *Stats) {
		s.Pictures++
		if p.Encoded != nil {
			s.Stills++
		}
		s.Behind = 0
		if b.monotonic() {
			s.Behind = max(0, r.c.port.node.Now()-b.at)
		}
	})
}

// await waits for the newest buffer that is filled.
func (r *reel) await(ctx context.Context) (buffer, error) {
	for {
		left := r.c.opts.Silence - time.Since(r.since)
		switch {
		case ctx.Err() != nil:
			return buffer{}, ctx.Err()
		case left <= 0 && r.torn != nil:
			return buffer{}, fmt.Errorf("no good picture in %v: %w: %w", r.c.opts.Silence, device.ErrGarbled, r.torn)
		case left <= 0:
			return buffer{}, fmt.Errorf("no picture in %v: %w", r.c.opts.Silence, device.ErrSilent)
		}
		b, found, err := r.look(min(turn, max(left, time.Millisecond)))
		if err != nil || found {
			return b, err
		}
	}
}

// look waits for a picture, but not longer than d.
func (r *reel) look(d time.Duration) (buffer, bool, error) {
	var b buffer // b and found may still be written after a call that was left behind
	var found bool
	p := r.c.port
	err := p.attend("taking a buffer", func() error {
		ready, err := p.node.Poll(d)
		if err != nil || !ready {
			return err
		}
		if b, found, err = r.newest(); err == nil && !found {
			time.Sleep(time.Millisecond) // poll said ready and there is nothing
		}
		return err
	})
	if err != nil {
		return buffer{}, false, err
	}
	return b, found, nil
}

// newest takes all filled buffers and gives back all but the last one.
func (r *reel) newest() (newest buffer, found bool, err error) {
	p := r.c.port
	for range p.maps {
		b, err := p.dequeue()
		if is(err, syscall.EAGAIN) {
			break
		}
		if err != nil {
			return buffer{}, false, err
		}
		r.follow(b)
		if found {
			if err := p.queue(newest.index); err != nil {
				return buffer{}, false, err
			}
			r.pass(newest)
		}
		newest, found = b, true
	}
	return newest, found, nil
}

// pass counts a buffer that nobody looks at.
func (r *reel) pass(b buffer) {
	r.c.count(func(s *Stats) {
		if b.flags&bufError != 0 {
			s.Torn++
		} else {
			s.Passed++
		}
	})
}

// follow notes the sequence number and the stamp of a buffer. Some drivers do
// not count: numbers that do not grow say nothing.
func (r *reel) follow(b buffer) {
	if r.begun {
		gap := b.sequence - r.last.sequence // modulo 2^32, as it counts
		r.c.count(func(s *Stats) {
			if gap > 1 && gap < 1<<31 {
				s.Dropped += int(gap) - 1
			}
			if b.monotonic() && b.at > r.last.at {
				s.Interval = b.at - r.last.at
			}
		})
	}
	r.last, r.begun = b, true
}
