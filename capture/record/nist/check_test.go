package nist_test

import (
	"slices"
	"strings"
	"testing"

	"optag/capture/record/nist"
)

// A flaw is a change of a field in a file that is as it should be, and the line
// that the check says of it; "" where it says nothing.
type flaw struct {
	name  string
	field int
	value string // as it is printed; "-" takes the field away
	says  string
}

// apply changes a field of a copy of a record.
func (f flaw) apply(file *nist.Transaction, index int) {
	r := *file.Records[index]
	r.Fields = slices.Clone(r.Fields)
	if f.value == "-" {
		r.Fields = slices.DeleteFunc(r.Fields, func(g nist.Field) bool { return g.Number == f.field })
	} else {
		r.Set(nist.Field{Number: f.field, Value: encode(f.value)})
	}
	file.Records[index] = &r
}

// try applies each flaw to a record of a file of its own.
func try(t *testing.T, index int, make func() *nist.Transaction, flaws []flaw) {
	t.Helper()
	for _, f := range flaws {
		file := make()
		f.apply(file, index)
		var lines []string
		for _, fault := range nist.Check(file) {
			lines = append(lines, fault.String())
		}
		if got := strings.Join(lines, "\n"); got != f.says {
			t.Errorf("%s:\n    %s\nwant\n    %s", f.name, got, f.says)
		}
	}
}

func TestHeaderFaults(t *testing.T) {
	try(t, 0, func() *nist.Transaction { return roundTrip(t, encode(entryExit)) }, []flaw{
		{"an older version without what is new", 2, "0501", ""},
		{"a version of three digits", 2, "500", `record 1, 1.002: VER is one of 0200, 0201, 0300, 0400, 0500, 0501, 0502, not "500"`},
		{"no version", 2, "-", "record 1, 1.002: VER is missing"},
		{"an empty type of transaction", 4, "", "record 1, 1.004: TOT has no value"},
		{"a type of transaction with spaces", 4, "C A R", `record 1, 1.004: TOT is 1 to 16 letters, not "C A R"`},
		{"a type of transaction of 17 letters", 4, "ABCDEFGHIJKLMNOPQ", `record 1, 1.004: TOT is 1 to 16 letters, not "ABCDEFGHIJKLMNOPQ"`},
		{"the 29th of February 2023", 5, "20230229", `record 1, 1.005: DAT is a date YYYYMMDD, not "20230229"`},
		{"a date as Americans write it", 5, "04252023", `record 1, 1.005: DAT is a date YYYYMMDD, not "04252023"`},
		{"priority 0", 6, "0", `record 1, 1.006: PRY is one of 1-9, not "0"`},
		{"no priority", 6, "-", ""},
		{"no control number", 9, "-", "record 1, 1.009: TCN is missing"},
		{"500 ppi without a Type-4 record", 11, "19.69", `record 1, 1.011: NSR is 00.00 without a Type-4 record, not "19.69"`},
		{"a resolution of one digit", 12, "0.00", "record 1, 1.012: NTR is two digits, a point and two digits, not \"0.00\"\nrecord 1, 1.012: NTR is 00.00 without a Type-4 record, not \"0.00\""},
		{"a domain without a version", 13, "NORAM|", ""},
		{"a domain without a name", 13, "|1.00", "record 1, 1.013: item 1 of DOM is some text"},
		{"a domain of three items", 13, "EES|1.00|x", `record 1, 1.013: DOM has at most 2 items, not "3"`},
		{"GMT in small letters", 14, "20230425162700z", `record 1, 1.014: GMT is a time YYYYMMDDHHMMSSZ, not "20230425162700z"`},
		{"GMT at 24 hours", 14, "20230425240000Z", `record 1, 1.014: GMT is a time YYYYMMDDHHMMSSZ, not "20230425240000Z"`},
		{"a character set by a wrong name", 15, "3|ASCII", `record 1, 1.015: DCS calls set 3 UTF-8, not "ASCII"`},
		{"a character set of nobody", 15, "5|X", `record 1, 1.015: item 1 of DCS is one of 0 2-4 128-999, not "5"`},
		{"a profile without its version", 16, "EU|EES", "record 1, 1.016: item 3 of APS is some text"},
		{"countries of another list", 18, "NSA", `record 1, 1.018: GNS is one of ISO, GENC, not "NSA"`},
		{"a field that does not exist", 19, "x", "record 1, 1.019: the standard has no such field"},
		{"the list begins with another type", 3, "2|3^2|0^14|2^14|3", `record 1, 1.003: CNT begins with the type of its own record, 1, not "2"`},
		{"the list names another type", 3, "1|3^2|0^14|2^15|3", `record 1, 1.003: CNT lists type and IDC of each record, in the order of the file, not "15|3"`},
		{"the list has one too few", 3, "1|2^2|0^14|2^14|3", `record 1, 1.003: CNT says that 3 records follow, not "2"`},
		{"the list names another IDC", 3, "1|3^2|0^14|2^14|9", `record 4, 14.002: 1.003 lists the record with IDC 9, not "3"`},
		{"the list has IDCs with zeros", 3, "1|3^2|00^14|02^14|03", ""},
	})
}

