package records

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"time"

	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/record/cbeff"
	"optag/capture/record/iso19794"
)

// Terms are what a target demands and no record says.
type Terms struct {
	Transaction, Destination, Origin, Control string // TOT, DAI, ORI and SRC, TCN of a transaction
	Taken                                     string // YYYYMMDD: when the images were taken that do not say it
	Level                                     uint16 // image acquisition level of ISO/IEC 19794-4:2005
	Measure                                   [2]int // vendor and algorithm of scores that do not say them
	Software                                  uint16 // certificate of the WSQ encoder
	Now                                       time.Time

	// Restored reports whether an image came out of a lossy compression, so that
	// it must not go into another; nil is never.
	Restored func(image []byte) bool
}

// A Converted file, and what became of the one it was made from.
type Converted struct {
	Data   []byte   `json:"-"`
	Format string   `json:"format"`
	Images int      `json:"images"`
	Lost   []string `json:"lost"` // what the format has no place for, by its name
	Said   []string `json:"said"` // what was assumed, set, or packed
}

// A target is a format that can be written.
type target struct {
	name   string
	format string // as a Report calls it
	write  func(c *conversion) error
}

func targets() []target {
	fir := func(e iso19794.Edition) func(c *conversion) error {
		return func(c *conversion) error { return c.fingerRecord(e) }
	}
	fac := func(e iso19794.Edition) func(c *conversion) error {
		return func(c *conversion) error { return c.faceRecord(e) }
	}
	return []target{
		{"nist", "ANSI/NIST-ITL 1-2011 Update 2015", (*conversion).transaction},
		{"iso19794-4:2005", "ISO/IEC 19794-4:2005", fir(iso19794.Edition2005)},
		{"iso19794-4:2011", "ISO/IEC 19794-4:2011", fir(iso19794.Edition2011)},
		{"iso19794-5:2005", "ISO/IEC 19794-5:2005", fac(iso19794.Edition2005)},
		{"iso19794-5:2011", "ISO/IEC 19794-5:2011", fac(iso19794.Edition2011)},
		{"iso39794-4", "ISO/IEC 39794-4", (*conversion).finger3},
		{"iso39794-5", "ISO/IEC 39794-5", (*conversion).face3},
		{"dg2", "EF.DG2", func(c *conversion) error { return c.dg2(cbeff.Face19794) }},
		{"dg2:39794", "EF.DG2", func(c *conversion) error { return c.dg2(cbeff.Face39794) }},
		{"dg3", "EF.DG3", func(c *conversion) error { return c.dg3(cbeff.Finger19794) }},
		{"dg3:39794", "EF.DG3", func(c *conversion) error { return c.dg3(cbeff.Finger39794) }},
	}
}

// Targets are the names of the formats that can be written.
func Targets() (names []string) {
	for _, t := range targets() {
		names = append(names, t.name)
	}
	return names
}

// ErrTarget: there is no such format to write.
var ErrTarget = errors.New("no format is called that")

// A conversion is one file on its way into another format.
type conversion struct {
	*set
	Terms
	Converted
	images int // carried over
}

// Convert carries the images of a well-formed file over into a file of another
// format, byte for byte, with everything that is known of them and has a place
// there. An image is packed only where the target demands it and nothing was lost
// of it before. What the target demands and neither file nor terms say is an
// error; [ErrTarget] where there is no such format.
func Convert(file []byte, to string, terms Terms) (Converted, error) {
	i := slices.IndexFunc(targets(), func(t target) bool { return t.name == to })
	if i < 0 {
		return Converted{}, fmt.Errorf("%w: %.30q; there are %s", ErrTarget, to, strings.Join(Targets(), ", "))
	}
	t := targets()[i]
	report := Inspect(file, Options{})
	switch {
	case report.Format == "" && len(report.Faults) > 0:
		return Converted{}, errors.New(report.Faults[0].Rule)
	case !report.OK:
		return Converted{}, fmt.Errorf("%d things are wrong with it, as record inspect tells; only what is well-formed is converted", len(report.Faults))
	case report.Format == t.format && !strings.HasPrefix(to, "dg"):
		return Converted{}, errors.New("it is of this format already")
	}
	s, err := readSet(file)
	if err != nil {
		return Converted{}, fmt.Errorf("taking the images out: %w", err)
	}
	c := conversion{set: s, Terms: terms}
	if err := t.write(&c); err != nil {
		return Converted{}, fmt.Errorf("writing %s: %w", to, err)
	}
	if again := Inspect(c.Data, Options{}); !again.OK {
		return Converted{}, fmt.Errorf("writing %s: it would not be right: %s", to, again.Faults[0])
	}
	c.Format, c.Images = t.format, c.images
	c.Lost, c.Said = append([]string{}, c.lost...), append([]string{}, c.said...)
	return c.Converted, nil
}

