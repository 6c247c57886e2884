package nfiq2

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// ourForest is a forest of our own, in the form of the published model.
func ourForest(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/forest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func ourModel(t testing.TB) *Model {
	t.Helper()
	m, err := ReadModel(bytes.NewReader(ourForest(t)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// prints are measures to vote on: half of them by lot, some without a value; in
// the other half many measures are exactly what a tree asks for.
func prints(m *Model) []Measures {
	lot := rand.New(rand.NewPCG(3, 69))
	rows := make([]Measures, 256)
	for i := range rows {
		for k := range rows[i] {
			rows[i][k] = float64(lot.IntN(768)-256) / 64
		}
		if i < 32 { // no print: a deviation and a coherence without a value
			rows[i][RVUP+11] = [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1}[i%4]
			rows[i][CoherenceRel] = math.NaN()
		}
		if i < 128 {
			continue
		}
		for _, n := range m.nodes {
			if n.measure() != leaf && lot.IntN(8) == 0 {
				rows[i][n.measure()] = float64(n.limit)
			}
		}
	}
	return rows
}

// TestForestVotesAsOpenCV: the votes and scores that OpenCV 4.6 gives, with the
// arithmetic of NFIQ 2.3.0, for the same forest and measures.
func TestForestVotesAsOpenCV(t *testing.T) {
	m := ourModel(t)
	f, err := os.Open("testdata/forest.votes")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	seen := map[int]bool{}
	for i, p := range prints(m) {
		var wantVotes, wantScore int
		if !lines.Scan() {
			t.Fatalf("votes for %d prints only", i)
		}
		if _, err := fmt.Sscan(lines.Text(), &wantVotes, &wantScore); err != nil {
			t.Fatal(err)
		}
		votes := m.votes(&p)
		if score := m.Score(p); votes != wantVotes || score != wantScore {
			t.Errorf("print %d: %d votes, score %d; want %d, %d", i, votes, score, wantVotes, wantScore)
		}
		seen[votes] = true
	}
	if len(seen) < m.Trees()/2 {
		t.Errorf("only %d different votes", len(seen))
	}
}

// TestScoreRounding: half votes round as in single precision.
func TestScoreRounding(t *testing.T) {
	for _, c := range []struct{ votes, trees, want int }{
		{0, 100, 0}, {100, 100, 100}, {57, 100, 57}, {1, 200, 1}, {1, 201, 0}, {15, 1000, 2}, {115, 1000, 12}, {5, 1000, 1},
	} {
		if got := score(c.votes, c.trees); got != c.want {
			t.Errorf("%d of %d votes score %d, want %d", c.votes, c.trees, got, c.want)
		}
	}
}

// TestScoreWithoutMeasures: no print passes because measures are missing.
func TestScoreWithoutMeasures(t *testing.T) {
	m := ourModel(t)
	p := prints(m)[200]
	if m.Score(p) == 0 {
		t.Fatal("the print scores 0 with all measures")
	}
	for _, group := range [][2]int{{FDA, 12}, {MinutiaeInRect, 4}, {LCS, 12}, {MMB, 2}, {OCL, 12}, {OF, 12}, {RVUP, 12}, {0, Count}} {
		q := p
		for i := range group[1] {
			q[group[0]+i] = math.NaN()
		}
		if got := m.Score(q); got != 0 {
			t.Errorf("without measures %d…: score %d, want 0", group[0], got)
		}
	}
	if got := new(Model).Score(p); got != 0 {
		t.Errorf("a model without trees scores %d", got)
	}
}

// TestRefusedModels: each flaw is named with its line.
func TestRefusedModels(t *testing.T) {
	whole := string(ourForest(t))
	change := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("the forest has no %q", old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	cut := strings.LastIndex(whole, "depth:")
	for _, c := range []struct{ name, file, says string }{
		{"an empty file", "", "line 1"},
		{"a text", "Dear technician\n", "line 1: does not begin as YAML"},
		{"another document", "%YAML:1.0\n---\ncamera: 1\n", "line 3: does not begin a random forest"},
		{"another forest's name", change("my_random_trees", "opencv_ml_rtrees"), "line 3"},
		{"line ends of another system", strings.ReplaceAll(whole, "\n", "\r\n"), "line 1: its end was changed"},
		{"a line without end", "%YAML:1.0\n---\n" + strings.Repeat("x", 5000), "line 3: longer than"},
		{"a regression", change("is_classifier: 1", "is_classifier: 0"), "is_classifier is not 1"},
		{"fewer measures", change("\n   var_count: 69", "\n   var_count: 68"), "var_count is 68"},
		{"a categorical split", change("le:", "in:"), "a split is not of the form"},
		{"no number of trees", change("   ntrees: 15\n", ""), "before is_classifier and ntrees"},
		{"a million trees", change("ntrees: 15", "ntrees: 1000000"), "number of trees"},
		{"more trees than declared", change("ntrees: 15", "ntrees: 14"), "more than the 14 trees"},
		{"fewer trees than declared", change("ntrees: 15", "ntrees: 16"), "before the model does"},
		{"cut off within a node", whole[:cut+3], "before the model does"},
		{"cut off between nodes", whole[:strings.LastIndex(whole[:cut], "-")], "before the model does"},
		{"cut off in the header", whole[:strings.Index(whole, "ntrees")], "before the model does"},
		{"a node that moved", change("depth: 1\n", "depth: 2\n"), "a node of depth 2 where 1 is due"},
		{"a vote of two", change("value: 1.\n", "value: 2.\n"), "value is not 0 or 1"},
		{"a measure too many", change("var:1,", "var:69,"), "a split without a measure"},
		{"no limit", change("le:", "gt:"), "a split is not of the form"},
		{"a limit without end", change("le:", "le:1e99, le:9"), "a split is not of the form"},
		{"an endless limit", change("le:-", "le:-9999999999999999999999999999999999999999999"), "a split without a measure or a limit"},
		{"something after it", whole + "\n", "no tree begins"},
		{"no tree", change("      -\n         nodes:", "         nodes:"), "no tree begins"},
	} {
		_, err := ReadModel(strings.NewReader(c.file))
		if !errors.Is(err, ErrNoModel) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", c.name, err, c.says)
		}
	}
}

// TestFormsOfForest: what other versions of OpenCV write, and means the same.
func TestFormsOfForest(t *testing.T) {
	whole := string(ourForest(t))
	m := ourModel(t)
	at := strings.Index(whole, "            -\n               depth: 1")
	for name, file := range map[string]string{
		"with a type":             strings.Replace(whole, "trees:\n", "trees: !!opencv-ml-random-trees\n", 1),
		"without a second line":   strings.Replace(whole, "---\n", "", 1),
		"without a format":        strings.Replace(whole, "   format: 3\n", "", 1),
		"with a stand-in split":   whole[:at] + "                  - { var:2, quality:1., gt:2. }\n" + whole[at:],
		"with counts of samples":  strings.ReplaceAll(whole, "               value:", "               sample_count: 9\n               Tn: 0\n               value:"),
		"with an index of trees":  strings.ReplaceAll(whole, "         nodes:", "         best_tree_idx: -1\n         nodes:"),
		"without a last line end": strings.TrimSuffix(whole, "\n"),
	} {
		got, err := ReadModel(strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !slices.Equal(got.nodes, m.nodes) || !slices.Equal(got.roots, m.roots) {
			t.Errorf("%s: other trees", name)
		}
	}
}

// TestInstall: only the file with the right checksum is taken, plain or packed.
func TestInstall(t *testing.T) {
	plain := ourForest(t)
	m := ourModel(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, md5 string
		file      []byte
		want      error
	}{
		{"the model", m.MD5(), plain, nil},
		{"the model, packed", m.MD5(), packed.Bytes(), nil},
		{"another model", ModelMD5, plain, ErrOtherModel},
		{"another model, packed", ModelMD5, packed.Bytes(), ErrOtherModel},
		{"half of it", m.MD5(), plain[:len(plain)/2], ErrNoModel},
		{"half of it, packed", m.MD5(), packed.Bytes()[:packed.Len()/2], ErrNoModel},
		{"the head of a package", m.MD5(), packed.Bytes()[:6], ErrNoModel},
		{"nothing", m.MD5(), nil, ErrNoModel},
	} {
		cache, err := Install(bytes.NewReader(c.file), c.md5)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
			continue
		}
		if err != nil {
			continue
		}
		opened, err := Open(cache, c.md5)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i, p := range prints(m) {
			if got, want := opened.Score(p), m.Score(p); got != want {
				t.Errorf("%s: print %d scores %d, want %d", c.name, i, got, want)
			}
		}
		if _, err := Open(cache, ModelMD5); !errors.Is(err, ErrOtherModel) {
			t.Errorf("%s, opened as the published one: %v", c.name, err)
		}
	}
}

// BenchmarkScore votes with a forest of the published one's size, as far as
// known: 100 trees of 1,500 nodes.
func BenchmarkScore(b *testing.B) {
	m := bigModel()
	p := prints(m)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Score(p[i%len(p)])
	}
}
