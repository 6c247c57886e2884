package nist

// rules returns what the version asks of the fields of the record.
func (c *checker) rules() []rule {
	v := c.version
	switch c.rec.Type {
	case 1:
		return headerRules(v)
	case 9:
		return append(frame(), field(3, "IMP", must, among(impressions(v)+" 10-15 20-39")), field(4, "FMT", may, word("S", "U")))
	case 10:
		return append(frame(), append(faceRules(v, c.rec), append(imageRules(v, 10), tailRules()...)...)...)
	case 13, 14, 15:
		own := map[int]func(int) []rule{13: latentRules, 14: printRules, 15: palmRules}[c.rec.Type](v)
		return append(frame(), append(own, append(imageRules(v, c.rec.Type), tailRules()...)...)...)
	}
	return frame()
}

// frame is what every tagged record begins with; IDC is compared elsewhere.
func frame() []rule {
	return []rule{field(fieldLEN, "LEN", must), field(fieldIDC, "IDC", must)}
}

func headerRules(v int) []rule {
	tot := letters(1, 16)
	if v < v2011 {
		tot = letters(1, 4)
	}
	sets := codes("0 2-4 128-999")
	if v < v2011 {
		sets = "0-3 128-999"
	}
	version := word("0200", "0201", "0300", "0400", "0500", "0501", "0502")
	profile := field(16, "APS", may, anything(), anything(), anything()).from(v2011).list(0)
	return []rule{
		field(fieldLEN, "LEN", must),
		field(2, "VER", must, version),
		field(3, "CNT", must),
		field(4, "TOT", must, tot),
		field(5, "DAT", must, date()),
		field(6, "PRY", may, among("1-9")),
		field(7, "DAI", must, anything()),
		field(8, "ORI", must, anything()),
		text(9, "TCN", must, 0),
		text(10, "TCR", may, 0),
		field(11, "NSR", must, density()),
		field(12, "NTR", must, density()),
		field(13, "DOM", may, anything(), opt(anything())).from(v2000),
		field(14, "GMT", may, gmt()).from(v2000),
		field(15, "DCS", may, among(sets), anything(), opt(anything())).from(v2000),
		profile,
		field(17, "ANM", may, anything(), opt(anything())).from(v2011),
		field(18, "GNS", may, word("ISO", "GENC")).from(v2013),
	}
}

// imageRules are the fields in which Types 10, 13, 14 and 15 describe an image.
func imageRules(v, typ int) []rule {
	side := between(10, 99999)
	if v < v2011 {
		side = between(1, 99999)
	}
	names := compressions
	if v < v2007 {
		names = names[:4]
	}
	with := withData
	if typ == 10 || typ == 13 {
		with = must
	}
	scanned := may
	if v >= v2015 {
		scanned = mayData
	}
	return []rule{
		text(4, "SRC", must, 0),
		field(5, map[int]string{10: "PHD", 13: "LCD", 14: "FCD", 15: "PCD"}[typ], must, date()),
		field(6, "HLL", with, side),
		field(7, "VLL", with, side),
		field(8, "SLC", with, among("0-2")),
		field(9, "THPS", with, between(1, 99999)),
		field(10, "TVPS", with, between(1, 99999)),
		field(11, "CGA", with, word(names...)),
		field(16, "SHPS", scanned, between(1, 99999)).from(v2007),
		field(17, "SVPS", scanned, between(1, 99999)).from(v2007),
		field(30, "DMM", may, word("CONTROLLED", "ASSISTED", "OBSERVED", "UNATTENDED", "UNKNOWN")).from(v2007),
	}
}

