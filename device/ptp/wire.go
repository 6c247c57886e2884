package ptp

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf16"

	"optag/device"
)

// Operations of ISO 15740.
const (
	opGetDeviceInfo     = 0x1001
	opOpenSession       = 0x1002
	opCloseSession      = 0x1003
	opGetStorageIDs     = 0x1004
	opGetObjectHandles  = 0x1007
	opGetObjectInfo     = 0x1008
	opGetObject         = 0x1009
	opDeleteObject      = 0x100b
	opInitiateCapture   = 0x100e
	opSetProperty       = 0x1016
	opGetPartialObject  = 0x101b
	typeCommand         = 1
	typeData            = 2
	typeResponse        = 3
	typeEvent           = 4
	formatFolder        = 0x3001
	formatJPEG          = 0x3801
	eventObjectAdded    = 0x4002
	eventCaptureIsDone  = 0x400d
	everywhere          = 0xffffffff
	rcOK                = 0x2001
	rcNotSupported      = 0x2005
	rcInvalidObject     = 0x2009
	rcDeviceBusy        = 0x2019
	rcSessionOpen       = 0x201e
	rcEOSNotReady       = 0xa102
	rcNikonNotLive      = 0xa00b
	headerSize          = 12
	mostParameters      = 5
	mostResponse        = headerSize + 4*mostParameters
	mostObjectsOnDevice = 1 << 16
)

// A header stands before every container.
type header struct {
	length      uint32 // header included
	kind, code  uint16
	transaction uint32
}

// parseHeader reads the first 12 bytes of a container.
func parseHeader(b []byte) header {
	return header{
		length: binary.LittleEndian.Uint32(b), kind: binary.LittleEndian.Uint16(b[4:]),
		code: binary.LittleEndian.Uint16(b[6:]), transaction: binary.LittleEndian.Uint32(b[8:]),
	}
}

// container makes a container of parameters or data.
func container(kind, code uint16, transaction uint32, parameters []uint32, data []byte) []byte {
	b := make([]byte, headerSize, headerSize+4*len(parameters)+len(data))
	binary.LittleEndian.PutUint16(b[4:], kind)
	binary.LittleEndian.PutUint16(b[6:], code)
	binary.LittleEndian.PutUint32(b[8:], transaction)
	for _, p := range parameters {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	b = append(b, data...)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	return b
}

// parameters reads the parameters behind a header, five at most.
func parameters(b []byte) (p []uint32) {
	for len(b) >= 4 && len(p) < mostParameters {
		p = append(p, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	return p
}

// A reader reads the fields of a dataset one after the other. After the first
// that is not there it gives zeros.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.short = nil, true
		return make([]byte, min(n, 8))
	}
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

func (r *reader) u8() int     { return int(r.take(1)[0]) }
func (r *reader) u16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }

// text reads a string: the number of its units, then UTF-16 with a NUL. What
// could confuse a terminal or a report is left out.
func (r *reader) text() string {
	n := r.u8()
	if 2*n > len(r.b) {
		r.b, r.short = nil, true
		return ""
	}
	units := make([]uint16, n)
	for i := range units {
		units[i] = r.u16()
	}
	var out []rune
	for _, c := range utf16.Decode(units) {
		if c >= ' ' && c <= '~' {
			out = append(out, c)
		}
	}
	return string(out)
}

// codes reads an array of 16 bit codes.
func (r *reader) codes() []uint16 {
	n := r.u32()
	if int64(n)*2 > int64(len(r.b)) {
		r.b, r.short = nil, true
		return nil
	}
	all := make([]uint16, n)
	for i := range all {
		all[i] = r.u16()
	}
	return all
}

// A deviceInfo is what a camera says of itself (ISO 15740, 5.5.1).
type deviceInfo struct {
	operations                    []uint16
	maker, model, version, serial string
}

func (d *deviceInfo) supports(op uint16) bool { return slices.Contains(d.operations, op) }

func parseDeviceInfo(b []byte) (deviceInfo, error) {
	r := &reader{b: b}
	r.take(8) // version, vendor extension and its version
	r.text()  // its name
	r.u16()   // functional mode
	d := deviceInfo{operations: r.codes()}
	for range 4 { // events, properties, formats of captures and of pictures
		r.codes()
	}
	d.maker, d.model = r.text(), r.text()
	if r.short {
		return deviceInfo{}, fmt.Errorf("device info of %d bytes ends early: %w", len(b), device.ErrGarbled)
	}
	d.version, d.serial = r.text(), r.text() // some leave them out
	return d, nil
}

// An objectInfo is what a camera says of a picture (ISO 15740, 5.5.2).
type objectInfo struct {
	format uint16
	size   uint32
	name   string
}

func parseObjectInfo(b []byte) (objectInfo, error) {
	r := &reader{b: b}
	r.u32() // storage
	o := objectInfo{format: r.u16()}
	r.u16() // protection
	o.size = r.u32()
	r.take(40) // thumbnail, dimensions, parent, association, number
	o.name = r.text()
	if r.short {
		return objectInfo{}, fmt.Errorf("object info of %d bytes ends early: %w", len(b), device.ErrGarbled)
	}
	return o, nil
}

// parseHandles reads an array of object handles.
func parseHandles(b []byte) ([]uint32, error) {
	r := &reader{b: b}
	n := r.u32()
	if r.short || int64(n)*4 > int64(len(r.b)) || n > mostObjectsOnDevice {
		return nil, fmt.Errorf("list of %d objects in %d bytes: %w", n, len(b), device.ErrGarbled)
	}
	all := make([]uint32, n)
	for i := range all {
		all[i] = r.u32()
	}
	return all, nil
}

// An event is what a camera reports unasked.
type event struct {
	code   uint16
	object uint32 // the first parameter
}

// parseEvent reads the container of an event.
func parseEvent(b []byte) (event, bool) {
	if len(b) < headerSize {
		return event{}, false
	}
	h := parseHeader(b)
	if h.kind != typeEvent || h.length < headerSize || int64(h.length) > int64(len(b)) {
		return event{}, false
	}
	e := event{code: h.code}
	if p := parameters(b[headerSize:h.length]); len(p) > 0 {
		e.object = p[0]
	}
	return e, true
}

// endpointsOf finds the still image interface in a configuration descriptor:
// its number and the addresses of its endpoints (USB 2.0, 9.6).
func endpointsOf(b []byte) (number, out, in, interrupt uint8, ok bool) {
	const descInterface, descEndpoint = 4, 5
	inside := false
	for len(b) >= 2 {
		n := int(b[0])
		if n < 2 || n > len(b) {
			break
		}
		switch d := b[:n]; {
		case d[1] == descInterface && n >= 9:
			if inside {
				return number, out, in, interrupt, out != 0 && in != 0
			}
			inside = device.USBClass{Class: d[5], SubClass: d[6], Protocol: d[7]} == Class()
			number = d[2]
		case d[1] == descEndpoint && n >= 7 && inside:
			switch kind, incoming := d[3]&3, d[2]&0x80 != 0; {
			case kind == 2 && incoming:
				in = d[2]
			case kind == 2:
				out = d[2]
			case kind == 3 && incoming:
				interrupt = d[2]
			}
		}
		b = b[n:]
	}
	return number, out, in, interrupt, inside && out != 0 && in != 0
}
