package mso

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/mso/msotest"
	"optag/device/serialport/serialporttest"
)

func TestInfo(t *testing.T) {
	bothFramings(t, func(t *testing.T, rs232 bool) {
		synctest.Test(t, func(t *testing.T) {
			b := attach(msotest.Config{RS232: rs232, Product: "CBM"}, serialporttest.Faults{})
			s := open(t, b.line, framing(rs232))
			want := device.Info{Maker: "Idemia", Model: "CBM", Serial: "1009C7", Firmware: "09.00.c-C", Driver: "mso", Version: "1 not verified on hardware"}
			if got := s.Info(); got != want {
				t.Errorf("Info() = %+v, want %+v", got, want)
			}
			s.Close()
			b.sim.Wait()
		})
	})
}

// TestListed: certified is the one device that the site's list names, opened or
// not, and no other; a device without a serial number is none of the list.
func TestListed(t *testing.T) {
	list := []Listed{{Serial: "", Certified: true}, {Serial: "1009C7", Certified: true, FAP: 20}, {Serial: "1009C8", FAP: 30}}
	usb := device.USBInfo{USBID: device.USBID{Vendor: 0x079b, Product: 0x0047}}
	for _, c := range []struct {
		name, serial string
		list         []Listed
		certified    bool
		fap          int
	}{
		{"no list", "1009C7", nil, false, 0},
		{"named", "1009C7", list, true, 20},
		{"named, and not certified", "1009C8", list, false, 30},
		{"another one", "1009C9", list, false, 0},
		{"without a number", "", list, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				usb.Serial = c.serial
				info, ours := Describe(usb, Options{Devices: c.list})
				if info.Certified != c.certified || info.FAP != c.fap || !ours {
					t.Errorf("before it is opened: %+v", info)
				}
				b := attach(msotest.Config{Product: "CBM", Serial: cmp.Or(c.serial, "-")}, serialporttest.Faults{})
				s := open(t, b.line, Options{Devices: c.list})
				if i := s.Info(); i.Certified != c.certified || i.FAP != c.fap || i.Serial != c.serial {
					t.Errorf("Info() = %+v", i)
				}
				s.Close()
				b.sim.Wait()
			})
		})
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name   string
		sim    msotest.Config
		faults serialporttest.Faults
		o      Options
		want   error
	}{
		{name: "as it should be"},
		{name: "on RS-232", sim: msotest.Config{RS232: true, Baud: 9600}, o: Options{Framing: RS232}},
		{name: "the wrong framing", sim: msotest.Config{RS232: true}, want: device.ErrSilent},
		{name: "the wrong framing, the other way", o: Options{Framing: RS232}, want: device.ErrSilent},
		{name: "silent", faults: serialporttest.Faults{MuteAt: 9}, want: device.ErrSilent},
		{name: "unplugged", faults: serialporttest.Faults{UnplugAt: 20}, want: device.ErrUnplugged},
		{name: "an empty answer", sim: msotest.Config{Answer: answer(0x05, "\x05\x00\x00")}, want: device.ErrGarbled},
		{name: "refuses", sim: msotest.Config{Answer: answer(0x05, "\x05\x01\x00\xf9")}, want: device.ErrGarbled},
		{name: "does not know the command", sim: msotest.Config{Answer: answer(0x05, "\x50\x01\x00\x05")}, want: device.ErrGarbled},
		{name: "lies about a length", sim: msotest.Config{Answer: answer(0x05, "\x05\x05\x00\x00\x29\xff\x00a")}, want: device.ErrGarbled},
		{name: "tells nothing", sim: msotest.Config{Answer: answer(0x05, "\x05\x01\x00\x00")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := attach(c.sim, c.faults)
				s, err := Open(t.Context(), b.line, c.o)
				if !errors.Is(err, c.want) {
					t.Errorf("Open: %v, want %v", err, c.want)
				}
				if err == nil {
					if i := s.Info(); i.Model == "" || i.Certified {
						t.Errorf("Info() = %+v", i)
					}
					s.Close()
				}
				if b.sim.Wait(); !b.line.Closed() {
					t.Error("the line is still open")
				}
			})
		})
	}
	line, _ := serialporttest.New(serialporttest.Faults{})
	if _, err := Open(t.Context(), line, Options{Framing: "morse"}); err == nil || !line.Closed() {
		t.Errorf("Open with an unknown framing: %v", err)
	}
}

