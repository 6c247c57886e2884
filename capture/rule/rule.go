// Package rule is the law as a function: the facts of a case go in, and out
// comes what must and may be captured from the person, with the grounds and the
// provision each comes from.
//
// It has no clock, no storage and no device, and it knows nobody's name. What
// is made of the answer is for others: capture walks through it, ui shows it,
// queue repeats it on the finished package.
//
// A lawyer finds the rules in row.go (who gives what), station.go (who may take
// it), consequence.go (refusal, controller), kept.go (how long it is kept) and
// ground.go (the sentences and their sources).
//
// The sources have short names: AA is the Aliens Act, L167 the bill of 16 March
// 2011 with its remarks, R380 Regulation (EC) 1030/2002 as amended by 380/2008,
// ED the Eurodac Regulation (EC) 2725/2000. "The digest" is the project's
// summary of them, whose numbers of sections and rows are used here.
package rule

// Settings are dates that the law leaves to the authorities. The zero Settings
// are the law as it stands.
type Settings struct {
	// EurodacRecastFrom is the day from which Regulation (EU) 2024/1358 binds:
	// Eurodac from the age of six, and the face with it. Zero: it does not.
	EurodacRecastFrom Date `json:"eurodac_recast_from,omitzero"`

	// VISFromSixFrom is the day from which visa applicants give prints from the
	// age of six and no longer from twelve. Zero: it has not come.
	VISFromSixFrom Date `json:"vis_from_six_from,omitzero"`
}

// For returns what the law of a day asks in a case. law is a day of the
// calendar; the zero Date stands for the day of capture. Facts that are missing, unknown or contradict each other
// are answered with the decision [Blocked], whose grounds name the fact.
func For(f Facts, law Date) Requirement { return Settings{}.For(f, law) }

// For returns what [For] does, under the settings s.
func (s Settings) For(f Facts, law Date) Requirement {
	if law.IsZero() && f.CaptureOn.valid() {
		law = f.CaptureOn
	}
	a := s.decide(&f, law)
	return Requirement{
		Decision:   a.decision,
		Photo:      Photo{a.photo, a.why[0].words()},
		Prints:     Prints{a.prints, a.why[1].words()},
		Marks:      a.marks.words(),
		Refusal:    a.refusal,
		Where:      a.where.words(),
		Controller: f.controller(),
		LawDate:    law,
	}
}

// An answer is a requirement in the making.
type answer struct {
	decision Decision
	photo    bool
	prints   PrintSet
	why      [2]grounds // of the photo and of the prints
	marks    marks
	refusal  Refusal
	where    stations
}

// none returns an answer that asks for nothing, with its grounds.
func none(d Decision, why grounds) answer {
	return answer{decision: d, prints: NoPrints, why: [2]grounds{why, why}, refusal: NoRefusal}
}

// decide goes through the law in its order of precedence: contradictory facts,
// competence of the station, reuse, the rows of age and custody with inability,
// refusal.
func (s Settings) decide(f *Facts, law Date) answer {
	if why := f.contradiction(); why.n > 0 {
		return none(Blocked, why)
	}
	if where, why := f.elsewhere(); where != 0 {
		a := none(Elsewhere, why)
		a.where = where
		return a
	}
	if why := f.reuse(); why.n > 0 {
		return none(Reuse, why)
	}
	a := s.overBirthdays(f, law)
	if a.decision == Capture {
		a.refuse(f)
	}
	return a
}

// contradiction returns what makes the facts impossible to decide upon,
// whatever the law says. Who is wholly or partly without a birth date is not
// contradicted here; see [Settings.overBirthdays].
func (f *Facts) contradiction() (why grounds) {
	if fact, bad := f.unknown(); bad {
		why.add(noPurpose + ground(fact))
		return why
	}
	if f.Basis.family() != f.Purpose.family() {
		why.add(basisNotOfPurpose)
	}
	if f.Unaccompanied && f.WithCustodian {
		why.add(aloneWithCustodian)
	}
	if f.Purpose == ResidenceCard && f.Application == Extension && f.lodgedAbroad() {
		why.add(extensionLodgedAbroad)
	}
	if f.CaptureOn.IsZero() {
		why.add(noCaptureOn)
		return why
	}
	if f.appliesFor() && f.CaptureOn.Before(f.AppliedOn) {
		why.add(captureBeforeApplication)
	}
	switch from, _ := f.ages(); {
	case f.BirthDate.Earliest().After(f.CaptureOn):
		why.add(bornAfterCapture)
	case f.JudgedAdult && from >= adult:
		why.add(judgedAdultIsAdult)
	}
	return why
}

// appliesFor reports whether the capture belongs to an application, so that it
// cannot come before it. Who crosses a border or is put on a register has not
// applied for anything yet.
func (f *Facts) appliesFor() bool {
	return f.Purpose != PoliceRegister && f.Basis != Art8 && f.Basis != Art11
}

