package capture

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/rule"
	"optag/device"
	"optag/testdata/gen"
)

// A draftedCase plays the same moves on a session that nothing happens to, and on one
// that is written and read again now and then.
type draftedCase struct {
	t     *testing.T
	r     *rand.Rand
	a, b  *Session
	hands *hands
	at    time.Time
}

// hands are the prints of the ten fingers of somebody who does not exist.
type hands [11]struct {
	image    *image.Gray
	template *minutiae.Template
}

var grown = sync.OnceValue(func() *hands {
	h := new(hands)
	var a finger.Assessor
	for _, p := range finger.All() {
		h[p].image = gen.Person(3).Finger(gen.Position(p)).Impression(image.Pt(256, 300), [2]int{500, 500}, gen.Conditions{}, 1)
		h[p].template = a.Template(h[p].image, [2]int{500, 500})
	}
	return h
})

// sample is a fresh sample of a finger, as if measured with a score.
func (h *hands) sample(p finger.Position, score int, at time.Time) Sample {
	sm := Sample{Image: h[p].image, PPI: [2]int{500, 500}, At: at, Device: device.Info{Model: "M", Serial: "7", Certified: true},
		quality: finger.Quality{Score: score, Algorithm: finger.Estimate}, template: h[p].template}
	return sm.Copy()
}

