package pcsc

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ebfe/scard"

	"optag/device"
)

// A library is PC/SC as this package needs it, so that tests can put another in
// its place. Its errors are those of scard.
type library interface {
	establish() (session, error)
}

// A session is one conversation with the service; a context, in PC/SC. It does
// one thing at a time, beside Cancel.
type session interface {
	ListReaders() ([]string, error)
	GetStatusChange(states []scard.ReaderState, timeout time.Duration) error
	Cancel() error
	Release() error
	connect(name string) (handle, error)

	// attributes are what a reader says of itself, with or without a card in it;
	// nil for what it does not.
	attributes(name string, ids ...scard.Attrib) ([][]byte, error)

	// cut makes what is asked of the service end at once, with an error, and
	// the session with it; nil where that cannot be done.
	cut() func()
}

// A handle is a card that is held.
type handle interface {
	Transmit(command []byte) ([]byte, error)
	Control(code uint32, in []byte) ([]byte, error)
	Disconnect(scard.Disposition) error
}

// system is the library of the machine.
type system struct{ mu sync.Mutex }

func (l *system) establish() (session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := sockets()
	ctx, err := scard.EstablishContext()
	if err != nil {
		return nil, err
	}
	s := systemSession{ctx, -1}
	now := slices.DeleteFunc(sockets(), func(fd int) bool { return slices.Contains(before, fd) })
	if len(now) == 1 { // else another part of the program opens one too, and nobody knows which is whose
		s.socket = now[0]
	}
	return s, nil
}

// sockets are this process's connections to the service.
func sockets() (list []int) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		peer, err := syscall.Getpeername(fd)
		if at, ok := peer.(*syscall.SockaddrUnix); err == nil && ok && strings.HasSuffix(at.Name, "/pcscd.comm") {
			list = append(list, fd)
		}
	}
	return list
}

type systemSession struct {
	*scard.Context
	socket int // to the service; -1: not known
}

// cut shuts the connection down: the library takes no request back, and waits
// for its answer without end.
func (s systemSession) cut() func() {
	if s.socket < 0 {
		return nil
	}
	return func() { _ = syscall.Shutdown(s.socket, syscall.SHUT_RDWR) }
}

// GetStatusChange is that of the library. scard keeps a name in memory only
// until another session waits with the same one, while the library still reads
// it; so each session has names of its own, that differ behind their end in C.
func (s systemSession) GetStatusChange(states []scard.ReaderState, timeout time.Duration) error {
	own := fmt.Sprintf("%04x", uintptr(reflect.ValueOf(s.Context).Pointer())&0xffff)
	for i := range states {
		states[i].Reader += "\x00" + own
	}
	err := s.Context.GetStatusChange(states, timeout)
	for i := range states {
		states[i].Reader = strings.TrimSuffix(states[i].Reader, "\x00"+own)
	}
	return err
}

// connect takes the card for this program alone. Where a card knows both
// protocols the service chooses; travel documents in a field know T=1 only.
func (s systemSession) connect(name string) (handle, error) {
	card, err := s.Connect(name, scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		return nil, err
	}
	if p := card.ActiveProtocol(); p != scard.ProtocolT0 && p != scard.ProtocolT1 {
		return nil, errors.Join(scard.ErrProtoMismatch, card.Disconnect(scard.ResetCard))
	}
	return newSystemHandle(card), nil
}

// attributes are asked without a card being powered or taken from others.
func (s systemSession) attributes(name string, ids ...scard.Attrib) ([][]byte, error) {
	reader, err := s.Connect(name, scard.ShareDirect, scard.ProtocolUndefined)
	if err != nil {
		return nil, err
	}
	values := make([][]byte, len(ids))
	for i, id := range ids {
		values[i], _ = reader.GetAttrib(id) // no reader has to know any
	}
	return values, reader.Disconnect(scard.LeaveCard)
}

// told says in this program's words what the library says.
func told(err error) error {
	var code scard.Error
	if err == nil || !errors.As(err, &code) {
		return err
	}
	return fmt.Errorf("%w (%v)", meaning(code), code)
}

// meaning is the error of this program for one of the library. What it has no
// word for is something of the card's.
func meaning(code scard.Error) error {
	switch code {
	case scard.ErrNoService, scard.ErrServiceStopped, scard.ErrShutdown, scard.ErrCommError, scard.ErrInternalError,
		scard.ErrSecurityViolation, scard.ErrNoAccess, scard.ErrNoMemory:
		return ErrNoService
	case scard.ErrUnknownReader, scard.ErrReaderUnavailable, scard.ErrNoReadersAvailable, scard.ErrInvalidHandle, scard.ErrInvalidValue:
		return device.ErrUnplugged
	case scard.ErrSharingViolation, scard.ErrServerTooBusy:
		return ErrBusy
	case scard.ErrUnpoweredCard, scard.ErrUnresponsiveCard, scard.ErrTimeout, scard.ErrNotReady:
		return ErrMute
	case scard.ErrRemovedCard, scard.ErrNoSmartcard, scard.ErrResetCard, scard.ErrNotTransacted:
		return device.ErrRemoved
	}
	return device.ErrGarbled
}
