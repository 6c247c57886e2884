package minutiae

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// A Record is a finger minutiae record of ISO/IEC 19794-2:2005 (record format,
// § 7): prints of one or more fingers.
type Record struct {
	Device uint16 // capture equipment: 4 bits of certification, 12 bits of device type
	Views  []View // 1 to 255
}

// A View is one print in a record.
type View struct {
	Position   uint8 // 1 right thumb to 10 left little finger, 0 unknown
	Impression uint8 // 0 live-scan plain, 1 live-scan rolled, 2 and 3 the same from paper, 8 swiped
	Quality    uint8 // 0 to 100
	Template
}

// Sizes of the parts of a record, in bytes; pixels per centimetre at 500 ppi;
// the most minutiae of a view.
const (
	recordHeader = 24
	viewHeader   = 4
	pointSize    = 6
	perCM        = 197
	mostPoints   = 255
)

const signature = "FMR\x00 20\x00"

// AppendBinary appends the record to b. Of a print with more than 255 minutiae
// the 255 of the highest quality are written. It returns an error for what the
// format cannot say: no view or over 255, a side over 16383 pixels, a minutia
// outside its print, or a number outside its range.
func (r *Record) AppendBinary(b []byte) ([]byte, error) {
	if len(r.Views) < 1 || len(r.Views) > 255 {
		return nil, fmt.Errorf("writing minutiae record: %d views", len(r.Views))
	}
	start := len(b)
	var width, height int
	for i := range r.Views {
		if err := r.Views[i].check(); err != nil {
			return nil, fmt.Errorf("writing minutiae record: view %d: %w", i+1, err)
		}
		width, height = max(width, r.Views[i].Width), max(height, r.Views[i].Height)
	}
	b = append(b, signature...)
	b = append(b, 0, 0, 0, 0) // the length, known at the end
	for _, v := range [...]uint16{r.Device, uint16(width), uint16(height), perCM, perCM} {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	b = append(b, byte(len(r.Views)), 0)
	var seen [11]uint8
	for i := range r.Views {
		v := &r.Views[i]
		if seen[v.Position] > 15 {
			return nil, fmt.Errorf("writing minutiae record: over 16 views of position %d", v.Position)
		}
		b = v.append(b, seen[v.Position])
		seen[v.Position]++
	}
	binary.BigEndian.PutUint32(b[start+8:], uint32(len(b)-start))
	return b, nil
}

// check reports what of a view the format cannot say.
func (v *View) check() error {
	switch {
	case v.Position > 10:
		return fmt.Errorf("position %d", v.Position)
	case v.Impression > 15:
		return fmt.Errorf("impression type %d", v.Impression)
	case v.Quality > 100:
		return fmt.Errorf("quality %d", v.Quality)
	case v.Width < 1 || v.Width > longest || v.Height < 1 || v.Height > longest:
		return fmt.Errorf("print of %d × %d pixels", v.Width, v.Height)
	}
	for i := range v.Minutiae {
		if err := v.Minutiae[i].check(v.Width, v.Height); err != nil {
			return err
		}
	}
	return nil
}

func (m *Minutia) check(width, height int) error {
	switch {
	case m.Kind > Bifurcation:
		return errors.New("minutia of an unknown kind")
	case m.Quality > 100:
		return fmt.Errorf("minutia of quality %d", m.Quality)
	case m.X < 0 || m.Y < 0 || int(m.X) >= width || int(m.Y) >= height:
		return errors.New("minutia outside the print")
	}
	return nil
}

// append writes the view as the given one of its finger, without extended data.
func (v *View) append(b []byte, number uint8) []byte {
	points := v.Minutiae
	if len(points) > mostPoints {
		points = slices.Clone(points)
		slices.SortStableFunc(points, func(a, b Minutia) int { return int(b.Quality) - int(a.Quality) })
		points = points[:mostPoints]
		slices.SortFunc(points, inOrder)
	}
	b = append(b, v.Position, number<<4|v.Impression, v.Quality, byte(len(points)))
	for _, m := range points {
		b = binary.BigEndian.AppendUint16(b, uint16(m.Kind)<<14|uint16(m.X))
		b = binary.BigEndian.AppendUint16(b, uint16(m.Y))
		b = append(b, m.Angle, m.Quality)
	}
	return append(b, 0, 0)
}

// UnmarshalBinary reads a record. Positions come out at 500 ppi whatever the
// record's resolution is, minutiae in the order of a [Template]; extended data
// is passed over. It returns an error for anything that the format does not
// allow, and uses no more memory than a small multiple of the data.
func (r *Record) UnmarshalBinary(data []byte) error {
	*r = Record{}
	if err := r.read(data); err != nil {
		*r = Record{}
		return fmt.Errorf("reading minutiae record: %w", err)
	}
	return nil
}

var errShort = errors.New("the record ends early")

func (r *Record) read(data []byte) error {
	if len(data) < recordHeader {
		return errShort
	}
	number := func(at int) int { return int(binary.BigEndian.Uint16(data[at:])) }
	s := scale{number(14), number(16), number(18), number(20)}
	switch {
	case string(data[:8]) != signature:
		return errors.New("not of ISO/IEC 19794-2:2005")
	case int64(binary.BigEndian.Uint32(data[8:])) != int64(len(data)):
		return fmt.Errorf("%d bytes, declared as %d", len(data), binary.BigEndian.Uint32(data[8:]))
	case s.width < 1 || s.height < 1 || s.width > longest || s.height > longest:
		return fmt.Errorf("image of %d × %d pixels", s.width, s.height)
	case s.perX < 39 || s.perY < 39 || s.x(s.width) > longest || s.y(s.height) > longest:
		// 99 pixels per inch is the least that § 7.3.6 admits.
		return fmt.Errorf("resolution of %d × %d pixels per cm", s.perX, s.perY)
	case data[22] == 0 || data[23] != 0:
		return errors.New("no view, or a reserved byte in use")
	}
	r.Device = uint16(number(12))
	views := int(data[22])
	data = data[recordHeader:]
	for i := range views {
		var v View
		var err error
		if data, err = v.read(data, s); err != nil {
			return fmt.Errorf("view %d: %w", i+1, err)
		}
		r.Views = append(r.Views, v)
	}
	if len(data) != 0 {
		return fmt.Errorf("%d bytes behind the last view", len(data))
	}
	return nil
}

// A scale brings pixels of a record to 500 ppi.
type scale struct{ width, height, perX, perY int }

func (s scale) x(v int) int { return (2*v*perCM + s.perX) / (2 * s.perX) }
func (s scale) y(v int) int { return (2*v*perCM + s.perY) / (2 * s.perY) }

// read reads a view and its extended data, and returns what follows.
func (v *View) read(data []byte, s scale) ([]byte, error) {
	if len(data) < viewHeader {
		return nil, errShort
	}
	v.Position, v.Impression, v.Quality = data[0], data[1]&15, data[2]
	v.Width, v.Height = s.x(s.width), s.y(s.height)
	if err := v.check(); err != nil {
		return nil, err
	}
	n := int(data[3])
	data = data[viewHeader:]
	if len(data) < n*pointSize+2 {
		return nil, errShort
	}
	v.Minutiae = make([]Minutia, n)
	for i := range v.Minutiae {
		if err := v.Minutiae[i].read(data[i*pointSize:], s); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(v.Minutiae, inOrder)
	data = data[n*pointSize:]
	extended := int(binary.BigEndian.Uint16(data))
	if data = data[2:]; len(data) < extended {
		return nil, errShort
	}
	return data[extended:], nil
}

func (m *Minutia) read(data []byte, s scale) error {
	x, y := binary.BigEndian.Uint16(data), binary.BigEndian.Uint16(data[2:])
	if y>>14 != 0 {
		return errors.New("a reserved bit in use")
	}
	*m = Minutia{X: int16(x & longest), Y: int16(y), Angle: data[4], Kind: Kind(x >> 14), Quality: data[5]}
	if err := m.check(s.width, s.height); err != nil {
		return err
	}
	m.X = int16(min(s.x(int(m.X)), s.x(s.width)-1))
	m.Y = int16(min(s.y(int(m.Y)), s.y(s.height)-1))
	return nil
}

// inOrder is the order of a template: from the upper row down, from the left in
// a row; what is in one place by angle, kind and quality.
func inOrder(a, b Minutia) int {
	for _, d := range [...]int{int(a.Y) - int(b.Y), int(a.X) - int(b.X), int(a.Angle) - int(b.Angle), int(a.Kind) - int(b.Kind)} {
		if d != 0 {
			return d
		}
	}
	return int(a.Quality) - int(b.Quality)
}
