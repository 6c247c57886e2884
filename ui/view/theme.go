package view

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"optag/ui/i18n"
	"optag/ui/present"
)

// NewTheme gives Fyne's own widgets, of which only the text entry is used, the
// colours, sizes and fonts of the design.
func NewTheme(look present.Look) fyne.Theme { return &themed{tokensFor(look)} }

type themed struct{ tokens }

var (
	fontRegular = fyne.NewStaticResource("NotoSans-Regular.ttf", i18n.Regular())
	fontBold    = fyne.NewStaticResource("NotoSans-Bold.ttf", i18n.Bold())
)

func font(bold bool) fyne.Resource {
	if bold {
		return fontBold
	}
	return fontRegular
}

// Font returns Noto Sans, whatever the style.
func (t *themed) Font(s fyne.TextStyle) fyne.Resource { return font(s.Bold) }

// Color returns the token for a use. Borders and grounds of entries are drawn
// around them, so that theirs are clear.
func (t *themed) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch name {
	case theme.ColorNameBackground, theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground:
		return t.surface
	case theme.ColorNameInputBackground, theme.ColorNameInputBorder, theme.ColorNameShadow:
		return color.Transparent
	case theme.ColorNameForeground, theme.ColorNamePrimary:
		return t.ink // primary is the entry's cursor
	case theme.ColorNamePlaceHolder, theme.ColorNameDisabled:
		return t.ink2
	case theme.ColorNameSelection, theme.ColorNameHover, theme.ColorNameFocus:
		return t.sky
	}
	return theme.DefaultTheme().Color(name, theme.VariantLight)
}

// Icon returns Fyne's own icons; the design's are drawn by the views.
func (t *themed) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size returns the sizes of the design for entries, and Fyne's for the rest.
func (t *themed) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 18
	case theme.SizeNameInnerPadding:
		return entryPad
	case theme.SizeNameInputBorder:
		return 0
	case theme.SizeNamePadding:
		return 4
	}
	return theme.DefaultTheme().Size(name)
}

// entryPad is the space round the text of an entry, so that a line of 18 px
// stands in the middle of a field of 56.
const entryPad = 15
