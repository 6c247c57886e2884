package fm220

import (
	"encoding/binary"
	"errors"
	"fmt"

	"optag/device"
)

// The EEPROM: 48 bytes, numbers big-endian.
const (
	romBase = 0x1c00 // address of the first byte
	romSize = 48

	atName     = 0 // "FM220"
	atVersion  = 6 // 2 bytes
	atClip     = 8 // width, height, left, top of the platen, 2 bytes each; see newWindow
	atGain     = 16
	atRed      = 17
	atBlue     = 18
	atExposure = 19
	atBright   = 20
	atContrast = 21
	atType     = 22
	atVersions = 32 // 4 bytes
)

// romUsed are the runs of bytes that are read, first and last, after the first
// byte of all. Each byte takes 20 ms.
func romUsed() [3][2]int {
	return [3][2]int{{atName + 1, atName + 4}, {atVersion, atType}, {atVersions, atVersions + 3}}
}

// romTwice are the runs of bytes that are read a second time.
func romTwice() [2][2]int {
	return [2][2]int{{atName, atName + 1}, {atClip, atClip + 7}}
}

var errNotFM220 = fmt.Errorf("it does not begin with FM220: %w", device.ErrGarbled)

// errOtherSensor: the device is well, but nobody has told how it sends a picture.
var errOtherSensor = errors.New("its sensor is of type 1, for which no way to a picture is known")

func isFM220(rom *[romSize]byte) bool { return string(rom[atName:atName+5]) == "FM220" }

// facts are what the EEPROM says.
type facts struct {
	firmware string
	window   window
	bayer    bool     // the sensor sees colours
	setUp    [][]byte // commands for its sensor
}

// parseROM reads the facts. An error wraps [device.ErrGarbled], unless the
// device is well and of a kind that has no driver.
func parseROM(rom *[romSize]byte) (facts, error) {
	if !isFM220(rom) {
		return facts{}, errNotFM220
	}
	w, err := newWindow(
		int(binary.BigEndian.Uint16(rom[atClip:])), int(binary.BigEndian.Uint16(rom[atClip+2:])),
		int(binary.BigEndian.Uint16(rom[atClip+4:])), int(binary.BigEndian.Uint16(rom[atClip+6:])))
	if err != nil {
		return facts{}, err
	}
	f := facts{
		window:   w,
		firmware: fmt.Sprintf("%x.%x/%x", rom[atVersion], rom[atVersion+1], rom[atVersions:atVersions+4]),
	}
	switch rom[atType] {
	case 0:
		f.setUp = monochrome(rom)
	case 3:
		f.setUp, f.bayer = micron(rom), true
	case 1:
		return facts{}, errOtherSensor
	default:
		return facts{}, fmt.Errorf("sensor of type %d: %w", rom[atType], device.ErrGarbled)
	}
	return f, nil
}

// monochrome sets up a sensor of type 0. Its registers are those of an OmniVision
// of the time, and hexadecimal as in its data sheets (assumed: the source does not
// say); 17 and 18 are where a line begins and ends.
func monochrome(rom *[romSize]byte) [][]byte {
	var all [][]byte
	for _, r := range [][2]byte{
		{0x00, rom[atGain]}, {0x01, rom[atRed]}, {0x02, rom[atBlue]}, {0x05, rom[atContrast]},
		{0x06, rom[atBright]}, {0x10, rom[atExposure]}, {0x17, 28}, {0x18, 188},
	} {
		all = append(all, []byte{commandSensor, r[0], r[1]})
	}
	return all
}

// micron sets up a sensor of type 3, whose registers take 16 bits in two
// commands: 35 is the gain, 09 the exposure.
func micron(rom *[romSize]byte) [][]byte {
	exposure := uint16(rom[atExposure]) * 2
	return [][]byte{
		{commandMicron, 0x35, 0}, {commandMicron, 0x80, rom[atGain]},
		{commandMicron, 0x09, byte(exposure >> 8)}, {commandMicron, 0x80, byte(exposure)},
	}
}

// A window is the part of the camera's picture that becomes the frame.
type window struct {
	left, top    int     // of the picture's 640 by 480 pixels
	across, down float64 // the camera's pixels for one of the frame's
}

// newWindow makes the window of what the EEPROM says: the size and the left upper
// corner of the part that was to become a picture of 256 by 256 pixels at
// 500 ppi. The frame is larger by 8 and by 68 pixels, half of them on either side,
// but for a window that would leave the sensor.
func newWindow(clipW, clipH, clipX, clipY int) (window, error) {
	w, h := clipW*Width/256, clipH*Height/256
	wrong := func() (window, error) {
		return window{}, fmt.Errorf("a platen of %dx%d pixels at %d,%d: %w", clipW, clipH, clipX, clipY, device.ErrGarbled)
	}
	if w < minWindow(Width) || w > sensorWidth || h < minWindow(Height) || h > sensorHeight {
		return wrong()
	}
	if clipX >= sensorWidth || clipY >= sensorHeight {
		return wrong()
	}
	left, top := max(0, clipX-4*w/Width), max(0, clipY-34*h/Height)
	if top+h > sensorHeight {
		top = 0
	}
	if left+w > sensorWidth {
		left = sensorWidth - w
	}
	return window{left: left, top: top, across: float64(clipW) / 256, down: float64(clipH) / 256}, nil
}

// minWindow is the least of the camera's pixels for so many of the frame's: a
// platen seen at less than 250 ppi is a misread one, and no print to keep.
func minWindow(n int) int { return n / 2 }
