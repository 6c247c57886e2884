package ptptest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf16"
)

// text writes a string as cameras do.
func text(s string) []byte {
	units := append(utf16.Encode([]rune(s)), 0)
	b := []byte{byte(len(units))}
	for _, u := range units {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func u32(vs ...uint32) (b []byte) {
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// codes writes an array of 16 bit codes.
func codes(vs ...uint16) []byte {
	b := u32(uint32(len(vs)))
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// operations are those the camera lists.
func (s *Sim) operations() []uint16 {
	all := []uint16{0x1001, 0x1002, 0x1003, 0x1004, 0x1007, 0x1008, 0x1009, 0x100b}
	if !s.c.NoPartial {
		all = append(all, 0x101b)
	}
	switch s.c.Kind {
	case EOS:
		all = append(all, 0x9110, 0x9114, 0x9115, 0x9116, 0x9117, 0x911a, 0x911d, 0x9128, 0x9129)
		if !s.c.NoLive {
			all = append(all, 0x9153)
		}
	case Nikon:
		all = append(all, 0x1016, 0x90c0, 0x90c7, 0x90c8, 0x9207)
		if !s.c.NoLive {
			all = append(all, 0x9201, 0x9202, 0x9203)
		}
	default:
		all = append(all, 0x100e)
	}
	return all
}

// info is the dataset of the camera.
func (s *Sim) info() []byte {
	b := []byte{100, 0, 6, 0, 0, 0, 100, 0}
	b = append(b, text("simulated")...)
	b = append(b, 0, 0)
	b = append(b, codes(s.operations()...)...)
	b = append(b, codes(0x4002, 0x400d)...)
	b = append(b, codes()...)
	b = append(b, codes(0x3801)...)
	b = append(b, codes(0x3801)...)
	for _, t := range []string{"optag", fmt.Sprintf("still camera %d", s.c.Kind), "1.0", "P-1"} {
		b = append(b, text(t)...)
	}
	return b
}

// receive takes a container OUT.
func (s *Sim) receive(b []byte) {
	if len(b) < 12 || int(binary.LittleEndian.Uint32(b)) != len(b) {
		s.wrong = append(s.wrong, fmt.Sprintf("container of %d bytes", len(b)))
		return
	}
	kind, code := binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:])
	switch {
	case kind == 1 && (code == 0x9110 || code == 0x1016):
		s.command = slices.Clone(b)
	case kind == 1:
		s.execute(b, nil)
	case kind == 2 && s.command != nil:
		command := s.command
		s.command = nil
		s.execute(command, b[12:])
	default:
		s.wrong = append(s.wrong, fmt.Sprintf("container of type %d", kind))
	}
}

// execute answers a command.
func (s *Sim) execute(b, data []byte) {
	code, id := binary.LittleEndian.Uint16(b[6:]), binary.LittleEndian.Uint32(b[8:])
	p := make([]uint32, 5)
	for i := 0; 16+4*i <= len(b) && i < 5; i++ {
		p[i] = binary.LittleEndian.Uint32(b[12+4*i:])
	}
	s.commands++
	if s.commands == s.c.LostAt {
		return
	}
	if s.commands == s.c.LateAt {
		s.ready = time.Now().Add(4 * time.Second)
	}
	out, rc := s.operate(code, p, data)
	if out != nil {
		s.answer(2, code, id, out)
	}
	s.answer(3, rc, id, nil)
}

// operate does what a command says, and returns its data and its answer.
func (s *Sim) operate(code uint16, p []uint32, data []byte) ([]byte, uint16) {
	if !slices.Contains(s.operations(), code) {
		s.wrong = append(s.wrong, fmt.Sprintf("operation %04x", code))
		return nil, unsupported
	}
	switch {
	case code == 0x1001:
		return s.info(), ok
	case code == 0x1002:
		if s.session {
			return nil, alreadyOpen
		}
		s.session = true
		return nil, ok
	case !s.session:
		return nil, notOpen
	case code == 0x1003:
		s.session = false
		return nil, ok
	case code >= 0x9000 && s.c.Kind == EOS:
		return s.eos(code, p, data)
	case code >= 0x9000, code == 0x1016:
		return s.nikon(code, p)
	case code == 0x100e:
		return nil, s.release()
	}
	return s.files(code, p)
}

// files are the operations on objects.
func (s *Sim) files(code uint16, p []uint32) ([]byte, uint16) {
	switch code {
	case 0x1004:
		return u32(1, 0x10001), ok
	case 0x1007:
		if s.c.NoCard {
			return nil, 0x2013
		}
		all := slices.Sorted(maps.Keys(s.objects))
		return u32(append([]uint32{uint32(len(all))}, all...)...), ok
	}
	o := s.objects[p[0]]
	if o == nil {
		return nil, badObject
	}
	switch code {
	case 0x1008:
		b := u32(0x10001)
		b = binary.LittleEndian.AppendUint16(b, o.format)
		b = append(b, 0, 0)
		b = append(b, u32(uint32(len(o.data)+s.c.SizeOff))...)
		b = append(b, make([]byte, 40)...)
		b = append(b, text(o.name)...)
		return append(b, text("20260101T000000")...), ok
	case 0x1009:
		return o.data, ok
	case 0x101b:
		from := min(int(p[1]), len(o.data))
		return append([]byte{}, o.data[from:min(len(o.data), from+int(p[2]))]...), ok
	}
	if s.c.NotDeleted {
		return nil, accessDenied
	}
	delete(s.objects, p[0])
	return nil, ok
}

// release begins to take a picture.
func (s *Sim) release() uint16 {
	switch {
	case s.underWay:
		return deviceBusy
	case s.c.Refuse > 0:
		s.c.Refuse--
		return outOfFocus
	case s.c.Busy > 0:
		s.c.Busy--
		return deviceBusy
	}
	s.underWay, s.due = true, time.Now().Add(s.c.CaptureTime)
	return ok
}

// develop finishes a picture that is due.
func (s *Sim) develop() {
	if !s.underWay || time.Now().Before(s.due) {
		return
	}
	s.underWay = false
	if s.c.Raw || s.c.RawOnly {
		s.store(&object{format: 0x3000, name: fmt.Sprintf("P%07d.RAW", s.pictures), data: []byte("raw"), taken: true})
	}
	if !s.c.RawOnly {
		s.store(&object{format: 0x3801, name: fmt.Sprintf("P%07d.JPG", s.pictures), data: s.c.Picture(s.pictures), taken: true})
	}
	s.pictures++
	if s.c.Kind == Standard {
		s.tell(0x400d, 0)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// store keeps a picture and tells of it.
func (s *Sim) store(o *object) {
	h := s.handle()
	size := uint32(len(o.data) + s.c.SizeOff)
	switch s.c.Kind {
	case EOS:
		if s.toHost {
			s.eosNews = append(s.eosNews, u32(0x24, 0xc186, h, uint32(o.format), 0, size, 0, 0x2e474d49, 0)...)
		} else {
			s.eosNews = append(s.eosNews, u32(0x2c, 0xc181, h, 1, uint32(o.format), 0, 0, size, 0, 0, 0)...)
		}
	case Nikon:
		h = 0xffff0001
		if _, there := s.objects[h]; there {
			h = s.handle()
		}
		s.nikonNews = binary.LittleEndian.AppendUint16(s.nikonNews, 0xc101)
		s.nikonNews = append(s.nikonNews, u32(h)...)
	default:
		s.tell(0x4002, h)
	}
	s.objects[h] = o
}

// eos are Canon's operations.
func (s *Sim) eos(code uint16, p []uint32, data []byte) ([]byte, uint16) {
	switch code {
	case 0x9114:
		s.remote = p[0] != 0
		return nil, ok
	case 0x9115, 0x911a, 0x911d, 0x9129:
		return nil, ok
	}
	if !s.remote {
		return nil, 0xa005
	}
	switch code {
	case 0x9110:
		return nil, s.set(data)
	case 0x9116:
		news := append(u32(0x10, 0xc189, 0xd101, 5), s.eosNews...)
		s.eosNews = nil
		return append(news, u32(8, 0)...), ok
	case 0x9117:
		if s.objects[p[0]] == nil {
			return nil, badObject
		}
		delete(s.objects, p[0])
		return nil, ok
	case 0x9128:
		if p[0] == 1 {
			return nil, ok
		}
		return nil, s.release()
	}
	if !s.live || s.c.NotReady > 0 {
		s.c.NotReady--
		return nil, notReady
	}
	file := s.c.Preview(s.previews)
	s.previews++
	out := append(u32(0x0c, 0x22, 7), u32(uint32(8+len(file)), 1)...)
	return append(out, file...), ok
}

// set sets a property of a Canon.
func (s *Sim) set(data []byte) uint16 {
	if len(data) != 12 {
		return 0x2002
	}
	switch v := binary.LittleEndian.Uint32(data[8:]); binary.LittleEndian.Uint32(data[4:]) {
	case 0xd11c:
		s.toHost = v == 4
	case 0xd1b0:
		s.live = v&2 != 0
	case 0xd1b1:
	default:
		return 0x200a
	}
	return ok
}

// nikon are Nikon's operations.
func (s *Sim) nikon(code uint16, p []uint32) ([]byte, uint16) {
	switch code {
	case 0x1016:
		return nil, ok
	case 0x90c7:
		news := binary.LittleEndian.AppendUint16(nil, uint16(len(s.nikonNews)/6))
		news = append(news, s.nikonNews...)
		s.nikonNews = nil
		return news, ok
	case 0x90c8:
		if s.underWay {
			return nil, deviceBusy
		}
		return nil, ok
	case 0x9201:
		s.live = true
		return nil, ok
	case 0x9202:
		s.live = false
		return nil, ok
	case 0x9203:
		if !s.live {
			return nil, notLive
		}
		if s.c.NotReady > 0 {
			s.c.NotReady--
			return nil, deviceBusy
		}
		file := s.c.Preview(s.previews)
		s.previews++
		return append(make([]byte, 384), file...), ok
	}
	return nil, s.release()
}