func newDraftedCase(t *testing.T, seed uint64) *draftedCase {
	t.Helper()
	c := &draftedCase{t: t, r: rand.New(rand.NewPCG(seed, 2)), hands: grown(),
		at: time.Date(2026, 11, 23, 9, 0, 0, 123456789, time.FixedZone("", 3600))}
	facts := rule.Defaults()
	facts.CaptureOn, facts.BirthDate = rule.DateOf(c.at), rule.BirthDate{Year: 1991, Month: 5, Day: 14}
	if c.r.IntN(3) == 0 {
		facts.Purpose, facts.Basis = rule.Eurodac, rule.Art4
	}
	begun := Case{Number: "26-118402", Holder: Holder{Family: "HADDAD", Given: "Samira <&> ئ"}, Facts: facts}
	p := EU()
	p.FirstHand = finger.Hand(c.r.IntN(2))
	for _, s := range []**Session{&c.a, &c.b} {
		var err error
		if *s, err = Open(begun, p); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// step makes one random move on both sessions.
func (c *draftedCase) step() {
	c.at = c.at.Add(time.Duration(c.r.IntN(9e9)))
	move, p, n := c.r.IntN(16)-2, finger.Position(c.r.IntN(11)), c.r.IntN(101)
	for _, s := range []*Session{c.a, c.b} {
		ask, more := s.NextPrint()
		under := ask // the finger that really lies on the glass
		if taken := s.Kept(); n%3 == 0 && len(taken) > 0 {
			under = taken[0]
		}
		switch {
		case move < 7 && more:
			a, err := s.Present(ask, c.hands.sample(under, n, c.at))
			if err != nil || (a.Outcome == SameFinger) != a.SameAs.Valid() {
				c.t.Fatalf("presenting %v: %+v, %v", ask, a, err)
			}
		default:
			c.mark(s, move, p, n)
		}
	}
}

// mark makes the moves that are no presentation.
func (c *draftedCase) mark(s *Session, move int, p finger.Position, n int) {
	reason := []Reason{Missing, Temporary, Permanent}[n%3]
	switch move {
	case 7:
		_ = s.Except(Exception{Position: p, Reason: reason, Note: "bandage", SeenBy: "4718", At: c.at})
	case 8:
		s.Restore(p)
	case 9:
		_ = s.Accept(p, "worn_skin: best there is")
		_ = s.Discard(finger.Position(1+n%10), "wrong_finger")
	case 10:
		s.Inform(Rights{Text: "residence_card", Version: "1", Language: "ar", SHA256: strings.Repeat("0a", 32), How: "read_aloud", At: c.at})
	case 11:
		_ = s.Photograph(Portrait{Encoded: bytes.Repeat([]byte{0xff, byte(n)}, 500+n), MediaType: "image/jpeg", Width: 700, Height: 900,
			Source: "live", Checks: []face.Check{{Name: face.Sharpness, Value: float64(n) / 10, Min: 5, Max: 255}}, At: c.at})
		s.JudgePortrait([]string{"eyes_open"})
		s.AcceptPortrait("the third")
	case 12:
		s.Unable(Inability{Kind: rule.Inabilities()[n%3], Note: "both arms in plaster", SeenBy: "4718", At: c.at})
	case 13:
		s.Refuse(Refusal{Items: [][]rule.Item{nil, {rule.ItemPhoto}, {rule.ItemPrints, rule.ItemPhoto}, nil}[n%4], Explained: true, By: "4718", At: c.at})
	}
}

// crash writes the second session and reads it again.
func (c *draftedCase) crash() {
	c.t.Helper()
	data, err := c.b.Draft()
	if err != nil {
		c.t.Fatal(err)
	}
	again, err := Restore(data)
	if err != nil {
		c.t.Fatal(err)
	}
	if second, err := again.Draft(); err != nil || !bytes.Equal(second, data) {
		c.t.Fatalf("the draft of the restored session differs: %v", err)
	}
	clear(data)
	c.b.Wipe()
	c.b = again
}

// same compares all that the two sessions say.
func (c *draftedCase) same() {
	c.t.Helper()
	pa, ma := c.a.NextPrint()
	pb, mb := c.b.NextPrint()
	if pa != pb || ma != mb || !slices.Equal(c.a.Kept(), c.b.Kept()) || c.a.Recall() != c.b.Recall() {
		c.t.Fatalf("next %v %v, kept %v; restored: %v %v, %v", pa, ma, c.a.Kept(), pb, mb, c.b.Kept())
	}
	wa, _ := json.Marshal(c.a.record("SIM-01", "4718", c.at))
	wb, _ := json.Marshal(c.b.record("SIM-01", "4718", c.at))
	if !bytes.Equal(wa, wb) {
		c.t.Fatalf("record\n%s\nrestored:\n%s", wa, wb)
	}
	ka, na := c.a.Portrait()
	kb, nb := c.b.Portrait()
	if na != nb || (ka == nil) != (kb == nil) || ka != nil && !bytes.Equal(ka.Encoded, kb.Encoded) {
		c.t.Fatal("the portraits differ")
	}
	for _, p := range finger.All() {
		x, y := c.a.Print(p), c.b.Print(p)
		if (x == nil) != (y == nil) || x != nil && !bytes.Equal(x.Image.Pix, y.Image.Pix) {
			c.t.Fatalf("the prints of %v differ", p)
		}
		if len(c.a.Attempts(p)) != len(c.b.Attempts(p)) || c.a.AttemptsLeft(p) != c.b.AttemptsLeft(p) {
			c.t.Fatalf("the attempts of %v differ", p)
		}
	}
}

// A session that is written and read again at random moments goes on exactly
// as one to which nothing happened: also the same finger is recognised again.
func TestRestoredSessionGoesOnTheSame(t *testing.T) {
	cases, kept, sameFinger := 25, 0, 0
	for seed := range cases {
		c := newDraftedCase(t, uint64(seed))
		c.crash()
		for range 5 + c.r.IntN(20) {
			c.step()
			if c.r.IntN(4) == 0 {
				c.crash()
			}
			c.same()
		}
		c.crash()
		c.same()
		kept += len(c.b.Kept())
		for _, p := range finger.All() {
			for _, a := range c.b.Attempts(p) {
				if a.Outcome == SameFinger {
					sameFinger++
				}
			}
		}
	}
	if kept < cases/2 || sameFinger == 0 {
		t.Errorf("%d prints kept and %d recognised in %d cases: the test tests little", kept, sameFinger, cases)
	}
	t.Logf("%d cases, %d prints kept, %d recognised", cases, kept, sameFinger)
}

// full is a session with something of everything, and its draft.
func full(t testing.TB) (*Session, []byte) {
	t.Helper()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	facts := rule.Defaults()
	facts.CaptureOn, facts.BirthDate = rule.DateOf(at), rule.BirthDate{Year: 1991, Month: 5, Day: 14}
	s, err := Open(Case{Number: "26-118402", Holder: Holder{Family: "HADDAD"}, Facts: facts}, EU())
	if err != nil {
		t.Fatal(err)
	}
	s.Inform(Rights{Text: "residence_card", Version: "1", Language: "da", How: "shown", At: at})
	sm := grown().sample(finger.RightIndex, 30, at)
	if _, err := s.Present(finger.RightIndex, sm); err != nil {
		t.Fatal(err)
	}
	if err := s.Accept(finger.RightIndex, "worn_skin"); err != nil {
		t.Fatal(err)
	}
	if err := s.Except(Exception{Position: finger.LeftIndex, Reason: Missing, At: at}); err != nil {
		t.Fatal(err)
	}
	if err := s.Photograph(Portrait{Encoded: []byte("\xff\xd8\xff a portrait"), MediaType: "image/jpeg", At: at}); err != nil {
		t.Fatal(err)
	}
	data, err := s.Draft()
	if err != nil {
		t.Fatal(err)
	}
	return s, data
}

func TestDraftThatCannotBe(t *testing.T) {
	s, data := full(t)
	n := len(data)
	head := func(from, to string) []byte { // the same length of head
		if len(from) != len(to) || !bytes.Contains(data, []byte(from)) {
			t.Fatalf("the head has no %s, or %s is of another length", from, to)
		}
		return bytes.Replace(data, []byte(from), []byte(to), 1)
	}
	for name, broken := range map[string][]byte{
		"nothing":                      nil,
		"something else":               []byte("%PDF-1.7"),
		"only the beginning":           data[:draftPrefix],
		"cut in the head":              data[:draftPrefix+40],
		"without its last pixel":       data[:n-1],
		"with one pixel more":          append(slices.Clone(data), 0),
		"of a later version":           append([]byte(draftMagic+"\x04"), data[len(draftMagic)+1:]...),
		"a head longer than all":       append([]byte(draftMagic+"\x01\xff\xff\xff\xff"), data[draftPrefix:]...),
		"an unknown field":             head(`"accepted"`, `"asserted"`),
		"a finger that is not":         head(`"right_index"`, `"third_index"`),
		"a finger twice":               head(`"left_index"`, `"right_thum"`),
		"an outcome that is not":       head(`"outcome":"insufficient"`, `"outcome":"unsufficient"`),
		"a score over a hundred":       head(`"score":30`, `"score":99`),
		"a reason that is not":         head(`"reason":"missing"`, `"reason":"missed!"`),
		"a resolution that is not":     head(`"ppi":[500,500]`, `"ppi":[300,300]`),
		"a print that is too small":    head(`"width":256`, `"width":128`),
		"a print of no size":           head(`"width":256`, `"width":-25`),
		"a profile that asks for less": head(`"attempts":3,"threshold"`, `"attempts":9,"threshold"`),
		"a law that is not":            head(`"basis":"9"`, `"basis":"x"`),
		"a portrait not counted":       head(`"photos":1`, `"photos":0`),
		"force used for a card":        head(`"force":null`, `"force":{}  `),
		"an inability that is none":    head(`"unable":null,"refused"`, `"unable": 12 ,"refused"`),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Restore(broken)
			if !errors.Is(err, ErrDraft) || got != nil {
				t.Fatalf("Restore = a session: %v, %v; want ErrDraft", got != nil, err)
			}
			if strings.Contains(err.Error(), "HADDAD") || strings.Contains(err.Error(), "118402") {
				t.Errorf("the error tells the person's data: %v", err)
			}
		})
	}
	if again, err := s.Draft(); err != nil || !bytes.Equal(again, data) {
		t.Errorf("the same session gave other bytes: %v", err)
	}
	s.portrait.Encoded = make([]byte, face.MaxBytes+1)
	if _, err := s.Draft(); !errors.Is(err, ErrDraft) {
		t.Errorf("a portrait larger than any: %v; want ErrDraft", err)
	}
}

