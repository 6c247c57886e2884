package nist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// together checks what fields of the record ask of each other.
func (c *checker) together() {
	switch c.rec.Type {
	case 1:
		c.counts()
		c.densities()
		c.charsetName()
	case 10, 13, 14, 15:
		c.image()
	}
	if c.rec.Type == 13 || c.rec.Type == 14 {
		c.joint()
	}
	if c.rec.Type == 14 {
		c.fingers()
		c.boxes()
		c.amputations()
	}
}

// designation compares the IDC of a record with 1.003. Images of ridges have
// different ones within a type; pictures of one face or tattoo may share theirs.
func (c *checker) designation() {
	idc := c.rec.IDC()
	if idc < 0 || idc > 99 {
		c.fault(fieldIDC, "IDC is a number from 0 to 99", c.rec.Text(fieldIDC))
		return
	}
	if c.index < len(c.contents) && number([]byte(at(c.contents[c.index], 1))) != idc {
		c.fault(fieldIDC, fmt.Sprintf("1.003 lists the record with IDC %s", at(c.contents[c.index], 1)), strconv.Itoa(idc))
	}
	key := [2]int{c.rec.Type, idc}
	if c.taken[key] {
		c.fault(fieldIDC, "IDC differs from that of every other record of the type", strconv.Itoa(idc))
	}
	c.taken[key] = ridges(c.rec.Type)
}

// ridges reports whether a type holds images of fingers or palms.
func ridges(typ int) bool { return typ >= 3 && typ <= 6 || typ >= 13 && typ <= 15 }

// counts checks the list of records itself.
func (c *checker) counts() {
	list := c.contents
	if len(list) == 0 {
		return
	}
	if list[0][0] != "1" {
		c.fault(3, "CNT begins with the type of its own record, 1", list[0][0])
	}
	if n := len(c.t.Records) - 1; number([]byte(at(list[0], 1))) != n {
		c.fault(3, fmt.Sprintf("CNT says that %d records follow", n), at(list[0], 1))
	}
	for i, s := range list[1:] {
		if 1+i >= len(c.t.Records) || len(s) != 2 || number([]byte(s[0])) != c.t.Records[1+i].Type {
			c.fault(3, "CNT lists type and IDC of each record, in the order of the file", strings.Join(s, "|"))
		}
	}
}

// leastDensity is the lowest density of Type-4 images, pixels per millimetre:
// 500 pixels per inch less two in a hundred, the tolerance of scanners.
const leastDensity = "19.30"

// densities checks NSR and NTR, which speak of binary records: since 2011 of
// Type-4 only.
func (c *checker) densities() {
	speaksOf := []int{4}
	if c.version < v2011 {
		speaksOf = []int{3, 4, 5, 6, 7}
	}
	binary := slices.ContainsFunc(c.t.Records, func(r *Record) bool { return slices.Contains(speaksOf, r.Type) })
	for n := 11; n <= 12; n++ {
		name := map[int]string{11: "NSR", 12: "NTR"}[n]
		switch says := c.rec.Text(n); {
		case says == "":
		case !binary && says != "00.00" && c.version >= v2000:
			c.fault(n, name+" is 00.00 without a Type-4 record", says)
		case binary && says < leastDensity && c.version >= v2011:
			c.fault(n, name+" is "+leastDensity+" or more with a Type-4 record", says)
		}
	}
}

// charsetName checks that the name in 1.015 is that of its code, as the table is
// since 2011.
func (c *checker) charsetName() {
	f, _ := c.rec.Field(15)
	for _, s := range f.Subfields() {
		name, known := charsets[number([]byte(s[0]))]
		if known && c.version >= v2011 && at(s, 1) != "" && at(s, 1) != name {
			c.fault(15, fmt.Sprintf("DCS calls set %s %s", s[0], name), at(s, 1))
		}
	}
}

// image checks the densities, and the picture's own header.
func (c *checker) image() {
	r := reader{rec: c.rec}
	i := r.image()
	if (i.Unit == PerInch || i.Unit == PerCm) && i.Across != i.Down && c.version >= v2011 {
		c.fault(8, "SLC 1 and 2 go with the same density across and down", fmt.Sprintf("%d and %d", i.Across, i.Down))
	}
	if len(i.Data) > 0 && r.err == nil {
		c.picture(i, r.number(12))
	}
	if c.rec.Type == 10 && len(i.Data) == 0 && !has(c.rec, 994) {
		c.fault(fieldDATA, "DATA is missing", "")
	}
}

