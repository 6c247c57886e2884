package inspection_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"optag/cmd/internal/inspection"
	"optag/cmd/internal/trust"
	"optag/device"
	"optag/device/emrtd"
	"optag/device/emrtd/cvc"
	"optag/device/emrtd/cvc/cvctest"
	"optag/device/emrtd/emrtdtest"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa/patest"
)

func seed(n byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{n}) }

// today is the day of the tests; the clock of connections is the machine's.
func today() time.Time { return time.Now().UTC() }

// A land is an issuer of cards, a card of a specimen, and a station that is
// registered with the land's back office, over TLS.
type land struct {
	t       *testing.T
	issuer  *emrtdtest.Issuer
	spec    emrtdtest.Spec
	dir     string // of the office's files
	service *trust.Private
	end     func() // of the service
	log     lockedBuffer

	mu   sync.Mutex // protects the fields below
	now  time.Time  // of the office
	uses []inspection.Use
	full error                 // what noting a use fails with
	slow func(context.Context) // before the office signs
}

func newLand(t *testing.T) *land {
	t.Helper()
	l := &land{t: t, dir: t.TempDir(), now: today()}
	var err error
	if l.issuer, err = emrtdtest.NewIssuer(seed(1), patest.Kind{}, today().AddDate(0, 0, -7)); err != nil {
		t.Fatal(err)
	}
	l.spec = emrtdtest.Specimen(l.issuer, today().AddDate(0, 0, -7))
	l.put(l.dir, l.issuer.Office.Verifier, l.issuer.Office.Terminal)
	beside := func(a *trust.Authority, packages http.Handler) http.Handler {
		return inspection.NewHandler(inspection.Config{Office: l, Stations: a.Stations(), Note: l.note, Now: l.clock, Log: l.log.logger()}).Beside(packages)
	}
	home := filepath.Join(t.TempDir(), "home")
	if l.service, err = trust.StartPrivate(home, home+"-service", "cph-01", nil, beside); err != nil {
		t.Fatal(err)
	}
	l.end = sync.OnceFunc(func() { _ = l.service.Close() })
	t.Cleanup(l.end)
	return l
}

