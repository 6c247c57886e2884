package queue

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The pages of a bbolt file, as far as must be known to tell that bbolt can
// follow them without stumbling: bbolt maps the file and believes every offset
// in it. The layout is that of bbolt 1.5 (internal/common/page.go and meta.go),
// which has not changed since boltdb 1.0. Numbers are in the machine's order.
const (
	pageHead    = 16 // id 8, flags 2, count 2, overflow 4
	elementSize = 16 // leaf: flags 4, pos 4, ksize 4, vsize 4; branch: pos 4, ksize 4, page 8

	branchPage   = 0x01
	leafPage     = 0x02
	metaPage     = 0x04
	freelistPage = 0x10
	bucketFlag   = 0x01

	metaSize    = 64 // magic 4, version 4, page size 4, flags 4, root 8, sequence 8, freelist 8, pages 8, transaction 8, checksum 8
	boltMagic   = 0xED0CDAED
	boltVersion = 2
	maxDepth    = 64 // of pages, buckets within buckets included
)

var native = binary.NativeEndian

// A meta is one of the two pages by which bbolt finds everything else.
type meta struct {
	pageSize            int64
	root, freelist, top uint64 // page numbers; top is the first that was never used
	transaction         uint64
	whole               bool // it verifies
}

// A pageCheck walks the pages of a file.
type pageCheck struct {
	file io.ReaderAt
	meta meta
	seen []bool // by page number
}

