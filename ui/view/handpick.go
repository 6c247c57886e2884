package view

import (
	"strings"

	"optag/ui/present"
)

// The large hands of the exceptions page.
const (
	handsTop  = 172
	handsSize = 330
)

// drawLargeHands draws both palms, each finger a target.
func (o *Operator) drawLargeHands(h present.Hands, dx float32) {
	b, t := o.b, o.b.tok
	for i, side := range sides(true) {
		x := 250 + 322*float32(i) + dx
		label := h.Left
		if side == "right" {
			label = h.Right
		}
		b.textMid(label, left+324*float32(i)+dx, 148, 324, styleStrong, t.ink)
		b.image(b.atlas.handPicture(side, h, t), x, handsTop, handsSize, handsSize)
		o.palmTarget(h, side, x)
		for _, f := range fingers() {
			o.fingerTarget(h, side, f, x)
		}
	}
}

func (o *Operator) pick(position string) func() {
	return o.press(present.Action{ID: present.DoPick, Arg: position})
}

func (o *Operator) palmTarget(h present.Hands, side string, x float32) {
	position := side + "_palm"
	px := x + handsSize*0.36
	if side == "left" {
		px = x + handsSize*0.30
	}
	r := rect{px, handsTop + handsSize*0.6, handsSize * 0.34, handsSize * 0.34}
	o.handTarget(h, position, r, 12)
}

func (o *Operator) fingerTarget(h present.Hands, side, finger string, x float32) {
	position := side + "_" + finger
	cx, cy := o.b.atlas.tipOf(side, finger, true, x, handsTop, handsSize)
	o.badge(h.Fingers[position], cx, cy, 17)
	o.handTarget(h, position, rect{cx - 27, cy - 27, 54, 54}, 27)
}

// handTarget places the target of a finger or palm. The one picked has the
// focus of both hands: arrows, R, L, P and 1 to 5 move it.
func (o *Operator) handTarget(h present.Hands, position string, r rect, radius float32) {
	label := h.Fingers[position].Label
	current := h.Current
	if current == "" {
		current = "right_index"
	}
	if position != current {
		o.b.tapArea("finger:"+position, label, r.x, r.y, r.w, r.h, o.pick(position))
		return
	}
	t := o.b.target("hands", label, r.x, r.y, r.w, r.h, radius, o, o.pick(position))
	t.arrows = func(dx, dy int) { o.pickNext(current, dx+dy) }
	t.runes = func(r rune) bool { return o.pickByKey(current, r) }
}

// handOrder is the order of fingers and palms on the screen, from the left.
func handOrder() []string {
	return []string{
		"right_little", "right_ring", "right_middle", "right_index", "right_thumb", "right_palm",
		"left_palm", "left_thumb", "left_index", "left_middle", "left_ring", "left_little",
	}
}

func (o *Operator) pickNext(current string, by int) {
	order := handOrder()
	for i, p := range order {
		if next := i + by; p == current && next >= 0 && next < len(order) {
			o.pick(order[next])()
			return
		}
	}
}

// pickByKey chooses the hand with R or L, the finger with 1 to 5 from the
// thumb, and the palm with P.
func (o *Operator) pickByKey(current string, r rune) bool {
	side, finger, _ := strings.Cut(current, "_")
	switch r {
	case 'r', 'R':
		side = "right"
	case 'l', 'L':
		side = "left"
	case 'p', 'P':
		finger = "palm"
	case '1', '2', '3', '4', '5':
		finger = fingers()[r-'1']
	default:
		return false
	}
	o.pick(side + "_" + finger)()
	return true
}
