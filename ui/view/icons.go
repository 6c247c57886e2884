package view

import (
	"embed"
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
)

// The icons are drawn for this project; strokes are already filled paths.
//
//go:embed icons/*.svg icons/ui/*.svg
var iconFiles embed.FS

// An atlas reads icons and colours them, each once.
type atlas struct {
	made  map[string]fyne.Resource
	hands map[string]handLines // by side and view
}

func newAtlas() *atlas {
	return &atlas{made: map[string]fyne.Resource{}, hands: map[string]handLines{}}
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// svg is the text of an icon; "" where there is none of that name.
func svg(name string) string {
	text, err := iconFiles.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return ""
	}
	return string(text)
}

// small returns one of the 96x96 icons in one colour.
func (a *atlas) small(name string, c color.NRGBA) fyne.Resource {
	return a.make("ui/"+name+"@"+hex(c), func() string {
		text := svg("ui/" + name)
		return strings.NewReplacer("#14212B", hex(c), "#14212b", hex(c)).Replace(text)
	})
}

// picture returns one of the 240x240 pictograms. Where a hand is placed on the
// glass it is turned to the colours of high contrast; the others keep theirs
// and stand on a white plate.
func (a *atlas) picture(name string, t tokens) fyne.Resource {
	return a.make(fmt.Sprintf("%s@%v", name, t.high), func() string {
		text := svg(name)
		if t.high && onGround(name) {
			text = placedInHighContrast(text)
		}
		return text
	})
}

// onGround reports whether a pictogram is drawn on the screen's own ground in
// high contrast.
func onGround(name string) bool { return strings.HasPrefix(name, "place-") }

// placedInHighContrast colours a hand on the glass: white outline, black hand,
// yellow finger, dark scanner, black glass with a yellow edge.
func placedInHighContrast(text string) string {
	lines := strings.Split(text, "\n")
	glass := false
	for i, l := range lines {
		switch {
		case i+1 < len(lines) && strings.Contains(lines[i+1], `fill="#CFE3EF"`): // the rim round the glass
			lines[i] = strings.Replace(l, "#14212B", "#000000", 1)
		case strings.Contains(l, `fill="#CFE3EF"`):
			lines[i], glass = strings.Replace(l, "#CFE3EF", "#000000", 1), true
		case glass: // the glass's white edge follows the glass
			lines[i], glass = strings.NewReplacer("#FFFFFF", "#FFD60A", "#fff", "#FFD60A").Replace(l), false
		default:
			lines[i] = strings.NewReplacer("#14212B", "#FFFFFF", "#0B4A6F", "#FFD60A", "#FFFFFF", "#000000",
				"#fff", "#000000", "#44535F", "#1F1F1F").Replace(l)
		}
	}
	return strings.Join(lines, "\n")
}

func (a *atlas) make(name string, text func() string) fyne.Resource {
	if r, ok := a.made[name]; ok {
		return r
	}
	t := text()
	var r fyne.Resource
	if t != "" {
		r = fyne.NewStaticResource(name+".svg", []byte(t))
	}
	a.made[name] = r
	return r
}
