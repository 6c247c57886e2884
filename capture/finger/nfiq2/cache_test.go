package nfiq2

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// bigModel makes a forest of about the published one's size.
func bigModel() *Model {
	lot := rand.New(rand.NewPCG(1, 2))
	m := new(Model)
	var grow func(depth int)
	grow = func(depth int) {
		at := len(m.nodes)
		if depth == 18 || depth > 5 && lot.IntN(100) < 45 {
			m.nodes = append(m.nodes, node{float32(lot.IntN(2)), leaf << 24})
			return
		}
		m.nodes = append(m.nodes, node{float32(lot.IntN(512)-128) / 64, uint32(lot.IntN(Count)) << 24})
		grow(depth + 1)
		m.nodes[at].next |= uint32(len(m.nodes) - at)
		grow(depth + 1)
	}
	for range 100 {
		m.roots = append(m.roots, uint32(len(m.nodes)))
		grow(0)
	}
	return m
}

// TestCache: what is written is read again, and nothing that was changed since.
func TestCache(t *testing.T) {
	m := ourModel(t)
	whole, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again := new(Model)
	if err := again.UnmarshalBinary(whole); err != nil {
		t.Fatal(err)
	}
	if back, _ := again.MarshalBinary(); !bytes.Equal(back, whole) {
		t.Error("the cache changes when it is read and written")
	}
	for i := range whole {
		whole[i] ^= 1
		if err := again.UnmarshalBinary(whole); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		whole[i] ^= 1
	}
	for _, n := range []int{0, 1, cacheHead, len(whole) - 1} {
		if err := again.UnmarshalBinary(whole[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if again.Trees() != m.Trees() || again.MD5() != m.MD5() {
		t.Error("a refused cache changed the model")
	}
}

// sign puts the right checksum under a cache, as somebody might who means harm.
func sign(raw []byte) []byte {
	sum := sha256.Sum256(raw)
	return append(bytes.Clone(raw), sum[:]...)
}

// TestHostileCache: trees that are none are refused though the checksum fits.
func TestHostileCache(t *testing.T) {
	tree := func(nodes ...node) *Model { return &Model{roots: []uint32{0}, nodes: nodes} }
	yes, ask := node{1, leaf << 24}, func(right uint32) node { return node{0, right} }
	for _, c := range []struct {
		name  string
		m     *Model
		whole bool
	}{
		{"one leaf", tree(yes), true},
		{"one question", tree(ask(2), yes, yes), true},
		{"no tree", &Model{}, false},
		{"no nodes", &Model{roots: []uint32{0}}, false},
		{"a first tree that begins late", &Model{roots: []uint32{1}, nodes: []node{yes, yes}}, false},
		{"trees that run backwards", &Model{roots: []uint32{0, 2, 1}, nodes: []node{yes, yes, yes}}, false},
		{"a tree outside", &Model{roots: []uint32{0, 9}, nodes: []node{yes, yes}}, false},
		{"a question that asks itself", tree(ask(0), yes, yes), false},
		{"both answers the same", tree(ask(1), yes, yes), false},
		{"an answer in the next tree", &Model{roots: []uint32{0, 2}, nodes: []node{ask(2), yes, yes}}, false},
		{"an answer outside", tree(ask(farAhead), yes, yes), false},
		{"a node that nobody asks for", tree(ask(2), yes, yes, yes), false},
		{"a missing answer", tree(ask(2), yes), false},
		{"a leaf that votes twice", tree(node{2, leaf << 24}), false},
		{"a leaf with a child", tree(node{1, leaf<<24 | 1}), false},
		{"a measure that is none", tree(node{0, Count<<24 | 2}, yes, yes), false},
		{"a limit that is no number", tree(node{float32(math.NaN()), 2}, yes, yes), false},
	} {
		raw, _ := c.m.MarshalBinary()
		if err := new(Model).UnmarshalBinary(raw); (err == nil) != c.whole {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	raw, _ := tree(yes).MarshalBinary()
	raw = raw[:len(raw)-cacheDigest]
	binary.LittleEndian.PutUint32(raw[cacheHead-4:], math.MaxUint32)
	if err := new(Model).UnmarshalBinary(sign(raw)); !errors.Is(err, ErrDamaged) {
		t.Errorf("four thousand million nodes: %v", err)
	}
}

// FuzzCache: whatever a file holds, it is refused, or votes come to an end.
func FuzzCache(f *testing.F) {
	m := ourModel(f)
	yes, no := node{1, leaf << 24}, node{0, leaf << 24}
	for _, m := range []*Model{
		{roots: []uint32{0}, nodes: []node{yes}},
		{roots: []uint32{0, 1}, nodes: []node{no, {0, 2}, yes, no}},
		{roots: []uint32{0}, nodes: []node{{0, 4}, {1, 5<<24 | 2}, yes, no, {-1, 68<<24 | 2}, no, yes}},
	} {
		raw, _ := m.MarshalBinary()
		f.Add(raw[:len(raw)-cacheDigest])
	}
	p := prints(m)[:4]
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := new(Model)
		if err := m.UnmarshalBinary(sign(raw)); err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		for _, p := range p {
			if s := m.Score(p); s < 0 || s > 100 {
				t.Fatalf("score %d", s)
			}
		}
		if back, _ := m.MarshalBinary(); !bytes.Equal(back, sign(raw)) {
			t.Fatal("the cache changes when it is read and written")
		}
	})
}

// smallForest is a forest of one tree with one question.
const smallForest = `%YAML:1.0
---
my_random_trees:
   is_classifier: 1
   var_count: 69
   ord_var_count: 69
   var_idx: [ 0, 1,
       2 ]
   class_labels: [ 0, 1 ]
   ntrees: 1
   trees:
      -
         nodes:
            -
               depth: 0
               value: 1.
               norm_class_idx: 1
               splits:
                  - { var:7, quality:1.,
                      le:5.0000000000000000e-01 }
            -
               depth: 1
               value: 1.
            -
               depth: 1
               value: 0.
`

// FuzzReadModel: a file is refused, or is a forest whose cache can be read.
func FuzzReadModel(f *testing.F) {
	if _, err := ReadModel(strings.NewReader(smallForest)); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(smallForest))
	f.Add([]byte(smallForest[:len(smallForest)/2]))
	p := prints(ourModel(f))[:2]
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ReadModel(bytes.NewReader(raw))
		if err != nil {
			if !errors.Is(err, ErrNoModel) {
				t.Fatal(err)
			}
			return
		}
		cache, _ := m.MarshalBinary()
		opened := new(Model)
		if err := opened.UnmarshalBinary(cache); err != nil {
			t.Fatal(err)
		}
		for _, p := range p {
			if got, want := opened.Score(p), m.Score(p); got != want {
				t.Fatalf("the cache scores %d, the model %d", got, want)
			}
		}
	})
}

// BenchmarkOpen opens the cache of a forest of the published one's size.
func BenchmarkOpen(b *testing.B) {
	cache, _ := bigModel().MarshalBinary()
	b.SetBytes(int64(len(cache)))
	for b.Loop() {
		if err := new(Model).UnmarshalBinary(cache); err != nil {
			b.Fatal(err)
		}
	}
}
