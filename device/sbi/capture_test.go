package sbi_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"optag/device"
	"optag/device/sbi"
	"optag/device/sbi/sbitest"
)

func certs(all ...*x509.Certificate) []*x509.Certificate { return all }

func TestCapture(t *testing.T) {
	for _, c := range []struct {
		name    string
		fingers []sbi.Finger
		kind    string
		edition int
		level   string
		subID   string
		missing string
	}{
		{"right slap", []sbi.Finger{2, 3, 4, 5}, "Slap", 2011, "L1", "2", ""},
		{"left slap, by a record of 2005", []sbi.Finger{7, 8, 9, 10}, "Slap", 2005, "L1", "1", ""},
		{"right hand without its little finger", []sbi.Finger{4, 3, 2}, "Slap", 2011, "L1", "2", "Right LittleFinger"},
		{"both thumbs", []sbi.Finger{1, 6}, "Slap", 2011, "L0", "3", ""},
		{"left thumb", []sbi.Finger{6}, "Slap", 2011, "L0", "3", "Right Thumb"},
		{"left index on a slap scanner", []sbi.Finger{7}, "Slap", 2011, "L1", "1", "Left MiddleFinger,Left RingFinger,Left LittleFinger"},
		{"left index on a scanner for one finger", []sbi.Finger{7}, "Single", 2005, "L1", "0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, sbitest.Config{Kind: c.kind, Edition: c.edition, Level: c.level}, func(b *bench) {
				prints, err := b.capture(sbi.Request{Fingers: c.fingers, Threshold: 70})
				if err != nil {
					t.Fatal(err)
				}
				asked := b.service.Asked()[0]
				if asked.SubID != c.subID || strings.Join(asked.Exception, ",") != c.missing {
					t.Errorf("asked for part %q without %q, want %q without %q", asked.SubID, asked.Exception, c.subID, c.missing)
				}
				for i, f := range c.fingers {
					p := prints[i]
					if p.Finger != f || p.PPI != [2]int{500, 500} || p.Score != 75 || !p.At.Equal(noon()) || !slices.Equal(p.Image.Pix, print(int(f)).Pix) {
						t.Errorf("print %d is %v, %v ppi, score %v, at %v, want %v with the pixels that lay there", i, p.Finger, p.PPI, p.Score, p.At, f)
					}
				}
			})
		})
	}
}

// TestTwoIndexFingers: they are two presentations, and one chain of hashes.
func TestTwoIndexFingers(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		var chain sbi.Chain
		for _, together := range sbi.Presentations([]sbi.Finger{sbi.LeftIndex, sbi.RightIndex}) {
			prints, err := d.Capture(b.Context(), sbi.Request{Fingers: together, Chain: &chain})
			if err != nil || len(prints) != 1 {
				t.Fatalf("capturing %v: %d prints, error %v", together, len(prints), err)
			}
		}
		asked := b.service.Asked()
		empty := sha256.Sum256(nil)
		if first := strings.ToUpper(hex.EncodeToString(empty[:])); asked[0].PreviousHash != first {
			t.Errorf("first hash %s, want that of nothing, %s", asked[0].PreviousHash, first)
		}
		if asked[0].SubID != "2" || asked[1].SubID != "1" || asked[1].PreviousHash == asked[0].PreviousHash {
			t.Errorf("asked for part %s, then %s, the second with the hash of the first %v", asked[0].SubID, asked[1].SubID,
				asked[1].PreviousHash != asked[0].PreviousHash)
		}
	})
}

// TestChainStaysBehindADiscardedAnswer: the next request continues after the
// last answer that was accepted.
func TestChainStaysBehindADiscardedAnswer(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		r := rightSlap()
		r.Chain = &sbi.Chain{}
		for _, wrong := range []sbitest.Fault{"", sbitest.OtherPosition, ""} {
			b.service.SetFaults(wrong)
			if _, err := d.Capture(b.Context(), r); (err == nil) != (wrong == "") {
				t.Fatalf("with fault %q: error %v", wrong, err)
			}
		}
		asked := b.service.Asked()
		if asked[1].PreviousHash != asked[2].PreviousHash || asked[0].PreviousHash == asked[1].PreviousHash {
			t.Error("the chain moved on with a discarded answer, or not with an accepted one")
		}
	})
}

