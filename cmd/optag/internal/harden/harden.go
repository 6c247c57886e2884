// Package harden keeps what the process has in memory off the disk as far as
// the operating system lets it: no core dump, no reading by other programs of
// the same user, and a warning where memory may be swapped out in the clear. It
// changes this process only; the machine is the technician's.
package harden

import (
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strings"
)

// Start does what can be done for this process, and tells the technician what
// could not. It is called once, before anything of an applicant is in memory.
func Start(log *slog.Logger) {
	if err := process(); err != nil {
		log.Warn("keeping memory out of core dumps", "err", err)
	}
	swaps, err := Swaps(os.DirFS("/"))
	if err != nil {
		log.Warn("looking for swap space", "err", err)
	}
	for _, s := range swaps {
		if s.State != Encrypted {
			log.Warn("memory may be swapped out in the clear; encrypt the swap space or switch it off", "swap", s.Name, "state", string(s.State))
		}
	}
}

// A State says what becomes of memory that is swapped out.
type State string

// The states.
const (
	Encrypted State = "encrypted" // or kept in memory, compressed
	Plain     State = "plain"
	Unknown   State = "unknown" // a file, on whatever disk it lies
)

// A Swap is one swap space in use.
type Swap struct {
	Name  string // of device or file, as the kernel calls it
	State State
}

// Swaps lists the swap spaces in use. root is the file system of the machine;
// where it has no /proc there are none.
func Swaps(root fs.FS) ([]Swap, error) {
	table, err := fs.ReadFile(root, "proc/swaps")
	if err != nil {
		if _, none := fs.Stat(root, "proc/self"); none != nil {
			return nil, nil
		}
		return nil, err
	}
	var all []Swap
	for i, line := range strings.Split(string(table), "\n") {
		// Filename Type Size Used Priority; proc(5). Blanks in names are \040.
		if f := strings.Fields(line); i > 0 && len(f) >= 2 {
			all = append(all, Swap{f[0], state(root, f[0], f[1])})
		}
	}
	return all, nil
}

func state(root fs.FS, name, kind string) State {
	if kind != "partition" {
		return Unknown
	}
	return stateOf(root, path.Base(name), 0)
}

// stateOf looks at a block device by its name in /sys. A mapped device is
// encrypted when dm-crypt maps it, or when all that lies below it is.
func stateOf(root fs.FS, name string, depth int) State {
	switch dir := "sys/class/block/" + name; {
	case depth > 8: // deeper than anybody stacks devices
		return Unknown
	case strings.HasPrefix(name, "zram"):
		return stateOfZRAM(root, dir)
	case strings.HasPrefix(name, "dm-"):
		id, _ := fs.ReadFile(root, dir+"/dm/uuid")
		if strings.HasPrefix(string(id), "CRYPT-") {
			return Encrypted
		}
		return below(root, dir, depth)
	case strings.HasPrefix(name, "md"):
		return below(root, dir, depth)
	}
	return Plain
}

// below is the worst state of the devices that a device is made of.
func below(root fs.FS, dir string, depth int) State {
	parts, err := fs.ReadDir(root, dir+"/slaves")
	if err != nil || len(parts) == 0 {
		return Unknown
	}
	worst := Encrypted
	for _, p := range parts {
		switch s := stateOf(root, p.Name(), depth+1); {
		case s == Plain:
			return Plain
		case s == Unknown:
			worst = Unknown
		}
	}
	return worst
}

// stateOfZRAM: compressed memory, unless it writes what is idle to a disk.
func stateOfZRAM(root fs.FS, dir string) State {
	disk, err := fs.ReadFile(root, dir+"/backing_dev")
	if err == nil && strings.TrimSpace(string(disk)) != "none" {
		return Unknown
	}
	return Encrypted
}
