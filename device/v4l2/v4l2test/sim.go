// Package v4l2test simulates a camera behind the kernel's Video4Linux 2: nodes,
// structures as the kernel lays them out in memory, buffers and who owns them,
// the clock that stamps pictures, and the ways in which all of it fails. It is
// written from the kernel's documentation and shares no code with the driver.
//
// It is as strict as the kernel, and stricter where that finds mistakes: memory
// that belongs to the kernel is overwritten at once, and whatever a program
// leaves behind is told by [Sim.Left].
package v4l2test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A Size is one size of a format with its rates in pictures per second, best
// first. Without rates the camera does not tell them and delivers 30.
type Size struct {
	Width, Height int
	Rates         []int
}

// A Format is a pixel format by its four letters, with its sizes. Without sizes
// the camera does not list them; with Steps it has all from the first to the
// second in steps of 8 pixels.
type Format struct {
	Letters string
	Sizes   []Size
	Steps   bool
}

// A Control is a number the camera can be set to.
type Control struct {
	ID                      uint32
	Min, Max, Step, Default int
	Flags                   uint32
	Refused                 []int // values within the range that are none
}

// A Frame is one picture on its way into a buffer.
type Frame struct {
	Data  []byte
	Error bool // marked faulty
	Lost  bool // lost on the way; its number is missing
	Used  int  // the number of bytes claimed, where not 0
	Index int  // the number of the buffer claimed, where not 0
}

// A Config says how the simulated camera is, and how it fails. The zero Config
// is a healthy webcam.
type Config struct {
	Card     string
	Formats  []Format  // nil is Webcam
	Controls []Control // nil is Usual
	Faster   int       // so many times the pictures that a mode has; 0 is 1

	// Picture draws the n-th picture of a stream; nil is [Scene].
	Picture func(letters string, width, height, n int) []byte
	// Frame, where not nil, alters the n-th picture, from 0.
	Frame func(n int, f *Frame)

	Seed uint64 // names a drawn Config in what a test says; the simulator does not use it

	FailAt   int           // the call, from 1, that fails
	FailWith syscall.Errno // and how
	FailFor  int           // how many calls fail from there; 0 is one
	HangAt   int           // the call, from 1, that returns after Release or Unplug only
	UnplugAt int           // the call, from 1, in which the camera leaves

	Capabilities uint32    // 0 is a camera's
	Buffers      int       // most buffers given; 0 is as many as asked for
	Length       uint32    // of a buffer as QUERYBUF tells; 0 is the truth
	Uncounted    bool      // sequence numbers stay 0
	OtherClock   bool      // stamps are not of CLOCK_MONOTONIC
	Padding      int       // bytes behind each line of YUYV
	Colour       [3]uint32 // colorspace, ycbcr_enc, quantization
	Swap         string    // letters that S_FMT answers instead of those asked for
}

// Webcam is what an ordinary camera offers.
func Webcam() []Format {
	return []Format{
		{Letters: "MJPG", Sizes: []Size{{640, 480, []int{30, 15}}, {320, 240, []int{30}}, {160, 120, []int{30}}}},
		{Letters: "YUYV", Sizes: []Size{{640, 480, []int{10}}, {320, 240, []int{30, 10}}, {160, 120, []int{30}}}},
		{Letters: "H264", Sizes: []Size{{640, 480, []int{30}}}},
	}
}

// Numbers of controls.
const (
	AutoWhite    = 0x0098090c
	Mains        = 0x00980918
	White        = 0x0098091a
	AutoExposure = 0x009a0901
	Exposure     = 0x009a0902
	Focus        = 0x009a090a
	AutoFocus    = 0x009a090c
)

// Usual is what an ordinary camera can be set to.
func Usual() []Control {
	return []Control{
		{ID: AutoWhite, Max: 1, Step: 1, Default: 1},
		{ID: Mains, Max: 2, Step: 1, Default: 2},
		{ID: White, Min: 2800, Max: 6500, Step: 10, Default: 4600},
		{ID: AutoExposure, Max: 3, Step: 1, Default: 3, Refused: []int{0, 2}},
		{ID: Exposure, Min: 3, Max: 2047, Step: 1, Default: 250},
		{ID: Focus, Max: 250, Step: 5, Default: 0},
		{ID: AutoFocus, Max: 1, Step: 1, Default: 1},
	}
}

