package notice_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"optag/capture/notice"
	"optag/capture/rule"
)

// TestRandomCases compares the law with the digest's own words, written down a
// second time below, over random notices; and whatever may be made travels.
func TestRandomCases(t *testing.T) {
	const cases = 60_000
	r := rand.New(rand.NewPCG(2011, 5))
	made := map[notice.Kind]int{}
	for range cases {
		q, at := randomNotice(r)
		_, err := law.For(q, at, today)
		if want := digest(q, at); (err == nil) != want {
			t.Fatalf("%+v %+v %+v %+v at %s: %v, and the digest says %v", q, q.FollowUp, q.Deletion, q.Correction, at, err, want)
		}
		if err == nil {
			made[q.Kind]++
			if at == rule.StationPolice && made[q.Kind]%20 == 0 {
				travels(t, law, q)
			}
		}
	}
	t.Logf("%d cases, made: %v", cases, made)
	for _, k := range notice.Kinds() {
		if made[k] < cases/500 {
			t.Errorf("only %d notices of kind %s were made", made[k], k)
		}
	}
}

func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// randomNotice is one that is more often near the law than far from it.
func randomNotice(r *rand.Rand) (notice.Request, rule.Station) {
	kind := one(r, notice.Kinds())
	purpose := one(r, []rule.Purpose{rule.Eurodac, rule.Eurodac, rule.ResidenceCard, rule.PoliceRegister, rule.LongStayVisa, rule.VIS})
	basis := one(r, rule.Bases(purpose))
	q := of(kind, one(r, notice.Events()), purpose, basis)
	years := one(r, []int{0, 1, 2, 9, 10, 12})
	q.Capture.On = today.AddYears(-years).AddDays(r.IntN(5) - 2)
	switch kind {
	case notice.FollowUps:
		q.FollowUp.On = q.Capture.On.AddDays(r.IntN(5) - 2)
		q.FollowUp.State = one(r, []string{"", "DNK", "DNK", "SWE", "qqq"})
	case notice.Deletions:
		q.Capture.JudgedAdult = r.IntN(4) > 0
		q.Deletion.FoundOn = today.AddDays(r.IntN(4) - 2)
		q.Deletion.Birth = rule.BirthDate(q.Capture.On.AddYears(-one(r, []int{13, 14, 17, 18})).AddDays(r.IntN(3) - 1))
	case notice.Corrections:
		q.Correction.Asks[0].Item = one(r, []notice.Item{notice.Photo, notice.Prints, notice.Name, "sex", notice.CapturedOn, notice.Everything})
	}
	return q, one(r, rule.Stations())
}

// digest is sections 3 and 7 of the law digest in other words.
func digest(q notice.Request, at rule.Station) bool {
	c := q.Capture
	if c.On.After(today) {
		return false
	}
	police := at == rule.StationPolice || at == rule.StationPoliceCopenhagen
	abroad := at == rule.StationMission || at == rule.StationPrivatePartner || at == rule.StationForeignMinistry
	service := at == rule.StationImmigrationService
	switch q.Kind {
	case notice.FollowUps:
		return (police || service) && tellsEurodac(q)
	case notice.Deletions:
		young := 18
		switch {
		case c.Purpose == rule.Eurodac && (c.Basis == rule.Art4 || c.Basis == rule.Art8) && (police || service):
			young = 14
		case c.Purpose == rule.ResidenceCard && c.Basis == rule.AA471 && abroad:
		case c.Purpose == rule.ResidenceCard && c.Basis != rule.AA471 && (police || service || abroad):
		default:
			return false
		}
		d := q.Deletion
		return c.JudgedAdult && rule.Age(rule.Date(d.Birth), c.On) < young && !d.FoundOn.Before(c.On) && !d.FoundOn.After(today)
	}
	return brings(c, police, service, abroad, at == rule.StationReturnAgency) && keeps(c, q.Correction.Asks[0].Item)
}

// tellsEurodac: category 1 for ten years, category 2 for two, category 3 never.
func tellsEurodac(q notice.Request) bool {
	c, f := q.Capture, q.FollowUp
	if c.Purpose != rule.Eurodac || f.On.After(today) {
		return false
	}
	other := f.State == "DNK" || f.State == "SWE"
	switch {
	case c.Basis == rule.Art4 && !c.On.AddYears(10).Before(today):
		return f.Event == notice.AsylumPermit && (f.State == "DNK" || f.State == "") ||
			(f.Event == notice.RefugeeStatus || f.Event == notice.Citizenship) && other
	case c.Basis == rule.Art8 && !c.On.AddYears(2).Before(today):
		return (f.Event == notice.Permit || f.Event == notice.Citizenship) && other ||
			f.Event == notice.LeftTerritory && f.State == "" && !f.On.Before(c.On)
	}
	return false
}

// brings: a person's request goes the way the capture went.
func brings(c notice.Capture, police, service, abroad, returns bool) bool {
	switch c.Purpose {
	case rule.Eurodac:
		return police
	case rule.PoliceRegister:
		switch c.Basis {
		case rule.Register6, rule.Register7:
			return police || service
		case rule.Register8:
			return police || returns
		}
		return police
	case rule.ResidenceCard:
		return abroad || c.Basis != rule.AA471 && (police || service)
	}
	return abroad
}

// keeps: each regime has its own data (sections 2 and 7).
func keeps(c notice.Capture, i notice.Item) bool {
	switch i {
	case notice.Everything:
		return true
	case notice.Prints:
		return c.Purpose != rule.LongStayVisa
	case notice.Photo:
		return slices.Contains([]rule.Purpose{rule.ResidenceCard, rule.LongStayVisa, rule.VIS}, c.Purpose)
	case "sex":
		return c.Basis == rule.Art4 || c.Basis == rule.Art8
	case notice.CapturedOn:
		return c.Basis != rule.Art11
	}
	return !strings.HasPrefix(string(c.Basis), "art") // the name
}
