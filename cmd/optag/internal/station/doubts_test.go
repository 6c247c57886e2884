package station

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"optag/device/emrtd"
	"optag/ui/i18n"
)

// chipReasons are the constants of type Reason in package emrtd, by name.
func chipReasons(t *testing.T) map[string]emrtd.Reason {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../../device/emrtd/emrtd.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]emrtd.Reason{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "Reason" {
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all[v.Names[0].Name] = emrtd.Reason(text)
		}
		return true
	})
	return all
}

// Whatever a chip is doubted for, the screens have words for it, each their own.
func TestEveryReasonHasAWord(t *testing.T) {
	all, codes := chipReasons(t), map[string]string{}
	if len(all) != len(doubts()) {
		t.Errorf("package emrtd has %d reasons, the counter codes for %d", len(all), len(doubts()))
	}
	for name, reason := range all {
		code := doubts()[reason]
		if other := codes[code]; code == "" || other != "" {
			t.Errorf("%s has code %q, and so has %q", name, code, other)
		}
		codes[code] = name
		for _, lang := range i18n.Languages() {
			l, err := i18n.For(lang)
			if err != nil {
				t.Fatal(err)
			}
			if !l.Has("why." + code) {
				t.Errorf("%s has no word for %s (why.%s)", lang, name, code)
			}
		}
	}
}
