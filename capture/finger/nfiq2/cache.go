package nfiq2

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The compact form of a model, little endian:
//
//	16 bytes  "optag forest 1\r\n", the form and its version
//	16 bytes  MD5 of the file it was made from
//	 4 bytes  number of trees
//	 4 bytes  number of nodes
//	 4 bytes  for each tree: where it begins among the nodes
//	 8 bytes  for each node: limit (IEEE 754), measure and distance
//	32 bytes  SHA-256 of all that
const (
	cacheForm   = "optag forest 1\r\n"
	cacheHead   = len(cacheForm) + 16 + 4 + 4
	cacheTree   = 4
	cacheNode   = 8
	cacheDigest = sha256.Size
)

// MaxCache is the most bytes that a model takes in compact form.
const MaxCache = cacheHead + maxTrees*cacheTree + maxNodes*cacheNode + cacheDigest

// ErrDamaged: what should be a model in compact form is not whole.
var ErrDamaged = errors.New("damaged model cache")

// MarshalBinary returns the model in its compact form.
func (m *Model) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, cacheHead+len(m.roots)*cacheTree+len(m.nodes)*cacheNode+cacheDigest)
	out = append(out, cacheForm...)
	out = append(out, m.md5[:]...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.roots)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.nodes)))
	for _, root := range m.roots {
		out = binary.LittleEndian.AppendUint32(out, root)
	}
	for _, n := range m.nodes {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(n.limit))
		out = binary.LittleEndian.AppendUint32(out, n.next)
	}
	digest := sha256.Sum256(out)
	return append(out, digest[:]...), nil
}

// UnmarshalBinary takes the compact form. The error is an [ErrDamaged] that says
// what is wrong; the model is then unchanged.
func (m *Model) UnmarshalBinary(raw []byte) error {
	read, err := unmarshal(raw)
	if err != nil {
		return fmt.Errorf("opening the model: %w: %w", ErrDamaged, err)
	}
	*m = *read
	return nil
}

func unmarshal(raw []byte) (*Model, error) {
	if len(raw) < cacheHead+cacheDigest || string(raw[:len(cacheForm)]) != cacheForm {
		return nil, errors.New("not of this program's form")
	}
	raw, digest := raw[:len(raw)-cacheDigest], raw[len(raw)-cacheDigest:]
	m := new(Model)
	copy(m.md5[:], raw[len(cacheForm):])
	counts := raw[cacheHead-8:]
	trees, nodes := uint64(binary.LittleEndian.Uint32(counts)), uint64(binary.LittleEndian.Uint32(counts[4:]))
	if trees > maxTrees || nodes > maxNodes || uint64(len(raw)) != uint64(cacheHead)+trees*cacheTree+nodes*cacheNode {
		return nil, errors.New("its length does not fit its contents")
	}
	if sum := sha256.Sum256(raw); !bytes.Equal(sum[:], digest) {
		return nil, errors.New("its checksum is another")
	}
	m.roots, m.nodes = make([]uint32, trees), make([]node, nodes)
	body := raw[cacheHead:]
	for i := range m.roots {
		m.roots[i] = binary.LittleEndian.Uint32(body[i*cacheTree:])
	}
	body = body[len(m.roots)*cacheTree:]
	for i := range m.nodes {
		n := body[i*cacheNode : i*cacheNode+cacheNode]
		m.nodes[i] = node{math.Float32frombits(binary.LittleEndian.Uint32(n)), binary.LittleEndian.Uint32(n[4:])}
	}
	return m, m.check()
}

// check says whether every tree is one: whoever follows it ends at a leaf.
func (m *Model) check() error {
	if len(m.roots) == 0 || m.roots[0] != 0 {
		return errors.New("its first tree does not begin")
	}
	var rights []uint32 // right children that are to come in this tree
	for i, root := range m.roots {
		end := uint32(len(m.nodes))
		if i+1 < len(m.roots) {
			end = m.roots[i+1]
		}
		if root >= end || end > uint32(len(m.nodes)) {
			return errors.New("a tree without nodes")
		}
		for at := root; at < end; at++ {
			n := m.nodes[at]
			if err := n.check(); err != nil {
				return err
			}
			if n.measure() != leaf {
				rights = append(rights, at+n.right())
				continue
			}
			last := len(rights) - 1
			switch {
			case at+1 == end && last < 0:
			case at+1 == end:
				return errors.New("a tree is cut off")
			case last < 0 || rights[last] != at+1:
				return errors.New("a node is not where its parent looks for it")
			default:
				rights = rights[:last]
			}
		}
		if m.nodes[end-1].measure() != leaf {
			return errors.New("a tree is cut off")
		}
	}
	return nil
}

func (n node) check() error {
	switch {
	case n.measure() == leaf && n.right() == 0 && (n.limit == 0 || n.limit == 1):
	case n.measure() < Count && n.right() > 1 && !math.IsNaN(float64(n.limit)) && !math.IsInf(float64(n.limit), 0):
	default:
		return errors.New("a node of no known form")
	}
	return nil
}
