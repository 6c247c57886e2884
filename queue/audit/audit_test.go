package audit

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// day is a short log: a clerk logs in, a package is queued and delivered.
func day(t testing.TB) (leaves [][]byte, head Head) {
	t.Helper()
	for i, e := range []Entry{
		{Actor: "queue", Event: QueueCreated},
		{Actor: "officer-4", Event: LoggedIn, Details: map[string]string{"by": "pin"}},
		{Actor: "officer-4", Event: PackageQueued, Subject: "0a0a", Details: map[string]string{"sequence": "1", "bytes": "1024"}},
		{Actor: "queue", Event: PackageDelivered, Subject: "0a0a"},
	} {
		e.At = morning.Add(time.Duration(i) * time.Minute)
		raw, next, err := Append(head, e)
		if err != nil {
			t.Fatal(err)
		}
		leaves, head = append(leaves, raw), next
	}
	return leaves, head
}

func each(leaves [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, l := range leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// A leaf is written in one way, which a log written today must keep for ever.
func TestLeafIsWrittenSo(t *testing.T) {
	leaves, head := day(t)
	want := `{"actor":"officer-4","at":"2026-11-22T08:02:00Z","details":{"bytes":"1024","sequence":"1"},"event":"package_queued","number":3,` +
		`"previous":"` + fmt.Sprintf("%x", Hash(leaves[1])) + `","subject":"0a0a"}`
	if string(leaves[2]) != want {
		t.Errorf("leaf 3 = %s\nwant %s", leaves[2], want)
	}
	if want := "4:3e9dbea4ffb46e98f1bfc6c72fef3829"; !strings.HasPrefix(head.String(), want) {
		t.Errorf("head = %s, want %s…", head, want)
	}
}

func TestVerify(t *testing.T) {
	leaves, head := day(t)
	if got, err := Verify(each(leaves)); err != nil || got != head {
		t.Errorf("Verify = %s, %v; want %s", got, err, head)
	}
	if got, err := Verify(each(nil)); err != nil || got != (Head{}) {
		t.Errorf("Verify of an empty log = %s, %v", got, err)
	}
	fault := errors.New("disk")
	if _, err := Verify(func(yield func([]byte, error) bool) { yield(nil, fault) }); !errors.Is(err, fault) || errors.Is(err, ErrBroken) {
		t.Errorf("Verify of what cannot be read: %v", err)
	}
}

// Whatever is done to a log but cutting it off at its end breaks it.
func TestTampering(t *testing.T) {
	leaves, head := day(t)
	edit := func(i int, from, to string) [][]byte {
		l := slices.Clone(leaves)
		l[i] = bytes.Replace(l[i], []byte(from), []byte(to), 1)
		if bytes.Equal(l[i], leaves[i]) {
			t.Fatalf("%s does not stand in leaf %d", from, i+1)
		}
		return l
	}
	for _, c := range []struct {
		name   string
		leaves [][]byte
	}{
		{"another actor", edit(1, "officer-4", "officer-5")},
		{"another time", edit(0, "08:00", "07:00")},
		{"another event", edit(1, "logged_in", "logged_out")},
		{"a detail altered", edit(2, "1024", "1025")},
		{"an event that does not exist", edit(2, "package_queued", "package_eaten")},
		{"a space", edit(2, `"number":3`, `"number": 3`)},
		{"an unknown member", edit(2, `"number":3`, `"extra":1,"number":3`)},
		{"another offset of time", edit(2, `08:02:00Z`, `09:02:00+01:00`)},
		{"the first left out", leaves[1:]},
		{"one left out", slices.Delete(slices.Clone(leaves), 1, 2)},
		{"one twice", slices.Insert(slices.Clone(leaves), 1, leaves[1])},
		{"two exchanged", [][]byte{leaves[0], leaves[2], leaves[1], leaves[3]}},
		{"not a leaf", slices.Insert(slices.Clone(leaves), 2, []byte("hello"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := Verify(each(c.leaves)); !errors.Is(err, ErrBroken) {
				t.Errorf("Verify = %s, %v; want %v", got, err, ErrBroken)
			}
		})
	}
	// The last leaf is held by the head only.
	if got, err := Verify(each(edit(3, "0a0a", "0b0b"))); err != nil || got == head {
		t.Errorf("the last leaf altered: head %s, %v; want another head than %s", got, err, head)
	}
	if got, err := Verify(each(leaves[:3])); err != nil || got == head {
		t.Errorf("the last leaf cut off: head %s, %v; want another head than %s", got, err, head)
	}
}

// An entry that is not made of codes is refused, and the error does not repeat it.
func TestEntriesAreCodes(t *testing.T) {
	const secret = "Ærø Hansen\n"
	many := map[string]string{}
	for i := range MaxDetails + 1 {
		many["d"+strconv.Itoa(i)] = ""
	}
	for _, c := range []struct {
		name string
		e    Entry
	}{
		{"no actor", Entry{Event: LoggedIn, At: morning}},
		{"a name as actor", Entry{Actor: secret, Event: LoggedIn, At: morning}},
		{"an unknown event", Entry{Actor: "queue", Event: "nap_taken", At: morning}},
		{"no event", Entry{Actor: "queue", At: morning}},
		{"a name as subject", Entry{Actor: "queue", Event: LoggedIn, Subject: secret, At: morning}},
		{"a sentence as detail", Entry{Actor: "queue", Event: LoggedIn, Details: map[string]string{"note": secret}, At: morning}},
		{"a detail too long", Entry{Actor: "queue", Event: LoggedIn, Details: map[string]string{"note": strings.Repeat("a", 200)}, At: morning}},
		{"a name as name of a detail", Entry{Actor: "queue", Event: LoggedIn, Details: map[string]string{secret: "1"}, At: morning}},
		{"too many details", Entry{Actor: "queue", Event: LoggedIn, Details: many, At: morning}},
		{"no time", Entry{Actor: "queue", Event: LoggedIn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Append(Head{}, c.e)
			if !errors.Is(err, ErrEntry) || strings.Contains(err.Error(), "Hansen") {
				t.Errorf("Append: %v, want %v and discretion", err, ErrEntry)
			}
		})
	}
	raw, _, err := Append(Head{}, Entry{Actor: "queue", Event: LoggedIn, At: morning.Add(time.Millisecond).In(time.FixedZone("CET", 3600))})
	if l, perr := Parse(raw); err != nil || perr != nil || !l.At.Equal(morning) {
		t.Errorf("a local time with fractions: %v, %v, %v", l.At, err, perr)
	}
}

func TestExport(t *testing.T) {
	leaves, head := day(t)
	var file bytes.Buffer
	if got, err := Export(&file, each(leaves)); err != nil || got != head {
		t.Fatalf("Export = %s, %v; want %s", got, err, head)
	}
	if got, err := VerifyExport(bytes.NewReader(file.Bytes())); err != nil || got != head {
		t.Errorf("VerifyExport = %s, %v; want %s", got, err, head)
	}
	lines := bytes.SplitAfter(file.Bytes(), []byte("\n"))
	join := func(l ...[]byte) []byte { return bytes.Join(l, nil) }
	for name, bad := range map[string][]byte{
		"empty":               nil,
		"without its head":    join(lines[:4]...),
		"cut off and no head": join(lines[:2]...),
		"a line missing":      join(lines[0], lines[2], lines[3], lines[4]),
		"the last missing":    join(lines[0], lines[1], lines[2], lines[4]),
		"the last altered":    bytes.Replace(file.Bytes(), []byte("package_delivered"), []byte("package_refused"), 1),
		"a line behind it":    join(file.Bytes(), lines[0]),
		"a line beyond bound": bytes.Repeat([]byte("a"), maxLine+1),
	} {
		if _, err := VerifyExport(bytes.NewReader(bad)); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v, want %v", name, err, ErrBroken)
		}
	}
	if _, err := Export(&file, each(leaves[1:])); !errors.Is(err, ErrBroken) {
		t.Errorf("exporting a broken log: %v, want %v", err, ErrBroken)
	}
}

// Each event has its own code, of the form of a code, and Events lists them all:
// read from the source, for a constant left out of the list would be refused at
// the counter only.
func TestEventsAreUnique(t *testing.T) {
	src, err := os.ReadFile("event.go")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[Event]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); !ok || kind.Name != "Event" || len(v.Values) != 1 {
			t.Errorf("%s is not a typed event with a code", v.Names[0].Name)
			return true
		}
		code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		if err != nil || !name.MatchString(code) {
			t.Errorf("%s has the code %q", v.Names[0].Name, code)
		}
		if declared[Event(code)] {
			t.Errorf("the code %q is used twice", code)
		}
		declared[Event(code)] = true
		return true
	})
	if len(declared) < 40 {
		t.Errorf("only %d events were found in the source", len(declared))
	}
	for _, e := range Events() {
		if !declared[e] {
			t.Errorf("%s is listed twice, or not declared", e)
		}
		delete(declared, e)
	}
	for e := range declared {
		t.Errorf("%s is declared and not listed", e)
	}
}

