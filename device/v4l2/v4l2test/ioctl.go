package v4l2test

import (
	"slices"
	"syscall"
	"time"
)

// A request is one ioctl: what it is called, its number within 'V', the size of
// its structure and what it does.
type request struct {
	name string
	size int
	do   func(s *Sim, n *Node, w words) error
}

// requests are those of the kernel that a driver of a camera may use.
func requests() map[uint8]request {
	return map[uint8]request{
		0:  {"QUERYCAP", 104, (*Sim).queryCap},
		2:  {"ENUM_FMT", 64, (*Sim).enumFmt},
		5:  {"S_FMT", 208, (*Sim).setFmt},
		8:  {"REQBUFS", 20, (*Sim).reqBufs},
		9:  {"QUERYBUF", 88, (*Sim).queryBuf},
		15: {"QBUF", 88, (*Sim).queueBuf},
		17: {"DQBUF", 88, (*Sim).dequeueBuf},
		18: {"STREAMON", 4, (*Sim).streamOn},
		19: {"STREAMOFF", 4, (*Sim).streamOff},
		22: {"S_PARM", 204, (*Sim).setParm},
		27: {"G_CTRL", 8, (*Sim).getCtrl},
		28: {"S_CTRL", 8, (*Sim).setCtrl},
		36: {"QUERYCTRL", 68, (*Sim).queryCtrl},
		74: {"ENUM_FRAMESIZES", 44, (*Sim).enumSizes},
		75: {"ENUM_FRAMEINTERVALS", 52, (*Sim).enumIntervals},
	}
}

// Ioctl performs a request.
func (n *Node) Ioctl(number uint32, arg []byte) error {
	s := n.s
	s.mu.Lock()
	defer s.mu.Unlock()
	r, known := requests()[uint8(number)]
	if !known || byte(number>>8) != 'V' {
		return syscall.ENOTTY
	}
	if int(number>>16&0x3fff) != r.size || len(arg) != r.size {
		return syscall.EFAULT
	}
	if n.closed {
		return syscall.EBADF
	}
	if err := s.call(r.name); err != nil {
		return err
	}
	return r.do(s, n, arg)
}

func (s *Sim) queryCap(_ *Node, w words) error {
	w.text(0, 16, "uvcvideo")
	w.text(16, 32, s.c.Card)
	w.text(48, 32, "usb-0000:00:14.0-1")
	caps := s.c.Capabilities
	if caps == 0 {
		caps = 0x04200001
	}
	w.put(84, 0x84a00001) // of all nodes of the device
	w.put(88, caps)
	return nil
}

func (s *Sim) enumFmt(_ *Node, w words) error {
	i := int(w.get(0))
	if w.get(4) != 1 || i >= len(s.c.Formats) {
		return syscall.EINVAL
	}
	w.text(12, 32, s.c.Formats[i].Letters)
	w.put(44, code(s.c.Formats[i].Letters))
	return nil
}

// find returns a format the camera has.
func (s *Sim) find(letters string) *Format {
	i := slices.IndexFunc(s.c.Formats, func(f Format) bool { return f.Letters == letters })
	if i < 0 {
		return nil
	}
	return &s.c.Formats[i]
}

func (s *Sim) enumSizes(_ *Node, w words) error {
	f, i := s.find(letters(w.get(4))), int(w.get(0))
	switch {
	case f == nil:
		return syscall.EINVAL
	case len(f.Sizes) == 0:
		return syscall.ENOTTY
	case f.Steps && i == 0:
		w.put(8, 3)
		for j, v := range []int{f.Sizes[0].Width, f.Sizes[1].Width, 8, f.Sizes[0].Height, f.Sizes[1].Height, 8} {
			w.put(12+4*j, uint32(v))
		}
		return nil
	case f.Steps, i >= len(f.Sizes):
		return syscall.EINVAL
	}
	w.put(8, 1)
	w.put(12, uint32(f.Sizes[i].Width))
	w.put(16, uint32(f.Sizes[i].Height))
	return nil
}

