package finger_test

import (
	"encoding/json"
	"testing"

	"optag/capture/finger"
)

// Positions have the numbers of field FGP in ANSI/NIST-ITL 1, Table 8.
func TestPositions(t *testing.T) {
	for number, name := range []string{1: "right_thumb", 2: "right_index", 3: "right_middle", 4: "right_ring", 5: "right_little",
		6: "left_thumb", 7: "left_index", 8: "left_middle", 9: "left_ring", 10: "left_little"} {
		if number == 0 {
			continue
		}
		p, err := finger.ParsePosition(name)
		if err != nil || int(p) != number || p.String() != name || finger.Of(p.Hand(), p.Digit()) != p || !p.Valid() {
			t.Errorf("ParsePosition(%q) = %d, %v; want %d", name, p, err, number)
		}
		if back := p.Hand().String() + "_" + p.Digit().String(); back != name {
			t.Errorf("hand and digit of %d make %q, want %q", number, back, name)
		}
	}
	if all := finger.All(); len(all) != 10 || all[0] != finger.RightThumb || all[9] != finger.LeftLittle {
		t.Errorf("All() = %v", all)
	}
}

func TestUnknownFingerIsNamed(t *testing.T) {
	for _, name := range []string{"", "right", "right_toe", "Right_Index", "right_index ", "2", "index_right"} {
		p, err := finger.ParsePosition(name)
		if err == nil || p != 0 {
			t.Errorf("ParsePosition(%q) = %v, %v; want an error", name, p, err)
		}
	}
	_, err := finger.ParsePosition("right_toe")
	if want := `finger: no finger is called "right_toe"; names are like right_index or left_thumb`; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestWordsInJSON(t *testing.T) {
	type words struct {
		Position finger.Position `json:"p"`
		Digit    finger.Digit    `json:"d"`
		Hand     finger.Hand     `json:"h"`
	}
	in := words{finger.LeftRing, finger.Ring, finger.Left}
	data, err := json.Marshal(in)
	if want := `{"p":"left_ring","d":"ring","h":"left"}`; err != nil || string(data) != want {
		t.Fatalf("Marshal = %s, %v; want %s", data, err, want)
	}
	var out words
	if err := json.Unmarshal(data, &out); err != nil || out != in {
		t.Errorf("Unmarshal = %+v, %v; want %+v", out, err, in)
	}
	for _, bad := range []string{`{"p":"toe"}`, `{"d":"toe"}`, `{"h":"third"}`, `{"p":2}`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("Unmarshal(%s) went well", bad)
		}
	}
	for _, bad := range []any{finger.Position(0), finger.Position(11), finger.Digit(5), finger.Digit(-1), finger.Hand(2)} {
		if text, err := json.Marshal(bad); err == nil {
			t.Errorf("Marshal(%T %v) = %s, want an error", bad, bad, text)
		}
	}
}
