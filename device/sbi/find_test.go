package sbi_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"optag/device"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

func TestScan(t *testing.T) {
	inBubble(t, sbitest.Config{Level: "L1"}, func(b *bench) {
		f := b.only()
		want := device.Info{
			Maker: "optag", Model: "simulated SBI device", Serial: "SIM-SBI-1", Firmware: "2.1",
			Driver: "sbi", Version: "1, service 0.9.5, L1", Slaps: true, Certified: true, FAP: 60,
		}
		if f.Err != nil || f.Info != want || f.Kind != sbi.Slap || f.Level != "L1" || f.Port != 4501 {
			t.Errorf("found %+v, want %+v on port 4501", f, want)
		}
		if end := noon().AddDate(0, 0, 20); !f.KeyUntil.Equal(end) || !f.ChipUntil.Equal(end) {
			t.Errorf("its keys end on %v and %v, want %v", f.KeyUntil, f.ChipUntil, end)
		}
		if n := b.machine.Dialled(); n != 100 {
			t.Errorf("%d ports asked, want 100", n)
		}
	})
}

func TestTwoServicesAtOnce(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		b.options.Trust.Devices = append(b.options.Trust.Devices, sbi.Allowed{Serial: "CAM", Make: "optag", Model: "simulated SBI device"})
		b.machine.Start(4600, sbitest.NewService(sbitest.Config{Kind: "Face", Serial: "CAM", Keys: keys(t), Now: b.options.Now}))
		kinds := []sbi.Kind{}
		for _, f := range b.scan() {
			if f.Err != nil {
				t.Error(f.Err)
			}
			kinds = append(kinds, f.Kind)
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, []sbi.Kind{sbi.Face, sbi.Slap}) {
			t.Errorf("found %v, want a camera and a slap scanner", kinds)
		}
	})
}

// TestHangingServiceHoldsUpNobody: the others are there before it has failed.
func TestHangingServiceHoldsUpNobody(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		hanging := sbitest.NewService(sbitest.Config{Keys: keys(t), Now: b.options.Now})
		hanging.SetFaults(sbitest.Hang)
		b.machine.Start(4502, hanging)
		begun := time.Now()
		var order []error
		for f := range b.host().Scan(b.Context()) {
			order = append(order, f.Err)
			if took := time.Since(begun); f.Err == nil && took > 0 {
				t.Errorf("the working one came after %v, want at once", took)
			}
		}
		if took := time.Since(begun); took != 2*time.Second {
			t.Errorf("the scan took %v, want 2s", took)
		}
		if len(order) != 2 || order[0] != nil || !errors.Is(order[1], device.ErrSilent) {
			t.Errorf("found, in order, %v", order)
		}
	})
}

// TestHangingServiceIsToldOfInTime: before the end that the caller has set.
func TestHangingServiceIsToldOfInTime(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		b.service.SetFaults(sbitest.Hang)
		ctx, stop := context.WithTimeout(b.Context(), time.Second)
		defer stop()
		told := 0
		for f := range b.host().Scan(ctx) {
			if told++; !errors.Is(f.Err, device.ErrSilent) {
				t.Errorf("%v, want %v", f.Err, device.ErrSilent)
			}
		}
		if told != 1 || ctx.Err() != nil {
			t.Errorf("told of %d services, %v", told, ctx.Err())
		}
	})
}

func TestScanCanBeLeft(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		hanging := sbitest.NewService(sbitest.Config{Keys: keys(t), Now: b.options.Now})
		hanging.SetFaults(sbitest.Hang)
		b.machine.Start(4502, hanging)
		begun := time.Now()
		for range b.host().Scan(b.Context()) {
			break
		}
		ctx, cancel := context.WithCancel(b.Context())
		cancel()
		for range b.host().Scan(ctx) {
			t.Error("a scan whose context had ended found something")
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("left after %v, want at once", took)
		}
	})
}

