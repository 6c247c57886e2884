package nfiq2

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A forestReader reads the one YAML document that OpenCV writes for a forest,
// line by line, and no other YAML. It keeps a line and the nodes.
//
// OpenCV indents by three, writes each entry of a list that is not within a line
// under a lone "-", and breaks flow lists after about 80 columns.
type forestReader struct {
	in     *bufio.Reader
	line   int    // counted from 1
	indent int    // of text, in spaces
	text   []byte // the line without indent
	cut    bool   // the line ends with the file
	end    bool   // there is no line any more

	m       *Model
	declare int      // number of trees, as declared
	parents []uint32 // inner nodes of this tree whose right child is to come
	depths  []int    // of the parents
	begun   bool     // the tree has its root
}

// maxLine is far more than OpenCV puts on a line.
const maxLine = 4096

func readForest(r io.Reader) (*Model, error) {
	f := &forestReader{in: bufio.NewReaderSize(r, maxLine), m: new(Model)}
	err := f.document()
	if err == nil {
		return f.m, nil
	}
	if f.cut || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: the file ends at line %d, before the model does", ErrNoModel, f.line)
	}
	return nil, fmt.Errorf("%w: line %d: %w", ErrNoModel, f.line, err)
}

// next moves to the next line.
func (f *forestReader) next() error {
	raw, err := f.in.ReadSlice('\n')
	f.line++
	switch {
	case errors.Is(err, io.EOF) && len(raw) == 0:
		f.text, f.indent, f.end = nil, 0, true
		return nil
	case errors.Is(err, bufio.ErrBufferFull):
		return fmt.Errorf("longer than %d bytes", maxLine)
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	f.cut = err != nil
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	if bytes.HasSuffix(raw, []byte("\r")) {
		return errors.New("its end was changed to that of another system; install the file as published")
	}
	f.text = bytes.TrimLeft(raw, " ")
	f.indent = len(raw) - len(f.text)
	f.text = bytes.TrimRight(f.text, " ")
	return nil
}

// document reads the whole file.
func (f *forestReader) document() error {
	if err := f.next(); err != nil {
		return err
	}
	if !bytes.HasPrefix(f.text, []byte("%YAML")) {
		return errors.New("does not begin as YAML of OpenCV does")
	}
	if err := f.next(); err != nil {
		return err
	}
	if string(f.text) == "---" {
		if err := f.next(); err != nil {
			return err
		}
	}
	key, value := f.pair()
	if key != "my_random_trees" || f.indent != 0 || value != "" && value != "!!opencv-ml-random-trees" {
		return errors.New("does not begin a random forest, my_random_trees")
	}
	if err := f.next(); err != nil {
		return err
	}
	if err := f.header(); err != nil {
		return err
	}
	return f.trees()
}

// pair splits a line "key: value". The key is "" where there is none.
func (f *forestReader) pair() (key, value string) {
	k, v, ok := bytes.Cut(f.text, []byte(":"))
	if !ok {
		return "", ""
	}
	return string(k), string(bytes.TrimLeft(v, " "))
}

// header reads what stands before the trees. What the votes do not depend on is
// passed over.
func (f *forestReader) header() error {
	level, votes := f.indent, false
	for !f.end {
		key, value := f.pair()
		switch {
		case f.indent > level: // belongs to a key above
		case f.indent < level || key == "" || level == 0:
			return errors.New("is no entry of a forest")
		case key == "trees":
			if !votes || f.declare == 0 {
				return errors.New("the trees begin before is_classifier and ntrees are given")
			}
			return f.next()
		case key == "ntrees":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxTrees {
				return fmt.Errorf("the number of trees is not within 1 to %d", maxTrees)
			}
			f.declare = n
		case key == "is_classifier":
			if votes = value == "1"; !votes {
				return errors.New("the forest does not vote, is_classifier is not 1")
			}
		case key == "var_count" && value != strconv.Itoa(Count):
			return fmt.Errorf("the forest does not take %d measures, var_count is %.20s", Count, value)
		}
		if err := f.next(); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

// trees reads the trees, to the end of the file.
func (f *forestReader) trees() error {
	level := f.indent
	for !f.end {
		if string(f.text) != "-" || f.indent != level {
			return errors.New("no tree begins where one should")
		}
		if len(f.m.roots) == f.declare {
			return fmt.Errorf("more than the %d trees declared", f.declare)
		}
		if err := f.next(); err != nil {
			return err
		}
		if err := f.tree(level); err != nil {
			return err
		}
	}
	if len(f.m.roots) < f.declare {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// tree reads one tree: the lines indented by more than level.
func (f *forestReader) tree(level int) error {
	for string(f.text) != "nodes:" {
		if f.end {
			return io.ErrUnexpectedEOF
		}
		if key, _ := f.pair(); key == "" || f.indent <= level {
			return errors.New("a tree without nodes")
		}
		if err := f.next(); err != nil {
			return err
		}
	}
	if err := f.next(); err != nil {
		return err
	}
	f.m.roots = append(f.m.roots, uint32(len(f.m.nodes)))
	f.begun = false
	for nodes := f.indent; !f.end && f.indent > level; {
		if string(f.text) != "-" || f.indent != nodes {
			return errors.New("no node begins where one should")
		}
		if err := f.next(); err != nil {
			return err
		}
		if err := f.node(nodes); err != nil {
			return err
		}
	}
	if !f.begun || len(f.parents) > 0 || f.m.nodes[len(f.m.nodes)-1].measure() != leaf {
		if f.end {
			return io.ErrUnexpectedEOF
		}
		return errors.New("the tree before this line is not complete")
	}
	return nil
}

// node reads one node: the lines indented by more than level.
func (f *forestReader) node(level int) error {
	depth, vote, split := -1, float32(-1), node{}
	inner := false
	keys := f.indent
	for !f.end && f.indent > level {
		key, value := f.pair()
		if f.indent != keys {
			return errors.New("is no entry of a node")
		}
		var err error
		switch key {
		case "depth":
			depth, err = strconv.Atoi(value)
		case "value":
			vote, err = voteOf(value)
		case "splits":
			if inner = true; value != "" {
				return errors.New("splits begin on the line of their name")
			}
			if err := f.next(); err != nil {
				return err
			}
			if split, err = f.split(keys); err != nil {
				return err
			}
			continue
		case "":
			return errors.New("is no entry of a node")
		}
		if err == nil {
			err = f.next()
		}
		if err != nil {
			return err
		}
	}
	if f.end && (depth < 0 || vote < 0) {
		return io.ErrUnexpectedEOF
	}
	if depth < 0 || vote < 0 {
		return errors.New("the node before this line has no depth or no value")
	}
	if !inner {
		split = node{vote, leaf << 24}
	}
	return f.add(split, depth)
}

// voteOf reads a node's value: NFIQ 2 adds the values of the leaves reached, and
// not their norm_class_idx.
func voteOf(s string) (float32, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != 0 && v != 1 {
		return 0, errors.New("a node's value is not 0 or 1")
	}
	return float32(v), nil
}

// add puts a node where preorder wants it.
func (f *forestReader) add(n node, depth int) error {
	nodes := f.m.nodes
	at := uint32(len(nodes))
	want := 0
	switch last := len(f.parents) - 1; {
	case at == maxNodes:
		return fmt.Errorf("more than %d nodes", maxNodes)
	case !f.begun:
		f.begun = true
	case nodes[at-1].measure() != leaf: // its left child
		want = f.depths[last] + 1
	case last < 0:
		return errors.New("a node after the end of its tree")
	default: // the right child of the nearest parent that waits for one
		p := f.parents[last]
		nodes[p].next |= at - p
		want = f.depths[last] + 1
		f.parents, f.depths = f.parents[:last], f.depths[:last]
	}
	if depth != want {
		return fmt.Errorf("a node of depth %d where %d is due", depth, want)
	}
	if n.measure() != leaf {
		f.parents, f.depths = append(f.parents, at), append(f.depths, depth)
	}
	f.m.nodes = append(nodes, n)
	return nil
}

// split reads the first split of a node: "- { var:1, quality:2., le:3. }", which
// may go on over some lines. Further ones are for measures that are missing, and
// are passed over.
func (f *forestReader) split(level int) (node, error) {
	if !bytes.HasPrefix(f.text, []byte("- {")) || f.indent <= level {
		return node{}, errors.New("no split where one should be")
	}
	var flow [256]byte
	n := copy(flow[:], f.text[len("- {"):])
	for !bytes.HasSuffix(f.text, []byte("}")) {
		if err := f.next(); err != nil {
			return node{}, err
		}
		if f.end {
			return node{}, io.ErrUnexpectedEOF
		}
		if n+len(f.text) > len(flow) || f.indent <= level {
			return node{}, errors.New("a split does not end")
		}
		n += copy(flow[n:], f.text)
	}
	if n == len(flow) {
		return node{}, errors.New("a split is too long")
	}
	split, err := splitOf(flow[:n-1])
	if err == nil {
		err = f.next()
	}
	for err == nil && !f.end && f.indent > level {
		err = f.next()
	}
	return split, err
}

// splitOf reads the entries of a split, which asks for a limit of an ordered
// variable.
func splitOf(flow []byte) (node, error) {
	measure, limit, limited := -1, 0.0, false
	for entry := range bytes.SplitSeq(flow, []byte(",")) {
		k, v, _ := bytes.Cut(bytes.TrimSpace(entry), []byte(":"))
		v = bytes.TrimSpace(v)
		var err error
		switch string(k) {
		case "var":
			measure, err = strconv.Atoi(string(v))
		case "le":
			limit, err = strconv.ParseFloat(string(v), 64)
			limited = true
		case "quality":
		default:
			err = errors.New("the form of the split is unknown")
		}
		if err != nil {
			return node{}, errors.New("a split is not of the form var, quality, le")
		}
	}
	low := float32(limit)
	if measure < 0 || measure >= Count || !limited || math.IsNaN(limit) || math.IsInf(float64(low), 0) {
		return node{}, errors.New("a split without a measure or a limit")
	}
	return node{low, uint32(measure) << 24}, nil
}
