package sbi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"optag/device"
)

// How long a service may take. The reference client gives 5 s for these.
const (
	scanPatience = 2 * time.Second
	scanMargin   = 50 * time.Millisecond // in which who hangs is told of
	readyWithin  = 2 * time.Second
)

// A Kind is what a device takes.
type Kind string

// The kinds of device this driver is for, as digitalId names them.
const (
	Slap   Kind = "Slap"
	Single Kind = "Single"
	Face   Kind = "Face"
)

// A Found is one device of one service, as a scan met it.
type Found struct {
	Info  device.Info
	Kind  Kind
	Level string // certification: "L0" trust is software on the host, "L1" a chip
	Port  int    // of the service: that of its callbackId
	Err   error  // why it cannot be used; nil where [Host.Open] may be called

	// KeyUntil and ChipUntil end the certificates of the keys that signed what
	// the device said of itself, and who it is; zero where it was not signed.
	// They are verified where Err is nil.
	KeyUntil, ChipUntil time.Time

	id deviceInfo
}

// A deviceInfo is what identifies a device and must stay the same.
type deviceInfo struct {
	deviceID, deviceCode, certification string
	subIDs                              []string
	who                                 digitalID
}

// A digitalID is the identity of a device, without its changing dateTime.
type digitalID struct {
	SerialNo   text `json:"serialNo"`
	Make       text `json:"make"`
	Model      text `json:"model"`
	Type       text `json:"type"`
	SubType    text `json:"deviceSubType"`
	Provider   text `json:"deviceProvider"`
	ProviderID text `json:"deviceProviderId"`
}

