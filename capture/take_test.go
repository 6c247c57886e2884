package capture_test

import (
	"bytes"
	"errors"
	"image"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
	"optag/device"
	"optag/testdata/gen"
)

// one is the task of a single finger.
var one = capture.Task{Fingers: []finger.Position{finger.RightIndex}}

// glass is what a single-finger scanner shows at 500 ppi.
var glass = image.Pt(400, 500)

// theFinger is grown once; growing one takes a while.
var theFinger = gen.Master(21, gen.RightIndex)

func frame(size image.Point, c gen.Conditions) device.Frame {
	return device.Frame{Image: theFinger.Impression(size, ppi500, c, 1), PPI: ppi500, Contact: true}
}

func ready(threshold int) *capture.Take {
	t := capture.NewTake(one, []int{threshold}, capture.EU(), nil)
	t.Frame(device.Frame{}, noon)
	return t
}

// The best frame is kept whole, and by itself: what the driver does to its
// image afterwards does not matter, nor that another frame has another size.
func TestTakeKeepsTheBestFrame(t *testing.T) {
	take := ready(100)
	small, best, worse := frame(image.Pt(320, 400), gen.Conditions{Pressure: -1}), frame(glass, gen.Conditions{}), frame(image.Pt(300, 300), gen.Conditions{Moisture: -1})
	want := bytes.Clone(best.Image.Pix)
	for i, f := range []device.Frame{small, best, worse} {
		live := take.Frame(f, noon.Add(time.Duration(i)*time.Second))
		if live.Phase != capture.Assessing {
			t.Fatalf("frame %d: %v", i, live.Phase)
		}
		clear(f.Image.Pix)
	}
	if live := take.Frame(device.Frame{}, noon.Add(3*time.Second)); live.Phase != capture.Done || live.Best < 60 {
		t.Fatalf("lifted: %+v", live)
	}
	sm, ok := take.Sample(device.Info{Serial: "7"})
	if !ok || sm.Image.Rect.Size() != glass || !bytes.Equal(sm.Image.Pix, want) {
		t.Error("the sample is not the best frame")
	}
	if sm.At != noon.Add(time.Second) || sm.PPI != ppi500 || sm.Device.Serial != "7" {
		t.Errorf("the sample says %v, %v, %v", sm.At, sm.PPI, sm.Device)
	}
	if _, again := take.Sample(device.Info{}); again {
		t.Error("the sample was handed out twice")
	}
}

func TestTakeEnds(t *testing.T) {
	good, poor := frame(glass, gen.Conditions{}), frame(glass, gen.Conditions{Pressure: -1, Coverage: 0.3})
	empty := device.Frame{Image: gen.Blank(glass, 0, 1), PPI: ppi500}
	dirt := device.Frame{Image: empty.Image, PPI: ppi500, Contact: true}
	const ms = time.Millisecond
	type shown struct {
		f  device.Frame
		at time.Duration
	}
	for _, c := range []struct {
		name   string
		frames []shown
		force  bool
		want   capture.Phase
	}{
		{"at once", []shown{{good, 0}}, false, capture.Assessing},
		{"when the threshold has held", []shown{{good, 0}, {good, 300 * ms}}, false, capture.Done},
		{"not while it wavers", []shown{{good, 0}, {poor, 200 * ms}, {good, 400 * ms}}, false, capture.Assessing},
		{"when patience is over", []shown{{poor, 0}, {poor, 4000 * ms}}, false, capture.Done},
		{"not before", []shown{{poor, 0}, {poor, 3999 * ms}}, false, capture.Assessing},
		{"when the finger leaves", []shown{{poor, 0}, {empty, 1000 * ms}}, false, capture.Done},
		{"not when it only brushed the glass", []shown{{poor, 0}, {empty, 100 * ms}}, false, capture.Waiting},
		{"when it brushed the glass and sufficed", []shown{{good, 0}, {empty, 100 * ms}}, false, capture.Done},
		{"when the clerk says so", []shown{{poor, 0}}, true, capture.Done},
		{"not at once for dirt on the glass", []shown{{dirt, 0}, {dirt, 100 * ms}}, true, capture.Assessing},
		{"not for an empty glass", []shown{{empty, 0}, {empty, 9000 * ms}}, true, capture.Waiting},
		{"patience begins with the finger", []shown{{empty, 0}, {poor, 9000 * ms}}, false, capture.Assessing},
	} {
		t.Run(c.name, func(t *testing.T) {
			take := ready(45)
			if c.force {
				take.Now()
			}
			var live capture.Live
			for _, f := range c.frames {
				live = take.Frame(f.f, noon.Add(f.at))
			}
			if live.Phase != c.want {
				t.Errorf("phase %v, want %v", live.Phase, c.want)
			}
			if live.Phase == capture.Done && live.Advice != "" {
				t.Errorf("advice %v after the end", live.Advice)
			}
			if _, ok := take.Sample(device.Info{}); ok != (c.want == capture.Done) {
				t.Errorf("a sample: %v", ok)
			}
		})
	}
}

