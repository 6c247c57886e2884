package flow

import (
	"image"
	"image/color"
	"image/draw"
	"sync"
)

// A Face is a picture of a face that can be overwritten at any time, also while
// a screen draws it. Its methods may be called from any goroutine.
type Face struct {
	own chan struct{} // its own: reflect.DeepEqual tells two faces apart by it and looks no further
	mu  sync.RWMutex  // protects the pixels of img
	img *image.RGBA
}

// NewFace takes a picture over, and erases it.
func NewFace(img image.Image) *Face {
	f := &Face{own: make(chan struct{}), img: image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})}
	draw.Draw(f.img, f.img.Rect, img, img.Bounds().Min, draw.Src)
	Erase(img)
	return f
}

// Erase overwrites a picture of a type that decoders return: those of JPEG, JPEG
// 2000, WSQ and PNG.
func Erase(img image.Image) {
	switch img := img.(type) {
	case *image.Gray:
		clear(img.Pix)
	case *image.Gray16:
		clear(img.Pix)
	case *image.RGBA:
		clear(img.Pix)
	case *image.RGBA64:
		clear(img.Pix)
	case *image.NRGBA:
		clear(img.Pix)
	case *image.NRGBA64:
		clear(img.Pix)
	case *image.CMYK:
		clear(img.Pix)
	case *image.Paletted:
		clear(img.Pix)
	case *image.YCbCr:
		clear(img.Y)
		clear(img.Cb)
		clear(img.Cr)
	}
}

// Wipe overwrites the pixels.
func (f *Face) Wipe() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.img.Pix)
}

// ColorModel is that of image.RGBA.
func (f *Face) ColorModel() color.Model { return color.RGBAModel }

// Bounds begin at the origin.
func (f *Face) Bounds() image.Rectangle { return f.img.Rect }

// At is transparent once the face is wiped.
func (f *Face) At(x, y int) color.Color {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.img.RGBAAt(x, y)
}

// RGBA64At is At for painters that ask no other way: package draw of
// golang.org/x/image draws nothing of a picture without it.
func (f *Face) RGBA64At(x, y int) color.RGBA64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.img.RGBA64At(x, y)
}

// wipe overwrites a picture, if it is one that can be.
func wipe(img image.Image) {
	if f, ok := img.(interface{ Wipe() }); ok {
		f.Wipe()
	}
}

// A FaceState is the face in the chip that was used for the case, and what the
// clerk makes of it. It is of this counter's memory alone: neither draft, package
// nor log hold any of it.
type FaceState struct {
	Image image.Image // nil: there is none
	Large bool        // shown as large as the live picture
	Same  bool        // the clerk sees the same person
}

// Wipe overwrites the face, and forgets the rest.
func (f *FaceState) Wipe() {
	wipe(f.Image)
	*f = FaceState{}
}