func TestFrames(t *testing.T) {
	touch := func(s *msotest.Sim) { s.Touch(pattern()) }
	for _, c := range []struct {
		name   string
		sim    msotest.Config
		faults serialporttest.Faults
		steps  map[int]func(*msotest.Sim) // after so many elements
		n      int
		while  time.Duration
		want   string
		err    error
	}{
		{name: "the glass is clear", n: 3, want: "c c c"},
		{name: "clear for longer than the device waits", n: 30, want: strings.TrimSpace(strings.Repeat("c ", 30))},
		{
			name: "two fingers", n: 6, want: "c F lift c F lift",
			steps: map[int]func(*msotest.Sim){1: touch, 3: func(s *msotest.Sim) { s.Touch(nil) }, 4: touch},
		},
		{
			name: "a finger lies from the beginning and is left lying", n: 9, while: 20 * time.Second, want: "F lift",
			steps: map[int]func(*msotest.Sim){0: touch},
		},
		{
			name: "advice", n: 6, want: "c centre press_harder wipe_glass lift F",
			steps: map[int]func(*msotest.Sim){
				1: func(s *msotest.Sim) {
					go func() {
						for _, say := range []byte{msotest.Up, msotest.Up, msotest.Harder, msotest.Latent, msotest.Remove, 200} {
							s.Say(say)
						}
					}()
				},
				5: touch,
			},
		},
		{name: "too moist", sim: msotest.Config{Tireless: true, Outcome: first(1, 0xda, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "wipe_finger F"},
		{name: "not real, perhaps", sim: msotest.Config{Tireless: true, Outcome: first(1, 0xdb, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "wipe_finger F"},
		{name: "moved", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 0x24)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "hold_still F"},
		{name: "too dark", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 0x25)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "press_less F"},
		{name: "bad quality", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 6)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "press_harder F"},
		{name: "an old print", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 3)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "wipe_glass F"},
		{name: "unusable", sim: msotest.Config{Tireless: true, Outcome: first(1, 0, 0x26)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 2, want: "centre F"},
		{name: "busy at first", sim: msotest.Config{Tireless: true, Outcome: first(2, 0xf5, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, want: "F"},
		{name: "fails once", sim: msotest.Config{Tireless: true, Outcome: first(1, 0xff, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, want: "F"},
		{name: "fails for good", sim: msotest.Config{Tireless: true, Outcome: first(99, 0xff, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "the database is full, it says", sim: msotest.Config{Tireless: true, Outcome: first(99, 0, 4)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "aborts without being asked to", sim: msotest.Config{Tireless: true, Outcome: first(99, 0xe5, 0)}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "no picture in the answer", sim: msotest.Config{Tireless: true, Answer: answer(0x21, "\x21\x06\x00\x00\x00\x00\x00\x00\x00")}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "empty answers", sim: msotest.Config{Tireless: true, Answer: answer(0x21, "\x21\x00\x00")}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrGarbled},
		{name: "silent in the middle of a picture", faults: serialporttest.Faults{MuteAt: 50000}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, err: device.ErrSilent},
		{name: "a picture cut short, then a whole one", faults: serialporttest.Faults{DropAt: 50000, Drop: 10}, sim: msotest.Config{Tireless: true}, steps: map[int]func(*msotest.Sim){0: touch}, n: 1, want: "F"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothFramings(t, func(t *testing.T, rs232 bool) {
				synctest.Test(t, func(t *testing.T) {
					c.sim.RS232 = rs232
					b := attach(c.sim, c.faults)
					s := open(t, b.line, framing(rs232))
					step := func(n int) {
						if f := c.steps[n]; f != nil {
							f(b.sim)
						}
					}
					step(0)
					got, err := scan(t, s, c.n, max(c.while, 10*time.Second), step)
					if strings.Join(got, " ") != c.want || !errors.Is(err, c.err) {
						t.Errorf("%q, error %v, want %q and %v", strings.Join(got, " "), err, c.want, c.err)
					}
					if bytes.Trim(s.pix.Pix, "\x00") != nil || bytes.Trim(s.w.buf[:cap(s.w.buf)], "\x00") != nil {
						t.Error("a picture is left behind")
					}
					s.Close()
					b.sim.Wait()
				})
			})
		})
	}
}

// TestSizes: the pictures of each model.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		product       string
		columns, rows int
	}{{"MSO 300", 416, 416}, {"CBM", 256, 400}, {"MSO FVP", 400, 400}} {
		synctest.Test(t, func(t *testing.T) {
			b := attach(msotest.Config{Product: c.product, Columns: c.columns, Rows: c.rows}, serialporttest.Faults{})
			s := open(t, b.line, Options{})
			sizes := map[image.Point]bool{}
			for f, err := range s.Frames(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				sizes[f.Image.Rect.Size()] = true
				if f.PPI != [2]int{500, 500} {
					t.Errorf("%s: a frame at %v ppi", c.product, f.PPI)
				}
				if f.Contact {
					break
				}
				b.sim.Touch(msotest.Pattern(c.columns, c.rows))
			}
			if len(sizes) != 1 || !sizes[image.Pt(c.columns, c.rows)] {
				t.Errorf("%s: frames of %v, want %dx%d", c.product, sizes, c.columns, c.rows)
			}
			s.Close()
			b.sim.Wait()
		})
	}
}

func TestModel(t *testing.T) {
	for id, want := range map[device.USBID]string{
		{Vendor: 0x079b, Product: 0x0024}: "MSO 300",
		{Vendor: 0x225d, Product: 0x000a}: "MSO 300",
		{Vendor: 0x079b, Product: 0x0047}: "CBM",
		{Vendor: 0x05ba, Product: 0x000a}: "",
	} {
		if got, ok := Model(id); got != want || ok != (want != "") {
			t.Errorf("Model(%v) = %q, %t, want %q", id, got, ok, want)
		}
	}
}

// TestReason: behind the advice stands why.
func TestReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := attach(msotest.Config{Outcome: first(1, 0xdb, 0)}, serialporttest.Faults{})
		s := open(t, b.line, Options{})
		b.sim.Touch(pattern())
		for _, err := range s.Frames(t.Context()) {
			var status Status
			if !errors.Is(err, device.WipeFinger) || !errors.As(err, &status) || status != statusFake {
				t.Errorf("yielded %v, want advice for %v", err, statusFake)
			}
			break
		}
		s.Close()
		b.sim.Wait()
	})
}
