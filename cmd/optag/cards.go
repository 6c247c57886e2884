package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"sync"
	"time"

	"optag/capture/record/iso19794"
	"optag/cmd/optag/internal/station"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/pa"
	"optag/device/jp2"
	"optag/device/pcsc"
	"optag/testdata/gen"
)

// chips is how the counter reads chips; nil where the settings name no reader.
func (e *env) chips(set station.Settings) *station.Chips {
	if set.Cards == nil {
		return nil
	}
	return &station.Chips{Busy: pcsc.ErrBusy, JP2: jp2.Decode, Trust: e.issuers,
		Open: func(ctx context.Context) (station.CardReader, error) {
			reader, err := e.smartCards().Open(ctx, set.Cards.Reader)
			if err != nil {
				return nil, fmt.Errorf("opening the card reader: %w", err)
			}
			return reader, nil
		}}
}

// simulatedCards are the reader of a simulated station, in which the specimen
// lies from the first time on that it is opened.
type simulatedCards struct {
	*emrtdtest.Reader
	specimen func() (specimenCard, error)
	trust    *pa.Trust
}

func newSimulatedCards() *simulatedCards {
	s := &simulatedCards{Reader: emrtdtest.NewReader()}
	s.specimen = sync.OnceValues(func() (specimenCard, error) {
		card, trust, err := specimen(time.Now())
		if err == nil {
			s.trust = trust
			s.Insert(card.Card)
		}
		return card, err
	})
	return s
}

// chips is how the simulated counter reads the specimen.
func (s *simulatedCards) chips() *station.Chips {
	return &station.Chips{
		Open: func(context.Context) (station.CardReader, error) {
			_, err := s.specimen()
			return held{s.Reader}, err
		},
		Trust: func() (*pa.Trust, error) {
			_, err := s.specimen()
			return s.trust, err
		},
	}
}

// A held reader stays where it is when it is closed.
type held struct{ *emrtdtest.Reader }

func (held) Close() error { return nil }

// specimenFace is the face in the specimen, of nobody.
func specimenFace() ([]byte, error) {
	img := gen.NewFace(1).Portrait(image.Pt(300, 400), gen.Pose{}, 1)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		return nil, err
	}
	return emrtdtest.Face(iso19794.Image{Width: 300, Height: 400, Coding: iso19794.JPEG, Data: b.Bytes()})
}
