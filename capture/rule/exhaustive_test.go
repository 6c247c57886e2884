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

// A block is the answers to all combinations of the facts about the person that
// can change from one moment to the next, everything else being equal.
type block [allFlags][3][4]answer

// fill asks for the answers of a block.
func (b *block) fill(s Settings, f Facts, law Date) {
	for x := range allFlags {
		x.set(&f)
		for u, unable := range inabilities {
			f.Unable.Prints = unable
			for r, refuses := range refusals {
				f.Refuses = refuses
				b[x][u][r] = s.decide(&f, law)
			}
		}
	}
}

// check returns the first answer of the block that breaks an invariant, by
// itself or beside its neighbours.
func (b *block) check(s Settings, f Facts, law Date) error {
	for x := range allFlags {
		x.set(&f)
		for u, unable := range inabilities {
			f.Unable.Prints = unable
			for r, refuses := range refusals {
				f.Refuses = refuses
				a := &b[x][u][r]
				err := sound(s, &f, law, a)
				if err == nil {
					err = b.neighbours(&f, x, u, r)
				}
				if err != nil {
					return fmt.Errorf("%+v under the law of %v: %w", f, law, err)
				}
			}
		}
	}
	return nil
}

// neighbours compares an answer with those to facts that differ in one respect.
func (b *block) neighbours(f *Facts, x flags, u, r int) error {
	a := &b[x][u][r]
	if willing := &b[x][u][0]; !asksAlike(a, willing) || a.decision != willing.decision ||
		a.marks != willing.marks || a.where != willing.where {
		return fmt.Errorf("a refusal changes what is asked: %+v, was %+v", a, willing)
	}
	if able := &b[x][0][r]; able.decision != Blocked {
		switch inabilities[u] {
		case UnablePermanently:
			if asksMore(a, able) || a.prints != NoPrints || a.photo != able.photo {
				return fmt.Errorf("a permanent inability: %+v, was %+v", a, able)
			}
		case UnableTemporarily:
			if !asksAlike(a, able) || a.decision != able.decision {
				return fmt.Errorf("a temporary inability: %+v, was %+v", a, able)
			}
		}
	}
	return b.exemptions(f, x, u, r)
}

// exemptions checks that what frees a person never makes the law ask for more.
// The visa photo is the one thing that is asked because the card's is not.
func (b *block) exemptions(f *Facts, x flags, u, r int) error {
	if f.Purpose == LongStayVisa {
		return nil
	}
	a := &b[x][u][r]
	for _, e := range []struct {
		what string
		y    flags // the same facts without the exemption
	}{
		{"living with the custodian", x &^ fWithCustodian},
		{"being accompanied", x | fUnaccompanied},
		{"asking for no card", x | fCardRequested},
		{"a pending case", x &^ fPending},
		{"not being judged an adult", x | fJudgedAdult},
	} {
		if without := &b[e.y][u][r]; without.decision != Blocked && asksMore(a, without) {
			return fmt.Errorf("%s asks for more: %+v, was %+v", e.what, a, without)
		}
	}
	return nil
}

// asksAlike reports whether two answers ask for the same.
func asksAlike(a, b *answer) bool { return a.photo == b.photo && a.prints == b.prints }

// asksMore reports whether a asks for anything that b does not.
func asksMore(a, b *answer) bool {
	return a.photo && !b.photo || a.prints != NoPrints && a.prints != b.prints
}

// sound returns what is wrong with an answer by itself.
func sound(s Settings, f *Facts, law Date, a *answer) error {
	asks := a.photo || a.prints != NoPrints
	mayBeUnder := func(age int) bool {
		return !f.JudgedAdult && youngest(f) < age
	}
	refused := f.Refused(ItemPhoto) && a.photo || f.Refused(ItemPrints) && a.prints != NoPrints
	asylum := f.Basis == AA7 || f.Basis == AA8 && f.Application == Extension
	recast := f.Purpose == Eurodac && since(s.EurodacRecastFrom, law)
	for _, promise := range []struct {
		kept bool
		says string
	}{
		{asks == (a.decision == Capture), "something is asked for when, and only when, the decision is capture"},
		{a.why[0].n > 0 && a.why[1].n > 0, "every answer has its grounds"},
		{(a.where != 0) == (a.decision == Elsewhere), "it says where when, and only when, it is elsewhere"},
		{a.where&f.Station.bit() == 0, "nobody is sent to where he stands"},
		{asks || a.marks == 0, "what asks for nothing has no marks"},
		{(a.refusal != NoRefusal) == refused, "a refusal has a consequence when, and only when, it is of something asked for"},
		{!asylum || a.refusal != ApplicationRejected, "a refusal never rejects an asylum case"},
		{f.Purpose == ResidenceCard || a.refusal != ApplicationRejected, "only an application for a card is rejected"},
		{a.prints == NoPrints || a.decision != Capture || f.Unable.Prints != UnablePermanently, "nobody is asked for what is impossible"},
		{(a.marks&recall != 0) == (f.Unable.Prints == UnableTemporarily && a.prints != NoPrints), "who cannot give prints now is called again"},
		{(a.marks&ageIsDisputed != 0) == (f.JudgedAdult && asks), "a disputed age is marked"},
		{a.marks&retakePhoto == 0 || f.Purpose == ResidenceCard && a.photo, "only a card's photo is taken again"},
		{!f.BiometricsOnPendingCase || !asks || f.Purpose != ResidenceCard, "a pending case's biometrics are used again"},
		{f.Purpose != ResidenceCard || a.prints == NoPrints || a.prints == TwoFlat, "a card has two flat prints or none"},
		{f.Purpose != ResidenceCard || a.prints == NoPrints || !mayBeUnder(6), "never prints under six on a card"},
		{f.Purpose != ResidenceCard || !asks || !law.Before(photoFrom), "nothing for a card before 20 May 2011"},
		{f.Purpose != ResidenceCard || a.prints == NoPrints || !law.Before(printsFrom), "no prints for a card before 20 May 2012"},
		{f.Purpose != LongStayVisa || a.prints == NoPrints, "no prints for a long-stay visa"},
		{f.Purpose != VIS || a.prints == NoPrints || a.prints == Ten, "a visa has ten prints or none"},
		{f.Purpose != VIS || a.prints == NoPrints || !mayBeUnder(12) || s != Settings{}, "never prints under twelve for a visa"},
		{f.Purpose != Eurodac || recast || !a.photo, "Eurodac takes no photo"},
		{f.Purpose != Eurodac || recast || !asks || !mayBeUnder(14), "never anything under fourteen for Eurodac"},
		{!recast || !asks || !mayBeUnder(6), "never anything under six for the recast Eurodac"},
		{f.Purpose != PoliceRegister || !a.photo, "the register takes no photo"},
		{a.prints != TenOrIndex || f.Basis == Art11, "index fingers suffice for category 3 only"},
	} {
		if !promise.kept {
			return fmt.Errorf("not so: %s: %+v", promise.says, a)
		}
	}
	return nil
}

// youngest counts the completed years of the youngest that the person can be,
// birthday by birthday, differently from the rule.
func youngest(f *Facts) int {
	born := f.BirthDate.Latest()
	if f.BirthDate.IsZero() || born.After(f.CaptureOn) {
		return 0
	}
	years := 0
	for !born.AddYears(years + 1).After(f.CaptureOn) {
		years++
	}
	return years
}

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
