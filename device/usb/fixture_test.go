//go:build cgo && linux

package usb_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"optag/device"
)

// What umockdev needs to be a U.are.U 4500 or an FM220: a description of the device as udev
// has it, and a recording of its bus as usbmon makes it. Both are generated
// here, the recording by listening to a driver and a simulated device; nothing
// in them was ever captured from anybody.

// sysfsPath is where the mocked device is plugged in.
const sysfsPath = "/devices/pci0000:00/0000:00:01.0/usb1/1-1"

const (
	mockBus, mockAddress = 1, 7
	mockMaker            = "A maker, Inc."
	mockProduct          = "A fingerprint reader"
	mockSerial           = "{0000-MOCK}"
)

// descriptors of a 4500: device, configuration, interface ff/ff/ff and its two
// endpoints; and those assumed of an FM220, with three.
const (
	descriptors = "12010002" + "00000040" + "ba050a00" + "03010102" + "0301" +
		"0902200001010080640904000002ffffff0007058103400008" + "07058202400000"
	descriptorsFM220 = "12010002" + "00000040" + "ca0b2582" + "03010102" + "0301" +
		"0902270001010080640904000003ff00000007050102400000" + "07058102400000" + "07058202400000"
)

// deviceFile describes the device with such descriptors to umockdev.
func deviceFile(descriptors string) string {
	vendor, product := descriptors[18:20]+descriptors[16:18], descriptors[22:24]+descriptors[20:22]
	var b strings.Builder
	fmt.Fprintf(&b, "P: %s\nN: bus/usb/%03d/%03d=%s\n", sysfsPath, mockBus, mockAddress, strings.ToUpper(descriptors))
	for _, e := range []string{
		fmt.Sprintf("DEVNAME=/dev/bus/usb/%03d/%03d", mockBus, mockAddress), "DEVTYPE=usb_device", "DRIVER=usb",
		"PRODUCT=" + strings.TrimLeft(vendor, "0") + "/" + strings.TrimLeft(product, "0") + "/103", "TYPE=0/0/0", fmt.Sprintf("BUSNUM=%03d", mockBus), fmt.Sprintf("DEVNUM=%03d", mockAddress),
		"MAJOR=189", "MINOR=6", "SUBSYSTEM=usb",
	} {
		fmt.Fprintf(&b, "E: %s\n", e)
	}
	for _, a := range []string{
		"bConfigurationValue=1", fmt.Sprintf("busnum=%d", mockBus), fmt.Sprintf("devnum=%d", mockAddress),
		"devpath=1", "speed=12", "idVendor=" + vendor, "idProduct=" + product, "bNumConfigurations=1", "bDeviceClass=00", "dev=189:6",
	} {
		fmt.Fprintf(&b, "A: %s\\n\n", a)
	}
	fmt.Fprintf(&b, "H: descriptors=%s\n", strings.ToUpper(descriptors))
	return b.String()
}

// A monitor passes everything on to a device and keeps the events of the bus,
// as usbmon would.
type monitor struct {
	device.USB
	descriptors string

	mu     sync.Mutex // protects the fields below
	urbs   uint64
	blocks bytes.Buffer // of the pcapng file
	script bytes.Buffer // the same for bareProgram
	last   time.Time    // of the event before
}

// Types of transfer in usbmon.
const (
	monInterrupt = 1
	monControl   = 2
	monBulk      = 3
)

// An urb is one transfer under way.
type urb struct {
	id       uint64
	kind     byte
	endpoint byte
	setup    []byte // of a control transfer
}

func newMonitor(dev device.USB, descriptors string) *monitor {
	m := &monitor{USB: dev, descriptors: descriptors}
	section := binary.LittleEndian.AppendUint32(nil, 0x1a2b3c4d)
	section = append(section, 1, 0, 0, 0)
	section = binary.LittleEndian.AppendUint64(section, ^uint64(0))
	m.block(0x0a0d0d0a, section)
	const usbLinuxMmapped = 220
	m.block(1, binary.LittleEndian.AppendUint32([]byte{usbLinuxMmapped, 0, 0, 0}, 0x80000))
	return m
}

// pcapng is the recording so far.
func (m *monitor) pcapng() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.blocks.Bytes())
}

func (m *monitor) Control(ctx context.Context, requestType, request uint8, value, index uint16, data []byte) (int, error) {
	setup := []byte{requestType, request, byte(value), byte(value >> 8), byte(index), byte(index >> 8), byte(len(data)), byte(len(data) >> 8)}
	u := m.submit(urb{kind: monControl, endpoint: requestType & 0x80, setup: setup}, data)
	n, err := m.USB.Control(ctx, requestType, request, value, index, data)
	m.complete(u, data, n, err)
	return n, err
}

func (m *monitor) Interrupt(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	u := m.submit(urb{kind: monInterrupt, endpoint: endpoint}, buf)
	n, err := m.USB.Interrupt(ctx, endpoint, buf)
	m.complete(u, buf, n, err)
	return n, err
}

