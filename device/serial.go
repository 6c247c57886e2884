package device

import "context"

// Serial is one open serial line with a device at its end, as a driver sees it:
// RS-232, a USB adapter, or a USB device that shows itself as a modem (CDC-ACM).
// Package device/serialport implements it on real lines, and a test on none; a
// driver cannot tell them apart.
//
// One goroutine may read while another writes. What arrives while nobody reads
// is kept, up to some thousands of bytes.
//
// Both methods fail with an error that is or wraps
//   - [ErrUnplugged] when the line is gone, or Close was called,
//   - [context.Canceled] when ctx was cancelled,
//   - [ErrSilent] when ctx reached its deadline.
type Serial interface {
	// Read waits for at least one byte and returns those that are there.
	// With no error n is at least 1, unless buf is empty.
	Read(ctx context.Context, buf []byte) (n int, err error)

	// Write sends all of data, in order. n counts what the line took, which
	// says nothing about what the device read.
	Write(ctx context.Context, data []byte) (n int, err error)

	// Close ends what is outstanding and releases the line. Closing twice is
	// allowed.
	Close() error
}

// A SerialMode says how a line is set. The zero mode is 9600 baud, 8 data bits,
// no parity, 1 stop bit, and the two outputs as the system sets them (on).
type SerialMode struct {
	Baud     int    `json:"baud,omitempty"`      // bits per second; without a meaning on CDC-ACM
	DataBits int    `json:"data_bits,omitempty"` // 5 to 8
	Parity   Parity `json:"parity,omitempty"`
	StopBits int    `json:"stop_bits,omitempty"` // 1 or 2
	DTR      Output `json:"dtr,omitempty"`       // data terminal ready
	RTS      Output `json:"rts,omitempty"`       // request to send
}

// A Parity is the bit added to each character.
type Parity string

// The parities.
const (
	ParityNone Parity = ""
	ParityOdd  Parity = "odd"
	ParityEven Parity = "even"
)

// An Output says what is done with an output of the line.
type Output string

// What may be done. A line without these wires, such as a pseudo-terminal,
// refuses all but OutputAsIs.
const (
	OutputAsIs Output = ""
	OutputOn   Output = "on"
	OutputOff  Output = "off"
)