// TestAnswerIsDiscarded: one thing is wrong, and nothing is handed over.
func TestAnswerIsDiscarded(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   sbitest.Fault
		want    error
		problem string
	}{
		{"under an issuer nobody pinned", sbitest.ForeignIssuer, sbi.BadCertificate, "untrusted"},
		{"with a certificate that is over", sbitest.Expired, sbi.BadCertificate, "untrusted"},
		{"with a key of 1024 bits", sbitest.WeakKey, sbi.BadCertificate, "untrusted"},
		{"one bit changed after signing", sbitest.BrokenSignature, sbi.BadSignature, "untrusted"},
		{"algorithm none", sbitest.NoAlgorithm, sbi.BadSignature, "untrusted"},
		{"identity signed by the host and not the chip", sbitest.HostSignedID, sbi.BadCertificate, "untrusted"},
		{"identity of another device", sbitest.OtherSerial, sbi.BadDigitalID, "untrusted"},
		{"certification other than at opening", sbitest.LevelChanged, sbi.TooLow, "untrusted"},
		{"address on another machine", sbitest.Callback, sbi.BadCallback, "untrusted"},
		{"address on a port outside the range", sbitest.CallbackPort, sbi.BadCallback, "untrusted"},
		{"address of another service", sbitest.CallbackMoved, sbi.BadCallback, "untrusted"},
		{"clock six minutes ahead", sbitest.ClockOff, sbi.BadTime, "clock"},
		{"answer to another request", sbitest.OtherTransaction, sbi.OtherTransaction, "garbled"},
		{"another version of the protocol", sbitest.OtherVersion, sbi.OtherVersion, "garbled"},
		{"another environment", sbitest.OtherEnv, sbi.OtherEnvironment, "refused"},
		{"another purpose", sbitest.OtherPurpose, sbi.OtherPurpose, "refused"},
		{"code of another device", sbitest.OtherDevice, sbi.OtherDevice, "garbled"},
		{"an iris", sbitest.OtherModality, sbi.OtherModality, "garbled"},
		{"one finger fewer, without an error", sbitest.MissingFinger, sbi.WrongCount, "garbled"},
		{"one finger more", sbitest.SurplusFinger, sbi.WrongCount, "garbled"},
		{"one finger twice", sbitest.DuplicateFinger, sbi.Duplicate, "garbled"},
		{"a finger that nobody asked for", sbitest.OtherHand, sbi.Unasked, "wrong_finger"},
		{"a finger that is missing", sbitest.ExceptedFinger, sbi.Excepted, "wrong_finger"},
		{"a finger of which the device does not know which it is", sbitest.UnknownFinger, sbi.Unknown, "wrong_finger"},
		{"hash of another record", sbitest.WrongHash, sbi.BadHash, "garbled"},
		{"no hash", sbitest.NoHash, sbi.BadHash, "garbled"},
		{"hash of strings, as the prose reads", sbitest.StringHash, sbi.BadHash, "garbled"},
		{"no score", sbitest.NoScore, sbi.BadScore, "garbled"},
		{"score of 140", sbitest.WildScore, sbi.BadScore, "garbled"},
		{"one finger poor, the average good, error 0", sbitest.LowScore, sbi.ErrPoor, "poor"},
		{"one item an error with empty data and hash", sbitest.ErrorItem, sbi.ErrPoor, "poor"},
		{"record of another finger", sbitest.OtherPosition, sbi.BadPosition, "garbled"},
		{"300 ppi", sbitest.LowPPI, sbi.BadPPI, "garbled"},
		{"record that ends early", sbitest.TornRecord, sbi.BadRecord, "garbled"},
		{"nobody lays a finger down", sbitest.Timeout, sbi.ErrTimeout, "timeout"},
		{"scanner unplugged from its service", sbitest.Lost, device.ErrUnplugged, "unplugged"},
		{"not ready", sbitest.NotReady, sbi.ErrNotReady, "not_ready"},
		{"no longer registered", sbitest.NotRegistered, sbi.ErrNotRegistered, "not_registered"},
		{"busy, asked twice", sbitest.Busy, sbi.ErrBusy, "busy"},
		{"the vendor's own code, with a misleading text", sbitest.OtherCode, device.ErrGarbled, "garbled"},
		{"accepts and never answers", sbitest.Hang, device.ErrSilent, "silent"},
		{"breaks off in mid answer", sbitest.CutAnswer, device.ErrUnplugged, "unplugged"},
		{"never stops", sbitest.EndlessAnswer, device.ErrGarbled, "garbled"},
		{"a page of HTML", sbitest.NoJSON, device.ErrGarbled, "garbled"},
		{"the verb is not known, 405", sbitest.MethodUnknown, device.ErrGarbled, "garbled"},
		{"sends us elsewhere", sbitest.Redirect, device.ErrGarbled, "garbled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, sbitest.Config{}, func(b *bench) {
				d := b.open()
				defer d.Close()
				b.service.SetFaults(c.fault)
				prints, err := d.Capture(b.Context(), rightSlap())
				if !errors.Is(err, c.want) {
					t.Errorf("error %v, want one that is %v", err, c.want)
				}
				if got := sbi.Problem(err); got != c.problem {
					t.Errorf("problem %q of %v, want %q", got, err, c.problem)
				}
				if prints != nil {
					t.Error("prints came with an error")
				}
				if testing.Short() {
					return
				}
				b.service.SetFaults()
				if prints, err := d.Capture(b.Context(), rightSlap()); err != nil || len(prints) != 2 {
					t.Errorf("afterwards, nothing being wrong: %d prints, error %v", len(prints), err)
				}
			})
		})
	}
}

