// Package number looks at the numbers that a Danish authority knows a person or
// a case by: CPR numbers, and the alien and case numbers of the immigration
// authorities.
//
// It warns and never refuses. Valid CPR numbers fail the check digit, numbers
// are given to people whose date of birth or sex was corrected later, and other
// systems make numbers of their own; what a warning is worth is for the officer
// to say. It knows no clock and no register, and no error or warning repeats a
// number.
package number

// A Warning is a sentence about a number, for the officer.
type Warning string

// What is unusual about a number.
const (
	NoDate        Warning = "the first six digits are no date of birth"
	Future        Warning = "the date of birth lies in the future"
	NoModulus     Warning = "the check digit (modulus 11) does not fit, which is rare but can be right"
	NoModulusHere Warning = "the check digit (modulus 11) does not fit, as for other numbers of this date of birth"
	Replacement   Warning = "it is a replacement number: the register does not know it"
	OtherBirth    Warning = "the date of birth is another than the case has"
	OtherSex      Warning = "the last digit is of the other sex than the case has"
	Unusual       Warning = "it has not the form of such a number"
	LikeCPR       Warning = "it could be a CPR number"
)