// Scan asks every port at once for its devices and yields them as they answer,
// so that a service that hangs holds up none of the others; it ends when every
// port has answered, refused, or been silent for 2 s, or until shortly before ctx
// ends. Where nothing hangs, all hundred ports take well under half a second.
// Ports without a service yield nothing.
func (h *Host) Scan(ctx context.Context) iter.Seq[Found] {
	return func(yield func(Found) bool) {
		ctx, cancel := context.WithCancel(ctx)
		patience := scanPatience
		if end, set := ctx.Deadline(); set {
			patience = min(patience, time.Until(end)-scanMargin)
		}
		answers := make(chan []Found)
		var ports sync.WaitGroup
		for port := FirstPort; port <= LastPort; port++ {
			ports.Go(func() {
				found := h.inform(ctx, port, patience)
				select {
				case answers <- found:
				case <-ctx.Done():
				}
			})
		}
		defer ports.Wait()
		defer cancel()
		var seen []Found
		for range LastPort - FirstPort + 1 {
			select {
			case found := <-answers:
				for _, f := range found {
					if known(seen, f) {
						continue
					}
					if seen = append(seen, f); !yield(f) {
						return
					}
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// known reports whether a device was met before, on another port of its service.
func known(seen []Found, f Found) bool {
	return slices.ContainsFunc(seen, func(s Found) bool {
		return s.Err == nil && f.Err == nil && s.Port == f.Port && s.id.deviceID == f.id.deviceID && s.id.who == f.id.who
	})
}

// inform asks one port for its devices.
func (h *Host) inform(ctx context.Context, port int, patience time.Duration) []Found {
	answer, err := h.ask(ctx, patience, port, "MOSIPDINFO", "/info", nil)
	switch {
	case errors.Is(err, device.ErrUnplugged), ctx.Err() != nil:
		return nil
	case err != nil:
		return []Found{{Port: port, Err: fmt.Errorf("asking port %d for its devices: %w", port, err)}}
	}
	var items []struct {
		DeviceInfo string `json:"deviceInfo"`
		Error      fault  `json:"error"`
	}
	if json.Unmarshal(answer, &items) != nil {
		return []Found{{Port: port, Err: fmt.Errorf("asking port %d for its devices: %w", port, device.ErrGarbled)}}
	}
	found := make([]Found, len(items))
	for i, item := range items {
		found[i] = h.describe(port, item.DeviceInfo)
		if err := item.Error.err(); err != nil {
			found[i].Err = err
		}
		if found[i].Err != nil {
			found[i].Err = fmt.Errorf("asking port %d for its devices: %w", port, found[i].Err)
		}
	}
	return found
}

// A said is the payload of deviceInfo.
type said struct {
	DeviceID      text   `json:"deviceId"`
	DeviceCode    text   `json:"deviceCode"`
	Certification text   `json:"certification"`
	Service       text   `json:"serviceVersion"`
	Firmware      text   `json:"firmware"`
	SubIDs        texts  `json:"deviceSubId"`
	Callback      text   `json:"callbackId"`
	DigitalID     string `json:"digitalId"`
	SpecVersion   texts  `json:"specVersion"`
	Purpose       text   `json:"purpose"`
	Env           text   `json:"env"`
	Status        text   `json:"deviceStatus"`
}

// describe reads and verifies one deviceInfo. What could be read is in the
// answer even where Err says that it cannot be trusted.
func (h *Host) describe(port int, token string) Found {
	f := Found{Port: port}
	s, err := readInfo(token)
	if err != nil {
		f.Err = err
		return f
	}
	who, _ := readIdentity(s.DigitalID)
	f.id = deviceInfo{string(s.DeviceID), string(s.DeviceCode), string(s.Certification), s.SubIDs, who}
	f.Level, f.Kind = string(s.Certification), who.kind()
	f.Info = device.Info{
		Maker: string(who.Make), Model: string(who.Model), Serial: string(who.SerialNo), Firmware: string(s.Firmware),
		Driver: driverName, Version: fmt.Sprintf("%s, service %s, %s", driverVersion, s.Service, s.Certification),
		Slaps: f.Kind == Slap,
	}
	f.KeyUntil, f.ChipUntil = until(token), until(s.DigitalID)
	if f.Err = h.verifyInfo(&f, token, s); f.Err == nil {
		listed := h.allowed(who)
		f.Info.Certified, f.Info.FAP = listed.Certified, listed.FAP
	}
	return f
}

// readInfo reads a deviceInfo without trusting it.
func readInfo(token string) (said, error) {
	payload, err := unsigned(token)
	var s said
	if err != nil || json.Unmarshal(payload, &s) != nil {
		return s, fmt.Errorf("reading deviceInfo: %w", device.ErrGarbled)
	}
	return s, nil
}

// readIdentity reads a digitalId without trusting it.
func readIdentity(token string) (digitalID, error) {
	payload, err := unsigned(token)
	var who digitalID
	if err != nil || json.Unmarshal(payload, &who) != nil {
		return who, fmt.Errorf("reading digitalId: %w", device.ErrGarbled)
	}
	return who, nil
}

func (who digitalID) kind() Kind {
	if who.Type == "Face" {
		return Face
	}
	return Kind(who.SubType)
}

// allowed returns the entry of the station's list; nil where there is none.
func (h *Host) allowed(who digitalID) *Allowed {
	for i, a := range h.opts.Trust.Devices {
		if a.Serial != "" && a.Serial == string(who.SerialNo) && a.Make == string(who.Make) && a.Model == string(who.Model) {
			return &h.opts.Trust.Devices[i]
		}
	}
	return nil
}

// verifyInfo says why a device cannot be used, and settles its port.
func (h *Host) verifyInfo(f *Found, token string, s said) error {
	now := h.opts.Now()
	if !strings.Contains(token, ".") { // not even signed: it has no keys yet
		return ErrNotRegistered
	}
	if _, err := h.keys.open([]byte(token), h.keys.devices, now); err != nil {
		return fmt.Errorf("verifying deviceInfo: %w", err)
	}
	if _, err := h.identity(s.DigitalID, f.Level, now); err != nil {
		return err
	}
	if s.Callback != "" {
		port, err := callback(string(s.Callback))
		if err != nil {
			return err
		}
		f.Port = port
	}
	switch {
	case h.opts.Trust.DemandL1 && f.Level != "L1":
		return TooLow
	case h.allowed(f.id.who) == nil:
		return NotAllowed
	case f.id.deviceCode == "" || f.id.deviceCode != string(f.id.who.SerialNo):
		return OtherDevice
	case string(s.Env) != h.opts.Environment:
		return OtherEnvironment
	case s.Purpose != purpose:
		return OtherPurpose
	case !slices.Contains(s.SpecVersion, specVersion):
		return OtherVersion
	case f.Kind != Slap && f.Kind != Single && f.Kind != Face:
		return fmt.Errorf("a device of type %.20q, %.20q: %w", f.id.who.Type, f.id.who.SubType, ErrRefused)
	}
	return nil
}

// identity verifies a digitalId: signed by the device key at level L0, by the
// chip's at L1.
func (h *Host) identity(token, level string, now time.Time) (digitalID, error) {
	issuers := h.keys.devices
	if level == "L1" {
		issuers = h.keys.chips
	}
	payload, err := h.keys.open([]byte(token), issuers, now)
	if err != nil {
		return digitalID{}, fmt.Errorf("verifying digitalId: %w", err)
	}
	var who digitalID
	if json.Unmarshal(payload, &who) != nil {
		return digitalID{}, BadDigitalID
	}
	return who, nil
}

// callback reads callbackId, an address that a stranger gives us.
func callback(address string) (port int, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.User != nil ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return 0, BadCallback
	}
	port, err = strconv.Atoi(u.Port())
	if err != nil || port < FirstPort || port > LastPort {
		return 0, BadCallback
	}
	return port, nil
}

// An item of discovery: unsigned, and believed only where it says no.
type item struct {
	DeviceID      text   `json:"deviceId"`
	DeviceCode    text   `json:"deviceCode"`
	Certification text   `json:"certification"`
	Status        text   `json:"deviceStatus"`
	Callback      text   `json:"callbackId"`
	DigitalID     string `json:"digitalId"`
	Error         fault  `json:"error"`
}

// discover asks a service how the device is, before every capture.
func (h *Host) discover(ctx context.Context, f Found) error {
	body := map[string]string{"type": "Biometric Device"}
	answer, err := h.ask(ctx, readyWithin, f.Port, "MOSIPDISC", "/device", body)
	if err != nil {
		return err
	}
	var items []item
	if json.Unmarshal(answer, &items) != nil {
		return device.ErrGarbled
	}
	for _, it := range items {
		if string(it.DeviceID) == f.id.deviceID && string(it.DeviceCode) == f.id.deviceCode {
			return it.ready(f)
		}
	}
	if len(items) == 1 {
		if err := items[0].Error.err(); err != nil {
			return err
		}
	}
	return device.ErrUnplugged
}

// ready says why the device cannot capture now.
func (it *item) ready(f Found) error {
	if err := it.Error.err(); err != nil {
		return err
	}
	if it.Callback != "" {
		if port, err := callback(string(it.Callback)); err != nil || port != f.Port {
			return BadCallback
		}
	}
	if string(it.Certification) != f.id.certification {
		return TooLow
	}
	switch it.Status {
	case "Ready":
		return nil
	case "Busy":
		return ErrBusy
	case "Not Ready":
		return ErrNotReady
	case "Not Registered":
		return ErrNotRegistered
	}
	return fmt.Errorf("status %.20q: %w", string(it.Status), device.ErrGarbled)
}
