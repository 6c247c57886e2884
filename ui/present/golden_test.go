package present_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"optag/ui/flow"
	"optag/ui/i18n"
	"optag/ui/present"
	"optag/ui/present/journey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestScreens compares every screen of a whole journey with a text that anybody
// can read. After a change: go test ./ui/present -update, and read the difference.
func TestScreens(t *testing.T) {
	for _, lang := range i18n.Languages() {
		person := "en"
		if lang == "en" {
			person = "da"
		}
		var b bytes.Buffer
		journey.Walk(lang, person, func(stop string, s *flow.State) {
			fmt.Fprintf(&b, "==== %s\n", stop)
			operator(&b, present.OperatorScreen(s, true))
			applicant(&b, present.ApplicantScreen(s))
		})
		file := filepath.Join("testdata", "screens-"+lang+".txt")
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, lang, b.String(), string(want))
	}
}

// compare reports the first line of each stop that differs.
func compare(t *testing.T, lang, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	stop := ""
	for i := range max(len(g), len(w)) {
		a, b := line(g, i), line(w, i)
		if strings.HasPrefix(b, "====") {
			stop = b
		}
		if a != b {
			t.Fatalf("%s %s, line %d:\n got  %s\n want %s", lang, stop, i+1, a, b)
		}
	}
}

func line(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "(nothing)"
}

var marks = map[present.StepState]string{present.StepDone: "✓", present.StepNow: "●", present.StepLost: "!", present.StepToCome: "○"}

func operator(b *bytes.Buffer, vm present.Operator) {
	if h := vm.Header; h != nil {
		fmt.Fprintf(b, "header   %s\n", join(" | ", h.Name, h.Born, h.Kind, h.Number, h.Safe, h.User+", "+h.Role))
	}
	var rail []string
	for _, s := range vm.Rail {
		text := marks[s.State] + s.Label
		if s.Fact != "" {
			text += " (" + s.Fact + ")"
		}
		if s.Open {
			text += "→"
		}
		rail = append(rail, text)
	}
	fmt.Fprintf(b, "rail     %s\n", strings.Join(rail, "  "))
	fmt.Fprintf(b, "title    %s%s\n", vm.Title, aside(vm.Aside))
	if vm.Cover != nil {
		fmt.Fprintln(b, "covered by the applicant's screen")
	}
	page(b, reflect.ValueOf(vm.Page).Elem(), "  ")
	fmt.Fprintf(b, "advice   [%s] %s\n", vm.Advice.Tone, join(" ", "*"+vm.Advice.Bold+"*", vm.Advice.Text))
	var buttons []string
	for _, x := range vm.Secondary {
		buttons = append(buttons, key(x))
	}
	if vm.Primary != nil {
		buttons = append(buttons, "►"+key(*vm.Primary))
	}
	fmt.Fprintf(b, "actions  %s\n", strings.Join(buttons, "   "))
	var status []string
	for _, s := range vm.Status {
		status = append(status, s.Text+" ["+string(s.Tone)+"]")
	}
	fmt.Fprintf(b, "status   %s   %s\n", strings.Join(status, "  "), vm.Clock)
	if vm.Focus != "" {
		fmt.Fprintf(b, "focus    %s\n", vm.Focus)
	}
}

func key(x present.Button) string {
	text := x.Label + " (" + string(x.Key) + ")"
	if x.Off {
		text += " off"
	}
	return text
}

func aside(a present.Aside) string {
	text := ""
	if a.Text != "" {
		text += "   — " + a.Text
	}
	if a.Chip != nil {
		text += "   [" + a.Chip.Text + "]"
	}
	for _, p := range a.Attempts {
		switch {
		case p.Now:
			text += " (" + p.Text + ")"
		case p.Left:
			text += " …" + p.Text
		default:
			text += " " + p.Text
		}
	}
	return text
}

