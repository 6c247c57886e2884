package mso

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device/devicetest"
	"optag/device/mso/msotest"
	"optag/device/serialport/serialporttest"
)

// TestWhatIsSaid: the device is told to take a finger as its published samples
// tell it, to end that, and nothing about its memory of fingers.
func TestWhatIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(msotest.Config{}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		scan(t, s, 2, 10*time.Second, nil)
		s.Close()
		b.sim.Wait()
		if got, want := b.sim.Commands(), []byte{0x70, 0x05, 0x21, 0x70}; !bytes.Equal(got, want) {
			t.Errorf("commands % x, want % x", got, want)
		}
	})
	want := []byte{0x21, 0x1c, 0, 0, 3, 0, 0, 1, 1, 0, 0,
		0x34, 4, 0, 1, 0, 0, 0, 0x3d, 6, 0, 0, 0x3e, 2, 0, 0x2c, 0, 0x39, 1, 0, 1}
	if got := enrolCommand(); !bytes.Equal(got, want) {
		t.Errorf("the command is % x, want % x", got, want)
	}
}

func TestWords(t *testing.T) {
	for v := range 256 {
		for _, text := range []string{Status(v).Error(), Outcome(v).Error()} {
			if !strings.HasPrefix(text, "the device says: ") || strings.Contains(text, "%!") {
				t.Errorf("%02x reads %q", v, text)
			}
		}
	}
}

func TestStuffing(t *testing.T) {
	data := []byte{0x05, 0x01, 0x00, 0x2f, 0x1b, 0x11, 0x13, 0x02, 0x03}
	packet := appendPacket(nil, fromDevice|kindData|isFirst|isLast, 0x11, data)
	if want := []byte{2, 0xe1, 0x1b, 0x12, 5, 1, 0, 0x2f, 0x1b, 0x1b, 0x1b, 0x12, 0x1b, 0x14, 2, 3}; !bytes.HasPrefix(packet, want) {
		t.Errorf("packet % x, want it to begin % x", packet, want)
	}
	for n := range packet {
		if _, _, _, err := parseSerial(packet[:n]); !errors.Is(err, errShort) {
			t.Errorf("%d bytes of a packet: %v", n, err)
		}
	}
	p, skipped, used, err := parseSerial(append([]byte("\x02\x61\x00junk"), packet...))
	if err != nil || skipped != 7 || used != 7+len(packet) || p.counter != 0x11 || !bytes.Equal(p.data, data) {
		t.Errorf("parsed %+v, skipped %d, used %d, %v", p, skipped, used, err)
	}
	// CRC-16/XMODEM, whose check value is published.
	if got := crc16([]byte("123456789")); got != 0x31c3 {
		t.Errorf("checksum %04x, want 31c3", got)
	}
}

// TestTranscript: the driver says what stands in testdata, byte for byte.
func TestTranscript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, far := serialporttest.New(serialporttest.Faults{})
		done := devicetest.Play(t, "testdata/moist.transcript", far)
		s := open(t, line, Options{})
		if i := s.Info(); i.Serial != "1009C7" || i.Firmware != "09.00.c-C" {
			t.Errorf("Info() = %+v", i)
		}
		got, err := scan(t, s, 3, 10*time.Second, nil)
		if strings.Join(got, " ") != "c press_harder wipe_finger" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.Close()
		done()
	})
}
