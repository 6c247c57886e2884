package station

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// settingsPage is the page on which a technician looks settings up.
const settingsPage = "../../../../docs/technician.md"

// TestSettingsInDocs: the technician's page tells of every field of station.json,
// of no other, and with the value it has when it is missing.
func TestSettingsInDocs(t *testing.T) {
	text, err := os.ReadFile(settingsPage)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{} // default, as the page has it
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_.`, ]+) \\| (.*?) \\| .* \\|$").FindAllStringSubmatch(section(string(text), "## Settings"), -1) {
		names := regexp.MustCompile("`([a-z_.]+)`").FindAllStringSubmatch(row[1], -1)
		defaults := strings.Split(row[2], ", ")
		for i, name := range names {
			told[name[1]] = defaults[min(i, len(defaults)-1)]
			if len(names) == 1 {
				told[name[1]] = row[2]
			}
		}
	}
	has := map[string]any{}
	fields(has, "", reflect.ValueOf(Defaults()))
	delete(has, "profile.algorithm") // follows from whether there is a model
	for _, name := range slices.Sorted(maps.Keys(has)) {
		shown, ok := told[name]
		delete(told, name)
		if !ok {
			t.Errorf("the page does not tell of %s", name)
			continue
		}
		if value, quoted := strings.CutPrefix(shown, "`"); quoted {
			if want := written(t, has[name]); strings.TrimSuffix(value, "`") != want {
				t.Errorf("the page says that %s is %s when it is missing; it is %s", name, shown, want)
			}
		}
	}
	for name := range told {
		t.Errorf("the page tells of %s, which is no field", name)
	}
}

// section is what a page says from one heading to the next.
func section(text, heading string) string {
	_, text, _ = strings.Cut(text, heading)
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// fields are the settings by their paths: of station and profile, which are
// always there, each field by itself.
func fields(all map[string]any, path string, v reflect.Value) {
	for f, of := range v.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch name = path + name; {
		case name == path+"-":
		case path == "" && of.Kind() == reflect.Struct:
			fields(all, name+".", of)
		default:
			all[name] = of.Interface()
		}
	}
}

// written is a value as the page has it: a text without its quotes.
func written(t *testing.T, v any) string {
	t.Helper()
	if d, ok := v.(Duration); ok {
		return strings.TrimSuffix(time.Duration(d).String(), "0s")
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	if json.Unmarshal(text, &words) == nil && len(words) > 0 {
		return strings.Join(words, " ")
	}
	return strings.Trim(string(text), `"`)
}