// TestSloppyServices: wrong in form, right in content.
func TestSloppyServices(t *testing.T) {
	for name, fault := range map[string]sbitest.Fault{
		"four bytes after Content-Length":     sbitest.SurplusBytes,
		"Content-Length counts characters":    sbitest.CharacterLength,
		"numbers that are no strings":         sbitest.NumbersBare,
		"base64url with its padding":          sbitest.Padded,
		"x5c a string":                        sbitest.CertAsString,
		"header written CACHE-CONTROL:x, 0.9": "",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, sbitest.Config{}, func(b *bench) {
				b.service.SetFaults(fault)
				if prints, err := b.capture(rightSlap()); err != nil || len(prints) != 2 {
					t.Errorf("%d prints, error %v", len(prints), err)
				}
			})
		})
	}
}

// TestOwnDeadline: the device's own timeout is not kept, by seconds.
func TestOwnDeadline(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		b.service.SetFaults(sbitest.Slow)
		r := rightSlap()
		r.Timeout = 2 * time.Second
		begun := time.Now()
		_, err := d.Capture(b.Context(), r)
		if took := time.Since(begun); took != 4500*time.Millisecond || !errors.Is(err, device.ErrSilent) {
			t.Errorf("after %v error %v, want %v after 4.5s", took, err, device.ErrSilent)
		}
		r.Timeout = 4 * time.Second
		if _, err = d.Capture(b.Context(), r); err != nil {
			t.Errorf("an answer within the margin: %v", err)
		}
	})
}

func TestCancelledCapture(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		b.service.SetFaults(sbitest.Slow)
		ctx, cancel := b.within(time.Second)
		defer cancel()
		begun := time.Now()
		_, err := d.Capture(ctx, rightSlap())
		if took := time.Since(begun); took != time.Second || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, device.ErrSilent) {
			t.Errorf("after %v error %v, want the caller's own deadline after 1s", took, err)
		}
	})
}

// TestCloseEndsACapture, and a closed device is no device.
func TestCloseEndsACapture(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		b.service.SetFaults(sbitest.Slow)
		done := make(chan error)
		go func() {
			_, err := d.Capture(b.Context(), rightSlap())
			done <- err
		}()
		synctest.Wait()
		if _, err := d.Capture(b.Context(), rightSlap()); !errors.Is(err, sbi.ErrBusy) {
			t.Errorf("a second capture at once: error %v, want %v", err, sbi.ErrBusy)
		}
		closed := make(chan error)
		go func() { closed <- d.Close() }()
		if err := <-done; !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("capture at closing: error %v, want %v", err, device.ErrUnplugged)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if _, err := d.Capture(b.Context(), rightSlap()); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("capture after closing: error %v, want %v", err, device.ErrUnplugged)
		}
	})
}

// TestServiceRestarts on another port, and the device is found again; another
// device of the same station is not taken for it.
func TestServiceRestarts(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		b.options.Trust.Devices = append(b.options.Trust.Devices, sbi.Allowed{Serial: "SIM-SBI-2", Make: "optag", Model: "simulated SBI device"})
		d := b.open()
		defer d.Close()
		b.machine.Stop(4501)
		if _, err := d.Capture(b.Context(), rightSlap()); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("service gone: error %v, want %v", err, device.ErrUnplugged)
		}
		other := sbitest.NewService(sbitest.Config{Keys: keys(t), Now: b.options.Now, Serial: "SIM-SBI-2", Finger: print})
		b.machine.Start(4501, other)
		if _, err := d.Capture(b.Context(), rightSlap()); !errors.Is(err, device.ErrUnplugged) {
			t.Errorf("another device in its place: error %v, want %v", err, device.ErrUnplugged)
		}
		b.machine.Start(4577, b.service)
		begun := time.Now()
		if _, err := d.Capture(b.Context(), rightSlap()); err != nil {
			t.Errorf("service back on another port: %v", err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("found again after %v, want within 2s", took)
		}
	})
}