func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" && p != "**" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// page writes what a page holds, field by field, without what is empty.
func page(b *bytes.Buffer, v reflect.Value, indent string) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if f.IsZero() || name == "Guide" {
			continue
		}
		switch f.Kind() {
		case reflect.Slice:
			fmt.Fprintf(b, "%s%s\n", indent, name)
			for j := range f.Len() {
				fmt.Fprintf(b, "%s  - %s\n", indent, inline(f.Index(j)))
			}
		case reflect.Struct:
			if name == "Table" {
				page(b, f, indent)
				continue
			}
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, inline(f))
		default:
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, inline(f))
		}
	}
}

// inline writes a value on one line.
func inline(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if _, ok := v.Interface().(interface{ Bounds() any }); ok || v.Kind() == reflect.Interface {
			return "(picture)"
		}
		return inline(v.Elem())
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, inline(v.Index(i)))
		}
		return strings.Join(parts, " / ")
	case reflect.Map:
		return fingerMap(v)
	case reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			if f.IsZero() || name == "Guide" {
				continue
			}
			text := inline(f)
			if f.Kind() == reflect.Bool {
				text = "[" + strings.ToLower(name) + "]"
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, " | ")
	}
	return fmt.Sprint(v.Interface())
}

func fingerMap(v reflect.Value) string {
	fingers, ok := v.Interface().(map[string]present.Finger)
	if !ok {
		return fmt.Sprint(v.Interface())
	}
	var parts []string
	for _, side := range []string{"left", "right"} {
		for _, f := range []string{"thumb", "index", "middle", "ring", "little"} {
			if state := fingers[side+"_"+f]; state.State != present.FingerFree {
				parts = append(parts, fmt.Sprintf("%s_%s %s %d", side, f, state.State, state.Number))
			}
		}
	}
	return strings.Join(parts, ", ")
}

func applicant(b *bytes.Buffer, vm present.Applicant) {
	if vm.Blank {
		fmt.Fprint(b, "person   (blank)\n\n")
		return
	}
	var progress []string
	for _, p := range vm.Progress {
		progress = append(progress, marks[p.State]+p.Icon)
	}
	live := ""
	if vm.Portrait {
		live = " + own picture"
	}
	fmt.Fprintf(b, "person   %s   <%s%s> %s   (%s)\n", strings.Join(progress, " "), vm.Picture, live, vm.Sentence, vm.Language)
	if r := vm.Rights; r != nil {
		fmt.Fprintf(b, "  %s [%s] %d/%d\n", r.Heading, r.Draft, r.Page, r.Pages)
		for _, row := range r.Rows {
			fmt.Fprintf(b, "  - <%s> %s\n", row.Icon, row.Text)
		}
	}
	fmt.Fprintln(b)
}

// What must hold on every screen, whatever it says.
func TestWhatHoldsOnEveryScreen(t *testing.T) {
	unfilled := regexp.MustCompile(`\{[a-z]+\}`)
	key := regexp.MustCompile(`^[a-z]+(\.[a-z_0-9]+)+$`)
	for _, lang := range i18n.Languages() {
		journey.Walk(lang, lang, func(stop string, s *flow.State) {
			vm, person := present.OperatorScreen(s, true), present.ApplicantScreen(s)
			for _, text := range append(texts(reflect.ValueOf(vm)), texts(reflect.ValueOf(person))...) {
				if unfilled.MatchString(text) || key.MatchString(text) {
					t.Errorf("%s, %s: shows %q", lang, stop, text)
				}
			}
			if len(vm.Secondary) > 3 {
				t.Errorf("%s: %d secondary actions, want at most 3", stop, len(vm.Secondary))
			}
			keys := map[present.Key]bool{}
			for _, x := range vm.Secondary {
				keys[x.Key] = true
			}
			if vm.Primary != nil {
				if keys[vm.Primary.Key] {
					t.Errorf("%s: key %q does two things", stop, vm.Primary.Key)
				}
				keys[vm.Primary.Key] = true
			}
			if len(keys) != len(vm.Secondary)+map[bool]int{true: 1}[vm.Primary != nil] {
				t.Errorf("%s: two buttons have one key", stop)
			}
			if s.Page != flow.Login && vm.Advice.Bold+vm.Advice.Text == "" {
				t.Errorf("%s: no advice", stop)
			}
			for _, x := range vm.Secondary {
				if x.Action.ID != present.DoNothing && present.Event(x.Action, s) == nil {
					t.Errorf("%s: %q means nothing at the counter", stop, x.Label)
				}
			}
			if vm.Primary != nil && present.Event(vm.Primary.Action, s) == nil {
				t.Errorf("%s: %q means nothing at the counter", stop, vm.Primary.Label)
			}
		})
	}
}

