package station

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/queue"
	"optag/queue/audit"
	"optag/ui/flow"
)

// fakeReaders are readers of staff cards in memory, which do what they are told.
type fakeReaders struct {
	mu    sync.Mutex // protects the fields below
	cards []StaffCard
	pin   string
	fail  error         // of each question
	hang  bool          // until ctx ends
	slow  time.Duration // of each answer
	asked int
	tried []string // PINs
}

func (f *fakeReaders) answer(ctx context.Context) error {
	f.mu.Lock()
	f.asked++
	hang, fail, slow := f.hang, f.fail, f.slow
	f.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	time.Sleep(slow)
	return fail
}

func (f *fakeReaders) Cards(ctx context.Context) ([]StaffCard, error) {
	if err := f.answer(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cards, nil
}

func (f *fakeReaders) Lies(ctx context.Context, c StaffCard) (bool, error) {
	if err := f.answer(ctx); err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, there := range f.cards {
		if there.Slot == c.Slot && there.Serial == c.Serial {
			return true, nil
		}
	}
	return false, nil
}

func (f *fakeReaders) Usable(_ StaffCard, certificate []byte, _ time.Time) error {
	if strings.HasPrefix(string(certificate), "expired") {
		return errors.New("outside the dates of its validity")
	}
	return nil
}

func (f *fakeReaders) Prove(_ context.Context, _ StaffCard, _, pin []byte) error {
	defer clear(pin)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried = append(f.tried, string(pin))
	if string(pin) != f.pin {
		return CardRefusal("pin")
	}
	return nil
}

func (f *fakeReaders) lay(cards ...StaffCard) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cards = cards
}

func (f *fakeReaders) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeReaders) questions() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// cardOf is a card with one certificate.
func cardOf(serial, certificate, tries string) StaffCard {
	return StaffCard{Slot: uint(len(serial)), Serial: serial, Tries: tries, Certificates: [][]byte{[]byte(certificate)}}
}

// A staffDesk is a counter at which two officers have cards, in a bubble.
type staffDesk struct {
	*Station
	*fakeReaders
	t *testing.T
}

func staffDeskOf(t *testing.T, logIn string) *staffDesk {
	t.Helper()
	f := &fakeReaders{pin: "1234"}
	b := setUp(t, true, func(o *Options) { o.Staff = f })
	q, err := queue.Open(filepath.Join(t.TempDir(), "queue"), queue.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })
	set := Defaults()
	set.StaffCards = &StaffCards{Library: "/lib/cards.so", LogIn: logIn}
	pin, err := HashPIN(strings.NewReader(strings.Repeat("s", 16)), "4321", 1)
	if err != nil {
		t.Fatal(err)
	}
	set.Officers = []Officer{{ID: "4718", Name: "K. Lund", PIN: pin, Card: CardHash([]byte("lund"))}, {ID: "5001", Name: "T. Holm", Card: CardHash([]byte("holm"))},
		{ID: "5002", Card: CardHash([]byte("expired"))}}
	d := &staffDesk{b.Station, f, t}
	b.later(func() {
		b.queue, b.settings, b.screens = q, set, nil
		b.logins = logins{map[string]int{}}
		b.counter = flow.New(set.Station, flow.Settings{Language: "en", Staff: set.logIn()})
		b.staff = newStaffLoop(b.Station)
		b.background(b.staff.run)
	})
	return d
}

// state is the counter's, after so long.
func (d *staffDesk) state(after time.Duration) (s flow.State) {
	time.Sleep(after)
	done := make(chan struct{})
	d.later(func() { s = d.counter.State; close(done) })
	<-done
	return s
}

// logged lists the failed log-ins of the log.
func (d *staffDesk) logged() (codes []string) {
	d.t.Helper()
	for leaf, err := range d.queue.Leaves() {
		if err != nil {
			d.t.Fatal(err)
		}
		if e, err := audit.Parse(leaf); err == nil && e.Event == "login_failed" {
			codes = append(codes, e.Actor+" "+e.Details["what"])
		}
	}
	return codes
}