// checkPages says whether bbolt can follow the pages of a file of size bytes:
// both meta pages whole, every page in its bounds, of its kind and used once,
// keys in order. It does not look at values. The error wraps ErrDamaged, or is
// of the reading.
func checkPages(file io.ReaderAt, size int64) error {
	m, err := readMetas(file, size)
	if err != nil {
		return err
	}
	p := &pageCheck{file: file, meta: m, seen: make([]bool, m.top)}
	if err := p.tree(m.root, 0, nil, nil); err != nil {
		return err
	}
	return p.freelist()
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// readMetas returns the later of the two meta pages. Both must be whole: bbolt
// would make do with the earlier, and so lose the last transaction unseen.
func readMetas(file io.ReaderAt, size int64) (meta, error) {
	first, err := readMeta(file, size, 0)
	if err != nil {
		return meta{}, err
	}
	second, err := readMeta(file, size, first.pageSize)
	if err != nil {
		return meta{}, err
	}
	if second.transaction > first.transaction {
		first = second
	}
	return first, nil
}

func readMeta(file io.ReaderAt, size, off int64) (meta, error) {
	b := make([]byte, pageHead+metaSize)
	if off+int64(len(b)) > size {
		return meta{}, damaged("the file ends within its first pages")
	}
	if _, err := file.ReadAt(b, off); err != nil {
		return meta{}, err
	}
	sum := fnv.New64a()
	sum.Write(b[pageHead : pageHead+metaSize-8])
	c := b[pageHead:]
	m := meta{
		pageSize: int64(native.Uint32(c[8:])), root: native.Uint64(c[16:]),
		freelist: native.Uint64(c[32:]), top: native.Uint64(c[40:]), transaction: native.Uint64(c[48:]),
	}
	m.whole = native.Uint16(b[8:]) == metaPage && native.Uint32(c) == boltMagic && native.Uint32(c[4:]) == boltVersion &&
		native.Uint64(c[56:]) == sum.Sum64() && m.pageSize >= 1024 && m.pageSize <= 64<<10 && m.pageSize&(m.pageSize-1) == 0
	if !m.whole {
		return m, damaged("a meta page does not verify")
	}
	if m.top < 4 || m.top > uint64(size/m.pageSize) || m.root >= m.top || m.freelist >= m.top {
		return m, damaged("the file is shorter than its pages")
	}
	return m, nil
}

// lastTransaction finds the number of the last transaction in a damaged file;
// sure is false when there may have been a later one.
func lastTransaction(file io.ReaderAt, size int64) (n uint64, sure bool) {
	first, _ := readMeta(file, size, 0)
	pageSize := first.pageSize
	if !first.whole {
		pageSize = int64(os.Getpagesize())
	}
	second, _ := readMeta(file, size, pageSize)
	if !first.whole {
		first, second = second, first
	}
	// first is whole, if either is. They are written in turns.
	switch {
	case !first.whole:
		return 0, false
	case second.transaction == first.transaction+1:
		return second.transaction, true
	case second.transaction == first.transaction-1:
		return first.transaction, true
	}
	return first.transaction, false
}

// A page is one page with its overflow, of which the first head bytes are read.
type page struct {
	flags  uint16
	count  int
	extent int64 // bytes, overflow included
	off    int64 // in the file
	head   []byte
}

// page reads a page's header and elements, and marks it as used.
func (p *pageCheck) page(id uint64) (page, error) {
	if id < 2 || id >= p.meta.top {
		return page{}, damaged("page %d does not exist", id)
	}
	g := page{off: int64(id) * p.meta.pageSize, head: make([]byte, p.meta.pageSize)}
	if _, err := p.file.ReadAt(g.head, g.off); err != nil {
		return page{}, err
	}
	overflow := uint64(native.Uint32(g.head[12:]))
	if native.Uint64(g.head) != id || overflow >= p.meta.top-id {
		return page{}, damaged("page %d is not itself", id)
	}
	g.flags, g.count = native.Uint16(g.head[8:]), int(native.Uint16(g.head[10:]))
	g.extent = int64(overflow+1) * p.meta.pageSize
	for i := id; i <= id+overflow; i++ {
		if p.seen[i] {
			return page{}, damaged("page %d is used twice", i)
		}
		p.seen[i] = true
	}
	return g, nil
}

// bytes returns n bytes of the page from off on.
func (p *pageCheck) bytes(g page, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || off+n > g.extent {
		return nil, damaged("an element leaves its page")
	}
	if off+n <= int64(len(g.head)) {
		return g.head[off : off+n], nil
	}
	b := make([]byte, n)
	_, err := p.file.ReadAt(b, g.off+off)
	return b, err
}

// tree checks the page id and all below it. Its keys are at least low and less
// than high, where those are given.
func (p *pageCheck) tree(id uint64, depth int, low, high []byte) error {
	if depth > maxDepth {
		return damaged("the tree is too deep")
	}
	g, err := p.page(id)
	if err != nil {
		return err
	}
	switch {
	case g.flags == branchPage && g.count > 0:
		return p.branch(g, depth, low, high)
	case g.flags == leafPage:
		return p.leaf(g, depth, low, high)
	}
	return damaged("page %d is of the wrong kind", id)
}

// An element is one entry of a branch or leaf page.
type element struct {
	key    []byte
	child  uint64 // of a branch
	bucket bool   // of a leaf: the value is a bucket
	off    int64  // of a leaf: where the value begins in the page
	size   int64  // of a leaf: bytes of the value
}

// elements reads the elements of a page and checks that their keys ascend.
func (p *pageCheck) elements(g page, low, high []byte) ([]element, error) {
	table, err := p.bytes(g, pageHead, int64(g.count)*elementSize)
	if err != nil {
		return nil, err
	}
	list := make([]element, g.count)
	for i := range list {
		e := &list[i]
		b := table[i*elementSize:]
		off := int64(pageHead + i*elementSize)
		var keySize int64
		if g.flags == branchPage {
			off += int64(native.Uint32(b))
			keySize, e.child = int64(native.Uint32(b[4:])), native.Uint64(b[8:])
		} else {
			off += int64(native.Uint32(b[4:]))
			keySize, e.size = int64(native.Uint32(b[8:])), int64(native.Uint32(b[12:]))
			e.bucket = native.Uint32(b)&bucketFlag != 0
			e.off = off + keySize
		}
		if keySize == 0 || off < pageHead+int64(g.count)*elementSize || off+keySize+e.size > g.extent {
			return nil, damaged("an element has no key or leaves its page")
		}
		if e.key, err = p.bytes(g, off, keySize); err != nil {
			return nil, err
		}
		if i > 0 && bytes.Compare(list[i-1].key, e.key) >= 0 ||
			i == 0 && low != nil && bytes.Compare(e.key, low) < 0 || high != nil && bytes.Compare(e.key, high) >= 0 {
			return nil, damaged("keys are out of order")
		}
	}
	return list, nil
}

func (p *pageCheck) branch(g page, depth int, low, high []byte) error {
	list, err := p.elements(g, low, high)
	if err != nil {
		return err
	}
	for i, e := range list {
		next := high
		if i+1 < len(list) {
			next = list[i+1].key
		}
		if err := p.tree(e.child, depth+1, e.key, next); err != nil {
			return err
		}
	}
	return nil
}

func (p *pageCheck) leaf(g page, depth int, low, high []byte) error {
	list, err := p.elements(g, low, high)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.bucket {
			continue
		}
		head, err := p.bytes(g, e.off, min(e.size, 16))
		if err != nil {
			return err
		}
		if len(head) < 16 {
			return damaged("a bucket is cut short")
		}
		if root := native.Uint64(head); root != 0 {
			err = p.tree(root, depth+1, nil, nil)
		} else {
			err = p.inline(g, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inline checks a small bucket that is kept as a page within a value.
func (p *pageCheck) inline(outer page, e element) error {
	b, err := p.bytes(outer, e.off, e.size)
	if err != nil {
		return err
	}
	b = b[16:]
	if len(b) < pageHead {
		return damaged("a bucket is cut short")
	}
	g := page{flags: native.Uint16(b[8:]), count: int(native.Uint16(b[10:])), extent: int64(len(b)), head: b}
	if g.flags != leafPage {
		return damaged("a bucket is of the wrong kind")
	}
	list, err := p.elements(g, nil, nil)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.bucket {
			return damaged("a bucket within a small bucket")
		}
	}
	return nil
}

// freelist checks that the free pages are in order and not in use.
func (p *pageCheck) freelist() error {
	g, err := p.page(p.meta.freelist)
	if err != nil {
		return err
	}
	if g.flags != freelistPage {
		return damaged("the list of free pages is of the wrong kind")
	}
	off, count := int64(pageHead), int64(g.count)
	if g.count == 0xFFFF { // too many for the header: the first entry is their number
		b, err := p.bytes(g, off, 8)
		if err != nil {
			return err
		}
		off, count = off+8, int64(native.Uint64(b))
	}
	if count < 0 || count > int64(p.meta.top) {
		return damaged("the list of free pages is too long")
	}
	ids, err := p.bytes(g, off, count*8)
	if err != nil {
		return err
	}
	for ; len(ids) > 0; ids = ids[8:] {
		id := native.Uint64(ids)
		if id < 2 || id >= p.meta.top || p.seen[id] {
			return damaged("page %d is free and in use", id)
		}
		p.seen[id] = true
	}
	return nil
}
