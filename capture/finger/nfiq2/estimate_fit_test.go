package nfiq2

import (
	"encoding/binary"
	"encoding/csv"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the fitted estimator")

// A known print is a row of NIST's conformance set: its measures and score.
type known struct {
	person   string
	measures Measures
	score    float64
}

// conformance reads NIST's conformance_expected_output-v2.3.0.csv. It is no part
// of this repository; OPTAG_NFIQ2_DATA names the directory it lies in.
func conformance(t testing.TB) []known {
	t.Helper()
	dir := os.Getenv("OPTAG_NFIQ2_DATA")
	if dir == "" {
		t.Skip("OPTAG_NFIQ2_DATA does not name the directory of NIST's conformance results")
	}
	f, err := os.Open(filepath.Join(dir, "conformance_expected_output-v2.3.0.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range table[0] {
		column[name] = i
	}
	var rows []known
	for _, cells := range table[1:] {
		k := known{person: strings.Split(cells[0], "_")[0]}
		k.score, err = strconv.ParseFloat(cells[column["QualityScore"]], 64)
		for i, name := range Names() {
			if err == nil {
				k.measures[i], err = strconv.ParseFloat(cells[column[name]], 64)
			}
		}
		if err == nil { // else the print has no score
			rows = append(rows, k)
		}
	}
	return rows
}

// A boost says how trees are grown: each on a part of the rows and features, and
// on what the trees before it left over.
type boost struct {
	trees, depth, least int
	rows, columns, rate float64
	random              bool // limits drawn by lot (Geurts, Ernst and Wehenkel)
}

// A tree as it is grown.
type grown struct {
	feature [treeInner]int
	limit   [treeInner]float32
	leaf    [treeLeaves]float64
}

func (g *grown) at(x *[Count]float32) float64 {
	n := 0
	for range treeDepth {
		if x[g.feature[n]] <= g.limit[n] {
			n = 2*n + 1
		} else {
			n = 2*n + 2
		}
	}
	return g.leaf[n-treeInner]
}

// A forester grows trees for one set of rows.
type forester struct {
	x     [][Count]float32
	order [][]int // of the rows, by each feature
	rest  []float64
	node  []int // in which node of the tree a row is; -1: left out
	lot   *rand.Rand
	how   boost
}

func newForester(x [][Count]float32, seed uint64) *forester {
	f := &forester{x: x, rest: make([]float64, len(x)), node: make([]int, len(x)), lot: rand.New(rand.NewPCG(seed, 1))}
	for j := range Count {
		by := make([]int, len(x))
		for i := range by {
			by[i] = i
		}
		slices.SortStableFunc(by, func(a, b int) int {
			switch {
			case x[a][j] < x[b][j]:
				return -1
			case x[a][j] > x[b][j]:
				return 1
			}
			return 0
		})
		f.order = append(f.order, by)
	}
	return f
}

// grow grows one tree to what is left over, level by level.
func (f *forester) grow() *grown {
	g := new(grown)
	for i := range f.node {
		f.node[i] = -1
	}
	for _, i := range f.lot.Perm(len(f.x))[:int(f.how.rows*float64(len(f.x)))] {
		f.node[i] = 0
	}
	columns := f.lot.Perm(len(f.order))[:int(f.how.columns*float64(len(f.order)))]
	for n := range treeInner {
		g.limit[n] = float32(math.Inf(1))
		if n < 1<<f.how.depth-1 {
			f.split(g, n, columns)
		}
		for i, at := range f.node {
			if at == n {
				f.node[i] = 2*n + 1
				if f.x[i][g.feature[n]] > g.limit[n] {
					f.node[i]++
				}
			}
		}
	}
	var sum, count [treeLeaves]float64
	for i, at := range f.node {
		if at >= 0 {
			sum[at-treeInner] += f.rest[i]
			count[at-treeInner]++
		}
	}
	for l := range g.leaf {
		g.leaf[l] = f.how.rate * sum[l] / (count[l] + 1)
	}
	return g
}

// split finds the question that divides a node best.
func (f *forester) split(g *grown, n int, columns []int) {
	var sum, count float64
	for i, at := range f.node {
		if at == n {
			sum, count = sum+f.rest[i], count+1
		}
	}
	best := sum*sum/(count+1) + 1e-9
	in := make([]int, 0, len(f.x))
	for _, j := range columns {
		in = in[:0]
		for _, i := range f.order[j] {
			if f.node[i] == n {
				in = append(in, i)
			}
		}
		if len(in) < 2*f.how.least {
			return
		}
		low, high := f.x[in[0]][j], f.x[in[len(in)-1]][j]
		cut := low + float32(f.lot.Float64())*(high-low)
		left := 0.0
		for k := range len(in) - f.how.least {
			left += f.rest[in[k]]
			a, b := f.x[in[k]][j], f.x[in[k+1]][j]
			if a == b || k+1 < f.how.least || f.how.random && (cut < a || cut >= b) {
				continue
			}
			l := float64(k + 1)
			if gain := left*left/(l+1) + (sum-left)*(sum-left)/(count-l+1); gain > best {
				best, g.feature[n], g.limit[n] = gain, j, a+(b-a)/2
				if f.how.random {
					g.limit[n] = cut
				}
			}
		}
	}
}

// A fitted is a mean and trees whose values add up.
type fitted struct {
	mean  float64
	trees []*grown
}

func (f *fitted) at(x *[Count]float32) float64 {
	v := f.mean
	for _, t := range f.trees {
		v += t.at(x)
	}
	return min(100, max(0, v))
}

// recipe is how the estimator is made: the mean of eight boosts whose limits are
// drawn by lot. Greedy limits, deeper trees, shares of the histograms as further
// features and prints mixed from others did no better.
func recipe() []boost {
	how := boost{trees: 140, depth: treeDepth, least: 3, rows: .5, columns: .3, rate: .12, random: true}
	return slices.Repeat([]boost{how}, 8)
}

// asked are the measures that a tree may ask for.
func asked(k *known) (x [Count]float32) {
	for i, v := range k.measures {
		if !restsOnMinutiae(i) {
			x[i] = float32(v)
		}
	}
	return x
}

// fit fits trees to rows.
func fit(rows []known, how []boost, seed uint64) *fitted {
	x := make([][Count]float32, len(rows))
	out := &fitted{}
	for i := range rows {
		x[i] = asked(&rows[i])
		out.mean += rows[i].score / float64(len(rows))
	}
	f := newForester(x, seed)
	for _, f.how = range how {
		for i := range rows {
			f.rest[i] = rows[i].score - out.mean
		}
		for range f.how.trees {
			g := f.grow()
			for i := range rows {
				f.rest[i] -= g.at(&x[i])
			}
			for l := range g.leaf {
				g.leaf[l] /= float64(len(how))
			}
			out.trees = append(out.trees, g)
		}
	}
	return out
}

// cross returns for each row what trees say that know nobody of that person.
func cross(rows []known, folds, round int, how []boost) []float64 {
	var people []string
	for _, r := range rows {
		if !slices.Contains(people, r.person) {
			people = append(people, r.person)
		}
	}
	lot := rand.New(rand.NewPCG(uint64(round), 2)).Perm(len(people))
	out := make([]float64, len(rows))
	var all sync.WaitGroup
	for fold := range folds {
		all.Go(func() {
			var others []known
			mine := func(r known) bool { return lot[slices.Index(people, r.person)]%folds == fold }
			for _, r := range rows {
				if !mine(r) {
					others = append(others, r)
				}
			}
			f := fit(others, how, uint64(round*folds+fold))
			for i, r := range rows {
				if mine(r) {
					x := asked(&rows[i])
					out[i] = f.at(&x)
				}
			}
		})
	}
	all.Wait()
	return out
}

// errors are the absolute errors of several rounds of cross-validation.
func errorsOf(rows []known, how []boost, rounds int) (estimates, errors []float64) {
	for round := range rounds {
		for i, v := range cross(rows, 10, round, how) {
			estimates = append(estimates, v)
			errors = append(errors, math.Abs(v-rows[i].score))
		}
	}
	return estimates, errors
}

func meanOf(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// quantile is conformal: it counts the print to come among those seen.
func quantile(v []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[min(len(s)-1, int(math.Ceil(q*float64(len(s)+1)))-1)]
}

// bandErrors is per band of ten points the error that one print in twenty
// exceeds, from the prints that are at most width points away.
func bandErrors(estimates, errors []float64) (out [bands]byte) {
	const width = 12
	for b := range out {
		middle := (float64(b) + 0.5) * 101 / bands
		var near []float64
		for i, v := range estimates {
			if math.Abs(v-middle) <= width {
				near = append(near, errors[i])
			}
		}
		out[b] = byte(math.Ceil(quantile(near, 0.95)))
	}
	return out
}

// pack writes the estimator in the form of estimate.go.
func pack(rows []known, f *fitted, byBand [bands]byte) []byte {
	var out []byte
	le := binary.LittleEndian
	for i := range Count {
		low, high := float32(math.Inf(1)), float32(math.Inf(-1))
		for _, r := range rows {
			low, high = min(low, float32(r.measures[i])), max(high, float32(r.measures[i]))
		}
		out = le.AppendUint32(out, math.Float32bits(low))
		out = le.AppendUint32(out, math.Float32bits(high))
	}
	out = le.AppendUint32(out, uint32(int32(math.Round(f.mean*unit))))
	out = append(out, byBand[:]...)
	for _, t := range f.trees {
		for n := range treeInner {
			out = append(out, byte(t.feature[n]))
			out = le.AppendUint32(out, math.Float32bits(t.limit[n]))
		}
		for _, v := range t.leaf {
			out = le.AppendUint16(out, uint16(int16(math.Round(v*unit))))
		}
	}
	return out
}

// TestFitEstimate says how far the estimates are from NFIQ 2 for people they
// were not fitted to, and with -update writes the trees anew.
func TestFitEstimate(t *testing.T) {
	rows := conformance(t)
	estimates, errors := errorsOf(rows, recipe(), 4)
	byBand := bandErrors(estimates, errors)
	t.Logf("mean absolute error %.2f, 95 %% within %.1f; per ten points %v", meanOf(errors), quantile(errors, 0.95), byBand)
	file := pack(rows, fit(rows, recipe(), 1), byBand)
	if *update {
		if err := os.WriteFile("estimate.bin", file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if now := estimator; now != string(file) {
		t.Errorf("the estimator differs from the one fitted; go test -run FitEstimate -update writes it")
	}
}
