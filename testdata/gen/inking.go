package gen

import "math"

// An inking turns the skin under one set of conditions into ink on the glass.
type inking struct {
	f            *Finger
	tone         [1024]uint8 // ink of a height from -512 to 511
	lift         [256]int16  // change of height by reach: 0 on the glass, falling towards the rim
	haze         [256]uint8  // ink between the ridges by reach
	rollX, rollY int         // canvas pixels from the middle of the pad to that of the contact
	slide        int         // 1/65536 canvas pixels

	// shares of 256
	relief       int // of the ridges' height
	grain, knots int // of the skin's unevenness, and of the touch's
	own, lasting int // of the clouds: of this touch, of the skin
	smudge       int
	depth, shade int // of the ink: everywhere, and with the clouds
	speck        int

	grainAt, knotsAt, cloudAt [2]int // places of the tiles, different for every touch
}

// offGlass is so far above the glass that not even the crest of a ridge touches.
const offGlass = -280

func (f *Finger) newInking(c Conditions) inking {
	moist := clamp(c.Moisture+f.dry, -1, 1)
	wet, dry := max(0, moist), max(0, -moist)
	light, hard := max(0, -c.Pressure), max(0, c.Pressure)
	worn, rough := clamp(c.Wear+f.worn, 0, 1), clamp(c.Rough, 0, 1)
	in := inking{
		f:       f,
		rollX:   int(c.RollX * PPI / 25.4 / f.size),
		rollY:   int(c.RollY * PPI / 25.4 / f.size),
		slide:   int(65536 * (c.Motion * PPI / 25.4 / f.size)),
		relief:  share(1, 0.55*worn, 0.1*cube(worn), 0.36*cube(wet), 0.15*cube(hard)),
		grain:   share(0.14, -0.26*rough, -0.45*dry, -0.15*cube(dry), -0.15*light, -0.15*worn),
		knots:   share(0.22, -0.4*rough, -0.6*dry, -0.35*cube(dry), -0.25*light, -0.35*worn, -0.3*cube(worn)),
		own:     share(0.22, -0.2*rough, -0.4*wet, -0.3*dry, -0.35*light, -0.7*cube(light)),
		lasting: share(0.2, -0.15*rough, -0.3*wet, -0.3*dry),
		smudge:  int(256 * 2.5 * c.Smudge),
		depth:   share(0.86, -0.1*hard, -0.1*wet, 0.3*light, 0.2*dry),
		shade:   share(0.25, -0.15*rough, -0.15*dry, -0.15*light),
		speck:   share(0.15, -0.35*rough, -0.25*dry),
	}
	still := 1 / (1 + float64(5*math.Abs(c.Motion))) // what slides leaves less of its grain
	for _, v := range []*int{&in.grain, &in.knots, &in.speck} {
		*v = int(float64(*v) * still)
	}
	bias := 13 + float64(60*hard) + float64(40*cube(hard)) - float64(46*light) - float64(36*cube(light))
	bias += float64(90*wet) + float64(62*cube(wet)) - float64(52*dry) - float64(35*cube(dry))
	in.tones(min(bias, 165), 28+float64(12*wet)+float64(15*cube(wet))-float64(6*dry))
	in.rim(c, wet)
	if c.Touch != 0 {
		r := stream(c.Touch, 12)
		for _, at := range []*[2]int{&in.grainAt, &in.knotsAt, &in.cloudAt} {
			*at = [2]int{r.IntN(cloudSize), r.IntN(cloudSize)}
		}
	}
	return in
}

// share returns of less the sum of the others, of 256.
func share(of float64, less ...float64) int {
	for _, v := range less {
		of -= v
	}
	return int(256 * of)
}

// cube makes a condition matter little until it is severe.
func cube(v float64) float64 { return v * v * v }

// tones makes the table from height to ink: an S of the given steepness around
// the height that just touches.
func (in *inking) tones(bias, steep float64) {
	for i := range in.tone {
		in.tone[i] = uint8(255/(1+exp(-(float64(i-512)+bias)/steep)) + 0.5)
	}
}

