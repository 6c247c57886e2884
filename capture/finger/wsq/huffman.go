package wsq

// maxBits is the length of the longest Huffman code.
const maxBits = 16

// A code is a Huffman code as the stream's tables describe it: how many codes
// there are of each length, and the symbols in the order of their codes.
type code struct {
	counts  [maxBits]uint8
	symbols [symbolCount]uint8
}

// size is the number of symbols.
func (c *code) size() int {
	n := 0
	for _, count := range c.counts {
		n += int(count)
	}
	return n
}

// A word is the code of one symbol.
type word struct {
	bits uint16
	size uint8
}

// words lists the code by symbol.
func (c *code) words() (w [symbolCount]word) {
	next, at := uint16(0), 0
	for i, count := range c.counts {
		next <<= 1
		for range count {
			w[c.symbols[at]] = word{next, uint8(i + 1)}
			next++
			at++
		}
	}
	return w
}

// codeFor makes the code for symbols that occur so often: Huffman's tree, in
// which of equal weights the higher symbol is the lighter one. A symbol of weight
// one that is never sent takes the code of ones only, which the format forbids.
func codeFor(often *[symbolCount]uint32) (c code) {
	lengths := codeLengths(often)
	var counts [symbolCount + 1]int
	longest := 0
	for _, n := range lengths {
		counts[n]++
		longest = max(longest, int(n))
	}
	counts[0] = 0
	shorten(&counts, longest)
	at := 0
	for n := 1; n <= longest; n++ {
		for symbol := range symbolCount {
			if int(lengths[symbol]) == n {
				c.symbols[at] = uint8(symbol)
				at++
			}
		}
	}
	for i := range c.counts {
		c.counts[i] = uint8(counts[i+1])
	}
	return c
}

// codeLengths is the depth of each symbol in Huffman's tree; the last is the
// symbol that is never sent.
func codeLengths(often *[symbolCount]uint32) (lengths [symbolCount + 1]uint16) {
	type tree struct {
		weight uint32
		root   int // the symbol that stands for it among equal weights
	}
	var buf [symbolCount + 1]tree
	trees := buf[:0]
	var next [symbolCount + 1]int // the further symbols of a tree; 0 ends them
	var last [symbolCount + 1]int
	for s, n := range often {
		last[s] = s
		if n > 0 {
			trees = append(trees, tree{n, s})
		}
	}
	last[symbolCount] = symbolCount
	trees = append(trees, tree{1, symbolCount})
	lighter := func(a, b tree) bool { return a.weight < b.weight || a.weight == b.weight && a.root > b.root }
	for len(trees) > 1 {
		one, two := 0, 1
		if lighter(trees[1], trees[0]) {
			one, two = 1, 0
		}
		for i := 2; i < len(trees); i++ {
			switch {
			case lighter(trees[i], trees[one]):
				one, two = i, one
			case lighter(trees[i], trees[two]):
				two = i
			}
		}
		a, b := trees[one].root, trees[two].root
		next[last[a]], last[a] = b, last[b]
		for s := a; ; s = next[s] {
			lengths[s]++
			if s == last[a] {
				break
			}
		}
		trees[one].weight += trees[two].weight
		trees[two] = trees[len(trees)-1]
		trees = trees[:len(trees)-1]
	}
	return lengths
}

// shorten rearranges the numbers of codes of each length until none is longer
// than maxBits, and takes out the code of ones only.
func shorten(counts *[symbolCount + 1]int, longest int) {
	for n := longest; n > maxBits; n-- {
		for counts[n] > 0 {
			shorter := n - 2
			for counts[shorter] == 0 {
				shorter--
			}
			counts[n] -= 2
			counts[n-1]++
			counts[shorter+1] += 2
			counts[shorter]--
		}
	}
	for n := min(longest, maxBits); n > 0; n-- {
		if counts[n] > 0 {
			counts[n]--
			return
		}
	}
}