func TestSlapFaults(t *testing.T) {
	try(t, 2, func() *nist.Transaction { return fullFile(t) }, []flaw{
		{"an IDC that a print has already", 2, "7", "record 3, 14.002: 1.003 lists the record with IDC 1, not \"7\"\nrecord 4, 14.002: IDC differs from that of every other record of the type, not \"7\""},
		{"an IDC of three digits", 2, "100", `record 3, 14.002: IDC is a number from 0 to 99, not "100"`},
		{"a plain impression as it was coded before 2015", 3, "20", `record 3, 14.003: IMP is one of 0 1 4 8 24 25 28 29 41 42, not "20"`},
		{"no impression with an image", 3, "-", "record 3, 14.003: IMP is missing"},
		{"no source", 4, "-", "record 3, 14.004: SRC is missing"},
		{"no date", 5, "-", "record 3, 14.005: FCD is missing"},
		{"another width than the image's", 6, "1608", `record 3, 14.006: the image is 1600 pixels wide, not "1608"`},
		{"another height than the image's", 7, "1008", `record 3, 14.007: the image is 1000 pixels high, not "1008"`},
		{"a unit of nobody", 8, "3", `record 3, 14.008: SLC is one of 0-2, not "3"`},
		{"500 across and 1000 down", 10, "1000", `record 3, 14.008: SLC 1 and 2 go with the same density across and down, not "500 and 1000"`},
		{"an unknown compression", 11, "GIF", `record 3, 14.011: CGA is one of NONE, WSQ20, JPEGB, JPEGL, JP2, JP2L, PNG, not "GIF"`},
		{"another compression than the image's", 11, "PNG", "record 3, 14.999: the image is no PNG, as CGA says"},
		{"pixels that are not so many", 11, "NONE", `record 3, 14.999: DATA has 1600000 bytes by HLL, VLL and BPX, not "27"`},
		{"7 bits for a pixel", 12, "7", `record 3, 14.012: BPX is a number from 8 to 99, not "7"`},
		{"a position of a palm", 13, "21", "record 3, 14.013: FGP is one of 0-19 40-54, not \"21\"\nrecord 3, 14.021: SEG is absent where FGP is no slap"},
		{"two positions", 13, "13^14", `record 3, 14.013: FGP has at most 1 sub-fields, not "2"`},
		{"no position", 13, "-", "record 3, 14.013: FGP is missing\nrecord 3, 14.021: SEG is absent where FGP is no slap"},
		{"parts of a joint", 14, "2|TIP", "record 3, 14.014: the field is absent unless FGP is 19"},
		{"an unknown amputation", 18, "5|YY", `record 3, 14.018: item 2 of AMP is one of XX, UP, SR, not "YY"`},
		{"a finger amputated twice", 18, "5|XX^5|UP", `record 3, 14.018: AMP lists a finger once, not "5"`},
		{"a bandaged finger of a slap", 18, "5|UP", ""},
		{"a comment of 127 characters", 20, strings.Repeat("ø", 127), "record 3, 14.020: COM is at most 126 characters"},
		{"a segment right of the image", 21, "2|0|1601|0|1000", `record 3, 14.021: SEG lies within 1600 × 1000 pixels, left before right, top before bottom, not "2|0|1601|0|1000"`},
		{"a segment turned over", 21, "2|800|0|0|1000^3|0|1|0|1", `record 3, 14.021: SEG lies within 1600 × 1000 pixels, left before right, top before bottom, not "2|800|0|0|1000"`},
		{"a segment of four items", 21, "2|0|800|0", "record 3, 14.021: item 5 of SEG is a number from 0 to 99999"},
		{"a segment of a slap", 21, "13|0|800|0|10^2|0|1|0|1", `record 3, 14.021: item 1 of SEG is one of 0-10 16 17, not "13"`},
		{"a score of NFIQ 1 of 6", 22, "2|6", `record 3, 14.022: item 2 of NQM is one of 1-5 254 255, not "6"`},
		{"a segment's score without the segment", 23, "5|60|000F|1", `record 3, 14.023: SQM is of a finger in SEG or ASEG, not "5"`},
		{"a score of 101", 24, "2|101|000F|1", `record 3, 14.024: item 2 of FQM is one of 0-100 254 255, not "101"`},
		{"a vendor in three digits", 24, "2|50|00F|1", `record 3, 14.024: item 3 of FQM is 4 hexadecimal digits, not "00F"`},
		{"measure 0", 24, "2|50|000F|0", `record 3, 14.024: item 4 of FQM is a number from 1 to 65535, not "0"`},
		{"two scores of one finger", 24, "2|50|000F|1^2|51|000F|1", `record 3, 14.024: FQM lists a finger once, not "2"`},
		{"scores of two measures", 24, "2|50|000F|1^2|51|000F|2", ""},
		{"an outline of two points", 25, "4|2|0|0|1|1", `record 3, 14.025: item 2 of ASEG is a number from 3 to 99, not "2"`},
		{"an outline that lacks a point", 25, "4|4|0|0|1|1|5|5", `record 3, 14.025: ASEG has 4 points, as it says, not "3"`},
		{"an outline beyond the image", 25, "4|3|0|0|1|1|5|1001", `record 3, 14.025: ASEG lies within 1600 × 1000 pixels, not "4|5|1001"`},
		{"simultaneous capture 0", 26, "0", `record 3, 14.026: SCF is a number from 1 to 255, not "0"`},
		{"not stitched", 27, "N", `record 3, 14.027: SIF is one of Y, not "N"`},
		{"a reserved field", 28, "x", "record 3, 14.028: the standard has no such field"},
		{"watched in small letters", 30, "Assisted", `record 3, 14.030: DMM is one of CONTROLLED, ASSISTED, OBSERVED, UNATTENDED, UNKNOWN, not "Assisted"`},
		{"an unknown profile", 31, "55", `record 3, 14.031: FAP is one of 10 20 30 40 45 50 60 145 150 160, not "55"`},
		{"a subject in an unknown state", 46, "Z", `record 3, 14.046: item 1 of SUB is one of A, X, D, not "Z"`},
		{"a device without M or P", 903, "X0123456789AB", `record 3, 14.903: DUI is M or P and 12 to 15 characters, not "X0123456789AB"`},
		{"four items of the maker", 904, "a|b|c|d", `record 3, 14.904: MMS has at most 3 items, not "4"`},
		{"a hash that is too short", 996, "1234ABCD", `record 3, 14.996: HAS is 64 hexadecimal digits, not "1234ABCD"`},
		{"text that is no UTF-8", 993, "«ff»", "record 3, 14.993: 1.015 says UTF-8"},
		{"an empty image", 999, "", "record 3, 14.003: IMP is absent in a record without an image\n" + noImage +
			"\nrecord 3, 14.016: SHPS is absent in a record without an image\nrecord 3, 14.017: SVPS is absent in a record without an image" +
			"\nrecord 3, 14.999: DATA has no value"},
	})
}

