package pcsc

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/ebfe/scard"

	"optag/device"
)

// A nature is what a reader tells of itself, "" where it does not.
type nature struct{ serial, firmware string }

// info describes the reader of a slot: by its name, and by what it tells.
func (s *Service) info(ctx context.Context, name string) device.Info {
	info := describe(name)
	n := s.nature(ctx, name)
	if info.Serial == "" {
		info.Serial = n.serial
	}
	info.Firmware = n.firmware
	return info
}

// nature asks a reader once, as long as it is plugged in. One that another
// program holds is asked again the next time.
func (s *Service) nature(ctx context.Context, name string) nature {
	s.mu.Lock()
	n, known := s.natures[name]
	s.mu.Unlock()
	if known {
		return n
	}
	n, err := call(ctx, s.patience.connect, func() (nature, error) { return s.ask(name) }, func(nature) {})
	if err != nil {
		return nature{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.now.slot(name); there {
		s.natures[name] = n
	}
	return n
}

func (s *Service) ask(name string) (nature, error) {
	ses, err := s.lib.establish()
	if err != nil {
		return nature{}, err
	}
	defer func() { _ = ses.Release() }() // it was asked, and that is all
	values, err := ses.attributes(name, scard.AttrVendorIfdSerialNo, scard.AttrVendorIfdVersion)
	if err != nil {
		return nature{}, err
	}
	return nature{serialIn(values[0]), firmwareIn(values[1])}, nil
}

// serialIn is a serial number as PC/SC part 3, 3.1.1 has it: characters, and
// often a 0 behind them. What no label would have printed on it is none.
func serialIn(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	s = strings.TrimSpace(s)
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
		return ""
	}
	return s
}

// firmwareIn is a version as PC/SC part 3, 3.1.1 has it: a number MMmmbbbb in the
// machine's own order, of which drivers of USB readers fill the upper half, in
// decimal digits of four bits (bcdDevice).
func firmwareIn(b []byte) string {
	if len(b) != 4 {
		return ""
	}
	v := binary.NativeEndian.Uint32(b)
	switch build := v & 0xffff; {
	case v == 0:
		return ""
	case build == 0:
		return fmt.Sprintf("%x.%02x", v>>24, v>>16&0xff)
	default:
		return fmt.Sprintf("%x.%02x.%d", v>>24, v>>16&0xff, build)
	}
}

// forget drops what readers told that are there no more: another one may come
// under the name. mu is held.
func (s *Service) forget() {
	for name := range s.natures {
		if !slices.ContainsFunc(s.now.slots, func(at slot) bool { return at.name == name }) {
			delete(s.natures, name)
		}
	}
}
