package record

import (
	"image"
	"testing"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
	"optag/testdata/gen"
)

// TestFromTheGlass follows two prints of a person who does not exist from the
// session to the card.
func TestFromTheGlass(t *testing.T) {
	facts := rule.Defaults()
	facts.BirthDate, facts.CaptureOn = rule.BirthDate{Year: 1990, Month: 5, Day: 1}, rule.DateOf(noon)
	s, err := capture.Open(capture.Case{Number: "26-118402", Holder: capture.Holder{Family: "NEMO"}, Facts: facts}, capture.EU())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Wipe()
	s.Inform(capture.Rights{Text: "t", Language: "da", How: "shown", At: noon})
	data := portrait("image/jpeg")
	img, kind, err := face.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	scanner := device.Info{Maker: "Nobody", Model: "N-10", Certified: true}
	err = s.Photograph(capture.Portrait{Encoded: data, MediaType: kind, Width: 622, Height: 800, Source: "live", Checks: face.Assess(img), Accepted: "drawn", At: noon})
	for _, p := range []finger.Position{finger.RightIndex, finger.LeftIndex} {
		print := gen.Person(3).Finger(gen.Position(p)).Impression(image.Pt(356, 420), [2]int{500, 500}, gen.Conditions{}, 1)
		if err == nil {
			_, err = s.Present(p, capture.Sample{Image: print, PPI: [2]int{500, 500}, Device: scanner, At: noon})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	r, parts, err := s.Finish("SIM-01", "4711", noon)
	if err != nil {
		t.Fatal(err)
	}
	card, err := Of[Card](r, parts)
	if err != nil {
		t.Fatal(err)
	}
	files, err := WriteCard(card, CardDefaults())
	if err != nil || nameList(files) != "face.fac right_index.fir left_index.fir dg2.bin dg3.bin" {
		t.Errorf("WriteCard = %s, %v", nameList(files), err)
	}
	card.Wipe()
	for _, p := range card.prints {
		if p.image.Pix[0] != 0 || p.image.Pix[len(p.image.Pix)-1] != 0 {
			t.Errorf("%v is left behind", p.Position)
		}
	}
}