// TestNotToBeUsed: found, named, and refused with the reason.
func TestNotToBeUsed(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  sbitest.Fault
		change func(*sbi.Options)
		want   error
	}{
		{"not registered, info without dots", sbitest.NotRegistered, nil, sbi.ErrNotRegistered},
		{"issuer nobody pinned", sbitest.ForeignIssuer, nil, sbi.BadCertificate},
		{"certificate over", sbitest.Expired, nil, sbi.BadCertificate},
		{"key of 1024 bits", sbitest.WeakKey, nil, sbi.BadCertificate},
		{"signature broken", sbitest.BrokenSignature, nil, sbi.ErrUntrusted},
		{"algorithm none", sbitest.NoAlgorithm, nil, sbi.BadSignature},
		{"chip did not sign", sbitest.HostSignedID, nil, sbi.BadCertificate},
		{"address on another machine", sbitest.Callback, nil, sbi.BadCallback},
		{"address outside the range", sbitest.CallbackPort, nil, sbi.BadCallback},
		{"a page of HTML", sbitest.NoJSON, nil, device.ErrGarbled},
		{"an answer without end", sbitest.EndlessAnswer, nil, device.ErrGarbled},
		{"405", sbitest.MethodUnknown, nil, device.ErrGarbled},
		{"redirect", sbitest.Redirect, nil, device.ErrGarbled},
		{"serial number not on the list", "", func(o *sbi.Options) { o.Trust.Devices[0].Serial = "SIM-SBI-9" }, sbi.NotAllowed},
		{"model not on the list", "", func(o *sbi.Options) { o.Trust.Devices[0].Model = "x" }, sbi.NotAllowed},
		{"an empty list", "", func(o *sbi.Options) { o.Trust.Devices = nil }, sbi.NotAllowed},
		{"nobody pinned", "", func(o *sbi.Options) { o.Trust.Issuers = nil }, sbi.BadCertificate},
		{"chips not pinned", "", func(o *sbi.Options) { o.Trust.Chips = nil }, sbi.BadCertificate},
		{"another environment", "", func(o *sbi.Options) { o.Environment = "Staging" }, sbi.OtherEnvironment},
		{"certificates not valid yet, by our clock", "", func(o *sbi.Options) {
			o.Now = func() time.Time { return noon().AddDate(0, -1, 0) }
		}, sbi.BadCertificate},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, sbitest.Config{}, func(b *bench) {
				b.service.SetFaults(c.fault)
				if c.change != nil {
					c.change(&b.options)
				}
				f := b.only()
				if !errors.Is(f.Err, c.want) {
					t.Errorf("error %v, want one that is %v", f.Err, c.want)
				}
				if f.Info.Certified || f.Info.FAP != 0 {
					t.Error("called certified, and cannot be used")
				}
				if _, err := b.host().Open(f); !errors.Is(err, c.want) {
					t.Errorf("opening it: error %v, want one that is %v", err, c.want)
				}
			})
		})
	}
}

func TestSiteDemandsL1(t *testing.T) {
	inBubble(t, sbitest.Config{Level: "L0"}, func(b *bench) {
		if f := b.only(); f.Err != nil || f.Level != "L0" {
			t.Errorf("a site that does not demand it: level %s, error %v", f.Level, f.Err)
		}
		b.options.Trust.DemandL1 = true
		if f := b.only(); !errors.Is(f.Err, sbi.TooLow) {
			t.Errorf("error %v, want %v", f.Err, sbi.TooLow)
		}
	})
}

func TestHostNeedsClockAndRandomness(t *testing.T) {
	if _, err := sbi.New(sbi.Options{Random: rand.Reader}); err == nil {
		t.Error("made without a clock")
	}
	if _, err := sbi.New(sbi.Options{Now: noon}); err == nil {
		t.Error("made without randomness")
	}
}

func TestPresentations(t *testing.T) {
	for name, c := range map[string]struct {
		fingers []sbi.Finger
		want    string
	}{
		"two index fingers": {[]sbi.Finger{7, 2}, "[[Right IndexFinger] [Left IndexFinger]]"},
		"both thumbs":       {[]sbi.Finger{6, 1}, "[[Right Thumb Left Thumb]]"},
		"none":              {nil, "[]"},
		"no finger at all":  {[]sbi.Finger{0, 11}, "[]"},
	} {
		if got := fmt.Sprint(sbi.Presentations(c.fingers)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	var all []sbi.Finger
	for f := sbi.RightThumb; f <= sbi.LeftLittle; f++ {
		all = append(all, f)
	}
	if got := sbi.Presentations(all); len(got) != 3 || len(got[0]) != 4 || len(got[1]) != 4 || len(got[2]) != 2 {
		t.Errorf("ten fingers: %v, want two slaps and the thumbs", got)
	}
}

// listen takes one of the hundred ports for real.
func listen(t *testing.T) net.Listener {
	t.Helper()
	for port := sbi.LastPort; port >= sbi.FirstPort; port-- {
		if l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return l
		}
	}
	t.Skip("none of the ports 4501 to 4600 is free")
	return nil
}

// TestRealPorts: a hundred ports of the real loopback in under half a second, and
// a capture over TCP.
func TestRealPorts(t *testing.T) {
	k := keys(t)
	l := listen(t)
	port := l.Addr().(*net.TCPAddr).Port
	service := sbitest.NewService(sbitest.Config{Keys: k, Now: noon, Serial: "TCP-1", Finger: print})
	served := make(chan error, 1)
	go func() { served <- service.Serve(l) }()
	h, err := sbi.New(sbi.Options{Now: noon, Random: rand.Reader, Trust: sbi.Trust{
		Issuers: certs(k.Issuer), Chips: certs(k.ChipIssuer),
		Devices: []sbi.Allowed{{Serial: "TCP-1", Make: "optag", Model: "simulated SBI device"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	best := time.Hour
	var ours sbi.Found
	for range 3 { // the machine may be busy
		begun := time.Now()
		for f := range h.Scan(t.Context()) {
			if f.Port == port {
				ours = f
			}
		}
		best = min(best, time.Since(begun))
	}
	t.Logf("100 ports in %v", best)
	if best > 500*time.Millisecond {
		t.Errorf("100 ports took %v, want under 500ms", best)
	}
	d, err := h.Open(ours)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for range d.Preview(t.Context(), rightSlap().Fingers) {
		break
	}
	if prints, err := d.Capture(t.Context(), rightSlap()); err != nil || len(prints) != 2 {
		t.Errorf("%d prints, error %v", len(prints), err)
	}
	l.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
