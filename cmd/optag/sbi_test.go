package main

import (
	"crypto/rand"
	"crypto/x509"
	"image"
	"sync"
	"testing"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
	"optag/testdata/gen"
)

// A counter with a certified slap scanner behind its maker's service: the device
// takes the fingers by itself, and the case ends as with any other scanner.
func TestCertifiedSlapScanner(t *testing.T) {
	keys, err := sbitest.NewKeys(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, script string
		faults       []sbitest.Fault // at first, for a second
		want         string
	}{
		{"ten prints", "case number=1 birth_date=1991-05-14 purpose=eurodac basis=art4\nexcept left_ring missing gone", nil,
			"right_index right_middle right_ring right_little left_index left_middle left_little right_thumb left_thumb -left_ring"},
		{"two prints, and the other hand at first", "case number=1 birth_date=1991-05-14", []sbitest.Fault{sbitest.OtherHand}, "portrait right_index left_index"},
		{"two prints, and the scanner unplugged at first", "case number=1 birth_date=1991-05-14", []sbitest.Fault{sbitest.Lost}, "portrait right_index left_index"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := sbitest.NewService(sbitest.Config{Keys: keys, Now: time.Now, Finger: fingersOf(5)})
			machine := sbitest.NewMachine()
			defer machine.Close()
			machine.Start(4501, service)
			service.SetFaults(c.faults...)
			time.AfterFunc(4*time.Second, func() { service.SetFaults() })
			host, err := sbi.New(sbi.Options{
				Now: time.Now, Random: rand.Reader, Dial: machine.Dial,
				Trust: sbi.Trust{
					Issuers: []*x509.Certificate{keys.Issuer}, Chips: []*x509.Certificate{keys.ChipIssuer},
					Devices: []sbi.Allowed{{Serial: "SIM-SBI-1", Make: "optag", Model: "simulated SBI device", Certified: true}},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			m := playOut(t, c.script, func(o *station.Options) {
				o.OpenCapturer = func() (station.Capturer, error) { return openSBI(t.Context(), host) }
			})
			if got := contents(m); got != c.want {
				t.Errorf("the package holds %q, want %q", got, c.want)
			}
			for _, it := range m.Items {
				if it.Kind != "portrait" && !it.Device.Certified {
					t.Errorf("%s: the record does not say that the device is certified", it.Position)
				}
			}
		})
	}
}

// fingersOf are the fingers of a person who does not exist, each grown once.
func fingersOf(who gen.Person) func(fgp int) *image.Gray {
	var mu sync.Mutex
	grown := map[int]*image.Gray{}
	return func(fgp int) *image.Gray {
		mu.Lock()
		defer mu.Unlock()
		if grown[fgp] == nil {
			grown[fgp] = who.Finger(gen.Position(fgp)).Impression(image.Pt(400, 500), [2]int{500, 500}, gen.Conditions{}, 1)
		}
		copied := *grown[fgp]
		copied.Pix = append([]uint8(nil), grown[fgp].Pix...)
		return &copied
	}
}
