package intake

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"optag/queue/seal"
)

// Names of the wire.
const (
	headerOffset   = "Upload-Offset"
	headerLength   = "Upload-Length"
	headerComplete = "Upload-Complete"
	headerPackage  = "Package-Id"
	headerDigest   = "Repr-Digest"

	typeReceipt = "application/vnd.optag.receipt"
	typeProblem = "application/problem+json"
)

// Config is what a service is made of. Store, Stations and Sign are required;
// each other zero value stands for its default.
type Config struct {
	Store    Store
	Stations Stations

	// Sign signs a receipt, e.g. by seal.SignReceipt with the service's key.
	Sign func(seal.Receipt) ([]byte, error)

	// Recipients are the ids of the service's encryption keys. A package that
	// names none of them is refused. Default: not looked at.
	Recipients []string

	// Identities, where the service has them at hand, open every package for a
	// check before it is signed for. Default: packages are not opened.
	Identities []seal.Identity

	// Rule refuses a package for what its manifest says. The error's words go to
	// the station. Default: [CheckManifest].
	Rule func(seal.Manifest) error

	// Identify says which station asks, and by which certificate (nil where the
	// registered TLS keys are not to be compared). Default: [FromCertificate].
	Identify func(*http.Request) (id string, cert *x509.Certificate, err error)

	Now func() time.Time // default: time.Now
	Log *slog.Logger     // default: none

	MaxSize int64         // bytes of a package; default and at most seal.MaxSealed
	Active  int           // requests at once; default 64
	Checks  int           // packages verified at once, each held in memory; default 4
	Stall   time.Duration // a request from which no byte comes for so long is ended; default 60 s
}

// A Handler is the service's end of the wire.
type Handler struct {
	c      Config
	base   context.Context // for the log only
	mux    *http.ServeMux
	active chan struct{}
	checks chan struct{}

	mu      sync.Mutex     // protects running
	running map[Key]*claim // the one request at work on each package
}

// NewHandler returns the service that c describes.
func NewHandler(c Config) (*Handler, error) {
	if c.Store == nil || c.Stations == nil || c.Sign == nil {
		return nil, errors.New("making an intake: store, stations and signer are needed")
	}
	c = c.withDefaults()
	h := &Handler{
		c: c, base: context.Background(), mux: http.NewServeMux(), running: map[Key]*claim{},
		active: make(chan struct{}, c.Active), checks: make(chan struct{}, c.Checks),
	}
	h.mux.HandleFunc("GET /v1/ping", h.ping)
	h.mux.HandleFunc("POST /v1/packages", h.create)
	h.mux.HandleFunc("HEAD /v1/packages/{sha}", h.head)
	h.mux.HandleFunc("PATCH /v1/packages/{sha}", h.patch)
	h.mux.HandleFunc("GET /v1/receipts/{sha}", h.receipt)
	return h, nil
}

