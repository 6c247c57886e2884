package sbitest

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// A Machine is the loopback of a station without a network: services take its
// ports, and a driver dials them. Where no service is, a connection is refused.
type Machine struct {
	mu       sync.Mutex // protects the fields below
	services map[int]*Service
	conns    map[net.Conn]int // to services, with their ports
	dialled  int
	running  sync.WaitGroup
}

// NewMachine makes one without services.
func NewMachine() *Machine {
	return &Machine{services: map[int]*Service{}, conns: map[net.Conn]int{}}
}

// Start has a service take a port, in place of any other.
func (m *Machine) Start(port int, s *Service) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.services[port] = s
}

// Stop ends the service of a port, in the middle of whatever it does.
func (m *Machine) Stop(port int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.services, port)
	for c, p := range m.conns {
		if p == port {
			c.Close()
		}
	}
}

// Dial connects to a port.
func (m *Machine) Dial(ctx context.Context, port int) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dialled++
	s := m.services[port]
	if s == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	ours, theirs := net.Pipe()
	m.conns[theirs] = port
	m.running.Go(func() {
		s.Answer(theirs, port)
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.conns, theirs)
	})
	return ours, nil
}

// Dialled is how often a connection was asked for.
func (m *Machine) Dialled() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dialled
}

// Close stops all services and waits for them.
func (m *Machine) Close() {
	m.mu.Lock()
	for c := range m.conns {
		c.Close()
	}
	clear(m.services)
	m.mu.Unlock()
	m.running.Wait()
}

// Open is how many connections to services are open.
func (m *Machine) Open() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.conns)
}
