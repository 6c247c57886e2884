package v4l2

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"slices"
	"syscall"

	"optag/device"
)

// A Format is how a camera lays out a picture, by the four letters of the
// kernel's list of pixel formats.
type Format uint32

// The formats this driver reads.
const (
	YUYV  Format = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24 // YCbCr 4:2:2, 16 bits a pixel
	MJPEG Format = 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24 // a JPEG file each
	JPEG  Format = 'J' | 'P'<<8 | 'E'<<16 | 'G'<<24 // the same by another name
)

// String returns the four letters.
func (f Format) String() string {
	b := []byte{byte(f), byte(f >> 8), byte(f >> 16), byte(f >> 24)}
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

func (f Format) isJPEG() bool { return f == MJPEG || f == JPEG }

// A Mode is one way in which a camera delivers pictures.
type Mode struct {
	Format Format
	Size   image.Point // in pixels
	FPS    float64     // pictures per second at best; 0 where the camera does not tell

	stride int // bytes from a line to the next, of YUYV
	colour colour
}

// String returns the mode as a technician reads it, e.g. "MJPG 1920x1080 30/s".
func (m Mode) String() string {
	return fmt.Sprintf("%v %dx%d %.3g/s", m.Format, m.Size.X, m.Size.Y, m.FPS)
}

// same reports whether two modes are set alike.
func (m Mode) same(n Mode) bool { return m.Format == n.Format && m.Size == n.Size }

// Limits on what is read of a camera's lists, which a device out of order might
// continue for ever, and on a side of a picture in pixels.
const (
	mostFormats   = 64
	mostSizes     = 256
	mostIntervals = 64
	mostSide      = 16384
)

// listModes asks for all modes this driver reads. Of a camera with sizes in
// steps it lists the sizes of common cameras that fit.
func (p *port) listModes() ([]Mode, error) {
	var modes []Mode
	for i := range uint32(mostFormats) {
		a := argFor(vidiocEnumFmt)
		a.set32(0, i)
		a.set32(4, bufTypeCapture)
		err := p.ioctl("ENUM_FMT", vidiocEnumFmt, a)
		if is(err, syscall.EINVAL) {
			break
		}
		if err != nil {
			return nil, err
		}
		f := Format(a.u32(44))
		if f != YUYV && !f.isJPEG() {
			continue
		}
		found, err := p.listSizes(f)
		if err != nil {
			return nil, err
		}
		modes = append(modes, found...)
	}
	if len(modes) == 0 {
		return nil, fmt.Errorf("delivers neither YUYV nor motion JPEG: %w", device.ErrGarbled)
	}
	return modes, nil
}

// common are the sizes taken of a camera that offers any.
func common() []image.Point {
	return []image.Point{
		{640, 480}, {800, 600}, {1024, 768}, {1280, 720}, {1280, 960}, {1600, 1200},
		{1920, 1080}, {2048, 1536}, {2560, 1440}, {2592, 1944}, {3264, 2448}, {3840, 2160},
	}
}

func (p *port) listSizes(f Format) ([]Mode, error) {
	var modes []Mode
	for i := range uint32(mostSizes) {
		a := argFor(vidiocEnumFrameSizes)
		a.set32(0, i)
		a.set32(4, uint32(f))
		err := p.ioctl("ENUM_FRAMESIZES", vidiocEnumFrameSizes, a)
		if is(err, syscall.EINVAL, syscall.ENOTTY) {
			break
		}
		if err != nil {
			return nil, err
		}
		sizes := []image.Point{{int(a.u32(12)), int(a.u32(16))}}
		if a.u32(8) != discreteSizes {
			sizes = stepped(a)
		}
		for _, s := range sizes {
			if s.X < 16 || s.Y < 16 || s.X > mostSide || s.Y > mostSide {
				continue
			}
			fps, err := p.bestRate(f, s)
			if err != nil {
				return nil, err
			}
			modes = append(modes, Mode{Format: f, Size: s, FPS: fps})
		}
		if a.u32(8) != discreteSizes {
			break // steps come alone
		}
	}
	return modes, nil
}

// stepped returns the common sizes within the steps of an answer, and its
// largest.
func stepped(a arg) []image.Point {
	least := image.Pt(int(a.u32(12)), int(a.u32(24)))
	most := image.Pt(int(a.u32(16)), int(a.u32(28)))
	step := image.Pt(max(1, int(a.u32(20))), max(1, int(a.u32(32))))
	var fit []image.Point
	for _, s := range common() {
		d := s.Sub(least)
		if d.X >= 0 && d.Y >= 0 && s.X < most.X && s.Y < most.Y && d.X%step.X == 0 && d.Y%step.Y == 0 {
			fit = append(fit, s)
		}
	}
	return append(fit, most)
}

// bestRate returns the most pictures per second of a size, 0 where the camera
// does not tell.
func (p *port) bestRate(f Format, s image.Point) (best float64, err error) {
	for i := range uint32(mostIntervals) {
		a := argFor(vidiocEnumFrameIntervals)
		a.set32(0, i)
		a.set32(4, uint32(f))
		a.set32(8, uint32(s.X))
		a.set32(12, uint32(s.Y))
		err := p.ioctl("ENUM_FRAMEINTERVALS", vidiocEnumFrameIntervals, a)
		if is(err, syscall.EINVAL, syscall.ENOTTY) {
			return best, nil
		}
		if err != nil {
			return 0, err
		}
		if n := a.u32(20); n > 0 { // of steps, the shortest interval stands first
			best = max(best, float64(a.u32(24))/float64(n))
		}
		if a.u32(16) != discreteSizes {
			return best, nil
		}
	}
	return best, nil
}

// fluent is the rate from which moving pictures look like moving.
const fluent = 15

// choose picks the modes of the moving pictures and of the stills. A still is
// motion JPEG where the camera has it, to keep its own bytes; a moving picture
// is rather YUYV, which costs less to show.
func choose(modes []Mode, o Options) (preview, still Mode, err error) {
	if len(modes) == 0 {
		return Mode{}, Mode{}, errors.New("no modes")
	}
	preview = slices.MinFunc(modes, func(a, b Mode) int {
		return cmp.Or(
			cmpBool(slow(a), slow(b)),
			cmp.Compare(distance(a.Size, o.Preview), distance(b.Size, o.Preview)),
			cmpBool(a.Format.isJPEG(), b.Format.isJPEG()),
			cmp.Compare(-a.FPS, -b.FPS))
	})
	fits := func(m Mode) bool { return m.Size.X <= o.Still.X && m.Size.Y <= o.Still.Y }
	area := func(m Mode) int {
		if fits(m) {
			return m.Size.X * m.Size.Y
		}
		return -m.Size.X * m.Size.Y
	}
	still = slices.MaxFunc(modes, func(a, b Mode) int {
		return cmp.Or(
			cmpBool(fits(a), fits(b)),
			cmpBool(a.Format.isJPEG(), b.Format.isJPEG()),
			cmp.Compare(area(a), area(b)),
			cmp.Compare(a.FPS, b.FPS))
	})
	return preview, still, nil
}

// cmpBool orders false before true.
func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func slow(m Mode) bool { return m.FPS > 0 && m.FPS < fluent-0.01 }

func distance(a, b image.Point) int { return abs(a.X-b.X) + abs(a.Y-b.Y) }

func abs(n int) int { return max(n, -n) }

// setMode sets a mode and returns what the camera made of it: the format as
// asked, the size as near as it can.
func (p *port) setMode(m Mode, fps int) (Mode, error) {
	a := argFor(vidiocSetFmt)
	a.set32(0, bufTypeCapture)
	a.set32(8, uint32(m.Size.X))
	a.set32(12, uint32(m.Size.Y))
	a.set32(16, uint32(m.Format))
	a.set32(20, fieldNone)
	a.set32(36, extendedPix)
	if err := p.ioctl("S_FMT", vidiocSetFmt, a); err != nil {
		return Mode{}, err
	}
	got := m
	got.Format, got.Size = Format(a.u32(16)), image.Pt(int(a.u32(8)), int(a.u32(12)))
	got.stride = int(a.u32(24))
	got.colour = colourOf(a.u32(32), a.u32(44), a.u32(48))
	if got.Format == YUYV && got.stride == 0 {
		got.stride = 2 * got.Size.X
	}
	switch s := got.Size; {
	case got.Format != m.Format:
		return Mode{}, fmt.Errorf("S_FMT: %v was set to %v: %w", m, got.Format, device.ErrGarbled)
	case s.X < 2 || s.Y < 1 || s.X > mostSide || s.Y > mostSide || got.Format == YUYV && (s.X%2 != 0 || got.stride < 2*s.X || got.stride > 1<<20):
		return Mode{}, fmt.Errorf("S_FMT: %v with lines of %d bytes: %w", got, got.stride, device.ErrGarbled)
	}
	p.mode = got
	return got, p.setRate(fps)
}

// setRate asks for a rate. A camera need not have one that can be set.
func (p *port) setRate(fps int) error {
	a := argFor(vidiocSetParm)
	a.set32(0, bufTypeCapture)
	a.set32(12, 1)
	a.set32(16, uint32(fps))
	err := p.ioctl("S_PARM", vidiocSetParm, a)
	if is(err, syscall.ENOTTY, syscall.EINVAL) {
		return nil
	}
	return err
}
