package emrtdtest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"time"

	"optag/capture/mrz"
	"optag/capture/record/iso19794"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/sm"
)

// Specimen is the card of a person who does not exist, made on a day: every file
// and every protocol, PACE by the generic mapping before the others. Face and
// prints are patterns of a few pixels.
func Specimen(i *Issuer, day time.Time) Spec {
	names, _ := mrz.MakeNames("Eriksson", "Anna Maria")
	date := func(t time.Time) mrz.Date { return mrz.Date(t.Format("060102")) }
	until := day.AddDate(5, 0, 0)
	return Spec{
		Document: mrz.Document{
			Format: mrz.TD1, Code: "AR", Issuer: "UTO", Number: "D23145890", Nationality: "XXA", Sex: mrz.Female,
			Birth: "900812", Expiry: date(until), Names: names,
		},
		CAN:       "240917",
		Face:      must(Face(portrait())),
		Fingers:   must(Fingers(Print{stripes(false), 2}, Print{stripes(true), 7})),
		Signature: portrait().Data,
		Holder: lds.Holder{
			Name: "ERIKSSON<<ANNA<MARIA", PersonalNumber: "120890-0000", Birth: "19900812",
			Birthplace: []string{"ZENITH", "UTOPIA"}, Address: []string{"1 HIGH STREET", "ZENITH"},
		},
		Issue: lds.Issue{Authority: "UTOPIAN IMMIGRATION SERVICE", Date: day.Format("20060102"), Personalised: day.Format("20060102150405")},
		BAC:   true,
		PACE:  []PACE{{Generic, "secp256r1", sm.AES128}},
		Chip:  []Agreement{{"secp256r1", sm.AES128}}, Active: "secp256r1",
		Issuer: i, Day: day,
	}
}

// portrait is a disc on a light ground.
func portrait() iso19794.Image {
	const w, h = 48, 64
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := color.Gray{Y: 0xd0}
			if dx, dy := x-w/2, y-h/2; dx*dx*2+dy*dy < 600 {
				v.Y = 0x80
			}
			img.SetGray(x, y, v)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic("emrtdtest: internal error: " + err.Error())
	}
	return iso19794.Image{Width: w, Height: h, Coding: iso19794.JPEG, Data: b.Bytes()}
}

// stripes are upright or level.
func stripes(level bool) iso19794.Image {
	const n = 24
	b := make([]byte, n*n)
	for i := range b {
		at := i % n
		if level {
			at = i / n
		}
		b[i] = byte(at / 3 % 2 * 0xff)
	}
	return iso19794.Image{Width: n, Height: n, Coding: iso19794.Raw, Data: b}
}
