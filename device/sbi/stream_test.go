package sbi_test

import (
	"errors"
	"image"
	"image/color"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

// numbered is a stream in which every picture says which it is.
func numbered(_ string, n int) image.Image {
	img := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = uint8(8 * n)
	}
	return img
}

// watch reads n pictures and returns the error that ended the stream before.
func (b *bench) watch(d *sbi.Device, n int) (got int, err error) {
	b.Helper()
	for p, err := range d.Preview(b.Context(), rightSlap().Fingers) {
		if err != nil {
			return got, err
		}
		if p.Image == nil || p.Encoded != nil {
			b.Error("a preview without an image, or one to keep")
		}
		if got++; got == n {
			return got, nil
		}
	}
	return got, nil
}

func TestPreview(t *testing.T) {
	for name, fault := range map[string]sbitest.Fault{
		"HTTP/1.0, dashes in the boundary, surplus bytes, no end": "",
		"parts without Content-Length":                            sbitest.StreamNoLength,
		"parts whose Content-Length is too small":                 sbitest.StreamWrong,
		"every second picture breaks off":                         sbitest.StreamTorn,
		"the service ends it, and is asked again":                 sbitest.StreamEnds,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, sbitest.Config{Shows: numbered}, func(b *bench) {
				d := b.open()
				defer d.Close()
				b.service.SetFaults(fault)
				if got, err := b.watch(d, 7); got != 7 || err != nil {
					t.Errorf("%d pictures, error %v, want 7", got, err)
				}
				synctest.Wait()
				if n := b.service.Streams(); n != 0 {
					t.Errorf("%d streams run after the preview was left", n)
				}
			})
		})
	}
}

func TestPreviewFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault sbitest.Fault
		want  error
	}{
		{"an error as JSON in place of pictures", sbitest.Lost, device.ErrUnplugged},
		{"a header and no picture", sbitest.StreamSilent, device.ErrSilent},
		{"one picture without end", sbitest.StreamEndless, device.ErrGarbled},
		{"neither pictures nor JSON", sbitest.StreamOdd, device.ErrGarbled},
		{"accepts and never answers", sbitest.Hang, device.ErrSilent},
		{"405", sbitest.MethodUnknown, device.ErrGarbled},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, sbitest.Config{}, func(b *bench) {
				d := b.open()
				defer d.Close()
				b.service.SetFaults(c.fault)
				begun := time.Now()
				got, err := b.watch(d, 1)
				if got != 0 || !errors.Is(err, c.want) {
					t.Errorf("%d pictures, error %v, want %v", got, err, c.want)
				}
				if took := time.Since(begun); took > 2*time.Second {
					t.Errorf("noticed after %v, want within 2s", took)
				}
			})
		})
	}
}

func TestServiceDiesWhilePreviewing(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		n, last := 0, error(nil)
		for _, err := range d.Preview(b.Context(), rightSlap().Fingers) {
			if last = err; err == nil {
				if n++; n == 3 {
					b.machine.Stop(4501)
				}
			}
		}
		if !errors.Is(last, device.ErrUnplugged) {
			t.Errorf("after %d pictures error %v, want %v", n, last, device.ErrUnplugged)
		}
	})
}

// TestCaptureDuringPreview is the normal flow: the capture ends the stream, and
// pictures come again after it.
func TestCaptureDuringPreview(t *testing.T) {
	for name, fault := range map[string]sbitest.Fault{
		"the service ends its stream":           "",
		"the service is busy with our own":      sbitest.BusyStream,
		"and takes six seconds for the capture": sbitest.Slow,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, sbitest.Config{}, func(b *bench) {
				d := b.open()
				defer d.Close()
				b.service.SetFaults(fault)
				captured := make(chan error, 1)
				n, since := 0, 0
				for _, err := range d.Preview(b.Context(), rightSlap().Fingers) {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n == 3 {
						go func() {
							_, err := d.Capture(b.Context(), rightSlap())
							captured <- err
						}()
					}
					if len(captured) == 1 {
						since++
					}
					if since == 3 {
						break
					}
				}
				if err := <-captured; err != nil {
					t.Errorf("capture: %v", err)
				}
				if since != 3 {
					t.Errorf("%d pictures after the capture, want 3", since)
				}
			})
		})
	}
}

// TestSlowCallerSeesTheNewest: pictures that nobody took are left out.
func TestSlowCallerSeesTheNewest(t *testing.T) {
	inBubble(t, sbitest.Config{Shows: numbered, Every: 50 * time.Millisecond}, func(b *bench) {
		d := b.open()
		defer d.Close()
		var seen []int
		for p, err := range d.Preview(b.Context(), rightSlap().Fingers) {
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, int(color.GrayModel.Convert(p.Image.At(0, 0)).(color.Gray).Y+4)/8)
			if len(seen) == 3 {
				break
			}
			time.Sleep(500 * time.Millisecond)
		}
		if seen[1] < 8 || seen[2] < seen[1]+8 {
			t.Errorf("saw pictures %v, want the newest after every half second of 50 ms each", seen)
		}
	})
}

func TestSlowCallerIsNoSilentDevice(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		n := 0
		for _, err := range d.Preview(b.Context(), rightSlap().Fingers) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 3 {
				break
			}
			time.Sleep(5 * time.Second)
		}
	})
}
