// Package house holds one test: the plan of the house. It reads the import
// graph and fails on an edge that docs/architecture.md does not draw.
package house

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A room is a package or, with "/...", everything below a folder as well. The
// first room that fits a package is its own.
type room struct {
	path string
	may  []string // what it may import beside the standard library: rooms and modules
	cgo  bool     // it may hold cgo
	std  []string // parts of the standard library it must not touch
}

// outside is what a package must not touch that knows no clock, device or disk.
var outside = []string{"os", "os/...", "net", "net/...", "syscall", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/..."}

// plan is the house: who may import whom.
var plan = []room{
	{path: "capture/rule", may: []string{"golang.org/x/..."}, std: outside},
	{path: "capture/finger/...", may: []string{"golang.org/x/...", "capture/finger/..."}, std: outside},
	{path: "capture/face", may: []string{"golang.org/x/..."}, std: outside},
	{path: "capture/notice", may: []string{"capture", "capture/mrz", "capture/rule"}, std: outside},
	{path: "capture/number", may: nil, std: outside},
	{path: "capture/mrz", may: []string{"golang.org/x/..."}, std: outside},
	{path: "capture/record/tlv", may: nil, std: outside},
	{path: "capture/record/iso19794", may: nil, std: outside},
	{path: "capture/record/iso39794", may: []string{"capture/record/tlv"}, std: outside},
	{path: "capture/record/cbeff", may: []string{"capture/record/tlv"}, std: outside},
	{path: "capture/record/nist", may: nil, std: outside},
	{path: "capture/record/jcs", may: nil, std: outside},
	{path: "capture/record/...", may: []string{"capture", "capture/..."}, std: outside},
	{path: "capture", may: []string{"capture/...", "device"}, std: outside},

	{path: "device", may: nil, std: outside},
	{path: "device/devicetest", may: []string{"device", "device/tape"}},
	{path: "device/sim", may: []string{"device", "testdata/gen"}},
	{path: "device/usb", may: []string{"device", "github.com/google/gousb"}, cgo: true},
	{path: "device/pcsc", may: []string{"device", "github.com/ebfe/scard"}, cgo: true},
	{path: "device/serialport", may: []string{"device", "go.bug.st/serial"}},
	{path: "device/jp2", may: nil, cgo: true},
	{path: "device/resample", may: nil, std: outside},
	{path: "device/uru4500/...", may: []string{"device", "device/resample", "device/uru4500/..."}},
	{path: "device/fm220/...", may: []string{"device", "device/resample", "device/fm220/..."}},
	{path: "device/sbi/...", may: []string{"device", "device/sbi/...", "capture/record/iso19794"}},
	{path: "device/v4l2/...", may: []string{"device", "device/v4l2/...", "golang.org/x/sys/..."}},
	{path: "device/ptp/...", may: []string{"device", "device/ptp/..."}},
	{path: "device/mrzreader/...", may: []string{"device", "device/mrzreader/..."}},
	{path: "device/zfm20/...", may: []string{"device", "device/zfm20/..."}},
	{path: "device/mso/...", may: []string{"device", "device/mso/..."}},
	{path: "device/selftest/...", may: []string{"device", "device/selftest/..."}},
	{path: "device/emrtd/...", may: []string{"device", "device/emrtd/...", "capture/mrz", "capture/record/tlv", "capture/record/cbeff", "capture/record/iso19794", "capture/record/iso39794"}},
	{path: "device/token", may: []string{"device", "github.com/miekg/pkcs11"}, cgo: true},
	{path: "device/...", may: []string{"device"}},

	{path: "queue/audit", may: nil},
	{path: "queue/seal", may: []string{"filippo.io/age", "filippo.io/mldsa", "golang.org/x/crypto/...", "capture/record/jcs"}},
	{path: "queue/upload", may: []string{"queue/seal"}},
	{path: "queue/intake", may: []string{"queue/seal"}},
	{path: "queue/intake/...", may: []string{"queue/seal", "queue/intake"}},
	{path: "queue", may: []string{"queue/audit", "go.etcd.io/bbolt/...", "golang.org/x/sys/..."}},

	{path: "ui/flow", may: []string{"capture/...", "device"}, std: outside},
	{path: "ui/i18n", may: []string{"golang.org/x/text/..."}, std: outside},
	{path: "ui/preview", may: nil, std: outside},
	{path: "ui/present/journey", may: []string{"ui/present", "ui/flow", "capture/...", "device", "testdata/gen"}, std: outside},
	{path: "ui/present", may: []string{"ui/flow", "ui/i18n", "capture/...", "device"}, std: outside},
	{path: "ui/view", may: []string{"ui/present", "ui/i18n", "fyne.io/fyne/v2/...", "golang.org/x/image/..."}},

	{path: "testdata/gen", may: nil, std: outside},

	{path: "cmd/internal/inspection", may: []string{"device/emrtd/cvc/...", "device/emrtd/ec", "queue/intake"}},
	{path: "cmd/optag", may: []string{"..."}, cgo: true},
	{path: "cmd/...", may: []string{"..."}},
}

// A pkg is what the go command says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	CgoFiles   []string
	Standard   bool
}

