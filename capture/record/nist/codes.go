package nist

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