// After a case was sealed nothing on either screen names the person.
func TestTheNameLeavesTheScreen(t *testing.T) {
	journey.Walk("en", "da", func(stop string, s *flow.State) {
		all := strings.Join(append(texts(reflect.ValueOf(present.OperatorScreen(s, true))), texts(reflect.ValueOf(present.ApplicantScreen(s)))...), "\n")
		named := strings.Contains(strings.ToLower(all), "haddad") || strings.Contains(all, "1991")
		switch {
		case strings.HasPrefix(stop, "sealed") || stop == "delivered" || stop == "locked with a case" || strings.HasPrefix(stop, "log-in") || strings.HasPrefix(stop, "queue"):
			if named {
				t.Errorf("%s: the person is named", stop)
			}
		case stop == "review":
			if !named {
				t.Errorf("%s: the person is not named; the test looks for the wrong words", stop)
			}
		}
	})
}

// The applicant is never shown a figure about themselves.
func TestThePersonSeesNoScore(t *testing.T) {
	digit := regexp.MustCompile(`[0-9]`)
	journey.Walk("en", "en", func(stop string, s *flow.State) {
		if vm := present.ApplicantScreen(s); digit.MatchString(vm.Sentence) {
			t.Errorf("%s: the person reads %q", stop, vm.Sentence)
		}
	})
}

// The applicant is never shown what was read from a document for the case, unless
// the clerk hands the screen over.
func TestThePersonSeesNothingOfTheDocument(t *testing.T) {
	beside, shown := 0, 0
	journey.Walk("en", "da", func(stop string, s *flow.State) {
		forCase := s.Page == flow.Card && s.Card.For == flow.CaseForm
		if !forCase && s.Face.Image == nil {
			return
		}
		switch vm := present.ApplicantScreen(s); {
		case vm.Card == nil:
			beside++
		case forCase && s.Look.HandedOver:
			shown++
		default:
			t.Errorf("%s: the person sees what the chip holds", stop)
		}
	})
	if beside < 5 || shown != 1 {
		t.Errorf("looked at %d screens that do not show it and %d that do", beside, shown)
	}
}

// texts are all strings in a model, but ids, icons and pictures.
func texts(v reflect.Value) []string {
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Interface && v.Type().Name() == "Image" {
			return nil
		}
		return texts(v.Elem())
	case reflect.Slice:
		var out []string
		for i := range v.Len() {
			out = append(out, texts(v.Index(i))...)
		}
		return out
	case reflect.Map:
		var out []string
		for _, k := range v.MapKeys() {
			out = append(out, texts(v.MapIndex(k))...)
		}
		return out
	case reflect.Struct:
		var out []string
		for i := range v.NumField() {
			switch v.Type().Field(i).Name {
			case "ID", "Action", "Icon", "Picture", "Edit", "Thumb", "Code", "Page":
				if v.Type().Field(i).Type.Kind() != reflect.Interface || v.Type().Field(i).Name != "Page" {
					continue
				}
			}
			out = append(out, texts(v.Field(i))...)
		}
		return out
	}
	return nil
}
