package rule_test

import (
	"slices"
	"strings"
	"testing"

	"optag/capture/rule"
)

// TestStations is the table of section 6: y where the station may take it, and
// the places where Copenhagen sends.
func TestStations(t *testing.T) {
	tests := []struct {
		name, in string
		may      string // a letter per station: mission, partner, police, copenhagen, service, ministry, returns
		sent     string // from Copenhagen
	}{
		{"residence, first", ``, "yyy-y--", "immigration_service"},
		{"residence, extension", `"basis":"9a","application":"extension"`, "--y-y--", "immigration_service"},
		{"humanitarian, first", `"basis":"9b"`, "yyy-y--", "immigration_service"},
		{"asylum, first", `"basis":"7"`, "--y----", "police"},
		{"asylum, extension", `"basis":"7","application":"extension"`, "--y-y--", "immigration_service"},
		{"quota refugee, first", `"basis":"8"`, "--y-y--", "immigration_service"},
		{"quota refugee, extension", `"basis":"8","application":"extension"`, "--y-y--", "immigration_service"},
		{"applied at another Schengen mission", `"lodged_at":"other_schengen_mission"`, "--y-y--", "immigration_service"},
		{"applied through the UNHCR", `"lodged_at":"unhcr"`, "--y-y--", "immigration_service"},
		{"diplomat", `"basis":"47(1)"`, "-----y-", "foreign_ministry"},
		{"diplomat, extension", `"basis":"47(1)","application":"extension"`, "-----y-", "foreign_ministry"},
		{"Eurodac 1", `"purpose":"eurodac","basis":"art4"`, "--yy---", ""},
		{"Eurodac 2", `"purpose":"eurodac","basis":"art8"`, "--yy---", ""},
		{"Eurodac 3", `"purpose":"eurodac","basis":"art11"`, "--yy---", ""},
		{"register 1", `"purpose":"police_register","basis":"40a(2)1"`, "--yy---", ""},
		{"register 5", `"purpose":"police_register","basis":"40a(2)5"`, "--yy---", ""},
		{"register 6", `"purpose":"police_register","basis":"40a(2)6"`, "--yyy--", ""},
		{"register 7", `"purpose":"police_register","basis":"40a(2)7"`, "--yyy--", ""},
		{"register 8", `"purpose":"police_register","basis":"40a(2)8"`, "--yy--y", ""},
		{"long-stay visa", `"purpose":"long_stay_visa"`, "yy-----", "mission private_partner"},
		{"visa", `"purpose":"vis","basis":"visa"`, "yy-----", "mission private_partner"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := but(t, tt.in)
			var may []rule.Station
			for i, s := range rule.Stations() {
				if tt.may[i] == 'y' {
					may = append(may, s)
				}
			}
			if got := f.Competent(); !slices.Equal(got, may) {
				t.Errorf("%v may take it, want %v", got, may)
			}
			for i, s := range rule.Stations() {
				f.Station = s
				r := rule.For(f, rule.Date{})
				want := may
				if s == rule.StationPoliceCopenhagen {
					want = nil
					for w := range strings.FieldsSeq(tt.sent) {
						want = append(want, rule.Station(w))
					}
				}
				if tt.may[i] == 'y' {
					want = nil
				}
				if (r.Decision == rule.Elsewhere) != (tt.may[i] != 'y') || !slices.Equal(r.Where, want) {
					t.Errorf("at %s: %s", s, summary(r))
				}
			}
		})
	}
}

func TestControllers(t *testing.T) {
	tests := []struct {
		name, in string
		want     rule.Controller
	}{
		{"card", ``, rule.ImmigrationService},
		{"asylum card", `"basis":"7"`, rule.ImmigrationService},
		{"diplomat, at the wrong station too", `"basis":"47(1)"`, rule.ForeignMinistry},
		{"Eurodac", `"purpose":"eurodac","basis":"art8"`, rule.NationalPolice},
		{"register 8", `"purpose":"police_register","basis":"40a(2)8"`, rule.NationalPolice},
		{"register 6 stays out of the police's register", `"purpose":"police_register","basis":"40a(2)6"`, rule.ImmigrationService},
		{"register 7 too", `"purpose":"police_register","basis":"40a(2)7"`, rule.ImmigrationService},
		{"long-stay visa", `"purpose":"long_stay_visa"`, rule.ForeignMinistry},
		{"visa", `"purpose":"vis","basis":"visa"`, rule.ForeignMinistry},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.For(but(t, tt.in), rule.Date{}).Controller; got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// Grounds are what screens and logs show: each has a code of its own, a
// sentence and a source.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range rule.Catalogue() {
		switch {
		case g.Code == "" || seen[g.Code]:
			t.Errorf("code %q is empty or used twice", g.Code)
		case strings.Trim(g.Code, "abcdefghijklmnopqrstuvwxyz_") != "":
			t.Errorf("code %q is no identifier", g.Code)
		case !strings.HasSuffix(g.Text, ".") || strings.Contains(g.Text, "%"):
			t.Errorf("%s: %q is no sentence", g.Code, g.Text)
		case g.Source == "":
			t.Errorf("%s has no source", g.Code)
		}
		seen[g.Code] = true
	}
}

func TestKept(t *testing.T) {
	captured := rule.Date{2026, 11, 22}
	tests := []struct{ name, in, want string }{
		{"card", ``, "prints 2027-02-20 from issue, photo 2036-11-22 from capture"},
		{"asylum card", `"basis":"7"`, "prints 2027-02-20 from issue, photo 2036-11-22 from capture,  2046-11-22 from capture,  2036-11-22 from capture"},
		{"register", `"purpose":"police_register","basis":"40a(2)1"`, "prints 2036-11-22 from capture"},
		{"access control", `"purpose":"police_register","basis":"40a(2)6"`, ""},
		{"category 1", `"purpose":"eurodac","basis":"art4"`, " 2036-11-22 from capture"},
		{"category 2", `"purpose":"eurodac","basis":"art8"`, " 2028-11-22 from capture"},
		{"category 3", `"purpose":"eurodac","basis":"art11"`, " 2026-11-22 from comparison"},
		{"visa", `"purpose":"vis","basis":"visa"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, k := range rule.Kept(but(t, tt.in)) {
				got = append(got, string(k.Item)+" "+k.Ends(captured).String()+" from "+string(k.From))
				if k.Source == "" || k.Text == "" {
					t.Errorf("%+v has no source or no text", k)
				}
			}
			if all := strings.Join(got, ", "); all != tt.want {
				t.Errorf("kept until %q, want %q", all, tt.want)
			}
		})
	}
}
