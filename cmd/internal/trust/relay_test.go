package trust

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"optag/queue/upload"
)

// A relay is the link between a station and the service: TCP that can break.
type relay struct {
	net.Listener
	to    string
	mean  int64             // bytes after which a connection breaks, on average; 0 for never
	rate  int64             // bytes per second upwards; 0 for as fast as it goes
	delay time.Duration     // of what comes back
	lose  func() (cut bool) // asked before anything goes back; may be nil

	cuts, up, down atomic.Int64
}

// start listens on loopback until the test ends.
func (r *relay) start(t testing.TB) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.Listener = l
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.carry(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return r
}

// A parcel is something on its way back.
type parcel struct {
	due  time.Time
	data []byte
}

// carry relays one connection until it ends or breaks.
func (r *relay) carry(from net.Conn) {
	to, err := net.Dial("tcp", r.to)
	if err != nil {
		reset(from)
		return
	}
	left := int64(1) << 62
	if r.mean > 0 {
		left = int64(rand.ExpFloat64() * float64(r.mean))
	}
	var cut sync.Once
	end := func() {
		cut.Do(func() { r.cuts.Add(1); reset(from); reset(to) })
	}
	var both sync.WaitGroup
	both.Go(func() {
		defer closeWrite(to)
		buf := make([]byte, 16<<10)
		for {
			n, err := from.Read(buf)
			n = int(min(int64(n), left))
			if left -= int64(n); n > 0 {
				r.up.Add(int64(n))
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
			}
			if left == 0 {
				end()
			}
			if err != nil || left == 0 {
				return
			}
			if r.rate > 0 {
				time.Sleep(time.Duration(n) * time.Second / time.Duration(r.rate))
			}
		}
	})
	back := make(chan parcel, 1000)
	both.Go(func() {
		defer close(back)
		for {
			buf := make([]byte, 16<<10)
			n, err := to.Read(buf)
			if n > 0 && r.lose != nil && r.lose() {
				end()
				return
			}
			back <- parcel{time.Now().Add(r.delay), buf[:n]}
			if err != nil {
				return
			}
		}
	})
	both.Go(func() {
		defer closeWrite(from)
		for p := range back {
			time.Sleep(time.Until(p.due))
			r.down.Add(int64(len(p.data)))
			_, _ = from.Write(p.data) // the rest goes nowhere when it is closed
		}
	})
	both.Wait()
	from.Close()
	to.Close()
}

func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.Close()
}

func closeWrite(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}

// through is a client whose way to the service leads through the relay.
func through(t testing.TB, p *Pair, r *relay, change ...func(*upload.Options)) *upload.Client {
	t.Helper()
	o, err := p.Station.UploadOptions(p.Service)
	if err != nil {
		t.Fatal(err)
	}
	o.URL, o.Base, o.Idle = "https://"+r.Addr().String(), 20*time.Millisecond, 50
	for _, f := range change {
		f(&o)
	}
	c, err := upload.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
