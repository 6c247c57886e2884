package house

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pages are README.md and everything in docs, by their paths from the top.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, glob := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		names, err := filepath.Glob(filepath.Join(root(t), glob))
		if err != nil || len(names) == 0 {
			t.Fatalf("no pages %s: %v", glob, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			path, _ := filepath.Rel(root(t), name)
			all[path] = string(text)
		}
	}
	return all
}

// TestLinks: a link of one page to another leads to a file, and to a heading of
// it where it names one.
func TestLinks(t *testing.T) {
	all := pages(t)
	link := regexp.MustCompile(`\]\(([^):\s]*)\)`) // with a colon it is an address elsewhere
	for page, text := range all {
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			file, heading, _ := strings.Cut(l[1], "#")
			to := filepath.Join(filepath.Dir(page), file)
			if file == "" {
				to = page
			}
			if _, err := os.Stat(filepath.Join(root(t), to)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, to)
			} else if heading != "" && !slices.Contains(headings(all[to]), heading) {
				t.Errorf("%s links to %s of %s, which has no such heading", page, heading, to)
			}
		}
	}
}

// headings are those of a page as links name them: in small letters, blanks as
// hyphens, without other signs.
func headings(text string) (all []string) {
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line {
			all = append(all, strings.Map(func(r rune) rune {
				switch {
				case r == ' ':
					return '-'
				case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
					return unicode.ToLower(r)
				}
				return -1
			}, strings.TrimSpace(title)))
		}
	}
	return all
}

// A program is what the source of one says of its command line.
type program struct {
	commands []string        // "keys init"; of one word or two
	flags    map[string]bool // of all of its commands
}

// programs are optag and optag-intake. Their flags are also those of the
// packages below cmd.
func programs(t *testing.T) map[string]program {
	t.Helper()
	command := regexp.MustCompile(`(?m)^\t\t\{"([a-z- ]+)", "`)
	option := regexp.MustCompile(`\.(?:String|Bool|Int|Uint|Float64|Duration|Func|BoolFunc|\w+Var)\((?:&[\w.]+, )?"([a-z-]+)"`)
	all := map[string]program{}
	for _, name := range []string{"optag", "optag-intake"} {
		p := program{commands: []string{"help"}, flags: map[string]bool{}}
		files, err := filepath.Glob(filepath.Join(root(t), "cmd", name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		below, err := filepath.Glob(filepath.Join(root(t), "cmd", "*", "*", "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range append(files, below...) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range option.FindAllStringSubmatch(string(src), -1) {
				p.flags[o[1]] = true
			}
			if filepath.Base(file) == "main.go" {
				for _, c := range command.FindAllStringSubmatch(string(src), -1) {
					p.commands = append(p.commands, c[1])
				}
			}
		}
		if len(p.commands) < 5 || len(p.flags) < 5 {
			t.Fatalf("%s has the commands %v and the flags %v", name, p.commands, slices.Sorted(maps.Keys(p.flags)))
		}
		all[name] = p
	}
	return all
}

// fault says what is wrong with a line that begins with the program's name; ""
// when nothing is. Before the command stand flags of the whole program.
func (p program) fault(line string) string {
	words := strings.Fields(line)
	var left []string
	for i := 1; i < len(words); i++ {
		name, isFlag := strings.CutPrefix(words[i], "--")
		name = strings.TrimRight(name, ",;.)")
		switch {
		case isFlag && !p.flags[name]:
			return "there is no flag --" + name
		case !isFlag:
			left = append(left, words[i])
		case len(left) == 0 && name != "json":
			i++ // its value
		}
	}
	if len(left) == 0 || strings.HasPrefix(left[0], "…") {
		return ""
	}
	if slices.Contains(p.commands, strings.Join(left[:min(2, len(left))], " ")) || slices.Contains(p.commands, left[0]) {
		return ""
	}
	return fmt.Sprintf("there is no command %q", left[0])
}

// TestCommandsInDocs: a command that a page shows is one of the program, with
// flags that it has.
func TestCommandsInDocs(t *testing.T) {
	known := programs(t)
	shown := regexp.MustCompile("(?m)(?:`|^ +(?:sudo (?:-u \\w+ )?)?)((optag|optag-intake) [^`\n]*)")
	remark := regexp.MustCompile(`   .*`) // what stands behind a command, some blanks off
	n := 0
	for page, text := range pages(t) {
		for _, m := range shown.FindAllStringSubmatch(text, -1) {
			line, _, _ := strings.Cut(remark.ReplaceAllString(m[1], ""), " > ")
			if fault := known[m[2]].fault(line); fault != "" {
				t.Errorf("%s shows %q: %s", page, line, fault)
			}
			n++
		}
	}
	if n < 50 {
		t.Errorf("the pages show %d commands only", n)
	}
}

// TestPathsInDocs: a folder or file of the house that a page names is there.
func TestPathsInDocs(t *testing.T) {
	span := regexp.MustCompile("`((?:capture|cmd|device|docs|queue|testdata|ui|\\.ci)/[\\w./-]+)`")
	home := []string{"queue/optag.db"} // in the station's home, not in the house
	for page, text := range pages(t) {
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root(t), m[1])); err != nil && !slices.Contains(home, m[1]) {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
}

// TestNamesInDocs: a variable of the environment, a test or a target of the
// Makefile that a page names is in the source.
func TestNamesInDocs(t *testing.T) {
	var src strings.Builder
	err := filepath.WalkDir(root(t), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" && filepath.Base(path) != "Makefile" {
			return err
		}
		text, err := os.ReadFile(path)
		src.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []struct{ shown, source string }{
		{`\b(OPTAG_[A-Z0-9_]+)`, `"%s"`},
		{"`((?:Fuzz|Benchmark|Test)[A-Z]\\w+)", "func %s"},
		{`-run (\w{6,})`, "%s"},
		{"(?m)(?:`|^    )make ([a-z]+)", "\n%s:"},
	} {
		for page, text := range pages(t) {
			for _, m := range regexp.MustCompile(name.shown).FindAllStringSubmatch(text, -1) {
				if !strings.Contains(src.String(), fmt.Sprintf(name.source, m[1])) {
					t.Errorf("%s names %s, which is nowhere", page, m[1])
				}
			}
		}
	}
}