// reuse returns why biometrics of another case serve: rows 13 and 14. A pending
// case wins over the rule that extensions are captured anew.
func (f *Facts) reuse() (why grounds) {
	if f.Purpose != ResidenceCard && f.Purpose != LongStayVisa {
		return why // registers and Eurodac never share with the card
	}
	if f.BiometricsOnPendingCase {
		why.add(reusePending)
	}
	if f.Basis == AA9b && f.Application == First {
		why.add(reuseAsylumCase)
	}
	return why
}

// ageEdges are the ages at which any row begins or ends. Between two of them the
// answer is the same.
var ageEdges = [...]int{0, 6, 12, 14, adult, noLimit}

// ages returns the lowest and the highest age in completed years that the
// person can have on the day of capture, as far as the birth date tells. The
// lowest is negative where it leaves birthdays possible that are still to come;
// nobody is captured before birth, so they do not count.
func (f *Facts) ages() (from, to int) {
	if f.BirthDate.IsZero() {
		return 0, noLimit - 1
	}
	return Age(f.BirthDate.Latest(), f.CaptureOn), Age(f.BirthDate.Earliest(), f.CaptureOn)
}

// overBirthdays answers for every birthday that the birth date leaves possible,
// and blocks when they do not all give the same photo and prints.
func (s Settings) overBirthdays(f *Facts, law Date) answer {
	from, to := f.ages()
	var all answer
	var limits grounds
	answers, alike := 0, true
	for i, edge := range ageEdges[:len(ageEdges)-1] {
		if to < edge || from >= ageEdges[i+1] {
			continue
		}
		one := s.atAge(f, law, max(edge, from))
		switch {
		case answers == 0:
			all = one
		case all.decision != one.decision || all.photo != one.photo || all.prints != one.prints:
			limits.add(f.limit(edge))
			all = one
		default:
			alike = alike && all.why == one.why
			all.why[0].join(&one.why[0])
			all.why[1].join(&one.why[1])
			all.marks |= one.marks
		}
		answers++
	}
	if limits.n > 0 {
		return undecided(f.BirthDate, limits)
	}
	if !alike {
		all.why[0].add(incompleteSuffices)
		all.why[1].add(incompleteSuffices)
	}
	return all
}

// undecided blocks for the part of the birth date that is missing; limits are
// the age limits that run through it.
func undecided(b BirthDate, limits grounds) answer {
	var why grounds
	switch {
	case b.IsZero():
		why.add(noBirthDate)
	case b.Month == 0:
		why.add(birthMonthMissing)
	default:
		why.add(birthDayMissing)
	}
	why.join(&limits)
	return none(Blocked, why)
}

// atAge answers for a person of the given age, from the row to the inability.
func (s Settings) atAge(f *Facts, law Date, age int) answer {
	a := answer{decision: Nothing, refusal: NoRefusal}
	if f.JudgedAdult {
		age = adult // whatever the person says (row 10)
	}
	row := find(s.rows(f, law), age, f.home(law))
	a.photo, a.prints = row.photo, row.prints
	a.why[0].add(row.why[0])
	a.why[1].add(row.why[1])
	if f.Purpose == ResidenceCard {
		a.limitToDates(law)
		a.captureAnew(f)
	}
	a.exempt(f)
	switch {
	case row.reuse:
		a.decision = Reuse
	case a.photo || a.prints != NoPrints:
		a.decision = Capture
		a.disputeAge(f)
	}
	return a
}

// limitToDates takes away what the law of an earlier day did not ask yet.
func (a *answer) limitToDates(law Date) {
	if law.Before(photoFrom) {
		*a = none(Nothing, only(beforeCard))
		return
	}
	if law.Before(printsFrom) && a.prints != NoPrints {
		a.prints, a.why[1] = NoPrints, only(beforePrints)
	}
}

// captureAnew says what row 15 and row 12 add: nothing handed in or captured
// before serves.
func (a *answer) captureAnew(f *Facts) {
	if f.Application == Extension {
		if a.photo {
			a.why[0].add(extensionAnew)
		}
		if a.prints != NoPrints {
			a.why[1].add(extensionAnew)
		}
	}
	if a.photo && f.afterEntry() {
		a.marks |= retakePhoto
		a.why[0].add(retakeHandedIn)
	}
}

// exempt takes the prints of who cannot ever give them (row 11), and marks for
// a new appointment who cannot give them now.
func (a *answer) exempt(f *Facts) {
	if a.prints == NoPrints {
		return
	}
	switch f.Unable.Prints {
	case UnablePermanently:
		a.prints, a.why[1] = NoPrints, only(f.unableGround())
	case UnableTemporarily:
		a.marks |= recall
		a.why[1].add(recallGround)
	}
}

// disputeAge marks the case of a person judged to be an adult (row 10).
func (a *answer) disputeAge(f *Facts) {
	if f.JudgedAdult {
		a.marks |= ageIsDisputed
		a.why[0].add(ageDisputed)
		a.why[1].add(ageDisputed)
	}
}

func only(g ground) (list grounds) {
	list.add(g)
	return list
}