// rim makes the tables that end the contact. The outermost ridges thin out and
// break up before they end.
func (in *inking) rim(c Conditions, wet float64) {
	cover := c.Coverage
	if cover == 0 {
		cover = 1
	}
	rim := float64(128 * math.Sqrt(clamp(cover, 0, 1)) * (1 + float64(0.10*c.Pressure) - float64(0.08*max(0, -c.Pressure))))
	for i := range in.lift {
		in.lift[i] = int16(clamp(18*(rim+2-float64(i)), offGlass, 0))
		in.haze[i] = uint8(clamp((rim+8-float64(i))/16, 0, 1) * (10 + float64(20*wet)))
	}
}

// at returns the reach of a place of the canvas, and whether it touches.
func (in *inking) at(x, y int) (reach uint8, ok bool) {
	x, y = x-in.rollX, y-in.rollY
	if uint(x) >= Width || uint(y) >= Height {
		return 0, false
	}
	reach = in.f.skin.reach[y*Width+x]
	return reach, in.lift[reach] > offGlass
}

// row inks one row between two rows of nodes.
func (in *inking) row(row []uint8, top, bottom [][2]int, t int) {
	at := func(n int) (int, int) {
		return top[n][0] + (bottom[n][0]-top[n][0])*t/mesh, top[n][1] + (bottom[n][1]-top[n][1])*t/mesh
	}
	fx, fy := at(0)
	for n := 0; n*mesh < len(row); n++ {
		nx, ny := at(n + 1)
		in.span(row[n*mesh:min(len(row), (n+1)*mesh)], fx, fy, (nx-fx)/mesh, (ny-fy)/mesh)
		fx, fy = nx, ny
	}
}

// span inks pixels whose places on the canvas lie (dx, dy) apart, in 1/65536 of
// a pixel.
func (in *inking) span(row []uint8, fx, fy, dx, dy int) {
	s := in.f.skin
	for k := range row {
		x, y := fx>>16, fy>>16
		if uint(x) < Width-1 && uint(y) < Height-1 {
			if reach, ok := in.at(x, y); ok {
				v := s.height(y*Width+x, fx>>8&255, fy>>8&255)
				if in.slide != 0 {
					v = in.smear(v, fx, fy)
				}
				row[k] = in.ink(int(row[k]), v, x, y, reach)
			}
		}
		fx, fy = fx+dx, fy+dy
	}
}

// ink returns the grey level of a glass of the level ground under skin of height
// v.
func (in *inking) ink(ground, v, x, y int, reach uint8) uint8 {
	s := in.f.skin
	still := int(s.grain[y&(tile-1)*tile+x&(tile-1)])
	fresh := int(s.grain[(y+in.grainAt[1])&(tile-1)*tile+(x+in.grainAt[0])&(tile-1)])
	knot := int(s.knots[(y+in.knotsAt[1])&(tile-1)*tile+(x+in.knotsAt[0])&(tile-1)])
	cloud := int(s.cloud[(y+in.cloudAt[1])&(cloudSize-1)*cloudSize+(x+in.cloudAt[0])&(cloudSize-1)])
	lasting := int(s.cloud[(y+160)&(cloudSize-1)*cloudSize+x])
	uneven := in.grain*(still+fresh) + in.knots*knot + in.own*cloud + in.lasting*lasting
	if over := cloud - 25; over > 0 {
		uneven += in.smudge * over
	}
	v = v*in.relief>>8 + int(in.lift[reach]) + uneven>>8
	depth := max(0, min(256, in.depth+(in.shade*cloud+in.speck*fresh)>>7))
	ink := max(int(in.haze[reach]), int(in.tone[max(-512, min(511, v))+512]))
	return uint8(ground - (ground-dark)*ink*depth>>16)
}

// height interpolates the ridges between four pixels of the canvas.
func (s *skin) height(i, tx, ty int) int {
	r := s.ridge[i : i+Width+2]
	top := int(r[0])*(256-tx) + int(r[1])*tx
	bottom := int(r[Width])*(256-tx) + int(r[Width+1])*tx
	return (top*(256-ty) + bottom*ty) >> 16
}

// smear averages the ridges over the way the finger slid.
func (in *inking) smear(v, fx, fy int) int {
	const steps = 6
	for k := 1; k < steps; k++ {
		x := max(0, min((Width-2)<<16, fx-in.slide*k/(steps-1)))
		v += in.f.skin.height((fy>>16)*Width+x>>16, x>>8&255, fy>>8&255)
	}
	return v / steps
}