func TestRefusedBeforeAsking(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		for name, fingers := range map[string][]sbi.Finger{
			"none":                        nil,
			"an eleventh finger":          {11},
			"two index fingers at once":   {sbi.RightIndex, sbi.LeftIndex},
			"one finger twice":            {sbi.RightIndex, sbi.RightIndex},
			"thumb and index of one hand": {sbi.RightThumb, sbi.RightIndex},
		} {
			if _, err := d.Capture(b.Context(), sbi.Request{Fingers: fingers}); !errors.Is(err, sbi.ErrRefused) {
				t.Errorf("%s: error %v, want %v", name, err, sbi.ErrRefused)
			}
		}
		if _, err := d.Portrait(b.Context(), sbi.Request{}); !errors.Is(err, sbi.ErrRefused) {
			t.Errorf("a portrait from a scanner: error %v, want %v", err, sbi.ErrRefused)
		}
		if n := len(b.service.Asked()); n != 0 {
			t.Errorf("the service was asked %d times", n)
		}
	})
}

func TestPortrait(t *testing.T) {
	for _, edition := range []int{2005, 2011} {
		inBubble(t, sbitest.Config{Kind: "Face", Edition: edition}, func(b *bench) {
			d := b.open()
			defer d.Close()
			p, err := d.Portrait(b.Context(), sbi.Request{Threshold: 60})
			if err != nil {
				t.Fatalf("edition %d: %v", edition, err)
			}
			if p.Image.Bounds() != image.Rect(0, 0, 240, 320) || p.MediaType != "image/jpeg" || p.Score != 75 || len(p.Encoded) == 0 || p.Encoded[0] != 0xff {
				t.Errorf("edition %d: %v, %s, score %v, want the picture in its own bytes", edition, p.Image.Bounds(), p.MediaType, p.Score)
			}
			if asked := b.service.Asked()[0]; len(asked.Exception) != 0 || asked.Count != "1" {
				t.Errorf("an exception photo was asked for: %q", asked.Exception)
			}
			if _, err := d.Capture(b.Context(), rightSlap()); !errors.Is(err, sbi.ErrRefused) {
				t.Errorf("fingers from a camera: error %v, want %v", err, sbi.ErrRefused)
			}
			b.service.SetFaults(sbitest.LowScore)
			if p, err := d.Portrait(b.Context(), sbi.Request{Threshold: 60}); !errors.Is(err, sbi.ErrPoor) || p.Image != nil {
				t.Errorf("a poor portrait: error %v, want %v", err, sbi.ErrPoor)
			}
		})
	}
}

// TestNothingIsLeftBehind: records are wiped whatever happens, and pixels when
// anything is wrong, the ones of fingers that were right too.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, fault := range []sbitest.Fault{"", sbitest.OtherPosition} {
		var records [][]byte
		var images []*image.Gray
		decode := func(data []byte, w, h int) (image.Image, error) {
			img := image.NewGray(image.Rect(0, 0, w, h))
			copy(img.Pix, data[len(data)-2-w*h:])
			records, images = append(records, data), append(images, img)
			return img, nil
		}
		inBubble(t, sbitest.Config{JP2: undecodable}, func(b *bench) {
			b.options.JP2 = decode
			d := b.open()
			defer d.Close()
			b.service.SetFaults(fault)
			_, err := d.Capture(b.Context(), rightSlap())
			if (err == nil) != (fault == "") || len(records) == 0 {
				t.Fatalf("error %v, %d images decoded", err, len(records))
			}
			for i := range records {
				if !blank(records[i]) {
					t.Errorf("fault %q: record %d is not wiped", fault, i)
				}
				if blank(images[i].Pix) != (fault != "") {
					t.Errorf("fault %q: image %d blank is %v", fault, i, blank(images[i].Pix))
				}
			}
		})
	}
}

// undecodable begins and ends like a code stream of JPEG 2000, between which it
// has the pixels as they are.
func undecodable(img image.Image) ([]byte, error) {
	b := []byte("\xff\x4f\xff\x51\x00\x2f\x00\x00")
	b = binary.BigEndian.AppendUint32(b, uint32(img.Bounds().Dx()))
	b = binary.BigEndian.AppendUint32(b, uint32(img.Bounds().Dy()))
	b = append(b, make([]byte, 8)...)
	return append(append(b, img.(*image.Gray).Pix...), 0xff, 0xd9), nil
}

func blank(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) }

