package sim

import (
	"fmt"
	"image"
	"sync"
	"time"

	"optag/device"
	"optag/testdata/gen"
)

// CameraOptions are the options of a camera. The zero value is a portrait
// camera whose stills are 1244 × 1600.
type CameraOptions struct {
	Preview    image.Point   // size of the moving pictures; default 480 × 640
	Still      image.Point   // size of the stills; default 1244 × 1600
	FPS        float64       // pictures per second; default 15
	StillEvery time.Duration // between two stills of somebody who holds still; default 1 s
	Steady     time.Duration // for which somebody must hold still before a still; default 400 ms
	Seed       uint64        // of the sensor's noise
	Serial     string        // default "SIM-0002"
	Silence    time.Duration // after which the driver calls the device silent; default 2 s
	Person     gen.Person    // whose face it is, until SetPerson
}

func (o CameraOptions) withDefaults() CameraOptions {
	if o.Preview == (image.Point{}) {
		o.Preview = image.Pt(480, 640)
	}
	if o.Still == (image.Point{}) {
		o.Still = image.Pt(1244, 1600)
	}
	if o.FPS <= 0 {
		o.FPS = 15
	}
	if o.StillEvery <= 0 {
		o.StillEvery = time.Second
	}
	if o.Steady <= 0 {
		o.Steady = 400 * time.Millisecond
	}
	if o.Serial == "" {
		o.Serial = "SIM-0002"
	}
	if o.Silence <= 0 {
		o.Silence = 2 * time.Second
	}
	return o
}

// A Camera is a simulated camera and the place before it, at first empty. It
// yields moving pictures, which have no Encoded, and between them stills, which
// do. All methods may be called from any goroutine.
type Camera struct {
	port
	opt CameraOptions

	room    sync.Mutex // protects the fields below
	face    *gen.Face
	pose    gen.Pose
	chart   *Chart                      // before the camera instead of the person, or nil
	charts  map[image.Point]*image.RGBA // of the chart, drawn, by size
	since   time.Time                   // the pose was taken
	shot    time.Time                   // of the last still, zero before the first of a pose
	still   *still                      // of this pose, or nil
	exposed uint64
}

// A still is kept for as long as nobody moves.
type still struct {
	img     *image.RGBA
	encoded []byte
}

// NewCamera makes a camera with nobody before it.
func NewCamera(o CameraOptions) *Camera {
	o = o.withDefaults()
	return &Camera{port: newPort(), opt: o, face: o.Person.Portrait(), pose: gen.Pose{Absent: true}}
}

// Info describes the camera as an opened one does.
func (c *Camera) Info() device.Info {
	return device.Info{
		Maker: "optag", Model: "simulated camera", Serial: c.opt.Serial, Firmware: "1.0",
		Driver: "sim", Version: Version,
	}
}

// Open opens the camera. It fails with [device.ErrUnplugged].
func (c *Camera) Open() (device.Camera, error) {
	roll := &film{}
	return open(&c.port, c.Info(), c.opt.FPS, c.opt.Silence, func(f Fault) (device.Picture, error) {
		return c.expose(roll, f)
	})
}

// SetPerson says whose face it is from now on.
func (c *Camera) SetPerson(p gen.Person) {
	c.room.Lock()
	defer c.room.Unlock()
	c.face = p.Portrait()
	c.moved()
}

// Place puts the person before the camera.
func (c *Camera) Place(p gen.Pose) {
	c.room.Lock()
	defer c.room.Unlock()
	c.pose, c.chart = p, nil
	c.moved()
}

// Look makes the person look straight at the camera.
func (c *Camera) Look() {
	c.change(func(p *gen.Pose) { p.Yaw, p.Roll, p.EyesClosed = 0, 0, false })
}

// Closer brings the person a quarter of the way closer.
func (c *Camera) Closer() { c.change(func(p *gen.Pose) { p.Distance = distance(p) * 0.75 }) }

// Back moves the person a third further back.
func (c *Camera) Back() { c.change(func(p *gen.Pose) { p.Distance = distance(p) / 0.75 }) }

// Leave makes the person go away.
func (c *Camera) Leave() { c.change(func(p *gen.Pose) { p.Absent = true }) }

// Shoot makes the next picture a still.
func (c *Camera) Shoot() {
	c.room.Lock()
	defer c.room.Unlock()
	c.since, c.shot = time.Time{}, time.Time{}
}

// Pose returns how the person stands.
func (c *Camera) Pose() gen.Pose {
	c.room.Lock()
	defer c.room.Unlock()
	return c.pose
}

func distance(p *gen.Pose) float64 {
	if p.Distance <= 0 {
		return 1
	}
	return p.Distance
}

func (c *Camera) change(f func(*gen.Pose)) {
	c.room.Lock()
	defer c.room.Unlock()
	f(&c.pose)
	c.moved()
}

// moved is called with room locked.
func (c *Camera) moved() { c.since, c.shot, c.still = time.Now(), time.Time{}, nil }

// A film holds the last pictures of a handle, which the next overwrite, as the
// buffers of a driver do.
type film struct {
	preview, still *image.RGBA
	encoded        []byte
}

// sized returns the image of a film, made anew if it is not of the given size.
func sized(img **image.RGBA, size image.Point) *image.RGBA {
	if *img == nil || (*img).Rect.Size() != size {
		*img = image.NewRGBA(image.Rectangle{Max: size})
	}
	return *img
}

// expose takes a picture.
func (c *Camera) expose(film *film, fault Fault) (device.Picture, error) {
	c.room.Lock()
	defer c.room.Unlock()
	c.exposed++
	seed := c.opt.Seed<<20 + c.exposed
	now := time.Now()
	if now.Sub(c.since) >= c.opt.Steady && now.Sub(c.shot) >= c.opt.StillEvery {
		c.shot = now
		return c.shoot(film, seed, fault)
	}
	size := c.opt.Preview
	if fault == WrongSize {
		size.X /= 2
	}
	img := sized(&film.preview, size)
	c.draw(img, seed, fault)
	return device.Picture{Image: img}, nil
}

// draw draws what is before the lens. Called with room locked.
func (c *Camera) draw(img *image.RGBA, seed uint64, fault Fault) {
	if fault == Noise {
		gen.DrawSnow(img, seed)
		return
	}
	if c.chart != nil {
		c.drawChart(img)
		return
	}
	c.face.Draw(img, c.pose, seed)
}

// shoot takes a still. Somebody who holds still is drawn and encoded once.
// Called with room locked.
func (c *Camera) shoot(film *film, seed uint64, fault Fault) (device.Picture, error) {
	if c.still == nil || fault == Noise || fault == WrongSize {
		size := c.opt.Still
		if fault == WrongSize {
			size = size.Div(4)
		}
		img := image.NewRGBA(image.Rectangle{Max: size})
		c.draw(img, seed, fault)
		data, err := gen.JPEG(img)
		if err != nil {
			return device.Picture{}, fmt.Errorf("taking a still: %w: %w", device.ErrGarbled, err)
		}
		c.still = &still{img, data}
	}
	img := sized(&film.still, c.still.img.Rect.Size())
	copy(img.Pix, c.still.img.Pix)
	film.encoded = append(film.encoded[:0], c.still.encoded...)
	switch fault {
	case Torn:
		film.encoded = film.encoded[:len(film.encoded)/2]
	case Noise, WrongSize:
		c.still = nil
	}
	return device.Picture{Image: img, Encoded: film.encoded, MediaType: "image/jpeg"}, nil
}
