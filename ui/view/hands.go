package view

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"optag/ui/present"
)

// fingers are the fingers of a hand from the thumb, as the pictures name them.
func fingers() []string { return []string{"thumb", "index", "middle", "ring", "little"} }

// handPicture draws one hand with its fingers in their states. The picture's
// own paths are coloured by their id before it is parsed; each combination of
// states is made once.
func (a *atlas) handPicture(side string, h present.Hands, t tokens) fyne.Resource {
	view := "back"
	if h.Palm {
		view = "palm"
	}
	key := "hand-" + side + "-" + view + fmt.Sprintf("@%v", t.high)
	for _, f := range fingers() {
		key += "," + string(h.Fingers[side+"_"+f].State)
	}
	return a.make(key, func() string { return handSVG(a.hand(side, view), side, h, t) })
}

// A capsule is a finger's shape: the two ends of its base and of its tip.
type capsule struct{ baseA, tipA, tipB, baseB point }

func (c capsule) tip() point  { return mid(c.tipA, c.tipB) }
func (c capsule) base() point { return mid(c.baseA, c.baseB) }

// holds reports whether a point lies in the finger.
func (c capsule) holds(p point) bool {
	a, b := c.base(), c.tip()
	dx, dy := b.x-a.x, b.y-a.y
	t := ((p.x-a.x)*dx + (p.y-a.y)*dy) / (dx*dx + dy*dy)
	if t < 0.02 {
		return false
	}
	t = math.Min(t, 1)
	r := math.Hypot(c.tipB.x-c.tipA.x, c.tipB.y-c.tipA.y)/2 + 3
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy) <= r
}

func mid(a, b point) point { return point{(a.x + b.x) / 2, (a.y + b.y) / 2} }

func along(a, b point, t float64) point { return point{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t} }

// handLines are the lines of a hand's picture, and where in them each finger is.
type handLines struct {
	lines    []string
	capsules map[string]capsule
}

func readHand(side, view string) handLines {
	h := handLines{lines: strings.Split(strings.TrimSpace(svg("hand-"+side+"-"+view)), "\n"), capsules: map[string]capsule{}}
	for _, l := range h.lines {
		for _, f := range fingers() {
			if strings.Contains(l, `id="`+side+"-"+f+`"`) {
				h.capsules[f] = readCapsule(l)
			}
		}
	}
	return h
}

// readCapsule reads "M a L b A r r x f s c L d A…Z".
func readCapsule(line string) capsule {
	n := numbers(attribute(line, "d"))
	if len(n) < 13 {
		return capsule{}
	}
	return capsule{point{n[0], n[1]}, point{n[2], n[3]}, point{n[9], n[10]}, point{n[11], n[12]}}
}

