package i18n

import _ "embed" // the fonts

// The fonts are Noto Sans, version 2.004 of the Debian package fonts-noto-core
// 20201225, unchanged; SIL Open Font License 1.1, see fonts/OFL.txt.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	regular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	bold []byte
)

// Regular is the font of text, as a TrueType file. It may not be changed.
func Regular() []byte { return regular }

// Bold is the font of headings, as a TrueType file. It may not be changed.
func Bold() []byte { return bold }
