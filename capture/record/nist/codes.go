package nist

import (
	"strconv"
	"strings"
)

// The versions of the standard, as field 1.002 has them without the zero.
const (
	v1993 = 200
	v1997 = 201
	v2000 = 300
	v2007 = 400
	v2011 = 500
	v2013 = 501
	v2015 = 502
)

// charsets are the names of the character sets of field 1.015.
var charsets = map[int]string{0: "ASCII", 2: "UTF-16", 3: "UTF-8", 4: "UTF-32"}

// compressions are the codes of field CGA; a Type-4 record has their places.
var compressions = []string{"NONE", "WSQ20", "JPEGB", "JPEGL", "JP2", "JP2L", "PNG"}

// A codes is a list of numbers and ranges of numbers, as in "0-8 20-29".
type codes string

// has reports whether a number is in the list.
func (c codes) has(n int) bool {
	for part := range strings.FieldsSeq(string(c)) {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		l, _ := strconv.Atoi(low)
		if h, _ := strconv.Atoi(high); l <= n && n <= h {
			return true
		}
	}
	return false
}

// impressions are the codes of IMP. Those of palms and of what is unknown are
// among them: which record holds which is not told apart by all versions.
func impressions(v int) codes {
	switch {
	case v >= v2015:
		return "0 1 4 8 24 25 28 29 41 42"
	case v >= v2011:
		return "0-8 10-15 20-39"
	case v >= v2007:
		return "0-8 10-15 20-29"
	case v >= v2000:
		return "0-8 10-15"
	}
	return "0-7"
}

// fingers are the codes of FGP in records of fingers; more than one finger is
// 13 to 15 and 40 to 54, and 19 is an entire joint or a tip.
func fingers(v int) codes {
	switch {
	case v >= v2013:
		return "0-19 40-54"
	case v >= v2011:
		return "0-19 40-50"
	case v >= v2007:
		return "0-15 19"
	}
	return "0-14"
}

// palms are the codes of a palm's position.
func palms(v int) codes {
	if v >= v2011 {
		return "20-38 81-86"
	}
	return "20-36"
}

// digits are the codes of single fingers, that slaps are made of.
const digits codes = "0-10 16 17"

// slaps are the positions that show more than one finger, so that SEG may say
// where each of them is.
const slaps codes = "13-15 40-54"

// single returns the finger that a position shows alone; 0 where it shows
// several, or where the position does not say which.
func single(position int) int {
	switch {
	case position >= 1 && position <= 10 || position == 16 || position == 17:
		return position
	case position == 11:
		return 1
	case position == 12:
		return 6
	}
	return 0
}

// profiles are the codes of FAP.
func profiles(v int) codes {
	if v >= v2015 {
		return "10 20 30 40 45 50 60 145 150 160"
	}
	return "10 20 30 40 45 50 60"
}
