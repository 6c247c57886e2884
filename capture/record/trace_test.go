package record

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/capture"
	"optag/capture/record/nist"
	"optag/capture/rule"
)

// A world is everything a field can come from. Each test changes one thing in it.
type world struct {
	Session      capture.Record
	Agreement    Agreement
	Transmission Transmission
	Card         CardSettings
	portrait     []byte
	shade        byte // of the prints' pixels
}

// copy is another world in which the same is so.
func (w world) copy(t *testing.T) world {
	t.Helper()
	text, err := json.Marshal(w.Session)
	if err == nil {
		w.Session = capture.Record{}
		err = json.Unmarshal(text, &w.Session)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Agreement.Numbers = maps.Clone(w.Agreement.Numbers)
	return w
}

// written maps each field of the file to its values in all records.
func (w world) written(t *testing.T, l layout) map[string]string {
	t.Helper()
	set := &taken{record: w.Session, portrait: w.portrait}
	for _, p := range w.Session.Prints {
		set.prints = append(set.prints, printed{Print: p})
	}
	cheap := func(p *printed, _ bool, _ uint16) ([]byte, string, error) {
		coding := map[int]string{500: "WSQ20", 1000: "PNG"}[nominal(p.Print)]
		return []byte{w.shade, byte(len(coding))}, coding, nil
	}
	out, err := l.build(scope{taken: set, Agreement: w.Agreement, Transmission: w.Transmission, pack: cheap})
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	file, err := nist.Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for _, r := range file.Records {
		for _, f := range r.Fields {
			if f.Number > 1 { // LEN follows from the others
				fields[fmt.Sprintf("%d.%03d", r.Type, f.Number)] += string(f.Value) + "\n"
			}
		}
	}
	return fields
}

// changed lists the fields that differ.
func changed(a, b map[string]string) (list []string) {
	for _, at := range slices.Sorted(maps.Keys(union(a, b))) {
		if a[at] != b[at] {
			list = append(list, at)
		}
	}
	return list
}

func union(a, b map[string]string) map[string]string {
	u := maps.Clone(a)
	maps.Copy(u, b)
	return u
}

// find follows a path of JSON names; [] is the first element. Names are
// compared without case, so that a field without a tag is found.
func find(v reflect.Value, path string) (reflect.Value, bool) {
	for name := range strings.SplitSeq(path, ".") {
		name, list := strings.CutSuffix(name, "[]")
		for v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return v, false
		}
		i := slices.IndexFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return tag == name || tag == "" && strings.EqualFold(f.Name, name)
		})
		if i < 0 {
			return v, false
		}
		v = v.Field(i)
		if list {
			if v.Len() == 0 {
				return v, false
			}
			v = v.Index(0)
		}
	}
	return v, true
}

// change makes a value another one of its kind.
func change(v reflect.Value, path string) {
	others := map[string]any{
		"case.data.sex": capture.Male, "case.facts.basis": rule.Register4, "profile.agency": "SWEpol01",
		"prints[].position": 3, "prints[].algorithm": "another", "prints[].ppi": [2]int{1000, 1000}, "exceptions[].position": 9,
		"portrait.media_type": "image/png", "portrait.source": "paper", "card.measure": [2]int{257, 1}, "agreement.domain": nist.Domain{Name: "X", Version: "2"},
	}
	if to, ok := others[path]; ok {
		v.Set(reflect.ValueOf(to).Convert(v.Type()))
		return
	}
	switch old := v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(old.Add(49 * time.Hour)))
		return
	case rule.Date:
		v.Set(reflect.ValueOf(old.AddDays(-2)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "X")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint16:
		v.SetUint(v.Uint() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 9)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		} else {
			v.SetZero()
		}
	case reflect.Slice:
		change(v.Index(0).FieldByName("Value"), "")
	default:
		panic("no way to change " + path)
	}
}

// changeAt changes what a path names.
func (w *world) changeAt(t *testing.T, path string) {
	t.Helper()
	root, rest := reflect.ValueOf(&w.Session), path
	switch head, tail, _ := strings.Cut(path, "."); head {
	case "agreement":
		root, rest = reflect.ValueOf(&w.Agreement), tail
	case "card":
		root, rest = reflect.ValueOf(&w.Card), tail
	case "transmission":
		root, rest = reflect.ValueOf(&w.Transmission), tail
	case "part:print":
		w.shade++
		return
	case "part:portrait":
		w.portrait = grey(t)
		return
	}
	v, ok := find(root, rest)
	if !ok {
		t.Fatalf("there is no %s in a session", path)
	}
	change(v, path)
}

