package nist

import (
	"fmt"
	"strconv"
)

// A Print is a Type-14 record: the image of one or more fingers, or the statement
// that there is none.
type Print struct {
	Sample
	Image
	Depth         int          // BPX: bits for a pixel; 8
	Impression    int          // IMP: 0 plain, 1 rolled, 4 latent, 8 swiped, 24 plain without contact
	Finger        int          // FGP: 1 to 10 from the right thumb to the left little finger, 13 to 15 slaps
	Amputations   []Amputation // AMP
	Segments      []Segment    // SEG: of slaps only
	NISTScores    []NISTScore  // NQM
	SegmentScores []Quality    // SQM: of the segmentation
	Scores        []Quality    // FQM: of the print
	Outlines      []Outline    // ASEG
	Simultaneous  int          // SCF: 1 to 255, the same in records of one capture; 0 is none
	Stitched      bool         // SIF
	Profile       int          // FAP: of the device, 10 to 60
	Technology    int          // FCT: how ridges were sensed; 0 is not said
}

// A Palm is a Type-15 record. Fields that only fingers have are not written.
type Palm struct {
	Sample
	Image
	Depth       int          // BPX
	Impression  int          // IMP
	Position    int          // PLP or FGP, 15.013: 20 to 38 and 81 to 86
	Amputations []Amputation // AMP
	Scores      []Quality    // PQM
	Technology  int          // FCT
}

// An Amputation says why a finger of the record is not to be seen, or not all of it.
type Amputation struct {
	Finger int
	Code   string // XX part of it is amputated; UP no print can be taken; SR a scar, from version 0502
}

// A Segment is one finger within a slap: pixels from the top left corner of the
// image, the bounds within 0 to HLL and 0 to VLL.
type Segment struct {
	Finger                   int
	Left, Right, Top, Bottom int
}

// A NISTScore is a score of NFIQ 1.
type NISTScore struct {
	Finger int
	Score  int // 1, the best, to 5; 254 no score, 255 failed
}

// An Outline is a polygon around one finger within a slap.
type Outline struct {
	Finger int
	Points [][2]int // 3 to 99 of across and down, in pixels
}

// AddPrint adds a Type-14 record. IMP is written with an image only, as version
// 0502 has it.
func (t *Transaction) AddPrint(p Print) *Record {
	m := maker{typ: 14}
	m.friction(t.nextIDC(p.IDC), p.Image, p.Impression, p.Depth)
	m.sample(p.Sample, 20)
	m.text(13, strconv.Itoa(p.Finger))
	m.amputations(p.Amputations)
	m.list(21, segments(p.Segments))
	m.list(22, nistScores(p.NISTScores))
	m.list(23, qualities(p.SegmentScores, true))
	m.list(24, qualities(p.Scores, true))
	m.list(25, outlines(p.Outlines))
	m.number(26, p.Simultaneous)
	if p.Stitched {
		m.text(27, "Y")
	}
	m.number(31, p.Profile)
	m.number(901, p.Technology)
	return t.add(m)
}

// Print reads a Type-14 record.
func (rec *Record) Print() (Print, error) {
	if rec.Type != 14 || len(rec.Whole) > 0 {
		return Print{}, fmt.Errorf("reading a print: a record of Type-%d", rec.Type)
	}
	r := reader{rec: rec}
	p := Print{
		Image: r.image(), Depth: r.number(12), Impression: r.number(3), Finger: r.number(13),
		Amputations: r.amputations(), Segments: r.segments(), NISTScores: r.nistScores(),
		SegmentScores: r.qualities(23, true), Scores: r.qualities(24, true), Outlines: r.outlines(),
		Simultaneous: r.number(26), Stitched: r.text(27) == "Y", Profile: r.number(31), Technology: r.number(901),
	}
	p.Sample = r.sample(20)
	return p, r.err
}

// AddPalm adds a Type-15 record.
func (t *Transaction) AddPalm(p Palm) *Record {
	m := maker{typ: 15}
	m.friction(t.nextIDC(p.IDC), p.Image, p.Impression, p.Depth)
	m.sample(p.Sample, 20)
	m.text(13, strconv.Itoa(p.Position))
	m.amputations(p.Amputations)
	m.list(24, qualities(p.Scores, true))
	m.number(901, p.Technology)
	return t.add(m)
}

// Palm reads a Type-15 record.
func (rec *Record) Palm() (Palm, error) {
	if rec.Type != 15 || len(rec.Whole) > 0 {
		return Palm{}, fmt.Errorf("reading a palm: a record of Type-%d", rec.Type)
	}
	r := reader{rec: rec}
	p := Palm{
		Image: r.image(), Depth: r.number(12), Impression: r.number(3), Position: r.number(13),
		Amputations: r.amputations(), Scores: r.qualities(24, true), Technology: r.number(901),
	}
	p.Sample = r.sample(20)
	return p, r.err
}

// friction adds what the records of fingers and palms have in common.
func (m *maker) friction(idc int, i Image, impression, depth int) {
	m.text(fieldIDC, strconv.Itoa(idc))
	m.image(i)
	if len(i.Data) > 0 {
		m.text(3, strconv.Itoa(impression))
		m.text(12, strconv.Itoa(depth))
	}
}

func (m *maker) amputations(list []Amputation) {
	var out [][]string
	for _, a := range list {
		out = append(out, []string{strconv.Itoa(a.Finger), a.Code})
	}
	m.list(18, out)
}

func (r *reader) amputations() []Amputation {
	var list []Amputation
	for _, s := range r.list(18) {
		list = append(list, Amputation{r.atoi(18, s[0]), at(s, 1)})
	}
	return list
}

// numbers writes a sub-field of numbers.
func numbers(all ...int) []string {
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = strconv.Itoa(n)
	}
	return out
}

func segments(list []Segment) [][]string {
	var out [][]string
	for _, s := range list {
		out = append(out, numbers(s.Finger, s.Left, s.Right, s.Top, s.Bottom))
	}
	return out
}

func (r *reader) segments() []Segment {
	var list []Segment
	for _, s := range r.list(21) {
		n := r.atois(21, s, 5)
		list = append(list, Segment{n[0], n[1], n[2], n[3], n[4]})
	}
	return list
}

func nistScores(list []NISTScore) [][]string {
	var out [][]string
	for _, s := range list {
		out = append(out, numbers(s.Finger, s.Score))
	}
	return out
}

func (r *reader) nistScores() []NISTScore {
	var list []NISTScore
	for _, s := range r.list(22) {
		n := r.atois(22, s, 2)
		list = append(list, NISTScore{n[0], n[1]})
	}
	return list
}

func outlines(list []Outline) [][]string {
	var out [][]string
	for _, o := range list {
		items := []int{o.Finger, len(o.Points)}
		for _, p := range o.Points {
			items = append(items, p[0], p[1])
		}
		out = append(out, numbers(items...))
	}
	return out
}

func (r *reader) outlines() []Outline {
	var list []Outline
	for _, s := range r.list(25) {
		n := r.atois(25, s, 2)
		o := Outline{Finger: n[0]}
		for i := 2; i+1 < len(n); i += 2 {
			o.Points = append(o.Points, [2]int{n[i], n[i+1]})
		}
		list = append(list, o)
	}
	return list
}

// atois reads all items of a sub-field, and at least so many.
func (r *reader) atois(field int, items []string, least int) []int {
	n := make([]int, max(least, len(items)))
	for i := range n {
		n[i] = r.atoi(field, at(items, i))
	}
	return n
}