// A finger that lies there from before is not taken, even if the clerk asks.
func TestTakeWaitsForAClearGlass(t *testing.T) {
	take := capture.NewTake(one, []int{45}, capture.EU(), nil)
	for i := range 100 {
		take.Now()
		if live := take.Frame(frame(glass, gen.Conditions{}), noon.Add(time.Duration(i)*time.Second)); live.Phase != capture.Clearing || live.Advice != device.Lift {
			t.Fatalf("frame %d: %+v", i, live)
		}
	}
	take.Frame(device.Frame{}, noon)
	if live := take.Frame(frame(glass, gen.Conditions{}), noon); live.Phase != capture.Assessing {
		t.Errorf("after lifting: %+v", live)
	}
}

func TestTakeAdvises(t *testing.T) {
	for want, c := range map[device.Retry]gen.Conditions{
		device.PressHarder: {Pressure: -1, Coverage: 0.3},
		device.Centre:      {ShiftX: 6},
		device.PressLess:   {Moisture: 0.6, Pressure: 0.6},
		device.HoldStill:   {Motion: 0.8},
	} {
		if live := ready(101).Frame(frame(glass, c), noon); live.Advice != want {
			t.Errorf("advice %q for %+v, want %q", live.Advice, live.Quality, want)
		}
	}
	if live := ready(45).Frame(frame(glass, gen.Conditions{ShiftX: 6}), noon); live.Advice != "" {
		t.Errorf("advice %q for a print that suffices", live.Advice)
	}
}

// Ridges run together under a hard press and on wet skin. Who has pressed less,
// and still it does, wipes the finger.
func TestWetFingerIsWiped(t *testing.T) {
	take, wet := ready(101), frame(glass, gen.Conditions{Moisture: 0.6, Pressure: 0.6})
	for i, want := range []device.Retry{device.PressLess, device.WipeFinger} {
		after := time.Duration(i) * capture.EU().Patience / 2
		if live := take.Frame(wet, noon.Add(after)); live.Advice != want {
			t.Errorf("after %v advice %q, want %q", after, live.Advice, want)
		}
	}
}

// A slap of which nothing is seen costs nothing, and the person hears what to do.
func TestSlapOfWhichNothingIsSeen(t *testing.T) {
	fingers := finger.RightFour.Fingers()
	take := capture.NewTake(capture.Task{Slap: finger.RightFour, Fingers: fingers}, []int{45, 35, 25, 25}, capture.EU(), nil)
	empty := device.Frame{Image: gen.Blank(image.Pt(1600, 1000), 0, 1), PPI: ppi500, Contact: true}
	take.Frame(device.Frame{}, noon)
	take.Frame(empty, noon)
	live := take.Frame(empty, noon.Add(time.Second))
	if live.Phase != capture.Assessing || live.Wrong != finger.NoFingers || live.Advice != device.PressHarder {
		t.Errorf("%+v; want the advice to press harder", live)
	}
	if _, ok := take.Sample(device.Info{}); ok {
		t.Error("there is a sample of nothing")
	}
}

