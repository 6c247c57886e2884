package record

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the tables in docs/records anew; commit them only when understood")

// table is a profile as its page in docs/records shows it.
func table(fields []Field) string {
	var b strings.Builder
	b.WriteString("| field | name | comes from | when | source |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range fields {
		var from []string
		for path := range strings.FieldsSeq(f.From) {
			if path != "fixed" {
				path = "`" + path + "`"
			}
			from = append(from, path)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.At, f.Name, strings.Join(from, ", "), f.Need, f.Source)
	}
	return b.String()
}

// tables are the texts that stand in the pages, by the name of their place.
func tables(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range Profiles() {
		blocks := map[string][]Field{}
		for _, f := range p.Fields {
			blocks[f.Block] = append(blocks[f.Block], f)
		}
		for block, fields := range blocks {
			all[p.Name+" "+block] = table(fields)
		}
	}
	travel, err := os.ReadFile("../rule/testdata/travel.txt")
	if err != nil {
		t.Fatal(err)
	}
	all["travel"] = "```text\n" + string(travel) + "```\n"
	return all
}

// TestDocs: the tables in docs/records are the profiles', and every profile has
// one.
func TestDocs(t *testing.T) {
	want, shown := tables(t), map[string]bool{}
	place := regexp.MustCompile(`(?s)<!-- (.+?) -->\n(.*?)<!-- end -->\n`)
	pages, err := filepath.Glob("../../docs/records/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		now := place.ReplaceAllStringFunc(string(text), func(all string) string {
			name := place.FindStringSubmatch(all)[1]
			shown[name] = true
			if want[name] == "" {
				t.Errorf("%s: there is no table %q", filepath.Base(page), name)
			}
			return "<!-- " + name + " -->\n" + want[name] + "<!-- end -->\n"
		})
		if *rewrite {
			if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if now != string(text) {
			t.Errorf("%s shows other tables than the program has", filepath.Base(page))
		}
	}
	texts := map[string]bool{} // one text stands for all tables that are the same
	for name := range shown {
		texts[want[name]] = true
	}
	for name, text := range want {
		if !texts[text] {
			t.Errorf("no page shows the table %q", name)
		}
	}
}
