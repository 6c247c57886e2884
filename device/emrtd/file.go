package emrtd

import (
	"context"
	"errors"
	"fmt"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/sm"
)

// Progress is told while a file is read.
type Progress struct {
	File       lds.File
	Read, Size int // bytes
}

// files reads files over a link.
type files struct {
	*link
	noShort  bool // the chip does not know short file identifiers
	progress func(Progress)
}

// few is the least that a chip must hand out at once while there is more.
const few = 16

// errEnds: the file ends before the length it states.
var errEnds = errors.New("the file ends early")

// read returns the whole of a file, bounded by its own header and by its limit.
// An error is a *[Refusal] if the chip has no such file or does not give it, a
// *[Broken] if what it gives is no such file, or one of the link's.
func (f *files) read(ctx context.Context, file lds.File) ([]byte, error) {
	b, err := f.begin(ctx, file)
	if err != nil {
		return nil, err
	}
	size, err := lds.Length(file, b)
	if err != nil {
		return nil, faulty(file, err)
	}
	all := f.keep(make([]byte, 0, size), b[:min(len(b), size)])
	for {
		if f.progress != nil {
			f.progress(Progress{file, len(all), size})
		}
		if len(all) == size {
			return all, nil
		}
		b, err := f.part(ctx, file, len(all), min(f.longest(), size-len(all)))
		if file == lds.CVCA && errors.Is(err, errEnds) {
			return all, nil // without the zeros behind its names
		}
		if err != nil {
			clear(all)
			return nil, err
		}
		all = f.keep(all, b)
	}
}

// keep appends what came of a file to what is there of it, and overwrites it where
// a session has decrypted it: then the file lies in one place, which Wipe knows.
func (f *files) keep(all, b []byte) []byte {
	all = append(all, b...)
	if f.session != nil {
		clear(b)
	}
	return all
}

// longest is how much is asked for at once.
func (f *files) longest() int {
	switch {
	case f.extended > 0:
		return f.extended
	case f.session != nil:
		return sm.MaxShort
	}
	return apdu.MaxShort
}

// begin selects a file and reads its first bytes: at once, where the chip knows
// short file identifiers.
func (f *files) begin(ctx context.Context, file lds.File) ([]byte, error) {
	if !f.noShort && !file.Master() {
		b, err := f.first(ctx, file, 0x80|file.SFI())
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Status == apdu.NotAllowed {
			return b, err
		}
	}
	if err := f.choose(ctx, file); err != nil {
		return nil, err
	}
	f.noShort = f.noShort || !file.Master() // it is there, by its longer name alone
	return f.first(ctx, file, 0)
}

// choose selects a file below the current directory.
func (f *files) choose(ctx context.Context, file lds.File) error {
	_, err := f.do(ctx, "selecting "+file.String(), apdu.Command{Instruction: 0xa4, P1: 2, P2: 0x0c, Data: []byte{byte(file.ID() >> 8), byte(file.ID())}})
	return err
}

// first reads as many of the first bytes of a file as go into one answer, or
// just those of its header if the chip does not read across the end of a file.
func (f *files) first(ctx context.Context, file lds.File, p1 byte) ([]byte, error) {
	doing := "reading " + file.String()
	r, err := f.send(ctx, doing, apdu.Command{Instruction: 0xb0, P1: p1, Expect: f.longest()})
	if err == nil && f.extended > 0 && f.refusesExtended(r) {
		f.extended = 0
		r, err = f.send(ctx, doing, apdu.Command{Instruction: 0xb0, P1: p1, Expect: f.longest()})
	}
	if err == nil && len(r.Data) == 0 && across(r.Status) {
		r, err = f.send(ctx, doing, apdu.Command{Instruction: 0xb0, P1: p1, Expect: 6})
		if err == nil && len(r.Data) == 0 && across(r.Status) { // shorter than the longest header
			r, err = f.send(ctx, doing, apdu.Command{Instruction: 0xb0, P1: p1, Expect: 2})
		}
	}
	if err != nil {
		return nil, err
	}
	if len(r.Data) == 0 || r.Status != apdu.OK && r.Status != apdu.EndOfFile {
		return nil, refused(doing, r.Status)
	}
	return r.Data, nil
}

// refusesExtended reports whether an answer may mean that the chip does not take
// extended lengths. In plain, where nothing is lost by asking again, more
// statuses do.
func (f *files) refusesExtended(r apdu.Response) bool {
	if len(r.Data) > 0 || r.Status == apdu.NotFound || r.Status == apdu.NotAllowed {
		return false
	}
	return r.Status == apdu.WrongLength || f.session == nil && r.Status != apdu.OK
}

// across reports whether a chip may mean by a status that more was asked for
// than a file has.
func across(s apdu.Status) bool {
	return s == apdu.WrongLength || s == apdu.OutOfFile || s == apdu.EndOfFile || s&0xff00 == 0x6c00
}

// part reads up to n bytes of the current file.
func (f *files) part(ctx context.Context, file lds.File, at, n int) ([]byte, error) {
	broken := func(err error) error { return &Broken{"reading", file, at, err} }
	r, most, err := f.from(ctx, "reading "+file.String(), at, n)
	if err != nil {
		return nil, err
	}
	if r.Status != apdu.OK && r.Status != apdu.EndOfFile {
		if across(r.Status) {
			return nil, broken(fmt.Errorf("%w: %w", errEnds, r.Status))
		}
		return nil, broken(r.Status)
	}
	b := r.Data
	if at > 0x7fff && len(b) > 0 {
		e, err := tlv.NewReader(b, tlv.BER).Want(0x53)
		if err != nil {
			return nil, broken(err)
		}
		b = e.Value
	}
	switch {
	case len(b) == 0:
		return nil, broken(errEnds)
	case len(b) > most, len(b) < min(n, few):
		return nil, broken(fmt.Errorf("%d bytes came where %d were asked for", len(b), n))
	}
	return b[:min(len(b), n)], nil
}

// from has the card hand out up to n bytes from a place on. most is how many may
// come: above 7FFF more than n, from a card that fills what the head of its
// object leaves.
func (f *files) from(ctx context.Context, doing string, at, n int) (r apdu.Response, most int, err error) {
	if at <= 0x7fff {
		r, err = f.send(ctx, doing, apdu.Command{Instruction: 0xb0, P1: byte(at >> 8), P2: byte(at), Expect: n})
		return r, n, err
	}
	n = min(n, f.longest()-objectHead)
	c := far(at, n+objectHead)
	r, err = f.send(ctx, doing, c)
	if err == nil && len(r.Data) == 0 && across(r.Status) { // it takes all that its own head leaves to be asked for
		c.Expect = len(tlv.AppendHead(nil, 0x53, n)) + n
		r, err = f.send(ctx, doing, c)
	}
	return r, c.Expect - 2, err
}

// objectHead is the most that tag and length of an object take which holds the
// answer to one command.
const objectHead = 5

// far is the READ BINARY for what lies above 7FFF: the offset in an object, and
// the data in one, too (ISO/IEC 7816-4, 11.2.3).
func far(at, expect int) apdu.Command {
	offset := []byte{byte(at >> 16), byte(at >> 8), byte(at)}
	if at <= 0xffff {
		offset = offset[1:]
	}
	return apdu.Command{Instruction: 0xb1, Data: tlv.Primitive(0x54, offset).Bytes(), Expect: expect}
}