// noImage is what is said of the description of an image that is not there.
const noImage = `record 3, 14.012: BPX is absent in a record without an image
record 3, 14.006: HLL is absent in a record without an image
record 3, 14.007: VLL is absent in a record without an image
record 3, 14.008: SLC is absent in a record without an image
record 3, 14.009: THPS is absent in a record without an image
record 3, 14.010: TVPS is absent in a record without an image
record 3, 14.011: CGA is absent in a record without an image`

func TestSinglePrintFaults(t *testing.T) {
	try(t, 3, func() *nist.Transaction { return fullFile(t) }, []flaw{
		{"segments of one finger", 21, "7|0|10|0|10", "record 4, 14.021: SEG is absent where FGP is no slap"},
		{"a score of another finger", 24, "8|50|000F|1", `record 4, 14.024: FQM is of finger 7, as FGP, not "8"`},
		{"a print that could not be taken", 18, "7|UP", `record 4, 14.018: AMP UP goes with no image, not "UP"`},
		{"part of the finger is amputated", 18, "7|XX", ""},
		{"an amputation of another finger", 18, "8|XX", `record 4, 14.018: AMP is of finger 7, as FGP, not "8"`},
		{"a tip", 13, "19", "record 4, 14.014: the field is missing where FGP is 19\nrecord 4, 14.015: the field is missing where FGP is 19"},
	})
}

