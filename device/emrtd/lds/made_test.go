package lds_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/hex"
	"image"
	"image/jpeg"
	"math/big"
	"strings"

	"optag/capture/mrz"
	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func unhex(s string) []byte { return must(hex.DecodeString(strings.ReplaceAll(s, " ", ""))) }

// The beginnings of coded images of a size, which nobody decodes here.
func photo(w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func stream(w, h byte) []byte {
	return append(append([]byte("\xff\x4f\xff\x51\x00\x2f\x00\x00"), 0, 0, 0, w, 0, 0, 0, h), "\x00\x00\x00\x00\x00\x00\x00\x00tiles\xff\xd9"...)
}

func print(w, h byte) []byte {
	return append([]byte("\xff\xa0\xff\xa2\x00\x11\x00\xff"), 0, h, 0, w, 3, 0, 0, 3, 0, 0, 2, 0, 1, 'b', 0xff, 0xa1)
}

// groups are the data groups of a whole card, as their makers write them.
func groups() map[lds.File][]byte {
	face := iso19794.FaceRecord{Edition: iso19794.Edition2005, Images: []iso19794.FaceImage{{
		Image: iso19794.Image{Width: 30, Height: 40, Coding: iso19794.JPEG, Data: photo(30, 40)}, Kind: iso19794.FullFrontal}}}
	finger := func(position int) cbeff.Template {
		r := iso19794.FingerRecord{Edition: iso19794.Edition2005, Level: 31, Images: []iso19794.FingerImage{{
			Image:    iso19794.Image{Width: 30, Height: 40, Coding: iso19794.WSQ, Data: print(30, 40)},
			Position: iso19794.Position(position), View: 1, Units: iso19794.PerInch, Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8}}}
		return cbeff.FingerTemplate(cbeff.Finger19794, position, must(r.Bytes()))
	}
	zone := must(mrz.Parse(strings.Join([]string{
		"ARUTOD231458907<<<<<<<<<<<<<<<", "7408122F3204151UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}, "\n")))
	return map[lds.File][]byte{
		lds.DG1:  must(lds.WriteDG1(zone)),
		lds.DG2:  must((&cbeff.Group{File: cbeff.DG2, Templates: []cbeff.Template{cbeff.FaceTemplate(cbeff.Face19794, must(face.Bytes()))}}).Bytes()),
		lds.DG3:  must((&cbeff.Group{File: cbeff.DG3, Templates: []cbeff.Template{finger(2), finger(7)}}).Bytes()),
		lds.DG7:  lds.WriteDG7(photo(50, 20)),
		lds.DG11: holder.Bytes(),
		lds.DG12: issue.Bytes(),
		lds.DG14: infos().DG14(),
		lds.DG15: lds.WriteDG15(point("brainpoolP256r1")),
		lds.COM:  lds.Common{Version: "0107", Unicode: "040000", Groups: []lds.File{lds.DG1, lds.DG2, lds.DG3}}.Bytes(),
		lds.CVCA: lds.WriteCVCA("UTCVCA00002", "UTCVCA00001"),
	}
}

// face39794 is DG2 with a record of the third generation.
func face39794() []byte {
	r := iso39794.FaceImageDataBlock{Version: iso39794.CurrentVersion(), Representations: make([]iso39794.FaceRepresentation, 1)}
	r.Representations[0].Image.Data = stream(30, 40)
	i := &r.Representations[0].Image.Information
	i.ImageDataFormat = iso39794.Of(iso39794.FaceJPEG2000Lossy)
	i.ImageSize = &iso39794.ImageSizeBlock{Width: 30, Height: 40}
	record := must(r.Encode(iso39794.ICAO))
	return must((&cbeff.Group{File: cbeff.DG2, Templates: []cbeff.Template{cbeff.FaceTemplate(cbeff.Face39794, record)}}).Bytes())
}

// fingers39794 is DG3 with a record of the third generation.
func fingers39794() []byte {
	r := iso39794.FingerImageDataBlock{Version: iso39794.CurrentVersion(), Representations: make([]iso39794.FingerRepresentation, 1)}
	p := &r.Representations[0]
	p.Position, p.ImageDataFormat, p.ImageData = iso39794.Of(iso39794.LeftIndex), iso39794.Of(iso39794.FingerWSQ), print(30, 40)
	record := must(r.Encode())
	return must((&cbeff.Group{File: cbeff.DG3, Templates: []cbeff.Template{cbeff.FingerTemplate(cbeff.Finger39794, 7, record)}}).Bytes())
}

var holder = lds.Holder{
	Name: "ERIKSSON<<ANNA<MARIA", OtherNames: []lds.Name{"LIND<<ANNA", "ÅS<<ANNA"}, PersonalNumber: "0011", Birth: "19740812",
	Birthplace: []string{"ODENSE", "FYN"}, Address: []string{"STRANDVEJ 1", "5000 ODENSE"}, Telephone: "1", Profession: "SØMAND",
	Title: "DR", Summary: "none", Citizenship: photo(8, 8), OtherDocuments: []string{"A1", "B2"}, Custody: "no",
}

var issue = lds.Issue{
	Authority: "UTOPIA", Date: "20260101", OtherPersons: []lds.Name{"ERIKSSON<<EVA"}, Endorsements: "none", TaxExit: "none",
	Front: photo(8, 8), Rear: photo(9, 8), Personalised: "20260101120000", System: "S1",
}

func point(curve string) der.PublicKey {
	c := ec.ByName(curve)
	return der.PublicKey{Curve: c, Point: c.G, Parameter: -1}
}

func infos() lds.SecurityInfos {
	key, standard := point("brainpoolP256r1"), point("secp256r1")
	standard.Parameter = 12
	return lds.SecurityInfos{
		{Protocol: lds.OIDPACE + ".2.2", Version: 2, Parameter: 13},
		{Protocol: lds.OIDChip + ".2.2", Version: 1, Parameter: 7},
		{Protocol: lds.OIDPublicKey + ".2", Key: &key, Parameter: 7},
		{Protocol: lds.OIDPublicKey + ".2", Key: &standard, Parameter: -1},
		{Protocol: lds.OIDTerminal, Version: 1, Parameter: -1},
		{Protocol: lds.OIDActive, Version: 1, Algorithm: lds.OIDECDSAPlain + ".3", Parameter: -1},
	}
}

var rsaKey = der.PublicKey{RSA: &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 1024), big.NewInt(1)), E: 65537}, Parameter: -1}

// parse reads any file and forgets what it says.
func parse(f lds.File, b []byte) error {
	var err error
	switch f {
	case lds.COM:
		_, err = lds.ParseCOM(b)
	case lds.DG1:
		_, err = lds.ParseDG1(b)
	case lds.DG2:
		_, err = lds.ParseDG2(b)
	case lds.DG3:
		_, err = lds.ParseDG3(b)
	case lds.DG7:
		_, err = lds.ParseDG7(b)
	case lds.DG11:
		_, err = lds.ParseDG11(b)
	case lds.DG12:
		_, err = lds.ParseDG12(b)
	case lds.DG14:
		_, err = lds.ParseDG14(b)
	case lds.DG15:
		_, err = lds.ParseDG15(b)
	case lds.CVCA:
		_, err = lds.ParseCVCA(b)
	case lds.CardAccess:
		_, err = lds.ParseCardAccess(b)
	case lds.CardSecurity:
		_, err = lds.ParseSecurityInfos(b)
	}
	return err
}
