package record

import (
	"testing"

	"optag/capture"
	"optag/capture/rule"
)

// FuzzInspect: whatever a stranger calls a transaction is judged without harm.
func FuzzInspect(f *testing.F) {
	m := begin(f, rule.Eurodac, rule.Art11).takes(2).lacks(capture.Missing, 1, 3, 4, 5, 6, 7, 8, 9, 10).with(capture.Data{Reference: "DK31"})
	file, err := transaction(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file, byte(2))
	f.Add(file[:100], byte(0))
	f.Fuzz(func(_ *testing.T, file []byte, which byte) {
		all := layouts()
		_ = Inspect(all[int(which)%len(all)].name, file, EurodacAgreement())
	})
}

// FuzzOf: a package that somebody else has sealed gives a set that can be
// written, or an error.
func FuzzOf(f *testing.F) {
	m := family(f, 2, 7)
	m.close()
	whole := m.all()
	f.Add(whole[0].Data, whole[1].Data, whole[2].Data)
	f.Add(whole[0].Data, whole[2].Data, whole[3].Data)
	f.Add([]byte("{}"), []byte{}, []byte("P5"))
	f.Fuzz(func(_ *testing.T, head, portrait, print []byte) {
		r, err := capture.ReadRecord(head)
		if err != nil {
			return
		}
		parts := m.all()
		parts[0].Data, parts[1].Data, parts[2].Data = head, portrait, print
		if s, err := Of[Card](r, parts); err == nil {
			_, _ = WriteCard(s, CardSettings{Third: len(print)%2 == 0})
		}
	})
}
