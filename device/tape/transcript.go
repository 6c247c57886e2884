// Package tape holds conversations with devices: written down once at the
// transport, on the USB or a serial line, and played back byte for byte, to a
// driver that cannot tell the difference. A technician's trace is one.
//
// It knows no device; what a driver is to make of an answer, its tests say.
package tape

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"optag/device"
)

// A Transcript is a conversation with a device, in the order in which its
// operations ended. Its text is read from top to bottom, an operation a line;
// data is in hexadecimal, and what is longer than 16 bytes stands in indented
// lines of 32 below, where a line that repeats is counted:
//
//	# The finger is awaited, and the scanner is pulled out.
//	control 40 04 value 004e index 0000 out: 10
//	interrupt 81 in 64: 01 01
//	bulk 82 in 111424:
//		00 … ×3482
//	control c0 04 value 0007 index 0000 in 4: ! unplugged
//	write: 1b 49
//	read: 0d
//
// The number after "in" is the room the driver offered; less may have come.
// The last two kinds are those of a serial line.
type Transcript []Op

// A Kind is a way to move bytes.
type Kind string

// The kinds.
const (
	Control   Kind = "control"
	Interrupt Kind = "interrupt"
	Bulk      Kind = "bulk"
	Write     Kind = "write" // serial, to the device
	Read      Kind = "read"  // serial, from the device
)

// An Op is one operation of a conversation.
type Op struct {
	Kind         Kind
	RequestType  uint8 // of Control
	Request      uint8
	Value, Index uint16
	Endpoint     uint8  // of Interrupt and Bulk
	Room         int    // bytes asked for; IN only
	Data         []byte // bytes moved
	Err          error  // nil, or one of device.ErrUnplugged, ErrSilent, ErrGarbled, context.Canceled
}

// In reports whether the data came from the device.
func (o *Op) In() bool {
	switch o.Kind {
	case Control:
		return o.RequestType&0x80 != 0
	case Interrupt, Bulk:
		return o.Endpoint&0x80 != 0
	}
	return o.Kind == Read
}

// failures are the words for how an operation ended.
var failures = []struct {
	word string
	err  error
}{
	{"unplugged", device.ErrUnplugged},
	{"silent", device.ErrSilent},
	{"garbled", device.ErrGarbled},
	{"cancelled", context.Canceled},
}

// failure returns the word for an error, and the plain error itself.
func failure(err error) (string, error) {
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f.word, f.err
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "silent", device.ErrSilent
	}
	return "garbled", device.ErrGarbled
}

// head is the operation without its data.
func (o *Op) head() string {
	var s string
	switch o.Kind {
	case Control:
		s = fmt.Sprintf("control %02x %02x value %04x index %04x ", o.RequestType, o.Request, o.Value, o.Index)
	case Interrupt, Bulk:
		s = fmt.Sprintf("%s %02x ", o.Kind, o.Endpoint)
	default:
		return string(o.Kind) + ":"
	}
	if o.In() {
		return s + fmt.Sprintf("in %d:", o.Room)
	}
	return s + "out:"
}

// String returns the operation as it stands in a transcript.
func (o *Op) String() string {
	var b strings.Builder
	b.WriteString(o.head())
	if len(o.Data) <= 16 {
		for _, v := range o.Data {
			fmt.Fprintf(&b, " %02x", v)
		}
	}
	if o.Err != nil {
		word, _ := failure(o.Err)
		b.WriteString(" ! " + word)
	}
	b.WriteByte('\n')
	if len(o.Data) > 16 {
		writeLines(&b, o.Data)
	}
	return b.String()
}

func writeLines(b *strings.Builder, data []byte) {
	const wide = 32
	for len(data) > 0 {
		line := data[:min(wide, len(data))]
		data = data[len(line):]
		times := 1
		for len(line) == wide && bytes.HasPrefix(data, line) {
			data = data[wide:]
			times++
		}
		fmt.Fprintf(b, "\t% x", line)
		if times > 1 {
			fmt.Fprintf(b, " ×%d", times)
		}
		b.WriteByte('\n')
	}
}

