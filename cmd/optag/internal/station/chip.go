package station

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/image/draw"

	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/lds"
	"optag/ui/flow"
)

// notSeen is why a chip was not read, as the counter knows it, and the tries
// that are left for the key.
func notSeen(err error) (code string, tries int) {
	var key *emrtd.KeyError
	switch {
	case errors.As(err, &key):
		return "wrong_key", key.Tries
	case errors.Is(err, emrtd.ErrNoAccess):
		return "no_access", -1
	case errors.Is(err, emrtd.ErrNotTravelDocument):
		return "no_document", -1
	case errors.Is(err, device.ErrRemoved):
		return "removed", -1
	case errors.Is(err, device.ErrUnplugged):
		return "unplugged", -1
	case errors.Is(err, device.ErrSilent), errors.Is(err, context.DeadlineExceeded):
		return "silent", -1
	}
	return "failed", -1
}

// decodeJP2 decodes a JPEG 2000 of the size given.
type decodeJP2 func(data []byte, width, height int) (image.Image, error)

// seenOf is what the counter shows of a chip. The chip may be wiped afterwards.
func seenOf(c *emrtd.Chip, today time.Time, jp2 decodeJP2) *flow.Seen {
	s := &flow.Seen{Zone: c.Zone, Birth: c.Zone.Birth.Birth(today), Expiry: c.Zone.Expiry.Expiry(today), Details: details(c), Prints: PrintsIn(c)}
	s.Holder.Family, s.Holder.Given = c.Holder.Name.Parts()
	for _, f := range c.Faces[:min(len(c.Faces), mostFaces)] {
		if img := picture(f.Image, jp2); img != nil {
			s.Face = flow.NewFace(img)
			break
		}
	}
	if c.Passive != nil && len(c.Passive.Path) > 0 {
		s.Signer = legible(c.Passive.Path[0].String())
	}
	for _, r := range []struct {
		id string
		emrtd.Result
	}{{"signature", c.Signature}, {"content", c.Content}, {"genuine", c.Genuine}, {"belongs", c.Belongs}} {
		s.Lamps = append(s.Lamps, lampOf(r.id, r.Result))
	}
	for i, f := range c.Fingers {
		seen := flow.SeenPrint{}
		if p := finger.Position(f.Position); p.Valid() {
			seen.Position = p
		}
		if i < mostPrints {
			if img := print(f.Image, jp2); img != nil {
				seen.Picture = flow.NewFace(small(img))
			}
		}
		s.Fingers = append(s.Fingers, seen)
	}
	for _, g := range c.Groups {
		if g.Err != nil && !g.Closed {
			s.Unread = append(s.Unread, g.File.String())
		}
	}
	return s
}

// PrintsIn says whether fingerprints are in a chip: "none", "closed" as nobody
// asked for them, "unopened" although somebody did, "read" or "unknown".
func PrintsIn(c *emrtd.Chip) string {
	switch g, there := c.Group(lds.DG3); {
	case len(c.Groups) == 0:
		return "unknown"
	case !there:
		return "none"
	case unopened(c) != nil:
		return "unopened"
	case g.Closed:
		return "closed"
	case len(c.Fingers) > 0:
		return "read"
	case g.Err != nil:
		return "unknown"
	}
	return "none"
}

// unopened is why prints that were to be opened are not: what the back office
// said, or the chip of it; nil where they are open, or nobody asked.
func unopened(c *emrtd.Chip) error {
	if g, _ := c.Group(lds.DG3); g.Closed {
		return g.Err
	}
	return nil
}

// mostFace is the most pixels that a face in a chip has here; those of travel
// documents have a tenth of it. More than mostFaces are not tried for one that is
// legible; they have one.
const (
	mostFace  = 4_000_000
	mostFaces = 3
)

// mostPrint is the most pixels that a print in a chip has here: a whole hand
// would have half of it. More than mostPrints are not decoded.
const (
	mostPrint  = 1_500_000
	mostPrints = 10
)

// mostScans is the most passes in which a JPEG of a chip may draw its picture. Ten
// are usual, and one costs as much time as the picture has room, however few bytes
// it has: a file of a chip would hold 50,000.
const mostScans = 64

// fits reports whether an image has pixels, and at most so many.
func fits(width, height, most int) bool {
	return width > 0 && height > 0 && width <= most/height
}

// print decodes a print; nil where it is not legible here.
func print(f lds.Image, jp2 decodeJP2) image.Image {
	switch {
	case f.Format == lds.WSQ:
		img, info, err := wsq.Decode(f.Data, mostPrint)
		if err != nil {
			return nil
		}
		return img.SubImage(info.Content)
	case f.Format == "" && fits(f.Width, f.Height, mostPrint) && len(f.Data) == f.Width*f.Height: // eight bits a pixel, as they are
		return &image.Gray{Pix: bytes.Clone(f.Data), Stride: f.Width, Rect: image.Rect(0, 0, f.Width, f.Height)}
	case f.Format == lds.PNG:
		if head, err := png.DecodeConfig(bytes.NewReader(f.Data)); err != nil || !fits(head.Width, head.Height, mostPrint) {
			return nil
		}
		img, err := png.Decode(bytes.NewReader(f.Data))
		if err != nil {
			return nil
		}
		return img
	case f.Format == lds.JPEG, f.Format == lds.JPEG2000:
		return picture(f, jp2)
	}
	return nil
}

