package selftest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
)

// A slot is a reader with a card in it: each time the card is had is one turn,
// and each command to it another.
type slot struct {
	had     time.Duration // that having the card takes
	answer  time.Duration // that a command takes
	slow    int           // how many of the first commands take 200 ms more
	status  uint16        // of the answers
	long    uint16        // of answers to extended lengths; 0: the connection breaks
	silent  bool          // about extended lengths
	refuses bool          // extended lengths
	fails   map[int]error // by turn
	turn    int
}

func (s *slot) next() error { s.turn++; return s.fails[s.turn] }

func (s *slot) Info() device.Info          { return device.Info{} }
func (s *slot) Gone(context.Context) error { return nil }
func (s *slot) Close() error               { return nil }

func (s *slot) Card(ctx context.Context) (device.Card, error) {
	select {
	case <-time.After(s.had):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := s.next(); err != nil {
		return nil, fmt.Errorf("waiting for a card: %w", err)
	}
	if s.silent {
		return laid{s}, nil
	}
	return laidLong{laid{s}}, nil
}

type laid struct{ *slot }

func (laid) ATR() []byte { return nil }

func (c laid) Transmit(_ context.Context, command []byte) ([]byte, error) {
	time.Sleep(c.answer)
	if c.slow--; c.slow >= 0 {
		time.Sleep(200 * time.Millisecond)
	}
	if err := c.next(); err != nil {
		return nil, fmt.Errorf("sending a command to a card: %w", err)
	}
	status := c.status
	if string(command) == "long" {
		if status = c.long; status == 0 {
			return nil, device.ErrGarbled
		}
	}
	return []byte{byte(status >> 8), byte(status)}, nil
}

type laidLong struct{ laid }

func (c laidLong) Extended(context.Context) bool { return !c.refuses }

func TestCard(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name string
		slot
		want  string // checks and their outcomes
		says  string // somewhere in what was found
		taken bool   // extended lengths
	}{
		{"a good reader and a passport", slot{had: 300 * ms, answer: 20 * ms, status: 0x9000, long: 0x9000},
			"seen pass, command pass, application pass, extended pass, reset pass", "taken by reader and card", true},
		{"a card that opens by PACE alone", slot{status: 0x6982, long: 0x6982},
			"seen pass, command pass, application pass, extended pass, reset pass", "shown only once the card is open", true},
		{"a bank card", slot{status: 0x6a82, long: 0x6a82},
			"seen pass, command pass, application warn, extended pass, reset pass", "status 6A82", false},
		{"a reader that takes two seconds to have the card", slot{had: 2 * time.Second, status: 0x9000, long: 0x9000},
			"seen warn, command pass, application pass, extended pass, reset warn", "2000 ms", true},
		{"a slow card", slot{answer: 200 * ms, status: 0x9000, long: 0x9000},
			"seen pass, command warn, application pass, extended pass, reset pass", "200 ms", true},
		{"a card that is slow at its first two commands", slot{answer: 20 * ms, slow: 2, status: 0x9000, long: 0x9000},
			"seen pass, command pass, application pass, extended pass, reset pass", "20 ms", true},
		{"a card that is slow at three of five", slot{answer: 20 * ms, slow: 3, status: 0x9000, long: 0x9000},
			"seen pass, command warn, application pass, extended pass, reset pass", "220 ms", true},
		{"a card that takes most of a second for each command", slot{answer: 800 * ms, status: 0x9000, long: 0x9000},
			"seen pass, command fail, application pass, extended pass, reset pass", "800 ms", true},
		{"a card that is had after ten seconds", slot{had: 10 * time.Second},
			"seen fail", "nothing came within 5s", false},
		{"a mute card", slot{fails: map[int]error{1: device.ErrSilent}},
			"seen fail", "device does not answer", false},
		{"a reader that is pulled out", slot{fails: map[int]error{1: device.ErrUnplugged}},
			"seen fail", "unplugged", false},
		{"a card taken away at the third command", slot{status: 0x9000, fails: map[int]error{4: device.ErrRemoved}},
			"seen pass, command fail", "card removed", false},
		{"a reader for short commands", slot{status: 0x9000, refuses: true},
			"seen pass, command pass, application pass, extended warn, reset pass", "does not say", false},
		{"a reader that cannot say", slot{status: 0x9000, silent: true},
			"seen pass, command pass, application pass, extended skipped, reset pass", "", false},
		{"a reader that promises what it does not keep", slot{status: 0x9000},
			"seen pass, command pass, application pass, extended fail, reset pass", "and does not", false},
		{"a card for short commands", slot{status: 0x9000, long: 0x6700},
			"seen pass, command pass, application pass, extended pass, reset pass", "status 6700", false},
		{"a card taken away at the long command", slot{status: 0x9000, long: 0x9000, fails: map[int]error{7: device.ErrRemoved}},
			"seen pass, command pass, application pass, extended fail", "card removed", false},
		{"a card that does not come back from its reset", slot{status: 0x9000, long: 0x9000, fails: map[int]error{8: device.ErrSilent}},
			"seen pass, command pass, application pass, extended pass, reset fail", "does not answer", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				checks, long, err := Card(t.Context(), &c.slot, CardOptions{Select: []byte("short"), Long: []byte("long")})
				var got []string
				found := ""
				for _, k := range checks {
					got = append(got, k.ID+" "+string(k.Outcome))
					found += k.Measured() + "\n"
					if k.Outcome != Pass && k.Do == "" {
						t.Errorf("%s says nothing of what to do", k.ID)
					}
				}
				if s := strings.Join(got, ", "); s != c.want || !strings.Contains(found, c.says) {
					t.Errorf("%s\n%s, want\n%s\n%s", s, found, c.want, c.says)
				}
				if whole := strings.Contains(c.want, "reset") && !strings.Contains(c.want, "reset fail"); long != c.taken && whole || (err == nil) != whole {
					t.Errorf("extended lengths %v, error %v", long, err)
				}
			})
		})
	}
}
