// Package sbi drives certified slap scanners, single-finger scanners and face
// cameras through the MOSIP Secure Biometric Interface, version 0.9.5: the maker's
// own service runs on the station and answers HTTP on 127.0.0.1, ports 4501 to
// 4600.
//
// It finds the services, shows their live stream, has them capture, and verifies
// everything an answer says before anybody sees a pixel of it; an answer that
// breaks one rule is discarded and wiped as a whole. Any local process can take a
// free port first, so trust comes from certificates and a list of serial numbers.
//
// It judges no print: the score it hands over is the device's own word. How a
// JPEG 2000 or WSQ image is decoded is given to it, so that it holds no cgo.
// It leaves captures for authentication, iris and the registration of devices to
// others.
package sbi

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"image"
	"io"
	"iter"
	"net"
	"slices"
	"time"

	"optag/device"
)

const (
	driverName    = "sbi"
	driverVersion = "1"
	specVersion   = "0.9.5"
	purpose       = "Registration"
)

// The ports a service may take, by the specification.
const (
	FirstPort = 4501
	LastPort  = 4600
)

// Options say whom a station trusts and what it works with.
type Options struct {
	Trust Trust

	// Environment is env of every request: Production, Pre-Production,
	// Staging or Developer. Default Production.
	Environment string

	// Now is the clock for certificates and timestamps.
	Now func() time.Time

	// Random gives the bytes of transaction numbers.
	Random io.Reader

	// JP2 and WSQ decode the images of records; nil where the station has no
	// such decoder, and a device that sends one is refused.
	JP2, WSQ Decoder

	// Dial opens a connection to a port of this machine. Default TCP to
	// 127.0.0.1, and nothing from the environment.
	Dial func(ctx context.Context, port int) (net.Conn, error)
}

// A Decoder decodes the image of a record, which says how many pixels it has; it
// refuses any other size before it allocates for it. A grey image of 8 bits is an
// [image.Gray]. What it returns belongs to the caller.
type Decoder func(data []byte, width, height int) (image.Image, error)

// Trust is who may take samples for this station.
type Trust struct {
	// Issuers are the certificates under which the keys of devices are
	// issued: the device provider's, or its authority's. The key of a device
	// changes every month and is not pinned.
	Issuers []*x509.Certificate

	// Chips are the issuers of the chip keys (FTM) of devices of level L1.
	Chips []*x509.Certificate

	// Intermediates may stand between a pinned issuer and a device.
	Intermediates []*x509.Certificate

	// Devices are the ones that may be used; an empty list lets none.
	Devices []Allowed

	// DemandL1 refuses devices whose trust is software on the host.
	DemandL1 bool
}

// An Allowed device is on the station's list. All three must be equal.
type Allowed struct {
	Serial, Make, Model string
	Certified           bool // fit for enrolment by itself (FBI EBTS Appendix F): the protocol does not tell
	FAP                 int  // one of device.FAPs, as the certificate says; 0 where nobody knows: nor does it tell this
}

// A SlapCapturer is what the station needs of such a device: it takes the wanted
// fingers by itself, in one presentation, and hands over one image for each. It
// delivers no frames of its glass as a [device.Scanner] does, only pictures to
// look at. [Device] is one.
type SlapCapturer interface {
	Info() device.Info

	// Preview yields pictures to look at, never to keep: they carry the
	// maker's own markings. It runs until ctx ends or the device fails, and
	// pauses while a capture runs. fingers say which part of the glass is
	// shown, as in a [Request].
	Preview(ctx context.Context, fingers []Finger) iter.Seq2[device.Picture, error]

	// Capture takes one presentation. The prints are the caller's, in the
	// order of the request, to be wiped with [Wipe].
	Capture(ctx context.Context, r Request) ([]Print, error)

	Close() error
}

var _ SlapCapturer = (*Device)(nil)

// A Request asks for one presentation.
type Request struct {
	// Fingers are the wanted ones, all of one presentation; see
	// [Presentations]. The other fingers of a slap are declared missing.
	Fingers []Finger

	// Score is asked of the device, 1 to 100 on the scale of NFIQ 2; default
	// 40. A device that does not reach it in time sends its best.
	Score int

	// Threshold is the least score of every single finger, whatever their
	// average; 0 takes what comes.
	Threshold float64

	// Timeout is how long the device may wait for the fingers; default 15 s,
	// at most a minute. The driver waits 2.5 s longer, and then no more.
	Timeout time.Duration

	// Chain carries the hashes of one applicant from capture to capture, over
	// all devices. nil begins anew.
	Chain *Chain
}

// A Print is the image of one finger as a device delivered it.
type Print struct {
	Finger Finger
	Image  *image.Gray // 8 bit grey, ridges dark, cut to the finger by the device
	PPI    [2]int      // 500 or 1000, across and down
	Score  float64     // the device's own, 0 to 100
	At     time.Time   // by the device's clock, UTC
}

// Wipe clears the pixels of prints.
func Wipe(prints []Print) {
	for _, p := range prints {
		if p.Image != nil {
			clear(p.Image.Pix)
		}
	}
}

// A Portrait is a face as a device delivered it.
type Portrait struct {
	device.Picture         // Encoded is the image of the record, MediaType "image/jp2", "image/jpeg" or "image/png"
	Score          float64 // the device's own, 0 to 100
	At             time.Time
}

// Wipe clears the pixels and the bytes of a portrait.
func (p *Portrait) Wipe() {
	wipeImage(p.Image)
	clear(p.Encoded)
}

// A Chain is the last hash of the captures of one applicant. The zero value is
// the beginning. An answer that was discarded does not move it on.
type Chain struct {
	begun bool
	last  [sha256.Size]byte
}

// hash is the last, or that of nothing.
func (c *Chain) hash() [sha256.Size]byte {
	if c == nil || !c.begun {
		return sha256.Sum256(nil)
	}
	return c.last
}

func (c *Chain) advance(h [sha256.Size]byte) {
	if c != nil {
		c.begun, c.last = true, h
	}
}

// A Host finds and opens the services of this machine. It holds nothing open.
type Host struct {
	opts Options
	keys keyring
}

// New makes a host.
func New(o Options) (*Host, error) {
	switch {
	case o.Now == nil:
		return nil, errors.New("preparing SBI: no clock given")
	case o.Random == nil:
		return nil, errors.New("preparing SBI: no source of randomness given")
	}
	if o.Environment == "" {
		o.Environment = "Production"
	}
	if o.Dial == nil {
		o.Dial = loopback
	}
	return &Host{opts: o, keys: newKeyring(o.Trust)}, nil
}

// IssuersUntil is when the first of the pinned issuers ends, of devices or of
// chips; zero where none is pinned.
func (h *Host) IssuersUntil() time.Time {
	var first time.Time
	for _, c := range slices.Concat(h.opts.Trust.Issuers, h.opts.Trust.Chips) {
		if first.IsZero() || c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first
}