// small is a print no larger than it is shown, so that ridges and screen do not
// beat, and nothing finer is held than is seen. The print itself is overwritten.
func small(img image.Image) image.Image {
	const wide = 160
	size := img.Bounds().Size()
	if size.X > wide {
		size = image.Pt(wide, max(size.Y*wide/size.X, 1))
	}
	dst := image.NewGray(image.Rectangle{Max: size})
	draw.BiLinear.Scale(dst, dst.Rect, img, img.Bounds(), draw.Src, nil)
	flow.Erase(img)
	return dst
}

// picture decodes a face; nil where it is not legible here.
func picture(f lds.Image, jp2 decodeJP2) image.Image {
	if head, err := jpeg.DecodeConfig(bytes.NewReader(f.Data)); err == nil {
		if !fits(head.Width, head.Height, mostFace) || bytes.Count(f.Data, []byte{0xff, 0xda}) > mostScans {
			return nil
		}
		img, err := jpeg.Decode(bytes.NewReader(f.Data))
		if err != nil {
			return nil
		}
		return img
	}
	if jp2 == nil || !fits(f.Width, f.Height, mostFace) {
		return nil
	}
	img, err := jp2(f.Data, f.Width, f.Height)
	if err != nil {
		return nil
	}
	return img
}

func lampOf(id string, r emrtd.Result) flow.Lamp {
	l := flow.Lamp{ID: id, Verdict: strings.ReplaceAll(string(r.Verdict), " ", "_")}
	if r.Verdict == emrtd.OK {
		return l
	}
	l.Why = "unknown"
	if code, known := doubts()[r.Why]; known {
		l.Why = code
	}
	return l
}

// doubts are the codes of reasons that the screens have words for.
func doubts() map[emrtd.Reason]string {
	return map[emrtd.Reason]string{
		emrtd.NoSOD: "no_sod", emrtd.WrongSignature: "wrong_signature", emrtd.AuthorityUnknown: "authority_unknown", emrtd.SignerUnknown: "signer_unknown",
		emrtd.AuthorityWrong: "authority_wrong", emrtd.SignerExpired: "signer_expired", emrtd.SignerRevoked: "signer_revoked", emrtd.SignerNotAllowed: "signer_not_allowed",
		emrtd.GroupChanged: "group_changed", emrtd.GroupMissing: "group_missing", emrtd.GroupUnread: "group_unread", emrtd.GroupNotSigned: "group_not_signed", emrtd.AccessChanged: "access_changed",
		emrtd.NoProtocol: "no_protocol", emrtd.NoSecret: "no_secret", emrtd.Refused: "refused", emrtd.KeyNotSigned: "key_not_signed", emrtd.KeyUnknown: "key_unknown",
		emrtd.NoZone: "no_zone", emrtd.NoMRZ: "no_mrz", emrtd.OtherDocument: "other_document", emrtd.WrongDigits: "wrong_digits",
	}
}

// details are what there is beside the zone, in the order in which it is shown.
func details(c *emrtd.Chip) []flow.Detail {
	h, i := c.Holder, c.Issue
	signature := ""
	if len(c.Signatures) > 0 {
		signature = "stored"
	}
	all := []flow.Detail{
		{Field: "full_name", Value: nameOf(h.Name)}, {Field: "other_names", Value: namesOf(h.OtherNames)}, {Field: "personal_number", Value: h.PersonalNumber},
		{Field: "birth_full", Value: dayOf(h.Birth)}, {Field: "birthplace", Value: join(h.Birthplace)}, {Field: "address", Value: join(h.Address)},
		{Field: "telephone", Value: h.Telephone}, {Field: "profession", Value: h.Profession}, {Field: "holder_title", Value: h.Title},
		{Field: "summary", Value: h.Summary}, {Field: "other_documents", Value: join(h.OtherDocuments)}, {Field: "custody", Value: h.Custody},
		{Field: "signature", Value: signature}, {Field: "authority", Value: i.Authority}, {Field: "issued_on", Value: dayOf(i.Date)},
		{Field: "other_persons", Value: namesOf(i.OtherPersons)}, {Field: "endorsements", Value: i.Endorsements}, {Field: "tax", Value: i.TaxExit},
	}
	for i := range all {
		all[i].Value = legible(all[i].Value)
	}
	return slices.DeleteFunc(all, func(d flow.Detail) bool { return d.Value == "" })
}

// legible is a text of a chip as far as a screen has room for it, without what
// would turn the line around or break it.
func legible(text string) string {
	const most = 300 // characters; three lines have 150
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
	if letters := []rune(text); len(letters) > most {
		text = string(letters[:most]) + "…"
	}
	return strings.TrimSpace(text)
}

func nameOf(n lds.Name) string {
	primary, secondary := n.Parts()
	return strings.TrimSpace(secondary + " " + primary)
}

func namesOf(list []lds.Name) string {
	var names []string
	for _, n := range list {
		names = append(names, nameOf(n))
	}
	return join(names)
}

func join(parts []string) string { return strings.Join(parts, ", ") }

// dayOf writes YYYYMMDD as YYYY-MM-DD, as far as it is known.
func dayOf(text string) string {
	if len(text) != 8 {
		return text
	}
	day := text[:4]
	for _, part := range []string{text[4:6], text[6:]} {
		if part == "00" {
			break
		}
		day += "-" + part
	}
	return day
}
