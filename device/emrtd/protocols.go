package emrtd

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
	"optag/device/emrtd/sm"
)

// suites are the last arcs of protocols (Doc 9303-11, 9.2.5 and 9.2.7).
var suites = map[string]sm.Suite{"1": sm.TripleDES, "2": sm.AES128, "3": sm.AES192, "4": sm.AES256}

// mappings are the arcs before them, of PACE. Each stands for one kind of group.
var mappings = map[string]struct {
	mapping mapping
	curve   bool
}{"1": {generic, false}, "2": {generic, true}, "3": {integrated, false}, "4": {integrated, true}, "6": {chipAuth, true}}

// variant are the two last arcs of a protocol with this root.
func variant(protocol, root string) (kind, suite string, ok bool) {
	rest, ok := strings.CutPrefix(protocol, root+".")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ".")
}

// maxOffers is how many ways or keys of a chip are looked at: few chips offer
// more than three.
const maxOffers = 16

// paces are the ways of PACE that a chip offers and that are known here, the
// best first: curves before powers, AES before triple DES, the mapping that
// shows the chip to be genuine before the others, longer keys before shorter.
func paces(infos lds.SecurityInfos) []pace {
	var all []pace
	ways := infos.Of(lds.OIDPACE)
	for _, i := range ways[:min(len(ways), maxOffers)] {
		kind, last, ok := variant(i.Protocol, lds.OIDPACE)
		m, known := mappings[kind]
		suite, knownToo := suites[last]
		if !ok || !known || !knownToo || i.Version != 2 || m.mapping == chipAuth && suite == sm.TripleDES {
			continue
		}
		g := groupOf(i.Parameter)
		if g == nil || isCurve(g) != m.curve || m.mapping == integrated && !encodes(g) {
			continue
		}
		several := slices.ContainsFunc(infos, func(o lds.SecurityInfo) bool {
			return o.Protocol == i.Protocol && o.Parameter != i.Parameter
		})
		all = append(all, pace{der.WriteOID(i.Protocol).Value, m.mapping, suite, g, i.Parameter, several})
	}
	slices.SortStableFunc(all, func(a, b pace) int {
		return cmp.Or(first(isCurve(a.group), isCurve(b.group)), first(a.suite != sm.TripleDES, b.suite != sm.TripleDES),
			first(a.mapping == chipAuth, b.mapping == chipAuth), first(a.mapping == generic, b.mapping == generic),
			cmp.Compare(b.suite, a.suite), cmp.Compare(b.group.bits(), a.group.bits()))
	})
	return all
}

// first orders what has a property before what has not.
func first(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

func isCurve(g group) bool { _, ok := g.(curve); return ok }

// encodes reports whether the integrated mapping is possible.
func encodes(g group) bool {
	c, ok := g.(curve)
	return !ok || c.P.Bit(1) == 1
}

// chipKeys are the keys for chip authentication that a chip offers, and how each
// is used, the best first. A key of which the chip does not say how it is used
// is used with triple DES, as the first chips had it.
func chipKeys(infos lds.SecurityInfos) []chipKey {
	var all []chipKey
	keys := infos.Of(lds.OIDPublicKey)
	for _, k := range keys[:min(len(keys), maxOffers)] {
		kind, _, _ := variant(k.Protocol, lds.OIDPublicKey)
		g, point := keyIn(k.Key)
		if g == nil || isCurve(g) != (kind == "2") {
			continue
		}
		told := false
		for _, i := range infos.Of(lds.OIDChip) {
			of, last, ok := variant(i.Protocol, lds.OIDChip)
			suite, known := suites[last]
			if !ok || of != kind || i.Parameter >= 0 && i.Parameter != k.Parameter {
				continue
			}
			if told = true; known {
				all = append(all, chipKey{g, point, suite, der.WriteOID(i.Protocol).Value, keyID(i.Parameter)})
			}
		}
		if !told {
			all = append(all, chipKey{g, point, sm.TripleDES, nil, keyID(k.Parameter)})
		}
	}
	slices.SortStableFunc(all, func(a, b chipKey) int {
		return cmp.Or(first(isCurve(a.group), isCurve(b.group)), cmp.Compare(b.suite, a.suite), cmp.Compare(b.group.bits(), a.group.bits()))
	})
	return all
}

// keyID is the number of a key as commands have it; nil for -1.
func keyID(id int) []byte {
	if id < 0 {
		return nil
	}
	b := big.NewInt(int64(id)).Bytes()
	if len(b) == 0 {
		b = []byte{0}
	}
	return b
}

// keyIn is the group and the element of a chip's public key; nil where it is of
// another kind, or not in its group.
func keyIn(k *der.PublicKey) (group, ec.Point) {
	switch {
	case k == nil:
	case k.Curve != nil:
		return curve{k.Curve}, k.Point
	case k.DH != nil && k.DH.P.BitLen() <= maxPowers && (k.DH.Q == nil || k.DH.Q.BitLen() <= maxOrder):
		return checked(powers{"MODP of its own", k.DH.P, k.DH.G, k.DH.Q}, k.DH.Y.Bytes())
	case k.Parameter >= 0 && k.Parameter < len(rfc5114):
		return checked(groupOf(k.Parameter), k.Y)
	}
	return nil, ec.Point{}
}

// The largest group of powers and the largest order, in bits. Those of chips have
// 2048 and 256, and larger ones take long.
const (
	maxPowers = 4096
	maxOrder  = 512
)

func checked(g group, b []byte) (group, ec.Point) {
	p, err := g.parse(b)
	if err != nil {
		return nil, ec.Point{}
	}
	return g, p
}
