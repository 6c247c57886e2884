// Package preview carries the newest frame of a camera or a scanner to the
// screen. The writer never waits, the reader never sees half a frame, old
// frames are dropped, and three buffers serve for ever.
//
// It holds biometric pixels: [Ring.Close] overwrites them all. It knows neither
// devices nor widgets.
package preview

import (
	"image"
	"image/draw"
	"sync"
)

// A Ring holds the newest frame. One goroutine writes and one reads; Close may
// come from a third.
type Ring struct {
	news chan struct{} // holds a token while there is a frame that nobody waited for

	mu     sync.Mutex // protects the fields below
	bufs   [3]*image.RGBA
	write  int  // the writer's buffer
	newest int  // the last frame written whole
	read   int  // the reader's buffer
	fresh  bool // newest has not been read
	busy   bool // the writer is drawing into its buffer
	closed bool
}

// New makes an empty ring. Buffers are made when the first frame tells its size.
func New() *Ring {
	return &Ring{write: 0, newest: 1, read: 2, news: make(chan struct{}, 1)}
}

// Put copies a frame into the ring as the newest one. It never waits for the
// reader. It reports whether the reader had seen the one before, so that a
// writer can tell how many frames were dropped; after Close it does nothing
// and reports false.
//
// Frames of the same size as the last one cost no allocation.
func (r *Ring) Put(frame image.Image) (seen bool) {
	dst := r.begin(frame.Bounds().Size())
	if dst == nil {
		return false
	}
	paint(dst, frame)
	return r.finish()
}

// begin gives the writer its buffer, of the right size; nil after Close.
func (r *Ring) begin(size image.Point) *image.RGBA {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	b := r.bufs[r.write]
	if b == nil || b.Rect.Size() != size {
		wipe(b)
		b = image.NewRGBA(image.Rectangle{Max: size})
		r.bufs[r.write] = b
	}
	r.busy = true
	return b
}

// finish publishes the writer's buffer.
func (r *Ring) finish() (seen bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = false
	if r.closed {
		wipe(r.bufs[r.write])
		return false
	}
	seen = !r.fresh
	r.write, r.newest = r.newest, r.write
	r.fresh = true
	select {
	case r.news <- struct{}{}:
	default:
	}
	return seen
}

// News gives a token when there is a new frame. It may be taken by somebody who
// finds the frame gone: Take says.
func (r *Ring) News() <-chan struct{} { return r.news }

// Take returns the newest frame and whether it is a new one. The image belongs
// to the reader until it calls Take again. It is nil while there is none, and
// after Close.
func (r *Ring) Take() (frame *image.RGBA, fresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	if r.fresh {
		r.read, r.newest = r.newest, r.read
		r.fresh = false
		fresh = true
	}
	return r.bufs[r.read], fresh
}

// Close overwrites every buffer and ends the ring. The reader must have stopped
// showing the frame it took, which turns black. Closing twice is allowed.
func (r *Ring) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for i, b := range r.bufs {
		if i == r.write && r.busy {
			continue // the writer wipes it when it has done
		}
		wipe(b)
	}
}

func wipe(b *image.RGBA) {
	if b != nil {
		clear(b.Pix)
	}
}

// paint draws src at the origin of dst. Package draw has a path without
// allocation for each kind of image that devices deliver.
func paint(dst *image.RGBA, src image.Image) {
	draw.Draw(dst, dst.Rect, src, src.Bounds().Min, draw.Src)
}