// tailRules are the fields of the same number in Types 10, 13, 14 and 15.
func tailRules() []rule {
	subject := field(46, "SUB", may, word("A", "X", "D"), opt(among("1 2")), opt(among("1 2"))).from(v2013)
	steps := field(902, "ANN", may, gmt(), anything(), anything(), anything()).from(v2011).list(0)
	steps.free = true
	return []rule{
		subject,
		text(47, "CON", may, 1000).from(v2013),
		steps,
		field(903, "DUI", may, item{"M or P and 12 to 15 characters", deviceID, false}).from(v2011),
		field(904, "MMS", may, opt(characters(50)), opt(characters(50)), opt(characters(50))).from(v2011),
		text(992, "T2C", may, 0).from(v2013),
		text(993, "SAN", may, 125).from(v2011),
		text(994, "EFR", may, 0).from(v2013),
		field(995, "ASC", may, between(1, 255), opt(between(1, 99))).from(v2011).list(255),
		field(996, "HAS", may, hexadecimal(64)).from(v2011),
		field(997, "SOR", may, between(1, 255), opt(between(1, 99))).from(v2011).list(255),
		{number: 998, name: "GEO", first: v2011, free: true},
		{number: fieldDATA, name: "DATA"},
	}
}

func deviceID(s string) bool {
	return len(s) >= 13 && len(s) <= 16 && (s[0] == 'M' || s[0] == 'P')
}

// frictionRules are the fields that latents, prints and palms share; positions
// are the codes of 13.013, 14.013 and 15.013, most of which may be there.
func frictionRules(v int, positions codes, most int) []rule {
	imp := must
	if v >= v2015 {
		imp = withData
	}
	return []rule{
		field(3, "IMP", imp, among(impressions(v))),
		field(12, "BPX", withData, between(8, 99)),
		field(13, "FGP", must, among(positions)).list(most),
		text(20, "COM", may, 126),
		field(901, "FCT", may, among("0-99")).from(v2013),
	}
}

func printRules(v int) []rule {
	most := 1
	if v < v2011 {
		most = 6
	}
	amp := word("XX", "UP")
	if v >= v2015 {
		amp = word("XX", "UP", "SR")
	}
	finger, pixel := among(digits), between(0, 99999)
	polygon := field(25, "ASEG", may, finger, between(3, 99), pixel, pixel).from(v2007).list(0)
	polygon.more = true
	return append(frictionRules(v, fingers(v), most),
		part("PPD"), partPlace(),
		field(18, "AMP", may, finger, amp).from(v2007).list(5),
		field(21, "SEG", may, finger, pixel, pixel, pixel, pixel).from(v2007).list(5),
		field(22, "NQM", may, finger, among("1-5 254 255")).from(v2007).list(5),
		field(23, "SQM", may, append([]item{finger}, quality()...)...).from(v2007).list(45),
		scores(24, "FQM", finger),
		polygon,
		field(26, "SCF", may, between(1, 255)).from(v2011),
		field(27, "SIF", may, word("Y")).from(v2011),
		field(31, "FAP", may, among(profiles(v))).from(v2011),
	)
}

// part is a rule for PPD and SPD: which part of which finger an entire joint or a
// tip shows.
func part(name string) rule {
	return field(14, name, may, among(digits), word("EJI", "TIP", "FV1", "FV2", "FV3", "FV4", "TPP", "PRX", "DST", "MED", "NA")).list(9)
}

// partPlace is a rule for PPC: where the parts are.
func partPlace() rule {
	pixel := between(0, 99999)
	return field(15, "PPC", may, word("FV1", "FV2", "FV3", "FV4", "TIP", "TPP", "NA"), word("PRX", "DST", "MED", "NA"),
		pixel, pixel, pixel, pixel).list(12)
}

// scores is a rule for FQM, PQM and LQM. Update 2015 lets a comment and a
// segment follow the measure.
func scores(number int, name string, position item) rule {
	return field(number, name, may, append(append([]item{position}, quality()...), opt(characters(0)), opt(characters(0)))...).from(v2007).list(45)
}

func palmRules(v int) []rule {
	amp := field(18, "AMP", may, among(palms(v)), word("XX", "UP", "SR")).from(v2011).list(9)
	return append(frictionRules(v, palms(v), 1), amp, scores(24, "PQM", among(palms(v))),
		field(21, "SEG", may).from(v2013), field(31, "FAP", may).from(v2013))
}

func latentRules(v int) []rule {
	anyPosition := fingers(v) + " " + palms(v)
	if v >= v2011 {
		anyPosition += " 60-79"
	}
	return append(frictionRules(v, anyPosition, 6), scores(24, "LQM", among(anyPosition)), part("SPD"), partPlace(),
		field(18, "RSP", may).from(v2011), field(19, "REM", may).from(v2011))
}
