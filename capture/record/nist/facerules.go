package nist

import "strconv"

// faceRules are the fields that only Type-10 records have. A face of profile 30
// or more also tells how it was acquired, attributes, and colours of eyes and hair.
func faceRules(v int, rec *Record) []rule {
	face := rec.Text(3) == "FACE"
	profile, described := may, may
	if face && v >= v2011 {
		profile = must
		if sap, _ := strconv.Atoi(rec.Text(13)); sap >= 30 {
			described = must
		}
	}
	kind := word("FACE", "SCAR", "MARK", "TATTOO")
	if v >= v2013 {
		kind = characters(11) // 2013 adds some twenty views of the body
	}
	attributes := field(26, "SXS", described, characters(20)).from(v2007).list(50)
	rules := []rule{
		field(3, "IMT", must, kind),
		field(12, "CSP", must, word("UNK", "GRAY", "RGB", "SRGB", "YCC", "SYCC")),
		field(13, "SAP", profile, among("0 1 10-15 20 30 32 40 42 50-52")).from(v2007),
		field(20, "POS", may, word("F", "R", "L", "A", "D")),
		field(21, "POA", may, between(-180, 180)),
		field(23, "PAS", described, word(acquisitions(v)...), opt(characters(64))).from(v2007).list(1),
		field(24, "SQS", may, quality()...).from(v2007).list(9),
		attributes,
		field(27, "SEC", described, word("BLK", "BLU", "BRO", "GRY", "GRN", "HAZ", "MAR", "MUL", "PNK", "XXX")).from(v2007),
		field(28, "SHC", described, word("XXX", "BAL", "BLK", "BLN", "BLU", "BRO", "GRY", "GRN", "ONG", "PNK", "PLE", "RED", "SDY",
			"STR", "WHI")).from(v2007).list(2),
		text(38, "COM", may, 126).from(v2011),
	}
	return append(rules, otherFaceRules()...)
}

// acquisitions are the codes of PAS.
func acquisitions(v int) []string {
	old := []string{"UNSPECIFIED", "UNKNOWN PHOTO", "DIGITAL CAMERA", "SCANNER", "UNKNOWN VIDEO", "ANALOGUE VIDEO", "DIGITAL VIDEO", "VENDOR"}
	if v < v2011 {
		return old
	}
	return append(old, "UNKNOWN", "UNKNOWN FRAME", "ANALOGUE FRAME", "DIGITAL FRAME", "RADIOGRAPHY", "OTHER")
}

// otherFaceRules are the fields of which only that they exist is checked, and
// from when.
func otherFaceRules() []rule {
	return []rule{
		field(14, "FIP", may).from(v2011), field(15, "FPFI", may).from(v2011), field(18, "DIST", may).from(v2011),
		field(19, "LAF", may).from(v2011), field(22, "PXS", may), field(25, "SPA", may).from(v2007), field(29, "FFP", may).from(v2007),
		field(31, "TMC", may).from(v2011), field(32, "3DF", may).from(v2011), field(33, "FEC", may).from(v2011),
		field(34, "ICDR", may).from(v2013), field(39, "T10", may).from(v2011), field(40, "SMT", may), field(41, "SMS", may),
		field(42, "SMD", may), field(43, "COL", may), field(44, "ITX", may).from(v2011), field(45, "OCC", may).from(v2011),
		field(48, "PID", may).from(v2013), field(49, "CID", may).from(v2013), field(50, "VID", may).from(v2013),
		field(51, "RSP", may).from(v2013),
	}
}