const module = "optag"

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,CgoFiles,Standard"}, args...)...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // the house with its leaves, whatever is tested without them
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// fits reports whether a path lies in a room of the plan.
func fits(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == below || strings.HasPrefix(path, below+"/")
	}
	return path == pattern
}

func anyFits(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, path) })
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != module
}

func TestNoForbiddenEdge(t *testing.T) {
	for _, p := range list(t, "-tags", "x11,no_emoji,migrated_fynedo", "./...", "./testdata/...") {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		i := slices.IndexFunc(plan, func(r room) bool { return fits(r.path, path) })
		if i < 0 {
			t.Errorf("%s stands in no room of the plan", path)
			continue
		}
		for _, to := range p.Imports {
			if complaint := plan[i].edge(path, to); complaint != "" {
				t.Errorf("%s imports %s: %s", path, to, complaint)
			}
		}
		if len(p.CgoFiles) > 0 && !plan[i].cgo {
			t.Errorf("%s holds cgo; only named leaves may", path)
		}
	}
}

// edge says what is wrong with an import; "" when nothing is.
func (r room) edge(from, to string) string {
	inner, ours := strings.CutPrefix(to, module+"/")
	switch {
	case to == "C":
		return ""
	case isStandard(to):
		if anyFits(r.std, to) {
			return "a pure package touches nothing outside"
		}
		return ""
	case to == "fyne.io/fyne/v2/app" && from != "cmd/optag":
		return "only cmd/optag opens a display"
	case ours && (fits("cmd/...", inner) || inner == "ui/view") && !fits("cmd/...", from):
		return "nothing but cmd imports this"
	case ours && inner == from:
		return ""
	}
	if !anyFits(r.may, inner) {
		return "the plan draws no such edge"
	}
	return ""
}

func TestPlanCatchesWhatItShould(t *testing.T) {
	for _, forbidden := range [][2]string{
		{"capture", "optag/queue"},
		{"capture", "optag/device/sim"},
		{"capture/rule", "os"},
		{"queue/seal", "go.etcd.io/bbolt"},
		{"ui/flow", "fyne.io/fyne/v2"},
		{"ui/view", "fyne.io/fyne/v2/app"},
		{"ui/present", "optag/ui/view"},
		{"device/uru4500", "optag/device/usb"},
		{"device/sim", "optag/capture"},
		{"queue/upload", "optag/queue"},
	} {
		from, to := forbidden[0], forbidden[1]
		i := slices.IndexFunc(plan, func(r room) bool { return fits(r.path, from) })
		if plan[i].edge(from, to) == "" {
			t.Errorf("the plan lets %s import %s", from, to)
		}
	}
}

// TestProductWithoutTests: no program that is shipped carries what tests are made
// of, nor the flags that come with it.
func TestProductWithoutTests(t *testing.T) {
	for _, p := range list(t, "-deps", "-tags", "x11,no_emoji,migrated_fynedo", "./cmd/optag", "./cmd/optag-intake") {
		if fits("testing/...", p.ImportPath) || p.ImportPath == module+"/device/devicetest" {
			t.Errorf("a program links %s", p.ImportPath)
		}
	}
}

// TestTopLevel: the client fixed what stands at the top.
func TestTopLevel(t *testing.T) {
	allowed := []string{"cmd", "device", "capture", "ui", "queue", "testdata", "go.mod", "go.sum", "Makefile", "README.md", ".ci", "docs", ".git"}
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}

// TestNoInit: nothing registers itself.
func TestNoInit(t *testing.T) {
	err := filepath.WalkDir(root(t), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		src, err := os.ReadFile(path)
		if strings.Contains(string(src), "\nfunc init()") {
			t.Errorf("%s has an init function", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSameBitsOnEveryProcessor: print science gives the same result wherever it
// runs. On arm64 the compiler fuses a product with what it is added to, unless
// the product is converted by name; and the functions of package math differ in
// the last place, or are written in assembly, on one processor and not another.
func TestSameBitsOnEveryProcessor(t *testing.T) {
	cmd := exec.Command("go", "build", "-gcflags="+module+"/capture/finger/...=-S", "./capture/finger/...")
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("compiling for arm64: %v", err)
	}
	if !strings.Contains(string(listing), "FADDD") {
		t.Fatal("the compiler's listing holds no floating-point instruction")
	}
	differs := regexp.MustCompile(`\(` + regexp.QuoteMeta(root(t)) + `/(\S+)\)\s+(F(?:N?M(?:ADD|SUB)|ML)\S*|CALL\s+math\.(?:Sin|Cos|Sincos|Tan|Atan2?|Exp2?|Log2?|Pow|Hypot|Cbrt)\b)`)
	told := map[string]bool{}
	for _, found := range differs.FindAllStringSubmatch(string(listing), -1) {
		if place := found[1]; !told[place] {
			told[place] = true
			t.Errorf("%s: %s gives other bits on another processor", place, strings.ReplaceAll(found[2], "\t", " "))
		}
	}
}