// A Sim is a simulated camera.
type Sim struct {
	c Config

	mu       sync.Mutex    // protects the fields below
	changed  chan struct{} // closed and replaced at every change
	calls    int
	names    []string // of the calls
	nodes    int      // open ones
	gone     bool
	busy     bool // another program streams
	silent   bool // no picture comes any more
	freed    bool // calls that hang return
	hung     int  // calls that hang
	values   map[uint32]int
	format   format
	interval time.Duration
	born     time.Time

	owner   *Node // who has buffers
	bufs    []*buf
	queue   []int // buffers waiting to be filled
	done    []int // buffers filled
	since   time.Time
	streams bool
	taken   int // pictures taken in this stream
}

type format struct {
	letters       string
	width, height int
	stride        int
	size          int
}

type buf struct {
	mem    []byte
	mapped bool
	state  int
	used   int
	index  int
	flags  uint32
	seq    uint32
	at     time.Duration
}

// Who owns a buffer.
const (
	program = iota
	queued
	filled
)

// New returns a camera that was just plugged in.
func New(c Config) *Sim {
	if c.Card == "" {
		c.Card = "Simulated Camera"
	}
	if c.Formats == nil {
		c.Formats = Webcam()
	}
	if c.Controls == nil {
		c.Controls = Usual()
	}
	if c.Picture == nil {
		c.Picture = Scene
	}
	c.Faster = max(1, c.Faster)
	s := &Sim{c: c, changed: make(chan struct{}), values: map[uint32]int{}, born: time.Now(), interval: time.Second / 30}
	for _, k := range c.Controls {
		s.values[k.ID] = k.Default
	}
	return s
}

// Unplug takes the camera from its bus.
func (s *Sim) Unplug() { s.change(func() { s.gone = true }) }

// Silence stops the pictures.
func (s *Sim) Silence() { s.change(func() { s.silent = true }) }

// Busy says whether another program streams from the camera.
func (s *Sim) Busy(is bool) { s.change(func() { s.busy = is }) }

// Release lets the calls that hang return.
func (s *Sim) Release() { s.change(func() { s.freed = true }) }

// Value returns what a control is set to.
func (s *Sim) Value(id uint32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[id]
}

// Move changes what a control is set to, as the camera does by itself.
func (s *Sim) Move(id uint32, v int) { s.change(func() { s.values[id] = v }) }

// Calls returns the names of the calls so far.
func (s *Sim) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.names)
}

// Left tells what is open, mapped or hanging; "" is nothing.
func (s *Sim) Left() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	mapped := 0
	for _, b := range s.bufs {
		if b.mapped {
			mapped++
		}
	}
	if s.nodes == 0 && mapped == 0 && s.hung == 0 && s.owner == nil {
		return ""
	}
	return fmt.Sprintf("%d nodes open, %d buffers mapped, %d calls hanging, buffers owned: %t", s.nodes, mapped, s.hung, s.owner != nil)
}

func (s *Sim) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// call counts a call in, and fails it where it is to fail. Called with mu held,
// which it lets go while the call hangs.
func (s *Sim) call(name string) error {
	s.calls++
	s.names = append(s.names, name)
	n := s.calls
	if n == s.c.UnplugAt {
		s.gone = true
	}
	if n == s.c.HangAt {
		s.hang()
	}
	switch {
	case s.gone:
		return syscall.ENODEV
	case s.c.FailAt > 0 && n >= s.c.FailAt && n < s.c.FailAt+max(1, s.c.FailFor):
		return s.c.FailWith
	}
	return nil
}

func (s *Sim) hang() {
	s.hung++
	for !s.freed && !s.gone {
		changed := s.changed
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
	}
	s.hung--
}

// A Node is an open node of the camera.
type Node struct {
	s      *Sim
	closed bool
}

// Open opens the camera's node.
func (s *Sim) Open(string) (*Node, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.call("open"); err != nil {
		return nil, err
	}
	s.nodes++
	return &Node{s: s}, nil
}

// Close closes the node, and frees what it had.
func (n *Node) Close() error {
	s := n.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.closed {
		return syscall.EBADF
	}
	_ = s.call("close") // closing cannot fail, and may hang
	n.closed = true
	s.nodes--
	if s.owner == n {
		s.free()
	}
	return nil
}

// Now reads the clock of the stamps.
func (n *Node) Now() time.Duration { return time.Since(n.s.born) }

// Map implements the mapping of a buffer.
func (n *Node) Map(offset int64, length int) ([]byte, error) {
	s := n.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.call("mmap"); err != nil {
		return nil, err
	}
	i := int(offset >> 24)
	if s.owner != n || offset&(1<<24-1) != 0 || i >= len(s.bufs) || s.bufs[i].mapped || length > len(s.bufs[i].mem) {
		return nil, syscall.EINVAL
	}
	s.bufs[i].mapped = true
	return s.bufs[i].mem[:length:length], nil
}