// TestNoDecoder: a station without OpenJPEG says so, and blames nobody.
func TestNoDecoder(t *testing.T) {
	inBubble(t, sbitest.Config{JP2: undecodable}, func(b *bench) {
		if _, err := b.capture(rightSlap()); !errors.Is(err, sbi.ErrRefused) {
			t.Errorf("error %v, want %v", err, sbi.ErrRefused)
		}
	})
}

// TestErrorsHoldNothingOfTheService: its words go to a log by name only.
func TestErrorsHoldNothingOfTheService(t *testing.T) {
	inBubble(t, sbitest.Config{}, func(b *bench) {
		d := b.open()
		defer d.Close()
		b.service.SetFaults(sbitest.OtherCode)
		_, err := d.Capture(b.Context(), rightSlap())
		var told *sbi.ServiceError
		if !errors.As(err, &told) || told.Code != 542 || told.Said == "" {
			t.Fatalf("error %v, want a ServiceError 542 with the service's words", err)
		}
		if strings.Contains(err.Error(), "fine") {
			t.Errorf("%q carries the service's words", err)
		}
	})
}

func TestAdvice(t *testing.T) {
	for fault, want := range map[sbitest.Fault]device.Retry{
		sbitest.MissingFinger: device.AllFingers, sbitest.OtherHand: device.TheseFingers, sbitest.Hang: "", sbitest.ForeignIssuer: "",
	} {
		inBubble(t, sbitest.Config{}, func(b *bench) {
			d := b.open()
			defer d.Close()
			b.service.SetFaults(fault)
			_, err := d.Capture(b.Context(), rightSlap())
			if got, ok := sbi.Advice(err); got != want || ok != (want != "") {
				t.Errorf("%s: advice %q, %v, want %q", fault, got, ok, want)
			}
		})
	}
}

// TestRandomFaults plays sequences of faults from a seed: no hang, no leak, no
// wrong image. With OPTAG_SOAK=1 there are ten thousand.
func TestRandomFaults(t *testing.T) {
	sequences := 20
	if os.Getenv("OPTAG_SOAK") != "" {
		sequences = 10_000
	}
	if testing.Short() {
		sequences = 3
	}
	for seed := range sequences {
		r := rand.New(rand.NewPCG(4, uint64(seed)))
		inBubble(t, sbitest.Config{}, func(b *bench) {
			d := b.open()
			defer d.Close()
			chain := &sbi.Chain{}
			for step := range 1 + r.IntN(4) {
				fault := someFault(r)
				b.service.SetFaults(fault)
				request := rightSlap()
				request.Chain = chain
				prints, err := d.Capture(b.Context(), request)
				if err != nil && sbi.Problem(err) == "cancelled" || len(prints) != 0 && err != nil {
					t.Errorf("seed %d, step %d, %s: %d prints, error %v", seed, step, fault, len(prints), err)
				}
				for i, p := range prints {
					if p.Finger != request.Fingers[i] || !slices.Equal(p.Image.Pix, print(int(p.Finger)).Pix) {
						t.Errorf("seed %d, step %d, %s: another image than lay there", seed, step, fault)
					}
				}
				if r.IntN(3) == 0 {
					b.watch(d, 1+r.IntN(4))
				}
				if r.IntN(4) == 0 { // it dies, and is back on another port
					b.machine.Stop(4501)
					b.machine.Start(4501+r.IntN(100), b.service)
				}
			}
			b.service.SetFaults()
			if _, err := d.Capture(b.Context(), rightSlap()); err != nil {
				t.Errorf("seed %d: when all is well again: %v", seed, err)
			}
			d.Close()
			synctest.Wait()
			if n := b.machine.Open(); n != 0 {
				t.Errorf("seed %d: %d connections open after closing", seed, n)
			}
		})
	}
}

// someFault is one of those that a service may have.
func someFault(r *rand.Rand) sbitest.Fault {
	all := []sbitest.Fault{
		"", sbitest.Busy, sbitest.BusyStream, sbitest.NotReady, sbitest.NotRegistered, sbitest.Lost, sbitest.Timeout, sbitest.Slow,
		sbitest.Hang, sbitest.ForeignIssuer, sbitest.BrokenSignature, sbitest.Callback, sbitest.ClockOff, sbitest.LowScore,
		sbitest.WrongHash, sbitest.DuplicateFinger, sbitest.MissingFinger, sbitest.UnknownFinger, sbitest.ErrorItem,
		sbitest.OtherPosition, sbitest.TornRecord, sbitest.SurplusBytes, sbitest.CharacterLength, sbitest.CutAnswer, sbitest.NoJSON,
		sbitest.StreamSilent, sbitest.StreamTorn, sbitest.StreamEnds, sbitest.StreamWrong,
	}
	return all[r.IntN(len(all))]
}
