package v4l2

import (
	"bytes"
	"encoding/binary"
	"time"
)

// A Node is an open video device as the kernel shows it. [System] opens real
// ones; a test brings its own. Errors are or wrap a [syscall.Errno], and no call
// returns EINTR.
type Node interface {
	// Ioctl performs a request on arg, the memory of its structure as the
	// kernel lays it out on a 64-bit machine.
	Ioctl(request uint32, arg []byte) error

	// Map maps a buffer, given by what QUERYBUF said of it, for reading.
	Map(offset int64, length int) ([]byte, error)
	Unmap(mapped []byte) error

	// Poll waits until a buffer may be dequeued, which then may still fail,
	// or until the timeout has passed.
	Poll(timeout time.Duration) (ready bool, err error)

	// Now reads the clock that stamps buffers, CLOCK_MONOTONIC.
	Now() time.Duration

	Close() error
}

// An Opener opens the node at a path.
type Opener func(path string) (Node, error)

// Requests, from the kernel's videodev2.h, with the sizes of a 64-bit machine.
const (
	vidiocQueryCap           = 0x80685600
	vidiocEnumFmt            = 0xc0405602
	vidiocSetFmt             = 0xc0d05605
	vidiocReqBufs            = 0xc0145608
	vidiocQueryBuf           = 0xc0585609
	vidiocQueueBuf           = 0xc058560f
	vidiocDequeueBuf         = 0xc0585611
	vidiocStreamOn           = 0x40045612
	vidiocStreamOff          = 0x40045613
	vidiocSetParm            = 0xc0cc5616
	vidiocGetControl         = 0xc008561b
	vidiocSetControl         = 0xc008561c
	vidiocQueryControl       = 0xc0445624
	vidiocEnumFrameSizes     = 0xc02c564a
	vidiocEnumFrameIntervals = 0xc034564b
)

// What the fields hold.
const (
	bufTypeCapture = 1 // V4L2_BUF_TYPE_VIDEO_CAPTURE
	memoryMapped   = 1 // V4L2_MEMORY_MMAP
	fieldNone      = 1 // V4L2_FIELD_NONE: progressive
	extendedPix    = 0xfeedcafe

	capCapture    = 1 << 0
	capStreaming  = 1 << 26
	capDeviceCaps = 1 << 31

	bufMapped     = 1 << 0
	bufError      = 1 << 6
	bufClockMask  = 7 << 13
	bufMonotonic  = 1 << 13
	discreteSizes = 1 // V4L2_FRMSIZE_TYPE_DISCRETE, V4L2_FRMIVAL_TYPE_DISCRETE
)

// An arg is the memory of one structure. Fields are given by their offsets.
type arg []byte

// argFor makes the memory for a request, whose number tells its size.
func argFor(request uint32) arg { return make(arg, request>>16&0x3fff) }

func (a arg) u32(at int) uint32       { return binary.NativeEndian.Uint32(a[at:]) }
func (a arg) u64(at int) uint64       { return binary.NativeEndian.Uint64(a[at:]) }
func (a arg) set32(at int, v uint32)  { binary.NativeEndian.PutUint32(a[at:], v) }
func (a arg) text(at, max int) string { return printable(a[at : at+max]) }

// printable is the text of a field that ends with a NUL or with the field,
// without what could confuse a terminal or a report.
func printable(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(bytes.TrimSpace(bytes.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, b)))
}
