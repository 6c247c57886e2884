package uru4500

import (
	"context"
	"image"
	"math/rand/v2"
	"testing"

	"optag/device"
	"optag/device/devicetest"
	"optag/device/resample"
	"optag/device/tape"
	"optag/device/uru4500/uru4500test"
)

// pictures are three things to lay on the glass, none of them a finger.
func pictures() []*image.Gray {
	return []*image.Gray{nil, uru4500test.Ridges(1), uru4500test.Ridges(2), uru4500test.Ridges(3)}
}

// delivered are their frames.
func delivered(o Options) []*image.Gray {
	var all []*image.Gray
	for _, p := range pictures() {
		if p == nil {
			p = image.NewGray(image.Rect(0, 0, width, height))
			for i := range p.Pix {
				p.Pix[i] = 0xff
			}
		}
		p = uru4500test.Delivered(p, few())
		if o.calibrated() {
			c := resample.NewAt500(image.Pt(width, height), o.PPI)
			c.Make(p)
			p = c.Image
		}
		all = append(all, p)
	}
	return all
}

// lies alters what can be told from the truth: the header of an image, a status,
// an event, a key. A pixel cannot.
func lies(op tape.Op, r *rand.Rand) {
	switch {
	case len(op.Data) == 0:
	case op.Kind == tape.Bulk:
		at := 4 + r.IntN(headerSize-4)
		for i := range op.Data[:min(len(op.Data), headerSize)] {
			if i == at || i >= atLines && r.IntN(8) == 0 {
				op.Data[i] = byte(r.Uint32())
			}
		}
	default:
		op.Data[r.IntN(min(len(op.Data), 4))] ^= byte(1 + r.IntN(255))
	}
}

func rig(o Options) devicetest.Rig {
	shown := pictures()
	return devicetest.Rig{
		Plug: func(picture int) (devicetest.Simulated, func(int)) {
			sim := small(uru4500test.Config{Secret: 0xabcde})
			sim.Touch(shown[picture])
			return sim, func(picture int) { sim.Touch(shown[picture]) }
		},
		Open: func(ctx context.Context, bus device.USB) (device.Scanner, error) {
			o.Random = seeds()
			s, err := Open(ctx, bus, o)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		Pictures: delivered(o),
		Lie:      lies,
		Runs:     40,
	}
}

// TestFaults: whatever goes wrong on the bus, no frame is wrong, nothing hangs or
// is left open, and two seconds later all is well.
func TestFaults(t *testing.T) { devicetest.TestFaults(t, rig(options())) }