func TestMissingPrintFaults(t *testing.T) {
	try(t, 4, func() *nist.Transaction { return fullFile(t) }, []flaw{
		{"amputated", 18, "8|XX", ""},
		{"no reason", 18, "-", "record 5, 14.018: AMP says why there is no image: UP or XX"},
		{"a scar is no reason", 18, "8|SR", "record 5, 14.018: AMP says why there is no image: UP or XX"},
		{"an impression of nothing", 3, "0", "record 5, 14.003: IMP is absent in a record without an image"},
		{"a width of nothing", 6, "400", "record 5, 14.006: HLL is absent in a record without an image"},
		{"a scanning density of nothing", 16, "500", "record 5, 14.016: SHPS is absent in a record without an image"},
	})
}

func TestPalmFaults(t *testing.T) {
	try(t, 5, func() *nist.Transaction { return fullFile(t) }, []flaw{
		{"a position of a finger", 13, "2", `record 6, 15.013: FGP is one of 20-38 81-86, not "2"`},
		{"a score of a finger", 24, "2|50|000F|1", `record 6, 15.024: item 1 of PQM is one of 20-38 81-86, not "2"`},
		{"another width than the image's", 6, "99", `record 6, 15.006: the image is 1200 pixels wide, not "99"`},
	})
}

func TestFaceFaults(t *testing.T) {
	file := func() *nist.Transaction {
		file := fullFile(t)
		flaw{field: 2, value: "0500"}.apply(file, 0)
		flaw{field: 3, value: "0"}.apply(file, 3)
		file.Records = append(file.Records[:1:1], file.Records[6])
		file.Records[0].Set(nist.NewField(3, []string{"1", "1"}, []string{"10", "10"}))
		return file
	}
	try(t, 1, file, []flaw{
		{"as it should be", 20, "D", ""},
		{"an unknown kind", 3, "NOSE", "record 2, 10.003: IMT is one of FACE, SCAR, MARK, TATTOO, not \"NOSE\""},
		{"no profile", 13, "-", "record 2, 10.013: SAP is missing"},
		{"profile 41", 13, "41", `record 2, 10.013: SAP is one of 0 1 10-15 20 30 32 40 42 50-52, not "41"`},
		{"profile 40 without the colour of the eyes", 27, "-", "record 2, 10.027: SEC is missing"},
		{"a pose of nobody", 20, "X", `record 2, 10.020: POS is one of F, R, L, A, D, not "X"`},
		{"turned by 181 degrees", 21, "-181", `record 2, 10.021: POA is a number from -180 to 180, not "-181"`},
		{"a scanner", 23, "SCANNER", ""},
		{"a source of nobody", 23, "TELEPHONE", `record 2, 10.023: item 1 of PAS is one of UNSPECIFIED, UNKNOWN PHOTO, DIGITAL CAMERA, SCANNER, UNKNOWN VIDEO, ANALOGUE VIDEO, DIGITAL VIDEO, VENDOR, UNKNOWN, UNKNOWN FRAME, ANALOGUE FRAME, DIGITAL FRAME, RADIOGRAPHY, OTHER, not "TELEPHONE"`},
		{"red eyes", 27, "RED", `record 2, 10.027: SEC is one of BLK, BLU, BRO, GRY, GRN, HAZ, MAR, MUL, PNK, XXX, not "RED"`},
		{"no image", 999, "-", "record 2, 10.999: DATA is missing"},
		{"an organisation before 2013", 47, "x", "record 2, 10.047: CON is a field from version 0501 on"},
		{"a comment in Danish without a word in 1.015", 38, "fløde", ""},
	})
}

