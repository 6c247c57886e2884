package records

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"optag/capture/record/nist"
)

// transaction tells of a file of ANSI/NIST-ITL.
func (i *inspector) transaction(file []byte) {
	i.Format = "ANSI/NIST-ITL"
	t, err := nist.Parse(file)
	if err != nil {
		i.fault("", err.Error(), "")
		return
	}
	i.Format = "ANSI/NIST-ITL " + edition(t.Records[0].Text(2))
	for _, f := range nist.Check(t) {
		i.fault(fmt.Sprintf("record %d, %s", f.Record+1, f.Field), f.Rule, f.Value)
	}
	profile := i.Profile
	if profile == "" {
		profile = i.profileOf(t)
	}
	for n, r := range t.Records {
		i.Sections = append(i.Sections, i.nistRecord(n, r, profile))
	}
	if i.Profile != "" {
		i.held(file)
	}
}

// edition is the version of the standard in words.
func edition(version string) string {
	years := map[string]string{"0200": "1993", "0201": "1997", "0300": "2000", "0400": "2007", "0500": "2011", "0501": "2011 Update 2013", "0502": "2011 Update 2015"}
	if year := years[version]; year != "" {
		return "1-" + year
	}
	return "1"
}

// profileOf guesses by the domain whose Type-2 record it is.
func (i *inspector) profileOf(t *nist.Transaction) string {
	h, err := t.Header()
	if err != nil || h.Domain.Name == "" {
		return ""
	}
	for _, name := range Profiles() {
		if a, _ := i.agreement(name); a.Domain.Name == h.Domain.Name {
			return name
		}
	}
	return ""
}

// nistRecord tells of one record.
func (i *inspector) nistRecord(n int, r *nist.Record, profile string) Section {
	where := fmt.Sprintf("record %d", n+1)
	s := Section{Name: fmt.Sprintf("%s, Type-%d %s", where, r.Type, typeName(r.Type)), Fields: []Field{}}
	if !slices.Contains([]int{1, 2, 4, 10, 13, 14, 15}, r.Type) {
		i.remark("%s: of Type-%d only the frame is checked, not field by field", where, r.Type)
	}
	if len(r.Whole) > 0 {
		i.whole(&s, where, r)
		return s
	}
	known := labels(r.Type)
	if r.Type == 2 {
		known = textLabels(profile)
	}
	for _, f := range r.Fields {
		if f.Number == 999 && r.Type >= 10 {
			i.nistPicture(&s, where, r)
			continue
		}
		l, ok := known[f.Number]
		if !ok {
			l = label{name: "not named here"}
		}
		out := Field{At: fmt.Sprintf("%d.%03d", r.Type, f.Number), Mnemonic: l.mnemonic, Name: l.name}
		if l.shown || i.Names {
			out.Value = valueOf(r.Type, f)
		} else {
			out.Hidden = len(f.Value)
		}
		s.Fields = append(s.Fields, out)
	}
	return s
}

// valueOf is a value for the eye: codes with their names, separators as | and ^.
func valueOf(typ int, f nist.Field) string {
	text := printable(strings.NewReplacer("\x1e", " ^ ", "\x1f", "|").Replace(string(f.Value)))
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || typ < 13 || typ > 15:
	case f.Number == 3:
		return coded(n, impressionName(n))
	case f.Number == 13:
		return coded(n, positionName(n))
	}
	return text
}

// whole tells of a record that has no tags, or of which none is known.
func (i *inspector) whole(s *Section, where string, r *nist.Record) {
	s.Fields = append(s.Fields, tell("record length", len(r.Whole)), tell("designation character", r.IDC()))
	p, err := r.Legacy()
	if err != nil {
		return
	}
	var fingers []string
	for _, f := range p.Fingers {
		fingers = append(fingers, coded(f, positionName(f)))
	}
	s.Fields = append(s.Fields,
		tell("impression type", coded(p.Impression, impressionName(p.Impression))),
		tell("position", strings.Join(fingers, ", ")),
		tell("resolution", map[bool]string{false: "19.69 pixels per millimetre", true: "that of 1.012"}[p.Declared]),
		tell("width", p.Width), tell("height", p.Height))
	if r.Type == 4 {
		s.Picture = i.picture(where, p.Data, p.Algorithm == 0, p.Width, p.Height)
	}
}

// nistPicture tells of the image of a tagged record. Whether it is of the size and
// coding of its fields was checked by the standard.
func (i *inspector) nistPicture(s *Section, where string, r *nist.Record) {
	if !slices.Contains([]int{10, 13, 14, 15}, r.Type) {
		s.Fields = append(s.Fields, Field{At: fmt.Sprintf("%d.999", r.Type), Mnemonic: "DATA", Name: "data", Hidden: len(r.Data())})
		return
	}
	width, _ := strconv.Atoi(r.Text(6))
	height, _ := strconv.Atoi(r.Text(7))
	s.Picture = i.picture(where, r.Data(), r.Text(11) == "NONE", 0, 0)
	if s.Picture.Width == 0 {
		s.Picture.Width, s.Picture.Height = width, height
	}
	if ppi, err := strconv.Atoi(r.Text(9)); err == nil && r.Text(8) == "1" && s.Picture.PPI > 0 && s.Picture.PPI != ppi {
		i.remark("%s: the image calls itself one of %d ppi, the record one of %d", where, s.Picture.PPI, ppi)
	}
	switch err := r.CheckHash(); {
	case errors.Is(err, nist.ErrNoHash):
	case err != nil:
		i.fault(fmt.Sprintf("%s, %d.996", where, r.Type), "the hash is of another image", "")
	default:
		i.remark("%s: the hash of the image is right", where)
	}
}