// String returns the transcript as text.
func (t Transcript) String() string {
	var b strings.Builder
	for i := range t {
		b.WriteString(t[i].String())
	}
	return b.String()
}

// maxData bounds what one operation of a transcript may hold.
const maxData = 16 << 20

// Parse reads a transcript. An error names the line.
func Parse(r io.Reader) (Transcript, error) {
	var t Transcript
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line, _, _ := strings.Cut(in.Text(), "#")
		var err error
		switch {
		case strings.TrimSpace(line) == "":
		case line[0] == '\t' || line[0] == ' ':
			err = t.more(line)
		default:
			var op Op
			if op, err = parseOp(line); err == nil {
				t = append(t, op)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("parsing a transcript: line %d: %w", n, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("reading a transcript: %w", err)
	}
	for i := range t {
		if op := &t[i]; op.In() && op.Kind != Read && len(op.Data) > op.Room {
			return nil, fmt.Errorf("parsing a transcript: operation %d, %q, holds %d bytes", i+1, op.head(), len(op.Data))
		}
	}
	return t, nil
}

// more appends an indented line to the data of the last operation.
func (t Transcript) more(line string) error {
	if len(t) == 0 {
		return errors.New("data before the first operation")
	}
	text, count, repeated := strings.Cut(line, "×")
	data, err := parseHex(text)
	if err != nil {
		return err
	}
	times := 1
	if repeated {
		times, err = strconv.Atoi(strings.TrimSpace(count))
		if err != nil || times < 1 {
			return fmt.Errorf("%q is no count", count)
		}
	}
	op := &t[len(t)-1]
	if times > (maxData-len(op.Data))/max(1, len(data)) {
		return fmt.Errorf("more than %d bytes", maxData)
	}
	for range times {
		op.Data = append(op.Data, data...)
	}
	return nil
}

func parseOp(line string) (Op, error) {
	head, rest, ok := strings.Cut(line, ":")
	if !ok {
		return Op{}, fmt.Errorf("%q has no colon", strings.TrimSpace(line))
	}
	op, err := parseHead(strings.Fields(head))
	if err != nil {
		return Op{}, fmt.Errorf("%q: %w", head, err)
	}
	data, word, failed := strings.Cut(rest, "!")
	if op.Data, err = parseHex(data); err != nil || !failed {
		return op, err
	}
	for _, f := range failures {
		if f.word == strings.TrimSpace(word) {
			op.Err = f.err
			return op, nil
		}
	}
	return Op{}, fmt.Errorf("%q is no failure", strings.TrimSpace(word))
}

func parseHead(words []string) (Op, error) {
	text := strings.Join(words, " ")
	var op Op
	form, args := "", []any(nil)
	switch op.Kind = Kind(words0(words)); op.Kind {
	case Write, Read:
		form = string(op.Kind)
	case Interrupt, Bulk:
		form, args = string(op.Kind)+" %02x", []any{&op.Endpoint}
	case Control:
		form = "control %02x %02x value %04x index %04x"
		args = []any{&op.RequestType, &op.Request, &op.Value, &op.Index}
	default:
		return Op{}, errors.New("no such operation")
	}
	if len(args) > 0 {
		if _, err := fmt.Sscanf(text, form, args...); err != nil {
			return Op{}, fmt.Errorf("not of the form %q", form)
		}
		if op.In() {
			if _, err := fmt.Sscanf(text, form+" in %d", append(args, &op.Room)...); err != nil || op.Room < 0 || op.Room > maxData {
				return Op{}, errors.New("no room after \"in\"")
			}
		}
	}
	if got := op.head(); got != text+":" {
		return Op{}, fmt.Errorf("want %q", got)
	}
	return op, nil
}

func words0(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

func parseHex(text string) ([]byte, error) {
	data, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fmt.Errorf("%q is not hexadecimal", strings.TrimSpace(text))
	}
	if len(data) == 0 {
		return nil, nil
	}
	return data, nil
}
