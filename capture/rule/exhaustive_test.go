package rule

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// The exhaustive tests ask the law about every combination of the facts, on
// dates on both sides of every boundary. They use [Settings.decide], which is
// For without the words; that For adds nothing but words is tested too.

// The day of capture of all combinations, and the days whose law is asked for.
var (
	captureDay = Date{2026, 11, 22}
	lawDays    = []Date{
		photoFrom.AddDays(-1), photoFrom, printsFrom.AddDays(-1), printsFrom, captureDay,
	}
)

// later holds both laws that a setting can bring.
var later = Settings{EurodacRecastFrom: Date{2026, 1, 1}, VISFromSixFrom: Date{2026, 1, 1}}

// births are birth dates on both sides of every age limit, whole and in part.
func births() []BirthDate {
	var list []BirthDate
	for _, age := range []int{6, 12, 14, 18} {
		birthday := captureDay.AddYears(-age)
		list = append(list, BirthDate(birthday), BirthDate(birthday.AddDays(1)))
	}
	return append(list,
		BirthDate{1986, 1, 31},           // forty
		BirthDate(captureDay),            // newborn
		BirthDate(captureDay.AddDays(1)), // not born yet
		BirthDate{2020, 11, 0},           // five or six
		BirthDate{2014, 0, 0},            // eleven or twelve
		BirthDate{2012, 0, 0},            // thirteen or fourteen
		BirthDate{2008, 0, 0},            // 17 or 18
		BirthDate{2026, 0, 0},            // born this year
		BirthDate{},                      // not known at all
	)
}

// kinds are bases of which no two are treated alike. TestBasesAlike proves that
// every other has its likeness here.
var kinds = map[Purpose][]Basis{
	ResidenceCard:  {AA7, AA8, AA9, AA9b, AA471},
	LongStayVisa:   {AA7, AA8, AA9, AA9b, AA471},
	Eurodac:        {Art4, Art8, Art11},
	PoliceRegister: {Register1, Register6, Register8},
	VIS:            {Visa},
}

// flags is one combination of the five yes-or-no facts, a bit each.
type flags int

const (
	fUnaccompanied flags = 1 << iota
	fWithCustodian
	fCardRequested
	fPending
	fJudgedAdult
	allFlags
)

func (x flags) set(f *Facts) {
	f.Unaccompanied = x&fUnaccompanied != 0
	f.WithCustodian = x&fWithCustodian != 0
	f.CardRequested = x&fCardRequested != 0
	f.BiometricsOnPendingCase = x&fPending != 0
	f.JudgedAdult = x&fJudgedAdult != 0
}

var (
	inabilities = Inabilities()
	refusals    = [][]Item{nil, {ItemPhoto}, {ItemPrints}, {ItemPhoto, ItemPrints}}
)

// A census gathers which grounds occurred.
type census struct {
	mu   sync.Mutex
	seen [len(groundTable)]bool
	most int // grounds on one item
	all  int // answers
}

func (c *census) count(b *block) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all += len(b) * len(b[0]) * len(b[0][0])
	for x := range b {
		for u := range b[x] {
			for r := range b[x][u] {
				for i := range b[x][u][r].why {
					why := &b[x][u][r].why[i]
					c.most = max(c.most, why.n)
					for _, g := range why.list[:why.n] {
						c.seen[g] = true
					}
				}
			}
		}
	}
}

// everyone calls visit with every combination of application, lodging and
// station, on a case of the given purpose and basis.
func everyone(p Purpose, b Basis, visit func(f Facts)) {
	f := Facts{Purpose: p, Basis: b, AppliedOn: captureDay.AddDays(-2), CaptureOn: captureDay}
	for _, f.Application = range Applications() {
		for _, f.LodgedAt = range Lodgings() {
			for _, f.Station = range Stations() {
				visit(f)
			}
		}
	}
}