func attribute(line, name string) string {
	_, rest, ok := strings.Cut(line, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func numbers(d string) []float64 {
	var out []float64
	for _, f := range strings.FieldsFunc(d, func(r rune) bool { return !strings.ContainsRune("0123456789.-", r) }) {
		if v, err := strconv.ParseFloat(f, 64); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// handSVG colours a hand. The picture's order is: the palm's outline, each
// finger's outline, the fingers by id, the palm by id, and the details.
func handSVG(hand handLines, side string, h present.Hands, t tokens) string {
	outline, flesh := t.ink, t.surface
	var out []string
	for i, l := range hand.lines {
		f, part := hand.part(side, i, l)
		state := h.Fingers[side+"_"+f].State
		switch {
		case part == "outline" && state == present.FingerMissing:
			continue
		case part == "detail" && hidesDetail(state):
			continue
		case part == "fill" && state == present.FingerMissing:
			out = append(out, stub(hand.capsules[f], t)...)
			continue
		case part == "fill":
			out = append(out, recolour(l, fingerFill(state, t), fingerFill(state, t)))
			if state == present.FingerNotNow {
				out = append(out, bands(hand.capsules[f], t.ink)...)
			}
			continue
		case part == "detail" && state == present.FingerAsked:
			out = append(out, recolour(l, t.onPrimary, t.onPrimary))
			continue
		}
		out = append(out, recolour(l, outline, flesh))
	}
	return strings.Join(out, "\n")
}

// hidesDetail reports whether nail, ridges and lines of a finger are not drawn.
func hidesDetail(s present.FingerState) bool {
	return s == present.FingerMissing || s == present.FingerNever || s == present.FingerNotNow
}

// part says what a line of the picture draws: the outline, fill or a detail of
// a finger, or something else.
func (h handLines) part(side string, i int, line string) (finger, part string) {
	for k, f := range fingers() {
		if strings.Contains(line, `id="`+side+"-"+f+`"`) {
			return f, "fill"
		}
		if i == 3+2*k || i == 4+2*k {
			return f, "outline"
		}
	}
	if i < 19 || !strings.HasPrefix(line, "<path") || strings.Contains(line, "id=") {
		return "", ""
	}
	n := numbers(attribute(line, "d"))
	if len(n) < 2 {
		return "", ""
	}
	for _, f := range fingers() {
		if h.capsules[f].holds(point{n[0], n[1]}) {
			return f, "detail"
		}
	}
	return "", ""
}

func recolour(line string, ink, flesh color.NRGBA) string {
	return strings.NewReplacer(`"#14212B"`, `"`+hex(ink)+`"`, `"#FFFFFF"`, `"`+hex(flesh)+`"`, `"#fff"`, `"`+hex(flesh)+`"`).Replace(line)
}

func fingerFill(s present.FingerState, t tokens) color.NRGBA {
	switch s {
	case present.FingerAsked:
		return t.primary
	case present.FingerToCome, present.FingerInstead:
		return t.sky
	case present.FingerTaken:
		if t.high {
			return t.tint
		}
		return t.goodTint
	case present.FingerNever:
		return t.ink2
	}
	return t.surface
}

// bands are four bands across a finger that is bandaged.
func bands(c capsule, ink color.NRGBA) []string {
	var out []string
	for i := range 4 {
		at := 0.24 + 0.16*float64(i)
		a, b := along(c.baseA, c.tipA, at), along(c.baseB, c.tipB, at+0.13)
		out = append(out, quad(a, b, 5, ink))
	}
	return out
}

// stub is what is left of a missing finger, and its dashed outline.
func stub(c capsule, t tokens) []string {
	var out []string
	for _, side := range [][2]point{{c.baseA, c.tipA}, {c.baseB, c.tipB}} {
		for at := 0.18; at < 1; at += 0.2 {
			out = append(out, quad(along(side[0], side[1], at), along(side[0], side[1], at+0.11), 3.4, t.edge))
		}
	}
	r := math.Hypot(c.baseA.x-c.baseB.x, c.baseA.y-c.baseB.y) / 2
	end := along(c.base(), c.tip(), 0.2)
	return append(out, disc(end, r+4, t.ink), quad(c.base(), end, 2*r+8, t.ink), disc(end, r-2, t.surface), quad(c.base(), end, 2*r-4, t.surface))
}

func quad(a, b point, width float64, c color.NRGBA) string {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	nx, ny := -(b.y-a.y)/length*width/2, (b.x-a.x)/length*width/2
	return fmt.Sprintf(`<path d="M%.2f %.2fL%.2f %.2fL%.2f %.2fL%.2f %.2fZ" fill="%s"/>`,
		a.x+nx, a.y+ny, b.x+nx, b.y+ny, b.x-nx, b.y-ny, a.x-nx, a.y-ny, hex(c))
}

func disc(p point, r float64, c color.NRGBA) string {
	return fmt.Sprintf(`<path d="M%.2f %.2fA%.2f %.2f 0 0 1 %.2f %.2fA%.2f %.2f 0 0 1 %.2f %.2fZ" fill="%s"/>`,
		p.x-r, p.y, r, r, p.x+r, p.y, r, r, p.x-r, p.y, hex(c))
}

// hand reads the picture of a hand, once.
func (a *atlas) hand(side, view string) handLines {
	h, ok := a.hands[side+view]
	if !ok {
		h = readHand(side, view)
		a.hands[side+view] = h
	}
	return h
}

// tipOf is where a finger's badge stands, in a picture of a size at x, y.
func (a *atlas) tipOf(side, finger string, palm bool, x, y, size float32) (cx, cy float32) {
	view := "back"
	if palm {
		view = "palm"
	}
	p := a.hand(side, view).capsules[finger].tip()
	return x + float32(p.x)*size/240, y + float32(p.y)*size/240
}

// badge draws the mark of a finger's state.
func (o *Operator) badge(f present.Finger, cx, cy, r float32) {
	b, t := o.b, o.b.tok
	icon, ground := badgeMark(f.State, t)
	switch f.State {
	case present.FingerFree:
		return
	case present.FingerAsked, present.FingerToCome:
		if f.Number == 0 {
			return
		}
		ink := t.onPrimary
		if f.State == present.FingerAsked {
			b.ring(cx, cy, r, 2, t.primary, t.surface)
		} else {
			b.ring(cx, cy, r, 2, t.surface, t.ink)
			ink = t.ink
		}
		st := style{16 * r / 14, 22, true}
		b.textMid(strconv.Itoa(f.Number), cx-r, cy-11, 2*r, st, ink)
		return
	}
	b.ring(cx, cy, r+3, 3, ground, t.surface)
	b.icon(icon, cx-r*0.68, cy-r*0.68, r*1.36, t.surface)
}

func badgeMark(s present.FingerState, t tokens) (icon string, ground color.NRGBA) {
	switch s {
	case present.FingerTaken:
		return "check", t.good
	case present.FingerInstead:
		return "down", t.primary
	case present.FingerNotNow:
		return "bandage", t.advice
	case present.FingerMissing:
		return "cross", t.ink
	case present.FingerNever:
		return "slash", t.ink
	case present.FingerTooLow:
		return "minus", t.ink
	}
	return "", t.ink
}

// drawSmallHands draws both hands beside each other, 128 each.
func (o *Operator) drawSmallHands(h present.Hands, x, y float32) {
	b, t := o.b, o.b.tok
	for i, side := range sides(h.Palm) {
		hx := x + 128*float32(i)
		b.image(b.atlas.handPicture(side, h, t), hx, y, 128, 128)
		for _, f := range fingers() {
			cx, cy := b.atlas.tipOf(side, f, h.Palm, hx, y, 128)
			o.badge(h.Fingers[side+"_"+f], cx, cy, 13)
		}
		label := h.Left
		if side == "right" {
			label = h.Right
		}
		st := styleSmall
		st.bold = h.Active == side
		b.textMid(label, hx, y+128, 128, st, t.ink)
	}
}

// slapPicture draws the hands from the back, with the fingers filled that are to
// be laid down: one hand, or both beside each other.
func (b *board) slapPicture(names []string, x, y, size float32, t tokens) {
	h := present.Hands{Fingers: map[string]present.Finger{}}
	var hands []string
	for _, side := range sides(false) {
		for _, name := range names {
			if strings.HasPrefix(name, side+"_") {
				h.Fingers[name] = present.Finger{State: present.FingerAsked}
				if !slices.Contains(hands, side) {
					hands = append(hands, side)
				}
			}
		}
	}
	each := size
	if len(hands) > 1 {
		each = size * 0.7 // wider than the square, as the pictures leave room at their sides
	}
	left := x + (size-each*float32(len(hands)))/2
	for i, side := range hands {
		hx := left + each*float32(i)
		if t.high {
			b.fill(hx, y+(size-each)/2, each, each, each/10, t.plate)
		}
		b.image(b.atlas.handPicture(side, h, t), hx, y+(size-each)/2, each, each)
	}
}

// sides is the order of the hands on the screen: seen from the back the left
// hand stands left, seen from the palm the right one.
func sides(palm bool) []string {
	if palm {
		return []string{"right", "left"}
	}
	return []string{"left", "right"}
}

// drawLegend explains the badges, in the middle of the hands' width.
func (o *Operator) drawLegend(list []present.Legend, x, y float32) {
	b, t := o.b, o.b.tok
	total := float32(0)
	for _, l := range list {
		total += 33 + b.width(l.Text, styleSmall) + 28
	}
	lx := x + (648-total+28)/2
	for _, l := range list {
		icon, ground := badgeMark(l.State, t)
		b.disc(lx+12, y+12, 12, ground)
		b.icon(icon, lx+4, y+4, 16, t.surface)
		lx += 33 + b.text(l.Text, lx+33, y+1, 300, styleSmall, t.ink) + 28
	}
}
