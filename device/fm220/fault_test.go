package fm220

import (
	"context"
	"image"
	"math/rand/v2"
	"testing"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/fm220/fm220test"
	"optag/device/tape"
)

// delivered is the frame of what the camera sees; nil is a clear glass.
func delivered(c fm220test.Config, seen *image.Gray) *image.Gray {
	raw := make([]byte, imageSize)
	for i := range raw {
		raw[i] = fm220test.Clear
	}
	if seen != nil {
		copy(raw, seen.Pix)
	}
	w, err := newWindow(c.Clip.Width, c.Clip.Height, c.Clip.Left, c.Clip.Top)
	if err != nil {
		panic(err)
	}
	p := newPicture(w, c.Type == 3)
	p.make(raw)
	return p.out
}

// lies alters an answer of the EEPROM where it would not go unnoticed: a first or
// a second reading, not both. A pixel cannot be told from the truth.
func lies(op tape.Op, r *rand.Rand) {
	if op.Endpoint == endpointAnswers && len(op.Data) > 0 {
		op.Data[0] ^= byte(1 + r.IntN(255))
	}
}

func rig(c fm220test.Config) devicetest.Rig {
	shown := []*image.Gray{nil, fm220test.Ridges(1), fm220test.Ridges(2), fm220test.Ridges(3)}
	rig := devicetest.Rig{
		Plug: func(picture int) (devicetest.Simulated, func(int)) {
			sim := fm220test.New(c)
			sim.Touch(shown[picture])
			return sim, func(picture int) { sim.Touch(shown[picture]) }
		},
		Open: func(ctx context.Context, bus device.USB) (device.Scanner, error) {
			s, err := Open(ctx, bus, options())
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		Lie:  lies,
		Runs: 20,
	}
	for _, p := range shown {
		rig.Pictures = append(rig.Pictures, delivered(c, p))
	}
	return rig
}

// TestFaults: whatever goes wrong on the bus, no frame is wrong, nothing hangs or
// is left open, and two seconds later all is well.
func TestFaults(t *testing.T) {
	devicetest.TestFaults(t, rig(fm220test.Config{Clip: fm220test.Clip{Width: 300, Height: 290, Left: 160, Top: 90}}))
}
