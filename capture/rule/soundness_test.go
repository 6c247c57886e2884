package rule

import "fmt"

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