// in logs K. Lund in by card.
func (d *staffDesk) in() {
	d.t.Helper()
	d.lay(cardOf("a", "lund", ""))
	if s := d.state(time.Second); s.Staff.Is != "one" || s.Staff.Officer.ID != "4718" {
		d.t.Fatalf("the card is not shown: %+v", s.Staff)
	}
	d.Send(flow.LogIn{Staff: "4718", PIN: "1234", ByCard: true})
	if s := d.state(100 * time.Millisecond); s.Officer == nil || s.Officer.Certificate != CardHash([]byte("lund")) {
		d.t.Fatalf("not logged in: %+v", s.Login)
	}
}

func TestWhatLiesInTheReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := staffDeskOf(t, "both")
		for _, c := range []struct {
			name  string
			cards []StaffCard
			want  string // what it is, whose, and what the card says of its tries
		}{
			{"nothing", nil, "none  "},
			{"an officer's card", []StaffCard{cardOf("a", "lund", "")}, "one 4718 "},
			{"the same after a wrong PIN", []StaffCard{cardOf("a", "lund", "low")}, "one 4718 low"},
			{"and before the last try", []StaffCard{cardOf("a", "lund", "final")}, "one 4718 final"},
			{"locked", []StaffCard{cardOf("a", "lund", "locked")}, "locked 4718 "},
			{"a card of the same authority that was given to nobody", []StaffCard{cardOf("b", "else", "")}, "stranger  "},
			{"a card that shows no certificate", []StaffCard{{Serial: "c"}}, "unusable  "},
			{"an officer's card that is expired", []StaffCard{cardOf("d", "expired", "")}, "unusable  "},
			{"beside a stranger's", []StaffCard{cardOf("b", "else", ""), cardOf("ee", "holm", "")}, "one 5001 "},
			{"beside a locked one", []StaffCard{cardOf("a", "lund", "locked"), cardOf("ee", "holm", "")}, "one 5001 "},
			{"two officers' cards", []StaffCard{cardOf("a", "lund", ""), cardOf("ee", "holm", "")}, "several  "},
			{"a card with certificates for other things before", []StaffCard{{Serial: "f", Certificates: [][]byte{[]byte("letters"), []byte("holm")}}}, "one 5001 "},
		} {
			d.lay(c.cards...)
			s := d.state(300 * time.Millisecond).Staff
			if got := fmt.Sprintf("%s %s %s", s.Is, s.Officer.ID, s.Tries); got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	})
}

func TestCardThatIsTakenLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := staffDeskOf(t, "both")
		d.in()
		if s := d.state(time.Hour / 8); s.Officer == nil {
			t.Fatal("locked while the card lies there")
		}
		begun := time.Now()
		for d.lay(); d.state(10*time.Millisecond).Officer != nil; {
		}
		if took := time.Since(begun); took > 300*time.Millisecond {
			t.Errorf("locked after %v", took)
		}
		if s := d.state(0); s.Staff.Is != "none" || !s.Login.Gone {
			t.Errorf("the log-in says %+v, of the reader %+v", s.Login, s.Staff)
		}
		d.in() // and again
	})
}

