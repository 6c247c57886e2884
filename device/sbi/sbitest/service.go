// Package sbitest is a device service of the MOSIP Secure Biometric Interface,
// 0.9.5, that is wholly ours: a simulated slap scanner, single-finger scanner or
// face camera, with its own keys and the true rule of hashes. It serves tests in
// memory, through a [Machine], and a station in training on a real port, through
// [Service.Serve].
//
// It is strict with what it is asked, as MOSIP's mock is and the specification
// demands, and can be told to answer in every wrong way that is known; see
// [Fault]. It shares no code with the driver, so that one judges the other.
package sbitest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// A Config describes a simulated device.
type Config struct {
	Kind                string // "Slap", "Single" or "Face"; default Slap
	Serial, Make, Model string // default SIM-SBI-1, optag, simulated SBI device
	Level               string // default L1
	Env                 string // default Production
	Edition             int    // of ISO/IEC 19794: 2005 or 2011, the default
	Keys                *Keys
	Now                 func() time.Time // the device's clock

	Finger func(fgp int) *image.Gray               // the print of one finger, 500 ppi; default [Ridges]
	Face   func() image.Image                      // default [Oval]
	JP2    func(image.Image) ([]byte, error)       // default fingers raw, faces JPEG
	Score  func(fgp int) float64                   // of a finger, of a face with 0; default 75
	Laid   func(wanted []int) (fingers []int)      // who lies on the glass; default those wanted
	Every  time.Duration                           // between two pictures of the stream; default 100 ms
	Shows  func(subID string, n int) image.Image   // the stream; default grey
	Waits  func(timeout time.Duration) (late bool) // for the fingers to lie; late is 701. Default at once
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		to *string
		be string
	}{{&c.Kind, "Slap"}, {&c.Serial, "SIM-SBI-1"}, {&c.Make, "optag"}, {&c.Model, "simulated SBI device"}, {&c.Level, "L1"}, {&c.Env, "Production"}} {
		if *d.to == "" {
			*d.to = d.be
		}
	}
	if c.Edition == 0 {
		c.Edition = 2011
	}
	if c.Finger == nil {
		c.Finger = Ridges
	}
	if c.Face == nil {
		c.Face = Oval
	}
	if c.Score == nil {
		c.Score = func(int) float64 { return 75 }
	}
	if c.Every <= 0 {
		c.Every = 100 * time.Millisecond
	}
	if c.Shows == nil {
		c.Shows = func(_ string, n int) image.Image { return image.NewGray(image.Rect(0, 0, 160, 120)) }
	}
	return c
}

// A Service answers for one simulated device. All methods may be called from any
// goroutine.
type Service struct {
	cfg Config

	mu        sync.Mutex // protects the fields below
	faults    map[Fault]bool
	used      map[string]bool // transaction numbers
	capturing bool
	streams   map[net.Conn]bool
	asked     []Asked
}

// Asked is a capture that a service was asked for.
type Asked struct {
	Count, SubID, PreviousHash, Timeout string
	BioSubType, Exception               []string
}

// NewService makes a service. Keys and Now must be given.
func NewService(c Config) *Service {
	return &Service{cfg: c.withDefaults(), faults: map[Fault]bool{}, used: map[string]bool{}, streams: map[net.Conn]bool{}}
}

// SetFaults says what is wrong from now on, in place of what was before.
func (s *Service) SetFaults(all ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
	for _, f := range all {
		s.faults[f] = true
	}
}

// Asked returns the captures that were asked for.
func (s *Service) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Streams is how many live streams run.
func (s *Service) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

func (s *Service) has(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[f]
}

// Serve answers the connections of a listener, on one of the ports 4501 to 4600
// of 127.0.0.1, until it is closed; then it ends those that run and waits for
// them.
func (s *Service) Serve(l net.Listener) error {
	port := 0
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		port = a.Port
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	defer running.Wait()
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		for c := range open {
			c.Close()
		}
	}()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("serving SBI: %w", err)
		}
		mu.Lock()
		open[conn] = true
		mu.Unlock()
		running.Go(func() {
			s.Answer(conn, port)
			mu.Lock()
			defer mu.Unlock()
			delete(open, conn)
		})
	}
}

// Answer answers the one request of a connection and closes it.
func (s *Service) Answer(conn net.Conn, port int) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	req, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	if err != nil {
		return
	}
	a := answerer{Service: s, conn: conn, in: in, port: port}
	switch {
	case s.has(Hang):
		a.gone(time.Hour)
	case s.has(MethodUnknown):
		a.raw("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
	case s.has(Redirect):
		a.raw("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 2\r\n\r\n[]")
	case s.has(NoJSON):
		a.raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>It works!</html>")
	default:
		a.route(req, body)
	}
}

// An answerer answers one request.
type answerer struct {
	*Service
	conn net.Conn
	in   *bufio.Reader
	port int
}

func (a *answerer) raw(text string) { _, _ = io.WriteString(a.conn, text) }

// gone waits, and reports whether the one who asked has hung up.
func (a *answerer) gone(long time.Duration) bool {
	_ = a.conn.SetReadDeadline(time.Now().Add(long))
	_, err := a.in.ReadByte()
	var timeout net.Error
	return !(errors.As(err, &timeout) && timeout.Timeout())
}

