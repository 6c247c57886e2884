package nist_test

import (
	"bytes"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// encode turns a file as it is printed into its bytes: a line for a field, # for
// the end of a record, ^ between sub-fields and | between items.
func encode(printed string) []byte {
	s := strings.NewReplacer("#\n", "\x1c", "\n", "\x1d", "^", "\x1e", "|", "\x1f").Replace(printed)
	return []byte(s)
}

// smallest is the smallest file there is: a Type-1 record with the fields it must
// have, and an empty Type-2 record.
const smallest = `1.001:112
1.002:0502
1.003:1|1^2|0
1.004:E
1.005:20230425
1.007:DKU
1.008:DKP
1.009:T01
1.011:00.00
1.012:00.00#
2.001:17
2.002:0#
`

func TestSmallestFile(t *testing.T) {
	file := nist.New(nist.Header{Transaction: "E", Date: "20230425", Destination: "DKU", Origin: "DKP", Control: "T01"})
	file.AddText()
	got, want := file.Bytes(), encode(smallest)
	if !bytes.Equal(got, want) || len(got) != 129 {
		t.Errorf("%d bytes\n%q, want 129\n%q", len(got), got, want)
	}
	roundTrip(t, want)
}

// roundTrip parses a file, which must be written as it was read.
func roundTrip(t *testing.T, data []byte) *nist.Transaction {
	t.Helper()
	file, err := nist.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := file.Bytes(); !bytes.Equal(got, data) {
		t.Fatalf("read and written again:\n%.300q, want\n%.300q", got, data)
	}
	return file
}
