package mrzreader

import (
	"time"

	"optag/device"
)

// A Profile is what distinguishes one model of reader from another. It is data
// of the station's configuration; [Profiles] gives those that are known.
type Profile struct {
	Name  string            `json:"name"`
	Maker string            `json:"maker"`
	Model string            `json:"model"`
	Mode  device.SerialMode `json:"mode"`

	// Start is sent when reading begins, each piece by itself.
	Start []string `json:"start,omitempty"`

	// Trigger makes an imager look for a document. It is sent when reading
	// begins, after each reading, and whenever nothing came for Every.
	Trigger string        `json:"trigger,omitempty"`
	Every   time.Duration `json:"every,omitempty"`

	// Release is sent when reading ends.
	Release string `json:"release,omitempty"`

	// Version asks the reader for its version. The answer is its firmware in
	// Info; a reader that does not answer cannot be opened.
	Version string `json:"version,omitempty"`

	// KeepAlive is how long nothing may come before the version is asked for
	// again, to see that the reader is still there; 0 is never. RS-232 has no
	// other way to tell.
	KeepAlive time.Duration `json:"keep_alive,omitempty"`

	// Quiet and Alias are those of the [Framer].
	Quiet time.Duration `json:"quiet,omitempty"`
	Alias string        `json:"alias,omitempty"`
}

// Profiles returns the known profiles. None has been tried on hardware by us:
// the commands of the Honeywell and IDE237 profiles are those of public code for
// these readers, the rest is what such readers do by default.
func Profiles() []Profile {
	line := device.SerialMode{Baud: 9600, DataBits: 8, StopBits: 1}
	return []Profile{
		{Name: "generic", Maker: "unknown", Model: "swipe reader", Mode: line},
		{Name: "access-is", Maker: "Access-IS", Model: "OCR3xx", Mode: line},
		{Name: "3m", Maker: "3M", Model: "CR100", Mode: line},
		{Name: "elyctis", Maker: "Elyctis", Model: "IDBOX", Mode: line},
		{
			Name: "honeywell", Maker: "Honeywell", Model: "imager", Mode: line,
			Start:   []string{"\x16M\rocrena1!", "\x16M\rocrats2!"},
			Trigger: "\x16T\r", Every: 5 * time.Second,
			Release: "\x16U\r",
		},
		{
			Name: "ide237", Maker: "IDE", Model: "IDE237", Mode: line,
			Start:   []string{"~\x010000@SCNTCE1;\x03"},
			Trigger: "~\x010000@SCNTRG1;\x03", Every: 5 * time.Second,
		},
	}
}

// Find returns the profile of that name.
func Find(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}