// onlyFingers leaves faces behind; onlyFaces fingers.
func (c *conversion) onlyFingers() error {
	c.loses(len(c.faces) > 0, "images of faces")
	if c.images = len(c.fingers); c.images == 0 {
		return errors.New("there is no image of a finger in it")
	}
	return nil
}

func (c *conversion) onlyFaces() error {
	c.loses(len(c.fingers) > 0, "images of fingers")
	if c.images = len(c.faces); c.images == 0 {
		return errors.New("there is no image of a face in it")
	}
	return nil
}

// fingerRecord writes a record of ISO/IEC 19794-4.
func (c *conversion) fingerRecord(e iso19794.Edition) error {
	if err := c.onlyFingers(); err != nil {
		return err
	}
	r, err := c.fir(e, c.fingers)
	if err == nil {
		c.Data, err = r.Bytes()
	}
	return err
}

// fir is a record of images, each numbered among those of its position.
func (c *conversion) fir(e iso19794.Edition, images []iso19794.FingerImage) (*iso19794.FingerRecord, error) {
	r := &iso19794.FingerRecord{Edition: e, Images: slices.Clone(images)}
	views := map[iso19794.Position]uint8{}
	for i := range r.Images {
		f := &r.Images[i]
		views[f.Position]++
		f.View = views[f.Position]
		r.Certified = r.Certified || len(f.Certificates) > 0
		if e == iso19794.Edition2005 {
			c.for2005(f)
		} else {
			c.loses(c.level != 0, "image acquisition level")
			if f.Coding == iso19794.JP2 {
				c.says("JPEG 2000 is stated as one with loss, unless the record says it has none")
			}
		}
	}
	if e == iso19794.Edition2005 {
		var err error
		if r.Level, err = c.acquisition(&r.Images[0]); err != nil {
			return nil, err
		}
		r.Certified = false
	}
	return r, nil
}

// for2005 notes what the edition of 2005 has no place for.
func (c *conversion) for2005(f *iso19794.FingerImage) {
	c.loses(f.Time != iso19794.DateTime{}, "date and time of the capture")
	c.loses(f.Vendor != 0, "vendor of the capture device")
	c.loses(f.Technology != 0, "technology of the capture device")
	c.loses(len(f.Certificates) > 0, "certificates of the capture device")
	c.loses(len(f.Blocks) > 0, "extended data blocks")
	c.loses(len(f.Qualities) > 1, "qualities but the first")
	c.loses(len(f.Qualities) > 0 && f.Qualities[0].Vendor != 0, "whose measure a quality is")
	c.loses(f.Coding == iso19794.JP2Lossless, "that JPEG 2000 has lost nothing")
}

// acquisition is the image acquisition level: what is said, or else the one that
// claims the least at the resolution.
func (c *conversion) acquisition(f *iso19794.FingerImage) (uint16, error) {
	if c.Level != 0 {
		return c.Level, nil
	}
	if c.level != 0 {
		return c.level, nil
	}
	ppi, ok := f.PPI()
	if !ok {
		return 0, errors.New("the image acquisition level of this resolution must be given, with --level")
	}
	level := map[int]uint16{500: 30, 1000: 40}[ppi[0]]
	c.says("image acquisition level %d, which claims nothing of the scanner; cards ask for 31 or 41, with --level", level)
	return level, nil
}

// faceRecord writes a record of ISO/IEC 19794-5.
func (c *conversion) faceRecord(e iso19794.Edition) error {
	if err := c.onlyFaces(); err != nil {
		return err
	}
	r, err := c.fac(e, c.faces)
	if err == nil {
		c.Data, err = r.Bytes()
	}
	return err
}

func (c *conversion) fac(e iso19794.Edition, images []iso19794.FaceImage) (*iso19794.FaceRecord, error) {
	r := &iso19794.FaceRecord{Edition: e, Images: slices.Clone(images)}
	if e != iso19794.Edition2005 && len(images) > 1 {
		r.Temporal = 1
	}
	for i := range r.Images {
		f := &r.Images[i]
		if e != iso19794.Edition2005 {
			if f.Coding == iso19794.JP2 {
				c.says("JPEG 2000 is stated as one with loss, unless the record says it has none")
			}
			continue
		}
		if err := c.jpeg(&f.Image); err != nil {
			return nil, err
		}
		c.faceFor2005(f)
	}
	return r, nil
}

