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

const (
	measured = 3 // of so many pictures one is measured: faces move slowly
	spoilt   = 3 // so many unreadable stills in a row make a camera count as broken
)

// A cameraLoop drives the camera: each picture goes to the preview, some are
// measured, and a still is kept when one is wanted.
type cameraLoop struct {
	loop

	mu     sync.Mutex // protects the fields below
	wanted bool       // a still is to be taken
	asked  bool       // and the camera has been told
}

func newCameraLoop(s *Station) *cameraLoop {
	l := &cameraLoop{loop: loop{s: s, name: "camera", hurry: make(chan struct{}, 1), use: make(chan struct{}, 1), probe: probing(s.opt.OpenCamera)}}
	l.read = l.pictures
	return l
}

// look shows the camera's picture.
func (l *cameraLoop) look() {
	l.want(false)
	l.start()
}

// shoot takes a still.
func (l *cameraLoop) shoot() { l.want(true) }

// rest ends both.
func (l *cameraLoop) rest() {
	l.want(false)
	l.end()
}

func (l *cameraLoop) want(still bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted, l.asked = still, false
}

func (l *cameraLoop) wants() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wanted
}

// pictures opens the camera and reads it until it fails or ctx ends.
func (l *cameraLoop) pictures(ctx context.Context, works func()) error {
	camera, err := l.s.opt.OpenCamera()
	if err != nil {
		return err
	}
	defer camera.Close()
	l.tell(camera.Info(), true)
	n, bad := 0, 0
	for picture, err := range camera.Frames(ctx) {
		switch {
		case errors.As(err, new(device.Retry)):
			continue // the checks say what to do, in the same words
		case err != nil:
			return err
		}
		works()
		l.s.Face.Put(picture.Image)
		if n++; n%measured == 1 {
			l.s.Send(flow.FaceLive{Checks: face.AssessLive(picture.Image)})
		}
		l.trigger(camera)
		if len(picture.Encoded) == 0 || !l.wants() {
			continue
		}
		if err := l.keep(picture, camera.Info()); err == nil {
			bad = 0
		} else if bad++; bad == spoilt {
			return errors.Join(device.ErrGarbled, err)
		} else {
			l.shoot()
		}
	}
	return nil
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

// keep checks that the still is whole, measures it and reports it. The bytes
// stay the camera's own.
func (l *cameraLoop) keep(p device.Picture, from device.Info) error {
	img, mediaType, err := face.Read(p.Encoded)
	if err != nil {
		return err
	}
	l.want(false)
	l.s.Send(flow.Photographed{Portrait: capture.Portrait{
		Encoded: slices.Clone(p.Encoded), MediaType: mediaType,
		Width: img.Bounds().Dx(), Height: img.Bounds().Dy(),
		Source: "live", Checks: face.Assess(img), Device: from, At: l.s.now(),
	}})
	return nil
}