// Unmap gives the memory of a buffer back.
func (n *Node) Unmap(mapped []byte) error {
	s := n.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bufs {
		if b.mapped && len(mapped) > 0 && &b.mem[0] == &mapped[0] {
			b.mapped = false
			fill(b.mem, 0xdb)
			return nil
		}
	}
	return syscall.EINVAL
}

func fill(b []byte, v byte) {
	if len(b) == 0 {
		return
	}
	b[0] = v
	for n := 1; n < len(b); n *= 2 {
		copy(b[n:], b[:n])
	}
}

// Poll implements the waiting for a picture.
func (n *Node) Poll(timeout time.Duration) (bool, error) {
	s := n.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.call("poll"); err != nil {
		return err == syscall.ENODEV, onlyOther(err)
	}
	end := time.Now().Add(timeout)
	for {
		s.produce()
		now := time.Now()
		switch {
		case s.gone, s.owner != n, !s.streams, len(s.done) > 0: // an error is ready too
			return true, nil
		case !now.Before(end):
			return false, nil
		}
		next := end
		if due := s.due(s.taken); !s.silent && due.Before(end) {
			next = due
		}
		s.wait(next.Sub(now))
	}
}

// onlyOther leaves out what poll tells by being ready.
func onlyOther(err error) error {
	if err == syscall.ENODEV {
		return nil
	}
	return err
}

// wait lets go of mu for d, or until something changes.
func (s *Sim) wait(d time.Duration) {
	changed := s.changed
	s.mu.Unlock()
	defer s.mu.Lock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// due is when the n-th picture of the stream is there.
func (s *Sim) due(n int) time.Time {
	return s.since.Add(time.Duration(n+1) * s.interval / time.Duration(s.c.Faster))
}

// produce takes the pictures that are due.
func (s *Sim) produce() {
	for s.streams && !s.silent && !time.Now().Before(s.due(s.taken)) {
		if len(s.queue) == 0 { // all that come meanwhile are lost
			s.taken = max(s.taken+1, int(time.Since(s.since)*time.Duration(s.c.Faster)/s.interval))
			return
		}
		s.take()
	}
}

// take takes one picture into the next buffer.
func (s *Sim) take() {
	n := s.taken
	s.taken++
	f := Frame{Data: s.c.Picture(s.format.letters, s.format.width, s.format.height, n)}
	if s.format.letters == "YUYV" && s.c.Padding > 0 {
		f.Data = pad(f.Data, 2*s.format.width, s.c.Padding)
	}
	if s.c.Frame != nil {
		s.c.Frame(n, &f)
	}
	if f.Lost {
		return
	}
	i := s.queue[0]
	b := s.bufs[i]
	s.queue = s.queue[1:]
	s.done = append(s.done, i)
	b.state = filled
	b.used = copy(b.mem, f.Data)
	b.index = i
	b.flags = 0x2000
	b.at = s.due(n).Sub(s.born)
	b.seq = uint32(n)
	if f.Error {
		b.flags |= 0x40
	}
	if f.Used != 0 {
		b.used = f.Used
	}
	if f.Index != 0 {
		b.index = f.Index
	}
	if s.c.Uncounted {
		b.seq = 0
	}
	if s.c.OtherClock {
		b.flags &^= 0x2000
	}
}

// pad puts bytes behind each line.
func pad(data []byte, line, n int) []byte {
	var out []byte
	for l := range slices.Chunk(data, line) {
		out = append(append(out, l...), make([]byte, n)...)
	}
	return out
}

// free drops all buffers.
func (s *Sim) free() {
	s.owner, s.bufs, s.queue, s.done, s.streams = nil, nil, nil, nil, false
}

// words reads and writes fields of a structure.
type words []byte

func (w words) get(at int) uint32    { return binary.LittleEndian.Uint32(w[at:]) }
func (w words) put(at int, v uint32) { binary.LittleEndian.PutUint32(w[at:], v) }
func (w words) put64(at int, v int64) {
	binary.LittleEndian.PutUint64(w[at:], uint64(v))
}
func (w words) text(at, size int, s string) {
	clear(w[at : at+size])
	copy(w[at:at+size-1], s)
}

func letters(v uint32) string {
	return string([]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)})
}

func code(s string) uint32 { return binary.LittleEndian.Uint32([]byte(s)) }
