package fm220

import (
	"context"
	"image"

	"optag/device"
)

// Dark takes an image without light, for a technician's test: what is seen then
// comes from the room or from the sensor itself. That the device does not switch
// its light on by itself for a picture is assumed; gain and exposure are set and
// do not follow the light. The image is the caller's. The error is that of
// [device.Exclusive.Do].
func (s *Scanner) Dark(ctx context.Context) (f device.Frame, err error) {
	err = s.use.Do(ctx, "scanning without light", func(ctx context.Context) (err error) {
		f, err = s.dark(ctx)
		return err
	})
	return f, err
}

// dark takes the image, and rests as after a sequence.
func (s *Scanner) dark(ctx context.Context) (f device.Frame, err error) {
	defer func() { s.rest(ctx, err) }()
	if err := s.takeImage(ctx, lightOff()); err != nil {
		return f, err
	}
	s.pic.make(s.raw)
	img := image.NewGray(s.pic.out.Rect)
	copy(img.Pix, s.pic.out.Pix)
	return device.Frame{Image: img, PPI: [2]int{PPI, PPI}}, nil
}
