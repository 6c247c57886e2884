package rule

import (
	"slices"
	"testing"
)

// TestTablesAreWhole proves that every table of rows speaks of everybody, and
// that no row begins or ends where no age limit is.
func TestTablesAreWhole(t *testing.T) {
	for name, rows := range map[string][]row{
		"residence": residenceRows, "asylum": asylumRows, "after entry": entryRows, "diplomats": diplomatRows,
		"long-stay visa": visaRows, "VIS": visRows, "VIS from six": visRowsFromSix,
		"category 1": art4Rows, "category 2": art8Rows, "category 3": art11Rows,
		"recast 1": recast4, "recast 2": recast8, "recast 3": recast11,
		"register": registerRows, "access control": accessRows,
	} {
		t.Run(name, func(t *testing.T) {
			used := make([]bool, len(rows))
			for age := range 130 {
				for _, at := range []home{alone, together, cardAsked} {
					i := slices.IndexFunc(rows, func(r row) bool {
						return r.from <= age && age < r.below && (r.home == anyHome || r.home == at)
					})
					if i < 0 {
						t.Fatalf("no row for the age of %d and home %d", age, at)
					}
					used[i] = true
					if got := find(rows, age, at); got != &rows[i] {
						t.Fatalf("age %d, home %d: not the first row that fits", age, at)
					}
				}
			}
			for i, r := range rows {
				if !slices.Contains(ageEdges[:], r.from) || !slices.Contains(ageEdges[:], r.below) {
					t.Errorf("row %s begins or ends at no age limit: %d, %d", r.number, r.from, r.below)
				}
				if !used[i] {
					t.Errorf("row %s, line %d, speaks of nobody", r.number, i)
				}
			}
		})
	}
}

// No prints under six, in any table, whatever it is for.
func TestNoTableAsksPrintsOfInfants(t *testing.T) {
	for _, rows := range [][]row{residenceRows, asylumRows, entryRows, diplomatRows, visaRows, visRows, visRowsFromSix} {
		for _, r := range rows {
			if r.prints != NoPrints && r.from < 6 {
				t.Errorf("row %s asks for %s from the age of %d", r.number, r.prints, r.from)
			}
		}
	}
}
