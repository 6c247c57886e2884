package usbip

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// controller is where the kernel lets devices be plugged into vhci_hcd.
const controller = "/sys/devices/platform/vhci_hcd.0"

// Speeds, as enum usb_device_speed of the kernel has them.
const (
	fullSpeed = 2
	highSpeed = 3
)

// A Plug is a device that is on this machine's bus.
type Plug struct {
	port int
	done chan struct{} // closed when the device is off the bus
	err  error         // what Serve said; set before done is closed
}

// Attach plugs g into a port of vhci_hcd, from 0 to 7. It needs root and the
// kernel module vhci-hcd.
func Attach(port int, g Gadget) (*Plug, error) {
	p, err := attach(port, g)
	if err != nil {
		return nil, fmt.Errorf("plugging into port %d: %w", port, err)
	}
	return p, nil
}

func attach(port int, g Gadget) (*Plug, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("making a pair of sockets: %w", err)
	}
	ours, kernels := os.NewFile(uintptr(fds[0]), "usbip"), os.NewFile(uintptr(fds[1]), "usbip kernel")
	defer kernels.Close() // the kernel keeps its own reference
	// The kernel reads its end with blocking calls.
	if err := syscall.SetNonblock(fds[1], false); err != nil {
		ours.Close()
		return nil, err
	}
	speed, id := fullSpeed, 1<<16|port+2
	if g.HighSpeed {
		speed = highSpeed
	}
	line := fmt.Sprintf("%d %d %d %d", port, fds[1], id, speed)
	if err := os.WriteFile(filepath.Join(controller, "attach"), []byte(line), 0); err != nil {
		ours.Close()
		return nil, err
	}
	p := &Plug{port: port, done: make(chan struct{})}
	go func() {
		p.err = Serve(ours, g)
		close(p.done)
	}()
	return p, nil
}

// Pull takes the device from the bus as one pulls a cable, and waits until its
// transfers have ended. A device that left by itself may be pulled too, and one
// that was pulled.
func (p *Plug) Pull() error {
	err := os.WriteFile(filepath.Join(controller, "detach"), []byte(fmt.Sprint(p.port)), 0)
	if errors.Is(err, syscall.EINVAL) {
		err = nil // nothing in the port
	}
	if err != nil {
		return fmt.Errorf("pulling the device from port %d: %w", p.port, err)
	}
	<-p.done
	return p.err
}
