package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/finger"
	"optag/capture/finger/wsq"
	"optag/cmd/optag/internal/station"
	"optag/device"
	"optag/device/jp2"
	"optag/device/sbi"
)

// sbiHost is the machine's devices behind their makers' services, with the trust
// that the settings name.
func (e *env) sbiHost(set station.Settings) (*sbi.Host, error) {
	if set.SBI == nil {
		return nil, errors.New("the settings name a device behind sbi and not whom it is trusted by; see sbi in the settings")
	}
	o := sbi.Options{
		Environment: set.SBI.Environment, Now: time.Now, Random: rand.Reader, JP2: jp2.Decode, WSQ: decodeWSQ,
		Trust: sbi.Trust{Devices: set.SBI.Devices, DemandL1: set.SBI.DemandL1},
	}
	var err error
	if o.Trust.Issuers, err = e.certificates(set.SBI.Issuers); err == nil {
		o.Trust.Chips, err = e.certificates(set.SBI.Chips)
	}
	if err != nil {
		return nil, err
	}
	return sbi.New(o)
}

// decodeWSQ restores a print of the given size.
func decodeWSQ(data []byte, width, height int) (image.Image, error) {
	img, _, err := wsq.Decode(data, width*height)
	if err == nil && img.Rect.Size() != image.Pt(width, height) {
		err = errors.New("decoding WSQ: another size than the record says")
	}
	if err != nil {
		return nil, err
	}
	return img, nil
}

// certificates reads PEM files.
func (e *env) certificates(files []string) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, name := range files {
		if !filepath.IsAbs(name) {
			name = filepath.Join(e.home, name)
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate of an issuer: %w", err)
		}
		for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("reading the certificate of an issuer in %s: %w", name, err)
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// openSBI opens the first scanner that may be used, one of slaps before one of
// single fingers.
func openSBI(ctx context.Context, host *sbi.Host) (station.Capturer, error) {
	d, kind, err := findSBI(ctx, host, sbi.Slap, sbi.Single)
	if err != nil {
		return nil, err
	}
	return &sbiCapturer{Device: d, slaps: kind == sbi.Slap}, nil
}

// faceTimeout is how long a camera may look for a face after it was told to
// take one; meanwhile its picture stands still.
const faceTimeout = 5 * time.Second

// openSBICamera opens the first camera that may be used. What it takes is judged
// here, not by its own score.
func openSBICamera(ctx context.Context, host *sbi.Host) (device.Camera, error) {
	d, _, err := findSBI(ctx, host, sbi.Face)
	if err != nil {
		return nil, err
	}
	return d.Camera(sbi.Request{Timeout: faceTimeout}), nil
}

// A service is a device behind its maker's service, and how it was found.
type service struct {
	host  *sbi.Host
	found sbi.Found
}

// open opens the device, and asks whether it is there.
func (s *service) open(ctx context.Context) (*sbi.Device, error) {
	d, err := s.host.Open(s.found)
	if err != nil {
		return nil, err
	}
	if err := d.Ready(ctx); err != nil && !errors.Is(err, sbi.ErrBusy) { // busy with what we have just ended
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// behindSBI finds the devices of certified services on this machine, trusted as
// the settings say. Without an issuer all that is said of them is their own word.
func (e *env) behindSBI(ctx context.Context, set station.Settings) []attachment {
	host, err := e.sbiHost(set)
	if err == nil {
		return foundSBI(ctx, host, "")
	}
	unpinned, _ := sbi.New(sbi.Options{Now: time.Now, Random: rand.Reader}) // both are given, so there is no error
	return foundSBI(ctx, unpinned, "not verified, as "+oneLine(err))
}

// foundSBI finds what host finds; note is why none of it can be trusted.
func foundSBI(ctx context.Context, host *sbi.Host, note string) []attachment {
	var list []attachment
	for f := range host.Scan(ctx) {
		d := attachment{Kind: "scanner", At: fmt.Sprintf("sbi port %d", f.Port), Health: "attached", Info: f.Info, service: &service{host, f}}
		if f.Kind == sbi.Face {
			d.Kind = "camera"
		}
		if d.suffers(f.Err); note != "" && d.Health == "untrusted" {
			d.Note = note
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b attachment) int { return strings.Compare(a.At+a.Serial, b.At+b.Serial) })
	return list
}

// findSBI opens a device of the first of these kinds that may be used and is
// there.
func findSBI(ctx context.Context, host *sbi.Host, kinds ...sbi.Kind) (*sbi.Device, sbi.Kind, error) {
	var best sbi.Found
	rank, failed := len(kinds), device.ErrUnplugged
	for f := range host.Scan(ctx) {
		i := slices.Index(kinds, f.Kind)
		switch {
		case f.Err != nil && (i >= 0 || f.Kind == ""):
			failed = f.Err
		case f.Err == nil && i >= 0 && i < rank:
			best, rank = f, i
		}
	}
	if rank == len(kinds) {
		return nil, "", failed
	}
	d, err := (&service{host, best}).open(ctx)
	return d, best.Kind, err
}

// An sbiCapturer is a device of the interface as the station sees it. The chain
// of hashes begins anew with it.
type sbiCapturer struct {
	*sbi.Device
	slaps bool
	chain sbi.Chain
}

func (c *sbiCapturer) Info() device.Info {
	info := c.Device.Info()
	info.Slaps = c.slaps
	return info
}

func (c *sbiCapturer) Preview(ctx context.Context, fingers []finger.Position) iter.Seq2[device.Picture, error] {
	return c.Device.Preview(ctx, sbiFingers(fingers))
}

// Capture has the device take fingers. Two index fingers are two presentations
// of such a device, one after the other.
func (c *sbiCapturer) Capture(ctx context.Context, fingers []finger.Position, thresholds []int) ([]capture.Sample, error) {
	got := map[sbi.Finger]sbi.Print{}
	for _, together := range sbi.Presentations(sbiFingers(fingers)) {
		prints, err := c.Device.Capture(ctx, sbi.Request{Fingers: together, Score: max(40, slices.Max(thresholds)), Chain: &c.chain})
		if err != nil {
			for _, p := range got {
				sbi.Wipe([]sbi.Print{p})
			}
			if advice, can := sbi.Advice(err); can {
				return nil, errors.Join(advice, err)
			}
			return nil, err
		}
		for _, p := range prints {
			got[p.Finger] = p
		}
	}
	at := time.Now() // the same for all fingers of a presentation, as the device's own times are not
	samples := make([]capture.Sample, len(fingers))
	for i, f := range fingers {
		p := got[sbi.Finger(f)]
		samples[i] = capture.Sample{Image: roomy(p.Image), PPI: p.PPI, Device: c.Info(), At: at}
	}
	return samples, nil
}

func sbiFingers(fingers []finger.Position) []sbi.Finger {
	all := make([]sbi.Finger, len(fingers))
	for i, f := range fingers {
		all[i] = sbi.Finger(f)
	}
	return all
}

// roomy puts a print that was cut closely into the middle of white; no pixel of
// it changes.
func roomy(img *image.Gray) *image.Gray {
	size := image.Pt(max(finger.MinSide, img.Rect.Dx()), max(finger.MinSide, img.Rect.Dy()))
	if size == img.Rect.Size() {
		return img
	}
	wide := image.NewGray(image.Rectangle{Max: size})
	draw.Draw(wide, wide.Rect, image.White, image.Point{}, draw.Src)
	at := size.Sub(img.Rect.Size()).Div(2)
	draw.Draw(wide, img.Rect.Sub(img.Rect.Min).Add(at), img, img.Rect.Min, draw.Src)
	clear(img.Pix)
	return wide
}