// FuzzParse: a leaf that is read is written again as it was.
func FuzzParse(f *testing.F) {
	leaves, _ := day(f)
	for _, l := range leaves {
		f.Add(l)
		f.Add(l[:len(l)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrBroken) {
				t.Fatalf("Parse: %v", err)
			}
			return
		}
		var head Head
		if _, err := hex.Decode(head.Hash[:], []byte(l.Previous)); err != nil {
			t.Fatal(err)
		}
		head.Number = l.Number - 1
		raw, _, err := Append(head, Entry{At: l.At, Actor: l.Actor, Event: l.Event, Subject: l.Subject, Details: l.Details})
		if err != nil || !bytes.Equal(raw, b) {
			t.Fatalf("written again: %s, %v", raw, err)
		}
	})
}

// FuzzVerifyExport: an export that verifies is the export of its leaves.
func FuzzVerifyExport(f *testing.F) {
	leaves, _ := day(f)
	var file bytes.Buffer
	if _, err := Export(&file, each(leaves)); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(bytes.Replace(file.Bytes(), []byte("\n"), []byte("\r\n"), -1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := VerifyExport(bytes.NewReader(b)); err != nil && !errors.Is(err, ErrBroken) {
			t.Fatalf("VerifyExport: %v", err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	var head Head
	e := Entry{Actor: "queue", Event: PackageDelivered, Subject: "0a0a", At: morning}
	for b.Loop() {
		var err error
		if _, head, err = Append(head, e); err != nil {
			b.Fatal(err)
		}
	}
}