func TestOldVersions(t *testing.T) {
	old := func(version string) func() *nist.Transaction {
		return func() *nist.Transaction {
			h := header()
			h.Version = version
			file := nist.New(h)
			file.AddText()
			p := onePrint(2, wsqHead(400, 582), 400, 582)
			p.Scores = nil
			file.AddPrint(p)
			return file
		}
	}
	try(t, 2, old("0300"), []flaw{
		{"a print of 2000", 3, "0", ""},
		{"two positions in 2000", 13, "2^3", ""},
		{"a thumb pair in 2000", 13, "15", `record 3, 14.013: FGP is one of 0-14, not "15"`},
		{"a score in 2000", 24, "2|50|000F|1", "record 3, 14.024: FQM is a field from version 0400 on"},
		{"PNG in 2000", 11, "PNG", "record 3, 14.011: CGA is one of NONE, WSQ20, JPEGB, JPEGL, not \"PNG\"\nrecord 3, 14.999: the image is no PNG, as CGA says"},
		{"no image in 2000", 999, "-", ""},
	})
	try(t, 2, old("0500"), []flaw{
		{"a plain impression of an optical scanner in 2011", 3, "20", ""},
		{"two positions in 2011", 13, "2^3", `record 3, 14.013: FGP has at most 1 sub-fields, not "2"`},
		{"a scar in 2011", 18, "2|SR", `record 3, 14.018: item 2 of AMP is one of XX, UP, not "SR"`},
		{"the state of the subject in 2011", 46, "A", "record 3, 14.046: SUB is a field from version 0501 on"},
	})
	try(t, 2, old("0501"), []flaw{
		{"an impression without an image in 2013", 999, "-", noImage + "\nrecord 3, 14.018: AMP says why there is no image: UP or XX"},
	})
}

// TestLegacyFaults changes single bytes of a Type-4 record.
func TestLegacyFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		at   int
		to   byte
		says string
	}{
		{"IDC of another record", 4, 7, `record 3, 4.002: 1.003 lists the record with IDC 1, not "7"`},
		{"a reserved impression", 5, 9, `record 3, 4.003: IMP is one of 0 1 4 8 24 25 28 29 41 42, not "9"`},
		{"a palm", 6, 21, `record 3, 4.004: FGP is one of 0-15, or 255 where there is none, not "21"`},
		{"no finger", 6, 255, "record 3, 4.004: FGP is missing"},
		{"ISR 2", 12, 2, `record 3, 4.005: ISR is 0 or 1, not "2"`},
		{"an unknown compression", 17, 7, `record 3, 4.008: GCA is one of 0-6, not "7"`},
		{"another compression than the image's", 17, 6, "record 3, 4.009: the image is no PNG, as GCA says"},
		{"another width than the image's", 14, 0x41, `record 3, 4.006: the image is 1600 × 1000 pixels, not "1601 × 1000"`},
	} {
		data := legacyFile(45)
		data[len(data)-45+c.at] = c.to
		file := roundTrip(t, data)
		faults := nist.Check(file)
		if len(faults) != 1 || faults[0].String() != c.says {
			t.Errorf("%s: %v, want %s", c.name, faults, c.says)
		}
	}
}

// TestFaultsTellNothingOfPeople: no fault shows what may be a name or a number.
func TestFaultsTellNothingOfPeople(t *testing.T) {
	const secret = "Sørensen, 010190-1234"
	file := fullFile(t)
	for index, r := range file.Records {
		for n := range 999 {
			free := slices.Contains([]int{4, 47, 902, 992, 993, 994, 998, map[int]int{10: 38, 14: 20, 15: 20}[r.Type]}, n)
			if r.Type == 1 && (n == 9 || n == 10) || r.Type == 2 && n > 2 || r.Type >= 10 && (free || n >= 200 && n <= 900) {
				flaw{field: n, value: secret + "|" + secret + "^" + secret}.apply(file, index)
			}
		}
	}
	flaw{field: 15, value: "-"}.apply(file, 0)
	faults := nist.Check(file)
	if len(faults) < 100 {
		t.Fatalf("%d faults only", len(faults))
	}
	for _, f := range faults {
		if strings.Contains(f.String(), "rensen") || strings.Contains(f.String(), "1234") {
			t.Error(f)
		}
	}
}

func TestNotATransaction(t *testing.T) {
	for _, file := range []*nist.Transaction{{}, {Records: []*nist.Record{{Type: 2}}}} {
		if faults := nist.Check(file); len(faults) != 1 || faults[0].Rule != "a transaction begins with a Type-1 record" {
			t.Error(faults)
		}
	}
}
