package view

import (
	"image/color"

	"optag/ui/present"
)

// tokens are the colours by their use, as the design names them.
type tokens struct {
	paper, surface        color.NRGBA // rail, status bar and applicant's ground; work area
	ink, ink2             color.NRGBA // text; second line of text
	edge, line            color.NRGBA // borders of controls; dividers
	primary, onPrimary    color.NRGBA
	tint, sky             color.NRGBA // chosen option; glass and fingers to come
	good, goodTint        color.NRGBA
	advice, adviceTint    color.NRGBA
	stop, stopTint        color.NRGBA
	head, onHead, onHead2 color.NRGBA // case header
	focus                 color.NRGBA // focus ring and nothing else
	plate                 color.NRGBA // under pictograms that keep their own colours
	high                  bool
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// Colours that are the same in both sets: the ground a print is shown on and
// the frame drawn over it.
var (
	printGround = rgb(0xEFEFEF)
	printFrame  = rgb(0x0B4A6F)
	white       = rgb(0xFFFFFF)
	black       = rgb(0x000000)
	darkChip    = rgb(0x14212B)
)

func tokensFor(look present.Look) tokens {
	if look.HighContrast {
		return highContrast()
	}
	return light()
}

func light() tokens {
	return tokens{
		paper: rgb(0xF3F5F6), surface: white, ink: rgb(0x14212B), ink2: rgb(0x44535F),
		edge: rgb(0x6B7A86), line: rgb(0xD3DADF), primary: rgb(0x0B4A6F), onPrimary: white,
		tint: rgb(0xE3EEF4), sky: rgb(0xCFE3EF), good: rgb(0x1B6B3A), goodTint: rgb(0xE4F2E9),
		advice: rgb(0x8A4B00), adviceTint: rgb(0xFDF1DC), stop: rgb(0x9E1F1B), stopTint: rgb(0xFBE9E7),
		head: rgb(0x14212B), onHead: white, onHead2: rgb(0xB9C7D1), focus: rgb(0x7B1FA2),
	}
}

func highContrast() tokens {
	return tokens{
		paper: black, surface: black, ink: white, ink2: white,
		edge: white, line: rgb(0x8C8C8C), primary: rgb(0xFFD60A), onPrimary: black,
		tint: rgb(0x1F1F1F), sky: rgb(0x595959), good: rgb(0x6EE7A0), goodTint: black,
		advice: rgb(0xFFB84D), adviceTint: black, stop: rgb(0xFF9B94), stopTint: black,
		head: black, onHead: white, onHead2: white, focus: rgb(0x4DD8FF), plate: white, high: true,
	}
}

// tone gives the colour of a tone's mark and border, and its ground.
func (t tokens) tone(tone present.Tone) (mark, ground color.NRGBA) {
	switch tone {
	case present.Good:
		return t.good, t.goodTint
	case present.Warn, present.Again:
		return t.advice, t.adviceTint
	case present.Halt:
		return t.stop, t.stopTint
	case present.Inform:
		return t.primary, t.tint
	}
	return t.ink2, t.paper
}

// toneMark is the icon that carries a tone without colour.
func toneMark(tone present.Tone) string {
	switch tone {
	case present.Good:
		return "check"
	case present.Warn:
		return "warn"
	case present.Halt:
		return "stop"
	case present.Inform:
		return "info"
	case present.Wait:
		return "wait"
	case present.Again:
		return "retry"
	}
	return ""
}