func TestReadersThatDoNotAnswer(t *testing.T) {
	down := errors.New("the library of the card failed")
	for _, c := range []struct {
		name   string
		change func(f *fakeReaders)
		after  time.Duration // from when on they answer again; 0 never
		locks  time.Duration // 0 never
	}{
		{"one answer is lost", func(f *fakeReaders) { f.fail = down }, 400 * time.Millisecond, 0},
		{"the library is started anew for two seconds", func(f *fakeReaders) { f.fail = down }, 2 * time.Second, 0},
		{"it crashes again and again", func(f *fakeReaders) { f.fail = down }, 0, 3 * time.Second},
		{"it hangs", func(f *fakeReaders) { f.hang = true }, 0, 3 * time.Second},
		{"it is slow", func(f *fakeReaders) { f.slow = 2 * time.Second }, 0, 0},
		{"the card has another slot in a library started anew", func(f *fakeReaders) { f.fail, f.cards[0].Slot = down, 77 }, 400 * time.Millisecond, 0},
		{"the card is gone, and a copy of what it shows lies in another reader", func(f *fakeReaders) { f.cards[0].Slot = 77 }, 0, 250 * time.Millisecond},
		{"a library started anew finds two", func(f *fakeReaders) {
			f.fail, f.cards[0].Slot = down, 76
			f.cards = append(f.cards, StaffCard{Slot: 77, Serial: "a", Certificates: f.cards[0].Certificates})
		}, 400 * time.Millisecond, 500 * time.Millisecond},
		{"another card with its number lies there", func(f *fakeReaders) {
			f.cards = []StaffCard{{Slot: 3, Serial: "a", Certificates: [][]byte{[]byte("else")}}}
		}, 0, 250 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := staffDeskOf(t, "both")
				d.in()
				time.Sleep(6 * time.Second) // well after the log-in
				d.set(func() { c.change(d.fakeReaders) })
				begun, locked := time.Now(), time.Duration(0)
				for time.Since(begun) < 10*time.Second && locked == 0 {
					if c.after > 0 && time.Since(begun) >= c.after {
						d.set(func() { d.fail, d.hang = nil, false })
					}
					if d.state(50*time.Millisecond).Officer == nil {
						locked = time.Since(begun)
					}
				}
				if (locked == 0) != (c.locks == 0) || locked > c.locks+300*time.Millisecond || locked < c.locks-300*time.Millisecond {
					t.Errorf("locked after %v, want %v", locked, c.locks)
				}
			})
		})
	}
}

// TestReadersThatAreGoneAtTheLogIn are asked less and less often, and are back
// when they answer.
func TestReadersThatAreGoneAtTheLogIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := staffDeskOf(t, "card")
		d.lay(cardOf("a", "lund", ""))
		d.state(time.Second)
		d.set(func() { d.fail = errors.New("down") })
		if s := d.state(time.Second); s.Staff.Is != "one" {
			t.Errorf("after a second: %+v", s.Staff)
		}
		if s := d.state(5 * time.Second); s.Staff.Is != "failed" {
			t.Errorf("after six seconds: %+v", s.Staff)
		}
		asked := d.questions()
		d.state(10 * time.Minute)
		if n := d.questions() - asked; n > 150 {
			t.Errorf("asked %d times in ten minutes", n)
		}
		d.set(func() { d.fail = nil })
		if s := d.state(6 * time.Second); s.Staff.Is != "one" {
			t.Errorf("answering again: %+v", s.Staff)
		}
	})
}

// TestReadersAreLeftAlone while somebody works who came in by number: a chip may be
// read in one of them.
func TestReadersAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := staffDeskOf(t, "both")
		d.state(time.Second)
		d.Send(flow.LogIn{Staff: "4718", PIN: "4321"})
		if s := d.state(time.Second); s.Officer == nil || s.Officer.Certificate != "" {
			t.Fatalf("not logged in by number: %+v", s.Login)
		}
		asked := d.questions()
		d.lay(cardOf("a", "lund", ""))
		if s := d.state(time.Minute); s.Officer == nil || d.questions() != asked {
			t.Errorf("asked %d times in a minute; still logged in: %v", d.questions()-asked, s.Officer != nil)
		}
		d.Send(flow.Lock{})
		if s := d.state(300 * time.Millisecond); s.Staff.Is != "one" {
			t.Errorf("after locking: %+v", s.Staff)
		}
	})
}

