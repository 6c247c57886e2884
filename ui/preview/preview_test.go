package preview

import (
	"image"
	"image/color"
	"sync"
	"testing"
)

func grey(w, h int, v uint8) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	for i := range g.Pix {
		g.Pix[i] = v
	}
	return g
}

func TestTheReaderTakesTheNewest(t *testing.T) {
	r := New()
	if f, fresh := r.Take(); f != nil || fresh {
		t.Fatalf("Take of an empty ring = %v, %v, want nil, false", f, fresh)
	}
	for v := range 5 {
		seen := r.Put(grey(4, 3, uint8(v)))
		if want := v == 0; seen != want {
			t.Errorf("Put %d: seen = %v, want %v", v, seen, want)
		}
	}
	f, fresh := r.Take()
	if !fresh || f.Pix[0] != 4 {
		t.Fatalf("Take = value %d, fresh %v, want 4, true", f.Pix[0], fresh)
	}
	again, fresh := r.Take()
	if fresh || again != f {
		t.Errorf("second Take: fresh %v, same frame %v, want false, true", fresh, again == f)
	}
	if !r.Put(grey(4, 3, 9)) {
		t.Error("Put after Take: the frame before counts as unseen")
	}
	if f.Pix[0] != 4 {
		t.Error("writing touched the frame that the reader holds")
	}
}

func TestTheSizeMayChange(t *testing.T) {
	r := New()
	for _, size := range []image.Point{{8, 8}, {3, 5}, {16, 2}} {
		r.Put(grey(size.X, size.Y, 7))
		if f, _ := r.Take(); f.Rect.Size() != size {
			t.Errorf("Take = %v, want %v", f.Rect.Size(), size)
		}
	}
}

func TestPixelsArriveAsTheyWere(t *testing.T) {
	ycc := image.NewYCbCr(image.Rect(0, 0, 5, 3), image.YCbCrSubsampleRatio420)
	for i := range ycc.Y {
		ycc.Y[i] = uint8(40 + 9*i)
	}
	for i := range ycc.Cb {
		ycc.Cb[i], ycc.Cr[i] = uint8(100+11*i), uint8(170-7*i)
	}
	nrgba := image.NewNRGBA(image.Rect(2, 3, 6, 5))
	for i := range nrgba.Pix {
		nrgba.Pix[i] = uint8(i*5) | 0x03
	}
	for i := 3; i < len(nrgba.Pix); i += 4 {
		nrgba.Pix[i] = 0xff
	}
	whole := grey(6, 6, 0)
	for i := range whole.Pix {
		whole.Pix[i] = uint8(i * 3)
	}
	cases := []struct {
		name string
		src  image.Image
	}{
		{"a scanner's grey image", whole},
		{"a part of a grey image", whole.SubImage(image.Rect(1, 2, 5, 6))},
		{"a camera's picture", ycc},
		{"any other image", nrgba},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := New()
			r.Put(c.src)
			got, _ := r.Take()
			min := c.src.Bounds().Min
			for y := range got.Rect.Dy() {
				for x := range got.Rect.Dx() {
					want := color.RGBAModel.Convert(c.src.At(min.X+x, min.Y+y))
					if got.At(x, y) != want {
						t.Fatalf("pixel %d,%d = %v, want %v", x, y, got.At(x, y), want)
					}
				}
			}
		})
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	r := New()
	for range 3 {
		r.Put(grey(4, 4, 200))
		r.Take()
	}
	held, _ := r.Take()
	r.Close()
	r.Close()
	for i, b := range r.bufs {
		for _, v := range b.Pix {
			if v != 0 {
				t.Fatalf("buffer %d still holds %d", i, v)
			}
		}
	}
	if held.Pix[0] != 0 {
		t.Error("the reader's frame was not wiped")
	}
	r.Put(grey(4, 4, 200))
	if f, fresh := r.Take(); f != nil || fresh {
		t.Errorf("Take after Close = %v, %v, want nil, false", f, fresh)
	}
	for i, b := range r.bufs {
		if b.Pix[0] != 0 {
			t.Errorf("Put after Close wrote into buffer %d", i)
		}
	}
}

// A frame that is being written while the ring closes is wiped by its writer.
func TestCloseDuringAWrite(t *testing.T) {
	r := New()
	dst := r.begin(image.Pt(2, 2))
	r.Close()
	paint(dst, grey(2, 2, 99))
	r.finish()
	if dst.Pix[0] != 0 {
		t.Errorf("the half-written frame holds %d after Close, want 0", dst.Pix[0])
	}
}

// Every frame the reader sees is of one value: never half of one and half of another.
func TestNoTornFrames(t *testing.T) {
	r := New()
	var wg sync.WaitGroup
	wg.Go(func() {
		g := grey(32, 32, 0)
		for v := range 2000 {
			for i := range g.Pix {
				g.Pix[i] = uint8(v)
			}
			r.Put(g)
		}
	})
	for range 2000 {
		f, _ := r.Take()
		if f == nil {
			continue
		}
		for i := 0; i < len(f.Pix); i += 4 {
			if f.Pix[i] != f.Pix[0] {
				t.Fatalf("torn frame: %d and %d", f.Pix[0], f.Pix[i])
			}
		}
	}
	wg.Wait()
	r.Close()
}

func TestNoAllocationPerFrame(t *testing.T) {
	frames := map[string]image.Image{
		"scanner": grey(388, 374, 80),
		"camera":  image.NewYCbCr(image.Rect(0, 0, 160, 90), image.YCbCrSubsampleRatio422),
	}
	for name, frame := range frames {
		r := New()
		for range 3 {
			r.Put(frame)
			r.Take()
		}
		if n := testing.AllocsPerRun(20, func() { r.Put(frame); r.Take() }); n != 0 {
			t.Errorf("%s: %v allocations a frame, want 0", name, n)
		}
	}
}

func BenchmarkGrey500(b *testing.B) {
	r, g := New(), grey(500, 500, 90)
	b.ReportAllocs()
	for b.Loop() {
		r.Put(g)
		r.Take()
	}
}

func BenchmarkYCbCr720p(b *testing.B) {
	r, f := New(), image.NewYCbCr(image.Rect(0, 0, 1280, 720), image.YCbCrSubsampleRatio422)
	b.ReportAllocs()
	for b.Loop() {
		r.Put(f)
		r.Take()
	}
}

// TestNews: who waits is woken by a frame, once, however many came.
func TestNews(t *testing.T) {
	r := New()
	waiting := func() bool {
		select {
		case <-r.News():
			return true
		default:
			return false
		}
	}
	if waiting() {
		t.Error("news before the first frame")
	}
	r.Put(grey(4, 4, 1))
	r.Put(grey(4, 4, 2))
	if !waiting() || waiting() {
		t.Error("two frames are not told of once")
	}
	r.Close()
	if r.Put(grey(4, 4, 3)); waiting() {
		t.Error("news after closing")
	}
}