// faceFor2005 leaves behind what the edition of 2005 has no place for, or other
// numbers.
func (c *conversion) faceFor2005(f *iso19794.FaceImage) {
	c.loses(f.Time != iso19794.DateTime{}, "date and time of the capture")
	c.loses(f.Vendor != 0, "vendor of the capture device")
	c.loses(len(f.Qualities) > 0, "quality")
	c.loses(f.Expression != 0, "expression")
	c.loses(f.Eyes != 0 || f.Hair != 0, "colours of eyes and hair")
	c.loses(f.Stature != 0, "height of the person")
	c.loses(f.SamplingLevel != 0 || f.PostProcessing != 0 || f.CrossReference != 0, "sampling level, post-processing, cross-reference")
	c.loses(f.Coding == iso19794.JP2Lossless, "that JPEG 2000 has lost nothing")
	f.Expression, f.Eyes, f.Hair = 0, 0, 0
	if f.ColourSpace > 3 && f.ColourSpace < 128 {
		f.ColourSpace = 4
	}
	if f.Kind == iso19794.PostProcessed {
		f.Kind = iso19794.Basic
		c.loses(true, "that the image was processed")
	}
}

// jpeg packs a PNG as JPEG, where only that has a place.
func (c *conversion) jpeg(i *iso19794.Image) error {
	if i.Coding != iso19794.PNG {
		return nil
	}
	if c.Restored != nil && c.Restored(i.Data) {
		return wsq.ErrLossy
	}
	img, _, err := image.Decode(bytes.NewReader(i.Data))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		return err
	}
	scrub(img)
	i.Coding, i.Data = iso19794.JPEG, b.Bytes()
	c.says("PNG has no place there: it was packed as JPEG at the highest quality, for the first time")
	return nil
}

// wsq packs a print that has lost nothing as it goes on a chip.
func (c *conversion) wsq(f *iso19794.FingerImage) error {
	ppi, _ := f.PPI()
	switch {
	case f.Coding == iso19794.WSQ:
		return nil
	case f.Coding != iso19794.Raw && f.Coding != iso19794.PNG:
		return fmt.Errorf("a chip takes WSQ, and images in %v are not packed a second time", f.Coding)
	case f.Depth != 8 || ppi[0] != 500:
		return errors.New("a chip takes WSQ of 8 bits at 500 ppi")
	case c.Restored != nil && c.Restored(f.Data):
		return wsq.ErrLossy
	}
	img := &image.Gray{Pix: f.Data, Stride: f.Width, Rect: image.Rect(0, 0, f.Width, f.Height)}
	if f.Coding == iso19794.PNG {
		var err error
		if img, _, _, err = finger.ReadImage(f.Data); err != nil {
			return err
		}
		defer clear(img.Pix)
	}
	data, _, err := wsq.EncodeFor(img, wsq.Options{PPI: 500, Software: c.Software}, wsq.Chip())
	if err != nil {
		return err
	}
	f.Coding, f.Data = iso19794.WSQ, data
	c.says("prints without loss were packed as WSQ, for the first time")
	return nil
}

// dg2 wraps a face for a chip, dg3 each finger.
func (c *conversion) dg2(format cbeff.Format) error {
	if err := c.onlyFaces(); err != nil {
		return err
	}
	g := cbeff.Group{File: cbeff.DG2}
	for i := range c.faces {
		data, err := c.faceBytes(format, c.faces[i:i+1])
		if err != nil {
			return err
		}
		g.Templates = append(g.Templates, cbeff.FaceTemplate(format, data))
	}
	var err error
	c.Data, err = g.Bytes()
	return err
}

func (c *conversion) faceBytes(format cbeff.Format, one []iso19794.FaceImage) ([]byte, error) {
	if format == cbeff.Face39794 {
		return c.face39794(one)
	}
	r, err := c.fac(iso19794.Edition2005, one)
	if err != nil {
		return nil, err
	}
	return r.Bytes()
}

func (c *conversion) dg3(format cbeff.Format) error {
	if err := c.onlyFingers(); err != nil {
		return err
	}
	g := cbeff.Group{File: cbeff.DG3}
	for i := range c.fingers {
		one := slices.Clone(c.fingers[i : i+1])
		err := c.wsq(&one[0])
		var data []byte
		if err == nil {
			data, err = c.fingerBytes(format, one)
		}
		if err != nil {
			return err
		}
		g.Templates = append(g.Templates, cbeff.FingerTemplate(format, int(one[0].Position), data))
	}
	var err error
	c.Data, err = g.Bytes()
	return err
}

func (c *conversion) fingerBytes(format cbeff.Format, one []iso19794.FingerImage) ([]byte, error) {
	if format == cbeff.Finger39794 {
		return c.finger39794(one)
	}
	r, err := c.fir(iso19794.Edition2005, one)
	if err != nil {
		return nil, err
	}
	return r.Bytes()
}