func TestLogInByCardIsRefused(t *testing.T) {
	lund, holm := cardOf("a", "lund", ""), cardOf("ee", "holm", "")
	for _, c := range []struct {
		name, pin string
		lie       []StaffCard // when the PIN arrives, after K. Lund's card was shown
		want      string
		tried     int
	}{
		{"a wrong PIN", "9999", []StaffCard{lund}, "pin", 1},
		{"the card was taken meanwhile", "1234", nil, "removed", 0},
		{"another officer's card lies there by now", "1234", []StaffCard{holm}, "changed", 0},
		{"another card with a copy of the certificate", "1234", []StaffCard{cardOf("other", "lund", "")}, "changed", 0},
		{"a second officer's card beside it", "1234", []StaffCard{lund, holm}, "changed", 0},
		{"a stranger's card", "1234", []StaffCard{cardOf("b", "else", "")}, "changed", 0},
		{"locked meanwhile", "1234", []StaffCard{cardOf("a", "lund", "locked")}, "locked", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := staffDeskOf(t, "both")
				d.lay(lund)
				d.state(staffPoll * 9 / 2)
				d.later(func() { // between two looks
					d.lay(c.lie...)
					d.handle(flow.LogIn{Staff: "4718", PIN: c.pin, ByCard: true})
				})
				s := d.state(100 * time.Millisecond)
				if s.Officer != nil || s.Login.Checking || s.Login.Refused != c.want && s.Staff.Is != c.want {
					t.Errorf("logged in %v, the log-in says %+v, of the reader %+v, want %q", s.Officer != nil, s.Login, s.Staff, c.want)
				}
				if got := fmt.Sprint(d.logged()); got != "[station "+c.want+"]" {
					t.Errorf("the log says %s", got)
				}
				if len(d.tried) != c.tried {
					t.Errorf("the card was asked %d times, want %d", len(d.tried), c.tried)
				}
			})
		})
	}
}

func TestNobodyGetsInWithoutACard(t *testing.T) {
	for logIn, want := range map[string]bool{"both": true, "card": false} {
		t.Run(logIn, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := staffDeskOf(t, logIn)
				d.later(func() { d.perform(flow.CheckPIN{Staff: "4718", PIN: "4321"}) }) // whatever asks for it
				if in := d.state(time.Second).Officer != nil; in != want {
					t.Errorf("logged in by PIN: %v, want %v", in, want)
				}
				d.later(func() { d.perform(flow.CheckPIN{Staff: "5001", PIN: ""}) })
				if s := d.state(time.Second); !want && s.Officer != nil || len(d.logins.wrong) == 0 {
					t.Errorf("an officer without a PIN: %+v", s.Login)
				}
			})
		})
	}
}

func TestSettingsOfStaffCards(t *testing.T) {
	card := CardHash([]byte("lund"))
	for _, c := range []struct {
		name     string
		cards    *StaffCards
		officers []Officer
		want     string // of the error; "" for none
	}{
		{"none", nil, []Officer{{ID: "1", PIN: "x"}}, ""},
		{"either way", &StaffCards{Library: "/l.so", LogIn: "both"}, []Officer{{ID: "1", PIN: "x"}}, ""},
		{"cards alone, and one officer with a card", &StaffCards{Library: "/l.so", LogIn: "card"}, []Officer{{ID: "1", PIN: "x"}, {ID: "2", Card: card}}, ""},
		{"cards alone, before there are officers", &StaffCards{Library: "/l.so", LogIn: "card"}, nil, ""},
		{"cards alone, and nobody has one", &StaffCards{Library: "/l.so", LogIn: "card"}, []Officer{{ID: "1", PIN: "x"}}, "lock everybody out"},
		{"no library", &StaffCards{LogIn: "both"}, nil, "library"},
		{"a library that is not named in full", &StaffCards{Library: "opensc-pkcs11.so", LogIn: "both"}, nil, "absolute path"},
		{"an unknown way", &StaffCards{Library: "/l.so", LogIn: "pin"}, nil, `"pin"`},
		{"no way", &StaffCards{Library: "/l.so"}, nil, `""`},
		{"one card of two officers", nil, []Officer{{ID: "1", Card: card}, {ID: "2", Card: card}}, "two officers, 1 and 2"},
		{"one officer's card that was another's", nil, []Officer{{ID: "1", FormerCards: []string{card}}, {ID: "2", Card: card}}, "two officers, 1 and 2"},
		{"a card in capitals", nil, []Officer{{ID: "1", Card: strings.ToUpper(card)}}, "staff number 1"},
		{"half a card", nil, []Officer{{ID: "1", Card: card[:32]}}, "staff number 1"},
	} {
		set := Defaults()
		set.StaffCards, set.Officers = c.cards, c.officers
		err := set.Save(filepath.Join(t.TempDir(), "station.json"))
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
