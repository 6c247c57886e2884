package pcsc

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/ebfe/scard"
)

func TestWhatAReaderTells(t *testing.T) {
	const plain = "Acme Desk 8 00 00"
	version := func(v uint32) []byte { return binary.NativeEndian.AppendUint32(nil, v) }
	for _, c := range []struct {
		name, reader     string
		tells            map[scard.Attrib][]byte
		serial, firmware string
	}{
		{name: "nothing", reader: plain},
		{name: "both", reader: plain, tells: map[scard.Attrib][]byte{scard.AttrVendorIfdSerialNo: []byte("A-17\x00"), scard.AttrVendorIfdVersion: version(0x02100000)}, serial: "A-17", firmware: "2.10"},
		{name: "a serial number that is in its name, too", reader: table, tells: map[scard.Attrib][]byte{scard.AttrVendorIfdSerialNo: []byte("77")}, serial: "0042"},
		{name: "a version with a build", reader: plain, tells: map[scard.Attrib][]byte{scard.AttrVendorIfdVersion: version(0x01050011)}, firmware: "1.05.17"},
		{name: "what no label has", reader: plain, tells: map[scard.Attrib][]byte{scard.AttrVendorIfdSerialNo: {1, 2}, scard.AttrVendorIfdVersion: {1}}},
	} {
		f := newFake(c.reader)
		f.tells = func(id scard.Attrib) ([]byte, error) {
			if b := c.tells[id]; b != nil {
				return b, nil
			}
			return nil, scard.ErrUnsupportedFeature
		}
		r := open(t, f, "")
		for range 2 {
			slots, err := r.service.Slots(t.Context())
			if err != nil || slots[0].Serial != c.serial || slots[0].Firmware != c.firmware || r.Info() != slots[0].Info {
				t.Errorf("%s: %+v, %v, want serial number %q and firmware %q", c.name, slots, err, c.serial, c.firmware)
			}
		}
		if f.asked != 1 {
			t.Errorf("%s: asked %d times, want once", c.name, f.asked)
		}
		r.Close()
	}
}

// Another reader under the name of the one before is asked for itself; one that
// another program holds says nothing, and is asked again.
func TestAReaderIsAskedWhenItCan(t *testing.T) {
	f := newFake(card)
	serial := "one"
	f.tells = func(scard.Attrib) ([]byte, error) { return []byte(serial), nil }
	r := open(t, f, "")
	defer r.Close()
	const other = "Other 00 00"
	tells := func(want string) {
		t.Helper()
		var slots []Slot
		for range 200 { // until the news is there
			var err error
			if slots, err = r.service.Slots(t.Context()); err != nil {
				t.Fatal(err)
			}
			if i := slices.IndexFunc(slots, func(s Slot) bool { return s.Name == other }); i >= 0 && slots[i].Serial == want {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Errorf("the slots are %+v, want one with serial number %q", slots, want)
	}
	f.plug(other)
	tells("one")
	f.pull(other)
	for slots, _ := r.service.Slots(t.Context()); len(slots) > 1; slots, _ = r.service.Slots(t.Context()) {
		time.Sleep(time.Millisecond)
	}
	serial = "two"
	f.plug(other)
	f.do(func() { f.slots[other].other = true })
	tells("")
	f.do(func() { f.slots[other].other = false })
	tells("two")
}
