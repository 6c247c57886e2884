package i18n

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	_ "embed" // the provisions
)

//go:embed sources.json
var sourcesFile []byte

// sources are the provisions by the law's short citation, in each language.
var sources = sync.OnceValue(func() map[string]map[string]string {
	var all map[string]map[string]string
	if err := json.Unmarshal(sourcesFile, &all); err != nil {
		panic("i18n: internal error: sources.json: " + err.Error())
	}
	return all
})

// Ground returns one ground of the law's answer in the language, and the
// provisions it comes from as staff quote them: "Udlændingelovens § 47 b,
// stk. 1 · lovforslag L 167, 6.2". code names the ground; english and source
// are the law's own sentence and its short citations, parted by "; ". What has
// no text in the language comes back as it was given.
func (l Localizer) Ground(code, english, source string) (text, from string) {
	if text = english; l.Has("ground." + code) {
		text = l.Text("ground." + code)
	}
	return text, l.Source(source)
}

// Source returns short citations, parted by "; ", as staff quote them, each once.
func (l Localizer) Source(source string) string {
	var pieces []string
	for p := range strings.SplitSeq(source, "; ") {
		if text, ok := sources()[p][l.lang]; ok {
			p = text
		}
		if !slices.Contains(pieces, p) {
			pieces = append(pieces, p)
		}
	}
	return Capital(strings.Join(pieces, " · "))
}
