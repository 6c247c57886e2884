package nist_test

import (
	"bytes"
	"testing"

	"optag/capture/record/nist"
)

// smallest is the smallest file there is: a Type-1 record with the fields it must
// have, and an empty Type-2 record. It has 129 bytes.
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
	noFault(t, roundTrip(t, want))
}

// entryExit is a file as the Entry/Exit System takes it: no slap, single fingers
// with the IDC of their position, a score of NFIQ 2 for each.
const entryExit = `1.001:173
1.002:0502
1.003:1|3^2|0^14|2^14|3
1.004:EES
1.005:20230425
1.006:9
1.007:sBMS
1.008:DNKpol00
1.009:0
1.011:00.00
1.012:00.00
1.013:EES|1.00
1.014:20230425162700Z#
2.001:43
2.002:0
2.003:0100
2.004:20230425#
14.001:203
14.002:2
14.003:0
14.004:DNKpol00
14.005:20230425
14.006:400
14.007:582
14.008:1
14.009:500
14.010:500
14.011:WSQ20
14.012:8
14.013:2
14.024:2|49|000F|65535
14.999:«ffa0ffa2001100ff024601900000000000000000001c1d1e1fffa1»#
14.001:203
14.002:3
14.003:0
14.004:DNKpol00
14.005:20230425
14.006:400
14.007:582
14.008:1
14.009:500
14.010:500
14.011:WSQ20
14.012:8
14.013:3
14.024:3|50|000F|65535
14.999:«ffa0ffa2001100ff024601900000000000000000001c1d1e1fffa1»#
`

func TestEntryExitFile(t *testing.T) {
	file := nist.New(header())
	file.AddText(nist.NewField(3, []string{"0100"}), nist.NewField(4, []string{"20230425"}))
	for _, finger := range []int{2, 3} {
		file.AddPrint(onePrint(finger, wsqHead(400, 582), 400, 582))
	}
	if got, want := file.Bytes(), encode(entryExit); !bytes.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	noFault(t, roundTrip(t, encode(entryExit)))
}
