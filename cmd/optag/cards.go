package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"optag/capture/finger/wsq"
	"optag/capture/record/iso19794"
	"optag/cmd/internal/inspection"
	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/pa"
	"optag/device/jp2"
	"optag/device/pcsc"
	"optag/testdata/gen"
)

// chips is how the counter reads chips; nil where the settings name no reader.
func (e *env) chips(set station.Settings, id *trust.Station, service *trust.Service) (*station.Chips, error) {
	if set.Cards == nil {
		return nil, nil
	}
	terminal, err := terminals(set.Cards.Signer, id, service)
	if err != nil {
		return nil, err
	}
	return &station.Chips{Busy: pcsc.ErrBusy, JP2: jp2.Decode, Trust: e.issuers, Terminal: terminal,
		Open: func(ctx context.Context) (station.CardReader, error) {
			reader, err := e.smartCards().Open(ctx, set.Cards.Reader)
			if err != nil {
				return nil, fmt.Errorf("opening the card reader: %w", err)
			}
			return reader, nil
		}}, nil
}

// terminals ask the back office that opens the prints in chips; nil where the
// settings name none.
func terminals(signer *station.Signer, id *trust.Station, service *trust.Service) (func() station.Terminal, error) {
	if signer == nil {
		return nil, nil
	}
	conf, err := id.ClientTLS(service)
	if err != nil {
		return nil, err
	}
	client, err := inspection.NewClient(cmp.Or(signer.URL, service.URL), conf, inspection.Patience)
	if err != nil {
		return nil, err
	}
	return func() station.Terminal { return client.Open() }, nil
}

// cardReaders finds the readers of cards. A machine without the service for them
// has none; but the one that the settings name is listed even if it is not there.
func cardReaders(ctx context.Context, service *pcsc.Service, named *station.Cards) (list []attachment) {
	slots, _ := service.Slots(ctx)
	for _, s := range slots {
		d := attachment{Kind: "card", At: s.Name, Health: "attached", Info: s.Info}
		if s.Busy {
			d.Health, d.Note = "busy", "another program holds the card that lies in it"
		}
		list = append(list, d)
	}
	if named == nil {
		return list
	}
	r, err := service.Open(ctx, named.Reader)
	if err != nil {
		d := attachment{Kind: "card", At: named.Reader, Info: device.Info{Model: "card reader of the settings", Driver: "pcsc", Version: "1"}}
		d.suffers(err)
		return append(list, d)
	}
	r.Close()
	return list
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

// chips is how the simulated counter reads the specimen, and has its prints
// opened.
func (s *simulatedCards) chips(terminal func() station.Terminal) *station.Chips {
	return &station.Chips{
		Terminal: terminal,
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

// opens answers for the back office of the specimen's issuer, beside a service.
func (s *simulatedCards) opens(log *slog.Logger) trust.Beside {
	return func(a *trust.Authority, packages http.Handler) http.Handler {
		return inspection.NewHandler(inspection.Config{Office: simulatedOffice{s.specimen}, Stations: a.Stations(), Log: log}).Beside(packages)
	}
}

// A simulatedOffice has the inspection system of the specimen's issuer.
type simulatedOffice struct{ specimen func() (specimenCard, error) }

func (o simulatedOffice) Chain(ctx context.Context, authority string) ([][]byte, error) {
	card, err := o.specimen()
	if err != nil {
		return nil, err
	}
	if authority != card.office.CVCA.Name {
		return nil, inspection.ErrUnknown
	}
	return card.office.Chain(ctx, authority)
}

func (o simulatedOffice) Sign(ctx context.Context, _ string, message []byte) ([]byte, error) {
	card, err := o.specimen()
	if err != nil {
		return nil, err
	}
	return card.office.Sign(ctx, message)
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

// specimenPrints are the prints in the specimen, of nobody: one is the other's
// mirror image, since a finger takes a tenth of a second to grow.
func specimenPrints() ([]byte, error) {
	size := image.Pt(320, 400)
	right := gen.Person(1).Finger(gen.RightIndex).Impression(size, [2]int{500, 500}, gen.Conditions{}, 1)
	left := image.NewGray(right.Rect)
	for y := range size.Y {
		for x := range size.X {
			left.SetGray(size.X-1-x, y, right.GrayAt(x, y))
		}
	}
	var prints []emrtdtest.Print
	for p, img := range map[gen.Position]*image.Gray{gen.RightIndex: right, gen.LeftIndex: left} {
		data, err := wsq.Encode(img, wsq.Options{PPI: 500})
		if err != nil {
			return nil, err
		}
		prints = append(prints, emrtdtest.Print{Image: iso19794.Image{Width: size.X, Height: size.Y, Coding: iso19794.WSQ, Data: data}, Position: int(p)})
	}
	slices.SortFunc(prints, func(a, b emrtdtest.Print) int { return a.Position - b.Position })
	return emrtdtest.Fingers(prints...)
}
