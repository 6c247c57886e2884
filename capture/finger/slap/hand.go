package slap

import (
	"math"
	"math/bits"

	"optag/capture/finger/internal/portable"
)

// The build of a hand: where the tips of the fingers of a right hand lie from
// that of the middle finger, to the right and downwards, how wide the prints
// are, both in mm, and how far the fingers lean to the right, in degrees. Thumb
// to little finger; rounded means of adult hands laid flat.
var handBuild = [5]struct{ x, y, width, lean float64 }{
	{-46, 62, 17.2, -30},
	{-18, 12, 14.2, -1.5},
	{0, 0, 14.4, 0},
	{17, 6, 13.7, 1.5},
	{36, 31, 11.9, 5},
}

// How far hands differ from that build, as standard deviations.
const (
	acrossSpread = 2.4  // mm
	alongSpread  = 3.4  // mm
	turnSpread   = 0.07 // radians, of the direction that was found
	sizeSpread   = 0.09 // of 1
	widthSpread  = 0.07 // of 1
	leanSpread   = 4.0  // degrees
)

// A seen finger is what of a segment speaks for its place in a hand.
type seen struct {
	x, y, width, lean float64 // mm and degrees, in the upright view
	cut               bool    // by the rim of the image: little is known of it
}

const maxFingers = 8

// A naming gives digits to segments.
type naming struct {
	hand   Hand
	chosen uint8 // the segments that are fingers of the hand, a bit each
	digits uint8 // their digits, a bit each
	misfit float64
}

// bestNaming finds how segments are named best as fingers of a hand, as many as
// can be. The thumb may be among them unasked.
func bestNaming(all []seen, h Hand, digits uint8) naming {
	k := min(len(all), bits.OnesCount8(digits))
	best := naming{hand: h, misfit: math.Inf(1)}
	for chosen := range uint8(1<<len(all) - 1) {
		chosen++
		if bits.OnesCount8(chosen) != k {
			continue
		}
		for d := digits | 1; d > 0; d = (d - 1) & (digits | 1) {
			if bits.OnesCount8(d) != k {
				continue
			}
			m := misfit(all, h, chosen, d)
			if d&^digits != 0 {
				m += strangeThumb
			}
			if m < best.misfit {
				best.chosen, best.digits, best.misfit = chosen, d, m
			}
		}
	}
	return best
}

// digit returns the i-th digit from the left of a set of digits.
func digit(h Hand, digits uint8, i int) int {
	if h == Left {
		i = bits.OnesCount8(digits) - 1 - i
	}
	for ; i > 0; i-- {
		digits &= digits - 1
	}
	return bits.TrailingZeros8(digits)
}

// misfit says how unlike a hand the segments are, as twice a negative logarithm
// of likelihood: the hand is laid over them with the turn and size that fit
// best.
func misfit(all []seen, h Hand, chosen, digits uint8) float64 {
	var got, want [maxFingers]seen
	n := 0
	for i := range all {
		if chosen>>i&1 == 0 {
			continue
		}
		b := handBuild[digit(h, digits, n)]
		got[n], want[n] = all[i], seen{b.x, b.y, b.width, b.lean, false}
		if h == Left {
			want[n].x, want[n].lean = -b.x, -b.lean
		}
		n++
	}
	g, w := got[:n], want[:n]
	size := less(g) / less(w)
	a, b := lay(g, w, size)
	sum := squared((a-size)/sizeSpread) + squared(b/turnSpread) + squared((min(1, size)-size)/sizeSpread)
	for i := range g {
		place := squared((g[i].x-float64(a*w[i].x)+float64(b*w[i].y))/acrossSpread) +
			squared((g[i].y-float64(b*w[i].x)-float64(a*w[i].y))/alongSpread)
		if g[i].cut {
			sum += float64(place / 4)
			continue
		}
		sum += place + squared((g[i].width/float64(size*w[i].width)-1)/widthSpread) +
			squared((g[i].lean-w[i].lean)/leanSpread)
	}
	return sum
}

func squared(v float64) float64 { return float64(v * v) }

// less moves places and leans to their mean, and returns the mean width.
func less(f []seen) (width float64) {
	var mean seen
	for _, s := range f {
		mean.x, mean.y, mean.lean = mean.x+s.x, mean.y+s.y, mean.lean+s.lean
		mean.width += s.width
	}
	n := float64(len(f))
	for i := range f {
		f[i].x, f[i].y, f[i].lean = f[i].x-mean.x/n, f[i].y-mean.y/n, f[i].lean-mean.lean/n
	}
	return max(1, mean.width/n)
}

// lay finds the size a and the turn b, to the right, that bring the wanted
// places nearest to those got, starting from a size and no turn.
func lay(got, want []seen, size float64) (a, b float64) {
	wx, wy := 1/squared(acrossSpread), 1/squared(alongSpread)
	aa, bb := 1/squared(sizeSpread), 1/squared(turnSpread)
	ga, gb, ab := float64(aa*size), 0.0, 0.0
	for i := range got {
		g, w := got[i], want[i]
		aa += float64(wx*squared(w.x)) + float64(wy*squared(w.y))
		bb += float64(wx*squared(w.y)) + float64(wy*squared(w.x))
		ab += float64((wy - wx) * float64(w.x*w.y))
		ga += float64(wx*float64(g.x*w.x)) + float64(wy*float64(g.y*w.y))
		gb += float64(wy*float64(g.y*w.x)) - float64(wx*float64(g.x*w.y))
	}
	det := float64(aa*bb) - float64(ab*ab)
	return (float64(ga*bb) - float64(gb*ab)) / det, (float64(gb*aa) - float64(ga*ab)) / det
}

// strangeThumb is what a thumb laid down instead of a finger must fit better.
const strangeThumb = 10.0

// strangeHand is what the other hand than that expected must fit better.
const strangeHand = 4.0

// judgeHand decides between a hand as expected and its mirror image.
func judgeHand(all []seen, expected Set) (naming, float64) {
	h, digits := expected.hand(), expected.digits()
	own, other := bestNaming(all, h, digits), bestNaming(all, h.Other(), digits)
	gap := other.misfit + strangeHand - own.misfit
	if gap < 0 {
		own, gap = other, -gap
	}
	whole := 0.0
	for _, s := range all {
		if !s.cut {
			whole++
		}
	}
	whole /= float64(len(all))
	// A likelihood ratio, made cautious: hands differ in more ways than measured.
	return own, 1 - 2/(1+portable.Exp(min(40, float64(gap*squared(whole))/3)))
}