// A read that ended with nothing at its deadline is not kept: its replay has
// nothing to answer either, and would end at once.
func (m *monitor) Bulk(ctx context.Context, endpoint uint8, buf []byte) (int, error) {
	if m.descriptors == descriptorsFM220 { // one transfer at a time: it is over when it is written down
		n, err := m.USB.Bulk(ctx, endpoint, buf)
		if !errors.Is(err, device.ErrSilent) {
			m.complete(m.submit(urb{kind: monBulk, endpoint: endpoint}, buf), buf, n, err)
		}
		return n, err
	}
	u := m.submit(urb{kind: monBulk, endpoint: endpoint}, buf)
	n, err := m.USB.Bulk(ctx, endpoint, buf)
	m.complete(u, buf, n, err)
	return n, err
}

func (m *monitor) submit(u urb, buf []byte) urb {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.urbs++
	u.id = m.urbs
	const inProgress = -115
	data := buf
	if u.endpoint&0x80 != 0 {
		data = nil
	}
	m.event(u, 'S', inProgress, len(buf), data)
	return u
}

func (m *monitor) complete(u urb, buf []byte, n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	status := int32(0)
	if errors.Is(err, context.Canceled) {
		status = -2
	}
	data := buf[:n]
	if u.endpoint&0x80 == 0 {
		data = nil
	}
	m.event(u, 'C', status, n, data)
}

// event writes an enhanced packet block with usbmon's header and the data.
func (m *monitor) event(u urb, what byte, status int32, length int, data []byte) {
	m.scripted(u, what, length, data)
	now := time.Now().UnixMicro()
	h := make([]byte, 64, 64+len(data))
	binary.LittleEndian.PutUint64(h, u.id)
	h[8], h[9], h[10], h[11] = what, u.kind, u.endpoint, mockAddress
	binary.LittleEndian.PutUint16(h[12:], mockBus)
	h[14], h[15] = '-', 0
	if what == 'S' && u.kind == monControl {
		h[14] = 0
		copy(h[40:], u.setup)
	}
	if data == nil {
		h[15] = '<'
	}
	binary.LittleEndian.PutUint64(h[16:], uint64(now/1e6))
	binary.LittleEndian.PutUint32(h[24:], uint32(now%1e6))
	binary.LittleEndian.PutUint32(h[28:], uint32(status))
	binary.LittleEndian.PutUint32(h[32:], uint32(length))
	binary.LittleEndian.PutUint32(h[36:], uint32(len(data)))
	packet := append(h, data...)
	b := make([]byte, 20, 20+len(packet))
	binary.LittleEndian.PutUint32(b[4:], uint32(uint64(now)>>32))
	binary.LittleEndian.PutUint32(b[8:], uint32(now))
	binary.LittleEndian.PutUint32(b[12:], uint32(len(packet)))
	binary.LittleEndian.PutUint32(b[16:], uint32(len(packet)))
	m.block(6, append(b, packet...))
}

// scripted writes the event down for bareProgram, with the pause before it where
// the protocol has pauses: those of the FM220, in steps of five milliseconds.
func (m *monitor) scripted(u urb, what byte, length int, data []byte) {
	if what == 'C' {
		fmt.Fprintf(&m.script, "C %d\n", u.id)
	} else {
		paused := 0
		if m.descriptors == descriptorsFM220 && !m.last.IsZero() {
			paused = int(time.Since(m.last)/(5*time.Millisecond)) * 5
		}
		fmt.Fprintf(&m.script, "S %d %d %d %d %d .%x .%x\n", u.id, paused, u.kind, u.endpoint, length, u.setup, data)
	}
	m.last = time.Now()
}

// block writes one block of the file.
func (m *monitor) block(kind uint32, body []byte) {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	size := uint32(12 + len(body))
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = append(b, body...)
	m.blocks.Write(binary.LittleEndian.AppendUint32(b, size))
}

// strings writes down how libusb reads the three strings of a device when it is
// opened: the languages first, each time.
func (m *monitor) strings() {
	for i, s := range []string{mockMaker, mockProduct, mockSerial} {
		m.stringRead(0, 0, 4, []byte{4, 3, 0x09, 0x04})
		text := []byte{0, 3}
		for _, v := range utf16.Encode([]rune(s)) {
			text = append(text, byte(v), byte(v>>8))
		}
		text[0] = byte(len(text))
		m.stringRead(byte(i+1), 0x0409, 255, text)
	}
}

func (m *monitor) stringRead(index byte, language uint16, room int, answer []byte) {
	setup := []byte{0x80, 0x06, index, 3, byte(language), byte(language >> 8), byte(room), 0}
	u := m.submit(urb{kind: monControl, endpoint: 0x80, setup: setup}, make([]byte, room))
	m.complete(u, answer, len(answer), nil)
}
