package emrtdtest_test

import (
	"bytes"
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/sm"
)

// ways are the cards that readings are timed with.
func ways() map[string]func(*emrtdtest.Spec) {
	pace := func(m emrtdtest.Mapping, curve string) func(*emrtdtest.Spec) {
		return func(s *emrtdtest.Spec) {
			s.PACE = []emrtdtest.PACE{{Mapping: m, Curve: curve, Suite: sm.AES128}}
			s.Chip = []emrtdtest.Agreement{{Curve: curve, Suite: sm.AES128}}
		}
	}
	return map[string]func(*emrtdtest.Spec){
		"BAC":                    func(s *emrtdtest.Spec) { s.PACE = nil },
		"PACE P-256":             pace(emrtdtest.Generic, "secp256r1"),
		"PACE brainpool 256":     pace(emrtdtest.Generic, "brainpoolP256r1"),
		"PACE brainpool 384":     pace(emrtdtest.Generic, "brainpoolP384r1"),
		"PACE-CAM brainpool 256": pace(emrtdtest.ChipAuthentication, "brainpoolP256r1"),
	}
}

// zone reads DG1 and EF.SOD, and checks the signature.
func zone(t testing.TB, card *emrtdtest.Card) {
	o := options()
	o.Groups = []lds.File{lds.DG1}
	c, err := emrtd.Read(t.Context(), card.Insert(), emrtd.Access{MRZ: key}, o)
	if err != nil || verdicts(c) != allOK {
		t.Fatalf("%s, %v", told(c), err)
	}
}

// The best of a few readings of DG1 and EF.SOD, with chip authentication and the
// signature checked, takes 20 ms at most, the card's own work included. What is
// counted is the processor's time, which others on the machine hardly change.
func TestTimeOfAReading(t *testing.T) {
	for name, change := range ways() {
		card, _ := made(t, change)
		best := time.Hour
		for range 5 {
			begun := processor(t)
			zone(t, card)
			best = min(best, processor(t)-begun)
		}
		limit := slow * 20 * time.Millisecond
		if name == "PACE brainpool 384" { // the limit is for the curves that cards have
			limit *= 3
		}
		if best > limit {
			t.Errorf("%s: %v, want %v at most", name, best, limit)
		}
	}
}

// processor is the time that this process has had.
func processor(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkZone(b *testing.B) {
	for name, change := range ways() {
		b.Run(name, func(b *testing.B) {
			card, _ := made(b, change)
			for b.Loop() {
				zone(b, card)
			}
		})
	}
}

// A tape is a conversation with a card: what was said, and in order again.
type tape struct {
	device.Card
	commands, answers [][]byte
	at                int
}

func (c *tape) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if c.Card != nil {
		answer, err := c.Card.Transmit(ctx, command)
		c.commands, c.answers = append(c.commands, bytes.Clone(command)), append(c.answers, bytes.Clone(answer))
		return answer, err
	}
	if c.at == len(c.answers) || !bytes.Equal(command, c.commands[c.at]) {
		return nil, errors.New("another command than was recorded")
	}
	c.at++
	return bytes.Clone(c.answers[c.at-1]), nil
}

// What a terminal computes for itself in a whole reading, with a face of the
// usual 17 kB: the card's answers are recorded.
func BenchmarkTerminal(b *testing.B) {
	face := pictured(b, 17000)
	for name, change := range map[string]func(*emrtdtest.Spec){
		"BAC":  func(s *emrtdtest.Spec) { s.PACE, s.Face = nil, face },
		"PACE": func(s *emrtdtest.Spec) { s.Face = face },
	} {
		b.Run(name, func(b *testing.B) {
			card, _ := made(b, change)
			t := &tape{Card: card.Insert()}
			read := func() {
				o := options()
				if _, err := emrtd.Read(b.Context(), t, emrtd.Access{MRZ: key}, o); err != nil {
					b.Fatal(err)
				}
			}
			read()
			t.Card = nil
			for b.Loop() {
				t.at = 0
				read()
			}
			b.ReportMetric(float64(len(t.commands)), "commands")
		})
	}
}

func BenchmarkPersonalise(b *testing.B) {
	for b.Loop() {
		made(b, nil)
	}
}
