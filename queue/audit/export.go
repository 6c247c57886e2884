package audit

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// maxLine bounds the memory that a line of an export can claim, in bytes.
const maxLine = 64 << 10

// headLine is the last line of an export.
type headLine struct {
	Head struct {
		Hash   string `json:"hash"`
		Number uint64 `json:"number"`
	} `json:"head"`
}

// Export writes the leaves, one a line, and a last line with the head. It
// verifies as it writes: what it returns no error for is an unbroken log.
func Export(w io.Writer, leaves iter.Seq2[[]byte, error]) (Head, error) {
	var head Head
	out := bufio.NewWriter(w)
	for raw, err := range leaves {
		if err == nil {
			_, head, err = Next(head, raw)
		}
		if err != nil {
			return head, fmt.Errorf("exporting the log: %w", err)
		}
		out.Write(raw)
		out.WriteByte('\n')
	}
	var last headLine
	last.Head.Number, last.Head.Hash = head.Number, hex.EncodeToString(head.Hash[:])
	line, err := json.Marshal(last)
	if err != nil {
		return head, fmt.Errorf("exporting the log: %w", err)
	}
	out.Write(line)
	out.WriteByte('\n')
	if err := out.Flush(); err != nil {
		return head, fmt.Errorf("exporting the log: %w", err)
	}
	return head, nil
}

// VerifyExport reads what Export wrote, and demands the last line.
func VerifyExport(r io.Reader) (Head, error) {
	var head Head
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	for lines.Scan() {
		if want, ok := parseHead(lines.Bytes()); ok {
			switch {
			case lines.Scan():
				return head, fmt.Errorf("verifying an export: %w: lines follow the head", ErrBroken)
			case want != head:
				return head, fmt.Errorf("verifying an export: %w: the head is another", ErrBroken)
			}
			return head, nil
		}
		var err error
		if _, head, err = Next(head, lines.Bytes()); err != nil {
			return head, fmt.Errorf("verifying an export: %w", err)
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
		return head, fmt.Errorf("verifying an export: %w", err)
	}
	return head, fmt.Errorf("verifying an export: %w: the head is missing", ErrBroken)
}

// parseHead reads the last line of an export.
func parseHead(line []byte) (Head, bool) {
	if !bytes.HasPrefix(line, []byte(`{"head":`)) {
		return Head{}, false
	}
	var l headLine
	var h Head
	if json.Unmarshal(line, &l) != nil || hex.DecodedLen(len(l.Head.Hash)) != len(h.Hash) {
		return Head{}, false
	}
	if _, err := hex.Decode(h.Hash[:], []byte(l.Head.Hash)); err != nil {
		return Head{}, false
	}
	h.Number = l.Head.Number
	return h, true
}