func open(t *testing.T, p capture.Profile) *capture.Session {
	t.Helper()
	f := rule.Defaults()
	f.CaptureOn, f.BirthDate = rule.DateOf(noon), rule.BirthDate{Year: 1990, Month: 5, Day: 1}
	s, err := capture.Open(capture.Case{Facts: f}, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Whatever does not stay with the session is overwritten.
func TestWhatIsNotKeptIsWiped(t *testing.T) {
	skin := [2]*minutiae.Template{capture.NewSkin(1), capture.NewSkin(2)}
	s := open(t, capture.EU())
	show := func(p finger.Position, score, which int) *image.Gray {
		sm := capture.NewSample(score, skin[which], noon)
		_, err := s.Present(p, sm)
		if err != nil && !errors.Is(err, capture.ErrNotAsked) {
			t.Fatal(err)
		}
		return sm.Image
	}
	wiped := func(what string, img *image.Gray, want bool) {
		t.Helper()
		if got := bytes.Count(img.Pix, []byte{0}) == len(img.Pix); got != want {
			t.Errorf("%s: wiped %v, want %v", what, got, want)
		}
	}
	first := show(finger.RightIndex, 20, 0)
	worse := show(finger.RightIndex, 10, 0)
	wiped("the best so far", first, false)
	wiped("a worse attempt", worse, true)
	better := show(finger.RightIndex, 80, 0)
	wiped("the attempt before a better one", first, true)
	wiped("the wrong finger's name", show(finger.LeftRing, 80, 1), true)
	wiped("the same finger again", show(finger.LeftIndex, 80, 0), true)
	left := show(finger.LeftIndex, 80, 1)
	if err := s.Discard(finger.RightIndex, "dirt"); err != nil {
		t.Fatal(err)
	}
	wiped("a discarded print", better, true)
	photo := capture.Portrait{Encoded: []byte("bytes")}
	if err := s.Photograph(photo); err != nil {
		t.Fatal(err)
	}
	if err := s.Photograph(capture.Portrait{Encoded: []byte("again")}); err != nil || photo.Encoded[0] != 0 {
		t.Errorf("the portrait before: %q, %v", photo.Encoded, err)
	}
	kept, n := s.Portrait()
	s.Wipe()
	wiped("a print of the session", left, true)
	if kept.Encoded[0] != 0 || n != 2 {
		t.Errorf("the portrait kept: %q, %d", kept.Encoded, n)
	}
	if _, more := s.NextPrint(); more || s.WantsPortrait() || s.Rights() != nil {
		t.Error("a wiped session asks for something")
	}
}

// What no receiver could use does not enter, and spends no attempt.
func TestImagesThatDoNotEnter(t *testing.T) {
	sample := func(w, h, x, y int) capture.Sample {
		return capture.Sample{Image: image.NewGray(image.Rect(0, 0, w, h)), PPI: [2]int{x, y}}
	}
	for _, c := range []struct {
		name string
		sm   capture.Sample
		want error
	}{
		{"no image", capture.Sample{PPI: ppi500}, capture.ErrSize},
		{"under 256 wide", sample(255, 400, 500, 500), capture.ErrSize},
		{"under 256 high", sample(400, 255, 500, 500), capture.ErrSize},
		{"huge", sample(4000, 4000, 500, 500), capture.ErrSize},
		{"300 ppi", sample(400, 400, 300, 300), capture.ErrResolution},
		{"508 ppi", sample(400, 400, 508, 508), capture.ErrResolution},
		{"500 across and 1000 down", sample(400, 400, 500, 1000), capture.ErrResolution},
		{"a scanner that is not certified", sample(400, 400, 500, 500), capture.ErrUncertified},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, capture.EU())
			if _, err := s.Present(finger.RightIndex, c.sm); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if n := s.AttemptsLeft(finger.RightIndex); n != 3 {
				t.Errorf("%d attempts left, want 3", n)
			}
		})
	}
}

func TestProfiles(t *testing.T) {
	for name, p := range map[string]capture.Profile{"EU": capture.EU(), "Germany": capture.Germany()} {
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, spoil := range map[string]func(*capture.Profile){
		"nothing set":          func(p *capture.Profile) { *p = capture.Profile{} },
		"a finger left out":    func(p *capture.Profile) { p.Order = p.Order[1:] },
		"a finger twice":       func(p *capture.Profile) { p.Order = []finger.Digit{1, 1, 2, 3} },
		"the little finger":    func(p *capture.Profile) { p.Order = []finger.Digit{1, 2, 3, 4} },
		"a third hand":         func(p *capture.Profile) { p.FirstHand = 2 },
		"no attempt":           func(p *capture.Profile) { p.Attempts = 0 },
		"four attempts":        func(p *capture.Profile) { p.Attempts = 4 },
		"a threshold over 100": func(p *capture.Profile) { p.Threshold[1] = 101 },
		"a negative threshold": func(p *capture.Profile) { p.Threshold[4] = -1 },
		"every finger alike":   func(p *capture.Profile) { p.Similarity = 0 },
		"another algorithm":    func(p *capture.Profile) { p.Algorithm = "NFIQ 1" },
		"a negative margin":    func(p *capture.Profile) { p.Margin = -1 },
		"no patience":          func(p *capture.Profile) { p.Patience = 0 },
		"a hold for ever":      func(p *capture.Profile) { p.Hold = time.Hour },
	} {
		p := capture.EU()
		p.Order = append([]finger.Digit(nil), p.Order...)
		spoil(&p)
		if err := p.Validate(); err == nil {
			t.Errorf("%s: the profile is valid", name)
		}
	}
}