func (s *Sim) enumIntervals(_ *Node, w words) error {
	f, i := s.find(letters(w.get(4))), int(w.get(0))
	if f == nil {
		return syscall.EINVAL
	}
	if f.Steps {
		if i > 0 {
			return syscall.EINVAL
		}
		for j, v := range []uint32{3, 1, 60, 1, 1, 1, 60} { // from a sixtieth of a second to one
			w.put(16+4*j, v)
		}
		return nil
	}
	for _, size := range f.Sizes {
		if size.Width == int(w.get(8)) && size.Height == int(w.get(12)) && i < len(size.Rates) {
			w.put(16, 1)
			w.put(20, 1)
			w.put(24, uint32(size.Rates[i]))
			return nil
		}
	}
	return syscall.EINVAL
}

// nearest returns the size of a format that is nearest to the one asked for.
func (f *Format) nearest(width, height int) Size {
	best := Size{640, 480, nil}
	if f.Steps {
		fit := func(v, least, most int) int { return min(max(v, least), most) }
		return Size{fit(width, f.Sizes[0].Width, f.Sizes[1].Width), fit(height, f.Sizes[0].Height, f.Sizes[1].Height), nil}
	}
	for i, s := range f.Sizes {
		far := func(s Size) int { return max(s.Width-width, width-s.Width) + max(s.Height-height, height-s.Height) }
		if i == 0 || far(s) < far(best) {
			best = s
		}
	}
	return best
}

func (s *Sim) setFmt(_ *Node, w words) error {
	if w.get(0) != 1 {
		return syscall.EINVAL
	}
	if s.busy || s.owner != nil {
		return syscall.EBUSY
	}
	f := s.find(letters(w.get(16)))
	if f == nil {
		f = &s.c.Formats[0]
	}
	size := f.nearest(int(w.get(8)), int(w.get(12)))
	s.format = format{letters: f.Letters, width: size.Width, height: size.Height, size: 2 * size.Width * size.Height}
	if f.Letters == "YUYV" {
		s.format.stride = 2*size.Width + s.c.Padding
		s.format.size = s.format.stride * size.Height
	}
	s.rate(size, 30)
	w.put(8, uint32(size.Width))
	w.put(12, uint32(size.Height))
	w.put(16, code(f.Letters))
	if s.c.Swap != "" {
		w.put(16, code(s.c.Swap))
	}
	w.put(24, uint32(s.format.stride))
	w.put(28, uint32(s.format.size))
	w.put(32, s.c.Colour[0])
	if w.get(36) == 0xfeedcafe { // the program knows the fields behind
		w.put(44, s.c.Colour[1])
		w.put(48, s.c.Colour[2])
	}
	return nil
}

// rate chooses the rate of a size that is nearest to the one asked for.
func (s *Sim) rate(size Size, want int) int {
	best := 30
	for i, r := range size.Rates {
		if i == 0 || max(r-want, want-r) < max(best-want, want-best) {
			best = r
		}
	}
	s.interval = time.Second / time.Duration(best)
	return best
}

func (s *Sim) setParm(_ *Node, w words) error {
	f := s.find(s.format.letters)
	if w.get(0) != 1 || f == nil || w.get(12) == 0 {
		return syscall.EINVAL
	}
	if s.streams {
		return syscall.EBUSY
	}
	w.put(4, 0x1000)
	w.put(12, 1)
	w.put(16, uint32(s.rate(f.nearest(s.format.width, s.format.height), int(w.get(16)/w.get(12)))))
	return nil
}

func (s *Sim) reqBufs(n *Node, w words) error {
	count := int(w.get(0))
	switch {
	case w.get(4) != 1 || w.get(8) != 1 || s.format.letters == "":
		return syscall.EINVAL
	case s.busy, s.owner != nil && s.owner != n, s.streams:
		return syscall.EBUSY
	}
	for _, b := range s.bufs {
		if b.mapped {
			return syscall.EBUSY
		}
	}
	s.free()
	if s.c.Buffers > 0 && count > 0 {
		count = s.c.Buffers
	}
	for range min(count, 32) {
		s.bufs = append(s.bufs, &buf{mem: make([]byte, s.format.size)})
	}
	if count > 0 {
		s.owner = n
	}
	w.put(0, uint32(count))
	return nil
}