// put lays certificates into a folder, and the key of the last.
func (l *land) put(dir string, all ...*cvctest.Holder) {
	l.t.Helper()
	for i, h := range all {
		files := map[string][]byte{".cvcert": h.Certificate}
		if i == len(all)-1 {
			der, err := h.PKCS8()
			if err != nil {
				l.t.Fatal(err)
			}
			files[".pem"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		}
		for end, b := range files {
			if err := os.WriteFile(filepath.Join(dir, h.Name+end), b, 0o600); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

func (l *land) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *land) note(u inspection.Use) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil {
		l.uses = append(l.uses, u)
	}
	return l.full
}

// Chain and Sign are those of the folder, as slow as the test wants.
func (l *land) Chain(ctx context.Context, authority string) ([][]byte, error) {
	return inspection.Folder(l.dir).Chain(ctx, authority)
}

func (l *land) Sign(ctx context.Context, authority string, message []byte) ([]byte, error) {
	l.mu.Lock()
	slow := l.slow
	l.mu.Unlock()
	if slow != nil {
		slow(ctx)
	}
	return inspection.Folder(l.dir).Sign(ctx, authority, message)
}

// station is the client of the station.
func (l *land) station(patience time.Duration) *inspection.Conversation {
	l.t.Helper()
	conf, err := l.service.Station.ClientTLS(l.service.Pair.Service)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.talk(func() (*inspection.Client, error) {
		return inspection.NewClient(l.service.Pair.Service.URL, conf, patience)
	})
}

func (l *land) talk(client func() (*inspection.Client, error)) *inspection.Conversation {
	l.t.Helper()
	c, err := client()
	if err != nil {
		l.t.Fatal(err)
	}
	talk := c.Open()
	l.t.Cleanup(talk.Close)
	return talk
}

// read reads a card of the land with the help of an office, and returns why its
// prints are closed. All else of the chip has to be there in any case.
func (l *land) read(by emrtd.TerminalAuthenticator, change func(*emrtdtest.Spec)) (prints int, why error) {
	l.t.Helper()
	spec := l.spec
	if change != nil {
		change(&spec)
	}
	card, err := emrtdtest.Personalise(seed(2), spec)
	if err != nil {
		l.t.Fatal(err)
	}
	chip, err := emrtd.Read(l.t.Context(), card.Insert(), emrtd.Access{MRZ: spec.Document.Key()}, emrtd.Options{Random: seed(3), Today: today(), Terminal: by})
	if err != nil {
		l.t.Fatal(err)
	}
	if chip.Content.Verdict != emrtd.OK || chip.Genuine.Verdict != emrtd.OK || len(chip.Faces) != 1 || chip.Zone.Primary != "ERIKSSON" {
		l.t.Errorf("the rest of the chip: %v", chip)
	}
	g, _ := chip.Group(lds.DG3)
	return len(chip.Fingers), g.Err
}

// TestPrintsOpenWithTheHelpOfTheOffice: from the chip over the station to the
// office and back, by every way into the chip.
func TestPrintsOpenWithTheHelpOfTheOffice(t *testing.T) {
	l := newLand(t)
	for name, change := range map[string]func(*emrtdtest.Spec){
		"after PACE":                 nil,
		"after basic access control": func(s *emrtdtest.Spec) { s.PACE = nil },
		"after PACE on 384 bits":     func(s *emrtdtest.Spec) { s.PACE[0].Curve, s.Chip[0].Curve = "brainpoolP384r1", "brainpoolP384r1" },
		"after PACE that is chip authentication": func(s *emrtdtest.Spec) {
			s.PACE = []emrtdtest.PACE{{Mapping: emrtdtest.ChipAuthentication, Curve: "secp256r1", Suite: s.PACE[0].Suite}}
		},
	} {
		if n, why := l.read(l.station(0), change); n != 2 {
			t.Errorf("%s: %d prints, %v", name, n, why)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.uses) != 4 || l.uses[0].Station != "cph-01" || l.uses[0].Authority != "UTCVCA00001" || l.uses[0].At != l.now.Truncate(time.Second) {
		t.Errorf("noted %+v", l.uses)
	}
	for _, secret := range []string{"D23145890", "ERIKSSON", "240917"} {
		if strings.Contains(l.log.String(), secret) {
			t.Errorf("the office's log holds %s:\n%s", secret, l.log.String())
		}
	}
	if n := strings.Count(l.log.String(), "signing for an inspection system"); n != 4 {
		t.Errorf("%d signatures in the log:\n%s", n, l.log.String())
	}
}

// TestPrintsStayClosed: whatever is wrong with the office, the rest of the chip is
// there, and a technician is told why.
func TestPrintsStayClosed(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*land)
		by    func(*land) *inspection.Conversation // nil: the station's
		want  string                               // in the error
	}{
		{name: "the card is of another authority", want: "the office refuses: no certificates of that authority are here (authority_unknown)", spoil: func(l *land) {
			other, err := emrtdtest.NewIssuer(seed(9), patest.Kind{}, today().AddDate(0, 0, -7))
			if err != nil {
				l.t.Fatal(err)
			}
			if other.Office.CVCA, err = cvctest.NewCVCA(seed(9), cvctest.Spec{Holder: "XXCVCA00009", Rights: cvc.Fingers, From: today().AddDate(0, 0, -7), Until: today().AddDate(1, 0, 0)}); err != nil {
				l.t.Fatal(err)
			}
			l.spec.Issuer = other
		}},
		{name: "the terminal's certificate has expired", want: "the certificate of UTIS00001 has expired on ", spoil: func(l *land) { l.now = l.now.AddDate(0, 2, 0) }},
		{name: "the office's clock is before the certificates", want: "the certificate of UTDV00001 is valid from ", spoil: func(l *land) { l.now = l.now.AddDate(-1, 0, 0) }},
		{name: "the card knows that it has expired, the office does not", want: "presenting a certificate: the card refuses", spoil: func(l *land) { l.spec.Day = today().AddDate(0, 2, 0) }},
		{name: "the station is not registered any more", want: "(station_unknown)", spoil: func(l *land) {
			if err := l.service.Authority.Remove("cph-01"); err != nil {
				l.t.Fatal(err)
			}
		}},
		{name: "the use cannot be noted", want: "having the chip's challenge signed: the office refuses: the office has failed (internal)", spoil: func(l *land) { l.full = errors.New("disk full") }},
		{name: "the office has lost its key", want: "(authority_unknown)", spoil: func(l *land) { _ = os.Remove(filepath.Join(l.dir, "UTIS00001.pem")) }},
		{name: "the key is another's", want: "(authority_unknown)", spoil: func(l *land) {
			_ = os.Remove(filepath.Join(l.dir, "UTIS00001.pem"))
			l.put(l.dir, l.issuer.Office.CVCA)
		}},
		{name: "the office is gone", want: "asking for the terminal's certificates: asking the office: ", spoil: func(l *land) { l.end() }},
		{name: "the office thinks for ever", want: "having the chip's challenge signed: asking the office: ", spoil: func(l *land) { l.slow = func(ctx context.Context) { <-ctx.Done() } },
			by: func(l *land) *inspection.Conversation { return l.station(150 * time.Millisecond) }},
		{name: "a stranger's station", want: "tls: ", by: func(l *land) *inspection.Conversation {
			home := filepath.Join(l.t.TempDir(), "home")
			other, err := trust.NewPair(home, home+"-service", "cph-01", l.service.Pair.Service.URL, time.Now())
			if err != nil {
				l.t.Fatal(err)
			}
			conf, err := other.Station.ClientTLS(other.Service)
			if err != nil {
				l.t.Fatal(err)
			}
			return l.talk(func() (*inspection.Client, error) { return inspection.NewClient(other.Service.URL, conf, 0) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLand(t)
			if c.spoil != nil {
				c.spoil(l)
			}
			if c.by == nil {
				c.by = func(l *land) *inspection.Conversation { return l.station(0) }
			}
			began := time.Now()
			n, why := l.read(c.by(l), nil)
			if n != 0 || why == nil || !strings.Contains(why.Error(), c.want) {
				t.Errorf("%d prints, %v, want %q", n, why, c.want)
			}
			if d := time.Since(began); d > 4*time.Second {
				t.Errorf("the holder waited %v", d)
			}
		})
	}
}

// The card is taken away while the office thinks: the reading is over, and
// nothing of the chip is handed out.
func TestCardTakenAwayWhileTheOfficeThinks(t *testing.T) {
	l := newLand(t)
	card, err := emrtdtest.Personalise(seed(2), l.spec)
	if err != nil {
		t.Fatal(err)
	}
	held := card.Insert()
	l.slow = func(context.Context) { _ = held.Close() }
	chip, err := emrtd.Read(t.Context(), held, emrtd.Access{MRZ: l.spec.Document.Key()}, emrtd.Options{Random: seed(3), Today: today(), Terminal: l.station(0)})
	if !errors.Is(err, device.ErrRemoved) || chip != nil {
		t.Errorf("%v, %v", chip, err)
	}
}

// Both sides' deliveries go on beside the office.
func TestBesideDeliveries(t *testing.T) {
	l := newLand(t)
	o, err := l.service.Station.UploadOptions(l.service.Pair.Service)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: o.TLS}}
	defer client.CloseIdleConnections()
	for path, want := range map[string]int{"/v1/ping": 204, "/v1/inspection/chain": 405, "/v1/inspection/other": 404} {
		a, err := client.Get(o.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, a.StatusCode, want)
		}
	}
	a, err := client.Post(o.URL+"/v1/inspection/chain", "application/json", bytes.NewReader([]byte(`{"authority":"UTCVCA00001"}`)))
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %v", a.StatusCode, a.Header)
	}
}