func (c Config) withDefaults() Config {
	if c.Rule == nil {
		c.Rule = CheckManifest
	}
	if c.Identify == nil {
		c.Identify = FromCertificate
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MaxSize <= 0 || c.MaxSize > seal.MaxSealed {
		c.MaxSize = seal.MaxSealed
	}
	if c.Active <= 0 {
		c.Active = 64
	}
	if c.Checks <= 0 {
		c.Checks = 4
	}
	if c.Stall <= 0 {
		c.Stall = time.Minute
	}
	return c
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	select {
	case h.active <- struct{}{}:
		defer func() { <-h.active }()
	default:
		busy.Write(w)
		return
	}
	h.mux.ServeHTTP(w, r)
}

// ping answers that the service is there and knows the station.
func (h *Handler) ping(w http.ResponseWriter, r *http.Request) {
	if _, err := h.station(r); err != nil {
		h.fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// create makes an upload or finds it again, and takes its first bytes if the
// request brings any.
func (h *Handler) create(w http.ResponseWriter, r *http.Request) {
	by, err := h.station(r)
	if err != nil {
		h.fail(w, err)
		return
	}
	u, err := h.announced(r, by.ID)
	if err != nil {
		h.fail(w, err)
		return
	}
	b, release, err := h.claim(w, r, u.Key)
	if err != nil {
		h.fail(w, err)
		return
	}
	defer release()
	if h.answered(w, u.Key) {
		return
	}
	offset, err := h.c.Store.Begin(u)
	if err != nil {
		h.fail(w, err)
		return
	}
	w.Header().Set("Location", "/v1/packages/"+hex.EncodeToString(u.SHA256[:]))
	switch {
	case r.ContentLength != 0:
		h.take(w, r, b, u, by, offset, 0)
	case offset < u.Length:
		h.stands(w, http.StatusCreated, offset, u.Length)
	default:
		h.take(w, r, b, u, by, offset, offset) // only the receipt was missing
	}
}

// head says where an upload stands.
func (h *Handler) head(w http.ResponseWriter, r *http.Request) {
	_, k, err := h.named(r)
	if err != nil {
		h.fail(w, err)
		return
	}
	_, release, err := h.claim(w, r, k) // ends what is still running on a dead link
	if err != nil {
		h.fail(w, err)
		return
	}
	defer release()
	if _, err := h.c.Store.Receipt(k); err == nil {
		w.Header().Set(headerComplete, "?1")
		w.WriteHeader(http.StatusOK)
		return
	}
	u, offset, err := h.c.Store.Pending(k)
	if err != nil {
		h.fail(w, err)
		return
	}
	h.stands(w, http.StatusOK, offset, u.Length)
}

// patch takes more bytes of an upload.
func (h *Handler) patch(w http.ResponseWriter, r *http.Request) {
	by, k, err := h.named(r)
	if err != nil {
		h.fail(w, err)
		return
	}
	from, err := strconv.ParseInt(r.Header.Get(headerOffset), 10, 64)
	if err != nil || from < 0 {
		h.fail(w, badRequest.with("the header "+headerOffset+" is missing or no number"))
		return
	}
	b, release, err := h.claim(w, r, k)
	if err != nil {
		h.fail(w, err)
		return
	}
	defer release()
	if h.answered(w, k) {
		return
	}
	u, offset, err := h.c.Store.Pending(k)
	if err != nil {
		h.fail(w, err)
		return
	}
	h.take(w, r, b, u, by, offset, from)
}

// receipt answers with the receipt of a package that was received.
func (h *Handler) receipt(w http.ResponseWriter, r *http.Request) {
	_, k, err := h.named(r)
	if err != nil {
		h.fail(w, err)
		return
	}
	receipt, err := h.c.Store.Receipt(k)
	if err != nil {
		h.fail(w, err)
		return
	}
	h.deliver(w, receipt)
}

// take appends the request's bytes, which begin at from, to an upload that stands
// at offset, and finishes it when they are all there.
func (h *Handler) take(w http.ResponseWriter, r *http.Request, b *body, u Upload, by Station, offset, from int64) {
	if from != offset {
		w.Header().Set(headerOffset, strconv.FormatInt(offset, 10))
		offsetMismatch.Write(w)
		return
	}
	if r.ContentLength > u.Length-offset {
		h.fail(w, badRequest.with("more bytes than the package was announced with"))
		return
	}
	now, err := h.c.Store.Append(u.Key, offset, b)
	b.finish()
	if err != nil {
		h.fail(w, err)
		return
	}
	if now < u.Length {
		h.stands(w, http.StatusNoContent, now, u.Length)
		return
	}
	receipt, err := h.settle(r.Context(), u, by)
	if err != nil {
		h.fail(w, err)
		return
	}
	h.deliver(w, receipt)
}

// settle verifies a complete upload and signs for it. What is refused is thrown
// away: the station still has it.
func (h *Handler) settle(ctx context.Context, u Upload, by Station) ([]byte, error) {
	select {
	case h.checks <- struct{}{}:
		defer func() { <-h.checks }()
	case <-ctx.Done():
		return nil, &linkError{ctx.Err()}
	}
	content, err := h.c.Store.Content(u.Key)
	if err != nil {
		return nil, err
	}
	entry, err := h.check(u, by, content)
	if err == nil {
		var receipt []byte
		if receipt, err = h.c.Store.Settle(u.Key, entry, h.sign); err == nil {
			h.log(slog.LevelInfo, "received", u, "sequence", entry.Sequence)
			return receipt, nil
		}
	}
	if p := toProblem(err); p.Refused || p.Code == contentMismatch.Code {
		h.log(slog.LevelWarn, "refused", u, "code", p.Code, "reason", p.Message)
		if err := h.c.Store.Discard(u.Key); err != nil {
			h.log(slog.LevelError, "discarding a refused upload", u, "error", err)
		}
	}
	return nil, err
}

// sign makes the receipt of an entry.
func (h *Handler) sign(e Entry, at Place) ([]byte, error) {
	return h.c.Sign(seal.Receipt{
		PackageID: e.PackageID, StationID: e.Station, Sequence: e.Sequence,
		SHA256: e.SHA256, Length: e.Length, ReceivedAt: e.ReceivedAt,
		LogIndex: at.Index, LogRoot: at.Root,
	})
}

// announced reads what a station says of the package it wants to send.
func (h *Handler) announced(r *http.Request, station string) (Upload, error) {
	u := Upload{Key: Key{Station: station}, PackageID: r.Header.Get(headerPackage)}
	digest, ok := strings.CutPrefix(r.Header.Get(headerDigest), "sha-256=:")
	sum, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(digest, ":"))
	if !ok || err != nil || len(sum) != len(u.SHA256) {
		return u, badRequest.with("the header " + headerDigest + " holds no SHA-256")
	}
	copy(u.SHA256[:], sum)
	if u.Length, err = strconv.ParseInt(r.Header.Get(headerLength), 10, 64); err != nil || u.Length <= 0 {
		return u, badRequest.with("the header " + headerLength + " is missing or no number")
	}
	if u.Length > h.c.MaxSize {
		return u, tooLarge.with(fmt.Sprintf("%d bytes, and this service takes %d", u.Length, h.c.MaxSize))
	}
	if id, err := hex.DecodeString(u.PackageID); err != nil || len(id) != 16 || u.PackageID != hex.EncodeToString(id) {
		return u, badRequest.with("the header " + headerPackage + " holds no package id")
	}
	return u, nil
}

// named reads who asks, and for which package.
func (h *Handler) named(r *http.Request) (Station, Key, error) {
	by, err := h.station(r)
	if err != nil {
		return by, Key{}, err
	}
	k := Key{Station: by.ID}
	text := r.PathValue("sha")
	if n, err := hex.Decode(k.SHA256[:], []byte(text[:min(len(text), 64)])); err != nil || n != 32 || len(text) != 64 {
		return by, k, badRequest.with("the name is no SHA-256 in hex")
	}
	return by, k, nil
}

// answered answers with the receipt when the package was received before.
func (h *Handler) answered(w http.ResponseWriter, k Key) bool {
	receipt, err := h.c.Store.Receipt(k)
	if err != nil {
		return false
	}
	h.deliver(w, receipt)
	return true
}

func (h *Handler) deliver(w http.ResponseWriter, receipt []byte) {
	w.Header().Set("Content-Type", typeReceipt)
	w.Header().Set("Content-Length", strconv.Itoa(len(receipt)))
	w.Header().Set(headerComplete, "?1")
	// A reply that is lost is asked for again.
	_, _ = w.Write(receipt)
}

// stands answers where an upload stands.
func (h *Handler) stands(w http.ResponseWriter, status int, offset, length int64) {
	w.Header().Set(headerOffset, strconv.FormatInt(offset, 10))
	w.Header().Set(headerLength, strconv.FormatInt(length, 10))
	w.Header().Set(headerComplete, "?0")
	w.WriteHeader(status)
}

// fail answers with the problem that err is.
func (h *Handler) fail(w http.ResponseWriter, err error) {
	p := toProblem(err)
	if p.Code == internal.Code {
		h.c.Log.Error("answering a request", "error", err)
	}
	p.Write(w)
}

// toProblem says which problem an error is.
func toProblem(err error) *Problem {
	var p *Problem
	var lost *linkError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, ErrFull):
		return &storageFull
	case errors.Is(err, ErrUnknown):
		return &uploadUnknown
	case errors.Is(err, ErrConflict):
		return &conflict
	case errors.As(err, &lost):
		return busy.with("the link broke, or another request took over")
	}
	return &internal
}

// A linkError is a failure to read what the station sends.
type linkError struct{ err error }

func (e *linkError) Error() string { return "reading from the station: " + e.err.Error() }
func (e *linkError) Unwrap() error { return e.err }