// TestRestoredSessionOwnsItsPictures: the caller wipes the draft, and the
// session has lost nothing.
func TestRestoredSessionOwnsItsPictures(t *testing.T) {
	s, data := full(t)
	got, err := Restore(data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if !bytes.Equal(got.Print(finger.RightIndex).Image.Pix, s.Print(finger.RightIndex).Image.Pix) {
		t.Error("the print went with the draft")
	}
	if kept, _ := got.Portrait(); string(kept.Encoded) != "\xff\xd8\xff a portrait" {
		t.Error("the portrait went with the draft")
	}
}

// FuzzRestore: whatever the bytes, there is an error, or a session whose own
// draft gives it back.
func FuzzRestore(f *testing.F) {
	s, data := full(f)
	f.Add(data[:len(data)/2])
	if err := s.Discard(finger.RightIndex, "without pixels the fuzzer is faster"); err != nil {
		f.Fatal(err)
	}
	small, err := s.Draft()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	empty, err := Open(Case{Facts: rule.Defaults()}, Germany())
	if err != nil {
		f.Fatal(err)
	}
	first, err := empty.Draft()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(first)
	f.Add([]byte(draftMagic + "\x01\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Restore(data)
		if err != nil {
			if !errors.Is(err, ErrDraft) || s != nil {
				t.Fatalf("Restore = %v, %v", s, err)
			}
			return
		}
		once, err := s.Draft()
		if err != nil {
			t.Fatalf("a restored session cannot be written: %v", err)
		}
		again, err := Restore(once)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if twice, err := again.Draft(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("the second draft differs from the first: %v", err)
		}
	})
}

func BenchmarkDraft(b *testing.B) {
	s, data := full(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := s.Draft(); err != nil {
			b.Fatal(err)
		}
	}
}
