package view

import (
	"image"
	"image/color"
	"testing"

	"optag/ui/flow"
	"optag/ui/present"
	"optag/ui/present/journey"
)

// TestPrintsOfACardAreDrawn: pictures that can be wiped reach the screen, and leave
// it.
func TestPrintsOfACardAreDrawn(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 160, 200))
	for i := range g.Pix {
		g.Pix[i] = 0x40
	}
	print := flow.NewFace(g)
	s := newScreen(t, mockLogin(localizer(t, "da")), 1280, 800)
	at := func() uint8 { return color.GrayModel.Convert(s.canvas.Capture().At(300, 480)).(color.Gray).Y }
	journey.Walk("da", "da", func(stop string, st *flow.State) {
		if stop != "card, with its prints" {
			return
		}
		st.Card.Seen.Fingers[0].Picture = print
		s.Render(present.OperatorScreen(st, true))
		if got := at(); got != 0x40 {
			t.Errorf("where the print is to be it is %02x", got)
		}
	}) // at the end of which it is wiped
	if got := at(); got < 0xe0 {
		t.Errorf("where the print was it is %02x", got)
	}
}
