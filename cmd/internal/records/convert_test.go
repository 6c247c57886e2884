package records

import (
	"bytes"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"

	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/capture/record/iso19794"
	"optag/capture/record/iso39794"
	"optag/capture/record/nist"
)

// terms are everything that a transaction demands.
func terms() Terms {
	return Terms{Transaction: "CNV", Destination: "DNKpol", Origin: "DNKims", Control: "A1", Taken: "20261123", Level: 31,
		Measure: [2]int{0x000F, 65535}, Now: noon}
}

// images are those of a file in their order, as they lie there.
func images(t testing.TB, file []byte) (all [][]byte) {
	t.Helper()
	s, err := readSet(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.fingers {
		all = append(all, f.Data)
	}
	for _, f := range s.faces {
		all = append(all, f.Data)
	}
	return all
}

func same(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

func convert(t testing.TB, file []byte, to string) Converted {
	t.Helper()
	c, err := Convert(file, to, terms())
	if err != nil {
		t.Fatalf("to %s: %v", to, err)
	}
	return c
}

// TestRoundTheFormats carries two prints through every format for fingers and one
// face through every format for faces. The images arrive byte for byte.
func TestRoundTheFormats(t *testing.T) {
	files := card(t, Defaults())
	for _, c := range []struct {
		name, start string
		way         string
	}{
		{"two prints", "dg3.bin", "iso19794-4:2005 iso19794-4:2011 iso39794-4 nist iso19794-4:2011 nist iso39794-4 iso19794-4:2005 dg3:39794 dg3"},
		{"a face", "dg2.bin", "iso19794-5:2005 iso19794-5:2011 iso39794-5 nist iso19794-5:2011 nist iso39794-5 iso19794-5:2005 dg2:39794 dg2"},
	} {
		file := files[c.start]
		want := images(t, file)
		for to := range strings.FieldsSeq(c.way) {
			out := convert(t, file, to)
			if got := images(t, out.Data); !same(got, want) {
				t.Errorf("%s, to %s: the images are others", c.name, to)
			}
			if out.Images != len(want) {
				t.Errorf("%s, to %s: %d images, want %d", c.name, to, out.Images, len(want))
			}
			r := Inspect(out.Data, Options{})
			if !r.OK || r.Format != out.Format {
				t.Errorf("%s, to %s: %s %v", c.name, to, r.Format, r.Faults)
			}
			if hashed := strings.Count(strings.Join(r.Remarks, "\n"), "the hash of the image is right"); to == "nist" && hashed != len(want) {
				t.Errorf("%s, to %s: %d images have their hash", c.name, to, hashed)
			}
			file = out.Data
		}
		if c.start == "dg2.bin" && !bytes.Equal(file, files["dg2.bin"]) {
			t.Errorf("%s comes back as another file", c.name)
		}
	}
}

// TestMeaningIsCarried: position, score and day mean the same on the other side.
func TestMeaningIsCarried(t *testing.T) {
	visa := transactionOf(t, "a visa applicant")
	visa = spoiled(t, visa, func(tr *nist.Transaction) {
		tr.OfType(14)[1].Set(nist.NewField(24, []string{"2", "61", "000F", "65535"}))
	})
	out := convert(t, visa, "iso39794-4")
	r, err := iso39794.ReadFinger(out.Data)
	if err != nil || len(r.Representations) != 2 {
		t.Fatalf("%d prints, %v", len(r.Representations), err)
	}
	f := r.Representations[0]
	if f.Position.Value != iso39794.RightIndex || f.Quality[0].Score.Score != 61 || f.Quality[0].AlgorithmID != (iso39794.RegistryIDBlock{Organization: 15, ID: 65535}) ||
		f.SamplingRate.SamplesPerUnit != 500 || f.CaptureDateTime.Year != 2026 || *f.CaptureDateTime.Day != 23 || f.CaptureDateTime.Hour != nil {
		t.Errorf("the right index is %+v", f)
	}
	for _, word := range []string{"images of faces", "the Type-1 record", "fingers missing (14.018)", "records without an image"} {
		if !slices.ContainsFunc(out.Lost, func(s string) bool { return strings.Contains(s, word) }) {
			t.Errorf("that %q is lost is not said: %q", word, out.Lost)
		}
	}
	back, err := nist.Parse(convert(t, out.Data, "nist").Data)
	if err != nil {
		t.Fatal(err)
	}
	p, err := back.OfType(14)[1].Print()
	if err != nil || p.Finger != 7 || p.Date != "20261123" || p.Across != 500 || p.Compression != "WSQ20" {
		t.Errorf("the left index came back as %+v, %v", p.Finger, err)
	}
}

// fir is a record of one print, as it is told.
func fir(t testing.TB, change func(f *iso19794.FingerImage)) []byte {
	t.Helper()
	f := iso19794.FingerImage{
		Image:    iso19794.Image{Width: 356, Height: 420, Coding: iso19794.PNG, Data: pngOf(t, finger.RightIndex)},
		Position: 2, View: 1, Units: iso19794.PerInch, Scanned: [2]uint16{500, 500}, Sampling: [2]uint16{500, 500}, Depth: 8,
	}
	if change != nil {
		change(&f)
	}
	r := iso19794.FingerRecord{Edition: iso19794.Edition2011, Images: []iso19794.FingerImage{f}}
	data, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestPackedOnce: only a print that has lost nothing is packed, where a chip
// demands it, and that is said.
func TestPackedOnce(t *testing.T) {
	raw := func(f *iso19794.FingerImage) { f.Coding, f.Data = iso19794.Raw, prints[2]().Pix }
	for name, change := range map[string]func(f *iso19794.FingerImage){"PNG": nil, "raw pixels": raw} {
		out := convert(t, fir(t, change), "dg3")
		data := images(t, out.Data)[0]
		img, info, err := wsq.Decode(data, 0)
		if err != nil || info.PPI != 500 || img.Rect.Size() != image.Pt(356, 420) || len(data) > 18_000 {
			t.Errorf("%s: %+v, %d bytes, %v", name, info, len(data), err)
		}
		if !slices.ContainsFunc(out.Said, func(s string) bool { return strings.Contains(s, "for the first time") }) {
			t.Errorf("%s: nobody says that it was packed: %q", name, out.Said)
		}
	}
	if got := images(t, convert(t, fir(t, raw), "iso39794-4").Data)[0]; !bytes.Equal(got, prints[2]().Pix) {
		t.Error("raw pixels are others in a PGM")
	}
	again := terms()
	again.Restored = func([]byte) bool { return true }
	if _, err := Convert(fir(t, nil), "dg3", again); !errors.Is(err, wsq.ErrLossy) {
		t.Errorf("what was restored from WSQ is packed again: %v", err)
	}
	face := iso19794.FaceRecord{Edition: iso19794.Edition2011, Images: []iso19794.FaceImage{{
		Image: iso19794.Image{Width: 622, Height: 800, Coding: iso19794.PNG, Data: pngFace(t)}, Kind: iso19794.FullFrontal, ColourSpace: 1}}}
	data, err := face.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"iso19794-5:2005", "iso39794-5", "dg2"} {
		out := convert(t, data, to)
		if c := codingOf(images(t, out.Data)[0]); c != codingJPEG || len(out.Said) == 0 {
			t.Errorf("a PNG face to %s: %s, %q", to, c, out.Said)
		}
	}
	if out := convert(t, data, "nist"); !bytes.Equal(images(t, out.Data)[0], face.Images[0].Data) {
		t.Error("a PNG face is packed where PNG has a place")
	}
}

// TestRefused: what has no place on the other side, or would have to be invented,
// is refused, and the error says what to do.
func TestRefused(t *testing.T) {
	files := card(t, Defaults())
	visa := transactionOf(t, "a visa applicant")
	with := func(change func(*Terms)) Terms {
		all := terms()
		change(&all)
		return all
	}
	for _, c := range []struct {
		name  string
		file  []byte
		to    string
		terms Terms
		says  string
	}{
		{"a format that there is not", visa, "iso19794-9", terms(), "no format is called that"},
		{"a portrait", portrait(), "nist", terms(), "an image without a record"},
		{"a record with a fault", patched(files["right_index.fir"], 39, 101), "nist", terms(), "1 things are wrong"},
		{"into its own format", visa, "nist", terms(), "of this format already"},
		{"a print as a face", files["right_index.fir"], "iso39794-5", terms(), "no image of a face"},
		{"a face as a print", files["face.fac"], "dg3", terms(), "no image of a finger"},
		{"a transaction without an origin", files["face.fac"], "nist", with(func(t *Terms) { t.Origin = "" }), "--ori"},
		{"a transaction of an unknown day", files["face.fac"], "nist", with(func(t *Terms) { t.Taken = "" }), "--taken"},
		{"a print at another resolution", fir(t, func(f *iso19794.FingerImage) { f.Sampling = [2]uint16{300, 300} }), "iso19794-4:2005", with(func(t *Terms) { t.Level = 0 }), "--level"},
		{"a print at 1000 ppi for a chip", fir(t, func(f *iso19794.FingerImage) { f.Sampling, f.Scanned = [2]uint16{1000, 1000}, [2]uint16{1000, 1000} }), "dg3", terms(), "500 ppi"},
		{"a print whose resolution differs down", fir(t, func(f *iso19794.FingerImage) { f.Sampling[1] = 499 }), "iso39794-4", terms(), "differs across and down"},
		{"a print from paper by an unknown scanner", fir(t, func(f *iso19794.FingerImage) { f.Impression = iso19794.NonliveRolled }), "iso39794-4", terms(), "vendor and type"},
		{"a JPEG of a print for a chip", fir(t, func(f *iso19794.FingerImage) {
			f.Coding, f.Data, f.Width, f.Height = iso19794.JPEG, portrait(), 622, 800
		}), "dg3", terms(), "not packed a second time"},
		{"a JPEG of a print for 39794-4", fir(t, func(f *iso19794.FingerImage) {
			f.Coding, f.Data, f.Width, f.Height = iso19794.JPEG, portrait(), 622, 800
		}), "iso39794-4", terms(), "not packed a second time"},
		{"a palm", fir(t, func(f *iso19794.FingerImage) { f.Position, f.Impression = 21, 10 }), "nist", terms(), "palms"},
		{"a slap for a chip", fir(t, func(f *iso19794.FingerImage) { f.Position = 13 }), "dg3", terms(), "tells no finger"},
		{"two index fingers side by side by 2005", fir(t, func(f *iso19794.FingerImage) { f.Position = 46 }), "iso19794-4:2005", terms(), "no position of the standard"},
	} {
		out, err := Convert(c.file, c.to, c.terms)
		if err == nil || out.Data != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %d bytes, %v; want %q", c.name, len(out.Data), err, c.says)
		}
	}
}

// TestFromPaper: what was not taken live is an ink print on paper in the other
// families of formats, and comes back as what it was.
func TestFromPaper(t *testing.T) {
	file := fir(t, func(f *iso19794.FingerImage) { f.Impression, f.Vendor, f.Device = iso19794.NonliveRolled, 17, 4 })
	out := convert(t, file, "iso39794-4")
	r, err := iso39794.ReadFinger(out.Data)
	if err != nil || r.Representations[0].Impression.Value != iso39794.RolledContact || r.Representations[0].CaptureDevice.Technology.Value != iso39794.ScannedInkOnPaper {
		t.Errorf("by 39794: %v %v", out.Said, err)
	}
	again := convert(t, out.Data, "nist")
	tr, err := nist.Parse(again.Data)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := tr.OfType(14)[0].Print(); err != nil || p.Impression != 1 || p.Technology != 2 {
		t.Errorf("by ANSI/NIST-ITL: %d %d, %v", p.Impression, p.Technology, err)
	}
	last, err := iso19794.ReadFinger(convert(t, again.Data, "iso19794-4:2011").Data)
	if err != nil || last.Images[0].Impression != iso19794.NonliveRolled {
		t.Errorf("it comes back as another: %v", err)
	}
}

// TestLossIsSaid: what has no place is named, and nothing of what it said.
func TestLossIsSaid(t *testing.T) {
	file := fir(t, func(f *iso19794.FingerImage) {
		f.Vendor, f.Technology, f.Time = 17, 2, iso19794.At(noon)
		f.Qualities = []iso19794.Quality{{Score: 61, Vendor: 15, Algorithm: 1}, {Score: 60}}
		f.Blocks = []iso19794.Block{{Code: 3, Data: []byte("NEMO")}}
	})
	out := convert(t, file, "iso19794-4:2005")
	want := []string{"date and time of the capture", "vendor of the capture device", "technology of the capture device",
		"extended data blocks", "qualities but the first", "whose measure a quality is"}
	if !slices.Equal(out.Lost, want) {
		t.Errorf("lost is %q, want %q", out.Lost, want)
	}
	none := terms()
	none.Measure, none.Level = [2]int{}, 0
	out, err := Convert(file, "iso19794-4:2005", none)
	if err != nil || !strings.Contains(strings.Join(out.Said, "; "), "image acquisition level 30") {
		t.Errorf("the level is not said: %q, %v", out.Said, err)
	}
	if out, err = Convert(out.Data, "iso39794-4", none); err != nil || !strings.Contains(strings.Join(out.Lost, "; "), "--measure") {
		t.Errorf("a score of an unknown measure: %q, %v", out.Lost, err)
	}
}
