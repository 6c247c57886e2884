package wsq

import (
	"slices"
	"strings"
	"testing"
)

func FuzzDecode(f *testing.F) {
	data := mustEncode(f, fingerImage(13, 90, 100), Options{Native: true, PPI: 500, Comments: []string{"a"}})
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(mustEncode(f, grey(256, 256, 9), Options{}))
	f.Add(mustEncode(f, fingerImage(11, 3, 2), Options{}))
	f.Add([]byte{0xff, markSOI, 0xff, markEOI})
	p := taken(f, data)
	f.Add(joined(p[0], segment(markDTT, slices.Concat([]byte{8, 8}, make([]byte, 48))...), p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11]))
	var d Decoder
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 16
		img, info, err := d.Decode(data, limit)
		if err != nil {
			if img != nil || !strings.HasPrefix(err.Error(), "decoding WSQ: ") {
				t.Fatalf("%v, %q", img, err)
			}
			return
		}
		if info.Width*info.Height > limit || len(img.Pix) != info.Width*info.Height || !info.Content.In(img.Rect) || info.Content.Empty() {
			t.Fatalf("%d pixels for %+v", len(img.Pix), info)
		}
		config, err := DecodeConfig(data)
		if err != nil || config.Width != info.Width || config.Height != info.Height || config.PPI != info.PPI {
			t.Fatalf("DecodeConfig = %+v, %v; Decode = %+v", config, err, info)
		}
	})
}

func FuzzEncode(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6}, uint16(2), 0.75, 500)
	f.Add(make([]byte, 300), uint16(300), 8.0, 0)
	f.Add([]byte{0, 255}, uint16(1), 0.01, 1000)
	var e Encoder
	var d Decoder
	f.Fuzz(func(t *testing.T, pix []byte, width uint16, rate float64, ppi int) {
		if width == 0 || len(pix) < int(width) || len(pix) > 1<<16 {
			return
		}
		w, h := int(width), len(pix)/int(width)
		img := grey(w, h, 0)
		copy(img.Pix, pix)
		data, err := e.Encode(nil, img, Options{Rate: rate, PPI: ppi, Native: w >= minNative && h >= minNative})
		if err != nil {
			return
		}
		frame, info, err := d.Decode(data, 1<<26)
		if err != nil || info.Content.Dx() != w || info.Content.Dy() != h || info.PPI != ppi || !info.Content.In(frame.Rect) {
			t.Fatalf("%d × %d at %v comes back as %+v, %v", w, h, rate, info, err)
		}
	})
}