// picture compares HLL, VLL and CGA with the header of the image.
func (c *checker) picture(i Image, depth int) {
	if i.Compression == "NONE" {
		if n := i.Width * i.Height * depth / 8; c.rec.Type != 10 && len(i.Data) != n {
			c.fault(fieldDATA, fmt.Sprintf("DATA has %d bytes by HLL, VLL and BPX", n), strconv.Itoa(len(i.Data)))
		}
		return
	}
	width, height, ok := pictureSize(i.Compression, i.Data)
	switch {
	case !slices.Contains(compressions, i.Compression):
	case !ok:
		c.fault(fieldDATA, "the image is no "+i.Compression+", as CGA says", "")
	case width != i.Width:
		c.fault(6, fmt.Sprintf("the image is %d pixels wide", width), strconv.Itoa(i.Width))
	case height != i.Height:
		c.fault(7, fmt.Sprintf("the image is %d pixels high", height), strconv.Itoa(i.Height))
	}
}

// joint checks the fields about parts of a finger: there are some where FGP is
// 19, an entire joint or a tip, and nowhere else.
func (c *checker) joint() {
	f, _ := c.rec.Field(13)
	is19 := slices.ContainsFunc(f.Subfields(), func(s []string) bool { return s[0] == "19" })
	for _, n := range []int{14, 15} {
		switch there := has(c.rec, n); {
		case there && !is19 && c.version >= v2011:
			c.fault(n, "the field is absent unless FGP is 19", "")
		case !there && is19 && c.rec.Type == 14:
			c.fault(n, "the field is missing where FGP is 19", "")
		}
	}
}

// fingers checks the fields that list fingers of the picture.
func (c *checker) fingers() {
	r := reader{rec: c.rec}
	position := number([]byte(r.item(13, 0)))
	if has(c.rec, 21) && !slaps.has(position) {
		c.fault(21, "SEG is absent where FGP is no slap", "")
	}
	for _, f := range []struct {
		number int
		name   string
		key    []int // items that tell sub-fields apart: a score is listed once for each measure
	}{{18, "AMP", []int{0}}, {21, "SEG", []int{0}}, {22, "NQM", []int{0}}, {24, "FQM", []int{0, 2, 3}}, {25, "ASEG", []int{0}}} {
		c.once(f.number, f.name, r.list(f.number), f.key, single(position))
	}
	segmented := map[string]bool{}
	for _, s := range append(r.list(21), r.list(25)...) {
		segmented[s[0]] = true
	}
	for _, s := range r.list(23) {
		if !segmented[s[0]] {
			c.fault(23, "SQM is of a finger in SEG or ASEG", s[0])
		}
	}
}

// once checks that no finger is listed twice, and that it is the finger of the
// record where that is a single one.
func (c *checker) once(n int, name string, list [][]string, key []int, finger int) {
	seen := map[string]bool{}
	for _, s := range list {
		if f := number([]byte(s[0])); finger != 0 && f != finger && f != 0 {
			c.fault(n, fmt.Sprintf("%s is of finger %d, as FGP", name, finger), s[0])
		}
		k := ""
		for _, i := range key {
			k += at(s, i) + " "
		}
		if seen[k] {
			c.fault(n, name+" lists a finger once", s[0])
		}
		seen[k] = true
	}
}

// boxes checks that segments and parts of fingers lie within the image.
func (c *checker) boxes() {
	r := reader{rec: c.rec}
	width, height := r.number(6), r.number(7)
	for _, f := range []struct {
		number, skip int // items before left, right, top and bottom
		name         string
	}{{15, 2, "PPC"}, {21, 1, "SEG"}} {
		for _, s := range r.list(f.number) {
			b := r.atois(f.number, s[min(f.skip, len(s)):], 4)
			if b[0] > b[1] || b[1] > width || b[2] > b[3] || b[3] > height {
				c.fault(f.number, fmt.Sprintf("%s lies within %d × %d pixels, left before right, top before bottom", f.name, width, height),
					strings.Join(s, "|"))
			}
		}
	}
	for _, s := range r.list(25) {
		if n := number([]byte(at(s, 1))); len(s) != 2+2*n {
			c.fault(25, fmt.Sprintf("ASEG has %d points, as it says", n), fmt.Sprint(float64(len(s)-2)/2))
		}
	}
	for _, o := range r.outlines() {
		for _, p := range o.Points {
			if p[0] > width || p[1] > height {
				c.fault(25, fmt.Sprintf("ASEG lies within %d × %d pixels", width, height), strings.Join(numbers(o.Finger, p[0], p[1]), "|"))
			}
		}
	}
}

// amputations checks that a record without an image says why, and that one with
// an image of a single finger does not say that there could be none.
func (c *checker) amputations() {
	r := reader{rec: c.rec}
	position := number([]byte(r.item(13, 0)))
	list := r.amputations()
	image := c.hasImage()
	if !image && !slices.ContainsFunc(list, func(a Amputation) bool { return a.Code == "UP" || a.Code == "XX" }) {
		c.fault(18, "AMP says why there is no image: UP or XX", "")
	}
	if image && !slaps.has(position) && c.version >= v2011 {
		for _, a := range list {
			if a.Code == "UP" {
				c.fault(18, "AMP UP goes with no image", "UP")
			}
		}
	}
}