// TestEveryCombination walks all of it for every kind of basis, and with
// OPTAG_SOAK=1 for every basis by itself.
func TestEveryCombination(t *testing.T) {
	if testing.Short() {
		t.Skip("nineteen million answers take some seconds")
	}
	var c census
	t.Run("facts", func(t *testing.T) {
		for _, p := range Purposes() {
			bases := kinds[p]
			if os.Getenv("OPTAG_SOAK") != "" {
				bases = Bases(p)
			}
			for _, basis := range bases {
				t.Run(fmt.Sprintf("%s %s", p, basis), func(t *testing.T) {
					t.Parallel()
					walk(t, &c, p, basis)
				})
			}
		}
	})
	t.Logf("%d answers, at most %d grounds on one item", c.all, c.most)
	if c.most >= maxGrounds {
		t.Errorf("%d grounds on one item: no room is left", c.most)
	}
	for g := bornAfterCapture; int(g) < len(groundTable); g++ {
		if !c.seen[g] {
			t.Errorf("the ground %q never occurs", groundTable[g].Code)
		}
	}
}

// walk checks every combination of a purpose and a basis. The card depends on
// the day of the law, Eurodac and VIS on the settings.
func walk(t *testing.T, c *census, p Purpose, basis Basis) {
	days, settings := lawDays, []Settings{{}}
	if p != ResidenceCard {
		days = []Date{captureDay}
	}
	if p == Eurodac || p == VIS {
		settings = append(settings, later)
	}
	var b block
	everyone(p, basis, func(f Facts) {
		for _, f.BirthDate = range births() {
			for _, law := range days {
				for _, s := range settings {
					b.fill(s, f, law)
					if err := b.check(s, f, law); err != nil {
						t.Fatal(err)
					}
					c.count(&b)
				}
			}
		}
	})
}

// TestBasesAlike proves that every basis is treated as one of its kind is.
func TestBasesAlike(t *testing.T) {
	for _, p := range Purposes() {
		for _, basis := range Bases(p) {
			t.Run(fmt.Sprintf("%s %s", p, basis), func(t *testing.T) {
				t.Parallel()
				kind := kindOf(basis)
				var got, want block
				everyone(p, basis, func(f Facts) {
					for _, law := range []Date{photoFrom.AddDays(-1), photoFrom, captureDay} {
						for _, f.BirthDate = range []BirthDate{{2021, 1, 1}, {2012, 0, 0}, {1986, 1, 31}} {
							like := f
							like.Basis = kind
							got.fill(Settings{}, f, law)
							want.fill(Settings{}, like, law)
							if got != want {
								t.Fatalf("§ %s is not treated as § %s: %+v under the law of %v", basis, kind, f, law)
							}
						}
					}
				})
			})
		}
	}
}

// kindOf returns the basis in kinds that the law names together with b.
func kindOf(b Basis) Basis {
	switch b {
	case AA7, AA8, AA9b, AA471, Art4, Art8, Art11, Register8, Visa:
		return b
	case Register6, Register7:
		return Register6
	case Register1, Register2, Register3, Register4, Register5:
		return Register1
	}
	return AA9
}

// TestIncompleteBirthDates compares the answer to an incomplete birth date with
// the answers to every birthday in it.
func TestIncompleteBirthDates(t *testing.T) {
	for _, p := range Purposes() {
		for _, basis := range kinds[p] {
			t.Run(fmt.Sprintf("%s %s", p, basis), func(t *testing.T) {
				t.Parallel()
				f := Facts{Purpose: p, Basis: basis, CaptureOn: captureDay, LodgedAt: LodgedByPost}
				for _, f.Application = range Applications() {
					for _, f.Station = range []Station{StationPolice, StationMission, StationForeignMinistry} {
						for x := range allFlags {
							x.set(&f)
							for _, f.Unable.Prints = range inabilities {
								birthdayByBirthday(t, f)
							}
						}
					}
				}
			})
		}
	}
}

