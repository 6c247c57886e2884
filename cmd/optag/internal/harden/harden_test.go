package harden

import (
	"slices"
	"testing"
	"testing/fstest"
)

const header = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

func TestSwaps(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	sys := func(name string) string { return "sys/class/block/" + name }
	for _, c := range []struct {
		name string
		root fstest.MapFS
		want []Swap
	}{
		{"no swap", fstest.MapFS{"proc/swaps": file(header)}, nil},
		{"no such system", fstest.MapFS{}, nil},
		{"a partition in the clear", fstest.MapFS{"proc/swaps": file(header + "/dev/sda3 partition 999 0 -2\n")},
			[]Swap{{"/dev/sda3", Plain}}},
		{"a file", fstest.MapFS{"proc/swaps": file(header + "/swap\\040file file 999 0 -2\n")},
			[]Swap{{`/swap\040file`, Unknown}}},
		{"an encrypted partition", fstest.MapFS{
			"proc/swaps":                file(header + "/dev/dm-1 partition 999 0 -2\n"),
			sys("dm-1") + "/dm/uuid":    file("CRYPT-PLAIN-swap\n"),
			sys("dm-1") + "/slaves/sda": file(""),
		}, []Swap{{"/dev/dm-1", Encrypted}}},
		{"a volume on an encrypted disk", fstest.MapFS{
			"proc/swaps":                 file(header + "/dev/dm-2 partition 999 0 -2\n"),
			sys("dm-2") + "/dm/uuid":     file("LVM-abc"),
			sys("dm-2") + "/slaves/dm-0": file(""),
			sys("dm-0") + "/dm/uuid":     file("CRYPT-LUKS2-abc"),
		}, []Swap{{"/dev/dm-2", Encrypted}}},
		{"a volume over an encrypted and a plain disk", fstest.MapFS{
			"proc/swaps":                 file(header + "/dev/dm-2 partition 999 0 -2\n"),
			sys("dm-2") + "/dm/uuid":     file("LVM-abc"),
			sys("dm-2") + "/slaves/dm-0": file(""),
			sys("dm-2") + "/slaves/sdb1": file(""),
			sys("dm-0") + "/dm/uuid":     file("CRYPT-LUKS2-abc"),
		}, []Swap{{"/dev/dm-2", Plain}}},
		{"a mapping of nothing known", fstest.MapFS{"proc/swaps": file(header + "/dev/dm-9 partition 999 0 -2\n")},
			[]Swap{{"/dev/dm-9", Unknown}}},
		{"devices in a circle", fstest.MapFS{
			"proc/swaps":                 file(header + "/dev/dm-1 partition 999 0 -2\n"),
			sys("dm-1") + "/slaves/dm-1": file(""),
		}, []Swap{{"/dev/dm-1", Unknown}}},
		{"compressed memory", fstest.MapFS{
			"proc/swaps":                  file(header + "/dev/zram0 partition 999 0 100\n"),
			sys("zram0") + "/backing_dev": file("none\n"),
		}, []Swap{{"/dev/zram0", Encrypted}}},
		{"compressed memory that writes to a disk", fstest.MapFS{
			"proc/swaps":                  file(header + "/dev/zram0 partition 999 0 100\n/dev/sda3 partition 9 0 -2\n"),
			sys("zram0") + "/backing_dev": file("/dev/sda4\n"),
		}, []Swap{{"/dev/zram0", Unknown}, {"/dev/sda3", Plain}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Swaps(c.root)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("Swaps = %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestUnreadableTableIsAnError(t *testing.T) {
	if _, err := Swaps(fstest.MapFS{"proc/self/stat": &fstest.MapFile{}}); err == nil {
		t.Error("a machine with processes and without /proc/swaps was believed to have no swap")
	}
}
