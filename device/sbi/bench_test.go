package sbi_test

import (
	"context"
	"crypto/rand"
	"image"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

// noon is when the tests take place, wherever and whenever they run.
func noon() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }

// clock begins at noon and goes as the bubble's does.
func clock() func() time.Time {
	begun := time.Now()
	return func() time.Time { return noon().Add(time.Since(begun)) }
}

var theKeys = sync.OnceValues(func() (*sbitest.Keys, error) { return sbitest.NewKeys(noon()) })

func keys(t testing.TB) *sbitest.Keys {
	t.Helper()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// print is a small image of a finger, for speed.
func print(fgp int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 40, 50))
	for i := range img.Pix {
		img.Pix[i] = uint8(20*fgp + i%7)
	}
	return img
}

// A bench is a station with simulated services.
type bench struct {
	*testing.T
	machine *sbitest.Machine
	service *sbitest.Service // on port 4501
	options sbi.Options
}

// inBubble runs a test in which waiting costs no time and a hang is a failure.
func inBubble(t *testing.T, c sbitest.Config, run func(b *bench)) {
	t.Helper()
	k := keys(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, k, c)
		defer b.machine.Close()
		run(b)
	})
}

func newBench(t *testing.T, k *sbitest.Keys, c sbitest.Config) *bench {
	b := &bench{T: t, machine: sbitest.NewMachine()}
	now := clock()
	c.Keys, c.Now = k, now
	if c.Finger == nil {
		c.Finger = print
	}
	b.service = sbitest.NewService(c)
	b.machine.Start(4501, b.service)
	b.options = sbi.Options{
		Trust: sbi.Trust{
			Issuers: certs(k.Issuer), Chips: certs(k.ChipIssuer),
			Devices: []sbi.Allowed{{Serial: "SIM-SBI-1", Make: "optag", Model: "simulated SBI device", Certified: true, FAP: 60}},
		},
		Now: now, Random: rand.Reader, Dial: b.machine.Dial,
	}
	return b
}

func (b *bench) host() *sbi.Host {
	b.Helper()
	h, err := sbi.New(b.options)
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// scan returns what a scan finds.
func (b *bench) scan() []sbi.Found {
	b.Helper()
	var all []sbi.Found
	for f := range b.host().Scan(b.Context()) {
		all = append(all, f)
	}
	return all
}

// only returns the one device that a scan finds.
func (b *bench) only() sbi.Found {
	b.Helper()
	all := b.scan()
	if len(all) != 1 {
		b.Fatalf("the scan found %d devices, want 1", len(all))
	}
	return all[0]
}

// open opens the one device.
func (b *bench) open() *sbi.Device {
	b.Helper()
	d, err := b.host().Open(b.only())
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// rightSlap asks for two fingers of a right hand that lacks the others.
func rightSlap() sbi.Request {
	return sbi.Request{Fingers: []sbi.Finger{sbi.RightIndex, sbi.RightMiddle}, Threshold: 40, Timeout: 8 * time.Second}
}

// capture opens, captures, closes.
func (b *bench) capture(r sbi.Request) ([]sbi.Print, error) {
	b.Helper()
	d := b.open()
	defer d.Close()
	return d.Capture(b.Context(), r)
}

// within is a context that ends after so long.
func (b *bench) within(long time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.Context(), long)
}
