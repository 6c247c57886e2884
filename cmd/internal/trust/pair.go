package trust

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"optag/queue/intake"
)

// A Pair is a station and a service that know each other, as after a whole
// exchange of files.
type Pair struct {
	Station   *Station
	Service   *Service   // as the station knows it
	Authority *Authority // the service's own
}

// NewPair makes a station named id in home and a service in store, reachable at
// address, that know each other. What is there already is kept, so that it may be
// called at every start. The store may not lie within the home: no private key of
// the service belongs there.
func NewPair(home, store, id, address string, now time.Time) (*Pair, error) {
	if within(home, store) {
		return nil, errors.New("pairing a station and a service: the store lies within the station's home")
	}
	a, err := InitAuthority(store, "private-intake", address, rand.Reader, now)
	if errors.Is(err, ErrExists) {
		if a, err = LoadAuthority(store); err == nil {
			err = a.SetURL(address, now)
		}
	}
	if err != nil {
		return nil, err
	}
	st, err := InitStation(home, id, rand.Reader, now)
	if errors.Is(err, ErrExists) {
		st, err = LoadStation(home)
	}
	if err != nil {
		return nil, err
	}
	file, err := st.Publish(now)
	if err != nil {
		return nil, err
	}
	answer, _, err := a.Register(file, false, now)
	if err != nil {
		return nil, err
	}
	sv, _, err := st.Import(answer, Import{}, now)
	if err != nil {
		return nil, err
	}
	return &Pair{Station: st, Service: sv, Authority: a}, nil
}

// within reports whether path is dir or lies below it.
func within(dir, path string) bool {
	rel, err := filepath.Rel(absolute(dir), absolute(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// absolute resolves the links of the part of path that exists.
func absolute(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(full); err == nil {
		return real
	}
	if up := filepath.Dir(full); up != full {
		return filepath.Join(absolute(up), filepath.Base(full))
	}
	return full
}

// A Private is a receiving service of this process's own, on loopback, for
// simulation and demonstration.
type Private struct {
	*Pair
	Store  *intake.Files
	dir    string // of Store
	server *http.Server
	done   chan error
}

// A Beside returns what answers in the place of the handler of packages, to which
// it leaves what is not its own.
type Beside func(a *Authority, packages http.Handler) http.Handler

// StartPrivate starts a service over store on a free port of loopback, paired
// with the station named id in home. log may be nil.
func StartPrivate(home, store, id string, log *slog.Logger, beside ...Beside) (*Private, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting a private intake: %w", err)
	}
	p, err := startPrivate(listener, home, store, id, log, beside)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting a private intake: %w", err), listener.Close())
	}
	return p, nil
}

func startPrivate(listener net.Listener, home, store, id string, log *slog.Logger, beside []Beside) (*Private, error) {
	pair, err := NewPair(home, store, id, "https://"+listener.Addr().String(), time.Now())
	if err != nil {
		return nil, err
	}
	files, err := intake.OpenFiles(store)
	if err != nil {
		return nil, err
	}
	p := &Private{Pair: pair, dir: store}
	if err := p.serve(listener, files, log, beside...); err != nil {
		return nil, errors.Join(err, files.Close())
	}
	return p, nil
}

// serve begins to serve files on listener.
func (p *Private) serve(listener net.Listener, files *intake.Files, log *slog.Logger, beside ...Beside) error {
	server, err := p.Authority.Server(files, nil, log)
	if err != nil {
		return err
	}
	for _, b := range beside {
		server.Handler = b(p.Authority, server.Handler)
	}
	server.Addr = listener.Addr().String()
	done := make(chan error, 1)
	p.Store, p.server, p.done = files, server, done
	go func() { done <- server.ServeTLS(listener, "", "") }()
	return nil
}

// Server is the service's HTTP server over store, with its deadlines. hosts are
// further names it is reached by. log may be nil.
func (a *Authority) Server(store intake.Store, hosts []string, log *slog.Logger) (*http.Server, error) {
	h, err := intake.NewHandler(a.Intake(store, log))
	if err != nil {
		return nil, err
	}
	conf, err := a.ServerTLS(hosts, time.Now)
	if err != nil {
		return nil, err
	}
	s := &http.Server{
		Handler: h, TLSConfig: conf,
		ReadHeaderTimeout: 30 * time.Second, // the body has a deadline of its own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	s.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelWarn)
	if log != nil {
		s.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	}
	return s, nil
}

// Close ends the service: what runs is given a moment to finish.
func (p *Private) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	err := p.server.Shutdown(ctx)
	if err != nil {
		err = p.server.Close()
	}
	if served := <-p.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err = errors.Join(err, p.Store.Close()); err != nil {
		return fmt.Errorf("ending the private intake: %w", err)
	}
	return nil
}