func (a *answerer) route(req *http.Request, body []byte) {
	if len(body) > 0 && req.ContentLength != int64(len(body)) {
		a.json(faultOf(609, "Content-Length not found"))
		return
	}
	switch req.Method + " " + req.URL.Path {
	case "MOSIPDISC /device":
		a.discovery(body)
	case "MOSIPDINFO /info":
		a.information()
	case "STREAM /stream":
		a.stream(body)
	case "RCAPTURE /capture":
		a.capture(body)
	default:
		a.raw("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
	}
}

// json sends a value as the wire of this service does.
func (a *answerer) json(v any) {
	b := mustJSON(v)
	if a.has(NumbersBare) {
		b = bare(b)
	}
	length := len(b)
	rest := ""
	switch {
	case a.has(CutAnswer):
		a.raw(head(length) + string(b[:len(b)/2]))
		return
	case a.has(EndlessAnswer):
		a.raw(head(1<<40) + `[{"deviceInfo":"`)
		for filler := strings.Repeat("A", 64<<10); ; {
			if _, err := io.WriteString(a.conn, filler); err != nil {
				return
			}
		}
	case a.has(CharacterLength):
		length = utf8.RuneCount(b)
	case a.has(SurplusBytes):
		rest = "\r\n\r\n"
	}
	a.raw(head(length) + string(b) + rest)
}

func head(length int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nCACHE-CONTROL:no-cache\r\nLOCATION:unknown\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nConnection: Closed\r\n\r\n", length)
}

// bare takes the quotes from error codes.
func bare(b []byte) []byte {
	return []byte(strings.NewReplacer(`"errorCode":"0"`, `"errorCode":0`).Replace(string(b)))
}

type faultJSON struct {
	Code string `json:"errorCode"`
	Info string `json:"errorInfo"`
}

func faultOf(code int, info string) map[string]any {
	return map[string]any{"error": faultJSON{fmt.Sprint(code), info}}
}

// ok carries text beyond ASCII, as multilingual services do.
func ok() faultJSON { return faultJSON{"0", "Erfolgreich – تمّ"} }

func (a *answerer) callback() string {
	switch {
	case a.has(Callback):
		return "http://192.0.2.1:4501/"
	case a.has(CallbackPort):
		return "http://127.0.0.1:8080/"
	}
	return fmt.Sprintf("http://127.0.0.1:%d/", a.port)
}

// identity is digitalId.
func (s *Service) identity() map[string]string {
	kind, sub := "Finger", s.cfg.Kind
	if sub == "Face" {
		kind, sub = "Face", "Full face"
	}
	return map[string]string{
		"serialNo": s.cfg.Serial, "make": s.cfg.Make, "model": s.cfg.Model, "type": kind, "deviceSubType": sub,
		"deviceProvider": "optag", "deviceProviderId": "OPTAG.SIM", "dateTime": stamp(s.cfg.Now()),
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (s *Service) subIDs() []string {
	if s.cfg.Kind == "Slap" {
		return []string{"1", "2", "3"}
	}
	return []string{"0"}
}

// device is what discovery and info have in common.
func (a *answerer) device() map[string]any {
	status, level := "Ready", a.cfg.Level
	switch {
	case a.has(Busy):
		status = "Busy"
	case a.has(NotReady):
		status = "Not Ready"
	case a.has(NotRegistered):
		status = "Not Registered"
	}
	return map[string]any{
		"deviceId": "1", "deviceStatus": status, "certification": level, "serviceVersion": "0.9.5",
		"deviceSubId": a.subIDs(), "callbackId": a.callback(), "deviceCode": a.cfg.Serial,
		"specVersion": []string{"0.9.5"}, "purpose": "Registration",
	}
}

func (a *answerer) discovery(body []byte) {
	var q struct{ Type string }
	kind := a.identity()["type"]
	if json.Unmarshal(body, &q) != nil || q.Type != "Biometric Device" && q.Type != kind {
		a.json([]any{faultOf(110, "type")})
		return
	}
	if a.has(Lost) {
		a.json([]any{faultOf(106, "Device not found")})
		return
	}
	d := a.device()
	if a.has(LevelChanged) {
		d["certification"] = "L0"
	}
	if a.has(CallbackMoved) {
		d["callbackId"] = "http://127.0.0.1:4599/"
	}
	d["digitalId"] = encode(a.identity())
	d["error"] = ok()
	a.json([]any{d})
}

func (a *answerer) information() {
	d := a.device()
	d["env"], d["firmware"] = a.cfg.Env, "2.1"
	if a.has(NotRegistered) {
		d["env"], d["purpose"], d["digitalId"] = "None", "", encode(a.identity())
		a.json([]any{map[string]any{"deviceInfo": encode(d), "error": faultJSON{"100", "Device not registered"}}})
		return
	}
	d["digitalId"] = a.signIdentity(a.identity())
	a.json([]any{map[string]any{"deviceInfo": a.sign(d), "error": ok()}})
}
