package station

import (
	"context"
	"errors"
	"slices"
	"sync"

	"optag/capture"
	"optag/capture/face"
	"optag/device"
	"optag/ui/flow"
)

// A shooter is a camera that takes a still when told to. Others deliver them
// by themselves.
type shooter interface{ Shoot() }

// every how many pictures one is measured: faces move slowly.
const everyOther = 3

// spoilt is how many unreadable stills in a row make a camera count as broken.
const spoilt = 3

// A cameraLoop drives the camera as scannerLoop does the scanner.
type cameraLoop struct {
	s   *Station
	use sync.Mutex // held by whoever has the device open

	mu      sync.Mutex // protects the fields below
	running bool
	stop    context.CancelFunc
	wanted  bool // a still is to be taken
	asked   bool // and the camera has been told
	hurry   chan struct{}
	info    device.Info
	known   bool
}

func newCameraLoop(s *Station) *cameraLoop {
	return &cameraLoop{s: s, hurry: make(chan struct{}, 1)}
}

// look shows the camera's picture.
func (l *cameraLoop) look() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = false
	if !l.running {
		ctx, stop := context.WithCancel(l.s.ctx)
		l.running, l.stop = true, stop
		l.s.background(func() { l.run(ctx) })
	}
}

// shoot takes a still.
func (l *cameraLoop) shoot() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted, l.asked = true, false
}

// rest ends both.
func (l *cameraLoop) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = false
	if l.running {
		l.stop()
		l.running = false
	}
}

func (l *cameraLoop) retry() {
	select {
	case l.hurry <- struct{}{}:
	default:
	}
}

func (l *cameraLoop) run(ctx context.Context) {
	lost := false
	for ctx.Err() == nil {
		err := l.read(ctx, func() {
			if lost {
				lost = false
				l.s.Send(flow.DeviceBack{Device: "camera"})
			}
		})
		if ctx.Err() != nil {
			return
		}
		lost = true
		l.setInfo(device.Info{}, false)
		l.s.tech.Warn("camera lost", "err", err)
		l.s.Send(flow.DeviceLost{Device: "camera", Cause: cause(err)})
		if !pauseOr(ctx, l.hurry) {
			return
		}
	}
}

func (l *cameraLoop) read(ctx context.Context, works func()) error {
	l.use.Lock()
	defer l.use.Unlock()
	camera, err := l.s.opt.OpenCamera()
	if err != nil {
		return err
	}
	defer camera.Close()
	l.setInfo(camera.Info(), true)
	n, bad := 0, 0
	for picture, err := range camera.Frames(ctx) {
		if errors.As(err, new(device.Retry)) {
			continue // the checks say what to do, in the same words
		}
		if err != nil {
			return err
		}
		works()
		l.s.Face.Put(picture.Image)
		if n++; n%everyOther == 1 {
			l.s.Send(flow.FaceLive{Checks: face.AssessLive(picture.Image)})
		}
		l.trigger(camera)
		if len(picture.Encoded) > 0 && l.want() {
			switch err := l.keep(picture, camera.Info()); {
			case err == nil:
				bad = 0
			default:
				if bad++; bad == spoilt {
					return errors.Join(device.ErrGarbled, err)
				}
				l.shoot()
			}
		}
	}
	if ctx.Err() == nil {
		return device.ErrSilent
	}
	return nil
}

// state is the device as last seen; one that is not in use is asked.
func (l *cameraLoop) state() (i device.Info, known bool) {
	if l.use.TryLock() {
		if d, err := l.s.opt.OpenCamera(); err == nil {
			l.setInfo(d.Info(), true)
			d.Close()
		} else {
			l.setInfo(device.Info{}, false)
		}
		l.use.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.info, l.known
}

func (l *cameraLoop) setInfo(i device.Info, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.info, l.known = i, known
}

// trigger tells the camera once that a still is wanted.
func (l *cameraLoop) trigger(c device.Camera) {
	l.mu.Lock()
	tell := l.wanted && !l.asked
	l.asked = l.asked || tell
	l.mu.Unlock()
	if s, can := c.(shooter); tell && can {
		s.Shoot()
	}
}

func (l *cameraLoop) want() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted
}

// keep checks that the still is whole, measures it and reports it. The bytes
// stay the camera's own.
func (l *cameraLoop) keep(p device.Picture, from device.Info) error {
	img, mediaType, err := face.Read(p.Encoded)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.wanted = false
	l.mu.Unlock()
	l.s.Send(flow.Photographed{Portrait: capture.Portrait{
		Encoded: slices.Clone(p.Encoded), MediaType: mediaType,
		Width: img.Bounds().Dx(), Height: img.Bounds().Dy(),
		Source: "live", Checks: face.Assess(img), Device: from, At: l.s.now(),
	}})
	return nil
}
