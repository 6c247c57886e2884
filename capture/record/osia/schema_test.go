package osia

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"optag/capture/finger"
	"optag/capture/rule"
)

// A validator holds texts against a JSON Schema. It knows the words that ours
// and OSIA's use, and no others.
type validator struct{ root tree }

func load(t *testing.T, name string) validator {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var v validator
	if err := json.Unmarshal(text, &v.root); err != nil {
		t.Fatal(err)
	}
	return v
}

// check says what is wrong with a value, "" where nothing is.
func (v validator) check(schema tree, value any, at string) string {
	for word, want := range schema {
		if wrong := v.word(schema, word, want, value, at); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (v validator) word(schema tree, word string, want, value any, at string) string {
	list, _ := value.([]any)
	object, isObject := value.(tree)
	text, isText := value.(string)
	number, isNumber := value.(float64)
	bad := false
	switch word {
	case "$schema", "$id", "$defs", "title", "description", "format", "contentEncoding", "example", "default", "readOnly":
	case "$ref":
		to := any(v.root)
		for _, name := range strings.Split(want.(string), "/")[1:] {
			to = to.(tree)[name]
		}
		return v.check(to.(tree), value, at)
	case "type":
		kinds := map[string]bool{"object": isObject, "array": list != nil, "string": isText, "boolean": value == true || value == false,
			"integer": isNumber && number == float64(int64(number)), "number": isNumber}
		bad = !kinds[want.(string)]
	case "const":
		bad = !reflect.DeepEqual(value, want)
	case "enum":
		bad = !slices.ContainsFunc(want.([]any), func(one any) bool { return reflect.DeepEqual(one, value) })
	case "pattern":
		bad = isText && !regexp.MustCompile(want.(string)).MatchString(text)
	case "minLength":
		bad = isText && utf8.RuneCountInString(text) < int(want.(float64))
	case "minimum":
		bad = isNumber && number < want.(float64)
	case "maximum":
		bad = isNumber && number > want.(float64)
	case "minItems":
		bad = len(list) < int(want.(float64))
	case "maxItems":
		bad = len(list) > int(want.(float64))
	case "uniqueItems":
		for i, one := range list {
			bad = bad || slices.ContainsFunc(list[:i], func(other any) bool { return reflect.DeepEqual(one, other) })
		}
	case "items":
		for i, one := range list {
			if wrong := v.check(want.(tree), one, fmt.Sprintf("%s[%d]", at, i)); wrong != "" {
				return wrong
			}
		}
	case "required":
		for _, name := range want.([]any) {
			if _, there := object[name.(string)]; isObject && !there {
				return at + "." + name.(string) + " is missing"
			}
		}
	case "properties":
		for name, one := range want.(tree) {
			if part, there := object[name]; there {
				if wrong := v.check(one.(tree), part, at+"."+name); wrong != "" {
					return wrong
				}
			}
		}
	case "additionalProperties":
		known, _ := schema["properties"].(tree)
		for name := range object {
			if known[name] == nil {
				return at + "." + name + " is surplus"
			}
		}
	case "oneOf":
		fit, why := 0, ""
		for _, one := range want.([]any) {
			if wrong := v.check(one.(tree), value, at); wrong == "" {
				fit++
			} else {
				why += "; " + wrong
			}
		}
		if fit != 1 {
			return fmt.Sprintf("%s fits %d of its forms%s", at, fit, why)
		}
	default:
		return at + ": the validator does not know " + word
	}
	if bad {
		return at + " does not fit " + word
	}
	return ""
}

func tree1(t *testing.T, file []byte) tree {
	t.Helper()
	var all tree
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

const schemaName = "../../../docs/records/handover.schema.json"

// TestSchema: every file fits the schema that is published, and what is spoilt
// in its form does not.
func TestSchema(t *testing.T) {
	v := load(t, schemaName)
	all := hands()
	for _, h := range all {
		if wrong := v.check(v.root, tree1(t, h.write(t).JSON), "$"); wrong != "" {
			t.Errorf("%s: %s", h.name, wrong)
		}
	}
	whole := all[1]
	file := whole.write(t).JSON
	for name, spoil := range map[string]func(tree){
		"no signature":         func(f tree) { delete(f, block) },
		"no stated purpose":    func(f tree) { delete(whole.at(f, "contextualData"), "statedPurpose") },
		"no ground":            func(f tree) { delete(whole.at(f, "contextualData"), "legalGround") },
		"a surplus member":     func(f tree) { whole.at(f, "biographicData")["nationality"] = "UTO" },
		"no case":              func(f tree) { whole.at(f, "contextualData")["carries"] = []any{} },
		"a template":           func(f tree) { whole.at(f, "biometricData", 1)["template"] = "AAAA" },
		"an iris":              func(f tree) { whole.at(f, "biometricData", 1)["biometricType"] = "IRIS" },
		"a rolled print":       func(f tree) { whole.at(f, "biometricData", 1)["impressionType"] = "LIVE_SCAN_ROLLED" },
		"in progress":          func(f tree) { f["status"] = "IN_PROGRESS" },
		"a date of June":       func(f tree) { whole.at(f, "requestData")["lawDate"] = "June" },
		"a picture in words":   func(f tree) { whole.at(f, "biometricData", 1)["image"] = "a loop" },
		"missing and an image": func(f tree) { whole.at(f, "biometricData", 2)["image"] = "AAAA" },
		"twelve pictures": func(f tree) {
			l := f["biometricData"].([]any)
			f["biometricData"] = slices.Concat(l, l, l)
		},
	} {
		f := tree1(t, file)
		if spoil(f); v.check(v.root, f, "$") == "" {
			t.Errorf("%s: the schema lets it pass", name)
		}
	}
}

// TestSchemaWords: the words of the schema are the law's.
func TestSchemaWords(t *testing.T) {
	v := load(t, schemaName)
	words := func(path string) (all []string) {
		at := any(v.root)
		for name := range strings.SplitSeq(path, "/") {
			at = at.(tree)[name]
		}
		for _, w := range at.([]any) {
			all = append(all, w.(string))
		}
		return all
	}
	var bases, fingerNames, aims, ofCargo []string
	for _, p := range rule.Purposes() {
		for _, b := range rule.Bases(p) {
			if !slices.Contains(bases, string(b)) {
				bases = append(bases, string(b))
			}
		}
	}
	for _, p := range finger.All() {
		fingerNames = append(fingerNames, subType(p))
	}
	for _, a := range rule.Aims() { // those by which a case can go between authorities at all
		if a == rule.AimEnrolment || a == rule.AimVisa || a == rule.AimSecure || a == rule.AimReturn {
			aims = append(aims, string(a))
		}
	}
	for _, c := range rule.Cargoes() {
		if c != rule.CargoStatus {
			ofCargo = append(ofCargo, string(c))
		}
	}
	for path, want := range map[string][]string{
		"$defs/purpose/enum":                                   texts(rule.Purposes()),
		"$defs/authority/enum":                                 texts(authorities),
		"$defs/facts/properties/basis/enum":                    bases,
		"$defs/facts/properties/application/enum":              texts(rule.Applications()),
		"$defs/facts/properties/lodged_at/enum":                texts(rule.Lodgings()),
		"$defs/facts/properties/station/enum":                  texts(rule.Stations()),
		"$defs/facts/properties/unable/properties/prints/enum": texts(rule.Inabilities()),
		"$defs/context/properties/statedPurpose/enum":          aims,
		"$defs/context/properties/carries/items/enum":          ofCargo,
		"$defs/finger/enum":                                    fingerNames,
	} {
		if got := words(path); !reflect.DeepEqual(sorted(got), sorted(want)) {
			t.Errorf("%s has %v, want %v", path, got, want)
		}
	}
}

// TestAims: no other aim lets a case go from one authority to another.
func TestAims(t *testing.T) {
	v := load(t, schemaName)
	known := v.root["$defs"].(tree)["context"].(tree)["properties"].(tree)["statedPurpose"].(tree)["enum"].([]any)
	for _, purpose := range rule.Purposes() {
		for _, basis := range rule.Bases(purpose) {
			c := begin(purpose, basis).Case
			for _, p := range (rule.Settings{}).Passages(c.Facts, c.LawDate) {
				w := Way{From: p.From[0], To: p.To, Aim: p.Aim}
				if _, err := w.allowed(c, rule.Settings{}); err == nil && !slices.Contains(known, any(string(p.Aim))) {
					t.Errorf("%s %s: a case goes for %s, which the schema does not know", purpose, basis, p.Aim)
				}
			}
		}
	}
}

func texts[T ~string](list []T) (all []string) {
	for _, one := range list {
		all = append(all, string(one))
	}
	return all
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// TestOSIA holds files against OSIA's own enrollment.yaml, as JSON, in the
// directory that OPTAG_OSIA names.
func TestOSIA(t *testing.T) {
	dir := os.Getenv("OPTAG_OSIA")
	if dir == "" {
		t.Skip("OPTAG_OSIA names no directory with OSIA's enrollment.yaml as enrollment.json")
	}
	v := load(t, filepath.Join(dir, "enrollment.json"))
	shape := v.root["components"].(tree)["schemas"].(tree)["Enrollment"].(tree)
	for _, h := range hands() {
		if wrong := v.check(shape, tree1(t, h.write(t).JSON), "$"); wrong != "" {
			t.Errorf("%s: %s", h.name, wrong)
		}
	}
	h := hands()[0]
	spoilt := tree1(t, h.write(t).JSON)
	if h.at(spoilt, "biometricData", 1)["impressionType"] = "FLAT"; v.check(shape, spoilt, "$") == "" {
		t.Error("OSIA's shapes were not looked at")
	}
}
