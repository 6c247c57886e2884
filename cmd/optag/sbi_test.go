package main

import (
	"crypto/rand"
	"crypto/x509"
	"image"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/jp2"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
	"optag/queue/seal"
	"optag/testdata/gen"
	"optag/ui/flow"
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
		{"ten prints", "case birth_date=1991-05-14 purpose=eurodac basis=art4 reference_number=DK1A118402 place=Sandholm sex=F\nexcept left_ring missing gone", nil,
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
			host := trusting(t, machine, keys)
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

// trusting is a machine as a station sees it that trusts the simulated device.
func trusting(t *testing.T, machine *sbitest.Machine, keys *sbitest.Keys) *sbi.Host {
	return hostOf(t, machine, sbi.Trust{
		Issuers: []*x509.Certificate{keys.Issuer}, Chips: []*x509.Certificate{keys.ChipIssuer},
		Devices: []sbi.Allowed{{Serial: "SIM-SBI-1", Make: "optag", Model: "simulated SBI device", Certified: true}},
	})
}

// unpinned is one that trusts nobody.
func unpinned(t *testing.T, machine *sbitest.Machine) *sbi.Host {
	return hostOf(t, machine, sbi.Trust{})
}

func hostOf(t *testing.T, machine *sbitest.Machine, trust sbi.Trust) *sbi.Host {
	t.Helper()
	host, err := sbi.New(sbi.Options{Now: time.Now, Random: rand.Reader, Dial: machine.Dial, JP2: jp2.Decode, Trust: trust})
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// A counter with a camera behind its maker's service: its live picture is shown,
// and it photographs when it is told to. What goes wrong does so when the page
// of the portrait has opened, and is over two seconds later.
func TestCertifiedCamera(t *testing.T) {
	keys, err := sbitest.NewKeys(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	face := gen.Person(5).Portrait()
	still, live := face.Portrait(image.Pt(900, 1200), gen.Pose{}, 1), face.Portrait(image.Pt(480, 640), gen.Pose{}, 1)
	for _, c := range []struct {
		name        string
		jp2         func(image.Image) ([]byte, error)
		wrong, mend func(*sbitest.Machine, *sbitest.Service)
		lost        bool // the clerk is told
		media       string
	}{
		{"that works", nil, nil, nil, false, "image/jpeg"},
		{"that sends JPEG 2000", jp2.Encode, nil, nil, false, "image/png"},
		{"that is unplugged from its service", nil, with(sbitest.Lost), with(), true, "image/jpeg"},
		{"whose service dies, and comes back on another port", nil,
			func(m *sbitest.Machine, _ *sbitest.Service) { m.Stop(4501) },
			func(m *sbitest.Machine, s *sbitest.Service) { m.Start(4544, s) }, true, "image/jpeg"},
		{"that sees nobody at first", nil, with(sbitest.Timeout), with(), false, "image/jpeg"},
		{"whose answers nobody trusts at first", nil, with(sbitest.ForeignIssuer), with(), true, "image/jpeg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := sbitest.NewService(sbitest.Config{Kind: "Face", Keys: keys, Now: time.Now, JP2: c.jp2,
				Face: func() image.Image { return still }, Shows: func(string, int) image.Image { return live }})
			machine := sbitest.NewMachine()
			defer machine.Close()
			machine.Start(4501, service)
			host := trusting(t, machine, keys)
			var begun, lost atomic.Bool
			m := playOut(t, "case number=1 birth_date=2022-05-14", func(o *station.Options) {
				o.OpenCamera, o.AskCamera = func() (device.Camera, error) { return openSBICamera(t.Context(), host) }, true
				screens := o.Screens
				o.Screens = func(s *flow.State) {
					if s.Page == flow.Lost {
						lost.Store(true)
					}
					if s.Page == flow.Portrait && c.wrong != nil && !begun.Swap(true) {
						c.wrong(machine, service)
						time.AfterFunc(2*time.Second, func() { c.mend(machine, service) })
					}
					screens(s)
				}
			})
			if got := contents(m); got != "portrait" {
				t.Errorf("the package holds %q, want a portrait", got)
			}
			if d := m.Items[0].Device; d.Driver != "sbi" || d.Serial != "SIM-SBI-1" {
				t.Errorf("the record says that %+v took it", d)
			}
			i := slices.IndexFunc(m.Parts, func(p seal.PartInfo) bool { return p.Name == m.Items[0].Parts[0] })
			if got := m.Parts[i].MediaType; got != c.media {
				t.Errorf("the portrait is %s, want %s", got, c.media)
			}
			if lost.Load() != c.lost {
				t.Errorf("the clerk was told that the camera is gone: %v, want %v", lost.Load(), c.lost)
			}
		})
	}
}

// with are faults from now on.
func with(all ...sbitest.Fault) func(*sbitest.Machine, *sbitest.Service) {
	return func(_ *sbitest.Machine, s *sbitest.Service) { s.SetFaults(all...) }
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
