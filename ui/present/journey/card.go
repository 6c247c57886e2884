package journey

import (
	"image"
	"image/color"
	"math"

	"optag/capture/finger"
	"optag/ui/flow"
)

// cards shows a holder what the chip of the card holds.
func (w *walk) cards() {
	read := func(s *flow.Seen) {
		w.do(flow.Edit{Field: flow.CAN, Value: "240917"}, flow.Next{})
		w.do(flow.CardSeen{Ask: w.Card.Ask, Seen: s})
	}
	w.do(flow.Go{To: flow.Card})
	w.stop("card, none in the reader")
	w.do(flow.CardIs{Lies: true}, flow.Edit{Field: flow.CAN, Value: "2409"}, flow.Edit{Field: flow.Birth, Value: "12 August"}, flow.Next{})
	w.stop("card, what cannot be")
	w.do(flow.Edit{Field: flow.Birth}, flow.Edit{Field: flow.CAN, Value: "240917"}, flow.Next{})
	w.do(flow.CardProgress{Ask: w.Card.Ask, Percent: 40})
	w.stop("card, being read")
	w.do(flow.CardNotSeen{Ask: w.Card.Ask, Code: "wrong_key", Tries: 2})
	w.stop("card, wrong number")
	read(held())
	w.stop("card, read")
	w.do(flow.RightsTurn{By: 1})
	w.stop("card, second page")
	w.do(flow.HandOver{})
	w.stop("card, shown to the holder")
	w.do(flow.HandOver{}, flow.CardIs{})
	w.stop("card, taken away")
	w.do(flow.CardIs{Lies: true})
	read(opened())
	w.stop("card, with its prints")
	w.do(flow.HandOver{})
	w.stop("card, prints shown to the holder")
	w.do(flow.HandOver{}, flow.CardIs{}, flow.CardIs{Lies: true})
	read(forged())
	w.stop("card, not in order")
	w.do(flow.DeviceLost{Device: "card", Cause: "unplugged"})
	w.stop("card, reader pulled out")
	w.do(flow.Back{})
}

// held is what the card of somebody who does not exist holds.
func held() *flow.Seen {
	s := &flow.Seen{Birth: "1990-08-12", Expiry: "2031-10-22", Face: drawnFace(), Prints: "closed", Signer: "Utopia, Immigration Service",
		Details: []flow.Detail{{Field: "full_name", Value: "Anna Maria Eriksson-Østergaard af Zenith og Omegn"}, {Field: "personal_number", Value: "120890-0000"},
			{Field: "birthplace", Value: "Zenith, Utopia"}, {Field: "address", Value: "1 High Street, Zenith"},
			{Field: "authority", Value: "Utopian Immigration Service"}, {Field: "issued_on", Value: "2026-10-22"}, {Field: "signature", Value: "stored"}}}
	z := &s.Zone
	z.Primary, z.Secondary, z.Sex, z.Nationality = "ERIKSSON OESTERGAARD", "ANNA MARIA", "F", "XXA"
	z.Code, z.Number, z.Issuer = "AR", "D23145890", "UTO"
	for _, id := range []string{"signature", "content", "genuine", "belongs"} {
		s.Lamps = append(s.Lamps, flow.Lamp{ID: id, Verdict: "ok"})
	}
	return s
}

// opened is the same with two prints.
func opened() *flow.Seen {
	s := held()
	s.Prints = "read"
	for _, p := range []finger.Position{finger.RightIndex, finger.LeftIndex} {
		s.Fingers = append(s.Fingers, flow.SeenPrint{Position: p, Picture: drawnPrint()})
	}
	return s
}

// drawnPrint are rings in an oval.
func drawnPrint() image.Image {
	img := image.NewGray(image.Rect(0, 0, 320, 400))
	for y := range 400 {
		for x := range 320 {
			shade := color.Gray{Y: 0xF4}
			if dx, dy := float64(x-160), float64(y-210)*0.8; dx*dx+dy*dy < 150*150 && int(math.Hypot(dx, dy))%9 < 5 {
				shade.Y = 0x40
			}
			img.SetGray(x, y, shade)
		}
	}
	return img
}

// drawnFace is a disc above a wider one.
func drawnFace() image.Image {
	img := image.NewGray(image.Rect(0, 0, 120, 160))
	for y := range 160 {
		for x := range 120 {
			shade := color.Gray{Y: 0xD8}
			if head, body := (x-60)*(x-60)*5/3+(y-66)*(y-66), (x-60)*(x-60)+(y-170)*(y-170); head < 1500 || body < 2900 {
				shade.Y = 0x70
			}
			img.SetGray(x, y, shade)
		}
	}
	return img
}
