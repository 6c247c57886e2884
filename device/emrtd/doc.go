// Package emrtd reads the chip of a travel document, a passport or a residence
// card, through a [device.Card], and says what is proven about it: who signed
// the files, that they are unchanged, that the chip is no copy, and that it
// belongs to the document it was opened with (ICAO Doc 9303-10 and -11; BSI
// TR-03110).
//
// It speaks the protocols: basic access control, PACE, chip authentication,
// active authentication and, with the help of a back office, terminal
// authentication. What stands in the files is read by package lds below it, who
// signed them is judged by package pa. Pictures are not decoded. A key is tried
// once and never again by itself, since chips slow down or lock themselves after
// wrong ones. Errors hold no key and nothing of the holder.
package emrtd
