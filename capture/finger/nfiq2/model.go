package nfiq2

import (
	"bufio"
	"compress/gzip"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
)

// ScoreID names the algorithm of [Model.Score] with NIST's published model.
const ScoreID = "NFIQ 2.3"

// ModelMD5 is the MD5 of the model that NIST publishes for plain prints from
// optical scanners and from inked cards, nist_plain_tir-ink.yaml, version 2.0.0.
// It tells that file from others and from damage; it is no signature.
const ModelMD5 = "b4a1e7586b3be906f9770e4b77768038"

// Limits of a model file. The published one has about 22 MB.
const (
	maxModelBytes = 64 << 20
	maxTrees      = 4096
	maxNodes      = 2 << 20
)

// Errors of [Install] and [Open], beside those of reading.
var (
	// ErrOtherModel: the file is a forest, but not the one that was asked for.
	ErrOtherModel = errors.New("not the published model")

	// ErrNoModel: the file is no forest at all, or only part of one.
	ErrNoModel = errors.New("no NFIQ 2 model")
)

// A Model is a random forest of two labels. Each tree votes for 0 or 1, and the
// share of its votes is the score. It is not changed once read and may be used
// by several goroutines.
type Model struct {
	md5   [md5.Size]byte // of the file it was read from
	roots []uint32       // where each tree begins in nodes
	nodes []node         // each tree in preorder: a left child follows its parent
}

// A node asks whether a measure is at most its limit, or is a leaf.
type node struct {
	limit float32 // at most: left, else right; of a leaf its vote, 0 or 1
	next  uint32  // the measure in the high 8 bits, in the others how far ahead the right child is
}

const (
	leaf     = 0xff // in place of the measure
	farAhead = 1<<24 - 1
)

func (n node) measure() uint32 { return n.next >> 24 }
func (n node) right() uint32   { return n.next & farAhead }

// MD5 is the checksum of the file the model was read from, in hexadecimal.
func (m *Model) MD5() string { return hex.EncodeToString(m.md5[:]) }

// Trees is the number of trees that vote.
func (m *Model) Trees() int { return len(m.roots) }

// Score is the quality of a print, 0 to 100, as the forest votes from all 69
// measures. Where a group of measures was not taken the score is 0. A measure
// that was taken but is not a number is more than any limit, as in the reference.
func (m *Model) Score(measures Measures) int {
	if len(m.roots) == 0 || !taken(&measures) {
		return 0
	}
	return score(m.votes(&measures), len(m.roots))
}

// taken says whether every group of measures has a value. Counts always have
// one; means and deviations of what is no print need not.
func taken(measures *Measures) bool {
	for _, count := range [...]int{FDA, MinutiaeCount, LCS, MMB, OCL, OF, RVUP} {
		if math.IsNaN(measures[count]) {
			return false
		}
	}
	return true
}

// votes counts the trees that vote 1. A tree compares in single precision.
func (m *Model) votes(measures *Measures) (votes int) {
	var x [Count]float32
	for i, v := range measures {
		x[i] = float32(v)
	}
	for _, at := range m.roots {
		n := m.nodes[at]
		for n.measure() != leaf {
			step := n.right()
			if x[n.measure()] <= n.limit {
				step = 1
			}
			at += step
			n = m.nodes[at]
		}
		if n.limit != 0 {
			votes++
		}
	}
	return votes
}

// score scales votes to 0…100 with half votes up, in the single precision of
// NFIQ 2.3.0: the rounding decides where 100·votes/trees ends in one half.
func score(votes, trees int) int {
	share := float32(votes) / float32(trees)
	return int(math.Floor(float64(float32(share*100)) + 0.5))
}

// ReadModel reads a forest as cv::ml::RTrees of OpenCV 3 and 4 writes it, under
// the name my_random_trees. It reads to the end and does not ask whether the
// model is the published one.
func ReadModel(r io.Reader) (*Model, error) {
	sum := md5.New()
	in := &io.LimitedReader{R: r, N: maxModelBytes + 1}
	m, err := readForest(io.TeeReader(in, sum))
	switch {
	case in.N <= 0:
		return nil, fmt.Errorf("reading the model: more than %d MB: %w", maxModelBytes>>20, ErrNoModel)
	case err != nil:
		return nil, fmt.Errorf("reading the model: %w", err)
	}
	sum.Sum(m.md5[:0])
	return m, nil
}

// Install reads a model file, plain or compressed by gzip, and returns the
// compact form that [Open] takes, if the file's MD5 is the one given: for the
// published model [ModelMD5]. A file that is no model or is cut off is refused
// with [ErrNoModel], another model with [ErrOtherModel].
func Install(r io.Reader, md5 string) ([]byte, error) {
	in := bufio.NewReader(r)
	r = in
	if head, _ := in.Peek(2); string(head) == "\x1f\x8b" {
		plain, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("unpacking the model: %w: %w", ErrNoModel, err)
		}
		r = plain
	}
	m, err := ReadModel(r)
	if err != nil {
		return nil, err
	}
	if err := m.is(md5); err != nil {
		return nil, fmt.Errorf("installing the model: %w", err)
	}
	return m.MarshalBinary()
}

// Open returns the model in the compact form of [Install], if it was made from
// the file with that MD5.
func Open(cache []byte, md5 string) (*Model, error) {
	m := new(Model)
	if err := m.UnmarshalBinary(cache); err != nil {
		return nil, err
	}
	if err := m.is(md5); err != nil {
		return nil, fmt.Errorf("opening the model: %w", err)
	}
	return m, nil
}

func (m *Model) is(md5 string) error {
	if m.MD5() != md5 {
		return fmt.Errorf("%w: its MD5 is %s, not %s", ErrOtherModel, m.MD5(), md5)
	}
	return nil
}
