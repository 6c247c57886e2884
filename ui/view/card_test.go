package view

import (
	"strings"
	"testing"
)

// Every reason that a chip can be doubted for has room in its lamp.
func TestEveryReasonFitsItsLamp(t *testing.T) {
	b := newBoard()
	for _, lang := range []string{"da", "en"} {
		l, n := localizer(t, lang), 0
		for _, key := range l.Keys() {
			if strings.HasPrefix(key, "why.") || strings.HasPrefix(key, "lamp.") && strings.HasSuffix(key, "_ok") {
				if n++; b.width(l.Text(key), styleSmall) > lampRoom {
					t.Errorf("%s %s: %q does not fit", lang, key, l.Text(key))
				}
			}
		}
		if n < 20 {
			t.Errorf("%s has %d sentences for lamps", lang, n)
		}
	}
}
