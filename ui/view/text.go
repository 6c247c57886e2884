package view

import (
	"image/color"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"optag/ui/i18n"
)

// A style is how a text is drawn: size of letters and height of a line, in
// logical pixels.
type style struct {
	size, line float32
	bold       bool
}

// The type scale of the design.
var (
	styleScore   = style{56, 56, true}
	styleTitle   = style{28, 36, true}
	styleHeading = style{20, 28, true}
	styleLead    = style{20, 30, false}
	styleName    = style{22, 28, true}
	styleBody    = style{18, 26, false}
	styleStrong  = style{18, 26, true}
	styleSmall   = style{16, 22, false}
	styleSmallB  = style{16, 22, true}
	styleCap     = style{14, 22, true}
)

// lift raises the letters of the smaller sizes to the middle of their line: the
// font has more room above its letters than below.
func (s style) lift() float32 {
	if s.size < 15 || s.size > 22 {
		return 0
	}
	return 1.5
}

// scaled is the style at another size.
func (s style) scaled(k float32) style { return style{s.size * k, s.line * k, s.bold} }

// measure is the size of a text on one line.
func (b *board) measure(s string, st style) fyne.Size {
	key := textKey{s, st.size, st.bold}
	size, ok := b.widths[key]
	if !ok {
		if size, ok = b.before[key]; !ok {
			size = (&canvas.Text{Text: s, TextSize: st.size, FontSource: font(st.bold)}).MinSize()
		}
		b.widths[key] = size
	}
	return size
}

// forgetTexts lets go of the texts that are not drawn any more: names and numbers
// of applicants are among them.
func (b *board) forgetTexts() {
	clear(b.before)
	for _, o := range b.texts.all[b.texts.next:] {
		if o.Text != "" {
			o.Text = ""
			o.Refresh()
		}
	}
}

func (b *board) width(s string, st style) float32 { return b.measure(s, st).Width }

// text draws a line in a box of the style's line height whose left top corner is
// given, no wider than w, and returns its width. A text that does not fit is cut
// and ends in an ellipsis.
func (b *board) text(s string, x, y, w float32, st style, c color.NRGBA) float32 {
	if s == "" {
		return 0
	}
	s = b.cut(s, w, st)
	size := b.measure(s, st)
	o := b.texts.take(func() *canvas.Text { return &canvas.Text{} })
	f := font(st.bold)
	if o.Text != s || o.TextSize != st.size || o.FontSource != f || o.Color != color.Color(c) {
		o.Text, o.TextSize, o.FontSource, o.Color = s, st.size, f, c
		o.TextStyle = fyne.TextStyle{Bold: st.bold}
		o.Refresh()
	}
	place(o, x, y+(st.line-size.Height)/2-st.lift(), size.Width, size.Height)
	b.add(o)
	return size.Width
}

func (b *board) cut(s string, w float32, st style) string {
	if b.width(s, st) <= w+0.5 {
		return s
	}
	b.tooLong = append(b.tooLong, s)
	r := []rune(s)
	fit := sort.Search(len(r), func(n int) bool { return b.width(string(r[:n+1])+"…", st) > w })
	return string(r[:max(fit, 1)]) + "…"
}

// textRight draws a line that ends at x.
func (b *board) textRight(s string, x, y, w float32, st style, c color.NRGBA) float32 {
	width := min(b.width(s, st), w)
	b.text(s, x-width, y, w, st, c)
	return width
}

// textMid draws a line in the middle of a box of width w.
func (b *board) textMid(s string, x, y, w float32, st style, c color.NRGBA) {
	width := min(b.width(s, st), w)
	b.text(s, x+(w-width)/2, y, w, st, c)
}

// wrap breaks a text into lines no wider than w, between words.
func (b *board) wrap(s string, w float32, st style) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && b.width(next, st) > w {
			lines = append(lines, line)
			next = word
		}
		line = next
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// para draws a text over at most n lines and returns the height it took.
func (b *board) para(s string, x, y, w float32, n int, st style, c color.NRGBA) float32 {
	lines := b.wrap(s, w, st)
	if len(lines) > n {
		lines[n-1] = strings.Join(lines[n-1:], " ")
		lines = lines[:n]
	}
	for i, l := range lines {
		b.text(l, x, y+float32(i)*st.line, w, st, c)
	}
	return float32(len(lines)) * st.line
}

// spoken draws a line of the applicant's language in its own direction and
// returns its width. The anchor is -1 for x as the left end, 0 for the middle, 1
// for the right end.
func (b *board) spoken(s string, x, y, w float32, anchor int, rtl bool, st style, c color.NRGBA) float32 {
	if !rtl {
		switch anchor {
		case 0:
			b.textMid(s, x-w/2, y, w, st, c)
		case 1:
			b.textRight(s, x, y, w, st, c)
		default:
			b.text(s, x, y, w, st, c)
		}
		return min(b.width(s, st), w)
	}
	pieces := i18n.Visual(s, true)
	total := float32(0)
	for _, p := range pieces {
		total += b.width(p, st)
	}
	left := x
	switch anchor {
	case 0:
		left = x - total/2
	case 1:
		left = x - total
	}
	for _, p := range pieces {
		left += b.text(p, left, y, w, st, c)
	}
	return total
}

// runs draws pieces of two weights over several lines and returns the height.
func (b *board) runs(pieces []piece, x, y, w float32, st style, c color.NRGBA) float32 {
	left, top := x, y
	space := b.width("n n", st) - b.width("nn", st)
	gap := false
	for _, p := range pieces {
		ws := style{st.size, st.line, p.bold}
		words := strings.Fields(p.text)
		for i, word := range words {
			lead := space
			if left == x || i == 0 && !gap && !strings.HasPrefix(p.text, " ") {
				lead = 0
			}
			width := b.width(word, ws)
			if left+lead+width > x+w && left > x {
				left, top, lead = x, top+st.line, 0
			}
			left += lead + b.text(word, left+lead, top, w, ws, c)
		}
		gap = strings.HasSuffix(p.text, " ")
	}
	return top + st.line - y
}

type piece struct {
	text string
	bold bool
}

// beginsWith reports whether a word or number of the text begins with r.
func beginsWith(text string, r rune) bool {
	for _, word := range strings.Fields(text) {
		first, _ := utf8.DecodeRuneInString(word)
		if unicode.ToLower(first) == unicode.ToLower(r) {
			return true
		}
	}
	return false
}
