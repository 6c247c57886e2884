package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"optag/cmd/internal/inspection"
	"optag/cmd/internal/trust"
	"optag/queue/intake"
)

const (
	defaultID    = "intake-1"
	goodbye      = 10 * time.Second    // for what still runs at the end
	partialLife  = 30 * 24 * time.Hour // of an upload to which nothing is added
	partialCheck = time.Hour
)

// initStore makes the service's keys.
func initStore(_ context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake init")
	store := f.String("store", "", "directory of the service's data")
	address := f.String("url", "", "https address by which stations reach the service")
	id := f.String("id", defaultID, "id of the service")
	if err := parseAlone(f, args, "store", "url", "id"); err != nil {
		return err
	}
	if err := localStore(*store); err != nil {
		return err
	}
	if _, err := trust.InitAuthority(*store, *id, *address, rand.Reader, time.Now()); err != nil {
		return err
	}
	sv, err := trust.ReadService(trust.PublicPath(*store))
	if err != nil {
		return err
	}
	if e.json {
		return document(e, map[string]any{"service": sv.ID, "url": sv.URL, "fingerprint": sv.Fingerprint(), "file": trust.PublicPath(*store)})
	}
	_, err = fmt.Fprintf(e.out, "made the keys of service %s\nfingerprint %s\nstations may seal with %s\n", sv.ID, sv.Fingerprint(), trust.PublicPath(*store))
	return err
}

// localStore refuses the address of a store that this program cannot use yet.
func localStore(store string) error {
	if strings.Contains(store, "://") {
		return fmt.Errorf("opening the store: %.40q is an address, and only directories are known", store)
	}
	return nil
}

// words collects a flag that may be given several times.
type words []string

func (w *words) String() string     { return strings.Join(*w, ",") }
func (w *words) Set(s string) error { *w = append(*w, s); return nil }

// serve receives packages until ctx ends.
func serve(ctx context.Context, e *env, args []string) error {
	f := newFlags(e, "optag-intake serve")
	listen := f.String("listen", "", "address to listen on, e.g. :8443")
	store := f.String("store", "", "directory of the service's data")
	address := f.String("url", "", "https address by which stations reach the service")
	prints := f.String("inspection", "", "directory with certificates and key of an inspection system, to open the prints in chips for stations")
	var hosts words
	f.Var(&hosts, "host", "a further name by which stations reach the service")
	if err := parseAlone(f, args, "listen", "store"); err != nil {
		return err
	}
	if err := localStore(*store); err != nil {
		return err
	}
	folder := inspection.Folder(*prints)
	if folder != "" {
		if err := folder.Check(); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	defer listener.Close()
	files, err := intake.OpenFiles(*store)
	if err != nil {
		return err
	}
	err = serveFrom(ctx, e, listener, files, *store, *address, hosts, folder)
	return errors.Join(err, files.Close())
}

// serveFrom serves the open store on listener until ctx ends.
func serveFrom(ctx context.Context, e *env, listener net.Listener, files *intake.Files, store, address string, hosts []string, prints inspection.Folder) error {
	a, err := authority(store, address, listener.Addr())
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, nil))
	server, err := a.Server(files, hosts, log)
	if err != nil {
		return err
	}
	if prints != "" {
		book, err := inspection.OpenBook(filepath.Join(store, "inspection.log"))
		if err != nil {
			return err
		}
		defer book.Close()
		server.Handler = inspection.NewHandler(inspection.Config{Office: prints, Stations: a.Stations(), Note: book.Note, Log: log}).Beside(server.Handler)
	}
	if err := announce(e, a, listener.Addr(), store); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- server.ServeTLS(listener, "", "") }()
	tick := time.NewTicker(partialCheck)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return fmt.Errorf("serving: %w", err)
		case <-tick.C:
			expire(files, log)
		case <-ctx.Done():
			return shutDown(server)
		}
	}
}

// authority loads the service's keys, or makes them. A given address replaces the
// known one.
func authority(store, address string, at net.Addr) (*trust.Authority, error) {
	a, err := trust.LoadAuthority(store)
	if errors.Is(err, trust.ErrMissing) {
		if address == "" {
			address = guess(at)
		}
		return trust.InitAuthority(store, defaultID, address, rand.Reader, time.Now())
	}
	if err == nil && address != "" {
		err = a.SetURL(address, time.Now())
	}
	return a, err
}

// guess is the address by which this machine is most likely reached.
func guess(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return "https://" + at.String()
	}
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return fmt.Sprintf("https://%s:%d", name, tcp.Port)
}

// announce says where the service is, once it listens.
func announce(e *env, a *trust.Authority, at net.Addr, store string) error {
	sv, err := trust.ReadService(trust.PublicPath(store))
	if err != nil {
		return err
	}
	if e.json {
		return document(e, map[string]any{"listening": at.String(), "service": a.ID, "url": a.URL, "fingerprint": sv.Fingerprint()})
	}
	_, err = fmt.Fprintf(e.out, "service %s listens on %s\naddress for stations %s\nfingerprint %s\n", a.ID, at, a.URL, sv.Fingerprint())
	return err
}

// expire throws away uploads that nobody has added to for long.
func expire(files *intake.Files, log *slog.Logger) {
	n, err := files.Expire(time.Now().Add(-partialLife))
	if err != nil {
		log.Error("discarding old uploads", "error", err)
	}
	if n > 0 {
		log.Info("discarded old uploads", "count", n)
	}
}

// shutDown lets what runs finish, for a while.
func shutDown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), goodbye)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(server.Close(), fmt.Errorf("ending: %w", err))
	}
	return nil
}