// buffer checks that a request is about a buffer of this node.
func (s *Sim) buffer(n *Node, w words) (*buf, error) {
	i := int(w.get(0))
	if s.owner != n || w.get(4) != 1 || w.get(60) != 1 || i >= len(s.bufs) {
		return nil, syscall.EINVAL
	}
	return s.bufs[i], nil
}

func (s *Sim) queryBuf(n *Node, w words) error {
	b, err := s.buffer(n, w)
	if err != nil {
		return err
	}
	w.put(64, w.get(0)<<24)
	w.put(72, uint32(len(b.mem)))
	if s.c.Length != 0 {
		w.put(72, s.c.Length)
	}
	return nil
}

func (s *Sim) queueBuf(n *Node, w words) error {
	b, err := s.buffer(n, w)
	if err != nil {
		return err
	}
	if b.state != program || !b.mapped {
		return syscall.EINVAL
	}
	s.produce() // what is due was taken before this buffer came
	b.state = queued
	fill(b.mem, 0xa5)
	s.queue = append(s.queue, int(w.get(0)))
	return nil
}

func (s *Sim) dequeueBuf(n *Node, w words) error {
	if s.owner != n || w.get(4) != 1 || w.get(60) != 1 || !s.streams {
		return syscall.EINVAL
	}
	s.produce()
	if len(s.done) == 0 {
		return syscall.EAGAIN
	}
	b := s.bufs[s.done[0]]
	s.done = s.done[1:]
	b.state = program
	w.put(0, uint32(b.index))
	w.put(8, uint32(b.used))
	w.put(12, b.flags|1)
	w.put64(24, int64(b.at/time.Second))
	w.put64(32, int64(b.at%time.Second/time.Microsecond))
	w.put(56, b.seq)
	w.put(72, uint32(len(b.mem)))
	return nil
}

func (s *Sim) streamOn(n *Node, w words) error {
	switch {
	case w.get(0) != 1 || s.owner != n || len(s.bufs) == 0:
		return syscall.EINVAL
	case s.busy:
		return syscall.EBUSY
	}
	if !s.streams {
		s.streams, s.since, s.taken = true, time.Now(), 0
	}
	return nil
}

func (s *Sim) streamOff(n *Node, w words) error {
	if w.get(0) != 1 || s.owner != nil && s.owner != n {
		return syscall.EINVAL
	}
	s.streams, s.queue, s.done = false, nil, nil
	for _, b := range s.bufs {
		b.state = program
	}
	return nil
}

// control returns a control the camera has.
func (s *Sim) control(w words) (*Control, error) {
	i := slices.IndexFunc(s.c.Controls, func(c Control) bool { return c.ID == w.get(0) })
	if i < 0 {
		return nil, syscall.EINVAL
	}
	return &s.c.Controls[i], nil
}

func (s *Sim) queryCtrl(_ *Node, w words) error {
	c, err := s.control(w)
	if err != nil {
		return err
	}
	w.put(4, 1)
	w.text(8, 32, "control")
	for i, v := range []int{c.Min, c.Max, c.Step, c.Default} {
		w.put(40+4*i, uint32(int32(v)))
	}
	w.put(56, c.Flags)
	return nil
}

func (s *Sim) getCtrl(_ *Node, w words) error {
	c, err := s.control(w)
	if err != nil {
		return err
	}
	if c.Flags&0x40 != 0 {
		return syscall.EACCES
	}
	w.put(4, uint32(int32(s.values[c.ID])))
	return nil
}

func (s *Sim) setCtrl(_ *Node, w words) error {
	c, err := s.control(w)
	if err != nil {
		return err
	}
	v := int(int32(w.get(4)))
	switch {
	case c.Flags&4 != 0:
		return syscall.EACCES
	case v < c.Min || v > c.Max:
		return syscall.ERANGE
	case slices.Contains(c.Refused, v):
		return syscall.EINVAL
	}
	s.values[c.ID] = v
	return nil
}
