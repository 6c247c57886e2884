package fm220

import (
	"context"
	"fmt"
	"image"

	"optag/device"
)

// Dark takes an image without light, for a technician's test: what is seen then
// comes from the room or from the sensor itself. That the device does not switch
// its light on by itself for a picture is assumed; gain and exposure are set and
// do not follow the light. The image is the caller's. It panics when a sequence
// runs; after a failure of the device it fails as [Scanner.Frames] does.
func (s *Scanner) Dark(ctx context.Context) (device.Frame, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.begin(cancel); err != nil {
		return device.Frame{}, err
	}
	f, err := s.dark(inner)
	if f.Image == nil && err == nil { // the end of ctx, of which a sequence says nothing
		err = fmt.Errorf("scanning without light: %w", inner.Err())
	}
	return f, err
}

// dark takes the image, and finishes as after a sequence.
func (s *Scanner) dark(ctx context.Context) (f device.Frame, err error) {
	defer func() { err = s.finish(ctx, err) }()
	if err := s.takeImage(ctx, lightOff()); err != nil {
		return f, err
	}
	s.pic.make(s.raw)
	img := image.NewGray(s.pic.out.Rect)
	copy(img.Pix, s.pic.out.Pix)
	return device.Frame{Image: img, PPI: [2]int{PPI, PPI}}, nil
}
