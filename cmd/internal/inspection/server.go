package inspection

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"optag/device/emrtd/cvc"
	"optag/queue/intake"
)

// An Office holds the keys of inspection systems: in an HSM, or a control centre,
// or, for tests and small sites, a [Folder].
type Office interface {
	// Chain returns the card verifiable certificates from the one that the key
	// named authority signed to the terminal's own, each whole from its tag 7F21.
	// The error is or wraps [ErrUnknown] where there are none.
	Chain(ctx context.Context, authority string) ([][]byte, error)

	// Sign signs a message, as it is, with the key and the algorithm of the last
	// certificate of that chain: ECDSA as r and s behind each other.
	Sign(ctx context.Context, authority string, message []byte) ([]byte, error)
}

// ErrUnknown: no certificates go back to that authority. From Office.Chain and
// Office.Sign.
var ErrUnknown = errors.New("no certificates of that authority are here")

// A Use is one signature that the key was used for: by which station and when,
// below which authority. It says nothing of chip or holder.
type Use struct {
	At        time.Time `json:"at"`
	Station   string    `json:"station"`
	Authority string    `json:"authority"`
}

// Config is what the office's end is made of. Office and Stations are required.
type Config struct {
	Office   Office
	Stations intake.Stations // that may ask

	// Note keeps a use, before the key is used; where it fails the key is not.
	// nil: uses stand in the log alone.
	Note func(Use) error

	Now func() time.Time // default: time.Now
	Log *slog.Logger     // default: none
}

// A Handler is the office's end of the wire.
type Handler struct {
	c      Config
	mux    *http.ServeMux
	active chan struct{}
}

const (
	maxActive = 16               // requests at once
	stall     = 10 * time.Second // that a request may take to arrive, and the office to answer
)

// NewHandler returns the office's end that c describes.
func NewHandler(c Config) *Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{c: c, mux: http.NewServeMux(), active: make(chan struct{}, maxActive)}
	h.mux.HandleFunc("POST "+pathChain, h.chain)
	h.mux.HandleFunc("POST "+pathSign, h.sign)
	return h
}

// Beside answers what is asked of the office, and leaves the rest to another.
func (h *Handler) Beside(rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/inspection/", h)
	mux.Handle("/", rest)
	return mux
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	select {
	case h.active <- struct{}{}:
		defer func() { <-h.active }()
	default:
		refusal(http.StatusServiceUnavailable, "busy", "too much at once").Write(w)
		return
	}
	ctx, stop := context.WithTimeout(r.Context(), stall)
	defer stop()
	// A server that knows no deadlines has its own.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(stall))
	h.mux.ServeHTTP(w, r.WithContext(ctx))
}

func refusal(status int, code, message string) *intake.Problem {
	return &intake.Problem{Status: status, Code: code, Message: message}
}

// chain answers with the certificates for a chip of an authority.
func (h *Handler) chain(w http.ResponseWriter, r *http.Request) {
	var q chainRequest
	by, err := h.read(r, &q)
	if err == nil {
		var a chainAnswer
		if a.Certificates, err = h.valid(r.Context(), q.Authority); err == nil {
			h.c.Log.Info("handed out certificates of the inspection system", "station", by, "authority", q.Authority)
			answer(w, a)
			return
		}
	}
	h.fail(w, by, err)
}

// sign answers with a signature.
func (h *Handler) sign(w http.ResponseWriter, r *http.Request) {
	var q signRequest
	by, err := h.read(r, &q)
	if err == nil && (len(q.Message) > maxMessage || !Signable(q.Message)) {
		err = refusal(http.StatusUnprocessableEntity, "not_signable", "the message is none that a terminal signs")
	}
	if err == nil {
		_, err = h.valid(r.Context(), q.Authority)
	}
	if err == nil {
		err = h.note(Use{h.c.Now().UTC().Truncate(time.Second), by, q.Authority})
	}
	if err == nil {
		var a signAnswer
		if a.Signature, err = h.c.Office.Sign(r.Context(), q.Authority, q.Message); err == nil {
			answer(w, a)
			return
		}
	}
	h.fail(w, by, err)
}

// note keeps a use, before it is one.
func (h *Handler) note(u Use) error {
	h.c.Log.Info("signing for an inspection system", "station", u.Station, "authority", u.Authority)
	if h.c.Note == nil {
		return nil
	}
	return h.c.Note(u)
}

// read finds out which station asks, and what.
func (h *Handler) read(r *http.Request, q any) (station string, err error) {
	by, err := intake.Registered(r, h.c.Stations)
	if err != nil {
		return "", err
	}
	if err := decode(r.Body, maxRequest, q); err != nil {
		return by.ID, refusal(http.StatusBadRequest, "bad_request", "reading the request: "+err.Error())
	}
	return by.ID, nil
}

// valid is the chain below an authority, if it is one on this day.
func (h *Handler) valid(ctx context.Context, authority string) ([][]byte, error) {
	if !isAuthority(authority) {
		return nil, refusal(http.StatusBadRequest, "bad_request", "the authority can be none")
	}
	chain, err := h.c.Office.Chain(ctx, authority)
	if err != nil {
		return nil, err
	}
	for _, raw := range chain {
		c, err := cvc.Parse(raw)
		switch day := h.c.Now(); {
		case err != nil:
			return nil, err
		case c.ValidOn(day):
		case day.Before(c.From):
			return nil, refusal(http.StatusConflict, "not_valid_yet", "the certificate of "+c.Holder+" is valid from "+c.From.Format(time.DateOnly))
		default:
			return nil, refusal(http.StatusConflict, "expired", "the certificate of "+c.Holder+" has expired on "+c.Until.Format(time.DateOnly))
		}
	}
	return chain, nil
}

// fail answers with the problem that err is.
func (h *Handler) fail(w http.ResponseWriter, station string, err error) {
	var p *intake.Problem
	switch {
	case errors.As(err, &p):
		h.c.Log.Warn("refused to open fingerprints", "station", station, "code", p.Code)
	case errors.Is(err, ErrUnknown):
		p = refusal(http.StatusNotFound, "authority_unknown", ErrUnknown.Error())
		h.c.Log.Warn("refused to open fingerprints", "station", station, "code", p.Code)
	default:
		p = refusal(http.StatusInternalServerError, "internal", "the office has failed")
		h.c.Log.Error("opening fingerprints", "station", station, "error", err)
	}
	p.Write(w)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// A station that does not get it does not ask again.
	_ = json.NewEncoder(w).Encode(v)
}
