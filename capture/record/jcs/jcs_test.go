package jcs

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestCanonical: one spelling for whatever means the same.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing, yes and no", ` [ null , true ,false ] `, `[null,true,false]`},
		{"nothing in it", `{"a":[ ],"b":{ }}`, `{"a":[],"b":{}}`},
		{"members by their names, at every level", `{"b":{"d":1,"c":2},"a":[{"z":0,"y":0}],"":3}`, `{"":3,"a":[{"y":0,"z":0}],"b":{"c":2,"d":1}}`},
		{"names by UTF-16, where an emoji comes before a ligature", `{"ﬁ":1,"😀":2,"é":3,"z":4}`, `{"z":4,"é":3,"😀":2,"ﬁ":1}`},
		{"escapes that need not be", `"\u0041\/\u00e6\u2028<&>\u007f"`, "\"A/æ\u2028<&>\u007f\""},
		{"escapes that must be", `"\u0000\u0008\u0009\u000a\u000c\u000d\u001F\"\\"`, `"\u0000\b\t\n\f\r\u001f\"\\"`},
		{"a pair of surrogates", `"\ud83d\ude00"`, `"😀"`},
		{"the mark of what somebody else lost, and how it is escaped", "\"\uFFFD \\\\ufffd\"", "\"\uFFFD \\\\ufffd\""},
		{"numbers", `[0,-0,1.0,1e2,0.1e1,-12.50,123456789012345678]`, `[0,0,1,100,1,-12.5,123456789012345680]`},
		{"the example of RFC 8785 § 3.2.2", `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
		{"the example of RFC 8785 § 3.2.3", `{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Canonical([]byte(c.in))
			if err != nil || string(got) != c.want {
				t.Errorf("Canonical(%s) = %s, %v; want %s", c.in, got, err, c.want)
			}
		})
	}
}

// TestNumbers: the samples of RFC 8785 appendix B.
func TestNumbers(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0", 0x8000000000000000: "0",
		0x0000000000000001: "5e-324", 0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308", 0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992", 0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000", 0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23", 0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000", 0x444b1ae4d6e2ef4f: "999999999999999900000", 0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7", 0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332", 0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333", 0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		if got := string(appendNumber(nil, math.Float64frombits(bits))); got != want {
			t.Errorf("%016x is written %s, want %s", bits, got, want)
		}
	}
}

// TestOrder: names stand by their UTF-16 code units.
func TestOrder(t *testing.T) {
	names := []string{"", "a", "aa", "b", "\u007f", "\u0080", "é", "\ud7ff", "\ue000", "ﬁ", "\uffff", "\U00010000", "😀", "\U0010ffff", "é\ue000", "é😀"}
	for _, a := range names {
		for _, b := range names {
			want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
			if got := compare(a, b); got != want {
				t.Errorf("compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}

// TestRefused: what not everybody would read alike has no canonical form.
func TestRefused(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":                        ``,
		"half an object":                 `{"a":1`,
		"no name":                        `{1:2}`,
		"two values":                     `1 2`,
		"a member twice":                 `{"a":1,"a":1}`,
		"a member twice, once escaped":   `[{"a":1,"b":2,"\u0061":3}]`,
		"half a pair of surrogates":      `"\ud83d"`,
		"the other half":                 `"\\\udE00"`,
		"both, in the wrong order":       `"\ude00\ud83d"`,
		"half a pair before a letter":    `"\ud83d\u0041"`,
		"half a pair before a new line":  `"\ud83d\n"`,
		"an escape cut short":            `"\ud83`,
		"half an escape":                 `"\`,
		"a name with half a pair":        `{"\ud83d":1}`,
		"a character lost in writing":    `"\ufffd"`,
		"not UTF-8":                      "\"\xff\"",
		"a number larger than all":       `1e400`,
		"a number with a leading nought": `01`,
		"nested too deep":                strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
	} {
		if got, err := Canonical([]byte(in)); !errors.Is(err, ErrText) {
			t.Errorf("%s: Canonical(%s) = %s, %v", name, in, got, err)
		}
	}
	if _, err := Canonical([]byte(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth))); err != nil {
		t.Errorf("nested as deep as may be: %v", err)
	}
}

// TestMarshalled: what is signed is what is read, to the letter.
func TestMarshalled(t *testing.T) {
	type print struct {
		Finger string   `json:"finger"`
		Score  int      `json:"score"`
		Marks  []string `json:"marks,omitempty"`
	}
	text, err := Marshal(print{Finger: "right <index>", Score: 80})
	if want := `{"finger":"right <index>","score":80}`; string(text) != want || err != nil {
		t.Fatalf("Marshal = %s, %v; want %s", text, err, want)
	}
	var got print
	if err := Unmarshal(text, &got); err != nil || got.Finger != "right <index>" || got.Score != 80 {
		t.Errorf("Unmarshal(%s) = %+v, %v", text, got, err)
	}
	if text, err := Marshal(print{Finger: "right \xff"}); !errors.Is(err, ErrText) {
		t.Errorf("what is not UTF-8 becomes %s, %v", text, err)
	}
	if _, err := Marshal(func() {}); err == nil {
		t.Error("a function is written as JSON")
	}
	for name, text := range map[string]string{
		"a blank":                        `{"finger":"thumb", "score":80}`,
		"another order":                  `{"score":80,"finger":"thumb"}`,
		"a member twice":                 `{"finger":"thumb","score":80,"score":80}`,
		"a member nobody knows":          `{"finger":"thumb","score":80,"zebra":1}`,
		"a member that says nothing":     `{"finger":"thumb","marks":[],"score":80}`,
		"a member that is missing":       `{"finger":"thumb"}`,
		"a member's name in capitals":    `{"Finger":"thumb","score":80}`,
		"null":                           `{"finger":"thumb","score":null}`,
		"an escape without need":         `{"finger":"\u0074humb","score":80}`,
		"a number with a fraction":       `{"finger":"thumb","score":80.0}`,
		"a word in the place of a score": `{"finger":"thumb","score":"80"}`,
		"more behind it":                 `{"finger":"thumb","score":80} `,
		"nothing":                        ``,
	} {
		if err := Unmarshal([]byte(text), new(print)); !errors.Is(err, ErrText) {
			t.Errorf("%s: Unmarshal(%s): %v", name, text, err)
		}
	}
}

// FuzzCanonical: the canonical form is its own, and means what the text does.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":[1.50,null,"\u00e6"],"a":{}}`, `[1e21,-0,"\ud83d\ude00"]`, `{"a":1,"a":2}`, `"\ud800"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := Canonical(text)
		if err != nil {
			return
		}
		if again, err := Canonical(once); err != nil || !bytes.Equal(once, again) {
			t.Fatalf("%s becomes %s, %v", once, again, err)
		}
		var a, b any
		if json.Unmarshal(text, &a) != nil || json.Unmarshal(once, &b) != nil {
			t.Fatalf("%q and %q are not both JSON", text, once)
		}
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		if errX != nil || errY != nil || strings.ReplaceAll(string(x), "-0", "0") != strings.ReplaceAll(string(y), "-0", "0") {
			t.Fatalf("%s means %s and %s", text, x, y)
		}
	})
}