// leaves lists the paths of everything in a session that can be changed by
// itself; of each list the first element.
func leaves(v reflect.Value, path string) (list []string) {
	switch v.Interface().(type) {
	case time.Time, rule.Date, rule.BirthDate:
		return []string{path}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return leaves(v.Elem(), path)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			return leaves(v.Index(0), path+"[]")
		}
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(v.Type()) {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if tag != "-" && tag != "" {
				list = append(list, leaves(v.FieldByIndex(f.Index), strings.TrimPrefix(path+"."+tag, "."))...)
			}
		}
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return []string{path}
	}
	return list
}

// worlds are cases in which each profile has something of everything.
func worlds(t *testing.T, l layout) []world {
	m := map[string]*made{
		"eurodac-1": begin(t, rule.Eurodac, rule.Art4).with(capture.Data{Reference: "DK1A118402", Sex: capture.Female, Place: "Sandholm"}),
		"eurodac-2": begin(t, rule.Eurodac, rule.Art8).with(capture.Data{Reference: "DK2118402", Sex: capture.Female, Place: "Kastrup", Apprehended: rule.DateOf(noon)}),
		"eurodac-3": begin(t, rule.Eurodac, rule.Art11).with(capture.Data{Reference: "DK3118402"}),
		"vis":       begin(t, rule.VIS, rule.Visa).sits("image/jpeg"),
		"register":  begin(t, rule.PoliceRegister, rule.Register3),
		"ident":     begin(t, rule.PoliceRegister, rule.Register3),
	}[l.name]
	m.takes(2).lacks(capture.Temporary, 10).close()
	w := world{Session: m.r, Agreement: VISAgreement(), Transmission: sending()}
	if l.face != nil {
		w.portrait = portrait("image/jpeg")
	}
	unable := w.copy(t)
	unable.Session.Prints, unable.Session.Exceptions = nil, nil
	unable.Session.Inability = &capture.Inability{Kind: rule.UnableTemporarily, Note: "plaster", SeenBy: "4711", At: noon}
	return []world{w, unable}
}

// TestEveryFieldIsTraced: a change of what a field comes from changes that
// field and whatever else names it, and nothing more.
func TestEveryFieldIsTraced(t *testing.T) {
	for _, l := range layouts() {
		t.Run(l.name, func(t *testing.T) {
			ws := worlds(t, l)
			from := map[string][]string{} // fields by path
			for _, f := range l.fields() {
				if f.Source == "" || f.From == "" || f.Need == "" {
					t.Errorf("the line of %s is not whole: %+v", f.At, f)
				}
				for path := range strings.FieldsSeq(f.From) {
					from[path] = append(from[path], f.At)
				}
			}
			delete(from, "fixed")
			for path, want := range from {
				w := ws[0]
				if strings.HasPrefix(path, "inability") {
					w = ws[1]
				}
				other := w.copy(t)
				other.changeAt(t, path)
				slices.Sort(want)
				if got := changed(w.written(t, l), other.written(t, l)); !slices.Equal(got, want) {
					t.Errorf("%s changed %v, want %v", path, got, want)
				}
			}
		})
	}
}

// TestNothingElseIsTold: whatever else changes in a session, the file stays.
func TestNothingElseIsTold(t *testing.T) {
	for _, l := range layouts() {
		t.Run(l.name, func(t *testing.T) {
			tried := 0
			for _, w := range worlds(t, l) {
				before := w.written(t, l)
				for _, path := range leaves(reflect.ValueOf(w.Session), "") {
					if slices.ContainsFunc(l.fields(), func(f Field) bool { return names(f, path) }) {
						continue
					}
					tried++
					other := w.copy(t)
					v, ok := find(reflect.ValueOf(&other.Session), path)
					if !ok {
						t.Fatalf("no %s", path)
					}
					if b, is := v.Interface().(rule.BirthDate); is {
						b.Year--
						v.Set(reflect.ValueOf(b))
					} else {
						change(v, path)
					}
					if got := changed(before, other.written(t, l)); len(got) > 0 {
						t.Errorf("%s changed %v, which does not come from it", path, got)
					}
				}
			}
			if tried < 50 {
				t.Errorf("only %d pieces of a session were tried", tried)
			}
			t.Logf("%d pieces of a session tried", tried)
		})
	}
}

// names reports whether a field comes from a path, or from what holds it.
func names(f Field, path string) bool {
	for from := range strings.FieldsSeq(f.From) {
		if path == from || strings.HasPrefix(path, from+".") || strings.HasPrefix(path, from+"[]") {
			return true
		}
	}
	return false
}
