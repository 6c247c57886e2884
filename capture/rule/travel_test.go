package rule_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"optag/capture/rule"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/travel.txt anew; commit it only when understood")

// everyWay asks about everything that could go from anybody to anybody for any
// aim, and tells what may, a line for each way.
func everyWay(f rule.Facts, s rule.Settings) (lines []string, asked int) {
	for _, from := range rule.Parties() {
		for _, to := range rule.Parties() {
			for _, aim := range rule.Aims() {
				var may []string
				var by rule.Passage
				for _, what := range rule.Cargoes() {
					asked++
					if p, ok := s.MayTravel(f, rule.Date{}, what, from, to, aim); ok {
						may, by = append(may, string(what)), p
					}
				}
				if len(may) > 0 {
					line := fmt.Sprintf("    %s -> %s, %s: %s (%s)", from, to, aim, strings.Join(may, " "), by.Source)
					if by.Condition != "" {
						line += " if " + by.Condition
					}
					lines = append(lines, line)
				}
			}
		}
	}
	return lines, asked
}

// TestTravel: every way there is, of every purpose, basis and application, is
// in testdata/travel.txt, and no other.
func TestTravel(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What may go from whom to whom, for which stated aim. Whatever is not here may not.\n")
	asked := 0
	recast := rule.Settings{EurodacRecastFrom: rule.Date{Year: 2026, Month: 6, Day: 12}}
	for _, purpose := range rule.Purposes() {
		said := map[string][]string{} // the same ways are told once, for all that have them
		var order []string
		add := func(name string, f rule.Facts, s rule.Settings) {
			lines, n := everyWay(f, s)
			asked += n
			text := strings.Join(lines, "\n")
			if said[text] == nil {
				order = append(order, text)
			}
			said[text] = append(said[text], name)
		}
		for _, basis := range rule.Bases(purpose) {
			for _, application := range rule.Applications() {
				f := rule.Defaults()
				f.Purpose, f.Basis, f.Application, f.CaptureOn = purpose, basis, application, rule.Date{Year: 2026, Month: 11, Day: 22}
				name := string(basis)
				if purpose == rule.ResidenceCard || purpose == rule.LongStayVisa {
					name += " " + string(application)
				} else if application == rule.Extension {
					continue
				}
				add(name, f, rule.Settings{})
				if purpose == rule.Eurodac {
					add(name+" under Reg. (EU) 2024/1358", f, recast)
				}
			}
		}
		for _, text := range order {
			fmt.Fprintf(&b, "\n%s: %s\n%s\n", purpose, strings.Join(said[text], ", "), text)
		}
	}
	if *rewrite {
		if err := os.WriteFile("testdata/travel.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/travel.txt")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the ways are others than testdata/travel.txt says:\n%s", b.String())
	}
	t.Logf("%d questions", asked)
}

// TestTravelPromises: what no line of the table may ever say.
func TestTravelPromises(t *testing.T) {
	biometric := []rule.Cargo{rule.CargoPrints, rule.CargoPhoto}
	reaches := map[rule.Purpose][]rule.Party{ // whom a purpose's biometrics may reach
		rule.ResidenceCard:  {rule.PartyImmigrationService, rule.PartyForeignMinistry, rule.PartyCardProducer, rule.PartyHolder},
		rule.Eurodac:        {rule.PartyNationalPolice, rule.PartyEurodac, rule.PartyHolder},
		rule.PoliceRegister: {rule.PartyNationalPolice, rule.PartyImmigrationService, rule.PartyForeignSearch, rule.PartyHolder},
		rule.LongStayVisa:   {rule.PartyForeignMinistry, rule.PartyHolder},
		rule.VIS:            {rule.PartyForeignMinistry, rule.PartyVIS, rule.PartyHolder},
	}
	for _, purpose := range rule.Purposes() {
		for _, basis := range rule.Bases(purpose) {
			f := rule.Defaults()
			f.Purpose, f.Basis, f.CaptureOn = purpose, basis, rule.Date{Year: 2026, Month: 11, Day: 22}
			controller := rule.Party(rule.For(f, rule.Date{}).Controller)
			for _, p := range (rule.Settings{}).Passages(f, rule.Date{}) {
				carries := slices.ContainsFunc(p.Cargo, func(c rule.Cargo) bool { return slices.Contains(biometric, c) })
				for _, broken := range []struct {
					yes bool
					why string
				}{
					{p.Source == "" || len(p.From) == 0 || len(p.Cargo) == 0, "a way without a provision, a giver or a cargo"},
					{carries && !slices.Contains(reaches[purpose], p.To), "biometrics reach a controller of another purpose"},
					{carries && p.Aim == rule.AimReturn, "biometrics travel for a return"},
					{p.Aim == rule.AimEnrolment && p.To != controller, "an enrolment goes to another than the controller"},
					{carries && p.Aim != rule.AimEnrolment && !slices.Equal(p.From, []rule.Party{controller}), "biometrics are passed on by another than the controller"},
					{p.To == rule.PartyEurodac && purpose != rule.Eurodac, "Eurodac is told of another purpose"},
					{p.To == rule.PartyEurodac && !slices.Equal(p.From, []rule.Party{rule.PartyNationalPolice}), "another than the National Police transmits to Eurodac"},
					{p.To == rule.PartyForeignSearch && (basis != rule.Register3 || len(p.Cargo) != 1), "another country searches what is not for identification, or more than prints"},
				} {
					if broken.yes {
						t.Errorf("%s %s: %s: %+v", purpose, basis, broken.why, p)
					}
				}
			}
		}
	}
}

// TestTravelOfNothing: facts that are not understood go nowhere.
func TestTravelOfNothing(t *testing.T) {
	for name, spoil := range map[string]func(*rule.Facts){
		"no purpose":               func(f *rule.Facts) { f.Purpose = "" },
		"a basis of another":       func(f *rule.Facts) { f.Basis = rule.Art4 },
		"a station that is not":    func(f *rule.Facts) { f.Station = "post_office" },
		"an application not known": func(f *rule.Facts) { f.Application = "third" },
	} {
		f := rule.Defaults()
		spoil(&f)
		if got := (rule.Settings{}).Passages(f, rule.Date{}); len(got) > 0 {
			t.Errorf("%s: %d passages", name, len(got))
		}
	}
}

// TestAuthorities: every kind of station stands on somebody's counter, and what
// it may take it may hand over to the controller.
func TestAuthorities(t *testing.T) {
	for _, purpose := range rule.Purposes() {
		for _, basis := range rule.Bases(purpose) {
			f := rule.Defaults()
			f.Purpose, f.Basis, f.CaptureOn = purpose, basis, rule.Date{Year: 2026, Month: 11, Day: 22}
			for _, f.Station = range f.Competent() {
				aim := rule.AimEnrolment
				if purpose == rule.LongStayVisa {
					aim = rule.AimVisa
				}
				to := rule.Party(rule.For(f, rule.Date{}).Controller)
				if _, ok := (rule.Settings{}).MayTravel(f, rule.Date{}, rule.CargoCase, f.Station.Authority(), to, aim); !ok {
					t.Errorf("%s %s: %s may take it and not hand it over to %s", purpose, basis, f.Station, to)
				}
			}
		}
	}
	if rule.Station("post_office").Authority() != "" {
		t.Error("a post office has an authority")
	}
}