func birthdayByBirthday(t *testing.T, f Facts) {
	t.Helper()
	for _, b := range []BirthDate{
		{2020, 0, 0}, {2020, 11, 0}, {2020, 2, 0}, {2014, 11, 0}, {2012, 0, 0}, {2008, 11, 0}, {2008, 0, 0}, {2026, 0, 0}, {1990, 0, 0},
	} {
		want, decided := answer{}, 0
		for day := b.Earliest(); !day.After(b.Latest()) && !day.After(captureDay); day = next(day) {
			f.BirthDate = BirthDate(day)
			a := Settings{}.decide(&f, captureDay)
			if a.decision == Blocked && a.why[0].list[0] == judgedAdultIsAdult {
				continue // the person says under 18, so this is not the birthday
			}
			switch {
			case decided == 0:
				want = a
			case !asksAlike(&a, &want) || a.decision != want.decision:
				want = answer{decision: Blocked, prints: NoPrints}
			default:
				want.marks |= a.marks
			}
			decided++
			if want.decision == Blocked {
				break
			}
		}
		f.BirthDate = b
		got := Settings{}.decide(&f, captureDay)
		if decided == 0 {
			want.decision, want.prints = Blocked, NoPrints
		}
		if got.decision != want.decision || !asksAlike(&got, &want) || got.marks != want.marks || got.where != want.where {
			t.Fatalf("%+v: %+v, but birthday by birthday %+v", f, got, want)
		}
	}
}

// next returns the following day of the calendar.
func next(d Date) Date {
	if d.Day++; d.Day > daysIn(d.Year, d.Month) {
		d.Month, d.Day = d.Month+1, 1
	}
	if d.Month > time.December {
		d.Year, d.Month = d.Year+1, time.January
	}
	return d
}

// TestForeignBasis asks about every basis for every purpose it does not belong to.
func TestForeignBasis(t *testing.T) {
	for _, p := range Purposes() {
		for _, basis := range allBases() {
			if basis.family() == p.family() {
				continue
			}
			everyone(p, basis, func(f Facts) {
				f.BirthDate, f.Unable.Prints = BirthDate{1990, 5, 1}, Able
				if a := (Settings{}).decide(&f, captureDay); a.decision != Blocked || a.why[0].list[0] != basisNotOfPurpose {
					t.Fatalf("%+v: %+v, want blocked for the basis", f, a)
				}
			})
		}
	}
}

// TestForIsDecideInWords proves that For says what decide found, and says it
// the same way every time.
func TestForIsDecideInWords(t *testing.T) {
	for _, p := range Purposes() {
		for _, basis := range Bases(p) {
			everyone(p, basis, func(f Facts) {
				f.Unable.Prints = UnableTemporarily
				f.Refuses = refusals[3]
				f.JudgedAdult = true
				for _, f.BirthDate = range []BirthDate{{2012, 0, 0}, {2020, 0, 0}, {1990, 1, 1}} {
					a, r, again := Settings{}.decide(&f, captureDay), For(f, Date{}), For(f, captureDay)
					if err := saysTheSame(a, r); err != nil {
						t.Fatalf("%+v: %v", f, err)
					}
					if fmt.Sprint(r) != fmt.Sprint(again) {
						t.Fatalf("%+v: %v, and then %v", f, r, again)
					}
				}
			})
		}
	}
}

// saysTheSame compares a requirement with the answer it puts in words.
func saysTheSame(a answer, r Requirement) error {
	var m marks
	for i, mark := range allMarks {
		if r.Marked(mark) {
			m |= 1 << i
		}
	}
	var where stations
	for _, s := range r.Where {
		where |= s.bit()
	}
	switch {
	case r.Decision != a.decision || r.Photo.Required != a.photo || r.Prints.Required != a.prints || r.Refusal != a.refusal:
		return fmt.Errorf("%+v for %+v", r, a)
	case m != a.marks || len(r.Marks) > len(allMarks) || r.Marks == nil:
		return fmt.Errorf("marks %v for %b", r.Marks, a.marks)
	case where != a.where || r.Where == nil:
		return fmt.Errorf("where %v for %b", r.Where, a.where)
	case r.Controller != ImmigrationService && r.Controller != ForeignMinistry && r.Controller != NationalPolice:
		return fmt.Errorf("controller %q", r.Controller)
	case r.LawDate != captureDay:
		return fmt.Errorf("law date %v", r.LawDate)
	}
	for i, list := range [][]Ground{r.Photo.Grounds, r.Prints.Grounds} {
		if len(list) != a.why[i].n || len(list) == 0 {
			return fmt.Errorf("%d grounds for %d", len(list), a.why[i].n)
		}
		for j, g := range list {
			if g != groundTable[a.why[i].list[j]] || g.Source == "" {
				return fmt.Errorf("ground %v", g)
			}
		}
	}
	return nil
}
