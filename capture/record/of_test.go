package record

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"optag/capture"
	"optag/capture/rule"
)

// TestOf: a record enters the sets of its own purpose, whole.
func TestOf(t *testing.T) {
	whole := asylum(t)
	whole.close()
	parts := whole.all()
	part := func(name string) int {
		return slices.IndexFunc(parts, func(p capture.Part) bool { return p.Name == name })
	}
	for _, c := range []struct {
		name  string
		spoil func(r *capture.Record, parts *[]capture.Part)
		says  string
	}{
		{"whole", func(*capture.Record, *[]capture.Part) {}, ""},
		{"in another order", func(_ *capture.Record, ps *[]capture.Part) { slices.Reverse(*ps) }, ""},
		{"a print short", func(_ *capture.Record, ps *[]capture.Part) { *ps = (*ps)[:len(*ps)-1] }, "left_little.png is missing"},
		{"a print twice", func(_ *capture.Record, ps *[]capture.Part) { *ps = append(*ps, (*ps)[1]) }, "twice"},
		{"a print more", func(_ *capture.Record, ps *[]capture.Part) {
			*ps = append(*ps, capture.Part{Name: "left_ring.png", MediaType: "image/png", Data: (*ps)[1].Data})
		}, "surplus"},
		{"a portrait that nobody asked for", func(_ *capture.Record, ps *[]capture.Part) {
			*ps = append(*ps, capture.Part{Name: "portrait.jpg", MediaType: "image/jpeg", Data: grey(t)})
		}, "surplus"},
		{"without session.json", func(_ *capture.Record, ps *[]capture.Part) { *ps = (*ps)[1:] }, "session.json is missing"},
		{"session.json of another record", func(r *capture.Record, _ *[]capture.Part) { r.Officer = "4712" }, "session.json is of another record"},
		{"session.json that is none", func(_ *capture.Record, ps *[]capture.Part) { (*ps)[0].Data = []byte("{") }, "it is no session.json"},
		{"two fingers exchanged", func(_ *capture.Record, ps *[]capture.Part) {
			a, b := part("right_index.png"), part("right_middle.png")
			(*ps)[a].Data, (*ps)[b].Data = (*ps)[b].Data, (*ps)[a].Data
		}, "not the image that the record describes"},
		{"a print that is a text", func(_ *capture.Record, ps *[]capture.Part) { (*ps)[2].MediaType = "text/plain" }, "of another type"},
		{"a print cut short", func(_ *capture.Record, ps *[]capture.Part) { (*ps)[2].Data = (*ps)[2].Data[:99] }, "right_index"},
		{"a record that the law does not pass", func(r *capture.Record, _ *[]capture.Part) { r.Rights = nil }, "rights information missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, ps := whole.r, slices.Clone(parts)
			c.spoil(&r, &ps)
			_, err := Of[Eurodac](r, ps)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("Of = %v, want %q", err, c.says)
			}
		})
	}
}

// TestOfAnotherPurpose: no record enters the sets of a purpose that is not its
// own.
func TestOfAnotherPurpose(t *testing.T) {
	for _, purpose := range rule.Purposes() {
		m := begin(t, purpose, rule.Bases(purpose)[0])
		m.close()
		taken := map[string]error{}
		_, taken["card"] = Of[Card](m.r, nil)
		_, taken["eurodac"] = Of[Eurodac](m.r, nil)
		_, taken["register"] = Of[Register](m.r, nil)
		_, taken["visa"] = Of[Visa](m.r, nil)
		own := map[rule.Purpose]string{rule.ResidenceCard: "card", rule.Eurodac: "eurodac", rule.PoliceRegister: "register",
			rule.LongStayVisa: "visa", rule.VIS: "visa"}[purpose]
		for name, err := range taken {
			if errors.Is(err, ErrPurpose) != (name != own) {
				t.Errorf("%s as a set of %s: %v", purpose, name, err)
			}
		}
	}
}

// TestSetsDoNotMix asks the compiler: whoever tries to carry prints from one
// regime to another writes a program that does not compile.
func TestSetsDoNotMix(t *testing.T) {
	c := newCompiler(t)
	for _, k := range []struct {
		name string
		code string
		says string // of the compiler; "" where it compiles
	}{
		{"each set to its own writer",
			"var c Set[Card]; WriteCard(c, CardSettings{}); var e Set[Eurodac]; WriteEurodac(e, a, t); var r Set[Register]; WriteRegister(r, a, t); var v Set[Visa]; WriteVIS(v, a, t)", ""},
		{"a card's set to Eurodac", "var s Set[Card]; WriteEurodac(s, a, t)", "cannot use s"},
		{"a card's set to the register", "var s Set[Card]; WriteRegister(s, a, t)", "cannot use s"},
		{"a card's set to IDENT", "var s Set[Card]; WriteIDENT(s, a, t)", "cannot use s"},
		{"a card's set to VIS", "var s Set[Card]; WriteVIS(s, a, t)", "cannot use s"},
		{"Eurodac's set to the card producer", "var s Set[Eurodac]; WriteCard(s, CardSettings{})", "cannot use s"},
		{"Eurodac's set to IDENT", "var s Set[Eurodac]; WriteIDENT(s, a, t)", "cannot use s"},
		{"the register's set to the card producer", "var s Set[Register]; WriteCard(s, CardSettings{})", "cannot use s"},
		{"a visa's set to the card producer", "var s Set[Visa]; WriteCard(s, CardSettings{})", "cannot use s"},
		{"a card's set converted", "var s Set[Card]; _ = Set[Eurodac](s)", "cannot convert s"},
		{"the register's set converted", "var s Set[Register]; _ = Set[Card](s)", "cannot convert s"},
		{"a purpose of one's own", "type Anything struct{}; var s Set[Anything]; _ = s", "does not satisfy"},
		{"a set put together by hand", "_ = Set[Card]{taken{}}", "taken"},
	} {
		err := c.compile("package p\nimport . \"optag/capture/record\"\nvar a Agreement; var t Transmission\nfunc f() { " + k.code + " }")
		if (err == nil) != (k.says == "") || err != nil && !strings.Contains(err.Error(), k.says) {
			t.Errorf("%s: the compiler says %v, want %q", k.name, err, k.says)
		}
	}
}

// A compiler checks types against this package as it is built.
type compiler struct {
	fset *token.FileSet
	imp  types.Importer
}

func newCompiler(t *testing.T) compiler {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "optag/capture/record").Output()
	if err != nil {
		t.Skipf("no go command to list packages: %v", err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	fset := token.NewFileSet()
	return compiler{fset, importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
}

func (c compiler) compile(code string) error {
	file, err := parser.ParseFile(c.fset, "p.go", code, 0)
	if err != nil {
		return err
	}
	conf := types.Config{Importer: c.imp}
	_, err = conf.Check("p", c.fset, []*ast.File{file}, nil)
	return err
}
